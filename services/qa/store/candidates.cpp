#include "qa/store/candidates.hpp"

#include "qa/store/statements.hpp"

namespace carillon::qa::store {

void AddCandidate(pg::Tx& tx, const pb::Evaluation& candidate) {
  tx.Exec(sql::kAddCandidate, IdOf(candidate.interaction()),
          pg::Time(FromProto(candidate.interaction_end_time())), IdOf(candidate.client()),
          IdOf(candidate.agent()), IdOf(candidate.queue()), pg::MaybeId(candidate.call()),
          pg::MaybeId(candidate.customer()), pb::Direction_Name(candidate.direction()),
          candidate.disposition(), FromProto(candidate.talk_duration()).count(),
          FromProto(candidate.hold_duration()).count());
}

void NoteSale(pg::Tx& tx, const std::string& interaction, const std::string& client, TimePoint ended_at,
              bool sold, TimePoint as_of) {
  tx.Exec(sql::kNoteSale, IdOf(interaction), pg::Time(ended_at), IdOf(client), sold, pg::Time(as_of));
}

std::vector<std::string> AgentsWith(pg::Tx& tx, const std::string& client, const domain::Span& span) {
  std::vector<std::string> agents;
  for (const auto& row : tx.Exec(sql::kAgentsWith, IdOf(client), pg::Time(span.begin), pg::Time(span.end)))
    agents.push_back(pg::NameOf("agents", row["agent_id"]));
  return agents;
}

std::map<std::string, domain::QueueShape> QueueShapes(pg::Tx& tx, const std::string& client,
                                                      const domain::Span& span) {
  std::map<std::string, domain::QueueShape> shapes;
  for (const auto& row : tx.Exec(sql::kQueueTalk, IdOf(client), pg::Time(span.begin), pg::Time(span.end))) {
    auto& shape = shapes[pg::NameOf("queues", row["queue_id"])];
    shape.short_below = Duration{row["p10_us"].as<std::int64_t>()};
    shape.long_above = Duration{row["p90_us"].as<std::int64_t>()};
  }
  for (const auto& row :
       tx.Exec(sql::kQueueQuarters, IdOf(client), pg::Time(span.begin), pg::Time(span.end))) {
    const TimePoint quarter{std::chrono::minutes{15} * row["quarter"].as<std::int64_t>()};
    shapes[pg::NameOf("queues", row["queue_id"])].ended_in_quarters[quarter] = row["ended"].as<int>();
  }
  return shapes;
}

std::vector<pb::Evaluation> CandidatesOf(pg::Tx& tx, const std::string& client, const std::string& agent,
                                         const domain::Span& span) {
  std::vector<pb::Evaluation> candidates;
  for (const auto& row :
       tx.Exec(sql::kCandidates, IdOf(client), IdOf(agent), pg::Time(span.begin), pg::Time(span.end))) {
    auto& candidate = candidates.emplace_back();
    candidate.set_client(client);
    candidate.set_agent(agent);
    candidate.set_interaction(pg::NameOf("interactions", row["interaction_id"]));
    candidate.set_call(pg::NameOf("calls", row["call_id"]));
    candidate.set_customer(pg::NameOf("customers", row["customer_id"]));
    candidate.set_queue(pg::NameOf("queues", row["queue_id"]));
    candidate.set_direction(row["direction"].as<std::string>() == "OUTBOUND" ? pb::OUTBOUND : pb::INBOUND);
    candidate.set_disposition(row["disposition"].c_str());
    candidate.set_sold(row["sold"].as<bool>());
    *candidate.mutable_interaction_end_time() = ToProto(pg::TimeOf(row["ended_us"]));
    *candidate.mutable_talk_duration() = ToProto(Duration{row["talk_us"].as<std::int64_t>()});
    *candidate.mutable_hold_duration() = ToProto(Duration{row["hold_us"].as<std::int64_t>()});
  }
  return candidates;
}

}  // namespace carillon::qa::store
