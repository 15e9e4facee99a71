#include "bench/measure.hpp"

#include <grpcpp/generic/async_generic_service.h>
#include <grpcpp/grpcpp.h>

#include <algorithm>
#include <atomic>
#include <cstdio>
#include <cstdlib>
#include <stdexcept>
#include <thread>
#include <vector>

#include "base/ids.hpp"
#include "carillon/rpctest/v1/rpctest.pb.h"
#include "crypto/token.hpp"
#include "rpc/auth.hpp"

namespace carillon::bench {
namespace {

using Thing = rpctest::v1::Thing;
using SteadyClock = std::chrono::steady_clock;
constexpr int kCallers = 8;

struct Nothing {};
Result<Thing> Echo(Call&, Nothing&, const Thing& in) { return in; }
Result<std::shared_ptr<rpc::Feed<Thing>>> NoFeed(Call&, Nothing&, const Thing&) {
  return Unavailable("NOT_HERE", "not here");
}

class BareEcho final : public grpc::CallbackGenericService {
 public:
  grpc::ServerGenericBidiReactor* CreateReactor(grpc::GenericCallbackServerContext*) override {
    return new Reactor;
  }

 private:
  class Reactor final : public grpc::ServerGenericBidiReactor {
   public:
    Reactor() { StartRead(&buffer_); }
    void OnReadDone(bool ok) override {
      if (ok) {
        StartWriteAndFinish(&buffer_, {}, grpc::Status::OK);
      } else {
        Finish(grpc::Status::CANCELLED);
      }
    }
    void OnDone() override { delete this; }

   private:
    grpc::ByteBuffer buffer_;
  };
};

class BareServer final : public EchoServer {
 public:
  BareServer() {
    grpc::ServerBuilder builder;
    builder.AddListeningPort("127.0.0.1:0", grpc::InsecureServerCredentials(), &port_);
    builder.RegisterCallbackGenericService(&echo_);
    server_ = builder.BuildAndStart();
  }
  ~BareServer() override { server_->Shutdown(); }

 private:
  BareEcho echo_;
  std::unique_ptr<grpc::Server> server_;
};

class OurServer final : public EchoServer {
 public:
  explicit OurServer(const rpc::Tls& tls)
      : checker_("carillon", "carillon", [this] { return crypto::KeySet::FromJwks({key_.PublicJwk()}); }),
        server_({.address = "127.0.0.1:0", .tls = tls}, *clock_,
                [this](const std::string& token) { return checker_.Check(token); }),
        bind_(server_, "carillon.rpctest.v1.TestService", nothing_) {
    for (const auto* method : {"Open", "Change", "Inside"}) bind_.Unary(method, Echo);
    bind_.Stream("Watch", NoFeed);
    server_.Start();
    crypto::Claims claims;
    claims.issuer = claims.audience = "carillon";
    claims.subject = claims.tenant = claims.id = NewId(RealNow());
    claims.permissions = {"thing.change"};
    claims.issued = RealNow();
    claims.expires = RealNow() + std::chrono::minutes(10);
    token_ = key_.Sign(claims);
    tls_ = tls;
    port_ = server_.port();
  }

 private:
  crypto::SigningKey key_ = crypto::SigningKey::Generate(crypto::Provider::kIntl, "k1");
  std::unique_ptr<Clock> clock_ = MakeSystemClock();
  rpc::TokenChecker checker_;
  rpc::Server server_;
  Nothing nothing_;
  rpc::Binder<Nothing> bind_;
};

}  // namespace

double seconds = 5;
std::atomic<int> failures = 0;

void ReadArguments(int argc, char** argv) {
  for (int i = 1; i + 1 < argc; ++i)
    if (std::string(argv[i]) == "--seconds") seconds = std::strtod(argv[i + 1], nullptr);
}

int Verdict() {
  if (failures > 0) std::printf("%d calls failed\n", failures.load());
  return failures == 0 ? 0 : 1;
}

std::string Environment(const std::string& key) {
  const char* value = std::getenv(("BENCH_" + key).c_str());
  if (value == nullptr) throw std::runtime_error("BENCH_" + key + " is not set");
  return value;
}

rpc::Tls Certificates() { return {Environment("TLS_CA"), Environment("TLS_CERT"), Environment("TLS_KEY")}; }

std::string Fresh() { return NewId(RealNow()); }

std::unique_ptr<EchoServer> EchoServer::Bare() { return std::make_unique<BareServer>(); }
std::unique_ptr<EchoServer> EchoServer::Ours(const rpc::Tls& tls) { return std::make_unique<OurServer>(tls); }

Figure EchoServer::MeasureTimed() const {
  rpc::Peer peer("127.0.0.1:" + std::to_string(port_), tls_,
                 [this](SteadyClock::time_point) -> Result<std::string> { return token_; });
  Thing request;
  request.set_title("title");
  request.set_phone("+8613800138000");
  request.set_free(std::string(300, 'x'));
  return Timed(kCallers, [&](int) {
    Call call;
    call.deadline = SteadyClock::now() + std::chrono::seconds(10);
    return peer.Ask<Thing>(call, "carillon.rpctest.v1.TestService/Change", request, std::chrono::seconds(5))
        .has_value();
  });
}

Figure Timed(int threads, const std::function<bool(int thread)>& work) {
  std::atomic<bool> stop{false};
  std::vector<std::vector<double>> took(static_cast<std::size_t>(threads));
  std::vector<std::jthread> all;
  const auto began = SteadyClock::now();
  for (int i = 0; i < threads; ++i)
    all.emplace_back([&, i] {
      while (!stop) {
        const auto from = SteadyClock::now();
        if (!work(i)) {
          ++failures;
          return;
        }
        took[static_cast<std::size_t>(i)].push_back(
            std::chrono::duration<double, std::milli>(SteadyClock::now() - from).count());
      }
    });
  std::this_thread::sleep_for(std::chrono::duration<double>(seconds));
  stop = true;
  all.clear();
  const double passed = std::chrono::duration<double>(SteadyClock::now() - began).count();
  std::vector<double> each;
  for (const auto& one : took) each.insert(each.end(), one.begin(), one.end());
  if (each.empty()) return {0, {}};
  const auto late = each.begin() + static_cast<std::ptrdiff_t>(each.size() * 99 / 100);
  std::nth_element(each.begin(), late, each.end());
  return {static_cast<double>(each.size()) / passed, std::chrono::duration<double, std::milli>(*late)};
}

double PerSecond(int threads, const std::function<bool(int thread)>& work) {
  return Timed(threads, work).rate;
}

void Print(const char* path, const std::string& data, double ours, const char* limit_name, double limit) {
  std::printf("%-28s %-44s %10.0f/s   limit %-30s %10.0f/s   ratio %.2f\n", path, data.c_str(), ours,
              limit_name, limit, ours / limit);
  std::fflush(stdout);
}

}  // namespace carillon::bench
