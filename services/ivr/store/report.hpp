#pragma once
#include "base/result.hpp"
#include "carillon/ivr/v1/report.pb.h"
#include "pg/tx.hpp"

/// Figures of many sessions, added up by the database.
namespace carillon::ivr::store {

/// Groups of one report.
inline constexpr int kMostGroups = 500;

/// INVALID_ARGUMENT REPORT_TOO_LARGE. The request's zone must be one that exists.
Result<v1::MenuReport> MenuReport(pg::Tx& tx, const v1::GetMenuReportRequest& in);

}  // namespace carillon::ivr::store
