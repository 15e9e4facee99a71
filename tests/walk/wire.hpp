#pragma once
#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/result.hpp"

namespace grpc {
class Channel;
}

/// Bytes to a method and whatever comes back, with no idea of what is right.
namespace carillon::walk {

/// What one call came to.
struct Answer {
  std::optional<Error> error;         ///< none = OK
  std::vector<std::string> messages;  ///< one for a unary call that went well; a stream's, as they came
  bool ok() const { return !error; }
  Code code() const { return error ? error->code : Code::kOk; }
  std::string reason() const { return error ? error->reason : std::string(); }
};

/// One plaintext connection. Thread-safe. No retry: the first answer is the answer.
class Line {
 public:
  explicit Line(const std::string& target);
  /// `token` empty = no authorization header; `tenant` goes into x-carillon-tenant when not empty. A stream
  /// is read for `patience`, then cancelled, which counts as OK.
  Answer Ask(const std::string& path, const std::string& bytes, const std::string& token,
             const std::string& tenant = "", std::chrono::milliseconds patience = std::chrono::seconds(20),
             bool stream = false) const;

 private:
  std::shared_ptr<grpc::Channel> channel_;
};

}  // namespace carillon::walk
