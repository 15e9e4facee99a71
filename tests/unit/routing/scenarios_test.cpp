#include <catch2/catch.hpp>

#include "base/proto_time.hpp"
#include "floor.hpp"

using namespace std::chrono_literals;
using carillon::FromProto;
using carillon::routing::testing::Call;
using carillon::routing::testing::Floor;
using carillon::routing::testing::Id;
namespace pb = carillon::routing::v1;
using State = pb::Interaction;
using Session = pb::AgentSession;

namespace {

/// One queue "business", one profile of it, agents 1001 and 1002.
Floor SmallFloor() {
  Floor floor;
  floor.Queue("business");
  floor.Profile("all", {"business"});
  floor.Agent("1001", "all");
  floor.Agent("1002", "all");
  return floor;
}

std::string ReasonOf(const carillon::routing::domain::Applied& applied) {
  return applied.error ? applied.error->reason : "";
}

}  // namespace

TEST_CASE("a call that finds a ready agent is offered at once, accepted, talked, written up and over") {
  Floor floor = SmallFloor();
  floor.Ready("1001");
  floor.Pass(10s);
  const auto created = floor.Ring("li");
  CHECK(floor.See("li").state() == State::RESERVED);
  CHECK(floor.StateOf("1001") == Session::RESERVED);
  floor.Pass(4s);
  const auto accepted = floor.Accept("li");
  CHECK(!accepted.error);
  CHECK(accepted.tasks.size() == 1);
  CHECK(floor.StateOf("1001") == Session::BUSY);
  floor.Pass(1s);
  floor.Connected("li");
  floor.Pass(100s);
  floor.HangUp("li");
  CHECK(floor.See("li").state() == State::WRAPPING);
  CHECK(floor.StateOf("1001") == Session::WRAPPING);
  floor.Pass(20s);
  CHECK(!floor.Complete("li").error);
  const auto done = floor.See("li");
  CHECK(done.state() == State::COMPLETED);
  CHECK(FromProto(done.wait_duration()) == 4s);
  CHECK(FromProto(done.ring_duration()) == 4s);
  CHECK(FromProto(done.talk_duration()) == 100s);
  CHECK(FromProto(done.wrap_duration()) == 20s);
  CHECK(done.disposition() == "RESOLVED");
  CHECK(floor.StateOf("1001") == Session::READY);
  CHECK(floor.EventsOf<pb::InteractionCompleted>().size() == 1);
  CHECK(floor.RebuildsAndReplays());
}

TEST_CASE("A1 a diamond customer is served before five who wait, and the record says why") {
  Floor floor = SmallFloor();
  floor.SignIn("1001");
  for (int i = 0; i < 5; ++i) {
    floor.Ring("caller " + std::to_string(i));
    floor.Pass(30s);
  }
  floor.Ring("zhou", {.grade = "DIAMOND"});
  CHECK(floor.See("zhou").position() == 1);
  floor.Status("1001", pb::READY);
  CHECK(floor.AgentOf("zhou") == "1001");
  const auto& decisions = floor.engine().FindRecord(Id("zhou"))->decisions();
  CHECK(decisions[decisions.size() - 1].bonus_seconds() == 1000);
  CHECK(decisions[decisions.size() - 1].strategy() == "BEST_WORK");
  CHECK(floor.RebuildsAndReplays());
}

TEST_CASE("gold, elderly and priority order the queue; the rest comes by arrival") {
  Floor floor = SmallFloor();
  floor.Ring("first");
  floor.Pass(60s);
  floor.Ring("elder", {.elderly = true});
  floor.Ring("gold", {.grade = "GOLD"});
  floor.Ring("urgent", {.priority = 1});
  floor.Ring("plain");
  CHECK(floor.See("urgent").position() == 1);
  CHECK(floor.See("gold").position() == 2);
  CHECK(floor.See("elder").position() == 3);
  CHECK(floor.See("first").position() == 4);
  CHECK(floor.See("plain").position() == 5);
  CHECK(FromProto(floor.See("plain").estimated_wait()) > 0s);
}

TEST_CASE("A2 the last agent is preferred when ready though another is idle longer") {
  Floor floor = SmallFloor();
  floor.Ready("1001");
  floor.Pass(60s);
  floor.Ready("1002");
  floor.Ring("wang", {.last_agent = "1002"});
  CHECK(floor.AgentOf("wang") == "1002");
}

TEST_CASE("A2 a busy last agent is waited for at most 20 s, then the best takes it") {
  Floor floor = SmallFloor();
  floor.Ready("1002");
  floor.Ring("other");
  floor.Accept("other");
  floor.Ready("1001");
  floor.Ring("wang", {.last_agent = "1002"});
  CHECK(floor.See("wang").state() == State::QUEUED);
  floor.Pass(19s);
  CHECK(floor.See("wang").state() == State::QUEUED);
  SECTION("the time is over") {
    floor.Pass(1s);
    CHECK(floor.AgentOf("wang") == "1001");
  }
  SECTION("the last agent gets free before") {
    floor.HangUp("other");
    floor.Complete("other");
    CHECK(floor.AgentOf("wang") == "1002");
  }
  SECTION("the last agent chooses a rest before") {
    floor.Status("1002", pb::NOT_READY, "REST");
    CHECK(floor.AgentOf("wang") == "1001");
  }
  SECTION("the last agent's desk is gone before") {
    floor.Desk("1002", false);
    CHECK(floor.AgentOf("wang") == "1001");
  }
  CHECK(floor.RebuildsAndReplays());
}

TEST_CASE("A3 a complaint goes only to the level asked for, until overflow at 60 s lowers it") {
  Floor floor;
  floor.Skill("complaint");
  floor.Queue("complaints", {{"complaint", 6}}, [](pb::Queue& queue) {
    auto& step = *queue.add_overflow();
    *step.mutable_after() = carillon::ToProto(carillon::Duration{60s});
    step.set_lower_levels_by(1);
  });
  floor.Profile("all", {"complaints"});
  floor.Agent("1001", "all", {{"complaint", 7}});
  floor.Agent("1002", "all", {{"complaint", 5}});
  floor.Ready("1002");
  floor.Pass(60s);
  floor.Ready("1001");
  floor.Ring("first", {.queue = "complaints"});
  CHECK(floor.AgentOf("first") == "1001");
  floor.Accept("first");
  floor.Ring("second", {.queue = "complaints"});
  floor.Pass(59s);
  CHECK(floor.See("second").state() == State::QUEUED);
  CHECK(floor.StateOf("1002") == Session::READY);
  floor.Pass(1s);
  CHECK(floor.AgentOf("second") == "1002");
  CHECK(floor.EventsOf<pb::InteractionOverflowed>().size() == 1);
  CHECK(floor.RebuildsAndReplays());
}

TEST_CASE("overflow to another queue's agents keeps the place in the queue") {
  Floor floor;
  floor.Queue("night");
  floor.Queue("business", {}, [](pb::Queue& queue) {
    auto& step = *queue.add_overflow();
    *step.mutable_after() = carillon::ToProto(carillon::Duration{30s});
    step.set_add_queue("queues/night");
  });
  floor.Profile("day", {"business"});
  floor.Profile("night", {"night"});
  floor.Agent("2001", "night");
  floor.Ready("2001");
  floor.Ring("early");
  floor.Pass(29s);
  CHECK(floor.See("early").state() == State::QUEUED);
  floor.Pass(1s);
  CHECK(floor.AgentOf("early") == "2001");
  CHECK(floor.See("early").queue() == "queues/" + Id("queue business"));
  CHECK(floor.RebuildsAndReplays());
}

TEST_CASE("A4 who chooses Cantonese gets an agent who speaks it") {
  Floor floor;
  floor.Skill("cantonese");
  floor.Queue("business");
  floor.Profile("all", {"business"});
  floor.Agent("1001", "all");
  floor.Agent("1002", "all", {{"cantonese", 3}});
  floor.Ready("1001");
  floor.Pass(10s);
  floor.Ready("1002");
  floor.Ring("qingyuan", {.skills = {{"cantonese", 1}}});
  CHECK(floor.AgentOf("qingyuan") == "1002");
  floor.Ring("any");
  CHECK(floor.AgentOf("any") == "1001");
}

TEST_CASE("A6 an offer nobody answers comes back after 15 s to its place, the agent is NOT_READY for it") {
  Floor floor = SmallFloor();
  floor.Ready("1001");
  floor.Ring("li");
  const auto reservation = floor.See("li").reservation();
  floor.Ring("next");
  floor.Pass(14s);
  CHECK(floor.StateOf("1001") == Session::RESERVED);
  floor.Pass(1s);
  CHECK(floor.StateOf("1001") == Session::NOT_READY);
  CHECK(floor.Of("1001").reason() == "RONA");
  CHECK(floor.See("li").state() == State::QUEUED);
  CHECK(floor.See("li").position() == 1);
  SECTION("a late accept is refused with a reason") {
    CHECK(ReasonOf(floor.AcceptAs("1001", reservation.substr(13), 1)) == "RESERVATION_GONE");
  }
  SECTION("another agent gets it, with a higher fence") {
    floor.Ready("1002");
    CHECK(floor.AgentOf("li") == "1002");
    CHECK(floor.engine().FindRecord(Id("li"))->reservation_version() == 2);
    CHECK(ReasonOf(floor.AcceptAs("1001", reservation.substr(13), 1)) == "RESERVATION_GONE");
    CHECK(!floor.Accept("li").error);
  }
  CHECK(floor.RebuildsAndReplays());
}

TEST_CASE("the choice of max_no_answer 2 forgives one unanswered offer") {
  Floor floor = SmallFloor();
  floor.Agent("1003", "all", {}, 2);
  floor.Ready("1003");
  floor.Ring("li");
  floor.Pass(15s);
  CHECK(floor.StateOf("1003") == Session::READY);
  floor.Pass(29s);
  CHECK(floor.StateOf("1003") == Session::READY);
  floor.Pass(1s);  // after the refusal delay the same agent is asked again
  CHECK(floor.StateOf("1003") == Session::RESERVED);
  floor.Pass(15s);
  CHECK(floor.Of("1003").reason() == "RONA");
  CHECK(floor.RebuildsAndReplays());
}

TEST_CASE("a refused offer goes to somebody else and the agent takes the next work") {
  Floor floor = SmallFloor();
  floor.Ready("1001");
  floor.Ring("li");
  floor.Ring("next");
  floor.Reject("li");
  CHECK(floor.AgentOf("next") == "1001");
  CHECK(floor.See("li").state() == State::QUEUED);
  floor.Ready("1002");
  CHECK(floor.AgentOf("li") == "1002");
  CHECK(floor.RebuildsAndReplays());
}

TEST_CASE("A8 who hangs up after 34 s is abandoned with wait 34") {
  Floor floor = SmallFloor();
  floor.Ring("li");
  floor.Pass(34s);
  floor.HangUp("li");
  CHECK(floor.See("li").state() == State::ABANDONED);
  CHECK(FromProto(floor.See("li").wait_duration()) == 34s);
  CHECK(floor.EventsOf<pb::InteractionAbandoned>().size() == 1);
}

TEST_CASE("a customer who hangs up while it rings frees the agent, who keeps the idle time") {
  Floor floor = SmallFloor();
  floor.Ready("1001");
  floor.Pass(60s);
  floor.Ready("1002");
  floor.Pass(60s);
  floor.Ring("li");
  CHECK(floor.AgentOf("li") == "1001");
  floor.Pass(3s);
  floor.HangUp("li");
  CHECK(floor.See("li").state() == State::ABANDONED);
  CHECK(floor.See("li").agent().empty());
  floor.Ring("next");
  CHECK(floor.AgentOf("next") == "1001");
  CHECK(floor.RebuildsAndReplays());
}

TEST_CASE("A10 sign-out with work in hand and a second sign-in elsewhere are refused") {
  Floor floor = SmallFloor();
  floor.Ready("1001");
  floor.Ring("li");
  CHECK(ReasonOf(floor.SignOut("1001")) == "AGENT_BUSY");
  floor.Accept("li");
  CHECK(ReasonOf(floor.SignOut("1001")) == "AGENT_BUSY");
  CHECK(ReasonOf(floor.SignIn("1001", "seat B")) == "AGENT_SIGNED_IN");
  CHECK(!floor.SignIn("1001").error);  // the same seat again: the open session
  CHECK(ReasonOf(floor.SignIn("1002", "seat 1001")) == "SEAT_TAKEN");
}

TEST_CASE("a status chosen during a call waits for its end, and a later choice replaces it") {
  Floor floor = SmallFloor();
  floor.Ready("1001");
  floor.Ring("li");
  floor.Accept("li");
  floor.Status("1001", pb::NOT_READY, "MEAL");
  CHECK(floor.StateOf("1001") == Session::BUSY);
  floor.Status("1001", pb::NOT_READY, "REST");
  floor.HangUp("li");
  floor.Ring("next");
  floor.Complete("li");
  CHECK(floor.StateOf("1001") == Session::NOT_READY);
  CHECK(floor.Of("1001").reason() == "REST");
  CHECK(floor.See("next").state() == State::QUEUED);
}

TEST_CASE("wrap-up that is not saved ends by itself after 60 s") {
  Floor floor = SmallFloor();
  floor.Ready("1001");
  floor.Ring("li");
  floor.Accept("li");
  floor.Pass(10s);
  floor.HangUp("li");
  floor.Pass(59s);
  CHECK(floor.StateOf("1001") == Session::WRAPPING);
  floor.Pass(1s);
  CHECK(floor.StateOf("1001") == Session::READY);
  CHECK(floor.See("li").state() == State::COMPLETED);
  CHECK(floor.See("li").disposition().empty());
  CHECK(FromProto(floor.See("li").wrap_duration()) == 60s);
}

TEST_CASE("no outcome is taken while the customer is there, nor from another agent") {
  Floor floor = SmallFloor();
  floor.Ready("1001");
  floor.Ring("li");
  floor.Accept("li");
  CHECK(ReasonOf(floor.Complete("li")) == "INTERACTION_LIVE");
  pb::Command command;
  command.mutable_complete()->set_interaction(Id("li"));
  command.mutable_complete()->set_agent(Id("1002"));
  CHECK(ReasonOf(floor.Do(command)) == "INTERACTION_NOT_YOURS");
}

TEST_CASE("an agent whose desk is gone gets no offer; what rings goes to another; a live call goes on") {
  Floor floor = SmallFloor();
  floor.Ready("1001");
  floor.Ring("li");
  floor.Desk("1001", false);
  CHECK(floor.See("li").state() == State::QUEUED);
  CHECK(floor.StateOf("1001") == Session::READY);
  floor.Ring("second");
  CHECK(floor.See("second").state() == State::QUEUED);
  floor.Desk("1001", true);
  CHECK(floor.AgentOf("li") == "1001");
  floor.Accept("li");
  floor.Desk("1001", false);
  CHECK(floor.StateOf("1001") == Session::BUSY);
  floor.DeskExpired("1001");
  CHECK(floor.StateOf("1001") == Session::BUSY);
  SECTION("the desk stays away: signed out after the call") {
    floor.HangUp("li");
    floor.Pass(60s);
    CHECK(floor.StateOf("1001") == Session::SIGNED_OUT);
  }
  SECTION("the desk is back in time: the session goes on") {
    floor.Desk("1001", true);
    floor.HangUp("li");
    floor.Complete("li");
    CHECK(floor.StateOf("1001") == Session::RESERVED);
    CHECK(floor.AgentOf("second") == "1001");
  }
  CHECK(floor.RebuildsAndReplays());
}

TEST_CASE("a phone that cannot be reached gives the work back and stops the agent") {
  Floor floor = SmallFloor();
  floor.Ready("1001");
  floor.Ring("li");
  floor.Accept("li");
  floor.PhoneFailed("li");
  CHECK(floor.See("li").state() == State::QUEUED);
  CHECK(floor.Of("1001").reason() == "PHONE_FAILED");
  floor.Ready("1002");
  CHECK(floor.AgentOf("li") == "1002");
  CHECK(floor.RebuildsAndReplays());
}

TEST_CASE("hold is counted apart from talk") {
  Floor floor = SmallFloor();
  floor.Ready("1001");
  floor.Ring("li");
  floor.Accept("li");
  floor.Connected("li");
  floor.Pass(10s);
  pb::Command command;
  command.mutable_hold()->set_agent(Id("1001"));
  command.mutable_hold()->set_interaction(Id("li"));
  CHECK(floor.Do(command).tasks.size() == 1);
  floor.Pass(40s);
  command.mutable_retrieve()->set_agent(Id("1001"));
  command.mutable_retrieve()->set_interaction(Id("li"));
  CHECK(floor.Do(command).tasks.size() == 1);
  floor.Pass(10s);
  floor.HangUp("li");
  CHECK(FromProto(floor.See("li").hold_duration()) == 40s);
  CHECK(FromProto(floor.See("li").talk_duration()) == 20s);
}

TEST_CASE("a profile's better queue goes first and its delay hides young work") {
  Floor floor;
  floor.Queue("gold");
  floor.Queue("plain");
  floor.Profile("mixed", {}, [](pb::RoutingProfile& profile) {
    auto& gold = *profile.add_entries();
    gold.set_queue("queues/gold");
    gold.set_priority(1);
    auto& plain = *profile.add_entries();
    plain.set_queue("queues/plain");
    plain.set_priority(2);
    *plain.mutable_delay() = carillon::ToProto(carillon::Duration{30s});
  });
  floor.Agent("1001", "mixed");
  floor.Ready("1001");
  floor.Ring("young", {.queue = "plain"});
  CHECK(floor.See("young").state() == State::QUEUED);
  SECTION("seen when the delay is over") {
    floor.Pass(30s);
    CHECK(floor.AgentOf("young") == "1001");
  }
  SECTION("after the better queue though it came first") {
    floor.Status("1001", pb::NOT_READY, "REST");
    floor.Pass(40s);
    floor.Ring("rich", {.queue = "gold"});
    floor.Status("1001", pb::READY);
    CHECK(floor.AgentOf("rich") == "1001");
  }
  CHECK(floor.RebuildsAndReplays());
}

TEST_CASE("the strategy of the queue picks the agent") {
  Floor floor;
  floor.Skill("business");
  floor.Queue("skilled", {{"business", 1}}, [](pb::Queue& q) { q.set_strategy(pb::Queue::HIGHEST_SKILL); });
  floor.Queue("round", {}, [](pb::Queue& q) { q.set_strategy(pb::Queue::ROUND_ROBIN); });
  floor.Profile("all", {"skilled", "round"});
  floor.Agent("1001", "all", {{"business", 4}});
  floor.Agent("1002", "all", {{"business", 9}});
  floor.Ready("1001");
  floor.Pass(5s);
  floor.Ready("1002");
  floor.Ring("hard", {.queue = "skilled"});
  CHECK(floor.AgentOf("hard") == "1002");
  floor.HangUp("hard");
  floor.Ring("turn", {.queue = "round"});
  CHECK(floor.AgentOf("turn") == "1001");
}

TEST_CASE("a full queue and a closed queue take no new work") {
  Floor floor;
  floor.Queue("small", {}, [](pb::Queue& q) { q.set_max_length(1); });
  floor.Queue("shut", {}, [](pb::Queue& q) { q.set_closed(true); });
  floor.Ring("one", {.queue = "small"});
  CHECK(ReasonOf(floor.Ring("two", {.queue = "small"})) == "QUEUE_FULL");
  CHECK(ReasonOf(floor.Ring("three", {.queue = "shut"})) == "QUEUE_CLOSED");
  CHECK(ReasonOf(floor.Ring("four", {.queue = "nowhere"})) == "QUEUE_UNKNOWN");
  CHECK(floor.RebuildsAndReplays());
}

TEST_CASE("a profile that gains a queue frees the work that waits there, mid-shift") {
  Floor floor = SmallFloor();
  floor.Queue("market");
  floor.Ready("1001");
  floor.Ring("buyer", {.queue = "market"});
  CHECK(floor.See("buyer").state() == State::QUEUED);
  floor.Profile("all", {"business", "market"});
  CHECK(floor.AgentOf("buyer") == "1001");
  CHECK(floor.RebuildsAndReplays());
}

TEST_CASE("time in which nobody held the shard does not count against an offer or a wrap-up") {
  Floor floor = SmallFloor();
  floor.Ready("1001");
  floor.Ring("li");
  floor.Accept("li");
  floor.HangUp("li");
  floor.Pass(50s);
  pb::Command command;
  *command.mutable_resume()->mutable_gap() = carillon::ToProto(carillon::Duration{100s});
  floor.Do(command);
  floor.Pass(109s);
  CHECK(floor.StateOf("1001") == Session::WRAPPING);
  floor.Pass(1s);
  CHECK(floor.StateOf("1001") == Session::READY);
}

TEST_CASE("of those who wait for one busy agent the profile's better queue goes first, not the earliest") {
  Floor floor;
  floor.Queue("plain");
  floor.Queue("gold");
  floor.Profile("mixed", {"plain", "gold"}, [](auto& profile) {
    profile.mutable_entries(0)->set_priority(2);
    profile.mutable_entries(1)->set_priority(1);
  });
  floor.Agent("1001", "mixed");
  floor.Ready("1001");
  floor.Ring("now", {.queue = "plain"});
  floor.Accept("now");
  floor.Ring("early", {.queue = "plain", .last_agent = "1001"});
  floor.Pass(5s);
  floor.Ring("late", {.queue = "gold", .last_agent = "1001"});
  floor.HangUp("now");
  floor.Complete("now");
  CHECK(floor.AgentOf("late") == "1001");
  CHECK(floor.RebuildsAndReplays());
}

TEST_CASE("a rule that changes while work waits for its busy last agent holds for that work too") {
  Floor floor = SmallFloor();
  floor.Skill("complaint");
  floor.Ready("1001");
  floor.Ring("first");
  floor.Accept("first");
  floor.Ring("wang", {.last_agent = "1001"});
  CHECK(floor.engine().NextDeadline() == floor.now() + 20s);
  floor.Queue("business", {}, [](pb::Queue& queue) {
    auto& step = *queue.add_overflow();
    *step.mutable_after() = carillon::ToProto(carillon::Duration{5s});
    step.set_lower_levels_by(1);
  });
  CHECK(floor.engine().NextDeadline() == floor.now() + 5s);
  CHECK(floor.RebuildsAndReplays());
  floor.Pass(6s);
  CHECK(floor.See("wang").overflow_steps() == 1);
}

TEST_CASE("a profile that is deleted takes its delays with it") {
  Floor floor = SmallFloor();
  floor.Profile("late", {"business"}, [](pb::RoutingProfile& profile) {
    *profile.mutable_entries(0)->mutable_delay() = carillon::ToProto(carillon::Duration{30s});
  });
  floor.Ring("li");
  CHECK(floor.engine().NextDeadline() == floor.now() + 30s);
  pb::Command command;
  command.set_delete_routing_profile(Id("profile late"));
  CHECK(!floor.Do(command).error);
  CHECK(!floor.engine().NextDeadline());
  CHECK(floor.RebuildsAndReplays());
}

TEST_CASE("an agent who lets go of work that waited for them alone leaves no clock behind") {
  Floor floor = SmallFloor();
  floor.Ready("1001");
  floor.Ring("first");
  floor.Accept("first");
  floor.Ring("wang", {.last_agent = "1001"});
  CHECK(floor.engine().NextDeadline() == floor.now() + 20s);
  floor.Status("1001", pb::NOT_READY, "REST");
  CHECK(!floor.engine().NextDeadline());
  CHECK(floor.RebuildsAndReplays());
}
