#include "ivr/flow_command.hpp"

#include <filesystem>
#include <fstream>
#include <iostream>
#include <set>
#include <sstream>
#include <string_view>

#include "ivr/domain/findings.hpp"
#include "ivr/domain/flow_test.hpp"

namespace carillon::ivr {
namespace {

namespace fs = std::filesystem;

std::string TextOf(const fs::path& file) {
  std::ifstream in(file, std::ios::binary);
  std::ostringstream text;
  text << in.rdbuf();
  return text.str();
}

struct Tally {
  int passed = 0, failed = 0;
  bool print = false;

  void Line(bool fine, const std::string& what, const std::string& more) {
    ++(fine ? passed : failed);
    std::cout << what << (fine ? " passed: " : " failed: ") << more << "\n";
  }
};

void RunFile(const fs::path& file, const std::string& name, Tally& tally) {
  const auto tests = ReadFlowTests(TextOf(file));
  if (!tests) return tally.Line(false, name, tests.error().message);
  const auto document = ReadDocument(TextOf(file.parent_path() / tests->flow));
  if (!document) return tally.Line(false, name, tests->flow + ": " + document.error().message);
  for (const auto& finding : Findings(**document)) {
    if (finding.severity() != v1::FlowFinding::BLOCKING) continue;
    tally.Line(false, name,
               "line " + std::to_string(finding.line()) + ": " + finding.reason() + ": " + finding.message());
  }
  for (const FlowTest& test : tests->tests) {
    const FlowTested tried = Tried(*document, test);
    tally.Line(tried.passed, name + ": " + test.name,
               tried.passed ? (tried.path.empty() ? "-" : tried.path) + " -> " + tried.outcome : tried.why);
    if (!tally.print) continue;
    for (const std::string& words : tried.said) std::cout << "    " << words << "\n";
  }
}

}  // namespace

int FlowCommand(int argc, char** argv) {
  Tally tally;
  fs::path folder;
  bool understood = argc > 2 && std::string_view(argv[1]) == "test";
  for (int i = 2; i < argc; ++i) {
    const std::string_view word = argv[i];
    if (word == "--print") {
      tally.print = true;
    } else if (folder.empty() && !word.starts_with("-")) {
      folder = word;
    } else {
      understood = false;
    }
  }
  if (!understood || !fs::is_directory(folder)) {
    std::cerr << "usage: carillon-ivr flow test [--print] FOLDER\n";
    return 2;
  }
  std::set<fs::path> files;
  for (const auto& entry : fs::recursive_directory_iterator(folder)) {
    if (entry.is_regular_file() && entry.path().extension() == ".flowtest") files.insert(entry.path());
  }
  for (const fs::path& file : files) {
    RunFile(file, file.lexically_relative(folder).replace_extension().string(), tally);
  }
  std::cout << tally.passed << " passed, " << tally.failed << " failed\n";
  return tally.failed == 0 && tally.passed > 0 ? 0 : 1;
}

}  // namespace carillon::ivr
