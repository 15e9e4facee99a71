#include "campaign/store/vault.hpp"

#include <algorithm>
#include <charconv>

#include "base/ids.hpp"
#include "campaign/domain/errors.hpp"

namespace carillon::campaign::store {
namespace {

std::string Statement(const DialToken& token) {
  return IdOf(token.attempt) + "." + token.tenant + "." +
         std::to_string(token.expires.time_since_epoch().count());
}

/// What comes before the next dot, which goes with it.
std::string_view Take(std::string_view& text) {
  const auto part = text.substr(0, text.find('.'));
  text.remove_prefix(std::min(text.size(), part.size() + 1));
  return part;
}

}  // namespace

Result<Vault> Vault::Make(std::string_view provider, std::string_view keys) {
  TRY(auto ring, crypto::KeyRing::Parse(provider, keys));
  TRY(auto tokens, crypto::Envelope::Make(ring, "dial tokens"));
  TRY(auto numbers, crypto::Envelope::Make(ring, "do-not-call numbers"));
  return Vault(std::move(tokens), std::move(numbers), std::move(ring.ids));
}

std::string Vault::Sign(const DialToken& token) const {
  const auto statement = Statement(token);
  return statement + "." + tokens_.LookupHash(statement);
}

Result<DialToken> Vault::Verify(std::string_view text) const {
  std::string_view rest = text;
  const std::string attempt(Take(rest));
  DialToken token{std::string(Take(rest)), "attempts/" + attempt, {}};
  const auto expiry = Take(rest);
  const auto signature = rest;
  Take(rest);
  const std::string key(Take(rest));
  std::int64_t expires = 0;
  const auto [end, failure] = std::from_chars(expiry.data(), expiry.data() + expiry.size(), expires);
  token.expires = TimePoint{Duration{expires}};
  if (!IsUuid(attempt) || !IsUuid(token.tenant) || failure != std::errc() ||
      end != expiry.data() + expiry.size() ||
      std::find(key_ids_.begin(), key_ids_.end(), key) == key_ids_.end())
    return errors::TokenInvalid();
  const auto statement = text.substr(0, text.size() - signature.size() - 1);
  if (!crypto::SecretEqual(signature, tokens_.LookupHash(statement, key))) return errors::TokenInvalid();
  return token;
}

std::vector<std::string> Vault::NumberHashes(std::string_view number) const {
  std::vector<std::string> hashes;
  hashes.reserve(key_ids_.size());
  for (const auto& id : key_ids_) hashes.push_back(numbers_.LookupHash(number, id));
  return hashes;
}

}  // namespace carillon::campaign::store
