#pragma once
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/result.hpp"
#include "carillon/workorder/v1/workorder_service.pb.h"
#include "pg/tx.hpp"
#include "workorder/domain/order.hpp"

/// Orders in PostgreSQL: rows become messages here and messages rows. Every function works inside the
/// caller's transaction, whose tenant and clients decide what it sees.
namespace carillon::workorder::store {

namespace pb = carillon::workorder::v1;

/// Where the events of orders go.
inline constexpr const char* kTopic = "carillon.workorder.orders.v1";

/// NOT_FOUND WORK_ORDER_UNKNOWN.
Result<pb::WorkOrder> Load(pg::Tx& tx, const std::string& name);
/// Also locks the row until the transaction ends.
Result<pb::WorkOrder> Lock(pg::Tx& tx, const std::string& name);
/// Those of `ids` that exist, in no order.
std::vector<pb::WorkOrder> LoadMany(pg::Tx& tx, const std::vector<std::string>& ids);
/// The next number of the day ("2026-04-02"); waits for a rival that takes one.
std::string NextNumber(pg::Tx& tx, const std::string& day);
/// Earlier orders of the wish's customer with its type and product made since then; none without a customer.
domain::Earlier SameMatter(pg::Tx& tx, const pb::WorkOrder& wish, TimePoint since);
/// All orders of a customer, locked until the transaction ends.
std::vector<pb::WorkOrder> LockOfCustomer(pg::Tx& tx, const std::string& customer);
/// Writes an order that domain::Erased() emptied, and takes the words of its revisits, returns and history
/// away; no event.
void Erase(pg::Tx& tx, const pb::WorkOrder& order);
/// Writes the order, its assignment and revisit, the lines of its history, and announces its event. ABORTED
/// ETAG_MISMATCH when the row is not the version before.
Result<void> Save(pg::Tx& tx, const domain::Decision& decision);

/// A page by creation, newest first; `after` is (creation, id) of the last row of the page before.
struct Page {
  std::vector<pb::WorkOrder> orders;
  std::optional<std::string> next;  ///< key of the last row, when there are more
};
Result<Page> List(pg::Tx& tx, const pb::ListWorkOrdersRequest& in, const std::string& after, int size);
std::vector<pb::WorkOrder> SearchByNumber(pg::Tx& tx, const std::string& beginning);
std::vector<pb::WorkOrder> SearchByContact(pg::Tx& tx, const std::string& number);
std::vector<pb::WorkOrder> SearchByCustomer(pg::Tx& tx, const std::string& customer_id);
std::vector<pb::HistoryEntry> History(pg::Tx& tx, const std::string& work_order_id);

/// Ids and versions of a desk's open orders, oldest first.
std::vector<std::pair<std::string, std::int64_t>> OpenAtDesk(pg::Tx& tx, const std::string& desk_id);
/// (tenant, order name) with a promise that ended before `now`, of every tenant: needs the worker's role.
std::vector<std::pair<std::string, std::string>> Due(pg::Tx& tx, TimePoint now);

/// ALREADY_EXISTS for a display name in use (constraint desks_display_name_key).
void AddDesk(pg::Tx& tx, const pb::Desk& desk);
std::vector<pb::Desk> Desks(pg::Tx& tx);
/// NOT_FOUND DESK_UNKNOWN.
Result<void> RequireDesk(pg::Tx& tx, const std::string& name);

std::vector<pb::SlaPolicy> Policies(pg::Tx& tx);
void SetPolicy(pg::Tx& tx, const pb::SlaPolicy& policy);
std::vector<pb::CustomField> CustomFields(pg::Tx& tx);
void SetCustomField(pg::Tx& tx, const pb::CustomField& field);

}  // namespace carillon::workorder::store
