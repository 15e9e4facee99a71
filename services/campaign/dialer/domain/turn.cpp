#include "campaign/dialer/domain/turn.hpp"

#include <algorithm>

#include "base/ids.hpp"

namespace carillon::dialer::domain {
namespace {}  // namespace

std::vector<QueueWork> ByQueue(const pb::ListDialWorkResponse& listed, const std::string& tenant,
                               const std::string& campaign) {
  std::vector<QueueWork> queues;
  for (const auto& work : listed.work()) {
    const auto of = IdOf(work.tenant());
    if (!tenant.empty() && of != tenant) continue;
    if (!campaign.empty() && IdOf(work.campaign()) != campaign) continue;
    auto queue = std::find_if(queues.begin(), queues.end(), [&](const QueueWork& known) {
      return known.tenant == of && known.queue == work.queue();
    });
    if (queue == queues.end()) queue = queues.insert(queues.end(), {of, work.queue(), {}});
    queue->campaigns.push_back(work.campaign());
  }
  return queues;
}

int MostTargets(int ready, int leased, int most) { return std::clamp(ready - leased, 0, most); }

std::chrono::milliseconds NextWait(std::chrono::milliseconds last, bool found, std::chrono::milliseconds poll,
                                   std::chrono::milliseconds idle) {
  return found ? poll : std::clamp(2 * last, poll, std::max(poll, idle));
}

bool IsOver(pb::Campaign::State state, bool open) {
  switch (state) {
    case pb::Campaign::FOLLOW_UP:
    case pb::Campaign::SUMMARISED:
      return !open;  // promised calls are kept
    case pb::Campaign::CLOSED:
    case pb::Campaign::CANCELLED:
      return true;
    default:
      return false;
  }
}

}  // namespace carillon::dialer::domain
