#include "access/api/handlers.hpp"
#include "access/store/directory.hpp"

namespace carillon::access::api {

Result<pb::Client> GetClient(Call& call, Deps& deps, const pb::GetClientRequest& in) {
  return deps.db.Read(call, [&](pg::Tx& tx) { return store::LoadClient(tx, in.name()); });
}

}  // namespace carillon::access::api
