#include "insight/store/reports.hpp"

#include <algorithm>
#include <map>

#include "base/proto_time.hpp"
#include "insight/domain/outbound.hpp"
#include "insight/domain/outcome.hpp"
#include "insight/store/facts.hpp"
#include "insight/store/rows.hpp"
#include "insight/store/statements.hpp"

namespace carillon::insight::store {
namespace {

pg::Param Start(const domain::Grid& grid) { return grid.start.time_since_epoch().count(); }

pqxx::result CallShapes(pg::Tx& tx, const domain::Grid& grid, const std::string& client) {
  return tx.Exec(sql::kCallShapes, pg::Time(grid.start), pg::Time(grid.end), Start(grid), grid.length.count(),
                 pg::MaybeId(client));
}

void AddCalls(pg::Tx& tx, const Scope& scope, std::vector<pb::Volume>& volumes) {
  for (const auto& row : CallShapes(tx, scope.grid, scope.client)) {
    auto& volume = volumes.at(row["part"].as<std::size_t>());
    const auto calls = Number(row, "calls");
    if (row["outbound"].as<bool>()) {
      if (row["dialled"].as<bool>()) volume.mutable_outbound()->set_calls(volume.outbound().calls() + calls);
      continue;
    }
    volume.set_calls(volume.calls() + calls);
    if (row["session_known"].as<bool>()) volume.set_ivr_calls(volume.ivr_calls() + calls);
    if (domain::OutcomeOf(ShapeOf(row)) == pb::SELF_SERVED)
      volume.set_self_served(volume.self_served() + calls);
  }
}

void AddInteractions(pg::Tx& tx, const Scope& scope, std::vector<pb::Volume>& volumes) {
  for (const auto& row :
       tx.Exec(sql::kInteractionSums, pg::Time(scope.grid.start), pg::Time(scope.grid.end), Start(scope.grid),
               scope.grid.length.count(), pg::MaybeId(scope.client), pg::MaybeId(scope.queue),
               scope.service_threshold.count(), scope.short_abandon.count())) {
    auto& volume = volumes.at(row["part"].as<std::size_t>());
    volume.set_answered(Number(row, "answered"));
    volume.set_answered_in_threshold(Number(row, "answered_in_threshold"));
    volume.set_abandoned(Number(row, "abandoned"));
    volume.set_abandoned_short(Number(row, "abandoned_short"));
    volume.set_abandoned_in_threshold(Number(row, "abandoned_in_threshold"));
    volume.set_withdrawn(Number(row, "withdrawn"));
    volume.set_open(Number(row, "still_open"));
    volume.set_offered(volume.answered() + volume.abandoned() + volume.abandoned_short());
    *volume.mutable_answered_wait() = Length(row, "answered_wait_us");
    *volume.mutable_abandoned_wait() = Length(row, "abandoned_wait_us");
    *volume.mutable_talk() = Length(row, "talk_us");
    *volume.mutable_hold() = Length(row, "hold_us");
    *volume.mutable_wrap() = Length(row, "wrap_us");
    *volume.mutable_longest_wait() = Length(row, "longest_wait_us");
  }
}

void AddAgents(pg::Tx& tx, const Scope& scope, std::vector<pb::Volume>& volumes) {
  for (const auto& row : tx.Exec(sql::kAgentSums, pg::Time(scope.grid.start), pg::Time(scope.grid.end),
                                 Start(scope.grid), scope.grid.length.count(), pg::Time(tx.now()))) {
    auto& volume = volumes.at(row["part"].as<std::size_t>());
    const std::string_view state = row["state"].c_str();
    auto& sum = state == "READY"       ? *volume.mutable_available()
                : state == "NOT_READY" ? *volume.mutable_not_ready()
                                       : *volume.mutable_occupied();
    AddLength(sum, row, "spent_us");
  }
}

/// Asks `statement` for the parts of the grid; what is `more` follows its parameters.
template <class... More>
pqxx::result Parts(pg::Tx& tx, const pg::Statement& statement, const Scope& scope, const More&... more) {
  return tx.Exec(statement, pg::Time(scope.grid.start), pg::Time(scope.grid.end), Start(scope.grid),
                 scope.grid.length.count(), pg::MaybeId(scope.client), more...);
}

void AddAttempts(pb::OutboundVolume& volume, const pqxx::row& row) {
  domain::CountAttempts(volume, row["disposition"].c_str(), row["connected"].as<bool>(),
                        Number(row, "attempts"));
  AddLength(*volume.mutable_talk(), row, "talk_us");
  AddLength(*volume.mutable_hold(), row, "hold_us");
  AddLength(*volume.mutable_wrap(), row, "wrap_us");
}
void AddRefusals(pb::OutboundVolume& volume, const pqxx::row& row) {
  volume.set_refusals(volume.refusals() + Number(row, "refusals"));
}
void AddCallbacks(pb::OutboundVolume& volume, const pqxx::row& row) {
  volume.set_callbacks_due(volume.callbacks_due() + Number(row, "due"));
  volume.set_callbacks_kept(volume.callbacks_kept() + Number(row, "kept"));
}

void AddOutbound(pg::Tx& tx, const Scope& scope, std::vector<pb::Volume>& volumes) {
  const auto add = [&](const pqxx::result& rows, void (*to)(pb::OutboundVolume&, const pqxx::row&)) {
    for (const auto& row : rows) to(*volumes.at(row["part"].as<std::size_t>()).mutable_outbound(), row);
  };
  add(Parts(tx, sql::kAttemptSums, scope), AddAttempts);
  add(Parts(tx, sql::kRefusalSums, scope), AddRefusals);
  add(Parts(tx, sql::kCallbackSums, scope, pg::Time(tx.now())), AddCallbacks);
}

void AddOrders(pg::Tx& tx, const Scope& scope, std::vector<pb::Volume>& volumes) {
  for (const auto& row : tx.Exec(sql::kOrderSums, pg::Time(scope.grid.start), pg::Time(scope.grid.end),
                                 Start(scope.grid), scope.grid.length.count(), pg::MaybeId(scope.client))) {
    auto& volume = volumes.at(row["part"].as<std::size_t>());
    volume.set_orders_created(Number(row, "created"));
    volume.set_orders_completed(Number(row, "completed"));
    volume.set_orders_revisited(Number(row, "revisited"));
    volume.set_orders_closed(Number(row, "closed"));
    volume.set_orders_closed_in_time(Number(row, "closed_in_time"));
    volume.set_orders_first_contact(Number(row, "first_contact"));
    volume.set_orders_reopened(Number(row, "reopened"));
  }
}

}  // namespace

std::vector<pb::Volume> Requests(pg::Tx& tx, const Scope& scope) {
  std::vector<pb::Volume> volumes(static_cast<std::size_t>(scope.grid.parts()));
  AddInteractions(tx, scope, volumes);
  return volumes;
}

std::vector<pb::Volume> Volumes(pg::Tx& tx, const Scope& scope) {
  auto volumes = Requests(tx, scope);
  if (!scope.queue.empty()) return volumes;
  AddCalls(tx, scope, volumes);
  AddAgents(tx, scope, volumes);
  AddOrders(tx, scope, volumes);
  AddOutbound(tx, scope, volumes);
  return volumes;
}

std::vector<pb::OrderCount> OrderCounts(pg::Tx& tx, const Scope& scope) {
  std::vector<pb::OrderCount> counts;
  for (const auto& row : tx.Exec(sql::kOrderCounts, pg::Time(scope.grid.start), pg::Time(scope.grid.end),
                                 pg::MaybeId(scope.client))) {
    auto& count = counts.emplace_back();
    count.set_type(row["type"].c_str());
    count.set_state(row["state"].c_str());
    count.set_count(Number(row, "orders"));
  }
  return counts;
}

std::vector<pb::AgentLine> AgentLines(pg::Tx& tx, const Scope& scope) {
  std::vector<pb::AgentLine> lines;
  for (const auto& row : tx.Exec(sql::kAgentLines, pg::Time(scope.grid.start), pg::Time(scope.grid.end),
                                 pg::MaybeId(scope.client), pg::Time(tx.now()))) {
    auto& line = lines.emplace_back();
    line.set_agent(std::string("agents/") + row["agent_id"].c_str());
    line.set_handled(Number(row, "handled"));
    *line.mutable_talk() = Length(row, "talk_us");
    *line.mutable_hold() = Length(row, "hold_us");
    *line.mutable_wrap() = Length(row, "wrap_us");
    line.set_outbound_handled(Number(row, "outbound_handled"));
    *line.mutable_outbound_talk() = Length(row, "outbound_talk_us");
    *line.mutable_outbound_hold() = Length(row, "outbound_hold_us");
    *line.mutable_outbound_wrap() = Length(row, "outbound_wrap_us");
    *line.mutable_signed_in() = Length(row, "signed_in_us");
    *line.mutable_available() = Length(row, "available_us");
    *line.mutable_occupied() = Length(row, "occupied_us");
  }
  return lines;
}

pb::CampaignReport CampaignsOf(pg::Tx& tx, const Scope& scope) {
  Scope whole = scope;
  whole.grid.length = scope.grid.end - scope.grid.start;
  std::map<std::string, pb::CampaignLine> lines;
  std::map<std::string, domain::Stages> stages;
  for (const auto& row : Parts(tx, sql::kAttemptSums, whole)) {
    auto& line = lines[row["campaign_id"].c_str()];
    AddAttempts(*line.mutable_volume(), row);
    const std::string disposition = row["disposition"].c_str();
    if (!disposition.empty()) (*line.mutable_dispositions())[disposition] += Number(row, "attempts");
  }
  for (const auto& row : Parts(tx, sql::kRefusalSums, whole)) {
    auto& line = lines[row["campaign_id"].c_str()];
    AddRefusals(*line.mutable_volume(), row);
    (*line.mutable_refusals())[row["refusal"].c_str()] += Number(row, "refusals");
  }
  for (const auto& row : Parts(tx, sql::kCallbackSums, whole, pg::Time(tx.now()))) {
    AddCallbacks(*lines[row["campaign_id"].c_str()].mutable_volume(), row);
  }
  for (const auto& row :
       tx.Exec(sql::kFunnels, pg::Time(scope.grid.start), pg::Time(scope.grid.end), pg::MaybeId(scope.client),
               pg::Array(domain::InterestedDispositions()), pg::Array(domain::AgentDispositions()))) {
    stages[row["campaign_id"].c_str()] = {0, Number(row, "dialled"), Number(row, "reached"),
                                          Number(row, "interested"), Number(row, "sold")};
  }
  std::vector<std::string> told;
  for (const auto& [id, line] : lines) told.push_back(id);
  for (const auto& row : tx.Exec(sql::kCampaigns, pg::Time(scope.grid.start), pg::Time(scope.grid.end),
                                 pg::MaybeId(scope.client), pg::Array(told))) {
    auto& line = lines[row["campaign_id"].c_str()];
    line.set_code(row["code"].c_str());
    line.set_display_name(row["display_name"].c_str());
    line.set_purpose(row["purpose"].c_str());
    line.set_state(row["state"].c_str());
    stages[row["campaign_id"].c_str()][0] = Number(row, "targets");
    const auto refusals = pg::ArrayOf(row["refusals"]);
    const auto refused = pg::ArrayOf(row["refused"]);
    for (std::size_t i = 0; i < refusals.size(); ++i) {
      (*line.mutable_list_refusals())[refusals[i]] = std::stoll(refused[i]);
    }
  }
  std::vector<pb::CampaignLine> sorted;
  for (auto& [id, line] : lines) {
    line.set_campaign("campaigns/" + id);
    domain::SetFunnel(line, stages[id]);
    sorted.push_back(std::move(line));
  }
  std::stable_sort(sorted.begin(), sorted.end(),
                   [](const auto& a, const auto& b) { return a.code() < b.code(); });
  pb::CampaignReport report;
  *report.mutable_total() = domain::Together(sorted);
  for (auto& line : sorted) *report.add_campaigns() = std::move(line);
  const auto figure = [](pb::CampaignLine& line) {
    line.mutable_volume();
    for (auto& kpi : domain::KpisOf(line.volume())) *line.add_kpis() = std::move(kpi);
  };
  figure(*report.mutable_total());
  for (auto& line : *report.mutable_campaigns()) figure(line);
  return report;
}

pb::QaReport QualityOf(pg::Tx& tx, const Scope& scope) {
  const auto ask = [&](const pg::Statement& statement) {
    return tx.Exec(statement, pg::Time(scope.grid.start), pg::Time(scope.grid.end),
                   pg::MaybeId(scope.client));
  };
  std::map<std::string, pb::QaVolume> volumes;
  for (const auto& row : ask(sql::kQuotaSums)) {
    auto& volume = volumes[row["agent_id"].c_str()];
    volume.set_planned(Number(row, "planned"));
    volume.set_shortfall(Number(row, "shortfall"));
  }
  for (const auto& row : ask(sql::kEvaluationSums)) {
    auto& volume = volumes[row["agent_id"].c_str()];
    volume.set_drawn(Number(row, "drawn"));
    volume.set_scored(Number(row, "scored"));
    volume.set_passed(Number(row, "passed"));
    volume.set_vetoed(Number(row, "vetoed"));
    volume.set_score_sum(Number(row, "score_sum"));
    volume.set_published(Number(row, "published"));
  }
  pb::QaReport report;
  const auto fill = [](pb::QaLine& line, const pb::QaVolume& volume) {
    *line.mutable_volume() = volume;
    for (auto& kpi : domain::KpisOf(volume)) *line.add_kpis() = std::move(kpi);
  };
  pb::QaVolume sum;
  for (const auto& [agent, volume] : volumes) {
    domain::Add(sum, volume);
    auto& line = *report.add_agents();
    line.set_agent("agents/" + agent);
    fill(line, volume);
  }
  fill(*report.mutable_total(), sum);
  for (const auto& row : ask(sql::kShortfalls)) {
    auto& shortfall = *report.add_shortfalls();
    shortfall.set_band(row["band"].c_str());
    shortfall.set_reason(row["reason"].c_str());
    shortfall.set_count(Number(row, "missing"));
  }
  return report;
}

pb::Reconciliation Recount(pg::Tx& tx, const domain::Grid& grid) {
  pb::Reconciliation out;
  std::map<pb::Outcome, std::int64_t> calls, ours;
  const domain::Grid day{grid.start, grid.end, grid.end - grid.start};
  for (const auto& row : CallShapes(tx, day, "")) {
    const auto count = Number(row, "calls");
    const bool outbound = row["outbound"].as<bool>();
    (outbound ? ours : calls)[domain::OutcomeOf(ShapeOf(row))] += count;
    if (outbound) {
      out.set_outbound_calls(out.outbound_calls() + count);
    } else {
      out.set_calls(out.calls() + count);
    }
  }
  const auto tell = [](pb::OutcomeCount& count, pb::Outcome outcome, std::int64_t of) {
    count.set_outcome(domain::OutcomeWord(outcome));
    count.set_count(of);
  };
  for (const auto outcome : domain::kInboundOutcomes) tell(*out.add_outcomes(), outcome, calls[outcome]);
  for (const auto outcome : domain::kOutboundOutcomes) {
    tell(*out.add_outbound_outcomes(), outcome, ours[outcome]);
  }
  out.set_undecided(calls[pb::OUTCOME_UNSPECIFIED]);
  out.set_outbound_undecided(ours[pb::OUTCOME_UNSPECIFIED]);
  if (out.undecided() + out.outbound_undecided() > 0) {
    constexpr int kShown = 20;
    pb::ListFactsRequest all;
    all.set_kind(pb::ListFactsRequest::CALLS);
    *all.mutable_start_time() = ToProto(grid.start);
    *all.mutable_end_time() = ToProto(grid.end);
    std::optional<std::string> after = "";
    while (after && out.undecided_calls_size() < kShown) {
      auto page = List(tx, all, *after, 1000);
      for (const auto& fact : page.facts) {
        if (fact.call().outcome() == pb::OUTCOME_UNSPECIFIED && out.undecided_calls_size() < kShown) {
          out.add_undecided_calls(fact.call().call());
        }
      }
      after = page.next;
    }
  }
  out.set_orphans(Number(tx.Exec(sql::kOrphans, pg::Time(grid.start), pg::Time(grid.end))[0], "orphans"));
  const auto matches = tx.Exec(sql::kMatches, pg::Time(grid.start), pg::Time(grid.end))[0];
  out.set_attempts(Number(matches, "attempts"));
  out.set_attempts_without_call(Number(matches, "attempts_without_call"));
  out.set_calls_without_attempt(Number(matches, "calls_without_attempt"));
  const auto quality = QualityOf(tx, {day, "", "", Duration::zero(), Duration::zero()}).total().volume();
  out.set_evaluations_planned(quality.planned());
  out.set_evaluations_drawn(quality.drawn());
  out.set_evaluations_shortfall(quality.shortfall());
  for (const auto& row : tx.Exec(sql::kEventCounts)) {
    auto& count = *out.add_events();
    count.set_topic(row["topic"].c_str());
    count.set_type(row["type"].c_str());
    count.set_applied(Number(row, "applied"));
    count.set_dead(Number(row, "dead"));
  }
  return out;
}

}  // namespace carillon::insight::store
