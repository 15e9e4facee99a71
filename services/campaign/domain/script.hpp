#pragma once
#include <string>

#include "campaign/domain/campaign.hpp"
#include "carillon/campaign/v1/script_service.pb.h"

/// A script's versions (R3). The actor is the one of campaigns.
namespace carillon::campaign::domain {

/// Version 1, DRAFT. SCRIPT_INVALID for a step given twice.
Result<pb::Script> Created(const Actor& by, pb::Script wish, const std::string& id,
                           const std::string& client);

/// `wish`, made of `before` by the mask: the same version when that is a DRAFT, else the next one.
/// SCRIPT_STATE, SCRIPT_INVALID. Equal to `before` when nothing changed.
Result<pb::Script> Updated(const Actor& by, const pb::Script& before, pb::Script wish);

/// SCRIPT_STATE, SCRIPT_INCOMPLETE.
Result<pb::Script> Submitted(const Actor& by, const pb::Script& before);
/// SCRIPT_STATE, APPROVER_IS_AUTHOR.
Result<pb::Script> Approved(const Actor& by, const pb::Script& before);
Result<pb::Script> Rejected(const Actor& by, const pb::Script& before, const std::string& reason);
/// A later version is approved.
pb::Script Retired(const Actor& by, const pb::Script& before);

}  // namespace carillon::campaign::domain
