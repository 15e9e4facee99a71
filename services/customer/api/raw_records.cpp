#include <algorithm>

#include "customer/api/composing.hpp"
#include "customer/api/steward.hpp"

namespace carillon::customer::api {

Result<pb::ListRawRecordsResponse> ListRawRecords(Call& call, Deps& deps,
                                                  const pb::ListRawRecordsRequest& in) {
  TRY(const std::string id, IdOfName(in.parent(), "customers", "parent"));
  return deps.db.Read(call, [&](pg::Tx& tx) -> Result<pb::ListRawRecordsResponse> {
    TRY_VOID(store::Load(tx, deps.vault, id));
    TRY(auto kept, store::RecordsOf(tx, deps.vault, id));
    const auto ranks = store::Ranks(tx);
    const auto rank_of = [&](const store::Kept& one) {
      const auto at = ranks.find(one.record.system());
      return at == ranks.end() ? 1'000'000 : at->second;
    };
    std::stable_sort(kept.begin(), kept.end(),
                     [&](const auto& a, const auto& b) { return rank_of(a) < rank_of(b); });
    pb::ListRawRecordsResponse out;
    for (auto& one : kept) *out.add_records() = std::move(one.record);
    return out;
  });
}

Result<pb::Provenance> GetProvenance(Call& call, Deps& deps, const pb::GetProvenanceRequest& in) {
  TRY(const std::string id, IdOfName(in.name(), "customers"));
  return deps.db.Read(call, [&](pg::Tx& tx) -> Result<pb::Provenance> {
    TRY(const auto customer, store::Load(tx, deps.vault, id));
    TRY(const auto kept, store::RecordsOf(tx, deps.vault, id));
    std::vector<pb::RawRecord> records;
    for (const auto& one : kept) records.push_back(one.record);
    pb::Provenance out;
    if (customer.state() == pb::Customer::MERGED) return out;
    for (auto& source : domain::Compose(customer, std::move(records), store::Ranks(tx)).sources) {
      *out.add_values() = std::move(source);
    }
    return out;
  });
}

}  // namespace carillon::customer::api
