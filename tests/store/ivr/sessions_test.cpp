#include "ivr/store/sessions.hpp"

#include <algorithm>
#include <catch2/catch.hpp>
#include <pqxx/pqxx>
#include <set>

#include "base/ids.hpp"
#include "base/proto_time.hpp"
#include "ivr/store/announcements.hpp"
#include "ivr/store/flows.hpp"
#include "ivr/store/messages.hpp"
#include "pg/pool.hpp"
#include "testing/database.hpp"

namespace carillon::ivr {
namespace {

using namespace std::chrono_literals;
const TimePoint kNoon{std::chrono::sys_days{std::chrono::year{2026} / 11 / 23} + 4h};

testing::Database& Db() {
  static testing::Database db("ivr");
  return db;
}

/// A tenant with a published flow and a number.
struct House {
  pg::Pool db{Db().app_url(), 4, "ivr-test"};
  pg::Pool worker{Db().worker_url(), 2, "ivr-test"};
  std::string tenant = testing::SomeId();
  std::string client = testing::SomeId();
  v1::Flow flow;
  v1::ServiceNumber number;

  House() {
    flow.set_name("flows/" + testing::SomeId());
    flow.set_code("f");
    flow.set_document("<scxml/>");
    flow.set_author("author");
    *flow.mutable_create_time() = ToProto(kNoon);
    number.set_number("10000");
    number.set_flow(flow.name());
    number.set_client("clients/" + client);
    number.set_default_queue("queues/general");
    (*number.mutable_queues())["vip"] = "queues/vip";
    auto& night = *number.add_menus();
    night.set_menu("night");
    night.mutable_selector()->mutable_time_band()->set_start("22:00");
    night.mutable_selector()->mutable_time_band()->set_end("08:00");
    night.mutable_selector()->mutable_time_band()->add_weekdays(7);
    number.add_menus()->set_menu("default");
    auto call = Frame();
    REQUIRE(db.Write(call, [&](pg::Tx& tx) -> Result<void> {
      TRY_VOID(store::InsertFlow(tx, flow));
      store::Publish(tx, flow.name(), 1, "approver", kNoon);
      TRY(number, store::SaveNumber(tx, number, testing::SomeId()));
      return Ok();
    }));
  }
  Call Frame(std::vector<std::string> clients = {}) {
    auto call = testing::CallOf(tenant, std::move(clients));
    call.principal.service = call.principal.clients.empty();
    call.now = kNoon;
    return call;
  }
  Course NewCourse() {
    Course course;
    auto& session = course.session;
    session.set_name("sessions/" + testing::SomeId());
    session.set_call("calls/" + testing::SomeId());
    session.set_calling_number("+8613800000001");
    session.set_called_number("10000");
    session.set_client("clients/" + client);
    session.set_flow(flow.name());
    session.set_flow_version(1);
    session.set_state(v1::Session::ACTIVE);
    session.set_version(1);
    *session.mutable_start_time() = ToProto(kNoon);
    auto& path = *session.add_path();
    path.set_node("main");
    *path.mutable_time() = ToProto(kNoon);
    course.journey.mutable_step()->mutable_collect()->set_max_digits(1);
    course.journey.set_need("bill");
    return course;
  }
  bool Insert(const Course& course) {
    auto call = Frame();
    return db
        .Write(call,
               [&](pg::Tx& tx) -> Result<bool> { return store::InsertSession(tx, course, number.name()); })
        .value();
  }
  std::string Look(const std::string& sql) {
    pqxx::connection connection(Db().admin_url());
    return pqxx::nontransaction(connection).exec(sql)[0][0].c_str();
  }
};

}  // namespace

TEST_CASE("a session comes back as it was saved, its step and path too", "[ivr][store]") {
  House house;
  const Course course = house.NewCourse();
  REQUIRE(house.Insert(course));
  auto call = house.Frame();
  const auto stored =
      house.db.Read(call, [&](pg::Tx& tx) { return store::LoadSession(tx, course.session.name()); }).value();
  CHECK(stored.course.session.SerializeAsString() == course.session.SerializeAsString());
  CHECK(stored.course.journey.SerializeAsString() == course.journey.SerializeAsString());
  CHECK(stored.number == house.number.name());
}

TEST_CASE("a call has one session, whoever starts it again", "[ivr][store]") {
  House house;
  const Course course = house.NewCourse();
  CHECK(house.Insert(course));
  Course again = house.NewCourse();
  again.session.set_call(course.session.call());
  CHECK_FALSE(house.Insert(again));
  CHECK(house.Look("SELECT count(*) FROM outbox WHERE tenant_id = '" + house.tenant + "'") == "1");
}

TEST_CASE("of two turns from one version one is kept", "[ivr][store]") {
  House house;
  Course course = house.NewCourse();
  REQUIRE(house.Insert(course));
  course.session.set_version(2);
  auto call = house.Frame();
  const auto save = [&] {
    return house.db
        .Write(call, [&](pg::Tx& tx) -> Result<bool> { return store::SaveSession(tx, course, 1, 1); })
        .value();
  };
  CHECK(save());
  CHECK_FALSE(save());
}

TEST_CASE("what a session over needs no more is gone from its row", "[ivr][store]") {
  House house;
  Course course = house.NewCourse();
  REQUIRE(house.Insert(course));
  HangUp(course, kNoon + 10s);
  auto call = house.Frame();
  REQUIRE(
      house.db.Write(call, [&](pg::Tx& tx) -> Result<bool> { return store::SaveSession(tx, course, 1, 1); })
          .value());
  const std::string id = course.session.name().substr(9);
  CHECK(house.Look("SELECT journey IS NULL AND result = 'ABANDONED' FROM sessions WHERE session_id = '" + id +
                   "'") == "t");
  CHECK(house.Look("SELECT count(*) FROM session_path WHERE session_id = '" + id + "'") == "2");
}

TEST_CASE("a path is there for thirteen whole months, then it is gone", "[ivr][store]") {
  House house;
  const Course course = house.NewCourse();
  REQUIRE(house.Insert(course));
  auto call = house.Frame();
  const auto left = [&](std::chrono::year_month_day day) {
    REQUIRE(house.worker.Write(call, [&](pg::Tx& tx) -> Result<void> {
      store::ForgetPaths(tx, TimePoint{std::chrono::sys_days{day} + 4h}, 13);
      return Ok();
    }));
    return house.Look("SELECT count(*) FROM session_path WHERE session_id = '" +
                      course.session.name().substr(9) + "'");
  };
  using std::chrono::year;
  CHECK(left(year{2027} / 12 / 31) == "1");  // the session was in November 2026
  CHECK(left(year{2028} / 1 / 1) == "0");
  CHECK(house.Look("SELECT count(*) FROM sessions WHERE session_id = '" + course.session.name().substr(9) +
                   "'") == "1");
}

TEST_CASE("the calling number is forgotten when its time is up, the rest stays", "[ivr][store]") {
  House house;
  const Course course = house.NewCourse();
  REQUIRE(house.Insert(course));
  auto call = house.Frame();
  REQUIRE(house.worker.Write(call, [&](pg::Tx& tx) -> Result<void> {
    store::ForgetNumbers(tx, kNoon + 1s);
    return Ok();
  }));
  CHECK(house.Look("SELECT calling_number IS NULL FROM sessions WHERE session_id = '" +
                   course.session.name().substr(9) + "'") == "t");
}

TEST_CASE("sounds that no entry of the library uses, and numbers of messages, go when their time is up",
          "[ivr][store]") {
  House house;
  Samples sound;
  sound.values = {1, -2, 3};
  v1::Announcement entry;
  entry.set_name("announcements/" + testing::SomeId());
  entry.set_code("welcome");
  entry.set_language("zh-CN");
  entry.set_text("您好");
  entry.set_sound(testing::SomeId());
  entry.set_author("users/author");
  v1::Message message;
  message.set_name("messages/" + testing::SomeId());
  message.set_session("sessions/" + testing::SomeId());
  message.set_number("07633366778");
  message.set_state(v1::Message::REQUESTED);
  *message.mutable_create_time() = ToProto(kNoon);
  const std::string unused = testing::SomeId();
  auto call = house.Frame();
  REQUIRE(house.db.Write(call, [&](pg::Tx& tx) -> Result<void> {
    store::KeepSound(tx, entry.sound(), sound);
    store::KeepSound(tx, unused, sound);
    CHECK(store::SaveAnnouncement(tx, entry).text() == "您好");
    CHECK(store::Codes(tx).empty());  // not approved yet
    store::RequestMessage(tx, message);
    store::RequestMessage(tx, message);
    return Ok();
  }));
  REQUIRE(house.worker.Write(call, [&](pg::Tx& tx) -> Result<void> {
    store::DropSounds(tx, kNoon + 1s);
    store::ForgetMessageNumbers(tx, kNoon + 1s);
    return Ok();
  }));
  REQUIRE(house.db.Read(call, [&](pg::Tx& tx) -> Result<void> {
    CHECK(store::FindSound(tx, entry.sound()).value().values == sound.values);
    CHECK_FALSE(store::FindSound(tx, unused));
    TRY(const auto kept, store::LoadMessage(tx, message.name()));
    CHECK(kept.number().empty());
    CHECK(kept.session() == message.session());
    return Ok();
  }));
  CHECK(house.Look("SELECT count(*) FROM tasks WHERE kind = 'send_message' AND key = '" + message.name() +
                   "'") == "1");
}

TEST_CASE("a session nobody ended is found by the sweep, of whichever tenant", "[ivr][store]") {
  House house;
  const Course course = house.NewCourse();
  REQUIRE(house.Insert(course));
  auto call = testing::CallOf("");
  const auto left =
      house.worker.Write(call, [&](pg::Tx& tx) -> Result<std::vector<std::pair<std::string, std::string>>> {
        return store::LeftBehind(tx, kNoon + 1s);
      });
  INFO((left ? "" : left.error().message));
  REQUIRE(left);
  CHECK(std::find(left->begin(), left->end(), std::pair{house.tenant, course.session.call()}) != left->end());
}

TEST_CASE("sessions are listed newest first, page by page, without gaps", "[ivr][store]") {
  House house;
  for (int i = 0; i < 5; ++i) {
    Course course = house.NewCourse();
    *course.session.mutable_start_time() = ToProto(kNoon + std::chrono::seconds{i / 2});
    REQUIRE(house.Insert(course));
  }
  std::set<std::string> seen;
  std::string after;
  int pages = 0;
  do {
    auto call = house.Frame();
    const auto page =
        house.db.Read(call, [&](pg::Tx& tx) { return store::ListSessions(tx, {}, after, 2); }).value();
    for (const auto& session : page.sessions) seen.insert(session.name());
    after = page.next;
    ++pages;
  } while (!after.empty());
  CHECK(seen.size() == 5);
  CHECK(pages == 3);
}

TEST_CASE("a number comes back with its queues and its menus in order", "[ivr][store]") {
  House house;
  auto call = house.Frame();
  const auto number =
      house.db.Read(call, [&](pg::Tx& tx) { return store::NumberAsDialled(tx, "10000"); }).value();
  CHECK(number.queues().at("vip") == "queues/vip");
  REQUIRE(number.menus_size() == 2);
  CHECK(number.menus(0).menu() == "night");
  CHECK(number.menus(0).selector().time_band().weekdays(0) == 7);
  CHECK_FALSE(number.menus(1).selector().has_time_band());
  CHECK(house.db.Read(call, [&](pg::Tx& tx) { return store::NumberAsDialled(tx, "110"); }).error().reason ==
        "NUMBER_UNKNOWN");
}

TEST_CASE("a published version cannot be rewritten, not even by hand", "[ivr][store]") {
  House house;
  pqxx::connection connection(Db().admin_url());
  pqxx::work tx(connection);
  CHECK_THROWS(tx.exec("UPDATE flow_versions SET document = 'x' WHERE tenant_id = '" + house.tenant + "'"));
}

TEST_CASE("another tenant, or another client's user, sees nothing", "[ivr][store]") {
  House house;
  const Course course = house.NewCourse();
  REQUIRE(house.Insert(course));
  House neighbour;
  auto foreign = neighbour.Frame();
  CHECK_FALSE(
      neighbour.db.Read(foreign, [&](pg::Tx& tx) { return store::LoadSession(tx, course.session.name()); }));
  auto own = house.Frame({house.client});
  CHECK(house.db.Read(own, [&](pg::Tx& tx) { return store::LoadSession(tx, course.session.name()); }));
  auto other = house.Frame({testing::SomeId()});
  CHECK_FALSE(
      house.db.Read(other, [&](pg::Tx& tx) { return store::LoadSession(tx, course.session.name()); }));
  CHECK(house.Look(
            "SELECT count(*) FROM pg_class WHERE relkind IN ('r', 'p') AND relnamespace = "
            "'public'::regnamespace "
            "AND relname NOT IN ('schema_migrations') AND NOT (relrowsecurity AND relforcerowsecurity)") ==
        "0");
}

}  // namespace carillon::ivr
