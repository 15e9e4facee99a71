#pragma once
#include <chrono>
#include <functional>
#include <memory>
#include <string>

#include "base/call.hpp"
#include "base/result.hpp"
#include "crypto/token.hpp"

namespace carillon::rpc {

/// Checks bearer tokens against a key set that it fetches when it meets an unknown key, at most once a
/// second. Verified tokens are cached until they expire (a signature costs tens of microseconds, a look-up
/// one). Thread-safe.
class TokenChecker {
 public:
  using Fetch = std::function<Result<crypto::KeySet>()>;
  TokenChecker(std::string issuer, std::string audience, Fetch fetch);
  ~TokenChecker();
  TokenChecker(const TokenChecker&) = delete;
  TokenChecker& operator=(const TokenChecker&) = delete;
  /// UNAUTHENTICATED with the reasons of crypto::KeySet::Verify; UNAVAILABLE KEYS_UNAVAILABLE when the
  /// token's key is unknown and the keys cannot be fetched.
  Result<Principal> Check(const std::string& token);
  /// Whether tokens can be checked; fetches the keys when none is known.
  bool Ready();
  /// Forgets cached tokens, e.g. after a revocation.
  void Forget();

 private:
  struct State;
  std::unique_ptr<State> state_;
};

/// Keeps one token fresh: asks `issue` when none is held or the held one ends within a minute, and goes on
/// with the held one while none is issued. Thread-safe.
class TokenKeeper {
 public:
  struct Issued {
    std::string token;
    TimePoint expires;  ///< real time
  };
  using Issue = std::function<Result<Issued>(std::chrono::steady_clock::time_point deadline)>;
  explicit TokenKeeper(Issue issue);
  ~TokenKeeper();
  TokenKeeper(const TokenKeeper&) = delete;
  TokenKeeper& operator=(const TokenKeeper&) = delete;
  Result<std::string> Get(std::chrono::steady_clock::time_point deadline);

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace carillon::rpc
