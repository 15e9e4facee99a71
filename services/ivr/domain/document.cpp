#include "ivr/domain/document.hpp"

#include <algorithm>
#include <array>
#include <cstring>
#include <pugixml.hpp>
#include <set>
#include <sstream>
#include <unordered_map>

#include "ivr/domain/script.hpp"

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
constexpr std::array<Grammar, 28> kGrammar{{
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
    {"", "", ""},
    {"", "", ""},
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
    if (!entry.element.empty() && entry.element == element) return &entry;
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
    if (text_.find("<!DOCTYPE") != std::string_view::npos ||
        text_.find("<!ENTITY") != std::string_view::npos) {
      const auto at = std::min(text_.find("<!DOCTYPE"), text_.find("<!ENTITY"));
      return Wrong(at, "a document type declaration is not allowed");
    }
    if (text_.starts_with("\xEF\xBB\xBF")) bom_ = 3;
    const auto parsed =
        xml_.load_buffer(text_.data() + bom_, text_.size() - bom_,
                         pugi::parse_default | pugi::parse_ws_pcdata_single, pugi::encoding_utf8);
    if (!parsed) return Wrong(static_cast<std::size_t>(parsed.offset) + bom_, parsed.description());
    const pugi::xml_node root = xml_.document_element();
    if (std::string_view(root.name()) != "scxml") return Wrong(root, "the root must be <scxml>");
    const std::string_view ns = root.attribute("xmlns").value();
    if (!ns.empty() && ns != kScxmlNamespace) return Wrong(root, "<scxml> of another namespace");
    const std::string_view model = root.attribute("datamodel").value();
    if (!model.empty() && model != "ecmascript") return Wrong(root, "the data model must be ecmascript");
    if (const auto next = root.next_sibling(); next) return Wrong(next, "more than one root");
    TRY_VOID(Check(root, 1));

    document_ = std::make_shared<Document>();
    document_->name = root.attribute("name").value();
    document_->late_binding = std::string_view(root.attribute("binding").value()) == "late";
    TRY_VOID(ReadState(root, -1));
    TRY_VOID(Resolve());
    return std::shared_ptr<const Document>(document_);
  }

 private:
  Error Wrong(std::size_t offset, std::string_view what) const {
    int line = 1;
    int column = 1;
    for (std::size_t i = 0; i < std::min(offset, text_.size()); ++i) {
      if (text_[i] == '\n') {
        ++line;
        column = 1;
      } else {
        ++column;
      }
    }
    Error error = InvalidArgument("FLOW_MALFORMED", "line " + std::to_string(line) + ", column " +
                                                        std::to_string(column) + ": " + std::string(what));
    error.metadata = {{"line", std::to_string(line)}, {"column", std::to_string(column)}};
    return error;
  }
  Error Wrong(const pugi::xml_node& node, std::string_view what) const {
    return Wrong(static_cast<std::size_t>(std::max<std::ptrdiff_t>(node.offset_debug(), 0)) + bom_, what);
  }
  int Line(const pugi::xml_node& node) const {
    const auto offset = static_cast<std::size_t>(std::max<std::ptrdiff_t>(node.offset_debug(), 0)) + bom_;
    return 1 + static_cast<int>(std::count(
                   text_.begin(), text_.begin() + static_cast<std::ptrdiff_t>(std::min(offset, text_.size())),
                   '\n'));
  }

  Result<void> Check(const pugi::xml_node& node, int depth) const {
    if (depth > kMaxDepth) return Wrong(node, "elements are nested too deeply");
    const std::string name = node.name();
    const Grammar* const grammar = GrammarOf(name);
    if (grammar == nullptr) return Wrong(node, "<" + name + "> is no element of SCXML");
    std::set<std::string_view> seen;
    for (const auto& attribute : node.attributes()) {
      const std::string_view key = attribute.name();
      if (!seen.insert(key).second) return Wrong(node, "attribute " + std::string(key) + " is given twice");
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
          TRY_VOID(Depth(child, depth + 1));
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
    if (name == "raise") return need("event");
    if (name == "assign") return need("location");
    if (name == "data") return need("id");
    if (name == "param") {
      TRY_VOID(either("expr", "location"));
      return need("name");
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
    }
    if (name == "invoke") {
      TRY_VOID(either("type", "typeexpr"));
      TRY_VOID(either("src", "srcexpr"));
      TRY_VOID(either("id", "idlocation"));
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
      const std::string_view type = node.attribute("type").value();
      if (!type.empty() && type != "internal" && type != "external") {
        return Wrong(node, "the type of a transition is internal or external");
      }
    }
    if (name == "initial" || name == "history") {
      if (!node.child("transition") && name == "initial") return Wrong(node, "<initial> needs a transition");
    }
    return Ok();
  }

  Result<void> Depth(const pugi::xml_node& node, int depth) const {
    if (depth > kMaxDepth) return Wrong(node, "elements are nested too deeply");
    for (const auto& child : node.children()) {
      if (child.type() == pugi::node_element) TRY_VOID(Depth(child, depth + 1));
    }
    return Ok();
  }

  static Content ReadContent(const pugi::xml_node& node, const char* expression) {
    Content content;
    content.given = true;
    content.expression = node.attribute(expression).value();
    std::ostringstream raw;
    for (const auto& child : node.children()) {
      if (child.type() == pugi::node_element) {
        content.xml = true;
        child.print(raw, "", pugi::format_raw);
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

  Actions ReadActions(const pugi::xml_node& node) const {
    Actions actions;
    for (const auto& child : node.children()) {
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
    // <elseif/> and <else/> are marks between the actions, so each span is copied under a parent of its own.
    pugi::xml_document spans;
    pugi::xml_node span = spans.append_child("span");
    std::vector<std::pair<std::string, pugi::xml_node>> found{{node.attribute("cond").value(), span}};
    for (const auto& child : node.children()) {
      const std::string_view name = child.name();
      if (name == "elseif" || name == "else") {
        span = spans.append_child("span");
        found.emplace_back(name == "else" ? "" : child.attribute("cond").value(), span);
      } else {
        span.append_copy(child);
      }
    }
    for (const auto& [condition, actions] : found)
      action.branches.push_back({condition, ReadActions(actions)});
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

  Result<void> ResolveOne(Transition& transition) const {
    for (const std::string& id : transition.target_ids) {
      const auto found = ids_.find(id);
      if (found == ids_.end()) {
        Error error = InvalidArgument(
            "FLOW_MALFORMED", "line " + std::to_string(transition.line) + ": there is no state " + id);
        error.metadata = {{"line", std::to_string(transition.line)}, {"column", "1"}, {"node", id}};
        return error;
      }
      transition.targets.push_back(found->second);
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
          Error error =
              InvalidArgument("FLOW_MALFORMED", "line " + std::to_string(state.line) + ": the start of " +
                                                    state.id + " lies outside of it");
          error.metadata = {{"line", std::to_string(state.line)}, {"column", "1"}, {"node", state.id}};
          return error;
        }
      }
    }
    return Ok();
  }

  std::string_view text_;
  std::size_t bom_ = 0;
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
