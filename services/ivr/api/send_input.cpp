#include "ivr/api/api.hpp"
#include "ivr/api/turns.hpp"
#include "ivr/domain/errors.hpp"
#include "ivr/domain/menus.hpp"
#include "ivr/store/sessions.hpp"

namespace carillon::ivr::api {
namespace {

/// The answer to an input that is not for the current step.
Result<v1::SessionStep> Settled(const Course& course, std::int64_t sequence) {
  if (ArrivalOf(course, sequence) == Arrival::kStale) {
    return errors::SequenceStale(sequence, course.session.version());
  }
  return course.journey.step();
}

/// The turn that another one overtook handed its caller to a queue: that interaction has no caller any more.
/// The ids of a turn taken twice are the same, so only the end of the call can have come between.
bool LeavesInteraction(const Course& lost, const Course& kept) {
  return !lost.session.interaction().empty() && kept.session.interaction() != lost.session.interaction();
}

/// The frame of what several calls want at once: nobody waits beyond any of their deadlines.
template <class Item>
Call FrameOf(const Call& call, const std::vector<Item*>& items) {
  Call frame = call;
  for (const Item* const item : items) frame.deadline = std::min(frame.deadline, item->deadline);
  return frame;
}

Result<void> Read(const Call& call, Deps& deps, const std::vector<Reading*>& readings) {
  std::vector<std::string> names;
  for (const Reading* const each : readings) names.push_back(each->session);
  return deps.db.Read(call, [&](pg::Tx& tx) -> Result<void> {
    const auto found = store::SessionsOf(tx, names);
    for (Reading* const each : readings) {
      const auto one = found.find(each->session);
      each->found =
          one == found.end() ? Result<store::Stored>(errors::SessionUnknown(each->session)) : one->second;
    }
    return Ok();
  });
}

/// The session as a turn finds it, read together with those of others who wait.
Result<store::Stored> Found(const Call& call, Deps& deps, const std::string& name) {
  Reading mine{name, call.deadline, {}};
  deps.readings.Join(call.principal.tenant, mine, [&](const std::vector<Reading*>& readings) {
    (void)Read(FrameOf(call, readings), deps, readings).has_value();  // else each tries by itself
  });
  if (!mine.found) TRY_VOID(Read(call, deps, {&mine}));
  TRY(store::Stored stored, *std::move(mine.found));
  if (stored.course.session.state() == v1::Session::ACTIVE && !stored.course.journey.has_kept_steps()) {
    TRY(stored.course.kept_steps,
        deps.db.Read(call, [&](pg::Tx& tx) -> Result<int> { return store::CountPath(tx, name); }));
  }
  return stored;
}

/// Whether the turn was saved, together with those of others who wait. False where the session did not stand
/// any more where it began, and for what goes wrong: SavedAlone says what.
bool SavedTogether(const Call& call, Deps& deps, const Course& course, std::int64_t from_version) {
  Saving mine{&course, from_version, call.deadline};
  deps.savings.Join(call.principal.tenant, mine, [&](const std::vector<Saving*>& savings) {
    std::map<std::string, Saving*> first;  // a session's second turn in a round comes too late
    std::vector<store::Kept> turns;
    for (Saving* const each : savings) {
      if (first.emplace(each->course->session.name(), each).second)
        turns.push_back({each->course, each->from_version});
    }
    const auto saved = deps.db.Write(
        FrameOf(call, savings),
        [&](pg::Tx& tx) -> Result<std::set<std::string>> { return store::SaveTurns(tx, turns); });
    if (!saved) return;
    for (const std::string& name : *saved) first.at(name)->saved = true;
  });
  return mine.saved;
}

/// The same in a transaction of its own, with what ends a session; or what another turn led to that was
/// quicker.
Result<v1::SessionStep> SavedAlone(pg::Tx& tx, Course& course, const v1::ServiceNumber& number,
                                   const v1::SendInputRequest& in) {
  TRY(const auto now, store::LockSession(tx, in.session()));
  if (ArrivalOf(now.course, in.sequence()) == Arrival::kCurrent) {
    TRY_VOID(TakeFromLibrary(tx, course, number));
    store::SaveSession(tx, course, in.sequence());
    return course.journey.step();
  }
  if (LeavesInteraction(course, now.course)) {
    v1::CancelInteractionTask task;
    task.set_interaction(course.session.interaction());
    pg::Enqueue(tx, "cancel_interaction", task.interaction(), task);
  }
  return Settled(now.course, in.sequence());
}

}  // namespace

Result<v1::SessionStep> SendInput(Call& call, Deps& deps, const v1::SendInputRequest& in) {
  // Not kept as a replay (the step may tell a balance): repeats are known by their sequence.
  TRY(store::Stored stored, Found(call, deps, in.session()));
  Course& course = stored.course;
  if (ArrivalOf(course, in.sequence()) != Arrival::kCurrent) return Settled(course, in.sequence());
  TRY(const auto playing, PlayingOf(call, deps, stored));
  const v1::ServiceNumber& number = *playing.number;
  TRY(const calendar::TimeZone zone, ZoneOf(number));
  Turn turn = OpenTurn(call, deps, playing.document, number, zone, course);
  turn.Input(in);
  TRY_VOID(AskOthers(call, deps, turn, course, number));
  Finish(turn, course);

  if (course.session.state() == v1::Session::ACTIVE && CodesOf(course).empty() &&
      SavedTogether(call, deps, course, in.sequence()))
    return course.journey.step();
  using Step = std::optional<v1::SessionStep>;  // no message, which Write would keep as a replay
  TRY(const Step saved, deps.db.Write(call, [&](pg::Tx& tx) -> Result<Step> {
    // Write may run this again: what is saved the first time has its whole path.
    Course again = course;
    TRY(const auto step, SavedAlone(tx, again, number, in));
    return Step(step);
  }));
  return *saved;
}

}  // namespace carillon::ivr::api
