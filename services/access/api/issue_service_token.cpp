#include "access/api/handlers.hpp"
#include "access/domain/errors.hpp"
#include "base/ids.hpp"
#include "base/proto_time.hpp"
#include "crypto/bytes.hpp"

namespace carillon::access::api {

Result<pb::Tokens> IssueServiceToken(Call&, Deps& deps, const pb::IssueServiceTokenRequest& in) {
  const auto secret = deps.service_secrets.find(in.service());
  if (secret == deps.service_secrets.end() || !crypto::SecretEqual(secret->second, in.secret()))
    return errors::ServiceUnknown();
  const auto real_now = RealNow();
  crypto::Claims claims;
  claims.issuer = deps.issuer;
  claims.audience = kAudience;
  claims.subject = "services/" + in.service();
  claims.service = true;
  claims.issued = std::chrono::floor<std::chrono::seconds>(real_now);
  claims.expires = claims.issued + std::chrono::seconds(deps.settings.token_s);
  claims.id = NewId(real_now);
  pb::Tokens out;
  TRY(*out.mutable_access_token(), deps.keys.Sign(claims, real_now));
  out.set_token_type("Bearer");
  *out.mutable_expire_time() = ToProto(claims.expires);
  return out;
}

}  // namespace carillon::access::api
