#include "base/ids.hpp"
#include "ivr/api/api.hpp"
#include "ivr/domain/menus.hpp"
#include "ivr/store/flows.hpp"

namespace carillon::ivr::api {

Result<v1::ServiceNumber> SetServiceNumber(Call& call, Deps& deps, const v1::SetServiceNumberRequest& in) {
  const auto& number = in.service_number();
  TRY_VOID(CheckMenus(number));
  for (const auto& [name, queue] : number.queues()) {
    if (!queue.starts_with("queues/")) {
      return InvalidArgument("QUEUE_MALFORMED", "a queue is named queues/{uuid} or queues/{code}",
                             {{"service_number.queues[" + name + "]", "queues/{uuid} or queues/{code}"}});
    }
  }
  for (const auto& [name, place] : number.transfers()) {
    if (!place.starts_with("+") || place.size() < 6 || place.size() > 16 ||
        place.find_first_not_of("0123456789", 1) != std::string::npos) {
      return InvalidArgument("FIELD_INVALID", "a number outside is E.164",
                             {{"service_number.transfers[" + name + "]", "is not E.164"}});
    }
  }
  return deps.db.Write(call, [&](pg::Tx& tx) -> Result<v1::ServiceNumber> {
    TRY(const v1::Flow flow, store::LoadFlow(tx, number.flow(), store::kPublished));
    return store::SaveNumber(tx, number, NewId(call.now));
  });
}

}  // namespace carillon::ivr::api
