#pragma once
#include <google/protobuf/wrappers.pb.h>

#include "base/call.hpp"
#include "base/result.hpp"
#include "carillon/customer/v1/quality_service.pb.h"
#include "carillon/customer/v1/steward_service.pb.h"
#include "customer/deps.hpp"
#include "pg/tx.hpp"

/// The methods of QualityService; what they promise is said in the .proto.
namespace carillon::customer::api {

namespace pb = carillon::customer::v1;

Result<pb::QualityRule> PutQualityRule(Call& call, Deps& deps, const pb::PutQualityRuleRequest& in);
Result<pb::ListQualityRulesResponse> ListQualityRules(Call& call, Deps& deps,
                                                      const pb::ListQualityRulesRequest& in);
Result<pb::QualityRun> RunQualityCheck(Call& call, Deps& deps, const pb::RunQualityCheckRequest& in);
Result<pb::ListQualityRunsResponse> ListQualityRuns(Call& call, Deps& deps,
                                                    const pb::ListQualityRunsRequest& in);
Result<pb::ListQualityScoresResponse> ListQualityScores(Call& call, Deps& deps,
                                                        const pb::ListQualityScoresRequest& in);
Result<pb::ListQualityIssuesResponse> ListQualityIssues(Call& call, Deps& deps,
                                                        const pb::ListQualityIssuesRequest& in);
Result<pb::QualityIssue> AssignQualityIssue(Call& call, Deps& deps, const pb::AssignQualityIssueRequest& in);
Result<pb::QualityIssue> ResolveQualityIssue(Call& call, Deps& deps,
                                             const pb::ResolveQualityIssueRequest& in);

/// The durable task that takes a tenant's run to its end; its payload is empty.
inline constexpr const char* kCheckQuality = "check_quality";
Result<void> CheckQuality(Call& call, Deps& deps, const google::protobuf::StringValue& nothing);

/// Rows of a source that were refused become issues, rows that were taken put theirs right.
void FileRefusals(pg::Tx& tx, const Deps& deps, const std::string& system, const std::string& client,
                  const pb::IngestRecordsResponse& taken);

}  // namespace carillon::customer::api
