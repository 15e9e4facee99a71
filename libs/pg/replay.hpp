#pragma once
#include <string>
#include <string_view>

#include "base/result.hpp"

/// The answer to a request, kept for a day for repeats of it. It may hold personal values, so it is kept
/// under a key made of the whole request (Call::replay_key): only who sends that request again has it, the
/// database never does.
namespace carillon::pg {

/// As it is kept, bound to its request_id.
std::string SealedAnswer(std::string_view replay_key, std::string_view request_id, std::string_view answer);
/// DATA_LOSS ENVELOPE_BROKEN for another request's answer, INTERNAL for what is no answer; hashes are
/// compared before.
Result<std::string> OpenedAnswer(std::string_view replay_key, std::string_view request_id,
                                 std::string_view sealed);

}  // namespace carillon::pg
