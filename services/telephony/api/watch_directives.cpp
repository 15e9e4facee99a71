#include <algorithm>

#include "base/ids.hpp"
#include "telephony/api/handlers.hpp"

namespace carillon::telephony::api {
namespace {

bool Serves(const Principal& who, const std::string& client) {
  if (who.service || client.empty()) return true;
  return std::find(who.clients.begin(), who.clients.end(), IdOf(client)) != who.clients.end();
}

}  // namespace

Result<std::shared_ptr<rpc::Feed<pb::Directive>>> WatchDirectives(Call& call, Deps& deps,
                                                                  const pb::WatchDirectivesRequest& in) {
  TRY(const auto live, deps.db.Read(call, [&](pg::Tx& tx) -> Result<std::vector<pb::Directive>> {
    return store::LiveDirectives(tx, in.switch_id());
  }));
  auto feed = std::make_shared<rpc::Feed<pb::Directive>>();
  const auto stream =
      deps.link.Open({call.principal.tenant, in.switch_id()}, live,
                     [feed, who = call.principal, pressed = 0](const pb::Directive& directive) mutable {
                       if (!Serves(who, directive.client())) return;
                       // Keys are no state: none takes another's place in the mailbox.
                       feed->Put(directive.has_keys() ? directive.call() + "/" + std::to_string(++pressed)
                                                      : directive.call(),
                                 directive);
                     });
  feed->OnClosed([&link = deps.link, stream] { link.Close(stream); });
  return feed;
}

}  // namespace carillon::telephony::api
