#include "simulator/domain/profile.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <set>

namespace carillon::simulator {
namespace {

constexpr std::array kPatienceKnots = {5.,   10.,  15.,  20.,  30.,  45.,  60., 90.,
                                       120., 180., 240., 300., 420., 600., 900.};
constexpr double kPatienceLimit = 3600;

}  // namespace

double Patience::ShareAt(double waited_s) const {
  double at = 0;
  double share = 1;
  for (const auto& [next_at, next_share] : still_waiting) {
    if (waited_s <= next_at) return share * std::pow(next_share / share, (waited_s - at) / (next_at - at));
    at = next_at;
    share = next_share;
  }
  return share * std::exp(-(waited_s - at) / tail_mean_s);
}

double Patience::SecondsAt(double share) const {
  double at = 0;
  double before = 1;
  for (const auto& [next_at, next] : still_waiting) {
    if (share >= next) {
      if (next >= before) return next_at;
      return at + (next_at - at) * std::log(share / before) / std::log(next / before);
    }
    at = next_at;
    before = next;
  }
  return at - tail_mean_s * std::log(share / before);
}

double Patience::Draw(Random& random, double at_least_s) const {
  const double share = std::max(1e-9, ShareAt(at_least_s) * random.Uniform());
  return std::clamp(SecondsAt(share), at_least_s, at_least_s + kPatienceLimit);
}

Patience FitPatience(const std::vector<LoggedCall>& calls) {
  struct Waited {
    double seconds;
    bool gave_up;
  };
  std::vector<Waited> waits;
  double total = 0;
  int gave_up = 0;
  for (const auto& call : calls) {
    if (!call.queued || call.outcome == LoggedOutcome::kPhantom) continue;
    const bool hung = call.outcome == LoggedOutcome::kHang;
    waits.push_back({static_cast<double>(call.wait.count()), hung});
    total += waits.back().seconds;
    gave_up += hung ? 1 : 0;
  }
  std::sort(waits.begin(), waits.end(),
            [](const Waited& a, const Waited& b) { return a.seconds < b.seconds; });
  Patience out;
  if (gave_up > 0) out.tail_mean_s = std::round(total / gave_up);
  double share = 1;
  std::size_t next = 0;
  for (const double knot : kPatienceKnots) {
    for (; next < waits.size() && waits[next].seconds <= knot; ++next)
      if (waits[next].gave_up) share *= 1 - 1 / static_cast<double>(waits.size() - next);
    if (waits.size() - next < 30) break;  // too few left to say more
    out.still_waiting.emplace_back(knot, std::round(share * 1e4) / 1e4);
  }
  return out;
}

std::vector<Shift> ShiftsOf(const std::vector<LoggedCall>& day) {
  std::map<std::string, std::vector<std::pair<seconds, seconds>>> served;
  for (const auto& call : day) {
    if (call.outcome != LoggedOutcome::kAgent || call.server.empty()) continue;
    served[call.server].emplace_back(call.service_start, call.service_start + call.service);
  }
  std::vector<Shift> shifts;
  for (auto& [agent, times] : served) {
    std::sort(times.begin(), times.end());
    bool first = true;
    for (const auto& [start, end] : times) {
      if (first || start > shifts.back().out + kShiftGap)
        shifts.push_back({agent, start, end});
      else
        shifts.back().out = std::max(shifts.back().out, end);
      first = false;
    }
  }
  return shifts;
}

Result<Profile> FitProfile(const std::vector<LoggedCall>& all, std::string name) {
  std::map<std::chrono::sys_days, std::vector<LoggedCall>> days;
  for (const auto& call : all) days[call.day].push_back(call);
  std::vector<std::size_t> sizes;
  for (const auto& [day, calls] : days) sizes.push_back(calls.size());
  std::sort(sizes.begin(), sizes.end());
  // One extraordinary day must not make the others look quiet.
  const std::size_t busy = sizes.empty() ? 0 : sizes[sizes.size() * 9 / 10];
  std::erase_if(days, [&](const auto& entry) { return entry.second.size() * 2 < busy; });
  std::vector<LoggedCall> calls;
  for (const auto& [day, of_day] : days) calls.insert(calls.end(), of_day.begin(), of_day.end());
  if (calls.size() < 100)
    return FailedPrecondition("LOG_TOO_SMALL", "a profile needs at least 100 calls of ordinary days");

  Profile out;
  out.name = std::move(name);
  out.source =
      "A. Mandelbaum, Technion: the call centre of \"Anonymous Bank\", 1999; documented by I. Guedj and "
      "A. Mandelbaum, 2000";
  const auto count = static_cast<double>(days.size());
  const auto total = static_cast<double>(calls.size());
  out.calls_per_day = std::round(total / count * 10) / 10;
  out.derived_from = FormatDay(days.begin()->first) + " to " + FormatDay(days.rbegin()->first) + ", " +
                     std::to_string(days.size()) + " ordinary days, " + std::to_string(calls.size()) +
                     " calls";
  out.arrivals.resize(48);
  out.patience = FitPatience(calls);
  struct Sums {
    double log = 0, log2 = 0, plain = 0;
    int n = 0;
  };
  std::map<std::string, Sums> sums;
  double vru = 0;
  int vru_n = 0;
  int phantom = 0;
  int left = 0;
  int self_served = 0;
  int waited = 0;
  int identified = 0;
  for (const auto& call : calls) {
    out.arrivals[static_cast<std::size_t>(call.entry.count() / 1800) % 48][call.type] += 1 / count;
    if (call.outcome == LoggedOutcome::kPhantom) ++phantom;
    if (call.outcome == LoggedOutcome::kHang && !call.queued)
      ++(call.vru >= kSelfServedFrom ? self_served : left);
    if (call.queued) {
      ++waited;
      identified += call.customer.empty() ? 0 : 1;
    }
    if (call.outcome == LoggedOutcome::kAgent) {
      vru += static_cast<double>(call.vru.count());
      ++vru_n;
      if (call.service.count() > 0) {
        auto& sum = sums[call.type];
        const double length = static_cast<double>(call.service.count());
        sum.plain += length;
        sum.log += std::log(length);
        sum.log2 += std::log(length) * std::log(length);
        ++sum.n;
      }
    }
  }
  const auto rounded = [](double value, double parts) { return std::round(value * parts) / parts; };
  for (auto& half_hour : out.arrivals)
    for (auto& [type, mean] : half_hour) mean = rounded(mean, 100);
  for (const auto& [type, sum] : sums) {
    auto& fit = out.service[type];
    fit.calls = sum.n;
    fit.mu = rounded(sum.log / sum.n, 1000);
    fit.sigma = rounded(std::sqrt(std::max(0.0, sum.log2 / sum.n - std::pow(sum.log / sum.n, 2))), 1000);
    fit.mean_s = rounded(sum.plain / sum.n, 10);
  }
  if (vru_n > 0) out.vru_mean_s = rounded(vru / vru_n, 10);
  out.phantom_share = rounded(phantom / total, 1e4);
  out.left_in_vru_share = rounded(left / total, 1e4);
  out.self_served_share = rounded(self_served / total, 1e4);
  if (waited > 0) out.identified_share = rounded(static_cast<double>(identified) / waited, 1e4);

  const std::vector<LoggedCall>* ordinary = nullptr;
  double nearest = 0;
  for (const auto& [day, of_day] : days) {
    const double away = std::abs(static_cast<double>(of_day.size()) - out.calls_per_day);
    if (ordinary == nullptr || away < nearest) {
      ordinary = &of_day;
      nearest = away;
    }
  }
  out.shifts = ShiftsOf(*ordinary);
  std::map<std::string, std::string> numbers;  // the log's people stay in the log
  for (auto& shift : out.shifts) {
    const auto next = std::to_string(numbers.size() + 1);
    shift.agent =
        numbers.try_emplace(shift.agent, (next.size() < 2 ? "agent0" : "agent") + next).first->second;
    shift.in = seconds{shift.in.count() / 300 * 300};
    shift.out = seconds{(shift.out.count() + 299) / 300 * 300};
  }
  return out;
}

}  // namespace carillon::simulator
