#include "customer/store/segments.hpp"

#include "base/ids.hpp"
#include "customer/store/names.hpp"
#include "customer/store/statements.hpp"

namespace carillon::customer::store {

void PutSegmentRule(pg::Tx& tx, const pb::SegmentRule& rule) {
  tx.Exec(kPutSegmentRule, IdOf(rule.name()), pg::JsonOf(rule));
  tx.Exec(kForgetSegmentSweep);
}

std::vector<pb::SegmentRule> SegmentRules(pg::Tx& tx) {
  return Bodies<pb::SegmentRule>(tx.Exec(kSegmentRules));
}

bool HasSegmentRules(pg::Tx& tx) { return !tx.Exec(kHasSegmentRules).empty(); }

std::vector<std::string> TenantsToSegment(pg::Tx& tx, TimePoint before) {
  std::vector<std::string> out;
  for (const auto& row : tx.Exec(kTenantsToSegment, pg::Time(before)))
    out.emplace_back(row["tenant"].c_str());
  return out;
}

void NoteSegmentSweep(pg::Tx& tx) { tx.Exec(kNoteSegmentSweep, pg::Time(tx.now())); }

}  // namespace carillon::customer::store
