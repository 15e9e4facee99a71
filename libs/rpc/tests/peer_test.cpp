#include <grpcpp/generic/async_generic_service.h>
#include <grpcpp/grpcpp.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>
#include <unistd.h>

#include <catch2/catch.hpp>
#include <filesystem>
#include <fstream>

#include "rpc/pem.hpp"

namespace carillon::rpc {
namespace {

using namespace std::chrono_literals;

template <class T, void (*Free)(T*)>
using Owned = std::unique_ptr<T, decltype([](T* p) { Free(p); })>;

/// A folder with the certificate of "localhost" for one process, and who signed it.
class Papers {
 public:
  Papers() { std::filesystem::create_directories(folder_); }
  ~Papers() { std::filesystem::remove_all(folder_); }
  Papers(const Papers&) = delete;
  Papers& operator=(const Papers&) = delete;

  Tls tls() const { return {folder_ / "ca", folder_ / "certificate", folder_ / "key"}; }

  /// The same files from here on, by an authority of its own: it signs itself.
  void Issue(const std::string& name) {
    const Owned<EVP_PKEY, EVP_PKEY_free> key(EVP_EC_gen("P-256"));
    const Owned<X509, X509_free> certificate(X509_new());
    X509_set_version(certificate.get(), X509_VERSION_3);
    ASN1_INTEGER_set(X509_get_serialNumber(certificate.get()), 1);
    X509_gmtime_adj(X509_getm_notBefore(certificate.get()), -60);
    X509_gmtime_adj(X509_getm_notAfter(certificate.get()), 3600);
    X509_set_pubkey(certificate.get(), key.get());
    auto* subject = X509_get_subject_name(certificate.get());
    X509_NAME_add_entry_by_txt(subject, "CN", MBSTRING_ASC,
                               reinterpret_cast<const unsigned char*>(name.c_str()), -1, -1, 0);
    X509_set_issuer_name(certificate.get(), subject);
    for (const auto& [nid, value] :
         {std::pair{NID_subject_alt_name, "DNS:localhost"}, {NID_basic_constraints, "critical,CA:TRUE"}}) {
      const Owned<X509_EXTENSION, X509_EXTENSION_free> extension(
          X509V3_EXT_conf_nid(nullptr, nullptr, nid, value));
      X509_add_ext(certificate.get(), extension.get(), -1);
    }
    X509_sign(certificate.get(), key.get(), EVP_sha256());
    const auto text = [](auto write) {
      const Owned<BIO, BIO_free_all> out(BIO_new(BIO_s_mem()));
      write(out.get());
      char* bytes = nullptr;
      const auto size = BIO_get_mem_data(out.get(), &bytes);
      return std::string(bytes, static_cast<std::size_t>(size));
    };
    const auto shown = text([&](BIO* out) { PEM_write_bio_X509(out, certificate.get()); });
    Put("ca", shown);
    Put("key", text([&](BIO* out) {
          PEM_write_bio_PKCS8PrivateKey(out, key.get(), nullptr, nullptr, 0, nullptr, nullptr);
        }));
    Put("certificate", shown);
  }

 private:
  void Put(const char* name, const std::string& text) const {
    const auto fresh = folder_ / (std::string(name) + ".new");
    std::ofstream(fresh) << text;
    std::filesystem::rename(fresh, folder_ / name);
  }
  std::filesystem::path folder_ =
      std::filesystem::temp_directory_path() / ("carillon-papers-" + std::to_string(::getpid()));
};

bool Connects(int port, const Tls& tls, std::chrono::seconds patience) {
  grpc::ChannelArguments own;
  own.SetInt(GRPC_ARG_USE_LOCAL_SUBCHANNEL_POOL, 1);
  const auto channel =
      grpc::CreateCustomChannel("localhost:" + std::to_string(port), CallerCredentialsOf(tls), own);
  return channel->WaitForConnected(std::chrono::system_clock::now() + patience);
}

TEST_CASE("a certificate that was renewed is shown and asked for without a restart", "[rpc][tls]") {
  Papers papers;
  papers.Issue("first");
  grpc::ServerBuilder builder;
  int port = 0;
  builder.AddListeningPort("127.0.0.1:0", CredentialsOf(papers.tls(), 1s), &port);
  grpc::AsyncGenericService none;
  builder.RegisterAsyncGenericService(&none);
  const auto queue = builder.AddCompletionQueue();
  const auto server = builder.BuildAndStart();
  REQUIRE(server);
  CHECK(Connects(port, papers.tls(), 10s));
  CHECK_FALSE(Connects(port, {papers.tls().ca, "", ""}, 1s));  // who shows no certificate stays out

  papers.Issue("second");
  bool in = false;
  for (int tries = 0; tries < 20 && !in; ++tries) in = Connects(port, papers.tls(), 1s);
  CHECK(in);
  server->Shutdown();
  queue->Shutdown();
  void* tag = nullptr;
  bool ok = false;
  while (queue->Next(&tag, &ok)) {
  }
}

TEST_CASE("a file that cannot be read is named at once", "[rpc][tls]") {
  CHECK_THROWS_WITH(CredentialsOf({"/nowhere/ca", "/nowhere/crt", "/nowhere/key"}),
                    "cannot read /nowhere/ca");
  CHECK_THROWS_WITH(CallerCredentialsOf({"/nowhere/ca", "", ""}), "cannot read /nowhere/ca");
}

}  // namespace
}  // namespace carillon::rpc
