#include "knowledge/domain/gap.hpp"

#include <catch2/catch.hpp>

#include "base/proto_time.hpp"

namespace carillon::knowledge::domain {
namespace {

using namespace std::chrono_literals;

const TimePoint kNow{std::chrono::sys_days{std::chrono::year{2026} / 3 / 2} + 2h};
const Actor kAgent{"users/1023", kNow};

TEST_CASE("what searches missed becomes a promise of a day once it is reported", "[knowledge][gap]") {
  const auto missed = MissedAgain(Missed("gaps/1", "", "zh-CN", "企业短信组合", kAgent), kNow + 1min);
  CHECK(missed.origin() == pb::Gap::SEARCH);
  CHECK(missed.miss_count() == 2);
  CHECK_FALSE(missed.has_due_time());
  pb::Gap report;
  report.set_note("客户要求书面答复");
  report.set_work_order("workOrders/1");
  const auto reported = ReportedAgain(missed, report, {"users/1024", kNow + 2min});
  CHECK(reported.origin() == pb::Gap::REPORT);
  CHECK(reported.reporter() == "users/1024");
  CHECK(reported.miss_count() == 3);
  CHECK(FromProto(reported.due_time()) == kNow + 2min + 24h);
  // A second report neither moves the promise nor who is told.
  const auto again = ReportedAgain(reported, {}, {"users/1025", kNow + 1h});
  CHECK(again.reporter() == "users/1024");
  CHECK(FromProto(again.due_time()) == kNow + 2min + 24h);
  CHECK(again.work_order() == "workOrders/1");
}

TEST_CASE("a gap is closed by what readers read, and waits for what is still written", "[knowledge][gap]") {
  const auto open = Missed("gaps/1", "", "zh-CN", "企业短信组合", kAgent);
  const auto assigned = Assigned(open, "users/editor", kNow).value();
  CHECK(assigned.state() == pb::Gap::ASSIGNED);
  const auto answered = Answered(assigned, "articles/1", false, kNow).value();
  CHECK(answered.state() == pb::Gap::ANSWERED);
  CHECK(Assigned(answered, "users/x", kNow).error().reason == "GAP_STATE");
  const auto closed = Answered(answered, "articles/1", true, kNow).value();
  CHECK(closed.state() == pb::Gap::CLOSED);
  CHECK(closed.has_close_time());
  CHECK(Answered(closed, "articles/2", true, kNow).error().reason == "GAP_STATE");
  CHECK(ClosedWithout(closed, "重复", kNow).error().reason == "GAP_STATE");
  CHECK(ClosedWithout(answered, "不再提供", kNow)->article().empty());
}

}  // namespace
}  // namespace carillon::knowledge::domain
