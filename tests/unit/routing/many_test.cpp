#include <catch2/catch.hpp>

#include "base/proto_time.hpp"
#include "floor.hpp"

using namespace std::chrono_literals;
using carillon::FromProto;
using carillon::routing::testing::Floor;
using carillon::routing::testing::Id;
namespace pb = carillon::routing::v1;
using State = pb::Interaction;
using Session = pb::AgentSession;

namespace {

/// Three agents, idle in the order of their codes; offers ring `many`.
Floor Crowd(int many) {
  Floor floor;
  floor.Queue("business", {}, [&](pb::Queue& queue) { queue.set_offer_to(many); });
  floor.Profile("all", {"business"});
  for (const char* agent : {"1001", "1002", "1003"}) {
    floor.Agent(agent, "all");
    floor.Ready(agent);
    floor.Pass(1s);
  }
  return floor;
}

/// What the agent's desk shows, answered.
carillon::routing::domain::Applied Answer(Floor& floor, const std::string& agent, bool take) {
  const auto desk = floor.engine().DeskOf(Id(agent), floor.now());
  pb::Command command;
  auto& in = take ? *command.mutable_accept() : *command.mutable_reject();
  in.set_agent(Id(agent));
  if (desk.offers_size() > 0) {
    in.set_reservation(desk.offers(0).reservation().name().substr(13));
    in.set_version(desk.offers(0).reservation().version());
    CHECK(desk.offers(0).interaction().agent() == "agents/" + Id(agent));
  }
  return floor.Do(command);
}

}  // namespace

TEST_CASE("an offer to many rings them all, and the first to take it has it") {
  Floor floor = Crowd(3);
  floor.Ring("li");
  for (const char* agent : {"1001", "1002", "1003"}) CHECK(floor.StateOf(agent) == Session::RESERVED);
  CHECK(floor.See("li").offers() == 3);
  CHECK(floor.EventsOf<pb::InteractionOffered>().size() == 3);
  floor.Pass(4s);
  const std::string winner = GENERATE("1001", "1002", "1003");
  REQUIRE(!Answer(floor, winner, true).error);
  CHECK(floor.AgentOf("li") == winner);
  CHECK(floor.See("li").state() == State::ASSIGNED);
  for (const char* agent : {"1001", "1002", "1003"})
    CHECK(floor.StateOf(agent) == (agent == winner ? Session::BUSY : Session::READY));
  CHECK(floor.LastRecord("li").rung().empty());
  // The others have lost no idle time by it: the longest idle of them is next.
  floor.Ring("next");
  CHECK(floor.AgentOf("next") == (winner == "1001" ? "1002" : "1001"));
  CHECK(floor.RebuildsAndReplays());
}

TEST_CASE("no more ring than the queue says, the longest idle first") {
  Floor floor = Crowd(2);
  floor.Ring("li");
  CHECK(floor.StateOf("1001") == Session::RESERVED);
  CHECK(floor.StateOf("1002") == Session::RESERVED);
  CHECK(floor.StateOf("1003") == Session::READY);
  CHECK(floor.RebuildsAndReplays());
}

TEST_CASE("who is too late hears so") {
  Floor floor = Crowd(2);
  floor.Ring("li");
  const auto desk = floor.engine().DeskOf(Id("1002"), floor.now());
  REQUIRE(!Answer(floor, "1001", true).error);
  pb::Command late;
  late.mutable_accept()->set_agent(Id("1002"));
  late.mutable_accept()->set_reservation(desk.offers(0).reservation().name().substr(13));
  late.mutable_accept()->set_version(desk.offers(0).reservation().version());
  const auto refused = floor.Do(late);
  REQUIRE(refused.error);
  CHECK(refused.error->reason == "RESERVATION_GONE");
  // Nor can one answer with another's offer.
  floor.Ring("next");
  late.mutable_accept()->set_reservation(floor.See("next").reservation().substr(13));
  late.mutable_accept()->set_agent(Id("1001"));
  CHECK(floor.Do(late).error);
}

TEST_CASE("one who refuses stops ringing, the last who refuses gives it back") {
  Floor floor = Crowd(2);
  floor.Ring("li");
  const bool first = GENERATE(true, false);
  REQUIRE(!Answer(floor, first ? "1001" : "1002", false).error);
  CHECK(floor.See("li").state() == State::RESERVED);
  CHECK(floor.AgentOf("li") == (first ? "1002" : "1001"));
  CHECK(floor.StateOf(first ? "1001" : "1002") == Session::READY);
  REQUIRE(!Answer(floor, first ? "1002" : "1001", false).error);
  CHECK(floor.AgentOf("li") == "1003");  // who has not refused it
  CHECK(floor.RebuildsAndReplays());
}

TEST_CASE("nobody answers: all are set aside, the work waits at its place") {
  Floor floor = Crowd(3);
  floor.Ring("li");
  floor.Pass(15s);
  CHECK(floor.See("li").state() == State::QUEUED);
  CHECK(floor.See("li").unanswered_offers() == 1);
  for (const char* agent : {"1001", "1002", "1003"}) CHECK(floor.Of(agent).reason() == "RONA");
  CHECK(floor.RebuildsAndReplays());
}

TEST_CASE("a desk that is gone or a customer who hangs up frees those who ring") {
  Floor floor = Crowd(3);
  floor.Ring("li");
  SECTION("a desk") {
    const std::string gone = GENERATE("1001", "1003");
    floor.Desk(gone, false);
    CHECK(floor.See("li").state() == State::RESERVED);
    CHECK(floor.StateOf("1002") == Session::RESERVED);
    CHECK(floor.StateOf(gone) == Session::READY);
  }
  SECTION("the customer") {
    floor.HangUp("li");
    CHECK(floor.See("li").state() == State::ABANDONED);
    for (const char* agent : {"1001", "1002", "1003"}) CHECK(floor.StateOf(agent) == Session::READY);
    floor.Ring("next");
    CHECK(floor.AgentOf("next") == "1001");
  }
  CHECK(floor.RebuildsAndReplays());
}
