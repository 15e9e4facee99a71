#include "carillon/qa/v1/qa_events.pb.h"
#include "qa/api/methods.hpp"
#include "rpc/page.hpp"

namespace carillon::qa::api {

Result<pb::Evaluation> PublishEvaluation(Call& call, Deps& deps, const pb::PublishEvaluationRequest& in) {
  return deps.db.Write(call, [&](pg::Tx& tx) -> Result<pb::Evaluation> {
    TRY(const auto before, store::LockEvaluation(tx, in.name()));
    TRY_VOID(rpc::RequireFresh(before.etag(), in.etag()));
    TRY(const auto published, domain::Published(before, call.now));
    const auto saved = store::SaveEvaluation(tx, published, call.now);
    store::Announce<pb::EvaluationPublished>(tx, saved);
    return saved;
  });
}

}  // namespace carillon::qa::api
