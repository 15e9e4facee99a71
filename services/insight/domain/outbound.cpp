#include "insight/domain/outbound.hpp"

#include <algorithm>

#include "insight/domain/kpi.hpp"

namespace carillon::insight::domain {
namespace {

constexpr std::array kStageCodes{"target", "dialled", "reached", "interested", "sold"};
/// An agent spoke, but not with the customer.
constexpr std::array<std::string_view, 4> kOtherParty{"GATEKEEPER", "WRONG_PERSON", "VOICEMAIL", "FAILED"};

}  // namespace

const std::vector<std::string>& InterestedDispositions() {
  static const std::vector<std::string> interested{"INTERESTED", "SEND_MATERIAL", "SOLD"};
  return interested;
}

const std::vector<std::string>& AgentDispositions() {
  static const std::vector<std::string> given{"GATEKEEPER",  "WRONG_PERSON", "CALLBACK_BOOKED", "REFUSED",
                                              "HUNG_UP",     "INTERESTED",   "SEND_MATERIAL",   "SOLD",
                                              "ALREADY_OWN", "COMPLAINT",    "DO_NOT_CALL"};
  return given;
}

void CountAttempts(pb::OutboundVolume& volume, const std::string& disposition, bool connected,
                   std::int64_t attempts) {
  const auto is_one_of = [&](const auto& some) {
    return std::find(std::begin(some), std::end(some), disposition) != std::end(some);
  };
  const bool over = !disposition.empty();
  connected = connected || is_one_of(AgentDispositions());
  const bool abandoned = disposition == "ABANDONED";
  volume.set_attempts(volume.attempts() + attempts);
  if (over) volume.set_ended(volume.ended() + attempts);
  if (connected || abandoned) volume.set_answered(volume.answered() + attempts);
  if (connected && !abandoned) volume.set_connected(volume.connected() + attempts);
  if (abandoned) volume.set_abandoned(volume.abandoned() + attempts);
  if (connected && over && !abandoned && !is_one_of(kOtherParty)) {
    volume.set_right_party(volume.right_party() + attempts);
  }
  if (is_one_of(InterestedDispositions())) volume.set_interested(volume.interested() + attempts);
  if (disposition == "SOLD") volume.set_sold(volume.sold() + attempts);
  if (disposition == "COMPLAINT") volume.set_complaints(volume.complaints() + attempts);
}

void SetFunnel(pb::CampaignLine& line, const Stages& stages) {
  line.clear_funnel();
  for (std::size_t i = 0; i < stages.size(); ++i) {
    auto& stage = *line.add_funnel();
    stage.set_code(kStageCodes[i]);
    stage.set_customers(stages[i]);
    if (i > 0 && stages[i - 1] > 0) {
      stage.set_conversion(static_cast<double>(stages[i]) / static_cast<double>(stages[i - 1]));
    }
  }
}

pb::CampaignLine Together(const std::vector<pb::CampaignLine>& lines) {
  pb::CampaignLine total;
  Stages stages{};
  for (const auto& line : lines) {
    for (std::size_t i = 0; i < stages.size(); ++i) stages[i] += line.funnel(static_cast<int>(i)).customers();
    Add(*total.mutable_volume(), line.volume());
    for (const auto& [name, count] : line.dispositions()) (*total.mutable_dispositions())[name] += count;
    for (const auto& [name, count] : line.refusals()) (*total.mutable_refusals())[name] += count;
    for (const auto& [name, count] : line.list_refusals()) (*total.mutable_list_refusals())[name] += count;
  }
  SetFunnel(total, stages);
  return total;
}

}  // namespace carillon::insight::domain
