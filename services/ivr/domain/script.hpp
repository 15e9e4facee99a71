#pragma once
#include <chrono>
#include <cstddef>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.hpp"
#include "base/result.hpp"

/// The ECMAScript side of a flow: a bounded heap, and in it one data model a session. The only file that
/// knows the engine (ADR 0050).
///
/// Values cross as JSON text; "" is `undefined`. An XML value is an object with a small DOM whose JSON form
/// is
/// {"$xml":"<source/>"}. Functions do not cross: they belong in the document's <script> or <data expr>, which
/// are evaluated again when a session is restored. What is saved keeps dates, patterns, maps, sets, undefined
/// and every number, but no cycles and no identity between two variables.
///
/// Deterministic: `Date` reads the step's time, `Math.random` is seeded by the session. A heap is used by one
/// thread at a time; nothing is shared between heaps. Errors: INVALID_ARGUMENT with SCRIPT_FAILED (the script
/// threw or does not parse); RESOURCE_EXHAUSTED with SCRIPT_EXHAUSTED (out of CPU time or memory; the heap is
/// then of no more use).
namespace carillon::ivr {

struct ScriptLimits {
  std::size_t heap_bytes = 4U << 20;
  /// For all scripts of one step together; a fifth of it is kept for the answer to having used up the rest.
  std::chrono::milliseconds cpu{100};
};

class ScriptHeap;

/// The variables of one SCXML session.
class DataModel {
 public:
  struct Event {
    std::string name, type, send_id, origin, origin_type, invoke_id, data, raw;
  };

  ~DataModel();
  DataModel(const DataModel&) = delete;
  DataModel& operator=(const DataModel&) = delete;

  /// Sets what a script may read but not write: _sessionid, _name, _ioprocessors (JSON).
  void SetSystem(std::string_view session_id, std::string_view name, std::string_view ioprocessors);
  /// Binds _event.
  void SetEvent(const Event& event);
  /// Makes a variable with the value undefined. SCRIPT_FAILED when `name` is no identifier.
  Result<void> Declare(std::string_view name);
  bool IsDeclared(std::string_view name) const;
  /// Sets a declared variable to a value.
  Result<void> Set(std::string_view name, std::string_view json);
  /// Sets a declared variable to the value of an expression (which may be a function).
  Result<void> SetTo(std::string_view name, std::string_view expression);
  /// `location = expression`, strict: the location must exist and be writable.
  Result<void> Assign(std::string_view location, std::string_view expression);
  /// `location = value`.
  Result<void> AssignValue(std::string_view location, std::string_view json);
  Result<void> Run(std::string_view script);
  /// Runs the heap's own script (ScriptHeap), before anything else was done to this data model. What it left
  /// behind in an earlier heap of this process is taken instead, unless it looked at the session, the event,
  /// the time or the dice.
  Result<void> RunOwn();
  /// Parses without running; SCRIPT_FAILED with the parser's words.
  Result<void> Compile(std::string_view source, bool expression);
  Result<bool> Test(std::string_view expression);
  Result<std::string> Json(std::string_view expression);
  /// The value as text, as String(value) gives it.
  Result<std::string> Text(std::string_view expression);
  /// Runs `body` for each item of a copy of the array; stops at the first error or when body returns false.
  Result<void> ForEach(std::string_view array, std::string_view item, std::string_view index,
                       const std::function<bool()>& body);
  /// Text of a <data> or <content>: JSON, else XML (when `xml`), else the text with white space folded; as
  /// JSON.
  Result<std::string> Literal(std::string_view text, bool xml);

  /// All variables (not the functions): {"v":{name:value},"u":[undefined names],"f":[names of functions]}.
  /// SCRIPT_EXHAUSTED when that is more than a quarter of the heap, SCRIPT_FAILED when a value is in itself
  /// or nested too deep.
  Result<std::string> Save();
  /// Makes the variables undefined that Save() fails for, and returns their names. SCRIPT_EXHAUSTED when
  /// there is none that can be given up.
  Result<std::vector<std::string>> Forget();
  /// Gives variables their saved values; returns the names whose value was a function.
  Result<std::vector<std::string>> Restore(std::string_view saved);

 private:
  friend class ScriptHeap;
  struct Engine;
  explicit DataModel(std::unique_ptr<Engine> engine);
  std::unique_ptr<Engine> engine_;
};

/// One heap for a session and the sessions it invoked.
class ScriptHeap {
 public:
  /// `in` answers the predicate In('state').
  using InState = std::function<bool(std::string_view)>;

  /// `own` is the script that every step of a document runs first; "" when there is none.
  ScriptHeap(ScriptLimits limits, TimePoint now, std::string own = {});
  ~ScriptHeap();
  ScriptHeap(const ScriptHeap&) = delete;
  ScriptHeap& operator=(const ScriptHeap&) = delete;

  /// A new, empty data model; must not outlive the heap.
  std::unique_ptr<DataModel> Open(std::string_view seed, InState in);
  /// True once CPU time or memory ran out.
  bool exhausted() const;
  /// Lets the heap go on once after it was exhausted, so that a flow can answer the error: the last fifth of
  /// the CPU time and a quarter of the memory on top. False when that was spent already.
  bool Forgive();

  struct Runtime;

 private:
  std::unique_ptr<Runtime> runtime_;
};

/// `text` as a JSON string literal.
std::string JsonQuoted(std::string_view text);

}  // namespace carillon::ivr
