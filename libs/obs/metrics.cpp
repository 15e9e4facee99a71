#include "obs/metrics.hpp"

#include <prometheus/counter.h>
#include <prometheus/exposer.h>
#include <prometheus/gauge.h>
#include <prometheus/histogram.h>
#include <prometheus/registry.h>

#include <stdexcept>

namespace carillon::obs {
namespace {

std::shared_ptr<prometheus::Registry> Registry() {
  static auto registry = std::make_shared<prometheus::Registry>();
  return registry;
}

std::map<std::string, std::string> LabelMap(Labels labels) { return {labels.begin(), labels.end()}; }

}  // namespace

struct MetricsEndpoint::Server {
  explicit Server(const std::string& address) : exposer(address, 1) {}
  prometheus::Exposer exposer;
};

void Counter::Add(double n) const { static_cast<prometheus::Counter*>(handle_)->Increment(n); }
void Gauge::Set(double value) const { static_cast<prometheus::Gauge*>(handle_)->Set(value); }
void Gauge::Add(double n) const { static_cast<prometheus::Gauge*>(handle_)->Increment(n); }
void Timing::Observe(double seconds) const { static_cast<prometheus::Histogram*>(handle_)->Observe(seconds); }

Counter CounterOf(const std::string& name, const std::string& help, Labels labels) {
  Counter out;
  out.handle_ = &prometheus::BuildCounter().Name(name).Help(help).Register(*Registry()).Add(LabelMap(labels));
  return out;
}

Gauge GaugeOf(const std::string& name, const std::string& help, Labels labels) {
  Gauge out;
  out.handle_ = &prometheus::BuildGauge().Name(name).Help(help).Register(*Registry()).Add(LabelMap(labels));
  return out;
}

Timing TimingOf(const std::string& name, const std::string& help, Labels labels) {
  static const prometheus::Histogram::BucketBoundaries kBuckets{.0005, .001, .002, .005, .01, .02, .05, .1,
                                                                .2,    .5,   1,    2,    5,   10,  30};
  Timing out;
  out.handle_ = &prometheus::BuildHistogram()
                     .Name(name)
                     .Help(help)
                     .Register(*Registry())
                     .Add(LabelMap(labels), kBuckets);
  return out;
}

MetricsEndpoint::MetricsEndpoint(const std::string& address) {
  try {
    server_ = std::make_unique<Server>(address);
  } catch (const std::exception& e) {
    throw std::runtime_error("cannot serve metrics on " + address + ": " + e.what());
  }
  server_->exposer.RegisterCollectable(Registry());
}
MetricsEndpoint::~MetricsEndpoint() = default;

}  // namespace carillon::obs
