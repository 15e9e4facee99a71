#include "routing/api/handlers.hpp"
#include "routing/api/rules.hpp"

namespace carillon::routing::api {

Result<pb::Interaction> SuperviseInteraction(Call& call, Deps& deps,
                                             const pb::SuperviseInteractionRequest& in) {
  using Request = pb::SuperviseInteractionRequest;
  using Party = pb::ArrangeCallTask::Party;
  if (in.mode() != Request::STOP && in.extension().empty()) return Missing("extension");
  TRY(const auto shard, ShardOf(call, deps));
  pb::Command command;
  auto& to = *command.mutable_supervise();
  to.set_interaction(IdIn(in.name()));
  to.set_stop(in.mode() == Request::STOP);
  auto& supervision = *to.mutable_supervision();
  supervision.set_user(call.principal.user);
  supervision.set_extension(in.extension());
  supervision.set_audio(in.mode() == Request::LISTEN    ? Party::LISTENS
                        : in.mode() == Request::WHISPER ? Party::WHISPERS
                                                        : Party::TALKS);
  supervision.set_reservation(NewId(call.now));
  return shard->Answer<pb::Interaction>(call, std::move(command));
}

}  // namespace carillon::routing::api
