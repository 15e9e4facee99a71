#pragma once
#include <string>
#include <vector>

#include "base/result.hpp"
#include "carillon/ivr/v1/flow.pb.h"
#include "pg/tx.hpp"

/// What flows read aloud: rows of tables, and notices.
namespace carillon::ivr::store {

/// Puts rows in, each over the one with its key; `replace` empties their tables first.
void PutRows(pg::Tx& tx, const std::string& table, const std::vector<v1::DataRow>& rows, bool replace);
/// The row of a key; a row without a table when there is none.
v1::DataRow FindRow(pg::Tx& tx, const std::string& table, const std::string& key);

/// Inserts, or replaces by name; whatever approval there was is gone.
v1::Notice SaveNotice(pg::Tx& tx, const v1::Notice& notice);
/// NOT_FOUND NOTICE_UNKNOWN. Locked until the end of the transaction.
Result<v1::Notice> LockNotice(pg::Tx& tx, const std::string& name);
v1::Notice ApproveNotice(pg::Tx& tx, const std::string& name, const std::string& approver);
/// Those not over yet, the one that ends first first.
std::vector<v1::Notice> Notices(pg::Tx& tx, TimePoint now);
/// Approved and of now, for a number and a region.
std::vector<v1::Notice> NoticesFor(pg::Tx& tx, const std::string& number, const std::string& region,
                                   TimePoint now);

}  // namespace carillon::ivr::store
