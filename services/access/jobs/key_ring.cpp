#include "access/jobs/key_ring.hpp"

#include <algorithm>
#include <mutex>
#include <stdexcept>

#include "access/store/keys.hpp"
#include "base/ids.hpp"
#include "obs/log.hpp"

namespace carillon::access {
namespace {

crypto::Envelope MasterEnvelope(const Settings& settings, crypto::Provider provider) {
  std::map<std::string, std::string> secrets;
  for (auto& [id, secret] : ParsePairs(settings.keys_older, "keys.older")) secrets[id] = secret;
  secrets[settings.keys_master_id] = settings.keys_master;
  auto envelope =
      crypto::Envelope::Make(provider, std::move(secrets), settings.keys_master_id, "access signing keys");
  if (!envelope) throw std::runtime_error("keys.master: " + envelope.error().message);
  return *std::move(envelope);
}

std::string SealContext(const std::string& kid) { return "signing_keys/" + kid; }

}  // namespace

std::map<std::string, std::string, std::less<>> ParsePairs(const std::string& text,
                                                           const std::string& setting) {
  std::map<std::string, std::string, std::less<>> out;
  for (std::size_t at = 0; at < text.size();) {
    const auto end = std::min(text.find(',', at), text.size());
    const auto pair = text.substr(at, end - at);
    const auto equals = pair.find('=');
    if (equals == std::string::npos || equals == 0 || equals + 1 == pair.size())
      throw std::runtime_error(setting + ": expected name=secret, comma-separated");
    out[pair.substr(0, equals)] = pair.substr(equals + 1);
    at = end + 1;
  }
  return out;
}

KeyRing::KeyRing(pg::Pool& worker_db, const Settings& settings)
    : db_(worker_db),
      provider_(settings.crypto_provider == "gm" ? crypto::Provider::kGm : crypto::Provider::kIntl),
      envelope_(MasterEnvelope(settings, provider_)),
      policy_{std::chrono::hours(settings.key_signs_h), std::chrono::seconds(settings.key_published_s),
              std::chrono::seconds(settings.token_s) + std::chrono::minutes(1)} {
  if (settings.crypto_provider != "gm" && settings.crypto_provider != "intl")
    throw std::runtime_error("crypto.provider: expected intl or gm");
}

Result<void> KeyRing::Refresh(const Call& call, TimePoint real_now) {
  auto fresh = db_.Write(call, [&](pg::Tx& tx) -> Result<std::vector<Entry>> {
    std::vector<Entry> entries;
    std::vector<domain::KeyTimes> times;
    const auto stored = store::LockKeys(tx);
    times.reserve(stored.size());
    for (const auto& row : stored) times.push_back(row.times);
    const auto plan = domain::PlanRotation(times, real_now, policy_);
    for (const auto& row : stored) {
      if (std::find(plan.removed.begin(), plan.removed.end(), row.times.kid) != plan.removed.end()) continue;
      TRY(const auto pem, envelope_.Open(row.sealed, SealContext(row.times.kid)));
      TRY(auto key, crypto::SigningKey::FromPem(pem, row.times.kid));
      if (!envelope_.IsCurrent(row.sealed))
        store::ResealKey(tx, row.times.kid, envelope_.Seal(pem, SealContext(row.times.kid)));
      entries.push_back({row.times, std::move(key)});
    }
    if (plan.make) {
      const domain::KeyTimes key_times{NewId(real_now), real_now, plan.active_from};
      auto key = crypto::SigningKey::Generate(provider_, key_times.kid);
      store::InsertKey(tx, {key_times, envelope_.Seal(key.Pem(), SealContext(key_times.kid))});
      obs::Info("signing key made",
                {{"kid", key_times.kid}, {"active_from", FormatRfc3339(plan.active_from)}});
      entries.insert(entries.begin(), {key_times, std::move(key)});
    }
    if (!plan.removed.empty()) store::RemoveKeys(tx, plan.removed);
    return entries;
  });
  if (!fresh) return fresh.error();
  const std::unique_lock lock(mutex_);
  keys_ = *std::move(fresh);
  return Ok();
}

Result<crypto::SigningKey> KeyRing::Active(TimePoint real_now) const {
  const std::shared_lock lock(mutex_);
  std::vector<domain::KeyTimes> times;
  times.reserve(keys_.size());
  for (const auto& entry : keys_) times.push_back(entry.times);
  const auto active = domain::ActiveKey(times, real_now);
  for (const auto& entry : keys_)
    if (entry.times.kid == active) return entry.key;
  return Unavailable("SIGNING_KEY_MISSING", "There is no signing key yet.");
}

std::vector<crypto::SigningKey> KeyRing::All() const {
  const std::shared_lock lock(mutex_);
  std::vector<crypto::SigningKey> out;
  out.reserve(keys_.size());
  for (const auto& entry : keys_) out.push_back(entry.key);
  return out;
}

Result<std::string> KeyRing::Sign(const crypto::Claims& claims, TimePoint real_now) const {
  TRY(const auto key, Active(real_now));
  return key.Sign(claims);
}

std::vector<crypto::Jwk> KeyRing::PublicKeys() const {
  const std::shared_lock lock(mutex_);
  std::vector<crypto::Jwk> out;
  out.reserve(keys_.size());
  for (const auto& entry : keys_) out.push_back(entry.key.PublicJwk());
  return out;
}

Result<crypto::KeySet> KeyRing::Verifiers() const { return crypto::KeySet::FromJwks(PublicKeys()); }

std::string KeyRing::Algorithm() const { return provider_ == crypto::Provider::kGm ? "SM2SM3" : "ES256"; }

}  // namespace carillon::access
