#include "access/jobs/audit_writer.hpp"

#include <algorithm>

#include "access/domain/audit_chain.hpp"
#include "access/store/audit.hpp"
#include "base/ids.hpp"
#include "base/proto_time.hpp"
#include "crypto/bytes.hpp"
#include "crypto/digest.hpp"
#include "obs/log.hpp"
#include "obs/metrics.hpp"

namespace carillon::access {
namespace {

constexpr int kBatch = 1000;

}  // namespace

AuditWriter::AuditWriter(pg::Pool& worker_db, const KeyRing& keys) : db_(worker_db), keys_(keys) {}

void AuditWriter::Run(const Call& worker, TimePoint real_now) {
  static const auto kChained =
      obs::CounterOf("carillon_access_audit_records_total", "records put into the audit chains");
  static const auto kWaiting =
      obs::GaugeOf("carillon_access_audit_waiting", "entries that wait for their chain");
  const auto waiting =
      db_.Read(worker, [](pg::Tx& tx) -> Result<std::vector<std::pair<std::string, std::int64_t>>> {
        return store::WaitingAudit(tx);
      });
  if (!waiting) return obs::Warn("the audit intake cannot be read", {{"reason", waiting.error().reason}});
  std::int64_t all = 0;
  for (const auto& [tenant, records] : *waiting) all += records;
  kWaiting.Set(static_cast<double>(all));
  for (const auto& [tenant, records] : *waiting) {
    auto call = worker;
    call.principal.tenant = tenant;
    for (int chained = kBatch; chained == kBatch;) {
      const auto done = ChainSome(call, real_now);
      if (!done) {
        obs::Warn("the audit chain does not grow", {{"tenant", tenant}, {"reason", done.error().reason}});
        break;
      }
      chained = *done;
      kChained.Add(chained);
    }
  }
}

Result<int> AuditWriter::ChainSome(const Call& call, TimePoint real_now) {
  TRY(const auto key, keys_.Active(real_now));
  TRY(const int chained, db_.Write(call, [&](pg::Tx& tx) -> Result<int> {
    const auto last = store::LockAuditHead(tx);
    TRY(auto records, store::TakeOut(tx, kBatch));
    if (records.empty()) return 0;
    TRY_VOID(KnowKey(tx, key, real_now));
    const auto& tenant = call.principal.tenant;
    auto batch = domain::Chained(tenant, records, last.head, std::max(real_now, last.signed_at),
                                 [](std::string_view bytes) { return Hex(crypto::Sha256(bytes)); });
    batch.set_algorithm(key.algorithm());
    batch.set_key_id(key.kid());
    batch.set_signature(crypto::Base64Url(key.SignBytes(domain::CanonicalBatch(tenant, batch))));
    store::Append(tx, records, batch);
    return static_cast<int>(records.size());
  }));
  if (chained > 0) known_key_ = key.kid();
  return chained;
}

// A key signs its first batch when an earlier one has vouched for it: nobody who can only write to the
// database brings in a key of his own.
Result<void> AuditWriter::KnowKey(pg::Tx& tx, const crypto::SigningKey& key, TimePoint real_now) {
  if (key.kid() == known_key_) return Ok();
  store::AuditKey fresh{key.PublicJwk(), "", ""};
  for (const auto& known : store::LoadAuditKeys(tx)) {
    if (known.key.kid == key.kid()) return Ok();
    for (const auto& own : keys_.All())
      if (own.kid() == known.key.kid)
        fresh = {fresh.key, own.kid(), crypto::Base64Url(own.SignBytes(store::CanonicalKey(fresh.key)))};
  }
  store::InsertAuditKey(tx, fresh, real_now);
  return Ok();
}

}  // namespace carillon::access
