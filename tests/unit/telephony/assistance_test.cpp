#include <catch2/catch.hpp>

#include "calls.hpp"

/// What the menu has a switch do besides playing and listening, and callers whom an agent sends into a flow.
namespace carillon::telephony {
namespace {

using namespace test;

const std::string kAssistance = "assistances/01990000-0000-7000-8000-0000000000aa";

pb::ReportAgentLegRequest Of(const pb::Call& call, pb::ReportAgentLegRequest::LegState state,
                             pb::Call::Cause cause = pb::Call::CAUSE_UNSPECIFIED) {
  pb::ReportAgentLegRequest report;
  report.set_call(call.name());
  report.set_leg(call.directive().transfer().leg());
  report.set_state(state);
  report.set_cause(cause);
  return report;
}

pb::Call Assisted(const pb::Call& call, TimePoint at) {
  pb::AssistCallRequest request;
  request.set_flow("assist_password");
  return Kept(
      domain::Assisted(call, request, ForAgent(1).agent(), kAssistance, {APrompt("请稍候")}, at).value());
}

domain::MenuStep OfAssistance(domain::MenuStep step) {
  step.session = "sessions/01990000-0000-7000-8000-00000000000b";
  step.assistance = kAssistance;
  return step;
}

TEST_CASE("a message is taken and told to the menu", "[telephony][call]") {
  auto call = Kept(AnArrival());
  call = Kept(domain::MenuStepped(call, Recording(1), kMorning + 1s));
  CHECK(call.directive().record().max_length().seconds() == 120);
  pb::ReportInputRequest report;
  report.set_directive_version(call.directive().version());
  report.mutable_recorded()->set_media("voice/17.wav");
  report.mutable_recorded()->mutable_length()->set_seconds(9);
  const auto told = domain::InputReported(call, report, kMorning + 12s).value();
  REQUIRE(told.tasks.size() == 1);
  CHECK(told.tasks[0].send_input().recorded().media() == "voice/17.wav");
  CHECK_FALSE(domain::InputReported(Kept(told), report, kMorning + 13s).value().changed);
}

TEST_CASE("the menu puts a caller through to a number outside, and hears that they talk",
          "[telephony][call]") {
  auto call = Kept(AnArrival());
  call = Kept(domain::MenuStepped(call, Transferring(1), kMorning + 1s));
  CHECK(call.state() == pb::Call::INITIATED);
  REQUIRE(call.directive().transfer().leg() == call.legs(2).name());
  CHECK(call.legs(2).phone_number() == "+862083334567");
  auto through =
      domain::AgentLegReported(call, Of(call, pb::ReportAgentLegRequest::CONNECTED), kMorning + 6s).value();
  REQUIRE(through.tasks.size() == 1);
  CHECK(through.tasks[0].send_input().transferred() == pb::Call::CAUSE_UNSPECIFIED);
  CHECK_FALSE(through.redirected);  // they are connected already
  call = Kept(through);
  CHECK(call.state() == pb::Call::ESTABLISHED);
  CHECK(FromProto(call.durations().ivr()) == 6s);
  // The menu's own answer changes nothing for the switch; who hangs up ends the call, and no menu is left to
  // be closed.
  CHECK_FALSE(domain::MenuStepped(call, Playing(2), kMorning + 7s).redirected);
  const auto over = domain::HungUp(call, pb::ReportHangUpRequest::CUSTOMER, {}, kMorning + 60s);
  CHECK(over.call.state() == pb::Call::CLEARED);
  CHECK(over.tasks.empty());
  // The other end hanging up has the call released.
  auto ended = Of(call, pb::ReportAgentLegRequest::ENDED);
  CHECK(domain::AgentLegReported(call, ended, kMorning + 60s).value().call.directive().has_release());
}

TEST_CASE("a number outside that cannot be reached leaves the caller in the menu, which is told why",
          "[telephony][call]") {
  auto call = Kept(AnArrival());
  call = Kept(domain::MenuStepped(call, Transferring(1), kMorning + 1s));
  const auto failed = domain::AgentLegReported(
                          call, Of(call, pb::ReportAgentLegRequest::FAILED, pb::Call::BUSY), kMorning + 6s)
                          .value();
  REQUIRE(failed.tasks.size() == 1);
  CHECK(failed.tasks[0].send_input().transferred() == pb::Call::BUSY);
  call = Kept(failed);
  CHECK(call.state() == pb::Call::INITIATED);
  CHECK(call.directive().has_music());
  CHECK_FALSE(domain::AgentLegReported(call, Of(call, pb::ReportAgentLegRequest::CONNECTED), kMorning + 7s)
                  .has_value());  // the directive names no leg any more
  call = Kept(domain::MenuStepped(call, Collecting(2), kMorning + 7s));
  CHECK(call.directive().has_collect());
  // Who hangs up while it rings leaves the menu, whose session is closed.
  auto rings = Kept(domain::MenuStepped(call, Transferring(3), kMorning + 8s));
  const auto left = domain::HungUp(rings, pb::ReportHangUpRequest::CUSTOMER, {}, kMorning + 9s);
  REQUIRE(left.tasks.size() == 1);
  CHECK(left.tasks[0].has_end_session());
}

TEST_CASE("an agent sends the caller into a flow and gets them back with the result", "[telephony][call]") {
  auto call = InState(pb::Call::ESTABLISHED);
  const auto agents_leg = call.legs(call.legs_size() - 1).name();
  const auto talked = call.state_time();
  call = Assisted(call, kMorning + 60s);
  CHECK(call.state() == pb::Call::ESTABLISHED);
  CHECK(call.assistance().state() == pb::Assistance::ACTIVE);
  REQUIRE(call.directive().held_legs_size() == 1);
  CHECK(call.directive().held_legs(0) == agents_leg);
  call = Kept(domain::MenuStepped(call, OfAssistance(Collecting(1, true)), kMorning + 61s));
  CHECK(call.directive().collect().secret());
  CHECK(call.directive().held_legs_size() == 1);
  auto words = OfAssistance(Playing(2));
  words.returns = true;
  words.done = true;
  words.result["verified"] = "true";
  call = Kept(domain::SecretAnswered(call, call.directive().version(), words, kMorning + 70s).value());
  CHECK(call.assistance().state() == pb::Assistance::RETURNING);
  pb::ReportPlayedRequest played;
  played.set_directive_version(call.directive().version());
  const auto back = domain::PlayedReported(call, played, kMorning + 73s).value();
  CHECK(back.tasks.empty());
  call = Kept(back);
  CHECK(call.assistance().state() == pb::Assistance::RETURNED);
  CHECK(call.assistance().done());
  CHECK(call.assistance().result().at("verified") == "true");
  CHECK(call.directive().connect().leg() == agents_leg);
  CHECK(call.directive().held_legs_size() == 0);
  CHECK(call.state_time().seconds() == talked.seconds());  // it is one conversation
  // It can be done again.
  CHECK(Assisted(call, kMorning + 80s).assistance().state() == pb::Assistance::ACTIVE);
}

TEST_CASE("only the agent who speaks with the caller sends them into a flow, once at a time",
          "[telephony][call]") {
  pb::AssistCallRequest request;
  request.set_flow("assist_password");
  const auto asked = [&](const pb::Call& call, int agent) {
    return domain::Assisted(call, request, ForAgent(agent).agent(), kAssistance, {}, kMorning + 60s);
  };
  const auto talking = InState(pb::Call::ESTABLISHED);
  CHECK(asked(talking, 2).error().reason == "CALL_NOT_YOURS");
  CHECK(asked(InState(pb::Call::QUEUED), 1).error().reason == "CALL_NOT_YOURS");
  CHECK(asked(InState(pb::Call::DELIVERED), 1).error().reason == "CALL_NOT_ESTABLISHED");
  CHECK(asked(InState(pb::Call::CLEARED), 1).error().reason == "CALL_OVER");
  const auto assisted = Assisted(talking, kMorning + 60s);
  CHECK(asked(assisted, 1).error().reason == "ASSISTANCE_ACTIVE");
  CHECK(domain::TakenBack(assisted, ForAgent(2).agent(), kMorning + 61s).error().reason == "CALL_NOT_YOURS");
}

TEST_CASE("whatever comes between gives the caller back first and closes the session", "[telephony][call]") {
  const auto assisted = Kept(domain::MenuStepped(Assisted(InState(pb::Call::ESTABLISHED), kMorning + 60s),
                                                 OfAssistance(Collecting(1)), kMorning + 61s));
  const auto at = kMorning + 70s;
  std::vector<std::pair<std::string, domain::Change>> cases;
  cases.emplace_back("TAKEN_BACK", domain::TakenBack(assisted, ForAgent(1).agent(), at).value());
  cases.emplace_back("TAKEN_BACK", domain::Retrieved(assisted, at).value());
  cases.emplace_back("CALL_CHANGED", domain::Held(assisted, at).value());
  cases.emplace_back("CALL_CHANGED",
                     domain::Arranged(assisted, Arranging({AParty(1), AColleague(2)}), at).value());
  cases.emplace_back("CALL_CHANGED", domain::AgentConnecting(assisted, ForAgent(2), at).value());
  cases.emplace_back("CALL_ENDED", domain::Released(assisted, pb::Call::FORCED, at));
  cases.emplace_back("CALL_ENDED", domain::HungUp(assisted, pb::ReportHangUpRequest::CUSTOMER, {}, at));
  cases.emplace_back("STEP_UNFIT", domain::MenuStepped(assisted, OfAssistance(Transferring(2)), at));
  for (const auto& [why, change] : cases) {
    INFO(why << " " << change.call.ShortDebugString());
    CHECK(change.call.assistance().state() == pb::Assistance::BROKEN_OFF);
    CHECK(change.call.assistance().failure() == why);
    REQUIRE_FALSE(change.tasks.empty());
    CHECK(change.tasks[0].has_end_session());
    CHECK(change.tasks[0].assistance() == kAssistance);
    CHECK(change.redirected);
    // What the flow says after that is heard by nobody.
    CHECK_FALSE(domain::MenuStepped(change.call, OfAssistance(Collecting(5)), at).changed);
  }
  const auto refused = domain::AssistanceRefused(assisted, kAssistance, "FLOW_UNKNOWN", at);
  CHECK(refused.call.assistance().failure() == "FLOW_UNKNOWN");
  CHECK(refused.call.directive().has_connect());
  CHECK(refused.tasks.empty());
}

}  // namespace
}  // namespace carillon::telephony
