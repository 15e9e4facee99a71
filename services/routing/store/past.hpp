#pragma once
#include <carillon/routing/v1/interaction.pb.h>
#include <carillon/routing/v1/journal.pb.h>

#include <string>
#include <utility>
#include <vector>

#include "base/clock.hpp"
#include "pg/tx.hpp"

/// What the journal and the detail records tell of a time that is over, a page at a time.
namespace carillon::routing::store {

namespace pb = carillon::routing::v1;

/// A command of the journal and when it was applied.
struct PastCommand {
  std::int64_t seq;
  TimePoint at;
  pb::Command command;
};

/// Commands of [start, end) in order, after row `seq`.
std::vector<PastCommand> CommandsBetween(pg::Tx& tx, TimePoint start, TimePoint end, std::int64_t seq,
                                         int limit);
/// Interactions made in [start, end) by id, after `id` ("" = from the first), of clients the caller serves.
std::vector<pb::Interaction> InteractionsBetween(pg::Tx& tx, TimePoint start, TimePoint end,
                                                 const std::string& id, int limit);

}  // namespace carillon::routing::store
