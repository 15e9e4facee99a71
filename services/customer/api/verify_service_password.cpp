#include "crypto/password.hpp"
#include "customer/api/api.hpp"
#include "customer/api/steps.hpp"
#include "customer/domain/service_password.hpp"

namespace carillon::customer::api {

Result<pb::VerifyServicePasswordResponse> VerifyServicePassword(Call& call, Deps& deps,
                                                                const pb::VerifyServicePasswordRequest& in) {
  TRY(const std::string id, IdOfName(in.name(), "customers"));
  return deps.db.Write(call, [&](pg::Tx& tx) -> Result<pb::VerifyServicePasswordResponse> {
    TRY(const pb::Customer customer, store::Load(tx, deps.vault, id));
    // The row stays locked while we compare, so that many tries at once are still tries in a row.
    const auto password = store::LockPassword(tx, id);
    if (!password) return errors::PasswordNotSet(customer.name());
    const TimePoint now = RealNow();
    if (const auto until = domain::LockedUntil(password->tries, now)) {
      return errors::PasswordLocked(customer.name(), FormatRfc3339(*until));
    }
    pb::VerifyServicePasswordResponse out;
    out.set_verified(crypto::VerifyPassword(password->hash, in.password()));
    const auto tries = domain::AfterTry(password->tries, out.verified(), now);
    if (tries != password->tries) store::SaveTries(tx, id, tries);
    out.set_remaining_tries(domain::RemainingTries(tries));
    return out;
  });
}

}  // namespace carillon::customer::api
