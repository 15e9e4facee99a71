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

namespace {

std::shared_ptr<grpc::experimental::CertificateProviderInterface> Files(const Tls& tls,
                                                                        std::chrono::seconds every) {
  for (const auto& path : {tls.ca, tls.certificate, tls.key})
    if (!path.empty()) ReadPem(path);
  return std::make_shared<grpc::experimental::FileWatcherCertificateProvider>(
      tls.key, tls.certificate, tls.ca, static_cast<unsigned>(every.count()));
}

}  // namespace

std::shared_ptr<grpc::ServerCredentials> CredentialsOf(const Tls& tls, std::chrono::seconds every) {
  if (!tls.on()) return grpc::InsecureServerCredentials();
  grpc::experimental::TlsServerCredentialsOptions options(Files(tls, every));
  options.watch_root_certs();
  options.watch_identity_key_cert_pairs();
  options.set_cert_request_type(GRPC_SSL_REQUEST_AND_REQUIRE_CLIENT_CERTIFICATE_AND_VERIFY);
  return grpc::experimental::TlsServerCredentials(options);
}

std::shared_ptr<grpc::ChannelCredentials> CallerCredentialsOf(const Tls& tls, std::chrono::seconds every) {
  if (!tls.on()) return grpc::InsecureChannelCredentials();
  grpc::experimental::TlsChannelCredentialsOptions options;
  options.set_certificate_provider(Files(tls, every));
  options.watch_root_certs();
  if (!tls.certificate.empty()) options.watch_identity_key_cert_pairs();
  return grpc::experimental::TlsCredentials(options);
}

}  // namespace carillon::rpc
