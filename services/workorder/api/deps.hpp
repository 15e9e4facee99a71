#pragma once
#include "base/call.hpp"
#include "pg/pool.hpp"
#include "workorder/api/desk_feeds.hpp"
#include "workorder/domain/order.hpp"

namespace carillon::workorder::api {

/// What every method has at hand.
struct Deps {
  pg::Pool& db;
  const domain::Hours& hours;
  DeskFeeds& feeds;
};

/// Who decides now. `policies` must outlive it.
inline domain::Desk DeskOf(const Call& call, const domain::Hours& hours,
                           const std::vector<pb::SlaPolicy>& policies) {
  return {call.principal.Name(), call.principal.May("workorder.supervise"), call.now, hours, policies};
}

}  // namespace carillon::workorder::api
