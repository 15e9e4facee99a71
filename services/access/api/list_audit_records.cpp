#include "access/api/handlers.hpp"
#include "access/api/masks.hpp"
#include "access/store/audit.hpp"
#include "base/proto_time.hpp"

namespace carillon::access::api {

Result<pb::ListAuditRecordsResponse> ListAuditRecords(Call& call, Deps& deps,
                                                      const pb::ListAuditRecordsRequest& in) {
  const auto filter = in.subject() + '\n' + in.resource();
  TRY(const auto after, rpc::PageKey(in.page_token(), filter));
  std::optional<store::AuditKey> before;
  if (const auto comma = after.find(','); comma != std::string::npos)
    before = store::AuditKey{std::stoll(after.substr(0, comma)), after.substr(comma + 1)};
  const int size = rpc::PageSize(in.page_size());
  TRY(auto rows, deps.db.Read(call, [&](pg::Tx& tx) -> Result<std::vector<pb::AuditRecord>> {
    return store::ListAudit(tx, before, in.subject(), in.resource(), size + 1);
  }));
  pb::ListAuditRecordsResponse out;
  FillPage(out, out.mutable_audit_records(), std::move(rows), size, filter,
           [](const pb::AuditRecord& record) {
             return std::to_string(FromProto(record.record_time()).time_since_epoch().count()) + "," +
                    IdOf(record.name());
           });
  return out;
}

}  // namespace carillon::access::api
