#include "ivr/api/api.hpp"
#include "ivr/api/turns.hpp"
#include "ivr/domain/errors.hpp"
#include "ivr/domain/menus.hpp"
#include "ivr/store/flows.hpp"
#include "ivr/store/sessions.hpp"

namespace carillon::ivr::api {
namespace {

struct Standing {
  store::Stored stored;
  v1::ServiceNumber number;
  std::shared_ptr<const Document> document;
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

}  // namespace

Result<v1::SessionStep> SendInput(Call& call, Deps& deps, const v1::SendInputRequest& in) {
  TRY(Standing standing, deps.db.Read(call, [&](pg::Tx& tx) -> Result<Standing> {
    Standing found;
    TRY(found.stored, store::LoadSession(tx, in.session()));
    if (ArrivalOf(found.stored.course, in.sequence()) != Arrival::kCurrent) return found;
    TRY(found.number, store::LoadNumber(tx, found.stored.number));
    TRY(found.document,
        DocumentOf(tx, deps, found.stored.course.session.flow(), found.stored.course.session.flow_version()));
    return found;
  }));
  Course& course = standing.stored.course;
  if (ArrivalOf(course, in.sequence()) != Arrival::kCurrent) return Settled(course, in.sequence());
  TRY(const calendar::TimeZone zone, ZoneOf(standing.number));

  const int path_before = course.session.path_size();
  Turn turn = OpenTurn(call, deps, standing.document, standing.number, zone, course);
  turn.Input(in);
  TRY_VOID(Complete(call, deps, turn, course, standing.number));

  // Not kept as a replay (the step may tell a balance): repeats are known by their sequence.
  std::optional<v1::SessionStep> settled;
  TRY_VOID(deps.db.Write(call, [&](pg::Tx& tx) -> Result<void> {
    settled.reset();
    if (store::SaveSession(tx, course, in.sequence(), path_before)) return Ok();
    TRY(const auto now, store::LoadSession(tx, in.session()));
    if (LeavesInteraction(course, now.course)) {
      v1::CancelInteractionTask task;
      task.set_interaction(course.session.interaction());
      pg::Enqueue(tx, "cancel_interaction", task.interaction(), task);
    }
    TRY(settled, Settled(now.course, in.sequence()));
    return Ok();
  }));
  return settled ? *settled : course.journey.step();
}

}  // namespace carillon::ivr::api
