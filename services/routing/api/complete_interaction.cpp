#include "routing/api/handlers.hpp"
#include "routing/store/records.hpp"

namespace carillon::routing::api {

Result<pb::Interaction> CompleteInteraction(Call& call, Deps& deps,
                                            const pb::CompleteInteractionRequest& in) {
  TRY(const auto shard, ShardOf(call, deps));
  pb::Command command;
  auto& to = *command.mutable_complete();
  to.set_agent(call.principal.user);
  to.set_interaction(IdIn(in.name()));
  to.set_disposition(in.disposition());
  to.set_note(in.note());
  *to.mutable_work_orders() = in.work_orders();
  return shard->Answer<pb::Interaction>(
      call, std::move(command), [&call, &deps, id = IdIn(in.name())]() -> Result<pb::Interaction> {
        // It may have ended while the agent wrote: wrap-up ran out.
        TRY(const pb::InteractionRecord record,
            deps.db.Read(call, [&](pg::Tx& tx) { return store::LoadInteraction(tx, id); }));
        return FailedPrecondition("INTERACTION_ENDED", "The interaction is over.",
                                  {{"state", pb::Interaction::State_Name(record.interaction().state())}});
      });
}

}  // namespace carillon::routing::api
