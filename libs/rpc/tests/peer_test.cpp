#include <grpcpp/generic/async_generic_service.h>
#include <grpcpp/grpcpp.h>
#include <unistd.h>

#include <catch2/catch.hpp>
#include <cstdlib>
#include <filesystem>

#include "rpc/pem.hpp"

namespace carillon::rpc {
namespace {

using namespace std::chrono_literals;

/// A folder with the certificate of "localhost" for one process, and who signed it.
class Papers {
 public:
  Papers() { std::filesystem::create_directories(folder_); }
  ~Papers() { std::filesystem::remove_all(folder_); }
  Papers(const Papers&) = delete;
  Papers& operator=(const Papers&) = delete;

  Tls tls() const { return {folder_ / "ca", folder_ / "certificate", folder_ / "key"}; }

  /// The same files from here on, by an authority of its own: it signs itself.
  void Issue(const std::string& name) const {
    const auto fresh = folder_ / "fresh";
    const auto command =
        "openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 1 -subj /CN=" + name +
        " -addext subjectAltName=DNS:localhost -keyout " + (folder_ / "key").string() + " -out " +
        fresh.string() + " 2>/dev/null";
    REQUIRE(std::system(command.c_str()) == 0);
    std::filesystem::copy_file(fresh, folder_ / "ca", std::filesystem::copy_options::overwrite_existing);
    std::filesystem::rename(fresh, folder_ / "certificate");
  }

 private:
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
  const Papers papers;
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
