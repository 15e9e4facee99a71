#include <algorithm>
#include <atomic>
#include <catch2/catch.hpp>
#include <cmath>
#include <pqxx/pqxx>
#include <random>
#include <set>
#include <thread>

#include "base/ids.hpp"
#include "base/proto_time.hpp"
#include "qa/api/methods.hpp"
#include "qa/domain/bands.hpp"
#include "qa/store/candidates.hpp"
#include "testing/database.hpp"

namespace carillon::qa {
namespace {

using namespace std::chrono_literals;
namespace pb = carillon::qa::v1;
using Permissions = std::set<std::string, std::less<>>;

testing::Database& Db() {
  static testing::Database db("qa");
  return db;
}

std::string Peek(const std::string& query) {
  pqxx::connection admin(Db().admin_url());
  pqxx::work work(admin);
  return work.exec1(query)[0].c_str();
}

/// 2026-03-02 10:00 in Shanghai.
const TimePoint kTen{std::chrono::sys_days{std::chrono::year{2026} / 3 / 2} + 2h};

/// The methods over the real database, for a tenant of its own.
struct Centre {
  pg::Pool db{Db().app_url(), 6, "qa-test"};
  api::Deps deps{db, "Asia/Shanghai", "22:30-08:00"};
  std::string tenant = testing::SomeId(), client = testing::SomeId(), queue = "queues/" + testing::SomeId();
  std::string manager = testing::SomeId(), specialist = testing::SomeId();
  TimePoint now = kTen + 10 * 24h;
  std::string card = ActiveCard("csr", pb::Scorecard::CSR);

  Call By(const std::string& user, Permissions permissions = {"qa.read", "qa.plan", "qa.evaluate"}) {
    auto call = testing::CallOf(tenant, {client}, user, std::move(permissions));
    call.now = now;
    return call;
  }
  template <class Request, class Response>
  Result<Response> Ask(Result<Response> (*method)(Call&, api::Deps&, const Request&), const Request& in) {
    auto call = By(manager);
    return method(call, deps, in);
  }

  std::string ActiveCard(const std::string& code, pb::Scorecard::Kind kind) {
    pb::CreateScorecardRequest in;
    in.mutable_scorecard()->set_code(code);
    in.mutable_scorecard()->set_display_name(code);
    in.mutable_scorecard()->set_kind(kind);
    in.set_template_(code);
    const auto made = Ask(api::CreateScorecard, in).value();
    pb::ActivateScorecardRequest activate;
    activate.set_name(made.name());
    activate.set_etag(made.etag());
    return Ask(api::ActivateScorecard, activate).value().name();
  }

  pb::Evaluation Candidate(const std::string& agent, TimePoint at, Duration talk) {
    pb::Evaluation candidate;
    candidate.set_client("clients/" + client);
    candidate.set_agent(agent);
    candidate.set_interaction("interactions/" + testing::SomeId());
    candidate.set_call("calls/" + testing::SomeId());
    candidate.set_queue(queue);
    candidate.set_direction(pb::INBOUND);
    candidate.set_disposition("RESOLVED");
    *candidate.mutable_interaction_end_time() = ToProto(at);
    *candidate.mutable_talk_duration() = ToProto(talk);
    *candidate.mutable_hold_duration() = ToProto(Duration{22s});
    return candidate;
  }
  void Add(const std::vector<pb::Evaluation>& candidates) {
    auto call = By("services/qa");
    call.principal.service = true;
    REQUIRE(db.Write(call, [&](pg::Tx& tx) -> Result<void> {
      for (const auto& candidate : candidates) store::AddCandidate(tx, candidate);
      return Ok();
    }));
  }
  /// A week of an agent: `count` conversations over the working hours, one to nine minutes long.
  std::vector<pb::Evaluation> Week(const std::string& agent, int count, unsigned seed) {
    std::mt19937 random(seed);
    std::vector<pb::Evaluation> week;
    for (int i = 0; i < count; ++i) {
      const auto at = kTen + std::chrono::days{random() % 5} - 90min + std::chrono::minutes{random() % 600};
      week.push_back(Candidate(agent, at, 1min + std::chrono::seconds{random() % 480}));
    }
    return week;
  }
  pb::CreateSamplePlanRequest PlanOfTheWeek() {
    pb::CreateSamplePlanRequest in;
    auto& plan = *in.mutable_sample_plan();
    plan.set_display_name("第十周");
    plan.mutable_start_date()->set_year(2026);
    plan.mutable_start_date()->set_month(3);
    plan.mutable_start_date()->set_day(2);
    *plan.mutable_end_date() = plan.start_date();
    plan.mutable_end_date()->set_day(8);
    plan.add_scorecards()->set_scorecard(card);
    plan.set_seed("week-10");
    return in;
  }
  pb::SamplePlan OpenPlan() {
    pb::OpenSamplePlanRequest open;
    open.set_name(Ask(api::CreateSamplePlan, PlanOfTheWeek()).value().name());
    return Ask(api::OpenSamplePlan, open).value();
  }
  Result<pb::SamplePlan> Draw(const std::string& plan, const std::string& agent = "") {
    pb::DrawSamplesRequest in;
    in.set_name(plan);
    in.set_agent(agent);
    return Ask(api::DrawSamples, in);
  }
  /// All evaluations of a plan, over all pages.
  std::vector<pb::Evaluation> Drawn(const std::string& plan, int page_size = 0) {
    std::vector<pb::Evaluation> all;
    pb::ListEvaluationsRequest in;
    in.set_plan(plan);
    in.set_page_size(page_size);
    do {
      const auto page = Ask(api::ListEvaluations, in).value();
      all.insert(all.end(), page.evaluations().begin(), page.evaluations().end());
      in.set_page_token(page.next_page_token());
    } while (!in.page_token().empty());
    return all;
  }
  pb::SubmitScoreRequest Judgement(const pb::Evaluation& evaluation,
                                   pb::Evaluation::Level d4 = pb::Evaluation::FULL) {
    pb::GetScorecardRevisionRequest question;
    question.set_name(evaluation.scorecard_revision());
    const auto revision = Ask(api::GetScorecardRevision, question).value();
    pb::SubmitScoreRequest in;
    in.set_name(evaluation.name());
    for (const auto& section : revision.content().sections()) {
      for (const auto& item : section.items()) {
        auto& answer = *in.add_answers();
        answer.set_item(item.code());
        answer.set_level(item.code() == "D4" ? d4 : pb::Evaluation::FULL);
      }
    }
    return in;
  }
  Result<pb::Evaluation> Submit(const pb::SubmitScoreRequest& in) {
    auto call = By(specialist);
    return api::SubmitScore(call, deps, in);
  }
  Result<pb::Evaluation> Publish(const std::string& name) {
    pb::PublishEvaluationRequest in;
    in.set_name(name);
    return Ask(api::PublishEvaluation, in);
  }
  std::vector<std::string> EventsOf(const std::string& name) {
    std::vector<std::string> types;
    pqxx::connection admin(Db().admin_url());
    pqxx::work work(admin);
    for (const auto& row : work.exec("SELECT type FROM outbox WHERE key = '" +
                                     name.substr(name.find('/') + 1) + "' ORDER BY id"))
      types.push_back(std::string(row[0].c_str()).substr(15));
    return types;
  }
};

std::string Agent() { return "agents/" + testing::SomeId(); }

std::string ReasonOf(const auto& refused) {
  REQUIRE_FALSE(refused);
  return refused.error().reason;
}

TEST_CASE("every table is behind row-level security, of the tenant and of the client", "[qa][store]") {
  CHECK(Peek("SELECT count(*) FROM pg_class c JOIN pg_namespace n ON n.oid = relnamespace WHERE nspname = "
             "'public' "
             "AND relkind IN ('r', 'p') AND relname NOT LIKE 'schema_migrations%' AND NOT (relrowsecurity "
             "AND relforcerowsecurity)") == "0");
  for (const std::string table : {"scorecards", "scorecard_revisions", "candidates", "attempt_results",
                                  "sample_plans", "evaluations"}) {
    CAPTURE(table);
    CHECK(Peek("SELECT count(*) FROM pg_policies WHERE tablename = '" + table +
               "' AND qual LIKE '%carillon_tenant%' AND qual LIKE '%client_id = ANY%'") == "1");
  }
  CHECK(Peek("SELECT rolsuper OR rolbypassrls FROM pg_roles WHERE rolname = 'qa_app'") == "f");
}

TEST_CASE("another tenant or client sees nothing of what is here and cannot write into it", "[qa][store]") {
  Centre here;
  const auto agent = Agent();
  here.Add(here.Week(agent, 40, 1));
  const auto plan = here.OpenPlan();
  REQUIRE(here.Draw(plan.name()));
  const auto one = here.Drawn(plan.name()).front();
  Centre there;
  Centre other_client;
  other_client.tenant = here.tenant;
  for (auto* stranger : {&there, &other_client}) {
    pb::GetScorecardRequest scorecard;
    scorecard.set_name(here.card);
    CHECK(ReasonOf(stranger->Ask(api::GetScorecard, scorecard)) == "SCORECARD_UNKNOWN");
    pb::GetScorecardRevisionRequest revision;
    revision.set_name(here.card + "/revisions/1");
    CHECK(ReasonOf(stranger->Ask(api::GetScorecardRevision, revision)) == "SCORECARD_REVISION_UNKNOWN");
    pb::GetSamplePlanRequest get_plan;
    get_plan.set_name(plan.name());
    CHECK(ReasonOf(stranger->Ask(api::GetSamplePlan, get_plan)) == "SAMPLE_PLAN_UNKNOWN");
    CHECK(ReasonOf(stranger->Draw(plan.name())) == "SAMPLE_PLAN_UNKNOWN");
    pb::GetEvaluationRequest evaluation;
    evaluation.set_name(one.name());
    CHECK(ReasonOf(stranger->Ask(api::GetEvaluation, evaluation)) == "EVALUATION_UNKNOWN");
    CHECK(ReasonOf(stranger->Submit(here.Judgement(one))) == "EVALUATION_UNKNOWN");
    CHECK(stranger->Drawn(plan.name()).empty());
    auto into = here.PlanOfTheWeek();
    into.mutable_sample_plan()->set_client("clients/" + here.client);
    CHECK(ReasonOf(stranger->Ask(api::CreateSamplePlan, into)) == "SCORECARD_UNKNOWN");
    pb::CreateScorecardRequest card;
    card.mutable_scorecard()->set_code("intruder");
    card.mutable_scorecard()->set_client("clients/" + here.client);
    if (stranger == &other_client)
      CHECK(ReasonOf(stranger->Ask(api::CreateScorecard, card)) == "ROW_REFUSED");
  }
}

TEST_CASE("the draw reads what routing and campaign told, and is the same for the same seed", "[qa][store]") {
  Centre on;
  const std::vector<std::string> agents{Agent(), Agent(), Agent()};
  for (unsigned i = 0; i < agents.size(); ++i) on.Add(on.Week(agents[i], 90, i));
  const auto first = on.OpenPlan();
  CHECK(first.quotas_size() == 3);
  CHECK(std::is_sorted(first.quotas().begin(), first.quotas().end(),
                       [](const auto& a, const auto& b) { return a.agent() < b.agent(); }));
  const auto drawn = on.Draw(first.name()).value();
  CHECK(drawn.state() == pb::SamplePlan::DRAWN);
  const auto evaluations = on.Drawn(first.name(), 7);
  int planned = 0;
  for (const auto& quota : drawn.quotas()) {
    CHECK(quota.drawn() == quota.planned());
    CHECK(quota.eligible() == 90);
    CHECK(quota.has_draw_time());
    planned += quota.drawn();
  }
  CHECK(planned >= 90);
  REQUIRE(static_cast<int>(evaluations.size()) == planned);
  CHECK(std::is_sorted(evaluations.rbegin(), evaluations.rend(), [](const auto& a, const auto& b) {
    return FromProto(a.interaction_end_time()) < FromProto(b.interaction_end_time());
  }));
  for (const auto& evaluation : evaluations) {
    CHECK(evaluation.state() == pb::Evaluation::DRAWN);
    CHECK(evaluation.scorecard_revision() == on.card + "/revisions/1");
    CHECK(evaluation.hold_hint() == pb::Evaluation::MINOR);
    CHECK(evaluation.inclusion_probability() > 0);
    CHECK(evaluation.time_band() != pb::TIME_BAND_UNSPECIFIED);
  }
  CHECK(on.EventsOf(first.name()) == std::vector<std::string>{"SamplePlanDrawn"});
  CHECK(on.EventsOf(evaluations.front().name()) == std::vector<std::string>{"EvaluationDrawn"});

  // Drawing again changes nothing and tells nobody.
  const auto again = on.Draw(first.name()).value();
  CHECK(again.SerializeAsString() == drawn.SerializeAsString());
  CHECK(on.EventsOf(first.name()).size() == 1);

  // Another plan with the same seed over the same days, agent by agent, draws the same.
  const auto second = on.OpenPlan();
  for (const auto& agent : agents) REQUIRE(on.Draw(second.name(), agent));
  std::set<std::string> ours, theirs;
  for (const auto& evaluation : evaluations) ours.insert(evaluation.interaction());
  for (const auto& evaluation : on.Drawn(second.name())) theirs.insert(evaluation.interaction());
  CHECK(ours == theirs);
  CHECK(ReasonOf(on.Draw(second.name(), Agent())) == "SAMPLE_PLAN_AGENT_UNKNOWN");
}

TEST_CASE("bands are those of the queue: one in ten is long, one in ten short", "[qa][store]") {
  Centre on;
  const auto agent = Agent();
  std::vector<pb::Evaluation> week;
  for (int i = 1; i <= 100; ++i)
    week.push_back(on.Candidate(agent, kTen + std::chrono::minutes{i}, std::chrono::seconds{i}));
  on.Add(week);
  auto call = on.By("services/qa");
  const auto shapes =
      on.db
          .Read(call,
                [&](pg::Tx& tx) -> Result<std::map<std::string, domain::QueueShape>> {
                  return store::QueueShapes(tx, "clients/" + on.client, {kTen, kTen + 1h + 30min});
                })
          .value();
  // Of 1 to 89 s (90 of them end after 11:30 and later): nearest rank.
  const auto& shape = shapes.at(on.queue);
  CHECK(shape.short_below == 9s);
  CHECK(shape.long_above == 81s);
  int ended = 0;
  for (const auto& [quarter, count] : shape.ended_in_quarters) ended += count;
  CHECK(ended == 89);
  CHECK(shape.ended_in_quarters.at(kTen) == 14);
}

TEST_CASE("the last word on a sale counts, whatever comes first", "[qa][store]") {
  Centre on;
  const auto agent = Agent();
  auto sold = on.Candidate(agent, kTen, 3min);
  auto taken_back = on.Candidate(agent, kTen + 1min, 3min);
  auto call = on.By("services/qa");
  const auto note = [&](const pb::Evaluation& candidate, bool is_sold, TimePoint as_of) {
    REQUIRE(on.db.Write(call, [&](pg::Tx& tx) -> Result<void> {
      store::NoteSale(tx, candidate.interaction(), candidate.client(),
                      FromProto(candidate.interaction_end_time()), is_sold, as_of);
      return Ok();
    }));
  };
  note(sold, true, kTen);
  note(taken_back, true, kTen);
  note(taken_back, false, kTen + 1h);
  note(taken_back, true, kTen + 1min);  // late
  on.Add({sold, taken_back, sold});
  const auto candidates =
      on.db
          .Read(call,
                [&](pg::Tx& tx) -> Result<std::vector<pb::Evaluation>> {
                  return store::CandidatesOf(tx, "clients/" + on.client, agent, {kTen, kTen + 1h});
                })
          .value();
  REQUIRE(candidates.size() == 2);
  CHECK(candidates[0].sold());
  CHECK_FALSE(candidates[1].sold());
  auto expected = sold;
  expected.set_sold(true);
  CHECK(candidates[0].SerializeAsString() == expected.SerializeAsString());
}

TEST_CASE("what ends after the draw is not in it, who comes later joins the next one", "[qa][store]") {
  Centre on;
  const auto early = Agent(), late = Agent();
  on.Add(on.Week(early, 10, 5));
  const auto plan = on.OpenPlan();
  CHECK(plan.quotas_size() == 1);
  on.Add({on.Candidate(late, kTen + 3 * 24h, 3min), on.Candidate(late, kTen + 13 * 24h, 3min)});
  on.now = kTen + 2 * 24h;
  const auto first = on.Draw(plan.name(), early).value();
  CHECK(first.quotas_size() == 1);
  CHECK(first.quotas(0).eligible() < 10);
  on.now = kTen + 20 * 24h;
  // All agents of the plan are drawn: it is DRAWN, and nobody joins any more.
  CHECK(first.state() == pb::SamplePlan::DRAWN);
  CHECK(on.Draw(plan.name())->quotas_size() == 1);
  const auto other = on.OpenPlan();
  REQUIRE(on.Draw(other.name()));
  CHECK(on.Drawn(other.name()).size() == 11);
}

TEST_CASE("a judgement goes its way, is computed here and told in order", "[qa][store]") {
  Centre on;
  const auto agent = Agent();
  on.Add(on.Week(agent, 30, 7));
  const auto plan = on.OpenPlan();
  REQUIRE(on.Draw(plan.name()));
  const auto one = on.Drawn(plan.name()).front();
  const auto scored = on.Submit(on.Judgement(one, one.hold_hint())).value();
  CHECK(scored.total() == 9800);
  CHECK(scored.state() == pb::Evaluation::SCORED);
  CHECK(scored.etag() != one.etag());

  auto stale = on.Judgement(one);
  stale.set_etag(one.etag());
  CHECK(ReasonOf(on.Submit(stale)) == "ETAG_MISMATCH");
  auto own = on.By(agent.substr(7));
  CHECK(ReasonOf(api::SubmitScore(own, on.deps, on.Judgement(one))) == "EVALUATOR_IS_AGENT");

  auto veto = on.Judgement(one);
  veto.add_vetoes("V3");
  CHECK(on.Submit(veto)->total() == 0);
  CHECK(on.Submit(veto)->total() == 0);  // the same veto again is no news
  REQUIRE(on.Publish(one.name()));
  CHECK(ReasonOf(on.Publish(one.name())) == "EVALUATION_STATE");
  CHECK(ReasonOf(on.Submit(veto)) == "EVALUATION_STATE");

  pb::AcknowledgeEvaluationRequest seen;
  seen.set_name(one.name());
  seen.set_comment("以后核实后再说");
  auto colleague = on.By(testing::SomeId(), {"qa.acknowledge"});
  CHECK(ReasonOf(api::AcknowledgeEvaluation(colleague, on.deps, seen)) == "EVALUATION_NOT_YOURS");
  const auto acknowledged = api::AcknowledgeEvaluation(own, on.deps, seen).value();
  CHECK(acknowledged.state() == pb::Evaluation::ACKNOWLEDGED);
  CHECK(on.EventsOf(one.name()) == std::vector<std::string>{"EvaluationDrawn", "EvaluationScored",
                                                            "EvaluationScored", "VetoHit", "EvaluationScored",
                                                            "EvaluationPublished", "EvaluationAcknowledged"});
}

TEST_CASE("an agent sees the own judgements once they are published, and nobody else's", "[qa][store]") {
  Centre on;
  const auto agent = Agent(), colleague = Agent();
  on.Add(on.Week(agent, 10, 8));
  on.Add(on.Week(colleague, 10, 9));
  const auto plan = on.OpenPlan();
  REQUIRE(on.Draw(plan.name()));
  std::string own, others;
  for (const auto& evaluation : on.Drawn(plan.name()))
    (evaluation.agent() == agent ? own : others) = evaluation.name();
  const auto look = [&](const std::string& name) {
    auto call = on.By(agent.substr(7), {"qa.acknowledge"});
    pb::GetEvaluationRequest in;
    in.set_name(name);
    return api::GetEvaluation(call, on.deps, in);
  };
  const auto list = [&] {
    auto call = on.By(agent.substr(7), {"qa.acknowledge"});
    return api::ListEvaluations(call, on.deps, {}).value().evaluations_size();
  };
  for (const auto& name : {own, others}) {
    pb::GetEvaluationRequest in;
    in.set_name(name);
    REQUIRE(on.Submit(on.Judgement(on.Ask(api::GetEvaluation, in).value())));
  }
  CHECK(ReasonOf(look(own)) == "EVALUATION_UNKNOWN");
  CHECK(list() == 0);
  REQUIRE(on.Publish(own));
  REQUIRE(on.Publish(others));
  CHECK(look(own));
  CHECK(ReasonOf(look(others)) == "EVALUATION_UNKNOWN");
  CHECK(list() == 1);
  auto call = on.By(agent.substr(7), {"qa.acknowledge"});
  const auto scores = api::GetAgentScores(call, on.deps, {}).value();
  REQUIRE(scores.scores_size() == 1);
  CHECK(scores.scores(0).agent() == agent);
  CHECK(on.Ask(api::GetAgentScores, pb::GetAgentScoresRequest{})->scores_size() == 2);
}

TEST_CASE("an agent's score is the mean, and the estimate weighs by what each stands for", "[qa][store]") {
  Centre on;
  const auto agent = Agent();
  on.Add(on.Week(agent, 200, 10));
  const auto plan = on.OpenPlan();
  REQUIRE(on.Draw(plan.name()));
  double sum = 0, weighed = 0, weights = 0;
  int passed = 0, vetoed = 0, count = 0;
  for (const auto& evaluation : on.Drawn(plan.name())) {
    auto in = on.Judgement(evaluation, count % 3 == 0 ? pb::Evaluation::ZERO : pb::Evaluation::FULL);
    if (count % 7 == 6) in.add_vetoes("V1");
    const auto scored = on.Submit(in).value();
    if (++count % 5 == 0) continue;  // not published
    REQUIRE(on.Publish(evaluation.name()));
    sum += scored.total();
    weighed += scored.total() / scored.inclusion_probability();
    weights += 1 / scored.inclusion_probability();
    passed += scored.passed() ? 1 : 0;
    vetoed += scored.vetoes().empty() ? 0 : 1;
  }
  const int published = count - count / 5;
  const auto scores = on.Ask(api::GetAgentScores, pb::GetAgentScoresRequest{}).value();
  REQUIRE(scores.scores_size() == 1);
  const auto& score = scores.scores(0);
  CHECK(score.evaluations() == published);
  CHECK(score.passed() == passed);
  CHECK(score.vetoed() == vetoed);
  CHECK(std::abs(score.average() - sum / published) <= 0.5);
  CHECK(std::abs(score.estimated_average() - weighed / weights) <= 0.5 + 1e-6);
  pb::GetAgentScoresRequest backwards;
  *backwards.mutable_start_time() = ToProto(kTen);
  *backwards.mutable_end_time() = ToProto(kTen - 1h);
  CHECK(ReasonOf(on.Ask(api::GetAgentScores, backwards)) == "SPAN_INVALID");
}

TEST_CASE("the next plan ranks by what was published: the weakest get the focus", "[qa][store]") {
  Centre on;
  std::vector<std::string> agents;
  for (unsigned i = 0; i < 10; ++i) {
    agents.push_back(Agent());
    on.Add(on.Week(agents.back(), 25, 100 + i));
  }
  const auto plan = on.OpenPlan();
  for (const auto& quota : plan.quotas()) CHECK(quota.tier() == pb::SamplePlan::ORDINARY);
  REQUIRE(on.Draw(plan.name()));
  for (const auto& evaluation : on.Drawn(plan.name())) {
    const auto rank = std::find(agents.begin(), agents.end(), evaluation.agent()) - agents.begin();
    auto in = on.Judgement(evaluation);
    for (int i = 0; i < 10 - rank; ++i) in.mutable_answers(i)->set_level(pb::Evaluation::ZERO);
    REQUIRE(on.Submit(in));
    REQUIRE(on.Publish(evaluation.name()));
  }
  auto april = on.PlanOfTheWeek();
  april.mutable_sample_plan()->mutable_start_date()->set_month(4);
  april.mutable_sample_plan()->mutable_end_date()->set_month(4);
  for (const auto& agent : agents) april.mutable_sample_plan()->add_members()->set_agent(agent);
  pb::OpenSamplePlanRequest open;
  open.set_name(on.Ask(api::CreateSamplePlan, april).value().name());
  const auto ranked = on.Ask(api::OpenSamplePlan, open).value();
  for (const auto& quota : ranked.quotas()) {
    const auto rank = std::find(agents.begin(), agents.end(), quota.agent()) - agents.begin();
    CAPTURE(rank);
    CHECK(quota.tier() == (rank < 2    ? pb::SamplePlan::FOCUS
                           : rank == 9 ? pb::SamplePlan::STEADY
                                       : pb::SamplePlan::ORDINARY));
    CHECK(quota.has_ranked_average());
  }
}

TEST_CASE("a plan closes with its evaluations, once every judgement is published", "[qa][store]") {
  Centre on;
  on.Add(on.Week(Agent(), 30, 12));
  const auto plan = on.OpenPlan();
  REQUIRE(on.Draw(plan.name()));
  const auto drawn = on.Drawn(plan.name());
  REQUIRE(on.Submit(on.Judgement(drawn[0])));
  pb::CloseSamplePlanRequest close;
  close.set_name(plan.name());
  const auto refused = on.Ask(api::CloseSamplePlan, close);
  CHECK(ReasonOf(refused) == "EVALUATIONS_UNPUBLISHED");
  CHECK(refused.error().metadata.at("count") == "1");
  REQUIRE(on.Publish(drawn[0].name()));
  CHECK(on.Ask(api::CloseSamplePlan, close)->state() == pb::SamplePlan::CLOSED);
  CHECK(ReasonOf(on.Ask(api::CloseSamplePlan, close)) == "SAMPLE_PLAN_STATE");
  CHECK(ReasonOf(on.Draw(plan.name())) == "SAMPLE_PLAN_STATE");
  for (const auto& evaluation : on.Drawn(plan.name())) {
    CHECK(evaluation.state() == pb::Evaluation::CLOSED);
    CHECK(evaluation.has_total() == (evaluation.name() == drawn[0].name()));
  }
  CHECK(ReasonOf(on.Submit(on.Judgement(drawn[1]))) == "EVALUATION_STATE");
}

TEST_CASE("a scorecard's revisions follow each other; a sample keeps the one it was drawn with",
          "[qa][store]") {
  Centre on;
  on.Add(on.Week(Agent(), 30, 13));
  const auto plan = on.OpenPlan();
  REQUIRE(on.Draw(plan.name()));
  pb::GetScorecardRequest get;
  get.set_name(on.card);
  const auto card = on.Ask(api::GetScorecard, get).value();
  CHECK(card.active_revision() == 1);
  pb::GetScorecardRevisionRequest first;
  first.set_name(on.card + "/revisions/1");
  pb::UpdateScorecardDraftRequest draft;
  draft.set_name(on.card);
  *draft.mutable_content() = on.Ask(api::GetScorecardRevision, first).value().content();
  draft.mutable_content()->set_pass_mark(90);
  draft.set_etag("0");
  CHECK(ReasonOf(on.Ask(api::UpdateScorecardDraft, draft)) == "ETAG_MISMATCH");
  draft.set_etag(card.etag());
  CHECK(on.Ask(api::UpdateScorecardDraft, draft)->number() == 2);
  draft.clear_etag();
  CHECK(on.Ask(api::UpdateScorecardDraft, draft)->number() == 2);
  pb::ActivateScorecardRequest activate;
  activate.set_name(on.card);
  CHECK(on.Ask(api::ActivateScorecard, activate)->active_revision() == 2);
  CHECK(ReasonOf(on.Ask(api::ActivateScorecard, activate)) == "SCORECARD_NO_DRAFT");
  CHECK(on.Ask(api::GetScorecardRevision, first)->state() == pb::ScorecardRevision::RETIRED);
  pb::ListScorecardRevisionsRequest list;
  list.set_parent(on.card);
  const auto revisions = on.Ask(api::ListScorecardRevisions, list).value();
  REQUIRE(revisions.revisions_size() == 2);
  CHECK(revisions.revisions(0).state() == pb::ScorecardRevision::ACTIVE);
  CHECK(on.Drawn(plan.name()).front().scorecard_revision() == on.card + "/revisions/1");
  const auto next = on.OpenPlan();
  REQUIRE(on.Draw(next.name()));
  CHECK(on.Drawn(next.name()).front().scorecard_revision() == on.card + "/revisions/2");

  pb::CreateScorecardRequest again;
  again.mutable_scorecard()->set_code("csr");
  again.mutable_scorecard()->set_kind(pb::Scorecard::CSR);
  CHECK(ReasonOf(on.Ask(api::CreateScorecard, again)) == "SCORECARD_EXISTS");
  again.mutable_scorecard()->set_code("mail");
  again.set_template_("tsr");
  CHECK(ReasonOf(on.Ask(api::CreateScorecard, again)) == "TEMPLATE_MISPLACED");
  again.clear_template_();
  on.now += 1s;  // later than the first card, so that the list has one order
  const auto empty = on.Ask(api::CreateScorecard, again).value();
  auto with_draft = on.PlanOfTheWeek();
  with_draft.mutable_sample_plan()->mutable_scorecards(0)->set_scorecard(empty.name());
  pb::OpenSamplePlanRequest open;
  open.set_name(on.Ask(api::CreateSamplePlan, with_draft).value().name());
  REQUIRE(on.Ask(api::OpenSamplePlan, open));
  CHECK(ReasonOf(on.Draw(open.name())) == "SCORECARD_NOT_ACTIVE");
  pb::ListScorecardsRequest cards;
  cards.set_page_size(1);
  const auto page = on.Ask(api::ListScorecards, cards).value();
  CHECK(page.scorecards(0).name() == empty.name());
  cards.set_page_token(page.next_page_token());
  CHECK(on.Ask(api::ListScorecards, cards)->scorecards(0).name() == on.card);
  cards.set_kind(pb::Scorecard::TSR);
  CHECK(ReasonOf(on.Ask(api::ListScorecards, cards)) == "PAGE_TOKEN_INVALID");
}

TEST_CASE("a plan is changed as a draft, and a repeated request gets the same answer", "[qa][store]") {
  Centre on;
  const auto asked = on.PlanOfTheWeek();
  auto call = on.By(on.manager);
  call.method = "/carillon.qa.v1.SamplingService/CreateSamplePlan";
  call.request_id = testing::SomeId();
  call.request_hash = std::string(32, 'h');
  call.replay_key = std::string(32, 'k');
  const auto made = api::CreateSamplePlan(call, on.deps, asked).value();
  const auto repeated = api::CreateSamplePlan(call, on.deps, asked).value();
  CHECK(repeated.SerializeAsString() == made.SerializeAsString());
  call.request_hash = std::string(32, 'i');
  call.replay_key = std::string(32, 'k');
  CHECK(ReasonOf(api::CreateSamplePlan(call, on.deps, asked)) == "REQUEST_ID_REUSED");

  pb::UpdateSamplePlanRequest update;
  update.mutable_sample_plan()->set_name(made.name());
  update.mutable_sample_plan()->set_etag(made.etag());
  update.mutable_sample_plan()->set_target_count(20);
  update.mutable_update_mask()->add_paths("target_count");
  const auto updated = on.Ask(api::UpdateSamplePlan, update).value();
  CHECK(updated.target_count() == 20);
  CHECK(updated.display_name() == "第十周");
  CHECK(ReasonOf(on.Ask(api::UpdateSamplePlan, update)) == "ETAG_MISMATCH");
  update.mutable_sample_plan()->clear_etag();
  update.mutable_update_mask()->set_paths(0, "no_such_field");
  CHECK(ReasonOf(on.Ask(api::UpdateSamplePlan, update)) == "UPDATE_MASK_INVALID");
  pb::OpenSamplePlanRequest open;
  open.set_name(made.name());
  REQUIRE(on.Ask(api::OpenSamplePlan, open));
  update.mutable_update_mask()->set_paths(0, "target_count");
  CHECK(ReasonOf(on.Ask(api::UpdateSamplePlan, update)) == "SAMPLE_PLAN_STATE");
  pb::ListSamplePlansRequest list;
  list.set_state(pb::SamplePlan::OPEN);
  const auto plans = on.Ask(api::ListSamplePlans, list).value();
  REQUIRE(plans.sample_plans_size() == 1);
  CHECK(plans.sample_plans(0).quotas().empty());
}

TEST_CASE("of several who draw at once each conversation is drawn once", "[qa][store]") {
  Centre on;
  for (unsigned i = 0; i < 4; ++i) on.Add(on.Week(Agent(), 60, 40 + i));
  const auto plan = on.OpenPlan();
  std::vector<std::thread> threads;
  std::atomic<int> drawn{0};
  for (int i = 0; i < 5; ++i) {
    threads.emplace_back([&] {
      if (on.Draw(plan.name())) ++drawn;
    });
  }
  for (auto& thread : threads) thread.join();
  CHECK(drawn == 5);
  int planned = 0;
  pb::GetSamplePlanRequest get;
  get.set_name(plan.name());
  const auto after = on.Ask(api::GetSamplePlan, get).value();
  for (const auto& quota : after.quotas()) planned += quota.drawn();
  const auto all = on.Drawn(plan.name());
  std::set<std::string> interactions;
  for (const auto& evaluation : all) interactions.insert(evaluation.interaction());
  CHECK(static_cast<int>(all.size()) == planned);
  CHECK(interactions.size() == all.size());
  CHECK(on.EventsOf(plan.name()).size() == 1);
}

}  // namespace
}  // namespace carillon::qa
