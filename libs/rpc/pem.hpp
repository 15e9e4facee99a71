#pragma once
#include <grpcpp/security/credentials.h>
#include <grpcpp/security/server_credentials.h>

#include <chrono>
#include <memory>
#include <string>

#include "rpc/server.hpp"

namespace carillon::rpc {

/// The whole of a PEM file. Throws std::runtime_error naming the path when it cannot be read or is empty.
std::string ReadPem(const std::string& path);

/// How often the files of a certificate are looked at for a newer one; what is connected stays connected.
constexpr std::chrono::seconds kCertificatesReadEvery{10};

/// What a server shows and asks for: with TLS, a certificate of the platform on both sides. The files are
/// read again while it serves. Throws std::runtime_error naming a file that cannot be read now.
std::shared_ptr<grpc::ServerCredentials> CredentialsOf(const Tls& tls,
                                                       std::chrono::seconds every = kCertificatesReadEvery);

/// The calling end's: the server's name is checked; without a certificate only the authority is needed.
std::shared_ptr<grpc::ChannelCredentials> CallerCredentialsOf(
    const Tls& tls, std::chrono::seconds every = kCertificatesReadEvery);

}  // namespace carillon::rpc
