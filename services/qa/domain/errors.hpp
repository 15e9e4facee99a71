#pragma once
#include "base/result.hpp"
#include "carillon/qa/v1/qa.pb.h"

/// Every reason this service gives; the comments of the .proto quote them.
namespace carillon::qa::errors {

namespace pb = carillon::qa::v1;

inline Error UnknownScorecard(const std::string& name) {
  return NotFound("SCORECARD_UNKNOWN", "no such scorecard", {{"name", name}});
}
inline Error UnknownRevision(const std::string& name) {
  return NotFound("SCORECARD_REVISION_UNKNOWN", "no such revision of a scorecard", {{"name", name}});
}
inline Error ScorecardExists(const std::string& code) {
  return AlreadyExists("SCORECARD_EXISTS", "the client has a scorecard with this code", {{"code", code}});
}
inline Error TemplateMisplaced(const std::string& why) {
  return InvalidArgument("TEMPLATE_MISPLACED", "this template cannot be used here", {{"template", why}});
}
inline Error ScorecardInvalid(std::vector<Violation> violations) {
  return InvalidArgument("SCORECARD_INVALID", "the scorecard contradicts itself", std::move(violations));
}
inline Error NoDraft(const std::string& name) {
  return FailedPrecondition("SCORECARD_NO_DRAFT", "the scorecard has no draft to activate", {{"name", name}});
}
inline Error ScorecardIncomplete(int weight) {
  return FailedPrecondition("SCORECARD_INCOMPLETE", "the weights of its items do not add up to 100",
                            {{"weight", std::to_string(weight)}});
}
inline Error ScorecardNotActive(const std::string& name) {
  return FailedPrecondition("SCORECARD_NOT_ACTIVE", "a scorecard of the plan has no active revision",
                            {{"scorecard", name}});
}
inline Error ClientRequired() {
  return InvalidArgument("CLIENT_REQUIRED", "the caller serves several clients and names none",
                         {{"client", "is required"}});
}
inline Error UnknownPlan(const std::string& name) {
  return NotFound("SAMPLE_PLAN_UNKNOWN", "no such sample plan", {{"name", name}});
}
inline Error UnknownAgent(const std::string& agent) {
  return NotFound("SAMPLE_PLAN_AGENT_UNKNOWN", "the agent is not in the plan", {{"agent", agent}});
}
inline Error PlanInvalid(std::vector<Violation> violations) {
  return InvalidArgument("SAMPLE_PLAN_INVALID", "the plan contradicts itself", std::move(violations));
}
inline Error PlanState(const pb::SamplePlan& plan) {
  return FailedPrecondition("SAMPLE_PLAN_STATE", "this is not possible in the plan's state",
                            {{"state", pb::SamplePlan::State_Name(plan.state())}});
}
inline Error Unpublished(int count) {
  return FailedPrecondition("EVALUATIONS_UNPUBLISHED", "agents have not seen all judgements of the plan",
                            {{"count", std::to_string(count)}});
}
inline Error UnknownEvaluation(const std::string& name) {
  return NotFound("EVALUATION_UNKNOWN", "no such evaluation", {{"name", name}});
}
inline Error EvaluationState(const pb::Evaluation& evaluation) {
  return FailedPrecondition("EVALUATION_STATE", "this is not possible in the evaluation's state",
                            {{"state", pb::Evaluation::State_Name(evaluation.state())}});
}
inline Error EvaluatorIsAgent() {
  return FailedPrecondition("EVALUATOR_IS_AGENT", "nobody judges the own conversations");
}
inline Error NotYours() {
  return PermissionDenied("EVALUATION_NOT_YOURS", "only the agent who was judged may say so");
}
inline Error AnswersInvalid(std::vector<Violation> violations) {
  return InvalidArgument("ANSWERS_INVALID", "the answers do not fit the scorecard", std::move(violations));
}
inline Error SpanInvalid() {
  return InvalidArgument("SPAN_INVALID", "the span ends before it begins",
                         {{"end_time", "is before start_time"}});
}

}  // namespace carillon::qa::errors
