#include "ivr/domain/script.hpp"

#include <quickjs.h>
#include <time.h>

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <list>
#include <map>
#include <memory>
#include <mutex>
#include <thread>
#include <unordered_map>
#include <utility>

#include "ivr/domain/document.hpp"

namespace carillon::ivr {
namespace {

constexpr std::size_t kStackBytes = 256U << 10;
// A heap that grew by more is not kept.
constexpr std::size_t kSlack = 512U << 10;
// Address space of a heap by its limit: freed blocks of one size are of no use to another.
constexpr std::size_t kRegionPerHeap = 8, kSmallestRegion = 4U << 20;
// Shorter scripts are parsed as quickly as they are looked up.
constexpr std::size_t kWorthKeeping = 256;
constexpr std::size_t kMaxParsed = 64;
// What of a flow is kept ready to be called.
constexpr std::size_t kMaxReady = 512;
constexpr int kMaxPlainDepth = 64;
// Values nested deeper are not kept: what writes them down needs less of the stack than what reads them.
constexpr int kMaxKeptDepth = 100;

std::int64_t ThreadCpuMicros() {
  timespec at{};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &at);
  return at.tv_sec * 1'000'000 + at.tv_nsec / 1000;
}

// JSON in and out. Functions and undefined leave no trace inside events; an XML value gives its source. What
// is saved keeps more: dates, patterns, maps, sets and the numbers JSON lacks, each as {"$js":kind,"v":…}.
// The built-in loops over arrays and strings never ask whether time is up, so they get sizes that end soon.
constexpr std::string_view kPrelude = R"js((function (global, clock) {
  const Native = Date;
  global.Date = class Date extends Native {
    constructor(...a) { if (a.length) super(...a); else super(clock()); }
    static now() { return clock(); }
  };
  for (const name of ['performance', 'SharedArrayBuffer', 'Atomics', 'WeakRef', 'FinalizationRegistry']) delete global[name];
  const apply = Reflect.apply, isArray = Array.isArray, describe = Object.getOwnPropertyDescriptor;
  const parent = Object.getPrototypeOf, longest = 100000, product = 1e7;
  const bounded = (o, depth) => {
    if (o === null || (typeof o !== 'object' && typeof o !== 'function')) return;
    for (let p = o; p !== null; p = parent(p)) {
      const d = describe(p, 'length');
      if (d === undefined) continue;
      if (d.get || d.set || d.value > longest) throw new RangeError('an array longer than ' + longest);
      break;
    }
    if (depth > 0 && isArray(o)) for (const each of o) if (isArray(each)) bounded(each, depth - 1);
  };
  const guard = (on, name, check) => {
    const native = on[name];
    if (typeof native !== 'function') return;
    const guarded = { [name](...a) { check(this, a); return apply(native, this, a); } }[name];
    Object.defineProperty(on, name, { value: guarded, writable: true, configurable: true });
  };
  for (const name of Object.getOwnPropertyNames(Array.prototype)) {
    if (name === 'constructor' || name === 'length' || name === 'push' || name === 'pop' || name === 'at') continue;
    const deep = name === 'flat' || name === 'flatMap' ? 16 : 0;
    guard(Array.prototype, name, (self, a) => { bounded(self, deep); if (name === 'concat') for (const x of a) bounded(x, 0); });
  }
  for (const name of ['indexOf', 'lastIndexOf', 'includes', 'split', 'replace', 'replaceAll']) {
    guard(String.prototype, name, (self, a) => {
      if (typeof a[0] === 'string' && String(self).length * a[0].length > product) throw new RangeError('a text too long to search');
    });
  }
  const parse = JSON.parse, stringify = JSON.stringify;
  class XmlNode {
    constructor(tree, parent) {
      this.nodeName = this.tagName = tree.n; this.attributes = tree.a; this.parentNode = parent;
      this.childNodes = tree.c.map(c => typeof c === 'string' ? { nodeName: '#text', nodeValue: c, textContent: c } : new XmlNode(c, this));
    }
    getAttribute(name) { return Object.hasOwn(this.attributes, name) ? this.attributes[name] : null; }
    hasAttribute(name) { return Object.hasOwn(this.attributes, name); }
    get textContent() { return this.childNodes.map(c => c.textContent).join(''); }
    get firstChild() { return this.childNodes[0] ?? null; }
    getElementsByTagName(name) {
      const found = [];
      for (const c of this.childNodes) if (c instanceof XmlNode) {
        if (name === '*' || c.tagName === name) found.push(c);
        found.push(...c.getElementsByTagName(name));
      }
      return found;
    }
  }
  class XmlDocument extends XmlNode {
    #source;
    constructor(tree, source) { super({ n: '#document', a: {}, c: [tree] }, null); this.#source = source; }
    get documentElement() { return this.childNodes[0]; }
    toJSON() { return { $xml: this.#source }; }
    toString() { return this.#source; }
  }
  const revive = tree => (k, v) => v !== null && typeof v === 'object' && typeof v.$xml === 'string' && Object.keys(v).length === 1
    ? new XmlDocument(parse(tree(v.$xml)), v.$xml) : v;
  function told(key, value) {
    const v = this[key];  // before its toJSON
    switch (typeof v) {
      case 'undefined': return { $js: 'undefined' };
      case 'number': return Number.isFinite(v) && !Object.is(v, -0) ? v : { $js: 'number', v: Object.is(v, -0) ? '-0' : String(v) };
      case 'bigint': return { $js: 'bigint', v: String(v) };
      case 'object':
        if (v instanceof Native) return { $js: 'Date', v: +v };
        if (v instanceof RegExp) return { $js: 'RegExp', v: v.source, f: v.flags };
        if (v instanceof Map) return { $js: 'Map', v: [...v] };
        if (v instanceof Set) return { $js: 'Set', v: [...v] };
    }
    return value;
  }
  const remade = v => {
    if (v === null || typeof v !== 'object' || v instanceof XmlNode) return v;
    for (const k of Object.keys(v)) {
      const m = remade(v[k]);
      if (m !== v[k]) v[k] = m;
    }
    switch (Object.hasOwn(v, '$js') ? v.$js : '') {
      case 'undefined': return undefined;
      case 'number': return Number(v.v);
      case 'bigint': return BigInt(v.v);
      case 'Date': return new global.Date(v.v);
      case 'RegExp': return new RegExp(v.v, v.f);
      case 'Map': return new Map(v.v);
      case 'Set': return new Set(v.v);
    }
    return v;
  };
  const frozen = v => {
    if (v !== null && typeof v === 'object') Object.values(Object.freeze(v)).forEach(frozen);
    return v;
  };
  const read = (text, tree) => text.includes('"$xml"') ? parse(text, revive(tree)) : parse(text);
  const system = new Set(Object.keys(global));
  return {
    out: v => stringify(v),
    in: read,
    frozen: text => frozen(parse(text)),
    restore: (text, tree) => remade(read(text, tree)),
    save: only => {
      const kept = { v: {}, u: [], f: [] };
      for (const k of Object.keys(global)) {
        if (system.has(k) || only !== undefined && k !== only) continue;
        const v = global[k];
        if (typeof v === 'function') kept.f.push(k);
        else if (v === undefined || typeof v === 'symbol') kept.u.push(k);
        else kept.v[k] = v;
      }
      return stringify(kept, told);
    },
  };
}))js";

}  // namespace

namespace script {

// Under a sanitizer the engine's memory is the sanitizer's, so that it sees what is written beside it.
#ifdef __SANITIZE_ADDRESS__
constexpr bool kRegions = false;
#else
constexpr bool kRegions = true;
#endif

/// Where one heap lies with all the engine allocates. It begins with where it is free, so a copy of its used
/// part is the whole heap; put back to the same place, the heap is as it was. Blocks have four sizes a
/// doubling and return to a list of their size.
class Region {
 public:
  explicit Region(std::size_t bytes) : bytes_(bytes) {
    void* const at = std::aligned_alloc(kPage, bytes / kPage * kPage);
    CARILLON_CHECK(at != nullptr);
    head_ = new (at) Head{};
    head_->end = bytes / kPage * kPage;
    head_->used = (sizeof(Head) + kAlign - 1) / kAlign * kAlign;
  }
  ~Region() { std::free(head_); }
  Region(const Region&) = delete;
  Region& operator=(const Region&) = delete;

  std::size_t bytes() const { return bytes_; }
  std::size_t used() const { return head_->used; }
  JSRuntime* NewRuntime() { return JS_NewRuntime2(&kFunctions, head_); }
  std::string Copy() const { return {reinterpret_cast<const char*>(head_), head_->used}; }
  void PutBack(const std::string& copy) { std::memcpy(static_cast<void*>(head_), copy.data(), copy.size()); }

 private:
  static constexpr std::size_t kAlign = 16, kPage = 4096;
  struct Head {
    std::size_t end = 0, used = 0;
    std::array<char*, 256> free{};
  };

  // Before each block, in kAlign bytes, which size it has.
  static std::size_t Rank(std::size_t size) {
    const std::size_t units = std::max<std::size_t>(size + kAlign - 1, kAlign) / kAlign;
    if (units <= 4) return units;
    const auto shift = static_cast<std::size_t>(std::bit_width(units - 1)) - 3;
    return shift * 4 + ((units - 1) >> shift) + 1;
  }
  static std::size_t SizeOf(std::size_t rank) {
    if (rank <= 4) return rank * kAlign;
    const std::size_t shift = (rank - 5) / 4;
    return ((rank - shift * 4) << shift) * kAlign;
  }
  static std::size_t& RankOf(void* block) {
    return *reinterpret_cast<std::size_t*>(static_cast<char*>(block) - kAlign);
  }
  static void* Allocate(void* opaque, std::size_t size) {
    auto& head = *static_cast<Head*>(opaque);
    if (size > head.end) return nullptr;
    const std::size_t rank = Rank(size);
    if (char* const block = head.free[rank]) {
      std::memcpy(static_cast<void*>(&head.free[rank]), block, sizeof(char*));
      return block;
    }
    const std::size_t whole = kAlign + SizeOf(rank);
    if (whole > head.end - head.used) return nullptr;
    char* const block = static_cast<char*>(opaque) + head.used + kAlign;
    head.used += whole;
    RankOf(block) = rank;
    return block;
  }
  static void Free(void* opaque, void* block) {
    if (block == nullptr) return;
    char*& first = static_cast<Head*>(opaque)->free[RankOf(block)];
    std::memcpy(block, static_cast<const void*>(&first), sizeof(char*));
    first = static_cast<char*>(block);
  }
  static std::size_t Usable(const void* block) {
    return block == nullptr ? 0 : SizeOf(RankOf(const_cast<void*>(block)));
  }
  static void* Zeroed(void* opaque, std::size_t count, std::size_t size) {
    if (size != 0 && count > SIZE_MAX / size) return nullptr;
    void* const block = Allocate(opaque, count * size);
    return block == nullptr ? nullptr : std::memset(block, 0, count * size);
  }
  static void* Resized(void* opaque, void* block, std::size_t size) {
    if (block == nullptr) return Allocate(opaque, size);
    const std::size_t had = Usable(block);
    if (size <= had && size * 2 > had) return block;
    void* const made = Allocate(opaque, size);
    if (made == nullptr) return nullptr;
    std::memcpy(made, block, std::min(had, size));
    Free(opaque, block);
    return made;
  }
  static constexpr JSMallocFunctions kFunctions{Zeroed, Allocate, Free, Resized, Usable};

  std::size_t bytes_;
  Head* head_;
};

/// A data model's context and what the prelude gave, before anything of a flow is in it.
struct Furnished {
  JSContext* js = nullptr;
  JSValue global = JS_UNDEFINED, out = JS_UNDEFINED, parse = JS_UNDEFINED, save = JS_UNDEFINED;
  JSValue freeze = JS_UNDEFINED, remake = JS_UNDEFINED, tree = JS_UNDEFINED;
  JSValue object_parent = JS_UNDEFINED, array_parent = JS_UNDEFINED;
  std::vector<JSAtom> system;  ///< enumerable globals that are no variables
};

/// A region whose heap is furnished already; making one takes ten times as long as putting it back. It may be
/// put back as some flows' own scripts left it, too.
struct Prepared {
  explicit Prepared(std::size_t bytes) : region(bytes) {}
  struct Kept {
    std::string script, copy;
    std::map<std::string, JSValue, std::less<>> ready;  ///< functions, by what they evaluate
    std::size_t learnt = 0;                             ///< how many of Shelf::Learnt were tried
  };
  Kept* Find(const std::string& script) {
    const auto found =
        std::find_if(kept.begin(), kept.end(), [&](const Kept& each) { return each.script == script; });
    return found == kept.end() ? nullptr : &*found;
  }
  Kept& Keep(const std::string& script) {
    if (kept.size() >= kMaxKept) kept.pop_front();
    kept.push_back({script, region.Copy(), {}, 0});
    return kept.back();
  }
  static constexpr std::size_t kMaxKept = 3;
  Region region;
  JSRuntime* js = nullptr;
  Furnished first;
  std::string copy;
  std::list<Kept> kept;
};

/// Prepared heaps that nobody uses, at most four for each processor.
class Shelf {
 public:
  /// One that knows the script, if there is one.
  std::unique_ptr<Prepared> Take(std::size_t bytes, const std::string& script) {
    const std::lock_guard lock(mutex_);
    if (idle_.empty() || idle_.back()->region.bytes() != bytes) return nullptr;
    auto found = std::find_if(idle_.begin(), idle_.end(),
                              [&](const auto& each) { return each->Find(script) != nullptr; });
    if (found == idle_.end()) found = std::prev(idle_.end());
    auto taken = std::move(*found);
    idle_.erase(found);
    return taken;
  }
  void Return(std::unique_ptr<Prepared> prepared) {
    // What a large heap has touched goes back to the system.
    if (prepared->region.used() > prepared->copy.size() + kSlack) return;
    const std::lock_guard lock(mutex_);
    if (!idle_.empty() && idle_.back()->region.bytes() != prepared->region.bytes()) idle_.clear();
    if (idle_.size() < kMost) idle_.push_back(std::move(prepared));
  }
  /// What the flow of a script evaluates, as it was met; after the first `known`.
  std::vector<std::string> Learnt(const std::string& script, std::size_t known) {
    const std::lock_guard lock(mutex_);
    const auto found = learnt_.find(script);
    if (found == learnt_.end() || found->second.size() <= known) return {};
    return {found->second.begin() + static_cast<std::ptrdiff_t>(known), found->second.end()};
  }
  void Learn(const std::string& script, std::string what) {
    const std::lock_guard lock(mutex_);
    if (learnt_.size() >= kMaxParsed && !learnt_.contains(script)) return;
    auto& of_script = learnt_[script];
    if (of_script.size() < kMaxReady &&
        std::find(of_script.begin(), of_script.end(), what) == of_script.end())
      of_script.push_back(std::move(what));
  }

 private:
  const std::size_t kMost = 4 * std::max(1U, std::thread::hardware_concurrency());
  std::map<std::string, std::vector<std::string>> learnt_;
  std::mutex mutex_;
  std::vector<std::unique_ptr<Prepared>> idle_;
};

inline Shelf& TheShelf() {
  static Shelf shelf;
  return shelf;
}

}  // namespace script

struct ScriptHeap::Runtime {
  std::unique_ptr<script::Prepared> prepared;
  std::string own;
  bool opened = false;
  script::Prepared::Kept* kept = nullptr;  ///< the heap begins with what its own script left
  JSRuntime* js = nullptr;
  std::int64_t cpu_end_us = 0, cpu_last_us = 0;
  std::size_t heap_bytes = 0;
  bool forgiven = false;
  std::int64_t now_ms = 0;
  bool exhausted = false;
};

namespace {

/// How deep lists and objects of a JSON text lie in each other.
int DepthOf(std::string_view json) {
  int depth = 0, deepest = 0;
  bool quoted = false;
  for (std::size_t i = 0; i < json.size(); ++i) {
    const char c = json[i];
    if (quoted && c == '\\') {
      ++i;
    } else if (c == '"') {
      quoted = !quoted;
    } else if (!quoted && (c == '[' || c == '{')) {
      deepest = std::max(deepest, ++depth);
    } else if (!quoted && (c == ']' || c == '}')) {
      --depth;
    }
  }
  return deepest;
}

int Interrupted(JSRuntime*, void* opaque) {
  auto* const runtime = static_cast<ScriptHeap::Runtime*>(opaque);
  if (ThreadCpuMicros() < runtime->cpu_end_us) return 0;
  runtime->exhausted = true;
  return 1;
}

}  // namespace

struct DataModel::Engine : script::Furnished {
  ScriptHeap::Runtime* runtime = nullptr;
  ScriptHeap::InState in;
  JSValue event = JS_UNDEFINED, processors = JS_UNDEFINED, extra = JS_UNDEFINED;
  std::string session, document, ioprocessors;
  std::uint64_t random = 0;
  bool looked = false;  ///< at what is this step's and this session's alone

  bool Furnish();

  ~Engine() {
    // A prepared heap is put back as a whole.
    if (js == nullptr || (runtime->prepared != nullptr && js == runtime->prepared->first.js)) return;
    for (const JSValue value : {global, out, parse, save, tree, freeze, remake, object_parent, array_parent,
                                event, processors, extra})
      JS_FreeValue(js, value);
    for (const JSAtom atom : system) JS_FreeAtom(js, atom);
    JS_FreeContext(js);
  }

  Error Failure(std::string_view what) {
    const JSValue thrown = JS_GetException(js);
    std::string message;
    if (const char* text = JS_ToCString(js, thrown)) {
      message = text;
      JS_FreeCString(js, text);
    } else {
      JS_FreeValue(js, JS_GetException(js));
    }
    // Out of memory leaves the engine's ready-made error, or none at all when not even that could be told.
    const bool speechless = message.empty() || JS_IsNull(thrown) || JS_IsUninitialized(thrown);
    JS_FreeValue(js, thrown);
    if (speechless) runtime->exhausted = true;
    if (message.find("out of memory") != std::string::npos) runtime->exhausted = true;
    if (runtime->exhausted) {
      return ResourceExhausted("SCRIPT_EXHAUSTED", "a script used up its time or memory");
    }
    return InvalidArgument("SCRIPT_FAILED", message + " in: " + std::string(what.substr(0, 120)));
  }

  /// A script as it was parsed once in this process: a flow's is the same with every key of every caller.
  /// Null when the engine has no memory to write it down.
  std::shared_ptr<const std::string> Parsed(const std::string& source, JSValue& failed) {
    static std::mutex mutex;
    static std::unordered_map<std::string, std::shared_ptr<const std::string>> parsed;
    {
      const std::lock_guard lock(mutex);
      if (const auto found = parsed.find(source); found != parsed.end()) return found->second;
    }
    const JSValue compiled =
        JS_Eval(js, source.c_str(), source.size(), "flow", JS_EVAL_TYPE_GLOBAL | JS_EVAL_FLAG_COMPILE_ONLY);
    if (JS_IsException(compiled)) {
      failed = compiled;
      return nullptr;
    }
    std::size_t size = 0;
    std::uint8_t* const bytes = JS_WriteObject(js, &size, compiled, JS_WRITE_OBJ_BYTECODE);
    JS_FreeValue(js, compiled);
    if (bytes == nullptr) {
      JS_FreeValue(js, JS_GetException(js));
      return nullptr;
    }
    auto made = std::make_shared<const std::string>(reinterpret_cast<const char*>(bytes), size);
    js_free(js, bytes);
    const std::lock_guard lock(mutex);
    if (parsed.size() >= kMaxParsed) parsed.clear();
    parsed.emplace(source, made);
    return made;
  }

  /// Owned by the caller.
  Result<JSValue> Evaluate(std::string_view source, int flags = 0) {
    const std::string text(source);  // the engine wants a terminating zero
    if (flags == 0 && text.size() >= kWorthKeeping) {
      JSValue failed = JS_UNDEFINED;
      const auto parsed = Parsed(text, failed);
      if (JS_IsException(failed)) return Failure(source);
      if (parsed != nullptr) {
        const JSValue script = JS_ReadObject(js, reinterpret_cast<const std::uint8_t*>(parsed->data()),
                                             parsed->size(), JS_READ_OBJ_BYTECODE);
        if (JS_IsException(script)) return Failure(source);
        const JSValue value = JS_EvalFunction(js, script);
        if (JS_IsException(value)) return Failure(source);
        return value;
      }
    }
    const JSValue value = JS_Eval(js, text.c_str(), text.size(), "flow", JS_EVAL_TYPE_GLOBAL | flags);
    if (JS_IsException(value)) return Failure(source);
    return value;
  }

  /// Whether a piece of a flow means the same inside a function as in a script by itself.
  static bool IsPortable(std::string_view source) {
    for (const char* const unlike : {";", "\n", "\r", "\xe2\x80", "arguments", "eval", "this", "new.target"})
      if (source.find(unlike) != std::string_view::npos) return false;
    return true;
  }

  /// The function for `what` that the heap began with, if it has one; else the next heaps will.
  JSValue Ready(std::string_view what) {
    const auto* const kept = runtime->kept;
    if (kept == nullptr || js != runtime->prepared->first.js) return JS_UNDEFINED;
    if (const auto found = kept->ready.find(what); found != kept->ready.end()) return found->second;
    if (IsPortable(what)) script::TheShelf().Learn(runtime->own, std::string(what));
    return JS_UNDEFINED;
  }

  /// Makes functions of what the flow was seen to evaluate, as long as nothing but its own script has run.
  void MakeReady() {
    auto& kept = *runtime->kept;
    const auto learnt = script::TheShelf().Learnt(runtime->own, kept.learnt);
    if (learnt.empty()) return;
    for (const std::string& what : learnt) {
      const std::string source =
          what.starts_with('=') ? "(function ($given$) { \"use strict\"; " + what.substr(1) + " = $given$; })"
                                : "(function () { return (" + what + "\n); })";
      const JSValue made = JS_Eval(js, source.c_str(), source.size(), "flow", JS_EVAL_TYPE_GLOBAL);
      if (JS_IsException(made)) {
        JS_FreeValue(js, JS_GetException(js));
      } else {
        kept.ready.emplace(what, made);
      }
    }
    kept.learnt += learnt.size();
    kept.copy = runtime->prepared->region.Copy();
  }

  /// False for half of a surrogate pair, which has no UTF-8.
  static bool PlainText(std::string_view text, std::string& json) {
    for (auto at = text.find('\xed'); at != std::string_view::npos; at = text.find('\xed', at + 1))
      if (at + 1 == text.size() || static_cast<unsigned char>(text[at + 1]) >= 0xa0) return false;
    json += JsonQuoted(text);
    return true;
  }

  std::size_t most_kept() const { return runtime->heap_bytes / 4; }

  /// Writes what JSON has words for as it is. False for anything else, which the prelude knows how to save,
  /// and for more than is kept: values that are in several places are written in each.
  bool Plain(JSValueConst value, std::string& json, int depth = 0) {
    if (json.size() > most_kept()) return false;
    if (JS_IsNull(value)) {
      json += "null";
    } else if (JS_IsBool(value)) {
      json += JS_ToBool(js, value) != 0 ? "true" : "false";
    } else if (JS_IsNumber(value)) {
      double number = 0;
      JS_ToFloat64(js, &number, value);
      if (!std::isfinite(number) || (number == 0 && std::signbit(number))) return false;
      const auto text = TextOf(value, "a number");
      if (!text) return false;
      json += *text;
    } else if (JS_IsString(value)) {
      std::size_t length = 0;
      const char* const text = JS_ToCStringLen(js, &length, value);
      if (text == nullptr) return false;
      const bool plain = PlainText({text, length}, json);
      JS_FreeCString(js, text);
      return plain;
    } else if (JS_IsObject(value) && depth < kMaxPlainDepth) {
      const bool list = JS_IsArray(value);
      if (!list && JS_GetClassID(value) != JS_GetClassID(object_parent)) return false;
      const JSValue parent = JS_GetPrototype(js, value);
      const bool usual = JS_IsStrictEqual(js, parent, list ? array_parent : object_parent);
      JS_FreeValue(js, parent);
      return usual && (list ? PlainItems(value, json, depth) : PlainMembers(value, json, depth));
    } else {
      return false;
    }
    return true;
  }

  bool PlainItems(JSValueConst list, std::string& json, int depth) {
    std::int64_t length = 0;
    if (JS_GetLength(js, list, &length) != 0) return false;
    json += '[';
    for (std::int64_t i = 0; i < length; ++i) {
      if (i > 0) json += ',';
      const JSValue item = JS_GetPropertyInt64(js, list, i);
      const bool plain = Plain(item, json, depth + 1);
      JS_FreeValue(js, item);
      if (!plain) return false;
    }
    json += ']';
    return true;
  }

  bool PlainMembers(JSValueConst object, std::string& json, int depth) {
    json += '{';
    bool first = true;
    const bool plain = EachMember(object, [&](JSAtom, std::string_view name, JSValueConst member) {
      if (!std::exchange(first, false)) json += ',';
      if (name == "toJSON" || !PlainText(name, json)) return false;
      json += ':';
      return Plain(member, json, depth + 1);
    });
    json += '}';
    return plain;
  }

  /// Until `visit` returns false.
  template <class Visit>
  bool EachMember(JSValueConst object, const Visit& visit) {
    JSPropertyEnum* names = nullptr;
    std::uint32_t count = 0;
    if (JS_GetOwnPropertyNames(js, &names, &count, object, JS_GPN_STRING_MASK | JS_GPN_ENUM_ONLY) != 0)
      return false;
    bool on = true;
    for (std::uint32_t i = 0; i < count && on; ++i) {
      const JSValue member = JS_GetProperty(js, object, names[i].atom);
      std::size_t length = 0;
      if (const char* const name = JS_AtomToCStringLen(js, &length, names[i].atom)) {
        on = !JS_IsException(member) && visit(names[i].atom, std::string_view(name, length), member);
        JS_FreeCString(js, name);
      } else {
        on = false;
      }
      JS_FreeValue(js, member);
    }
    JS_FreePropertyEnum(js, names, count);
    return on;
  }

  bool IsSystem(JSAtom atom) const { return std::find(system.begin(), system.end(), atom) != system.end(); }

  /// The same as the prelude's save, where every variable is plain.
  bool PlainVariables(std::string& json) {
    for (const JSValue& parent : {object_parent, array_parent}) {
      const JSAtom atom = JS_NewAtom(js, "toJSON");
      const bool own_way = JS_HasProperty(js, parent, atom) != 0;
      JS_FreeAtom(js, atom);
      if (own_way) return false;
    }
    std::string undefined, functions;
    json = "{\"v\":{";
    bool first = true;
    const bool plain = EachMember(global, [&](JSAtom atom, std::string_view name, JSValueConst value) {
      if (IsSystem(atom)) return true;
      if (JS_IsUndefined(value) || JS_IsSymbol(value) || JS_IsFunction(js, value)) {
        std::string& names = JS_IsFunction(js, value) ? functions : undefined;
        if (!names.empty()) names += ',';
        return PlainText(name, names);
      }
      if (!std::exchange(first, false)) json += ',';
      if (!PlainText(name, json)) return false;
      json += ':';
      return Plain(value, json);
    });
    json += "},\"u\":[" + undefined + "],\"f\":[" + functions + "]}";
    if (!plain) JS_FreeValue(js, JS_GetException(js));
    return plain;
  }

  /// What the prelude saves of all variables, or of one.
  Result<std::string> Saved(JSValue only) {
    // The text lies beside the values for a moment.
    JS_SetMemoryLimit(runtime->js, 2 * runtime->heap_bytes);
    const JSValue text = JS_Call(js, save, JS_UNDEFINED, 1, &only);
    auto saved = JS_IsException(text) ? Result<std::string>(Failure("the data model"))
                                      : TextOf(text, "the data model");
    JS_FreeValue(js, text);
    JS_SetMemoryLimit(runtime->js, runtime->heap_bytes);
    if (saved && saved->size() > most_kept())
      return ResourceExhausted("SCRIPT_EXHAUSTED", "the variables are too large to be kept");
    if (saved && DepthOf(*saved) > kMaxKeptDepth)
      return InvalidArgument("SCRIPT_FAILED", "a value is nested too deep to be kept");
    return saved;
  }

  /// An expression; a statement list (a trailing semicolon) is accepted too.
  Result<JSValue> Expression(std::string_view expression) {
    if (const JSValue ready = Ready(expression); !JS_IsUndefined(ready)) {
      const JSValue value = JS_Call(js, ready, JS_UNDEFINED, 0, nullptr);
      if (JS_IsException(value)) return Failure(expression);
      return value;
    }
    const std::string wrapped = "(" + std::string(expression) + "\n)";
    const JSValue compiled =
        JS_Eval(js, wrapped.c_str(), wrapped.size(), "flow", JS_EVAL_TYPE_GLOBAL | JS_EVAL_FLAG_COMPILE_ONLY);
    if (JS_IsException(compiled)) {
      JS_FreeValue(js, JS_GetException(js));
      return Evaluate(expression);
    }
    const JSValue value = JS_EvalFunction(js, compiled);
    if (JS_IsException(value)) return Failure(expression);
    return value;
  }

  Result<std::string> TextOf(JSValue value, std::string_view what) {
    std::size_t length = 0;
    const char* text = JS_ToCStringLen(js, &length, value);
    if (text == nullptr) return Failure(what);
    std::string out_text(text, length);
    JS_FreeCString(js, text);
    return out_text;
  }

  Result<std::string> JsonOf(JSValue value, std::string_view what) {
    if (JS_IsUndefined(value) || JS_IsFunction(js, value)) return std::string();
    JSValue arguments[] = {value};
    const JSValue text = JS_Call(js, out, JS_UNDEFINED, 1, arguments);
    if (JS_IsException(text)) return Failure(what);
    if (JS_IsUndefined(text)) return std::string();
    auto result = TextOf(text, what);
    JS_FreeValue(js, text);
    return result;
  }

  Result<JSValue> ValueOf(std::string_view json) { return ValueBy(parse, json); }

  Result<JSValue> ValueBy(JSValue reader, std::string_view json) {
    if (json.empty()) return JSValue{JS_UNDEFINED};
    JSValue arguments[] = {JS_NewStringLen(js, json.data(), json.size()), tree};
    const JSValue value = JS_Call(js, reader, JS_UNDEFINED, 2, arguments);
    JS_FreeValue(js, arguments[0]);
    if (JS_IsException(value)) return Failure(json);
    return value;
  }

  Result<JSValue> Checked(JSValue value, std::string_view what) {
    if (JS_IsException(value)) return Failure(what);
    return value;
  }

  /// A global that no script can set, redefine or delete.
  void Fix(const char* name, JSValue value) { JS_DefinePropertyValueStr(js, global, name, value, 0); }

  JSValue Maybe(std::string_view text) {
    return text.empty() ? JS_UNDEFINED : JS_NewStringLen(js, text.data(), text.size());
  }

  Result<void> Call(std::string_view location, JSValue value) {
    if (const JSValue ready = Ready("=" + std::string(location)); !JS_IsUndefined(ready)) {
      const JSValue done = JS_Call(js, ready, JS_UNDEFINED, 1, &value);
      JS_FreeValue(js, value);
      if (JS_IsException(done)) return Failure(location);
      JS_FreeValue(js, done);
      return Ok();
    }
    // The value is handed over under a name that no flow can have used, then assigned by the location's own
    // rules.
    JS_SetPropertyStr(js, global, "\x01value", value);
    auto done = Evaluate("\"use strict\"; " + std::string(location) + " = this['\\x01value'];");
    const JSAtom name = JS_NewAtom(js, "\x01value");
    JS_DeleteProperty(js, global, name, 0);
    JS_FreeAtom(js, name);
    if (!done) return std::move(done).error();
    JS_FreeValue(js, *done);
    return Ok();
  }

  static Engine& Of(JSContext* context) { return *static_cast<Engine*>(JS_GetContextOpaque(context)); }
  /// The same, where a script looks at what is this step's or this session's alone.
  static Engine& Looked(JSContext* context) {
    Engine& engine = Of(context);
    engine.looked = true;
    return engine;
  }

  using Getter = JSValue (*)(JSContext*, JSValueConst, int, JSValueConst*);
  /// A global that scripts may read and nothing else.
  void Give(const char* what, Getter getter) {
    const JSAtom atom = JS_NewAtom(js, what);
    JS_DefinePropertyGetSet(js, global, atom, JS_NewCFunction(js, getter, what, 0), JS_UNDEFINED, 0);
    JS_FreeAtom(js, atom);
  }
};

namespace {

bool IsIdentifier(std::string_view name) {
  if (name.empty() || name.size() > 128 || (name[0] >= '0' && name[0] <= '9')) return false;
  for (const char c : name) {
    const bool letter =
        (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == '$';
    if (!letter) return false;
  }
  return true;
}

}  // namespace

std::string JsonQuoted(std::string_view text) {
  std::string out = "\"";
  for (const char c : text) {
    switch (c) {
      case '"':
        out += "\\\"";
        break;
      case '\\':
        out += "\\\\";
        break;
      case '\n':
        out += "\\n";
        break;
      case '\r':
        out += "\\r";
        break;
      case '\t':
        out += "\\t";
        break;
      default:
        if (static_cast<unsigned char>(c) < 0x20) {
          std::array<char, 8> escaped{};
          std::snprintf(escaped.data(), escaped.size(), "\\u%04x", static_cast<unsigned>(c));
          out += escaped.data();
        } else {
          out += c;
        }
    }
  }
  return out + "\"";
}

/// Makes the context and the prelude's globals; false when memory or time ran out.
bool DataModel::Engine::Furnish() {
  js = JS_NewContext(runtime->js);
  if (js == nullptr) return false;
  JS_SetContextOpaque(js, this);
  global = JS_GetGlobalObject(js);

  const JSValue in_state = JS_NewCFunction(
      js,
      [](JSContext* context, JSValueConst, int count, JSValueConst* arguments) -> JSValue {
        const char* id = count > 0 ? JS_ToCString(context, arguments[0]) : nullptr;
        if (id == nullptr) return JS_FALSE;
        const bool active = DataModel::Engine::Looked(context).in(id);
        JS_FreeCString(context, id);
        return JS_NewBool(context, active);
      },
      "In", 1);
  Fix("In", in_state);
  const JSValue math = JS_GetPropertyStr(js, global, "Math");
  JS_DefinePropertyValueStr(js, math, "random",
                            JS_NewCFunction(
                                js,
                                [](JSContext* context, JSValueConst, int, JSValueConst*) -> JSValue {
                                  auto& state = DataModel::Engine::Looked(context).random;
                                  state ^= state << 13U;
                                  state ^= state >> 7U;
                                  state ^= state << 17U;
                                  return JS_NewFloat64(
                                      context, static_cast<double>(state >> 11U) / 9007199254740992.0);
                                },
                                "random", 0),
                            JS_PROP_CONFIGURABLE);
  JS_FreeValue(js, math);
  tree = JS_NewCFunction(
      js,
      [](JSContext* context, JSValueConst, int, JSValueConst* arguments) -> JSValue {
        const char* source = JS_ToCString(context, arguments[0]);
        if (source == nullptr) return JS_EXCEPTION;
        const auto json = XmlAsJson(source);
        JS_FreeCString(context, source);
        if (!json) return JS_ThrowSyntaxError(context, "%s", json.error().message.c_str());
        return JS_NewStringLen(context, json->data(), json->size());
      },
      "tree", 1);

  // The prelude itself is right: when it fails, memory or time has run out.
  auto prelude = Evaluate(kPrelude);
  if (!prelude) {
    return false;
  }
  const JSValue clock = JS_NewCFunction(
      js,
      [](JSContext* context, JSValueConst, int, JSValueConst*) -> JSValue {
        return JS_NewFloat64(context,
                             static_cast<double>(DataModel::Engine::Looked(context).runtime->now_ms));
      },
      "clock", 0);
  JSValue arguments[] = {global, clock};
  const JSValue made = JS_Call(js, *prelude, JS_UNDEFINED, 2, arguments);
  JS_FreeValue(js, clock);
  JS_FreeValue(js, *prelude);
  if (JS_IsException(made)) {
    JS_FreeValue(js, JS_GetException(js));
    return false;
  }
  out = JS_GetPropertyStr(js, made, "out");
  parse = JS_GetPropertyStr(js, made, "in");
  save = JS_GetPropertyStr(js, made, "save");
  freeze = JS_GetPropertyStr(js, made, "frozen");
  remake = JS_GetPropertyStr(js, made, "restore");
  JS_FreeValue(js, made);
  const JSValue object = JS_NewObject(js), list = JS_NewArray(js);
  object_parent = JS_GetPrototype(js, object);
  array_parent = JS_GetPrototype(js, list);
  JS_FreeValue(js, object);
  JS_FreeValue(js, list);
  EachMember(global, [&](JSAtom atom, std::string_view, JSValueConst) {
    system.push_back(JS_DupAtom(js, atom));
    return true;
  });
  Give("_event", [](JSContext* context, JSValueConst, int, JSValueConst*) -> JSValue {
    return JS_DupValue(context, Looked(context).event);
  });
  Give("_sessionid", [](JSContext* context, JSValueConst, int, JSValueConst*) -> JSValue {
    const std::string& id = Looked(context).session;
    return JS_NewStringLen(context, id.data(), id.size());
  });
  Give("_name", [](JSContext* context, JSValueConst, int, JSValueConst*) -> JSValue {
    Engine& engine = Looked(context);
    return engine.Maybe(engine.document);
  });
  Give("_ioprocessors", [](JSContext* context, JSValueConst, int, JSValueConst*) -> JSValue {
    Engine& engine = Looked(context);
    if (JS_IsUndefined(engine.processors)) {
      const auto frozen = engine.ValueBy(engine.freeze, engine.ioprocessors);
      if (frozen) engine.processors = *frozen;
    }
    return JS_DupValue(context, engine.processors);
  });
  Give("_x", [](JSContext* context, JSValueConst, int, JSValueConst*) -> JSValue {
    Engine& engine = Looked(context);
    if (JS_IsUndefined(engine.extra)) engine.extra = JS_NewObject(context);
    return JS_DupValue(context, engine.extra);
  });
  return true;
}

ScriptHeap::ScriptHeap(ScriptLimits limits, TimePoint now, std::string own)
    : runtime_(std::make_unique<Runtime>()) {
  runtime_->own = std::move(own);
  const auto began = ThreadCpuMicros();
  const auto whole = std::chrono::microseconds(limits.cpu).count();
  runtime_->cpu_end_us = began + whole * 4 / 5;
  runtime_->cpu_last_us = began + whole;
  runtime_->now_ms = std::chrono::duration_cast<std::chrono::milliseconds>(now.time_since_epoch()).count();
  runtime_->heap_bytes = limits.heap_bytes;
  if (script::kRegions) {
    const std::size_t bytes = std::max(kRegionPerHeap * limits.heap_bytes, kSmallestRegion);
    runtime_->prepared = script::TheShelf().Take(bytes, runtime_->own);
    if (runtime_->prepared != nullptr) {
      const auto* const kept = runtime_->kept = runtime_->prepared->Find(runtime_->own);
      runtime_->prepared->region.PutBack(kept != nullptr ? kept->copy : runtime_->prepared->copy);
    } else {
      auto prepared = std::make_unique<script::Prepared>(bytes);
      prepared->js = prepared->region.NewRuntime();
      CARILLON_CHECK(prepared->js != nullptr);
      JS_SetMaxStackSize(prepared->js, kStackBytes);
      runtime_->js = prepared->js;
      DataModel::Engine first;
      first.runtime = runtime_.get();
      CARILLON_CHECK(first.Furnish());  // nothing limits it yet
      prepared->first = std::move(first);
      prepared->copy = prepared->region.Copy();
      runtime_->prepared = std::move(prepared);
    }
    runtime_->js = runtime_->prepared->js;
    runtime_->exhausted = runtime_->prepared->region.used() > limits.heap_bytes;
    JS_UpdateStackTop(runtime_->js);
  } else {
    runtime_->js = JS_NewRuntime();
    CARILLON_CHECK(runtime_->js != nullptr);
    JS_SetMaxStackSize(runtime_->js, kStackBytes);
  }
  JS_SetMemoryLimit(runtime_->js, limits.heap_bytes);
  JS_SetGCThreshold(runtime_->js, limits.heap_bytes / 4);
  JS_SetInterruptHandler(runtime_->js, Interrupted, runtime_.get());
}

ScriptHeap::~ScriptHeap() {
  if (runtime_->prepared != nullptr) {
    script::TheShelf().Return(std::move(runtime_->prepared));
  } else if (runtime_->js != nullptr) {
    JS_FreeRuntime(runtime_->js);
  }
}

bool ScriptHeap::exhausted() const { return runtime_->exhausted; }

bool ScriptHeap::Forgive() {
  if (std::exchange(runtime_->forgiven, true)) return false;
  runtime_->exhausted = false;
  runtime_->cpu_end_us = runtime_->cpu_last_us;
  JS_SetMemoryLimit(runtime_->js, runtime_->heap_bytes + runtime_->heap_bytes / 4);
  JS_RunGC(runtime_->js);
  return true;
}

std::unique_ptr<DataModel> ScriptHeap::Open(std::string_view seed, InState in) {
  if (runtime_->exhausted) return nullptr;
  auto engine = std::make_unique<DataModel::Engine>();
  engine->runtime = runtime_.get();
  if (runtime_->prepared != nullptr && !std::exchange(runtime_->opened, true)) {
    static_cast<script::Furnished&>(*engine) = runtime_->prepared->first;
  } else if (!engine->Furnish()) {
    runtime_->exhausted = true;
    return nullptr;
  }
  engine->in = std::move(in);
  engine->random = 1469598103934665603ULL;
  for (const char c : seed)
    engine->random = (engine->random ^ static_cast<unsigned char>(c)) * 1099511628211ULL;
  JS_SetContextOpaque(engine->js, engine.get());
  return std::unique_ptr<DataModel>(new DataModel(std::move(engine)));
}

DataModel::DataModel(std::unique_ptr<Engine> engine) : engine_(std::move(engine)) {}
DataModel::~DataModel() = default;

void DataModel::SetSystem(std::string_view session_id, std::string_view name, std::string_view ioprocessors) {
  engine_->session = session_id;
  engine_->document = name;
  engine_->ioprocessors = ioprocessors;
}

void DataModel::SetEvent(const Event& event) {
  JSContext* const js = engine_->js;
  const JSValue object = JS_NewObject(js);
  const auto field = [&](const char* name, JSValue value) {
    JS_DefinePropertyValueStr(js, object, name, value, JS_PROP_ENUMERABLE | JS_PROP_CONFIGURABLE);
  };
  field("name", JS_NewStringLen(js, event.name.data(), event.name.size()));
  field("type", engine_->Maybe(event.type));
  field("sendid", engine_->Maybe(event.send_id));
  field("origin", engine_->Maybe(event.origin));
  field("origintype", engine_->Maybe(event.origin_type));
  field("invokeid", engine_->Maybe(event.invoke_id));
  field("raw", engine_->Maybe(event.raw));
  auto data = engine_->ValueOf(event.data);
  field("data", data ? *data : JS_UNDEFINED);
  JS_FreeValue(js, std::exchange(engine_->event, object));
}

Result<void> DataModel::Declare(std::string_view name) {
  if (!IsIdentifier(name)) {
    return InvalidArgument("SCRIPT_FAILED", "'" + std::string(name) + "' is no variable name");
  }
  if (IsDeclared(name)) return Ok();
  JS_DefinePropertyValueStr(engine_->js, engine_->global, std::string(name).c_str(), JS_UNDEFINED,
                            JS_PROP_C_W_E);
  return Ok();
}

bool DataModel::IsDeclared(std::string_view name) const {
  const JSAtom atom = JS_NewAtomLen(engine_->js, name.data(), name.size());
  const bool found = JS_HasProperty(engine_->js, engine_->global, atom) > 0;
  JS_FreeAtom(engine_->js, atom);
  return found;
}

Result<void> DataModel::Set(std::string_view name, std::string_view json) {
  TRY(const JSValue value, engine_->ValueOf(json));
  if (JS_SetPropertyStr(engine_->js, engine_->global, std::string(name).c_str(), value) < 0) {
    return engine_->Failure(name);
  }
  return Ok();
}

Result<void> DataModel::SetTo(std::string_view name, std::string_view expression) {
  TRY(const JSValue value, engine_->Expression(expression));
  if (JS_SetPropertyStr(engine_->js, engine_->global, std::string(name).c_str(), value) < 0) {
    return engine_->Failure(name);
  }
  return Ok();
}

Result<void> DataModel::Assign(std::string_view location, std::string_view expression) {
  TRY(const JSValue value, engine_->Expression(expression));
  return engine_->Call(location, value);
}

Result<void> DataModel::AssignValue(std::string_view location, std::string_view json) {
  TRY(const JSValue value, engine_->ValueOf(json));
  return engine_->Call(location, value);
}

Result<void> DataModel::Run(std::string_view script) {
  TRY(const JSValue value, engine_->Evaluate(script));
  JS_FreeValue(engine_->js, value);
  return Ok();
}

Result<void> DataModel::RunOwn() {
  ScriptHeap::Runtime& runtime = *engine_->runtime;
  if (runtime.kept == nullptr) {
    TRY_VOID(Run(runtime.own));
    script::Prepared* const prepared = runtime.prepared.get();
    if (prepared == nullptr || engine_->js != prepared->first.js || runtime.exhausted || engine_->looked)
      return Ok();
    runtime.kept = &prepared->Keep(runtime.own);
  }
  engine_->MakeReady();
  return Ok();
}

Result<void> DataModel::Compile(std::string_view source, bool expression) {
  const std::string plain(source);
  for (const std::string& text : {expression ? "(" + plain + "\n)" : plain, plain}) {
    const JSValue compiled = JS_Eval(engine_->js, text.c_str(), text.size(), "flow",
                                     JS_EVAL_TYPE_GLOBAL | JS_EVAL_FLAG_COMPILE_ONLY);
    if (!JS_IsException(compiled)) {
      JS_FreeValue(engine_->js, compiled);
      return Ok();
    }
    if (text == plain) return engine_->Failure(source);
    JS_FreeValue(engine_->js, JS_GetException(engine_->js));
  }
  return Ok();
}

Result<bool> DataModel::Test(std::string_view expression) {
  TRY(const JSValue value, engine_->Expression(expression));
  const int truth = JS_ToBool(engine_->js, value);
  JS_FreeValue(engine_->js, value);
  return truth > 0;
}

Result<std::string> DataModel::Json(std::string_view expression) {
  TRY(const JSValue value, engine_->Expression(expression));
  auto json = engine_->JsonOf(value, expression);
  JS_FreeValue(engine_->js, value);
  return json;
}

Result<std::string> DataModel::Text(std::string_view expression) {
  TRY(const JSValue value, engine_->Expression(expression));
  auto text = engine_->TextOf(value, expression);
  JS_FreeValue(engine_->js, value);
  return text;
}

Result<void> DataModel::ForEach(std::string_view array, std::string_view item, std::string_view index,
                                const std::function<bool()>& body) {
  JSContext* const js = engine_->js;
  TRY(const JSValue source, engine_->Expression(array));
  if (!JS_IsArray(source)) {
    JS_FreeValue(js, source);
    return InvalidArgument("SCRIPT_FAILED", "foreach over something that is no array: " + std::string(array));
  }
  std::vector<JSValue> items;
  std::int64_t length = 0;
  JS_GetLength(js, source, &length);
  for (std::int64_t i = 0; i < length; ++i) items.push_back(JS_GetPropertyInt64(js, source, i));
  JS_FreeValue(js, source);
  const auto run = [&]() -> Result<void> {
    TRY_VOID(Declare(item));
    if (!index.empty()) TRY_VOID(Declare(index));
    TRY_VOID(Run("\"use strict\"; var " + std::string(item)));  // refuses a reserved word
    for (std::size_t i = 0; i < items.size(); ++i) {
      if (JS_SetPropertyStr(js, engine_->global, std::string(item).c_str(), JS_DupValue(js, items[i])) < 0) {
        return engine_->Failure(item);
      }
      if (!index.empty() && JS_SetPropertyStr(js, engine_->global, std::string(index).c_str(),
                                              JS_NewInt64(js, static_cast<std::int64_t>(i))) < 0) {
        return engine_->Failure(index);
      }
      if (!body()) break;
      if (engine_->runtime->exhausted) return ResourceExhausted("SCRIPT_EXHAUSTED", "a loop took too long");
    }
    return Ok();
  };
  auto done = run();
  for (const JSValue& value : items) JS_FreeValue(js, value);
  return done;
}

Result<std::string> DataModel::Literal(std::string_view text, bool xml) {
  if (xml) return "{\"$xml\":" + JsonQuoted(text) + "}";
  JSContext* const js = engine_->js;
  const std::string whole(text);
  const JSValue value = JS_ParseJSON(js, whole.c_str(), whole.size(), "flow");
  if (!JS_IsException(value)) {
    auto json = engine_->JsonOf(value, text);
    JS_FreeValue(js, value);
    return json;
  }
  JS_FreeValue(js, JS_GetException(js));
  std::string folded;
  for (const char c : text) {
    const bool space = c == ' ' || c == '\t' || c == '\n' || c == '\r';
    if (!space) {
      folded += c;
    } else if (!folded.empty() && folded.back() != ' ') {
      folded += ' ';
    }
  }
  if (!folded.empty() && folded.back() == ' ') folded.pop_back();
  return JsonQuoted(folded);
}

Result<std::string> DataModel::Save() {
  std::string plain;
  const bool whole = engine_->PlainVariables(plain);
  if (plain.size() > engine_->most_kept())
    return ResourceExhausted("SCRIPT_EXHAUSTED", "the variables are too large to be kept");
  if (whole) return plain;
  return engine_->Saved(JS_UNDEFINED);
}

Result<std::vector<std::string>> DataModel::Forget() {
  std::vector<std::string> forgotten;
  JSContext* const js = engine_->js;
  engine_->EachMember(engine_->global, [&](JSAtom atom, std::string_view name, JSValueConst) {
    if (engine_->IsSystem(atom)) return true;
    const JSValue only = JS_NewStringLen(js, name.data(), name.size());
    const auto saved = engine_->Saved(only);
    JS_FreeValue(js, only);
    if (saved || engine_->runtime->exhausted) return true;
    if (JS_DefineProperty(js, engine_->global, atom, JS_UNDEFINED, JS_UNDEFINED, JS_UNDEFINED,
                          JS_PROP_HAS_VALUE) > 0) {
      forgotten.emplace_back(name);
    } else {
      JS_FreeValue(js, JS_GetException(js));
    }
    return true;
  });
  if (forgotten.empty()) return ResourceExhausted("SCRIPT_EXHAUSTED", "the variables cannot be kept");
  return forgotten;
}

Result<std::vector<std::string>> DataModel::Restore(std::string_view saved) {
  JSContext* const js = engine_->js;
  std::vector<std::string> functions;
  if (saved.empty()) return functions;  // of one that is over
  const bool plain =
      saved.find("\"$js\"") == std::string_view::npos && saved.find("\"$xml\"") == std::string_view::npos;
  const std::string text(plain ? saved : "");
  TRY(const JSValue kept, plain ? engine_->Checked(JS_ParseJSON(js, text.c_str(), text.size(), "flow"), text)
                                : engine_->ValueBy(engine_->remake, saved));
  const JSValue values = JS_GetPropertyStr(js, kept, "v");
  JSPropertyEnum* names = nullptr;
  std::uint32_t count = 0;
  if (JS_GetOwnPropertyNames(js, &names, &count, values, JS_GPN_STRING_MASK | JS_GPN_ENUM_ONLY) == 0) {
    for (std::uint32_t i = 0; i < count; ++i) {
      JS_DefinePropertyValue(js, engine_->global, names[i].atom, JS_GetProperty(js, values, names[i].atom),
                             JS_PROP_C_W_E);
    }
    JS_FreePropertyEnum(js, names, count);
  }
  JS_FreeValue(js, values);
  for (const char* list : {"u", "f"}) {
    const JSValue array = JS_GetPropertyStr(js, kept, list);
    std::int64_t length = 0;
    JS_GetLength(js, array, &length);
    for (std::int64_t i = 0; i < length; ++i) {
      const JSValue entry = JS_GetPropertyInt64(js, array, i);
      if (const char* name = JS_ToCString(js, entry)) {
        if (*list == 'f') {
          functions.emplace_back(name);
        } else {
          JS_DefinePropertyValueStr(js, engine_->global, name, JS_UNDEFINED, JS_PROP_C_W_E);
        }
        JS_FreeCString(js, name);
      }
      JS_FreeValue(js, entry);
    }
    JS_FreeValue(js, array);
  }
  JS_FreeValue(js, kept);
  return functions;
}

}  // namespace carillon::ivr
