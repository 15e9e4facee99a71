#pragma once
#include <carillon/routing/v1/queue_service.pb.h>

#include <functional>
#include <string>

#include "routing/domain/engine.hpp"

namespace carillon::routing::domain {

/// What changes of the rules would do to a situation: they are made in a copy of it, which nobody ever sees.
///
/// Pure: `state` is Engine::Snapshot of some moment and `now` its Engine::last, so it may be asked of the
/// live engine's memory as of a snapshot that was kept. Interactions and queues of clients for which
/// `may_see` is false count in the totals and are not told. Errors: those of the first change that is
/// refused, with metadata `change`.
Result<pb::DryRunRulesResponse> DryRun(const pb::Transitions& state, TimePoint now,
                                       const pb::DryRunRulesRequest& changes,
                                       const std::function<bool(const std::string& client)>& may_see);

/// Makes the changes in the engine, in order. The first that is refused says why, metadata change = its
/// number.
Result<void> MakeChanges(Engine& engine, const google::protobuf::RepeatedPtrField<pb::RuleChange>& changes,
                         TimePoint now, const std::function<bool(const std::string& client)>& may_see);

}  // namespace carillon::routing::domain
