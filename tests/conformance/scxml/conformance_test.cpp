#include <unistd.h>

#include <catch2/catch.hpp>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <set>

#include "ivr/clients/basic_http.hpp"
#include "ivr/scxml_command.hpp"

/// The W3C's implementation-report tests (SCXML 1.0, ECMAScript data model), and documents of our own for
/// what they leave out. Between any two events the machine goes through its stored form, so passing also
/// shows that a session survives a restart at that point.
namespace carillon::ivr {
namespace {

namespace fs = std::filesystem;
const fs::path kSuite = "../shared/data/scxml";
const fs::path kOwn = "tests/conformance/scxml/documents";

std::set<std::string> Expected() {
  std::ifstream in("tests/conformance/scxml/expected.txt");
  std::set<std::string> names;
  for (std::string line; std::getline(in, line);) {
    if (!line.empty() && line[0] != '#') names.insert(line);
  }
  return names;
}

TEST_CASE("the published SCXML tests end in pass", "[ivr][scxml][conformance]") {
  if (!fs::exists(kSuite)) {
    std::cout << "SKIPPED: " << kSuite << " is not there\n";
    SUCCEED();
    return;
  }
  const auto cases = RunSuite(kSuite, {});
  REQUIRE(cases);
  std::set<std::string> passed;
  for (const SuiteCase& each : *cases) {
    INFO(each.name << ": " << each.why);
    CHECK(each.passed);
    if (each.passed) passed.insert(each.name);
  }
  std::cout << passed.size() << " passed of " << cases->size() << "\n";
  CHECK(passed == Expected());
}

TEST_CASE("what the published tests leave out ends in pass too", "[ivr][scxml][conformance]") {
  const auto cases = RunSuite(kOwn, {});
  REQUIRE(cases);
  CHECK(cases->size() >= 18);
  for (const SuiteCase& each : *cases) {
    INFO(each.name << ": " << each.why);
    CHECK(each.passed);
  }
}

TEST_CASE("a suite says what failed, and where a script was left", "[ivr][scxml]") {
  const fs::path folder = fs::temp_directory_path() / ("carillon-suite-" + std::to_string(getpid()));
  fs::create_directories(folder / "deep");
  const auto write = [&](const char* name, const std::string& text) { std::ofstream(folder / name) << text; };
  const std::string open =
      "<scxml xmlns='http://www.w3.org/2005/07/scxml' version='1.0' datamodel='ecmascript'>";
  write("fails.scxml", open + "<final id='fail'/></scxml>");
  write("deep/broken.scxml", open + "<final id='pass'></scxml>");
  write("waits.scxml", open + "<state id='a'/></scxml>");
  write("strays.scxml",
        open + "<state id='a'><transition event='e' target='b'/></state><state id='b'/></scxml>");
  write("strays.json",
        R"({"initialConfiguration":["a"],"events":[{"event":{"name":"e"},"nextConfiguration":["a"]}]})");
  write("outer.scxml",
        open +
            "<state id='a'><invoke id='i' src='file:inner.scxml'/><transition event='done.invoke.i' "
            "target='pass'/></state><final id='pass'/></scxml>");
  write("inner.scxml", open + "<final id='over'/></scxml>");
  write("curious.scxml",
        open +
            "<datamodel><data id='d' src='../secret.txt'/></datamodel><state id='a'>"
            "<transition event='error.execution' target='pass'/></state><final id='pass'/></scxml>");
  const auto cases = RunSuite(folder, {});
  fs::remove_all(folder);
  REQUIRE(cases);
  std::vector<std::string> told;
  for (const SuiteCase& each : *cases) told.push_back(each.name + (each.passed ? "" : ": " + each.why));
  CHECK(told == std::vector<std::string>{
                    "curious", "deep/broken: line 1, column 102: </scxml> where <final> is open",
                    "fails: ended in fail", "outer",
                    "strays: after event 1 (e) active are [b] instead of [a]", "waits: waits for ever"});
  CHECK_FALSE(RunSuite(folder, {}));
}

TEST_CASE("messages go to loopback only, and only whole ones are taken", "[ivr][scxml]") {
  CHECK(clients::BasicHttp::Listen({"example.com:80"}).error().reason == "ADDRESS_NOT_LOCAL");
  CHECK(clients::BasicHttp::Listen({"0.0.0.0:80"}).error().reason == "ADDRESS_NOT_LOCAL");
  CHECK(clients::BasicHttp::Listen({"127.0.0.1:8080", "localhost:9"}));
  for (const char* request : {"", "GET / HTTP/1.1\r\n\r\n", "POST /a HTTP/1.1\r\n"}) {
    INFO(request);
    CHECK(clients::ReadMessage(request).error().reason == "HTTP_MALFORMED");
  }
  const auto read = clients::ReadMessage("POST /s%201?_scxmleventname=e.f HTTP/1.1\r\n\r\na=%E7%8E%8B+b&c=");
  REQUIRE(read);
  CHECK(read->session == "s 1");
  CHECK(read->event.name() == "e.f");
  CHECK(read->event.data() == "{\"a\":\"王 b\",\"c\":\"\"}");
}

}  // namespace
}  // namespace carillon::ivr
