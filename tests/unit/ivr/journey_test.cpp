#include "ivr/domain/journey.hpp"

#include <catch2/catch.hpp>

#include "base/proto_time.hpp"
#include "ivr/domain/findings.hpp"
#include "ivr/domain/menus.hpp"

namespace carillon::ivr {
namespace {

const TimePoint kNoon{std::chrono::sys_days{std::chrono::year{2026} / 11 / 23} + std::chrono::hours{4}};

std::string Flow(const std::string& body, const std::string& data = "") {
  return R"x(<scxml xmlns="http://www.w3.org/2005/07/scxml" version="1.0" datamodel="ecmascript">)x"
         R"x(<datamodel><data id="call"/>)x" +
         data + "</datamodel>" + body + "</scxml>";
}

struct Bench {
  std::shared_ptr<const Document> document;
  v1::ServiceNumber number;
  Course course;
  std::vector<Ask> asked;

  explicit Bench(const std::string& text) {
    auto read = ReadDocument(text);
    INFO((read ? "" : read.error().message));
    REQUIRE(read);
    document = *read;
    number.set_default_queue("queues/default");
    (*number.mutable_queues())["fault"] = "queues/repairs";
    number.add_menus()->set_menu("default");
    course.session.set_name("sessions/0190a000-0000-7000-8000-000000000001");
    course.session.set_calling_number("+8613800000001");
  }
  Turn Open() { return Turn(document, number, *ZoneOf(number), course, kNoon); }
  void Run(Turn& turn, const Result<Answer>& answer) {
    while (auto ask = turn.Next()) {
      asked.push_back(*ask);
      turn.Answered(*ask, answer);
    }
    turn.Finish();
  }
  void Begin(const Result<Answer>& answer = Answer(HandedOver{"interactions/i", "queues/q", 1, 0})) {
    Turn turn = Open();
    turn.Begin();
    Run(turn, answer);
  }
  void Keys(const std::string& digits,
            const Result<Answer>& answer = Answer(HandedOver{"interactions/i", "queues/q", 1, 0})) {
    v1::SendInputRequest input;
    input.set_digits(digits);
    Turn turn = Open();
    turn.Input(input);
    Run(turn, answer);
  }
};

}  // namespace

TEST_CASE("a flow whose script never ends costs a moment and hands the caller to an agent",
          "[ivr][journey]") {
  Bench bench(Flow(R"x(<state id="a"><onentry><script>for (;;) {}</script></onentry></state>)x"));
  bench.Begin();
  REQUIRE(bench.course.journey.step().has_queued());
  CHECK(bench.course.session.result() == v1::Session::TO_AGENT);
  CHECK(bench.asked.at(0).queue == "queues/default");
  CHECK(bench.course.journey.step().queued().texts(0).text().find("非常抱歉") == 0);
}

TEST_CASE("a flow that goes round for ever hands the caller to an agent", "[ivr][journey]") {
  Bench bench(Flow(
      R"x(<state id="a"><transition target="b"/></state><state id="b"><transition target="a"/></state>)x"));
  bench.Begin();
  CHECK(bench.course.session.result() == v1::Session::TO_AGENT);
  CHECK(bench.course.session.path(0).outcome() == "FLOW_LOOPS");
}

TEST_CASE("a flow that waits for nothing hands the caller to an agent", "[ivr][journey]") {
  Bench bench(Flow(R"x(<state id="a"/>)x"));
  bench.Begin();
  CHECK(bench.course.session.path(0).outcome() == "FLOW_STUCK");
  CHECK(bench.course.session.result() == v1::Session::TO_AGENT);
}

TEST_CASE("with no queue to be had the caller gets an apology and the session is an error",
          "[ivr][journey]") {
  Bench bench(Flow(R"x(<state id="a"/>)x"));
  bench.Begin(Unavailable("PEER_UNAVAILABLE", "routing does not answer"));
  CHECK(bench.course.journey.step().has_hang_up());
  CHECK(bench.course.session.result() == v1::Session::ERROR);
}

TEST_CASE("a value is told to its owner only, whatever the flow says", "[ivr][journey]") {
  Bench bench(Flow(R"x(<state id="a"><onentry><send type="carillon:balance" event="b">
      <param name="customer" expr="'customers/0190a000-0000-7000-8000-00000000000f'"/></send></onentry>
      <transition event="b.failed" cond="_event.data.reason === 'IDENTITY_NEEDED'" target="over"/></state><final id="over"/>)x"));
  bench.Begin();
  CHECK(bench.asked.empty());
  CHECK(bench.course.session.result() == v1::Session::INVALID);
}

TEST_CASE("a secret never enters the data model, the path or what is stored", "[ivr][journey]") {
  Bench bench(Flow(R"x(<state id="a"><onentry><send type="carillon:collect" event="input">
      <param name="node" expr="'pin'"/><param name="max_digits" expr="6"/><param name="secret" expr="true"/></send></onentry>
      <transition event="input.keys" target="b"><assign location="seen" expr="_event.data.digits"/>
        <send type="carillon:verifyPassword" event="password"><param name="customer" expr="'customers/c'"/>
          <param name="digits" expr="seen"/></send></transition></state>
      <state id="b"><transition event="password.done" target="a"/></state>)x",
                   R"x(<data id="seen"/>)x"));
  bench.Begin();
  REQUIRE(bench.course.journey.step().collect().secret());
  bench.Keys("918273", Answer(PasswordChecked{false, 2}));
  CHECK(bench.asked.at(0).digits == "918273");
  CHECK(bench.course.journey.SerializeAsString().find("918273") == std::string::npos);
  CHECK(bench.course.session.SerializeAsString().find("918273") == std::string::npos);
  CHECK(bench.course.session.path(0).input() == "******");
}

TEST_CASE("a turn taken again asks under the same ids", "[ivr][journey]") {
  const std::string flow = Flow(R"x(<state id="a"><onentry><send type="carillon:enqueue" event="e">
      <param name="queue" expr="'fault'"/><param name="reason" expr="'line dead'"/></send></onentry>
      <transition event="e"/></state>)x");
  Bench one(flow);
  Bench two(flow);
  one.Begin();
  two.Begin();
  REQUIRE(one.asked.size() == 1);
  CHECK(one.asked.at(0).id == two.asked.at(0).id);
  CHECK(one.asked.at(0).queue == "queues/repairs");
  CHECK(one.asked.at(0).reason == "line dead");
}

TEST_CASE("prompts add up until something is waited for", "[ivr][journey]") {
  Bench bench(
      Flow(R"x(<state id="a"><onentry><send type="carillon:play"><param name="text" expr="'one'"/></send>
      <send type="carillon:collect"><param name="text" expr="[{en: 'two', 'zh-CN': '二'}, 'three']"/>
        <param name="keys" expr="'12'"/></send></onentry>
      <transition event="input.keys" target="p"/></state>
      <state id="p"><onentry><send type="carillon:play"><param name="text" expr="'four'"/></send></onentry>
        <transition event="play.done" target="over"/></state><final id="over"/>)x"));
  bench.Begin();
  const auto& collect = bench.course.journey.step().collect();
  REQUIRE(collect.prompts_size() == 3);
  CHECK(collect.prompts(1).text() == "二");
  CHECK(collect.max_digits() == 1);
  CHECK(bench.course.session.version() == 1);
  bench.Keys("1");
  REQUIRE(bench.course.journey.step().has_play());
  CHECK(bench.course.journey.step().play().prompts(0).text() == "four");
  CHECK(bench.course.session.version() == 2);
  v1::SendInputRequest played;
  played.set_played(true);
  Turn turn = bench.Open();
  turn.Input(played);
  bench.Run(turn, Answer(HandedOver{}));
  CHECK(bench.course.journey.step().has_hang_up());
}

TEST_CASE("an answer to the step before the current one is a repeat, an older one is stale",
          "[ivr][journey]") {
  Course course;
  course.session.set_version(5);
  course.session.set_state(v1::Session::ACTIVE);
  CHECK(ArrivalOf(course, 5) == Arrival::kCurrent);
  CHECK(ArrivalOf(course, 4) == Arrival::kRepeated);
  CHECK(ArrivalOf(course, 3) == Arrival::kStale);
  CHECK(ArrivalOf(course, 6) == Arrival::kStale);
  course.session.set_state(v1::Session::COMPLETED);
  CHECK(ArrivalOf(course, 5) == Arrival::kRepeated);
}

TEST_CASE("a delayed guard of the flow moves the caller on before the next key counts", "[ivr][journey]") {
  Bench bench(Flow(R"x(<state id="a"><onentry><send event="too.long" delay="60s"/>
      <send type="carillon:collect"><param name="keys" expr="'1'"/></send></onentry>
      <transition event="too.long" target="b"/><transition event="input.keys" target="c"/></state>
      <state id="b"><onentry><send type="carillon:enqueue"/></onentry><transition event="enqueue"/></state>
      <final id="c"/>)x"));
  bench.Begin();
  v1::SendInputRequest input;
  input.set_digits("1");
  Turn turn(bench.document, bench.number, *ZoneOf(bench.number), bench.course,
            kNoon + std::chrono::seconds{61});
  turn.Input(input);
  bench.Run(turn, Answer(HandedOver{"interactions/i", "queues/q", 1, 0}));
  CHECK(bench.course.session.result() == v1::Session::TO_AGENT);
}

TEST_CASE("what would trap a caller keeps a flow from being published", "[ivr][findings]") {
  const auto reasons = [](const std::string& text) {
    auto document = ReadDocument(text);
    REQUIRE(document);
    std::vector<std::string> found;
    for (const auto& finding : Findings(**document)) found.push_back(finding.reason() + " " + finding.node());
    return found;
  };
  CHECK(reasons(Flow(R"x(<state id="a"><onentry><send type="carillon:enqueue"/></onentry>
    <transition event="enqueue.failed" target="f"/></state><final id="f"/>)x"))
            .empty());
  CHECK(reasons(Flow(R"x(<state id="a"/>)x")) == std::vector<std::string>{"NO_AGENT_EXIT "});
  const auto many =
      reasons(Flow(R"x(<state id="a"><onentry><send type="carillon:enqueue"/><send type="carillon:fly"/>
    <send type="carillon:collect"/><log expr="1 +"/></onentry></state><state id="lost"/>)x"));
  for (const char* reason : {"NO_ERROR_BRANCH a", "NODE_UNKNOWN a", "NO_DEFAULT_BRANCH a",
                             "SCRIPT_MALFORMED a", "NODE_UNREACHABLE lost"}) {
    INFO(reason);
    CHECK(std::find(many.begin(), many.end(), reason) != many.end());
  }
}

}  // namespace carillon::ivr
