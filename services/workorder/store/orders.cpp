#include "workorder/store/orders.hpp"

#include "base/ids.hpp"
#include "base/proto_time.hpp"
#include "pg/message.hpp"
#include "rpc/page.hpp"
#include "workorder/domain/errors.hpp"
#include "workorder/domain/sla.hpp"
#include "workorder/domain/states.hpp"
#include "workorder/store/statements.hpp"

namespace carillon::workorder::store {
namespace {

using Order = pb::WorkOrder;

Order OrderOf(const pqxx::row& row) {
  auto order = pg::OfJson<Order>(row["body"]);
  order.set_etag(row["version"].c_str());
  return order;
}

std::vector<Order> OrdersOf(const pqxx::result& rows) {
  std::vector<Order> orders;
  orders.reserve(static_cast<std::size_t>(rows.size()));
  for (const auto& row : rows) orders.push_back(OrderOf(row));
  return orders;
}

Result<Order> OnlyOrder(const pqxx::result& rows, const std::string& name) {
  if (rows.empty()) return errors::UnknownOrder(name);
  return OrderOf(rows[0]);
}

template <class Enum, class Parse>
Enum EnumOf(const pqxx::field& field, Parse parse) {
  Enum value{};
  parse(std::string(field.c_str()), &value);
  return value;
}

template <class Values, class Name>
pg::Param NamesOf(const Values& values, Name name) {
  if (values.empty()) return std::nullopt;
  std::vector<std::string> names;
  for (const auto value : values) names.push_back(name(value));
  return pg::Array(names);
}

void SaveAssignment(pg::Tx& tx, const Order& order) {
  const auto& step = order.assignment();
  tx.ExecAtCommit(sql::kSaveAssignment, IdOf(order.name()), step.step(), IdOf(order.client()),
                  IdOf(step.desk()), pg::OrNull(step.assignee()), step.dispatcher(),
                  pg::Time(FromProto(step.send_time())),
                  pg::MaybeTime(step.has_accept_time(), step.accept_time()),
                  pg::MaybeTime(step.has_end_time(), step.end_time()), pg::OrNull(step.return_reason()));
}

void AddRevisit(pg::Tx& tx, const Order& order) {
  const auto& revisit = *order.revisits().rbegin();
  tx.ExecAtCommit(sql::kAddRevisit, IdOf(order.name()), pg::Time(FromProto(revisit.revisit_time())),
                  revisit.attempt(), IdOf(order.client()), revisit.revisitor(), revisit.reached(),
                  pb::Revisit::Satisfaction_Name(revisit.satisfaction()),
                  pb::Revisit::Solved_Name(revisit.solved()), pg::MaybeId(revisit.interaction()),
                  revisit.comment());
}

void AddHistory(pg::Tx& tx, const domain::Decision& decision, int entries_after) {
  std::vector<std::string> actions;
  std::vector<std::string> from;
  std::vector<std::string> to;
  std::vector<std::string> notes;
  for (const auto& entry : decision.entries) {
    actions.push_back(entry.action());
    from.push_back(Order::State_Name(entry.from_state()));
    to.push_back(Order::State_Name(entry.to_state()));
    notes.push_back(entry.note());
  }
  tx.ExecAtCommit(sql::kAddHistory, IdOf(decision.order.name()),
                  entries_after - static_cast<int>(decision.entries.size()),
                  pg::Time(FromProto(decision.entries.front().at_time())), IdOf(decision.order.client()),
                  decision.entries.front().actor(), pg::Array(actions), pg::Array(from), pg::Array(to),
                  pg::Array(notes));
}

}  // namespace

Result<Order> Load(pg::Tx& tx, const std::string& name) {
  return OnlyOrder(tx.Exec(sql::kLoad, IdOf(name)), name);
}

Result<Order> Lock(pg::Tx& tx, const std::string& name) {
  return OnlyOrder(tx.Exec(sql::kLock, IdOf(name)), name);
}

std::vector<Order> LoadMany(pg::Tx& tx, const std::vector<std::string>& ids) {
  return OrdersOf(tx.Exec(sql::kLoadMany, pg::Array(ids)));
}

std::string NextNumber(pg::Tx& tx, const std::string& day) {
  return tx.Exec(sql::kNextNumber, day)[0]["number"].c_str();
}

domain::Earlier SameMatter(pg::Tx& tx, const Order& wish, TimePoint since) {
  if (wish.customer().empty()) return {};
  return OrdersOf(tx.Exec(sql::kSame, IdOf(wish.customer()), Order::Type_Name(wish.type()), wish.product(),
                          pg::Time(since), IdOf(wish.client())));
}

std::vector<Order> LockOfCustomer(pg::Tx& tx, const std::string& customer) {
  return OrdersOf(tx.Exec(sql::kLockOfCustomer, IdOf(customer)));
}

void Erase(pg::Tx& tx, const Order& order) {
  tx.ExecAtCommit(sql::kErase, IdOf(order.name()), pg::Time(FromProto(order.update_time())), order.etag(),
                  pg::JsonOf(order));
}

Result<void> Save(pg::Tx& tx, const domain::Decision& decision) {
  const Order& order = decision.order;
  const auto rows = tx.Exec(
      sql::kSave, IdOf(order.name()), IdOf(order.client()), order.number(), Order::Type_Name(order.type()),
      Order::State_Name(order.state()), Order::Priority_Name(order.priority()), pg::MaybeId(order.customer()),
      order.type() == Order::COMPLAINT ? pg::Param(order.contact_number())
                                       : pg::OrNull(order.contact_number()),
      order.product(), pg::MaybeId(order.interaction()), pg::MaybeId(order.assignment().desk()),
      pg::OrNull(order.assignment().assignee()), domain::IsOpen(order.state()), order.overdue(),
      order.escalated(), pg::Time(domain::NextDue(order)), order.site(), tx.call().principal.unit,
      order.owner(), pg::Time(FromProto(order.create_time())), pg::Time(FromProto(order.update_time())),
      pg::MaybeTime(order.has_close_time(), order.close_time()), order.etag(), decision.entries.size(),
      pg::JsonOf(order));
  if (rows.empty()) return Aborted("ETAG_MISMATCH", "the order was changed meanwhile");
  if (order.assignment().step() > 0) SaveAssignment(tx, order);
  if (!order.revisits().empty()) AddRevisit(tx, order);
  if (!decision.entries.empty()) AddHistory(tx, decision, rows[0]["entries"].as<int>());
  if (decision.event) {
    pg::Announce(tx, kTopic, IdOf(order.name()), *decision.event, FromProto(order.update_time()));
  }
  return Ok();
}

Result<Page> List(pg::Tx& tx, const pb::ListWorkOrdersRequest& in, const std::string& after, int size) {
  const auto [after_time, after_id] = pg::After(after);
  const auto rows = tx.Exec(
      sql::kList, after_time, after_id,
      NamesOf(in.states(), [](int value) { return Order::State_Name(static_cast<Order::State>(value)); }),
      NamesOf(in.types(), [](int value) { return Order::Type_Name(static_cast<Order::Type>(value)); }),
      pg::MaybeId(in.desk()), pg::MaybeId(in.customer()), pg::MaybeId(in.interaction()), in.overdue(),
      in.escalated(), pg::MaybeTime(in.has_created_from_time(), in.created_from_time()),
      pg::MaybeTime(in.has_created_to_time(), in.created_to_time()), size + 1);
  Page page;
  for (const auto& row : rows) {
    if (static_cast<int>(page.orders.size()) == size) {
      const auto last = rows[static_cast<pqxx::result::size_type>(size - 1)];
      page.next = pg::KeyOf(last["created_us"], last["work_order_id"]);
      break;
    }
    page.orders.push_back(OrderOf(row));
  }
  return page;
}

std::vector<Order> SearchByNumber(pg::Tx& tx, const std::string& beginning) {
  return OrdersOf(tx.Exec(sql::kSearchNumber, beginning));
}
std::vector<Order> SearchByContact(pg::Tx& tx, const std::string& number) {
  return OrdersOf(tx.Exec(sql::kSearchContact, number));
}
std::vector<Order> SearchByCustomer(pg::Tx& tx, const std::string& customer_id) {
  return OrdersOf(tx.Exec(sql::kSearchCustomer, customer_id));
}

std::vector<pb::HistoryEntry> History(pg::Tx& tx, const std::string& work_order_id) {
  std::vector<pb::HistoryEntry> entries;
  for (const auto& row : tx.Exec(sql::kHistory, work_order_id)) {
    auto& entry = entries.emplace_back();
    entry.set_sequence(row["sequence"].as<int>());
    *entry.mutable_at_time() = ToProto(pg::TimeOf(row["happened_us"]));
    entry.set_actor(row["actor"].c_str());
    entry.set_action(row["action"].c_str());
    entry.set_from_state(EnumOf<Order::State>(row["from_state"], Order::State_Parse));
    entry.set_to_state(EnumOf<Order::State>(row["to_state"], Order::State_Parse));
    entry.set_note(row["note"].c_str());
  }
  return entries;
}

std::vector<std::pair<std::string, std::int64_t>> OpenAtDesk(pg::Tx& tx, const std::string& desk_id) {
  std::vector<std::pair<std::string, std::int64_t>> orders;
  for (const auto& row : tx.Exec(sql::kOpenAtDesk, desk_id)) {
    orders.emplace_back(row["work_order_id"].c_str(), row["version"].as<std::int64_t>());
  }
  return orders;
}

std::vector<std::pair<std::string, std::string>> Due(pg::Tx& tx, TimePoint now) {
  std::vector<std::pair<std::string, std::string>> due;
  for (const auto& row : tx.Exec(sql::kDue, pg::Time(now))) {
    due.emplace_back(row["tenant_id"].c_str(), std::string("workOrders/") + row["work_order_id"].c_str());
  }
  return due;
}

void AddDesk(pg::Tx& tx, const pb::Desk& desk) {
  tx.Exec(sql::kAddDesk, IdOf(desk.name()), desk.display_name(), pb::Desk::Kind_Name(desk.kind()),
          desk.site(), tx.call().principal.unit, tx.call().principal.user,
          pg::Time(FromProto(desk.create_time())));
}

std::vector<pb::Desk> Desks(pg::Tx& tx) {
  std::vector<pb::Desk> desks;
  for (const auto& row : tx.Exec(sql::kDesks)) {
    auto& desk = desks.emplace_back();
    desk.set_name(std::string("desks/") + row["desk_id"].c_str());
    desk.set_display_name(row["display_name"].c_str());
    desk.set_kind(EnumOf<pb::Desk::Kind>(row["kind"], pb::Desk::Kind_Parse));
    desk.set_site(row["site"].c_str());
    *desk.mutable_create_time() = ToProto(pg::TimeOf(row["created_us"]));
  }
  return desks;
}

Result<void> RequireDesk(pg::Tx& tx, const std::string& name) {
  if (tx.Exec(sql::kDeskExists, IdOf(name)).empty()) return errors::UnknownDesk(name);
  return Ok();
}

std::vector<pb::SlaPolicy> Policies(pg::Tx& tx) {
  std::vector<pb::SlaPolicy> policies;
  for (const auto& row : tx.Exec(sql::kPolicies)) {
    auto& policy = policies.emplace_back();
    policy.set_type(EnumOf<Order::Type>(row["type"], Order::Type_Parse));
    policy.set_priority(EnumOf<Order::Priority>(row["priority"], Order::Priority_Parse));
    policy.set_accept_minutes(row["accept_minutes"].as<int>());
    policy.set_reply_minutes(row["reply_minutes"].as<int>());
    policy.set_handle_minutes(row["handle_minutes"].as<int>());
    policy.set_revisit_minutes(row["revisit_minutes"].as<int>());
    policy.set_calendar(EnumOf<pb::SlaClock::Calendar>(row["calendar"], pb::SlaClock::Calendar_Parse));
  }
  return policies;
}

void SetPolicy(pg::Tx& tx, const pb::SlaPolicy& policy) {
  tx.Exec(sql::kSetPolicy, Order::Type_Name(policy.type()), Order::Priority_Name(policy.priority()),
          policy.accept_minutes(), policy.reply_minutes(), policy.handle_minutes(), policy.revisit_minutes(),
          pb::SlaClock::Calendar_Name(policy.calendar()), tx.call().principal.user, pg::Time(tx.now()));
}

std::vector<pb::CustomField> CustomFields(pg::Tx& tx) {
  std::vector<pb::CustomField> fields;
  for (const auto& row : tx.Exec(sql::kFields))
    fields.push_back(pg::OfJson<pb::CustomField>(row["definition"]));
  return fields;
}

void SetCustomField(pg::Tx& tx, const pb::CustomField& field) {
  tx.Exec(sql::kSetField, field.key(), pg::JsonOf(field), tx.call().principal.user, pg::Time(tx.now()));
}

}  // namespace carillon::workorder::store
