#pragma once
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.hpp"
#include "carillon/access/v1/audit.pb.h"

/// The audit chain: what is hashed, what is signed, and where a chain is broken (ADR 0080).
///
/// Pure. The hash (SHA-256, hexadecimal) and the check of a signature are handed in; times are real.
namespace carillon::access::domain {

namespace pb = carillon::access::v1;

using Hash = std::function<std::string(std::string_view)>;

/// Where a chain ends: the number and the hash of its last record.
struct ChainHead {
  std::int64_t sequence = 0;
  std::string hash = std::string(64, '0');
  bool operator==(const ChainHead&) const = default;
};

/// A record of `tenant` (uuid) as it is hashed: a word for the form, then every field but `hash` in the order
/// of their numbers, each as length ':' bytes (a list: its count before its items; a time: microseconds since
/// 1970), so that no two records have one form.
std::string CanonicalRecord(std::string_view tenant, const pb::AuditRecord& record);

/// A batch as it is signed: the same for all its fields but `signature`.
std::string CanonicalBatch(std::string_view tenant, const pb::AuditBatch& batch);

/// Puts `records` (one at least) behind `head`: numbers them, links them, hashes them. The batch that stands
/// for them still lacks algorithm, key and signature.
pb::AuditBatch Chained(std::string_view tenant, std::vector<pb::AuditRecord>& records, const ChainHead& head,
                       TimePoint real_now, const Hash& hash);

/// What is wrong with a chain.
enum class Break {
  kChanged,    ///< the record is not the one that was hashed and signed
  kMissing,    ///< the record, or the batch that it was in, is not there
  kInserted,   ///< a record that no batch stands for
  kForged,     ///< the batch that begins here is not signed by a key of the service
  kCutOff,     ///< the chain was longer once: the end from here on is gone
  kRewritten,  ///< another record stood here when the chain was looked at before
};
const char* NameOf(Break how);

struct BrokenChain {
  std::int64_t sequence;  ///< the first that is wrong
  Break how;
  std::string what;  ///< a sentence
};

/// Walks one tenant's chain, batch by batch, in constant memory, and stops to judge at the first fault.
///
/// A record that was changed is named itself, also when its own hash was made again: what follows it in its
/// batch proves the rest. When a whole end of a batch was made again without the key, the batch's first
/// record is named. The beginning may be missing when the batches that covered it were signed more than a
/// year ago (retention). What was cut off at the end, or signed anew with the service's own key, shows only
/// against a head that was remembered outside the database.
class ChainVerifier {
 public:
  using SignedWell = std::function<bool(const pb::AuditBatch&)>;
  ChainVerifier(std::string tenant, Hash hash, SignedWell signed_well, TimePoint real_now,
                std::optional<ChainHead> remembered);

  /// The next batch, and the records between the end of the last one and its own end, both ascending.
  void Check(const pb::AuditBatch& batch, const std::vector<pb::AuditRecord>& records);
  /// The records behind the last batch, of which there must be none.
  void End(const std::vector<pb::AuditRecord>& rest);

  const std::optional<BrokenChain>& broken() const { return broken_; }
  /// The end of what was found good.
  const ChainHead& head() const { return head_; }
  std::int64_t records() const { return records_; }
  std::int64_t batches() const { return batches_; }
  /// Good records of each service that wrote them.
  const std::map<std::string, std::int64_t>& services() const { return services_; }

 private:
  void Say(std::int64_t sequence, Break how, std::string what);
  void CheckRecords(const pb::AuditBatch& batch, const std::vector<pb::AuditRecord>& records);

  const std::string tenant_;
  const Hash hash_;
  const SignedWell signed_well_;
  const TimePoint real_now_;
  const std::optional<ChainHead> remembered_;
  ChainHead head_;
  std::int64_t records_ = 0, batches_ = 0;
  std::map<std::string, std::int64_t> services_;
  std::optional<BrokenChain> broken_;
};

}  // namespace carillon::access::domain
