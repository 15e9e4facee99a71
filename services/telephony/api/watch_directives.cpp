#include "telephony/api/handlers.hpp"

namespace carillon::telephony::api {

Result<std::shared_ptr<rpc::Feed<pb::Directive>>> WatchDirectives(Call& call, Deps& deps,
                                                                  const pb::WatchDirectivesRequest& in) {
  TRY(const auto live, deps.db.Read(call, [&](pg::Tx& tx) -> Result<std::vector<pb::Directive>> {
    return store::LiveDirectives(tx, in.switch_id());
  }));
  auto feed = std::make_shared<rpc::Feed<pb::Directive>>();
  const auto stream =
      deps.link.Open({call.principal.tenant, in.switch_id()}, live,
                     [feed](const pb::Directive& directive) { feed->Put(directive.call(), directive); });
  feed->OnClosed([&link = deps.link, stream] { link.Close(stream); });
  return feed;
}

}  // namespace carillon::telephony::api
