#include <algorithm>

#include "base/ids.hpp"
#include "base/proto_time.hpp"
#include "routing/domain/errors.hpp"
#include "routing/domain/state.hpp"

/// Customers are passed on. Every agent has an interaction of their own with one outcome; `parent` and `root`
/// tie the segments of a contact together.
namespace carillon::routing::domain {
namespace {

using Party = pb::ArrangeCallTask::Party;

}  // namespace

/// A number outside may be brought into the work's call.
Result<void> Engine::MayBring(const Work& work, const std::string& number) const {
  if (work.view().call().empty())
    return FailedPrecondition("INTERACTION_WITHOUT_CALL", "There is no call to bring a number into.");
  const auto& prefixes = s_->desks.outside_prefixes();
  if (std::none_of(prefixes.begin(), prefixes.end(),
                   [&](const std::string& prefix) { return number.starts_with(prefix); }))
    return FailedPrecondition("OUTSIDE_FORBIDDEN", "The desk rules do not let agents call this number.");
  return Ok();
}

/// The agent is there and could get the work, now or when done with the one in hand.
Result<void> Engine::MayReceive(const Work& work, std::string_view agent) const {
  if (work.session->agent == agent)
    return InvalidArgument("TRANSFER_TO_SELF", "The work is there already.", {{"agent", "somebody else"}});
  if (!s_->agents.contains(agent)) return errors::Unknown("AGENT", NameOf("agents", agent));
  const auto found = s_->sessions.find(agent);
  if (found == s_->sessions.end()) return errors::NotSignedIn(std::string(agent));
  const auto& view = found->second->view();
  const bool leaving = view.pending_status() == pb::NOT_READY || view.pending_status() == pb::SIGNED_OUT;
  if (view.state() == pb::AgentSession::NOT_READY || !view.desk_connected() || leaving)
    return FailedPrecondition("AGENT_NOT_AVAILABLE", "The agent does not take work now.",
                              {{"agent", view.agent()},
                               {"state", pb::AgentSession::State_Name(view.state())},
                               {"reason", leaving ? view.pending_reason() : view.reason()}});
  return Ok();
}

/// A new segment of the same contact, with all that travels.
std::unique_ptr<Engine::Work> Engine::ChildOf(const Work& work, const std::string& id,
                                              const std::string& briefing) const {
  const auto& from = work.view();
  auto made = std::make_unique<Work>();
  made->id = id;
  auto& view = made->view();
  view.set_name(NameOf("interactions", id));
  view.set_channel(from.channel() == carillon::type::v1::CALLBACK ? carillon::type::v1::VOICE
                                                                  : from.channel());
  view.set_direction(from.direction());
  view.set_client(from.client());
  view.set_call(from.call());
  view.set_customer(from.customer());
  view.set_calling_number(from.calling_number());
  view.set_called_number(from.called_number());
  *view.mutable_required_skills() = from.required_skills();
  view.set_priority(from.priority());
  view.set_grade(from.grade());
  view.set_elderly(from.elderly());
  view.set_language(from.language());
  view.set_region(from.region());
  *view.mutable_menu_path() = from.menu_path();
  view.set_reason(from.reason());
  view.set_identity_level(from.identity_level());
  *view.mutable_attached_data() = from.attached_data();
  *view.mutable_excluded_agents() = from.excluded_agents();
  view.set_parent(from.name());
  view.set_root(from.root().empty() ? from.name() : from.root());
  view.set_transfers(from.transfers() + 1);
  view.set_briefing(briefing);
  made->record.set_effective_arrival(work.record.effective_arrival());
  return made;
}

/// Telephony is to make the call's parties so. Nobody: the customer waits.
void Engine::OweArrangement(const Work& customer, bool holds, std::vector<Party> parties) {
  if (customer.view().call().empty()) return;
  auto task = std::make_shared<pb::ArrangeCallTask>();
  task->set_call(customer.view().call());
  task->set_interaction(customer.view().name());
  task->set_customer_holds(holds);
  for (auto& party : parties) *task->add_parties() = std::move(party);
  out_.tasks.push_back({customer.view().call(), task});
}

/// The agent has no customer any more; what is left is to write up.
void Engine::LetGo(Work& work) {
  Tell<pb::InteractionTransferred>(work);
  pb::MediaCommand ended;
  ended.set_party("AGENT");
  ended.set_cause("TRANSFERRED");
  BeginWrap(work, now_, ended);
}

Result<void> Engine::Transfer(const pb::TransferCommand& in) {
  TRY(Work* const work, OwnWork(in.agent(), in.interaction()));
  auto& view = work->view();
  if (view.state() != pb::Interaction::ASSIGNED) return errors::NotLive(view);
  Room* room = work->room;
  const std::string agent(IdPart(in.to_agent()));
  switch (in.to_case()) {
    case pb::TransferCommand::kToAgent:
      TRY_VOID(MayReceive(*work, agent));
      break;
    case pb::TransferCommand::kToQueue: {
      TRY(const auto queue, ResolveQueue(in.to_queue()));
      TRY(room, Entrance(*s_->RoomOf(queue)));
      break;
    }
    case pb::TransferCommand::kPhoneNumber:
      TRY_VOID(MayBring(*work, in.phone_number()));
      break;
    case pb::TransferCommand::TO_NOT_SET:
      return InvalidArgument("TARGET_MISSING", "Where to?", {{"to", "agent, queue or phone_number"}});
  }
  // Who complains is not bounced: the receiver knows what it is about.
  if (in.briefing().empty() && (work->room->rules.briefing_required() || room->rules.briefing_required()))
    return InvalidArgument("BRIEFING_MISSING", "The receiver needs to know what it is about.",
                           {{"briefing", "required by the queue"}});

  if (in.has_phone_number()) {
    view.set_outside_number(in.phone_number());
    Party party;
    party.set_phone_number(in.phone_number());
    party.set_reservation(NameOf("legs", in.child()));
    party.set_interaction(view.name());
    party.set_audio(Party::TALKS);
    OweArrangement(*work, false, {party});
    LetGo(*work);
    return Ok();
  }
  auto made = ChildOf(*work, in.child(), in.briefing());
  Work& child = *made;
  if (in.has_to_agent()) {
    if (BarTo(*s_->sessions.find(agent)->second, *room, child) == Bar::kNotPaired)
      return FailedPrecondition("AGENT_NOT_PAIRED", "This agent and this customer are not brought together.",
                                {{"agent", in.to_agent()}});
    child.view().set_last_agent(NameOf("agents", agent));
    child.record.set_directed(true);
  }
  Refuse(child.record, in.agent(), now_ + RefusalDelayOf(room->rules), now_);
  view.set_transferred_to(child.view().name());
  OweArrangement(child, false, {});
  Place(std::move(made), *room);
  LetGo(*work);
  return Ok();
}

}  // namespace carillon::routing::domain
