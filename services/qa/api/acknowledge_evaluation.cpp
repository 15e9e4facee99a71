#include "carillon/qa/v1/qa_events.pb.h"
#include "qa/api/methods.hpp"
#include "rpc/page.hpp"

namespace carillon::qa::api {

Result<pb::Evaluation> AcknowledgeEvaluation(Call& call, Deps& deps,
                                             const pb::AcknowledgeEvaluationRequest& in) {
  return deps.db.Write(call, [&](pg::Tx& tx) -> Result<pb::Evaluation> {
    TRY(const auto before, store::LockEvaluation(tx, in.name()));
    TRY_VOID(rpc::RequireFresh(before.etag(), in.etag()));
    TRY(const auto seen, domain::Acknowledged(before, in.comment(), ActorOf(call)));
    const auto saved = store::SaveEvaluation(tx, seen, call.now);
    store::Announce<pb::EvaluationAcknowledged>(tx, saved);
    return saved;
  });
}

}  // namespace carillon::qa::api
