#include <google/protobuf/util/message_differencer.h>

#include <algorithm>
#include <catch2/catch.hpp>
#include <cstdlib>
#include <random>
#include <set>

#include "ivr/domain/findings.hpp"
#include "ivr/domain/interpreter.hpp"
#include "ivr/domain/journey.hpp"

/// Documents nobody would write, and events nobody expects: whatever comes of them, a step ends, gives the
/// same twice, survives being stored, and leaves a configuration that SCXML allows.
namespace carillon::ivr {
namespace {

/// A document from a seed: nested states, parallels, histories, transitions of every kind, content with
/// mistakes in it.
class Generator {
 public:
  explicit Generator(unsigned seed) : random_(seed) {}

  std::string Document() {
    states_ = 0;
    const std::string body = States(1 + Pick(3), 0);
    const std::string late = Pick(3) == 0 ? " binding='late'" : "";
    return "<scxml xmlns='http://www.w3.org/2005/07/scxml' version='1.0' datamodel='ecmascript'" + late +
           "><datamodel><data id='n' expr='0'/><data id='list' expr='[1, 2, 3]'/></datamodel>" + body +
           "<final id='over'/></scxml>";
  }

  std::string Event() {
    return Choice({"a", "b", "c", "a.b", "done.state.s1", "error.execution", "tick", "x.y.z"});
  }
  unsigned Pick(unsigned below) { return static_cast<unsigned>(random_() % below); }

 private:
  std::string Choice(const std::vector<std::string>& words) {
    return words[Pick(static_cast<unsigned>(words.size()))];
  }
  std::string SomeState() { return Pick(12) == 0 ? "over" : "s" + std::to_string(Pick(14) + 1); }

  std::string States(unsigned count, int depth) {
    std::string out;
    for (unsigned i = 0; i < count && states_ < 14; ++i) out += State(depth);
    return out;
  }

  std::string State(int depth) {
    const std::string id = "s" + std::to_string(++states_);
    const bool parallel = depth < 3 && Pick(4) == 0;
    const std::string tag = parallel ? "parallel" : "state";
    std::string out = "<" + tag + " id='" + id + "'>";
    if (Pick(4) == 0) out += "<datamodel><data id='d" + id + "' expr='" + Expression() + "'/></datamodel>";
    if (Pick(2) == 0) out += "<onentry>" + Content(0) + "</onentry>";
    if (Pick(3) == 0) out += "<onexit>" + Content(0) + "</onexit>";
    for (unsigned i = Pick(4); i > 0; --i) out += Transition();
    if (Pick(8) == 0) out += Invoke();
    if (depth < 3) {
      std::string inside = States(parallel ? 2 : Pick(3), depth + 1);
      if (!inside.empty() && Pick(3) == 0) {
        const auto first = inside.find("id='") + 4;
        inside += "<history id='h" + id + "' type='" + Choice({"deep", "shallow"}) +
                  "'><transition target='" + inside.substr(first, inside.find('\'', first) - first) +
                  "'/></history>";
      }
      if (!inside.empty() && !parallel && Pick(3) == 0) inside += "<final id='f" + id + "'/>";
      out += inside;
    }
    return out + "</" + tag + ">";
  }

  std::string Transition() {
    std::string out = "<transition";
    const bool eventless = Pick(10) == 0;
    if (!eventless)
      out += " event='" + Choice({"a", "b", "c a", "*", "done", "error", "a.*", "tick", "done.invoke"}) + "'";
    if (eventless || Pick(3) == 0)
      out += " cond='" + Choice({"n &lt; 5", "In(\"s2\")", "n % 2", "nowhere.to", "_event.name"}) + "'";
    if (eventless || Pick(4) != 0) out += " target='" + SomeState() + "'";
    if (Pick(4) == 0) out += " type='internal'";
    return out + ">" + Content(0) + "</transition>";
  }

  std::string Expression() {
    return Choice({"n + 1", "list.length", "({a: [n]})", "undefined", "nowhere", "n / 0", "_event.data",
                   "new Date()", "_sessionid.length", "list.concat(n)", "[n, n]", "[list, n]", "1 +"});
  }

  std::string Content(int depth) {
    std::string out;
    for (unsigned i = Pick(3); i > 0; --i) {
      switch (Pick(9)) {
        case 0:
          out += "<raise event='" + Choice({"a", "b", "c"}) + "'/>";
          break;
        case 1:
          out += "<assign location='" + Choice({"n", "list", "nobody", "_event", "list[0]"}) + "' expr='" +
                 Expression() + "'/>";
          break;
        case 2:
          out += "<send event='" + Choice({"a", "tick"}) + "' delay='" +
                 Choice({"0s", "1s", "90ms", "soon"}) + "'/>";
          break;
        case 3:
          out += "<send id='later' event='tick' target='" +
                 Choice({"", "#_internal", "#_parent", "#_i", "#_scxml_no", "!"}) + "'/>";
          break;
        case 4:
          out += "<cancel sendid='later'/>";
          break;
        case 5:
          out += "<log expr='" + Expression() + "'/>";
          break;
        case 6:
          out += "<script>" +
                 Choice({"n++", "var extra = n", "throw 1", "function f() { return f(); } f();",
                         "list[1] = n", "n = '" + std::string("'")}) +
                 "</script>";
          break;
        case 7:
          if (depth < 2)
            out += "<foreach array='" + Choice({"list", "n", "[[]]"}) + "' item='each'>" +
                   Content(depth + 1) + "</foreach>";
          break;
        default:
          if (depth < 2)
            out += "<if cond='" + Expression() + "'>" + Content(depth + 1) + "<else/>" + Content(depth + 1) +
                   "</if>";
      }
    }
    return out;
  }

  std::string Invoke() {
    return "<invoke id='i' autoforward='" + Choice({"true", "false"}) +
           "'><content><scxml xmlns='http://www.w3.org/2005/07/scxml' version='1.0' datamodel='ecmascript'>"
           "<state id='c'><onentry><send target='#_parent' event='a'/></onentry><transition event='" +
           Choice({"b", "tick"}) + "' target='e'/></state><final id='e'/></scxml></content></invoke>";
  }

  std::mt19937 random_;
  int states_ = 0;
};

/// What is wrong with the states that are active together; empty when nothing is.
std::string Illegal(const Document& document, const v1::Machine& machine) {
  const std::set<int> active(machine.configuration().begin(), machine.configuration().end());
  for (const int index : active) {
    const State& state = document.At(index);
    if (state.kind == State::Kind::kHistory) return "a history is active: " + state.id;
    if (state.parent > 0 && !active.contains(state.parent)) return state.id + " without what it is in";
    int inside = 0;
    for (const int child : state.children) inside += active.contains(child) ? 1 : 0;
    if (state.kind == State::Kind::kParallel && inside != static_cast<int>(state.children.size())) {
      return state.id + " without one of its regions";
    }
    if (state.kind == State::Kind::kState && !state.children.empty() && inside != 1) {
      return state.id + " with " + std::to_string(inside) + " states inside";
    }
  }
  return active.empty() ? "no state is active" : "";
}

/// Whether the time or memory of scripts was used up on the way, which a machine does sooner or later.
bool UsedUp(const Result<Stepped>& step) {
  if (!step) return step.error().reason == "SCRIPT_EXHAUSTED";
  return std::any_of(step->log.begin(), step->log.end(), [](const std::string& line) {
    return line.find("used up its time or memory") != std::string::npos;
  });
}

}  // namespace

TEST_CASE("made-up documents and events end every step in a state SCXML allows", "[ivr][fuzz]") {
  const char* const long_run = std::getenv("CARILLON_IVR_FUZZ_SECONDS");
  const auto until =
      std::chrono::steady_clock::now() + std::chrono::seconds{long_run != nullptr ? std::atoi(long_run) : 8};
  // One that went wrong can be tried again.
  const char* const given = std::getenv("CARILLON_IVR_FUZZ_SEED");
  const unsigned first = given != nullptr      ? static_cast<unsigned>(std::stoul(given))
                         : long_run != nullptr ? std::random_device{}()
                                               : 20261123U;
  int ran = 0;
  int steps = 0;
  int refused = 0;
  for (unsigned seed = first; std::chrono::steady_clock::now() < until && (long_run != nullptr || ran < 1500);
       ++seed) {
    Generator made(seed);
    const std::string text = made.Document();
    INFO("seed " << seed << "\n" << text);
    const auto document = ReadDocument(text);
    if (!document) {
      REQUIRE(document.error().reason == "FLOW_MALFORMED");
      ++refused;
      continue;
    }
    ++ran;
    Surroundings around;
    around.max_transitions = 200;
    around.limits.cpu = std::chrono::milliseconds{400};  // a slow machine is not what is looked for
    TimePoint now{std::chrono::hours{500'000}};
    auto step = Start(*document, around, "s", {}, now);
    for (int i = 0; i < 6 && step; ++i) {
      ++steps;
      if (!step->machine.running()) break;
      REQUIRE(Illegal(**document, step->machine) == "");
      v1::Machine stored;
      REQUIRE(stored.ParseFromString(step->machine.SerializeAsString()));
      now += std::chrono::milliseconds{made.Pick(1500)};
      v1::Happening event;
      event.set_name(made.Event());
      event.set_kind(v1::Happening::EXTERNAL);
      event.set_data("{\"x\":1}");
      const auto due = Advance(*document, around, stored, now);
      if (!due) {
        step = due;
        break;
      }
      const auto again = Advance(*document, around, stored, now);
      if (!UsedUp(due) && !UsedUp(again)) {
        REQUIRE(again);
        REQUIRE(google::protobuf::util::MessageDifferencer::Equals(again->machine, due->machine));
      }
      step = Deliver(*document, around, due->machine, "", event, now);
    }
    if (!step) {
      INFO(step.error().message);
      REQUIRE((step.error().reason == "FLOW_LOOPS" || step.error().reason == "SCRIPT_EXHAUSTED"));
    }
    if (seed % 10 == 0) (void)Findings(**document).size();
  }
  INFO(ran << " documents, " << steps << " steps, " << refused << " refused");
  CHECK(ran > 10);
  CHECK(steps > ran);
}

}  // namespace carillon::ivr
