#pragma once
#include <functional>
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

}  // namespace carillon::customer::jobs
