#include "simulator/domain/erlang_a.hpp"

#include <algorithm>
#include <deque>
#include <functional>
#include <map>
#include <queue>

namespace carillon::simulator {
namespace {

constexpr double kHalfHourSeconds = 1800;
constexpr double kThreshold = 20;

/// The plan's figures by type, as indexes.
struct Means {
  struct Type {
    std::map<int, int> arrivals;  ///< half-hour of the day -> calls that ask for an agent
    double service_s = 0;
    double ring_s = 0;
  };
  std::vector<Type> types;
  std::vector<std::vector<bool>> serves;  ///< agent, type
  double patience_s = 0;
};

Means MeansOf(const DayPlan& plan) {
  Means means;
  std::map<std::string, std::size_t> index;
  std::vector<int> counts;
  int asking = 0;
  for (const auto& call : plan.calls) {
    if (call.manner != Manner::kAsksForAgent) continue;
    const auto [at, made] = index.try_emplace(call.type, means.types.size());
    if (made) {
      means.types.emplace_back();
      counts.push_back(0);
    }
    auto& type = means.types[at->second];
    ++type.arrivals[static_cast<int>(std::chrono::duration<double>(call.arrival).count() / kHalfHourSeconds)];
    type.service_s += call.ring_s + call.talk_s + call.wrap_s;
    type.ring_s += call.ring_s;
    means.patience_s += call.patience_s;
    ++counts[at->second];
    ++asking;
  }
  for (std::size_t i = 0; i < counts.size(); ++i) {
    means.types[i].service_s /= counts[i];
    means.types[i].ring_s /= counts[i];
  }
  if (asking > 0) means.patience_s /= asking;
  for (const auto& agent : plan.agents) {
    auto& serves = means.serves.emplace_back(means.types.size(), false);
    for (const auto& type : agent.types)
      if (const auto found = index.find(type); found != index.end()) serves[found->second] = true;
  }
  return means;
}

struct DayCount {
  int offered = 0, answered = 0, abandoned = 0, in_20 = 0;
  double waited_s = 0;
};

class ErlangDay {
 public:
  ErlangDay(const DayPlan& plan, const Means& means, Random random)
      : means_(means), random_(random), agents_(plan.agents.size()) {
    for (std::size_t type = 0; type < means.types.size(); ++type)
      for (const auto& [slot, calls] : means.types[type].arrivals)
        for (int n = random_.Poisson(calls); n > 0; --n)
          Add((slot + random_.Uniform()) * kHalfHourSeconds, Kind::kArrival, type);
    for (const auto& shift : plan.shifts) {
      const auto agent = static_cast<std::size_t>(
          std::find_if(plan.agents.begin(), plan.agents.end(),
                       [&](const AgentPlan& one) { return one.login == shift.agent; }) -
          plan.agents.begin());
      Add(static_cast<double>(shift.in.count()), Kind::kIn, agent);
      Add(static_cast<double>(shift.out.count()), Kind::kOut, agent);
    }
    waiting_.resize(means.types.size());
  }

  DayCount Run() {
    while (!events_.empty()) {
      const auto event = events_.top();
      events_.pop();
      now_ = event.at;
      switch (event.kind) {
        case Kind::kArrival:
          Arrive(event.of);
          break;
        case Kind::kFree:
          agents_[event.of].busy = false;
          Idle(event.of);
          break;
        case Kind::kIn:
          ++agents_[event.of].shifts;
          Idle(event.of);
          break;
        case Kind::kOut:
          --agents_[event.of].shifts;
          break;
      }
    }
    for (const auto& line : waiting_) count_.abandoned += static_cast<int>(line.size());
    return count_;
  }

 private:
  enum class Kind { kOut, kFree, kIn, kArrival };
  struct Event {
    double at;
    Kind kind;
    std::size_t of;  ///< type of an arrival, else agent
    bool operator>(const Event& other) const { return at > other.at; }
  };
  struct Agent {
    int shifts = 0;  ///< on at once: two of a plan may touch
    bool busy = false;
    double idle_since = 0;
  };
  struct Waiting {
    double since, gone_at;
  };

  void Add(double at, Kind kind, std::size_t of) { events_.push({at, kind, of}); }

  void Arrive(std::size_t type) {
    ++count_.offered;
    std::size_t best = agents_.size();
    for (std::size_t i = 0; i < agents_.size(); ++i)
      if (agents_[i].shifts > 0 && !agents_[i].busy && means_.serves[i][type] &&
          (best == agents_.size() || agents_[i].idle_since < agents_[best].idle_since))
        best = i;
    if (best < agents_.size()) return Serve(best, type, now_);
    waiting_[type].push_back({now_, now_ + random_.Exponential(means_.patience_s)});
  }

  void Idle(std::size_t agent) {
    if (agents_[agent].shifts <= 0 || agents_[agent].busy) return;
    std::size_t first = waiting_.size();
    for (std::size_t type = 0; type < waiting_.size(); ++type) {
      auto& line = waiting_[type];
      while (!line.empty() && line.front().gone_at <= now_) {
        line.pop_front();
        ++count_.abandoned;
      }
      if (!line.empty() && means_.serves[agent][type] &&
          (first == waiting_.size() || line.front().since < waiting_[first].front().since))
        first = type;
    }
    agents_[agent].idle_since = now_;
    if (first == waiting_.size()) return;
    const double since = waiting_[first].front().since;
    waiting_[first].pop_front();
    Serve(agent, first, since);
  }

  void Serve(std::size_t agent, std::size_t type, double since) {
    const double waited = now_ - since + means_.types[type].ring_s;
    ++count_.answered;
    count_.waited_s += waited;
    if (waited <= kThreshold) ++count_.in_20;
    agents_[agent].busy = true;
    Add(now_ + random_.Exponential(means_.types[type].service_s), Kind::kFree, agent);
  }

  const Means& means_;
  Random random_;
  std::vector<Agent> agents_;
  std::vector<std::deque<Waiting>> waiting_;  ///< by type; who has hung up is taken out when reached
  std::priority_queue<Event, std::vector<Event>, std::greater<>> events_;
  double now_ = 0;
  DayCount count_;
};

template <class Figure>
Spread SpreadOf(const std::vector<DayCount>& days, Figure figure) {
  std::vector<double> values;
  values.reserve(days.size());
  for (const auto& day : days) values.push_back(figure(day));
  std::sort(values.begin(), values.end());
  const auto at = [&](double share) {
    return values[static_cast<std::size_t>(share * static_cast<double>(values.size() - 1) + 0.5)];
  };
  return {at(0.005), at(0.5), at(0.995)};
}

}  // namespace

ErlangDays SimulatedErlangA(const DayPlan& plan, int days, const Random& random) {
  const auto means = MeansOf(plan);
  std::vector<DayCount> counts;
  for (int i = 0; i < days; ++i)
    counts.push_back(ErlangDay(plan, means, random.Fork("erlang-a " + std::to_string(i))).Run());
  const auto share = [](int part, int whole) { return whole > 0 ? static_cast<double>(part) / whole : 0; };
  ErlangDays out;
  out.offered = SpreadOf(counts, [](const DayCount& day) { return day.offered; });
  out.answered = SpreadOf(counts, [](const DayCount& day) { return day.answered; });
  out.abandoned = SpreadOf(counts, [&](const DayCount& day) { return share(day.abandoned, day.offered); });
  out.in_20_s = SpreadOf(counts, [&](const DayCount& day) { return share(day.in_20, day.offered); });
  out.wait_s = SpreadOf(
      counts, [](const DayCount& day) { return day.answered > 0 ? day.waited_s / day.answered : 0; });
  return out;
}

}  // namespace carillon::simulator
