#include <algorithm>
#include <catch2/catch.hpp>
#include <random>
#include <thread>

#include "base/proto_time.hpp"
#include "carillon/access/v1/access_service.pb.h"
#include "carillon/insight/v1/insight_service.pb.h"
#include "carillon/ivr/v1/session_events.pb.h"
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
  pb::DayReport Report() {
    pb::GetDayReportRequest in;
    in.set_date("1999-02-10");
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

}  // namespace
}  // namespace carillon::insight
