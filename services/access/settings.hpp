#pragma once
#include <string>

#include "config/registry.hpp"

namespace carillon::access {

/// What an operator may change. Times are real.
struct Settings {
  std::string bootstrap_tenant = "platform", bootstrap_login = "admin", bootstrap_password;
  std::string service_secrets;
  std::string keys_master, keys_master_id = "m1", keys_older;
  std::string crypto_provider = "intl";
  std::string public_url = "https://127.0.0.1:8443";
  int key_signs_h = 24 * 30, key_published_s = 600;
  int token_s = 1800, session_idle_s = 8 * 3600, session_longest_s = 24 * 3600;
  int lock_tries = 5, lock_s = 1800;
  int password_days = 90;
  int audit_months = 36, audit_chain_ms = 1000;

  void Declare(config::Registry& r) {
    r.String("bootstrap.tenant", bootstrap_tenant, "slug of the tenant that the first start makes");
    r.String("bootstrap.login", bootstrap_login, "login of its administrator");
    r.Secret("bootstrap.password", bootstrap_password,
             "password of its administrator; needed while there is no tenant");
    r.Secret("services.secrets", service_secrets,
             "name=secret, comma-separated: services that may ask for a token");
    r.Secret("keys.master", keys_master, "seals the signing keys in the database, 32 bytes or more", true);
    r.String("keys.master_id", keys_master_id, "names that secret; a new secret needs a new name");
    r.Secret("keys.older", keys_older,
             "name=secret, comma-separated: earlier master keys, while keys are resealed");
    r.String("crypto.provider", crypto_provider, "intl (ES256, AES-GCM) or gm (SM2, SM4)");
    r.String("public_url", public_url, "where people reach the gateway, for OpenID discovery");
    r.Int("keys.signs_h", key_signs_h, "how long a key signs, hours", 1, 24 * 366);
    r.Int("keys.published_s", key_published_s, "how long before that it is published, seconds", 60, 86400);
    r.Int("token.life_s", token_s, "life of an access token, seconds", 60, 86400);
    r.Int("session.idle_s", session_idle_s, "a session ends when not refreshed for so long, seconds", 60,
          30 * 86400);
    r.Int("session.longest_s", session_longest_s, "a session ends at the latest, seconds", 60, 365 * 86400);
    r.Int("lock.tries", lock_tries, "wrong passwords in a row that lock an account", 2, 100);
    r.Int("lock.length_s", lock_s, "how long an account stays locked, seconds", 1, 86400);
    r.Int("password.max_age_days", password_days, "a password must be changed after, days; 0 = never", 0,
          3660);
    r.Int("audit.chain_ms", audit_chain_ms, "how often what was recorded is chained and signed, milliseconds",
          50, 60000);
    r.Int("audit.months", audit_months, "how long audit rows are kept, months", 13, 240);
  }
};

}  // namespace carillon::access
