#pragma once
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.hpp"

/// An SCXML document, read strictly and ready to run. Immutable; may be shared between threads.
namespace carillon::ivr {

/// Bounds of a document; more is refused before anything is built.
inline constexpr std::size_t kMaxDocumentBytes = 256U << 10;
inline constexpr int kMaxDepth = 64;
inline constexpr int kMaxStates = 2000;

struct Param {
  std::string name, expression, location;
};

/// What a <content>, <data> or <assign> carries: an expression, or text (XML when it has elements).
struct Content {
  bool given = false;
  std::string expression;
  std::string text;
  bool xml = false;
};

struct Action;
using Actions = std::vector<Action>;

struct Branch {
  std::string condition;  ///< empty = else
  Actions actions;
};

/// One piece of executable content.
struct Action {
  enum class Kind { kRaise, kIf, kForeach, kLog, kAssign, kScript, kSend, kCancel };
  Kind kind;
  int line = 0;
  std::vector<std::pair<std::string, std::string>> attributes;
  std::vector<Param> params;
  Content content;
  std::vector<Branch> branches;  ///< of <if>; of <foreach> the one body
  bool Has(std::string_view name) const;
  const std::string& Get(std::string_view name) const;
};

struct Data {
  std::string id, source;
  Content content;
  int line = 0;
};

struct Transition {
  int source = 0;
  std::vector<std::string> events;  ///< without trailing ".*"; "*" matches all
  std::string condition;
  bool internal = false;
  std::vector<std::string> target_ids;
  std::vector<int> targets;
  Actions actions;
  int line = 0;
};

struct Invoke {
  std::vector<std::pair<std::string, std::string>> attributes;
  std::vector<Param> params;
  Content content;
  bool has_finalize = false;
  Actions finalize;
  int line = 0;
  const std::string& Get(std::string_view name) const;
};

struct State {
  enum class Kind { kRoot, kState, kParallel, kFinal, kHistory };
  int index = 0;
  int end = 0;  ///< one past the last descendant: d is inside s when s.index < d < s.end
  int parent = -1;
  int line = 0;
  Kind kind = Kind::kState;
  bool deep = false;  ///< of a history
  std::string id;
  std::vector<int> children;  ///< states, parallels and finals
  std::vector<int> histories;
  std::vector<Transition> transitions;
  Transition initial;  ///< where a compound state starts; of a history its default
  std::vector<Actions> on_entry, on_exit;
  std::vector<Data> data;
  std::vector<Invoke> invokes;
  bool has_done_data = false;
  std::vector<Param> done_params;
  Content done_content;
  bool atomic() const { return kind == Kind::kFinal || (kind == Kind::kState && children.empty()); }
  bool compound() const { return (kind == Kind::kState && !children.empty()) || kind == Kind::kRoot; }
};

struct Document {
  std::string name;
  bool late_binding = false;
  std::vector<State> states;                                 ///< document order; 0 is <scxml>
  std::vector<std::pair<std::string, std::string>> scripts;  ///< text, src

  /// Index of a state, -1 when there is none.
  int Find(std::string_view id) const;
  bool Inside(int state, int ancestor) const {
    const State& above = states[static_cast<std::size_t>(ancestor)];
    return state > ancestor && state < above.end;
  }
  const State& At(int index) const { return states[static_cast<std::size_t>(index)]; }
};

/// Reads a document. INVALID_ARGUMENT FLOW_MALFORMED with metadata line, column. No DTD, no entity but the
/// five of XML, no element, nesting or combination that SCXML does not know, no targets that cannot be active
/// together; elements of other namespaces are skipped. Data models: ecmascript (also when none is named) and
/// null, which has no data and no expression but In('state').
Result<std::shared_ptr<const Document>> ReadDocument(std::string_view text);

/// An XML text as {"n":name,"a":{attribute:value},"c":[child or text]}.
Result<std::string> XmlAsJson(std::string_view text);

}  // namespace carillon::ivr
