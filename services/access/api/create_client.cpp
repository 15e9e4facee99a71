#include "access/api/handlers.hpp"
#include "access/domain/errors.hpp"
#include "access/store/audit.hpp"
#include "access/store/directory.hpp"
#include "base/ids.hpp"

namespace carillon::access::api {

Result<pb::Client> CreateClient(Call& call, Deps& deps, const pb::CreateClientRequest& in) {
  if (in.client().code().empty())
    return InvalidArgument("FIELD_INVALID", "A field is missing.", {{"client.code", "must be set"}});
  const auto real_now = RealNow();
  return errors::Named(deps.db.Write(call, [&](pg::Tx& tx) -> Result<pb::Client> {
    auto client = in.client();
    client.set_name("clients/" + NewId(call.now));
    if (client.display_name().empty()) client.set_display_name(client.code());
    if (client.state() == pb::Client::STATE_UNSPECIFIED) client.set_state(pb::Client::ACTIVE);
    store::InsertClient(tx, client);
    store::Audit(tx, {.action = "client.create", .resource = client.name(), .after = &client}, real_now);
    return client;
  }));
}

}  // namespace carillon::access::api
