#include "ivr/store/sessions.hpp"

#include <google/protobuf/util/message_differencer.h>

#include <algorithm>
#include <atomic>
#include <catch2/catch.hpp>
#include <map>
#include <mutex>
#include <pqxx/pqxx>
#include <random>
#include <set>
#include <thread>

#include "base/ids.hpp"
#include "base/proto_time.hpp"
#include "calendar/time_zone.hpp"
#include "ivr/store/announcements.hpp"
#include "ivr/store/flows.hpp"
#include "ivr/store/identity.hpp"
#include "ivr/store/messages.hpp"
#include "ivr/store/report.hpp"
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
  bool Insert(const Course& course) { return Insert(course, number.name()); }
  bool Insert(const Course& course, const std::string& on) {
    const auto made = db.Write(Frame(), [&](pg::Tx& tx) -> Result<void> {
      store::InsertSession(tx, course, on);
      return Ok();
    });
    if (!made) REQUIRE(made.error().reason == "DUPLICATE");
    return made.has_value();
  }
  /// A turn: locked, changed, saved.
  template <class Change>
  Result<bool> Save(const std::string& name, const Change& change) {
    return db.Write(Frame(), [&](pg::Tx& tx) -> Result<bool> {
      TRY(auto stored, store::LockSession(tx, name));
      const auto from = stored.course.session.version();
      if (!change(stored.course)) return false;
      store::SaveSession(tx, stored.course, from);
      return true;
    });
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
  auto journey = course.journey;
  journey.set_kept_steps(course.session.path_size());
  CHECK(stored.course.journey.SerializeAsString() == journey.SerializeAsString());
  CHECK(stored.number == house.number.name());
}

TEST_CASE("turns are saved together, each from the version it began at", "[ivr][store]") {
  House house;
  std::vector<Course> courses;
  for (int i = 0; i < 3; ++i) {
    courses.push_back(house.NewCourse());
    REQUIRE(house.Insert(courses.back()));
  }
  auto call = house.Frame();
  std::vector<std::string> names;
  for (const auto& course : courses) names.push_back(course.session.name());
  names.push_back("sessions/" + testing::SomeId());  // nobody's
  const auto read = [&] {
    return house.db
        .Read(call,
              [&](pg::Tx& tx) -> Result<std::map<std::string, store::Stored>> {
                return store::SessionsOf(tx, names);
              })
        .value();
  };
  auto found = read();
  CHECK(found.size() == 3);
  std::vector<store::Kept> turns;
  for (auto& [name, stored] : found) {
    CHECK(stored.number_etag == house.number.etag());
    CHECK(stored.course.kept_steps == courses[0].session.path_size());
    auto& session = stored.course.session;
    session.set_version(session.version() + 1);
    session.add_menu_path("main/1");
    session.add_served("an \"odd\" one, {really}\\");
    auto& step = *session.add_path();
    step.set_node("bill");
    step.set_input("1");
    step.set_outcome("keys");
    *step.mutable_time() = ToProto(call.now);
    const bool overtaken = name == courses[1].session.name();
    turns.push_back({&stored.course, session.version() - (overtaken ? 2 : 1)});
  }
  const auto save = [&] {
    return house.db
        .Write(call, [&](pg::Tx& tx) -> Result<std::set<std::string>> { return store::SaveTurns(tx, turns); })
        .value();
  };
  CHECK(save() == std::set<std::string>{courses[0].session.name(), courses[2].session.name()});
  CHECK(save().empty());  // the second time each is overtaken
  for (const auto& course : courses) {
    const bool overtaken = course.session.name() == courses[1].session.name();
    const auto stored =
        house.db.Read(call, [&](pg::Tx& tx) { return store::LoadSession(tx, course.session.name()); })
            .value();
    auto expected = overtaken ? course.session : found.at(course.session.name()).course.session;
    if (!overtaken) {
      auto path = course.session.path();
      path.MergeFrom(expected.path());
      expected.mutable_path()->Swap(&path);
    }
    CHECK(stored.course.session.SerializeAsString() == expected.SerializeAsString());
    CHECK(stored.course.journey.kept_steps() == expected.path_size());
  }
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

TEST_CASE("of turns that begin at one version one is kept, however many come at once", "[ivr][store]") {
  House house;
  const Course course = house.NewCourse();
  REQUIRE(house.Insert(course));
  std::atomic<int> kept = 0;
  {
    std::vector<std::jthread> all;
    for (int i = 0; i < 4; ++i) {
      all.emplace_back([&] {
        const auto saved = house.Save(course.session.name(), [&](Course& now) {
          if (now.session.version() != 1) return false;
          now.session.set_version(2);
          auto& step = *now.session.add_path();
          step.set_node("bill");
          *step.mutable_time() = ToProto(kNoon + 1s);
          return true;
        });
        kept += saved && *saved ? 1 : 0;
      });
    }
  }
  CHECK(kept == 1);
  const auto stored =
      house.db.Read(house.Frame(), [&](pg::Tx& tx) { return store::LoadSession(tx, course.session.name()); });
  REQUIRE(stored->course.session.path_size() == 2);
  CHECK(stored->course.session.path(0).node() == "main");
  CHECK(stored->course.session.path(1).node() == "bill");
}

TEST_CASE("a caller who hangs up while a key is saved leaves after that key", "[ivr][store]") {
  House house;
  const Course course = house.NewCourse();
  REQUIRE(house.Insert(course));
  std::atomic<bool> locked = false;
  std::jthread key([&] {
    (void)house.Save(course.session.name(), [&](Course& now) {
      locked = true;
      locked.notify_all();
      auto& step = *now.session.add_path();
      step.set_node("bill");
      *step.mutable_time() = ToProto(kNoon + 1s);
      // Its script goes on until the hang-up waits.
      const auto end = std::chrono::steady_clock::now() + 5s;
      while (house.Look("SELECT count(*) FROM pg_locks WHERE NOT granted") == "0" &&
             std::chrono::steady_clock::now() < end) {
      }
      return true;
    });
  });
  locked.wait(false);
  v1::Session told;
  REQUIRE(house.db.Write(house.Frame(), [&](pg::Tx& tx) -> Result<void> {
    TRY(auto stored, store::LockSessionOfCall(tx, course.session.call()));
    HangUp(stored.course, kNoon + 2s);
    store::SaveSession(tx, stored.course, stored.course.session.version());
    told = stored.course.session;
    return Ok();
  }));
  key.join();
  const auto stored =
      house.db.Read(house.Frame(), [&](pg::Tx& tx) { return store::LoadSession(tx, course.session.name()); });
  CHECK(stored->course.session.SerializeAsString() == told.SerializeAsString());
  REQUIRE(told.path_size() == 3);
  CHECK(told.path(1).node() == "bill");
  CHECK(told.path(2).outcome() == "hung up");
}

TEST_CASE("what a session over needs no more is gone from its row", "[ivr][store]") {
  House house;
  const Course course = house.NewCourse();
  REQUIRE(house.Insert(course));
  REQUIRE(house.Save(course.session.name(), [](Course& now) {
    HangUp(now, kNoon + 10s);
    return true;
  }));
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

TEST_CASE("tries to be a customer are counted, whoever tries at once, until a day goes by or one is right",
          "[ivr][store]") {
  House house;
  const std::string customer = "customers/" + testing::SomeId();
  const auto take = [&](std::chrono::minutes after, const std::string& method = "ID_LAST6") {
    auto call = house.Frame();
    call.now = kNoon + after;
    return house.db
        .Write(call, [&](pg::Tx& tx) -> Result<int> { return store::TakeTry(tx, customer, method, 3); })
        .value();
  };
  std::multiset<int> taken;
  {
    std::mutex mutex;
    std::vector<std::jthread> threads;
    for (int i = 0; i < 6; ++i) {
      threads.emplace_back([&] {
        const int number = take(0min);
        const std::lock_guard lock(mutex);
        taken.insert(number);
      });
    }
  }
  CHECK(taken == std::multiset<int>{0, 0, 0, 1, 2, 3});
  CHECK(take(0min, "SMS_OTP") == 1);  // another way has a count of its own
  CHECK(take(24h - 1min) == 0);       // a refused one is no try
  CHECK(take(24h) == 1);
  CHECK(take(47h) == 2);
  auto call = house.Frame();
  REQUIRE(house.db.Write(call, [&](pg::Tx& tx) -> Result<void> {
    store::ForgetTries(tx, customer, "ID_LAST6");
    return Ok();
  }));
  CHECK(take(48h) == 1);
  const auto rows = [&] {
    return house.Look("SELECT string_agg(method, ' ') FROM identity_tries WHERE customer_id = '" +
                      customer.substr(10) + "'");
  };
  call.now = kNoon + 25h;
  REQUIRE(house.worker.Write(call, [&](pg::Tx& tx) -> Result<void> {
    store::DropTries(tx);
    return Ok();
  }));
  CHECK(rows() == "ID_LAST6");
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

namespace {

using Asked = v1::GetMenuReportRequest;

/// The same figures counted one session after the other; the number of each session beside it.
v1::MenuReport Counted(const std::vector<std::pair<v1::Session, std::string>>& sessions, const Asked& in) {
  const auto zone = calendar::TimeZone::Load(in.time_zone()).value();
  const auto by = [&](Asked::Dimension dimension) {
    return std::find(in.group_by().begin(), in.group_by().end(), dimension) != in.group_by().end();
  };
  const auto began = [&](TimePoint at) {
    const auto local = zone.ToLocal(at);
    if (by(Asked::HOUR)) return at - local.time_of_day % 1h;
    if (by(Asked::DAY)) return zone.ToUtc(local.date, 0us);
    return zone.ToUtc(local.date.year() / local.date.month() / 1, 0us);
  };
  v1::MenuReport out;
  std::map<std::string, v1::SelfServiceFigures*> groups;
  std::map<v1::SelfServiceFigures*, std::int64_t> lengths;
  for (const auto& [session, number] : sessions) {
    const auto at = FromProto(session.start_time());
    if (session.state() != v1::Session::COMPLETED || session.has_assistance() ||
        at < FromProto(in.start_time()) || at >= FromProto(in.end_time()) ||
        (!in.number().empty() && number != in.number()) ||
        (!in.flow().empty() && session.flow() != in.flow()) ||
        (in.flow_version() != 0 && session.flow_version() != in.flow_version()))
      continue;
    v1::SelfServiceFigures of;
    if (by(Asked::NUMBER)) of.set_number(number);
    if (by(Asked::FLOW)) of.set_flow(session.flow());
    if (by(Asked::VERSION)) of.set_flow_version(session.flow_version());
    if (by(Asked::LANGUAGE)) of.set_language(session.language());
    if (by(Asked::GRADE)) of.set_grade(session.grade());
    if (by(Asked::HOUR) || by(Asked::DAY) || by(Asked::MONTH)) *of.mutable_start_time() = ToProto(began(at));
    auto& group = groups[of.SerializeAsString()];
    if (group == nullptr) *(group = out.add_groups()) = of;
    const auto add = [](auto& list, auto matches) -> auto& {
      const auto found = std::find_if(list.begin(), list.end(), matches);
      return found == list.end() ? *list.Add() : *found;
    };
    const auto result = session.result();
    group->set_sessions(group->sessions() + 1);
    group->set_self_served(group->self_served() + (result == v1::Session::SELF_SERVED ? 1 : 0));
    group->set_to_agent(group->to_agent() + (result == v1::Session::TO_AGENT ? 1 : 0));
    group->set_abandoned(group->abandoned() + (result == v1::Session::ABANDONED ? 1 : 0));
    group->set_voicemail(group->voicemail() + (result == v1::Session::VOICEMAIL ? 1 : 0));
    group->set_transferred(group->transferred() + (result == v1::Session::TRANSFERRED ? 1 : 0));
    group->set_invalid(group->invalid() + (result == v1::Session::INVALID ? 1 : 0));
    group->set_error(group->error() + (result == v1::Session::ERROR ? 1 : 0));
    lengths[group] += (FromProto(session.end_time()) - at).count();
    for (const auto& name : session.served()) {
      auto& service = add(*group->mutable_services(), [&](const auto& x) { return x.service() == name; });
      service.set_service(name);
      service.set_times(service.times() + 1);
    }
    for (const auto& given : session.answers()) {
      auto& answer = add(*group->mutable_answers(), [&](const auto& x) {
        return x.question() == given.question() && x.score() == given.score();
      });
      answer.set_question(given.question());
      answer.set_score(given.score());
      answer.set_times(answer.times() + 1);
    }
    std::set<std::string> met;
    std::vector<std::pair<std::string, v1::MenuWay>> ways;
    for (const auto& step : session.path()) {
      static const std::set<std::string> kAnswers{"keys", "invalid", "timeout", "too late", "hung up"};
      if (kAnswers.contains(step.outcome())) {
        v1::MenuWay way;
        way.set_answer(step.outcome() != "keys"   ? step.outcome()
                       : step.input().size() == 1 ? step.input()
                                                  : "digits");
        if (!ways.empty()) ways.back().second.set_next(step.node());
        ways.emplace_back(step.node(), way);
      } else if (step.outcome() == "verified") {
        group->set_passwords_right(group->passwords_right() + 1);
      } else if (step.outcome() == "wrong") {
        group->set_passwords_wrong(group->passwords_wrong() + 1);
      } else if (step.outcome() == "PEER_UNAVAILABLE" || step.outcome() == "FLOW_LOOPS") {
        auto& failure = add(*group->mutable_failures(), [&](const auto& x) {
          return x.node() == step.node() && x.reason() == step.outcome();
        });
        failure.set_node(step.node());
        failure.set_reason(step.outcome());
        failure.set_times(failure.times() + 1);
      }
    }
    if (!ways.empty()) ways.back().second.set_result(v1::Session::Result_Name(result));
    for (const auto& [node, way] : ways) {
      auto& menu =
          add(*group->mutable_menus(), [&, of_node = node](const auto& x) { return x.node() == of_node; });
      menu.set_node(node);
      menu.set_callers(menu.callers() + (met.insert(node).second ? 1 : 0));
      menu.set_visits(menu.visits() + 1);
      menu.set_to_agent(menu.to_agent() + (way.result() == "TO_AGENT" ? 1 : 0));
      menu.set_abandoned(menu.abandoned() + (way.result() == "ABANDONED" ? 1 : 0));
      menu.set_self_served(menu.self_served() + (way.result() == "SELF_SERVED" ? 1 : 0));
      auto& counted = add(*menu.mutable_ways(), [&, taken = way](const auto& x) {
        return x.answer() == taken.answer() && x.next() == taken.next() && x.result() == taken.result();
      });
      const auto visits = counted.visits() + 1;
      counted = way;
      counted.set_visits(visits);
    }
  }
  for (auto& group : *out.mutable_groups()) {
    group.set_containment(static_cast<double>(group.self_served()) / static_cast<double>(group.sessions()));
    const auto mean = static_cast<double>(lengths[&group]) / static_cast<double>(group.sessions());
    *group.mutable_average_length() = ToProto(Duration{std::llround(mean)});
  }
  return out;
}

}  // namespace

TEST_CASE("the report of the menus is what counting each session gives", "[ivr][store]") {
  House house;
  std::mt19937 random(20261123);
  const auto one = [&](const std::vector<std::string>& of) { return of[random() % of.size()]; };
  auto other = house.number;
  other.clear_name();
  other.set_number("10001");
  auto call = house.Frame();
  REQUIRE(house.db.Write(call, [&](pg::Tx& tx) -> Result<void> {
    TRY(other, store::SaveNumber(tx, other, testing::SomeId()));
    return Ok();
  }));
  const std::string second_flow = "flows/" + testing::SomeId();
  std::vector<std::pair<v1::Session, std::string>> sessions;
  for (int i = 0; i < 400; ++i) {
    Course course = house.NewCourse();
    auto& session = course.session;
    const auto start = TimePoint{std::chrono::sys_days{std::chrono::year{2026} / 10 / 25}} +
                       std::chrono::seconds{random() % (40 * 86400)};
    *session.mutable_start_time() = ToProto(start);
    session.set_flow(random() % 2 == 0 ? house.flow.name() : second_flow);
    session.set_flow_version(1 + static_cast<int>(random() % 2));
    session.set_language(one({"zh-CN", "en"}));
    session.set_grade(one({"", "GOLD"}));
    session.clear_path();
    auto at = start;
    for (auto steps = random() % 7; steps > 0; --steps) {
      auto& step = *session.add_path();
      step.set_node(one({"main", "bill", "line"}));
      step.set_outcome(
          one({"keys", "keys", "keys", "invalid", "timeout", "too late", "played", "verified", "wrong",
               "PEER_UNAVAILABLE", "FLOW_LOOPS", "CONNECTED", "row 1 has no conditions"}));
      if (step.outcome() == "keys") step.set_input(one({"0", "1", "138****1234", "******"}));
      at += std::chrono::milliseconds{random() % 60000};
      *step.mutable_time() = ToProto(at);
    }
    for (auto served = random() % 3; served > 0; --served) session.add_served(one({"balance", "points"}));
    if (random() % 4 == 0) {
      auto& answer = *session.add_answers();
      answer.set_question(one({"satisfaction", "solved=really"}));
      answer.set_score(1 + static_cast<int>(random() % 5));
      *answer.mutable_time() = ToProto(at);
    }
    if (random() % 10 == 0) {
      auto& assistance = *session.mutable_assistance();
      assistance.set_name("assistances/" + testing::SomeId());
      assistance.set_flow("assist_password");
    }
    if (random() % 10 != 0) {
      at += 1s;
      if (random() % 3 == 0) {
        HangUp(course, at);
      } else {
        session.set_state(v1::Session::COMPLETED);
        session.set_result(static_cast<v1::Session::Result>(1 + random() % 7));
        *session.mutable_end_time() = ToProto(at);
      }
    }
    const bool first = random() % 3 != 0;
    REQUIRE(house.Insert(course, first ? house.number.name() : other.name()));
    sessions.emplace_back(session, first ? "10000" : "10001");
  }
  House neighbour;
  REQUIRE(neighbour.Insert(neighbour.NewCourse()));

  for (int i = 0; i < 40; ++i) {
    Asked in;
    const auto from = TimePoint{std::chrono::sys_days{std::chrono::year{2026} / 10 / 20}} +
                      std::chrono::hours{random() % (30 * 24)};
    *in.mutable_start_time() = ToProto(from);
    *in.mutable_end_time() = ToProto(from + std::chrono::hours{1 + random() % (40 * 24)});
    if (random() % 4 == 0) in.set_number(one({"10000", "10001", "10002"}));
    if (random() % 4 == 0) in.set_flow(second_flow);
    if (random() % 4 == 0) in.set_flow_version(2);
    in.set_time_zone(one({"Asia/Shanghai", "America/New_York"}));  // its clocks change on 1 November
    for (int each = Asked::NUMBER; each <= Asked::GRADE; ++each) {
      if (random() % 4 == 0) in.add_group_by(static_cast<Asked::Dimension>(each));
    }
    INFO(in.ShortDebugString());
    const auto got = house.db.Read(house.Frame(), [&](pg::Tx& tx) { return store::MenuReport(tx, in); });
    REQUIRE(got);
    const auto wanted = Counted(sessions, in);
    google::protobuf::util::MessageDifferencer compare;
    compare.set_repeated_field_comparison(google::protobuf::util::MessageDifferencer::AS_SET);
    std::string difference;
    compare.ReportDifferencesToString(&difference);
    const bool same = compare.Compare(wanted, *got);
    INFO(difference);
    REQUIRE(same);
    for (const auto& group : got->groups()) {
      std::int64_t more = group.sessions();
      for (const auto& menu : group.menus()) {
        CHECK(menu.callers() <= std::exchange(more, menu.callers()));
      }
    }
  }
}

TEST_CASE("a report of too many groups is refused, another client's user sees none", "[ivr][store]") {
  House house;
  for (int i = 0; i < 501; ++i) {
    Course course = house.NewCourse();
    HangUp(course, kNoon + 10s);
    course.session.set_flow_version(i + 1);
    REQUIRE(house.Insert(course));
  }
  Asked in;
  *in.mutable_start_time() = ToProto(kNoon);
  *in.mutable_end_time() = ToProto(kNoon + 1s);
  in.set_time_zone("Asia/Shanghai");
  const auto groups = [&](Call call) {
    return house.db.Read(call, [&](pg::Tx& tx) { return store::MenuReport(tx, in); });
  };
  CHECK(groups(house.Frame())->groups(0).sessions() == 501);
  CHECK(groups(house.Frame({testing::SomeId()}))->groups().empty());
  in.add_group_by(Asked::VERSION);
  CHECK(groups(house.Frame()).error().reason == "REPORT_TOO_LARGE");
  *in.mutable_end_time() = in.start_time();
  CHECK(groups(house.Frame())->groups().empty());
}

}  // namespace carillon::ivr
