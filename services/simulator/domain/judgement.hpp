#pragma once
#include <string>
#include <utility>
#include <vector>

#include "simulator/domain/random.hpp"

/// How an evaluator fills a scorecard.
namespace carillon::simulator {

struct SheetItem {
  std::string code;
  bool may_not_apply = false;
  std::string hint;  ///< what the platform suggests for this item, a level's name; empty = nothing
};

struct Judgement {
  std::vector<std::pair<std::string, std::string>> answers;  ///< item and level, by the API's names
  std::vector<std::string> vetoes;
};

/// One answer for each item: a hint is believed, the rest is drawn, better for a better `agent`; in one sheet
/// of seventy a veto is hit. The same agent has the same skill all day.
Judgement Judged(const std::vector<SheetItem>& items, const std::vector<std::string>& vetoes,
                 const Random& random, const std::string& agent, const std::string& sheet);

}  // namespace carillon::simulator
