#include "base/result.hpp"

#include <cstdio>
#include <cstdlib>

namespace carillon {

void CheckFailed(const char* condition, const char* file, int line) {
  std::fprintf(stderr, "broken invariant: %s at %s:%d\n", condition, file, line);
  std::abort();
}

Error InvalidArgument(std::string reason, std::string message, std::vector<Violation> violations) {
  return {Code::kInvalidArgument, std::move(reason), std::move(message), std::move(violations), {}};
}
Error NotFound(std::string reason, std::string message, std::map<std::string, std::string> metadata) {
  return {Code::kNotFound, std::move(reason), std::move(message), {}, std::move(metadata)};
}
Error AlreadyExists(std::string reason, std::string message, std::map<std::string, std::string> metadata) {
  return {Code::kAlreadyExists, std::move(reason), std::move(message), {}, std::move(metadata)};
}
Error FailedPrecondition(std::string reason, std::string message,
                         std::map<std::string, std::string> metadata) {
  return {Code::kFailedPrecondition, std::move(reason), std::move(message), {}, std::move(metadata)};
}
Error Aborted(std::string reason, std::string message) {
  return {Code::kAborted, std::move(reason), std::move(message), {}, {}};
}
Error PermissionDenied(std::string reason, std::string message) {
  return {Code::kPermissionDenied, std::move(reason), std::move(message), {}, {}};
}
Error Unauthenticated(std::string reason, std::string message) {
  return {Code::kUnauthenticated, std::move(reason), std::move(message), {}, {}};
}
Error Unavailable(std::string reason, std::string message) {
  return {Code::kUnavailable, std::move(reason), std::move(message), {}, {}};
}
Error ResourceExhausted(std::string reason, std::string message) {
  return {Code::kResourceExhausted, std::move(reason), std::move(message), {}, {}};
}
Error Internal(std::string message) { return {Code::kInternal, "INTERNAL", std::move(message), {}, {}}; }

bool IsTransient(const Error& error) {
  switch (error.code) {
    case Code::kUnavailable:
    case Code::kResourceExhausted:
    case Code::kAborted:
    case Code::kDeadlineExceeded:
    case Code::kUnauthenticated:  // a service token that is being renewed
      return true;
    default:
      return false;
  }
}

}  // namespace carillon
