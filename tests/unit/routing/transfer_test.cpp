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

/// 1001 (business) speaks with "huang"; 1002 serves complaints, 1003 neither.
Floor Talking(const std::function<void(pb::Queue&)>& complaints = {}) {
  Floor floor;
  floor.Queue("business");
  floor.Queue("complaint", {}, complaints);
  floor.Queue("sales");
  floor.Profile("business", {"business"});
  floor.Profile("complaint", {"complaint"});
  floor.Profile("sales", {"sales"});
  floor.Agent("1001", "business");
  floor.Agent("1002", "complaint");
  floor.Agent("1003", "sales");
  floor.Ready("1001");
  floor.Ring("huang", {.grade = "GOLD", .more = [](pb::Interaction& in) {
                         (*in.mutable_attached_data())["broken for"] = "3 days";
                         in.add_menu_path("complaint");
                         in.set_calling_number("02083334567");
                       }});
  floor.Accept("huang");
  floor.Connected("huang");
  floor.Pass(60s);
  return floor;
}

std::string Why(const carillon::routing::domain::Applied& applied) {
  return applied.error ? applied.error->reason : "";
}
auto ToQueue(const std::string& queue, const std::string& briefing = "") {
  return [=](pb::TransferCommand& in) {
    in.set_to_queue("queues/" + queue);
    in.set_briefing(briefing);
  };
}
auto ToAgent(const std::string& agent) {
  return [=](pb::TransferCommand& in) { in.set_to_agent("agents/" + Id(agent)); };
}
auto Outside(const std::string& number) {
  return [=](pb::TransferCommand& in) { in.set_phone_number(number); };
}
std::vector<pb::ArrangeCallTask> Arranged(const carillon::routing::domain::Applied& applied) {
  std::vector<pb::ArrangeCallTask> out;
  for (const auto& task : applied.tasks)
    if (const auto* match = dynamic_cast<const pb::ArrangeCallTask*>(task.payload.get()))
      out.push_back(*match);
  return out;
}

}  // namespace

TEST_CASE("A7 a complaint is passed on with a briefing, and the receiver sees what was known") {
  Floor floor = Talking([](pb::Queue& queue) { queue.set_briefing_required(true); });
  floor.Ready("1002");
  CHECK(Why(floor.Transfer("huang", "huang 2", ToQueue("complaint"))) == "BRIEFING_MISSING");
  CHECK(floor.See("huang").state() == State::ASSIGNED);
  const auto moved = floor.Transfer("huang", "huang 2", ToQueue("complaint", "宽带三天未修复，已道歉"));
  REQUIRE(!moved.error);
  const auto before = floor.See("huang");
  CHECK(before.state() == State::WRAPPING);
  CHECK(before.end_cause() == "TRANSFERRED");
  CHECK(before.transferred_to() == "interactions/" + Id("huang 2"));
  CHECK(FromProto(before.talk_duration()) == 60s);
  const auto after = floor.See("huang 2");
  CHECK(floor.AgentOf("huang 2") == "1002");
  CHECK(after.state() == State::RESERVED);
  CHECK(after.briefing() == "宽带三天未修复，已道歉");
  CHECK(after.attached_data().at("broken for") == "3 days");
  CHECK(after.menu_path(0) == "complaint");
  CHECK(after.grade() == "GOLD");
  CHECK(after.call() == before.call());
  CHECK(after.parent() == before.name());
  CHECK(after.root() == before.name());
  CHECK(after.transfers() == 1);
  const auto tasks = Arranged(moved);
  REQUIRE(tasks.size() == 1);
  CHECK(tasks[0].interaction() == after.name());
  CHECK(tasks[0].parties().empty());
  const auto told = floor.EventsOf<pb::InteractionTransferred>();
  REQUIRE(told.size() == 1);
  CHECK(told[0].interaction().transferred_to() == after.name());
  CHECK(told[0].interaction().briefing().empty());
  for (const auto& offer : floor.EventsOf<pb::InteractionOffered>())
    CHECK(offer.interaction().briefing().empty());
  // Both agents have an outcome of their own.
  floor.Complete("huang", "PASSED_ON");
  floor.Accept("huang 2");
  floor.Connected("huang 2");
  floor.Pass(30s);
  floor.HangUp("huang 2");
  floor.Complete("huang 2");
  CHECK(floor.See("huang").disposition() == "PASSED_ON");
  CHECK(floor.See("huang 2").state() == State::COMPLETED);
  CHECK(FromProto(floor.See("huang 2").talk_duration()) == 30s);
  CHECK(floor.EventsOf<pb::InteractionCompleted>().size() == 2);
  CHECK(floor.RebuildsAndReplays());
}

TEST_CASE("who is passed on keeps the place in time, and a third agent's root is the first") {
  Floor floor = Talking();
  floor.SignIn("1002");
  floor.Ring("later", {.queue = "complaint", .grade = "GOLD"});
  floor.Pass(5s);
  REQUIRE(!floor.Transfer("huang", "huang 2", ToQueue("complaint")).error);
  CHECK(floor.See("huang 2").position() == 1);
  floor.Status("1002", pb::READY);
  CHECK(floor.AgentOf("huang 2") == "1002");
  floor.Accept("huang 2");
  REQUIRE(!floor.Transfer("huang 2", "huang 3", ToQueue("sales")).error);
  CHECK(floor.See("huang 3").root() == "interactions/" + Id("huang"));
  CHECK(floor.See("huang 3").parent() == "interactions/" + Id("huang 2"));
  CHECK(floor.See("huang 3").transfers() == 2);
  CHECK(floor.RebuildsAndReplays());
}

TEST_CASE("what came with a customer is the same after three transfers, its words included") {
  Floor floor = Talking();
  for (const auto* agent : {"1002", "1003"}) floor.Ready(agent);
  const auto first = floor.See("huang");
  const auto pass = [&](const std::string& from, const std::string& to, const auto& how) {
    REQUIRE(!floor.Transfer(from, to, how).error);
    floor.Complete(from);
    floor.Accept(to);
    floor.Connected(to);
    floor.Pass(10s);
  };
  pass("huang", "huang 2", ToQueue("complaint", "first words"));
  pass("huang 2", "huang 3", ToAgent("1003"));
  pass("huang 3", "huang 4", ToQueue("business"));
  CHECK(floor.AgentOf("huang 4") == "1001");
  auto last = floor.See("huang 4");
  CHECK(last.transfers() == 3);
  CHECK(last.root() == first.name());
  REQUIRE(last.attached_data_size() == first.attached_data_size());
  for (const auto& [key, value] : first.attached_data()) CHECK(last.attached_data().at(key) == value);
  CHECK(last.menu_path_size() == first.menu_path_size());
  CHECK(last.calling_number() == first.calling_number());
  CHECK(last.grade() == first.grade());
  CHECK(last.briefing().empty());  // a briefing is for whom it was written
  CHECK(floor.RebuildsAndReplays());
}

TEST_CASE("a customer who leaves while passed on is abandoned there, once") {
  Floor floor = Talking();
  REQUIRE(!floor.Transfer("huang", "huang 2", ToQueue("complaint")).error);
  floor.Pass(34s);
  floor.HangUp("huang");  // a late word about the first agent's part changes nothing
  CHECK(floor.See("huang").state() == State::WRAPPING);
  floor.HangUp("huang 2");
  CHECK(floor.See("huang 2").state() == State::ABANDONED);
  CHECK(FromProto(floor.See("huang 2").wait_duration()) == 34s);
  floor.Complete("huang");
  CHECK(floor.EventsOf<pb::InteractionAbandoned>().size() == 1);
  CHECK(floor.RebuildsAndReplays());
}

TEST_CASE("an agent who is asked for gets the customer though no profile says so") {
  Floor floor = Talking();
  floor.Ready("1003");
  REQUIRE(!floor.Transfer("huang", "huang 2", ToAgent("1003")).error);
  CHECK(floor.AgentOf("huang 2") == "1003");
  CHECK(floor.See("huang 2").queue() == floor.See("huang").queue());
  SECTION("who refuses is replaced by the queue") {
    floor.Reject("huang 2");
    CHECK(floor.See("huang 2").state() == State::QUEUED);
    floor.Complete("huang");
    CHECK(floor.See("huang 2").state() == State::QUEUED);  // not back to who passed it on, for a while
    floor.Pass(31s);
    CHECK(floor.AgentOf("huang 2") == "1001");
  }
  SECTION("who takes it has it") {
    floor.Accept("huang 2");
    CHECK(floor.StateOf("1003") == Session::BUSY);
  }
  CHECK(floor.RebuildsAndReplays());
}

TEST_CASE("who is asked for is not delayed by a profile, nor barred by having none of the queue") {
  Floor floor = Talking();
  floor.Profile("late", {}, [](pb::RoutingProfile& profile) {
    auto& entry = *profile.add_entries();
    entry.set_queue("queues/business");
    entry.mutable_delay()->set_seconds(300);
  });
  floor.Agent("1005", "late");
  const std::string to = GENERATE("1003", "1005");
  floor.Ready(to);
  REQUIRE(!floor.Transfer("huang", "huang 2", ToAgent(to)).error);
  CHECK(floor.AgentOf("huang 2") == to);
  CHECK(floor.RebuildsAndReplays());
}

TEST_CASE("a busy agent who is asked for is waited for a little, then the queue takes over") {
  Floor floor = Talking();
  floor.Ready("1003");
  floor.Ring("other", {.queue = "sales"});
  floor.Accept("other");
  REQUIRE(!floor.Transfer("huang", "huang 2", ToAgent("1003")).error);
  CHECK(floor.See("huang 2").state() == State::QUEUED);
  const auto explained = floor.engine().Explain(Id("huang 2"));
  REQUIRE(explained.verdicts_size() == 2);
  CHECK(explained.verdicts(0).bar() == pb::Verdict::BUSY);
  SECTION("free in time") {
    floor.Queue("later");  // a change of rules in between does not end the wait
    floor.HangUp("other");
    floor.Complete("other");
    CHECK(floor.AgentOf("huang 2") == "1003");
  }
  SECTION("not free in time") {
    floor.Complete("huang");
    floor.Agent("1004", "business");
    floor.Ready("1004");
    CHECK(floor.See("huang 2").state() == State::QUEUED);
    floor.Pass(20s);
    CHECK(floor.AgentOf("huang 2") == "1004");
  }
  CHECK(floor.RebuildsAndReplays());
}

TEST_CASE("a transfer that cannot be changes nothing and says why") {
  Floor floor = Talking();
  floor.Queue("night", {}, [](pb::Queue& queue) { queue.set_closed(true); });
  CHECK(Why(floor.Transfer("huang", "x", [](pb::TransferCommand&) {})) == "TARGET_MISSING");
  CHECK(Why(floor.Transfer("huang", "x", ToQueue("nowhere"))) == "QUEUE_UNKNOWN");
  CHECK(Why(floor.Transfer("huang", "x", ToQueue("night"))) == "QUEUE_CLOSED");
  CHECK(Why(floor.Transfer("huang", "x", ToAgent("1001"))) == "TRANSFER_TO_SELF");
  CHECK(Why(floor.Transfer("huang", "x", ToAgent("9999"))) == "AGENT_UNKNOWN");
  CHECK(Why(floor.Transfer("huang", "x", ToAgent("1002"))) == "AGENT_NOT_SIGNED_IN");
  floor.SignIn("1002");
  const auto away = floor.Transfer("huang", "x", ToAgent("1002"));
  CHECK(Why(away) == "AGENT_NOT_AVAILABLE");
  CHECK(away.error->metadata.at("reason") == "SIGNED_IN");
  CHECK(Why(floor.Transfer("huang", "x", Outside("+862083334567"))) == "OUTSIDE_FORBIDDEN");
  CHECK(Why(floor.Transfer("huang", "x", [](pb::TransferCommand& in) {
          in.set_agent(Id("1002"));
          in.set_to_queue("queues/sales");
        })) == "INTERACTION_NOT_YOURS");
  floor.Ring("waits");
  CHECK(Why(floor.Transfer("waits", "x", ToQueue("sales"))) == "INTERACTION_NOT_YOURS");
  CHECK(floor.See("huang").state() == State::ASSIGNED);
  CHECK(floor.EventsOf<pb::InteractionTransferred>().empty());
  CHECK(floor.RebuildsAndReplays());
}

TEST_CASE("a number outside gets the customer when the desk rules allow it, and is no longer ours") {
  Floor floor = Talking();
  pb::Command rules;
  rules.mutable_put_desk_rules()->add_outside_prefixes("+8620");
  floor.Do(rules);
  CHECK(Why(floor.Transfer("huang", "x", Outside("+1900555000"))) == "OUTSIDE_FORBIDDEN");
  const auto moved = floor.Transfer("huang", "x", Outside("+862083334567"));
  REQUIRE(!moved.error);
  CHECK(floor.See("huang").state() == State::WRAPPING);
  CHECK(floor.See("huang").outside_number() == "+862083334567");
  const auto tasks = Arranged(moved);
  REQUIRE(tasks.size() == 1);
  REQUIRE(tasks[0].parties_size() == 1);
  CHECK(tasks[0].parties(0).phone_number() == "+862083334567");
  CHECK(tasks[0].parties(0).audio() == pb::ArrangeCallTask::Party::TALKS);
  for (const auto& event : floor.EventsOf<pb::InteractionTransferred>())
    CHECK(event.interaction().outside_number().empty());
  floor.Complete("huang");
  CHECK(floor.StateOf("1001") == Session::READY);
  CHECK(floor.RebuildsAndReplays());
}

TEST_CASE("without wrap-up the agent who passed on is free at once and does not get the customer back") {
  Floor floor;
  floor.Queue("business", {}, [](pb::Queue& queue) { queue.mutable_wrap_up(); });
  floor.Profile("all", {"business"});
  floor.Agent("1001", "all");
  floor.Ready("1001");
  floor.Ring("huang");
  floor.Accept("huang");
  floor.Ring("next");
  REQUIRE(!floor.Transfer("huang", "huang 2", ToQueue("business")).error);
  CHECK(floor.See("huang").state() == State::COMPLETED);
  CHECK(floor.AgentOf("next") == "1001");
  CHECK(floor.See("huang 2").state() == State::QUEUED);
  CHECK(floor.RebuildsAndReplays());
}

namespace {

/// "huang" is on the way to a number outside.
Floor Outbound(bool wrap_up = true) {
  Floor floor = Talking();
  if (!wrap_up) floor.Queue("business", {}, [](pb::Queue& queue) { queue.mutable_wrap_up(); });
  pb::Command rules;
  rules.mutable_put_desk_rules()->add_outside_prefixes("+8620");
  floor.Do(rules);
  REQUIRE(!floor.Transfer("huang", "line", Outside("+862083334567")).error);
  floor.Pass(25s);
  return floor;
}

}  // namespace

TEST_CASE("a number outside that does not answer gives the customer back to the agent, as after a hold") {
  Floor floor = Outbound();
  const auto before = floor.See("huang");
  REQUIRE(before.state() == State::WRAPPING);
  const auto back = floor.OutsideFailed("huang", "unused");
  REQUIRE(!back.error);
  const auto after = floor.See("huang");
  CHECK(after.state() == State::ASSIGNED);
  CHECK(floor.StateOf("1001") == Session::BUSY);
  CHECK(after.outside_number().empty());
  CHECK(after.reservation() != before.reservation());
  const auto tasks = Arranged(back);
  REQUIRE(tasks.size() == 1);
  REQUIRE(tasks[0].parties_size() == 1);
  CHECK(tasks[0].parties(0).reservation() == after.reservation());
  CHECK(floor.EventsOf<pb::InteractionReturned>().size() == 1);
  CHECK(floor.OutsideFailed("huang", "unused").records.transitions().empty());  // said twice, done once
  SECTION("and the talk goes on") {
    floor.Connected("huang");
    floor.Pass(40s);
    floor.HangUp("huang");
    CHECK(FromProto(floor.See("huang").hold_duration()) == 25s);
    CHECK(FromProto(floor.See("huang").talk_duration()) == 100s);
    CHECK(!floor.Complete("huang").error);
    CHECK(floor.EventsOf<pb::InteractionCompleted>().size() == 1);
  }
  SECTION("an agent whose phone does not answer then leaves the customer to the queue") {
    const auto gone = floor.PhoneFailed("huang", "huang 2");
    REQUIRE(!gone.error);
    CHECK(floor.See("huang").state() == State::WRAPPING);
    CHECK(floor.See("huang").transferred_to() == floor.See("huang 2").name());
    CHECK(floor.See("huang 2").state() == State::QUEUED);
    CHECK(floor.See("huang 2").parent() == floor.See("huang").name());
    CHECK(Arranged(gone).back().interaction() == floor.See("huang 2").name());
    floor.Complete("huang");
    CHECK(floor.Of("1001").reason() == "PHONE_FAILED");
  }
  CHECK(floor.RebuildsAndReplays());
}

TEST_CASE("whose agent has finished comes back as work of its own, first to that agent, else in the queue") {
  const bool wrapped = GENERATE(true, false);
  Floor floor = Outbound(wrapped);
  floor.Agent("1004", "business");
  if (wrapped) floor.Complete("huang", "PASSED_ON");
  REQUIRE(floor.See("huang").state() == State::COMPLETED);
  SECTION("the agent is ready") {
    floor.Ready("1004");
    const auto back = floor.OutsideFailed("huang", "huang 2");
    REQUIRE(!back.error);
    CHECK(floor.AgentOf("huang 2") == "1001");
    CHECK(floor.See("huang 2").root() == floor.See("huang").name());
    CHECK(floor.See("huang 2").attached_data().at("broken for") == "3 days");
    CHECK(Arranged(back)[0].interaction() == floor.See("huang 2").name());
    floor.OutsideFailed("huang", "huang 2");
    CHECK(floor.EventsOf<pb::InteractionCreated>().size() == 2);
  }
  SECTION("the agent is gone") {
    floor.Status("1001", pb::SIGNED_OUT);
    floor.Ring("later");
    REQUIRE(!floor.OutsideFailed("huang", "huang 2").error);
    CHECK(floor.See("huang 2").position() == 1);  // the first arrival counts
    floor.Ready("1004");
    CHECK(floor.AgentOf("huang 2") == "1004");
  }
  SECTION("the queue is gone: the call is taken down") {
    floor.Status("1001", pb::NOT_READY, "REST");
    for (const char* profile : {"business", "complaint", "sales"}) floor.Profile(profile, {"sales"});
    pb::Command remove;
    remove.set_delete_queue(Id("queue business"));
    REQUIRE(!floor.Do(remove).error);
    const auto back = floor.OutsideFailed("huang", "huang 2");
    REQUIRE(back.tasks.size() == 1);
    CHECK(dynamic_cast<const pb::ReleaseCallTask&>(*back.tasks[0].payload).cause() == "NO_AGENT");
  }
  CHECK(floor.RebuildsAndReplays());
}

TEST_CASE("with the agent's desk gone, whom nobody outside answered waits in the queue") {
  Floor floor = Outbound();
  floor.Desk("1001", false);
  REQUIRE(!floor.OutsideFailed("huang", "huang 2").error);
  CHECK(floor.See("huang").state() == State::WRAPPING);
  CHECK(floor.See("huang").transferred_to() == floor.See("huang 2").name());
  CHECK(floor.See("huang 2").state() == State::QUEUED);
  CHECK(floor.RebuildsAndReplays());
}
