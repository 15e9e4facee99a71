#include <algorithm>
#include <catch2/catch.hpp>
#include <map>
#include <random>
#include <set>

#include "bench.hpp"

namespace carillon::insight {
namespace {

constexpr int kDialling = 2;
constexpr int kEnded = 5;

std::vector<std::int64_t> FunnelOf(const pb::CampaignLine& line) {
  std::vector<std::int64_t> customers;
  for (const auto& stage : line.funnel()) customers.push_back(stage.customers());
  return customers;
}

/// An agent's conversation in the call of an attempt.
pb::InteractionFact Talk(Centre& centre, const pb::AttemptFact& attempt) {
  auto fact = centre.Request(FromProto(attempt.dial_time()) + 10s, pb::InteractionFact::SERVED, 1s);
  fact.set_direction(pb::OUTBOUND);
  fact.set_call(attempt.call());
  return fact;
}

TEST_CASE("the attempts of a day make the funnel and the figures of their campaign", "[insight][store]") {
  Centre centre;
  auto campaign = centre.Campaign("summer", 200);
  (*campaign.mutable_refused())["ON_DO_NOT_CALL"] = 12;
  (*campaign.mutable_refused())["NO_CONSENT"] = 30;
  centre.Put(campaign, kTen);
  const std::map<std::string, int> ends{{"NO_ANSWER", 30},   {"BUSY", 10},    {"ABANDONED", 2},
                                        {"WRONG_PERSON", 3}, {"REFUSED", 36}, {"INTERESTED", 4},
                                        {"SOLD", 4},         {"COMPLAINT", 1}};
  pb::AttemptFact again;
  for (const auto& [disposition, count] : ends) {
    for (int i = 0; i < count; ++i) {
      const auto attempt = centre.Attempt(campaign.campaign(), kTen + i * 1min);
      if (disposition == "NO_ANSWER") again = attempt;
      centre.Put(Centre::Ended(attempt, disposition), kEnded, kTen + 1h);
      const bool talked = disposition != "NO_ANSWER" && disposition != "BUSY" && disposition != "ABANDONED";
      if (talked) centre.Put(Talk(centre, attempt), kTen + 1h);
    }
  }
  // One who did not answer is tried again and still rings.
  again.set_attempt("attempts/" + testing::SomeId());
  again.set_call("calls/" + testing::SomeId());
  *again.mutable_dial_time() = ToProto(kTen + 2h);
  centre.Put(again, kDialling, kTen + 2h);
  pb::RefusalFact refusal;
  refusal.set_target_record(again.target_record());
  refusal.set_campaign(campaign.campaign());
  refusal.set_refusal("FREQUENCY");
  *refusal.mutable_refuse_time() = ToProto(kTen + 3h);
  centre.Put(refusal, testing::SomeId());

  const auto report = centre.Report();
  REQUIRE(report.campaign().campaigns_size() == 1);
  const auto& line = report.campaign().campaigns(0);
  CHECK(line.campaign() == campaign.campaign());
  CHECK(line.code() == "summer");
  CHECK(line.purpose() == "PROMOTION");
  CHECK(FunnelOf(line) == std::vector<std::int64_t>{200, 90, 48, 8, 4});
  CHECK_FALSE(line.funnel(0).has_conversion());
  CHECK(line.funnel(1).conversion() == Approx(0.45));
  CHECK(line.funnel(4).conversion() == Approx(0.5));
  CHECK(line.volume().attempts() == 91);
  CHECK(line.volume().ended() == 90);
  CHECK(line.volume().answered() == 50);
  CHECK(line.volume().connected() == 48);
  CHECK(line.volume().refusals() == 1);
  CHECK(line.dispositions().at("NO_ANSWER") == 30);
  CHECK(line.dispositions().size() == ends.size());
  CHECK(line.refusals().at("FREQUENCY") == 1);
  CHECK(line.list_refusals().at("NO_CONSENT") == 30);
  CHECK(FigureOf(line, "O1") == Approx(50.0 / 91));
  CHECK(FigureOf(line, "O2") == Approx(45.0 / 91));
  CHECK(FigureOf(line, "D2") == Approx(4.0 / 48));
  CHECK(FigureOf(line, "O5") == Approx(2.0 / 50));
  CHECK(FigureOf(line, "O6") == Approx(1.0 / 48));
  // 48 conversations of 120 s talk, 5 s hold and 40 s after-call work.
  CHECK(FigureOf(line, "O8") == Approx(165));
  CHECK(FigureOf(line, "O3") == Approx(91 / (48 * 165 / 3600.0)));
  CHECK(FigureOf(line, "O4") == Approx(4 / (48 * 165 / 3600.0)));
  CHECK_FALSE(FigureOf(line, "O7"));
  CHECK(FunnelOf(report.campaign().total()) == FunnelOf(line));
  CHECK(FigureOf(report.day(), "D2") == FigureOf(line, "D2"));
  CHECK(report.intervals(20).volume().outbound().attempts() +
            report.intervals(21).volume().outbound().attempts() ==
        90);
  CHECK(report.intervals(24).volume().outbound().attempts() == 1);
  CHECK(report.day().volume().outbound().refusals() == 1);
}

TEST_CASE("what we call is not among what customers call, and agents' time is with both",
          "[insight][store]") {
  Centre centre;
  centre.Queued(kTen, pb::InteractionFact::SERVED, 10s);
  const auto before = centre.Report();
  const auto attempt = Centre::Ended(centre.Attempt("campaigns/" + testing::SomeId(), kTen), "SOLD");
  auto talk = Talk(centre, attempt);
  auto call = centre.CallOf(attempt, "AGENT_HUNG_UP");
  *call.mutable_answer_time() = ToProto(kTen + 8s);
  centre.Put(attempt, kEnded, kTen + 1min);
  centre.Put(call, std::string(), talk.interaction(), kTen + 1min);
  centre.Put(talk, kTen + 1min);
  const auto report = centre.Report();
  for (const auto* code :
       {"A1", "SL-A", "SL-B", "SL-C", "SL-D", "SL-E", "A2", "A3", "A4", "A5", "B1", "B2", "B5"}) {
    INFO(code);
    CHECK(FigureOf(report.day(), code) == FigureOf(before.day(), code));
  }
  auto inbound = report.day().volume();
  inbound.clear_outbound();
  auto same = before.day().volume();
  same.clear_outbound();
  CHECK(inbound.SerializeAsString() == same.SerializeAsString());
  CHECK(report.day().volume().outbound().calls() == 1);
  CHECK(FigureOf(report.day(), "D5") == Approx(1));
  const auto line = std::find_if(report.agents().begin(), report.agents().end(),
                                 [&](const auto& agent) { return agent.agent() == talk.agent(); });
  REQUIRE(line != report.agents().end());
  CHECK(line->handled() == 0);
  CHECK(line->outbound_handled() == 1);
  CHECK(FigureOf(*line, "O8") == Approx(165));
  CHECK_FALSE(FigureOf(*line, "B1"));
  const auto reconciliation = centre.Reconcile();
  CHECK(reconciliation.calls() == 1);
  CHECK(CountOf(reconciliation, "answered") == 1);
  CHECK(reconciliation.outbound_calls() == 1);
  REQUIRE(reconciliation.outbound_outcomes_size() == 4);
  CHECK(reconciliation.outbound_outcomes(0).outcome() == "connected");
  CHECK(reconciliation.outbound_outcomes(0).count() == 1);
  CHECK(reconciliation.reconciled());
}

TEST_CASE("a dialled call and its attempt are one, or the day does not add up", "[insight][store]") {
  Centre centre;
  const auto attempt = Centre::Ended(centre.Attempt("campaigns/" + testing::SomeId(), kTen), "NO_ANSWER");
  const auto call = centre.CallOf(attempt, "NO_ANSWER");
  SECTION("telephony has not told of the call") {
    centre.Put(attempt, kEnded, kTen);
    CHECK(centre.Reconcile().attempts_without_call() == 1);
    CHECK_FALSE(centre.Reconcile().reconciled());
    centre.Put(call, std::string(), std::string(), kTen);
  }
  SECTION("campaign has not told of the attempt") {
    centre.Put(call, std::string(), std::string(), kTen);
    CHECK(centre.Reconcile().calls_without_attempt() == 1);
    CHECK_FALSE(centre.Reconcile().reconciled());
    centre.Put(attempt, kEnded, kTen);
  }
  SECTION("the call goes on, or names an interaction that has not arrived") {
    centre.Put(attempt, kEnded, kTen);
    auto open = call;
    open.clear_end_time();
    centre.Put(open, std::string(), std::string(), kTen);
    CHECK(centre.Reconcile().outbound_undecided() == 1);
    CHECK_FALSE(centre.Reconcile().outbound_adds_up());
    centre.Put(call, std::string(), "interactions/" + testing::SomeId(), kTen + 1s);
    CHECK(centre.Reconcile().outbound_undecided() == 1);
    CHECK(centre.Reconcile().undecided_calls(0) == call.call());
    centre.Put(call, std::string(), std::string(), kTen + 2s);
  }
  // A call whose token was refused was never dialled and is nobody's attempt.
  auto refused = centre.CallAt(kTen, "NOT_AUTHORISED");
  refused.set_direction(pb::OUTBOUND);
  centre.Put(refused, std::string(), std::string(), kTen);
  const auto reconciliation = centre.Reconcile();
  CHECK(reconciliation.attempts() == 1);
  CHECK(reconciliation.outbound_calls() == 2);
  CHECK(reconciliation.outbound_outcomes(2).outcome() == "not_reached");
  CHECK(reconciliation.outbound_outcomes(2).count() == 1);
  CHECK(reconciliation.outbound_outcomes(3).outcome() == "not_dialled");
  CHECK(reconciliation.outbound_outcomes(3).count() == 1);
  CHECK(reconciliation.reconciled());
}

TEST_CASE("an agent's word says that somebody spoke, even before telephony does", "[insight][store]") {
  Centre centre;
  auto attempt = Centre::Ended(centre.Attempt("campaigns/" + testing::SomeId(), kTen), "SOLD");
  attempt.clear_connect_time();
  centre.Put(attempt, kEnded, kTen);
  const auto total = centre.Report().campaign().total();
  CHECK(FunnelOf(total) == std::vector<std::int64_t>{0, 1, 1, 1, 1});
  CHECK(total.volume().connected() == 1);
  CHECK(total.volume().right_party() == 1);
}

TEST_CASE("a callback is due at its time and kept within the minute", "[insight][store]") {
  Centre centre;
  centre.now = kTen + 5h;
  const std::string campaign = "campaigns/" + testing::SomeId();
  const auto book = [&](TimePoint at) {
    auto booking = Centre::Ended(centre.Attempt(campaign, kTen), "CALLBACK_BOOKED");
    *booking.mutable_next_callback_time() = ToProto(at);
    centre.Put(booking, kEnded, kTen);
    return booking;
  };
  const auto call_back = [&](const pb::AttemptFact& booking, Duration late) {
    auto attempt = centre.Attempt(campaign, FromProto(booking.next_callback_time()) + late);
    attempt.set_target_record(booking.target_record());
    *attempt.mutable_callback_time() = booking.next_callback_time();
    centre.Put(attempt, kDialling, kTen + 4h);
  };
  call_back(book(kTen + 1h), 59s);
  call_back(book(kTen + 1h), 1min);
  call_back(book(kTen + 1h), 1min + 1us);
  book(kTen + 2h);        // forgotten
  book(kTen + 5h + 1us);  // not due yet
  book(kTen + 24h);       // tomorrow's
  auto changed = book(kTen + 1h);
  changed.set_disposition("REFUSED");  // the agent's word was corrected
  changed.clear_next_callback_time();
  centre.Put(changed, kEnded, kTen + 1s);
  const auto report = centre.Report();
  CHECK(report.campaign().total().volume().callbacks_due() == 4);
  CHECK(report.campaign().total().volume().callbacks_kept() == 2);
  CHECK(FigureOf(report.campaign().total(), "O7") == Approx(0.5));
  CHECK(report.intervals(22).volume().outbound().callbacks_due() == 3);
  CHECK(report.intervals(24).volume().outbound().callbacks_due() == 1);
}

TEST_CASE("in whatever order and however often attempts are told, the report is the same",
          "[insight][store]") {
  const auto seed = std::random_device{}();
  std::mt19937 random(seed);
  INFO("seed " << seed);
  const std::vector<std::string> dispositions{"BUSY",      "NO_ANSWER", "ABANDONED", "GATEKEEPER",
                                              "REFUSED",   "HUNG_UP",   "SOLD",      "SEND_MATERIAL",
                                              "COMPLAINT", "VOICEMAIL"};
  const std::set<std::string> nobody{"BUSY", "NO_ANSWER", "VOICEMAIL"};
  const std::set<std::string> interested{"SOLD", "SEND_MATERIAL"};
  for (int run = 0; run < 5; ++run) {
    Centre centre;
    struct Told {
      pb::AttemptFact fact;
      int rank;
      TimePoint as_of;
    };
    std::vector<Told> told;
    std::vector<pb::AttemptFact> last;
    std::vector<pb::CampaignFact> campaigns;
    for (const auto* code : {"a", "b", "c"}) {
      campaigns.push_back(centre.Campaign(code, 10 + static_cast<int>(random() % 50)));
      centre.Put(campaigns.back(), kTen);
    }
    for (int target = 0; target < 30; ++target) {
      const auto first = centre.Attempt(campaigns[random() % 3].campaign(), kTen);
      for (unsigned number = 0; number < 1 + random() % 3; ++number) {
        auto attempt = first;
        attempt.set_attempt("attempts/" + testing::SomeId());
        const TimePoint at = kTen - 10h + Duration{1s} * static_cast<int>(random() % 86400);
        *attempt.mutable_dial_time() = ToProto(at);
        told.push_back({attempt, kDialling, at});
        for (unsigned word = 0; word < random() % 4; ++word) {
          attempt = Centre::Ended(attempt, dispositions[random() % dispositions.size()]);
          told.push_back({attempt, kEnded, at + (word + 1) * 1s});
        }
        last.push_back(attempt);
      }
    }
    const auto count = told.size();
    for (std::size_t i = 0; i < count / 2; ++i) told.push_back(told[random() % count]);
    std::shuffle(told.begin(), told.end(), random);
    REQUIRE(centre.db.Write(centre.Own(), [&](pg::Tx& tx) -> Result<void> {
      for (const auto& one : told) store::Put(tx, one.fact, one.rank, one.as_of);
      return Ok();
    }));

    const auto report = centre.Report();
    std::map<std::string, std::int64_t> attempts, ended, answered, connected, sold;
    std::map<std::string, std::map<std::string, std::int64_t>> by_disposition;
    std::map<std::string, std::array<std::set<std::string>, 4>> funnel;
    for (const auto& attempt : last) {
      const auto& campaign = attempt.campaign();
      const auto& word = attempt.disposition();
      ++attempts[campaign];
      funnel[campaign][0].insert(attempt.target_record());
      if (word.empty()) continue;
      ++ended[campaign];
      ++by_disposition[campaign][word];
      if (!nobody.contains(word)) ++answered[campaign];
      if (!nobody.contains(word) && word != "ABANDONED") {
        ++connected[campaign];
        funnel[campaign][1].insert(attempt.target_record());
      }
      if (interested.contains(word)) funnel[campaign][2].insert(attempt.target_record());
      if (word == "SOLD") {
        ++sold[campaign];
        funnel[campaign][3].insert(attempt.target_record());
      }
    }
    REQUIRE(report.campaign().campaigns_size() == 3);
    for (int i = 0; i < 3; ++i) {
      const auto& line = report.campaign().campaigns(i);
      const auto& name = campaigns[static_cast<std::size_t>(i)].campaign();
      INFO("campaign " << line.code());
      REQUIRE(line.campaign() == name);
      CHECK(line.volume().attempts() == attempts[name]);
      CHECK(line.volume().ended() == ended[name]);
      CHECK(line.volume().answered() == answered[name]);
      CHECK(line.volume().connected() == connected[name]);
      CHECK(line.volume().sold() == sold[name]);
      std::vector<std::int64_t> expected{campaigns[static_cast<std::size_t>(i)].targets()};
      for (const auto& stage : funnel[name]) expected.push_back(static_cast<std::int64_t>(stage.size()));
      CHECK(FunnelOf(line) == expected);
      std::map<std::string, std::int64_t> words(line.dispositions().begin(), line.dispositions().end());
      CHECK(words == by_disposition[name]);
    }
    CHECK(report.day().volume().outbound().attempts() == static_cast<std::int64_t>(last.size()));
    CHECK(report.campaign().total().volume().SerializeAsString() ==
          report.day().volume().outbound().SerializeAsString());
    CHECK(centre.Reconcile().intervals_add_up());
  }
}

TEST_CASE("a sample's plan, its evaluations and what was missing add up", "[insight][store]") {
  Centre centre;
  const std::string plan = "samplePlans/" + testing::SomeId();
  const std::string strong = "agents/" + testing::SomeId();
  const std::string weak = "agents/" + testing::SomeId();
  const auto quota = [&](const std::string& agent, int planned, int drawn) {
    pb::QuotaFact fact;
    fact.set_plan(plan);
    fact.set_client(centre.client);
    fact.set_agent(agent);
    fact.set_planned(planned);
    fact.set_drawn(drawn);
    *fact.mutable_draw_time() = ToProto(kTen);
    return fact;
  };
  auto short_one = quota(weak, 5, 3);
  auto& night = *short_one.add_shortfalls();
  night.set_band("NIGHT");
  night.set_reason("TOO_FEW_ELIGIBLE");
  night.set_count(2);
  centre.Put(quota(strong, 2, 2), kTen);
  centre.Put(short_one, kTen);
  centre.Put(short_one, kTen);
  std::vector<pb::EvaluationFact> drawn;
  for (const auto& agent : {strong, strong, weak, weak, weak}) {
    drawn.push_back(centre.Drawn(plan, agent, kTen));
    if (drawn.size() < 5) centre.Put(drawn.back(), 1, kTen);
  }
  CHECK(centre.Reconcile().evaluations_planned() == 7);
  CHECK(centre.Reconcile().evaluations_drawn() == 4);
  CHECK_FALSE(centre.Reconcile().evaluations_add_up());
  CHECK_FALSE(centre.Reconcile().reconciled());
  centre.Put(drawn[4], 1, kTen);
  CHECK(centre.Reconcile().evaluations_add_up());
  CHECK(centre.Reconcile().reconciled());

  const auto judge = [&](pb::EvaluationFact& fact, int total, TimePoint at) {
    fact.set_state("SCORED");
    fact.set_total(total);
    fact.set_passed(total >= 8500);
    *fact.mutable_score_time() = ToProto(at);
    centre.Put(fact, 2, at);
  };
  judge(drawn[0], 9100, kTen + 1h);
  judge(drawn[1], 8000, kTen + 1h);
  const auto first = drawn[1];
  judge(drawn[1], 9600, kTen + 2h);
  centre.Put(first, 2, kTen + 1h);  // told once more, late
  drawn[1].set_state("PUBLISHED");
  *drawn[1].mutable_publish_time() = ToProto(kTen + 3h);
  centre.Put(drawn[1], 3, kTen + 3h);
  drawn[2].add_vetoes("V1");
  judge(drawn[2], 0, kTen + 1h);
  judge(drawn[3], 7000, kTen + 24h);  // tomorrow's judgement
  const auto report = centre.Report().qa();
  const auto& total = report.total();
  CHECK(total.volume().planned() == 7);
  CHECK(total.volume().drawn() == 5);
  CHECK(total.volume().shortfall() == 2);
  CHECK(total.volume().scored() == 3);
  CHECK(total.volume().passed() == 2);
  CHECK(total.volume().vetoed() == 1);
  CHECK(total.volume().published() == 1);
  CHECK(FigureOf(total, "C2") == Approx((91.0 + 96.0 + 0.0) / 3));
  CHECK(FigureOf(total, "Q1") == Approx(2.0 / 3));
  CHECK(FigureOf(total, "Q2") == Approx(1.0 / 3));
  REQUIRE(report.agents_size() == 2);
  for (const auto& line : report.agents()) {
    CHECK(FigureOf(line, "C2") == Approx(line.agent() == strong ? 93.5 : 0));
    CHECK(line.volume().shortfall() == (line.agent() == strong ? 0 : 2));
  }
  REQUIRE(report.shortfalls_size() == 1);
  CHECK(report.shortfalls(0).band() == "NIGHT");
  CHECK(report.shortfalls(0).count() == 2);
}

TEST_CASE("who does not serve a client is told nothing of its campaigns and evaluations",
          "[insight][store]") {
  Centre centre;
  const auto campaign = centre.Campaign("summer", 5);
  centre.Put(campaign, kTen);
  const auto attempt = centre.Attempt(campaign.campaign(), kTen);
  centre.Put(Centre::Ended(attempt, "SOLD"), kEnded, kTen);
  pb::RefusalFact refusal;
  refusal.set_target_record(attempt.target_record());
  refusal.set_campaign(campaign.campaign());
  refusal.set_refusal("FREQUENCY");
  *refusal.mutable_refuse_time() = ToProto(kTen);
  centre.Put(refusal, testing::SomeId());
  const std::string agent = "agents/" + testing::SomeId();
  centre.Put(centre.Drawn("samplePlans/" + testing::SomeId(), agent, kTen), 1, kTen);
  CHECK(centre.Report().campaign().campaigns(0).volume().refusals() == 1);
  pb::GetDayReportRequest in;
  in.set_date("2026-04-02");
  const std::vector<Call> strangers{testing::CallOf(centre.tenant, {testing::SomeId()}),
                                    testing::CallOf(testing::SomeId(), {centre.client.substr(8)})};
  for (Call stranger : strangers) {
    stranger.now = centre.now;
    const auto report = api::GetDayReport(stranger, centre.deps, in).value();
    CHECK(report.campaign().campaigns().empty());
    CHECK(report.day().volume().outbound().refusals() == 0);
    CHECK(report.qa().agents().empty());
  }
  auto own = centre.By();
  in.set_client("clients/" + testing::SomeId());
  CHECK(api::GetDayReport(own, centre.deps, in).value().campaign().campaigns().empty());
  in.set_client(centre.client);
  CHECK(api::GetDayReport(own, centre.deps, in).value().campaign().campaigns_size() == 1);
  in.set_queue("queues/" + testing::SomeId());
  CHECK_FALSE(api::GetDayReport(own, centre.deps, in).value().has_campaign());
}

}  // namespace
}  // namespace carillon::insight
