#include <catch2/catch.hpp>
#include <deque>
#include <functional>
#include <set>

#include "calls.hpp"

namespace carillon::telephony {
namespace {

using namespace test;
using domain::Announcement;
using Party = pb::ReportHangUpRequest;

const std::string kInteraction = ForAgent(1).interaction();

domain::Change ADial(TimePoint at = kMorning + 1s) { return domain::Redeemed(Kept(AWish()), AnOrder(), at); }
domain::Change APickUp(TimePoint at = kMorning + 9s) {
  return domain::Answered(Kept(ADial()), AnAnswer(), {APrompt("请稍候")}, at).value();
}

TEST_CASE("an outbound call rings nobody before its token is redeemed, then goes the way of every call",
          "[telephony][outbound]") {
  auto change = AWish();
  CHECK(change.call.direction() == pb::Call::OUTBOUND);
  CHECK(change.call.state() == pb::Call::INITIATED);
  CHECK(change.call.directive().version() == 0);  // a switch hears nothing of it
  CHECK(change.call.legs_size() == 0);
  CHECK(change.announcement == Announcement::kNone);
  REQUIRE(change.tasks.size() == 1);
  CHECK(change.tasks[0].redeem_dial_token().dial_token() == "token-1");
  auto call = Kept(change);

  change = domain::Redeemed(call, AnOrder(), kMorning + 1s);
  CHECK(change.announcement == Announcement::kDialled);
  CHECK(change.call.state() == pb::Call::INITIATED);
  CHECK(change.call.attempt() == AnOrder().attempt);
  CHECK(change.call.customer() == AnOrder().customer);
  CHECK(FromProto(change.call.dial_time()) == kMorning + 1s);
  CHECK(change.call.directive().dial().called_number() == "+8613800000002");
  CHECK(change.call.calling_number() == "+8613800000002");  // the customer's number, which is masked
  CHECK(change.call.called_number() == "95588");            // ours, which is not
  CHECK(change.call.data().at("script") == AnOrder().data.at("script"));
  CHECK(change.call.legs(0).state() == pb::Leg::ALERTING);
  CHECK(change.tasks.empty());
  call = Kept(change);
  CHECK_FALSE(domain::Redeemed(call, AnOrder(), kMorning + 2s).changed);  // the same answer once more

  change = domain::Answered(call, AnAnswer(), {APrompt("请稍候")}, kMorning + 9s).value();
  CHECK(change.announcement == Announcement::kAnswered);
  CHECK(change.call.state() == pb::Call::QUEUED);
  CHECK(FromProto(change.call.answer_time()) == kMorning + 9s);
  CHECK(change.call.switch_call_id() == "line-out-1");
  CHECK(change.call.directive().music().prompts(0).text() == "请稍候");
  CHECK(change.call.legs(0).state() == pb::Leg::CONNECTED);
  REQUIRE(change.tasks.size() == 1);
  CHECK(change.tasks[0].has_create_interaction());
  call = Kept(change);
  CHECK_FALSE(domain::Answered(call, AnAnswer(), {}, kMorning + 10s)->changed);

  change = domain::InteractionMade(call, kInteraction, kMorning + 9s);
  CHECK(change.call.interaction() == kInteraction);
  CHECK(change.call.directive().music().interaction() == kInteraction);
  CHECK(change.call.directive().music().prompts_size() == 1);
  call = Kept(change);

  call = Kept(domain::AgentConnecting(call, ForAgent(1), kMorning + 11s).value());
  call = Kept(
      domain::AgentLegReported(call, AgentLeg(call, pb::ReportAgentLegRequest::CONNECTED), kMorning + 12s)
          .value());
  change = domain::HungUp(call, Party::CUSTOMER, {}, kMorning + 72s);
  CHECK(change.call.state() == pb::Call::CLEARED);
  CHECK(change.call.cause() == pb::Call::CUSTOMER_HUNG_UP);
  CHECK(change.announcement == Announcement::kCleared);
  REQUIRE(change.tasks.size() == 1);  // and no menu is told of anything
  CHECK(change.tasks[0].media_ended().interaction() == kInteraction);
  const auto& spent = change.call.durations();
  CHECK(spent.ivr().seconds() == 0);
  CHECK(spent.dial().seconds() == 9);
  CHECK(spent.queue().seconds() == 2);
  CHECK(spent.ring().seconds() == 1);
  CHECK(spent.talk().seconds() == 60);
  CHECK(spent.total().seconds() == 72);
}

TEST_CASE("what becomes of the line before an answer is the reason the call failed for",
          "[telephony][outbound]") {
  const auto causes = {pb::Call::BUSY,      pb::Call::NO_ANSWER,         pb::Call::INVALID_NUMBER,
                       pb::Call::POWER_OFF, pb::Call::ANSWERING_MACHINE, pb::Call::CONGESTION,
                       pb::Call::REJECTED};
  for (const auto cause : causes) {
    const auto change = domain::HungUp(Kept(ADial()), Party::SYSTEM, cause, kMorning + 20s);
    INFO(pb::Call::Cause_Name(cause));
    CHECK(change.call.state() == pb::Call::FAILED);
    CHECK(change.call.cause() == cause);
    CHECK(change.call.attempt() == AnOrder().attempt);
    CHECK(change.announcement == Announcement::kCleared);
    CHECK(change.tasks.empty());  // neither a menu nor an interaction
  }
  const auto refused = domain::HungUp(Kept(ADial()), Party::CUSTOMER, {}, kMorning + 20s);
  CHECK(refused.call.state() == pb::Call::FAILED);
  CHECK(refused.call.cause() == pb::Call::REJECTED);
  const auto fault = domain::HungUp(Kept(ADial()), Party::SYSTEM, {}, kMorning + 20s);
  CHECK(fault.call.state() == pb::Call::FAILED);
  CHECK(fault.call.cause() == pb::Call::SYSTEM);
}

TEST_CASE("a customer who answers and leaves before an agent speaks ends a call that was answered",
          "[telephony][outbound]") {
  const auto left = domain::HungUp(Kept(APickUp()), Party::CUSTOMER, {}, kMorning + 20s);
  CHECK(left.call.state() == pb::Call::CLEARED);
  CHECK(left.call.has_answer_time());
  CHECK(left.tasks.empty());  // the interaction is not known yet
  const auto made = domain::InteractionMade(Kept(left), kInteraction, kMorning + 21s);
  REQUIRE(made.tasks.size() == 1);
  CHECK(made.tasks[0].media_ended().interaction() == kInteraction);
  CHECK_FALSE(made.redirected);
  CHECK(domain::AgentConnecting(Kept(made), ForAgent(1), kMorning + 22s).error().reason == "CALL_OVER");

  const auto machine =
      domain::HungUp(Kept(APickUp()), Party::SYSTEM, pb::Call::ANSWERING_MACHINE, kMorning + 20s);
  CHECK(machine.call.state() == pb::Call::FAILED);  // the switch noticed late
}

TEST_CASE("a refused token fails the call, and no switch ever hears of it", "[telephony][outbound]") {
  const auto change = domain::NotAuthorised(Kept(AWish()), kMorning + 1s);
  CHECK(change.call.state() == pb::Call::FAILED);
  CHECK(change.call.cause() == pb::Call::NOT_AUTHORISED);
  CHECK_FALSE(change.redirected);
  CHECK(change.call.directive().version() == 0);
  CHECK(change.call.attempt().empty());
  CHECK(change.announcement == Announcement::kCleared);
  CHECK_FALSE(domain::NotAuthorised(Kept(change), kMorning + 2s).changed);
  CHECK_FALSE(domain::NotAuthorised(Kept(ADial()), kMorning + 2s).changed);
}

TEST_CASE("a wish that is taken back, or whose leave comes too late, rings nobody and campaign learns of it",
          "[telephony][outbound]") {
  const auto taken_back = domain::Released(Kept(AWish()), pb::Call::FORCED, kMorning + 1s);
  CHECK(taken_back.call.state() == pb::Call::FAILED);
  CHECK_FALSE(taken_back.redirected);
  const auto told = domain::Redeemed(Kept(taken_back), AnOrder(), kMorning + 2s);
  CHECK(told.announcement == Announcement::kCleared);
  CHECK(told.call.attempt() == AnOrder().attempt);
  CHECK(told.call.cause() == pb::Call::FORCED);
  CHECK_FALSE(told.redirected);
  CHECK_FALSE(told.call.has_dial_time());

  const auto late = domain::Redeemed(Kept(AWish()), AnOrder(), kMorning + domain::kLeaveWithin);
  CHECK(late.call.state() == pb::Call::FAILED);
  CHECK(late.call.cause() == pb::Call::CONGESTION);
  CHECK(late.call.attempt() == AnOrder().attempt);
  CHECK_FALSE(late.redirected);
}

TEST_CASE("a line that neither answers nor fails is given up a minute after it should have stopped ringing",
          "[telephony][outbound]") {
  const auto sweep = [](const pb::Call& call, TimePoint now) {
    return domain::Overdue(call, 4h, 15min, now);
  };
  const auto dialled = Kept(ADial());  // at second 1, rings for 30
  CHECK_FALSE(sweep(dialled, kMorning + 90s));
  const auto given_up = sweep(dialled, kMorning + 91s);
  REQUIRE(given_up);
  CHECK(given_up->call.state() == pb::Call::FAILED);
  CHECK(given_up->call.cause() == pb::Call::NO_ANSWER);
  CHECK(given_up->call.directive().has_release());
  CHECK_FALSE(domain::Answered(Kept(*given_up), AnAnswer(), {}, kMorning + 92s)->changed);

  CHECK_FALSE(sweep(Kept(AWish()), kMorning + domain::kLeaveWithin - 1s));
  const auto unanswered = sweep(Kept(AWish()), kMorning + domain::kLeaveWithin);
  REQUIRE(unanswered);
  CHECK(unanswered->call.state() == pb::Call::FAILED);
  CHECK(unanswered->call.cause() == pb::Call::CONGESTION);

  CHECK_FALSE(sweep(Kept(APickUp()), kMorning + 1h));
  CHECK_FALSE(domain::DialDue(InState(pb::Call::INITIATED)));
}

TEST_CASE("only a dialled line can answer, and only who answered gets an agent", "[telephony][outbound]") {
  const auto inbound = InState(pb::Call::INITIATED);
  CHECK(domain::Answered(inbound, AnAnswer(), {}, kMorning).error().reason == "CALL_NOT_DIALLED");
  CHECK(domain::Answered(Kept(AWish()), AnAnswer(), {}, kMorning).error().reason == "CALL_NOT_DIALLED");
  CHECK(domain::AgentConnecting(Kept(ADial()), ForAgent(1), kMorning + 2s).error().reason ==
        "CALL_NOT_ANSWERED");
  const auto releasing = Kept(domain::Released(Kept(ADial()), pb::Call::FORCED, kMorning + 3s));
  CHECK_FALSE(domain::Answered(releasing, AnAnswer(), {}, kMorning + 4s)->changed);
}

TEST_CASE("when routing will not take who answered, the call is released", "[telephony][outbound]") {
  const auto change = domain::InteractionRefused(Kept(APickUp()), kMorning + 10s);
  CHECK(change.call.directive().release().cause() == "SYSTEM");
  const auto over = domain::HungUp(Kept(change), Party::SYSTEM, {}, kMorning + 11s);
  CHECK(over.call.state() == pb::Call::CLEARED);
  CHECK(over.tasks.empty());
  CHECK_FALSE(domain::InteractionRefused(Kept(over), kMorning + 12s).changed);
}

/// Where a walk has come to, and what followed on the way.
struct Node {
  pb::Call call;
  int dials = 0, asked = 0, ended = 0, dialled = 0, answered = 0;
  bool cleared_told = false;  ///< the end was announced, with all that is known of the attempt
  std::string Key() const {
    // Without what only counts, so that ways which come to the same meet.
    return call.SerializeAsString() + "/" +
           std::to_string(dials * 1000 + asked * 100 + ended * 10 + dialled) + std::to_string(answered) +
           (cleared_told ? "t" : "f");
  }
};

TEST_CASE("in whatever order campaign, switch, routing, agent and sweep speak, an outbound call ends right",
          "[telephony][outbound]") {
  using Act = std::function<Result<domain::Change>(const pb::Call&)>;
  const auto at = kMorning + 2s;
  const auto leg = [at](pb::ReportAgentLegRequest::LegState state) -> Act {
    return [at, state](const pb::Call& call) {
      return domain::AgentLegReported(call, AgentLeg(call, state), at);
    };
  };
  const auto hang_up = [at](Party::Party party, pb::Call::Cause cause) -> Act {
    return [=](const pb::Call& call) -> Result<domain::Change> {
      return domain::HungUp(call, party, cause, at);
    };
  };
  const std::vector<std::pair<const char*, Act>> acts = {
      {"redeemed",
       [&](const pb::Call& c) -> Result<domain::Change> { return domain::Redeemed(c, AnOrder(), at); }},
      {"redeemed late",
       [&](const pb::Call& c) -> Result<domain::Change> {
         return domain::Redeemed(c, AnOrder(), at + domain::kLeaveWithin);
       }},
      {"refused", [&](const pb::Call& c) -> Result<domain::Change> { return domain::NotAuthorised(c, at); }},
      {"answered",
       [&](const pb::Call& c) { return domain::Answered(c, AnAnswer(), {APrompt("请稍候")}, at); }},
      {"busy", hang_up(Party::SYSTEM, pb::Call::BUSY)},
      {"customer gone", hang_up(Party::CUSTOMER, {})},
      {"agent gone", hang_up(Party::AGENT, {})},
      {"placed",
       [&](const pb::Call& c) -> Result<domain::Change> {
         return domain::InteractionMade(c, kInteraction, at);
       }},
      {"not placed",
       [&](const pb::Call& c) -> Result<domain::Change> { return domain::InteractionRefused(c, at); }},
      {"agent 1", [&](const pb::Call& c) { return domain::AgentConnecting(c, ForAgent(1), at); }},
      {"agent 2", [&](const pb::Call& c) { return domain::AgentConnecting(c, ForAgent(2), at); }},
      {"leg up", leg(pb::ReportAgentLegRequest::CONNECTED)},
      {"leg failed", leg(pb::ReportAgentLegRequest::FAILED)},
      {"released",
       [&](const pb::Call& c) -> Result<domain::Change> {
         return domain::Released(c, pb::Call::FORCED, at);
       }},
      {"swept",
       [&](const pb::Call& c) -> Result<domain::Change> {
         return domain::Overdue(c, 4h, 15min, kMorning + 10min).value_or(domain::Unchanged(c));
       }},
  };
  std::deque<Node> open;
  std::set<std::string> seen;
  Node start;
  start.call = Kept(AWish());
  seen.insert(start.Key());
  open.push_back(start);
  std::size_t edges = 0;
  std::map<pb::Call::State, int> ends;
  while (!open.empty()) {
    const auto node = open.front();
    open.pop_front();
    for (const auto& [name, act] : acts) {
      const auto& before = node.call;
      // Routing speaks of a call only when it was asked to take it.
      if (node.asked == 0 &&
          (std::string(name) == "placed" || std::string(name) == "not placed" ||
           std::string(name).starts_with("agent ")) &&
          std::string(name) != "agent gone")
        continue;
      const auto result = act(before);
      if (!result || !result->changed) continue;
      ++edges;
      INFO(name << " at " << before.ShortDebugString());
      Node next = node;
      next.call = Kept(*result);
      const auto& after = next.call;
      if (result->redirected && after.directive().has_dial()) ++next.dials;
      next.dialled += result->announcement == Announcement::kDialled ? 1 : 0;
      next.answered += result->announcement == Announcement::kAnswered ? 1 : 0;
      if (result->announcement == Announcement::kCleared) next.cleared_told = true;
      if (before.attempt() != after.attempt() && domain::IsOver(before))
        CHECK(result->announcement == Announcement::kCleared);
      for (const auto& task : result->tasks) {
        next.asked += task.has_create_interaction() ? 1 : 0;
        next.ended += task.has_media_ended() ? 1 : 0;
        CHECK_FALSE(task.has_end_session());
      }
      CHECK(next.dials <= 1);  // nobody is rung twice
      CHECK(next.dials == (after.has_dial_time() ? 1 : 0));
      CHECK(next.dialled == next.dials);
      CHECK((next.dials == 0 || !after.attempt().empty()));
      CHECK(next.answered == (after.has_answer_time() ? 1 : 0));
      CHECK(next.asked == next.answered);
      CHECK((after.directive().version() == 0) == (next.dials == 0));  // a switch hears only of calls it rang
      CHECK(next.ended == (domain::IsOver(after) && !after.interaction().empty() ? 1 : 0));
      CHECK(next.cleared_told == domain::IsOver(after));
      if (domain::IsOver(before)) {
        CHECK(after.state() == before.state());
        CHECK(after.cause() == before.cause());
        CHECK_FALSE(result->redirected);
      }
      bool agent = false;
      for (const auto& each : after.legs())
        agent = agent || (each.role() == pb::Leg::AGENT && each.state() != pb::Leg::ENDED &&
                          each.state() != pb::Leg::FAILED);
      if (agent) CHECK((after.has_answer_time() && !domain::IsOver(after)));
      if (after.state() == pb::Call::CLEARED) CHECK(after.has_answer_time());
      if (domain::IsOver(after)) ++ends[after.state()];
      CHECK(after.event_count() == before.event_count() + static_cast<std::int64_t>(result->events.size()));
      if (seen.insert(next.Key()).second) open.push_back(std::move(next));
    }
  }
  CHECK(seen.size() > 100);
  CHECK(edges > 300);
  CHECK(ends.size() == 2);
  WARN(seen.size() << " places, " << edges << " ways between them");
}

}  // namespace
}  // namespace carillon::telephony
