#include "ivr/domain/findings.hpp"

#include <algorithm>
#include <functional>
#include <set>
#include <string>

#include "ivr/domain/journey.hpp"
#include "ivr/domain/script.hpp"

namespace carillon::ivr {
namespace {

class Inspector {
 public:
  explicit Inspector(const Document& document)
      : document_(document),
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
    if (type == "carillon:enqueue" && reachable_.contains(state.index)) agent_exit_ = true;
    const std::string event = action.Get("event").empty() ? DefaultEvent(type) : action.Get("event");
    if (IsRemoteNode(type) && !Handles(state, event + ".failed")) {
      Add(v1::FlowFinding::BLOCKING, "NO_ERROR_BRANCH", state.id, action.line,
          "nothing handles " + event + ".failed");
    }
    if (type == "carillon:collect") {
      for (const char* outcome : {".timeout", ".invalid", ".keys"}) {
        if (Handles(state, event + outcome)) continue;
        Add(v1::FlowFinding::BLOCKING, "NO_DEFAULT_BRANCH", state.id, action.line,
            "nothing handles " + event + outcome);
      }
    }
  }

  static std::string DefaultEvent(const std::string& type) {
    if (type == "carillon:collect") return "input";
    if (type == "carillon:verifyPassword") return "password";
    if (type == "carillon:queueState") return "queue";
    return type.substr(type.find(':') + 1);
  }

  const Document& document_;
  ScriptHeap heap_;
  std::unique_ptr<DataModel> model_;
  std::set<int> reachable_;
  std::vector<v1::FlowFinding> findings_;
  bool agent_exit_ = false;
};

}  // namespace

std::vector<v1::FlowFinding> Findings(const Document& document) { return Inspector(document).Inspect(); }

}  // namespace carillon::ivr
