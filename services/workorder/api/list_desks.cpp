#include "workorder/api/methods.hpp"
#include "workorder/store/orders.hpp"

namespace carillon::workorder::api {

Result<pb::ListDesksResponse> ListDesks(Call& call, Deps& deps, const pb::ListDesksRequest&) {
  return deps.db.Read(call, [&](pg::Tx& tx) -> Result<pb::ListDesksResponse> {
    pb::ListDesksResponse out;
    for (auto& desk : store::Desks(tx)) *out.add_desks() = std::move(desk);
    return out;
  });
}

}  // namespace carillon::workorder::api
