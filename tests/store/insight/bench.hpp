#pragma once
#include <catch2/catch.hpp>
#include <pqxx/pqxx>
#include <set>

#include "base/ids.hpp"
#include "base/proto_time.hpp"
#include "insight/api/methods.hpp"
#include "insight/store/facts.hpp"
#include "testing/database.hpp"

/// A tenant's facts over a real database, and the methods over them.
namespace carillon::insight {

using namespace std::chrono_literals;
namespace pb = carillon::insight::v1;

inline testing::Database& Db() {
  static testing::Database db("insight");
  return db;
}

/// 2026-04-02 10:00 in Shanghai.
inline const TimePoint kTen{std::chrono::sys_days{std::chrono::year{2026} / 4 / 2} + 2h};

/// A tenant's facts and the methods over them.
struct Centre {
  pg::Pool db{Db().app_url(), 4, "insight-test"};
  api::Deps deps{db, calendar::TimeZone::Load("Asia/Shanghai").value(), 20s, 5s};
  std::string tenant = testing::SomeId();
  std::string client = "clients/" + testing::SomeId();
  TimePoint now = kTen + 20h;

  /// A person who may see the client's facts.
  Call By() {
    auto call = testing::CallOf(tenant, {client.substr(8)});
    call.now = now;
    return call;
  }
  /// The service itself, as its consumers are.
  Call Own() {
    auto call = By();
    call.principal.service = true;
    return call;
  }
  template <class... Args>
  void Put(const Args&... args) {
    const auto put = db.Write(Own(), [&](pg::Tx& tx) -> Result<void> {
      store::Put(tx, args...);
      return Ok();
    });
    INFO((put ? "" : put.error().message));
    REQUIRE(put);
  }
  pb::CallFact CallAt(TimePoint at, const std::string& cause = "CUSTOMER_HUNG_UP") {
    pb::CallFact fact;
    fact.set_call("calls/" + testing::SomeId());
    *fact.mutable_arrive_time() = ToProto(at);
    *fact.mutable_end_time() = ToProto(at + 3min);
    fact.set_cause(cause);
    return fact;
  }
  pb::SessionFact SessionOf(const pb::CallFact& call, const std::string& result) {
    pb::SessionFact fact;
    fact.set_session("sessions/" + testing::SomeId());
    fact.set_call(call.call());
    fact.set_client(client);
    fact.set_result(result);
    *fact.mutable_start_time() = call.arrive_time();
    return fact;
  }
  pb::InteractionFact Request(TimePoint at, pb::InteractionFact::Result result, Duration wait) {
    pb::InteractionFact fact;
    fact.set_interaction("interactions/" + testing::SomeId());
    fact.set_client(client);
    fact.set_channel(carillon::type::v1::VOICE);
    fact.set_result(result);
    *fact.mutable_arrive_time() = ToProto(at);
    *fact.mutable_wait() = ToProto(wait);
    if (result == pb::InteractionFact::SERVED) {
      fact.set_agent("agents/" + testing::SomeId());
      *fact.mutable_talk() = ToProto(Duration{120s});
      *fact.mutable_hold() = ToProto(Duration{5s});
      *fact.mutable_wrap() = ToProto(Duration{40s});
    }
    return fact;
  }
  /// A call that went through the menu to an agent's queue.
  void Queued(TimePoint at, pb::InteractionFact::Result result, Duration wait) {
    const auto call = CallAt(at);
    const auto session = SessionOf(call, "TO_AGENT");
    auto request = Request(at, result, wait);
    request.set_call(call.call());
    Put(call, session.session(), request.interaction(), at);
    Put(session, at);
    Put(request, at);
  }
  /// A campaign with a list of so many targets, made at ten.
  pb::CampaignFact Campaign(const std::string& code, int targets) {
    pb::CampaignFact fact;
    fact.set_campaign("campaigns/" + testing::SomeId());
    fact.set_client(client);
    fact.set_code(code);
    fact.set_purpose("PROMOTION");
    fact.set_state("RUNNING");
    fact.set_targets(targets);
    *fact.mutable_build_time() = ToProto(kTen);
    return fact;
  }
  /// An attempt to reach a target of its own, dialled and not over.
  pb::AttemptFact Attempt(const std::string& campaign, TimePoint at) {
    pb::AttemptFact fact;
    fact.set_attempt("attempts/" + testing::SomeId());
    fact.set_campaign(campaign);
    fact.set_client(client);
    fact.set_target_record("targetRecords/" + testing::SomeId());
    fact.set_customer("customers/" + testing::SomeId());
    fact.set_call("calls/" + testing::SomeId());
    fact.set_number(1);
    fact.set_state("DIALLING");
    *fact.mutable_dial_time() = ToProto(at);
    return fact;
  }
  /// The same, over a minute later; but for lines nobody spoke on an agent did.
  static pb::AttemptFact Ended(pb::AttemptFact fact, const std::string& disposition) {
    fact.set_state("ENDED");
    fact.set_disposition(disposition);
    fact.clear_connect_time();
    const std::set<std::string> silent{"BUSY", "NO_ANSWER", "VOICEMAIL", "ABANDONED"};
    if (!silent.contains(disposition)) *fact.mutable_connect_time() = fact.dial_time();
    *fact.mutable_end_time() = ToProto(FromProto(fact.dial_time()) + 1min);
    return fact;
  }
  /// The call of an attempt as it is over; nobody answered it.
  pb::CallFact CallOf(const pb::AttemptFact& attempt, const std::string& cause) {
    auto fact = CallAt(FromProto(attempt.dial_time()), cause);
    fact.set_call(attempt.call());
    fact.set_direction(pb::OUTBOUND);
    fact.set_attempt(attempt.attempt());
    *fact.mutable_dial_time() = attempt.dial_time();
    return fact;
  }
  /// A conversation that was drawn to be judged.
  pb::EvaluationFact Drawn(const std::string& plan, const std::string& agent, TimePoint at) {
    pb::EvaluationFact fact;
    fact.set_evaluation("evaluations/" + testing::SomeId());
    fact.set_plan(plan);
    fact.set_client(client);
    fact.set_agent(agent);
    fact.set_state("DRAWN");
    *fact.mutable_draw_time() = ToProto(at);
    return fact;
  }
  pb::DayReport Report() {
    pb::GetDayReportRequest in;
    in.set_date("2026-04-02");
    auto call = By();
    return api::GetDayReport(call, deps, in).value();
  }
  pb::Reconciliation Reconcile() {
    pb::GetReconciliationRequest in;
    in.set_date("2026-04-02");
    auto call = By();
    return api::GetReconciliation(call, deps, in).value();
  }
};

inline double ValueOf(const pb::Interval& interval, std::string_view code) {
  for (const auto& kpi : interval.kpis()) {
    if (kpi.code() == code) return kpi.value();
  }
  FAIL("no figure " << code);
  return 0;
}

template <class Line>
std::optional<double> FigureOf(const Line& line, std::string_view code) {
  for (const auto& kpi : line.kpis()) {
    if (kpi.code() == code) return kpi.has_value() ? std::optional(kpi.value()) : std::nullopt;
  }
  FAIL("no figure " << code);
  return std::nullopt;
}

inline std::int64_t CountOf(const pb::Reconciliation& reconciliation, std::string_view outcome) {
  for (const auto& count : reconciliation.outcomes()) {
    if (count.outcome() == outcome) return count.count();
  }
  FAIL("no outcome " << outcome);
  return 0;
}

}  // namespace carillon::insight
