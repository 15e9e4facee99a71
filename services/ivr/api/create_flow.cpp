#include "base/ids.hpp"
#include "base/proto_time.hpp"
#include "ivr/api/api.hpp"
#include "ivr/api/publishable.hpp"
#include "ivr/store/flows.hpp"

namespace carillon::ivr::api {

Result<v1::Flow> CreateFlow(Call& call, Deps& deps, const v1::CreateFlowRequest& in) {
  if (in.flow().code().empty()) {
    return InvalidArgument("FIELD_INVALID", "a new flow needs a code", {{"flow.code", "is required"}});
  }
  TRY(const auto document, ReadDocument(in.flow().document()));
  v1::Flow flow;
  flow.set_name("flows/" + NewId(call.now));
  flow.set_code(in.flow().code());
  flow.set_display_name(in.flow().display_name().empty() ? document->name : in.flow().display_name());
  flow.set_document(in.flow().document());
  flow.set_author(call.principal.user);
  *flow.mutable_create_time() = ToProto(call.now);
  flow.set_version(1);
  flow.set_tests(in.flow().tests());
  v1::TestFlowResponse results;
  if (!flow.tests().empty()) TRY_VOID(RunTests(flow, results));
  return deps.db.Write(call, [&](pg::Tx& tx) -> Result<v1::Flow> {
    TRY_VOID(store::InsertFlow(tx, flow));
    if (!flow.tests().empty()) store::SaveTests(tx, flow);
    TRY(v1::Flow made, store::LoadFlow(tx, flow.name(), store::kNewest));
    made.clear_document();
    return made;
  });
}

}  // namespace carillon::ivr::api
