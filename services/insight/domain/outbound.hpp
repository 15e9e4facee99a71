#pragma once
#include <array>
#include <string>
#include <string_view>
#include <vector>

#include "carillon/insight/v1/report.pb.h"

/// What came of attempts to reach customers, by the names campaign gives to it.
namespace carillon::insight::domain {

namespace pb = carillon::insight::v1;

/// Dispositions of attempts in which there was interest or a sale.
const std::vector<std::string>& InterestedDispositions();
/// Dispositions that only an agent gives: somebody spoke, even when the attempt's end was told before that.
const std::vector<std::string>& AgentDispositions();

/// Adds `attempts` that were dialled and are over with `disposition`, or, with an empty one, still go on;
/// `connected`: an agent spoke.
void CountAttempts(pb::OutboundVolume& volume, const std::string& disposition, bool connected,
                   std::int64_t attempts);

/// Stages of a funnel: target, dialled, reached, interested, sold.
using Stages = std::array<std::int64_t, 5>;
/// Replaces the line's funnel.
void SetFunnel(pb::CampaignLine& line, const Stages& stages);
/// The sum of the lines, its conversions from the sums, without figures.
pb::CampaignLine Together(const std::vector<pb::CampaignLine>& lines);

}  // namespace carillon::insight::domain
