#include "qa/domain/plan.hpp"

#include <algorithm>
#include <catch2/catch.hpp>
#include <numeric>

namespace carillon::qa::domain {
namespace {

using namespace std::chrono_literals;
using Plan = pb::SamplePlan;

const TimePoint kNow{std::chrono::sys_days{std::chrono::year{2026} / 3 / 1}};

void SetDate(google::type::Date& date, int year, int month, int day) {
  date.set_year(year);
  date.set_month(month);
  date.set_day(day);
}

Plan March() {
  Plan plan;
  plan.set_display_name("三月");
  SetDate(*plan.mutable_start_date(), 2026, 3, 1);
  SetDate(*plan.mutable_end_date(), 2026, 3, 31);
  plan.add_scorecards()->set_scorecard("scorecards/a");
  return plan;
}

Plan Checked(const Plan& plan) { return CheckedPlan(plan, "Asia/Shanghai", "seed-1").value(); }

std::string Agent(int number) {
  return "agents/0198aaaa-0000-7000-8000-0000000" + std::to_string(10000 + number);
}

/// Numbers 1 to `count`, each with an average of its number in points.
std::vector<pb::AgentScore> Scores(int count) {
  std::vector<pb::AgentScore> scores;
  for (int i = 1; i <= count; ++i) {
    auto& score = scores.emplace_back();
    score.set_agent(Agent(i));
    score.set_average(i * 100);
  }
  return scores;
}
std::vector<std::string> Agents(int count) {
  std::vector<std::string> agents;
  for (int i = 1; i <= count; ++i) agents.push_back(Agent(i));
  return agents;
}
int CountOf(const Plan& plan, Plan::Tier tier) {
  return static_cast<int>(std::count_if(plan.quotas().begin(), plan.quotas().end(),
                                        [&](const auto& quota) { return quota.tier() == tier; }));
}

TEST_CASE("a plan is filled with the trade's numbers", "[qa][plan]") {
  const auto plan = Checked(March());
  CHECK(plan.target_count() == 30);
  CHECK(plan.target_minutes() == 105);
  CHECK(plan.focus_count() == 40);
  CHECK(plan.steady_count() == 10);
  CHECK(plan.sold_percent() == 20);
  CHECK(plan.time_shares().peak() == 60);
  CHECK(plan.length_shares().over_long() == 20);
  CHECK(plan.time_zone() == "Asia/Shanghai");
  CHECK(plan.seed() == "seed-1");
}

TEST_CASE("a plan that contradicts itself is refused with every bad field", "[qa][plan]") {
  auto plan = March();
  SetDate(*plan.mutable_end_date(), 2026, 2, 28);
  plan.set_time_zone("Asia/Nowhere");
  plan.mutable_time_shares()->set_peak(99);
  plan.mutable_length_shares()->set_ordinary(101);
  plan.add_members()->set_agent(Agent(1));
  plan.add_members()->set_agent(Agent(1));
  const auto refused = CheckedPlan(plan, "Asia/Shanghai", "s");
  REQUIRE_FALSE(refused);
  CHECK(refused.error().reason == "SAMPLE_PLAN_INVALID");
  std::vector<std::string> fields;
  for (const auto& violation : refused.error().violations) fields.push_back(violation.field);
  CHECK(fields == std::vector<std::string>{"sample_plan.end_date", "sample_plan.time_zone",
                                           "sample_plan.time_shares", "sample_plan.length_shares",
                                           "sample_plan.members[1].agent"});
  SetDate(*plan.mutable_start_date(), 2026, 2, 30);
  CHECK(CheckedPlan(plan, "", "").error().violations.front().field == "sample_plan.start_date");
}

TEST_CASE("a plan covers at most 92 days", "[qa][plan]") {
  auto plan = March();
  SetDate(*plan.mutable_end_date(), 2026, 5, 31);
  CHECK(CheckedPlan(plan, "Asia/Shanghai", "s"));
  SetDate(*plan.mutable_end_date(), 2026, 6, 1);
  CHECK_FALSE(CheckedPlan(plan, "Asia/Shanghai", "s"));
}

TEST_CASE("the days of a plan are those of its zone", "[qa][plan]") {
  const auto span = SpanOf(Checked(March()));
  CHECK(span.begin == TimePoint{std::chrono::sys_days{std::chrono::year{2026} / 3 / 1}} - 8h);
  CHECK(span.end - span.begin == 31 * 24h);
  CHECK(RankedSpan(Checked(March())).end == span.begin);
}

TEST_CASE("March of forty: 28 get 30, the 8 weakest 40, the 4 best 10 (A1)", "[qa][plan]") {
  const auto plan =
      Opened(CreatedPlan(Checked(March()), "users/m", kNow), Agents(40), Scores(40), kNow).value();
  CHECK(CountOf(plan, Plan::ORDINARY) == 28);
  CHECK(CountOf(plan, Plan::FOCUS) == 8);
  CHECK(CountOf(plan, Plan::STEADY) == 4);
  const int all = std::accumulate(plan.quotas().begin(), plan.quotas().end(), 0,
                                  [](int sum, const auto& quota) { return sum + quota.planned(); });
  CHECK(all == 28 * 30 + 8 * 40 + 4 * 10);
  CHECK(plan.quotas(0).agent() == Agent(1));
  CHECK(plan.quotas(0).tier() == Plan::FOCUS);
  CHECK(plan.quotas(7).tier() == Plan::FOCUS);
  CHECK(plan.quotas(8).tier() == Plan::ORDINARY);
  CHECK(plan.quotas(39).tier() == Plan::STEADY);
  CHECK(plan.quotas(39).ranked_average() == 4000);
  CHECK(plan.state() == Plan::OPEN);
}

TEST_CASE("a tier that is given stands, and counts", "[qa][plan]") {
  auto wish = March();
  for (int i = 1; i <= 10; ++i) wish.add_members()->set_agent(Agent(i));
  wish.mutable_members(9)->set_tier(Plan::EXEMPT);  // 张静, three months among the best
  wish.mutable_members(4)->set_tier(Plan::FOCUS);
  const auto plan = Opened(CreatedPlan(Checked(wish), "users/m", kNow), Agents(10), Scores(10), kNow).value();
  CHECK(plan.quotas(9).tier() == Plan::EXEMPT);
  CHECK(plan.quotas(9).planned() == 0);
  CHECK(plan.quotas(4).tier() == Plan::FOCUS);
  CHECK(plan.quotas(0).tier() == Plan::FOCUS);
  CHECK(plan.quotas(1).tier() == Plan::ORDINARY);
  CHECK(plan.quotas(8).tier() == Plan::STEADY);
  // Who joins later is not asked for in a plan that names its members.
  CHECK(Joined(plan, Agents(12)).quotas_size() == 10);
}

TEST_CASE("who was never judged is ordinary, and newcomers join", "[qa][plan]") {
  const auto plan = Opened(CreatedPlan(Checked(March()), "users/m", kNow), Agents(10), {}, kNow).value();
  CHECK(CountOf(plan, Plan::ORDINARY) == 10);
  CHECK_FALSE(plan.quotas(0).has_ranked_average());
  const auto joined = Joined(plan, {Agent(3), Agent(0)});
  REQUIRE(joined.quotas_size() == 11);
  CHECK(joined.quotas(0).agent() == Agent(0));
  CHECK(joined.quotas(0).planned() == 30);
}

TEST_CASE("a plan changes as a draft and opens once", "[qa][plan]") {
  const auto draft = CreatedPlan(Checked(March()), "users/m", kNow);
  auto patched = draft;
  patched.set_client("clients/other");
  patched.set_state(Plan::DRAWN);
  patched.set_display_name("三月（新）");
  const auto updated = UpdatedPlan(draft, patched, kNow).value();
  CHECK(updated.display_name() == "三月（新）");
  CHECK(updated.client() == draft.client());
  CHECK(updated.state() == Plan::DRAFT);
  const auto open = Opened(draft, Agents(2), {}, kNow).value();
  CHECK(UpdatedPlan(open, patched, kNow).error().reason == "SAMPLE_PLAN_STATE");
  CHECK(Opened(open, {}, {}, kNow).error().reason == "SAMPLE_PLAN_STATE");
  CHECK(ClosedPlan(draft, kNow).error().reason == "SAMPLE_PLAN_STATE");
  CHECK(AfterDraw(open, kNow).state() == Plan::OPEN);
  auto drawn = open;
  for (auto& quota : *drawn.mutable_quotas()) quota.mutable_draw_time();
  CHECK(AfterDraw(drawn, kNow).state() == Plan::DRAWN);
  CHECK(ClosedPlan(open, kNow)->state() == Plan::CLOSED);
}

TEST_CASE("the first use that fits says which sheet judges", "[qa][plan]") {
  Plan plan;
  auto* complaints = plan.add_scorecards();
  complaints->set_queue("queues/complaints");
  auto* sales = plan.add_scorecards();
  sales->set_direction(pb::OUTBOUND);
  pb::Evaluation conversation;
  conversation.set_queue("queues/complaints");
  conversation.set_direction(pb::OUTBOUND);
  CHECK(UseFor(plan, conversation) == &plan.scorecards(0));
  conversation.set_queue("queues/sales");
  CHECK(UseFor(plan, conversation) == &plan.scorecards(1));
  conversation.set_direction(pb::INBOUND);
  CHECK(UseFor(plan, conversation) == nullptr);
}

}  // namespace
}  // namespace carillon::qa::domain
