#include "qa/domain/bands.hpp"

#include <array>
#include <chrono>

#include "base/proto_time.hpp"

namespace carillon::qa::domain {
namespace {

constexpr const char* kNight = "night";
constexpr std::chrono::minutes kHalfHour{30};

}  // namespace

Result<Bands> Bands::Make(const calendar::TimeZone& zone, const std::string& night,
                          const google::protobuf::RepeatedPtrField<std::string>& peak_half_hours,
                          const std::map<std::string, QueueShape>& queues) {
  const auto dash = night.find('-');
  TRY(const auto from, calendar::ParseTimeOfDay(std::string_view(night).substr(0, dash)));
  TRY(const auto to,
      calendar::ParseTimeOfDay(dash == std::string::npos ? "" : std::string_view(night).substr(dash + 1)));
  TRY(auto at_night, calendar::TimeBands::Make(zone, {{kNight, {}, from, to}}));
  Bands bands(zone, std::move(at_night), queues);
  HalfHours named;
  for (const auto& half_hour : peak_half_hours) {
    TRY(const auto begin, calendar::ParseTimeOfDay(half_hour));
    named.set(static_cast<std::size_t>(begin / kHalfHour));
  }
  for (const auto& [queue, shape] : bands.queues_)
    bands.peaks_[queue] = named.any() ? named : bands.Busy(shape);
  return bands;
}

pb::TimeBand Bands::TimeBandOf(const pb::Evaluation& conversation) const {
  const auto at = FromProto(conversation.interaction_end_time());
  if (night_.Lies(at, kNight)) return pb::NIGHT;
  return PeakOf(conversation.queue()).test(HalfHourOf(at)) ? pb::PEAK : pb::OFF_PEAK;
}

pb::LengthBand Bands::LengthBandOf(const pb::Evaluation& conversation) const {
  const auto& queue = queues_.at(conversation.queue());
  const auto talk = FromProto(conversation.talk_duration());
  if (talk > queue.long_above) return pb::LONG;
  return talk < queue.short_below ? pb::SHORT : pb::NORMAL;
}

std::size_t Bands::HalfHourOf(TimePoint at) const {
  return static_cast<std::size_t>(zone_.ToLocal(at).time_of_day / kHalfHour);
}

HalfHours Bands::Busy(const QueueShape& queue) const {
  std::array<int, 48> counts{};
  int all = 0;
  int with_any = 0;
  for (const auto& [quarter, ended] : queue.ended_in_quarters) {
    if (night_.Lies(quarter, kNight)) continue;
    auto& count = counts.at(HalfHourOf(quarter));
    with_any += count == 0 ? 1 : 0;
    count += ended;
    all += ended;
  }
  HalfHours busy;
  for (std::size_t i = 0; i < counts.size(); ++i) busy[i] = counts[i] > 0 && counts[i] * with_any >= all;
  return busy;
}

}  // namespace carillon::qa::domain
