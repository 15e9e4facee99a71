#include "ivr/domain/flow_test.hpp"

#include <algorithm>
#include <catch2/catch.hpp>
#include <filesystem>
#include <fstream>
#include <set>
#include <sstream>

#include "base/proto_time.hpp"
#include "ivr/domain/compare.hpp"
#include "ivr/domain/findings.hpp"
#include "ivr/domain/journey.hpp"
#include "ivr/domain/rollout.hpp"

namespace carillon::ivr {
namespace {

namespace fs = std::filesystem;

std::string TextOf(const fs::path& file) {
  std::ifstream in(file);
  std::ostringstream text;
  text << in.rdbuf();
  return text.str();
}

std::shared_ptr<const Document> Flow(const std::string& body, const std::string& script = "") {
  auto read = ReadDocument(
      "<scxml xmlns='http://www.w3.org/2005/07/scxml' version='1.0' datamodel='ecmascript'>"
      "<datamodel><data id='seen' expr='({})'/></datamodel><script>function key() { return "
      "_event.data.digits; }" +
      script + "</script>" + body + "<final id='over'/></scxml>");
  INFO((read ? "" : read.error().message));
  REQUIRE(read);
  return *read;
}

/// A menu with one key for each state named, and 0 for a person.
std::string Menu(const std::string& id, const std::string& ways, const std::string& keys) {
  return "<state id='" + id +
         "'><onentry><send type='carillon:collect' event='input'><param name='node' expr=\"'" + id +
         "'\"/><param name='keys' expr=\"'" + keys + "'\"/></send></onentry>" + ways +
         "<transition event='input' target='agent'/></state>";
}

const std::string kAgent =
    "<state id='agent'><onentry><send type='carillon:enqueue'><param name='queue' "
    "expr=\"'q'\"/></send></onentry>"
    "<transition event='enqueue' target='over'/></state>";

std::set<std::string> Reasons(const Document& document, const MenuLimits& limits = {}) {
  std::set<std::string> reasons;
  for (const auto& finding : Findings(document, limits)) reasons.insert(finding.reason());
  return reasons;
}

v1::SimulateFlowResponse Walked(const std::shared_ptr<const Document>& document,
                                v1::SimulateFlowRequest request) {
  return Simulate(document, request, TimePoint{std::chrono::hours{24 * 20'000 + 2}});
}

}  // namespace

TEST_CASE("every shipped hotline can be published and passes its tests", "[ivr][flows]") {
  int files = 0;
  int tests = 0;
  for (const auto& entry : fs::directory_iterator(CARILLON_FLOWS)) {
    if (entry.path().extension() != ".flowtest") continue;
    ++files;
    const auto file = ReadFlowTests(TextOf(entry.path()));
    INFO(entry.path().filename() << (file ? "" : file.error().message));
    REQUIRE(file);
    const auto document = ReadDocument(TextOf(entry.path().parent_path() / file->flow));
    REQUIRE(document);
    for (const auto& finding : Findings(**document)) {
      INFO(finding.ShortDebugString());
      CHECK(finding.severity() == v1::FlowFinding::ADVICE);
    }
    for (const FlowTest& test : file->tests) {
      ++tests;
      const auto tried = Tried(*document, test);
      INFO(test.name << ": " << tried.why);
      CHECK(tried.passed);
    }
  }
  CHECK(files >= 13);
  CHECK(tests >= 140);
}

TEST_CASE("the hotlines share all but what they say", "[ivr][flows]") {
  std::set<std::string> engines;
  int hotlines = 0;
  for (const auto& entry : fs::directory_iterator(CARILLON_FLOWS)) {
    const std::string text = TextOf(entry.path());
    const auto mark = text.find("//---- the same in every hotline");
    if (mark == std::string::npos) continue;
    ++hotlines;
    engines.insert(text.substr(mark));
  }
  CHECK(hotlines == 11);
  CHECK(engines.size() == 1);
}

TEST_CASE("a file of tests says what is wrong with it, by line", "[ivr][flowtest]") {
  for (const auto& [text, line] : std::vector<std::pair<std::string, std::string>>{
           {"", "1"},
           {"flow a.scxml\n", "1"},
           {"test t\n  knocks 1", "2"},
           {"menu\ntest t", "1"},
           {"test t\ncaller +86 grade", "2"},
           {"test t\ncaller +86 mood good", "2"},
           {"test t\nwait long", "2"},
           {"test t\nrow water", "2"},
           {"test t\nrow water 1 usage", "2"},
           {"test t\nnotice 44 zh-CN", "2"},
           {"test", "1"},
       }) {
    INFO(text);
    const auto read = ReadFlowTests(text);
    REQUIRE_FALSE(read);
    CHECK(read.error().reason == "FLOW_TEST_MALFORMED");
    CHECK(read.error().message.starts_with("line " + line + ":"));
  }
}

TEST_CASE("a test that is not met says what was met instead", "[ivr][flowtest]") {
  const auto document = Flow(Menu("main", "", "01") + kAgent);
  const auto tests = ReadFlowTests(
      "test t\nkeys 0\npath main/1\nhears hello\nserved bill\nends SELF_SERVED\nqueue vip\nanswer mood 3");
  REQUIRE(tests);
  const auto tried = Tried(document, tests->tests[0]);
  CHECK_FALSE(tried.passed);
  CHECK(tried.path == "main/0");
  CHECK(tried.outcome == "TO_AGENT q");
  CHECK(tried.why ==
        "the path is 'main/0' instead of 'main/1'; never heard: hello; not served: bill; it ends as TO_AGENT "
        "instead of "
        "SELF_SERVED; handed to 'q' instead of 'vip'; no answer 3 to mood");
}

TEST_CASE("menus that trap, are too deep or too wide keep a flow from callers", "[ivr][findings]") {
  CHECK(Reasons(*Flow(Menu("main", "", "01") + kAgent)).empty());
  const std::string trap =
      "<state id='main'><onentry><send type='carillon:collect' event='input'><param name='node' "
      "expr=\"'main'\"/><param name='keys' expr=\"'12'\"/></send></onentry><transition event='input.keys' "
      "cond=\"key() === '1'\" target='agent'/><transition event='input' target='main'/></state>";
  CHECK(Reasons(*Flow(trap + kAgent)) == std::set<std::string>{"MENU_TRAPS"});
  const auto way = [](const std::string& to) {
    return "<transition event='input.keys' cond=\"key() === '1'\" target='" + to + "'/>";
  };
  const std::string deep = Menu("a", way("b"), "0123") + Menu("b", way("c"), "0123") +
                           Menu("c", way("d"), "0123") + Menu("d", "", "0123") + kAgent;
  CHECK(Reasons(*Flow(deep)) == std::set<std::string>{"MENU_TOO_DEEP"});
  CHECK(Reasons(*Flow(deep), {4, 9}).empty());
  const auto wide = Flow(Menu("main", "", "01234567") + kAgent);
  CHECK(Findings(*wide).at(0).severity() == v1::FlowFinding::ADVICE);
  CHECK(Findings(*wide, {3, 6}).at(0).severity() == v1::FlowFinding::BLOCKING);
  const std::string stuck = "<transition event='input.keys' cond=\"key() === '2'\" target='hole'/>";
  CHECK(Reasons(*Flow(Menu("main", stuck, "012") + "<state id='hole'/>" + kAgent)) ==
        std::set<std::string>{"FLOW_FAILS"});
}

TEST_CASE("a table is asked with a line in the path, and a person's row is told to that person",
          "[ivr][nodes]") {
  const auto document = Flow(
      "<state id='a'><onentry><send type='carillon:lookUp' event='look'/></onentry>"
      "<transition event='look.done' target='b'/><transition event='look.failed' target='b'/></state>"
      "<state id='b'><onentry><send type='carillon:query' event='q'><param name='table' expr=\"'water'\"/>"
      "<param name='key' expr=\"'0763118822'\"/></send></onentry>"
      "<transition event='q.done' target='told'><assign location='seen' expr='_event.data'/></transition>"
      "<transition event='q.failed' target='agent'/></state>"
      "<state id='told'><onentry><send type='carillon:hangUp'><param name='text' expr=\"seen.found ? "
      "seen.values.usage : 'none'\"/>"
      "</send></onentry></state>" +
      kAgent);
  v1::SimulateFlowRequest request;
  request.mutable_caller()->set_calling_number("+862038881234");
  auto walk = Walked(document, request);
  CHECK(walk.steps(0).hang_up().texts(0).text() == "none");
  auto& row = *request.add_rows();
  row.set_table("water");
  row.set_key("0763118822");
  (*row.mutable_values())["usage"] = "14";
  walk = Walked(document, request);
  CHECK(walk.steps(0).hang_up().texts(0).text() == "14");
  CHECK(walk.session().path(1).input() == "water 076****8822");
  // The row is a customer's: a stranger gets nothing, the calling line's own customer does.
  row.set_customer("customers/00000000-0000-4000-8000-000000000001");
  walk = Walked(document, request);
  CHECK(walk.queue() == "q");
  CHECK(walk.session().path(1).outcome() == "IDENTITY_NEEDED");
  request.mutable_caller()->set_grade("GOLD");
  row.set_customer(Walked(document, request).session().customer());
  CHECK(Walked(document, request).steps(0).hang_up().texts(0).text() == "14");
  request.mutable_caller()->set_back_end_down(true);
  CHECK(Walked(document, request).queue() == "q");
}

TEST_CASE("a decision says which row won and why", "[ivr][nodes]") {
  const auto document = Flow(
      "<state id='a'><onentry><send type='carillon:lookUp' event='look'/></onentry><transition event='look' "
      "target='b'/></state>"
      "<state id='b'><onentry><send type='carillon:decide' event='d'><param name='node' "
      "expr=\"'greeting'\"/><param name='rows' "
      "expr=\"[{then: 'plain'}, {grade: 'GOLD', then: 'gold'}, {grade: 'GOLD', region: '4418', start: "
      "'08:00', end: '20:00', then: "
      "'gold_qingyuan'}]\"/></send></onentry><transition event='d.done' target='c'><assign location='seen' "
      "expr='_event.data'/>"
      "</transition></state><state id='c'><onentry><send type='carillon:hangUp'><param name='text' "
      "expr='seen.then'/></send>"
      "</onentry></state>");
  v1::SimulateFlowRequest request;
  CHECK(Walked(document, request).steps(0).hang_up().texts(0).text() == "plain");
  request.mutable_caller()->set_grade("GOLD");
  CHECK(Walked(document, request).steps(0).hang_up().texts(0).text() == "gold");
  request.mutable_caller()->set_region("441802");
  const auto walk = Walked(document, request);
  CHECK(walk.steps(0).hang_up().texts(0).text() == "gold_qingyuan");
  const auto& step = walk.session().path(1);
  CHECK(step.node() == "greeting");
  CHECK(step.outcome() ==
        "row 3 holds for grade GOLD, region 4418, time 08:00-20:00 and has most conditions");
}

TEST_CASE("an opinion is kept with its question, whatever the flow does with it", "[ivr][nodes]") {
  const auto document = Flow(
      "<state id='a'><onentry><send type='carillon:survey' event='s'><param name='question' "
      "expr=\"'speed'\"/><param name='choices' "
      "expr='3'/></send></onentry><transition event='s.invalid' target='a'/><transition event='s' "
      "target='over'/></state>");
  v1::SimulateFlowRequest request;
  request.add_keys("4");
  request.add_keys("2");
  const auto walk = Walked(document, request);
  REQUIRE(walk.session().answers_size() == 1);
  CHECK(walk.session().answers(0).question() == "speed");
  CHECK(walk.session().answers(0).score() == 2);
  CHECK(walk.session().menu_path().empty());
}

TEST_CASE("a caller who goes round in circles ends with a person", "[ivr][nodes]") {
  const auto document = Flow(
      Menu("main", "<transition event='input.keys' cond=\"key() === '9'\" target='main'/>", "09") + kAgent);
  v1::SimulateFlowRequest request;
  for (int i = 0; i < 150; ++i) request.add_keys("9");
  const auto walk = Walked(document, request);
  CHECK(walk.session().result() == v1::Session::TO_AGENT);
  CHECK(walk.session().menu_path_size() == 100);
  CHECK(std::any_of(walk.session().path().begin(), walk.session().path().end(),
                    [](const auto& step) { return step.outcome() == "FLOW_LOOPS"; }));
}

TEST_CASE("a call falls on one side of a roll-out, however often it is asked", "[ivr][rollout]") {
  const TimePoint noon{std::chrono::hours{24 * 20'000 + 12}};
  v1::Flow flow;
  flow.set_published_version(3);
  CHECK(VersionFor(flow, "calls/1", noon) == 3);
  flow.mutable_rollout()->set_version(4);
  flow.mutable_rollout()->set_percent(20);
  *flow.mutable_rollout()->mutable_start_time() = ToProto(noon);
  CHECK(VersionFor(flow, "calls/1", noon - std::chrono::seconds{1}) == 3);
  int among = 0;
  for (int i = 0; i < 2000; ++i) {
    const std::string call = "calls/" + std::to_string(i);
    const int version = VersionFor(flow, call, noon);
    CHECK(version == VersionFor(flow, call, noon + std::chrono::hours{9}));
    among += version == 4 ? 1 : 0;
  }
  CHECK(among > 320);
  CHECK(among < 480);
  flow.mutable_rollout()->set_percent(100);
  CHECK(VersionFor(flow, "calls/1", noon) == 4);
}

TEST_CASE("two versions are compared by states and by lines", "[ivr][compare]") {
  const std::string head = "<scxml xmlns='http://www.w3.org/2005/07/scxml' version='1.0'>\n";
  const std::string before =
      head + "<state id='a'>\n<transition event='e' target='b'/>\n</state>\n<state id='b'/>\n</scxml>";
  const std::string after =
      head + "<state id='a'>\n<transition event='f' target='c'/>\n</state>\n<state id='c'/>\n</scxml>";
  const auto compared = Compared(before, after);
  CHECK(std::vector<std::string>(compared.added().begin(), compared.added().end()) ==
        std::vector<std::string>{"c"});
  CHECK(std::vector<std::string>(compared.removed().begin(), compared.removed().end()) ==
        std::vector<std::string>{"b"});
  CHECK(std::vector<std::string>(compared.changed().begin(), compared.changed().end()) ==
        std::vector<std::string>{"a"});
  CHECK(std::vector<std::string>(compared.lines().begin(), compared.lines().end()) ==
        std::vector<std::string>{"-3: <transition event='e' target='b'/>",
                                 "+3: <transition event='f' target='c'/>", "-5: <state id='b'/>",
                                 "+5: <state id='c'/>"});
  CHECK(Compared(before, before).lines().empty());
}

}  // namespace carillon::ivr
