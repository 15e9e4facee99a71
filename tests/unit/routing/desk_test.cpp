#include <catch2/catch.hpp>

#include "base/proto_time.hpp"
#include "floor.hpp"
#include "routing/domain/move.hpp"

using namespace std::chrono_literals;
using carillon::Duration;
using carillon::FromProto;
using carillon::ToProto;
using carillon::routing::testing::Floor;
using carillon::routing::testing::Id;
namespace pb = carillon::routing::v1;

namespace {

std::string Why(const carillon::routing::domain::Applied& applied) {
  return applied.error ? applied.error->reason : "";
}

/// One queue, three agents at work, and reasons: REST 10 minutes a day, MEAL, MEETING only by a supervisor.
Floor Shift(const std::function<void(pb::Queue&)>& rules = {}) {
  Floor floor;
  floor.Queue("business", {}, rules);
  floor.Profile("all", {"business"});
  pb::Command command;
  auto& desks = *command.mutable_put_desk_rules();
  desks.set_etag("1");
  auto& rest = *desks.add_reasons();
  rest.set_code("REST");
  *rest.mutable_daily_limit() = ToProto(Duration{10min});
  desks.add_reasons()->set_code("MEAL");
  auto& meeting = *desks.add_reasons();
  meeting.set_code("MEETING");
  meeting.set_set_by(pb::NotReadyReason::SUPERVISOR);
  CHECK(!floor.Do(command).error);
  for (const char* agent : {"1001", "1002", "1003"}) {
    floor.Agent(agent, "all");
    floor.Ready(agent);
  }
  return floor;
}

}  // namespace

TEST_CASE("only the tenant's reasons are taken, and some only from a supervisor") {
  Floor floor = Shift();
  CHECK(Why(floor.Status("1001", pb::NOT_READY, "SHOPPING")) == "REASON_UNKNOWN");
  CHECK(Why(floor.Status("1001", pb::NOT_READY, "MEETING")) == "REASON_SUPERVISOR");
  CHECK(floor.StateOf("1001") == pb::AgentSession::READY);
  CHECK(!floor.Force("1001", pb::NOT_READY, "MEETING").error);
  CHECK(floor.Of("1001").reason() == "MEETING");
  CHECK(!floor.Status("1002", pb::NOT_READY, "MEAL").error);
  CHECK(!floor.Of("1002").has_reason_limit_time());
  pb::Command twice;
  twice.mutable_put_desk_rules()->add_reasons()->set_code("REST");
  twice.mutable_put_desk_rules()->add_reasons()->set_code("REST");
  CHECK(Why(floor.Do(twice)) == "REASON_TWICE");
  pb::Command stale;
  stale.set_expected_etag("0");
  stale.mutable_put_desk_rules()->set_etag("2");
  CHECK(Why(floor.Do(stale)) == "ETAG_STALE");
  CHECK(floor.RebuildsAndReplays());
}

TEST_CASE("the time of a reason is used up over the day, sign-outs included, and new the next day") {
  Floor floor = Shift();
  floor.Status("1001", pb::NOT_READY, "REST");
  CHECK(FromProto(floor.Of("1001").reason_limit_time()) == floor.now() + 10min);
  floor.Pass(6min);
  floor.Status("1001", pb::READY);
  floor.SignOut("1001");
  floor.Ready("1001");
  floor.Status("1001", pb::NOT_READY, "REST");
  CHECK(FromProto(floor.Of("1001").reason_limit_time()) == floor.now() + 4min);
  floor.Pass(7min);  // who is in it stays
  CHECK(floor.Of("1001").reason() == "REST");
  floor.Status("1001", pb::READY);
  CHECK(Why(floor.Status("1001", pb::NOT_READY, "REST")) == "REASON_LIMIT_USED");
  CHECK(!floor.Status("1001", pb::NOT_READY, "MEAL").error);
  CHECK(!floor.Force("1001", pb::NOT_READY, "REST").error);  // a supervisor may
  floor.Status("1001", pb::READY);
  CHECK(floor.RebuildsAndReplays());
  // The floor's clock stood at 17:00 in Shanghai; a rest over midnight counts for the new day from there on.
  floor.Pass(6h + 20min);
  floor.Force("1001", pb::NOT_READY, "REST");
  floor.Pass(30min);
  floor.Status("1001", pb::READY);
  CHECK(!floor.Status("1001", pb::NOT_READY, "REST").error);
  CHECK(FromProto(floor.Of("1001").reason_limit_time()) - floor.now() < 10min);
  CHECK(FromProto(floor.Of("1001").reason_limit_time()) > floor.now());
  CHECK(floor.RebuildsAndReplays());
}

TEST_CASE("the last agents of a queue may not leave; who chose so during a call is not counted any more") {
  Floor floor = Shift([](pb::Queue& queue) { queue.set_min_working(1); });
  floor.Ring("li");
  const auto busy = floor.AgentOf("li");
  floor.Accept("li");
  CHECK(!floor.Status(busy, pb::NOT_READY, "MEAL").error);
  CHECK(floor.Of(busy).pending_status() == pb::NOT_READY);
  std::vector<std::string> others;
  for (const char* agent : {"1001", "1002", "1003"})
    if (agent != busy) others.emplace_back(agent);
  CHECK(!floor.Status(others[0], pb::NOT_READY, "MEAL").error);
  CHECK(Why(floor.Status(others[1], pb::NOT_READY, "MEAL")) == "STAFFING_MINIMUM");
  CHECK(!floor.Status(busy, pb::READY).error);  // changed their mind
  CHECK(!floor.Status(others[1], pb::NOT_READY, "MEAL").error);
  CHECK(!floor.Status(others[1], pb::NOT_READY, "REST").error);  // from one rest to another
  CHECK(Why(floor.Status(busy, pb::NOT_READY, "MEAL")) == "STAFFING_MINIMUM");
  CHECK(!floor.Force(busy, pb::NOT_READY, "MEETING").error);
  CHECK(floor.RebuildsAndReplays());
}

TEST_CASE("wrap-up is made longer as often as the queue allows") {
  Floor floor = Shift([](pb::Queue& queue) {
    queue.set_wrap_up_renewals(2);
    *queue.mutable_wrap_up_renewal() = ToProto(Duration{30s});
  });
  floor.Ring("li");
  floor.Accept("li");
  CHECK(Why(floor.MoreWrapUp("li")) == "INTERACTION_NOT_WRAPPING");
  floor.HangUp("li");
  const auto begin = floor.now();
  CHECK(FromProto(floor.See("li").wrap_end_time()) == begin + 60s);
  floor.Pass(50s);
  CHECK(!floor.MoreWrapUp("li").error);
  CHECK(!floor.MoreWrapUp("li").error);
  CHECK(Why(floor.MoreWrapUp("li")) == "WRAP_UP_RENEWALS_USED");
  CHECK(FromProto(floor.See("li").wrap_end_time()) == begin + 120s);
  floor.Pass(69s);
  CHECK(floor.See("li").state() == pb::Interaction::WRAPPING);
  floor.Pass(1s);
  CHECK(floor.See("li").state() == pb::Interaction::COMPLETED);
  CHECK(FromProto(floor.See("li").wrap_duration()) == 120s);
  CHECK(!floor.See("li").has_wrap_end_time());
  CHECK(floor.RebuildsAndReplays());
}

TEST_CASE("a supervisor moves an agent at once, for good or for a while, and the roster gives way") {
  namespace domain = carillon::routing::domain;
  const auto now = carillon::routing::testing::kNine;
  pb::Agent agent;
  agent.set_routing_profile("own");
  const auto stretch = [&](const char* profile, Duration start, Duration end) {
    auto& to = *agent.add_assignments();
    to.set_routing_profile(profile);
    *to.mutable_start_time() = ToProto(now + start);
    *to.mutable_end_time() = ToProto(now + end);
  };
  stretch("past", -3h, -2h);
  stretch("morning", -1h, 1h);
  stretch("noon", 1h, 3h);
  stretch("evening", 6h, 8h);
  // Profile by profile, in half hours from two and a half hours ago: what is in force then.
  const auto day = [&](const pb::Agent& moved) {
    std::string out;
    auto before = carillon::TimePoint::min();
    for (const auto& each : moved.assignments()) {
      CHECK(FromProto(each.start_time()) >= before);
      CHECK(FromProto(each.start_time()) < FromProto(each.end_time()));
      before = FromProto(each.end_time());
    }
    for (auto at = now - 150min; at < now + 9h; at += 30min) {
      std::string holds = moved.routing_profile();
      for (const auto& each : moved.assignments())
        if (FromProto(each.start_time()) <= at && at < FromProto(each.end_time()))
          holds = each.routing_profile();
      out += holds[0];
    }
    return out;
  };
  REQUIRE(day(agent) == "poommmmnnnnooooooeeeeoo");
  pb::MoveAgentRequest move;
  move.set_routing_profile("x");
  const auto for_good = domain::Moved(agent, move, now);
  REQUIRE(for_good);
  CHECK(for_good->routing_profile() == "x");
  CHECK(day(*for_good) == "pxxmmxxnnnnxxxxxxeeeexx");
  *move.mutable_end_time() = ToProto(now + 90min);
  CHECK(day(domain::Moved(agent, move, now).value()) == "poommxxxnnnooooooeeeeoo");
  *move.mutable_end_time() = ToProto(now + 7h);
  CHECK(day(domain::Moved(agent, move, now).value()) == "poommxxxxxxxxxxxxxxeeoo");
  *move.mutable_end_time() = ToProto(now + 9h);
  CHECK(day(domain::Moved(agent, move, now).value()) == "poommxxxxxxxxxxxxxxxxxx");
  // Twice in the same moment is once.
  CHECK(day(domain::Moved(domain::Moved(agent, move, now).value(), move, now).value()) ==
        "poommxxxxxxxxxxxxxxxxxx");
  *move.mutable_end_time() = ToProto(now);
  CHECK(domain::Moved(agent, move, now).error().reason == "MOVE_END_PAST");
  // A year of moves does not make the list longer than an update may carry.
  pb::Agent moved;
  for (int i = 0; i < 500; ++i) {
    *move.mutable_end_time() = ToProto(now + i * 10min + 5min);
    moved = domain::Moved(moved, move, now + i * 10min).value();
  }
  CHECK(moved.assignments_size() == 400);
}

TEST_CASE("who is moved for a while serves the other queue from now on, and is back by themselves") {
  namespace domain = carillon::routing::domain;
  Floor floor = Shift();
  floor.Queue("market");
  floor.Profile("market", {"market"});
  floor.Ring("buyer", {.queue = "market"});
  CHECK(floor.AgentOf("buyer").empty());
  pb::MoveAgentRequest move;
  move.set_routing_profile("routingProfiles/market");
  *move.mutable_end_time() = ToProto(floor.now() + 10min);
  pb::Command command;
  *command.mutable_put_agent() =
      domain::Moved(*floor.engine().FindAgent(Id("1001")), move, floor.now()).value();
  CHECK(!floor.Do(command).error);
  CHECK(floor.AgentOf("buyer") == "1001");
  floor.Accept("buyer");
  floor.Pass(10min);
  CHECK(floor.See("buyer").state() == pb::Interaction::ASSIGNED);
  floor.HangUp("buyer");
  floor.Complete("buyer");
  floor.Ring("second", {.queue = "market"});
  CHECK(floor.AgentOf("second").empty());
  CHECK(floor.RebuildsAndReplays());
}

TEST_CASE("A9 an agent is moved to another queue during a call, and takes its work when the call is over") {
  Floor floor = Shift();
  floor.Queue("market");
  floor.Profile("market", {"market"});
  floor.Ring("li");
  const auto busy = floor.AgentOf("li");
  floor.Accept("li");
  floor.Ring("buyer", {.queue = "market"});
  floor.Agent(busy, "market");
  CHECK(floor.See("li").state() == pb::Interaction::ASSIGNED);
  CHECK(floor.AgentOf("buyer").empty());
  floor.HangUp("li");
  floor.Complete("li");
  CHECK(floor.AgentOf("buyer") == busy);
  CHECK(floor.Of(busy).create_time().seconds() != 0);  // the same session
  CHECK(floor.RebuildsAndReplays());
}

TEST_CASE("A9 the roster moves an agent at its boundary, not out of a call, and back") {
  Floor floor = Shift();
  floor.Queue("market");
  floor.Profile("market", {"market"});
  const auto day = floor.now();
  const auto roster = [&](pb::Agent& agent) {
    const auto stretch = [&](std::chrono::minutes from, std::chrono::minutes to, const char* profile) {
      auto& made = *agent.add_assignments();
      *made.mutable_start_time() = carillon::ToProto(day + from);
      *made.mutable_end_time() = carillon::ToProto(day + to);
      made.set_routing_profile(std::string("routingProfiles/") + profile);
    };
    stretch(60min, 120min, "market");
    stretch(120min, 180min, "market");
  };
  floor.Ring("li");
  const auto busy = floor.AgentOf("li");
  floor.Agent(busy, "all", {}, 0, roster);
  floor.Accept("li");
  floor.Pass(59min);
  floor.Ring("buyer", {.queue = "market"});
  floor.Pass(1min);
  CHECK(floor.See("li").state() == pb::Interaction::ASSIGNED);
  CHECK(floor.See("buyer").state() == pb::Interaction::QUEUED);
  floor.HangUp("li");
  floor.Complete("li");
  CHECK(floor.AgentOf("buyer") == busy);
  floor.Accept("buyer");
  floor.HangUp("buyer");
  floor.Complete("buyer");
  CHECK(floor.RebuildsAndReplays());
  SECTION("what waits is taken at the boundary itself, and the roster's end gives the agent back") {
    floor.Pass(110min);
    floor.Ring("late buyer", {.queue = "market"});
    CHECK(floor.AgentOf("late buyer") == busy);
    floor.Accept("late buyer");
    floor.Pass(9min);
    floor.HangUp("late buyer");
    floor.Complete("late buyer");
    floor.Pass(1min);
    floor.Ring("after hours", {.queue = "market"});
    CHECK(floor.See("after hours").state() == pb::Interaction::QUEUED);
    CHECK(floor.engine().StateOf("market").agents() == 0);
    CHECK(!floor.engine().NextDeadline());
  }
  SECTION("signed in within a stretch, the agent has its profile at once") {
    floor.SignOut(busy);
    floor.Pass(30min);
    floor.Ready(busy);
    CHECK(floor.engine().StateOf("market").agents() == 1);
    pb::Command remove;
    remove.set_delete_routing_profile(Id("profile market"));
    CHECK(floor.Do(remove).error->reason == "ROUTING_PROFILE_IN_USE");
    floor.SignOut(busy);
    CHECK(!floor.engine().NextDeadline());
  }
  CHECK(floor.RebuildsAndReplays());
  const auto wrong = floor.Agent(busy, "all", {}, 0, [&](pb::Agent& agent) {
    roster(agent);
    agent.mutable_assignments()->SwapElements(0, 1);
  });
  CHECK(wrong.error->reason == "ASSIGNMENTS_ORDER");
}

TEST_CASE("A11 a fax queues like a call and is dispatched by an agent") {
  Floor floor = Shift();
  pb::Command fax;
  auto& in = *fax.mutable_create_interaction();
  in.set_name("interactions/" + Id("fax"));
  in.set_queue("queues/business");
  in.set_channel(carillon::type::v1::FAX);
  in.set_calling_number("020-83334567");
  (*in.mutable_attached_data())["media"] = "fax/1.tiff";
  REQUIRE(!floor.Do(fax).error);
  const auto agent = floor.AgentOf("fax");
  REQUIRE(!agent.empty());
  CHECK(floor.See("fax").attached_data().at("media") == "fax/1.tiff");
  const auto taken = floor.Accept("fax");
  CHECK(taken.tasks.empty());  // there is no call to connect
  floor.Pass(120s);
  pb::Command done;
  done.mutable_release()->set_agent(Id(agent));
  done.mutable_release()->set_interaction(Id("fax"));
  done.mutable_release()->set_reason("DONE");
  CHECK(!floor.Do(done).error);
  CHECK(!floor.Complete("fax", "DISPATCHED").error);
  const auto over = floor.See("fax");
  CHECK(over.state() == pb::Interaction::COMPLETED);
  CHECK(over.disposition() == "DISPATCHED");
  CHECK(carillon::FromProto(over.talk_duration()) == 120s);
  const auto state = floor.engine().StateOf("business");
  CHECK(state.offered() == 1);
  CHECK(state.answered() == 1);
  CHECK(floor.RebuildsAndReplays());
}
