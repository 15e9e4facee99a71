#include "ivr/api/api.hpp"
#include "ivr/api/publishable.hpp"
#include "ivr/domain/errors.hpp"
#include "ivr/domain/findings.hpp"
#include "ivr/store/announcements.hpp"
#include "ivr/store/flows.hpp"
#include "rpc/page.hpp"

namespace carillon::ivr::api {
namespace {

Result<void> Publishable(pg::Tx& tx, const v1::Flow& flow, const MenuLimits& limits) {
  TRY(const auto document, ReadDocument(flow.document()));
  std::string nodes;
  std::vector<Violation> violations;
  const auto library = store::Codes(tx);
  for (const auto& finding : Findings(*document, limits, &library)) {
    if (finding.severity() != v1::FlowFinding::BLOCKING) continue;
    nodes += (nodes.empty() ? "" : ",") + (finding.node().empty() ? "document" : finding.node());
    violations.push_back(
        {"line " + std::to_string(finding.line()), finding.reason() + ": " + finding.message()});
  }
  if (violations.empty()) return Ok();
  Error error =
      FailedPrecondition("FLOW_HAS_FINDINGS", "the flow would trap a caller: " + violations[0].description,
                         {{"nodes", nodes.substr(0, 900)}});
  error.violations = std::move(violations);
  return error;
}

}  // namespace

Result<void> MayPublish(pg::Tx& tx, const Deps& deps, const v1::Flow& flow, const std::string& user) {
  const bool tested = flow.state() == v1::Flow::TESTED;
  if (!tested && flow.state() != v1::Flow::DRAFT) return errors::FlowNotDraft(flow.name());
  if (flow.author() == user || flow.author() == "users/" + user) return errors::FlowSelfApproved(flow.name());
  TRY_VOID(Publishable(tx, flow, deps.settings.menus()));
  if (!tested && (deps.settings.tests_needed || !flow.tests().empty()))
    return errors::FlowNotTested(flow.name());
  return Ok();
}

Result<v1::Flow> PublishFlow(Call& call, Deps& deps, const v1::PublishFlowRequest& in) {
  return deps.db.Write(call, [&](pg::Tx& tx) -> Result<v1::Flow> {
    TRY(const v1::Flow flow, store::LockFlow(tx, in.name()));
    TRY_VOID(rpc::RequireFresh(flow.etag(), in.etag()));
    const std::string& user = call.principal.user;
    // A version that some callers met already needs no second approval to be everybody's.
    if (flow.rollout().version() != flow.version()) TRY_VOID(MayPublish(tx, deps, flow, user));
    store::Publish(tx, flow.name(), flow.version(), user, call.now);
    TRY(v1::Flow published, store::LoadFlow(tx, flow.name(), store::kNewest));
    published.clear_document();
    return published;
  });
}

Result<v1::Flow> RollBackFlow(Call& call, Deps& deps, const v1::RollBackFlowRequest& in) {
  return deps.db.Write(call, [&](pg::Tx& tx) -> Result<v1::Flow> {
    TRY(const v1::Flow newest, store::LockFlow(tx, in.name()));
    TRY(const v1::Flow flow, store::LoadFlow(tx, in.name(), in.version()));
    if (!flow.has_publish_time()) return errors::FlowNotPublished(in.name());
    store::Publish(tx, in.name(), in.version(), call.principal.user, call.now);
    TRY(v1::Flow now, store::LoadFlow(tx, in.name(), in.version()));
    now.clear_document();
    return now;
  });
}

}  // namespace carillon::ivr::api
