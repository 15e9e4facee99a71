#pragma once
#include <chrono>
#include <functional>
#include <optional>
#include <string>

#include "customer/deps.hpp"
#include "customer/store/rotation.hpp"

namespace carillon::customer::jobs {

/// After a rotation: seals again, a batch in a transaction, what is under another key than the active one,
/// and finds own fields anew by the active key. Goes on from `at` for `batches` at most; what it did is done,
/// so a process that was killed begins again and passes over it. Returns true when all was looked at.
bool SealAgain(pg::Pool& worker_db, Deps& deps,
               const std::function<Call(const std::string& tenant)>& call_for, store::Sealing& at,
               int batches);

/// What a process keeps between its turns of KeepSealed.
struct SealingTurn {
  store::Sealing at;
  std::optional<TimePoint> began;  ///< of the sweep that goes on
  std::optional<std::chrono::steady_clock::time_point> said;
};

/// Said every few seconds: says each minute that values are written under our active key, and at the start
/// sweeps once unless that was done since another key was last in use. Processes are restarted for a
/// rotation; the last of them sweeps after all others know the key.
void KeepSealed(pg::Pool& worker_db, Deps& deps,
                const std::function<Call(const std::string& tenant)>& call_for, SealingTurn& turn);

}  // namespace carillon::customer::jobs
