#pragma once
#include <memory>

#include "host/host.hpp"
#include "knowledge/settings.hpp"

namespace carillon::knowledge {

/// Articles and how they are found, standard phrases, and what nobody could answer yet.
class Service {
 public:
  static constexpr const char* kName = "knowledge";
  using Settings = knowledge::Settings;
  Service(host::Host& host, const Settings& settings);
  ~Service();
  Service(const Service&) = delete;
  Service& operator=(const Service&) = delete;

 private:
  struct Parts;
  std::unique_ptr<Parts> parts_;
};

}  // namespace carillon::knowledge
