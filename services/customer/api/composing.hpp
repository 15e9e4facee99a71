#pragma once
#include <string>
#include <vector>

#include "carillon/customer/v1/steward_service.pb.h"
#include "customer/api/steps.hpp"
#include "customer/domain/matching.hpp"
#include "customer/store/records.hpp"

/// Steps of everything that makes one customer of several records.
namespace carillon::customer::api {

/// A customer that no source and no merge touched yet gets the one record of itself; then its values are made
/// of records.
void BeginRecords(pg::Tx& tx, const Deps& deps, store::Locked& locked);

/// What `before` becomes with an edit of people, when its values are made of records: the edit is a record
/// too.
Result<pb::Customer> Edited(pg::Tx& tx, const Deps& deps, const pb::Customer& before,
                            const pb::Customer& wanted);

/// The customer as all its records make it now, checked but not saved. `added`: a record that is new or
/// replaces one.
Result<pb::Customer> Recomposed(pg::Tx& tx, const Deps& deps, const pb::Customer& before,
                                const pb::RawRecord* added = nullptr);

/// Saves a changed customer and tells of it; the numbers whose look-up changes are added to `numbers`.
void SaveChanged(pg::Tx& tx, const Deps& deps, const pb::Customer& before, const pb::Customer& after,
                 std::vector<std::string>& numbers);

/// Takes records over in order, in a transaction of its own that holds the tenant's import lock.
Result<pb::IngestRecordsResponse> IngestedAll(pg::Tx& tx, Deps& deps, const std::string& system,
                                              const std::string& client,
                                              const std::vector<pb::RawRecord>& records);

/// Makes the two one; returns the survivor.
Result<pb::Customer> MergedCustomers(pg::Tx& tx, Deps& deps, const std::string& first,
                                     const std::string& second, const std::string& reason);

/// What rules compare of a customer.
domain::Facets FacetsOf(const pb::Customer& customer);
/// Open customers of the same client who share something rare with it, at most fifty for each thing.
struct Alike {
  std::vector<pb::Customer> customers;
  bool all_of_name = true;  ///< all who have the very name are among them
};
Result<Alike> AlikeTo(pg::Tx& tx, const Deps& deps, const pb::Customer& customer);
/// Who may be the same: the strictest rule first, then the most probable.
Result<std::vector<pb::MatchCandidate>> Duplicates(pg::Tx& tx, const Deps& deps, const pb::Customer& customer,
                                                   const store::Judging& judging);
/// The tenant's rules, or the service's own, and what was learnt.
store::Judging JudgingOf(pg::Tx& tx);
/// A case for a clerk about the two; false when the pair has one already.
bool Asked(pg::Tx& tx, const std::string& first, const std::string& second, const std::string& client,
           const pb::MatchCandidate& candidate);

}  // namespace carillon::customer::api
