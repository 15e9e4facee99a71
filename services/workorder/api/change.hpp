#pragma once
#include "carillon/workorder/v1/workorder_service.pb.h"
#include "rpc/page.hpp"
#include "workorder/api/deps.hpp"
#include "workorder/store/orders.hpp"

namespace carillon::workorder::api {

/// The way of every change of an order: lock it, check that it is the one the caller saw, decide, save with
/// history and event.
template <class Request, class Decide>
Result<pb::WorkOrder> Change(Call& call, Deps& deps, const Request& in, Decide decide) {
  return deps.db.Write(call, [&](pg::Tx& tx) -> Result<pb::WorkOrder> {
    TRY(const pb::WorkOrder before, store::Lock(tx, in.name()));
    TRY_VOID(rpc::RequireFresh(before.etag(), in.etag()));
    const auto policies = store::Policies(tx);
    TRY(const domain::Decision decision, decide(DeskOf(call, deps.hours, policies), before, in));
    TRY_VOID(store::Save(tx, decision));
    return decision.order;
  });
}

}  // namespace carillon::workorder::api
