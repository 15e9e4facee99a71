#pragma once
#include <chrono>
#include <string>
#include <vector>

#include "base/clock.hpp"
#include "carillon/campaign/v1/campaign_service.pb.h"

/// What a dialer does next, decided.
namespace carillon::dialer::domain {

namespace pb = carillon::campaign::v1;

/// The campaigns that dial with the agents of one queue, in the order they may dial.
struct QueueWork {
  std::string tenant;                  ///< uuid
  std::string queue;                   ///< queues/{uuid}
  std::vector<std::string> campaigns;  ///< campaigns/{uuid}
};

/// Sorts what campaign offers by queue; the order is kept. `tenant` and `campaign` (uuids, empty = any) leave
/// the rest out.
std::vector<QueueWork> ByQueue(const pb::ListDialWorkResponse& listed, const std::string& tenant,
                               const std::string& campaign);

/// Targets to ask for when `ready` agents are free and `leased` of them have a call coming from this turn.
int MostTargets(int ready, int leased, int most);

/// The next wait: `poll` while there is work, else twice the last one, up to `idle`.
std::chrono::milliseconds NextWait(std::chrono::milliseconds last, bool found, std::chrono::milliseconds poll,
                                   std::chrono::milliseconds idle);

/// Whether a campaign has nothing left to dial, now or later; `open` = it has targets that are queued or
/// under way.
bool IsOver(pb::Campaign::State state, bool open);

}  // namespace carillon::dialer::domain
