#pragma once
#include "campaign/api/deps.hpp"
#include "campaign/store/attempts.hpp"

namespace carillon::campaign::events {

/// Adds what `tell` knows to the attempt that this call, calls/{uuid}, carries out; any other call is not
/// ours.
template <class Tell>
Result<void> LearnOfCall(Call& call, api::Deps& deps, const pg::EventId& id, const std::string& of,
                         Tell tell) {
  return deps.db.Apply(call, id, [&](pg::Tx& tx) -> Result<void> {
    const auto before = store::LockAttemptOfCall(tx, of);
    if (!before) return Ok();
    auto after = *before;
    tell(after);
    return store::Learn(tx, *before, std::move(after));
  });
}

}  // namespace carillon::campaign::events
