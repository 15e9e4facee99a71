#pragma once
#include <map>
#include <string>
#include <vector>

#include "campaign/api/deps.hpp"
#include "campaign/clients/customer.hpp"
#include "campaign/domain/gate.hpp"
#include "carillon/campaign/v1/dialling.pb.h"
#include "pg/tx.hpp"

namespace carillon::campaign::api {

/// The customers by name, asked for all at once. UNAVAILABLE when one of them cannot be asked for.
Result<std::map<std::string, clients::Customer>> AskCustomers(const Call& call, Deps& deps,
                                                              const std::vector<std::string>& names);

/// Puts the whole question for each of the attempts of one campaign and answers it, in their order. Customers
/// are locked: nobody else decides about them before the transaction ends.
std::vector<pb::GateResult> AskGate(pg::Tx& tx, const Deps& deps, const pb::Campaign& campaign,
                                    const std::vector<pb::AttemptRecord>& records,
                                    const std::map<std::string, clients::Customer>& customers);

}  // namespace carillon::campaign::api
