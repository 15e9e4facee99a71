#include "qa/domain/scorecard.hpp"

#include <catch2/catch.hpp>

namespace carillon::qa::domain {
namespace {

using namespace std::chrono_literals;

const TimePoint kNow{std::chrono::sys_days{std::chrono::year{2026} / 3 / 2} + 6h};
const std::string kAuthor = "users/0198aaaa-0000-7000-8000-00000000000a";

pb::Scorecard Wish() {
  pb::Scorecard wish;
  wish.set_name("scorecards/0198aaaa-0000-7000-8000-0000000000c1");
  wish.set_kind(pb::Scorecard::CSR);
  return wish;
}

TEST_CASE("the scorecards of the trade are whole", "[qa][scorecard]") {
  const auto csr = Template("csr", pb::Scorecard::CSR).value();
  const auto tsr = Template("tsr", pb::Scorecard::TSR).value();
  const auto complaint = Template("complaint", pb::Scorecard::COMPLAINT).value();
  for (const auto& content : {csr, tsr, complaint}) {
    CHECK(WeightOf(content) == 100);
    CHECK(Checked(content).value().SerializeAsString() == content.SerializeAsString());
    CHECK(content.vetoes_size() == 10);
  }
  // A: four groups of 25, 20 items.
  REQUIRE(csr.sections_size() == 4);
  int items = 0;
  for (const auto& section : csr.sections()) {
    int weight = 0;
    for (const auto& item : section.items()) weight += item.weight();
    CHECK(weight == 25);
    items += section.items_size();
  }
  CHECK(items == 20);
  CHECK(csr.sections(3).items(3).hold_checked());
  // B: nine steps; C: the seven As.
  CHECK(tsr.sections(0).items_size() == 9);
  CHECK(complaint.sections_size() == 3);
  CHECK(complaint.sections(1).items(1).weight() == 20);
}

TEST_CASE("a template serves its own kind only", "[qa][scorecard]") {
  const auto refused = Template("csr", pb::Scorecard::TSR);
  REQUIRE_FALSE(refused);
  CHECK(refused.error().reason == "TEMPLATE_MISPLACED");
}

TEST_CASE("a sheet that contradicts itself is refused with every bad field", "[qa][scorecard]") {
  auto content = Template("complaint", pb::Scorecard::COMPLAINT).value();
  content.mutable_sections(1)->set_code("P1");
  content.mutable_sections(1)->mutable_items(0)->set_code("S1");
  content.mutable_sections(0)->mutable_items(0)->set_hold_checked(true);
  content.mutable_sections(2)->mutable_items(0)->set_hold_checked(true);
  content.mutable_vetoes(0)->set_code("S2");
  content.set_major_percent(60);
  const auto refused = Checked(content);
  REQUIRE_FALSE(refused);
  CHECK(refused.error().reason == "SCORECARD_INVALID");
  std::vector<std::string> fields;
  for (const auto& violation : refused.error().violations) fields.push_back(violation.field);
  CHECK(fields == std::vector<std::string>{"content.sections[1].code", "content.sections[1].items[0].code",
                                           "content.sections[2].items[0].hold_checked",
                                           "content.vetoes[0].code", "content.major_percent"});
}

TEST_CASE("an empty sheet gets the trade's marks", "[qa][scorecard]") {
  const auto content = Checked({}).value();
  CHECK(content.pass_mark() == 85);
  CHECK(content.minor_percent() == 50);
  CHECK(content.major_percent() == 25);
}

TEST_CASE("a revision that was active never changes: the next one is made", "[qa][scorecard]") {
  const auto content = Template("csr", pb::Scorecard::CSR).value();
  const auto first = Created(Wish(), content, kAuthor, kNow);
  CHECK(first.scorecard.active_revision() == 0);
  CHECK(first.revision.name() == Wish().name() + "/revisions/1");
  const auto same = Redrafted(first.scorecard, first.revision, {}, kAuthor, kNow + 1s);
  CHECK(same.revision.number() == 1);
  const auto empty = Activated(same.scorecard, same.revision, kNow);
  REQUIRE_FALSE(empty);
  CHECK(empty.error().reason == "SCORECARD_INCOMPLETE");
  const auto active = Activated(first.scorecard, first.revision, kNow).value();
  CHECK(active.scorecard.active_revision() == 1);
  CHECK(active.revision.state() == pb::ScorecardRevision::ACTIVE);
  CHECK(Activated(active.scorecard, active.revision, kNow).error().reason == "SCORECARD_NO_DRAFT");
  const auto second = Redrafted(active.scorecard, active.revision, content, kAuthor, kNow);
  CHECK(second.revision.number() == 2);
  CHECK(second.revision.state() == pb::ScorecardRevision::DRAFT);
  CHECK(second.scorecard.latest_revision() == 2);
  CHECK(second.scorecard.active_revision() == 1);
  CHECK(Retired(active.revision, kNow).state() == pb::ScorecardRevision::RETIRED);
}

}  // namespace
}  // namespace carillon::qa::domain
