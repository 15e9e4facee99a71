#pragma once

/// For what cannot be, unless the program is wrong: prints the place and aborts. A restart is cheap, a
/// service that goes on with a broken invariant is not. Input, peers and the environment are handled by
/// Result instead.
#define CARILLON_CHECK(condition) \
  ((condition) ? static_cast<void>(0) : ::carillon::CheckFailed(#condition, __FILE__, __LINE__))

namespace carillon {
[[noreturn]] void CheckFailed(const char* condition, const char* file, int line);
}  // namespace carillon
