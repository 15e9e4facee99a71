#pragma once
#include <set>
#include <string>
#include <vector>

#include "carillon/ivr/v1/flow.pb.h"
#include "ivr/domain/document.hpp"

/// What is wrong with a flow before anybody calls it.
namespace carillon::ivr {

/// How large menus may be.
struct MenuLimits {
  int levels = 3;
  int options = 9;  ///< besides 0
};

/// Blocking ones first, then by line: NODE_UNREACHABLE (no way leads there), NO_AGENT_EXIT (no reachable
/// carillon:enqueue or returnToAgent), NO_ERROR_BRANCH (another service is asked and nothing handles
/// `.failed`), NO_DEFAULT_BRANCH (keys are collected and nothing handles `.timeout` or `.invalid`),
/// NODE_UNKNOWN (a send type nobody carries out), SCRIPT_MALFORMED. Then every key of every menu is tried, as
/// a customer in the morning: MENU_TRAPS (neither 0 nor silence leads to a person), MENU_TOO_DEEP,
/// MENU_TOO_WIDE (advice from six options on), FLOW_FAILS (a way on which the flow fails). At most 300 keys
/// are pressed. PROMPT_MISSING: a prompt names a code that is not in `library`, and has no words of its own;
/// not looked for without one.
std::vector<v1::FlowFinding> Findings(const Document& document, const MenuLimits& limits = {},
                                      const std::set<std::string>* library = nullptr);

}  // namespace carillon::ivr
