#include "workorder/domain/states.hpp"

#include <algorithm>
#include <array>

namespace carillon::workorder::domain {
namespace {

using State = pb::WorkOrder;

constexpr std::array kActionNames{"CREATE",   "UPDATE",     "ANSWER",      "DISPATCH", "ACCEPT",  "RETURN",
                                  "SUSPEND",  "RESUME",     "COMPLETE",    "REPLY",    "REVISIT", "CANCEL",
                                  "ESCALATE", "PRIORITIZE", "FORCE_CLOSE", "CONVERT",  "REJECT",  "OVERDUE"};
static_assert(kActionNames.size() == static_cast<std::size_t>(Action::kOverdue) + 1);

}  // namespace

std::string_view ActionName(Action action) { return kActionNames.at(static_cast<std::size_t>(action)); }

bool IsOpen(pb::WorkOrder::State state) {
  return state != State::STATE_UNSPECIFIED && state != State::CLOSED && state != State::CANCELLED &&
         state != State::CONVERTED && state != State::REJECTED;
}

bool Allows(pb::WorkOrder::State state, Action action) {
  const auto in = [state](std::initializer_list<pb::WorkOrder::State> states) {
    return std::find(states.begin(), states.end(), state) != states.end();
  };
  switch (action) {
    case Action::kCreate:
      return state == State::STATE_UNSPECIFIED;
    case Action::kAnswer:
      return in({State::ACCEPTED});
    case Action::kDispatch:
      return in({State::ACCEPTED, State::RETURNED, State::DISPATCHED, State::REOPENED});
    case Action::kAccept:
      return in({State::DISPATCHED, State::REOPENED});
    case Action::kReturn:
      return in({State::DISPATCHED});
    case Action::kSuspend:
      return in({State::IN_PROGRESS});
    case Action::kResume:
      return in({State::SUSPENDED});
    case Action::kComplete:
      return in({State::IN_PROGRESS});
    case Action::kRevisit:
      return in({State::REVISIT_PENDING});
    case Action::kCancel:
      return in({State::DRAFT, State::ACCEPTED});
    case Action::kConvert:
    case Action::kReject:
      return in({State::DISPATCHED, State::IN_PROGRESS});
    case Action::kUpdate:
    case Action::kReply:
    case Action::kEscalate:
    case Action::kPrioritize:
    case Action::kForceClose:
    case Action::kOverdue:
      return IsOpen(state);
  }
  return false;
}

std::string_view TmfState(const pb::WorkOrder& order) {
  switch (order.state()) {
    case State::DRAFT:
    case State::ACCEPTED:
    case State::DISPATCHED:
    case State::RETURNED:
      return "acknowledged";
    case State::IN_PROGRESS:
    case State::REOPENED:
      return "inProgress";
    case State::SUSPENDED:
      return order.suspend_reason() == pb::WAITING_CUSTOMER ? "pending" : "held";
    case State::COMPLETED:
    case State::REVISIT_PENDING:
      return "resolved";
    case State::CLOSED:
    case State::CONVERTED:
      return "closed";
    case State::CANCELLED:
      return "cancelled";
    case State::REJECTED:
      return "rejected";
    default:
      return "";
  }
}

}  // namespace carillon::workorder::domain
