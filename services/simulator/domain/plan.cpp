#include "simulator/domain/plan.hpp"

#include <algorithm>
#include <array>
#include <map>

namespace carillon::simulator {
namespace {

constexpr auto kBeforeFirstCall = std::chrono::minutes{3};
constexpr auto kAfterLastCall = std::chrono::minutes{2};
constexpr auto kHalfHour = std::chrono::minutes{30};
constexpr double kUnknownCallerShare = 0.1;

Need NeedOf(std::string_view type) {
  if (type == "PE") return Need::kEnglish;
  if (type == "IN") return Need::kInternet;
  if (type == "NE") return Need::kStock;
  if (type == "NW") return Need::kProspect;
  if (type == "TT") return Need::kCallBack;
  return Need::kRegular;
}

std::string StrangerNumber(Random& random) {
  return "+86138" + std::to_string(10'000'000 + random.Index(90'000'000));
}

double TalkOf(const Profile& profile, const std::string& type, Random& random) {
  const auto fit = profile.service.find(type);
  if (fit == profile.service.end()) return PlannedCall().talk_s;
  return std::clamp(random.Lognormal(fit->second.mu, fit->second.sigma), 2.0, 3600.0);
}

/// A caller who serves himself: one whom the menu does not hand straight to a person.
int SelfServer(const std::vector<Caller>& callers, Random& random) {
  auto at = random.Index(callers.size());
  for (std::size_t tries = 0; tries < callers.size(); ++tries, at = (at + 1) % callers.size())
    if (callers[at].grade != "GOLD" && callers[at].grade != "DIAMOND") return static_cast<int>(at);
  return static_cast<int>(at);
}

/// What an answered call leaves behind: one in eight an order, by what it was about.
void PlanAfterwards(PlannedCall& call, Random& random) {
  call.ring_s = random.Uniform(1, 3);
  call.wrap_s = random.Uniform(2, 8);
  call.agent_hangs_up = random.Chance(0.08);
  call.has_order = call.manner == Manner::kAsksForAgent && random.Chance(0.125);
  if (!call.has_order) return;
  auto& order = call.order;
  const double which = random.Uniform();
  if (call.type == "NW") {
    order.type = which < 0.6 ? "INQUIRY" : "SUGGESTION";
    order.desk = which < 0.6 ? "" : "back-office";
  } else if (call.type == "IN") {
    order.type = "FAULT";
    order.desk = "crew";
  } else if (which < 0.35) {
    order.type = "QUERY";
  } else if (which < 0.65) {
    order.type = "ACCEPTANCE";
    order.desk = "back-office";
  } else if (which < 0.85) {
    order.type = "COMPLAINT";
    order.desk = "back-office";
  } else {
    order.type = "FAULT";
    order.desk = "crew";
  }
  order.accept_after_s = random.Uniform(120, 1200);
  order.handle_s = random.Uniform(600, 5400);
  order.revisit_after_s = random.Uniform(600, 3600);
  order.satisfied = random.Chance(0.94);
}

/// Cuts shifts to the window and gives agents their types; every type is served by somebody.
void PlanShifts(DayPlan& plan, const std::vector<Shift>& shifts, const Window& window,
                const std::map<std::string, std::vector<std::string>>& types) {
  std::map<std::string, std::size_t> known;
  for (auto shift : shifts) {
    shift.in = std::max(shift.in, window.from);
    shift.out = std::min(shift.out, window.to + std::chrono::minutes{30});
    if (shift.out <= shift.in) continue;
    plan.shifts.push_back(shift);
    if (known.try_emplace(shift.agent, plan.agents.size()).second) plan.agents.push_back({shift.agent, {}});
  }
  std::sort(plan.shifts.begin(), plan.shifts.end(), [](const Shift& a, const Shift& b) {
    return std::pair(a.in, a.agent) < std::pair(b.in, b.agent);
  });
  for (auto& agent : plan.agents) {
    const auto found = types.find(agent.login);
    agent.types = {"PS", "NW", "TT"};  // what everybody does
    if (found == types.end()) {
      agent.types.insert(agent.types.end(), {"PE", "NE", "IN"});
    } else {
      for (const auto& type : found->second)
        if (std::find(agent.types.begin(), agent.types.end(), type) == agent.types.end())
          agent.types.push_back(type);
    }
  }
  // A type no agent on duty learnt would wait for ever.
  for (const char* type : {"PE", "NE", "IN"}) {
    const bool served = std::any_of(plan.agents.begin(), plan.agents.end(), [&](const AgentPlan& agent) {
      return std::find(agent.types.begin(), agent.types.end(), type) != agent.types.end();
    });
    if (!served)
      for (auto& agent : plan.agents) agent.types.emplace_back(type);
  }
}

}  // namespace

DayPlan Replayed(const std::vector<LoggedCall>& day, const Profile& profile,
                 const std::vector<Caller>& callers, const Random& random, const Window& window) {
  DayPlan plan;
  std::map<std::string, int> customers;
  std::map<std::string, int> repeats;
  std::map<std::string, std::vector<std::string>> types;
  for (const auto& logged : day) {
    if (logged.outcome == LoggedOutcome::kAgent && !logged.server.empty()) {
      auto& known = types[logged.server];
      if (std::find(known.begin(), known.end(), logged.type) == known.end()) known.push_back(logged.type);
    }
    if (logged.entry < window.from || logged.entry >= window.to) continue;
    PlannedCall call;
    call.id = logged.line + "-" + logged.id;
    if (const int again = repeats[call.id]++; again > 0) call.id += "-" + std::to_string(again + 1);
    Random own = random.Fork(call.id);
    call.arrival = logged.entry + std::chrono::milliseconds{own.Index(1000)};
    call.type = logged.type;
    call.need = NeedOf(call.type);
    const auto waited = static_cast<double>(logged.wait.count());
    switch (logged.outcome) {
      case LoggedOutcome::kAgent:
        call.patience_s = profile.patience.Draw(own, waited);
        break;
      case LoggedOutcome::kHang:
        call.patience_s = std::max(0.5, waited);
        if (!logged.queued)
          call.manner = logged.vru >= kSelfServedFrom ? Manner::kServesHimself : Manner::kLeavesMenu;
        if (call.manner == Manner::kServesHimself) call.need = Need::kBalance;
        break;
      case LoggedOutcome::kPhantom:
        call.manner = Manner::kPhantom;
        break;
    }
    call.menu_s = static_cast<double>(std::max(seconds{1}, logged.vru).count());
    call.talk_s = logged.outcome == LoggedOutcome::kAgent
                      ? std::max(1.0, static_cast<double>(logged.service.count()))
                      : TalkOf(profile, call.type, own);
    if (!logged.customer.empty() && !callers.empty()) {
      const auto next = static_cast<int>(customers.size() % callers.size());
      call.caller = customers.try_emplace(logged.customer, next).first->second;
    } else if (!callers.empty() && call.type != "NW" && !own.Chance(kUnknownCallerShare)) {
      call.caller = static_cast<int>(own.Index(callers.size()));
    }
    if (call.manner == Manner::kServesHimself && !callers.empty()) call.caller = SelfServer(callers, own);
    call.number =
        call.caller >= 0 ? callers[static_cast<std::size_t>(call.caller)].mobile : StrangerNumber(own);
    PlanAfterwards(call, own);
    plan.calls.push_back(std::move(call));
  }
  std::stable_sort(plan.calls.begin(), plan.calls.end(),
                   [](const PlannedCall& a, const PlannedCall& b) { return a.arrival < b.arrival; });
  std::vector<Shift> shifts = ShiftsOf(day);
  for (auto& shift : shifts) {
    shift.in = std::max(seconds{0}, shift.in - kBeforeFirstCall);
    shift.out += kAfterLastCall;
  }
  PlanShifts(plan, shifts, window, types);
  if (!day.empty()) plan.origin = "replay of " + FormatDay(day.front().day);
  return plan;
}

DayPlan Drawn(const Profile& profile, const std::vector<Caller>& callers, const Random& random,
              const Window& window, int calls) {
  DayPlan plan;
  plan.origin = "drawn from " + profile.name;
  const auto overlap = [&](std::size_t half_hour) {
    const auto start = static_cast<double>(half_hour) * 1800;
    const double from = std::max(start, static_cast<double>(window.from.count()));
    const double to = std::min(start + 1800, static_cast<double>(window.to.count()));
    return std::pair(from, std::max(from, to));
  };
  double expected = 0;
  for (std::size_t i = 0; i < profile.arrivals.size(); ++i)
    for (const auto& [type, mean] : profile.arrivals[i]) {
      const auto [from, to] = overlap(i);
      expected += mean * (to - from) / 1800;
    }
  const double scale = calls > 0 && expected > 0 ? calls / expected : 1;
  for (std::size_t i = 0; i < profile.arrivals.size(); ++i) {
    const auto [from, to] = overlap(i);
    for (const auto& [type, mean] : profile.arrivals[i]) {
      Random arrivals = random.Fork("arrivals " + std::to_string(i) + type);
      const int count = arrivals.Poisson(scale * mean * (to - from) / 1800);
      for (int n = 0; n < count; ++n) {
        PlannedCall call;
        call.type = type;
        call.need = NeedOf(type);
        call.id = "d" + std::to_string(i) + "-" + type + "-" + std::to_string(n);
        Random own = random.Fork(call.id);
        call.arrival = Duration{static_cast<std::int64_t>(arrivals.Uniform(from, to) * 1e6)};
        double which = own.Uniform();
        if ((which -= profile.phantom_share) < 0) {
          call.manner = Manner::kPhantom;
        } else if ((which -= profile.left_in_vru_share) < 0) {
          call.manner = Manner::kLeavesMenu;
          call.menu_s = own.Exponential(12);
        } else if ((which -= profile.self_served_share) < 0) {
          call.manner = Manner::kServesHimself;
          call.need = Need::kBalance;
        }
        if (call.manner == Manner::kAsksForAgent)
          call.menu_s = std::clamp(own.Lognormal(std::log(profile.vru_mean_s) - 0.08, 0.4), 3.0, 120.0);
        if (call.manner == Manner::kServesHimself) call.menu_s = own.Uniform(30, 70);
        call.patience_s = std::max(0.5, profile.patience.Draw(own));
        call.talk_s = TalkOf(profile, type, own);
        const bool known =
            call.manner == Manner::kServesHimself || (type != "NW" && own.Chance(1 - kUnknownCallerShare));
        if (known && !callers.empty()) call.caller = static_cast<int>(own.Index(callers.size()));
        if (call.manner == Manner::kServesHimself && !callers.empty()) call.caller = SelfServer(callers, own);
        call.number =
            call.caller >= 0 ? callers[static_cast<std::size_t>(call.caller)].mobile : StrangerNumber(own);
        PlanAfterwards(call, own);
        plan.calls.push_back(std::move(call));
      }
    }
  }
  std::stable_sort(plan.calls.begin(), plan.calls.end(),
                   [](const PlannedCall& a, const PlannedCall& b) { return a.arrival < b.arrival; });
  PlanShifts(plan, profile.shifts, window, {});
  return plan;
}

Window BusiestHour(const DayPlan& plan) {
  std::array<int, 48> asking{};
  for (const auto& call : plan.calls) {
    const auto slot = static_cast<std::size_t>(call.arrival / kHalfHour);
    if (call.manner == Manner::kAsksForAgent && slot < asking.size()) ++asking[slot];
  }
  std::size_t best = 0;
  for (std::size_t slot = 1; slot + 1 < asking.size(); ++slot)
    if (asking[slot] + asking[slot + 1] > asking[best] + asking[best + 1]) best = slot;
  const auto from = std::chrono::duration_cast<seconds>(kHalfHour * best);
  return {from, from + std::chrono::hours{1}};
}

}  // namespace carillon::simulator
