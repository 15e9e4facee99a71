#pragma once
#include <filesystem>
#include <string>
#include <vector>

#include "base/result.hpp"

/// Runs SCXML documents that say themselves whether they pass: published suites, and a flow author's own.
namespace carillon::ivr {

/// What came of one document.
struct SuiteCase {
  std::string name;  ///< path in the folder, without the ending
  bool passed = false;
  std::string why;  ///< it did not
};

/// Runs every *.scxml in a folder and the folders in it, by name, as the service would: between any two
/// events the machine goes through its stored form, delayed events come at once in virtual time.
///
/// A document passes by reaching its final state `pass`. One with an event script beside it (the same name
/// with .json: initialConfiguration, then events with name, data, after milliseconds and nextConfiguration)
/// passes when each configuration is as written. A document that another of its folder names is a part of
/// that and not run by itself. Sources are read below the document's own folder only; Basic HTTP reaches this
/// process and `allowed`. NOT_FOUND SUITE_MISSING when there is no such folder.
Result<std::vector<SuiteCase>> RunSuite(const std::filesystem::path& folder,
                                        const std::vector<std::string>& allowed);

/// carillon-ivr scxml [--allow HOST:PORT]... FOLDER: a line for each document, then "N passed, N failed".
/// Exit code 0 = all passed, 1 = not all, 2 = it could not look.
int ScxmlCommand(int argc, char** argv);

}  // namespace carillon::ivr
