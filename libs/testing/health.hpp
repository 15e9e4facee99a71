#pragma once
#include <string>

namespace carillon::testing {
/// Whether the gRPC health service at "host:port" (plaintext) answers SERVING now.
bool IsServing(const std::string& target);
}  // namespace carillon::testing
