#include "base/ids.hpp"
#include "base/proto_time.hpp"
#include "rpc/page.hpp"
#include "telephony/api/handlers.hpp"

namespace carillon::telephony::api {

Result<pb::ListCallsResponse> ListCalls(Call& call, Deps& deps, const pb::ListCallsRequest& in) {
  store::Filter filter{in.state(), in.live(), in.called_number(), std::nullopt, std::nullopt};
  if (in.has_start_time()) filter.from = FromProto(in.start_time());
  if (in.has_end_time()) filter.to = FromProto(in.end_time());
  auto selection = in;
  selection.clear_page_size();
  selection.clear_page_token();
  const auto hashed = selection.SerializeAsString();
  TRY(const std::string after, rpc::PageKey(in.page_token(), hashed));
  const int size = rpc::PageSize(in.page_size());
  return deps.db.Read(call, [&](pg::Tx& tx) -> Result<pb::ListCallsResponse> {
    const auto calls = store::List(tx, filter, after, size + 1);
    pb::ListCallsResponse page;
    for (const auto& one : calls) {
      if (page.calls_size() == size) {
        page.set_next_page_token(rpc::PageToken(IdOf(page.calls(size - 1).name()), hashed));
        break;
      }
      *page.add_calls() = one;
    }
    return page;
  });
}

}  // namespace carillon::telephony::api
