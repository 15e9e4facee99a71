#pragma once
#include <grpcpp/security/server_credentials.h>

#include <memory>
#include <string>

#include "rpc/server.hpp"

namespace carillon::rpc {

/// The whole of a PEM file. Throws std::runtime_error naming the path when it cannot be read or is empty.
std::string ReadPem(const std::string& path);

/// What a server shows and asks for: with TLS, a certificate of the platform on both sides.
std::shared_ptr<grpc::ServerCredentials> CredentialsOf(const Tls& tls);

}  // namespace carillon::rpc
