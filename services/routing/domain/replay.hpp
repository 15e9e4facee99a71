#pragma once
#include <carillon/routing/v1/queue_service.pb.h>

#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "routing/domain/engine.hpp"

namespace carillon::routing::domain {

/// A stretch of time as the journal tells it.
struct Past {
  /// What was done, in order: arrivals of the time asked for, and what agents did in it and before it. Other
  /// commands are passed over: they are what the replay makes anew.
  std::vector<std::pair<TimePoint, pb::Command>> acts;
  /// What became of those who arrived.
  std::vector<pb::Interaction> outcomes;
};

/// The same arrivals and the same agents once more, under the rules of `state` and under the changes of `in`.
///
/// A simulation: the engine decides as it would, and the people do what they did. A customer is served for as
/// long as on the day, an offer is taken after as long as on the day (who was not served then: as the mean of
/// the queue). Who hung up has the patience seen; who was answered would have had that much more patience
/// than the wait, by an exponential law whose mean is `in.patience`, else measured: all waits together, by
/// how many hung up. Agents come, go and rest as on the day, and answer each offer. What was passed on counts
/// with its first agent alone. Deterministic. Errors of the changes as DryRun.
Result<pb::ReplayDayResponse> Replay(const pb::Transitions& state, const Past& past,
                                     const pb::ReplayDayRequest& in,
                                     const std::function<bool(const std::string& client)>& may_see);

}  // namespace carillon::routing::domain
