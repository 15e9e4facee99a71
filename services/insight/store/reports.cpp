#include "insight/store/reports.hpp"

#include "base/proto_time.hpp"
#include "insight/domain/outcome.hpp"
#include "insight/store/facts.hpp"
#include "insight/store/statements.hpp"

namespace carillon::insight::store {
namespace {

pg::Param IdIn(const std::string& name) {
  return name.empty() ? pg::Param(std::nullopt) : pg::Param(name.substr(name.find('/') + 1));
}

std::int64_t Number(const pqxx::row& row, const char* column) { return row[column].as<std::int64_t>(); }
google::protobuf::Duration Length(const pqxx::row& row, const char* column) {
  return ToProto(Duration{Number(row, column)});
}
void AddLength(google::protobuf::Duration& sum, const pqxx::row& row, const char* column) {
  sum = ToProto(FromProto(sum) + Duration{Number(row, column)});
}

pg::Param Start(const domain::Grid& grid) { return grid.start.time_since_epoch().count(); }

domain::CallShape ShapeOf(const pqxx::row& row) {
  return {row["over"].as<bool>(),          row["cause"].c_str(),
          row["session_named"].as<bool>(), row["interaction_named"].as<bool>(),
          row["session_result"].c_str(),   row["served"].as<bool>(),
          row["gone"].as<bool>(),          row["waiting"].as<bool>()};
}

pqxx::result CallShapes(pg::Tx& tx, const domain::Grid& grid, const std::string& client) {
  return tx.Exec(sql::kCallShapes, pg::Time(grid.start), pg::Time(grid.end), Start(grid), grid.length.count(),
                 IdIn(client));
}

void AddCalls(pg::Tx& tx, const Scope& scope, std::vector<pb::Volume>& volumes) {
  for (const auto& row : CallShapes(tx, scope.grid, scope.client)) {
    auto& volume = volumes.at(row["part"].as<std::size_t>());
    const auto calls = Number(row, "calls");
    volume.set_calls(volume.calls() + calls);
    if (row["session_known"].as<bool>()) volume.set_ivr_calls(volume.ivr_calls() + calls);
    if (domain::OutcomeOf(ShapeOf(row)) == pb::SELF_SERVED)
      volume.set_self_served(volume.self_served() + calls);
  }
}

void AddInteractions(pg::Tx& tx, const Scope& scope, std::vector<pb::Volume>& volumes) {
  for (const auto& row :
       tx.Exec(sql::kInteractionSums, pg::Time(scope.grid.start), pg::Time(scope.grid.end), Start(scope.grid),
               scope.grid.length.count(), IdIn(scope.client), IdIn(scope.queue),
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

void AddOrders(pg::Tx& tx, const Scope& scope, std::vector<pb::Volume>& volumes) {
  for (const auto& row : tx.Exec(sql::kOrderSums, pg::Time(scope.grid.start), pg::Time(scope.grid.end),
                                 Start(scope.grid), scope.grid.length.count(), IdIn(scope.client))) {
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

std::vector<pb::Volume> Volumes(pg::Tx& tx, const Scope& scope) {
  std::vector<pb::Volume> volumes(static_cast<std::size_t>(scope.grid.parts()));
  AddInteractions(tx, scope, volumes);
  if (!scope.queue.empty()) return volumes;
  AddCalls(tx, scope, volumes);
  AddAgents(tx, scope, volumes);
  AddOrders(tx, scope, volumes);
  return volumes;
}

std::vector<pb::OrderCount> OrderCounts(pg::Tx& tx, const Scope& scope) {
  std::vector<pb::OrderCount> counts;
  for (const auto& row :
       tx.Exec(sql::kOrderCounts, pg::Time(scope.grid.start), pg::Time(scope.grid.end), IdIn(scope.client))) {
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
                                 IdIn(scope.client), pg::Time(tx.now()))) {
    auto& line = lines.emplace_back();
    line.set_agent(std::string("agents/") + row["agent_id"].c_str());
    line.set_handled(Number(row, "handled"));
    *line.mutable_talk() = Length(row, "talk_us");
    *line.mutable_hold() = Length(row, "hold_us");
    *line.mutable_wrap() = Length(row, "wrap_us");
    *line.mutable_signed_in() = Length(row, "signed_in_us");
    *line.mutable_available() = Length(row, "available_us");
    *line.mutable_occupied() = Length(row, "occupied_us");
  }
  return lines;
}

pb::Reconciliation Recount(pg::Tx& tx, const domain::Grid& grid) {
  pb::Reconciliation out;
  std::map<pb::Outcome, std::int64_t> calls;
  const domain::Grid day{grid.start, grid.end, grid.end - grid.start};
  for (const auto& row : CallShapes(tx, day, "")) {
    calls[domain::OutcomeOf(ShapeOf(row))] += Number(row, "calls");
    out.set_calls(out.calls() + Number(row, "calls"));
  }
  for (const auto outcome : {pb::SELF_SERVED, pb::ANSWERED, pb::ABANDONED, pb::PHANTOM, pb::INVALID}) {
    auto& count = *out.add_outcomes();
    count.set_outcome(domain::OutcomeWord(outcome));
    count.set_count(calls[outcome]);
  }
  out.set_undecided(calls[pb::OUTCOME_UNSPECIFIED]);
  if (out.undecided() > 0) {
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
