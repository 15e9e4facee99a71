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
using Party = pb::ArrangeCallTask::Party;

namespace {

/// 1001 speaks with "li"; 1002 is ready and serves the experts' queue.
Floor Talking() {
  Floor floor;
  floor.Queue("business");
  floor.Queue("expert");
  floor.Profile("business", {"business"});
  floor.Profile("expert", {"expert"});
  floor.Agent("1001", "business");
  floor.Agent("1002", "expert");
  floor.Ready("1001");
  floor.Ready("1002");
  floor.Ring("li");
  floor.Accept("li");
  floor.Connected("li");
  floor.Pass(60s);
  pb::Command rules;
  rules.mutable_put_desk_rules()->add_outside_prefixes("+8620");
  floor.Do(rules);
  return floor;
}

auto Expert() {
  return [](pb::TransferCommand& in) { in.set_to_queue("queues/expert"); };
}
auto Number() {
  return [](pb::TransferCommand& in) { in.set_phone_number("+862083334567"); };
}
std::string WhyNot(const carillon::routing::domain::Applied& applied) {
  return applied.error ? applied.error->reason : "";
}
/// The last arrangement of the call that was asked for.
pb::ArrangeCallTask LastOf(const carillon::routing::domain::Applied& applied) {
  pb::ArrangeCallTask out;
  for (const auto& task : applied.tasks)
    if (const auto* match = dynamic_cast<const pb::ArrangeCallTask*>(task.payload.get())) out = *match;
  return out;
}

}  // namespace

TEST_CASE("a colleague is asked while the customer holds, and takes the customer over") {
  Floor floor = Talking();
  const auto asked = floor.Consult("li", "advice", Expert());
  REQUIRE(!asked.error);
  CHECK(LastOf(asked).customer_holds());
  CHECK(LastOf(asked).parties_size() == 1);
  CHECK(floor.See("li").has_hold_time());
  CHECK(floor.See("li").consult().interaction() == "interactions/" + Id("advice"));
  CHECK(floor.See("advice").direction() == State::INTERNAL);
  CHECK(floor.AgentOf("advice") == "1002");
  CHECK(WhyNot(floor.CompleteConsult("li")) == "CONSULT_NOT_ANSWERED");
  CHECK(WhyNot(floor.JoinConsult("li")) == "CONSULT_NOT_ANSWERED");
  CHECK(WhyNot(floor.Consult("li", "other", Expert())) == "CONSULT_OPEN");
  CHECK(WhyNot(floor.Transfer("li", "other", Expert())) == "CONSULT_OPEN");
  floor.Pass(5s);
  const auto taken = floor.Accept("advice");
  CHECK(LastOf(taken).customer_holds());
  REQUIRE(LastOf(taken).parties_size() == 2);
  CHECK(LastOf(taken).interaction() == floor.See("li").name());
  CHECK(LastOf(taken).parties(1).agent() == "agents/" + Id("1002"));
  for (const auto& task : taken.tasks)
    CHECK(dynamic_cast<const pb::ConnectAgentTask*>(task.payload.get()) == nullptr);
  floor.Connected("advice");
  CHECK(floor.StateOf("1002") == Session::BUSY);
  floor.Pass(25s);
  SECTION("attended transfer") {
    const auto done = floor.CompleteConsult("li");
    REQUIRE(!done.error);
    CHECK(LastOf(done).interaction() == floor.See("advice").name());
    CHECK_FALSE(LastOf(done).customer_holds());
    REQUIRE(LastOf(done).parties_size() == 1);
    CHECK(LastOf(done).parties(0).agent() == "agents/" + Id("1002"));
    CHECK(floor.See("li").state() == State::WRAPPING);
    CHECK(FromProto(floor.See("li").hold_duration()) == 30s);
    CHECK(FromProto(floor.See("li").talk_duration()) == 60s);
    CHECK(floor.See("li").transferred_to() == floor.See("advice").name());
    CHECK(floor.See("advice").direction() == State::INBOUND);
    CHECK(floor.See("advice").transfers() == 1);
    floor.Pass(40s);
    floor.HangUp("advice");
    CHECK(floor.See("advice").state() == State::WRAPPING);  // now a customer's: there is something to write
    floor.Complete("advice");
    floor.Complete("li");
    CHECK(floor.EventsOf<pb::InteractionTransferred>().size() == 1);
  }
  SECTION("conference, then the first agent leaves") {
    const auto all = floor.JoinConsult("li");
    CHECK_FALSE(LastOf(all).customer_holds());
    CHECK(LastOf(all).parties_size() == 2);
    CHECK_FALSE(floor.See("li").has_hold_time());
    CHECK(floor.See("li").consult().conference());
    CHECK(floor.JoinConsult("li").tasks.empty());
    floor.Pass(10s);
    REQUIRE(!floor.CompleteConsult("li").error);
    CHECK(FromProto(floor.See("li").talk_duration()) == 70s);
    CHECK(floor.StateOf("1002") == Session::BUSY);
  }
  SECTION("the customer leaves: all is over") {
    floor.HangUp("li");
    CHECK(floor.See("li").state() == State::WRAPPING);
    CHECK(floor.See("advice").state() == State::COMPLETED);
    CHECK(floor.StateOf("1002") == Session::READY);
  }
  SECTION("the colleague goes, by desk or by phone, and the customer is back") {
    if (GENERATE(true, false))
      CHECK(!floor.EndConsult("advice").error);
    else
      floor.PhoneFailed("advice");
    CHECK_FALSE(floor.See("li").has_hold_time());
    CHECK_FALSE(floor.See("li").has_consult());
    CHECK(floor.See("advice").state() == State::COMPLETED);
    CHECK(floor.StateOf("1002") == Session::READY);
    CHECK(floor.StateOf("1001") == Session::BUSY);
    CHECK(WhyNot(floor.EndConsult("li")) == "CONSULT_MISSING");
  }
  SECTION("advice is no contact: it counts nowhere") {
    const auto state = floor.engine().StateOf("expert");
    CHECK(state.offered() == 0);
    CHECK(state.answered() == 0);
    floor.EndConsult("li");
    CHECK(floor.See("advice").state() == State::COMPLETED);
  }
  CHECK(floor.RebuildsAndReplays());
}

TEST_CASE("advice that nobody has taken yet is called off") {
  Floor floor = Talking();
  if (GENERATE(true, false)) floor.Status("1002", pb::NOT_READY, "REST");
  REQUIRE(!floor.Consult("li", "advice", Expert()).error);
  const auto off = floor.EndConsult("li");
  REQUIRE(!off.error);
  CHECK(floor.See("advice").state() == State::CANCELED);
  CHECK_FALSE(floor.See("li").has_hold_time());
  CHECK(LastOf(off).parties_size() == 1);
  CHECK(floor.EventsOf<pb::InteractionConsultChanged>().size() == 2);
  CHECK(floor.RebuildsAndReplays());
}

TEST_CASE("advice whose phone hangs up before anybody took it is not an abandoned customer") {
  Floor floor = Talking();
  floor.Status("1002", pb::NOT_READY, "REST");
  REQUIRE(!floor.Consult("li", "advice", Expert()).error);
  REQUIRE(!floor.HangUp("advice").error);
  CHECK(floor.See("advice").state() == State::ABANDONED);
  CHECK(floor.engine().StateOf("queues/expert").abandoned() == 0);
  CHECK(floor.RebuildsAndReplays());
}

TEST_CASE("advice waits without the limits of customers, and takes none of their calls down") {
  Floor floor = Talking();
  floor.Status("1002", pb::NOT_READY, "REST");
  floor.Queue("expert", {}, [](pb::Queue& queue) {
    queue.mutable_max_wait()->set_seconds(30);
    queue.mutable_max_wait_target()->set_kind(pb::Queue::Target::HANG_UP);
  });
  REQUIRE(!floor.Consult("li", "advice", Expert()).error);
  floor.Pass(60s);
  CHECK(floor.See("advice").state() == State::QUEUED);
  CHECK(WhyNot(floor.Callback("advice", "13900000000")) == "INTERACTION_NOT_WAITING");
  CHECK(floor.RebuildsAndReplays());
}

TEST_CASE("somebody outside is asked, and gets the customer or goes") {
  Floor floor = Talking();
  const auto asked = floor.Consult("li", "line", Number());
  REQUIRE(!asked.error);
  REQUIRE(LastOf(asked).parties_size() == 2);
  CHECK(LastOf(asked).parties(1).phone_number() == "+862083334567");
  for (const auto& event : floor.EventsOf<pb::InteractionConsultChanged>())
    CHECK(event.interaction().consult().phone_number().empty());
  SECTION("gets the customer") {
    const auto done = floor.CompleteConsult("li");
    REQUIRE(!done.error);
    REQUIRE(LastOf(done).parties_size() == 1);
    CHECK(LastOf(done).parties(0).reservation() == LastOf(asked).parties(1).reservation());
    CHECK(floor.See("li").outside_number() == "+862083334567");
    CHECK(floor.See("li").state() == State::WRAPPING);
  }
  SECTION("does not answer") {
    pb::Command failed;
    failed.mutable_media_failed()->set_interaction(Id("li"));
    failed.mutable_media_failed()->set_reservation(Id("line"));
    REQUIRE(!floor.Do(failed).error);
    CHECK(floor.See("li").state() == State::ASSIGNED);
    CHECK_FALSE(floor.See("li").has_consult());
    CHECK_FALSE(floor.See("li").has_hold_time());
  }
  CHECK(floor.RebuildsAndReplays());
}

TEST_CASE("who is asked cannot end the customer's call") {
  Floor floor = Talking();
  REQUIRE(!floor.Consult("li", "advice", Expert()).error);
  floor.Accept("advice");
  pb::Command release;
  release.mutable_release()->set_agent(Id("1002"));
  release.mutable_release()->set_interaction(Id("advice"));
  CHECK(WhyNot(floor.Do(release)) == "INTERACTION_NOT_LIVE");
  CHECK(WhyNot(floor.Transfer("advice", "x", Expert())) == "INTERACTION_NOT_LIVE");
  CHECK(floor.See("li").state() == State::ASSIGNED);
}

TEST_CASE("the agent who hangs up while a colleague is there leaves the customer with the colleague") {
  Floor floor = Talking();
  REQUIRE(!floor.Consult("li", "advice", Expert()).error);
  floor.Accept("advice");
  floor.Connected("advice");
  if (GENERATE(true, false)) floor.JoinConsult("li");
  floor.Pass(30s);
  const auto gone = floor.PhoneFailed("li", "unused");
  REQUIRE(!gone.error);
  CHECK(floor.See("li").state() == State::WRAPPING);
  CHECK(floor.See("li").end_cause() == "AGENT_HUNG_UP");
  CHECK(floor.See("li").transferred_to() == floor.See("advice").name());
  CHECK(floor.See("advice").direction() == State::INBOUND);
  CHECK(floor.StateOf("1002") == Session::BUSY);
  REQUIRE(LastOf(gone).parties_size() == 1);
  CHECK(LastOf(gone).parties(0).agent() == "agents/" + Id("1002"));
  CHECK_FALSE(LastOf(gone).customer_holds());
  floor.Complete("li");
  CHECK(floor.StateOf("1001") == Session::READY);  // hung up, not out of order
  floor.HangUp("advice");
  CHECK(floor.See("advice").state() == State::WRAPPING);
  CHECK(floor.RebuildsAndReplays());
}

TEST_CASE("the agent who hangs up while somebody outside is there leaves the customer with them") {
  Floor floor = Talking();
  REQUIRE(!floor.Consult("li", "line", Number()).error);
  const auto gone = floor.PhoneFailed("li", "unused");
  REQUIRE(LastOf(gone).parties_size() == 1);
  CHECK(LastOf(gone).parties(0).phone_number() == "+862083334567");
  CHECK(floor.See("li").outside_number() == "+862083334567");
  CHECK(floor.See("li").state() == State::WRAPPING);
  CHECK(floor.RebuildsAndReplays());
}

TEST_CASE("whom a number outside was to take over in a consultation comes back when it fails after all") {
  Floor floor = Talking();
  REQUIRE(!floor.Consult("li", "line", Number()).error);
  REQUIRE(!floor.CompleteConsult("li").error);
  REQUIRE(!floor.OutsideFailed("li", "unused").error);
  CHECK(floor.See("li").state() == State::ASSIGNED);
  CHECK_FALSE(floor.See("li").has_consult());
  CHECK_FALSE(floor.See("li").has_hold_time());
  CHECK(floor.RebuildsAndReplays());
}

TEST_CASE("a desk is reminded of a hold each 15 s, and a hold of 60 s is too long") {
  Floor floor = Talking();
  floor.Hold("li");
  floor.Pass(14s);
  CHECK(floor.See("li").hold_reminders() == 0);
  floor.Pass(1s);
  CHECK(floor.See("li").hold_reminders() == 1);
  floor.Pass(30s);
  CHECK(floor.See("li").hold_reminders() == 3);
  CHECK_FALSE(floor.See("li").hold_over_limit());
  SECTION("over") {
    floor.Pass(25s);
    CHECK(floor.See("li").hold_reminders() == 4);
    CHECK(floor.See("li").hold_over_limit());
  }
  SECTION("in time, and the next hold begins anew") {
    floor.Hold("li", false);
    floor.Pass(100s);
    CHECK_FALSE(floor.See("li").hold_over_limit());
    floor.Hold("li");
    CHECK(floor.See("li").hold_reminders() == 0);
    floor.Pass(15s);
    CHECK(floor.See("li").hold_reminders() == 1);
  }
  SECTION("by other rules, from now on") {
    pb::Command rules;
    rules.mutable_put_desk_rules()->mutable_hold_reminder();
    rules.mutable_put_desk_rules()->mutable_hold_limit()->set_seconds(50);
    floor.Do(rules);
    floor.Pass(5s);
    CHECK(floor.See("li").hold_over_limit());
    CHECK(floor.See("li").hold_reminders() == 3);
    CHECK(!floor.engine().NextDeadline());
  }
  CHECK(floor.RebuildsAndReplays());
  floor.HangUp("li");
  floor.Complete("li");
  CHECK(!floor.engine().NextDeadline());
}
