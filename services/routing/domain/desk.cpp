#include <algorithm>

#include "routing/domain/errors.hpp"
#include "routing/domain/state.hpp"

/// What an agent may choose: reasons with limits, and enough colleagues at work.
namespace carillon::routing::domain {
namespace {

constexpr Duration kDay = std::chrono::hours{24};

}  // namespace

Result<calendar::TimeZone> ZoneOf(const pb::DeskRules& desks) {
  return calendar::TimeZone::Load(desks.time_zone().empty() ? "Asia/Shanghai" : desks.time_zone());
}

/// S17 and the trade: three chats, five e-mails; paper that can wait gives way to who is there now.
std::array<Engine::State::Beside, type::v1::Channel_ARRAYSIZE> Engine::State::StandardMatrix() {
  using namespace carillon::type::v1;
  std::array<Beside, Channel_ARRAYSIZE> out;
  out[CHAT].at_once = 3;
  out[EMAIL].at_once = 5;
  for (const auto paper : {EMAIL, FAX, VOICEMAIL, TASK})
    out[paper].interrupted_by = Bit(VOICE) | Bit(CALLBACK) | Bit(VIDEO) | Bit(CHAT) | Bit(SMS);
  return out;
}

/// The standard, and what the desk rules say instead.
void Engine::ReadMatrix() {
  s_->beside = State::StandardMatrix();
  for (const auto& rule : s_->desks.channels()) {
    auto& row = s_->beside[rule.channel()];
    if (rule.at_once() != 0) row.at_once = rule.at_once();
    row.interrupted_by = 0;
    for (const auto by : rule.interrupted_by())
      if (type::v1::Channel_IsValid(by)) row.interrupted_by |= Bit(static_cast<type::v1::Channel>(by));
  }
}

const pb::DeskRules& Engine::Desks() const { return s_->desks; }

Result<void> Engine::PutDeskRules(const pb::DeskRules& in, const pb::Command& command) {
  if (!command.expected_etag().empty() && command.expected_etag() != s_->desks.etag())
    return errors::Stale("deskRules");
  std::set<std::string> seen;
  for (const auto& reason : in.reasons())
    if (!seen.insert(reason.code()).second)
      return InvalidArgument("REASON_TWICE", "A reason is listed once.",
                             {{"desk_rules.reasons", reason.code() + " twice"}});
  if (Twice(in.channels()))
    return InvalidArgument("CHANNEL_TWICE", "A channel is listed once.",
                           {{"desk_rules.channels", "a channel twice"}});
  auto zone = ZoneOf(in);
  if (!zone)
    return InvalidArgument(zone.error().reason, zone.error().message,
                           {{"desk_rules.time_zone", zone.error().message}});
  s_->desks = in;
  s_->zone = *zone;
  *out_.records.add_transitions()->mutable_desk_rules() = in;
  ReadMatrix();
  RulesChanged(true);
  for (const auto& [id, work] : s_->works)
    if (work->view().has_hold_time()) Arm(*work);
  for (Session* const session : s_->sessions.Each()) {
    const auto before = session->view().reason_limit_time();
    const bool had = session->view().has_reason_limit_time();
    ShowLimit(*session);
    const auto& view = session->view();
    if (had != view.has_reason_limit_time() ||
        (had && FromProto(before) != FromProto(view.reason_limit_time())))
      Touch(*session);
  }
  out_.answer = CopyOf(in);
  return Ok();
}

const pb::NotReadyReason* Engine::ReasonOf(std::string_view code) const {
  for (const auto& reason : s_->desks.reasons())
    if (reason.code() == code) return &reason;
  return nullptr;
}

/// The tenant's day at that moment, days since 1970.
std::int64_t Engine::DayAt(TimePoint at) const {
  return (at + (s_->zone ? Duration{s_->zone->OffsetAt(at)} : Duration{0})).time_since_epoch() / kDay;
}

/// What the agent has spent today on the reason in intervals that are over, microseconds.
std::int64_t Engine::UsedOf(const std::string& agent, const std::string& reason) const {
  const auto day = s_->days.find(agent);
  if (day == s_->days.end() || day->second.day() != DayAt(now_)) return 0;
  const auto used = day->second.used().find(reason);
  return used == day->second.used().end() ? 0 : used->second;
}

/// An interval of NOT_READY is over: the part of it that lies in today counts.
void Engine::CountRest(const Session& session, const std::string& reason, TimePoint since) {
  const auto* rule = ReasonOf(reason);
  if (rule == nullptr || !rule->has_daily_limit()) return;
  const auto today = DayAt(now_);
  const auto offset = s_->zone ? Duration{s_->zone->OffsetAt(now_)} : Duration{0};
  const auto length = now_ - std::max(since, TimePoint{today * kDay - offset});
  auto& day = s_->days[session.agent];
  if (day.day() != today) {
    day.Clear();
    day.set_agent(session.agent);
    day.set_day(today);
  }
  (*day.mutable_used())[reason] += length.count();
  *out_.records.add_transitions()->mutable_agent_day() = day;
}

/// Says at the desk when the limit of the reason will be used up.
void Engine::ShowLimit(Session& session) {
  auto& view = session.view();
  view.clear_reason_limit_time();
  if (view.state() != pb::AgentSession::NOT_READY) return;
  const auto* rule = ReasonOf(view.reason());
  if (rule == nullptr || !rule->has_daily_limit()) return;
  const auto left = FromProto(rule->daily_limit()) - Duration{UsedOf(session.agent, view.reason())};
  *view.mutable_reason_limit_time() = ToProto(FromProto(view.state_time()) + std::max(left, Duration{0}));
}

/// Whether the agent may choose NOT_READY for the reason.
Result<void> Engine::MayRest(const Session& session, const std::string& reason) const {
  if (!s_->desks.reasons().empty()) {
    const auto* rule = ReasonOf(reason);
    if (rule == nullptr)
      return InvalidArgument("REASON_UNKNOWN", "The tenant has no such reason.",
                             {{"reason", "not in the list"}});
    if (rule->set_by() == pb::NotReadyReason::SUPERVISOR)
      return FailedPrecondition("REASON_SUPERVISOR", "A supervisor gives this reason.", {{"reason", reason}});
    if (rule->has_daily_limit() && UsedOf(session.agent, reason) >= FromProto(rule->daily_limit()).count())
      return FailedPrecondition("REASON_LIMIT_USED", "The time for this reason is used up today.",
                                {{"reason", reason}});
  }
  // At work and not about to leave: who chose NOT_READY during a call is not counted.
  const auto stays = [](const Session& other) {
    return other.counted_working && other.view().pending_status() != pb::NOT_READY &&
           other.view().pending_status() != pb::SIGNED_OUT;
  };
  if (!stays(session)) return Ok();
  for (const auto& place : session.places) {
    const Room& room = *place.pool->room;
    if (place.pool != room.plain || room.rules.min_working() == 0) continue;
    const auto left = std::ranges::count_if(s_->sessions.Each(), [&](const Session* other) {
      return other != &session && stays(*other) &&
             std::any_of(other->places.begin(), other->places.end(),
                         [&](const auto& theirs) { return theirs.pool == room.plain; });
    });
    if (left < room.rules.min_working())
      return FailedPrecondition(
          "STAFFING_MINIMUM", "Too few agents of the queue would stay at work.",
          {{"queue", room.rules.name()}, {"minimum", std::to_string(room.rules.min_working())}});
  }
  return Ok();
}

}  // namespace carillon::routing::domain
