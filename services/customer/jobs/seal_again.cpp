#include "customer/jobs/seal_again.hpp"

#include "customer/store/privacy.hpp"
#include "obs/log.hpp"

namespace carillon::customer::jobs {
namespace {

constexpr int kSealedAtOnce = 200;
/// Batches of one turn.
constexpr int kBatchesEach = 300;

Result<void> FindAnew(Deps& deps, const Call& call) {
  std::string after;
  do {
    TRY(after, deps.db.Write(call, [&](pg::Tx& tx) -> Result<std::string> {
      return store::IndexFields(tx, deps.vault, after, kSealedAtOnce);
    }));
  } while (!after.empty());
  return deps.db.Write(call, [&](pg::Tx& tx) -> Result<void> {
    store::DropOldTerms(tx, deps.vault);
    return Ok();
  });
}

}  // namespace

bool SealAgain(pg::Pool& worker_db, Deps& deps,
               const std::function<Call(const std::string& tenant)>& call_for, store::Sealing& at,
               int batches) {
  for (; batches > 0 && !at.done; --batches) {
    const auto next = worker_db.Write(
        call_for(""), [&](pg::Tx& tx) { return store::SealAgain(tx, deps.vault, at, kSealedAtOnce); });
    if (!next) {
      obs::Warn("what is under an older key is not sealed again", {{"error", next.error().message}});
      return false;
    }
    at = *next;
  }
  if (!at.done) return false;
  const auto tenants = worker_db.Read(call_for(""), [&](pg::Tx& tx) -> Result<std::vector<std::string>> {
    return store::TenantsOfOldTerms(tx, deps.vault);
  });
  if (!tenants) return false;
  for (const auto& tenant : *tenants) {
    if (const auto found = FindAnew(deps, call_for(tenant)); !found) {
      obs::Warn("own fields are not found by the new key yet", {{"error", found.error().message}});
      return false;
    }
  }
  if (at.changed > 0) {
    obs::Info("all values are sealed under the active key", {{"changed", std::to_string(at.changed)}});
  }
  return true;
}

void KeepSealed(pg::Pool& worker_db, Deps& deps,
                const std::function<Call(const std::string& tenant)>& call_for, SealingTurn& turn) {
  const auto now = std::chrono::steady_clock::now();
  if (!turn.said || now - *turn.said >= std::chrono::minutes{1}) {
    const auto needed = worker_db.Write(call_for(""), [&](pg::Tx& tx) -> Result<std::optional<TimePoint>> {
      return store::NoteKeyInUse(tx, deps.vault);
    });
    if (!needed) {
      obs::Warn("under which key values are written is not noted", {{"error", needed.error().message}});
      return;
    }
    if (!turn.said) turn.began = *needed;
    turn.said = now;
  }
  if (!turn.began || !SealAgain(worker_db, deps, call_for, turn.at, kBatchesEach)) return;
  const auto noted = worker_db.Write(call_for(""), [&](pg::Tx& tx) -> Result<void> {
    store::NoteSwept(tx, deps.vault, *turn.began);
    return Ok();
  });
  if (noted) turn.began.reset();
}

}  // namespace carillon::customer::jobs
