#include "base/ids.hpp"
#include "base/proto_time.hpp"
#include "workorder/api/methods.hpp"
#include "workorder/store/orders.hpp"

namespace carillon::workorder::api {

Result<pb::Desk> CreateDesk(Call& call, Deps& deps, const pb::CreateDeskRequest& in) {
  pb::Desk desk = in.desk();
  desk.set_name("desks/" + NewId(call.now));
  if (desk.kind() == pb::Desk::KIND_UNSPECIFIED) desk.set_kind(pb::Desk::BACK_OFFICE);
  *desk.mutable_create_time() = ToProto(call.now);
  auto made = deps.db.Write(call, [&](pg::Tx& tx) -> Result<pb::Desk> {
    store::AddDesk(tx, desk);
    return desk;
  });
  if (!made && made.error().code == Code::kAlreadyExists) {
    return AlreadyExists("DESK_EXISTS", "another desk has this display name",
                         {{"name", desk.display_name()}});
  }
  return made;
}

}  // namespace carillon::workorder::api
