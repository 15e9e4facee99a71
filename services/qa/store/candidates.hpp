#pragma once
#include <map>
#include <string>
#include <vector>

#include "base/ids.hpp"
#include "base/result.hpp"
#include "carillon/qa/v1/qa.pb.h"
#include "pg/message.hpp"
#include "qa/domain/bands.hpp"
#include "qa/domain/plan.hpp"

/// Conversations that may be drawn. A candidate is an evaluation that is not drawn yet: without name, plan,
/// bands and state.
namespace carillon::qa::store {

namespace pb = carillon::qa::v1;

/// Once an interaction.
void AddCandidate(pg::Tx& tx, const pb::Evaluation& candidate);
/// Whether the interaction ended in a sale; the word of the latest `as_of` counts.
void NoteSale(pg::Tx& tx, const std::string& interaction, const std::string& client, TimePoint ended_at,
              bool sold, TimePoint as_of);

/// Everybody with a candidate of the client in the span, by name.
std::vector<std::string> AgentsWith(pg::Tx& tx, const std::string& client, const domain::Span& span);
/// Percentiles (nearest rank) and volumes by queue over all of the client's candidates in the span.
std::map<std::string, domain::QueueShape> QueueShapes(pg::Tx& tx, const std::string& client,
                                                      const domain::Span& span);
/// An agent's candidates of the client in the span.
std::vector<pb::Evaluation> CandidatesOf(pg::Tx& tx, const std::string& client, const std::string& agent,
                                         const domain::Span& span);

}  // namespace carillon::qa::store
