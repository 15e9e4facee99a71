#pragma once
#include <vector>

#include "base/clock.hpp"
#include "base/result.hpp"
#include "calendar/time_zone.hpp"
#include "carillon/insight/v1/report.pb.h"

/// Figures from counts and sums. Pure: whoever has a Volume has its figures, and the figures of several spans
/// are those of the sum of their volumes, never a mean of figures.
namespace carillon::insight::domain {

namespace pb = carillon::insight::v1;

/// Adds every count and sum; of the longest wait the longer one.
void Add(pb::Volume& sum, const pb::Volume& part);
void Add(pb::OutboundVolume& sum, const pb::OutboundVolume& part);
void Add(pb::QaVolume& sum, const pb::QaVolume& part);

/// The catalogue: service level A1 and the named formulas SL-A to SL-E beside it, answer, loss and waiting
/// (A2–A5), handling, use of time and self-service (B1–B5), orders (C4, C5, C6), and of outbound attempts
/// those of the OutboundVolume and D5, calls to a sale.
std::vector<pb::Kpi> KpisOf(const pb::Volume& volume);
/// Success (D2), connects, right parties, attempts and sales an hour, abandoned, complaints, callbacks kept,
/// handling (O1–O8).
std::vector<pb::Kpi> KpisOf(const pb::OutboundVolume& volume);
/// Monitoring score (C2), passed (Q1), vetoed (Q2).
std::vector<pb::Kpi> KpisOf(const pb::QaVolume& volume);
/// AHT, talk, outbound AHT, occupancy, calls an hour of one agent.
std::vector<pb::Kpi> KpisOf(const pb::AgentLine& line);

/// A span that is cut into parts of one length, from its start.
struct Grid {
  TimePoint start;
  TimePoint end;
  Duration length;
  int parts() const { return static_cast<int>((end - start + length - Duration{1}) / length); }
};

/// The local day in half-hours.
Grid GridOf(calendar::Date day, const calendar::TimeZone& zone);
/// The same of a day in letters; INVALID_ARGUMENT DATE_MALFORMED.
Result<Grid> DayGrid(std::string_view date, const calendar::TimeZone& zone);

/// Empty intervals of the grid, labelled by the wall clock.
std::vector<pb::Interval> EmptyIntervals(const Grid& grid, const calendar::TimeZone& zone);

/// Fills in the figures of each interval; returns their sum with its own figures.
pb::Interval Summed(std::vector<pb::Interval>& intervals);

}  // namespace carillon::insight::domain
