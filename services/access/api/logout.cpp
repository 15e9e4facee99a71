#include "access/api/handlers.hpp"
#include "access/api/sessions.hpp"
#include "access/store/audit.hpp"
#include "access/store/sessions.hpp"

namespace carillon::access::api {

Result<pb::LogoutResponse> Logout(Call& call, Deps& deps, const pb::LogoutRequest& in) {
  const bool cookie = in.refresh_token().empty();
  if (cookie) DropSessionCookie();
  const auto token = ParseRefreshToken(cookie ? SessionCookie() : in.refresh_token());
  if (!token) return pb::LogoutResponse();
  const auto real_now = RealNow();
  return deps.db.Write(
      ForTenant(call, "tenants/" + token->tenant), [&](pg::Tx& tx) -> Result<pb::LogoutResponse> {
        const auto session = store::LockSession(tx, token->session, token->Hash());
        if (session && !session->ended) {
          store::EndSession(tx, session->id, real_now, "LOGOUT");
          store::Audit(tx, {.action = "logout", .resource = session->user, .subject = session->user},
                       real_now);
        }
        return pb::LogoutResponse();
      });
}

}  // namespace carillon::access::api
