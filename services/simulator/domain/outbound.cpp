#include "simulator/domain/outbound.hpp"

#include <algorithm>
#include <array>
#include <cmath>

namespace carillon::simulator {
namespace {

using std::chrono::hours;
using std::chrono::minutes;

constexpr seconds kFirstCall = hours{9};
constexpr seconds kLastCall = hours{20};
constexpr seconds kSlot = minutes{5};
constexpr seconds kApart = hours{1};
constexpr seconds kShortDay = hours{3};
constexpr seconds kSettle{600};  ///< agents come and the first calls are served before anybody is dialled
constexpr seconds kCallbackRoom = minutes{5};
constexpr seconds kSoonestCallback = minutes{5};

constexpr double kInvalidShare = 0.03;
constexpr double kSoldShare = 0.117;
constexpr double kTalkSoldMu = 6.037, kTalkSoldSigma = 0.726;
constexpr double kTalkOtherMu = 5.047, kTalkOtherSigma = 0.895;
constexpr double kLongestTalk = 1200;

struct Share {
  const char* disposition;
  double share;
  double longest_talk_s;
};
/// Of the conversations that are no sale.
constexpr std::array kNotSold = {
    Share{"REFUSED", 0.40, kLongestTalk},    Share{"CALLBACK_BOOKED", 0.20, 90},
    Share{"INTERESTED", 0.13, kLongestTalk}, Share{"SEND_MATERIAL", 0.09, kLongestTalk},
    Share{"ALREADY_OWN", 0.06, 120},         Share{"HUNG_UP", 0.06, 30},
    Share{"DO_NOT_CALL", 0.03, 60},          Share{"WRONG_PERSON", 0.03, 30},
};

/// Agents on shift less those in conversation, on average over a slot.
std::vector<double> FreeAgents(const DayPlan& plan) {
  const auto count = static_cast<std::size_t>(seconds{hours{26}} / kSlot);
  std::vector<double> free(count);
  const auto add = [&](double from, double to, double what) {
    const auto length = static_cast<double>(kSlot.count());
    for (auto i = static_cast<std::size_t>(std::max(0.0, from / length)); i < count; ++i) {
      const double start = static_cast<double>(i) * length;
      if (start >= to) break;
      free[i] += what * (std::min(to, start + length) - std::max(from, start)) / length;
    }
  };
  for (const auto& shift : plan.shifts)
    add(static_cast<double>(shift.in.count()), static_cast<double>(shift.out.count()), 1);
  for (const auto& call : plan.calls) {
    if (call.manner != Manner::kAsksForAgent) continue;
    const double from = std::chrono::duration<double>(call.arrival).count() + call.menu_s;
    add(from, from + call.ring_s + call.talk_s + call.wrap_s, -1);
  }
  return free;
}

seconds UpToSlot(seconds at) { return (at + kSlot - seconds{1}) / kSlot * kSlot; }
seconds DownToSlot(seconds at) { return at / kSlot * kSlot; }

}  // namespace

std::vector<Window> QuietWindows(const DayPlan& plan, const Window& played, seconds length, int count) {
  const auto from = UpToSlot(std::max(kFirstCall, played.from + kSettle));
  const auto to = DownToSlot(std::min(kLastCall, played.to));
  if (played.to - played.from < kShortDay) {
    count = 1;
    length = std::min(length, to - from);
  }
  const auto free = FreeAgents(plan);
  std::vector<Window> out;
  while (static_cast<int>(out.size()) < count) {
    std::optional<Window> best;
    double most = 0;
    for (auto start = from; length >= kSlot && start + length <= to; start += kSlot) {
      const bool apart = std::all_of(out.begin(), out.end(), [&](const Window& other) {
        return start >= other.to + kApart || start + length + kApart <= other.from;
      });
      if (!apart) continue;
      double sum = 0;
      for (auto at = start; at < start + length; at += kSlot)
        sum += free[static_cast<std::size_t>(at / kSlot)];
      if (best && sum <= most) continue;
      most = sum;
      best = Window{start, start + length};
    }
    if (!best || most <= 0) break;
    out.push_back(*best);
  }
  std::sort(out.begin(), out.end(), [](const Window& a, const Window& b) { return a.from < b.from; });
  return out;
}

OutboundPlan Rung(const Random& random, const std::string& number, int nth, bool promised) {
  Random person = random.Fork("rung " + number);
  OutboundPlan out;
  if (person.Chance(kInvalidShare)) {
    out.line = LineResult::kInvalidNumber;
    out.rings_s = 1;
    return out;
  }
  Random own = random.Fork("rung " + number + " " + std::to_string(nth));
  double which = own.Uniform();
  if (promised) which *= 0.5;
  if (which < 0.48) {
    out.line = LineResult::kAnswered;
    out.rings_s = own.Uniform(4, 20);
  } else if (which < 0.72) {
    out.line = LineResult::kNoAnswer;
  } else if (which < 0.85) {
    out.line = LineResult::kBusy;
    out.rings_s = 1;
  } else if (which < 0.93) {
    out.line = LineResult::kPowerOff;
    out.rings_s = 2;
  } else {
    out.line = LineResult::kMachine;
    out.rings_s = own.Uniform(15, 25);
  }
  if (out.line != LineResult::kAnswered) return out;

  auto& call = out.call;
  call.number = number;
  call.type = "OUT";
  call.patience_s = 3 + own.Exponential(25);
  call.ring_s = own.Uniform(1, 3);
  call.wrap_s = own.Uniform(4, 10);
  if (own.Chance(kSoldShare)) {
    out.disposition = "SOLD";
    call.talk_s = std::clamp(own.Lognormal(kTalkSoldMu, kTalkSoldSigma), 60.0, kLongestTalk);
    call.has_order = true;
    call.order.type = "ACCEPTANCE";
    call.order.desk = "back-office";
    call.order.accept_after_s = own.Uniform(120, 1200);
    call.order.handle_s = own.Uniform(600, 2400);
    call.order.revisit_after_s = own.Uniform(600, 1800);
    return out;
  }
  double rest = own.Uniform();
  const Share* said = kNotSold.data();
  for (const auto& share : kNotSold) {
    said = &share;
    if ((rest -= share.share) < 0) break;
  }
  // Nobody asks to be called again for ever.
  if (promised && std::string_view(said->disposition) == "CALLBACK_BOOKED") said = kNotSold.data();
  out.disposition = said->disposition;
  call.talk_s = std::clamp(own.Lognormal(kTalkOtherMu, kTalkOtherSigma), 5.0, said->longest_talk_s);
  out.call_again_s = own.Uniform(900, 1800);
  return out;
}

std::optional<seconds> CallAgainAt(const std::vector<Window>& windows, seconds now, double wish) {
  const auto later = std::max(kSoonestCallback, seconds{static_cast<std::int64_t>(wish)});
  for (const auto& window : windows) {
    const auto minute = (std::max(now, window.from) + later + seconds{59}) / minutes{1} * minutes{1};
    if (minute <= window.to - kCallbackRoom) return seconds{minute};
  }
  return std::nullopt;
}

int WaveCount(std::size_t customers) { return std::max(4, static_cast<int>(customers / 150)); }

int WaveOf(std::size_t index, std::size_t customers) {
  // Every twentieth is a company; no wave gets them all.
  return static_cast<int>((index + index / 20) % static_cast<std::size_t>(WaveCount(customers)));
}

std::string WaveName(int wave, std::size_t customers) {
  return std::to_string(wave + 1) + " of " + std::to_string(WaveCount(customers));
}

}  // namespace carillon::simulator
