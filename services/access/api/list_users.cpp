#include "access/api/handlers.hpp"
#include "access/api/masks.hpp"
#include "access/store/users.hpp"

namespace carillon::access::api {

Result<pb::ListUsersResponse> ListUsers(Call& call, Deps& deps, const pb::ListUsersRequest& in) {
  const auto words = in.unit() + '\n' + in.role() + '\n' + in.agent_number() + '\n' + in.login();
  TRY(const auto after, rpc::PageKey(in.page_token(), words));
  const int size = rpc::PageSize(in.page_size());
  const auto real_now = RealNow();
  TRY(auto rows, deps.db.Read(call, [&](pg::Tx& tx) -> Result<std::vector<pb::User>> {
    store::UserFilter filter{"", in.role(), in.agent_number(), in.login()};
    if (!in.unit().empty()) {
      TRY(const auto unit, store::LoadUnit(tx, in.unit()));
      filter.unit_path = unit.path();
    }
    return store::ListUsers(tx, after, filter, size + 1, real_now);
  }));
  pb::ListUsersResponse out;
  FillPage(out, out.mutable_users(), std::move(rows), size, words,
           [](const pb::User& user) { return IdOf(user.name()); });
  return out;
}

}  // namespace carillon::access::api
