#pragma once
#include "routing/api/deps.hpp"
#include "routing/store/records.hpp"

namespace carillon::routing::api {

/// Reports about work that is over are no errors: they get the interaction as it ended. `call` is the one
/// that is answered.
inline std::function<Result<pb::Interaction>()> Ended(const Call& call, Deps& deps, const std::string& name) {
  return [&call, &deps, id = IdIn(name)]() -> Result<pb::Interaction> {
    TRY(const pb::InteractionRecord record,
        deps.db.Read(call, [&](pg::Tx& tx) { return store::LoadInteraction(tx, id); }));
    return record.interaction();
  };
}

}  // namespace carillon::routing::api
