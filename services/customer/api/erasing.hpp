#pragma once
#include "customer/api/steps.hpp"
#include "customer/domain/privacy.hpp"

namespace carillon::customer::api {

/// Erases a customer and all who went into it, and says what is kept. `asked` = may be refused
/// (domain::RequireErasable); what was erased before is erased again without asking.
Result<pb::Erasure> ErasedCustomer(pg::Tx& tx, Deps& deps, const std::string& id, const std::string& reason,
                                   bool asked);

}  // namespace carillon::customer::api
