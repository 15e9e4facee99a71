#include "insight/domain/forecast.hpp"

#include <algorithm>
#include <cmath>
#include <map>
#include <optional>

#include "base/proto_time.hpp"

namespace carillon::insight::domain {
namespace {

constexpr double kWeek = 0.7;         // a week counts so much of the week after it
constexpr double kEightOfTen = 1.28;  // standard deviations to either side
constexpr int kWeekdays = 8, kYoung = 28;

std::vector<calendar::Date> Before(calendar::Date date, int count, int step) {
  std::vector<calendar::Date> out;
  for (int n = 1; n <= count; ++n)
    out.emplace_back(std::chrono::sys_days{date} - std::chrono::days{n * step});
  return out;
}

std::int64_t OfferedOn(const PastDay& day) {
  std::int64_t sum = 0;
  for (const auto& interval : day.intervals) sum += interval.volume().offered();
  return sum;
}

/// What is known of a half-hour.
struct Sum {
  double weight = 0, offered = 0, square = 0;  ///< weighted
  double answered = 0;                         ///< weighted
  double handle_us = 0;                        ///< weighted
  void Add(double share, const pb::Volume& volume) {
    const auto requests = static_cast<double>(volume.offered());
    weight += share;
    offered += share * requests;
    square += share * requests * requests;
    answered += share * static_cast<double>(volume.answered());
    handle_us +=
        share * static_cast<double>(
                    (FromProto(volume.talk()) + FromProto(volume.hold()) + FromProto(volume.wrap())).count());
  }
};

double ShareOf(calendar::Date date, const PastDay& day) {
  return std::pow(
      kWeek,
      static_cast<double>((std::chrono::sys_days{date} - std::chrono::sys_days{day.date}).count()) / 7);
}

/// By label; "" is the whole day.
std::map<std::string, Sum> Learnt(calendar::Date date, const std::vector<PastDay>& past) {
  std::map<std::string, Sum> sums;
  for (const auto& day : past) {
    const double share = ShareOf(date, day);
    for (const auto& interval : day.intervals) {
      sums[interval.label()].Add(share, interval.volume());
      sums[""].Add(share, interval.volume());
    }
  }
  return sums;
}

double Mean(const Sum& sum) { return sum.weight > 0 ? sum.offered / sum.weight : 0; }

/// Each day told from those before it.
std::optional<double> Wape(const std::vector<PastDay>& past) {
  double off = 0, all = 0;
  for (std::size_t n = 0; n + 1 < past.size(); ++n) {
    const auto sums = Learnt(past[n].date, {past.begin() + static_cast<std::ptrdiff_t>(n) + 1, past.end()});
    for (const auto& interval : past[n].intervals) {
      const auto was = static_cast<double>(interval.volume().offered());
      const auto found = sums.find(interval.label());
      off += std::abs(was - (found == sums.end() ? 0 : Mean(found->second)));
      all += was;
    }
  }
  if (all == 0) return std::nullopt;
  return off / all;
}

}  // namespace

std::vector<calendar::Date> SameWeekdays(calendar::Date date) { return Before(date, kWeekdays, 7); }
std::vector<calendar::Date> DaysBefore(calendar::Date date) { return Before(date, kYoung, 1); }

pb::Forecast Foretold(calendar::Date date, const std::vector<pb::Interval>& day, std::vector<PastDay> past) {
  pb::Forecast out;
  out.set_date(calendar::FormatDate(date));
  std::erase_if(past, [](const PastDay& each) { return OfferedOn(each) == 0; });
  std::sort(past.begin(), past.end(), [](const PastDay& a, const PastDay& b) { return a.date > b.date; });
  if (past.empty()) return out;
  double all = 0;
  for (const auto& each : past) all += ShareOf(date, each);
  for (const auto& each : past) {
    auto& learnt = *out.add_days();
    learnt.set_date(calendar::FormatDate(each.date));
    learnt.set_weight(ShareOf(date, each) / all);
    learnt.set_offered(OfferedOn(each));
  }
  auto sums = Learnt(date, past);
  const Sum whole = sums[""];
  for (const auto& interval : day) {
    const Sum& sum = sums[interval.label()];
    const double mean = Mean(sum);
    // Calls come as they like (Poisson), whatever the days before had in common.
    const double variance = std::max(mean, sum.weight > 0 ? sum.square / sum.weight - mean * mean : 0);
    const double band = kEightOfTen * std::sqrt(variance);
    auto& told = *out.add_intervals();
    *told.mutable_start_time() = interval.start_time();
    *told.mutable_end_time() = interval.end_time();
    told.set_label(interval.label());
    told.set_offered(mean);
    told.set_low(std::max(0.0, mean - band));
    told.set_high(mean + band);
    const Sum& handled = sum.answered > 0 ? sum : whole;
    if (handled.answered > 0)
      *told.mutable_handle_time() = ToProto(Duration{std::llround(handled.handle_us / handled.answered)});
    out.set_offered(out.offered() + mean);
  }
  if (const auto wape = Wape(past)) out.set_wape(*wape);
  return out;
}

}  // namespace carillon::insight::domain
