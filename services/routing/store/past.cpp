#include "routing/store/past.hpp"

#include "pg/message.hpp"
#include "routing/store/statements.hpp"

namespace carillon::routing::store {

std::vector<PastCommand> CommandsBetween(pg::Tx& tx, TimePoint start, TimePoint end, std::int64_t seq,
                                         int limit) {
  std::vector<PastCommand> out;
  for (const auto& row : tx.Exec(kJournalBetween, pg::Time(start), pg::Time(end), seq, limit)) {
    auto& made = out.emplace_back();
    made.seq = row["seq"].as<std::int64_t>();
    made.at = pg::TimeOf(row["at_us"]);
    pg::ReadBytes(row["command"], made.command);
  }
  return out;
}

std::vector<pb::Interaction> InteractionsBetween(pg::Tx& tx, TimePoint start, TimePoint end,
                                                 const std::string& id, int limit) {
  std::vector<pb::Interaction> out;
  for (const auto& row :
       tx.Exec(kInteractionsBetween, pg::Time(start), pg::Time(end), pg::OrNull(id), limit)) {
    out.push_back(std::move(*pg::OfBytes<pb::InteractionRecord>(row["record"]).mutable_interaction()));
  }
  return out;
}

}  // namespace carillon::routing::store
