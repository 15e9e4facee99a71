#include <catch2/catch.hpp>
#include <future>
#include <thread>

#include "base/ids.hpp"
#include "rig.hpp"
#include "telephony/jobs/call_tasks.hpp"

namespace carillon::telephony {
namespace {

using namespace test;

TEST_CASE("a switch that repeats its report gets the same call and makes no other", "[telephony][store]") {
  Rig rig;
  const auto call = rig.Arrive("twice", kMorning);
  CHECK(rig.Arrive("twice", kMorning + 5s).name() == call.name());
  const auto moved = rig.Do(call, kMorning, [](const pb::Call& c) -> Result<domain::Change> {
    return domain::MenuStepped(c, Collecting(1), kMorning + 6s);
  });
  CHECK(rig.Arrive("twice", kMorning + 7s).directive().version() == moved.directive().version());
  CHECK(rig.Look("SELECT count(*) FROM tasks WHERE key = '" + IdOf(call.name()) + "'") == "1");

  std::vector<std::future<std::string>> racing;
  for (int i = 0; i < 6; ++i)
    racing.push_back(
        std::async(std::launch::async, [&] { return rig.Arrive("race", kMorning + 8s).name(); }));
  std::set<std::string> names;
  for (auto& one : racing) names.insert(one.get());
  CHECK(names.size() == 1);

  pb::ReportCallArrivedRequest elsewhere;  // the same id at another switch is another call
  elsewhere.set_switch_call_id("twice");
  elsewhere.set_called_number("10000");
  elsewhere.set_switch_id("pbx-2");
  auto frame = rig.At(kMorning);
  CHECK(api::ReportCallArrived(frame, rig.deps, elsewhere).value().name() != call.name());
}

TEST_CASE("the stream begins with every live call and then tells what was committed", "[telephony][store]") {
  Rig rig;
  const auto first = rig.Arrive("one", kMorning);
  const auto second = rig.Arrive("two", kMorning + 1s);
  auto third = rig.Arrive("three", kMorning + 2s);
  rig.Do(third, kMorning, [](const pb::Call& c) -> Result<domain::Change> {
    return domain::HungUp(c, pb::ReportHangUpRequest::CUSTOMER, {}, kMorning + 3s);
  });
  clients::SwitchLink fresh;  // a process that has just started knows nothing
  Deps deps{rig.db, fresh, rig.deps.ivr, rig.deps.routing, rig.deps.campaign, {}};
  auto frame = rig.At(kMorning + 4s);
  const auto feed = api::WatchDirectives(frame, deps, {}).value();
  const auto next = [&]() -> std::string {
    const auto message = feed->Take();
    if (!message) return "";
    const auto& directive = static_cast<const pb::Directive&>(*message);
    return directive.call() + "@" + std::to_string(directive.version());
  };
  CHECK(next() == first.name() + "@1");
  CHECK(next() == second.name() + "@1");
  CHECK(next().empty());

  REQUIRE(Step(frame, deps, first.name(), [](const pb::Call& c) -> Result<domain::Change> {
    return domain::MenuStepped(c, Collecting(1), kMorning + 5s);
  }));
  CHECK(next() == first.name() + "@2");
  // A change that is refused tells nothing.
  REQUIRE_FALSE(
      Step(frame, deps, first.name(), [](const pb::Call& c) { return domain::Held(c, kMorning + 5s); }));
  CHECK(next().empty());
  feed->ReaderGone();
  REQUIRE(Step(frame, deps, first.name(), [](const pb::Call& c) -> Result<domain::Change> {
    return domain::MenuStepped(c, Collecting(2), kMorning + 6s);
  }));
  CHECK(next().empty());
  // Reconnected: the latest of each.
  const auto again = api::WatchDirectives(frame, deps, {}).value();
  const auto message = again->Take();
  REQUIRE(message);
  CHECK(static_cast<const pb::Directive&>(*message).version() == 3);
}

TEST_CASE("keys are accepted once, also while the menu is away; a secret is not kept to be sent later",
          "[telephony][store]") {
  Rig rig;
  auto call = rig.Arrive("keys", kMorning);
  call = rig.Do(call, kMorning, [](const pb::Call& c) -> Result<domain::Change> {
    return domain::MenuStepped(c, Collecting(1), kMorning + 1s);
  });
  auto frame = rig.At(kMorning + 3s);
  frame.request_id = testing::SomeId();
  frame.request_hash = "hash";
  frame.replay_key = std::string(32, 'k');
  CHECK_FALSE(api::ReportInput(frame, rig.deps, Keys(call, "1")).value().stale());
  CHECK(api::ReportInput(frame, rig.deps, Keys(call, "1")).value().stale());
  CHECK(rig.Look("SELECT count(*) FROM request_replays WHERE request_id = '" + frame.request_id + "'") ==
        "0");

  call = rig.Do(call, kMorning, [](const pb::Call& c) -> Result<domain::Change> {
    return domain::MenuStepped(c, Collecting(2, true), kMorning + 4s);
  });
  const auto events = rig.Load(call.name()).event_count();
  const auto refused = api::ReportInput(frame, rig.deps, Keys(call, "735912"));
  REQUIRE_FALSE(refused);
  CHECK(refused.error().reason == "IVR_UNAVAILABLE");
  CHECK(refused.error().code == Code::kUnavailable);
  CHECK(rig.Load(call.name()).event_count() == events);  // nothing was acknowledged, so it may come again
  CHECK(rig.Look("SELECT count(*) FROM tasks WHERE encode(payload, 'escape') LIKE '%735912%'") == "0");
}

TEST_CASE("work owed to a peer that is away stays owed, and is skipped when the caller has left",
          "[telephony][store]") {
  Rig rig;
  auto call = rig.Arrive("owed", kMorning);
  auto frame = rig.At(kMorning + 1s);
  pb::CallTask task;
  task.set_call(call.name());
  task.mutable_start_session();
  const auto away = jobs::DoCallTask(frame, rig.deps, task);
  REQUIRE_FALSE(away);
  CHECK(IsTransient(away.error()));
  CHECK(rig.Load(call.name()).directive().has_music());
  pb::ReportHangUpRequest left;
  left.set_call(call.name());
  left.set_party(pb::ReportHangUpRequest::CUSTOMER);
  call = api::ReportHangUp(frame, rig.deps, left).value();
  CHECK(call.state() == pb::Call::CLEARED);
  CHECK(api::ReportHangUp(frame, rig.deps, left).value().etag() == call.etag());
  CHECK(jobs::DoCallTask(frame, rig.deps, task));
}

TEST_CASE("calls are listed newest first, page by page, with their legs", "[telephony][store]") {
  Rig rig;
  std::vector<std::string> names;
  for (int i = 0; i < 5; ++i)
    names.insert(names.begin(),
                 rig.Arrive("page" + std::to_string(i), kMorning + std::chrono::minutes{i}).name());
  auto frame = rig.At(kMorning + 1h);
  pb::ListCallsRequest request;
  request.set_page_size(2);
  std::vector<std::string> seen;
  do {
    const auto page = api::ListCalls(frame, rig.deps, request).value();
    CHECK(page.calls_size() <= 2);
    for (const auto& call : page.calls()) {
      seen.push_back(call.name());
      CHECK(call.legs_size() == 1);
    }
    request.set_page_token(page.next_page_token());
  } while (!request.page_token().empty());
  CHECK(seen == names);

  request.set_page_size(2);
  const auto first = api::ListCalls(frame, rig.deps, request).value();
  request.set_page_token(first.next_page_token());
  request.set_live(true);
  CHECK(api::ListCalls(frame, rig.deps, request).error().reason == "PAGE_TOKEN_INVALID");

  pb::ListCallsRequest window;
  *window.mutable_start_time() = ToProto(kMorning + 1min);
  *window.mutable_end_time() = ToProto(kMorning + 3min);
  window.set_state(pb::Call::INITIATED);
  window.set_called_number("10000");
  CHECK(api::ListCalls(frame, rig.deps, window).value().calls_size() == 2);
  window.set_called_number("10001");
  CHECK(api::ListCalls(frame, rig.deps, window).value().calls_size() == 0);

  pb::ListCallEventsRequest events;
  events.set_parent(names[0]);
  const auto listed = api::ListCallEvents(frame, rig.deps, events).value();
  REQUIRE(listed.events_size() == 1);
  CHECK(listed.events(0).type() == pb::CallEvent::ARRIVED);
  CHECK(listed.next_page_token().empty());
}

TEST_CASE("hold, retrieve, data and release answer a repeated request as before", "[telephony][store]") {
  Rig rig;
  auto call = rig.Arrive("control", kMorning);
  auto frame = rig.At(kMorning + 10s);
  auto connect = ForAgent(1);
  connect.set_call(call.name());
  call = api::ConnectAgent(frame, rig.deps, connect).value();
  CHECK(api::ConnectAgent(frame, rig.deps, connect).value().etag() == call.etag());
  call = api::ReportAgentLeg(frame, rig.deps, AgentLeg(call, pb::ReportAgentLegRequest::CONNECTED)).value();
  pb::HoldCallRequest hold;
  hold.set_name(call.name());
  frame.request_id = testing::SomeId();
  frame.request_hash = "hold";
  frame.replay_key = std::string(32, 'k');
  const auto held = api::HoldCall(frame, rig.deps, hold).value();
  CHECK(held.state() == pb::Call::HELD);
  pb::RetrieveCallRequest retrieve;
  retrieve.set_name(call.name());
  auto other = rig.At(kMorning + 20s);
  CHECK(api::RetrieveCall(other, rig.deps, retrieve).value().state() == pb::Call::ESTABLISHED);
  CHECK(api::HoldCall(frame, rig.deps, hold).value().state() == pb::Call::HELD);  // the recorded answer
  CHECK(rig.Load(call.name()).state() == pb::Call::ESTABLISHED);
  pb::ReleaseCallRequest release;
  release.set_name(call.name());
  release.set_cause(pb::Call::AGENT_HUNG_UP);
  CHECK(domain::IsReleasing(api::ReleaseCall(other, rig.deps, release).value()));
  pb::ReportHangUpRequest done;
  done.set_call(call.name());
  done.set_party(pb::ReportHangUpRequest::SYSTEM);
  CHECK(api::ReportHangUp(other, rig.deps, done).value().cause() == pb::Call::AGENT_HUNG_UP);
}

TEST_CASE("keys go to the switch that listens, once a request, and are in no row; a mark is kept",
          "[telephony][store]") {
  Rig rig;
  auto call = rig.Arrive("keyed", kMorning);
  auto frame = rig.At(kMorning + 10s);
  auto connect = ForAgent(1);
  connect.set_call(call.name());
  call = api::ConnectAgent(frame, rig.deps, connect).value();
  call = api::ReportAgentLeg(frame, rig.deps, AgentLeg(call, pb::ReportAgentLegRequest::CONNECTED)).value();

  auto agent = rig.At(kMorning + 20s);
  agent.principal.user = IdOf(ForAgent(1).agent());
  agent.request_id = testing::SomeId();
  agent.request_hash = "keys";
  agent.replay_key = std::string(32, 'k');
  pb::SendDigitsRequest send;
  send.set_name(call.name());
  send.set_digits("7359124680");
  CHECK(api::SendDigits(agent, rig.deps, send).error().reason == "SWITCH_UNREACHABLE");
  CHECK(rig.Events(call.name()).back().type() == pb::CallEvent::ESTABLISHED);

  std::vector<pb::Directive> told;
  const auto stream = rig.link.Open({rig.tenant, ""}, {}, [&](const auto& one) { told.push_back(one); });
  told.clear();
  CHECK(api::SendDigits(agent, rig.deps, send));
  CHECK(api::SendDigits(agent, rig.deps, send));  // the same request again
  REQUIRE(told.size() == 1);
  CHECK(told[0].keys().digits() == "7359124680");
  CHECK(told[0].version() == call.directive().version());
  agent.request_id = testing::SomeId();
  CHECK(api::SendDigits(agent, rig.deps, send));
  CHECK(told.size() == 2);
  rig.link.Close(stream);
  CHECK(rig.Events(call.name()).back().type() == pb::CallEvent::KEYED);
  for (const auto* table : {"calls", "legs", "call_events", "outbox", "tasks", "request_replays"})
    CHECK(rig.Look("SELECT count(*) FROM " + std::string(table) +
                   " AS row WHERE row::text LIKE '%7359124680%' OR "
                   "row::text LIKE '%37333539313234363830%'") == "0");

  pb::MarkCallRequest mark;
  mark.set_name(call.name());
  mark.set_mark(pb::CallEvent::COMPLAINT);
  mark.set_note("三次未修复");
  agent.request_id = testing::SomeId();
  const auto marked = api::MarkCall(agent, rig.deps, mark).value();
  CHECK(api::MarkCall(agent, rig.deps, mark).value().name() == marked.name());
  const auto kept = rig.Events(call.name()).back();
  CHECK(kept.name() == marked.name());
  CHECK(kept.mark() == pb::CallEvent::COMPLAINT);
  CHECK(kept.note() == "三次未修复");
  CHECK(kept.leg() == call.legs(call.legs_size() - 1).name());
}

}  // namespace
}  // namespace carillon::telephony
