#pragma once
#include <string>
#include <vector>

#include "base/call.hpp"
#include "pg/pool.hpp"
#include "telephony/clients/campaign.hpp"
#include "telephony/clients/ivr.hpp"
#include "telephony/clients/routing.hpp"
#include "telephony/clients/switch_link.hpp"
#include "telephony/domain/call.hpp"
#include "telephony/store/calls.hpp"

namespace carillon::telephony {

/// What the handlers and jobs of this service work with; lives as long as the service.
struct Deps {
  pg::Pool& db;
  clients::SwitchLink& link;
  clients::Ivr ivr;
  clients::Routing routing;
  clients::Campaign campaign;
  std::vector<v1::Prompt> wait;  ///< what a customer hears until the menu or routing answers
};

/// Locks a call, lets `decide` (pb::Call -> Result<domain::Change>) say what becomes of it, and keeps that.
/// May run `decide` more than once.
template <class Decide>
Result<v1::Call> Step(const Call& call, Deps& deps, const std::string& name, Decide decide) {
  return deps.db.Write(call, [&](pg::Tx& tx) -> Result<v1::Call> {
    TRY(const v1::Call before, store::LoadForUpdate(tx, name));
    TRY(domain::Change change, decide(before));
    store::Keep(tx, deps.link, change);
    return change.call;
  });
}

/// For methods that are idempotent by what they say: no answer is recorded, so nothing personal or secret is
/// kept in the list of answered requests.
inline Call WithoutReplay(const Call& call) {
  Call plain = call;
  plain.request_id.clear();
  return plain;
}

}  // namespace carillon::telephony
