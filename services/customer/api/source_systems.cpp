#include "customer/api/composing.hpp"
#include "customer/api/steward.hpp"

namespace carillon::customer::api {

Result<pb::SourceSystem> PutSourceSystem(Call& call, Deps& deps, const pb::PutSourceSystemRequest& in) {
  return deps.db.Write(
      call, [&](pg::Tx& tx) -> Result<pb::SourceSystem> { return store::PutSystem(tx, in.source_system()); });
}

Result<pb::ListSourceSystemsResponse> ListSourceSystems(Call& call, Deps& deps,
                                                        const pb::ListSourceSystemsRequest&) {
  return deps.db.Read(call, [&](pg::Tx& tx) -> Result<pb::ListSourceSystemsResponse> {
    pb::ListSourceSystemsResponse out;
    for (auto& system : store::Systems(tx)) *out.add_source_systems() = std::move(system);
    return out;
  });
}

}  // namespace carillon::customer::api
