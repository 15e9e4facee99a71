#pragma once
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.hpp"
#include "base/result.hpp"
#include "carillon/ivr/v1/flow_service.pb.h"
#include "ivr/domain/document.hpp"

/// Tests of flows as people write them: a caller, keys, and what the caller must meet.
namespace carillon::ivr {

/// One test of a file.
struct FlowTest {
  std::string name;
  int line = 0;
  v1::SimulateFlowRequest request;  ///< without the document
  TimePoint time;
  std::optional<std::string> path;  ///< menu keys, "main/1 bill/4"
  std::vector<std::string> hears, never, served;
  std::string ends, queue;  ///< "TO_AGENT", "vip"
  std::map<std::string, int> answers;
  std::map<std::string, std::string> results;  ///< what the agent is told
};

/// A file of tests.
struct FlowTests {
  std::string flow;  ///< file of the flow, beside the tests; "" = the flow they are kept with
  std::vector<FlowTest> tests;
};

/// Reads a file: one word of what a line says, then its values (docs/services/ivr.md lists them). What stands
/// before the first `test` holds for all. INVALID_ARGUMENT FLOW_TEST_MALFORMED with the line.
Result<FlowTests> ReadFlowTests(std::string_view text);

/// What a test came to.
struct FlowTested {
  bool passed = false;
  std::string path;     ///< as walked
  std::string outcome;  ///< "TO_AGENT vip"
  std::string why;      ///< it did not pass
  std::vector<std::string> said;
};

/// Walks the document as the test's caller.
FlowTested Tried(const std::shared_ptr<const Document>& document, const FlowTest& test);

}  // namespace carillon::ivr
