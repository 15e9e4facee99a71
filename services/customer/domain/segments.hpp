#pragma once
#include <string>
#include <utility>
#include <vector>

#include "base/clock.hpp"
#include "carillon/customer/v1/segment_service.pb.h"

/// Segments by rule. Pure.
namespace carillon::customer::domain {

namespace pb = carillon::customer::v1;

/// What stands as the model of a segment that was computed here; others are somebody's word.
inline constexpr const char* kByRule = "rules";

/// "segmentRules/VALUE.GOLD" -> VALUE, GOLD
std::pair<std::string, std::string> PartsOfRule(const pb::SegmentRule& rule);
/// In the order they are tried: by dimension, rank and name.
void InOrder(std::vector<pb::SegmentRule>& rules);
/// `before` with what the rules, in their order, make of it; unchanged when that is what it is. `passed`:
/// which of them it passes.
pb::Customer Segmented(const pb::Customer& before, const std::vector<pb::SegmentRule>& rules,
                       const std::vector<bool>& passed, TimePoint now);
/// A change of these fields may change a segment.
bool MaySegment(const std::vector<std::string>& changed_fields);

}  // namespace carillon::customer::domain
