#include "ivr/domain/interpreter.hpp"

#include <catch2/catch.hpp>

namespace carillon::ivr {
namespace {

const TimePoint kStart{std::chrono::hours{500'000}};

std::shared_ptr<const Document> Read(const std::string& body) {
  auto read = ReadDocument(
      "<scxml xmlns=\"http://www.w3.org/2005/07/scxml\" version=\"1.0\" datamodel=\"ecmascript\">" + body +
      "</scxml>");
  INFO((read ? "" : read.error().message));
  REQUIRE(read);
  return *read;
}

v1::Happening Event(const std::string& name, const std::string& data = "") {
  v1::Happening event;
  event.set_name(name);
  event.set_kind(v1::Happening::EXTERNAL);
  event.set_data(data);
  return event;
}

}  // namespace

TEST_CASE("the same step taken twice gives the same machine and the same effects", "[ivr][interpreter]") {
  const auto document = Read(R"x(<datamodel><data id="n" expr="0"/></datamodel>
    <state id="a"><onentry><send type="carillon:play" idlocation="n"><param name="r" expr="Math.random()"/></send>
    <send event="later" delay="5s"/></onentry><transition event="go" target="b"/></state><final id="b"/>)x");
  Surroundings around;
  around.accepts = [](std::string_view) { return true; };
  const auto one = Start(document, around, "s", {}, kStart);
  const auto two = Start(document, around, "s", {}, kStart);
  REQUIRE(one);
  REQUIRE(two);
  CHECK(one->machine.SerializeAsString() == two->machine.SerializeAsString());
  REQUIRE(one->effects.size() == 1);
  CHECK(one->effects[0].data == two->effects[0].data);
  CHECK(NextDue(one->machine) == kStart + std::chrono::seconds{5});
}

TEST_CASE("history, data and timers survive being stored between any two events", "[ivr][interpreter]") {
  const auto document = Read(R"x(<datamodel><data id="seen" expr="[]"/></datamodel>
    <state id="menu" initial="one"><history id="h" type="deep"><transition target="one"/></history>
      <transition event="help" target="aside"/>
      <state id="one"><transition event="next" target="two"/></state>
      <state id="two"><onentry><assign location="seen" expr="seen.concat(['two'])"/></onentry></state></state>
    <state id="aside"><transition event="back" target="h"/></state>)x");
  auto step = Start(document, {}, "s", {}, kStart);
  for (const char* event : {"next", "help", "back"}) {
    REQUIRE(step);
    v1::Machine stored;
    REQUIRE(stored.ParseFromString(step->machine.SerializeAsString()));
    step = Deliver(document, {}, stored, "", Event(event), kStart);
  }
  REQUIRE(step);
  CHECK(ActiveStates(*document, step->machine) == std::vector<std::string>{"two"});
  CHECK(step->machine.datamodel().find("[\"two\",\"two\"]") != std::string::npos);
}

TEST_CASE("a variable that cannot be kept is an error of the flow, which goes on without it",
          "[ivr][interpreter]") {
  const std::string body =
      R"x(<datamodel><data id="list" expr="[1]"/><data id="why"/><data id="n" expr="0"/></datamodel>
    <state id="a"><transition event="go" target="b"><assign location="list[0]" expr="({a: [list]})"/></transition></state>
    <state id="b"><transition event="error.execution" target="c">
      <assign location="why" expr="_event.data.reason + ': ' + _event.data.message"/>AGAIN</transition></state>
    <state id="c">FOREVER</state>)x";
  const auto taken = [&](const std::string& again, const std::string& forever) {
    std::string text = body;
    text.replace(text.find("AGAIN"), 5, again);
    text.replace(text.find("FOREVER"), 7, forever);
    const auto document = Read(text);
    const auto begun = Start(document, {}, "s", {}, kStart);
    REQUIRE(begun);
    auto step = Deliver(document, {}, begun->machine, "", Event("go"), kStart);
    if (step) {
      CHECK(ActiveStates(*document, step->machine) == std::vector<std::string>{"c"});
      CHECK(step->machine.datamodel().find("SCRIPT_FAILED: cannot be kept: list") != std::string::npos);
      CHECK(Deliver(document, {}, step->machine, "", Event("x"), kStart));
    }
    return step;
  };
  const std::string spoil = "<script>list = []; list[0] = list</script>";
  CHECK(taken("", ""));
  CHECK(taken(spoil, ""));
  // One that spoils it with every answer makes no end.
  const auto endless = taken(spoil, "<transition event='error'>" + spoil + "</transition>");
  REQUIRE_FALSE(endless);
  CHECK((endless.error().reason == "FLOW_LOOPS" || endless.error().reason == "SCRIPT_EXHAUSTED"));
}

TEST_CASE("a document that invokes itself without end is stopped", "[ivr][interpreter]") {
  Surroundings around;
  const std::string self =
      "<scxml version='1.0' datamodel='ecmascript'><state id='x'><invoke type='scxml' "
      "src='self'/></state></scxml>";
  around.load = [&](std::string_view) -> Result<std::string> { return self; };
  auto read = ReadDocument(self);
  REQUIRE(read);
  const auto step = Start(*read, around, "s", {}, kStart);
  REQUIRE(step);
  CHECK(std::any_of(step->log.begin(), step->log.end(), [](const std::string& line) {
    return line.find("too many sessions") != std::string::npos;
  }));
}

TEST_CASE("a machine of another document is refused, not run", "[ivr][interpreter]") {
  const auto small = Read("<state id='a'/>");
  v1::Machine machine;
  machine.set_running(true);
  machine.add_configuration(77);
  CHECK_FALSE(Deliver(small, {}, machine, "", Event("e"), kStart));
}

TEST_CASE("delays are read as the standard writes them", "[ivr][interpreter]") {
  CHECK(*ParseDelay("1.5s") == std::chrono::milliseconds{1500});
  CHECK(*ParseDelay(".5s") == std::chrono::milliseconds{500});
  CHECK(*ParseDelay("200ms") == std::chrono::milliseconds{200});
  CHECK_FALSE(ParseDelay("soon"));
  CHECK_FALSE(ParseDelay("-1s"));
}

TEST_CASE("data of an event cannot smuggle code into the data model", "[ivr][interpreter]") {
  const auto document = Read(R"x(<datamodel><data id="kept"/><data id="harm" expr="0"/></datamodel>
    <state id="a"><transition event="in"><assign location="kept" expr="_event.data"/></transition></state>)x");
  auto step = Start(document, {}, "s", {}, kStart);
  REQUIRE(step);
  step = Deliver(document, {}, step->machine, "",
                 Event("in", R"x({"$fn":"(harm = 1)","__proto__":{"toJSON":1},"f":["x"],"u":1})x"), kStart);
  REQUIRE(step);
  step = Deliver(document, {}, step->machine, "", Event("in", "\"x\""), kStart);
  REQUIRE(step);
  CHECK(step->machine.datamodel().find("\"harm\":0") != std::string::npos);
}

}  // namespace carillon::ivr
