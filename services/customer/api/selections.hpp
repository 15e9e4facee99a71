#pragma once
#include "base/call.hpp"
#include "base/result.hpp"
#include "carillon/customer/v1/selection_service.pb.h"
#include "customer/deps.hpp"

/// The methods of SelectionService; what they promise is said in the .proto.
namespace carillon::customer::api {

namespace pb = carillon::customer::v1;

Result<pb::FilterExplanation> ExplainFilter(Call& call, Deps& deps, const pb::ExplainFilterRequest& in);
Result<pb::Selection> CreateSelection(Call& call, Deps& deps, const pb::CreateSelectionRequest& in);
Result<pb::ListSelectionsResponse> ListSelections(Call& call, Deps& deps,
                                                  const pb::ListSelectionsRequest& in);
Result<pb::ListSelectedCustomersResponse> ListSelectedCustomers(Call& call, Deps& deps,
                                                                const pb::ListSelectedCustomersRequest& in);
Result<pb::Selection> DeleteSelection(Call& call, Deps& deps, const pb::DeleteSelectionRequest& in);

}  // namespace carillon::customer::api
