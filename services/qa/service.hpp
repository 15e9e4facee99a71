#pragma once
#include <memory>

#include "host/host.hpp"
#include "qa/settings.hpp"

namespace carillon::qa {

/// Scorecards, samples of conversations, and their judgement.
class Service {
 public:
  static constexpr const char* kName = "qa";
  using Settings = qa::Settings;
  Service(host::Host& host, const Settings& settings);
  ~Service();
  Service(const Service&) = delete;
  Service& operator=(const Service&) = delete;

 private:
  struct Parts;
  std::unique_ptr<Parts> parts_;
};

}  // namespace carillon::qa
