#pragma once
#include <array>
#include <string>

#include "carillon/insight/v1/fact.pb.h"

/// Where a call ended.
namespace carillon::insight::domain {

namespace pb = carillon::insight::v1;

/// What is known of a call from its own facts and those that name it.
struct CallShape {
  bool over = false;               ///< the line is free
  std::string cause;               ///< the switch's word
  bool session_named = false;      ///< the call says that it reached the menu
  bool interaction_named = false;  ///< the call says that an agent was asked for
  std::string session_result;      ///< of its session's facts; empty = none, or still going on
  bool served = false;             ///< an interaction was had by an agent
  bool gone = false;               ///< an interaction ended without
  bool waiting = false;            ///< an interaction has not ended
  bool outbound = false;           ///< we made it
  bool dialled = false;            ///< outbound: the customer was rung
  bool picked_up = false;          ///< outbound: the customer's line answered
};

/// The outcomes of customers' calls, and those of outbound ones, in the order of reports.
inline constexpr std::array kInboundOutcomes{pb::SELF_SERVED, pb::ANSWERED, pb::ABANDONED, pb::PHANTOM,
                                             pb::INVALID};
inline constexpr std::array kOutboundOutcomes{pb::CONNECTED, pb::ABANDONED, pb::NOT_REACHED, pb::NOT_DIALLED};

/// Exactly one outcome for a call that is over; UNSPECIFIED while it is not, or while something it names has
/// not arrived.
pb::Outcome OutcomeOf(const CallShape& call);

/// The outcome's name in lower case; undecided.
std::string OutcomeWord(pb::Outcome outcome);

}  // namespace carillon::insight::domain
