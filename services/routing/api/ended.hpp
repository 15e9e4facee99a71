#pragma once
#include "routing/api/deps.hpp"
#include "routing/store/records.hpp"

namespace carillon::routing::api {

/// Reports about work that is over are no errors: they get the interaction as it ended.
inline Result<pb::Interaction> OrEnded(const Call& call, Deps& deps, const std::string& name,
                                       Result<pb::Interaction> live) {
  if (live || live.error().reason != "INTERACTION_UNKNOWN") return live;
  TRY(const pb::InteractionRecord record,
      deps.db.Read(call, [&](pg::Tx& tx) { return store::LoadInteraction(tx, IdIn(name)); }));
  return record.interaction();
}

}  // namespace carillon::routing::api
