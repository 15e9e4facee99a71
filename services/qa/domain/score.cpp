#include "qa/domain/score.hpp"

#include <algorithm>
#include <chrono>
#include <map>
#include <set>

#include "base/proto_time.hpp"
#include "qa/domain/errors.hpp"

namespace carillon::qa::domain {
namespace {

using Item = pb::ScorecardContent::Item;
using Level = pb::Evaluation::Level;

constexpr int kExcellent = 9500;
constexpr int kGood = 8500;
constexpr int kPassWithCoaching = 7500;

int PercentOf(Level level, const pb::ScorecardContent& content) {
  switch (level) {
    case pb::Evaluation::FULL:
      return 100;
    case pb::Evaluation::MINOR:
      return content.minor_percent();
    case pb::Evaluation::MAJOR:
      return content.major_percent();
    default:
      return 0;
  }
}

/// Points in hundredths: what was earned and what could be.
struct Points {
  std::int64_t earned = 0;
  std::int64_t possible = 0;
  void Add(const Item& item, Level level, const pb::ScorecardContent& content) {
    if (level == pb::Evaluation::NOT_APPLICABLE) return;
    earned += std::int64_t{item.weight()} * PercentOf(level, content);
    if (!item.bonus()) possible += std::int64_t{item.weight()} * 100;
  }
  /// Hundredths of a percent, rounded half up; only when something was possible.
  int Share() const {
    return static_cast<int>((std::min(earned, possible) * 20'000 + possible) / (2 * possible));
  }
};

pb::Evaluation::Grade GradeOf(int total) {
  if (total >= kExcellent) return pb::Evaluation::EXCELLENT;
  if (total >= kGood) return pb::Evaluation::GOOD;
  return total >= kPassWithCoaching ? pb::Evaluation::PASS_WITH_COACHING : pb::Evaluation::FAIL;
}

/// The level of each item; ANSWERS_INVALID unless every item has exactly one that it may have.
Result<std::map<std::string, Level>> LevelsOf(const pb::ScorecardContent& content,
                                              const Judgement& judgement) {
  std::map<std::string, const Item*> items;
  for (const auto& section : content.sections()) {
    for (const auto& item : section.items()) items[item.code()] = &item;
  }
  std::vector<Violation> wrong;
  std::map<std::string, Level> levels;
  for (int i = 0; i < judgement.answers.size(); ++i) {
    const auto& answer = judgement.answers[i];
    const auto path = "answers[" + std::to_string(i) + "]";
    const auto item = items.find(answer.item());
    if (item == items.end()) {
      wrong.push_back({path + ".item", answer.item() + " is not on the scorecard"});
    } else if (!levels.emplace(answer.item(), answer.level()).second) {
      wrong.push_back({path + ".item", answer.item() + " is answered twice"});
    } else if (answer.level() == pb::Evaluation::NOT_APPLICABLE && !item->second->not_applicable_allowed()) {
      wrong.push_back({path + ".level", answer.item() + " always applies"});
    }
  }
  for (const auto& [code, item] : items) {
    if (!levels.contains(code)) wrong.push_back({"answers", code + " is not answered"});
  }
  std::set<std::string> vetoes;
  for (const auto& veto : content.vetoes()) vetoes.insert(veto.code());
  for (int i = 0; i < judgement.vetoes.size(); ++i) {
    if (vetoes.erase(judgement.vetoes[i]) == 0)
      wrong.push_back({"vetoes[" + std::to_string(i) + "]",
                       judgement.vetoes[i] + " is not on the scorecard, or named twice"});
  }
  if (!wrong.empty()) return errors::AnswersInvalid(std::move(wrong));
  return levels;
}

}  // namespace

Result<pb::Evaluation> Scored(const pb::Evaluation& before, const pb::ScorecardContent& content,
                              const Judgement& judgement, const Actor& actor) {
  if (before.state() != pb::Evaluation::DRAWN && before.state() != pb::Evaluation::SCORED)
    return errors::EvaluationState(before);
  if (IsAgent(before, actor.user)) return errors::EvaluatorIsAgent();
  TRY(const auto levels, LevelsOf(content, judgement));
  pb::Evaluation after = before;
  after.clear_section_scores();
  after.clear_critical_errors();
  Points all;
  for (const auto& section : content.sections()) {
    Points of_section;
    for (const auto& item : section.items()) {
      const auto level = levels.at(item.code());
      of_section.Add(item, level, content);
      all.Add(item, level, content);
      if (item.critical_class() != Item::CRITICAL_CLASS_UNSPECIFIED && level == pb::Evaluation::ZERO)
        after.add_critical_errors(item.code());
    }
    auto& score = *after.add_section_scores();
    score.set_section(section.code());
    if (of_section.possible > 0) score.set_score(of_section.Share());
  }
  if (all.possible == 0) return errors::AnswersInvalid({{"answers", "no item applies"}});
  const bool vetoed = !judgement.vetoes.empty();
  after.set_total(vetoed ? 0 : all.Share());
  after.set_grade(GradeOf(after.total()));
  after.set_passed(!vetoed && after.total() >= content.pass_mark() * 100);
  *after.mutable_answers() = judgement.answers;
  *after.mutable_vetoes() = judgement.vetoes;
  after.set_comment(judgement.comment);
  after.set_evaluator(actor.user);
  after.set_state(pb::Evaluation::SCORED);
  *after.mutable_score_time() = ToProto(actor.now);
  return after;
}

Result<pb::Evaluation> Published(const pb::Evaluation& before, TimePoint now) {
  if (before.state() != pb::Evaluation::SCORED) return errors::EvaluationState(before);
  pb::Evaluation after = before;
  after.set_state(pb::Evaluation::PUBLISHED);
  *after.mutable_publish_time() = ToProto(now);
  return after;
}

Result<pb::Evaluation> Acknowledged(const pb::Evaluation& before, const std::string& comment,
                                    const Actor& actor) {
  if (!IsAgent(before, actor.user)) return errors::NotYours();
  if (before.state() != pb::Evaluation::PUBLISHED) return errors::EvaluationState(before);
  pb::Evaluation after = before;
  after.set_state(pb::Evaluation::ACKNOWLEDGED);
  after.set_agent_comment(comment);
  *after.mutable_acknowledge_time() = ToProto(actor.now);
  return after;
}

bool IsAgent(const pb::Evaluation& evaluation, std::string_view user) {
  return std::string_view(evaluation.agent()).substr(evaluation.agent().find('/')) ==
         user.substr(std::min(user.size(), user.find('/')));
}

bool HasNewVeto(const pb::Evaluation& before, const pb::Evaluation& after) {
  const std::set<std::string> was(before.vetoes().begin(), before.vetoes().end());
  const std::set<std::string> is(after.vetoes().begin(), after.vetoes().end());
  return !is.empty() && was != is;
}

pb::Evaluation::Level HoldHint(Duration hold) {
  if (hold > std::chrono::seconds{60}) return pb::Evaluation::MAJOR;
  return hold > std::chrono::seconds{15} ? pb::Evaluation::MINOR : pb::Evaluation::LEVEL_UNSPECIFIED;
}

}  // namespace carillon::qa::domain
