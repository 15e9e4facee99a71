#include "access/api/handlers.hpp"

namespace carillon::access::api {

Result<pb::JsonWebKeySet> GetJsonWebKeySet(Call&, Deps& deps, const pb::GetJsonWebKeySetRequest&) {
  pb::JsonWebKeySet out;
  for (const auto& jwk : deps.keys.PublicKeys()) {
    auto& key = *out.add_keys();
    key.set_kty(jwk.kty);
    key.set_crv(jwk.crv);
    key.set_x(jwk.x);
    key.set_y(jwk.y);
    key.set_kid(jwk.kid);
    key.set_alg(jwk.alg);
    key.set_use(jwk.use);
  }
  return out;
}

}  // namespace carillon::access::api
