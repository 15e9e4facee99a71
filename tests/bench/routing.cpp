// The routing engine alone, on one core: no database, no wire. Times are of the processor, so that what else
// the machine does is not in them.
//
//   carillon-bench-routing [--seconds S]   a line a floor: choices (which work would this agent get?), whole
//                                          commands (accept, hang up, complete; the next offer is made in
//                                          them), slowest in 100; then how choices grow with the floor, and
//                                          new work for idle agents, by idle time and by weighted scores

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <deque>
#include <string>
#include <utility>
#include <vector>

#include "base/ids.hpp"
#include "routing/domain/engine.hpp"

namespace carillon::routing {
namespace {

namespace pb = carillon::routing::v1;

std::string Id(const char* what, int number) { return DerivedId(what, std::to_string(number)); }
/// Processor time of this process, seconds.
double Spent() { return static_cast<double>(std::clock()) / CLOCKS_PER_SEC; }

/// Agents in profiles of five queues, every second queue asks a skill; all signed in, and `works` there.
class Floor {
 public:
  Floor(int agents, int works, int queues, pb::Queue::Strategy strategy = pb::Queue::LONGEST_IDLE)
      : agents_(agents) {
    pb::Command skill;
    skill.set_create(true);
    skill.mutable_put_skill()->set_name("skills/" + Id("skill", 0));
    skill.mutable_put_skill()->set_code("complaint");
    Do(skill);
    for (int i = 0; i < queues; ++i) {
      pb::Command command;
      command.set_create(true);
      auto& queue = *command.mutable_put_queue();
      queue.set_name("queues/" + Id("queue", i));
      queue.set_code("q" + std::to_string(i));
      queue.set_client("clients/" + Id("client", 0));
      queue.set_strategy(strategy);
      if (i % 2 == 1) {
        auto& need = *queue.add_required_skills();
        need.set_skill("skills/complaint");
        need.set_min_level(3);
      }
      Do(command);
    }
    for (int i = 0; i < queues; ++i) {
      pb::Command command;
      command.set_create(true);
      auto& profile = *command.mutable_put_routing_profile();
      profile.set_name("routingProfiles/" + Id("profile", i));
      profile.set_code("p" + std::to_string(i));
      for (int each = 0; each < 5; ++each)
        profile.add_entries()->set_queue("queues/" + Id("queue", (i + each) % queues));
      Do(command);
    }
    for (int i = 0; i < agents; ++i) {
      pb::Command command;
      command.set_create(true);
      auto& agent = *command.mutable_put_agent();
      agent.set_name("agents/" + Id("agent", i));
      agent.set_code(std::to_string(100000 + i));
      agent.set_routing_profile("routingProfiles/" + Id("profile", i % queues));
      auto& held = *agent.add_skills();
      held.set_skill("skills/complaint");
      held.set_level(1 + i % 10);
      Do(command);
    }
    for (int i = 0; i < agents; ++i) {
      pb::Command in;
      in.mutable_sign_in()->set_agent(Id("agent", i));
      in.mutable_sign_in()->set_session(Id("session", i));
      in.mutable_sign_in()->set_seat("s" + std::to_string(i));
      in.mutable_sign_in()->set_extension(std::to_string(i));
      in.mutable_sign_in()->set_desk_connected(true);
      Do(in);
      pb::Command ready;
      ready.mutable_set_status()->set_agent(Id("agent", i));
      ready.mutable_set_status()->set_status(pb::READY);
      Do(ready);
    }
    queues_ = queues;
    for (int i = 0; i < works; ++i) Ring();
  }

  void Ring() {
    pb::Command command;
    auto& work = *command.mutable_create_interaction();
    work.set_name("interactions/" + Id("work", ++rung_));
    work.set_call("calls/" + Id("call", rung_));
    work.set_queue("queues/" + Id("queue", rung_ % queues_));
    Do(command);
  }

  /// Which work would the next agent get?
  void Choose() {
    at_ = (at_ + 1) % agents_;
    if (static_cast<std::size_t>(agents_) != ids_.size())
      for (int i = 0; i < agents_; ++i) ids_.push_back(Id("agent", i));
    found_ += engine_.BestWorkFor(ids_[static_cast<std::size_t>(at_)]).size();
  }

  /// The oldest offer is taken, talked and done: three commands, the last of which offers the next work; then
  /// one more customer comes. Gives the number of commands.
  int Serve() {
    if (offers_.empty()) return 0;
    const auto offer = offers_.front();
    offers_.pop_front();
    pb::Command accept;
    accept.mutable_accept()->set_agent(offer.agent);
    accept.mutable_accept()->set_reservation(offer.reservation);
    accept.mutable_accept()->set_version(offer.version);
    Do(accept);
    pb::Command ended;
    ended.mutable_media_ended()->set_interaction(offer.interaction);
    Do(ended);
    pb::Command complete;
    complete.mutable_complete()->set_agent(offer.agent);
    complete.mutable_complete()->set_interaction(offer.interaction);
    complete.mutable_complete()->set_disposition("RESOLVED");
    Do(complete);
    Ring();
    return 4;
  }

  /// One customer comes, rings at the agent chosen and is taken back; only the coming is kept in `took`.
  void ComeAndGo() {
    Ring();
    pb::Command command;
    command.mutable_cancel_interaction()->set_interaction(Id("work", rung_));
    Do(command);
    took.pop_back();
    offers_.clear();
  }

  std::vector<double> took;
  std::size_t found() const { return found_; }

 private:
  struct Offer {
    std::string agent, reservation, interaction;
    std::int64_t version;
  };

  void Do(const pb::Command& command) {
    now_ += std::chrono::milliseconds{1};
    const auto start = Spent();
    const auto applied = engine_.Apply(command, now_);
    took.push_back(Spent() - start);
    if (applied.error) {
      std::fprintf(stderr, "%s: %s\n", applied.error->reason.c_str(), command.ShortDebugString().c_str());
      std::exit(1);
    }
    for (const auto& event : applied.events)
      if (const auto* made = dynamic_cast<const pb::InteractionOffered*>(event.message.get())) {
        const auto tail = [](const std::string& name) { return name.substr(name.find('/') + 1); };
        offers_.push_back({tail(made->reservation().agent()), tail(made->reservation().name()),
                           tail(made->reservation().interaction()), made->reservation().version()});
      }
  }

  domain::Engine engine_;
  TimePoint now_ = TimePoint{std::chrono::sys_days{std::chrono::year{2026} / 3 / 2}};
  std::deque<Offer> offers_;
  std::vector<std::string> ids_;
  std::size_t found_ = 0;
  int agents_, queues_ = 0, rung_ = 0, at_ = 0;
};

/// Commands a second of those that were measured.
double PerSecond(const Floor& floor) {
  double sum = 0;
  for (const double each : floor.took) sum += each;
  return static_cast<double>(floor.took.size()) / sum;
}

/// New work for idle agents, customers a second.
double Arrivals(int agents, int queues, pb::Queue::Strategy strategy, double seconds) {
  Floor floor(agents, 0, queues, strategy);
  floor.took.clear();
  const auto start = Spent();
  while (Spent() - start < seconds) floor.ComeAndGo();
  return PerSecond(floor);
}

/// Gives choices a second.
double Measure(int agents, int waiting, int queues, double seconds) {
  Floor floor(agents, agents + waiting, queues);
  long choices = 0;
  const auto began = Spent();
  for (; Spent() - began < seconds; choices += 1000)
    for (int i = 0; i < 1000; ++i) floor.Choose();
  const double per_second = static_cast<double>(choices) / (Spent() - began);
  floor.took.clear();
  const auto start = Spent();
  while (Spent() - start < seconds)
    for (int i = 0; i < 10; ++i) floor.Serve();
  std::sort(floor.took.begin(), floor.took.end());
  std::printf(
      "routing: %6d agents, %6d waiting: %9.0f choices/s, %7.0f commands/s, p99 %5.0f us (found %s)\n",
      agents, waiting, per_second, PerSecond(floor), floor.took[floor.took.size() * 99 / 100] * 1e6,
      floor.found() > 0 ? "work" : "nothing");
  return per_second;
}

}  // namespace
}  // namespace carillon::routing

int main(int argc, char** argv) {
  double seconds = 3;
  if (argc == 3 && std::string(argv[1]) == "--seconds") seconds = std::atof(argv[2]);
  const double small = carillon::routing::Measure(100, 100, 20, seconds);
  carillon::routing::Measure(1000, 10000, 20, seconds);
  const double large = carillon::routing::Measure(30000, 30000, 200, seconds);
  std::printf("routing: a choice on the largest floor costs %.1f times that on the smallest\n",
              small / large);
  for (const auto& [agents, queues] : {std::pair(100, 20), std::pair(1000, 20), std::pair(30000, 200)})
    std::printf(
        "routing: %6d idle agents: %7.0f arrivals/s by idle time, %7.0f by weighted score\n", agents,
        carillon::routing::Arrivals(agents, queues, carillon::routing::pb::Queue::LONGEST_IDLE, seconds),
        carillon::routing::Arrivals(agents, queues, carillon::routing::pb::Queue::WEIGHTED, seconds));
  return 0;
}
