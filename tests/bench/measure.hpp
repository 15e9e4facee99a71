#pragma once
#include <atomic>
#include <chrono>
#include <functional>
#include <memory>
#include <string>

#include "rpc/peer.hpp"
#include "rpc/server.hpp"

/// What both benches share: a stopwatch, and the servers that only echo.
namespace carillon::bench {

/// How long each figure is measured; `--seconds`.
extern double seconds;
/// Calls that failed; a figure with failures is none.
extern std::atomic<int> failures;

/// Reads `--seconds S`.
void ReadArguments(int argc, char** argv);
/// How many in a second, and the time within which 99 of 100 were answered.
struct Figure {
  double rate;
  std::chrono::duration<double, std::milli> p99;
};
/// Runs `work` on `threads` threads for the time given.
Figure Timed(int threads, const std::function<bool(int thread)>& work);
/// The same without looking at each: how many were done in a second.
double PerSecond(int threads, const std::function<bool(int thread)>& work);
/// One line: ours, the limit measured in the same run, their ratio.
void Print(const char* path, const std::string& data, double ours, const char* limit_name, double limit);
/// 0 when nothing failed.
int Verdict();

/// What the script gave as BENCH_<key>; throws when it gave nothing.
std::string Environment(const std::string& key);
/// The certificates it made.
rpc::Tls Certificates();
/// A request id nobody used.
std::string Fresh();

/// A server that sends back what it gets: as gRPC alone does it, or with what every service of ours has
/// (token, permission, rules, masks; mutual TLS when `tls` is on).
class EchoServer {
 public:
  static std::unique_ptr<EchoServer> Bare();
  static std::unique_ptr<EchoServer> Ours(const rpc::Tls& tls);
  virtual ~EchoServer() = default;
  /// Echoes a second of 350 bytes, asked by eight callers through rpc::Peer.
  double Measure() const { return MeasureTimed().rate; }
  Figure MeasureTimed() const;

 protected:
  rpc::Tls tls_;
  std::string token_ = "none";
  int port_ = 0;
};

}  // namespace carillon::bench
