#pragma once
#include <google/protobuf/message.h>

#include <optional>
#include <string>
#include <vector>

#include "base/clock.hpp"
#include "carillon/access/v1/audit.pb.h"
#include "pg/tx.hpp"

/// The audit trail: a row in the transaction of what it tells of. Nothing changes or removes one.
namespace carillon::access::store {

namespace pb = carillon::access::v1;

struct AuditEntry {
  std::string action;                                 ///< "user.create", "login"
  std::string resource;                               ///< resource name
  std::string result = "OK";                          ///< or an error's reason
  std::string detail = {};                            ///< without personal values
  const google::protobuf::Message* before = nullptr;  ///< hashed, not kept
  const google::protobuf::Message* after = nullptr;
  std::string subject = {};  ///< "" = the caller of the transaction
};
void Audit(pg::Tx& tx, const AuditEntry& entry, TimePoint real_now);

/// Where a page of the trail ended.
struct AuditKey {
  std::int64_t recorded_us;
  std::string record;
};
/// Newest first, from `before` on backwards.
std::vector<pb::AuditRecord> ListAudit(pg::Tx& tx, const std::optional<AuditKey>& before,
                                       const std::string& subject, const std::string& resource, int limit);
/// Worker: makes the partitions of `real_now`'s month and the next.
void KeepAuditMonths(pg::Tx& tx, TimePoint real_now);
/// Worker: drops whole months that ended before `before`; how many.
int DropAuditBefore(pg::Tx& tx, TimePoint before);

}  // namespace carillon::access::store
