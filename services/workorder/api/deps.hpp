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

/// `users/{uuid}` or `services/{name}`.
inline std::string UserOf(const Call& call) {
  return call.principal.user.starts_with("services/") ? call.principal.user : "users/" + call.principal.user;
}

/// Who decides now. `policies` must outlive it.
inline domain::Desk DeskOf(const Call& call, const domain::Hours& hours,
                           const std::vector<pb::SlaPolicy>& policies) {
  return {UserOf(call), call.principal.May("workorder.supervise"), call.now, hours, policies};
}

}  // namespace carillon::workorder::api
