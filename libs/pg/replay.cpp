#include "pg/replay.hpp"

#include "base/check.hpp"
#include "crypto/envelope.hpp"

namespace carillon::pg {
namespace {

constexpr std::size_t kKey = 32, kNonce = 12;

}  // namespace

std::string SealedAnswer(std::string_view replay_key, std::string_view request_id, std::string_view answer) {
  CARILLON_CHECK(replay_key.size() == kKey);
  const auto nonce = crypto::RandomBytes(kNonce);
  return nonce + crypto::AeadSeal(crypto::Provider::kIntl, replay_key, nonce, answer, request_id);
}

Result<std::string> OpenedAnswer(std::string_view replay_key, std::string_view request_id,
                                 std::string_view sealed) {
  CARILLON_CHECK(replay_key.size() == kKey);
  if (sealed.size() < kNonce) return Internal("a kept answer is too short");
  return crypto::AeadOpen(crypto::Provider::kIntl, replay_key, sealed.substr(0, kNonce),
                          sealed.substr(kNonce), request_id);
}

}  // namespace carillon::pg
