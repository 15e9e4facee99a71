#pragma once
#include <initializer_list>
#include <memory>
#include <string>
#include <string_view>
#include <utility>

/// Prometheus metrics: `carillon_<service>_<noun>_<unit>[_total]`, few labels, never an id.
///
/// A handle is got once (a map look-up under a lock) and used for ever after without one. Thread-safe.
namespace carillon::obs {

using Labels = std::initializer_list<std::pair<std::string, std::string>>;

/// Counts up.
class Counter {
 public:
  void Add(double n = 1) const;

 private:
  friend Counter CounterOf(const std::string&, const std::string&, Labels);
  void* handle_ = nullptr;
};

/// Goes up and down.
class Gauge {
 public:
  void Set(double value) const;
  void Add(double n) const;

 private:
  friend Gauge GaugeOf(const std::string&, const std::string&, Labels);
  void* handle_ = nullptr;
};

/// Seconds, in buckets from 0.5 ms to 30 s.
class Timing {
 public:
  void Observe(double seconds) const;

 private:
  friend Timing TimingOf(const std::string&, const std::string&, Labels);
  void* handle_ = nullptr;
};

Counter CounterOf(const std::string& name, const std::string& help, Labels labels = {});
Gauge GaugeOf(const std::string& name, const std::string& help, Labels labels = {});
Timing TimingOf(const std::string& name, const std::string& help, Labels labels = {});

/// Serves `/metrics` on "host:port" until destroyed. Throws std::runtime_error when the port is taken.
class MetricsEndpoint {
 public:
  explicit MetricsEndpoint(const std::string& address);
  ~MetricsEndpoint();
  MetricsEndpoint(const MetricsEndpoint&) = delete;
  MetricsEndpoint& operator=(const MetricsEndpoint&) = delete;

 private:
  struct Server;
  std::unique_ptr<Server> server_;
};

}  // namespace carillon::obs
