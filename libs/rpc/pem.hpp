#pragma once
#include <string>

namespace carillon::rpc {

/// The whole of a PEM file. Throws std::runtime_error naming the path when it cannot be read or is empty.
std::string ReadPem(const std::string& path);

}  // namespace carillon::rpc
