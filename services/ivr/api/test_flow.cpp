#include "ivr/api/api.hpp"
#include "ivr/api/publishable.hpp"
#include "ivr/domain/compare.hpp"
#include "ivr/domain/errors.hpp"
#include "ivr/domain/flow_test.hpp"
#include "ivr/store/flows.hpp"
#include "rpc/page.hpp"

namespace carillon::ivr::api {

Result<void> RunTests(v1::Flow& flow, v1::TestFlowResponse& out) {
  TRY(const auto tests, ReadFlowTests(flow.tests()));
  TRY(const auto document, ReadDocument(flow.document()));
  bool whole = true;
  for (const FlowTest& test : tests.tests) {
    const FlowTested tried = Tried(document, test);
    auto& result = *out.add_results();
    result.set_test(test.name);
    result.set_passed(tried.passed);
    result.set_path(tried.path);
    result.set_outcome(tried.outcome);
    result.set_message(tried.why);
    whole = whole && tried.passed;
  }
  flow.set_state(whole ? v1::Flow::TESTED : v1::Flow::DRAFT);
  return Ok();
}

Result<v1::TestFlowResponse> TestFlow(Call& call, Deps& deps, const v1::TestFlowRequest& in) {
  return deps.db.Write(call, [&](pg::Tx& tx) -> Result<v1::TestFlowResponse> {
    TRY(v1::Flow flow, store::LockFlow(tx, in.name()));
    TRY_VOID(rpc::RequireFresh(flow.etag(), in.etag()));
    if (flow.state() != v1::Flow::DRAFT && flow.state() != v1::Flow::TESTED)
      return errors::FlowNotDraft(flow.name());
    if (!in.tests().empty()) flow.set_tests(in.tests());
    v1::TestFlowResponse out;
    TRY_VOID(RunTests(flow, out));
    store::SaveTests(tx, flow);
    TRY(*out.mutable_flow(), store::LoadFlow(tx, flow.name(), store::kNewest));
    out.mutable_flow()->clear_document();
    return out;
  });
}

Result<v1::CompareFlowResponse> CompareFlow(Call& call, Deps& deps, const v1::CompareFlowRequest& in) {
  using Pair = std::pair<v1::Flow, v1::Flow>;
  TRY(const Pair versions, deps.db.Read(call, [&](pg::Tx& tx) -> Result<Pair> {
    Pair found;
    TRY(found.first, store::LoadFlow(tx, in.name(), in.from_version()));
    TRY(found.second, store::LoadFlow(tx, in.name(), in.to_version()));
    return found;
  }));
  return Compared(versions.first.document(), versions.second.document());
}

Result<v1::Flow> RollOutFlow(Call& call, Deps& deps, const v1::RollOutFlowRequest& in) {
  return deps.db.Write(call, [&](pg::Tx& tx) -> Result<v1::Flow> {
    TRY(const v1::Flow flow, store::LockFlow(tx, in.name()));
    TRY_VOID(rpc::RequireFresh(flow.etag(), in.etag()));
    if (flow.published_version() == 0) return errors::FlowNotPublished(flow.name());
    const bool again = flow.rollout().version() == flow.version();
    if (!again) TRY_VOID(MayPublish(tx, deps, flow, call.principal.user));
    v1::Rollout rollout;
    rollout.set_version(flow.version());
    rollout.set_percent(in.percent());
    *rollout.mutable_start_time() = in.has_start_time() ? in.start_time() : ToProto(call.now);
    store::SaveRollout(tx, flow.name(), rollout, call.principal.user);
    TRY(v1::Flow now, store::LoadFlow(tx, flow.name(), store::kNewest));
    now.clear_document();
    return now;
  });
}

}  // namespace carillon::ivr::api
