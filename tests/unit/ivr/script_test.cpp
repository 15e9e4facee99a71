#include "ivr/domain/script.hpp"

#include <atomic>
#include <catch2/catch.hpp>
#include <set>
#include <string>
#include <thread>
#include <vector>

namespace carillon::ivr {
namespace {
const TimePoint kNow{std::chrono::seconds{1'700'000'000}};
bool Nowhere(std::string_view) { return false; }
}  // namespace

TEST_CASE("a script is stopped when its time is up, and the heap says so", "[ivr][script]") {
  ScriptHeap heap({.cpu = std::chrono::milliseconds{20}}, kNow);
  const auto model = heap.Open("s", Nowhere);
  const auto ran = model->Run("for (;;) {}");
  REQUIRE_FALSE(ran);
  CHECK(ran.error().reason == "SCRIPT_EXHAUSTED");
  CHECK(heap.exhausted());
}

TEST_CASE("a script that grows without end is stopped at its memory limit", "[ivr][script]") {
  ScriptHeap heap({.heap_bytes = 2U << 20, .cpu = std::chrono::milliseconds{5000}}, kNow);
  const auto model = heap.Open("s", Nowhere);
  const auto ran = model->Run("var a = []; for (;;) a.push(new Array(1000).fill(1));");
  REQUIRE_FALSE(ran);
  INFO(ran.error().message);
  CHECK(ran.error().reason == "SCRIPT_EXHAUSTED");
}

TEST_CASE("a data model there is no memory or time for is not opened", "[ivr][script]") {
  int opened = 0, refused = 0;
  for (std::size_t bytes = 8U << 10; bytes <= 1U << 20; bytes += 4U << 10) {
    ScriptHeap heap({.heap_bytes = bytes, .cpu = std::chrono::milliseconds{5000}}, kNow);
    if (heap.Open("s", Nowhere)) {
      ++opened;
    } else {
      ++refused;
      CHECK(heap.exhausted());
    }
  }
  CHECK(opened > 0);
  CHECK(refused > 0);
  ScriptHeap late({.cpu = std::chrono::milliseconds{20}}, kNow);
  const auto first = late.Open("s", Nowhere);
  REQUIRE_FALSE(first->Run("for (;;) {}"));
  const auto second = late.Open("t", Nowhere);
  CHECK(late.exhausted());
}

TEST_CASE("nothing a script did to its heap is in the next one", "[ivr][script]") {
  const std::string untouched =
      "[Array.prototype.mine, typeof theirs, Math.max(1, 2), [2, 1].sort().join(), JSON.stringify([]), "
      "Object.keys(globalThis).length, /b/.test('abc')]";
  ScriptHeap first({}, kNow);
  const auto before = first.Open("s", Nowhere)->Json(untouched).value();
  for (int i = 0; i < 3; ++i) {
    ScriptHeap spoilt({}, kNow);
    const auto model = spoilt.Open("s", Nowhere);
    CHECK(model->Json(untouched).value() == before);
    CHECK(model->Run(
        "Array.prototype.mine = 1; var theirs = []; Math.max = () => 9; JSON.stringify = null;"
        "Array.prototype.sort = function () { return ['x']; }; RegExp.prototype.test = null;"
        "for (const k of ['JSON', 'Map', 'Date', 'String']) Object.setPrototypeOf(globalThis[k], null);"
        "Object.prototype.length = 7;"));
    CHECK_FALSE(model->Run("for (;;) theirs.push(new Array(1000).fill(theirs));"));
    // Another at the same time, in a heap of its own.
    ScriptHeap beside({}, kNow);
    CHECK(beside.Open("s", Nowhere)->Json(untouched).value() == before);
  }
}

TEST_CASE("what a heap's own script leaves is there in the next heap, and nothing else is", "[ivr][script]") {
  const std::string own =
      "const T = {a: [1]}; function f() { return T.a.length; } var n = 5;" + std::string(300, ' ');
  const std::string others = "const T = 'other'; var m = T.length;";
  for (int i = 0; i < 12; ++i) {
    ScriptHeap heap({}, kNow, i % 3 == 2 ? others : own);
    const auto model = heap.Open("s", Nowhere);
    REQUIRE(model->RunOwn());
    const std::string session = "session " + std::to_string(i);
    model->SetSystem(session, "name", "{\"scxml\":{}}");
    CHECK(model->Text("_sessionid + _name + Object.isFrozen(_ioprocessors) + typeof _x").value() ==
          session + "nametrueobject");
    if (i % 3 == 2) {
      CHECK(model->Json("[T, m, typeof n]").value() == R"(["other",5,"undefined"])");
      continue;
    }
    CHECK(model->Json("[f(), n, T, typeof m, [].x]").value() == R"([1,5,{"a":[1]},"undefined",null])");
    CHECK(model->Run("T.a.push(2); n = 6; f = null; Array.prototype.x = 1; var m = 1; _x.left = 1;"));
    CHECK(model->Json("[_x.left, T.a.length]").value() == "[1,2]");
  }
  // Another session at the same time in the same heap, as an invoked one is.
  ScriptHeap heap({}, kNow, own);
  const auto model = heap.Open("s", Nowhere);
  REQUIRE(model->RunOwn());
  const auto invoked = heap.Open("t", Nowhere);
  CHECK(invoked->Text("typeof T").value() == "undefined");
}

TEST_CASE("an own script that looks at its step, fails or has no end is run in every heap", "[ivr][script]") {
  const std::string looks = "const AT = Date.now(), ID = _sessionid, DICE = Math.random();";
  std::set<std::string> seen;
  for (int i = 0; i < 4; ++i) {
    const std::string session = "s" + std::to_string(i);
    ScriptHeap heap({}, kNow + std::chrono::seconds{i}, looks);
    const auto model = heap.Open(session, Nowhere);
    model->SetSystem(session, "", "{}");
    REQUIRE(model->RunOwn());
    CHECK(model->Test("AT === Date.now() && ID === _sessionid").value());
    seen.insert(model->Text("DICE").value());
  }
  CHECK(seen.size() == 4);
  for (int i = 0; i < 2; ++i) {
    ScriptHeap fails({}, kNow, "var half = 1; nowhere();");
    const auto model = fails.Open("s", Nowhere);
    CHECK_FALSE(model->RunOwn());
    CHECK(model->Text("half").value() == "1");
    ScriptHeap endless({.cpu = std::chrono::milliseconds{10}}, kNow, "for (;;) {}");
    CHECK_FALSE(endless.Open("s", Nowhere)->RunOwn());
    CHECK(endless.exhausted());
  }
}

TEST_CASE("heaps on many threads keep their values apart, and a limit is each heap's own", "[ivr][script]") {
  std::atomic<int> wrong{0};
  {
    std::vector<std::jthread> threads;
    for (int t = 0; t < 8; ++t) {
      threads.emplace_back([&, t] {
        for (int i = 0; i < 200; ++i) {
          const int mine = t * 1000 + i;
          ScriptHeap heap({.heap_bytes = (t % 2 == 0 ? 1U : 4U) << 20}, kNow);
          const auto model =
              heap.Open("s", [&](std::string_view state) { return state == std::to_string(mine); });
          const auto child = heap.Open("c", Nowhere);
          if (model == nullptr || child == nullptr) {
            ++wrong;
            continue;
          }
          if (!model->Declare("a") || !model->Set("a", std::to_string(mine)) || !child->Declare("a") ||
              !child->Set("a", "\"child\"")) {
            ++wrong;
          }
          const bool large =
              model->Run("var much = []; for (let i = 0; i < 15; ++i) much.push(new Array(10000).fill(i));")
                  .has_value();
          if (large != (t % 2 != 0)) ++wrong;
          if (!large) continue;  // this heap is of no more use
          if (model->Json("a").value() != std::to_string(mine) || child->Json("a").value() != "\"child\"" ||
              !model->Test("In('" + std::to_string(mine) + "')").value()) {
            ++wrong;
          }
        }
      });
    }
  }
  CHECK(wrong == 0);
}

TEST_CASE("endless recursion and a hostile pattern are errors, not the end of the process", "[ivr][script]") {
  ScriptHeap heap({.cpu = std::chrono::milliseconds{200}}, kNow);
  const auto model = heap.Open("s", Nowhere);
  CHECK_FALSE(model->Run("function f() { return f(); } f();"));
  CHECK_FALSE(model->Test("/^(a+)+$/.test('a'.repeat(40) + 'b')"));
}

TEST_CASE("scripts see the step's time and a seeded chance, so a step can be taken again", "[ivr][script]") {
  std::string first;
  for (int i = 0; i < 2; ++i) {
    ScriptHeap heap({}, kNow);
    const auto model = heap.Open("session-1", Nowhere);
    CHECK(*model->Json("Date.now()") == "1700000000000");
    CHECK(*model->Json("new Date().getTime() + 0 * Date.now()") == "1700000000000");
    const std::string drawn = *model->Json("[Math.random(), Math.random()]");
    if (i > 0) CHECK(drawn == first);
    first = drawn;
  }
}

TEST_CASE("a script that was parsed before means the same in every heap", "[ivr][script]") {
  // Long enough to be kept as parsed.
  const std::string script =
      "const words = ['one', 'two']; let count = 0; function next() { return words[count++]; }" +
      std::string(300, ' ') + "var first = next();";
  for (int heap = 0; heap < 3; ++heap) {
    ScriptHeap own({}, TimePoint{});
    const auto model = own.Open("seed", [](std::string_view) { return false; });
    REQUIRE(model->Run(script));
    CHECK(model->Text("first + next()").value() == "onetwo");
    const auto twice = model->Run(script);  // a constant is not declared twice in one heap
    REQUIRE_FALSE(twice);
    CHECK(twice.error().reason == "SCRIPT_FAILED");
    const auto malformed = model->Run(script + " }");
    REQUIRE_FALSE(malformed);
    CHECK(malformed.error().reason == "SCRIPT_FAILED");
  }
}

TEST_CASE("there is nothing of the machine to reach from a script", "[ivr][script]") {
  ScriptHeap heap({}, kNow);
  const auto model = heap.Open("s", Nowhere);
  for (const char* name :
       {"process", "require", "std", "os", "fetch", "console", "print", "scriptArgs", "Deno"}) {
    INFO(name);
    CHECK(*model->Text(std::string("typeof ") + name) == "undefined");
  }
}

TEST_CASE("the data model comes back as it was saved; functions are named, not kept", "[ivr][script]") {
  std::string saved;
  {
    ScriptHeap heap({}, kNow);
    const auto model = heap.Open("s", Nowhere);
    for (const char* name : {"a", "b", "c", "d"}) REQUIRE(model->Declare(name));
    REQUIRE(model->SetTo("a", "({list: [1, 'zwei', null], 名: '王'})"));
    REQUIRE(model->SetTo("b", "function (x) { return x; }"));
    REQUIRE(model->Set("d", "{\"$xml\":\"<books><book title='t'/></books>\"}"));
    saved = *model->Save();
  }
  ScriptHeap heap({}, kNow);
  const auto model = heap.Open("s", Nowhere);
  const auto functions = model->Restore(saved);
  REQUIRE(functions);
  CHECK(*functions == std::vector<std::string>{"b"});
  CHECK(*model->Json("a") == "{\"list\":[1,\"zwei\",null],\"名\":\"王\"}");
  CHECK(model->IsDeclared("c"));
  CHECK(*model->Text("d.getElementsByTagName('book')[0].getAttribute('title')") == "t");
}

TEST_CASE("no built-in of the engine works on for longer than a step has", "[ivr][script]") {
  ScriptHeap heap({}, kNow);
  const auto model = heap.Open("s", Nowhere);
  REQUIRE(model->Run(
      "var long = []; long.length = 4294967295; var fake = {get length() { return 2 ** 53 - 1; }};"));
  // All that an array can do, with one that has no end.
  const auto tried = model->Json(R"js(Object.getOwnPropertyNames(Array.prototype).filter(name => {
    const f = Array.prototype[name];
    if (typeof f !== 'function' || ['constructor', 'push', 'pop', 'at', 'keys', 'values', 'entries'].includes(name)) return false;
    for (const self of [long, fake]) {
      try { f.call(self, 1); return true; } catch (e) { if (!(e instanceof RangeError)) return true; }
    }
    return false;
  }))js");
  REQUIRE(tried);
  CHECK(*tried == "[]");
  for (const char* script : {"[[[long]]].flat(Infinity)", "[].concat(long)", "[...long]", "Array.from(long)",
                             "JSON.stringify(long)", "'a'.repeat(1000000).indexOf('a'.repeat(500000) + 'b')",
                             "'a'.repeat(1000000).split('a'.repeat(500000) + 'b')", "1n << 9000n",
                             "2n ** 9000n", "Math.max.apply(null, long)", "Atomics.wait(1)"}) {
    INFO(script);
    ScriptHeap fresh({}, kNow);
    const auto other = fresh.Open("s", Nowhere);
    REQUIRE(other->Run("var long = []; long.length = 4294967295;"));
    CHECK_FALSE(other->Run(script));
  }
  CHECK(*model->Json("[[3, 1, 2].sort(), Array.prototype.map.call('ab', c => c + c), 'a.b'.split('.'), "
                     "String(2n ** 100n)]") ==
        "[[1,2,3],[\"aa\",\"bb\"],[\"a\",\"b\"],\"1267650600228229401496703205376\"]");
}

TEST_CASE("a heap goes on once after it was exhausted", "[ivr][script]") {
  ScriptHeap heap({.cpu = std::chrono::milliseconds{50}}, kNow);
  const auto model = heap.Open("s", Nowhere);
  REQUIRE_FALSE(model->Run("for (;;) {}"));
  REQUIRE(heap.Forgive());
  CHECK_FALSE(heap.exhausted());
  CHECK(*model->Json("1 + 1") == "2");
  REQUIRE_FALSE(model->Run("for (;;) {}"));
  CHECK(heap.exhausted());
  CHECK_FALSE(heap.Forgive());
}

TEST_CASE("variables too large to keep are refused, not stored", "[ivr][script]") {
  ScriptHeap heap({}, kNow);
  const auto model = heap.Open("s", Nowhere);
  REQUIRE(model->Declare("big"));
  REQUIRE(model->SetTo("big", "'x'.repeat(1500000)"));
  CHECK(model->Save().error().reason == "SCRIPT_EXHAUSTED");
}

TEST_CASE("a value that lies in many places is soon known to be too large", "[ivr][script]") {
  // Written down, it would be a terabyte.
  for (const char* leaf : {"1", "new Date()"}) {
    INFO(leaf);
    ScriptHeap heap({}, kNow);
    const auto model = heap.Open("s", Nowhere);
    REQUIRE(model->Run(std::string("var x = [") + leaf + "]; for (let i = 0; i < 40; ++i) x = [x, x];"));
    CHECK(model->Save().error().reason == "SCRIPT_EXHAUSTED");
  }
}

TEST_CASE("what holds itself or lies too deep is given up, and nothing else", "[ivr][script]") {
  std::string saved;
  {
    ScriptHeap heap({}, kNow);
    const auto model = heap.Open("s", Nowhere);
    REQUIRE(model->Run(R"js(
      var good = {at: new Date(7)}, self = {}, deep = [], shallow = [], speaks = {toJSON() { throw 1; }};
      self.self = self;
      for (let i = 0; i < 200; ++i) deep = [deep];
      for (let i = 0; i < 90; ++i) shallow = [shallow];
      function f() {}
    )js"));
    CHECK(model->Save().error().reason == "SCRIPT_FAILED");
    const auto forgotten = model->Forget();
    INFO((forgotten ? "" : forgotten.error().message));
    REQUIRE(forgotten);
    CHECK(*forgotten == std::vector<std::string>{"self", "deep", "speaks"});
    const auto kept = model->Save();
    INFO((kept ? "" : kept.error().message));
    REQUIRE(kept);
    saved = *kept;
    CHECK(model->Forget().error().reason == "SCRIPT_EXHAUSTED");
  }
  ScriptHeap heap({}, kNow);
  const auto model = heap.Open("s", Nowhere);
  CHECK(model->Restore(saved).value() == std::vector<std::string>{"f"});
  CHECK(model->Text("[+good.at, typeof self, typeof deep, typeof speaks, shallow.flat(Infinity).length]")
            .value() == "7,undefined,undefined,undefined,0");
}

TEST_CASE("what the platform gives cannot be overwritten", "[ivr][script]") {
  ScriptHeap heap({}, kNow);
  const auto model = heap.Open("s", Nowhere);
  model->SetSystem("id-1", "flow", "{}");
  model->SetEvent({"e", "external", "", "", "", "", "{\"x\":1}", ""});
  CHECK_FALSE(model->Assign("_sessionid", "'other'"));
  CHECK_FALSE(model->Assign("_event", "1"));
  CHECK_FALSE(model->Assign("nowhere", "1"));
  CHECK(*model->Text("_sessionid") == "id-1");
  CHECK(*model->Json("_event.data.x") == "1");
}

}  // namespace carillon::ivr
