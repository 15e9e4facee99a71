#include "ivr/domain/document.hpp"

#include <algorithm>
#include <array>
#include <cstring>
#include <pugixml.hpp>
#include <set>
#include <sstream>
#include <unordered_map>

#include "ivr/domain/script.hpp"
#include "ivr/domain/xml.hpp"

namespace carillon::ivr {
namespace {

constexpr std::string_view kScxmlNamespace = "http://www.w3.org/2005/07/scxml";
const std::string kNothing;

const std::string& AttributeIn(const std::vector<std::pair<std::string, std::string>>& attributes,
                               std::string_view name) {
  for (const auto& [key, value] : attributes) {
    if (key == name) return value;
  }
  return kNothing;
}

std::vector<std::string> Words(std::string_view text) {
  std::vector<std::string> words;
  std::istringstream in{std::string(text)};
  for (std::string word; in >> word;) words.push_back(word);
  return words;
}

/// What may stand where, and with which attributes. The one table of the reader.
struct Grammar {
  std::string_view element;
  std::string_view children;
  std::string_view attributes;
};
constexpr std::string_view kExecutable = "raise if foreach log assign script send cancel ";
constexpr std::array<Grammar, 26> kGrammar{{
    {"scxml", "state parallel final datamodel script", "initial name version datamodel binding exmode"},
    {"state", "onentry onexit transition initial state parallel final history datamodel invoke",
     "id initial src"},
    {"parallel", "onentry onexit transition state parallel history datamodel invoke", "id src"},
    {"final", "onentry onexit donedata", "id"},
    {"history", "transition", "id type"},
    {"initial", "transition", ""},
    {"transition", "@", "event cond target type"},
    {"onentry", "@", ""},
    {"onexit", "@", ""},
    {"finalize", "@", ""},
    {"datamodel", "data", ""},
    {"data", "*", "id src expr"},
    {"donedata", "content param", ""},
    {"content", "*", "expr"},
    {"param", "", "name expr location"},
    {"invoke", "finalize param content", "type typeexpr src srcexpr id idlocation namelist autoforward"},
    {"raise", "", "event"},
    {"if", "@elseif else", "cond"},
    {"elseif", "", "cond"},
    {"else", "", ""},
    {"foreach", "@", "array item index"},
    {"log", "", "label expr"},
    {"assign", "*", "location expr attr type"},
    {"script", "*", "src"},
    {"send", "content param",
     "event eventexpr target targetexpr type typeexpr id idlocation delay delayexpr namelist"},
    {"cancel", "", "sendid sendidexpr"},
}};

bool Listed(std::string_view list, std::string_view word) {
  for (std::size_t at = 0; at < list.size();) {
    const auto end = std::min(list.find(' ', at), list.size());
    if (list.substr(at, end - at) == word) return true;
    at = end + 1;
  }
  return false;
}

const Grammar* GrammarOf(std::string_view element) {
  for (const Grammar& entry : kGrammar) {
    if (entry.element == element) return &entry;
  }
  return nullptr;
}

bool ChildAllowed(const Grammar& parent, std::string_view child) {
  if (parent.children == "*") return true;
  std::string_view list = parent.children;
  if (!list.empty() && list[0] == '@') {
    if (Listed(kExecutable, child)) return true;
    list.remove_prefix(1);
  }
  return Listed(list, child);
}

class Reader {
 public:
  explicit Reader(std::string_view text) : text_(text) {}

  Result<std::shared_ptr<const Document>> Read() {
    if (text_.size() > kMaxDocumentBytes) return Wrong(0, "the document is larger than 256 KiB");
    for (std::size_t at = 0; at < text_.size(); ++at) {
      if (text_[at] == '\n') line_starts_.push_back(at + 1);
    }
    if (const auto fault = FaultOf(text_, kMaxDepth)) return Wrong(fault->offset, fault->what);
    if (text_.starts_with("\xEF\xBB\xBF")) bom_ = 3;
    const auto parsed =
        xml_.load_buffer(text_.data() + bom_, text_.size() - bom_,
                         pugi::parse_default | pugi::parse_ws_pcdata_single, pugi::encoding_utf8);
    if (!parsed) return Wrong(static_cast<std::size_t>(parsed.offset) + bom_, parsed.description());
    const pugi::xml_node root = xml_.document_element();
    if (LocalName(root) != "scxml") return Wrong(root, "the root must be <scxml>");
    if (!IsOurs(root)) return Wrong(root, "<scxml> of another namespace");
    Normalise(root);
    const std::string_view model = root.attribute("datamodel").value();
    if (!model.empty() && model != "ecmascript" && model != "null") {
      return Wrong(root, "the data model must be ecmascript or null");
    }
    null_model_ = model == "null";
    TRY_VOID(Check(root, 1));

    document_ = std::make_shared<Document>();
    document_->name = root.attribute("name").value();
    document_->late_binding = std::string_view(root.attribute("binding").value()) == "late";
    TRY_VOID(ReadState(root, -1));
    TRY_VOID(Resolve());
    return std::shared_ptr<const Document>(document_);
  }

 private:
  /// Line and column from 1; a column counts characters.
  std::pair<int, int> Place(std::size_t offset) const {
    offset = std::min(offset, text_.size());
    const auto after = std::upper_bound(line_starts_.begin(), line_starts_.end(), offset);
    const auto begin = after == line_starts_.begin() ? 0 : *(after - 1);
    const auto characters = std::count_if(text_.begin() + static_cast<std::ptrdiff_t>(begin),
                                          text_.begin() + static_cast<std::ptrdiff_t>(offset), [](char c) {
                                            return (static_cast<unsigned char>(c) & 0xC0U) != 0x80U;
                                          });
    return {static_cast<int>(after - line_starts_.begin()) + 1, static_cast<int>(characters) + 1};
  }
  Error Wrong(std::size_t offset, std::string_view what) const {
    const auto [line, column] = Place(offset);
    Error error = InvalidArgument("FLOW_MALFORMED", "line " + std::to_string(line) + ", column " +
                                                        std::to_string(column) + ": " + std::string(what));
    error.metadata = {{"line", std::to_string(line)}, {"column", std::to_string(column)}};
    return error;
  }
  std::size_t Offset(const pugi::xml_node& node) const {
    return static_cast<std::size_t>(std::max<std::ptrdiff_t>(node.offset_debug(), 0)) + bom_;
  }
  Error Wrong(const pugi::xml_node& node, std::string_view what) const { return Wrong(Offset(node), what); }
  int Line(const pugi::xml_node& node) const { return Place(Offset(node)).first; }

  static std::string_view LocalName(const pugi::xml_node& node) {
    const std::string_view name = node.name();
    const auto colon = name.find(':');
    return colon == std::string_view::npos ? name : name.substr(colon + 1);
  }

  /// What a prefix ("" = none) means at a node; "" when it was never said.
  static std::string_view Namespace(pugi::xml_node node, std::string_view prefix) {
    const std::string key = prefix.empty() ? "xmlns" : "xmlns:" + std::string(prefix);
    for (; node; node = node.parent()) {
      if (const auto said = node.attribute(key.c_str())) return said.value();
    }
    return {};
  }

  /// An element of SCXML; one without any namespace is taken for it.
  static bool IsOurs(const pugi::xml_node& node) {
    const std::string_view name = node.name();
    const auto colon = name.find(':');
    const auto prefix = colon == std::string_view::npos ? std::string_view{} : name.substr(0, colon);
    const auto ns = Namespace(node, prefix);
    return ns == kScxmlNamespace || (prefix.empty() && ns.empty());
  }

  /// Whatever prefix the document gives to SCXML, here its elements have none and all others have one.
  static void Normalise(pugi::xml_node node) {
    const std::string name(LocalName(node));
    if (!IsOurs(node)) {
      if (name == node.name()) node.set_name(("other:" + name).c_str());
      return;
    }
    if (name != node.name()) node.set_name(name.c_str());
    const Grammar* const grammar = GrammarOf(name);
    if (grammar == nullptr || grammar->children == "*") return;
    for (auto child = node.first_child(); child; child = child.next_sibling()) {
      if (child.type() == pugi::node_element) Normalise(child);
    }
  }

  Result<void> Check(const pugi::xml_node& node, int depth) const {
    if (depth > kMaxDepth) return Wrong(node, "elements are nested too deeply");
    const std::string name = node.name();
    const Grammar* const grammar = GrammarOf(name);
    if (grammar == nullptr) return Wrong(node, "<" + name + "> is no element of SCXML");
    for (const auto& attribute : node.attributes()) {
      const std::string_view key = attribute.name();
      if (key.find(':') != std::string_view::npos || key == "xmlns") continue;
      if (!Listed(grammar->attributes, key)) {
        return Wrong(node, "<" + name + "> has no attribute " + std::string(key));
      }
    }
    const bool free = grammar->children == "*";
    for (const auto& child : node.children()) {
      if (child.type() == pugi::node_element) {
        if (free) {
          if (name == "script") return Wrong(child, "<script> holds text only");
          continue;
        }
        if (std::strchr(child.name(), ':') != nullptr) continue;
        if (!ChildAllowed(*grammar, child.name())) {
          return Wrong(child, "<" + std::string(child.name()) + "> may not stand in <" + name + ">");
        }
        TRY_VOID(Check(child, depth + 1));
      } else if (child.type() == pugi::node_pcdata || child.type() == pugi::node_cdata) {
        const std::string_view value = child.value();
        if (!free && value.find_first_not_of(" \t\r\n") != std::string_view::npos) {
          return Wrong(node, "text may not stand in <" + name + ">");
        }
      }
    }
    return Needed(node, name);
  }

  Result<void> Needed(const pugi::xml_node& node, const std::string& name) const {
    const auto has = [&](const char* key) { return !node.attribute(key).empty(); };
    const auto need = [&](const char* key) -> Result<void> {
      if (!has(key)) return Wrong(node, "<" + name + "> needs " + key);
      return Ok();
    };
    const auto either = [&](const char* one, const char* two) -> Result<void> {
      if (has(one) && has(two)) {
        return Wrong(node, "<" + name + "> has both " + std::string(one) + " and " + two);
      }
      return Ok();
    };
    const auto one_of = [&](const char* key, std::string_view words) -> Result<void> {
      if (has(key) && !Listed(words, node.attribute(key).value())) {
        return Wrong(node, "the " + std::string(key) + " of <" + name + "> is one of: " + std::string(words));
      }
      return Ok();
    };
    const auto once = [&](const char* child) -> Result<void> {
      const auto first = node.child(child);
      if (const auto second = first.next_sibling(child)) {
        return Wrong(second, "<" + name + "> has more than one <" + child + ">");
      }
      return Ok();
    };
    const auto filled = [&] {
      return std::any_of(node.begin(), node.end(), [](const pugi::xml_node& child) {
        return child.type() == pugi::node_element ||
               std::string_view(child.value()).find_first_not_of(" \t\r\n") != std::string_view::npos;
      });
    };
    const auto empty_with = [&](const char* key) -> Result<void> {
      if (has(key) && filled())
        return Wrong(node, "<" + name + "> has both " + key + " and something inside");
      return Ok();
    };
    TRY_VOID(Modelled(node, name));
    for (const char* words : {"id", "event", "target", "initial"}) {
      const std::string_view value = node.attribute(words).value();
      if (has(words) && name != "send" && name != "invoke" &&
          value.find_first_not_of(" \t\r\n") == std::string_view::npos) {
        return Wrong(node, std::string(words) + " is empty");
      }
    }
    if (has("id") &&
        std::string_view(node.attribute("id").value()).find_first_of(" \t\r\n") != std::string_view::npos) {
      return Wrong(node, "an id is one word");
    }
    if (name == "scxml") {
      TRY_VOID(one_of("version", "1.0"));
      TRY_VOID(one_of("binding", "early late"));
    }
    if (name == "scxml" || name == "state" || name == "parallel") TRY_VOID(once("datamodel"));
    if (name == "raise") return need("event");
    if (name == "assign") {
      TRY_VOID(empty_with("expr"));
      return need("location");
    }
    if (name == "content") return empty_with("expr");
    if (name == "script") return empty_with("src");
    if (name == "data") {
      TRY_VOID(either("src", "expr"));
      TRY_VOID(empty_with("expr"));
      TRY_VOID(empty_with("src"));
      return need("id");
    }
    if (name == "donedata") {
      TRY_VOID(once("content"));
      if (node.child("content") && node.child("param"))
        return Wrong(node, "<donedata> has <content> and <param>");
    }
    if (name == "param") {
      TRY_VOID(either("expr", "location"));
      return need("name");
    }
    if (name == "if") {
      bool last = false;
      for (const auto& child : node.children()) {
        const std::string_view tag = child.name();
        if (last && (tag == "elseif" || tag == "else")) return Wrong(child, "nothing comes after <else>");
        last = last || tag == "else";
      }
    }
    if (name == "if" || name == "elseif") return need("cond");
    if (name == "foreach") {
      TRY_VOID(need("array"));
      return need("item");
    }
    if (name == "cancel") {
      TRY_VOID(either("sendid", "sendidexpr"));
      if (!has("sendid") && !has("sendidexpr")) return Wrong(node, "<cancel> needs sendid or sendidexpr");
    }
    if (name == "send") {
      TRY_VOID(either("event", "eventexpr"));
      TRY_VOID(either("target", "targetexpr"));
      TRY_VOID(either("type", "typeexpr"));
      TRY_VOID(either("id", "idlocation"));
      TRY_VOID(either("delay", "delayexpr"));
      TRY_VOID(once("content"));
      if (node.child("content") && (node.child("param") || has("namelist"))) {
        return Wrong(node, "<send> has <content> and other values");
      }
    }
    if (name == "invoke") {
      TRY_VOID(either("type", "typeexpr"));
      TRY_VOID(either("src", "srcexpr"));
      TRY_VOID(either("id", "idlocation"));
      TRY_VOID(one_of("autoforward", "true false"));
      TRY_VOID(once("content"));
      TRY_VOID(once("finalize"));
      if (node.child("content") && (has("src") || has("srcexpr"))) {
        return Wrong(node, "<invoke> has <content> and src");
      }
    }
    if (name == "transition") {
      const std::string_view parent = node.parent().name();
      if (parent == "initial" || parent == "history") {
        if (has("event") || has("cond"))
          return Wrong(node, "a default transition has no event and no condition");
        return need("target");
      }
      if (!has("event") && !has("cond") && !has("target")) {
        return Wrong(node, "<transition> needs event, cond or target");
      }
      TRY_VOID(one_of("type", "internal external"));
    }
    if (name == "history") TRY_VOID(one_of("type", "shallow deep"));
    if (name == "state") {
      TRY_VOID(once("initial"));
      if ((has("initial") || node.child("initial")) && !node.child("state") && !node.child("parallel") &&
          !node.child("final")) {
        return Wrong(node, "a state without states in it has no initial one");
      }
    }
    if (name == "initial" || name == "history") {
      TRY_VOID(once("transition"));
      if (!node.child("transition") && name == "initial") return Wrong(node, "<initial> needs a transition");
    }
    return Ok();
  }

  /// The null data model has no data, no scripts, no expressions but In('state').
  Result<void> Modelled(const pugi::xml_node& node, const std::string& name) const {
    if (!null_model_) return Ok();
    for (const char* gone : {"datamodel", "data", "assign", "script", "foreach", "param"}) {
      if (name == gone) return Wrong(node, "the null data model knows no <" + name + ">");
    }
    for (const auto& attribute : node.attributes()) {
      const std::string_view key = attribute.name();
      if (key.ends_with("expr") || key == "namelist" || key == "idlocation") {
        return Wrong(node, "the null data model knows no " + std::string(key));
      }
      if (key == "cond" && !IsInPredicate(attribute.value())) {
        return Wrong(node, "the null data model knows no condition but In('state')");
      }
    }
    return Ok();
  }

  /// In('a') or In("a"), with white space anywhere between its parts.
  static bool IsInPredicate(std::string_view condition) {
    const auto skip = [&] {
      while (!condition.empty() && std::string_view(" \t\r\n").find(condition[0]) != std::string_view::npos) {
        condition.remove_prefix(1);
      }
    };
    const auto take = [&](std::string_view word) {
      skip();
      if (!condition.starts_with(word)) return false;
      condition.remove_prefix(word.size());
      return true;
    };
    if (!take("In") || !take("(")) return false;
    skip();
    if (condition.empty() || (condition[0] != '\'' && condition[0] != '"')) return false;
    const auto close = condition.find(condition[0], 1);
    if (close == std::string_view::npos ||
        condition.substr(1, close - 1).find('\\') != std::string_view::npos) {
      return false;
    }
    condition.remove_prefix(close + 1);
    if (!take(")")) return false;
    skip();
    return condition.empty();
  }

  static bool Uses(const pugi::xml_node& node, const std::string& prefix) {
    if (std::string_view(node.name()).starts_with(prefix)) return true;
    for (const auto& attribute : node.attributes()) {
      if (std::string_view(attribute.name()).starts_with(prefix)) return true;
    }
    return std::any_of(node.begin(), node.end(),
                       [&](const pugi::xml_node& child) { return Uses(child, prefix); });
  }

  /// As text that stands alone: with the prefixes it uses, if they were declared outside of it.
  static void Print(const pugi::xml_node& node, std::ostringstream& out) {
    pugi::xml_document alone;
    pugi::xml_node copy = alone.append_copy(node);
    for (auto above = node.parent(); above; above = above.parent()) {
      for (const auto& attribute : above.attributes()) {
        const std::string key = attribute.name();
        if (!key.starts_with("xmlns:") || copy.attribute(key.c_str())) continue;
        if (Uses(node, key.substr(6) + ":")) copy.append_attribute(key.c_str()) = attribute.value();
      }
    }
    copy.print(out, "", pugi::format_raw);
  }

  static Content ReadContent(const pugi::xml_node& node, const char* expression) {
    Content content;
    content.given = true;
    content.expression = node.attribute(expression).value();
    std::ostringstream raw;
    for (const auto& child : node.children()) {
      if (child.type() == pugi::node_element) {
        content.xml = true;
        Print(child, raw);
      } else if (child.type() == pugi::node_pcdata || child.type() == pugi::node_cdata) {
        content.text += child.value();
      }
    }
    if (content.xml) content.text = raw.str();
    return content;
  }

  static std::vector<Param> ReadParams(const pugi::xml_node& node) {
    std::vector<Param> params;
    for (const auto& child : node.children("param")) {
      params.push_back({child.attribute("name").value(), child.attribute("expr").value(),
                        child.attribute("location").value()});
    }
    return params;
  }

  static std::vector<std::pair<std::string, std::string>> ReadAttributes(const pugi::xml_node& node) {
    std::vector<std::pair<std::string, std::string>> attributes;
    for (const auto& attribute : node.attributes())
      attributes.emplace_back(attribute.name(), attribute.value());
    return attributes;
  }

  Actions ReadActions(const pugi::xml_node& node) const { return ReadActions(node.first_child(), {}); }

  /// From one child to another, which is not included.
  Actions ReadActions(pugi::xml_node child, const pugi::xml_node& end) const {
    Actions actions;
    for (; child != end; child = child.next_sibling()) {
      if (child.type() != pugi::node_element) continue;
      const std::string_view name = child.name();
      if (!Listed(kExecutable, name)) continue;
      Action action{};
      action.line = Line(child);
      action.attributes = ReadAttributes(child);
      if (name == "raise") action.kind = Action::Kind::kRaise;
      if (name == "log") action.kind = Action::Kind::kLog;
      if (name == "cancel") action.kind = Action::Kind::kCancel;
      if (name == "assign" || name == "script") {
        action.kind = name == "assign" ? Action::Kind::kAssign : Action::Kind::kScript;
        action.content = ReadContent(child, "expr");
      }
      if (name == "send") {
        action.kind = Action::Kind::kSend;
        action.params = ReadParams(child);
        if (const auto content = child.child("content")) action.content = ReadContent(content, "expr");
      }
      if (name == "foreach") {
        action.kind = Action::Kind::kForeach;
        action.branches.push_back({"", ReadActions(child)});
      }
      if (name == "if") {
        action.kind = Action::Kind::kIf;
        ReadBranches(child, action);
      }
      actions.push_back(std::move(action));
    }
    return actions;
  }

  void ReadBranches(const pugi::xml_node& node, Action& action) const {
    // <elseif/> and <else/> are marks between the actions.
    std::string condition = node.attribute("cond").value();
    pugi::xml_node from = node.first_child();
    for (const auto& child : node.children()) {
      const std::string_view name = child.name();
      if (name != "elseif" && name != "else") continue;
      action.branches.push_back({condition, ReadActions(from, child)});
      condition = name == "else" ? "" : child.attribute("cond").value();
      from = child.next_sibling();
    }
    action.branches.push_back({condition, ReadActions(from, {})});
  }

  Transition ReadTransition(const pugi::xml_node& node, int source) const {
    Transition transition;
    transition.source = source;
    transition.line = Line(node);
    for (std::string event : Words(node.attribute("event").value())) {
      if (event != "*") {
        if (event.ends_with(".*")) event.resize(event.size() - 2);
        if (event.ends_with(".")) event.pop_back();
      }
      transition.events.push_back(event);
    }
    transition.condition = node.attribute("cond").value();
    transition.internal = std::string_view(node.attribute("type").value()) == "internal";
    transition.target_ids = Words(node.attribute("target").value());
    transition.actions = ReadActions(node);
    return transition;
  }

  Result<void> ReadState(const pugi::xml_node& node, int parent) {
    const int index = static_cast<int>(document_->states.size());
    if (index >= kMaxStates) return Wrong(node, "more than 2000 states");
    const std::string_view name = node.name();
    State state;
    state.index = index;
    state.parent = parent;
    state.line = Line(node);
    state.kind = name == "scxml"      ? State::Kind::kRoot
                 : name == "parallel" ? State::Kind::kParallel
                 : name == "final"    ? State::Kind::kFinal
                 : name == "history"  ? State::Kind::kHistory
                                      : State::Kind::kState;
    state.id = node.attribute("id").value();
    if (state.id.empty() && parent >= 0) state.id = "anonymous." + std::to_string(index);
    if (parent < 0) state.id.clear();
    if (!state.id.empty() && !ids_.emplace(state.id, index).second) {
      return Wrong(node, "the id " + state.id + " is given twice");
    }
    state.deep = std::string_view(node.attribute("type").value()) == "deep";
    state.initial.source = index;
    state.initial.line = state.line;
    state.initial.target_ids = Words(node.attribute("initial").value());
    if (const auto initial = node.child("initial")) {
      if (!state.initial.target_ids.empty()) return Wrong(node, "both an initial attribute and <initial>");
      state.initial = ReadTransition(initial.child("transition"), index);
    }
    if (state.kind == State::Kind::kHistory) {
      if (const auto fallback = node.child("transition")) state.initial = ReadTransition(fallback, index);
    }
    for (const auto& child : node.children()) {
      const std::string_view tag = child.name();
      if (tag == "transition" && state.kind != State::Kind::kHistory) {
        state.transitions.push_back(ReadTransition(child, index));
      }
      if (tag == "onentry") state.on_entry.push_back(ReadActions(child));
      if (tag == "onexit") state.on_exit.push_back(ReadActions(child));
      if (tag == "script") {
        document_->scripts.emplace_back(ReadContent(child, "expr").text, child.attribute("src").value());
      }
      if (tag == "datamodel") {
        for (const auto& entry : child.children("data")) {
          Data data{entry.attribute("id").value(), entry.attribute("src").value(), ReadContent(entry, "expr"),
                    Line(entry)};
          state.data.push_back(std::move(data));
        }
      }
      if (tag == "donedata") {
        state.has_done_data = true;
        state.done_params = ReadParams(child);
        if (const auto content = child.child("content")) state.done_content = ReadContent(content, "expr");
      }
      if (tag == "invoke") {
        Invoke invoke;
        invoke.attributes = ReadAttributes(child);
        invoke.params = ReadParams(child);
        invoke.line = Line(child);
        if (const auto content = child.child("content")) invoke.content = ReadContent(content, "expr");
        if (const auto finalize = child.child("finalize")) {
          invoke.has_finalize = true;
          invoke.finalize = ReadActions(finalize);
        }
        state.invokes.push_back(std::move(invoke));
      }
    }
    document_->states.push_back(std::move(state));
    for (const auto& child : node.children()) {
      const std::string_view tag = child.name();
      const bool history = tag == "history";
      if (!history && tag != "state" && tag != "parallel" && tag != "final") continue;
      const int made = static_cast<int>(document_->states.size());
      TRY_VOID(ReadState(child, index));
      auto& self = document_->states[static_cast<std::size_t>(index)];
      (history ? self.histories : self.children).push_back(made);
    }
    document_->states[static_cast<std::size_t>(index)].end = static_cast<int>(document_->states.size());
    return Ok();
  }

  static Error AtLine(int line, const std::string& node, const std::string& what) {
    Error error = InvalidArgument("FLOW_MALFORMED", "line " + std::to_string(line) + ": " + what);
    error.metadata = {{"line", std::to_string(line)}, {"column", "1"}, {"node", node}};
    return error;
  }

  Result<void> ResolveOne(Transition& transition) const {
    for (const std::string& id : transition.target_ids) {
      const auto found = ids_.find(id);
      if (found == ids_.end()) {
        return AtLine(transition.line, id, "there is no state " + id);
      }
      transition.targets.push_back(found->second);
    }
    for (const int one : transition.targets) {
      for (const int other : transition.targets) {
        if (one == other || document_->Inside(one, other) || document_->Inside(other, one)) continue;
        int above = document_->At(one).parent;
        while (!document_->Inside(other, above)) above = document_->At(above).parent;
        if (document_->At(above).kind == State::Kind::kParallel) continue;
        return AtLine(
            transition.line, document_->At(one).id,
            document_->At(one).id + " and " + document_->At(other).id + " are never active together");
      }
    }
    return Ok();
  }

  Result<void> Resolve() {
    for (State& state : document_->states) {
      for (Transition& transition : state.transitions) TRY_VOID(ResolveOne(transition));
      TRY_VOID(ResolveOne(state.initial));
      if (state.compound() && state.initial.targets.empty() && !state.children.empty()) {
        state.initial.targets = {state.children.front()};
      }
      if (state.kind == State::Kind::kRoot && state.children.empty()) {
        return Wrong(xml_.document_element(), "<scxml> needs a state");
      }
      for (const int target : state.initial.targets) {
        const int within = state.kind == State::Kind::kHistory ? state.parent : state.index;
        if (state.kind != State::Kind::kRoot && !document_->Inside(target, within)) {
          return AtLine(state.line, state.id, "the start of " + state.id + " lies outside of it");
        }
      }
    }
    return Ok();
  }

  std::string_view text_;
  std::vector<std::size_t> line_starts_;
  std::size_t bom_ = 0;
  bool null_model_ = false;
  pugi::xml_document xml_;
  std::shared_ptr<Document> document_;
  std::unordered_map<std::string, int> ids_;
};

void WriteTree(const pugi::xml_node& node, std::string& out) {
  out += "{\"n\":" + JsonQuoted(node.name()) + ",\"a\":{";
  bool first = true;
  for (const auto& attribute : node.attributes()) {
    if (!first) out += ',';
    first = false;
    out += JsonQuoted(attribute.name()) + ":" + JsonQuoted(attribute.value());
  }
  out += "},\"c\":[";
  first = true;
  for (const auto& child : node.children()) {
    const bool element = child.type() == pugi::node_element;
    if (!element && child.type() != pugi::node_pcdata && child.type() != pugi::node_cdata) continue;
    if (!first) out += ',';
    first = false;
    if (element) {
      WriteTree(child, out);
    } else {
      out += JsonQuoted(child.value());
    }
  }
  out += "]}";
}

int TreeDepth(const pugi::xml_node& node, int depth) {
  int deepest = depth;
  if (depth > kMaxDepth) return depth;
  for (const auto& child : node.children()) deepest = std::max(deepest, TreeDepth(child, depth + 1));
  return deepest;
}

}  // namespace

bool Action::Has(std::string_view name) const {
  return std::any_of(attributes.begin(), attributes.end(),
                     [&](const auto& entry) { return entry.first == name; });
}
const std::string& Action::Get(std::string_view name) const { return AttributeIn(attributes, name); }
const std::string& Invoke::Get(std::string_view name) const { return AttributeIn(attributes, name); }

int Document::Find(std::string_view id) const {
  for (const State& state : states) {
    if (state.id == id && state.index > 0) return state.index;
  }
  return -1;
}

Result<std::shared_ptr<const Document>> ReadDocument(std::string_view text) { return Reader(text).Read(); }

Result<std::string> XmlAsJson(std::string_view text) {
  pugi::xml_document xml;
  const auto parsed = xml.load_buffer(text.data(), text.size(), pugi::parse_default, pugi::encoding_utf8);
  if (!parsed || !xml.document_element()) return InvalidArgument("SCRIPT_FAILED", "this is no XML text");
  if (TreeDepth(xml.document_element(), 1) > kMaxDepth) {
    return InvalidArgument("SCRIPT_FAILED", "the XML text is nested too deeply");
  }
  std::string out;
  WriteTree(xml.document_element(), out);
  return out;
}

}  // namespace carillon::ivr
