#include "access/api/handlers.hpp"

namespace carillon::access::api {

Result<pb::OpenIdConfiguration> GetOpenIdConfiguration(Call&, Deps& deps,
                                                       const pb::GetOpenIdConfigurationRequest&) {
  pb::OpenIdConfiguration out;
  out.set_issuer(deps.issuer);
  out.set_jwks_uri(deps.settings.public_url + "/.well-known/jwks.json");
  out.set_token_endpoint(deps.settings.public_url + "/v1/sessions:login");
  out.add_id_token_signing_alg_values_supported(deps.keys.Algorithm());
  out.add_subject_types_supported("public");
  out.add_response_types_supported("token");
  for (const auto* claim : {"iss", "aud", "sub", "iat", "exp", "jti", "tid", "cids", "unit", "perms", "svc"})
    out.add_claims_supported(claim);
  return out;
}

}  // namespace carillon::access::api
