#include <algorithm>

#include "base/ids.hpp"
#include "routing/domain/errors.hpp"
#include "routing/domain/state.hpp"

/// How long work waits, how long it may, and what becomes of it then.
namespace carillon::routing::domain {
namespace {

constexpr std::int64_t kFirstGuess = 180'000'000;  // handling time before the first was seen, microseconds
constexpr std::int64_t kMedian = 1000;             // thousandths of the expected wait before any was learnt
constexpr std::int64_t kHigh = 2000;
constexpr std::int64_t kLearning = 25;  // a wait moves the figures by one part in so many
constexpr std::int64_t kStep = 10'000'000;
constexpr Duration kLatestCallback = std::chrono::days{3};

std::int64_t MedianOf(const pb::QueueFigures& figures) {
  return figures.wait_median() == 0 ? kMedian : figures.wait_median();
}
std::int64_t HighOf(const pb::QueueFigures& figures) {
  return std::max(MedianOf(figures), figures.wait_high() == 0 ? kHigh : figures.wait_high());
}

/// One step of a quantile learnt from a stream: up by its share when the value was above it, down by the rest
/// when below, so that it rests where `share` of ten values are below.
std::int64_t Learnt(std::int64_t quantile, std::int64_t value, std::int64_t share) {
  const std::int64_t step = std::max<std::int64_t>(quantile / kLearning, 1);
  return std::clamp<std::int64_t>(quantile + (value > quantile ? step * share : -step * (10 - share)) / 10,
                                  50, 50'000);
}

Duration Rounded(std::int64_t wait) { return Duration{(wait + kStep - 1) / kStep * kStep}; }

}  // namespace

/// Those before it and itself, each a handling time, shared by the agents at work; microseconds.
std::int64_t Engine::ExpectedWait(const Room& room, std::int64_t position) const {
  if (position <= 0) return 0;
  const auto handle = room.figures.handle_time() == 0 ? kFirstGuess : room.figures.handle_time();
  return position * handle / std::max(1, room.plain->working);
}

/// What half, and nine of ten, wait less than, by what was learnt in this queue.
std::pair<Duration, Duration> Engine::EstimateFor(const Room& room, std::int64_t position) const {
  const auto expected = ExpectedWait(room, position);
  return {Rounded(expected * MedianOf(room.figures) / 1000), Rounded(expected * HighOf(room.figures) / 1000)};
}

/// A wait is over. One that the customer ended tells only that it would have been longer.
void Engine::LearnWait(const Work& work, bool answered) {
  if (work.record.expected_wait() <= 0 || work.view().channel() == carillon::type::v1::CALLBACK) return;
  auto& figures = work.room->figures;
  const auto waited =
      (now_ - FromProto(work.view().queue_time())).count() * 1000 / work.record.expected_wait();
  const auto median = MedianOf(figures);
  const auto high = HighOf(figures);
  if (answered || waited > median) figures.set_wait_median(Learnt(median, waited, 5));
  if (answered || waited > high) figures.set_wait_high(Learnt(high, waited, 9));
  TouchFigures(*work.room);
}

/// Where new work for this queue is put: another when the queue says so. The error when nobody takes it.
Result<Engine::Room*> Engine::Entrance(Room& asked) const {
  Room* room = &asked;
  std::optional<Error> refusal;
  for (std::set<const Room*> tried; tried.insert(room).second;) {
    const auto& queue = room->rules;
    const bool hours = room->hours && !room->hours->IsOpen(now_);
    const bool full =
        queue.max_length() > 0 && room->line.size() + static_cast<std::size_t>(room->reserved) >=
                                      static_cast<std::size_t>(queue.max_length());
    if (!queue.closed() && !hours && !full) return room;
    const auto& target = queue.closed() || hours ? queue.closed_target() : queue.full_target();
    if (!refusal) {
      refusal = queue.closed() || hours
                    ? FailedPrecondition("QUEUE_CLOSED", "The queue takes no new work now.")
                    : ResourceExhausted("QUEUE_FULL", "The queue is full.");
      refusal->metadata["queue"] = queue.name();
      if (!queue.closed() && hours) refusal->metadata["opens"] = FormatRfc3339(room->hours->NextOpen(now_));
    }
    if (target.kind() == pb::Queue::Target::QUEUE) {
      Room* const next = s_->RoomOf(IdPart(target.queue()));
      if (next == nullptr) break;
      room = next;
      continue;
    }
    if (target.kind() != pb::Queue::Target::KIND_UNSPECIFIED) {
      refusal->metadata["target"] = pb::Queue::Target::Kind_Name(target.kind());
      if (!target.flow().empty()) refusal->metadata["flow"] = target.flow();
    }
    break;
  }
  return *refusal;
}

/// When the work has waited too long, and what for; nullopt = it may wait for ever.
std::optional<TimePoint> Engine::WaitEnds(const Work& work) const {
  const auto& queue = RulesOf(work);
  if (!queue.has_max_wait() || work.view().channel() == carillon::type::v1::CALLBACK ||
      IsAdvice(work.view()) || !MayDivert(work, queue.max_wait_target()))
    return std::nullopt;
  return FromProto(work.view().queue_time()) + FromProto(queue.max_wait());
}

/// When somebody has to look whether agents of the queue are at work.
std::optional<TimePoint> Engine::NextLookForAgents(const Work& work) const {
  const auto& queue = RulesOf(work);
  if (!queue.has_max_wait_no_agent() || work.view().channel() == carillon::type::v1::CALLBACK ||
      IsAdvice(work.view()) || !MayDivert(work, queue.no_agent_target()))
    return std::nullopt;
  // At least a second between two looks.
  return std::max(FromProto(work.view().queue_time()), At(work.record.agent_seen())) +
         std::max(FromProto(queue.max_wait_no_agent()), Duration{std::chrono::seconds{1}});
}

/// False for a target that would do nothing: no number to call back, a queue the work has left before.
bool Engine::MayDivert(const Work& work, const pb::Queue::Target& target) const {
  switch (target.kind()) {
    case pb::Queue::Target::QUEUE: {
      const auto id = IdPart(target.queue());
      const auto& left = work.record.left_queues();
      return id != work.room->id && s_->RoomOf(id) != nullptr &&
             std::find(left.begin(), left.end(), id) == left.end();
    }
    case pb::Queue::Target::CALLBACK:
      return !work.view().calling_number().empty();
    case pb::Queue::Target::HANG_UP:
      return true;
    default:
      return false;
  }
}

void Engine::Divert(Work& work, const pb::Queue::Target& target, const char* cause) {
  switch (target.kind()) {
    case pb::Queue::Target::QUEUE:
      MoveTo(work, *s_->RoomOf(IdPart(target.queue())));
      return;
    case pb::Queue::Target::CALLBACK:
      BookCallback(work, std::nullopt);
      return;
    default:
      CountGone(work, false);
      OweRelease(work, cause);
      work.view().set_end_party("SYSTEM");
      work.view().set_end_cause(cause);
      Finish(work, pb::Interaction::CANCELED);
  }
}

/// Into another queue, at the place its arrival gives it there. Steps of the old queue are forgotten.
void Engine::MoveTo(Work& work, Room& to) {
  CountGone(work, false);
  LeaveLine(work);
  LeaveHome(work);
  TouchQueue(work.room->id);
  auto& record = work.record;
  record.add_left_queues(work.room->id);
  record.set_steps(0);
  record.set_rings(0);
  record.set_criteria_expired(0);
  record.set_levels_lowered(0);
  record.clear_added_queues();
  record.clear_dropped_skills();
  record.set_agent_seen(0);
  record.set_expected_wait(0);
  work.room = &to;
  auto& view = work.view();
  view.set_queue(to.rules.name());
  view.set_overflow_steps(0);
  *view.mutable_update_time() = ToProto(now_);
  to.figures.set_offered(to.figures.offered() + 1);
  TouchFigures(to);
  DropSkillsOfFirstRing(work);
  Enqueue(work);
  Note(work, pb::Decision::MOVED, "step");
  Tell<pb::InteractionOverflowed>(work);
  Seek(work, "step");
}

void Engine::DropSkillsOfFirstRing(Work& work) {
  const auto& rings = RulesOf(work).rings();
  if (rings.empty()) return;
  for (const auto& skill : rings[0].drop_skills()) work.record.add_dropped_skills(std::string(IdPart(skill)));
}

/// The customer hangs up and is called: at the place of the work, or not before `at`.
void Engine::BookCallback(Work& work, std::optional<TimePoint> at) {
  CountGone(work, false);
  LeaveLine(work);
  auto& view = work.view();
  view.set_channel(carillon::type::v1::CALLBACK);
  LeaveHome(work);
  view.set_direction(pb::Interaction::OUTBOUND);
  view.clear_call();
  if (at) *view.mutable_callback_time() = ToProto(*at);
  work.record.set_dormant(at && *at > now_);
  *view.mutable_update_time() = ToProto(now_);
  Remember(work);
  Enqueue(work);
  Note(work, pb::Decision::CALLBACK_BOOKED, "work");
  Tell<pb::InteractionCallbackBooked>(work);
  if (work.record.dormant())
    Arm(work);
  else
    Seek(work, "work");
}

/// The time of a callback has come.
void Engine::Wake(Work& work) {
  work.record.set_dormant(false);
  --work.room->dormant;
  Enqueue(work);
  Note(work, pb::Decision::CALLBACK_DUE, "step");
  Seek(work, "step");
}

namespace {
/// By whom a callback is found when the customer calls again.
std::string CallerOf(const pb::Interaction& view) {
  return view.customer().empty() ? "tel:" + view.calling_number() : view.customer();
}
}  // namespace

void Engine::Remember(Work& work) { s_->callbacks[CallerOf(work.view())].insert(&work); }

void Engine::Forget(Work& work) {
  const auto found = s_->callbacks.find(CallerOf(work.view()));
  if (found == s_->callbacks.end()) return;
  found->second.erase(&work);
  if (found->second.empty()) s_->callbacks.erase(found);
}

/// The callback that waits for the customer of this new work; nullptr = none.
Engine::Work* Engine::CallbackFor(const pb::Interaction& view) const {
  if (view.direction() != pb::Interaction::INBOUND || view.channel() == carillon::type::v1::CALLBACK ||
      !view.parent().empty())
    return nullptr;
  for (const auto& key : {view.customer(), "tel:" + view.calling_number()}) {
    if (key.empty() || key == "tel:") continue;
    const auto found = s_->callbacks.find(key);
    if (found == s_->callbacks.end()) continue;
    for (Work* work : found->second)
      if (work->view().state() == pb::Interaction::QUEUED) return work;
  }
  return nullptr;
}

Result<void> Engine::CheckCallbackTime(const pb::Interaction& view) const {
  if (view.has_callback_time() && FromProto(view.callback_time()) > now_ + kLatestCallback)
    return InvalidArgument("CALLBACK_TIME", "A callback is promised for at most three days ahead.",
                           {{"callback_time", "at most three days from now"}});
  return Ok();
}

Result<void> Engine::RequestCallback(const pb::CallbackCommand& in) {
  TRY(Work* const found, WorkOf(in.interaction()));
  Work& work = *found;
  auto& view = work.view();
  if (view.state() == pb::Interaction::QUEUED && view.channel() == carillon::type::v1::CALLBACK) {
    out_.answer = CopyOf(*FindInteraction(work.id));
    return Ok();
  }
  if (view.state() != pb::Interaction::QUEUED || IsAdvice(view))
    return FailedPrecondition("INTERACTION_NOT_WAITING", "Only work that waits can become a callback.",
                              {{"state", pb::Interaction::State_Name(view.state())}});
  if (in.phone_number().empty() && view.calling_number().empty())
    return InvalidArgument("CALLBACK_NUMBER_MISSING", "There is no number to call.",
                           {{"phone_number", "the work has no calling number"}});
  pb::Interaction wanted;
  if (in.has_time()) *wanted.mutable_callback_time() = in.time();
  TRY_VOID(CheckCallbackTime(wanted));
  if (!in.phone_number().empty()) view.set_calling_number(in.phone_number());
  BookCallback(work, in.has_time() ? std::optional(FromProto(in.time())) : std::nullopt);
  out_.answer = CopyOf(*FindInteraction(work.id));
  return Ok();
}

}  // namespace carillon::routing::domain
