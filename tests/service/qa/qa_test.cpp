#include <algorithm>
#include <catch2/catch.hpp>
#include <mutex>
#include <pqxx/pqxx>
#include <random>
#include <set>
#include <thread>

#include "base/ids.hpp"
#include "base/proto_time.hpp"
#include "carillon/campaign/v1/campaign_events.pb.h"
#include "carillon/qa/v1/qa_events.pb.h"
#include "carillon/qa/v1/qa_service.pb.h"
#include "carillon/routing/v1/routing_events.pb.h"
#include "obs/log.hpp"
#include "platform/platform.hpp"

namespace carillon::qa {
namespace {

using namespace std::chrono_literals;
namespace pb = carillon::qa::v1;
namespace access = carillon::access::v1;
namespace campaign = carillon::campaign::v1;
namespace routing = carillon::routing::v1;

const std::string kScorecards = "carillon.qa.v1.ScorecardService/";
const std::string kSampling = "carillon.qa.v1.SamplingService/";
const std::string kEvaluations = "carillon.qa.v1.EvaluationService/";

/// 1999-03-01, a Monday, 10:00 in Shanghai.
const TimePoint kTen{std::chrono::sys_days{std::chrono::year{1999} / 3 / 1} + 2h};

/// access and qa as real processes, a manager, a specialist and some agents.
struct Centre {
  testing::Platform platform{{"qa"}};
  std::unique_ptr<rpc::Peer> manager = platform.As(platform.Hire("manager", {"QUALITY_MANAGER"}), "qa");
  std::unique_ptr<rpc::Peer> specialist = platform.As(platform.Hire("specialist", {"QA_SPECIALIST"}), "qa");
  std::string agent = "agents/" + HireAgent();
  std::unique_ptr<rpc::Peer> agent_line = platform.As(platform.Login("agent"), "qa");
  std::vector<std::string> colleagues{"agents/" + testing::SomeId(), "agents/" + testing::SomeId(),
                                      "agents/" + testing::SomeId(), "agents/" + testing::SomeId()};
  std::string queue = "queues/" + testing::SomeId();

  std::string HireAgent() {
    access::CreateUserRequest in;
    in.mutable_user()->set_login("agent");
    in.mutable_user()->set_all_clients(true);
    in.mutable_user()->add_roles("CSR");
    in.set_password(testing::kPassword);
    in.set_permanent_password(true);
    return platform.As(platform.admin_token(), "access")
        ->Ask<access::User>(testing::AnyCall(), "carillon.access.v1.AccessService/CreateUser", in, 15s)
        .value()
        .name()
        .substr(6);
  }
  kafka::Envelope EventOf(const std::string& topic, const std::string& key,
                          const google::protobuf::Message& event, TimePoint at) {
    kafka::Envelope out;
    out.topic = topic;
    out.key = key;
    out.event_id = testing::SomeId();
    out.type = event.GetDescriptor()->full_name();
    out.source = "/carillon/test";
    out.tenant = platform.tenant;
    out.traceparent = obs::NewTraceparent();
    out.time = at;
    out.payload = event.SerializeAsString();
    return out;
  }
  /// A served call; `change` may make something else of it.
  kafka::Envelope Completed(
      const std::string& of_agent, TimePoint at, Duration talk,
      const std::function<void(routing::Interaction&)>& change = [](auto&) {}) {
    routing::InteractionCompleted event;
    auto& interaction = *event.mutable_interaction();
    interaction.set_name("interactions/" + testing::SomeId());
    interaction.set_call("calls/" + testing::SomeId());
    interaction.set_client(platform.client);
    interaction.set_queue(queue);
    interaction.set_agent(of_agent);
    interaction.set_channel(carillon::type::v1::VOICE);
    interaction.set_direction(routing::Interaction::INBOUND);
    interaction.set_state(routing::Interaction::COMPLETED);
    interaction.set_calling_number("+8613800137712");
    *interaction.mutable_media_end_time() = ToProto(at);
    *interaction.mutable_end_time() = ToProto(at + 1min);
    *interaction.mutable_talk_duration() = ToProto(talk);
    change(interaction);
    return EventOf("carillon.routing.interactions.v1", interaction.name().substr(13), event, at);
  }
  std::string Peek(const std::string& query) {
    pqxx::connection admin(platform.database("qa").admin_url());
    pqxx::work work(admin);
    return work.exec1(query)[0].c_str();
  }
  /// Waits until the query says so, a minute at most.
  bool Becomes(const std::string& query, const std::string& answer) {
    for (const auto end = std::chrono::steady_clock::now() + 180s; Peek(query) != answer;
         std::this_thread::sleep_for(50ms)) {
      if (std::chrono::steady_clock::now() > end) return false;
    }
    return true;
  }
  std::string ActiveCard() {
    pb::CreateScorecardRequest in;
    in.mutable_scorecard()->set_code("csr");
    in.mutable_scorecard()->set_display_name("客服代表评分表");
    in.mutable_scorecard()->set_kind(pb::Scorecard::CSR);
    in.mutable_scorecard()->set_client(platform.client);
    in.set_template_("csr");
    const auto made =
        manager->Ask<pb::Scorecard>(testing::AnyCall(), kScorecards + "CreateScorecard", in, 15s).value();
    pb::ActivateScorecardRequest activate;
    activate.set_name(made.name());
    return manager->Ask<pb::Scorecard>(testing::AnyCall(), kScorecards + "ActivateScorecard", activate, 15s)
        .value()
        .name();
  }
  pb::SamplePlan OpenPlan(const std::string& card) {
    pb::CreateSamplePlanRequest in;
    auto& plan = *in.mutable_sample_plan();
    plan.set_display_name("三月");
    plan.set_client(platform.client);
    plan.mutable_start_date()->set_year(1999);
    plan.mutable_start_date()->set_month(3);
    plan.mutable_start_date()->set_day(1);
    *plan.mutable_end_date() = plan.start_date();
    plan.mutable_end_date()->set_day(31);
    plan.add_scorecards()->set_scorecard(card);
    const auto made =
        manager->Ask<pb::SamplePlan>(testing::AnyCall(), kSampling + "CreateSamplePlan", in, 15s).value();
    pb::OpenSamplePlanRequest open;
    open.set_name(made.name());
    return manager->Ask<pb::SamplePlan>(testing::AnyCall(), kSampling + "OpenSamplePlan", open, 15s).value();
  }
};

TEST_CASE("a month from routing's events to acknowledged judgements, with a crash in the middle",
          "[qa][service]") {
  Centre on;
  kafka::Producer producer(testing::Brokers());
  std::mt19937 random(9);
  std::vector<kafka::Envelope> events;
  auto everybody = on.colleagues;
  everybody.push_back(on.agent);
  int conversations = 0;
  for (const auto& agent : everybody) {
    for (int i = 0; i < 60; ++i, ++conversations) {
      const auto at = kTen + std::chrono::days{random() % 25} + std::chrono::minutes{random() % 700};
      events.push_back(on.Completed(agent, at, 1min + std::chrono::seconds{random() % 400}));
      if (i % 5 == 0) events.push_back(events.back());  // told twice
    }
  }
  // Nothing to judge: nobody spoke, an internal call, a chat, no agent.
  const auto add = [&](const auto& change) { events.push_back(on.Completed(on.agent, kTen, 2min, change)); };
  add([](auto& it) { it.clear_talk_duration(); });
  add([](auto& it) { it.set_direction(routing::Interaction::INTERNAL); });
  add([](auto& it) { it.set_channel(carillon::type::v1::CHAT); });
  add([](auto& it) { it.clear_agent(); });
  auto broken = events.front();
  broken.event_id = testing::SomeId();
  broken.payload = "\xff\xff\xff";
  events.insert(events.begin() + 7, broken);
  campaign::AttemptEnded sale;
  sale.mutable_attempt()->set_client(on.platform.client);
  sale.mutable_attempt()->set_interaction("interactions/" + testing::SomeId());
  sale.mutable_attempt()->set_disposition(campaign::SOLD);
  *sale.mutable_attempt()->mutable_end_time() = ToProto(kTen);
  events.push_back(on.EventOf("carillon.campaign.attempts.v1", testing::SomeId(), sale, kTen));

  const auto half = static_cast<std::ptrdiff_t>(events.size() / 2);
  REQUIRE(producer.Send({events.begin(), events.begin() + half}));
  on.platform.service("qa").CrashAndRestart();
  REQUIRE(producer.Send({events.begin() + half, events.end()}));
  // The broker is every test's: other tenants' events are heard as well.
  const auto ours = " WHERE tenant_id = '" + on.platform.tenant + "'";
  REQUIRE(on.Becomes("SELECT count(*) FROM candidates" + ours, std::to_string(conversations)));
  REQUIRE(on.Becomes("SELECT count(*) FROM attempt_results" + ours + " AND sold", "1"));
  // No personal value is kept.
  CHECK(on.Peek("SELECT count(*) FROM candidates t WHERE t::text LIKE '%13800137712%'") == "0");

  const auto card = on.ActiveCard();
  const auto plan = on.OpenPlan(card);
  REQUIRE(plan.quotas_size() == 5);

  // Kill -9 while samples are drawn, agent by agent; each request is sent until it is answered.
  std::vector<std::thread> threads;
  std::vector<std::string> request_ids;
  std::vector<std::optional<pb::SamplePlan>> answers(everybody.size());
  for (std::size_t i = 0; i < everybody.size(); ++i) request_ids.push_back(testing::SomeId());
  const auto draw = [&](std::size_t i) {
    pb::DrawSamplesRequest in;
    in.set_name(plan.name());
    in.set_agent(everybody[i]);
    in.set_request_id(request_ids[i]);
    return on.specialist->Ask<pb::SamplePlan>(testing::AnyCall(), kSampling + "DrawSamples", in, 20s);
  };
  for (std::size_t i = 0; i < everybody.size(); ++i) {
    threads.emplace_back([&, i] {
      if (const auto drawn = draw(i)) answers[i] = *drawn;
    });
  }
  on.platform.service("qa").CrashAndRestart();
  for (auto& thread : threads) thread.join();
  for (std::size_t i = 0; i < everybody.size(); ++i) {
    const auto again = draw(i);
    REQUIRE(again);
    if (answers[i]) CHECK(again->SerializeAsString() == answers[i]->SerializeAsString());
  }
  pb::GetSamplePlanRequest get;
  get.set_name(plan.name());
  const auto drawn =
      on.manager->Ask<pb::SamplePlan>(testing::AnyCall(), kSampling + "GetSamplePlan", get, 15s).value();
  CHECK(drawn.state() == pb::SamplePlan::DRAWN);
  int planned = 0;
  for (const auto& quota : drawn.quotas()) {
    CHECK(quota.eligible() == 60);
    CHECK(quota.drawn() == quota.planned());
    planned += quota.drawn();
  }
  CHECK(on.Peek("SELECT count(*) FROM evaluations") == std::to_string(planned));
  CHECK(on.Peek("SELECT count(DISTINCT interaction_id) FROM evaluations") == std::to_string(planned));

  // One of the agent's is judged, published, seen; all of it is told once.
  pb::ListEvaluationsRequest list;
  list.set_agent(on.agent);
  const auto listed =
      on.specialist
          ->Ask<pb::ListEvaluationsResponse>(testing::AnyCall(), kEvaluations + "ListEvaluations", list, 15s)
          .value();
  REQUIRE(listed.evaluations_size() > 0);
  const auto one = listed.evaluations(0);
  const auto refused = on.agent_line->Ask<pb::Evaluation>(
      testing::AnyCall(), kEvaluations + "GetEvaluation",
      [&] {
        pb::GetEvaluationRequest in;
        in.set_name(one.name());
        return in;
      }(),
      15s);
  REQUIRE_FALSE(refused);
  CHECK(refused.error().reason == "EVALUATION_UNKNOWN");
  pb::GetScorecardRevisionRequest revision;
  revision.set_name(one.scorecard_revision());
  const auto sheet = on.specialist
                         ->Ask<pb::ScorecardRevision>(testing::AnyCall(),
                                                      kScorecards + "GetScorecardRevision", revision, 15s)
                         .value();
  pb::SubmitScoreRequest score;
  score.set_name(one.name());
  for (const auto& section : sheet.content().sections()) {
    for (const auto& item : section.items()) {
      score.add_answers()->set_item(item.code());
      score.mutable_answers()->rbegin()->set_level(item.code() == "D4" ? pb::Evaluation::MINOR
                                                                       : pb::Evaluation::FULL);
    }
  }
  const auto judged =
      on.specialist->Ask<pb::Evaluation>(testing::AnyCall(), kEvaluations + "SubmitScore", score, 15s)
          .value();
  CHECK(judged.total() == 9800);
  pb::PublishEvaluationRequest publish;
  publish.set_name(one.name());
  REQUIRE(on.specialist->Ask<pb::Evaluation>(testing::AnyCall(), kEvaluations + "PublishEvaluation", publish,
                                             15s));
  pb::AcknowledgeEvaluationRequest seen;
  seen.set_name(one.name());
  const auto denied = on.specialist->Ask<pb::Evaluation>(testing::AnyCall(),
                                                         kEvaluations + "AcknowledgeEvaluation", seen, 15s);
  REQUIRE_FALSE(denied);
  CHECK(denied.error().code == Code::kPermissionDenied);
  CHECK(on.agent_line
            ->Ask<pb::Evaluation>(testing::AnyCall(), kEvaluations + "AcknowledgeEvaluation", seen, 15s)
            ->state() == pb::Evaluation::ACKNOWLEDGED);
  const auto scores =
      on.agent_line
          ->Ask<pb::GetAgentScoresResponse>(testing::AnyCall(), kEvaluations + "GetAgentScores",
                                            pb::GetAgentScoresRequest{}, 15s)
          .value();
  REQUIRE(scores.scores_size() == 1);
  CHECK(scores.scores(0).average() == 9800);

  std::mutex mutex;
  std::vector<std::string> told;
  std::set<std::string> drawn_events;
  const auto listener = "qa-listener-" + testing::SomeId();
  kafka::Consumer consumer(testing::Brokers(), listener, listener, {"carillon.qa.evaluations.v1"},
                           [&](const kafka::Envelope& event) -> Result<void> {
                             const std::lock_guard lock(mutex);
                             if (event.tenant != on.platform.tenant) return Ok();
                             if (event.key == one.name().substr(12)) told.push_back(event.type.substr(15));
                             if (event.type == "carillon.qa.v1.EvaluationDrawn")
                               drawn_events.insert(event.key);
                             return Ok();
                           });
  const std::vector<std::string> expected{"EvaluationDrawn", "EvaluationScored", "EvaluationPublished",
                                          "EvaluationAcknowledged"};
  for (const auto end = std::chrono::steady_clock::now() + 60s; std::chrono::steady_clock::now() < end;
       std::this_thread::sleep_for(50ms)) {
    const std::lock_guard lock(mutex);
    if (told.size() >= expected.size() && static_cast<int>(drawn_events.size()) >= planned) break;
  }
  const std::lock_guard lock(mutex);
  told.erase(std::unique(told.begin(), told.end()), told.end());  // at least once
  CHECK(told == expected);
  CHECK(static_cast<int>(drawn_events.size()) == planned);
}

TEST_CASE("who may not, may not; and what is out of bounds is refused with its field", "[qa][service]") {
  Centre on;
  const auto reason = [](const auto& refused) {
    REQUIRE_FALSE(refused);
    return refused.error().reason;
  };
  pb::CreateScorecardRequest card;
  card.mutable_scorecard()->set_code("csr");
  card.mutable_scorecard()->set_display_name("表");
  card.mutable_scorecard()->set_kind(pb::Scorecard::CSR);
  card.mutable_scorecard()->set_client(on.platform.client);
  for (auto* line : {on.specialist.get(), on.agent_line.get()}) {
    const auto refused =
        line->Ask<pb::Scorecard>(testing::AnyCall(), kScorecards + "CreateScorecard", card, 15s);
    REQUIRE_FALSE(refused);
    CHECK(refused.error().code == Code::kPermissionDenied);
  }
  card.mutable_scorecard()->set_code("Not A Code");
  card.set_template_("mail");
  const auto wrong =
      on.manager->Ask<pb::Scorecard>(testing::AnyCall(), kScorecards + "CreateScorecard", card, 15s);
  REQUIRE_FALSE(wrong);
  CHECK(wrong.error().code == Code::kInvalidArgument);
  std::set<std::string> fields;
  for (const auto& violation : wrong.error().violations) fields.insert(violation.field);
  CHECK(fields == std::set<std::string>{"scorecard.code", "template"});
  pb::CreateSamplePlanRequest plan;
  plan.mutable_sample_plan()->set_display_name("三月");
  plan.mutable_sample_plan()->set_target_count(41);
  const auto bad =
      on.manager->Ask<pb::SamplePlan>(testing::AnyCall(), kSampling + "CreateSamplePlan", plan, 15s);
  REQUIRE_FALSE(bad);
  fields.clear();
  for (const auto& violation : bad.error().violations) fields.insert(violation.field);
  CHECK(fields.contains("sample_plan.target_count"));
  CHECK(fields.contains("sample_plan.start_date"));
  CHECK(fields.contains("sample_plan.scorecards"));
  pb::GetEvaluationRequest unknown;
  unknown.set_name("evaluations/" + testing::SomeId());
  CHECK(reason(on.specialist->Ask<pb::Evaluation>(testing::AnyCall(), kEvaluations + "GetEvaluation", unknown,
                                                  15s)) == "EVALUATION_UNKNOWN");
}

}  // namespace
}  // namespace carillon::qa
