#pragma once
#include <google/protobuf/duration.pb.h>
#include <google/protobuf/timestamp.pb.h>

#include "base/clock.hpp"

/// google.protobuf.Timestamp and Duration to and from ours.
namespace carillon {

inline google::protobuf::Timestamp ToProto(TimePoint at) {
  const auto seconds = std::chrono::floor<std::chrono::seconds>(at);
  google::protobuf::Timestamp out;
  out.set_seconds(seconds.time_since_epoch().count());
  out.set_nanos(static_cast<std::int32_t>(std::chrono::nanoseconds(at - seconds).count()));
  return out;
}

inline TimePoint FromProto(const google::protobuf::Timestamp& at) {
  return TimePoint{std::chrono::seconds{at.seconds()} + std::chrono::microseconds{at.nanos() / 1000}};
}

inline google::protobuf::Duration ToProto(Duration length) {
  google::protobuf::Duration out;
  out.set_seconds(std::chrono::duration_cast<std::chrono::seconds>(length).count());
  out.set_nanos(static_cast<std::int32_t>((length.count() % 1'000'000) * 1000));
  return out;
}

inline Duration FromProto(const google::protobuf::Duration& length) {
  return std::chrono::seconds{length.seconds()} + std::chrono::microseconds{length.nanos() / 1000};
}

}  // namespace carillon
