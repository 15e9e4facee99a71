#include "ivr/api/api.hpp"
#include "ivr/store/flows.hpp"
#include "rpc/page.hpp"

namespace carillon::ivr::api {

Result<v1::Flow> UpdateFlow(Call& call, Deps& deps, const v1::UpdateFlowRequest& in) {
  if (!in.flow().document().empty()) {
    TRY(const auto document, ReadDocument(in.flow().document()));
    (void)document;
  }
  return deps.db.Write(call, [&](pg::Tx& tx) -> Result<v1::Flow> {
    TRY(v1::Flow flow, store::LockFlow(tx, in.flow().name()));
    TRY_VOID(rpc::RequireFresh(flow.etag(), in.flow().etag()));
    if (!in.flow().display_name().empty()) flow.set_display_name(in.flow().display_name());
    if (!in.flow().document().empty()) flow.set_document(in.flow().document());
    if (flow.state() != v1::Flow::DRAFT && flow.state() != v1::Flow::TESTED)
      flow.set_version(flow.version() + 1);
    flow.set_author(call.principal.user);
    store::SaveDraft(tx, flow);
    TRY(v1::Flow saved, store::LoadFlow(tx, flow.name(), store::kNewest));
    saved.clear_document();
    return saved;
  });
}

}  // namespace carillon::ivr::api
