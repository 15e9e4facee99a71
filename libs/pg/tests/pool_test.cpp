#include "pg/pool.hpp"

#include <google/protobuf/wrappers.pb.h>

#include <atomic>
#include <catch2/catch.hpp>
#include <csignal>
#include <functional>
#include <future>
#include <map>
#include <mutex>
#include <thread>

#include "base/ids.hpp"
#include "pg/relay.hpp"
#include "testing/database.hpp"

namespace carillon::pg {
namespace {

using namespace std::chrono_literals;
using google::protobuf::StringValue;

constexpr Statement kCount{"test.count", "SELECT count(*) FROM outbox"};
constexpr Statement kSettings{
    "test.settings", "SELECT carillon_tenant()::text, carillon_clients()::text, current_setting('app.user')"};
constexpr Statement kIsolation{
    "test.rls",
    "SELECT count(*) FROM pg_class WHERE relname = ANY($1::text[]) AND relrowsecurity AND "
    "relforcerowsecurity"};
constexpr Statement kRole{"test.role",
                          "SELECT rolsuper OR rolbypassrls FROM pg_roles WHERE rolname = current_user"};
constexpr Statement kDouble{"test.double",
                            "INSERT INTO outbox_published (tenant_id, topic, type, events) "
                            "VALUES (carillon_tenant(), $1, 't', 1)"};
constexpr Statement kForeign{
    "test.foreign", "INSERT INTO outbox_published (tenant_id, topic, type, events) VALUES ($1, 'x', 't', 1)"};
constexpr Statement kSleep{"test.sleep", "SELECT pg_sleep(5)"};
constexpr Statement kBackend{"test.backend", "SELECT pg_backend_pid()"};
constexpr Statement kBump{"test.bump",
                          "INSERT INTO outbox_published (tenant_id, topic, type, events) VALUES "
                          "(carillon_tenant(), $1, 'n', 1) ON CONFLICT (tenant_id, topic, type) "
                          "DO UPDATE SET events = outbox_published.events + 1 RETURNING events"};
constexpr Statement kTypes{"test.types",
                           "SELECT $1::bytea, $2::text[], pg_us($3::timestamptz), $4::text IS NULL"};

testing::Database& Db() {
  static testing::Database db("libs");
  return db;
}
Pool& App() {
  static Pool pool(Db().app_url(), 4, "test");
  return pool;
}
Pool& Worker() {
  static Pool pool(Db().worker_url(), 4, "test");
  return pool;
}

Result<StringValue> Bump(Pool& pool, const Call& call, const std::string& topic) {
  return pool.Write(call, [&](Tx& tx) -> Result<StringValue> {
    StringValue out;
    out.set_value(tx.Exec(kBump, topic)[0][0].c_str());
    return out;
  });
}

TEST_CASE("a transaction knows its tenant, clients and user, and the role cannot step over the wall",
          "[pg][store]") {
  const auto tenant = testing::SomeId();
  const auto client = testing::SomeId();
  const auto seen =
      App().Read(testing::CallOf(tenant, {client}, "o'neill"), [](Tx& tx) -> Result<std::string> {
        const auto row = tx.Exec(kSettings)[0];
        return row[0].as<std::string>() + "|" + row[1].as<std::string>() + "|" + row[2].as<std::string>();
      });
  REQUIRE(seen);
  CHECK(*seen == tenant + "|{" + client + "}|o'neill");
  const auto bypass = App().Read(testing::CallOf(tenant),
                                 [](Tx& tx) -> Result<bool> { return tx.Exec(kRole)[0][0].as<bool>(); });
  CHECK_FALSE(bypass.value());
  const auto walled = App().Read(testing::CallOf(tenant), [](Tx& tx) -> Result<int> {
    return tx
        .Exec(kIsolation, Array(std::vector<std::string>{"outbox", "outbox_published", "inbox",
                                                         "request_replays", "tasks"}))[0][0]
        .as<int>();
  });
  CHECK(walled.value() == 5);
}

TEST_CASE("rows of one tenant do not exist for another, and cannot be written for it", "[pg][store]") {
  const auto a = testing::SomeId();
  const auto b = testing::SomeId();
  REQUIRE(App().Write(testing::CallOf(a), [](Tx& tx) -> Result<void> {
    tx.Exec(kDouble, "wall");
    return Ok();
  }));
  constexpr Statement kSeen{"test.seen", "SELECT count(*) FROM outbox_published"};
  const auto count = [&](const std::string& tenant) {
    return App()
        .Read(testing::CallOf(tenant), [&](Tx& tx) -> Result<int> { return tx.Exec(kSeen)[0][0].as<int>(); })
        .value();
  };
  CHECK(count(a) == 1);
  CHECK(count(b) == 0);
  CHECK(count("") == 0);
  const auto across = App().Write(testing::CallOf(b), [&](Tx& tx) -> Result<void> {
    tx.Exec(kForeign, a);
    return Ok();
  });
  REQUIRE_FALSE(across);
  CHECK(across.error().code == Code::kPermissionDenied);
}

TEST_CASE("a unique violation tells the constraint", "[pg][store]") {
  const auto call = testing::CallOf(testing::SomeId());
  const auto twice = App().Write(call, [](Tx& tx) -> Result<void> {
    tx.Exec(kDouble, "twice");
    tx.Exec(kDouble, "twice");
    return Ok();
  });
  REQUIRE_FALSE(twice);
  CHECK(twice.error().code == Code::kAlreadyExists);
  CHECK(twice.error().metadata.at("constraint") == "outbox_published_tenant_id_topic_type_pk");
  CHECK(ConstraintOf("ERROR: nothing of the kind").empty());
}

TEST_CASE("a repeat of a request gets the same answer and has one effect", "[pg][store]") {
  auto call = testing::CallOf(testing::SomeId());
  call.request_id = testing::SomeId();
  call.request_hash = "hash-1";
  call.replay_key = std::string(32, 'k');
  CHECK(Bump(App(), call, "replay").value().value() == "1");
  CHECK(Bump(App(), call, "replay").value().value() == "1");
  auto other = call;
  other.request_hash = "hash-2";
  other.replay_key = std::string(32, 'k');
  const auto reused = Bump(App(), other, "replay");
  REQUIRE_FALSE(reused);
  CHECK(reused.error().reason == "REQUEST_ID_REUSED");
  auto rival = call;
  rival.principal.user = "somebody else";
  CHECK(Bump(App(), rival, "replay").value().value() == "2");
}

TEST_CASE("rivals with one request id wait for each other", "[pg][store]") {
  auto call = testing::CallOf(testing::SomeId());
  call.request_id = testing::SomeId();
  call.request_hash = "same";
  call.replay_key = std::string(32, 'k');
  std::vector<std::future<std::string>> rivals;
  for (int i = 0; i < 8; ++i)
    rivals.push_back(
        std::async(std::launch::async, [&] { return Bump(App(), call, "rivals").value().value(); }));
  for (auto& rival : rivals) CHECK(rival.get() == "1");
}

TEST_CASE("a failed decision leaves nothing behind, not even its request id", "[pg][store]") {
  auto call = testing::CallOf(testing::SomeId());
  call.request_id = testing::SomeId();
  call.request_hash = "x";
  call.replay_key = std::string(32, 'k');
  const auto refused = App().Write(call, [&](Tx& tx) -> Result<StringValue> {
    tx.Exec(kBump, "refused");
    return FailedPrecondition("NOT_NOW", "Not now.");
  });
  REQUIRE_FALSE(refused);
  CHECK(refused.error().reason == "NOT_NOW");
  CHECK(Bump(App(), call, "refused").value().value() == "1");
}

TEST_CASE("the deadline of the call bounds the statement", "[pg][store]") {
  auto call = testing::CallOf(testing::SomeId());
  call.deadline = std::chrono::steady_clock::now() + 200ms;
  const auto slow = App().Read(call, [](Tx& tx) -> Result<void> {
    tx.Exec(kSleep);
    return Ok();
  });
  REQUIRE_FALSE(slow);
  CHECK(slow.error().code == Code::kDeadlineExceeded);
}

TEST_CASE("a server that hangs holds nobody beyond the deadline, and is asked again when it goes on",
          "[pg][store]") {
  auto call = testing::CallOf(testing::SomeId());
  call.deadline = std::chrono::steady_clock::now() + 300ms;
  int backend = 0;
  const auto hung = App().Write(call, [&](Tx& tx) -> Result<void> {
    backend = tx.Exec(kBackend)[0][0].as<int>();
    REQUIRE(::kill(backend, SIGSTOP) == 0);
    tx.Exec(kBump, "hung");
    return Ok();
  });
  CHECK(std::chrono::steady_clock::now() - call.deadline < 2s);
  CHECK(::kill(backend, SIGCONT) == 0);
  REQUIRE_FALSE(hung);
  CHECK(hung.error().code == Code::kUnavailable);
  call.deadline = std::chrono::steady_clock::now() + 10s;
  CHECK(Bump(App(), call, "hung").value().value() == "1");
}

TEST_CASE("a lost connection is replaced and the work done again", "[pg][store]") {
  const auto tenant = testing::SomeId();
  std::atomic<int> tries{0};
  pqxx::connection admin(Db().admin_url());
  const auto done = App().Write(testing::CallOf(tenant), [&](Tx& tx) -> Result<int> {
    const auto backend = tx.Exec(kBackend)[0][0].as<int>();
    if (++tries == 1)
      pqxx::nontransaction(admin).exec("SELECT pg_terminate_backend(" + std::to_string(backend) + ")");
    return tx.Exec(kBump, "reconnect")[0][0].as<int>();
  });
  REQUIRE(done);
  CHECK(tries == 2);
  CHECK(*done == 1);
}

TEST_CASE("a read that writes is a mistake, and is said to be one at once", "[pg][store]") {
  int tries = 0;
  const auto written = App().Read(testing::CallOf(testing::SomeId()), [&](Tx& tx) -> Result<void> {
    ++tries;
    tx.Exec(kBump, "read");
    return Ok();
  });
  REQUIRE_FALSE(written);
  CHECK(written.error().code == Code::kInternal);
  CHECK(tries == 1);
}

TEST_CASE("a read sees one moment, also when others commit between its statements", "[pg][store]") {
  constexpr Statement kEvents{"test.events", "SELECT coalesce(sum(events), 0) FROM outbox_published"};
  const auto call = testing::CallOf(testing::SomeId());
  const auto twice = App().Read(call, [&](Tx& tx) -> Result<std::pair<int, int>> {
    const auto before = tx.Exec(kEvents)[0][0].as<int>();
    const auto changed = Bump(App(), call, "moment");
    CHECK(changed.has_value());
    return std::pair{before, tx.Exec(kEvents)[0][0].as<int>()};
  });
  CHECK(twice.value() == std::pair{0, 0});
  CHECK(App().Read(call, [&](Tx& tx) -> Result<int> { return tx.Exec(kEvents)[0][0].as<int>(); }).value() ==
        1);
}

TEST_CASE(
    "a statement that is all a read needs goes alone: inside the wall, writing nothing, leaving nothing",
    "[pg][store]") {
  constexpr Statement kAlone{
      "test.alone",
      "/* alone */ SELECT carillon_tenant()::text, $1::text, coalesce(sum(events), 0), "
      "txid_current_if_assigned() IS NULL FROM outbox_published"};
  constexpr Statement kWrites{
      "test.alone_writes",
      "/* alone */ INSERT INTO outbox_published (tenant_id, topic, type, events) VALUES "
      "(carillon_tenant(), $1, 'n', 1)"};
  constexpr Statement kTenant{"test.tenant", "SELECT coalesce(current_setting('app.tenant', true), '')"};
  Pool pool(Db().app_url(), 1, "alone");
  for (int events = 0; events < 2; ++events) {
    const auto call = testing::CallOf(testing::SomeId());
    if (events == 1) REQUIRE(Bump(pool, call, "alone"));
    const auto row = pool.Read(call, [&](Tx& tx) -> Result<std::string> {
      const auto rows = tx.Exec(kAlone, "it's\\");
      CHECK(std::string(rows[0][1].c_str()) == "it's\\");
      CHECK(rows[0][2].as<int>() == events);
      return std::string(rows[0][0].c_str());
    });
    CHECK(row.value() == call.principal.tenant);
    auto brief = call;  // what is refused as read-only is tried again: it may have been a standby
    brief.deadline = std::chrono::steady_clock::now() + 200ms;
    CHECK_FALSE(pool.Read(brief, [&](Tx& tx) -> Result<bool> { return tx.Exec(kWrites, "x").empty(); }));
    // What follows on the connection has its own settings.
    const auto other = testing::CallOf(testing::SomeId());
    CHECK(
        pool.Read(other,
                  [&](Tx& tx) -> Result<std::string> { return std::string(tx.Exec(kTenant)[0][0].c_str()); })
            .value() == other.principal.tenant);
    // A write too, which is then committed; beside others it only reads.
    CHECK(pool.Write(call, [&](Tx& tx) -> Result<int> { return tx.Exec(kAlone, "")[0][2].as<int>(); })
              .value() == events);
    CHECK(pool.Write(call, [&](Tx& tx) -> Result<bool> { return tx.Exec(kWrites, "y").affected_rows() == 1; })
              .value());
    CHECK(
        pool.Read(call, [&](Tx& tx) -> Result<int> { return tx.Exec(kAlone, "")[0][2].as<int>(); }).value() ==
        events + 1);
    CHECK_FALSE(pool.Write(call, [&](Tx& tx) -> Result<bool> { return tx.Exec(kWrites, "y").empty(); }));
  }
}

TEST_CASE("a lock that is a transaction's first statement is held until it ends, and no longer",
          "[pg][store]") {
  constexpr Statement kLock{"test.lock", "SELECT pg_advisory_xact_lock(hashtext($1))"};
  constexpr Statement kFree{"test.free", "SELECT pg_try_advisory_xact_lock(hashtext($1))"};
  const auto call = testing::CallOf(testing::SomeId());
  const std::string name = call.principal.tenant;
  const auto free = [&] {
    return App()
        .Read(call, [&](Tx& tx) -> Result<bool> { return tx.Exec(kFree, name)[0][0].as<bool>(); })
        .value();
  };
  for (const bool refused : {false, true}) {
    const auto done = App().Write(call, [&](Tx& tx) -> Result<void> {
      tx.Exec(kLock, name);
      CHECK_FALSE(free());
      tx.Exec(kBump, "lock");
      CHECK_FALSE(free());
      if (refused) return FailedPrecondition("NO", "no");
      return Ok();
    });
    CHECK(done.has_value() == !refused);
    CHECK(free());
  }
}

TEST_CASE("however a transaction ends, its connection stands outside of any and is good for the next",
          "[pg][store]") {
  constexpr Statement kMissing{"test.missing", "SELECT x FROM made_later"};
  constexpr Statement kAloneFails{"test.alone_fails", "/* alone */ SELECT 1 / $1::int"};
  Pool pool(Db().app_url(), 1, "ends");
  const auto call = testing::CallOf(testing::SomeId());
  int backend = 0;
  const auto at_rest = [&] {
    pqxx::connection admin(Db().admin_url());
    return std::string(
               pqxx::nontransaction(admin)
                   .exec("SELECT state FROM pg_stat_activity WHERE pid = " + std::to_string(backend))[0][0]
                   .c_str()) == "idle";
  };
  const auto own = [&](Tx& tx) { return tx.Exec(kBackend)[0][0].as<int>(); };
  backend = pool.Read(call, [&](Tx& tx) -> Result<int> { return own(tx); }).value();
  using Work = std::function<Result<void>(Tx&)>;
  const auto no = FailedPrecondition("NO", "no");
  const std::vector<std::pair<Work, bool>> all{
      {[](Tx&) { return Ok(); }, true},
      {[&](Tx&) -> Result<void> { return no; }, false},
      {[](Tx& tx) -> Result<void> {
         tx.ExecAtCommit(kBump, "late");
         return Ok();
       },
       true},
      {[&](Tx& tx) -> Result<void> {
         tx.ExecAtCommit(kBump, "late");
         return no;
       },
       false},
      {[](Tx& tx) -> Result<void> {  // the deferred statement is the first, and fails
         tx.ExecAtCommit(kDouble, "double");
         tx.ExecAtCommit(kDouble, "double");
         return Ok();
       },
       false},
      {[](Tx& tx) -> Result<void> {
         tx.Exec(kForeign, testing::SomeId());
         return Ok();
       },
       false},
      {[&](Tx& tx) -> Result<void> {
         tx.Exec(kBump, "refused");
         return no;
       },
       false},
      {[&](Tx& tx) -> Result<void> {
         tx.Exec(kMissing);
         return Ok();
       },
       false},
  };
  for (int twice = 0; twice < 2; ++twice) {
    for (std::size_t i = 0; i < all.size(); ++i) {
      INFO("way " << i);
      const auto& [work, good] = all[i];
      CHECK(pool.Write(call, work).has_value() == good);
      CHECK(at_rest());
      CHECK(pool.Read(call, [&](Tx& tx) -> Result<int> { return own(tx); }).value() == backend);
    }
    CHECK_FALSE(pool.Read(call, [&](Tx& tx) -> Result<bool> { return tx.Exec(kAloneFails, 0).empty(); }));
    CHECK(at_rest());
  }
  const auto kept = pool.Read(call, [&](Tx& tx) -> Result<std::string> {
    return std::string(
        tx.Exec({"test.kept",
                 "SELECT string_agg(topic || events, ' ' ORDER BY topic) FROM outbox_published"})[0][0]
            .c_str());
  });
  CHECK(kept.value() == "late2");
  // What could not be prepared once is, when it can.
  pqxx::connection admin(Db().admin_url());
  pqxx::nontransaction(admin).exec("CREATE TABLE made_later (x int); GRANT SELECT ON made_later TO PUBLIC");
  CHECK(pool.Read(call, [&](Tx& tx) -> Result<bool> { return tx.Exec(kMissing).empty(); }).value());
  CHECK(pool.Read(call, [&](Tx& tx) -> Result<int> { return own(tx); }).value() == backend);
  pqxx::nontransaction(admin).exec("DROP TABLE made_later");
}

TEST_CASE("parameters and columns keep their bytes, arrays, times and nulls", "[pg][store]") {
  const std::string bytes("\0\x01\xff'\"\\", 6);
  const std::vector<std::string> items{"plain", "with \"quotes\"", "back\\slash", "", "逗号,"};
  const TimePoint at = std::chrono::sys_days{std::chrono::year{1999} / 2 / 10} + 7h + 123456us;
  const auto kept = App().Read(testing::CallOf(testing::SomeId()), [&](Tx& tx) -> Result<bool> {
    const auto row = tx.Exec(kTypes, Bytes(bytes), Array(items), Time(at), std::nullopt)[0];
    return BytesOf(row[0]) == bytes && ArrayOf(row[1]) == items && TimeOf(row[2]) == at && row[3].as<bool>();
  });
  CHECK(kept.value());
}

TEST_CASE("events leave the outbox in order, once acknowledged, and a refused batch stays", "[pg][store]") {
  const auto tenant = testing::SomeId();
  std::vector<std::string> sent;
  std::atomic<bool> broken{true};
  Relay relay(Worker(), Db().worker_url(), [&](const std::vector<Outgoing>& batch) -> Result<void> {
    if (broken) return Unavailable("DOWN", "down");
    for (const auto& event : batch) sent.push_back(event.key + ":" + event.type);
    return Ok();
  });
  for (int i = 0; i < 3; ++i)
    REQUIRE(App().Write(testing::CallOf(tenant), [&](Tx& tx) -> Result<void> {
      StringValue event;
      event.set_value(std::to_string(i));
      Announce(tx, "carillon.test.things.v1", std::to_string(i), event, tx.now());
      return Ok();
    }));
  CHECK_FALSE(relay.Drain());
  const auto left = Worker().Read(testing::CallOf(tenant),
                                  [](Tx& tx) -> Result<int> { return tx.Exec(kCount)[0][0].as<int>(); });
  CHECK(left.value() == 3);
  broken = false;
  CHECK(relay.Drain());
  CHECK(sent == std::vector<std::string>{"0:google.protobuf.StringValue", "1:google.protobuf.StringValue",
                                         "2:google.protobuf.StringValue"});
  Relay second(Worker(), Db().worker_url(),
               [&](const std::vector<Outgoing>&) -> Result<void> { return Ok(); });
  CHECK_FALSE(second.Drain());  // one relay a database
}

TEST_CASE("an event is applied once, however often it arrives", "[pg][store]") {
  const auto call = testing::CallOf(testing::SomeId());
  const EventId event{testing::SomeId(), "topic", "type", call.now};
  int applied = 0;
  for (int i = 0; i < 3; ++i)
    CHECK(App().Apply(call, event, [&](Tx&) -> Result<void> {
      ++applied;
      return Ok();
    }));
  CHECK(applied == 1);
  const EventId failing{testing::SomeId(), "topic", "type", call.now};
  CHECK_FALSE(App().Apply(call, failing, [&](Tx&) -> Result<void> { return Unavailable("DOWN", "down"); }));
  CHECK(App().Apply(call, failing, [&](Tx&) -> Result<void> {
    ++applied;
    return Ok();
  }));
  CHECK(applied == 2);
}

TEST_CASE("tasks run in order for each key, again until they succeed, and survive their process",
          "[pg][store]") {
  const auto tenant = testing::SomeId();
  const auto clock = MakeSystemClock();
  const auto put = [&](const std::string& key, int from, int to) {
    REQUIRE(Worker().Write(testing::CallOf(tenant), [&](Tx& tx) -> Result<void> {
      for (int i = from; i < to; ++i) {
        StringValue payload;
        payload.set_value(std::to_string(i));
        Enqueue(tx, "test.count", key, payload);
      }
      return Ok();
    }));
  };
  put("before", 0, 5);  // nobody runs them: as if the process had died after the commit
  std::mutex mutex;
  std::map<std::string, std::string> seen;
  std::atomic<int> left{15};
  std::promise<void> finished;
  std::atomic<int> failures{3};
  TaskRunner runner(Worker(), *clock, 4);
  runner.Handle("test.count", [&](Call& call, const std::string& payload) -> Result<void> {
    StringValue value;
    value.ParseFromString(payload);
    if (value.value() == "2" && failures-- > 0) return Unavailable("DOWN", "down");
    CHECK(call.principal.tenant == tenant);
    CHECK(IsUuid(call.request_id));
    const std::lock_guard lock(mutex);
    seen["all"] += value.value();
    if (--left == 0) finished.set_value();
    return Ok();
  });
  Worker().OnEnqueued([&](Task task) { runner.Take(std::move(task)); });
  runner.Start();
  put("a", 0, 5);
  put("b", 0, 5);
  REQUIRE(finished.get_future().wait_for(20s) == std::future_status::ready);
  CHECK(seen["all"].size() == 15);
  Worker().OnEnqueued(nullptr);
}

TEST_CASE("tasks handed over the wrong way round still run in the order of their commits", "[pg][store]") {
  const auto tenant = testing::SomeId();
  const auto clock = MakeSystemClock();
  std::vector<Task> made;
  Worker().OnEnqueued([&](Task task) { made.push_back(std::move(task)); });
  std::string seen;
  std::promise<void> finished;
  TaskRunner runner(Worker(), *clock, 4);
  runner.Handle("test.order", [&](Call&, const std::string& payload) -> Result<void> {
    StringValue value;
    value.ParseFromString(payload);
    seen += value.value();
    if (seen.size() == 6) finished.set_value();
    return Ok();
  });
  runner.Start();
  for (int i = 0; i < 6; ++i)
    REQUIRE(Worker().Write(testing::CallOf(tenant), [&](Tx& tx) -> Result<void> {
      StringValue payload;
      payload.set_value(std::to_string(i));
      Enqueue(tx, "test.order", "one key", payload);
      return Ok();
    }));
  for (auto it = made.rbegin(); it != made.rend(); ++it) runner.Take(*it);
  REQUIRE(finished.get_future().wait_for(20s) == std::future_status::ready);
  CHECK(seen == "012345");
  Worker().OnEnqueued(nullptr);
}

}  // namespace
}  // namespace carillon::pg
