#include <algorithm>
#include <catch2/catch.hpp>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <map>
#include <set>
#include <sstream>

#include "ivr/domain/interpreter.hpp"

/// The W3C's implementation-report tests (SCXML 1.0, ECMAScript data model). A document passes by ending in
/// its final state `pass`. Between any two events the machine goes through its stored form, so passing also
/// shows that a session survives a restart at that point.
namespace carillon::ivr {
namespace {

namespace fs = std::filesystem;
const fs::path kSuite = "../shared/data/scxml";

std::string Slurp(const fs::path& path) {
  std::ifstream in(path, std::ios::binary);
  std::ostringstream text;
  text << in.rdbuf();
  return text.str();
}

std::string Outcome(const fs::path& file) {
  auto document = ReadDocument(Slurp(file));
  if (!document) return document.error().message;
  Surroundings around;
  around.load = [&](std::string_view source) -> Result<std::string> {
    if (source.starts_with("file:")) source.remove_prefix(5);
    const fs::path path = file.parent_path() / fs::path(source).filename();
    if (!fs::exists(path)) return NotFound("SOURCE_UNKNOWN", "no such file");
    return Slurp(path);
  };
  TimePoint now{std::chrono::hours{24 * 365 * 56}};
  auto step = Start(*document, around, "session", {}, now);
  std::string trace;
  for (int i = 0; i < 200; ++i) {
    if (!step) return step.error().message;
    for (const std::string& line : step->log) trace += " | " + line;
    if (!step->machine.running()) {
      return step->machine.final_state() == "pass" ? "pass"
                                                   : "ended in " + step->machine.final_state() + trace;
    }
    const auto due = NextDue(step->machine);
    if (!due) return "waits for ever" + trace;
    now = std::max(now, *due);
    v1::Machine stored;
    REQUIRE(stored.ParseFromString(step->machine.SerializeAsString()));
    step = Advance(*document, around, stored, now);
  }
  return "does not end";
}

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
  const auto expected = Expected();
  REQUIRE(expected.size() > 80);
  std::map<std::string, std::string> failed;
  std::set<std::string> passed;
  for (const char* folder : {"mandatory", "optional"}) {
    std::size_t here = 0;
    std::size_t all = 0;
    for (const auto& entry : fs::directory_iterator(kSuite / folder)) {
      const fs::path& path = entry.path();
      if (path.extension() != ".scxml" || path.filename().string().find("sub") != std::string::npos) continue;
      const std::string name = std::string(folder) + "/" + path.stem().string();
      const std::string outcome = Outcome(path);
      ++all;
      if (outcome == "pass") {
        ++here;
        passed.insert(name);
      } else {
        failed[name] = outcome;
      }
    }
    std::cout << folder << ": " << here << " passed of " << all << "\n";
    CHECK(all >= (std::string(folder) == "mandatory" ? 106U : 20U));
  }
  for (const auto& [name, outcome] : failed) std::cout << "  " << name << ": " << outcome << "\n";
  for (const std::string& name : expected) {
    INFO(name << ": " << (failed.contains(name) ? failed.at(name) : "not in the suite"));
    CHECK(passed.contains(name));
  }
  for (const std::string& name : passed) {
    INFO(name << " passes and is not in expected.txt");
    CHECK(expected.contains(name));
  }
}

}  // namespace
}  // namespace carillon::ivr
