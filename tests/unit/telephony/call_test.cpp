#include <catch2/catch.hpp>
#include <functional>

#include "calls.hpp"

namespace carillon::telephony {
namespace {

using namespace test;
using domain::Announcement;

TEST_CASE("a call goes through menu, queue, agent, hold and back, and its times add up",
          "[telephony][call]") {
  auto change = AnArrival();
  CHECK(change.announcement == Announcement::kDelivered);
  CHECK(change.call.state() == pb::Call::INITIATED);
  CHECK(change.call.directive().version() == 1);
  CHECK(change.call.directive().music().prompts(0).text() == "请稍候");
  CHECK(change.call.directive().music().interaction().empty());  // it is the menu that is waited for
  REQUIRE(change.tasks.size() == 1);
  CHECK(change.tasks[0].has_start_session());
  auto call = Kept(change);

  change = domain::MenuStepped(call, Collecting(1), kMorning + 1s);
  CHECK(change.redirected);
  CHECK(change.call.directive().has_collect());
  CHECK(change.call.directive().version() == 2);
  CHECK(change.call.directive().switch_call_id() == "line-1");
  call = Kept(change);

  change = domain::InputReported(call, Keys(call, "1"), kMorning + 6s).value();
  REQUIRE(change.tasks.size() == 1);
  CHECK(change.tasks[0].send_input().digits() == "1");
  CHECK(change.tasks[0].send_input().session_version() == 1);
  CHECK_FALSE(change.redirected);
  call = Kept(change);

  change = domain::MenuStepped(call, Queueing(2), kMorning + 7s);
  CHECK(change.call.state() == pb::Call::QUEUED);
  CHECK(change.call.directive().music().interaction() == change.call.interaction());
  CHECK(change.call.legs(1).role() == pb::Leg::IVR);
  CHECK(change.call.legs(1).state() == pb::Leg::ENDED);
  call = Kept(change);

  change = domain::AgentConnecting(call, ForAgent(1), kMorning + 27s).value();
  CHECK(change.call.state() == pb::Call::DELIVERED);
  CHECK(change.call.directive().connect().extension() == "801");
  call = Kept(change);

  change =
      domain::AgentLegReported(call, AgentLeg(call, pb::ReportAgentLegRequest::CONNECTED), kMorning + 30s)
          .value();
  CHECK(change.announcement == Announcement::kEstablished);
  REQUIRE(change.tasks.size() == 1);
  CHECK(change.tasks[0].media_connected().reservation() == ForAgent(1).reservation());
  CHECK(FromProto(change.tasks[0].media_connected().connect_time()) == kMorning + 30s);
  call = Kept(change);

  change = domain::Held(call, kMorning + 60s).value();
  CHECK(change.announcement == Announcement::kHeld);
  CHECK(change.call.directive().has_hold());
  call = Kept(change);
  change = domain::Retrieved(call, kMorning + 75s).value();
  CHECK(change.announcement == Announcement::kRetrieved);
  CHECK(change.call.directive().connect().extension() == "801");
  CHECK(FromProto(change.call.legs(0).hold_total()) == 15s);
  call = Kept(change);

  change = domain::HungUp(call, pb::ReportHangUpRequest::CUSTOMER, {}, kMorning + 200s);
  CHECK(change.announcement == Announcement::kCleared);
  CHECK(change.call.state() == pb::Call::CLEARED);
  CHECK(change.call.cause() == pb::Call::CUSTOMER_HUNG_UP);
  CHECK(change.call.directive().release().cause() == "CUSTOMER_HUNG_UP");
  const auto& spent = change.call.durations();
  CHECK(FromProto(spent.ivr()) == 7s);
  CHECK(FromProto(spent.queue()) == 20s);
  CHECK(FromProto(spent.ring()) == 3s);
  CHECK(FromProto(spent.talk()) == 155s);
  CHECK(FromProto(spent.hold()) == 15s);
  CHECK(FromProto(spent.total()) == 200s);
  REQUIRE(change.tasks.size() == 1);  // the menu is over long since
  CHECK(change.tasks[0].media_ended().interaction() == call.interaction());
  CHECK(FromProto(change.tasks[0].media_ended().hold()) == 15s);
  CHECK(domain::PartyOf(change.tasks[0].media_ended().cause()) == "CUSTOMER");
}

TEST_CASE("what may happen in which state, and what comes of it", "[telephony][call]") {
  using Operation = std::function<Result<domain::Change>(const pb::Call&)>;
  const auto at = kMorning + 60s;
  const std::map<std::string, Operation> operations = {
      {"connect", [&](const pb::Call& c) { return domain::AgentConnecting(c, ForAgent(2), at); }},
      {"connected",
       [&](const pb::Call& c) {
         return domain::AgentLegReported(c, AgentLeg(c, pb::ReportAgentLegRequest::CONNECTED), at);
       }},
      {"failed",
       [&](const pb::Call& c) {
         return domain::AgentLegReported(c, AgentLeg(c, pb::ReportAgentLegRequest::FAILED), at);
       }},
      {"hold", [&](const pb::Call& c) { return domain::Held(c, at); }},
      {"retrieve", [&](const pb::Call& c) { return domain::Retrieved(c, at); }},
      {"hang up",
       [&](const pb::Call& c) -> Result<domain::Change> {
         return domain::HungUp(c, pb::ReportHangUpRequest::AGENT, {}, at);
       }},
      {"release",
       [&](const pb::Call& c) -> Result<domain::Change> {
         return domain::Released(c, pb::Call::FORCED, at);
       }},
      {"attach", [&](const pb::Call& c) { return domain::DataAttached(c, {}, at); }}};
  // What each operation gives in INITIATED, QUEUED, DELIVERED, ESTABLISHED, HELD, CLEARED, FAILED: the state
  // after, "=" when nothing changes, or the reason it is refused.
  const std::map<std::string, std::vector<std::string>> table = {
      {"connect",
       {"DELIVERED", "DELIVERED", "CALL_HAS_AGENT", "DELIVERED", "DELIVERED", "CALL_OVER", "CALL_OVER"}},
      {"connected", {"LEG_UNKNOWN", "LEG_UNKNOWN", "ESTABLISHED", "=", "=", "LEG_UNKNOWN", "LEG_UNKNOWN"}},
      {"failed", {"LEG_UNKNOWN", "LEG_UNKNOWN", "QUEUED", "=", "=", "LEG_UNKNOWN", "LEG_UNKNOWN"}},
      {"hold",
       {"CALL_NOT_ESTABLISHED", "CALL_NOT_ESTABLISHED", "CALL_NOT_ESTABLISHED", "HELD", "=", "CALL_OVER",
        "CALL_OVER"}},
      {"retrieve",
       {"CALL_NOT_ESTABLISHED", "CALL_NOT_ESTABLISHED", "CALL_NOT_ESTABLISHED", "=", "ESTABLISHED",
        "CALL_OVER", "CALL_OVER"}},
      {"hang up", {"CLEARED", "CLEARED", "CLEARED", "CLEARED", "CLEARED", "=", "="}},
      {"release", {"INITIATED", "QUEUED", "DELIVERED", "ESTABLISHED", "HELD", "=", "="}},
      {"attach", {"INITIATED", "QUEUED", "DELIVERED", "ESTABLISHED", "HELD", "CALL_OVER", "CALL_OVER"}}};
  int cells = 0;
  for (const auto& [name, row] : table) {
    for (std::size_t i = 0; i < row.size(); ++i, ++cells) {
      const auto state = static_cast<pb::Call::State>(i + 1);
      const auto call = InState(state);
      REQUIRE(call.state() == state);
      INFO(name << " in " << pb::Call::State_Name(state));
      const auto result = operations.at(name)(call);
      const auto outcome = !result            ? result.error().reason
                           : !result->changed ? std::string("=")
                                              : pb::Call::State_Name(result->call.state());
      CHECK(outcome == row[i]);
    }
  }
  CHECK(cells == 8 * 7);
}

TEST_CASE("an answer to a directive that was replaced or answered is ignored, one never given is refused",
          "[telephony][call]") {
  auto call = InState(pb::Call::INITIATED);
  const auto keyed = Keys(call, "1");
  call = Kept(domain::InputReported(call, keyed, kMorning + 5s).value());
  CHECK_FALSE(domain::InputReported(call, keyed, kMorning + 6s).value().changed);  // the same again
  auto ahead = keyed;
  ahead.set_directive_version(99);
  CHECK(domain::InputReported(call, ahead, kMorning + 6s).error().reason == "DIRECTIVE_UNKNOWN");
  pb::ReportPlayedRequest played;
  played.set_directive_version(keyed.directive_version());
  CHECK_FALSE(domain::PlayedReported(call, played, kMorning + 6s).value().changed);  // it was no play
  call = Kept(domain::MenuStepped(call, Playing(2), kMorning + 6s));
  CHECK_FALSE(domain::InputReported(call, keyed, kMorning + 7s).value().changed);
  played.set_directive_version(call.directive().version());
  const auto change = domain::PlayedReported(call, played, kMorning + 7s).value();
  REQUIRE(change.tasks.size() == 1);
  CHECK(change.tasks[0].send_input().played());
  auto late = Keys(call, "2");
  CHECK_FALSE(
      domain::InputReported(Kept(change), late, kMorning + 8s).value().changed);  // keys during a play
}

TEST_CASE("a time-out is an answer like any other", "[telephony][call]") {
  const auto call = InState(pb::Call::INITIATED);
  auto report = Keys(call, "1");
  report.set_timed_out(true);
  const auto change = domain::InputReported(call, report, kMorning + 9s).value();
  REQUIRE(change.tasks.size() == 1);
  CHECK(change.tasks[0].send_input().timed_out());
}

TEST_CASE("a secret leaves its trace as an event and nothing else", "[telephony][call]") {
  auto call = Kept(AnArrival());
  call = Kept(domain::MenuStepped(call, Collecting(1, true), kMorning + 1s));
  const auto change =
      domain::SecretAnswered(call, call.directive().version(), Queueing(2), kMorning + 9s).value();
  CHECK(change.tasks.empty());
  CHECK(change.call.state() == pb::Call::QUEUED);
  REQUIRE(change.events.size() == 2);
  CHECK(change.events[0].type() == pb::CallEvent::INPUT);
  CHECK(change.events[1].type() == pb::CallEvent::QUEUED);
  CHECK(change.events[1].sequence() == change.events[0].sequence() + 1);
  CHECK(change.redirected);
  // The same step again, as after a repeated report.
  CHECK_FALSE(domain::SecretAnswered(Kept(change), call.directive().version(), Queueing(2), kMorning + 9s)
                  .value()
                  .changed);
}

TEST_CASE("an agent may be quicker than the menu's own answer", "[telephony][call]") {
  const auto connecting =
      domain::AgentConnecting(InState(pb::Call::INITIATED), ForAgent(1), kMorning + 5s).value();
  CHECK(connecting.call.state() == pb::Call::DELIVERED);
  CHECK(connecting.call.interaction() == ForAgent(1).interaction());
  const auto late = domain::MenuStepped(Kept(connecting), Queueing(2), kMorning + 6s);
  CHECK_FALSE(late.redirected);
  CHECK(late.call.state() == pb::Call::DELIVERED);
  CHECK(late.call.directive().has_connect());
}

TEST_CASE("a caller who leaves while the menu hands over is reported as gone, once", "[telephony][call]") {
  const auto left =
      domain::HungUp(InState(pb::Call::INITIATED), pb::ReportHangUpRequest::CUSTOMER, {}, kMorning + 5s);
  REQUIRE(left.tasks.size() == 1);
  CHECK(left.tasks[0].has_end_session());
  SECTION("when the hand-over's answer comes after the end") {
    const auto late = domain::MenuStepped(Kept(left), Queueing(2), kMorning + 6s);
    REQUIRE(late.tasks.size() == 1);
    CHECK(late.tasks[0].media_ended().interaction() == Queueing(2).interaction);
    CHECK(FromProto(late.tasks[0].media_ended().end_time()) == kMorning + 5s);
    CHECK_FALSE(late.redirected);
    CHECK_FALSE(domain::MenuLeft(Kept(late), Queueing(2).interaction, kMorning + 7s).changed);
  }
  SECTION("when only the closed session tells of it") {
    const auto told = domain::MenuLeft(Kept(left), Queueing(2).interaction, kMorning + 7s);
    REQUIRE(told.tasks.size() == 1);
    CHECK(told.tasks[0].has_media_ended());
    CHECK_FALSE(domain::MenuStepped(Kept(told), Queueing(2), kMorning + 8s).tasks.size() > 0);
  }
  SECTION("and not at all when there was no hand-over") {
    CHECK_FALSE(domain::MenuLeft(Kept(left), "", kMorning + 7s).changed);
  }
}

TEST_CASE("an agent's line that fails puts the caller back to wait, and routing hears of it",
          "[telephony][call]") {
  const auto call = InState(pb::Call::DELIVERED);
  const auto change =
      domain::AgentLegReported(call, AgentLeg(call, pb::ReportAgentLegRequest::FAILED), kMorning + 35s)
          .value();
  CHECK(change.call.state() == pb::Call::QUEUED);
  CHECK(change.call.directive().music().interaction() == call.interaction());
  REQUIRE(change.tasks.size() == 1);
  CHECK(change.tasks[0].media_failed().reservation() == ForAgent(1).reservation());
  // The next agent's reservation makes a new leg; the failed one's makes nothing.
  CHECK_FALSE(domain::AgentConnecting(Kept(change), ForAgent(1), kMorning + 36s).value().changed);
  CHECK(domain::AgentConnecting(Kept(change), ForAgent(2), kMorning + 36s).value().call.state() ==
        pb::Call::DELIVERED);
}

TEST_CASE("a transfer ends the first agent's leg and keeps what travels with the call", "[telephony][call]") {
  auto call = InState(pb::Call::HELD);
  google::protobuf::Map<std::string, std::string> data;
  data["order"] = "WO-20261120-0001";
  call = Kept(domain::DataAttached(call, data, kMorning + 41s).value());
  call = Kept(domain::AgentConnecting(call, ForAgent(2), kMorning + 50s).value());
  CHECK(call.state() == pb::Call::DELIVERED);
  CHECK(call.legs(2).state() == pb::Leg::ENDED);
  CHECK(call.legs(2).cause() == pb::Call::TRANSFERRED);
  CHECK(call.legs(0).state() == pb::Leg::CONNECTED);
  const auto change =
      domain::AgentLegReported(call, AgentLeg(call, pb::ReportAgentLegRequest::CONNECTED), kMorning + 55s)
          .value();
  CHECK(change.announcement == Announcement::kTransferred);
  CHECK(change.call.data().at("order") == "WO-20261120-0001");
  CHECK(change.events.back().type() == pb::CallEvent::TRANSFERRED);
}

TEST_CASE("a number nobody serves is released and ends as failed", "[telephony][call]") {
  auto change = domain::MenuRefused(Kept(AnArrival()), pb::Call::INVALID_NUMBER, kMorning + 1s);
  CHECK(change.call.directive().release().cause() == "INVALID_NUMBER");
  CHECK(domain::IsReleasing(change.call));
  change = domain::HungUp(Kept(change), pb::ReportHangUpRequest::SYSTEM, {}, kMorning + 3s);
  CHECK(change.call.state() == pb::Call::FAILED);
  CHECK(change.call.cause() == pb::Call::INVALID_NUMBER);
  CHECK_FALSE(change.redirected);  // the switch has just carried it out
  // An agent who has the call keeps it.
  CHECK_FALSE(domain::MenuRefused(InState(pb::Call::ESTABLISHED), pb::Call::SYSTEM, kMorning + 60s).changed);
}

TEST_CASE("the menu's last words release the call, and a session that is over is not ended again",
          "[telephony][call]") {
  auto call = Kept(domain::MenuStepped(InState(pb::Call::INITIATED), HangingUp(2), kMorning + 9s));
  CHECK(call.directive().release().prompts(0).text() == "再见");
  CHECK(call.directive().release().cause() == "SYSTEM");
  const auto change = domain::HungUp(call, pb::ReportHangUpRequest::SYSTEM, {}, kMorning + 14s);
  CHECK(change.tasks.empty());
  CHECK(change.call.cause() == pb::Call::SYSTEM);
  CHECK(change.call.state() == pb::Call::CLEARED);
}

TEST_CASE("data are merged up to 64 KiB, and an empty value takes its key away", "[telephony][call]") {
  using Data = google::protobuf::Map<std::string, std::string>;
  Data first;
  first["menu"] = "bill/4";
  first["note"] = std::string(domain::kMostData - 4 - 6 - 4, 'x');
  const auto call = Kept(domain::DataAttached(InState(pb::Call::QUEUED), first, kMorning + 11s).value());
  Data more;
  more["k"] = "v";
  const auto refused = domain::DataAttached(call, more, kMorning + 12s);
  REQUIRE_FALSE(refused);
  CHECK(refused.error().reason == "CALL_DATA_TOO_LARGE");
  more["note"] = "";
  const auto merged = domain::DataAttached(call, more, kMorning + 12s).value();
  CHECK(merged.call.data().size() == 2);
  CHECK(merged.call.data().at("menu") == "bill/4");
  CHECK(merged.call.data().count("note") == 0);
}

TEST_CASE("nobody's call lives for ever", "[telephony][call]") {
  const auto call = InState(pb::Call::ESTABLISHED);
  CHECK_FALSE(domain::Overdue(call, 4h, 15min, kMorning + 3h));
  const auto released = domain::Overdue(call, 4h, 15min, kMorning + 4h);
  REQUIRE(released);
  CHECK(domain::IsReleasing(released->call));
  CHECK_FALSE(domain::Overdue(Kept(*released), 4h, 15min, kMorning + 4h + 14min));
  const auto cleared = domain::Overdue(Kept(*released), 4h, 15min, kMorning + 4h + 15min);
  REQUIRE(cleared);
  CHECK(cleared->call.state() == pb::Call::CLEARED);
  CHECK(cleared->call.cause() == pb::Call::SYSTEM);
  CHECK_FALSE(domain::Overdue(Kept(*cleared), 4h, 15min, kMorning + 90h));
}

TEST_CASE("an earlier time counts as the call's last", "[telephony][call]") {
  const auto call = InState(pb::Call::HELD);  // last change 40 s after the arrival
  const auto change = domain::Retrieved(call, kMorning + 1s).value();
  CHECK(FromProto(change.events.back().time()) == kMorning + 40s);
  CHECK(FromProto(change.call.durations().hold()) == 0s);
}

}  // namespace
}  // namespace carillon::telephony
