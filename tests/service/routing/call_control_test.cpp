#include "lines.hpp"

/// Routing leads and telephony's legs follow, over the real processes; the test is the switch.
namespace carillon::routing {

TEST_CASE("a customer is passed on to a colleague by name, with all that is known, and then outside",
          "[routing][service]") {
  auto& lines = TheLines();
  LetOutside(lines);
  Desk first(lines, lines.people[0]);
  const auto call = lines.Arrive();
  const auto talk = first.Answer();
  CHECK(talk.call() == call);

  Desk second(lines, lines.people[1]);
  pb::TransferInteractionRequest pass;
  pass.set_name(talk.name());
  pass.set_agent(second.Name());
  pass.set_briefing("宽带三天未修复，已道歉");
  pass.set_request_id(testing::SomeId());
  const auto passed = first.Do("TransferInteraction", pass);
  REQUIRE(passed);
  CHECK(passed->state() == pb::Interaction::WRAPPING);
  CHECK(first.Do("TransferInteraction", pass).value().transferred_to() == passed->transferred_to());
  const auto next = second.Answer();
  CHECK(next.name() == passed->transferred_to());
  CHECK(next.briefing() == pass.briefing());
  CHECK(next.attached_data().at("broken_for") == "3 days");
  const auto seen = lines.See(call);
  CHECK(seen.interaction() == next.name());
  CHECK(seen.state() == telephony::Call::ESTABLISHED);
  int live = 0;
  for (const auto& leg : seen.legs())
    if (leg.role() == telephony::Leg::AGENT && leg.state() == telephony::Leg::CONNECTED) {
      ++live;
      CHECK(leg.agent() == second.Name());
    }
  CHECK(live == 1);
  first.Complete();

  pass.set_name(next.name());
  pass.set_phone_number("+8613900000000");
  pass.set_request_id(testing::SomeId());
  CHECK(second.Do("TransferInteraction", pass).error().reason == "OUTSIDE_FORBIDDEN");
  pass.set_phone_number("+862083334567");
  pass.set_request_id(testing::SomeId());
  REQUIRE(second.Do("TransferInteraction", pass));
  const auto rings = lines.Told(call, [](const auto& d) { return d.has_bridge(); });
  REQUIRE(rings.bridge().parties_size() == 1);
  CHECK(rings.bridge().parties(0).phone_number() == "+862083334567");
  lines.Leg(call, rings.bridge().parties(0).leg(), telephony::ReportAgentLegRequest::CONNECTED);
  second.Complete();
  CHECK(lines.See(call).state() == telephony::Call::ESTABLISHED);  // no agent of ours, and still a call
  lines.HangUp(call);
  CHECK(lines.See(call).state() == telephony::Call::CLEARED);
}

TEST_CASE("a customer who hangs up while passed on to a queue is abandoned in it", "[routing][service]") {
  auto& lines = TheLines();
  Desk first(lines, lines.people[0]);
  const auto call = lines.Arrive();
  const auto talk = first.Answer();
  pb::TransferInteractionRequest pass;
  pass.set_name(talk.name());
  pass.set_queue("queues/business");
  pass.set_request_id(testing::SomeId());
  const auto passed = first.Do("TransferInteraction", pass);
  REQUIRE(passed);
  lines.Told(call, [&](const auto& d) { return d.music().interaction() == passed->transferred_to(); });
  lines.HangUp(call);
  const auto until = std::chrono::steady_clock::now() + 15s;
  std::string state;
  while ((state = lines.Look("SELECT state FROM interactions WHERE interaction_id = '" +
                             IdOf(passed->transferred_to()) + "'")) != "ABANDONED" &&
         std::chrono::steady_clock::now() < until)
    std::this_thread::sleep_for(20ms);
  CHECK(state == "ABANDONED");
  first.Complete();
}

TEST_CASE("a colleague is asked, joins, and keeps the customer; the legs follow", "[routing][service]") {
  auto& lines = TheLines();
  Desk first(lines, lines.people[0]);
  const auto call = lines.Arrive();
  const auto talk = first.Answer();
  Desk second(lines, lines.people[1]);
  first.Consult(talk, second);
  const auto advice = second.Take();
  CHECK(advice.direction() == pb::Interaction::INTERNAL);
  CHECK(advice.parent() == talk.name());
  const auto rings = lines.Told(call, [](const auto& d) { return d.bridge().parties_size() == 2; });
  CHECK(rings.bridge().customer_holds());
  CHECK(lines.See(call).state() == telephony::Call::HELD);
  lines.Leg(call, rings.bridge().parties(1).leg(), telephony::ReportAgentLegRequest::CONNECTED);
  first.Join(call, talk);
  CHECK(lines.See(call).state() == telephony::Call::ESTABLISHED);
  pb::CompleteConsultRequest leave;
  leave.set_name(talk.name());
  REQUIRE(first.Do("CompleteConsult", leave));
  const auto alone = lines.Told(call, [](const auto& d) { return d.bridge().parties_size() == 1; });
  CHECK(alone.bridge().parties(0).agent() == second.Name());
  const auto seen = lines.See(call);
  CHECK(seen.interaction() == advice.name());
  CHECK(seen.legs(seen.legs_size() - 1).role() == telephony::Leg::AGENT);
  first.Complete();
  lines.HangUp(call);
  second.Complete();
  CHECK(lines.See(call).state() == telephony::Call::CLEARED);
}

TEST_CASE("a colleague who hangs up leaves the customer with the agent", "[routing][service]") {
  auto& lines = TheLines();
  Desk first(lines, lines.people[0]);
  const auto call = lines.Arrive();
  const auto talk = first.Answer();
  Desk second(lines, lines.people[1]);
  first.Consult(talk, second);
  second.Take();
  const auto rings = lines.Told(call, [](const auto& d) { return d.bridge().parties_size() == 2; });
  const auto leg = rings.bridge().parties(1).leg();
  lines.Leg(call, leg, telephony::ReportAgentLegRequest::CONNECTED);
  second.AwaitTalk();
  lines.Leg(call, leg, telephony::ReportAgentLegRequest::ENDED);
  first.Await([](const pb::Interaction& i) { return !i.has_consult() && !i.has_hold_time(); });
  lines.Told(call,
             [](const auto& d) { return d.bridge().parties_size() == 1 && !d.bridge().customer_holds(); });
  lines.HangUp(call);
  first.Complete();
}

TEST_CASE("a supervisor listens, then ends the call; both are audited and agents may not",
          "[routing][service]") {
  auto& lines = TheLines();
  Desk first(lines, lines.people[0]);
  const auto call = lines.Arrive();
  const auto talk = first.Answer();
  pb::SuperviseInteractionRequest listen;
  listen.set_name(talk.name());
  listen.set_mode(pb::SuperviseInteractionRequest::LISTEN);
  listen.set_extension("9001");
  CHECK(first.Do("SuperviseInteraction", listen).error().code == Code::kPermissionDenied);
  const auto as_boss = [&](const std::string& method, const google::protobuf::Message& request) {
    return lines.boss->Ask<pb::Interaction>(AnyCall(), kDesk + method, request, 15s);
  };
  const auto audited = [&](const std::string& method) {
    return std::stoi(
        lines.Look("SELECT count(*) FROM outbox WHERE topic = 'carillon.routing.audit.v1' AND "
                   "position('" +
                   method + "'::bytea in payload) > 0"));
  };
  const int listened = audited("SuperviseInteraction");
  const int ended = audited("ForceRelease");
  REQUIRE(as_boss("SuperviseInteraction", listen));
  const auto told = lines.Told(call, [](const auto& d) { return d.bridge().parties_size() == 2; });
  CHECK(told.bridge().parties(1).extension() == "9001");
  CHECK(told.bridge().parties(1).audio() == telephony::Party::LISTENS);
  lines.Leg(call, told.bridge().parties(1).leg(), telephony::ReportAgentLegRequest::CONNECTED);
  const auto seen = lines.See(call);
  CHECK(seen.state() == telephony::Call::ESTABLISHED);
  CHECK(seen.legs(seen.legs_size() - 1).role() == telephony::Leg::SUPERVISOR_SILENT);
  pb::ForceReleaseRequest end;
  end.set_name(talk.name());
  REQUIRE(as_boss("ForceRelease", end));
  lines.Told(call, [](const auto& d) { return d.release().cause() == "FORCED"; });
  lines.HangUp(call);
  first.Complete();
  CHECK(audited("SuperviseInteraction") == listened + 1);
  CHECK(audited("ForceRelease") == ended + 1);
}

TEST_CASE("a supervisor whispers, then speaks with all, and the agent is muted and heard again",
          "[routing][service]") {
  auto& lines = TheLines();
  Desk first(lines, lines.people[0]);
  const auto call = lines.Arrive();
  const auto talk = first.Answer();
  const auto party = [&](std::size_t n, telephony::Party::Audio audio) {
    return lines.Told(call, [&](const auto& d) {
      return d.bridge().parties_size() > static_cast<int>(n) &&
             d.bridge().parties(static_cast<int>(n)).audio() == audio;
    });
  };
  pb::SuperviseInteractionRequest join;
  join.set_name(talk.name());
  join.set_extension("9003");
  const auto lead = [&](auto mode) {
    join.set_mode(mode);
    return lines.As<pb::Interaction>(lines.leader(), "SuperviseInteraction", join);
  };
  REQUIRE(lead(pb::SuperviseInteractionRequest::WHISPER));
  const auto leg = party(1, telephony::Party::WHISPERS).bridge().parties(1).leg();
  lines.Leg(call, leg, telephony::ReportAgentLegRequest::CONNECTED);
  REQUIRE(lead(pb::SuperviseInteractionRequest::BARGE));
  CHECK(party(1, telephony::Party::TALKS).bridge().parties(1).leg() == leg);  // the same phone, heard by all
  CHECK(lines.See(call).legs(lines.See(call).legs_size() - 1).role() == telephony::Leg::SUPERVISOR_ACTIVE);

  pb::MuteInteractionRequest mute;
  mute.set_name(talk.name());
  mute.set_muted(true);
  CHECK(first.Do("MuteInteraction", mute).value().muted());
  party(0, telephony::Party::MUTED);
  mute.set_muted(false);
  CHECK_FALSE(first.Do("MuteInteraction", mute).value().muted());
  party(0, telephony::Party::TALKS);

  REQUIRE(lead(pb::SuperviseInteractionRequest::STOP));
  lines.Told(call, [](const auto& d) { return d.bridge().parties_size() == 1; });
  CHECK(lines.See(call).state() == telephony::Call::ESTABLISHED);
  lines.HangUp(call);
  first.Complete();
}

TEST_CASE("a team leader takes a call over, and pulls another out of the line", "[routing][service]") {
  auto& lines = TheLines();
  std::string taken, pulled;
  Desk first(lines, lines.people[0]);
  taken = lines.Arrive();
  const auto talk = first.Answer();
  pulled = lines.Arrive();  // waits: the only agent talks
  Desk leader(lines, lines.leader(), false);
  pb::PullInteractionRequest pull;
  pull.set_name(lines.Told(pulled, [](const auto& d) { return !d.music().interaction().empty(); })
                    .music()
                    .interaction());
  CHECK(first.Do("PullInteraction", pull).error().code == Code::kPermissionDenied);
  CHECK(leader.Do("PullInteraction", pull).error().reason == "AGENT_NOT_AVAILABLE");

  // READY they get the caller who waits anyway, so they take over first.
  pb::TakeOverInteractionRequest take;
  take.set_name(talk.name());
  CHECK(first.Do("TakeOverInteraction", take).error().code == Code::kPermissionDenied);
  CHECK(leader.Do("TakeOverInteraction", take).error().reason == "AGENT_NOT_AVAILABLE");
  lines.Serve(lines.leader(), false);
  leader.Ready();
  REQUIRE(leader.Do("TakeOverInteraction", take));
  const auto next = leader.Answer();
  CHECK(next.parent() == talk.name());
  CHECK(lines.See(taken).interaction() == next.name());
  first.Complete();  // who then is offered the one that waits
  const auto offered = first.Rings();
  REQUIRE(offered);
  lines.HangUp(taken);
  leader.Complete();
  CHECK(leader.Do("PullInteraction", pull).error().reason == "INTERACTION_NOT_WAITING");
  pb::RejectReservationRequest refuse;
  refuse.set_name(offered->reservation().name());
  refuse.set_version(offered->reservation().version());
  CHECK(lines.As<pb::AgentSession>(lines.people[0], "RejectReservation", refuse));
  const auto mine = leader.Do("PullInteraction", pull);
  REQUIRE(mine);
  CHECK(mine->state() == pb::Interaction::ASSIGNED);
  leader.Connect(pulled);
  lines.HangUp(pulled);
  leader.Complete();
  lines.Serve(lines.leader(), true);
}

TEST_CASE("a team leader moves an agent to other queues at once, who is back when the time is over",
          "[routing][service]") {
  auto& lines = TheLines();
  Desk first(lines, lines.people[0]);
  Desk leader(lines, lines.leader(), false);
  pb::MoveAgentRequest move;
  move.set_agent(first.Name());
  move.set_routing_profile("routingProfiles/none");
  CHECK(lines.As<pb::Agent>(lines.people[0], "MoveAgent", move).error().code == Code::kPermissionDenied);
  const auto moved = lines.As<pb::Agent>(lines.leader(), "MoveAgent", move);
  REQUIRE(moved);
  const auto call = lines.Arrive();
  CHECK_FALSE(first.Rings(300ms));
  move.set_routing_profile("routingProfiles/all");
  const auto back = lines.As<pb::Agent>(lines.leader(), "MoveAgent", move);
  REQUIRE(back);
  CHECK(back->routing_profile() != moved->routing_profile());
  CHECK(first.Answer().call() == call);
  move.set_agent("agents/" + testing::SomeId());
  CHECK(lines.As<pb::Agent>(lines.leader(), "MoveAgent", move).error().code == Code::kNotFound);
  move.set_agent(first.Name());
  move.set_routing_profile("routingProfiles/nowhere");
  CHECK(lines.As<pb::Agent>(lines.leader(), "MoveAgent", move).error().reason == "ROUTING_PROFILE_UNKNOWN");
  lines.HangUp(call);
  first.Complete();
}

TEST_CASE("an agent writes with two customers at once, and no call comes between", "[routing][service]") {
  auto& lines = TheLines();
  Desk first(lines, lines.people[0]);
  const auto chat = [&] {
    pb::CreateInteractionRequest request;
    request.mutable_interaction()->set_queue("queues/business");
    request.mutable_interaction()->set_channel(carillon::type::v1::CHAT);
    request.set_request_id(testing::SomeId());
    return lines.ivr
        ->Ask<pb::Interaction>(lines.AsService(), std::string(kWork) + "CreateInteraction", request, 20s)
        .value()
        .name();
  };
  const auto one = chat();
  CHECK(first.Take().name() == one);
  CHECK(first.RingsNoMore());
  const auto two = chat();
  CHECK(first.Take().name() == two);
  CHECK(first.RingsNoMore());
  const auto call = lines.Arrive();
  CHECK_FALSE(first.Rings(300ms));
  pb::ListAgentSessionsRequest list;
  const auto floor = lines.As<pb::ListAgentSessionsResponse>(lines.leader(), "ListAgentSessions", list);
  REQUIRE(floor);
  const auto& sessions = floor->agent_sessions();
  const auto mine = std::find_if(sessions.begin(), sessions.end(),
                                 [&](const auto& session) { return session.agent() == first.Name(); });
  REQUIRE(mine != sessions.end());
  CHECK(mine->slots_size() == 2);
  CHECK(mine->state() == pb::AgentSession::BUSY);
  CHECK(mine->routing_profile().starts_with("routingProfiles/"));
  for (const auto& each : {one, two}) {
    pb::ReleaseInteractionRequest release;
    release.set_name(each);
    CHECK(first.Do("ReleaseInteraction", release));
    pb::CompleteInteractionRequest done;
    done.set_name(each);
    done.set_disposition("RESOLVED");
    CHECK(first.Do("CompleteInteraction", done));
  }
  CHECK(first.Answer().call() == call);  // with both gone there is room for it
  lines.HangUp(call);
  first.Complete();
}

TEST_CASE("the time that was is replayed from the journal, by who may change the rules",
          "[routing][service]") {
  auto& lines = TheLines();
  pb::Interaction talk;
  const auto began = MakeSystemClock()->Now();
  {
    Desk first(lines, lines.people[0]);
    const auto call = lines.Arrive();
    talk = first.Answer();
    lines.HangUp(call);
    first.Complete();
  }
  pb::ReplayDayRequest replay;
  *replay.mutable_start_time() = ToProto(began - 1s);
  *replay.mutable_end_time() = ToProto(MakeSystemClock()->Now());
  const auto ask = [&](rpc::Peer& who) {
    return who.Ask<pb::ReplayDayResponse>(AnyCall(), std::string(kRules) + "ReplayDay", replay, 20s);
  };
  CHECK(ask(*lines.leader().line).error().code == Code::kPermissionDenied);
  const auto told = ask(*lines.boss);
  REQUIRE(told);
  INFO(told->ShortDebugString());
  CHECK(told->happened().all().offered() >= 1);
  CHECK(told->happened().all().answered() >= 1);
  CHECK(told->before().all().offered() == told->happened().all().offered());
  CHECK(told->before().all().answered() >= 1);
  CHECK(told->before().occupancy() > 0);
  CHECK(told->after().SerializeAsString() == told->before().SerializeAsString());
  // Nobody else serves: the work would wait for ever, and nobody is there to hang up.
  auto& agent = *replay.add_changes()->mutable_agent();
  agent.set_name("agents/" + lines.people[0].id);
  agent.set_routing_profile("routingProfiles/none");
  const auto alone = ask(*lines.boss);
  REQUIRE(alone);
  CHECK(alone->after().all().answered() < alone->before().all().answered());
  *replay.mutable_end_time() = ToProto(MakeSystemClock()->Now() + 1h);
  CHECK(ask(*lines.boss).error().reason == "REPLAY_SPAN");
}

TEST_CASE("somebody outside is asked, joins, and has the customer when the agent hangs up the phone",
          "[routing][service]") {
  auto& lines = TheLines();
  LetOutside(lines);
  Desk first(lines, lines.people[0]);
  const auto call = lines.Arrive();
  const auto talk = first.Answer();
  pb::StartConsultRequest ask;
  ask.set_phone_number("+862083334567");
  first.Consult(talk, ask);
  auto told = lines.Told(call, [](const auto& d) { return d.bridge().parties_size() == 2; });
  CHECK(told.bridge().customer_holds());
  SECTION("who does not answer is gone, and the customer is back") {
    lines.Leg(call, told.bridge().parties(1).leg(), telephony::ReportAgentLegRequest::FAILED);
    first.Await([](const pb::Interaction& i) { return !i.has_consult() && !i.has_hold_time(); });
    lines.Told(call,
               [](const auto& d) { return d.bridge().parties_size() == 1 && !d.bridge().customer_holds(); });
    CHECK(lines.See(call).state() == telephony::Call::ESTABLISHED);
    lines.HangUp(call);
    first.Complete();
  }
  SECTION("who answers speaks on with the customer") {
    const auto outside = told.bridge().parties(1).leg();
    lines.Leg(call, outside, telephony::ReportAgentLegRequest::CONNECTED);
    told = first.Join(call, talk);
    lines.Leg(call, told.bridge().parties(0).leg(), telephony::ReportAgentLegRequest::ENDED);
    const auto wraps =
        first.Await([](const pb::Interaction& i) { return i.state() == pb::Interaction::WRAPPING; });
    CHECK(wraps.end_cause() == "AGENT_HUNG_UP");
    told = lines.Told(call, [](const auto& d) { return d.bridge().parties_size() == 1; });
    CHECK(told.bridge().parties(0).leg() == outside);
    first.Complete();
    CHECK(lines.See(call).state() == telephony::Call::ESTABLISHED);
    lines.Leg(call, outside, telephony::ReportAgentLegRequest::ENDED);
    lines.Told(call, [](const auto& d) { return d.has_release(); });
    lines.HangUp(call);
  }
  CHECK(lines.See(call).state() == telephony::Call::CLEARED);
}

TEST_CASE("the agent who hangs up in a conference leaves the customer with the colleague",
          "[routing][service]") {
  auto& lines = TheLines();
  Desk first(lines, lines.people[0]);
  const auto call = lines.Arrive();
  const auto talk = first.Answer();
  Desk second(lines, lines.people[1]);
  first.Consult(talk, second);
  const auto advice = second.Take();
  auto told = lines.Told(call, [](const auto& d) { return d.bridge().parties_size() == 2; });
  lines.Leg(call, told.bridge().parties(1).leg(), telephony::ReportAgentLegRequest::CONNECTED);
  told = first.Join(call, talk);
  lines.Leg(call, told.bridge().parties(0).leg(), telephony::ReportAgentLegRequest::ENDED);
  first.Complete();
  const auto theirs =
      second.Await([](const pb::Interaction& i) { return i.direction() == pb::Interaction::INBOUND; });
  CHECK(theirs.name() == advice.name());
  told = lines.Told(call, [&](const auto& d) {
    return d.bridge().parties_size() == 1 && d.bridge().parties(0).interaction() == theirs.name();
  });
  CHECK(told.bridge().parties(0).agent() == second.Name());
  CHECK(lines.BecomesOf(call, theirs.name()));
  CHECK(lines.See(call).state() == telephony::Call::ESTABLISHED);
  lines.HangUp(call);
  second.Complete();
}

TEST_CASE("a number outside that does not answer gives the customer back: to the agent, else to the queue",
          "[routing][service]") {
  auto& lines = TheLines();
  LetOutside(lines);
  Desk first(lines, lines.people[0]);
  const auto call = lines.Arrive();
  const auto talk = first.Answer();
  pb::TransferInteractionRequest pass;
  pass.set_name(talk.name());
  pass.set_phone_number("+862083334567");
  pass.set_request_id(testing::SomeId());
  REQUIRE(first.Do("TransferInteraction", pass));
  const auto rings = lines.Told(call, [](const auto& d) {
    return d.bridge().parties_size() == 1 && !d.bridge().parties(0).phone_number().empty();
  });
  const auto nobody = [&] {
    lines.Leg(call, rings.bridge().parties(0).leg(), telephony::ReportAgentLegRequest::FAILED);
  };
  SECTION("who still writes up has the customer again, in the same interaction") {
    nobody();
    const auto back =
        first.Await([](const pb::Interaction& i) { return i.state() == pb::Interaction::ASSIGNED; });
    CHECK(back.name() == talk.name());
    CHECK(back.outside_number().empty());
    first.PickUp(call);
    CHECK(lines.See(call).state() == telephony::Call::ESTABLISHED);
    lines.HangUp(call);
    first.Complete();
  }
  SECTION("who has finished is offered the customer first, with all that was known") {
    first.Complete();
    nobody();
    const auto again = first.Answer();
    CHECK(again.name() != talk.name());
    CHECK(again.parent() == talk.name());
    CHECK(again.attached_data().at("broken_for") == "3 days");
    CHECK(lines.See(call).interaction() == again.name());
    lines.HangUp(call);
    first.Complete();
  }
  SECTION("whose agent is gone waits in the queue, and another takes it") {
    first.Complete();
    first.Rest();
    nobody();
    const auto waits = lines.Told(call, [&](const auto& d) {
      return !d.music().interaction().empty() && d.music().interaction() != talk.name();
    });
    Desk second(lines, lines.people[1]);
    CHECK(second.Answer().name() == waits.music().interaction());
    lines.HangUp(call);
    second.Complete();
  }
  CHECK(lines.See(call).state() == telephony::Call::CLEARED);
}

TEST_CASE("an offer to many rings every desk, and the first to take it has it", "[routing][service]") {
  auto& lines = TheLines();
  const auto ring = [&](int many) {
    pb::UpdateQueueRequest update;
    update.mutable_queue()->set_name("queues/business");
    update.mutable_queue()->set_offer_to(many);
    update.mutable_update_mask()->add_paths("offer_to");
    CHECK(lines.boss->Ask<pb::Queue>(AnyCall(), std::string(kRules) + "UpdateQueue", update, 15s));
  };
  ring(3);
  {
    Desk first(lines, lines.people[0]);
    Desk second(lines, lines.people[1]);
    Desk third(lines, lines.people[2]);
    const auto call = lines.Arrive();
    const auto one = first.Rings(), two = second.Rings(), three = third.Rings();
    REQUIRE(one);
    REQUIRE(two);
    REQUIRE(three);
    CHECK(one->interaction().name() == two->interaction().name());
    CHECK(one->reservation().name() != two->reservation().name());
    REQUIRE(second.Accept(*two));
    CHECK(first.Accept(*one).error().reason == "RESERVATION_GONE");
    CHECK(third.RingsNoMore());
    second.Connect(call);
    lines.HangUp(call);
    second.Complete();
  }
  ring(0);
}

}  // namespace carillon::routing
