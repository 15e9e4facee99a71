#include "insight/domain/outcome.hpp"

#include <algorithm>

namespace carillon::insight::domain {

namespace {

pb::Outcome OutboundOutcome(const CallShape& call) {
  if (call.served) return pb::CONNECTED;
  if (call.cause == "ANSWERING_MACHINE") return pb::NOT_REACHED;
  if (call.gone) return pb::ABANDONED;
  if (call.interaction_named) return pb::OUTCOME_UNSPECIFIED;
  if (call.picked_up) return pb::ABANDONED;
  return call.dialled ? pb::NOT_REACHED : pb::NOT_DIALLED;
}

}  // namespace

pb::Outcome OutcomeOf(const CallShape& call) {
  if (!call.over || call.waiting) return pb::OUTCOME_UNSPECIFIED;
  if (call.outbound) return OutboundOutcome(call);
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
  if (outcome == pb::OUTCOME_UNSPECIFIED) return "undecided";
  std::string word = pb::Outcome_Name(outcome);
  std::transform(word.begin(), word.end(), word.begin(),
                 [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; });
  return word;
}

}  // namespace carillon::insight::domain
