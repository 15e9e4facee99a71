#include "floor.hpp"

#include <google/protobuf/io/coded_stream.h>
#include <google/protobuf/io/zero_copy_stream_impl_lite.h>

#include <catch2/catch.hpp>

#include "base/ids.hpp"
#include "base/proto_time.hpp"

namespace carillon::routing::testing {

std::string Id(const std::string& word) { return DerivedId("floor", word); }

std::string Bytes(const google::protobuf::Message& message) {
  std::string out;
  google::protobuf::io::StringOutputStream stream(&out);
  google::protobuf::io::CodedOutputStream coded(&stream);
  coded.SetSerializationDeterministic(true);
  message.SerializeToCodedStream(&coded);
  coded.Trim();
  return out;
}

Floor::Floor() = default;

domain::Applied Floor::Do(const pb::Command& in) {
  pb::Command command = in;
  if (command.actor().empty()) command.set_actor("system");
  auto applied = engine_.Apply(command, now_);
  if (applied.changed()) journal_.push_back({now_, command, applied.records});
  for (const auto& event : applied.events) events_.push_back(event);
  for (const auto& record : applied.records.transitions())
    if (record.has_interaction())
      records_[record.interaction().interaction().name().substr(13)] = record.interaction();
  return applied;
}

domain::Applied Floor::Skill(const std::string& code) {
  pb::Command command;
  auto& skill = *command.mutable_put_skill();
  skill.set_name("skills/" + Id("skill " + code));
  skill.set_code(code);
  command.set_create(engine_.FindSkill(code) == nullptr);
  return Do(command);
}

domain::Applied Floor::Queue(const std::string& code, std::vector<std::pair<std::string, int>> needs,
                             const std::function<void(pb::Queue&)>& more) {
  pb::Command command;
  auto& queue = *command.mutable_put_queue();
  queue.set_name("queues/" + Id("queue " + code));
  queue.set_code(code);
  queue.set_client("clients/" + Id("client"));
  for (const auto& [skill, level] : needs) {
    auto& need = *queue.add_required_skills();
    need.set_skill("skills/" + skill);
    need.set_min_level(level);
  }
  if (more) more(queue);
  command.set_create(engine_.FindQueue(code) == nullptr);
  return Do(command);
}

domain::Applied Floor::Profile(const std::string& code, std::vector<std::string> queues,
                               const std::function<void(pb::RoutingProfile&)>& more) {
  pb::Command command;
  auto& profile = *command.mutable_put_routing_profile();
  profile.set_name("routingProfiles/" + Id("profile " + code));
  profile.set_code(code);
  for (const auto& queue : queues) profile.add_entries()->set_queue("queues/" + queue);
  if (more) more(profile);
  command.set_create(engine_.FindProfile(code) == nullptr);
  return Do(command);
}

domain::Applied Floor::Agent(const std::string& code, const std::string& profile,
                             std::vector<std::pair<std::string, int>> skills, int max_no_answer,
                             const std::function<void(pb::Agent&)>& more) {
  pb::Command command;
  auto& agent = *command.mutable_put_agent();
  agent.set_name("agents/" + Id(code));
  agent.set_user("users/" + Id(code));
  agent.set_code(code);
  agent.set_routing_profile("routingProfiles/" + profile);
  agent.set_max_no_answer(max_no_answer);
  for (const auto& [skill, level] : skills) {
    auto& held = *agent.add_skills();
    held.set_skill("skills/" + skill);
    held.set_level(level);
  }
  if (more) more(agent);
  codes_[Id(code)] = code;
  command.set_create(engine_.FindAgent(Id(code)) == nullptr);
  return Do(command);
}

domain::Applied Floor::SignIn(const std::string& agent, const std::string& seat) {
  pb::Command command;
  auto& in = *command.mutable_sign_in();
  in.set_agent(Id(agent));
  in.set_session(Id("session " + std::to_string(++sessions_)));
  in.set_seat(seat.empty() ? "seat " + agent : seat);
  in.set_extension("8" + agent);
  in.set_desk_connected(true);
  return Do(command);
}

domain::Applied Floor::SignOut(const std::string& agent) {
  pb::Command command;
  command.mutable_sign_out()->set_agent(Id(agent));
  return Do(command);
}

domain::Applied Floor::Status(const std::string& agent, pb::AgentStatus status, const std::string& reason) {
  pb::Command command;
  auto& in = *command.mutable_set_status();
  in.set_agent(Id(agent));
  in.set_status(status);
  in.set_reason(reason);
  return Do(command);
}

domain::Applied Floor::Force(const std::string& agent, pb::AgentStatus status, const std::string& reason) {
  pb::Command command;
  auto& in = *command.mutable_set_status();
  in.set_agent(Id(agent));
  in.set_status(status);
  in.set_reason(reason);
  in.set_forced(true);
  return Do(command);
}

domain::Applied Floor::MoreWrapUp(const std::string& name) {
  pb::Command command;
  auto& in = *command.mutable_extend_wrap_up();
  in.set_interaction(Id(name));
  in.set_agent(HolderOf(name));
  return Do(command);
}

domain::Applied Floor::Desk(const std::string& agent, bool connected) {
  pb::Command command;
  if (connected)
    command.set_desk_connected(Id(agent));
  else
    command.set_desk_lost(Id(agent));
  return Do(command);
}

domain::Applied Floor::DeskExpired(const std::string& agent) {
  pb::Command command;
  command.set_desk_expired(Id(agent));
  return Do(command);
}

domain::Applied Floor::Ring(const std::string& name, const Call& call) {
  pb::Command command;
  auto& in = *command.mutable_create_interaction();
  in.set_name("interactions/" + Id(name));
  in.set_call("calls/" + Id("call " + name));
  in.set_queue("queues/" + call.queue);
  in.set_grade(call.grade);
  in.set_elderly(call.elderly);
  in.set_priority(call.priority);
  if (!call.last_agent.empty()) in.set_last_agent("agents/" + Id(call.last_agent));
  for (const auto& [skill, level] : call.skills) {
    auto& need = *in.add_required_skills();
    need.set_skill("skills/" + skill);
    need.set_min_level(level);
  }
  if (call.more) call.more(in);
  return Do(command);
}

domain::Applied Floor::Callback(const std::string& name, const std::string& number,
                                std::optional<TimePoint> at) {
  pb::Command command;
  auto& in = *command.mutable_request_callback();
  in.set_interaction(Id(name));
  in.set_phone_number(number);
  if (at) *in.mutable_time() = ToProto(*at);
  return Do(command);
}

domain::Applied Floor::Accept(const std::string& name) {
  const auto* record = engine_.FindRecord(Id(name));
  if (record == nullptr) return AcceptAs("nobody", "none", 0);
  pb::Command command;
  auto& in = *command.mutable_accept();
  in.set_agent(record->interaction().agent().substr(record->interaction().agent().find('/') + 1));
  in.set_reservation(
      record->interaction().reservation().substr(record->interaction().reservation().find('/') + 1));
  in.set_version(record->reservation_version());
  return Do(command);
}

domain::Applied Floor::AcceptAs(const std::string& agent, const std::string& reservation,
                                std::int64_t version) {
  pb::Command command;
  auto& in = *command.mutable_accept();
  in.set_agent(Id(agent));
  in.set_reservation(reservation);
  in.set_version(version);
  return Do(command);
}

domain::Applied Floor::Reject(const std::string& name) {
  const auto* record = engine_.FindRecord(Id(name));
  pb::Command command;
  auto& in = *command.mutable_reject();
  if (record != nullptr) {
    in.set_agent(record->interaction().agent().substr(record->interaction().agent().find('/') + 1));
    in.set_reservation(
        record->interaction().reservation().substr(record->interaction().reservation().find('/') + 1));
    in.set_version(record->reservation_version());
  }
  return Do(command);
}

domain::Applied Floor::Connected(const std::string& name) {
  pb::Command command;
  command.mutable_media_connected()->set_interaction(Id(name));
  return Do(command);
}

domain::Applied Floor::OutsideFailed(const std::string& name, const std::string& child) {
  pb::Command command;
  const auto seen = See(name);
  if (engine_.FindRecord(Id(name)) == nullptr) {
    *command.mutable_return_customer()->mutable_record() = records_.at(Id(name));
    command.mutable_return_customer()->set_child(Id(child));
    return Do(command);
  }
  auto& in = *command.mutable_media_failed();
  in.set_interaction(Id(name));
  in.set_reservation(seen.outside_reservation().substr(seen.outside_reservation().find('/') + 1));
  in.set_child(Id(child));
  return Do(command);
}

domain::Applied Floor::Pull(const std::string& agent, const std::string& name) {
  pb::Command command;
  command.mutable_pull()->set_agent(Id(agent));
  command.mutable_pull()->set_interaction(Id(name));
  return Do(command);
}

domain::Applied Floor::Hold(const std::string& name, bool hold) {
  pb::Command command;
  auto& in = hold ? *command.mutable_hold() : *command.mutable_retrieve();
  in.set_interaction(Id(name));
  in.set_agent(HolderOf(name));
  return Do(command);
}

domain::Applied Floor::PhoneFailed(const std::string& name, const std::string& child) {
  pb::Command command;
  auto& in = *command.mutable_media_failed();
  in.set_interaction(Id(name));
  in.set_child(Id(child));
  if (const auto* record = engine_.FindRecord(Id(name)); record != nullptr)
    in.set_reservation(
        record->interaction().reservation().substr(record->interaction().reservation().find('/') + 1));
  return Do(command);
}

domain::Applied Floor::HangUp(const std::string& name, const std::string& party) {
  pb::Command command;
  auto& in = *command.mutable_media_ended();
  in.set_interaction(Id(name));
  in.set_party(party);
  return Do(command);
}

domain::Applied Floor::Complete(const std::string& name, const std::string& disposition) {
  pb::Command command;
  auto& in = *command.mutable_complete();
  in.set_interaction(Id(name));
  in.set_disposition(disposition);
  in.set_agent(HolderOf(name));
  return Do(command);
}

domain::Applied Floor::Transfer(const std::string& name, const std::string& child,
                                const std::function<void(pb::TransferCommand&)>& to) {
  pb::Command command;
  auto& in = *command.mutable_transfer();
  in.set_interaction(Id(name));
  in.set_child(Id(child));
  in.set_agent(HolderOf(name));
  to(in);
  return Do(command);
}

domain::Applied Floor::Consult(const std::string& name, const std::string& child,
                               const std::function<void(pb::TransferCommand&)>& to) {
  pb::Command command;
  auto& in = *command.mutable_consult();
  in.set_interaction(Id(name));
  in.set_child(Id(child));
  in.set_agent(HolderOf(name));
  to(in);
  return Do(command);
}

domain::Applied Floor::JoinConsult(const std::string& name) {
  pb::Command command;
  command.mutable_join_consult()->set_interaction(Id(name));
  command.mutable_join_consult()->set_agent(HolderOf(name));
  return Do(command);
}

domain::Applied Floor::CompleteConsult(const std::string& name) {
  pb::Command command;
  command.mutable_complete_consult()->set_interaction(Id(name));
  command.mutable_complete_consult()->set_agent(HolderOf(name));
  return Do(command);
}

domain::Applied Floor::EndConsult(const std::string& name) {
  pb::Command command;
  command.mutable_end_consult()->set_interaction(Id(name));
  command.mutable_end_consult()->set_agent(HolderOf(name));
  return Do(command);
}

/// Uuid of the agent who has it; "" = nobody.
std::string Floor::HolderOf(const std::string& name) const {
  const auto* record = engine_.FindRecord(Id(name));
  return record == nullptr
             ? ""
             : record->interaction().agent().substr(record->interaction().agent().find('/') + 1);
}

void Floor::Ready(const std::string& agent) {
  SignIn(agent);
  Status(agent, pb::READY);
}

void Floor::Pass(Duration length) {
  const auto end = now_ + length;
  while (engine_.NextDeadline() && *engine_.NextDeadline() <= end) {
    now_ = std::max(now_, *engine_.NextDeadline());
    pb::Command command;
    command.mutable_tick();
    Do(command);
  }
  now_ = end;
}

pb::Interaction Floor::See(const std::string& name) const {
  if (auto live = engine_.FindInteraction(Id(name))) return *live;
  const auto found = records_.find(Id(name));
  return found == records_.end() ? pb::Interaction{} : found->second.interaction();
}

pb::AgentSession Floor::Of(const std::string& agent) const {
  const auto* session = engine_.FindSession(Id(agent));
  if (session != nullptr) return *session;
  pb::AgentSession out;
  out.set_state(pb::AgentSession::SIGNED_OUT);
  return out;
}

std::string Floor::AgentOf(const std::string& name) const {
  const auto agent = See(name).agent();
  if (agent.empty()) return "";
  return codes_.at(agent.substr(7));
}

bool Floor::RebuildsAndReplays() const {
  domain::Engine rebuilt;
  domain::Engine replayed;
  TimePoint last = kNine;
  for (const auto& row : journal_) {
    for (const auto& record : row.records.transitions()) rebuilt.Put(record);
    const auto again = replayed.Apply(row.command, row.now);
    if (Bytes(again.records) != Bytes(row.records)) {
      UNSCOPED_INFO("replayed otherwise: " << row.command.ShortDebugString());
      return false;
    }
    last = row.now;
  }
  rebuilt.Settle(last);
  const auto live = Bytes(engine_.Snapshot());
  const auto same = [](const char* what, bool equal) {
    if (!equal) UNSCOPED_INFO("not the same: " << what);
    return equal;
  };
  return same("rebuilt", live == Bytes(rebuilt.Snapshot())) &&
         same("replayed", live == Bytes(replayed.Snapshot())) &&
         same("next deadline", rebuilt.NextDeadline() == engine_.NextDeadline());
}

}  // namespace carillon::routing::testing
