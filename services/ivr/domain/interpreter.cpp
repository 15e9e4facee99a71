#include "ivr/domain/interpreter.hpp"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <deque>
#include <map>
#include <set>

#include "ivr/domain/json.hpp"

namespace carillon::ivr {
namespace pb = v1;
namespace {

constexpr std::string_view kScxmlProcessor = "http://www.w3.org/TR/scxml/#SCXMLEventProcessor";

bool IsScxmlProcessor(std::string_view type) {
  return type.empty() || type == "scxml" || type == kScxmlProcessor || type == "http://www.w3.org/TR/scxml/";
}

constexpr std::string_view kBasicHttpProcessor = "http://www.w3.org/TR/scxml/#BasicHTTPEventProcessor";

bool IsScxmlInvoke(std::string_view type) {
  return type.empty() || type == "scxml" || type == "http://www.w3.org/TR/scxml/" ||
         type == "http://www.w3.org/TR/scxml";
}

bool EventMatches(const std::vector<std::string>& descriptors, std::string_view name) {
  return std::any_of(descriptors.begin(), descriptors.end(), [&](const std::string& wanted) {
    if (wanted == "*") return true;
    if (!name.starts_with(wanted)) return false;
    return name.size() == wanted.size() || name[wanted.size()] == '.';
  });
}

std::int64_t Micros(TimePoint at) { return at.time_since_epoch().count(); }

/// {"$xml":"…"} -> the source; anything else is no document.
std::string XmlSource(std::string_view json) {
  google::protobuf::Value value;
  if (!json.starts_with("{\"$xml\":") || !ReadJson(json, value)) return {};
  return value.struct_value().fields().at("$xml").string_value();
}

/// The script that a document's heaps may begin with; "" when it has several, or one from elsewhere.
std::string OwnScript(const Document& document) {
  return document.scripts.size() == 1 && document.scripts[0].second.empty() ? document.scripts[0].first : "";
}

struct Tree;

/// One session while a step is taken.
struct Engine {
  Tree& tree;
  Engine* parent = nullptr;
  std::shared_ptr<const Document> document;
  std::string source;  ///< of an invoked document
  std::string id, invoke_id;
  std::unique_ptr<DataModel> model;
  std::set<int> configuration;
  std::map<int, std::vector<int>> history;
  std::set<int> initialised;
  std::deque<pb::Happening> internal, external;
  std::vector<pb::Timer> timers;
  std::vector<pb::Invocation> invocations;
  std::vector<std::unique_ptr<Engine>> children;
  std::set<int> to_invoke;
  std::int64_t counter = 0;
  bool running = false;
  bool started = false;
  bool cancelled = false;  ///< its last words are not heard
  std::string final_state, done_data;

  explicit Engine(Tree& owner) : tree(owner) {}

  // --- life
  bool Open();
  Result<void> Load(const pb::Machine& stored, std::shared_ptr<const Document> root);
  Result<pb::Machine> Save();
  Result<void> Lose(const Error& why);
  Result<void> Begin(const std::vector<std::pair<std::string, std::string>>& variables);
  void TakeExternal();
  void Settle();
  void Exit(bool by_parent);
  Engine* Child(std::string_view child_invoke);

  // --- algorithm
  using Enabled = std::vector<const Transition*>;
  Enabled Select(const pb::Happening* event);
  Enabled WithoutConflicts(const Enabled& enabled);
  void Microstep(const Enabled& enabled);
  std::set<int> ExitSet(const Enabled& enabled);
  std::set<int> EffectiveTargets(const Transition& transition);
  int Domain(const Transition& transition);
  int CommonAncestor(const std::vector<int>& states);
  void ExitStates(const std::set<int>& states);
  void EnterStates(const Enabled& enabled);
  struct Entry {
    std::set<int> states, defaults;
    std::map<int, const Actions*> history_content;
  };
  void AddDescendants(int state, Entry& entry);
  void AddAncestors(int state, int ancestor, Entry& entry);
  void AddParallel(int state, Entry& entry);
  bool InFinal(int state);
  void InitialiseData(int state, const std::vector<std::pair<std::string, std::string>>& variables);
  std::string DoneData(const State& state);

  // --- executable content
  bool Run(const Actions& actions);
  bool RunOne(const Action& action);
  bool Send(const Action& action);
  bool Assign(const Action& action);
  void StartInvoke(int state, int position);
  void StopInvokes(int state);
  Result<std::string> Params(const std::vector<Param>& params, const std::string& names, bool strict,
                             std::vector<std::pair<std::string, std::string>>* out);
  Result<std::string> Evaluated(const Content& content);
  Result<std::string> EitherText(const std::string& literal, const std::string& expression);
  void Raise(pb::Happening::Kind kind, std::string name, std::string data = "", std::string send_id = "");
  void Wrong(const Error& error, int line, std::string_view send_id = "");
  Result<void> Route(const pb::Happening& event, const std::string& target, const std::string& type,
                     bool content);
};

struct Tree {
  const Surroundings& around;
  TimePoint now;
  ScriptHeap heap;
  std::unique_ptr<Engine> root;
  std::vector<Effect> effects;
  std::vector<std::string> log;
  int transitions = 0;
  Engine* unkept = nullptr;  ///< whose variables could not be saved
  std::optional<Error> fatal;

  Tree(const Surroundings& surroundings, TimePoint at, std::string own_script)
      : around(surroundings), now(at), heap(surroundings.limits, at, std::move(own_script)) {}

  bool Stopped() {
    if (!fatal && heap.exhausted()) {
      fatal = ResourceExhausted("SCRIPT_EXHAUSTED", "the flow's scripts used up their time or memory");
    }
    return fatal.has_value();
  }

  /// Counts what a flow could do for ever.
  bool MayGoOn() {
    if (++transitions > around.max_transitions)
      fatal = ResourceExhausted("FLOW_LOOPS", "the flow makes too many transitions without waiting");
    return !fatal;
  }

  template <class Visit>
  static bool Any(Engine& engine, const Visit& visit) {
    if (visit(engine)) return true;
    for (std::size_t i = 0; i < engine.children.size(); ++i) {
      if (Any(*engine.children[i], visit)) return true;
    }
    return false;
  }

  int Count() {
    int count = 0;
    Any(*root, [&](Engine&) {
      ++count;
      return false;
    });
    return count;
  }

  Engine* Find(std::string_view id) {
    Engine* found = nullptr;
    Any(*root, [&](Engine& engine) {
      if (engine.id == id) found = &engine;
      return found != nullptr;
    });
    return found;
  }

  /// Handles events until no session has any.
  void Quiesce() {
    while (!Stopped()) {
      Engine* ready = nullptr;
      Any(*root, [&](Engine& engine) {
        if (engine.running && engine.started && !engine.external.empty()) ready = &engine;
        return ready != nullptr;
      });
      if (ready == nullptr) break;
      ready->TakeExternal();
      Sweep(*root);
    }
  }

  /// Drops invoked sessions that are over.
  static void Sweep(Engine& engine) {
    for (auto& child : engine.children) Sweep(*child);
    std::erase_if(engine.children, [](const auto& child) { return !child->running; });
  }

  Result<Stepped> Done() {
    if (Stopped()) return *fatal;
    Stepped out;
    for (auto saved = root->Save();; saved = root->Save()) {
      if (Stopped()) return *fatal;
      if (saved) {
        out.machine = *std::move(saved);
        break;
      }
      Engine* const loser = std::exchange(unkept, nullptr);
      if (loser == nullptr) return saved.error();
      TRY_VOID(loser->Lose(saved.error()));
      Quiesce();
    }
    out.effects = std::move(effects);
    out.log = std::move(log);
    return out;
  }
};

// --- life
// ------------------------------------------------------------------------------------------------------

bool Engine::Open() {
  model = tree.heap.Open(id, [this](std::string_view state) {
    const int index = document->Find(state);
    return index > 0 && configuration.contains(index);
  });
  if (!model) return false;
  std::string processors = "{\"scxml\":{\"location\":" + JsonQuoted("#_scxml_" + id) + "}," +
                           JsonQuoted(kScxmlProcessor) + ":{\"location\":" + JsonQuoted("#_scxml_" + id) +
                           "}";
  if (tree.around.post) {
    for (const std::string_view name : {std::string_view("basichttp"), kBasicHttpProcessor}) {
      processors +=
          "," + JsonQuoted(name) + ":{\"location\":" + JsonQuoted(tree.around.basic_http + id) + "}";
    }
  }
  model->SetSystem(id, document->name, processors + "}");
  return true;
}

Result<void> Engine::Begin(const std::vector<std::pair<std::string, std::string>>& variables) {
  std::vector<std::string> scripts;
  for (const auto& [text, script_source] : document->scripts) {
    if (script_source.empty()) {
      scripts.push_back(text);
      continue;
    }
    auto loaded = tree.around.load ? tree.around.load(script_source)
                                   : Result<std::string>(NotFound("SOURCE_UNKNOWN", "no source can be read"));
    if (!loaded) {
      return InvalidArgument("FLOW_MALFORMED",
                             "the script " + script_source + " cannot be had: " + loaded.error().message);
    }
    scripts.push_back(*loaded);
  }
  running = true;
  started = true;
  for (const State& state : document->states) {
    for (const Data& data : state.data) {
      if (auto made = model->Declare(data.id); !made) Wrong(made.error(), data.line);
    }
  }
  InitialiseData(0, variables);
  if (!document->late_binding) {
    for (const State& state : document->states) {
      if (state.index > 0) InitialiseData(state.index, {});
    }
  }
  for (const std::string& script : scripts) {
    if (auto ran = model->Run(script); !ran) Wrong(ran.error(), 1);
  }
  Transition initial = document->At(0).initial;
  EnterStates({&initial});
  Settle();
  return Ok();
}

void Engine::InitialiseData(int state, const std::vector<std::pair<std::string, std::string>>& variables) {
  if (!initialised.insert(state).second) return;
  for (const Data& data : document->At(state).data) {
    const auto given = std::find_if(variables.begin(), variables.end(),
                                    [&](const auto& variable) { return variable.first == data.id; });
    const auto set = [&]() -> Result<void> {
      if (given != variables.end()) return model->Set(data.id, given->second);
      if (!data.content.expression.empty()) return model->SetTo(data.id, data.content.expression);
      if (!data.source.empty()) {
        if (!tree.around.load) return NotFound("SOURCE_UNKNOWN", "no source can be read");
        TRY(const std::string text, tree.around.load(data.source));
        const bool xml = text.find_first_not_of(" \t\r\n") != std::string::npos &&
                         text[text.find_first_not_of(" \t\r\n")] == '<';
        TRY(const std::string json, model->Literal(text, xml));
        return model->Set(data.id, json);
      }
      if (data.content.text.find_first_not_of(" \t\r\n") == std::string::npos) return Ok();
      TRY(const std::string json, model->Literal(data.content.text, data.content.xml));
      return model->Set(data.id, json);
    };
    if (auto done = set(); !done) Wrong(done.error(), data.line);
  }
}

Result<void> Engine::Load(const pb::Machine& stored, std::shared_ptr<const Document> root) {
  id = stored.id();
  invoke_id = stored.invoke_id();
  source = stored.document();
  document = std::move(root);
  if (!source.empty()) {
    TRY(document, ReadDocument(source));
  }
  const int size = static_cast<int>(document->states.size());
  for (const int state : stored.configuration()) {
    if (state < 0 || state >= size)
      return InvalidArgument("FLOW_MALFORMED", "the machine is of another document");
    configuration.insert(state);
  }
  for (const auto& [state, set] : stored.history())
    history[state] = {set.states().begin(), set.states().end()};
  initialised = {stored.initialised().begin(), stored.initialised().end()};
  timers = {stored.timers().begin(), stored.timers().end()};
  invocations = {stored.invocations().begin(), stored.invocations().end()};
  counter = stored.counter();
  running = stored.running();
  started = true;
  final_state = stored.final_state();
  done_data = stored.done_data();
  if (!Open()) return ResourceExhausted("SCRIPT_EXHAUSTED", "no memory for the data model");
  // Functions are made again by the document; then every variable gets its kept value.
  const bool own = parent == nullptr && !OwnScript(*document).empty();
  if (own) (void)model->RunOwn().has_value();
  for (const auto& [text, script_source] : document->scripts) {
    if (own) break;
    auto script = script_source.empty() ? Result<std::string>(text)
                  : tree.around.load    ? tree.around.load(script_source)
                                        : Result<std::string>(std::string());
    if (script && !script->empty()) (void)model->Run(*script).has_value();
  }
  TRY(const auto functions, model->Restore(stored.datamodel()));
  for (const State& state : document->states) {
    for (const Data& data : state.data) {
      if (std::find(functions.begin(), functions.end(), data.id) == functions.end()) continue;
      TRY_VOID(model->Declare(data.id));
      (void)model->SetTo(data.id, data.content.expression).has_value();
    }
  }
  for (const pb::Machine& child : stored.children()) {
    auto& made = children.emplace_back(std::make_unique<Engine>(tree));
    made->parent = this;
    TRY_VOID(made->Load(child, nullptr));
  }
  return Ok();
}

Result<pb::Machine> Engine::Save() {
  pb::Machine out;
  out.set_id(id);
  out.set_invoke_id(invoke_id);
  out.set_document(source);
  for (const int state : configuration) out.add_configuration(state);
  for (const auto& [state, states] : history) {
    auto& set = (*out.mutable_history())[state];
    for (const int each : states) set.add_states(each);
  }
  // What is over is never asked again.
  if (running) {
    auto saved = model->Save();
    if (!saved && saved.error().code == Code::kInvalidArgument) tree.unkept = this;
    TRY(*out.mutable_datamodel(), std::move(saved));
  }
  for (const pb::Timer& timer : timers) *out.add_timers() = timer;
  for (const int state : initialised) out.add_initialised(state);
  for (const pb::Invocation& invocation : invocations) *out.add_invocations() = invocation;
  for (const auto& child : children) {
    if (!child->running) continue;
    TRY(*out.add_children(), child->Save());
  }
  out.set_counter(counter);
  out.set_running(running);
  out.set_final_state(final_state);
  out.set_done_data(done_data);
  return out;
}

/// Goes on without the variables that cannot be saved; the flow learns of it, as of any other mistake.
Result<void> Engine::Lose(const Error& why) {
  TRY(const auto names, model->Forget());
  std::string all;
  for (const std::string& name : names) all += (all.empty() ? "" : ", ") + name;
  if (!tree.MayGoOn()) return *tree.fatal;
  Wrong(InvalidArgument(why.reason, "cannot be kept: " + all + " (" + why.message + ")"), 0);
  Settle();
  return Ok();
}

Engine* Engine::Child(std::string_view child_invoke) {
  for (const auto& child : children) {
    if (child->invoke_id == child_invoke && child->running) return child.get();
  }
  return nullptr;
}

void Engine::TakeExternal() {
  const pb::Happening event = external.front();
  external.pop_front();
  const auto bind = [&] {
    model->SetEvent({event.name(), "external", event.send_id(), event.origin(), event.origin_type(),
                     event.invoke_id(), event.data(), event.raw()});
  };
  bind();
  // A copy: finalize may not change invocations, but forwarding may end a child.
  const auto active = invocations;
  for (const pb::Invocation& invocation : active) {
    const Invoke& invoke =
        document->At(invocation.state()).invokes[static_cast<std::size_t>(invocation.position())];
    if (!event.invoke_id().empty() && invocation.id() == event.invoke_id() && invoke.has_finalize) {
      if (invoke.finalize.empty()) {
        for (const Param& param : invoke.params) {
          if (param.location.empty()) continue;
          const std::string value = "_event.data[" + JsonQuoted(param.name) + "]";
          (void)model->Assign(param.location, value).has_value();
        }
      } else {
        Run(invoke.finalize);
      }
    }
    if (invocation.autoforward()) {
      if (Engine* const child = Child(invocation.id())) child->external.push_back(event);
    }
  }
  const Enabled enabled = Select(&event);
  if (!enabled.empty()) Microstep(enabled);
  Settle();
}

/// The rest of a macrostep: eventless transitions, internal events, then invocations.
void Engine::Settle() {
  while (running && !tree.Stopped()) {
    Enabled enabled = Select(nullptr);
    if (enabled.empty()) {
      if (internal.empty()) {
        // Invocations may raise errors, which are handled before the session waits.
        const std::set<int> states = std::exchange(to_invoke, {});
        for (const int state : states) {
          const auto count = document->At(state).invokes.size();
          for (std::size_t i = 0; i < count; ++i) StartInvoke(state, static_cast<int>(i));
        }
        if (internal.empty()) return;
      }
      const pb::Happening event = internal.front();
      internal.pop_front();
      model->SetEvent({event.name(), event.kind() == pb::Happening::PLATFORM ? "platform" : "internal",
                       event.send_id(), event.origin(), event.origin_type(), event.invoke_id(), event.data(),
                       event.raw()});
      enabled = Select(&event);
    }
    if (!enabled.empty()) Microstep(enabled);
  }
  if (!running && !final_state.empty() && !configuration.empty()) Exit(false);
}

/// Leaves every state. A session that ended by itself tells its parent; a cancelled one does not.
void Engine::Exit(bool by_parent) {
  running = false;
  cancelled = by_parent;
  std::vector<int> states(configuration.rbegin(), configuration.rend());
  for (const int state : states) {
    for (const Actions& actions : document->At(state).on_exit) Run(actions);
    StopInvokes(state);
    configuration.erase(state);
  }
  timers.clear();
  external.clear();
  internal.clear();
  if (by_parent || parent == nullptr) return;
  pb::Happening done;
  done.set_name("done.invoke." + invoke_id);
  done.set_kind(pb::Happening::EXTERNAL);
  done.set_invoke_id(invoke_id);
  done.set_data(done_data);
  parent->external.push_back(done);
}

// --- algorithm
// -------------------------------------------------------------------------------------------------

Engine::Enabled Engine::Select(const pb::Happening* event) {
  Enabled enabled;
  for (const int atomic : std::vector<int>(configuration.begin(), configuration.end())) {
    if (!document->At(atomic).atomic()) continue;
    bool found = false;
    for (int state = atomic; state >= 0 && !found; state = document->At(state).parent) {
      for (const Transition& transition : document->At(state).transitions) {
        if (event == nullptr ? !transition.events.empty() : !EventMatches(transition.events, event->name()))
          continue;
        if (!transition.condition.empty()) {
          auto holds = model->Test(transition.condition);
          if (!holds) Wrong(holds.error(), transition.line);
          if (!holds || !*holds) continue;
        }
        if (std::find(enabled.begin(), enabled.end(), &transition) == enabled.end())
          enabled.push_back(&transition);
        found = true;
        break;
      }
    }
  }
  return WithoutConflicts(enabled);
}

Engine::Enabled Engine::WithoutConflicts(const Enabled& enabled) {
  Enabled kept;
  for (const Transition* one : enabled) {
    bool pre_empted = false;
    Enabled dropped;
    const std::set<int> exits = ExitSet({one});
    for (const Transition* other : kept) {
      const std::set<int> others = ExitSet({other});
      const bool conflict =
          std::any_of(exits.begin(), exits.end(), [&](int state) { return others.contains(state); });
      if (!conflict) continue;
      if (document->Inside(one->source, other->source)) {
        dropped.push_back(other);
      } else {
        pre_empted = true;
        break;
      }
    }
    if (pre_empted) continue;
    std::erase_if(kept, [&](const Transition* other) {
      return std::find(dropped.begin(), dropped.end(), other) != dropped.end();
    });
    kept.push_back(one);
  }
  return kept;
}

void Engine::Microstep(const Enabled& enabled) {
  if (!tree.MayGoOn()) return;
  ExitStates(ExitSet(enabled));
  for (const Transition* transition : enabled) Run(transition->actions);
  EnterStates(enabled);
}

std::set<int> Engine::ExitSet(const Enabled& enabled) {
  std::set<int> states;
  for (const Transition* transition : enabled) {
    if (transition->targets.empty()) continue;
    const int domain = Domain(*transition);
    for (const int state : configuration) {
      if (domain < 0 || document->Inside(state, domain)) states.insert(state);
    }
  }
  return states;
}

std::set<int> Engine::EffectiveTargets(const Transition& transition) {
  std::set<int> targets;
  for (const int target : transition.targets) {
    const State& state = document->At(target);
    if (state.kind != State::Kind::kHistory) {
      targets.insert(target);
    } else if (const auto kept = history.find(target); kept != history.end()) {
      targets.insert(kept->second.begin(), kept->second.end());
    } else {
      const auto fallback = EffectiveTargets(state.initial);
      targets.insert(fallback.begin(), fallback.end());
    }
  }
  return targets;
}

int Engine::Domain(const Transition& transition) {
  const auto targets = EffectiveTargets(transition);
  if (targets.empty()) return transition.source;
  const bool inside = std::all_of(targets.begin(), targets.end(),
                                  [&](int target) { return document->Inside(target, transition.source); });
  if (transition.internal && document->At(transition.source).compound() && inside) return transition.source;
  std::vector<int> states{transition.source};
  states.insert(states.end(), targets.begin(), targets.end());
  return CommonAncestor(states);
}

/// The innermost compound state (or the root) with all of `states` inside.
int Engine::CommonAncestor(const std::vector<int>& states) {
  for (int above = document->At(states.front()).parent; above > 0; above = document->At(above).parent) {
    if (!document->At(above).compound()) continue;
    if (std::all_of(states.begin() + 1, states.end(),
                    [&](int state) { return document->Inside(state, above); })) {
      return above;
    }
  }
  return 0;
}

void Engine::ExitStates(const std::set<int>& states) {
  for (const int state : states) to_invoke.erase(state);
  for (const int state : states) {
    for (const int kept : document->At(state).histories) {
      std::vector<int>& record = history[kept];
      record.clear();
      for (const int active : configuration) {
        const bool mine = document->At(kept).deep
                              ? document->At(active).atomic() && document->Inside(active, state)
                              : document->At(active).parent == state;
        if (mine) record.push_back(active);
      }
    }
  }
  for (auto state = states.rbegin(); state != states.rend(); ++state) {
    for (const Actions& actions : document->At(*state).on_exit) Run(actions);
    StopInvokes(*state);
    configuration.erase(*state);
  }
}

void Engine::EnterStates(const Enabled& enabled) {
  Entry entry;
  for (const Transition* transition : enabled) {
    if (transition->targets.empty()) continue;
    for (const int target : transition->targets) AddDescendants(target, entry);
    const int ancestor = Domain(*transition);
    for (const int target : EffectiveTargets(*transition)) AddAncestors(target, ancestor, entry);
  }
  for (const int index : entry.states) {
    if (tree.Stopped()) return;
    const State& state = document->At(index);
    configuration.insert(index);
    if (!state.invokes.empty()) to_invoke.insert(index);
    if (document->late_binding) InitialiseData(index, {});
    for (const Actions& actions : state.on_entry) Run(actions);
    if (entry.defaults.contains(index)) Run(state.initial.actions);
    if (const auto content = entry.history_content.find(index); content != entry.history_content.end()) {
      Run(*content->second);
    }
    if (state.kind != State::Kind::kFinal) continue;
    if (state.parent == 0) {
      running = false;
      final_state = state.id;
      done_data = DoneData(state);
    } else {
      const State& above = document->At(state.parent);
      Raise(pb::Happening::PLATFORM, "done.state." + above.id, DoneData(state));
      if (above.parent >= 0) {
        const State& grand = document->At(above.parent);
        if (grand.kind == State::Kind::kParallel && std::all_of(grand.children.begin(), grand.children.end(),
                                                                [&](int child) { return InFinal(child); })) {
          Raise(pb::Happening::PLATFORM, "done.state." + grand.id);
        }
      }
    }
  }
}

void Engine::AddDescendants(int index, Entry& entry) {
  const State& state = document->At(index);
  if (state.kind == State::Kind::kHistory) {
    const auto kept = history.find(index);
    if (kept != history.end()) {
      for (const int each : kept->second) AddDescendants(each, entry);
      for (const int each : kept->second) AddAncestors(each, state.parent, entry);
    } else {
      entry.history_content[state.parent] = &state.initial.actions;
      for (const int each : state.initial.targets) AddDescendants(each, entry);
      for (const int each : state.initial.targets) AddAncestors(each, state.parent, entry);
    }
    return;
  }
  entry.states.insert(index);
  if (state.compound() && state.kind != State::Kind::kRoot) {
    entry.defaults.insert(index);
    for (const int each : state.initial.targets) AddDescendants(each, entry);
    for (const int each : state.initial.targets) AddAncestors(each, index, entry);
  } else if (state.kind == State::Kind::kParallel) {
    AddParallel(index, entry);
  }
}

void Engine::AddParallel(int index, Entry& entry) {
  for (const int child : document->At(index).children) {
    const bool covered = std::any_of(entry.states.begin(), entry.states.end(), [&](int state) {
      return state == child || document->Inside(state, child);
    });
    if (!covered) AddDescendants(child, entry);
  }
}

void Engine::AddAncestors(int index, int ancestor, Entry& entry) {
  for (int above = document->At(index).parent; above > 0 && above != ancestor;
       above = document->At(above).parent) {
    entry.states.insert(above);
    if (document->At(above).kind == State::Kind::kParallel) AddParallel(above, entry);
  }
}

bool Engine::InFinal(int index) {
  const State& state = document->At(index);
  if (state.kind == State::Kind::kParallel) {
    return std::all_of(state.children.begin(), state.children.end(),
                       [&](int child) { return InFinal(child); });
  }
  return std::any_of(state.children.begin(), state.children.end(), [&](int child) {
    return document->At(child).kind == State::Kind::kFinal && configuration.contains(child);
  });
}

std::string Engine::DoneData(const State& state) {
  if (!state.has_done_data) return {};
  if (state.done_content.given) {
    auto value = Evaluated(state.done_content);
    if (value) return *value;
    Wrong(value.error(), state.line);
    return {};
  }
  auto params = Params(state.done_params, "", false, nullptr);
  return params ? *params : std::string();
}

// --- executable content
// ----------------------------------------------------------------------------------------

void Engine::Raise(pb::Happening::Kind kind, std::string name, std::string data, std::string send_id) {
  pb::Happening event;
  event.set_name(std::move(name));
  event.set_kind(kind);
  event.set_data(std::move(data));
  event.set_send_id(std::move(send_id));
  internal.push_back(std::move(event));
}

void Engine::Wrong(const Error& error, int line, std::string_view send_id) {
  tree.log.push_back("line " + std::to_string(line) + ": " + error.message);
  // A flow may answer the first exhaustion of a step; after the second there is nothing left to answer with.
  if (tree.heap.exhausted() && !tree.heap.Forgive()) return;
  const bool unreachable = error.code == Code::kUnavailable;
  Raise(pb::Happening::PLATFORM, unreachable ? "error.communication" : "error.execution",
        "{\"reason\":" + JsonQuoted(error.reason) + ",\"message\":" + JsonQuoted(error.message) +
            ",\"line\":" + std::to_string(line) + "}",
        std::string(send_id));
}

/// False when an error stopped the block.
bool Engine::Run(const Actions& actions) {
  for (const Action& action : actions) {
    if (tree.Stopped() || !RunOne(action)) return false;
  }
  return true;
}

bool Engine::RunOne(const Action& action) {
  const auto failed = [&](const Error& error) {
    Wrong(error, action.line);
    return false;
  };
  switch (action.kind) {
    case Action::Kind::kRaise:
      Raise(pb::Happening::INTERNAL, action.Get("event"));
      return true;
    case Action::Kind::kLog: {
      std::string text = action.Get("label");
      if (action.Has("expr")) {
        auto value = model->Text(action.Get("expr"));
        if (!value) return failed(value.error());
        text += (text.empty() ? "" : ": ") + *value;
      }
      tree.log.push_back(text);
      return true;
    }
    case Action::Kind::kScript: {
      auto ran = model->Run(action.content.text);
      return ran ? true : failed(ran.error());
    }
    case Action::Kind::kAssign:
      return Assign(action);
    case Action::Kind::kIf:
      for (std::size_t i = 0; i < action.branches.size(); ++i) {
        const Branch& branch = action.branches[i];
        if (branch.condition.empty() && i > 0) return Run(branch.actions);
        auto holds = model->Test(branch.condition);
        if (!holds) Wrong(holds.error(), action.line);
        if (holds && *holds) return Run(branch.actions);
      }
      return true;
    case Action::Kind::kForeach: {
      bool whole = true;
      auto done = model->ForEach(action.Get("array"), action.Get("item"), action.Get("index"), [&] {
        whole = Run(action.branches.front().actions);
        return whole;
      });
      return done ? whole : failed(done.error());
    }
    case Action::Kind::kCancel: {
      auto send_id = EitherText(action.Get("sendid"), action.Get("sendidexpr"));
      if (!send_id) return failed(send_id.error());
      std::erase_if(timers, [&](const pb::Timer& timer) { return timer.event().send_id() == *send_id; });
      return true;
    }
    case Action::Kind::kSend:
      return Send(action);
  }
  return true;
}

bool Engine::Assign(const Action& action) {
  const auto assigned = [&]() -> Result<void> {
    if (action.Has("expr")) return model->Assign(action.Get("location"), action.Get("expr"));
    TRY(const std::string value, model->Literal(action.content.text, action.content.xml));
    return model->AssignValue(action.Get("location"), value);
  }();
  if (!assigned) Wrong(assigned.error(), action.line);
  return assigned.has_value();
}

Result<std::string> Engine::EitherText(const std::string& literal, const std::string& expression) {
  if (expression.empty()) return literal;
  return model->Text(expression);
}

Result<std::string> Engine::Evaluated(const Content& content) {
  if (!content.expression.empty()) return model->Json(content.expression);
  return model->Literal(content.text, content.xml);
}

/// The JSON object of params and names. Not strict: a param that fails is left out and reported.
Result<std::string> Engine::Params(const std::vector<Param>& params, const std::string& names, bool strict,
                                   std::vector<std::pair<std::string, std::string>>* out) {
  std::vector<std::pair<std::string, std::string>> values;
  std::size_t at = 0;
  while ((at = names.find_first_not_of(" \t\r\n", at)) != std::string::npos) {
    const auto end = std::min(names.find_first_of(" \t\r\n", at), names.size());
    const std::string name = names.substr(at, end - at);
    TRY(std::string value, model->Json(name));
    values.emplace_back(name, std::move(value));
    at = end;
  }
  for (const Param& param : params) {
    auto value = model->Json(param.expression.empty() ? param.location : param.expression);
    if (!value) {
      if (strict) return value.error();
      Wrong(value.error(), 0);
      continue;
    }
    values.emplace_back(param.name, *value);
  }
  if (out != nullptr) *out = values;
  if (values.empty()) return std::string();
  std::string json = "{";
  for (const auto& [name, value] : values) {
    if (value.empty()) continue;
    if (json.size() > 1) json += ',';
    json += JsonQuoted(name) + ":" + value;
  }
  return json + "}";
}

bool Engine::Send(const Action& action) {
  std::string send_id = action.Get("id");
  const auto send = [&]() -> Result<void> {
    if (action.Has("idlocation")) {
      send_id = "send." + id + "." + std::to_string(++counter);
      TRY_VOID(model->AssignValue(action.Get("idlocation"), JsonQuoted(send_id)));
    }
    TRY(const std::string name, EitherText(action.Get("event"), action.Get("eventexpr")));
    TRY(const std::string target, EitherText(action.Get("target"), action.Get("targetexpr")));
    TRY(const std::string type, EitherText(action.Get("type"), action.Get("typeexpr")));
    TRY(const std::string delay, EitherText(action.Get("delay"), action.Get("delayexpr")));
    pb::Happening event;
    event.set_name(name);
    event.set_kind(pb::Happening::EXTERNAL);
    event.set_send_id(send_id);
    if (action.content.given) {
      TRY(*event.mutable_data(), Evaluated(action.content));
    } else {
      TRY(*event.mutable_data(), Params(action.params, action.Get("namelist"), true, nullptr));
    }
    const bool http = IsBasicHttp(type) && tree.around.post;
    if (http && target.empty())
      return Unavailable("SEND_TARGET_UNKNOWN", "a message over HTTP needs a target");
    if (!IsScxmlProcessor(type) && !http && !tree.around.accepts(type)) {
      return InvalidArgument("SEND_TYPE_UNKNOWN", "nothing sends by the type " + type);
    }
    Duration wait{0};
    if (!delay.empty()) {
      TRY(wait, ParseDelay(delay));
    }
    if (wait > Duration{0}) {
      if (target == "#_internal") {
        return InvalidArgument("SEND_TARGET_UNKNOWN", "an internal event cannot be delayed");
      }
      pb::Timer timer;
      timer.set_due_us(Micros(tree.now + wait));
      timer.set_sequence(++counter);
      *timer.mutable_event() = event;
      timer.set_target(target);
      timer.set_type(type);
      timer.set_content(action.content.given);
      const auto place = std::find_if(timers.begin(), timers.end(), [&](const pb::Timer& other) {
        return other.due_us() > timer.due_us();
      });
      timers.insert(place, timer);
      return Ok();
    }
    return Route(event, target, type, action.content.given);
  };
  if (auto sent = send(); !sent) {
    Wrong(sent.error(), action.line, send_id);
    return sent.error().code == Code::kUnavailable;  // what is lost on the way is learnt later, as it were
  }
  return true;
}

/// INVALID_ARGUMENT when a target means nothing, UNAVAILABLE when nobody answers there.
Result<void> Engine::Route(const pb::Happening& event, const std::string& target, const std::string& type,
                           bool content) {
  if (!IsScxmlProcessor(type)) {
    Effect effect{id, event.send_id(), type, target, event.name(), event.data(), content};
    if (!IsBasicHttp(type) || !tree.around.post) {
      tree.effects.push_back(std::move(effect));
      return Ok();
    }
    TRY(const std::vector<Received> received, tree.around.post(effect));
    for (const Received& each : received) {
      Engine* const found = tree.Find(each.session);
      if (found != nullptr && found->running) found->external.push_back(each.event);
    }
    return Ok();
  }
  pb::Happening out = event;
  out.set_origin("#_scxml_" + id);
  out.set_origin_type(std::string(kScxmlProcessor));
  const auto unreachable = [&] {
    return Unavailable("SEND_TARGET_UNREACHABLE", "no session answers at " + target);
  };
  if (target.empty() || target == "#_scxml_" + id) {
    external.push_back(out);
  } else if (target == "#_internal") {
    out.set_kind(pb::Happening::INTERNAL);
    internal.push_back(out);
  } else if (target == "#_parent") {
    if (parent == nullptr) return unreachable();
    if (cancelled) return Ok();
    out.set_invoke_id(invoke_id);
    parent->external.push_back(out);
  } else if (target.starts_with("#_scxml_")) {
    Engine* const found = tree.Find(std::string_view(target).substr(8));
    if (found == nullptr || !found->running) return unreachable();
    found->external.push_back(out);
  } else if (target.starts_with("#_")) {
    Engine* const child = Child(std::string_view(target).substr(2));
    if (child == nullptr) return unreachable();
    child->external.push_back(out);
  } else {
    return InvalidArgument("SEND_TARGET_UNKNOWN", "there is no target " + target);
  }
  return Ok();
}

void Engine::StartInvoke(int state, int position) {
  const Invoke& invoke = document->At(state).invokes[static_cast<std::size_t>(position)];
  const auto start = [&]() -> Result<void> {
    std::string invoked = invoke.Get("id");
    if (invoked.empty()) {
      invoked = document->At(state).id + "." + id + "." + std::to_string(++counter);
      if (!invoke.Get("idlocation").empty()) {
        TRY_VOID(model->AssignValue(invoke.Get("idlocation"), JsonQuoted(invoked)));
      }
    }
    TRY(const std::string type, EitherText(invoke.Get("type"), invoke.Get("typeexpr")));
    if (!IsScxmlInvoke(type))
      return InvalidArgument("INVOKE_TYPE_UNKNOWN", "nothing invokes by the type " + type);
    TRY(const std::string from, EitherText(invoke.Get("src"), invoke.Get("srcexpr")));
    std::vector<std::pair<std::string, std::string>> variables;
    TRY_VOID([&]() -> Result<void> {
      TRY(const std::string ignored, Params(invoke.params, invoke.Get("namelist"), true, &variables));
      (void)ignored;
      return Ok();
    }());
    std::string text;
    if (!from.empty()) {
      if (!tree.around.load) return NotFound("SOURCE_UNKNOWN", "no source can be read");
      TRY(text, tree.around.load(from));
    } else if (!invoke.content.expression.empty()) {
      TRY(const std::string value, model->Json(invoke.content.expression));
      text = XmlSource(value);
      if (text.empty()) {
        TRY(text, model->Text(invoke.content.expression));
      }
    } else {
      text = invoke.content.text;
    }
    if (tree.Count() >= tree.around.max_sessions) {
      return ResourceExhausted("TOO_MANY_SESSIONS", "too many sessions are invoked at once");
    }
    TRY(auto read, ReadDocument(text));
    auto child = std::make_unique<Engine>(tree);
    child->parent = this;
    child->document = std::move(read);
    child->source = text;
    child->invoke_id = invoked;
    child->id = id + "." + std::to_string(++counter);
    if (!child->Open()) return ResourceExhausted("SCRIPT_EXHAUSTED", "no memory for the data model");
    pb::Invocation& active = invocations.emplace_back();
    active.set_state(state);
    active.set_position(position);
    active.set_id(invoked);
    active.set_autoforward(invoke.Get("autoforward") == "true");
    Engine& made = *children.emplace_back(std::move(child));
    return made.Begin(variables);
  };
  if (auto started_one = start(); !started_one) Wrong(started_one.error(), invoke.line);
}

void Engine::StopInvokes(int state) {
  for (const pb::Invocation& invocation : invocations) {
    if (invocation.state() != state) continue;
    if (Engine* const child = Child(invocation.id())) child->Exit(true);
  }
  std::erase_if(invocations, [&](const pb::Invocation& invocation) { return invocation.state() == state; });
}

/// Fires the earliest timer of any session due by now; false when there is none.
bool FireOne(Tree& tree) {
  Engine* owner = nullptr;
  Tree::Any(*tree.root, [&](Engine& engine) {
    if (engine.running && !engine.timers.empty() && engine.timers.front().due_us() <= Micros(tree.now) &&
        (owner == nullptr || engine.timers.front().due_us() < owner->timers.front().due_us())) {
      owner = &engine;
    }
    return false;
  });
  if (owner == nullptr) return false;
  const pb::Timer timer = owner->timers.front();
  owner->timers.erase(owner->timers.begin());
  if (auto routed = owner->Route(timer.event(), timer.target(), timer.type(), timer.content()); !routed) {
    owner->Wrong(routed.error(), 0, timer.event().send_id());
  }
  // An event that came to nothing may have left an error behind.
  if (!owner->internal.empty()) owner->Settle();
  return true;
}

std::optional<TimePoint> NextDueOf(const pb::Machine& machine) {
  std::optional<TimePoint> due;
  if (machine.timers_size() > 0) due = TimePoint{std::chrono::microseconds{machine.timers(0).due_us()}};
  for (const pb::Machine& child : machine.children()) {
    const auto other = NextDueOf(child);
    if (other && (!due || *other < *due)) due = other;
  }
  return due;
}

}  // namespace

Result<Stepped> Start(const std::shared_ptr<const Document>& document, const Surroundings& around,
                      std::string id, const std::vector<std::pair<std::string, std::string>>& variables,
                      TimePoint now) {
  Tree tree(around, now, "");  // its script runs after its data
  tree.root = std::make_unique<Engine>(tree);
  tree.root->document = document;
  tree.root->id = std::move(id);
  if (!tree.root->Open()) return ResourceExhausted("SCRIPT_EXHAUSTED", "no memory for the data model");
  TRY_VOID(tree.root->Begin(variables));
  tree.Quiesce();
  return tree.Done();
}

Result<Stepped> Deliver(const std::shared_ptr<const Document>& document, const Surroundings& around,
                        const pb::Machine& machine, std::string_view to, const pb::Happening& event,
                        TimePoint now) {
  Tree tree(around, now, OwnScript(*document));
  tree.root = std::make_unique<Engine>(tree);
  TRY_VOID(tree.root->Load(machine, document));
  Engine* const engine = to.empty() ? tree.root.get() : tree.Find(to);
  if (engine != nullptr && engine->running) {
    engine->external.push_back(event);
    tree.Quiesce();
  }
  return tree.Done();
}

Result<Stepped> Advance(const std::shared_ptr<const Document>& document, const Surroundings& around,
                        const pb::Machine& machine, TimePoint now) {
  Tree tree(around, now, OwnScript(*document));
  tree.root = std::make_unique<Engine>(tree);
  TRY_VOID(tree.root->Load(machine, document));
  while (!tree.Stopped() && FireOne(tree)) tree.Quiesce();
  return tree.Done();
}

std::optional<TimePoint> NextDue(const pb::Machine& machine) {
  if (!machine.running()) return std::nullopt;
  return NextDueOf(machine);
}

std::vector<std::string> ActiveStates(const Document& document, const pb::Machine& machine) {
  std::vector<std::string> ids;
  for (const int state : machine.configuration()) {
    if (state >= 0 && state < static_cast<int>(document.states.size()) && document.At(state).atomic()) {
      ids.push_back(document.At(state).id);
    }
  }
  return ids;
}

bool IsBasicHttp(std::string_view type) { return type == kBasicHttpProcessor || type == "basichttp"; }

Result<Duration> ParseDelay(std::string_view text) {
  const auto bad = [&] {
    return InvalidArgument("SCRIPT_FAILED", "'" + std::string(text) + "' is no delay");
  };
  double scale = 0;
  std::string_view number = text;
  if (text.ends_with("ms")) {
    scale = 1e3;
    number.remove_suffix(2);
  } else if (text.ends_with("s")) {
    scale = 1e6;
    number.remove_suffix(1);
  } else if (text.ends_with("m")) {
    scale = 60e6;
    number.remove_suffix(1);
  } else if (text.ends_with("h")) {
    scale = 3600e6;
    number.remove_suffix(1);
  } else if (text == "0") {
    return Duration{0};
  } else {
    return bad();
  }
  double value = 0;
  const auto [end, failed] = std::from_chars(number.data(), number.data() + number.size(), value);
  if (failed != std::errc() || end != number.data() + number.size() || value < 0 || value * scale > 1e15)
    return bad();
  return Duration{static_cast<std::int64_t>(std::llround(value * scale))};
}

}  // namespace carillon::ivr
