#include "rpc/auth.hpp"

#include <mutex>
#include <shared_mutex>
#include <unordered_map>

namespace carillon::rpc {
namespace {

constexpr std::size_t kCachedTokens = 20000;

}  // namespace

struct TokenChecker::State {
  std::string issuer, audience;
  Fetch fetch;
  std::shared_mutex mutex;
  crypto::KeySet keys;
  std::unordered_map<std::string, std::pair<Principal, TimePoint>> known;
  std::mutex fetching;
  std::chrono::steady_clock::time_point asked{};
  bool failed = false;

  // Fetches the keys, once a second at most; UNAVAILABLE when that failed. With `fetching` held.
  Result<void> Refresh() {
    if (std::chrono::steady_clock::now() - asked > std::chrono::seconds(1)) {
      auto fresh = fetch();
      asked = std::chrono::steady_clock::now();
      failed = !fresh;
      const std::unique_lock lock(mutex);
      if (fresh) keys = *std::move(fresh);
    }
    if (failed) return Unavailable("KEYS_UNAVAILABLE", "The signing keys cannot be fetched now.");
    return Ok();
  }
};

TokenChecker::TokenChecker(std::string issuer, std::string audience, Fetch fetch)
    : state_(std::make_unique<State>()) {
  state_->issuer = std::move(issuer);
  state_->audience = std::move(audience);
  state_->fetch = std::move(fetch);
}
TokenChecker::~TokenChecker() = default;

Result<Principal> TokenChecker::Check(const std::string& token) {
  auto& state = *state_;
  const auto now = RealNow();
  {
    const std::shared_lock lock(state.mutex);
    if (const auto it = state.known.find(token); it != state.known.end() && now < it->second.second)
      return it->second.first;
  }
  const auto verify = [&]() -> Result<crypto::Claims> {
    const std::shared_lock lock(state.mutex);
    if (state.keys.empty()) return Unauthenticated("TOKEN_KEY_UNKNOWN", "No signing key is known yet.");
    return state.keys.Verify(token, now, state.issuer, state.audience);
  };
  auto claims = verify();
  if (!claims && claims.error().reason == "TOKEN_KEY_UNKNOWN") {
    const std::lock_guard one(state.fetching);
    claims = verify();
    if (!claims && claims.error().reason == "TOKEN_KEY_UNKNOWN") {
      TRY_VOID(state.Refresh());
      claims = verify();
    }
  }
  if (!claims) return claims.error();
  Principal who;
  who.tenant = claims->tenant;
  who.clients = claims->clients;
  who.user = claims->subject;
  who.unit = claims->unit;
  who.permissions = {claims->permissions.begin(), claims->permissions.end()};
  who.token_id = claims->id;
  who.service = claims->service;
  const std::unique_lock lock(state.mutex);
  if (state.known.size() >= kCachedTokens) state.known.clear();
  state.known[token] = {who, claims->expires};
  return who;
}

bool TokenChecker::Ready() {
  const std::lock_guard one(state_->fetching);
  {
    const std::shared_lock lock(state_->mutex);
    if (!state_->keys.empty()) return true;
  }
  return state_->Refresh().has_value();
}

void TokenChecker::Forget() {
  const std::unique_lock lock(state_->mutex);
  state_->known.clear();
}

struct TokenKeeper::State {
  Issue issue;
  std::timed_mutex mutex;
  Issued held;
};

TokenKeeper::TokenKeeper(Issue issue) : state_(std::make_unique<State>()) {
  state_->issue = std::move(issue);
}
TokenKeeper::~TokenKeeper() = default;

Result<std::string> TokenKeeper::Get(std::chrono::steady_clock::time_point deadline) {
  const std::unique_lock lock(state_->mutex, deadline);
  if (!lock) return Unavailable("TOKEN_UNAVAILABLE", "No token could be had in time.");
  auto& held = state_->held;
  if (held.token.empty() || RealNow() + std::chrono::minutes(1) > held.expires) {
    auto fresh = state_->issue(deadline);
    if (fresh)
      held = *std::move(fresh);
    else if (held.token.empty() || RealNow() > held.expires)
      return fresh.error();
  }
  return held.token;
}

}  // namespace carillon::rpc
