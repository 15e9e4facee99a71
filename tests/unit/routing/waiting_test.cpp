#include <catch2/catch.hpp>
#include <iostream>
#include <queue>
#include <random>

#include "base/proto_time.hpp"
#include "floor.hpp"

using namespace std::chrono_literals;
using carillon::Duration;
using carillon::FromProto;
using carillon::TimePoint;
using carillon::ToProto;
using carillon::routing::testing::Call;
using carillon::routing::testing::Floor;
using carillon::routing::testing::Id;
namespace pb = carillon::routing::v1;
using Target = pb::Queue::Target;

namespace {

std::string Said(const carillon::routing::domain::Applied& applied) {
  return applied.error ? applied.error->reason : "";
}

Call From(const std::string& number, const std::string& queue = "business") {
  Call call;
  call.queue = queue;
  call.more = [number](pb::Interaction& in) { in.set_calling_number(number); };
  return call;
}

/// Queues "business" (these rules) and "second", agent 1001 of the first, 1002 of the second; nobody signed
/// in.
Floor TwoQueues(const std::function<void(pb::Queue&)>& rules) {
  Floor floor;
  floor.Queue("second");
  floor.Queue("business", {}, rules);
  floor.Profile("first", {"business"});
  floor.Profile("other", {"second"});
  floor.Agent("1001", "first");
  floor.Agent("1002", "other");
  return floor;
}

void Aim(Target& target, Target::Kind kind, const std::string& queue = "") {
  target.set_kind(kind);
  if (!queue.empty()) target.set_queue("queues/" + queue);
}

}  // namespace

TEST_CASE("estimates are learnt: half wait less than the median, nine of ten less than the high one") {
  Floor floor;
  floor.Queue("business");
  floor.Profile("all", {"business"});
  constexpr int kAgents = 5;
  for (int i = 0; i < kAgents; ++i) {
    floor.Agent(std::to_string(1001 + i), "all");
    floor.Ready(std::to_string(1001 + i));
  }
  // Poisson arrivals at 96 % load, talk of very different lengths, no wrap-up: what happens next, by time.
  std::mt19937 random(20260302);
  std::exponential_distribution<double> gap(0.96 * kAgents / 120.0);
  std::exponential_distribution<double> talk(1.0 / 120.0);
  using What = std::pair<TimePoint, std::string>;
  std::priority_queue<What, std::vector<What>, std::greater<>> ends;
  auto next = floor.now();
  const auto seconds = [](double length) { return Duration{static_cast<std::int64_t>(length * 1e6)}; };
  struct Promise {
    Duration median, high;
  };
  std::map<std::string, Promise> promised;
  int rung = 0, waited = 0, below_median = 0, below_high = 0;
  std::size_t seen = 0;
  const auto answer = [&] {
    // Whoever is offered work takes it at once.
    for (; seen < floor.events().size(); ++seen) {
      const auto* offer = dynamic_cast<const pb::InteractionOffered*>(floor.events()[seen].message.get());
      if (offer == nullptr) continue;
      std::string name;
      for (int i = rung; i > 0 && name.empty(); --i)
        if (offer->interaction().name().substr(13) == Id("call " + std::to_string(i)))
          name = "call " + std::to_string(i);
      if (const auto found = promised.find(name); found != promised.end() && rung > 500) {
        const auto wait = floor.now() - FromProto(floor.See(name).queue_time());
        ++waited;
        below_median += wait <= found->second.median ? 1 : 0;
        below_high += wait <= found->second.high ? 1 : 0;
      }
      floor.Accept(name);
      ends.push({floor.now() + std::max(seconds(talk(random)), Duration{1s}), name});
    }
  };
  while (rung < 3000) {
    const bool arrival = ends.empty() || next <= ends.top().first;
    const auto at = arrival ? next : ends.top().first;
    floor.Pass(std::max(Duration{0}, at - floor.now()));
    if (arrival) {
      const auto name = "call " + std::to_string(++rung);
      floor.Ring(name);
      if (const auto view = floor.See(name); view.position() > 0) {
        promised[name] = {FromProto(view.estimated_wait()), FromProto(view.estimated_wait_high())};
        CHECK(promised[name].median <= promised[name].high);
      }
      next += seconds(gap(random));
    } else {
      const auto name = ends.top().second;
      ends.pop();
      floor.HangUp(name);
      floor.Complete(name);
    }
    answer();
  }
  const double median = static_cast<double>(below_median) / waited;
  const double high = static_cast<double>(below_high) / waited;
  std::cout << "estimated wait: of " << waited << " who waited " << median << " less than the median, "
            << high << " less than the high one\n";
  CHECK(waited > 1000);
  CHECK(median > 0.42);
  CHECK(median < 0.65);
  CHECK(high > 0.85);
  CHECK(high < 0.97);
}

TEST_CASE("new work that finds the queue full or closed goes to its target, or the bringer is told it") {
  Floor floor = TwoQueues([](pb::Queue& queue) {
    queue.set_max_length(1);
    Aim(*queue.mutable_full_target(), Target::QUEUE, "second");
    Aim(*queue.mutable_closed_target(), Target::VOICEMAIL);
  });
  floor.Ring("one");
  CHECK(!floor.Ring("two").error);
  CHECK(floor.See("two").queue() == "queues/" + Id("queue second"));
  // The second queue is full as well and sends to the first: nobody takes it, the first refusal is told.
  floor.Queue("second", {}, [](pb::Queue& queue) {
    queue.set_max_length(1);
    Aim(*queue.mutable_full_target(), Target::QUEUE, "business");
  });
  CHECK(Said(floor.Ring("three")) == "QUEUE_FULL");
  floor.Queue("business", {}, [](pb::Queue& queue) {
    queue.set_closed(true);
    Aim(*queue.mutable_closed_target(), Target::FLOW);
    queue.mutable_closed_target()->set_flow("night");
  });
  const auto closed = floor.Ring("four");
  REQUIRE(closed.error);
  CHECK(closed.error->reason == "QUEUE_CLOSED");
  CHECK(closed.error->metadata.at("target") == "FLOW");
  CHECK(closed.error->metadata.at("flow") == "night");
  CHECK(floor.RebuildsAndReplays());
}

TEST_CASE("work that waits too long moves to another queue at the place of its arrival, once") {
  Floor floor = TwoQueues([](pb::Queue& queue) {
    *queue.mutable_max_wait() = ToProto(Duration{60s});
    Aim(*queue.mutable_max_wait_target(), Target::QUEUE, "second");
    auto& step = *queue.add_overflow();
    *step.mutable_after() = ToProto(Duration{30s});
    step.set_lower_levels_by(1);
  });
  floor.Ring("li");
  floor.Pass(10s);
  floor.Ring("wang", {.queue = "second"});
  floor.Pass(51s);
  CHECK(floor.See("li").queue() == "queues/" + Id("queue second"));
  CHECK(floor.See("li").position() == 1);  // came before wang
  CHECK(floor.See("li").overflow_steps() == 0);
  CHECK(FromProto(floor.See("li").queue_time()) == floor.now() - 61s);
  CHECK(floor.EventsOf<pb::InteractionOverflowed>().back().step() == 0);
  // Back again it does not go.
  floor.Queue("second", {}, [](pb::Queue& queue) {
    *queue.mutable_max_wait() = ToProto(Duration{70s});
    Aim(*queue.mutable_max_wait_target(), Target::QUEUE, "business");
  });
  floor.Pass(100s);
  CHECK(floor.See("li").queue() == "queues/" + Id("queue second"));
  CHECK(floor.See("wang").queue() == "queues/" + Id("queue business"));
  floor.Ready("1002");
  CHECK(floor.AgentOf("li") == "1002");
  CHECK(floor.RebuildsAndReplays());
}

TEST_CASE("where no agent is at work nobody waits for long; while one is, he may") {
  Floor floor = TwoQueues([](pb::Queue& queue) {
    *queue.mutable_max_wait_no_agent() = ToProto(Duration{5s});
    Aim(*queue.mutable_no_agent_target(), Target::HANG_UP);
  });
  floor.SignIn("1001");  // signed in, not at work
  floor.Ring("li");
  floor.Pass(6s);
  const auto li = floor.See("li");
  CHECK(li.state() == pb::Interaction::CANCELED);
  CHECK(li.end_cause() == "NO_AGENT");
  CHECK(floor.journal().back().command.has_tick());
  floor.Status("1001", pb::READY);
  floor.Ring("busy");
  floor.Accept("busy");
  floor.Ring("wang");
  floor.Pass(300s);
  CHECK(floor.See("wang").state() == pb::Interaction::QUEUED);
  floor.Status("1001", pb::NOT_READY, "REST");
  floor.HangUp("busy");
  floor.Complete("busy");
  floor.Pass(11s);
  CHECK(floor.See("wang").state() == pb::Interaction::CANCELED);
  CHECK(floor.RebuildsAndReplays());
}

TEST_CASE("who is released by a limit hears so: the call is taken down") {
  Floor floor = TwoQueues([](pb::Queue& queue) {
    *queue.mutable_max_wait() = ToProto(Duration{60s});
    Aim(*queue.mutable_max_wait_target(), Target::HANG_UP);
  });
  floor.Ring("li");
  floor.Pass(59s);
  pb::Command tick;
  tick.mutable_tick();
  CHECK(floor.Do(tick).tasks.empty());
  floor.Pass(0s);
  CHECK(floor.engine().NextDeadline() == floor.now() + 1s);
  floor.Pass(1s);
  CHECK(floor.See("li").end_cause() == "MAX_WAIT");
  CHECK(floor.EventsOf<pb::InteractionAbandoned>().empty());
}

TEST_CASE("a callback keeps its place, outlives the call and is no abandonment") {
  Floor floor = TwoQueues({});
  floor.Ring("first", From("1"));
  floor.Ring("zhao", From("13800138000"));
  floor.Ring("last", From("3"));
  CHECK(!floor.Callback("zhao").error);
  CHECK(floor.See("zhao").position() == 2);
  CHECK(floor.See("zhao").channel() == carillon::type::v1::CALLBACK);
  CHECK(floor.See("zhao").call().empty());
  floor.HangUp("zhao");
  CHECK(floor.See("zhao").state() == pb::Interaction::QUEUED);
  CHECK(!floor.Callback("zhao").error);  // again is no error
  CHECK(floor.EventsOf<pb::InteractionCallbackBooked>().size() == 1);
  floor.HangUp("first");
  floor.Ready("1001");
  CHECK(floor.AgentOf("zhao") == "1001");
  const auto accepted = floor.Accept("zhao");
  CHECK(accepted.tasks.empty());  // there is no call yet
  CHECK(floor.See("zhao").state() == pb::Interaction::ASSIGNED);
  CHECK(Said(floor.Callback("zhao")) == "INTERACTION_NOT_WAITING");
  CHECK(floor.RebuildsAndReplays());
}

TEST_CASE("A12 a callback promised for a time comes then, before those who came later") {
  Floor floor = TwoQueues({});
  floor.Ring("zhao", From("13800138000"));
  floor.Pass(60s);
  CHECK(!floor.Callback("zhao", "", floor.now() + 1h).error);
  floor.Ring("li", From("2"));
  CHECK(floor.See("li").position() == 1);
  CHECK(floor.See("zhao").position() == 0);
  CHECK(floor.engine().StateOf("business").callbacks_later() == 1);
  CHECK(floor.engine().StateOf("business").waiting() == 1);
  floor.Ready("1001");
  CHECK(floor.AgentOf("li") == "1001");
  floor.Accept("li");
  floor.Pass(3500s);
  floor.Ring("wang", From("3"));
  floor.Pass(101s);
  CHECK(floor.See("zhao").position() == 1);
  CHECK(floor.See("wang").position() == 2);
  floor.HangUp("li");
  floor.Complete("li");
  CHECK(floor.AgentOf("zhao") == "1001");
  CHECK(floor.RebuildsAndReplays());
  floor.Ring("chen", From(""));
  CHECK(Said(floor.Callback("chen")) == "CALLBACK_NUMBER_MISSING");
  CHECK(Said(floor.Callback("chen", "13900001111", floor.now() + 100h)) == "CALLBACK_TIME");
  CHECK(!floor.Callback("chen", "13900001111", floor.now() + 2h).error);
  CHECK(floor.See("chen").calling_number() == "13900001111");
  CHECK(floor.RebuildsAndReplays());
}

TEST_CASE("who was promised a callback and calls again takes its place") {
  Floor floor = TwoQueues({});
  floor.Ring("zhao", From("13800138000"));
  floor.Callback("zhao", "", floor.now() + 1h);
  floor.Pass(60s);
  floor.Ring("li", From("2"));
  floor.Ring("zhao again", From("13800138000"));
  CHECK(floor.See("zhao again").position() == 1);
  CHECK(floor.See("zhao").state() == pb::Interaction::CANCELED);
  CHECK(floor.See("zhao").end_cause() == "CALLED_AGAIN");
  CHECK(floor.engine().StateOf("business").callbacks_later() == 0);
  CHECK(floor.RebuildsAndReplays());
}

TEST_CASE("a limit may offer every caller a callback instead of more waiting") {
  Floor floor = TwoQueues([](pb::Queue& queue) {
    *queue.mutable_max_wait() = ToProto(Duration{120s});
    Aim(*queue.mutable_max_wait_target(), Target::CALLBACK);
  });
  floor.Ring("zhao", From("13800138000"));
  floor.Ring("unknown", From(""));
  floor.Pass(121s);
  CHECK(floor.See("zhao").channel() == carillon::type::v1::CALLBACK);
  CHECK(floor.See("zhao").position() == 1);
  CHECK(floor.See("unknown").channel() == carillon::type::v1::VOICE);  // nobody could call back
  CHECK(!floor.engine().NextDeadline());
  CHECK(Said(floor.Queue("business", {}, [](pb::Queue& queue) {
          Aim(*queue.mutable_max_wait_target(), Target::VOICEMAIL);
        })) == "TARGET_FOR_NEW_WORK");
  CHECK(floor.RebuildsAndReplays());
}
