#include "customer/api/interactions.hpp"

#include "customer/api/profile.hpp"

namespace carillon::customer::api {
namespace {

pb::LastContact LastContactOf(const pb::PartyInteraction& interaction) {
  pb::LastContact contact;
  contact.set_direction(interaction.outbound() ? pb::LastContact::OUTBOUND : pb::LastContact::INBOUND);
  *contact.mutable_contact_time() = interaction.end_time();
  contact.set_channel(interaction.channel());
  contact.set_interaction(interaction.name());
  contact.set_agent(interaction.agent());
  contact.set_queue(interaction.queue());
  contact.set_reason(interaction.reason().empty() ? interaction.place() : interaction.reason());
  contact.set_disposition(interaction.disposition());
  return contact;
}

}  // namespace

Result<pb::PartyInteraction> KeptInteraction(pg::Tx& tx, Deps& deps, const pb::Customer& before,
                                             const pb::PartyInteraction& interaction) {
  bool fresh = false;
  auto kept = store::SaveInteraction(tx, before, interaction, fresh);
  if (!fresh) return kept;
  store::NoteContact(tx, before, LastContactOf(kept));
  const auto after = domain::Touched(before, tx.now());
  if (after.state() != before.state()) {
    store::SaveState(tx, deps.vault, after);
    AnnounceUpdated(tx, after, {"state"});
  }
  TRY_VOID(deps.callers.Changing(tx, domain::CallableNumbers(after)));
  return kept;
}

Result<pb::PartyInteraction> AppendInteraction(Call& call, Deps& deps,
                                               const pb::AppendInteractionRequest& in) {
  TRY(const std::string id, IdOfName(in.parent(), "customers", "parent"));
  auto draft = in.interaction();
  if (draft.name().empty()) draft.set_name("interactions/" + NewId(call.now));
  return deps.db.Write(call, [&](pg::Tx& tx) -> Result<pb::PartyInteraction> {
    TRY(const auto before, store::LoadForUpdate(tx, deps.vault, id));
    if (before.state() != pb::Customer::CLOSED) TRY_VOID(domain::RequireOpen(before));
    TRY(const auto interaction, domain::Appended(draft, CodesIn(tx, "CONTACT_PLACE"), tx.now()));
    return KeptInteraction(tx, deps, before, interaction);
  });
}

}  // namespace carillon::customer::api
