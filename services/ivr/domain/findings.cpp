#include "ivr/domain/findings.hpp"

#include <algorithm>
#include <functional>
#include <set>
#include <string>

#include "ivr/domain/journey.hpp"
#include "ivr/domain/script.hpp"

namespace carillon::ivr {
namespace {

// More options are hard to keep in mind.
constexpr int kGoodOptions = 5;
constexpr int kMaxWalkedTurns = 300;

class Inspector {
 public:
  Inspector(const Document& document, const MenuLimits& limits, const std::set<std::string>* library)
      : document_(document),
        limits_(limits),
        library_(library),
        heap_({}, TimePoint{}),
        model_(heap_.Open("findings", [](std::string_view) { return false; })) {}

  std::vector<v1::FlowFinding> Inspect() {
    FindReachable();
    for (const State& state : document_.states) {
      if (state.kind != State::Kind::kHistory && !reachable_.contains(state.index)) {
        Add(v1::FlowFinding::BLOCKING, "NODE_UNREACHABLE", state.id, state.line,
            "no way leads to this state");
      }
      for (const Data& data : state.data) Expression(data.content.expression, state, data.line);
      for (const Transition& transition : state.transitions) {
        Expression(transition.condition, state, transition.line);
        Look(transition.actions, state);
      }
      Look(state.initial.actions, state);
      for (const Actions& actions : state.on_entry) Look(actions, state);
      for (const Actions& actions : state.on_exit) Look(actions, state);
    }
    if (!agent_exit_) {
      Add(v1::FlowFinding::BLOCKING, "NO_AGENT_EXIT", "", 1,
          "no reachable state hands the caller to a queue");
    }
    if (agent_exit_) Walk();
    std::stable_sort(findings_.begin(), findings_.end(), [](const auto& one, const auto& other) {
      if (one.severity() != other.severity()) return one.severity() < other.severity();
      return one.line() < other.line();
    });
    return findings_;
  }

 private:
  void Add(v1::FlowFinding::Severity severity, const char* reason, const std::string& node, int line,
           std::string message) {
    v1::FlowFinding finding;
    finding.set_severity(severity);
    finding.set_reason(reason);
    finding.set_node(node);
    finding.set_line(line);
    finding.set_message(std::move(message));
    findings_.push_back(std::move(finding));
  }

  /// Tries every key of every menu that a caller can come to, as a customer at ten in the morning.
  void Walk() {
    struct Way {
      Rehearsal rehearsal;
      int depth;
    };
    v1::SimulateFlowRequest request;
    request.mutable_caller()->set_calling_number("+862038881234");
    request.mutable_caller()->set_grade("STANDARD");
    const auto shared = std::shared_ptr<const Document>(&document_, [](const Document*) {});
    std::vector<Way> ways{{Rehearsal(shared, request, TimePoint{std::chrono::hours{24 * 20'000 + 2}}), 0}};
    std::set<std::string> seen;
    int turns = 0;
    while (!ways.empty() && turns < kMaxWalkedTurns) {
      Way way = std::move(ways.back());
      ways.pop_back();
      const bool goes_on = way.rehearsal.Listen();
      LookForWords(way.rehearsal);
      if (!goes_on) {
        Failed(way.rehearsal);
        continue;
      }
      const v1::Waiting& menu = way.rehearsal.waiting();
      if (menu.max_digits() != 1 || !menu.question().empty() || !seen.insert(menu.node()).second) continue;
      const std::string keys = menu.keys().empty() ? "0123456789" : menu.keys();
      const auto options =
          std::count_if(keys.begin(), keys.end(), [](char key) { return key >= '1' && key <= '9'; });
      // Two keys are a question ("more, or back?"), not a level.
      const int depth = way.depth + (options > 2 ? 1 : 0);
      if (depth > limits_.levels) {
        Add(v1::FlowFinding::BLOCKING, "MENU_TOO_DEEP", menu.node(), 0,
            "this menu is level " + std::to_string(depth) + ", " + std::to_string(limits_.levels) +
                " are the most");
        continue;
      }
      if (options > kGoodOptions) {
        Add(options > limits_.options ? v1::FlowFinding::BLOCKING : v1::FlowFinding::ADVICE, "MENU_TOO_WIDE",
            menu.node(), 0,
            std::to_string(options) + " options; callers keep " + std::to_string(kGoodOptions) + " in mind");
      }
      if (!LeadsToAgent(way.rehearsal, keys)) {
        Add(v1::FlowFinding::BLOCKING, "MENU_TRAPS", menu.node(), 0,
            "neither 0 nor saying nothing three times leads to a person");
      }
      for (const char key : keys) {
        if (key == '0' || key == '*' || key == '#') continue;
        ways.push_back({way.rehearsal, depth});
        ways.back().rehearsal.Press(std::string(1, key));
        ++turns;
      }
    }
  }

  static bool LeadsToAgent(const Rehearsal& from, const std::string& keys) {
    for (const char* key : {"0", "timeout"}) {
      if (*key == '0' && keys.find('0') == std::string::npos) continue;
      Rehearsal way = from;
      for (int i = 0; i < 4 && way.Listen(); ++i) way.Press(*key == '0' && i > 0 ? "timeout" : key);
      if (!way.queue().empty() || way.session().result() == v1::Session::RETURNED) return true;
    }
    return false;
  }

  /// What a caller heard must be in the library when it has no words of its own.
  void LookForWords(const Rehearsal& way) {
    if (library_ == nullptr) return;
    for (v1::SessionStep step : way.steps()) {
      for (const v1::Prompt& prompt : *PromptsOf(step)) {
        if (prompt.code().empty() || !prompt.text().empty() || library_->contains(prompt.code())) continue;
        if (missing_.insert(prompt.code()).second) {
          Add(v1::FlowFinding::BLOCKING, "PROMPT_MISSING", "", 0,
              "the library has no approved announcement " + prompt.code());
        }
      }
    }
  }

  void Failed(const Rehearsal& way) {
    for (const auto& step : way.session().path()) {
      if (step.node() != "flow") continue;
      std::string keys;
      for (const auto& chosen : way.session().menu_path()) keys += " " + chosen;
      Add(v1::FlowFinding::BLOCKING, "FLOW_FAILS", "", 0,
          step.outcome() + " after" + (keys.empty() ? " the start" : keys));
      return;
    }
  }

  void Reach(int index) {
    if (!reachable_.insert(index).second) return;
    const State& state = document_.At(index);
    if (state.parent >= 0) Reach(state.parent);
    for (const int target : state.initial.targets) Reach(target);
    if (state.kind == State::Kind::kParallel) {
      for (const int child : state.children) Reach(child);
    }
    for (const Transition& transition : state.transitions) {
      for (const int target : transition.targets) Reach(target);
    }
  }
  void FindReachable() { Reach(0); }

  void Expression(const std::string& expression, const State& state, int line) {
    if (expression.empty()) return;
    if (auto fine = model_->Compile(expression, true); !fine) {
      Add(v1::FlowFinding::BLOCKING, "SCRIPT_MALFORMED", state.id, line, fine.error().message);
    }
  }

  /// A transition of the state or of one around it takes the event.
  bool Handles(const State& state, const std::string& event) const {
    for (int index = state.index; index >= 0; index = document_.At(index).parent) {
      for (const Transition& transition : document_.At(index).transitions) {
        for (const std::string& wanted : transition.events) {
          if (wanted == "*" || event == wanted || event.starts_with(wanted + ".")) return true;
        }
      }
    }
    return false;
  }

  void Look(const Actions& actions, const State& state) {
    for (const Action& action : actions) {
      for (const char* name :
           {"expr", "cond", "eventexpr", "targetexpr", "typeexpr", "delayexpr", "array", "sendidexpr"}) {
        Expression(action.Get(name), state, action.line);
      }
      for (const Param& param : action.params) Expression(param.expression, state, action.line);
      if (action.kind == Action::Kind::kScript) {
        if (auto fine = model_->Compile(action.content.text, false); !fine) {
          Add(v1::FlowFinding::BLOCKING, "SCRIPT_MALFORMED", state.id, action.line, fine.error().message);
        }
      }
      for (const Branch& branch : action.branches) {
        Expression(branch.condition, state, action.line);
        Look(branch.actions, state);
      }
      if (action.kind == Action::Kind::kSend) LookAtSend(action, state);
    }
  }

  void LookAtSend(const Action& action, const State& state) {
    const std::string& type = action.Get("type");
    if (!type.starts_with("carillon:")) return;
    if (!IsNode(type)) {
      Add(v1::FlowFinding::BLOCKING, "NODE_UNKNOWN", state.id, action.line, "there is no node " + type);
      return;
    }
    const std::string event =
        action.Get("event").empty() ? std::string(DefaultEvent(type)) : action.Get("event");
    const bool to_agent = type == "carillon:enqueue" || type == "carillon:returnToAgent";
    if (to_agent && reachable_.contains(state.index)) agent_exit_ = true;
    if (type == "carillon:voicemail" && !Handles(state, event + ".empty")) {
      Add(v1::FlowFinding::BLOCKING, "NO_DEFAULT_BRANCH", state.id, action.line,
          "nothing handles " + event + ".empty");
    }
    if (IsRemoteNode(type) && !Handles(state, event + ".failed")) {
      Add(v1::FlowFinding::BLOCKING, "NO_ERROR_BRANCH", state.id, action.line,
          "nothing handles " + event + ".failed");
    }
    if (type == "carillon:collect" || type == "carillon:survey") {
      for (const char* outcome : {".timeout", ".invalid", type == "carillon:collect" ? ".keys" : ".done"}) {
        if (Handles(state, event + outcome)) continue;
        Add(v1::FlowFinding::BLOCKING, "NO_DEFAULT_BRANCH", state.id, action.line,
            "nothing handles " + event + outcome);
      }
    }
  }

  const Document& document_;
  MenuLimits limits_;
  const std::set<std::string>* library_;
  std::set<std::string> missing_;
  ScriptHeap heap_;
  std::unique_ptr<DataModel> model_;
  std::set<int> reachable_;
  std::vector<v1::FlowFinding> findings_;
  bool agent_exit_ = false;
};

}  // namespace

std::vector<v1::FlowFinding> Findings(const Document& document, const MenuLimits& limits,
                                      const std::set<std::string>* library) {
  return Inspector(document, limits, library).Inspect();
}

}  // namespace carillon::ivr
