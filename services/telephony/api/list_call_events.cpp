#include "rpc/page.hpp"
#include "telephony/api/handlers.hpp"

namespace carillon::telephony::api {

Result<pb::ListCallEventsResponse> ListCallEvents(Call& call, Deps& deps,
                                                  const pb::ListCallEventsRequest& in) {
  TRY(const std::string key, rpc::PageKey(in.page_token(), in.parent()));
  const std::int64_t after =
      key.empty() ? 0 : std::stoll(key);  // PageKey gives only what PageToken was given
  const int size = rpc::PageSize(in.page_size());
  return deps.db.Read(call, [&](pg::Tx& tx) -> Result<pb::ListCallEventsResponse> {
    TRY_VOID(store::Load(tx, in.parent()));
    pb::ListCallEventsResponse page;
    for (auto& event : store::Events(tx, in.parent(), after, size + 1)) {
      if (page.events_size() == size) {
        page.set_next_page_token(
            rpc::PageToken(std::to_string(page.events(size - 1).sequence()), in.parent()));
        break;
      }
      *page.add_events() = std::move(event);
    }
    return page;
  });
}

}  // namespace carillon::telephony::api
