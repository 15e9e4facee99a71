#pragma once
#include <string>

#include "customer/api/steps.hpp"

/// What is wrong with a customer, raised and cleared by people and by events alike. Both save, tell of it,
/// and change what a look-up answers.
namespace carillon::customer::api {

/// The one of this code and subject that stands is replaced. ALERT_EXPIRED, CUSTOMER_MERGED, CUSTOMER_ERASED.
Result<pb::Customer> RaisedAlert(pg::Tx& tx, Deps& deps, const pb::Customer& before, const pb::Alert& alert,
                                 const std::string& alert_id);

/// One that is cleared already changes nothing. ALERT_UNKNOWN.
Result<pb::Customer> ClearedAlert(pg::Tx& tx, Deps& deps, const pb::Customer& before,
                                  const std::string& alert_name, const std::string& reason);

}  // namespace carillon::customer::api
