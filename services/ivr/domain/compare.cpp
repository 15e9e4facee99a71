#include "ivr/domain/compare.hpp"

#include <algorithm>
#include <map>
#include <set>
#include <sstream>
#include <vector>

namespace carillon::ivr {
namespace {

// Longer texts are compared as one replaced by the other.
constexpr std::size_t kMostComparedLines = 3000;

std::vector<std::string> LinesOf(const std::string& text) {
  std::vector<std::string> lines;
  std::istringstream in(text);
  for (std::string line; std::getline(in, line);) lines.push_back(line);
  return lines;
}

/// State -> the text from its own line to that of the next state in the document.
std::map<std::string, std::string> TextsOfStates(const std::string& text) {
  std::map<std::string, std::string> out;
  const auto document = ReadDocument(text);
  if (!document) return out;
  const auto lines = LinesOf(text);
  const auto& states = (*document)->states;
  for (std::size_t i = 1; i < states.size(); ++i) {
    const auto from = static_cast<std::size_t>(std::max(states[i].line, 1)) - 1;
    const auto to =
        i + 1 < states.size() ? static_cast<std::size_t>(std::max(states[i + 1].line, 1)) - 1 : lines.size();
    std::string& own = out[states[i].id];
    for (std::size_t line = from; line < std::max(to, from + 1) && line < lines.size(); ++line)
      own += lines[line] + "\n";
  }
  return out;
}

}  // namespace

v1::CompareFlowResponse Compared(const std::string& before, const std::string& after) {
  v1::CompareFlowResponse out;
  const auto old_states = TextsOfStates(before);
  const auto new_states = TextsOfStates(after);
  for (const auto& [id, text] : new_states) {
    const auto found = old_states.find(id);
    if (found == old_states.end()) {
      out.add_added(id);
    } else if (found->second != text) {
      out.add_changed(id);
    }
  }
  for (const auto& [id, text] : old_states) {
    if (!new_states.contains(id)) out.add_removed(id);
  }
  const auto a = LinesOf(before);
  const auto b = LinesOf(after);
  const auto say = [&](const char* mark, std::size_t line, const std::string& text) {
    out.add_lines(mark + std::to_string(line + 1) + ": " + text);
  };
  const bool whole = a.size() > kMostComparedLines || b.size() > kMostComparedLines;
  // common[i][j]: how many lines a[i..] and b[j..] have in common, in order.
  std::vector<std::vector<std::uint16_t>> common(whole ? 1 : a.size() + 1,
                                                 std::vector<std::uint16_t>(whole ? 1 : b.size() + 1, 0));
  for (std::size_t i = whole ? 0 : a.size(); i-- > 0;) {
    for (std::size_t j = b.size(); j-- > 0;) {
      common[i][j] = a[i] == b[j] ? static_cast<std::uint16_t>(common[i + 1][j + 1] + 1)
                                  : std::max(common[i + 1][j], common[i][j + 1]);
    }
  }
  std::size_t i = 0;
  std::size_t j = 0;
  while (i < a.size() || j < b.size()) {
    if (i < a.size() && j < b.size() && a[i] == b[j]) {
      ++i;
      ++j;
    } else if (j == b.size() || (i < a.size() && (whole || common[i + 1][j] >= common[i][j + 1]))) {
      say("-", i, a[i]);
      ++i;
    } else {
      say("+", j, b[j]);
      ++j;
    }
  }
  return out;
}

}  // namespace carillon::ivr
