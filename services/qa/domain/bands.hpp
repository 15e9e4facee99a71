#pragma once
#include <bitset>
#include <map>
#include <string>
#include <vector>

#include "base/result.hpp"
#include "calendar/time_band.hpp"
#include "carillon/qa/v1/qa.pb.h"

/// Which band a conversation lies in.
namespace carillon::qa::domain {

namespace pb = carillon::qa::v1;

/// Half-hours of the local day, 0 = 00:00 to 00:30.
using HalfHours = std::bitset<48>;

/// What is known of a queue on the days of a plan.
struct QueueShape {
  Duration short_below{};                      ///< 10th percentile of talk
  Duration long_above{};                       ///< 90th percentile of talk
  std::map<TimePoint, int> ended_in_quarters;  ///< conversations by the UTC quarter of an hour they ended in
};

/// Bands of a plan's conversations. Immutable; may be shared between threads.
class Bands {
 public:
  /// `night` as "22:30-08:00". INVALID_ARGUMENT TIME_BAND, TIME_OF_DAY_MALFORMED.
  static Result<Bands> Make(const calendar::TimeZone& zone, const std::string& night,
                            const google::protobuf::RepeatedPtrField<std::string>& peak_half_hours,
                            const std::map<std::string, QueueShape>& queues);
  pb::TimeBand TimeBandOf(const pb::Evaluation& conversation) const;
  pb::LengthBand LengthBandOf(const pb::Evaluation& conversation) const;
  /// The busy half-hours of a queue, named by the plan or else those outside the night with at least the
  /// average of its half-hours outside the night that have any.
  const HalfHours& PeakOf(const std::string& queue) const { return peaks_.at(queue); }

 private:
  Bands(calendar::TimeZone zone, calendar::TimeBands night, std::map<std::string, QueueShape> queues)
      : zone_(std::move(zone)), night_(std::move(night)), queues_(std::move(queues)) {}
  std::size_t HalfHourOf(TimePoint at) const;
  HalfHours Busy(const QueueShape& queue) const;
  calendar::TimeZone zone_;
  calendar::TimeBands night_;
  std::map<std::string, QueueShape> queues_;
  std::map<std::string, HalfHours> peaks_;
};

}  // namespace carillon::qa::domain
