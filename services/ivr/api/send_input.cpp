#include "ivr/api/api.hpp"
#include "ivr/api/turns.hpp"
#include "ivr/domain/errors.hpp"
#include "ivr/domain/menus.hpp"
#include "ivr/store/flows.hpp"
#include "ivr/store/sessions.hpp"

namespace carillon::ivr::api {
namespace {

/// A turn and what it stands on.
struct Standing {
  store::Stored stored;
  std::shared_ptr<const v1::ServiceNumber> number;
  std::shared_ptr<const Document> document;
  std::unique_ptr<Turn> turn;
  std::optional<Ask> first;  ///< the question it began with
};

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

/// Saves the finished turn of a session that is locked and stands where the turn began.
Result<v1::SessionStep> Saved(pg::Tx& tx, Standing& standing, const v1::SendInputRequest& in) {
  Course& course = standing.stored.course;
  TRY_VOID(TakeFromLibrary(tx, course, *standing.number));
  store::SaveSession(tx, course, in.sequence());
  return course.journey.step();
}

/// The same of a turn that asked others and left the session meanwhile: what another led to that was quicker.
Result<v1::SessionStep> SavedLate(pg::Tx& tx, Standing& standing, const v1::SendInputRequest& in) {
  TRY(const auto now, store::LockSession(tx, in.session()));
  if (ArrivalOf(now.course, in.sequence()) == Arrival::kCurrent) return Saved(tx, standing, in);
  const Course& lost = standing.stored.course;
  if (LeavesInteraction(lost, now.course)) {
    v1::CancelInteractionTask task;
    task.set_interaction(lost.session.interaction());
    pg::Enqueue(tx, "cancel_interaction", task.interaction(), task);
  }
  return Settled(now.course, in.sequence());
}

}  // namespace

Result<v1::SessionStep> SendInput(Call& call, Deps& deps, const v1::SendInputRequest& in) {
  // Not kept as a replay (the step may tell a balance): repeats are known by their sequence.
  using Step = std::optional<v1::SessionStep>;
  // A key that nobody else is asked about is one transaction of two round trips: locked and read; saved. Two
  // keys of one session wait for each other.
  std::unique_ptr<Standing> standing;
  TRY(const Step answered, deps.db.Write(call, [&](pg::Tx& tx) -> Result<Step> {
    standing = std::make_unique<Standing>();
    TRY(standing->stored, store::LockSession(tx, in.session()));
    Course& course = standing->stored.course;
    if (ArrivalOf(course, in.sequence()) != Arrival::kCurrent) {
      TRY(const auto settled, Settled(course, in.sequence()));
      return Step(settled);
    }
    TRY(standing->number, NumberOf(tx, deps, standing->stored.number, standing->stored.number_etag));
    TRY(standing->document, DocumentOf(tx, deps, course.session.flow(), course.session.flow_version()));
    TRY(const calendar::TimeZone zone, ZoneOf(*standing->number));
    standing->turn.reset(new Turn(OpenTurn(call, deps, standing->document, *standing->number, zone, course)));
    standing->turn->Input(in);
    standing->first = standing->turn->Next();
    if (standing->first) return Step();
    Finish(*standing->turn, course);
    TRY(const auto saved, Saved(tx, *standing, in));
    return Step(saved);
  }));
  if (answered) return *answered;

  TRY_VOID(
      AskOthers(call, deps, *standing->turn, standing->stored.course, *standing->number, standing->first));
  Finish(*standing->turn, standing->stored.course);
  TRY(const Step saved, deps.db.Write(call, [&](pg::Tx& tx) -> Result<Step> {
    // Write may run this again: what is saved the first time has its whole path.
    Standing again = {standing->stored, standing->number, standing->document, nullptr, {}};
    TRY(const auto step, SavedLate(tx, again, in));
    return Step(step);
  }));
  return *saved;
}

}  // namespace carillon::ivr::api
