#include "insight/domain/outcome.hpp"

namespace carillon::insight::domain {

pb::Outcome OutcomeOf(const CallShape& call) {
  if (!call.over || call.waiting) return pb::OUTCOME_UNSPECIFIED;
  if (call.served) return pb::ANSWERED;
  if (call.gone) return pb::ABANDONED;
  if (call.interaction_named) return pb::OUTCOME_UNSPECIFIED;
  if (call.session_result == "SELF_SERVED") return pb::SELF_SERVED;
  if (call.session_result == "ABANDONED") return pb::PHANTOM;
  if (call.session_result == "INVALID" || call.session_result == "ERROR") return pb::INVALID;
  if (call.session_named || !call.session_result.empty()) return pb::OUTCOME_UNSPECIFIED;
  return call.cause == "CUSTOMER_HUNG_UP" ? pb::PHANTOM : pb::INVALID;
}

std::string OutcomeWord(pb::Outcome outcome) {
  switch (outcome) {
    case pb::SELF_SERVED:
      return "self_served";
    case pb::ANSWERED:
      return "answered";
    case pb::ABANDONED:
      return "abandoned";
    case pb::PHANTOM:
      return "phantom";
    case pb::INVALID:
      return "invalid";
    default:
      return "undecided";
  }
}

}  // namespace carillon::insight::domain
