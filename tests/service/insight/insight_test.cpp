#include <algorithm>
#include <catch2/catch.hpp>
#include <map>
#include <random>
#include <thread>

#include "base/proto_time.hpp"
#include "carillon/access/v1/access_service.pb.h"
#include "carillon/campaign/v1/campaign_events.pb.h"
#include "carillon/insight/v1/insight_service.pb.h"
#include "carillon/ivr/v1/session_events.pb.h"
#include "carillon/qa/v1/qa_events.pb.h"
#include "carillon/routing/v1/routing_events.pb.h"
#include "carillon/telephony/v1/call_events.pb.h"
#include "carillon/workorder/v1/workorder_events.pb.h"
#include "kafka/kafka.hpp"
#include "obs/log.hpp"
#include "rpc/peer.hpp"
#include "testing/database.hpp"

namespace carillon::insight {
namespace {

using namespace std::chrono_literals;
namespace pb = carillon::insight::v1;
namespace access = carillon::access::v1;
namespace telephony = carillon::telephony::v1;
namespace ivr = carillon::ivr::v1;
namespace routing = carillon::routing::v1;
namespace workorder = carillon::workorder::v1;
namespace campaign = carillon::campaign::v1;
namespace qa = carillon::qa::v1;

constexpr const char* kAccess = "carillon.access.v1.AccessService/";
constexpr const char* kReports = "carillon.insight.v1.ReportService/";
constexpr const char* kPassword = "lantern-copper-7431-orbit";
constexpr const char* kSecret = "a secret of these tests only";

/// 1999-02-10 10:00 in Shanghai.
const TimePoint kTen{std::chrono::sys_days{std::chrono::year{1999} / 2 / 10} + 2h};

Call AnyCall() {
  Call call;
  call.deadline = std::chrono::steady_clock::now() + 20s;
  call.traceparent = obs::NewTraceparent();
  return call;
}

kafka::Connection Brokers() {
  return {testing::ServerSetting("CARILLON_TEST_KAFKA_BROKERS"),
          testing::ServerSetting("CARILLON_TEST_KAFKA_USERNAME"),
          testing::ServerSetting("CARILLON_TEST_KAFKA_PASSWORD")};
}

/// access and insight as real processes.
class Platform {
 public:
  Platform()
      : access("access", access_db_,
               {{"BOOTSTRAP_PASSWORD", kPassword},
                {"KEYS_MASTER", "0123456789abcdef0123456789abcdef"},
                {"SERVICES_SECRETS", std::string("insight=") + kSecret}}),
        service("insight", db_,
                {{"PEERS", "access=" + access.target()},
                 {"AUTH_SECRET", kSecret},
                 {"INSTANCE", "insight-" + testing::SomeId()},
                 {"KAFKA_BROKERS", Brokers().brokers},
                 {"KAFKA_USERNAME", Brokers().username},
                 {"KAFKA_PASSWORD", Brokers().password}}) {
    rpc::Peer nobody(access.target(), {}, nullptr);
    access::LoginRequest in;
    in.set_tenant("platform");
    in.set_login("admin");
    in.set_password(kPassword);
    const auto token =
        nobody.Ask<access::Tokens>(AnyCall(), std::string(kAccess) + "Login", in, 10s).value().access_token();
    const auto give = [token](auto) -> Result<std::string> { return token; };
    rpc::Peer boss(access.target(), {}, give);
    tenant = boss.Ask<access::ListTenantsResponse>(AnyCall(), std::string(kAccess) + "ListTenants",
                                                   access::ListTenantsRequest(), 10s)
                 .value()
                 .tenants(0)
                 .name()
                 .substr(8);
    client = boss.Ask<access::ListClientsResponse>(AnyCall(), std::string(kAccess) + "ListClients",
                                                   access::ListClientsRequest(), 10s)
                 .value()
                 .clients(0)
                 .name();
    admin_ = std::make_unique<rpc::Peer>(service.target(), rpc::Tls{}, give);
  }

  kafka::Envelope EventOf(const std::string& topic, const std::string& key,
                          const google::protobuf::Message& event, TimePoint at) {
    kafka::Envelope out;
    out.topic = topic;
    out.key = key;
    out.event_id = testing::SomeId();
    out.type = event.GetDescriptor()->full_name();
    out.source = "/carillon/test";
    out.tenant = tenant;
    out.traceparent = obs::NewTraceparent();
    out.time = at;
    out.payload = event.SerializeAsString();
    return out;
  }
  pb::Reconciliation Reconcile() {
    pb::GetReconciliationRequest in;
    in.set_date("1999-02-10");
    return admin_->Ask<pb::Reconciliation>(AnyCall(), std::string(kReports) + "GetReconciliation", in, 15s)
        .value();
  }
  pb::DayReport Report(const std::string& date = "1999-02-10") {
    pb::GetDayReportRequest in;
    in.set_date(date);
    return admin_->Ask<pb::DayReport>(AnyCall(), std::string(kReports) + "GetDayReport", in, 15s).value();
  }
  /// Asks until `done` likes the answer or a minute has passed; the last answer.
  template <class Done>
  pb::Reconciliation Until(Done done) {
    auto answer = Reconcile();
    for (const auto end = std::chrono::steady_clock::now() + 60s;
         !done(answer) && std::chrono::steady_clock::now() < end; answer = Reconcile()) {
      std::this_thread::sleep_for(100ms);
    }
    return answer;
  }

 private:
  testing::Database access_db_{"access"};
  testing::Database db_{"insight"};

 public:
  testing::ServiceProcess access;
  testing::ServiceProcess service;
  std::string tenant, client;

 private:
  std::unique_ptr<rpc::Peer> admin_;
};

std::int64_t Applied(const pb::Reconciliation& counts) {
  std::int64_t applied = 0;
  for (const auto& count : counts.events()) applied += count.applied();
  return applied;
}

/// The events of one call that was had by an agent, or left, or served itself; keys in their own order.
std::vector<kafka::Envelope> Life(Platform& on, TimePoint at, const std::string& outcome) {
  std::vector<kafka::Envelope> events;
  telephony::Call call;
  call.set_name("calls/" + testing::SomeId());
  call.set_session("sessions/" + testing::SomeId());
  *call.mutable_create_time() = ToProto(at);
  call.set_state(telephony::Call::INITIATED);
  const auto tell_call = [&](auto event, TimePoint when) {
    *call.mutable_state_time() = ToProto(when);
    *event.mutable_call() = call;
    events.push_back(on.EventOf("carillon.telephony.calls.v1", call.name().substr(6), event, when));
  };
  ivr::Session session;
  session.set_name(call.session());
  session.set_call(call.name());
  session.set_client(on.client);
  session.set_state(ivr::Session::ACTIVE);
  *session.mutable_start_time() = ToProto(at);
  ivr::SessionStarted started;
  *started.mutable_session() = session;
  const auto session_key = session.name().substr(9);
  events.push_back(on.EventOf("carillon.ivr.sessions.v1", session_key, started, at));
  const bool to_agent = outcome != "self_served";
  if (to_agent) call.set_interaction("interactions/" + testing::SomeId());
  tell_call(telephony::CallDelivered{}, at + 1s);
  session.set_state(ivr::Session::COMPLETED);
  session.set_result(to_agent ? ivr::Session::TO_AGENT : ivr::Session::SELF_SERVED);
  *session.mutable_end_time() = ToProto(at + 10s);
  ivr::SessionCompleted completed;
  *completed.mutable_session() = session;
  events.push_back(on.EventOf("carillon.ivr.sessions.v1", session_key, completed, at + 10s));
  if (to_agent) {
    routing::Interaction interaction;
    interaction.set_name(call.interaction());
    interaction.set_call(call.name());
    interaction.set_client(on.client);
    interaction.set_channel(carillon::type::v1::VOICE);
    interaction.set_state(routing::Interaction::QUEUED);
    *interaction.mutable_create_time() = ToProto(at + 10s);
    const auto tell = [&](auto event, TimePoint when) {
      *event.mutable_interaction() = interaction;
      events.push_back(
          on.EventOf("carillon.routing.interactions.v1", interaction.name().substr(13), event, when));
    };
    tell(routing::InteractionCreated{}, at + 10s);
    *interaction.mutable_wait_duration() = ToProto(Duration{15s});
    *interaction.mutable_end_time() = ToProto(at + 3min);
    if (outcome == "answered") {
      interaction.set_agent("agents/" + testing::SomeId());
      interaction.set_state(routing::Interaction::COMPLETED);
      *interaction.mutable_talk_duration() = ToProto(Duration{120s});
      tell(routing::InteractionCompleted{}, at + 3min);
      // A colleague was asked meanwhile: counted nowhere.
      interaction.set_parent(interaction.name());
      interaction.set_name("interactions/" + testing::SomeId());
      interaction.set_direction(routing::Interaction::INTERNAL);
      tell(routing::InteractionCompleted{}, at + 3min);
    } else {
      interaction.set_state(routing::Interaction::ABANDONED);
      tell(routing::InteractionAbandoned{}, at + 3min);
    }
  }
  call.set_state(telephony::Call::CLEARED);
  call.set_cause(telephony::Call::CUSTOMER_HUNG_UP);
  tell_call(telephony::CallCleared{}, at + 3min);
  return events;
}

TEST_CASE("a day's events, some twice, with a crash in the middle, are applied once each and add up",
          "[insight][service]") {
  Platform on;
  kafka::Producer producer(Brokers());
  std::mt19937 random(11);
  std::vector<kafka::Envelope> events;
  std::set<std::string> ids;
  const auto add = [&](std::vector<kafka::Envelope> life) {
    for (auto& event : life) {
      ids.insert(event.event_id);
      if (random() % 4 == 0) events.push_back(event);
      events.push_back(std::move(event));
    }
  };
  for (int i = 0; i < 60; ++i) add(Life(on, kTen + i * 1min, "answered"));
  for (int i = 0; i < 20; ++i) add(Life(on, kTen + i * 1min, "abandoned"));
  for (int i = 0; i < 20; ++i) add(Life(on, kTen + i * 1min, "self_served"));
  const auto half = static_cast<std::ptrdiff_t>(events.size() / 2);
  REQUIRE(producer.Send({events.begin(), events.begin() + half}));
  CHECK(Applied(on.Until([](const auto& counts) { return Applied(counts) > 100; })) > 100);
  on.service.CrashAndRestart();
  REQUIRE(producer.Send({events.begin() + half, events.end()}));
  const auto all = static_cast<std::int64_t>(ids.size());
  const auto counts = on.Until([&](const auto& each) { return Applied(each) >= all; });
  CHECK(Applied(counts) == all);
  CHECK(counts.calls() == 100);
  for (const auto& outcome : counts.outcomes()) {
    INFO(outcome.outcome());
    CHECK(outcome.count() == (outcome.outcome() == "answered"      ? 60
                              : outcome.outcome() == "abandoned"   ? 20
                              : outcome.outcome() == "self_served" ? 20
                                                                   : 0));
  }
  CHECK(counts.intervals_add_up());
  CHECK(counts.reconciled());
  const auto report = on.Report();
  CHECK(report.day().volume().offered() == 80);
  CHECK(report.day().volume().answered_in_threshold() == 60);
  CHECK(report.intervals(20).volume().calls() + report.intervals(21).volume().calls() == 100);

  // An event that nobody can read is counted, and does not stop those behind it.
  auto broken = Life(on, kTen, "self_served");
  auto bad = broken.front();
  bad.event_id = testing::SomeId();
  bad.payload = "\xff\xff\xff";
  workorder::WorkOrderCreated order;
  order.mutable_work_order()->set_name("workOrders/" + testing::SomeId());
  order.mutable_work_order()->set_client(on.client);
  order.mutable_work_order()->set_type(workorder::WorkOrder::COMPLAINT);
  order.mutable_work_order()->set_state(workorder::WorkOrder::ACCEPTED);
  *order.mutable_work_order()->mutable_create_time() = ToProto(kTen);
  REQUIRE(producer.Send(
      {bad, broken[0], broken[1], broken[2], broken[3],
       on.EventOf("carillon.workorder.orders.v1", order.work_order().name().substr(11), order, kTen)}));
  const auto after = on.Until([&](const auto& each) {
    std::int64_t dead = 0;
    for (const auto& count : each.events()) dead += count.dead();
    return dead > 0 && Applied(each) >= all + 5;
  });
  std::int64_t dead = 0;
  for (const auto& count : after.events()) dead += count.dead();
  CHECK(dead == 1);
  CHECK(Applied(after) == all + 5);
  CHECK(after.calls() == 101);
  CHECK(after.reconciled());
  CHECK(on.Report().day().volume().orders_created() == 1);
}

/// What a day of calling out and judging should come to, tallied while its events are made.
struct Tally {
  std::map<std::string, std::int64_t> dispositions, outcomes;
  std::int64_t attempts = 0, reached = 0, interested = 0, sold = 0, score_sum = 0, passed = 0;
};

/// The events of one attempt: its own, its call's and its interaction's.
std::vector<kafka::Envelope> Reach(Platform& on, const std::string& of, TimePoint at,
                                   campaign::Disposition disposition, Tally& tally) {
  std::vector<kafka::Envelope> events;
  const bool connected = disposition >= campaign::REFUSED;
  const bool answered = connected || disposition == campaign::ABANDONED;
  campaign::Attempt attempt;
  attempt.set_name("attempts/" + testing::SomeId());
  attempt.set_campaign(of);
  attempt.set_target_record("targetRecords/" + testing::SomeId());
  attempt.set_client(on.client);
  attempt.set_call("calls/" + testing::SomeId());
  attempt.set_state(campaign::Attempt::DIALLING);
  *attempt.mutable_dial_time() = ToProto(at);
  const auto tell = [&](auto event, TimePoint when) {
    *event.mutable_attempt() = attempt;
    events.push_back(on.EventOf("carillon.campaign.attempts.v1", attempt.name().substr(9), event, when));
  };
  tell(campaign::AttemptDialled{}, at);
  telephony::Call call;
  call.set_name(attempt.call());
  call.set_attempt(attempt.name());
  call.set_direction(telephony::Call::OUTBOUND);
  call.set_state(telephony::Call::INITIATED);
  *call.mutable_create_time() = ToProto(at - 1s);
  *call.mutable_dial_time() = ToProto(at);
  const auto tell_call = [&](auto event, TimePoint when) {
    *call.mutable_state_time() = ToProto(when);
    *event.mutable_call() = call;
    events.push_back(on.EventOf("carillon.telephony.calls.v1", call.name().substr(6), event, when));
  };
  tell_call(telephony::CallDialled{}, at);
  if (answered) {
    *call.mutable_answer_time() = ToProto(at + 5s);
    call.set_interaction("interactions/" + testing::SomeId());
    call.set_state(telephony::Call::QUEUED);
    tell_call(telephony::CallAnswered{}, at + 5s);
    routing::Interaction interaction;
    interaction.set_name(call.interaction());
    interaction.set_call(call.name());
    interaction.set_client(on.client);
    interaction.set_channel(carillon::type::v1::VOICE);
    interaction.set_direction(routing::Interaction::OUTBOUND);
    interaction.set_state(connected ? routing::Interaction::COMPLETED : routing::Interaction::ABANDONED);
    *interaction.mutable_create_time() = ToProto(at + 5s);
    *interaction.mutable_end_time() = ToProto(at + 2min);
    if (connected) {
      interaction.set_agent("agents/" + testing::SomeId());
      *interaction.mutable_talk_duration() = ToProto(Duration{60s});
      *attempt.mutable_connect_time() = ToProto(at + 6s);
      routing::InteractionCompleted completed;
      *completed.mutable_interaction() = interaction;
      events.push_back(on.EventOf("carillon.routing.interactions.v1", interaction.name().substr(13),
                                  completed, at + 2min));
    } else {
      routing::InteractionAbandoned abandoned;
      *abandoned.mutable_interaction() = interaction;
      events.push_back(on.EventOf("carillon.routing.interactions.v1", interaction.name().substr(13),
                                  abandoned, at + 2min));
    }
  }
  call.set_state(telephony::Call::CLEARED);
  call.set_cause(answered ? telephony::Call::CUSTOMER_HUNG_UP : telephony::Call::NO_ANSWER);
  tell_call(telephony::CallCleared{}, at + 3min);
  attempt.set_state(campaign::Attempt::ENDED);
  *attempt.mutable_end_time() = ToProto(at + 3min);
  if (disposition == campaign::SOLD) {  // said to be interested first, corrected afterwards
    attempt.set_disposition(campaign::INTERESTED);
    tell(campaign::AttemptEnded{}, at + 3min);
  }
  attempt.set_disposition(disposition);
  tell(campaign::AttemptEnded{}, at + 4min);
  if (disposition == campaign::SOLD) {
    campaign::SaleClosed sale;
    sale.set_offer("summer-plan");
    tell(sale, at + 4min);
  }
  ++tally.attempts;
  ++tally.dispositions[campaign::Disposition_Name(disposition)];
  ++tally.outcomes[connected ? "connected" : answered ? "abandoned" : "not_reached"];
  tally.reached += connected ? 1 : 0;
  tally.interested += disposition == campaign::INTERESTED || disposition == campaign::SOLD ? 1 : 0;
  tally.sold += disposition == campaign::SOLD ? 1 : 0;
  return events;
}

TEST_CASE(
    "campaigns and judgements told in any order, some twice, with a crash in the middle, make one report",
    "[insight][service]") {
  Platform on;
  kafka::Producer producer(Brokers());
  const auto seed = std::random_device{}();
  std::mt19937 random(seed);
  INFO("seed " << seed);
  Tally tally;
  std::vector<kafka::Envelope> events;
  const auto add = [&](std::vector<kafka::Envelope> some) {
    for (auto& event : some) events.push_back(std::move(event));
  };
  campaign::TargetsBuilt built;
  auto& plan = *built.mutable_campaign();
  plan.set_name("campaigns/" + testing::SomeId());
  plan.set_client(on.client);
  plan.set_code("summer");
  plan.set_purpose(campaign::Campaign::PROMOTION);
  plan.set_state(campaign::Campaign::DRAFT);
  plan.mutable_build()->set_state(campaign::Campaign::TargetBuild::BUILT);
  plan.mutable_build()->set_targets(120);
  *plan.mutable_build()->mutable_end_time() = ToProto(kTen - 1h);
  add({on.EventOf("carillon.campaign.campaigns.v1", "x", built, kTen - 1h)});
  campaign::CampaignChanged running;
  *running.mutable_campaign() = plan;
  running.mutable_campaign()->set_state(campaign::Campaign::RUNNING);
  add({on.EventOf("carillon.campaign.campaigns.v1", "x", running, kTen - 30min)});
  const std::vector<campaign::Disposition> words{
      campaign::NO_ANSWER,  campaign::BUSY, campaign::ABANDONED, campaign::REFUSED,
      campaign::INTERESTED, campaign::SOLD, campaign::COMPLAINT};
  for (int i = 0; i < 60; ++i) {
    add(Reach(on, plan.name(), kTen + i * 1min, words[random() % words.size()], tally));
  }
  campaign::ContactRefused refused;
  refused.mutable_target_record()->set_name("targetRecords/" + testing::SomeId());
  refused.mutable_target_record()->set_campaign(plan.name());
  refused.mutable_gate()->set_refusal(campaign::FREQUENCY);
  add({on.EventOf("carillon.campaign.attempts.v1", "x", refused, kTen)});

  qa::SamplePlanDrawn drawn;
  drawn.mutable_plan()->set_name("samplePlans/" + testing::SomeId());
  drawn.mutable_plan()->set_client(on.client);
  auto& quota = *drawn.mutable_plan()->add_quotas();
  quota.set_agent("agents/" + testing::SomeId());
  quota.set_planned(12);
  quota.set_drawn(10);
  *quota.mutable_draw_time() = ToProto(kTen);
  auto& band = *quota.add_bands();
  band.set_time_band(qa::NIGHT);
  band.set_planned(4);
  band.set_drawn(2);
  band.set_shortfall(qa::SamplePlan::BandQuota::TOO_FEW_ELIGIBLE);
  add({on.EventOf("carillon.qa.evaluations.v1", "x", drawn, kTen)});
  for (int i = 0; i < 10; ++i) {
    qa::Evaluation one;
    one.set_name("evaluations/" + testing::SomeId());
    one.set_plan(drawn.plan().name());
    one.set_client(on.client);
    one.set_agent(quota.agent());
    one.set_state(qa::Evaluation::DRAWN);
    *one.mutable_draw_time() = ToProto(kTen);
    const auto tell = [&](auto event, TimePoint when) {
      *event.mutable_evaluation() = one;
      add({on.EventOf("carillon.qa.evaluations.v1", one.name().substr(12), event, when)});
    };
    tell(qa::EvaluationDrawn{}, kTen);
    for (const int hour : {1, 2}) {
      one.set_state(qa::Evaluation::SCORED);
      one.set_total(static_cast<int>(random() % 10001));
      one.set_passed(one.total() >= 8500);
      *one.mutable_score_time() = ToProto(kTen + hour * 1h);
      tell(qa::EvaluationScored{}, kTen + hour * 1h);
    }
    tally.score_sum += one.total();
    tally.passed += one.passed() ? 1 : 0;
    one.set_state(qa::Evaluation::PUBLISHED);
    *one.mutable_publish_time() = ToProto(kTen + 3h);
    tell(qa::EvaluationPublished{}, kTen + 3h);
  }

  const auto all = static_cast<std::int64_t>(events.size());
  for (std::int64_t i = 0; i < all / 4; ++i)
    events.push_back(events[random() % static_cast<std::size_t>(all)]);
  for (auto& event : events) event.key = testing::SomeId();  // no order among any of them
  std::shuffle(events.begin(), events.end(), random);
  const auto half = static_cast<std::ptrdiff_t>(events.size() / 2);
  REQUIRE(producer.Send({events.begin(), events.begin() + half}));
  CHECK(Applied(on.Until([](const auto& counts) { return Applied(counts) > 50; })) > 50);
  on.service.CrashAndRestart();
  REQUIRE(producer.Send({events.begin() + half, events.end()}));
  const auto counts = on.Until([&](const auto& each) { return Applied(each) >= all; });
  CHECK(Applied(counts) == all);
  CHECK(counts.attempts() == tally.attempts);
  CHECK(counts.outbound_calls() == tally.attempts);
  for (const auto& outcome : counts.outbound_outcomes()) {
    INFO(outcome.outcome());
    CHECK(outcome.count() == tally.outcomes[outcome.outcome()]);
  }
  CHECK(counts.evaluations_planned() == 12);
  CHECK(counts.evaluations_drawn() == 10);
  CHECK(counts.evaluations_shortfall() == 2);
  CHECK(counts.outbound_adds_up());
  CHECK(counts.evaluations_add_up());
  CHECK(counts.intervals_add_up());
  CHECK(counts.calls() == 0);
  CHECK(counts.reconciled());
  const auto report = on.Report();
  REQUIRE(report.campaign().campaigns_size() == 1);
  const auto& line = report.campaign().campaigns(0);
  CHECK(line.code() == "summer");
  CHECK(line.state() == "RUNNING");
  std::vector<std::int64_t> funnel;
  for (const auto& stage : line.funnel()) funnel.push_back(stage.customers());
  CHECK(funnel ==
        std::vector<std::int64_t>{120, tally.attempts, tally.reached, tally.interested, tally.sold});
  CHECK(std::map<std::string, std::int64_t>(line.dispositions().begin(), line.dispositions().end()) ==
        tally.dispositions);
  CHECK(line.refusals().at("FREQUENCY") == 1);
  CHECK(FromProto(line.volume().talk()) == tally.reached * 60s);
  CHECK(report.day().volume().offered() == 0);
  CHECK(report.qa().total().volume().scored() == 10);
  CHECK(report.qa().total().volume().score_sum() == tally.score_sum);
  CHECK(report.qa().total().volume().passed() == tally.passed);
  CHECK(report.qa().total().volume().published() == 10);
  REQUIRE(report.qa().shortfalls_size() == 1);
  CHECK(report.qa().shortfalls(0).band() == "NIGHT");

  // On a day without a call the list is still to be worked off; before it was made there is none.
  const auto after = on.Report("1999-02-11");
  REQUIRE(after.campaign().campaigns_size() == 1);
  CHECK(after.campaign().campaigns(0).funnel(0).customers() == 120);
  CHECK(after.campaign().campaigns(0).funnel(1).customers() == 0);
  CHECK(on.Report("1999-02-09").campaign().campaigns_size() == 0);
}

}  // namespace
}  // namespace carillon::insight
