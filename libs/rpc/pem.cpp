#include "rpc/pem.hpp"

#include <grpcpp/grpcpp.h>

#include <fstream>
#include <sstream>
#include <stdexcept>

namespace carillon::rpc {

std::string ReadPem(const std::string& path) {
  const std::ifstream in(path);
  std::ostringstream text;
  text << in.rdbuf();
  if (!in || text.str().empty()) throw std::runtime_error("cannot read " + path);
  return text.str();
}

std::shared_ptr<grpc::ServerCredentials> CredentialsOf(const Tls& tls) {
  if (!tls.on()) return grpc::InsecureServerCredentials();
  grpc::SslServerCredentialsOptions ssl(GRPC_SSL_REQUEST_AND_REQUIRE_CLIENT_CERTIFICATE_AND_VERIFY);
  ssl.pem_root_certs = ReadPem(tls.ca);
  ssl.pem_key_cert_pairs.push_back({ReadPem(tls.key), ReadPem(tls.certificate)});
  return grpc::SslServerCredentials(ssl);
}

}  // namespace carillon::rpc
