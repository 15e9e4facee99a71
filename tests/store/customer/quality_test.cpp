#include "customer/api/quality.hpp"

#include <atomic>
#include <catch2/catch.hpp>
#include <future>
#include <map>

#include "bench.hpp"
#include "customer/api/privacy.hpp"
#include "customer/api/steward.hpp"
#include "customer/jobs/begin_sweeps.hpp"

namespace carillon::customer {
namespace {

pb::QualityRun RunNow(Call& call) {
  call.now += 1h;
  const auto run = Ask<pb::QualityRun, pb::RunQualityCheckRequest>(call, api::RunQualityCheck, [](auto&) {});
  if (!run) FAIL(Told(run.error()));
  Call task = call;
  REQUIRE(api::CheckQuality(task, TheDeps(), {}));
  const auto runs =
      Ask<pb::ListQualityRunsResponse, pb::ListQualityRunsRequest>(call, api::ListQualityRuns, [](auto&) {});
  REQUIRE(runs);
  REQUIRE(runs->quality_runs(0).name() == run->name());
  REQUIRE(runs->quality_runs(0).has_end_time());
  return runs->quality_runs(0);
}

std::vector<pb::QualityIssue> IssuesOf(const Call& call, const std::string& customer,
                                       pb::QualityIssue::State state = pb::QualityIssue::OPEN,
                                       const std::string& rule = "") {
  const auto found = Ask<pb::ListQualityIssuesResponse, pb::ListQualityIssuesRequest>(
      call, api::ListQualityIssues, [&](auto& in) {
        in.set_customer(customer);
        in.set_state(state);
        in.set_rule(rule.empty() ? "" : "qualityRules/" + rule);
      });
  if (!found) FAIL(Told(found.error()));
  return {found->quality_issues().begin(), found->quality_issues().end()};
}

std::map<std::string, pb::QualityScore> ScoresOf(const Call& call, const std::string& run) {
  std::map<std::string, pb::QualityScore> out;
  const auto found = Ask<pb::ListQualityScoresResponse, pb::ListQualityScoresRequest>(
      call, api::ListQualityScores, [&](auto& in) { in.set_run(run); });
  REQUIRE(found);
  for (const auto& one : found->quality_scores()) {
    out[one.source() + "/" +
        (one.rule().empty() ? pb::QualityDimension_Name(one.dimension()) : one.rule().substr(13))] = one;
  }
  return out;
}

Result<pb::QualityIssue> Resolve(const Call& call, const std::string& name, pb::QualityIssue::State how) {
  return Ask<pb::QualityIssue, pb::ResolveQualityIssueRequest>(call, api::ResolveQualityIssue, [&](auto& in) {
    in.set_name(name);
    in.set_resolution(how);
    in.set_note("looked at");
  });
}

pb::IngestResult Take(const Call& call, const std::string& key, const pb::Customer& values) {
  REQUIRE(Ask<pb::SourceSystem, pb::PutSourceSystemRequest>(call, api::PutSourceSystem, [](auto& in) {
    in.mutable_source_system()->set_name("sourceSystems/edw");
    in.mutable_source_system()->set_trust_rank(5);
  }));
  return Ask<pb::IngestRecordsResponse, pb::IngestRecordsRequest>(call, api::IngestRecords,
                                                                  [&](auto& in) {
                                                                    in.set_source_system("sourceSystems/edw");
                                                                    auto& record = *in.add_records();
                                                                    record.set_key(key);
                                                                    *record.mutable_values() = values;
                                                                  })
      ->results(0);
}

TEST_CASE("a run scores sources and all, opens issues, and closes what was put right",
          "[customer][store][quality]") {
  Call call = ServiceCall(testing::SomeId());
  call.principal.service = false;
  call.principal.user = testing::SomeId();
  const auto good = *Create(call, APerson("陈小明", ANumber()));
  const auto bad = *Create(call, APerson("测试", ANumber()));
  pb::Customer bare;
  bare.mutable_person()->set_full_name("王建国");
  const auto taken = Take(call, "K1", bare);
  REQUIRE(taken.outcome() == pb::IngestResult::CREATED);
  const auto first = RunNow(call);
  CHECK(first.customers() == 3);
  CHECK(first.opened() == 2);
  auto scores = ScoresOf(call, first.name());
  CHECK(scores.at("/PHONE_PRESENT").asked() == 3);
  CHECK(scores.at("/PHONE_PRESENT").passed() == 2);
  CHECK(scores.at("edw/PHONE_PRESENT").score() == Approx(0));
  CHECK(scores.at("carillon/PHONE_PRESENT").score() == Approx(1));
  CHECK(scores.at("/NAME_PLAUSIBLE").score() == Approx(2.0 / 3));
  CHECK(scores.at("/UNIQUENESS").score() == Approx(1));
  CHECK(IssuesOf(call, good.name()).empty());
  const auto issues = IssuesOf(call, bad.name());
  REQUIRE(issues.size() == 1);
  CHECK(issues[0].rule() == "qualityRules/NAME_PLAUSIBLE");
  CHECK(issues[0].owner() == "users/" + call.principal.user);  // who keeps the record
  CHECK(
      Peek("SELECT count(*) FROM outbox WHERE type = 'carillon.customer.v1.QualityIssueOpened' AND key = '" +
           bad.name().substr(10) + "'") == "1");
  // It is not opened twice, and fixed only when the record passes.
  CHECK(RunNow(call).opened() == 0);
  CHECK(Resolve(call, issues[0].name(), pb::QualityIssue::FIXED).error().reason == "QUALITY_ISSUE_STANDS");
  const std::string other = "users/" + testing::SomeId();
  const auto given =
      Ask<pb::QualityIssue, pb::AssignQualityIssueRequest>(call, api::AssignQualityIssue, [&](auto& in) {
        in.set_name(issues[0].name());
        in.set_owner(other);
      });
  CHECK(given->owner() == other);
  auto named = bad;
  named.mutable_person()->set_full_name("陈大文");
  REQUIRE(Update(call, named, {"person.full_name"}));
  CHECK(RunNow(call).resolved() == 1);
  CHECK(IssuesOf(call, bad.name()).empty());
  REQUIRE(IssuesOf(call, bad.name(), pb::QualityIssue::FIXED).size() == 1);
  CHECK(Resolve(call, issues[0].name(), pb::QualityIssue::FIXED).error().reason == "QUALITY_ISSUE_RESOLVED");
  // What is accepted is not opened again.
  const auto phoneless = IssuesOf(call, taken.customer());
  REQUIRE(phoneless.size() == 1);
  REQUIRE(Resolve(call, phoneless[0].name(), pb::QualityIssue::ACCEPTED));
  CHECK(RunNow(call).opened() == 0);
  // The trend: four runs, six dimensions each, newest first.
  const auto trend = Ask<pb::ListQualityScoresResponse, pb::ListQualityScoresRequest>(
      call, api::ListQualityScores, [](auto&) {});
  REQUIRE(trend);
  CHECK(trend->quality_scores_size() == 4 * 6);
  CHECK(trend->quality_scores(1).dimension() == pb::VALIDITY);
  CHECK(trend->quality_scores(1).score() > trend->quality_scores(19).score());
  // An operator's rule counts from the next run on, and an erased customer has no issues.
  REQUIRE(Ask<pb::QualityRule, pb::PutQualityRuleRequest>(call, api::PutQualityRule, [](auto& in) {
    auto& rule = *in.mutable_quality_rule();
    rule.set_name("qualityRules/OCCUPATION_PRESENT");
    rule.set_dimension(pb::COMPLETENESS);
    rule.set_attribute(pb::QualityRule::OCCUPATION);
    rule.set_test(pb::QualityRule::PRESENT);
    rule.set_opens_issues(true);
  }));
  CHECK(RunNow(call).opened() == 3);
  REQUIRE(Ask<pb::Erasure, pb::EraseCustomerRequest>(call, api::EraseCustomer, [&](auto& in) {
    in.set_name(bad.name());
    in.set_reason("SUBJECT_REQUEST");
  }));
  CHECK(IssuesOf(call, bad.name()).empty());
  CHECK(IssuesOf(call, bad.name(), pb::QualityIssue::FIXED).empty());
}

TEST_CASE("a run over more than a step goes on where it stopped and counts nobody twice",
          "[customer][store][quality]") {
  Call call = ServiceCall(testing::SomeId());
  pb::ImportCustomersRequest import;
  for (int n = 0; n < 450; ++n) *import.add_customers() = APerson("客户甲", ANumber());
  Call importer = call;
  importer.deadline = std::chrono::steady_clock::now() + 30s;
  REQUIRE(api::ImportCustomers(importer, TheDeps(), import)->created_count() == 450);
  const auto begun =
      Ask<pb::QualityRun, pb::RunQualityCheckRequest>(call, api::RunQualityCheck, [](auto&) {});
  REQUIRE(begun);
  CHECK(Ask<pb::QualityRun, pb::RunQualityCheckRequest>(call, api::RunQualityCheck, [](auto&) {})->name() ==
        begun->name());
  const auto run = RunNow(call);
  CHECK(run.name() == begun->name());
  CHECK(run.customers() == 450);
  CHECK(ScoresOf(call, run.name()).at("/PHONE_PRESENT").asked() == 450);
  Call late = call;
  REQUIRE(api::CheckQuality(late, TheDeps(), {}));  // the task again: nothing is left to do
  CHECK(ScoresOf(call, run.name()).at("/PHONE_PRESENT").asked() == 450);
}

TEST_CASE("a run asked for while the open one ends is the old one or a new one",
          "[customer][store][quality]") {
  const Call call = ServiceCall(testing::SomeId());
  std::atomic<bool> enough = false;
  auto ends = std::async(std::launch::async, [&] {
    bool all = true;
    while (!enough) {
      Call task = ServiceCall(call.principal.tenant);
      all = api::CheckQuality(task, TheDeps(), {}).has_value() && all;
    }
    return all;
  });
  for (int n = 0; n < 300; ++n) {
    Call one = ServiceCall(call.principal.tenant);
    const auto run = api::RunQualityCheck(one, TheDeps(), pb::RunQualityCheckRequest());
    if (!run) FAIL_CHECK(Told(run.error()));
  }
  enough = true;
  CHECK(ends.get());
}

TEST_CASE("a source's row that is refused is an issue until it comes right (A4)",
          "[customer][store][quality]") {
  const Call call = ServiceCall(testing::SomeId());
  auto wrong = APerson("何文静", ANumber());
  wrong.add_identifiers()->set_type(pb::Identifier::RESIDENT_ID);
  wrong.mutable_identifiers(0)->set_number("110101198503074525");
  REQUIRE(Take(call, "K3", wrong).outcome() == pb::IngestResult::REJECTED);
  REQUIRE(Take(call, "K3", wrong).outcome() == pb::IngestResult::REJECTED);
  const auto open = IssuesOf(call, "", pb::QualityIssue::OPEN, "REFUSED_ROW");
  REQUIRE(open.size() == 1);
  CHECK(open[0].source() == "edw");
  CHECK(open[0].details(0) == "CUSTOMER_INVALID");
  CHECK(open[0].ShortDebugString().find("110101198503074525") == std::string::npos);
  wrong.mutable_identifiers(0)->set_number(AnIdNumber());
  REQUIRE(Take(call, "K3", wrong).outcome() == pb::IngestResult::CREATED);
  CHECK(IssuesOf(call, "", pb::QualityIssue::OPEN, "REFUSED_ROW").empty());
}

TEST_CASE("each tenant with customers is looked at once a day", "[customer][store][quality]") {
  Call call = ServiceCall(testing::SomeId());
  REQUIRE(Create(call, APerson("夜巡", ANumber())));
  const auto nightly = [&] {
    Call worker = ServiceCall("");
    worker.now = call.now;
    jobs::BeginQualityChecks(
        Worker(), TheDeps(),
        [&](const std::string& tenant) {
          Call own = ServiceCall(tenant);
          own.now = call.now;
          return own;
        },
        worker, 24h);
    return Peek("SELECT count(*) FROM quality_runs WHERE tenant_id = '" + call.principal.tenant + "'");
  };
  CHECK(nightly() == "1");
  CHECK(nightly() == "1");
  Call task = call;
  REQUIRE(api::CheckQuality(task, TheDeps(), {}));
  call.now += 23h;
  CHECK(nightly() == "1");
  call.now += 2h;
  CHECK(nightly() == "2");
}

}  // namespace
}  // namespace carillon::customer
