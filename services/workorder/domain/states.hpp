#pragma once
#include <string_view>
#include <vector>

#include "carillon/workorder/v1/work_order.pb.h"

/// The states of an order and what leads from one to another.
namespace carillon::workorder::domain {

namespace pb = carillon::workorder::v1;

/// What somebody does to an order; ActionName() is the word in its history.
enum class Action {
  kCreate,
  kUpdate,
  kAnswer,
  kDispatch,
  kAccept,
  kReturn,
  kSuspend,
  kResume,
  kComplete,
  kReply,
  kRevisit,
  kCancel,
  kEscalate,
  kPrioritize,
  kForceClose,
  kConvert,
  kReject,
  kOverdue,
};

std::string_view ActionName(Action action);

/// Whether `action` is possible in `state`. The whole state machine; everything else asks here.
bool Allows(pb::WorkOrder::State state, Action action);

/// Not CLOSED, CANCELLED, CONVERTED or REJECTED.
bool IsOpen(pb::WorkOrder::State state);

/// TMF621's word for where the order stands.
std::string_view TmfState(const pb::WorkOrder& order);

}  // namespace carillon::workorder::domain
