#pragma once
#include <google/protobuf/repeated_field.h>

#include <string>
#include <vector>

#include "base/result.hpp"
#include "calendar/working_time.hpp"
#include "carillon/campaign/v1/campaign.pb.h"

/// When customers may be called.
namespace carillon::campaign::domain {

namespace pb = carillon::campaign::v1;

/// 08:00–21:00 of every day: nobody is called outside, whatever a campaign says (semantics B6).
calendar::WorkingCalendar LegalHours(const calendar::TimeZone& zone);

/// What is wrong with the windows: an end before its start, an overlap, time outside 08:00–21:00. Fields are
/// `campaign.windows[i]`.
std::vector<Violation> WindowFaults(const google::protobuf::RepeatedPtrField<pb::Campaign::Window>& windows);

/// The hours of windows without faults; none = 09:00–20:00 of every day (R9).
calendar::WorkingCalendar CallingHours(
    const calendar::TimeZone& zone, const google::protobuf::RepeatedPtrField<pb::Campaign::Window>& windows);

}  // namespace carillon::campaign::domain
