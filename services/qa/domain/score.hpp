#pragma once
#include <string>

#include "base/clock.hpp"
#include "base/result.hpp"
#include "carillon/qa/v1/qa.pb.h"

/// How a conversation is judged, and the life of its judgement.
namespace carillon::qa::domain {

namespace pb = carillon::qa::v1;

/// Who acts, and when.
struct Actor {
  std::string user;  ///< users/{uuid}
  TimePoint now;
};

/// What an evaluator hands in.
struct Judgement {
  google::protobuf::RepeatedPtrField<pb::Evaluation::Answer> answers;
  google::protobuf::RepeatedPtrField<std::string> vetoes;
  std::string comment;
};

/// Scores an evaluation by its revision's content, in whole numbers: an item earns weight × percent of its
/// level, a section and the form earned ÷ possible over the items that apply, in hundredths, rounded half up
/// once; a bonus adds to what is earned only; a veto makes the total 0. EVALUATION_STATE, EVALUATOR_IS_AGENT,
/// ANSWERS_INVALID.
Result<pb::Evaluation> Scored(const pb::Evaluation& before, const pb::ScorecardContent& content,
                              const Judgement& judgement, const Actor& actor);
/// EVALUATION_STATE.
Result<pb::Evaluation> Published(const pb::Evaluation& before, TimePoint now);
/// EVALUATION_NOT_YOURS, EVALUATION_STATE.
Result<pb::Evaluation> Acknowledged(const pb::Evaluation& before, const std::string& comment,
                                    const Actor& actor);

/// `agents/{uuid}` and `users/{uuid}` are the same person.
bool IsAgent(const pb::Evaluation& evaluation, std::string_view user);
/// True when `after` has vetoes and they are not those of `before`.
bool HasNewVeto(const pb::Evaluation& before, const pb::Evaluation& after);
/// What a hold suggests: nothing up to 15 s without a word, MINOR up to 60 s, then MAJOR (domain qa.md §6,
/// D4).
pb::Evaluation::Level HoldHint(Duration hold);

}  // namespace carillon::qa::domain
