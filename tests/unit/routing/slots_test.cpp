#include <catch2/catch.hpp>

#include "base/proto_time.hpp"
#include "floor.hpp"

using namespace std::chrono_literals;
using carillon::routing::testing::Call;
using carillon::routing::testing::Floor;
using carillon::routing::testing::Id;
namespace pb = carillon::routing::v1;
namespace type = carillon::type::v1;
using Slot = pb::AgentSession::Slot;

/// Several works at once: room by channel, what interrupts what, and one state of them all.
namespace {

/// Work of the channel comes; only voice and video have a call.
carillon::routing::domain::Applied Comes(Floor& floor, const std::string& name, type::Channel channel,
                                         Call call = {}) {
  call.more = [=](pb::Interaction& in) {
    in.set_channel(channel);
    if (channel != type::VOICE && channel != type::VIDEO) in.clear_call();
  };
  return floor.Ring(name, call);
}

carillon::routing::domain::Applied Done(Floor& floor, const std::string& agent, const std::string& name) {
  pb::Command command;
  command.mutable_release()->set_agent(Id(agent));
  command.mutable_release()->set_interaction(Id(name));
  const auto done = floor.Do(command);
  CHECK(!done.error);
  return done;
}

Floor OneAgent(const std::function<void(pb::Agent&)>& more = {}) {
  Floor floor;
  floor.Queue("business");
  floor.Profile("all", {"business"});
  floor.Agent("1001", "all", {}, 0, more);
  floor.Ready("1001");
  return floor;
}

pb::Command Matrix(type::Channel channel, int at_once, const std::vector<type::Channel>& by) {
  pb::Command command;
  auto& rules = *command.mutable_put_desk_rules();
  rules.set_etag("1");
  auto& row = *rules.add_channels();
  row.set_channel(channel);
  row.set_at_once(at_once);
  for (const auto each : by) row.add_interrupted_by(each);
  return command;
}

/// "CHAT TALKING, CHAT RINGING".
std::string SlotsOf(const Floor& floor, const std::string& agent) {
  std::string out;
  const auto session = floor.Of(agent);
  for (const auto& slot : session.slots())
    out +=
        (out.empty() ? "" : ", ") + type::Channel_Name(slot.channel()) + " " + Slot::State_Name(slot.state());
  return out;
}

}  // namespace

TEST_CASE("A11 an agent has three chats at once, and the fourth waits") {
  Floor floor = OneAgent();
  for (const char* chat : {"one", "two", "three", "four"}) Comes(floor, chat, type::CHAT);
  // One rings at a time.
  CHECK(SlotsOf(floor, "1001") == "CHAT RINGING");
  CHECK(floor.StateOf("1001") == pb::AgentSession::RESERVED);
  CHECK(floor.AgentOf("two").empty());
  floor.Accept("one");
  CHECK(SlotsOf(floor, "1001") == "CHAT TALKING, CHAT RINGING");
  CHECK(floor.StateOf("1001") == pb::AgentSession::BUSY);
  CHECK(floor.AgentOf("two") == "1001");
  floor.Accept("two");
  floor.Accept("three");
  CHECK(SlotsOf(floor, "1001") == "CHAT TALKING, CHAT TALKING, CHAT TALKING");
  CHECK(floor.AgentOf("four").empty());
  CHECK(floor.engine().StateOf("business").agents_ready() == 0);
  floor.Pass(1min);
  CHECK(floor.See("four").state() == pb::Interaction::QUEUED);
  // Wrap-up takes the room still; the outcome gives it back.
  Done(floor, "1001", "two");
  CHECK(SlotsOf(floor, "1001") == "CHAT TALKING, CHAT WRAPPING, CHAT TALKING");
  CHECK(floor.AgentOf("four").empty());
  floor.Complete("two");
  CHECK(floor.AgentOf("four") == "1001");
  CHECK(SlotsOf(floor, "1001") == "CHAT TALKING, CHAT TALKING, CHAT RINGING");
  const auto desk = floor.engine().DeskOf(Id("1001"), floor.now());
  CHECK(desk.offers_size() == 1);
  CHECK(desk.interactions_size() == 2);
  CHECK(floor.RebuildsAndReplays());
}

TEST_CASE("a call interrupts an e-mail and nothing interrupts a call") {
  Floor floor = OneAgent();
  Comes(floor, "mail", type::EMAIL);
  floor.Accept("mail");
  Comes(floor, "second mail", type::EMAIL);
  floor.Accept("second mail");
  Comes(floor, "call", type::VOICE);
  CHECK(floor.AgentOf("call") == "1001");
  floor.Accept("call");
  // The call is what the desk shows first.
  CHECK(SlotsOf(floor, "1001") == "VOICE TALKING, EMAIL TALKING, EMAIL TALKING");
  CHECK(floor.Of("1001").interaction() == "interactions/" + Id("call"));
  CHECK(floor.engine().DeskOf(Id("1001"), floor.now()).interactions(0).name() ==
        "interactions/" + Id("call"));
  for (const auto channel : {type::EMAIL, type::CHAT, type::VOICE, type::CALLBACK, type::TASK})
    Comes(floor, type::Channel_Name(channel), channel);
  for (const auto* name : {"EMAIL", "CHAT", "VOICE", "CALLBACK", "TASK"}) {
    CHECK(floor.AgentOf(name).empty());
    CHECK(floor.engine().VerdictOn(Id("1001"), Id(name)).bar() == pb::Verdict::BUSY);
  }
  floor.Hold("call");
  CHECK(SlotsOf(floor, "1001").starts_with("VOICE HELD"));
  floor.HangUp("call");
  CHECK(SlotsOf(floor, "1001").starts_with("VOICE WRAPPING"));
  CHECK(floor.StateOf("1001") == pb::AgentSession::BUSY);
  CHECK(floor.AgentOf("EMAIL").empty());  // who writes up a call is not disturbed either
  floor.Complete("call");
  CHECK(floor.AgentOf("EMAIL") == "1001");  // the first in the line that e-mails leave room for
  floor.Reject("EMAIL");
  CHECK(floor.AgentOf("CHAT") == "1001");
  floor.Accept("CHAT");
  CHECK(floor.AgentOf("VOICE").empty());  // a chat is not interrupted
  CHECK(floor.RebuildsAndReplays());
}

TEST_CASE("the tenant's matrix and the agent's own capacity say how much and beside what") {
  Floor floor = OneAgent([](pb::Agent& agent) {
    auto& own = *agent.add_capacities();
    own.set_channel(type::CHAT);
    own.set_at_once(2);
  });
  for (const char* chat : {"one", "two", "three"}) Comes(floor, chat, type::CHAT);
  floor.Accept("one");
  floor.Accept("two");
  CHECK(floor.AgentOf("three").empty());
  Comes(floor, "call", type::VOICE);
  CHECK(floor.AgentOf("call").empty());
  // The rules change while they wait: calls come beside chats now.
  CHECK(!floor.Do(Matrix(type::CHAT, 5, {type::VOICE})).error);
  CHECK(floor.AgentOf("call") == "1001");
  CHECK(floor.AgentOf("three").empty());  // the agent's own word is stronger than the tenant's
  CHECK(floor.engine().VerdictOn(Id("1001"), Id("three")).bar() == pb::Verdict::BUSY);
  floor.HangUp("call");
  floor.Agent("1001", "all");  // as all
  CHECK(floor.AgentOf("three") == "1001");
  pb::Command twice = Matrix(type::CHAT, 1, {});
  *twice.mutable_put_desk_rules()->add_channels() = twice.put_desk_rules().channels(0);
  CHECK(floor.Do(twice).error->reason == "CHANNEL_TWICE");
  const auto refused = floor.Agent("1001", "all", {}, 0, [](pb::Agent& agent) {
    for (int i = 0; i < 2; ++i) agent.add_capacities()->set_channel(type::CHAT);
  });
  REQUIRE(refused.error);
  CHECK(refused.error->reason == "CHANNEL_TWICE");
  CHECK(floor.RebuildsAndReplays());
}

TEST_CASE("an unanswered chat stops new work, and the agent rests when the others are done") {
  Floor floor = OneAgent();
  for (const char* chat : {"one", "two", "three"}) Comes(floor, chat, type::CHAT);
  floor.Accept("one");
  floor.Pass(15s);
  CHECK(floor.AgentOf("two").empty());
  CHECK(floor.StateOf("1001") == pb::AgentSession::BUSY);
  CHECK(floor.Of("1001").pending_reason() == "RONA");
  CHECK(floor.AgentOf("three").empty());
  SECTION("till then the customer in hand is served") {
    Done(floor, "1001", "one");
    floor.Complete("one");
    CHECK(floor.StateOf("1001") == pb::AgentSession::NOT_READY);
    CHECK(floor.Of("1001").reason() == "RONA");
    CHECK(SlotsOf(floor, "1001").empty());
  }
  SECTION("whoever says READY meanwhile has room again at once") {
    floor.Status("1001", pb::READY);
    CHECK(floor.AgentOf("three") == "1001");
    floor.Accept("three");
    floor.Pass(30s);  // by then the other may be offered again
    CHECK(floor.AgentOf("two") == "1001");
  }
  SECTION("a rest asked for meanwhile replaces it, and comes last") {
    floor.Status("1001", pb::NOT_READY, "MEAL");
    Done(floor, "1001", "one");
    CHECK(floor.StateOf("1001") == pb::AgentSession::WRAPPING);
    floor.Complete("one");
    CHECK(floor.Of("1001").reason() == "MEAL");
  }
  CHECK(floor.RebuildsAndReplays());
}

TEST_CASE("of two with room the one with less in hand is given the next, however long idle") {
  Floor floor = OneAgent();
  Comes(floor, "one", type::CHAT);
  floor.Accept("one");
  floor.Pass(10min);
  floor.Agent("1002", "all");
  floor.Ready("1002");
  Comes(floor, "two", type::CHAT);
  CHECK(floor.AgentOf("two") == "1002");
  floor.Accept("two");
  Comes(floor, "three", type::CHAT);
  CHECK(floor.AgentOf("three") == "1001");  // both have one: who is idle for longer
  CHECK(floor.RebuildsAndReplays());
}

TEST_CASE("a desk that is gone loses what rings and keeps what is in hand to the last") {
  Floor floor = OneAgent();
  for (const char* chat : {"one", "two", "three"}) Comes(floor, chat, type::CHAT);
  floor.Accept("one");
  floor.Accept("two");
  floor.Desk("1001", false);
  CHECK(floor.AgentOf("three").empty());
  CHECK(SlotsOf(floor, "1001") == "CHAT TALKING, CHAT TALKING");
  CHECK(floor.engine().VerdictOn(Id("1001"), Id("three")).bar() == pb::Verdict::DESK_GONE);
  CHECK(floor.SignOut("1001").error->reason == "AGENT_BUSY");
  SECTION("back in time they are given the third again") {
    floor.Desk("1001", true);
    CHECK(floor.AgentOf("three") == "1001");
  }
  SECTION("gone for good they are signed out after the last") {
    floor.DeskExpired("1001");
    Done(floor, "1001", "two");
    floor.Complete("two");
    CHECK(SlotsOf(floor, "1001") == "CHAT TALKING");
    Done(floor, "1001", "one");
    floor.Complete("one");
    CHECK(floor.engine().FindSession(Id("1001")) == nullptr);
    CHECK(floor.See("three").state() == pb::Interaction::QUEUED);
  }
  CHECK(floor.RebuildsAndReplays());
}

TEST_CASE("work that names no channel has that of its queue, and readiness is counted for it") {
  Floor floor;
  floor.Queue("chats", {}, [](pb::Queue& queue) { queue.add_channels(type::CHAT); });
  floor.Profile("all", {"chats"});
  floor.Agent("1001", "all");
  floor.Ready("1001");
  floor.Ring("one", {.queue = "chats"});
  CHECK(floor.See("one").channel() == type::CHAT);
  floor.Accept("one");
  CHECK(floor.engine().StateOf("chats").agents_ready() == 1);  // there is room for more
  CHECK(floor.RebuildsAndReplays());
}

TEST_CASE("waiting work that becomes a callback asks for the room of a callback") {
  Floor floor = OneAgent();
  Comes(floor, "chat", type::CHAT);
  floor.Accept("chat");
  Comes(floor, "mail", type::EMAIL, {.priority = 1});
  CHECK(floor.AgentOf("mail").empty());
  CHECK(!floor.Do(Matrix(type::CHAT, 0, {type::CALLBACK})).error);
  CHECK(floor.AgentOf("mail").empty());
  CHECK(!floor.Callback("mail", "13900001111").error);
  CHECK(floor.AgentOf("mail") == "1001");
  CHECK(floor.RebuildsAndReplays());
}
