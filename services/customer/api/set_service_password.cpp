#include "crypto/password.hpp"
#include "customer/api/api.hpp"
#include "customer/api/steps.hpp"
#include "customer/domain/service_password.hpp"

namespace carillon::customer::api {

Result<pb::SetServicePasswordResponse> SetServicePassword(Call& call, Deps& deps,
                                                          const pb::SetServicePasswordRequest& in) {
  TRY(const std::string id, IdOfName(in.name(), "customers"));
  if (domain::IsTooSimple(in.password())) return errors::PasswordTooSimple();
  const std::string hash = crypto::HashPassword(in.password());
  return deps.db.Write(call, [&](pg::Tx& tx) -> Result<pb::SetServicePasswordResponse> {
    TRY(const pb::Customer customer, store::LoadForUpdate(tx, deps.vault, id));
    TRY_VOID(domain::RequireOpen(customer));
    store::SetPassword(tx, customer, hash);
    TRY_VOID(deps.callers.Changing(tx, domain::CallableNumbers(customer)));
    return pb::SetServicePasswordResponse();
  });
}

}  // namespace carillon::customer::api
