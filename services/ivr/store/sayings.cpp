#include "ivr/store/sayings.hpp"

#include "base/ids.hpp"
#include "base/proto_time.hpp"
#include "ivr/domain/errors.hpp"
#include "ivr/store/statements.hpp"
#include "pg/message.hpp"

namespace carillon::ivr::store {
namespace {

v1::Notice NoticeOf(const pqxx::row& row) {
  auto notice = pg::OfJson<v1::Notice>(row["notice"]);
  notice.set_name(pg::NameOf("notices", row["notice_id"]));
  notice.set_author(pg::NameOf("users", row["author"]));
  notice.set_approver(pg::NameOf("users", row["approver"]));
  return notice;
}

std::vector<v1::Notice> NoticesOf(const pqxx::result& rows) {
  std::vector<v1::Notice> notices;
  for (const auto& row : rows) notices.push_back(NoticeOf(row));
  return notices;
}

}  // namespace

void PutRows(pg::Tx& tx, const std::string& table, const std::vector<v1::DataRow>& rows, bool replace) {
  if (replace) tx.Exec(sql::kDropRows, table);
  std::vector<std::string> keys;
  std::vector<std::string> texts;
  std::vector<std::optional<std::string>> customers;
  for (const auto& row : rows) {
    keys.push_back(row.key());
    texts.push_back(pg::JsonOf(row));
    customers.push_back(row.customer().empty() ? std::nullopt : std::optional(IdOf(row.customer())));
  }
  tx.Exec(sql::kPutRows, table, pg::Array(keys), pg::Array(texts), pg::Array(customers), pg::Time(tx.now()));
}

v1::DataRow FindRow(pg::Tx& tx, const std::string& table, const std::string& key) {
  const auto rows = tx.Exec(sql::kFindRow, table, key);
  return rows.empty() ? v1::DataRow() : pg::OfJson<v1::DataRow>(rows[0]["row"]);
}

v1::Notice SaveNotice(pg::Tx& tx, const v1::Notice& notice) {
  v1::Notice kept = notice;
  kept.clear_name();
  kept.clear_author();
  kept.clear_approver();
  return NoticeOf(tx.Exec(sql::kSaveNotice, IdOf(notice.name()), pg::MaybeId(notice.service_number()),
                          notice.region(), pg::Time(FromProto(notice.start_time())),
                          pg::Time(FromProto(notice.end_time())), notice.author(), pg::JsonOf(kept))[0]);
}

Result<v1::Notice> LockNotice(pg::Tx& tx, const std::string& name) {
  const auto rows = tx.Exec(sql::kLockNotice, IdOf(name));
  if (rows.empty()) return errors::NoticeUnknown(name);
  return NoticeOf(rows[0]);
}

v1::Notice ApproveNotice(pg::Tx& tx, const std::string& name, const std::string& approver) {
  return NoticeOf(tx.Exec(sql::kApproveNotice, IdOf(name), approver)[0]);
}

std::vector<v1::Notice> Notices(pg::Tx& tx, TimePoint now) {
  return NoticesOf(tx.Exec(sql::kNotices, pg::Time(now)));
}

std::vector<v1::Notice> NoticesFor(pg::Tx& tx, const std::string& number, const std::string& region,
                                   TimePoint now) {
  return NoticesOf(tx.Exec(sql::kNoticesFor, IdOf(number), region, pg::Time(now)));
}

}  // namespace carillon::ivr::store
