#include "carillon/qa/v1/qa_events.pb.h"
#include "qa/api/methods.hpp"
#include "qa/store/scorecards.hpp"
#include "rpc/page.hpp"

namespace carillon::qa::api {

Result<pb::Evaluation> SubmitScore(Call& call, Deps& deps, const pb::SubmitScoreRequest& in) {
  return deps.db.Write(call, [&](pg::Tx& tx) -> Result<pb::Evaluation> {
    TRY(const auto before, store::LockEvaluation(tx, in.name()));
    TRY_VOID(rpc::RequireFresh(before.etag(), in.etag()));
    TRY(const auto revision, store::LoadRevision(tx, before.scorecard_revision()));
    TRY(const auto scored,
        domain::Scored(before, revision.content(), {in.answers(), in.vetoes(), in.comment()}, ActorOf(call)));
    const auto saved = store::SaveEvaluation(tx, scored, call.now);
    store::Announce<pb::EvaluationScored>(tx, saved);
    if (domain::HasNewVeto(before, saved)) store::Announce<pb::VetoHit>(tx, saved);
    return saved;
  });
}

}  // namespace carillon::qa::api
