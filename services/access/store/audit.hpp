#pragma once
#include <google/protobuf/message.h>

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "access/domain/audit_chain.hpp"
#include "base/clock.hpp"
#include "base/result.hpp"
#include "carillon/access/v1/audit.pb.h"
#include "carillon/type/v1/audit.pb.h"
#include "crypto/token.hpp"
#include "pg/tx.hpp"

/// The audit trail: an entry in the transaction of what it tells of, then a link of its tenant's chain.
/// Nothing changes or removes one.
namespace carillon::access::store {

namespace pb = carillon::access::v1;

/// What access itself says of a change, in its own words.
struct AuditEntry {
  std::string action;                                 ///< "user.create", "login"
  std::string resource;                               ///< resource name
  std::string result = "OK";                          ///< or an error's reason
  std::string detail = {};                            ///< without personal values
  const google::protobuf::Message* before = nullptr;  ///< hashed, not kept
  const google::protobuf::Message* after = nullptr;
  std::string subject = {};  ///< "" = the caller of the transaction
};
/// Takes the place of the entry that the call of a user leaves by itself.
void Audit(pg::Tx& tx, const AuditEntry& entry, TimePoint real_now);

/// Lets an entry of `service` wait for the chain, under the id `record` (uuid).
void TakeIn(pg::Tx& tx, const std::string& service, const std::string& record,
            const type::v1::AuditEntry& entry);

// ---- the chain; worker role, but for ListAudit

/// Tenants that have entries waiting, and how many.
std::vector<std::pair<std::string, std::int64_t>> WaitingAudit(pg::Tx& tx);

/// Where the tenant's chain ends, and when that was signed, under the lock that makes its writer the only
/// one.
struct LockedHead {
  domain::ChainHead head;
  TimePoint signed_at;
};
LockedHead LockAuditHead(pg::Tx& tx);
/// Takes the oldest entries out of the intake, as records without a number.
/// DATA_LOSS AUDIT_INTAKE_BROKEN when one cannot be read.
Result<std::vector<pb::AuditRecord>> TakeOut(pg::Tx& tx, int limit);
void Append(pg::Tx& tx, const std::vector<pb::AuditRecord>& records, const pb::AuditBatch& batch);

/// A public key that signs batches, and the earlier one that says it may.
struct AuditKey {
  crypto::Jwk key;
  std::string vouched_by,
      voucher;  ///< kid, and its signature (base64url) over CanonicalKey; empty for the first
};
std::string CanonicalKey(const crypto::Jwk& key);
std::vector<AuditKey> LoadAuditKeys(pg::Tx& tx);  ///< oldest first
void InsertAuditKey(pg::Tx& tx, const AuditKey& key, TimePoint real_now);

struct ChainedTenant {
  std::string id, slug;  ///< slug "" when the tenant itself is gone
};
std::vector<ChainedTenant> AuditedTenants(pg::Tx& tx);
/// The next batches behind the one that begins with `after`, oldest first; empty = there are no more.
std::vector<pb::AuditBatch> LoadBatches(pg::Tx& tx, std::int64_t after);
/// Records with a sequence above `after` and not above `last`, in order.
std::vector<pb::AuditRecord> LoadRecords(pg::Tx& tx, std::int64_t after, std::int64_t last);

struct AuditFilter {
  std::string subject = {}, resource = {}, action = {};  ///< "" = any
  std::optional<TimePoint> from = {}, until = {};        ///< of the recording, real time
};
/// Newest first, from the record before `before` on backwards.
std::vector<pb::AuditRecord> ListAudit(pg::Tx& tx, std::optional<std::int64_t> before,
                                       const AuditFilter& filter, int limit);

/// Worker: makes the partitions of `real_now`'s month and the next.
void KeepAuditMonths(pg::Tx& tx, TimePoint real_now);
/// Worker: drops whole months that ended before `before`; how many.
int DropAuditBefore(pg::Tx& tx, TimePoint before);

}  // namespace carillon::access::store
