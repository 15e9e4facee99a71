#include "routing/domain/canary.hpp"

#include <google/protobuf/util/message_differencer.h>

#include <algorithm>
#include <vector>

#include "base/ids.hpp"
#include "base/proto_time.hpp"
#include "routing/domain/errors.hpp"
#include "routing/domain/state.hpp"

/// Canaries: the pure decisions, and what they do in the engine.
namespace carillon::routing::domain {

int CanaryLotOf(std::string_view uid, std::string_view interaction) {
  const auto word = DerivedId("canary " + std::string(uid), std::string(interaction)).substr(0, 8);
  return static_cast<int>(std::stoul(word, nullptr, 16) % 100);
}

pb::Queue Tried(const pb::Queue& queue, const pb::Queue& policy) {
  static const auto kOnTrial = [] {
    std::vector<const google::protobuf::FieldDescriptor*> out;
    for (const auto* name : {"required_skills",   "evaluation",      "strategy",
                             "weights",           "number_rules",    "offer_timeout",
                             "offer_to",          "refusal_delay",   "last_agent_patience",
                             "no_last_agent",     "overflow",        "rings",
                             "criteria",          "max_wait",        "max_wait_target",
                             "max_wait_no_agent", "no_agent_target", "wrap_up",
                             "wrap_up_renewals",  "wrap_up_renewal"})
      out.push_back(pb::Queue::descriptor()->FindFieldByName(name));
    return out;
  }();
  pb::Queue out = queue;
  pb::Queue from = policy;
  out.GetReflection()->SwapFields(&out, &from, kOnTrial);
  return out;
}

bool SameOnTrial(const pb::Queue& a, const pb::Queue& b) {
  return google::protobuf::util::MessageDifferencer::Equals(Tried(a, b), a);
}

void Reckon(pb::Canary::Arm& arm) {
  if (arm.judged() > 0) {
    arm.set_service_level(static_cast<double>(arm.answered_in_time()) / static_cast<double>(arm.judged()));
    arm.set_abandonment(static_cast<double>(arm.abandoned()) / static_cast<double>(arm.judged()));
  }
  arm.clear_mean_wait();
  if (arm.answered() > 0) *arm.mutable_mean_wait() = ToProto(FromProto(arm.wait()) / arm.answered());
}

std::string WorseBy(const pb::Canary& canary) {
  const auto& tried = canary.canary();
  const auto& rest = canary.control();
  if (std::min(tried.judged(), rest.judged()) < canary.min_sample()) return "";
  // How much larger the first share is, compared in whole counts: points of a hundred.
  const auto above = [](std::int64_t n, std::int64_t of, std::int64_t m, std::int64_t of_m, int points) {
    return (n * of_m - m * of) * 100 > points * of * of_m;
  };
  if (above(rest.answered_in_time(), rest.judged(), tried.answered_in_time(), tried.judged(),
            canary.service_level_margin()))
    return "SERVICE_LEVEL";
  if (above(tried.abandoned(), tried.judged(), rest.abandoned(), rest.judged(), canary.abandonment_margin()))
    return "ABANDONMENT";
  if (FromProto(tried.mean_wait()) - FromProto(rest.mean_wait()) > FromProto(canary.wait_margin()))
    return "WAIT";
  return "";
}

/// The rules the work goes by in its queue.
const pb::Queue& Engine::RulesOf(const Work& work) const {
  const Room& room = *work.room;
  const auto& lot = work.record.canary();
  return room.trial && lot.tries() && lot.canary() == room.canary.uid() ? *room.trial : room.rules;
}

/// New work of a queue where a canary runs comes under one of the two rules.
void Engine::DrawLot(Work& work) {
  work.record.clear_canary();
  const Room& room = *work.room;
  if (!room.trial || work.view().channel() == carillon::type::v1::CALLBACK || IsAdvice(work.view())) return;
  auto& lot = *work.record.mutable_canary();
  lot.set_canary(room.canary.uid());
  lot.set_lot(CanaryLotOf(room.canary.uid(), work.id));
  lot.set_share(room.canary.share());
  lot.set_tries(lot.lot() < lot.share());
  auto& arm = *ArmOf(work);
  arm.set_came(arm.came() + 1);
}

/// The running canary takes part in what becomes of the work.
bool Engine::OnTrial(const Work& work) {
  return work.room->trial && work.record.canary().canary() == work.room->canary.uid() &&
         work.view().channel() != carillon::type::v1::CALLBACK;
}

/// The part of the running canary that the work counts in; nullptr = none.
pb::Canary::Arm* Engine::ArmOf(Work& work) {
  if (!OnTrial(work)) return nullptr;
  Room& room = *work.room;
  s_->dirty_canaries.insert(room.id);
  return work.record.canary().tries() ? room.canary.mutable_canary() : room.canary.mutable_control();
}

/// It is decided how the work was served.
void Engine::CountJudged(Work& work, pb::Canary::Arm& arm) {
  auto& lot = *work.record.mutable_canary();
  if (!lot.judged()) arm.set_judged(arm.judged() + 1);
  lot.set_judged(true);
  Reckon(arm);
}

/// An answer, or (`by` -1) one that was none since the phone failed.
void Engine::CountAnswer(Work& work, int by) {
  auto* const arm = ArmOf(work);
  if (arm == nullptr) return;
  arm->set_answered(arm->answered() + by);
  if (InTime(work.room->rules, work.view())) arm->set_answered_in_time(arm->answered_in_time() + by);
  AddTo(arm->mutable_wait(), FromProto(work.view().wait_duration()) * by);
  CountJudged(work, *arm);
}

void Engine::CountGone(Work& work, bool abandoned) {
  auto* const arm = ArmOf(work);
  if (arm == nullptr) return;
  if (abandoned)
    arm->set_abandoned(arm->abandoned() + 1);
  else
    arm->set_diverted(arm->diverted() + 1);
  CountJudged(work, *arm);
}

/// When work that counts waits longer than good service does; nullopt = it is judged already, or counts
/// nowhere.
std::optional<TimePoint> Engine::TurnsLate(const Work& work) const {
  if (!OnTrial(work) || work.record.canary().judged()) return std::nullopt;
  return FromProto(work.view().queue_time()) + ServiceLevelTimeOf(work.room->rules);
}

/// Takes back what is served worse than may be; between two changes, never within one.
void Engine::JudgeCanaries() {
  for (const auto& id : std::set<std::string>(s_->dirty_canaries)) {
    Room* const room = s_->RoomOf(id);
    if (room == nullptr || !room->trial) continue;
    if (const auto why = WorseBy(room->canary); !why.empty())
      CloseCanary(*room, pb::Canary::ROLLED_BACK, why, "system");
  }
}

/// All work of the queue goes on by the queue's rules.
void Engine::CloseCanary(Room& room, pb::Canary::State state, const std::string& reason,
                         const std::string& ender) {
  auto& canary = room.canary;
  canary.set_state(state);
  canary.set_end_reason(reason);
  canary.set_ender(ender);
  *canary.mutable_end_time() = ToProto(now_);
  room.trial.reset();
  *out_.records.add_transitions()->mutable_canary() = canary;
  auto event = std::make_shared<pb::CanaryEnded>();
  *event->mutable_canary() = canary;
  Publish(Event::Aggregate::kQueue, room.id, std::move(event));
  RulesChanged(true);
}

Result<void> Engine::StartCanary(const pb::Canary& in) {
  TRY(const auto id, ResolveQueue(in.policy().name()));
  Room& room = *s_->RoomOf(id);
  if (room.trial) return errors::CanaryRunning(room.rules.name());
  if (FromProto(in.wait_margin()) <= Duration{0})
    return InvalidArgument("CANARY_MARGIN", "A margin is positive.", {{"canary.wait_margin", "more than 0"}});
  pb::Canary canary = in;
  *canary.mutable_policy() = Tried(room.rules, in.policy());
  TRY_VOID(ResolveQueueRules(*canary.mutable_policy()));
  canary.set_name(room.rules.name() + "/canary");
  canary.set_state(pb::Canary::RUNNING);
  canary.set_starter(actor_);
  *canary.mutable_start_time() = ToProto(now_);
  canary.clear_end_time();
  canary.clear_ender();
  canary.clear_end_reason();
  canary.mutable_control()->Clear();
  canary.mutable_canary()->Clear();
  room.canary = std::move(canary);
  room.trial = room.canary.policy();
  *out_.records.add_transitions()->mutable_canary() = room.canary;
  auto event = std::make_shared<pb::CanaryStarted>();
  *event->mutable_canary() = room.canary;
  Publish(Event::Aggregate::kQueue, room.id, std::move(event));
  RulesChanged(false);
  out_.answer = CopyOf(room.canary);
  return Ok();
}

/// The queue, when a canary runs in it.
Result<Engine::Room*> Engine::RoomOnTrial(const std::string& queue) const {
  TRY(const auto id, ResolveQueue(queue));
  Room* const room = s_->RoomOf(id);
  if (!room->trial)
    return FailedPrecondition("CANARY_NOT_RUNNING", "No canary runs in the queue.",
                              {{"queue", room->rules.name()}});
  return room;
}

Result<void> Engine::PromoteCanary(const pb::CanaryCommand& in) {
  TRY(Room* const room, RoomOnTrial(in.queue()));
  room->rules = *room->trial;
  room->rules.set_etag(in.etag());
  *room->rules.mutable_update_time() = ToProto(now_);
  *out_.records.add_transitions()->mutable_queue() = room->rules;
  CloseCanary(*room, pb::Canary::PROMOTED, "", actor_);
  out_.answer = CopyOf(room->canary);
  return Ok();
}

Result<void> Engine::EndCanary(const pb::CanaryCommand& in) {
  TRY(Room* const room, RoomOnTrial(in.queue()));
  CloseCanary(*room, pb::Canary::ENDED, in.reason(), actor_);
  out_.answer = CopyOf(room->canary);
  return Ok();
}

const pb::Canary* Engine::FindCanary(std::string_view queue) const {
  const auto id = ResolveQueue(queue);
  if (!id) return nullptr;
  const auto& canary = s_->RoomOf(*id)->canary;
  return canary.uid().empty() ? nullptr : &canary;
}

}  // namespace carillon::routing::domain
