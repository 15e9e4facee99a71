#include <catch2/catch.hpp>

#include "base/proto_time.hpp"
#include "floor.hpp"

using namespace std::chrono_literals;
using carillon::routing::testing::Floor;
using carillon::routing::testing::Id;
namespace pb = carillon::routing::v1;
using State = pb::Interaction;
using Audio = pb::ArrangeCallTask::Party;

namespace {

/// 1001 speaks with "li"; the supervisor "boss" is an agent too.
Floor Watched() {
  Floor floor;
  floor.Queue("business");
  floor.Queue("none");
  floor.Profile("all", {"business"});
  floor.Profile("nothing", {"none"});
  floor.Agent("1001", "all");
  floor.Agent("boss", "nothing");
  floor.Ready("1001");
  floor.Ring("li");
  floor.Accept("li");
  floor.Connected("li");
  floor.Pass(60s);
  return floor;
}

carillon::routing::domain::Applied Supervise(Floor& floor, const std::string& who,
                                             std::optional<Audio::Audio> audio) {
  pb::Command command;
  auto& in = *command.mutable_supervise();
  in.set_interaction(Id("li"));
  in.set_stop(!audio);
  in.mutable_supervision()->set_user(Id(who));
  in.mutable_supervision()->set_extension("99" + who);
  in.mutable_supervision()->set_audio(audio.value_or(Audio::AUDIO_UNSPECIFIED));
  in.mutable_supervision()->set_reservation(Id("leg of " + who));
  return floor.Do(command);
}
std::string Refusal(const carillon::routing::domain::Applied& applied) {
  return applied.error ? applied.error->reason : "";
}
/// The parties that were asked for, as "extension:audio"; "-" = nothing was asked.
std::string Parties(const carillon::routing::domain::Applied& applied) {
  std::string out = "-";
  for (const auto& task : applied.tasks)
    if (const auto* match = dynamic_cast<const pb::ArrangeCallTask*>(task.payload.get())) {
      out.clear();
      for (const auto& party : match->parties())
        out += party.extension() + ":" + Audio::Audio_Name(party.audio()) + " ";
    }
  return out;
}

}  // namespace

TEST_CASE("a supervisor listens, whispers, speaks and leaves, and the desk sees nothing of it") {
  Floor floor = Watched();
  CHECK(Parties(Supervise(floor, "boss", Audio::LISTENS)) == "81001:TALKS 99boss:LISTENS ");
  CHECK(Parties(Supervise(floor, "boss", Audio::LISTENS)) == "-");  // the same again
  CHECK(Parties(Supervise(floor, "boss", Audio::WHISPERS)) == "81001:TALKS 99boss:WHISPERS ");
  CHECK(Parties(Supervise(floor, "other", Audio::TALKS)) == "81001:TALKS 99boss:WHISPERS 99other:TALKS ");
  CHECK(floor.See("li").ShortDebugString().find("99boss") == std::string::npos);
  CHECK(Parties(Supervise(floor, "other", std::nullopt)) == "81001:TALKS 99boss:WHISPERS ");
  CHECK(Parties(Supervise(floor, "other", std::nullopt)) == "-");
  SECTION("a hold keeps the supervisor") {
    pb::Command hold;
    hold.mutable_hold()->set_agent(Id("1001"));
    hold.mutable_hold()->set_interaction(Id("li"));
    CHECK(Parties(floor.Do(hold)) == "81001:TALKS 99boss:WHISPERS ");
  }
  SECTION("who hangs up is out") {
    pb::Command left;
    left.mutable_media_failed()->set_interaction(Id("li"));
    left.mutable_media_failed()->set_reservation(Id("leg of boss"));
    floor.Do(left);
    CHECK(floor.See("li").state() == State::ASSIGNED);
    CHECK(Parties(Supervise(floor, "other", Audio::LISTENS)) == "81001:TALKS 99other:LISTENS ");
  }
  SECTION("the end of the call ends it") {
    floor.HangUp("li");
    CHECK(Refusal(Supervise(floor, "boss", Audio::LISTENS)) == "INTERACTION_NOT_LIVE");
    CHECK(floor.LastRecord("li").supervisions().empty());
  }
  SECTION("there is room for three") {
    for (const char* who : {"a", "b"}) CHECK(!Supervise(floor, who, Audio::LISTENS).error);
    CHECK(Refusal(Supervise(floor, "c", Audio::LISTENS)) == "SUPERVISORS_TOO_MANY");
  }
  CHECK(floor.RebuildsAndReplays());
}

TEST_CASE("a supervisor takes the customer, whatever the profile says, and the agent writes up") {
  Floor floor = Watched();
  pb::Command take;
  take.mutable_take_over()->set_agent(Id("boss"));
  take.mutable_take_over()->set_interaction(Id("li"));
  take.mutable_take_over()->set_child(Id("li 2"));
  CHECK(Refusal(floor.Do(take)) == "AGENT_NOT_SIGNED_IN");
  floor.Ready("boss");
  REQUIRE(!floor.Do(take).error);
  CHECK(floor.See("li").state() == State::WRAPPING);
  CHECK(floor.See("li").end_cause() == "TAKEN_OVER");
  CHECK(floor.AgentOf("li 2") == "boss");
  floor.Accept("li 2");
  take.mutable_take_over()->set_interaction(Id("li 2"));
  take.mutable_take_over()->set_child(Id("li 3"));
  CHECK(Refusal(floor.Do(take)) == "TRANSFER_TO_SELF");
  CHECK(floor.RebuildsAndReplays());
}

TEST_CASE("a supervisor ends a call; one that only waits is not an agent's call") {
  Floor floor = Watched();
  pb::Command end;
  end.mutable_force_release()->set_agent(Id("boss"));
  end.mutable_force_release()->set_interaction(Id("li"));
  const auto ended = floor.Do(end);
  REQUIRE(ended.tasks.size() == 1);
  CHECK(dynamic_cast<const pb::ReleaseCallTask&>(*ended.tasks[0].payload).cause() == "FORCED");
  CHECK(floor.See("li").state() == State::ASSIGNED);  // until telephony says that it is over
  floor.Ring("waits");
  end.mutable_force_release()->set_interaction(Id("waits"));
  CHECK(Refusal(floor.Do(end)) == "INTERACTION_NOT_LIVE");
  CHECK(floor.RebuildsAndReplays());
}

TEST_CASE("an agent who is muted stays so through a hold, and is heard by the next customer") {
  Floor floor = Watched();
  pb::Command mute;
  mute.mutable_mute()->set_agent(Id("1001"));
  mute.mutable_mute()->set_interaction(Id("li"));
  CHECK(Parties(floor.Do(mute)) == "81001:MUTED ");
  CHECK(Parties(floor.Do(mute)) == "-");
  pb::Command hold;
  hold.mutable_hold()->set_agent(Id("1001"));
  hold.mutable_hold()->set_interaction(Id("li"));
  CHECK(Parties(floor.Do(hold)) == "81001:MUTED ");
  CHECK(floor.See("li").muted());
  pb::Command unmute;
  *unmute.mutable_unmute() = mute.mute();
  CHECK(Parties(floor.Do(unmute)) == "81001:TALKS ");
  floor.Do(mute);
  floor.HangUp("li");
  CHECK_FALSE(floor.See("li").muted());
  CHECK(Refusal(floor.Do(mute)) == "INTERACTION_NOT_LIVE");
  CHECK(floor.RebuildsAndReplays());
}

TEST_CASE("a team leader pulls a caller out of the line, whatever the order and the profile say") {
  Floor floor = Watched();
  for (const char* caller : {"first", "second", "third"}) floor.Ring(caller);
  CHECK(Refusal(floor.Pull("boss", "second")) == "AGENT_NOT_SIGNED_IN");
  floor.SignIn("boss");
  CHECK(Refusal(floor.Pull("boss", "second")) == "AGENT_NOT_AVAILABLE");
  floor.Status("boss", pb::READY);
  CHECK(Refusal(floor.Pull("boss", "li")) == "INTERACTION_NOT_WAITING");
  CHECK(Refusal(floor.Pull("boss", "nobody")) == "INTERACTION_UNKNOWN");
  const auto pulled = floor.Pull("boss", "second");
  REQUIRE(!pulled.error);
  CHECK(floor.AgentOf("second") == "boss");
  CHECK(floor.See("second").state() == State::ASSIGNED);
  REQUIRE(pulled.tasks.size() == 1);
  CHECK(dynamic_cast<const pb::ConnectAgentTask&>(*pulled.tasks[0].payload).agent() ==
        "agents/" + Id("boss"));
  CHECK(floor.See("first").position() == 1);
  CHECK(floor.See("third").position() == 2);
  CHECK(floor.LastRecord("second").decisions().rbegin()->strategy() == "PULLED");
  floor.Connected("second");
  floor.HangUp("second");
  CHECK(!floor.Complete("second").error);
  CHECK(floor.See("second").state() == State::COMPLETED);
  CHECK(floor.StateOf("boss") == pb::AgentSession::READY);  // and nothing else of a queue that is not theirs
  CHECK(floor.RebuildsAndReplays());
}

TEST_CASE("who must not meet is not pulled together") {
  Floor floor = Watched();
  floor.Ready("boss");
  floor.Ring("wang", {.more = [](pb::Interaction& in) { in.add_excluded_agents("agents/" + Id("boss")); }});
  CHECK(Refusal(floor.Pull("boss", "wang")) == "AGENT_NOT_PAIRED");
  CHECK(floor.See("wang").state() == State::QUEUED);
}
