#pragma once
#include <string>
#include <vector>

#include "carillon/insight/v1/report.pb.h"
#include "insight/domain/kpi.hpp"
#include "pg/tx.hpp"

/// Counts and sums over the facts, by interval.
namespace carillon::insight::store {

namespace pb = carillon::insight::v1;

/// What the figures are asked for.
struct Scope {
  domain::Grid grid;
  std::string client;  ///< `clients/{uuid}`, or empty = all that is visible
  std::string queue;   ///< `queues/{uuid}`, or empty; with a queue only customers' requests are counted
  Duration service_threshold;
  Duration short_abandon;
};

/// One Volume for each part of the grid.
std::vector<pb::Volume> Volumes(pg::Tx& tx, const Scope& scope);
/// The same with only what is told of requests for an agent.
std::vector<pb::Volume> Requests(pg::Tx& tx, const Scope& scope);
std::vector<pb::OrderCount> OrderCounts(pg::Tx& tx, const Scope& scope);
/// Without figures, which the domain derives.
std::vector<pb::AgentLine> AgentLines(pg::Tx& tx, const Scope& scope);
/// The campaigns of the span, figures included; its grid's parts do not matter.
pb::CampaignReport CampaignsOf(pg::Tx& tx, const Scope& scope);
/// The evaluations of the span, figures included.
pb::QaReport QualityOf(pg::Tx& tx, const Scope& scope);
/// Calls by outcome, undecided ones, orphans, attempts, evaluations, events: everything but the sums of the
/// intervals.
pb::Reconciliation Recount(pg::Tx& tx, const domain::Grid& grid);

}  // namespace carillon::insight::store
