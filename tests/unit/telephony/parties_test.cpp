#include <catch2/catch.hpp>

#include "calls.hpp"

/// Who is in a call besides the customer, and who hears whom. Leg 1 is the customer, 2 the menu, 3 the agent.
namespace carillon::telephony {
namespace {

using namespace test;
using Report = pb::ReportAgentLegRequest;

const std::string kNext = "interactions/01990000-0000-7000-8000-0000000000fd";

TEST_CASE("a customer who is passed on waits with music, and the next agent's leg makes the transfer",
          "[telephony][call]") {
  auto request = Arranging({});
  request.set_interaction(kNext);
  const auto let_go = domain::Arranged(InState(pb::Call::HELD), request, kMorning + 60s).value();
  CHECK(let_go.call.state() == pb::Call::QUEUED);
  CHECK(let_go.call.legs(0).state() == pb::Leg::CONNECTED);
  CHECK(let_go.call.legs(2).state() == pb::Leg::ENDED);
  CHECK(let_go.call.legs(2).cause() == pb::Call::TRANSFERRED);
  CHECK(let_go.call.directive().music().interaction() == kNext);
  CHECK(let_go.events.back().type() == pb::CallEvent::ARRANGED);
  CHECK_FALSE(domain::Arranged(Kept(let_go), request, kMorning + 61s).value().changed);
  auto to_next = ForAgent(2);
  to_next.set_interaction(kNext);
  auto call = Kept(domain::AgentConnecting(Kept(let_go), to_next, kMorning + 70s).value());
  const auto taken =
      domain::AgentLegReported(call, AgentLeg(call, Report::CONNECTED), kMorning + 75s).value();
  CHECK(taken.announcement == domain::Announcement::kTransferred);
  CHECK(taken.tasks[0].media_connected().interaction() == kNext);
  // The hold before was another agent's: routing counts its own.
  const auto over = domain::HungUp(Kept(taken), pb::ReportHangUpRequest::CUSTOMER, {}, kMorning + 90s);
  REQUIRE(over.tasks.size() == 1);
  CHECK(over.tasks[0].media_ended().interaction() == kNext);
  CHECK_FALSE(over.tasks[0].media_ended().has_hold());
}

TEST_CASE("a customer who leaves while passed on is reported gone from the interaction that has them",
          "[telephony][call]") {
  auto request = Arranging({});
  request.set_interaction(kNext);
  const auto over =
      domain::HungUp(InState(pb::Call::ESTABLISHED), pb::ReportHangUpRequest::CUSTOMER, {}, kMorning + 60s);
  const auto late = domain::Arranged(Kept(over), request, kMorning + 61s).value();
  REQUIRE(late.tasks.size() == 1);
  CHECK(late.tasks[0].media_ended().interaction() == kNext);
  CHECK(FromProto(late.tasks[0].media_ended().end_time()) == kMorning + 60s);
  CHECK_FALSE(late.redirected);
  CHECK(domain::Arranged(Kept(late), request, kMorning + 62s).error().reason == "CALL_OVER");
  // While the switch still ends the call, the end is reported with it, once.
  auto releasing = Kept(domain::Released(InState(pb::Call::ESTABLISHED), pb::Call::FORCED, kMorning + 60s));
  const auto moved = domain::Arranged(releasing, request, kMorning + 61s).value();
  CHECK(moved.tasks.empty());
  const auto ended = domain::HungUp(Kept(moved), pb::ReportHangUpRequest::SYSTEM, {}, kMorning + 62s);
  REQUIRE(ended.tasks.size() == 1);
  CHECK(ended.tasks[0].media_ended().interaction() == kNext);
}

TEST_CASE("a number outside takes the customer over; a line that fails gives the customer back",
          "[telephony][call]") {
  auto call = Kept(
      domain::Arranged(InState(pb::Call::ESTABLISHED), Arranging({AnOutsider()}), kMorning + 60s).value());
  CHECK(call.state() == pb::Call::DELIVERED);
  CHECK(call.legs(3).role() == pb::Leg::OUTSIDE);
  REQUIRE(call.directive().bridge().parties_size() == 1);
  CHECK(call.directive().bridge().parties(0).phone_number() == "+862083334567");
  SECTION("answered, and hung up outside") {
    const auto answered =
        domain::AgentLegReported(call, LegReport(call, 4, Report::CONNECTED), kMorning + 70s).value();
    CHECK(answered.call.state() == pb::Call::ESTABLISHED);
    CHECK(answered.announcement == domain::Announcement::kTransferred);
    CHECK(answered.tasks.empty());  // no agent of ours
    call = Kept(answered);
    const auto left =
        domain::AgentLegReported(call, LegReport(call, 4, Report::ENDED), kMorning + 80s).value();
    CHECK(domain::IsReleasing(left.call));
  }
  SECTION("not reached, or hung up before the answer") {
    const auto how = GENERATE(Report::FAILED, Report::ENDED);
    const auto failed = domain::AgentLegReported(call, LegReport(call, 4, how), kMorning + 70s).value();
    CHECK(failed.call.state() == pb::Call::QUEUED);
    CHECK(failed.call.directive().has_music());
    REQUIRE(failed.tasks.size() == 1);
    CHECK(failed.tasks[0].media_failed().interaction() == AnOutsider().interaction());
    CHECK(failed.tasks[0].media_failed().reservation() == AnOutsider().reservation());
    // Routing rings the agent again, under a reservation of its own.
    auto again = AParty(1);
    again.set_reservation(ForAgent(2).reservation());
    call = Kept(domain::Arranged(Kept(failed), Arranging({again}), kMorning + 71s).value());
    CHECK(call.state() == pb::Call::DELIVERED);
    CHECK(call.legs(4).role() == pb::Leg::AGENT);
    CHECK(domain::AgentLegReported(call, LegReport(call, 5, Report::CONNECTED), kMorning + 72s)
              .value()
              .call.state() == pb::Call::ESTABLISHED);
  }
}

TEST_CASE("the agent who hangs up while others speak leaves the customer with them", "[telephony][call]") {
  const bool holds = GENERATE(true, false);
  const bool outside = GENERATE(true, false);
  const auto other = outside ? AnOutsider() : AColleague(6);
  auto call = Kept(
      domain::Arranged(InState(pb::Call::ESTABLISHED), Arranging({AParty(1), other}, holds), kMorning + 60s)
          .value());
  SECTION("nobody has answered: the call is over") {
    const auto gone =
        domain::AgentLegReported(call, LegReport(call, 3, Report::ENDED), kMorning + 65s).value();
    CHECK(gone.call.directive().release().cause() == "AGENT_HUNG_UP");
  }
  SECTION("answered") {
    call =
        Kept(domain::AgentLegReported(call, LegReport(call, 4, Report::CONNECTED), kMorning + 65s).value());
    const auto left =
        domain::AgentLegReported(call, LegReport(call, 3, Report::ENDED), kMorning + 70s).value();
    CHECK(left.call.state() == (holds ? pb::Call::HELD : pb::Call::ESTABLISHED));
    CHECK(left.call.legs(2).state() == pb::Leg::ENDED);
    CHECK(left.call.legs(3).role() == (outside ? pb::Leg::OUTSIDE : pb::Leg::AGENT));
    CHECK(left.events.back().type() == pb::CallEvent::PARTY_LEFT);
    CHECK(left.call.directive().bridge().parties_size() == 1);
    REQUIRE(left.tasks.size() == 1);
    CHECK(left.tasks[0].media_failed().interaction() == ForAgent(1).interaction());
    CHECK(left.tasks[0].media_failed().reservation() == ForAgent(1).reservation());
    CHECK(left.tasks[0].media_failed().cause() == pb::Call::AGENT_HUNG_UP);
    // Who is left can end it.
    CHECK(domain::IsReleasing(
        domain::AgentLegReported(Kept(left), LegReport(Kept(left), 4, Report::ENDED), kMorning + 80s)
            .value()
            .call));
  }
}

TEST_CASE(
    "a colleague is asked while the customer holds, then all speak, then the colleague has the customer",
    "[telephony][call]") {
  auto call = Kept(domain::Arranged(InState(pb::Call::ESTABLISHED),
                                    Arranging({AParty(1), AColleague(6)}, true), kMorning + 60s)
                       .value());
  CHECK(call.state() == pb::Call::HELD);
  CHECK(call.legs(0).state() == pb::Leg::HELD);
  CHECK(call.legs(2).state() == pb::Leg::CONNECTED);
  CHECK(call.legs(3).role() == pb::Leg::CONSULT);
  CHECK(call.legs(3).state() == pb::Leg::ALERTING);
  CHECK(call.directive().bridge().customer_holds());
  const auto joined =
      domain::AgentLegReported(call, LegReport(call, 4, Report::CONNECTED), kMorning + 65s).value();
  CHECK(joined.events.back().type() == pb::CallEvent::PARTY_JOINED);
  CHECK(joined.tasks[0].media_connected().interaction() == AColleague(6).interaction());
  CHECK_FALSE(joined.redirected);  // the switch connects whoever answers
  call = Kept(joined);
  SECTION("a colleague who hangs up leaves the others as they were") {
    const auto left =
        domain::AgentLegReported(call, LegReport(call, 4, Report::ENDED), kMorning + 70s).value();
    CHECK(left.call.state() == pb::Call::HELD);
    CHECK(left.tasks[0].media_failed().interaction() == AColleague(6).interaction());
    CHECK(left.call.directive().bridge().parties_size() == 1);
  }
  SECTION("all speak") {
    const auto all = domain::Arranged(call, Arranging({AParty(1), AColleague(6)}), kMorning + 70s).value();
    CHECK(all.call.state() == pb::Call::ESTABLISHED);
    CHECK(all.announcement == domain::Announcement::kRetrieved);
    // Hold and retrieve keep the three together.
    const auto held = domain::Held(Kept(all), kMorning + 80s).value();
    CHECK(held.call.directive().bridge().parties_size() == 2);
    CHECK(held.call.directive().bridge().customer_holds());
    CHECK(domain::Retrieved(Kept(held), kMorning + 85s).value().call.directive().bridge().parties_size() ==
          2);
    auto theirs = Arranging({AColleague(6)});
    theirs.set_interaction(AColleague(6).interaction());
    const auto taken = domain::Arranged(Kept(all), theirs, kMorning + 90s).value();
    CHECK(taken.call.state() == pb::Call::ESTABLISHED);
    CHECK(taken.call.legs(2).state() == pb::Leg::ENDED);
    CHECK(taken.call.legs(3).role() == pb::Leg::AGENT);
    CHECK(taken.call.interaction() == AColleague(6).interaction());
  }
}

TEST_CASE("supervisors listen or whisper and never keep a call alive", "[telephony][call]") {
  auto listener = AColleague(7);
  listener.clear_interaction();
  listener.set_audio(pb::Party::LISTENS);
  auto call =
      Kept(domain::Arranged(InState(pb::Call::ESTABLISHED), Arranging({AParty(1), listener}), kMorning + 60s)
               .value());
  CHECK(call.legs(3).role() == pb::Leg::SUPERVISOR_SILENT);
  CHECK(call.state() == pb::Call::ESTABLISHED);
  const auto alone = domain::Arranged(call, Arranging({listener}), kMorning + 70s).value();
  CHECK(alone.call.state() == pb::Call::QUEUED);
}

TEST_CASE("nobody is brought into a call whose customer has not answered", "[telephony][call]") {
  const auto dialling = Kept(domain::Redeemed(Kept(AWish()), AnOrder(), kMorning + 1s));
  CHECK(domain::Arranged(dialling, Arranging({AParty(1)}), kMorning + 2s).error().reason ==
        "CALL_NOT_ANSWERED");
}

TEST_CASE("who speaks in a call sends keys into it, and nothing of them stays with the call",
          "[telephony][call]") {
  auto call = Kept(AnArrival());
  call = Kept(domain::MenuStepped(call, Queueing(1), kMorning + 1s));
  const auto agent = ForAgent(1).agent();
  CHECK(domain::Keyed(call, agent, kMorning + 2s).error().reason == "CALL_NOT_YOURS");
  call = Kept(domain::Arranged(call, Arranging({AParty(1)}), kMorning + 2s).value());
  CHECK(domain::Keyed(call, agent, kMorning + 3s).error().reason == "CALL_NOT_YOURS");  // it rings yet
  call =
      Kept(domain::AgentLegReported(call, AgentLeg(call, pb::ReportAgentLegRequest::CONNECTED), kMorning + 3s)
               .value());
  CHECK(domain::Keyed(call, ForAgent(2).agent(), kMorning + 4s).error().reason == "CALL_NOT_YOURS");
  const auto change = domain::Keyed(call, agent, kMorning + 4s).value();
  REQUIRE(change.events.size() == 1);
  CHECK(change.events[0].type() == pb::CallEvent::KEYED);
  CHECK_FALSE(change.redirected);
  CHECK(change.tasks.empty());
  const auto keys = domain::KeysFor(change.call, agent, "735912#");
  CHECK(keys.version() == call.directive().version());
  CHECK(keys.keys().leg() == change.events[0].leg());
  CHECK(keys.keys().digits() == "735912#");
  CHECK(keys.instruction_case() == pb::Directive::INSTRUCTION_NOT_SET);
  CHECK(change.call.DebugString().find("735912") == std::string::npos);
  call = Kept(domain::HungUp(change.call, pb::ReportHangUpRequest::CUSTOMER, {}, kMorning + 9s));
  CHECK(domain::Keyed(call, agent, kMorning + 10s).error().reason == "CALL_OVER");
}

TEST_CASE("who is in a call marks a moment of it, on hold too", "[telephony][call]") {
  auto call = Kept(AnArrival());
  call = Kept(domain::MenuStepped(call, Queueing(1), kMorning + 1s));
  call = Kept(domain::Arranged(call, Arranging({AParty(1)}), kMorning + 2s).value());
  call =
      Kept(domain::AgentLegReported(call, AgentLeg(call, pb::ReportAgentLegRequest::CONNECTED), kMorning + 3s)
               .value());
  pb::MarkCallRequest request;
  request.set_mark(pb::CallEvent::PROMISE);
  request.set_note("明天11点前回电");
  CHECK(domain::Marked(call, request, ForAgent(2).agent(), kMorning + 4s).error().reason == "CALL_NOT_YOURS");
  const auto change = domain::Marked(call, request, ForAgent(1).agent(), kMorning + 4s).value();
  REQUIRE(change.events.size() == 1);
  CHECK(change.events[0].type() == pb::CallEvent::MARKED);
  CHECK(change.events[0].mark() == pb::CallEvent::PROMISE);
  CHECK(change.events[0].note() == "明天11点前回电");
  CHECK(change.call.state() == pb::Call::ESTABLISHED);
  call = Kept(domain::Held(Kept(change), kMorning + 5s).value());
  CHECK(domain::Marked(call, request, ForAgent(1).agent(), kMorning + 6s));
  call = Kept(domain::Released(call, pb::Call::AGENT_HUNG_UP, kMorning + 7s));
  CHECK(domain::Marked(call, request, ForAgent(1).agent(), kMorning + 8s).error().reason == "CALL_OVER");
}

}  // namespace
}  // namespace carillon::telephony
