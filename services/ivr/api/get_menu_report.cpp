#include "base/proto_time.hpp"
#include "calendar/time_zone.hpp"
#include "ivr/api/api.hpp"
#include "ivr/domain/errors.hpp"
#include "ivr/store/report.hpp"

namespace carillon::ivr::api {

Result<v1::MenuReport> GetMenuReport(Call& call, Deps& deps, const v1::GetMenuReportRequest& in) {
  if (FromProto(in.end_time()) <= FromProto(in.start_time())) return errors::SpanEmpty();
  v1::GetMenuReportRequest asked = in;
  if (asked.time_zone().empty()) asked.set_time_zone("Asia/Shanghai");
  if (!calendar::TimeZone::Load(asked.time_zone())) return errors::TimeZoneUnknown(asked.time_zone());
  return deps.db.Read(call, [&](pg::Tx& tx) { return store::MenuReport(tx, asked); });
}

}  // namespace carillon::ivr::api
