#include "access/api/handlers.hpp"
#include "access/api/masks.hpp"
#include "access/store/audit.hpp"
#include "base/proto_time.hpp"

namespace carillon::access::api {

Result<pb::ListAuditRecordsResponse> ListAuditRecords(Call& call, Deps& deps,
                                                      const pb::ListAuditRecordsRequest& in) {
  store::AuditFilter filter{.subject = in.subject(), .resource = in.resource(), .action = in.action()};
  if (in.has_from_time()) filter.from = FromProto(in.from_time());
  if (in.has_until_time()) filter.until = FromProto(in.until_time());
  auto asked = in;
  asked.clear_page_size();
  asked.clear_page_token();
  const auto key = asked.SerializeAsString();
  TRY(const auto after, rpc::PageKey(in.page_token(), key));
  const auto before = after.empty() ? std::nullopt : std::optional(std::stoll(after));
  const int size = rpc::PageSize(in.page_size());
  TRY(auto rows, deps.db.Read(call, [&](pg::Tx& tx) -> Result<std::vector<pb::AuditRecord>> {
    return store::ListAudit(tx, before, filter, size + 1);
  }));
  pb::ListAuditRecordsResponse out;
  FillPage(out, out.mutable_audit_records(), std::move(rows), size, key,
           [](const pb::AuditRecord& record) { return std::to_string(record.sequence()); });
  return out;
}

}  // namespace carillon::access::api
