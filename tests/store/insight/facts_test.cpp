#include <algorithm>
#include <catch2/catch.hpp>
#include <random>
#include <set>

#include "bench.hpp"

namespace carillon::insight {
namespace {

TEST_CASE("thirty calls from ten to half past give the known figures for that half-hour",
          "[insight][store]") {
  Centre centre;
  for (int i = 0; i < 22; ++i) centre.Queued(kTen + i * 1min, pb::InteractionFact::SERVED, 20s);
  for (int i = 0; i < 4; ++i) centre.Queued(kTen + i * 1s, pb::InteractionFact::SERVED, 20s + 1us);
  centre.Queued(kTen + 29min, pb::InteractionFact::LEFT, 3s);
  for (int i = 0; i < 3; ++i) centre.Queued(kTen + 30min - 1us, pb::InteractionFact::LEFT, 40s);
  centre.Queued(kTen + 30min, pb::InteractionFact::SERVED, 1s);  // the next half-hour
  const auto report = centre.Report();
  REQUIRE(report.intervals_size() == 48);
  const auto& ten = report.intervals(20);
  CHECK(ten.label() == "10:00");
  CHECK(ten.volume().offered() == 30);
  CHECK(ten.volume().answered() == 26);
  CHECK(ten.volume().answered_in_threshold() == 22);
  CHECK(ten.volume().abandoned() == 3);
  CHECK(ten.volume().abandoned_short() == 1);
  CHECK(ValueOf(ten, "A1") == Approx(22.0 / 29));
  CHECK(ValueOf(ten, "A2") == Approx(26.0 / 30));
  CHECK(ValueOf(ten, "A3") == Approx(3.0 / 30));
  CHECK(ValueOf(ten, "B1") == Approx(165));
  CHECK(ValueOf(ten, "B2") == Approx(125));
  CHECK(FromProto(ten.volume().longest_wait()) == 40s);
  CHECK(report.intervals(21).volume().offered() == 1);
  CHECK(report.day().volume().offered() == 31);
  CHECK(ValueOf(report.day(), "A1") == Approx(23.0 / 30));
  CHECK(report.agents_size() == 27);
  const auto reconciliation = centre.Reconcile();
  CHECK(reconciliation.reconciled());
  CHECK(CountOf(reconciliation, "answered") == 27);
  CHECK(CountOf(reconciliation, "abandoned") == 4);
}

TEST_CASE("every call of a day is in exactly one outcome, or said to be in none", "[insight][store]") {
  Centre centre;
  const auto menu = [&](const char* result, int calls) {
    for (int i = 0; i < calls; ++i) {
      const auto call = centre.CallAt(kTen + i * 1min);
      const auto session = centre.SessionOf(call, result);
      centre.Put(call, session.session(), std::string(), kTen);
      centre.Put(session, kTen);
    }
  };
  menu("SELF_SERVED", 7);
  menu("ABANDONED", 3);
  menu("INVALID", 1);
  menu("ERROR", 1);
  for (int i = 0; i < 5; ++i) centre.Queued(kTen, pb::InteractionFact::SERVED, 10s);
  for (int i = 0; i < 2; ++i) centre.Queued(kTen, pb::InteractionFact::LEFT, 10s);
  centre.Queued(kTen, pb::InteractionFact::WITHDRAWN, 10s);
  centre.Put(centre.CallAt(kTen, "INVALID_NUMBER"), std::string(), std::string(), kTen);
  auto reconciliation = centre.Reconcile();
  CHECK(reconciliation.calls() == 21);
  CHECK(CountOf(reconciliation, "self_served") == 7);
  CHECK(CountOf(reconciliation, "phantom") == 3);
  CHECK(CountOf(reconciliation, "invalid") == 3);
  CHECK(CountOf(reconciliation, "answered") == 5);
  CHECK(CountOf(reconciliation, "abandoned") == 3);
  CHECK(reconciliation.undecided() == 0);
  CHECK(reconciliation.intervals_add_up());
  CHECK(reconciliation.reconciled());
  const auto report = centre.Report();
  CHECK(report.day().volume().calls() == 21);
  CHECK(report.day().volume().ivr_calls() == 20);
  CHECK(ValueOf(report.day(), "B5") == Approx(7.0 / 20));

  SECTION("a call whose session has not arrived is in none") {
    const auto call = centre.CallAt(kTen);
    centre.Put(call, "sessions/" + testing::SomeId(), std::string(), kTen);
    reconciliation = centre.Reconcile();
    CHECK(reconciliation.undecided() == 1);
    REQUIRE(reconciliation.undecided_calls_size() == 1);
    CHECK(reconciliation.undecided_calls(0) == call.call());
    CHECK_FALSE(reconciliation.reconciled());
  }
  SECTION("a session whose call has not arrived is an orphan") {
    centre.Put(centre.SessionOf(centre.CallAt(kTen), "SELF_SERVED"), kTen);
    reconciliation = centre.Reconcile();
    CHECK(reconciliation.orphans() == 1);
    CHECK_FALSE(reconciliation.reconciled());
  }
}

TEST_CASE("a day is expected to be as the same weekday was; a young centre learns of what days it has",
          "[insight][store]") {
  Centre centre;
  pb::GetForecastRequest in;
  in.set_date("2026-04-09");
  const auto forecast = [&] {
    auto call = centre.By();
    const auto told = api::GetForecast(call, centre.deps, in);
    REQUIRE(told);
    return *told;
  };
  CHECK(forecast().intervals().empty());
  for (int n = 0; n < 6; ++n) centre.Queued(kTen - 24h, pb::InteractionFact::SERVED, 10s);
  const auto young = forecast();
  REQUIRE(young.days_size() == 1);
  CHECK(young.days(0).date() == "2026-04-01");
  CHECK(young.offered() == Approx(6));
  for (int n = 0; n < 3; ++n) centre.Queued(kTen, pb::InteractionFact::SERVED, 10s);
  centre.Queued(kTen, pb::InteractionFact::LEFT, 40s);
  centre.Queued(kTen, pb::InteractionFact::WITHDRAWN, 10s);
  const auto told = forecast();
  CHECK(told.time_zone() == "Asia/Shanghai");
  REQUIRE(told.days_size() == 1);
  CHECK(told.days(0).date() == "2026-04-02");
  REQUIRE(told.intervals_size() == 48);
  CHECK(told.intervals(20).label() == "10:00");
  CHECK(told.intervals(20).offered() == Approx(4));
  CHECK(FromProto(told.intervals(20).handle_time()) == Duration{165s});
  CHECK(told.offered() == Approx(4));
  const auto after = std::exchange(centre.now, kTen + 1h);  // that day is not over
  REQUIRE(forecast().days_size() == 1);
  CHECK(forecast().days(0).date() == "2026-04-01");
  centre.now = after;
  in.set_client("clients/" + testing::SomeId());
  CHECK(forecast().days().empty());
  in.set_date("2026-02-30");
  auto call = centre.By();
  CHECK(api::GetForecast(call, centre.deps, in).error().reason == "DATE_MALFORMED");
}

TEST_CASE("an older event changes nothing, and the order of topics does not matter", "[insight][store]") {
  Centre centre;
  const auto call = centre.CallAt(kTen);
  auto session = centre.SessionOf(call, "SELF_SERVED");
  SECTION("the call first") {
    centre.Put(call, session.session(), std::string(), kTen);
    centre.Put(session, kTen + 1min);
  }
  SECTION("the session first") {
    centre.Put(session, kTen + 1min);
    centre.Put(call, session.session(), std::string(), kTen);
  }
  session.set_result("");
  centre.Put(session, kTen);
  CHECK(CountOf(centre.Reconcile(), "self_served") == 1);
  // The call has its client from its session, whichever came first.
  pb::GetDayReportRequest in;
  in.set_date("2026-04-02");
  in.set_client(centre.client);
  auto who = centre.By();
  CHECK(api::GetDayReport(who, centre.deps, in).value().day().volume().calls() == 1);
  in.set_client("clients/" + testing::SomeId());
  CHECK(api::GetDayReport(who, centre.deps, in).value().day().volume().calls() == 0);
  auto other = testing::CallOf(centre.tenant, {testing::SomeId()});
  in.clear_client();
  CHECK(api::GetDayReport(other, centre.deps, in).value().day().volume().calls() == 0);
}

TEST_CASE("an event that comes twice is applied once, and is counted once", "[insight][store]") {
  Centre centre;
  const auto call = centre.CallAt(kTen);
  int applied = 0;
  const pg::EventId event{testing::SomeId(), "carillon.telephony.calls.v1",
                          "carillon.telephony.v1.CallCleared", kTen};
  for (int i = 0; i < 3; ++i) {
    REQUIRE(centre.db.Apply(centre.Own(), event, [&](pg::Tx& tx) -> Result<void> {
      ++applied;
      store::Put(tx, call, std::string(), std::string(), kTen);
      return Ok();
    }));
  }
  const pg::EventId dead{testing::SomeId(), event.topic, event.type, kTen};
  for (int i = 0; i < 2; ++i) {
    REQUIRE(centre.db.Write(centre.Own(), [&](pg::Tx& tx) -> Result<void> {
      store::NoteDead(tx, dead, "EVENT_UNDECODABLE");
      return Ok();
    }));
  }
  CHECK(applied == 1);
  const auto counts = centre.Reconcile().events();
  REQUIRE(counts.size() == 1);
  CHECK(counts[0].type() == event.type);
  CHECK(counts[0].applied() == 1);
  CHECK(counts[0].dead() == 1);
  // A dead letter that was replayed well is dead no more.
  REQUIRE(centre.db.Apply(centre.Own(), dead, [](pg::Tx&) -> Result<void> { return Ok(); }));
  CHECK(centre.Reconcile().events(0).dead() == 0);
  CHECK(centre.Reconcile().events(0).applied() == 2);
}

TEST_CASE("an agent's states are cut at the half-hours and an open one runs until now", "[insight][store]") {
  Centre centre;
  centre.now = kTen + 90min;
  pb::AgentStateFact state;
  state.set_agent("agents/" + testing::SomeId());
  state.set_session("agentSessions/" + testing::SomeId());
  const auto stay = [&](std::int64_t change, const char* name, TimePoint from, std::optional<TimePoint> to) {
    state.set_state(name);
    *state.mutable_start_time() = ToProto(from);
    state.clear_end_time();
    if (to) *state.mutable_end_time() = ToProto(*to);
    centre.Put(state, change);
  };
  stay(1, "NOT_READY", kTen - 10min, std::nullopt);
  stay(1, "NOT_READY", kTen - 10min, kTen + 5min);
  stay(2, "READY", kTen + 5min, std::nullopt);
  stay(2, "READY", kTen + 5min, kTen + 40min);
  stay(3, "BUSY", kTen + 40min, std::nullopt);
  stay(2, "READY", kTen + 5min, std::nullopt);  // late: the end that is known stays
  const auto report = centre.Report();
  const auto minutes = [](const google::protobuf::Duration& length) {
    return std::chrono::duration<double, std::ratio<60>>(FromProto(length)).count();
  };
  CHECK(minutes(report.intervals(19).volume().not_ready()) == 10);
  CHECK(minutes(report.intervals(20).volume().not_ready()) == 5);
  CHECK(minutes(report.intervals(20).volume().available()) == 25);
  CHECK(minutes(report.intervals(21).volume().available()) == 10);
  CHECK(minutes(report.intervals(21).volume().occupied()) == 20);
  CHECK(minutes(report.intervals(22).volume().occupied()) == 30);
  CHECK(minutes(report.intervals(23).volume().occupied()) == 0);
  CHECK(ValueOf(report.day(), "B4") == Approx(50.0 / 85));
  REQUIRE(report.agents_size() == 1);
  CHECK(minutes(report.agents(0).signed_in()) == 100);
  CHECK(centre.Reconcile().intervals_add_up());
}

TEST_CASE("orders count where they were made, completed and closed", "[insight][store]") {
  Centre centre;
  pb::OrderFact order;
  const auto put = [&](TimePoint as_of) { centre.Put(order, as_of); };
  order.set_work_order("workOrders/" + testing::SomeId());
  order.set_client(centre.client);
  order.set_type("COMPLAINT");
  order.set_state("ACCEPTED");
  *order.mutable_create_time() = ToProto(kTen);
  put(kTen);
  order.set_state("REVISIT_PENDING");
  *order.mutable_complete_time() = ToProto(kTen + 40min);
  put(kTen + 40min);
  order.set_state("REOPENED");
  order.set_revisited(true);
  order.set_reopened_count(1);
  put(kTen + 50min);
  order.set_state("REVISIT_PENDING");
  order.set_revisited(false);  // the tries since the last completion
  *order.mutable_complete_time() = ToProto(kTen + 70min);
  put(kTen + 70min);
  order.set_state("CLOSED");
  order.set_revisited(true);
  *order.mutable_close_time() = ToProto(kTen + 100min);
  put(kTen + 100min);
  order.set_work_order("workOrders/" + testing::SomeId());
  order.set_state("CLOSED");
  order.set_overdue(true);
  order.set_reopened_count(0);
  put(kTen + 100min);
  order.set_work_order("workOrders/" + testing::SomeId());
  order.set_state("CANCELLED");
  order.clear_complete_time();
  put(kTen + 100min);
  const auto report = centre.Report();
  CHECK(report.intervals(20).volume().orders_created() == 3);
  CHECK(report.intervals(22).volume().orders_completed() == 2);
  CHECK(report.intervals(23).volume().orders_closed() == 2);
  CHECK(ValueOf(report.day(), "C4") == Approx(1.0));
  CHECK(ValueOf(report.day(), "C5") == Approx(0.5));
  CHECK(ValueOf(report.day(), "C6") == Approx(0.5));
  REQUIRE(report.orders_size() == 2);
  CHECK(report.orders(0).state() == "CANCELLED");
  CHECK(report.orders(1).count() == 2);
}

TEST_CASE("a random day adds up: the half-hours are the day, and a recount in the test says the same",
          "[insight][store]") {
  Centre centre;
  const auto seed = std::random_device{}();
  std::mt19937 random(seed);
  INFO("seed " << seed);
  int answered = 0;
  int in_threshold = 0;
  int left = 0;
  int left_short = 0;
  for (int i = 0; i < 200; ++i) {
    const TimePoint at = kTen - 10h + Duration{static_cast<std::int64_t>(random() % (24 * 3600)) * 1'000'000};
    const Duration wait{static_cast<std::int64_t>(random() % 60'000'000)};
    if (random() % 3 != 0) {
      centre.Queued(at, pb::InteractionFact::SERVED, wait);
      ++answered;
      in_threshold += wait <= 20s ? 1 : 0;
    } else {
      centre.Queued(at, pb::InteractionFact::LEFT, wait);
      ++left;
      left_short += wait <= 5s ? 1 : 0;
    }
  }
  const auto report = centre.Report();
  CHECK(report.day().volume().offered() == 200);
  CHECK(report.day().volume().answered() == answered);
  CHECK(report.day().volume().answered_in_threshold() == in_threshold);
  CHECK(report.day().volume().abandoned() == left - left_short);
  CHECK(report.day().volume().abandoned_short() == left_short);
  const auto reconciliation = centre.Reconcile();
  CHECK(reconciliation.intervals_add_up());
  CHECK(reconciliation.reconciled());
  CHECK(CountOf(reconciliation, "answered") == answered);
}

TEST_CASE("every figure drills down to its facts, page by page", "[insight][store]") {
  Centre centre;
  for (int i = 0; i < 7; ++i) centre.Queued(kTen + (i / 2) * 1s, pb::InteractionFact::SERVED, 1s);
  pb::AgentStateFact state;
  state.set_agent("agents/" + testing::SomeId());
  state.set_session("agentSessions/" + testing::SomeId());
  state.set_state("READY");
  *state.mutable_start_time() = ToProto(kTen);
  for (int i = 0; i < 7; ++i) centre.Put(state, std::int64_t{i});
  pb::OrderFact order;
  *order.mutable_create_time() = ToProto(kTen);
  for (int i = 0; i < 7; ++i) {
    order.set_work_order("workOrders/" + testing::SomeId());
    centre.Put(order, kTen);
  }
  for (int i = 0; i < 7; ++i) {
    centre.Put(centre.Attempt("campaigns/" + testing::SomeId(), kTen), 2, kTen);
    centre.Put(centre.Drawn("samplePlans/" + testing::SomeId(), "agents/" + testing::SomeId(), kTen), 1,
               kTen);
  }
  for (int kind = 1; kind <= pb::ListFactsRequest::Kind_MAX; ++kind) {
    pb::ListFactsRequest in;
    in.set_kind(static_cast<pb::ListFactsRequest::Kind>(kind));
    INFO(pb::ListFactsRequest::Kind_Name(in.kind()));
    *in.mutable_start_time() = ToProto(kTen);
    *in.mutable_end_time() = ToProto(kTen + 1h);
    in.set_page_size(3);
    int facts = 0;
    int pages = 0;
    std::set<std::string> seen;
    do {
      auto call = centre.By();
      const auto page = api::ListFacts(call, centre.deps, in).value();
      facts += page.facts_size();
      for (const auto& fact : page.facts()) {
        CHECK(static_cast<int>(fact.kind_case()) == kind);
        seen.insert(fact.SerializeAsString());
      }
      in.set_page_token(page.next_page_token());
    } while (!in.page_token().empty() && ++pages < 9);
    CHECK(facts == 7);
    if (in.kind() != pb::ListFactsRequest::AGENT_STATES) CHECK(seen.size() == 7);
  }
}

TEST_CASE("what is no day, no zone or too long is refused", "[insight][store]") {
  Centre centre;
  auto call = centre.By();
  pb::GetDayReportRequest day;
  day.set_date("2026-02-30");
  CHECK(api::GetDayReport(call, centre.deps, day).error().reason == "DATE_MALFORMED");
  day.set_date("2026-02-03");
  day.set_time_zone("Mars/Olympus");
  CHECK(api::GetDayReport(call, centre.deps, day).error().reason == "TIME_ZONE_UNKNOWN");
  pb::GetIntervalsRequest in;
  *in.mutable_start_time() = ToProto(kTen);
  *in.mutable_end_time() = ToProto(kTen + 32 * 24h);
  CHECK(api::GetIntervals(call, centre.deps, in).error().reason == "SPAN_TOO_LONG");
  *in.mutable_end_time() = ToProto(kTen + 50min);
  in.set_interval_minutes(15);
  const auto intervals = api::GetIntervals(call, centre.deps, in).value();
  REQUIRE(intervals.intervals_size() == 4);
  CHECK(FromProto(intervals.intervals(3).end_time()) == kTen + 50min);
}

TEST_CASE("no table of facts is open to another tenant", "[insight][store]") {
  Centre centre;
  centre.Queued(kTen, pb::InteractionFact::SERVED, 1s);
  Centre other;
  CHECK(other.Report().day().volume().calls() == 0);
  CHECK(other.Report().day().volume().offered() == 0);
  pqxx::connection admin(Db().admin_url());
  pqxx::nontransaction look(admin);
  const auto open = look.exec(
      "SELECT relname FROM pg_class c JOIN pg_namespace n ON n.oid = relnamespace WHERE nspname = 'public' "
      "AND relkind "
      "IN ('r', 'p') AND NOT (relrowsecurity AND relforcerowsecurity) AND relname <> 'schema_migrations'");
  for (const auto& row : open) FAIL("no row-level security on " << row[0].c_str());
  CHECK(open.empty());
}

}  // namespace
}  // namespace carillon::insight
