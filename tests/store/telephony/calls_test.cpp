#include <google/protobuf/util/message_differencer.h>

#include <catch2/catch.hpp>
#include <thread>

#include "base/ids.hpp"
#include "rig.hpp"
#include "telephony/jobs/sweeps.hpp"

namespace carillon::telephony {
namespace {

using namespace test;
using google::protobuf::util::MessageDifferencer;

TEST_CASE("a call is kept as it is, step by step, with its legs and numbered events", "[telephony][store]") {
  Rig rig;
  auto call = rig.Arrive("walk", kMorning);
  CHECK(MessageDifferencer::Equals(rig.Load(call.name()), call));
  using Decide = std::function<Result<domain::Change>(const pb::Call&)>;
  google::protobuf::Map<std::string, std::string> data;
  data["备注"] = "引号\" 反斜\\ 逗号, {括号}";
  data["order"] = "WO-1";
  const std::vector<Decide> steps = {
      [&](const pb::Call& c) -> Result<domain::Change> {
        return domain::MenuStepped(c, Collecting(1), kMorning + 1s);
      },
      [&](const pb::Call& c) { return domain::InputReported(c, Keys(c, "1"), kMorning + 4s); },
      [&](const pb::Call& c) -> Result<domain::Change> {
        return domain::MenuStepped(c, Queueing(2), kMorning + 5s);
      },
      [&](const pb::Call& c) { return domain::DataAttached(c, data, kMorning + 6s); },
      [&](const pb::Call& c) { return domain::AgentConnecting(c, ForAgent(1), kMorning + 7s); },
      [&](const pb::Call& c) {
        return domain::AgentLegReported(c, AgentLeg(c, pb::ReportAgentLegRequest::CONNECTED), kMorning + 9s);
      },
      [&](const pb::Call& c) { return domain::Held(c, kMorning + 20s); },
      [&](const pb::Call& c) { return domain::Retrieved(c, kMorning + 33s + 1234us); },
      [&](const pb::Call& c) {
        return domain::Arranged(c, Arranging({AParty(1), AColleague(6), AnOutsider()}), kMorning + 40s);
      },
      [&](const pb::Call& c) {  // the colleague's leg becomes the agent's
        auto theirs = Arranging({AColleague(6)});
        theirs.set_interaction(AColleague(6).interaction());
        return domain::Arranged(c, theirs, kMorning + 50s);
      },
      [&](const pb::Call& c) -> Result<domain::Change> {
        return domain::HungUp(c, pb::ReportHangUpRequest::CUSTOMER, {}, kMorning + 60s);
      }};
  for (const auto& step : steps) {
    call = rig.Do(call, kMorning, step);
    const auto loaded = rig.Load(call.name());
    std::string difference;
    MessageDifferencer differencer;
    differencer.ReportDifferencesToString(&difference);
    CHECK(differencer.Compare(call, loaded));
    INFO(difference);
    CHECK(difference.empty());
  }
  CHECK(call.etag() == "12");
  CHECK(call.data().at("备注") == "引号\" 反斜\\ 逗号, {括号}");
  const auto events = rig.Events(call.name());
  REQUIRE(events.size() == static_cast<std::size_t>(call.event_count()));
  for (std::size_t i = 0; i < events.size(); ++i)
    CHECK(events[i].sequence() == static_cast<std::int64_t>(i) + 1);
  CHECK(events.back().type() == pb::CallEvent::CLEARED);

  const auto id = IdOf(call.name());
  CHECK(rig.Look("SELECT string_agg(split_part(type, '.', 4), ' ' ORDER BY id) FROM outbox WHERE key = '" +
                 id + "'") == "CallDelivered CallEstablished CallHeld CallRetrieved CallCleared");
  CHECK(rig.Look("SELECT count(*) FROM tasks WHERE key = '" + id + "'") ==
        "4");  // start, input, connected, ended
}

TEST_CASE("an event carries the call after the change, without its directive", "[telephony][store]") {
  Rig rig;
  const auto call = rig.Arrive("event", kMorning);
  const auto hex =
      rig.Look("SELECT encode(payload, 'hex') FROM outbox WHERE key = '" + IdOf(call.name()) + "'");
  std::string bytes;
  for (std::size_t i = 0; i + 1 < hex.size(); i += 2)
    bytes += static_cast<char>(std::stoi(hex.substr(i, 2), nullptr, 16));
  pb::Call inside;
  REQUIRE(bytes.size() > 3);
  // The one field of the event is the call.
  google::protobuf::io::CodedInputStream in(reinterpret_cast<const std::uint8_t*>(bytes.data()),
                                            static_cast<int>(bytes.size()));
  CHECK(in.ReadTag() == 10U);
  std::uint32_t length = 0;
  REQUIRE(in.ReadVarint32(&length));
  REQUIRE(inside.ParseFromString(bytes.substr(bytes.size() - length)));
  CHECK(inside.name() == call.name());
  CHECK(inside.state() == pb::Call::INITIATED);
  CHECK_FALSE(inside.has_directive());
}

TEST_CASE("a call is invisible to another tenant, and every table holds the wall", "[telephony][store]") {
  Rig rig;
  const auto call = rig.Arrive("wall", kMorning);
  const auto foreign = testing::CallOf(testing::SomeId());
  const auto seen = rig.db.Read(foreign, [&](pg::Tx& tx) { return store::Load(tx, call.name()); });
  REQUIRE_FALSE(seen);
  CHECK(seen.error().reason == "CALL_UNKNOWN");
  const auto events = rig.db.Read(foreign, [&](pg::Tx& tx) -> Result<std::size_t> {
    return store::Events(tx, call.name(), 0, 10).size() + store::List(tx, {}, "", 10).size() +
           store::LiveDirectives(tx, "").size();
  });
  CHECK(events.value() == 0);
  CHECK(rig.Look(
            "SELECT count(*) FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace WHERE n.nspname = "
            "'public' AND c.relkind IN ('r', 'p') AND c.relname ~ '^(calls|legs|call_events|switch_calls)' "
            "AND NOT "
            "(c.relrowsecurity AND c.relforcerowsecurity)") == "0");
  CHECK(rig.Look("SELECT count(*) FROM pg_class WHERE relname IN ('calls', 'legs', 'call_events', "
                 "'switch_calls') AND "
                 "relrowsecurity AND relforcerowsecurity") == "4");
}

TEST_CASE("a call is found by its name in the month of its arrival, and nowhere else", "[telephony][store]") {
  Rig rig;
  rig.worker
      .Write(rig.At(kMorning),
             [](pg::Tx& tx) -> Result<void> {
               static constexpr pg::Statement kMake{"test.make",
                                                    "SELECT carillon_make_partition($1, $2::date)"};
               for (const auto* table : {"calls", "legs", "call_events"}) tx.Exec(kMake, table, "1999-02-01");
               return Ok();
             })
      .has_value();
  const TimePoint then = std::chrono::sys_days{std::chrono::year{1999} / 2 / 10} + 9h + 123456us;
  const auto call = rig.Arrive("month", then);
  CHECK(FromProto(rig.Load(call.name()).create_time()) == then);
  CHECK(rig.Look("SELECT tableoid::regclass FROM calls WHERE id = '" + IdOf(call.name()) + "'") ==
        "calls_199902");
  const auto unknown =
      rig.db.Read(rig.At(kMorning), [&](pg::Tx& tx) { return store::Load(tx, "calls/" + NewId(then)); });
  CHECK(unknown.error().reason == "CALL_UNKNOWN");
}

TEST_CASE("many reports at once about one call are numbered without a gap", "[telephony][store]") {
  Rig rig;
  const auto call = rig.Arrive("crowd", kMorning);
  {
    std::vector<std::jthread> threads;
    for (int thread = 0; thread < 6; ++thread)
      threads.emplace_back([&, thread] {
        for (int i = 0; i < 8; ++i) {
          google::protobuf::Map<std::string, std::string> data;
          data["k" + std::to_string(thread)] = std::to_string(i);
          rig.Do(call, kMorning + std::chrono::seconds{i}, [&](const pb::Call& c) {
            return domain::DataAttached(c, data, kMorning + std::chrono::seconds{i});
          });
        }
      });
  }
  const auto after = rig.Load(call.name());
  CHECK(after.event_count() == 1 + 6 * 8);
  CHECK(after.data().size() == 6);
  const auto events = rig.Events(call.name());
  REQUIRE(events.size() == 49);
  for (std::size_t i = 1; i < events.size(); ++i) {
    CHECK(events[i].sequence() == events[i - 1].sequence() + 1);
    CHECK(FromProto(events[i].time()) >= FromProto(events[i - 1].time()));
  }
}

TEST_CASE("the sweep ends what nobody ends, and retention forgets", "[telephony][store]") {
  Rig rig;
  const auto call = rig.Arrive("sweep", kMorning);
  const jobs::Limits limits{4h, 15min, std::chrono::days{35}};
  const auto sweep = [&](TimePoint now) {
    auto worker = rig.At(now);
    worker.principal.tenant.clear();
    worker.principal.service = true;
    return jobs::EndOverdueCalls(worker, rig.worker, rig.deps, limits, [&](const std::string& tenant) {
      auto own = testing::CallOf(tenant);
      own.principal.service = true;  // as the host's own calls: every client's
      own.now = now;
      return own;
    });
  };
  REQUIRE(sweep(kMorning + 3h));
  CHECK(rig.Load(call.name()).directive().has_music());
  CHECK(sweep(kMorning + 4h + 1s).value() >= 1);
  CHECK(rig.Load(call.name()).directive().release().cause() == "SYSTEM");
  CHECK(sweep(kMorning + 4h + 15min + 2s).value() >= 1);
  CHECK(rig.Load(call.name()).state() == pb::Call::CLEARED);

  auto worker = rig.At(kMorning + std::chrono::days{36});
  worker.principal.tenant.clear();
  CHECK(jobs::ForgetOldCalls(worker, rig.worker, limits).value() > 0);
  const auto gone = rig.db.Read(rig.At(kMorning), [&](pg::Tx& tx) { return store::Load(tx, call.name()); });
  CHECK(gone.error().reason == "CALL_UNKNOWN");
  const auto id = IdOf(call.name());
  for (const auto* table :
       {"calls WHERE id", "legs WHERE call_id", "call_events WHERE call_id", "switch_calls WHERE call_id"})
    CHECK(rig.Look("SELECT count(*) FROM " + std::string(table) + " = '" + id + "'") == "0");
}

}  // namespace
}  // namespace carillon::telephony
