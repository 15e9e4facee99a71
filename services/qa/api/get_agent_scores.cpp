#include "qa/api/methods.hpp"

namespace carillon::qa::api {

Result<pb::GetAgentScoresResponse> GetAgentScores(Call& call, Deps& deps,
                                                  const pb::GetAgentScoresRequest& in) {
  if (in.has_start_time() && in.has_end_time() && FromProto(in.end_time()) < FromProto(in.start_time()))
    return errors::SpanInvalid();
  return deps.db.Read(call, [&](pg::Tx& tx) -> Result<pb::GetAgentScoresResponse> {
    pb::GetAgentScoresResponse out;
    for (auto& score : store::AgentScores(tx, in, SightOf(call))) *out.add_scores() = std::move(score);
    return out;
  });
}

}  // namespace carillon::qa::api
