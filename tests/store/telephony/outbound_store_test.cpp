#include <google/protobuf/util/message_differencer.h>

#include <catch2/catch.hpp>
#include <future>

#include "base/ids.hpp"
#include "rig.hpp"
#include "telephony/jobs/call_tasks.hpp"
#include "telephony/jobs/sweeps.hpp"

namespace carillon::telephony {
namespace {

using namespace test;
using google::protobuf::util::MessageDifferencer;

pb::Call Wish(Rig& rig, const std::string& token, TimePoint now) {
  pb::OriginateCallRequest request;
  request.set_dial_token(token);
  auto call = rig.At(now);
  return api::OriginateCall(call, rig.deps, request).value();
}

/// The directives a switch hears that connects now.
std::vector<pb::Directive> Heard(Rig& rig) {
  clients::SwitchLink fresh;
  Deps deps{rig.db, fresh, rig.deps.ivr, rig.deps.routing, rig.deps.campaign, {}};
  auto frame = rig.At(kMorning);
  const auto feed = api::WatchDirectives(frame, deps, {}).value();
  std::vector<pb::Directive> heard;
  while (const auto message = feed->Take()) heard.push_back(static_cast<const pb::Directive&>(*message));
  return heard;
}

TEST_CASE("one token is one call, however often and from wherever it comes", "[telephony][store]") {
  Rig rig;
  const auto call = Wish(rig, "token-a", kMorning);
  CHECK(call.direction() == pb::Call::OUTBOUND);
  CHECK(Wish(rig, "token-a", kMorning + 5s).name() == call.name());
  CHECK(Wish(rig, "token-b", kMorning + 5s).name() != call.name());
  std::vector<std::future<std::string>> racing;
  for (int i = 0; i < 6; ++i)
    racing.push_back(
        std::async(std::launch::async, [&] { return Wish(rig, "token-race", kMorning + 6s).name(); }));
  std::set<std::string> names;
  for (auto& one : racing) names.insert(one.get());
  CHECK(names.size() == 1);
  CHECK(rig.Look("SELECT count(*) FROM tasks WHERE key = '" + IdOf(*names.begin()) + "'") == "1");
  CHECK(rig.Look("SELECT count(*) FROM outbox WHERE key = '" + IdOf(call.name()) + "'") == "0");
  CHECK(Heard(rig).empty());  // nobody is to be rung yet
}

TEST_CASE("a call belongs to its client from the moment it is known whose it is", "[telephony][store]") {
  Rig rig;
  const auto inbound = rig.Arrive("whose", kMorning);
  const auto outbound = Wish(rig, "token-whose", kMorning);
  auto stranger = testing::CallOf(rig.tenant, {testing::SomeId()});
  const auto shown = [&](Call& to) {
    std::set<std::string> names;
    const auto page = api::ListCalls(to, rig.deps, {}).value();
    for (const auto& call : page.calls()) names.insert(call.name());
    return names;
  };
  clients::SwitchLink fresh;
  Deps deps{rig.db, fresh, rig.deps.ivr, rig.deps.routing, rig.deps.campaign, {}};
  CHECK(shown(stranger) == std::set{inbound.name(), outbound.name()});
  const auto feed = api::WatchDirectives(stranger, deps, {}).value();
  CHECK(feed->Take());
  CHECK_FALSE(feed->Take());

  auto owner = rig.At(kMorning + 1s);
  REQUIRE(Step(owner, deps, inbound.name(), [](const pb::Call& c) -> Result<domain::Change> {
    auto step = Collecting(1);
    step.client = AnOrder().destination.client();
    return domain::MenuStepped(c, step, kMorning + 1s);
  }));
  REQUIRE(Step(owner, deps, outbound.name(), [](const pb::Call& c) -> Result<domain::Change> {
    return domain::Redeemed(c, AnOrder(), kMorning + 1s);
  }));
  CHECK(shown(owner) == std::set{inbound.name(), outbound.name()});
  CHECK(shown(stranger).empty());
  CHECK_FALSE(feed->Take());
  const auto live = api::WatchDirectives(stranger, deps, {}).value();
  CHECK_FALSE(live->Take());
  for (const auto& call : {inbound, outbound}) {
    CHECK(rig.Load(call.name()).client() == AnOrder().destination.client());
    pb::GetCallRequest get;
    get.set_name(call.name());
    CHECK(api::GetCall(stranger, rig.deps, get).error().reason == "CALL_UNKNOWN");
    pb::ListCallEventsRequest events;
    events.set_parent(call.name());
    CHECK(api::ListCallEvents(stranger, rig.deps, events).error().reason == "CALL_UNKNOWN");
    pb::ReportHangUpRequest gone;
    gone.set_call(call.name());
    gone.set_party(pb::ReportHangUpRequest::CUSTOMER);
    CHECK(api::ReportHangUp(stranger, rig.deps, gone).error().reason == "CALL_UNKNOWN");
  }
}

TEST_CASE("an outbound call is kept as it is, step by step, and a switch that connects hears where it stands",
          "[telephony][store]") {
  Rig rig;
  auto call = Wish(rig, "token-walk", kMorning);
  CHECK(MessageDifferencer::Equals(rig.Load(call.name()), call));
  using Decide = std::function<Result<domain::Change>(const pb::Call&)>;
  const std::vector<std::pair<Decide, std::string>> steps = {
      {[](const pb::Call& c) -> Result<domain::Change> {
         return domain::Redeemed(c, AnOrder(), kMorning + 1s);
       },
       "dial"},
      {[](const pb::Call& c) { return domain::Answered(c, AnAnswer(), {APrompt("请稍候")}, kMorning + 9s); },
       "music"},
      {[](const pb::Call& c) -> Result<domain::Change> {
         return domain::InteractionMade(c, ForAgent(1).interaction(), kMorning + 9s);
       },
       "music"},
      {[](const pb::Call& c) { return domain::AgentConnecting(c, ForAgent(1), kMorning + 10s); }, "connect"},
      {[](const pb::Call& c) {
         return domain::AgentLegReported(c, AgentLeg(c, pb::ReportAgentLegRequest::CONNECTED),
                                         kMorning + 12s);
       },
       "connect"},
      {[](const pb::Call& c) -> Result<domain::Change> {
         return domain::HungUp(c, pb::ReportHangUpRequest::CUSTOMER, {}, kMorning + 60s);
       },
       ""}};
  for (const auto& [step, heard] : steps) {
    call = rig.Do(call, kMorning, step);
    const auto loaded = rig.Load(call.name());
    std::string difference;
    MessageDifferencer differencer;
    differencer.ReportDifferencesToString(&difference);
    CHECK(differencer.Compare(call, loaded));
    INFO(difference);
    CHECK(difference.empty());
    const auto directives = Heard(rig);
    REQUIRE(directives.size() == (heard.empty() ? 0 : 1));
    if (heard.empty()) continue;
    const auto* field = pb::Directive::descriptor()->FindFieldByName(heard);
    CHECK(pb::Directive::GetReflection()->HasField(directives[0], field));
    CHECK(directives[0].version() == call.directive().version());
  }
  const auto id = IdOf(call.name());
  CHECK(rig.Look("SELECT string_agg(split_part(type, '.', 4), ' ' ORDER BY id) FROM outbox WHERE key = '" +
                 id + "'") == "CallDialled CallAnswered CallEstablished CallCleared");
  CHECK(rig.Look("SELECT dial_due_at IS NULL FROM calls WHERE id = '" + id + "'") == "t");
  // The number is in the fields that are masked, in no other.
  auto shown = call;
  shown.clear_calling_number();
  CHECK(shown.SerializeAsString().find("13800000002") == std::string::npos);
}

TEST_CASE("work owed for an outbound call stays owed while campaign and routing are away",
          "[telephony][store]") {
  Rig rig;
  auto call = Wish(rig, "token-away", kMorning);
  auto frame = rig.At(kMorning + 1s);
  pb::CallTask task;
  task.set_call(call.name());
  task.mutable_redeem_dial_token()->set_dial_token("token-away");
  const auto unasked = jobs::DoCallTask(frame, rig.deps, task);
  REQUIRE_FALSE(unasked);
  CHECK(IsTransient(unasked.error()));
  CHECK(rig.Load(call.name()).state() == pb::Call::INITIATED);

  call = rig.Do(call, kMorning, [](const pb::Call& c) -> Result<domain::Change> {
    return domain::Redeemed(c, AnOrder(), kMorning + 1s);
  });
  CHECK(jobs::DoCallTask(frame, rig.deps, task));  // done already
  auto answer = AnAnswer();
  answer.set_call(call.name());
  CHECK(api::ReportAnswered(frame, rig.deps, answer).value().state() == pb::Call::QUEUED);
  CHECK(api::ReportAnswered(frame, rig.deps, answer).value().event_count() == 3);
  task.mutable_create_interaction();
  CHECK(IsTransient(jobs::DoCallTask(frame, rig.deps, task).error()));
  rig.Do(call, kMorning, [](const pb::Call& c) -> Result<domain::Change> {
    return domain::HungUp(c, pb::ReportHangUpRequest::CUSTOMER, {}, kMorning + 20s);
  });
  // The customer has left, and yet routing may have taken the call before: it is still to be asked.
  CHECK(IsTransient(jobs::DoCallTask(frame, rig.deps, task).error()));
}

TEST_CASE("the sweep gives up lines that nobody speaks for, in every tenant", "[telephony][store]") {
  Rig rig, other;
  const auto silent = Wish(rig, "token-silent", kMorning);
  const auto ringing = Wish(other, "token-ringing", kMorning);
  other.Do(ringing, kMorning, [](const pb::Call& c) -> Result<domain::Change> {
    return domain::Redeemed(c, AnOrder(), kMorning + 1s);
  });
  const jobs::Limits limits{4h, 15min, std::chrono::days{35}};
  const auto sweep = [&](TimePoint now) {
    auto worker = rig.At(now);
    worker.principal.tenant.clear();
    return jobs::EndOverdueCalls(worker, rig.worker, rig.deps, limits, [&](const std::string& tenant) {
      auto call = rig.At(now);
      call.principal.tenant = tenant;
      return call;
    });
  };
  REQUIRE(sweep(kMorning + 90s));
  CHECK(other.Load(ringing.name()).state() == pb::Call::INITIATED);
  REQUIRE(sweep(kMorning + 91s));
  CHECK(other.Load(ringing.name()).cause() == pb::Call::NO_ANSWER);
  CHECK(rig.Load(silent.name()).state() == pb::Call::INITIATED);
  REQUIRE(sweep(kMorning + domain::kLeaveWithin));
  CHECK(rig.Load(silent.name()).cause() == pb::Call::CONGESTION);
  CHECK(rig.Load(silent.name()).state() == pb::Call::FAILED);
}

}  // namespace
}  // namespace carillon::telephony
