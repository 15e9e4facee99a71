#pragma once
#include "base/call.hpp"
#include "base/result.hpp"
#include "carillon/insight/v1/insight_service.pb.h"
#include "insight/api/deps.hpp"

/// The methods of ReportService; what each promises is said in the .proto.
namespace carillon::insight::api {

Result<pb::DayReport> GetDayReport(Call& call, Deps& deps, const pb::GetDayReportRequest& in);
Result<pb::GetIntervalsResponse> GetIntervals(Call& call, Deps& deps, const pb::GetIntervalsRequest& in);
Result<pb::Forecast> GetForecast(Call& call, Deps& deps, const pb::GetForecastRequest& in);
Result<pb::ListFactsResponse> ListFacts(Call& call, Deps& deps, const pb::ListFactsRequest& in);
Result<pb::Reconciliation> GetReconciliation(Call& call, Deps& deps, const pb::GetReconciliationRequest& in);

}  // namespace carillon::insight::api
