#include "access/api/handlers.hpp"
#include "access/store/users.hpp"

namespace carillon::access::api {

Result<pb::User> GetUser(Call& call, Deps& deps, const pb::GetUserRequest& in) {
  return deps.db.Read(
      call, [&, real_now = RealNow()](pg::Tx& tx) { return store::LoadUser(tx, in.name(), real_now); });
}

}  // namespace carillon::access::api
