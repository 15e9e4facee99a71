#pragma once
#include <google/protobuf/wrappers.pb.h>

#include "base/call.hpp"
#include "base/result.hpp"
#include "carillon/customer/v1/segment_service.pb.h"
#include "customer/deps.hpp"
#include "pg/tx.hpp"

/// The methods of SegmentService; what they promise is said in the .proto.
namespace carillon::customer::api {

namespace pb = carillon::customer::v1;

Result<pb::SegmentRule> PutSegmentRule(Call& call, Deps& deps, const pb::PutSegmentRuleRequest& in);
Result<pb::ListSegmentRulesResponse> ListSegmentRules(Call& call, Deps& deps,
                                                      const pb::ListSegmentRulesRequest& in);
Result<pb::Customer> ComputeSegments(Call& call, Deps& deps, const pb::ComputeSegmentsRequest& in);

/// The durable task that computes the segments of one customer; its payload is the id.
inline constexpr const char* kSegmentCustomer = "segment_customer";
Result<void> SegmentCustomer(Call& call, Deps& deps, const google::protobuf::StringValue& id);
/// Makes the task when there are rules and a change of these fields may change a segment.
void SegmentAfter(pg::Tx& tx, const pb::Customer& customer, const std::vector<std::string>& changed_fields);

/// The same of all open customers of a tenant; its payload is empty.
inline constexpr const char* kSegmentAll = "segment_all";
Result<void> SegmentAll(Call& call, Deps& deps, const google::protobuf::StringValue& nothing);
Result<void> BeginSegmentSweep(Call& call, Deps& deps);

}  // namespace carillon::customer::api
