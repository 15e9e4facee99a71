#pragma once
#include "campaign/api/deps.hpp"
#include "campaign/clients/customer.hpp"
#include "campaign/domain/errors.hpp"

namespace carillon::campaign::api {

/// CAMPAIGN_INVALID for a grade the customer master does not know: it would match nobody, or everybody.
inline Result<void> RequireKnownGrades(const pb::Campaign& campaign) {
  std::vector<Violation> faults;
  for (int i = 0; i < campaign.criteria().grades_size(); ++i)
    if (!clients::IsGrade(campaign.criteria().grades(i)))
      faults.push_back({"campaign.criteria.grades[" + std::to_string(i) + "]", "is no grade of customers"});
  if (!faults.empty()) return errors::InvalidCampaign(std::move(faults));
  return Ok();
}

/// The same, with CAMPAIGN_EXISTS in place of the database's word for a code that is in use.
inline Result<pb::Campaign> CodeTaken(const pb::Campaign& campaign, Result<pb::Campaign> written) {
  if (!written && written.error().code == Code::kAlreadyExists)
    return errors::CampaignExists(campaign.code());
  return written;
}

}  // namespace carillon::campaign::api
