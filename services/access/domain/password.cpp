#include "access/domain/password.hpp"

#include <algorithm>
#include <cctype>
#include <set>
#include <string>

namespace carillon::access::domain {
namespace {

std::vector<std::string> CharactersOf(std::string_view utf8) {
  std::vector<std::string> out;
  for (const char c : utf8) {
    if ((static_cast<unsigned char>(c) & 0xC0U) == 0x80U && !out.empty()) {
      out.back() += c;
    } else {
      out.emplace_back(1, c);
    }
  }
  return out;
}

std::string LowerCase(std::string_view text) {
  std::string out(text);
  std::transform(out.begin(), out.end(), out.begin(),
                 [](unsigned char c) { return static_cast<char>(c < 128 ? std::tolower(c) : c); });
  return out;
}

}  // namespace

Result<void> CheckPassword(std::string_view password, std::string_view login, std::string_view agent_number,
                           std::string_view field) {
  std::vector<Violation> problems;
  const auto say = [&](std::string what) { problems.push_back({std::string(field), std::move(what)}); };
  const auto characters = CharactersOf(password);
  const auto count = static_cast<int>(characters.size());
  if (count < kMinPasswordLength)
    say("must have at least " + std::to_string(kMinPasswordLength) + " characters");
  if (count > kMaxPasswordLength)
    say("must have at most " + std::to_string(kMaxPasswordLength) + " characters");
  if (std::set<std::string>(characters.begin(), characters.end()).size() < kMinDifferent)
    say("must have at least " + std::to_string(kMinDifferent) + " different characters");
  const auto lower = LowerCase(password);
  // Three letters of a login prove nothing: they may stand in any word.
  if (login.size() >= 4 && lower.find(LowerCase(login)) != std::string::npos) say("must not hold the login");
  if (agent_number.size() >= 4 && lower.find(LowerCase(agent_number)) != std::string::npos)
    say("must not hold the agent number");
  if (std::any_of(password.begin(), password.end(), [](unsigned char c) { return c < 32 || c == 127; }))
    say("must not hold control characters");
  if (problems.empty()) return Ok();
  return InvalidArgument("PASSWORD_POLICY", "The password does not meet the policy.", std::move(problems));
}

bool IsLocked(const Tries& tries, TimePoint now) { return tries.locked_until && now < *tries.locked_until; }

Tries AfterWrongPassword(Tries tries, TimePoint now, const LockPolicy& policy) {
  if (tries.locked_until && now >= *tries.locked_until) tries = {};
  ++tries.failures;
  if (tries.failures >= policy.tries) tries.locked_until = now + policy.length;
  return tries;
}

}  // namespace carillon::access::domain
