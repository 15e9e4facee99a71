#include "simulator/domain/judgement.hpp"

namespace carillon::simulator {
namespace {

constexpr double kVetoShare = 1.0 / 70;
constexpr double kNotApplicableShare = 0.08;

}  // namespace

Judgement Judged(const std::vector<SheetItem>& items, const std::vector<std::string>& vetoes,
                 const Random& random, const std::string& agent, const std::string& sheet) {
  const double skill = random.Fork("skill " + agent).Uniform(0.68, 0.92);
  Random own = random.Fork("sheet " + sheet);
  Judgement out;
  bool any_applies = false;
  for (const auto& item : items) {
    std::string level = "FULL";
    const bool applies = !item.may_not_apply || !own.Chance(kNotApplicableShare);
    const double which = own.Uniform();
    if (!item.hint.empty())
      level = item.hint;
    else if (!applies)
      level = "NOT_APPLICABLE";
    else if (which > 0.99)
      level = "ZERO";
    else if (which > 0.99 - (1 - skill) * 0.25)
      level = "MAJOR";
    else if (which > skill)
      level = "MINOR";
    any_applies = any_applies || level != "NOT_APPLICABLE";
    out.answers.emplace_back(item.code, level);
  }
  if (!any_applies && !out.answers.empty()) out.answers.front().second = "FULL";
  if (!vetoes.empty() && own.Chance(kVetoShare)) out.vetoes.push_back(vetoes[own.Index(vetoes.size())]);
  return out;
}

}  // namespace carillon::simulator
