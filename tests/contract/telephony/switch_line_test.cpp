#include <map>
#include <mutex>

#include "switch_line_contract.hpp"
#include "telephony/clients/switch_link.hpp"

namespace carillon::telephony {
namespace {

/// A switch that reads WatchDirectives.
class StreamBench final : public contract::Bench {
 public:
  domain::SwitchLine& line() override { return link_; }
  void Connect(const domain::Line& line, const std::vector<contract::pb::Directive>& live) override {
    const std::lock_guard lock(mutex_);
    told_.clear();
    stream_ = link_.Open(line, live,
                         [this](const contract::pb::Directive& directive) { told_.push_back(directive); });
  }
  void Disconnect() override { link_.Close(stream_); }
  std::vector<contract::pb::Directive> Told() const override { return told_; }

 private:
  clients::SwitchLink link_;
  std::mutex mutex_;
  std::vector<contract::pb::Directive> told_;  // written under the link's lock
  std::uint64_t stream_ = 0;
};

TEST_CASE("the directive stream keeps the promise of a switch's line", "[telephony][contract]") {
  contract::CheckSwitchLine([] { return std::make_unique<StreamBench>(); });
}

}  // namespace
}  // namespace carillon::telephony
