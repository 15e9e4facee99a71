/// carillon-health: asks the service it stands beside how it is, by gRPC over the service's own mutual TLS.
/// For probes of containers, where no shell and no curl is; the kubelet's own gRPC probe has no certificate
/// to show.
///
///   carillon-health --prefix CARILLON_ROUTING [--alive] [--within MS]
///
/// It reads LISTEN and TLS_{CA,CERT,KEY} of that prefix, as the service does. Exit code 0: SERVING (with
/// --alive: any answer at all, so that a service that waits for its database is not ended for it), 1: not, 2:
/// it was asked wrongly.
#include <grpcpp/generic/generic_stub.h>
#include <grpcpp/grpcpp.h>

#include <CLI/CLI.hpp>
#include <chrono>
#include <cstdlib>
#include <future>
#include <iostream>

#include "rpc/pem.hpp"

namespace {

std::string Setting(const std::string& prefix, const char* name) {
  const char* found = std::getenv((prefix + "_" + name).c_str());
  return found == nullptr ? "" : found;
}

/// The bytes of a grpc.health.v1.HealthCheckResponse; nothing when no answer came.
std::string Ask(const std::string& target, const std::shared_ptr<grpc::ChannelCredentials>& credentials,
                std::chrono::milliseconds within) {
  grpc::GenericStub stub(grpc::CreateChannel(target, credentials));
  grpc::ClientContext context;
  context.set_wait_for_ready(true);
  context.set_deadline(std::chrono::system_clock::now() + within);
  const grpc::Slice whole_server;  // a request that names no service is empty, but it is a message
  const grpc::ByteBuffer request(&whole_server, 1);
  grpc::ByteBuffer response;
  std::promise<grpc::Status> done;
  stub.UnaryCall(&context, "/grpc.health.v1.Health/Check", grpc::StubOptions(), &request, &response,
                 [&](grpc::Status status) { done.set_value(std::move(status)); });
  if (const auto status = done.get_future().get(); !status.ok()) {
    std::cerr << "carillon-health: " << target << ": " << status.error_message() << "\n";
    return "";
  }
  std::vector<grpc::Slice> slices;
  response.Dump(&slices);
  std::string bytes;
  for (const auto& slice : slices) bytes.append(slice.begin(), slice.end());
  return bytes;
}

}  // namespace

int main(int argc, char** argv) {
  std::string prefix;
  bool alive = false;
  int within_ms = 2000;
  CLI::App app("asks the service beside it how it is");
  app.add_option("--prefix", prefix, "of the service's settings, e.g. CARILLON_ROUTING")->required();
  app.add_flag("--alive", alive, "any answer is good");
  app.add_option("--within", within_ms, "milliseconds it has")->check(CLI::Range(1, 60000));
  CLI11_PARSE(app, argc, argv);
  const auto listen = Setting(prefix, "LISTEN");
  const auto colon = listen.rfind(':');
  if (colon == std::string::npos) {
    std::cerr << "carillon-health: " << prefix << "_LISTEN is no host:port\n";
    return 2;
  }
  try {
    const auto answer =
        Ask("localhost" + listen.substr(colon),
            carillon::rpc::CallerCredentialsOf(
                {Setting(prefix, "TLS_CA"), Setting(prefix, "TLS_CERT"), Setting(prefix, "TLS_KEY")}),
            std::chrono::milliseconds(within_ms));
    const bool serving = answer == std::string("\x08\x01", 2);  // status = SERVING
    if (!serving && !answer.empty() && !alive) std::cerr << "carillon-health: not serving\n";
    return serving || (alive && !answer.empty()) ? 0 : 1;
  } catch (const std::exception& e) {
    std::cerr << "carillon-health: " << e.what() << "\n";
    return 2;
  }
}
