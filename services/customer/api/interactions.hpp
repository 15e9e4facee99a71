#pragma once
#include "customer/api/steps.hpp"

namespace carillon::customer::api {

/// Keeps a contact with a customer and returns it as it is kept: the last of its direction when it is the
/// newest, and a DORMANT customer is ACTIVE again. One whose name is known changes nothing.
Result<pb::PartyInteraction> KeptInteraction(pg::Tx& tx, Deps& deps, const pb::Customer& before,
                                             const pb::PartyInteraction& interaction);

}  // namespace carillon::customer::api
