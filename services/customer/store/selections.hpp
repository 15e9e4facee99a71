#pragma once
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "carillon/customer/v1/selection.pb.h"
#include "customer/domain/filter.hpp"
#include "pg/tx.hpp"

/// Customers by condition, and the lists kept of them. Every function runs in the transaction it is given.
namespace carillon::customer::store {

namespace pb = carillon::customer::v1;

struct Estimate {
  std::int64_t customers = 0;
  std::vector<std::int64_t> passing;  ///< of each condition
  bool exact = false;
};
/// About how many of a client's customers (empty = all in sight) pass each: counted up to some 20,000, else
/// in a sample of so many.
Estimate EstimatePassing(pg::Tx& tx, const std::vector<domain::Clause>& conditions,
                         const std::string& client);

/// A customer, and which of some conditions it passes.
struct Judged {
  std::string id;
  std::vector<bool> passed;
};
/// Of those of `ids` that there are, by id.
std::vector<Judged> JudgeAll(pg::Tx& tx, const std::vector<domain::Clause>& conditions,
                             const std::vector<std::string>& ids);

/// Keeps who passes now, and returns how many; when they are more than `most`, one more than that.
std::int64_t SaveSelection(pg::Tx& tx, const pb::Selection& selection, const domain::Clause& condition,
                           std::int64_t most);
/// How many it is of.
void NoteSelected(pg::Tx& tx, const pb::Selection& selection);
/// SELECTION_UNKNOWN.
Result<pb::Selection> LoadSelection(pg::Tx& tx, const std::string& id);
/// Newest first.
std::vector<pb::Selection> Selections(pg::Tx& tx, std::string_view after, int limit);
/// Ids of the selected, oldest first.
std::vector<std::string> SelectedIds(pg::Tx& tx, const std::string& id, std::string_view after, int limit);
void DeleteSelection(pg::Tx& tx, const std::string& id);
/// Those that any of these is in.
std::vector<pb::Selection> SelectionsWith(pg::Tx& tx, const std::vector<std::string>& family);

}  // namespace carillon::customer::store
