#include "qa/domain/plan.hpp"

#include <algorithm>
#include <set>

#include "base/check.hpp"
#include "base/proto_time.hpp"
#include "qa/domain/errors.hpp"

namespace carillon::qa::domain {
namespace {

// Domain qa.md R1, R5, R7, R8 and §6 (sold calls).
constexpr int kTargetCount = 30;
constexpr int kTargetMinutes = 105;
constexpr int kFocusCount = 40;
constexpr int kSteadyCount = 10;
constexpr int kSoldPercent = 20;
constexpr std::size_t kFocusPercent = 20;
constexpr std::size_t kSteadyPercent = 10;
constexpr std::chrono::days kLongest{92};

using Plan = pb::SamplePlan;

calendar::Date DateOf(const google::type::Date& date) {
  return std::chrono::year{date.year()} / std::chrono::month{static_cast<unsigned>(date.month())} /
         std::chrono::day{static_cast<unsigned>(date.day())};
}

void FillDefaults(Plan& plan) {
  if (plan.target_count() == 0) plan.set_target_count(kTargetCount);
  if (plan.target_minutes() == 0) plan.set_target_minutes(kTargetMinutes);
  if (plan.focus_count() == 0) plan.set_focus_count(kFocusCount);
  if (!plan.has_steady_count()) plan.set_steady_count(kSteadyCount);
  if (!plan.has_sold_percent()) plan.set_sold_percent(kSoldPercent);
  if (!plan.has_time_shares()) {
    plan.mutable_time_shares()->set_peak(60);
    plan.mutable_time_shares()->set_off_peak(20);
    plan.mutable_time_shares()->set_night(20);
  }
  if (!plan.has_length_shares()) {
    plan.mutable_length_shares()->set_over_long(20);
    plan.mutable_length_shares()->set_over_short(20);
    plan.mutable_length_shares()->set_ordinary(60);
  }
}

int CountOf(const Plan& plan, Plan::Tier tier) {
  switch (tier) {
    case Plan::FOCUS:
      return plan.focus_count();
    case Plan::STEADY:
      return plan.steady_count();
    case Plan::EXEMPT:
      return 0;
    default:
      return plan.target_count();
  }
}

Plan::AgentQuota QuotaOf(const Plan& plan, const std::string& agent, Plan::Tier tier) {
  Plan::AgentQuota quota;
  quota.set_agent(agent);
  quota.set_tier(tier);
  quota.set_planned(CountOf(plan, tier));
  return quota;
}

void SortByAgent(Plan& plan) {
  std::sort(plan.mutable_quotas()->begin(), plan.mutable_quotas()->end(),
            [](const auto& a, const auto& b) { return a.agent() < b.agent(); });
}

/// Gives the tier to so many of `ranked` who have none yet, from its beginning, that `percent` of all have
/// it.
template <class Ranked>
void Rank(std::map<std::string, Plan::Tier>& tiers, const Ranked& ranked, Plan::Tier tier,
          std::size_t percent) {
  auto have = static_cast<std::size_t>(
      std::count_if(tiers.begin(), tiers.end(), [&](const auto& entry) { return entry.second == tier; }));
  const auto wanted = tiers.size() * percent / 100;
  for (const auto& [score, agent] : ranked) {
    if (have >= wanted) return;
    auto& now = tiers.at(agent);
    if (now != Plan::TIER_UNSPECIFIED) continue;
    now = tier;
    ++have;
  }
}

}  // namespace

Result<Plan> CheckedPlan(const Plan& plan, const std::string& time_zone, const std::string& seed) {
  Plan out = plan;
  FillDefaults(out);
  if (out.time_zone().empty()) out.set_time_zone(time_zone);
  if (out.seed().empty()) out.set_seed(seed);
  std::vector<Violation> wrong;
  const auto first = DateOf(out.start_date());
  const auto last = DateOf(out.end_date());
  if (!first.ok()) wrong.push_back({"sample_plan.start_date", "is no day"});
  if (!last.ok()) {
    wrong.push_back({"sample_plan.end_date", "is no day"});
  } else if (first.ok()) {
    const auto days = std::chrono::sys_days{last} - std::chrono::sys_days{first};
    if (days.count() < 0) wrong.push_back({"sample_plan.end_date", "is before start_date"});
    if (days >= kLongest) wrong.push_back({"sample_plan.end_date", "makes more than 92 days"});
  }
  if (!calendar::TimeZone::Load(out.time_zone())) wrong.push_back({"sample_plan.time_zone", "is unknown"});
  const auto& time = out.time_shares();
  if (time.peak() + time.off_peak() + time.night() != 100)
    wrong.push_back({"sample_plan.time_shares", "do not add up to 100"});
  const auto& length = out.length_shares();
  if (length.over_long() + length.over_short() + length.ordinary() != 100)
    wrong.push_back({"sample_plan.length_shares", "do not add up to 100"});
  std::set<std::string> agents;
  for (int i = 0; i < out.members_size(); ++i) {
    if (!agents.insert(out.members(i).agent()).second)
      wrong.push_back({"sample_plan.members[" + std::to_string(i) + "].agent", "is named twice"});
  }
  if (!wrong.empty()) return errors::PlanInvalid(std::move(wrong));
  return out;
}

Plan CreatedPlan(const Plan& wish, const std::string& author, TimePoint now) {
  Plan plan = wish;
  plan.set_state(Plan::DRAFT);
  plan.clear_quotas();
  plan.set_owner_user(author);
  *plan.mutable_create_time() = *plan.mutable_update_time() = ToProto(now);
  return plan;
}

Result<Plan> UpdatedPlan(const Plan& before, Plan patched, TimePoint now) {
  if (before.state() != Plan::DRAFT) return errors::PlanState(before);
  patched.set_name(before.name());
  patched.set_etag(before.etag());
  patched.set_client(before.client());
  patched.set_state(before.state());
  patched.clear_quotas();
  patched.set_owner_unit(before.owner_unit());
  patched.set_owner_user(before.owner_user());
  *patched.mutable_create_time() = before.create_time();
  *patched.mutable_update_time() = ToProto(now);
  return patched;
}

Span SpanOf(const Plan& plan) {
  const auto zone = calendar::TimeZone::Load(plan.time_zone());
  CARILLON_CHECK(zone.has_value());
  const calendar::Date after{std::chrono::sys_days{DateOf(plan.end_date())} + std::chrono::days{1}};
  return {zone->ToUtc(DateOf(plan.start_date()), {}), zone->ToUtc(after, {})};
}

Span RankedSpan(const Plan& plan) {
  const auto begin = SpanOf(plan).begin;
  return {begin - kLongest, begin};
}

Result<Plan> Opened(const Plan& before, const std::vector<std::string>& agents,
                    const std::vector<pb::AgentScore>& scores, TimePoint now) {
  if (before.state() != Plan::DRAFT) return errors::PlanState(before);
  std::map<std::string, Plan::Tier> tiers;
  for (const auto& agent : agents) tiers[agent] = Plan::TIER_UNSPECIFIED;
  for (const auto& member : before.members()) tiers[member.agent()] = member.tier();
  std::map<std::string, int> averages;
  std::set<std::pair<int, std::string>> weakest;
  std::set<std::pair<int, std::string>> best;
  for (const auto& score : scores) {
    if (!tiers.contains(score.agent())) continue;
    averages[score.agent()] = score.average();
    weakest.emplace(score.average(), score.agent());
    best.emplace(-score.average(), score.agent());
  }
  Rank(tiers, weakest, Plan::FOCUS, kFocusPercent);
  Rank(tiers, best, Plan::STEADY, kSteadyPercent);
  Plan plan = before;
  for (const auto& [agent, tier] : tiers) {
    auto& quota = *plan.add_quotas();
    quota = QuotaOf(plan, agent, tier == Plan::TIER_UNSPECIFIED ? Plan::ORDINARY : tier);
    if (const auto average = averages.find(agent); average != averages.end())
      quota.set_ranked_average(average->second);
  }
  plan.set_state(Plan::OPEN);
  *plan.mutable_update_time() = ToProto(now);
  return plan;
}

Plan Joined(const Plan& before, const std::vector<std::string>& agents) {
  Plan plan = before;
  if (!plan.members().empty()) return plan;
  std::set<std::string> have;
  for (const auto& quota : plan.quotas()) have.insert(quota.agent());
  for (const auto& agent : agents) {
    if (have.insert(agent).second) *plan.add_quotas() = QuotaOf(plan, agent, Plan::ORDINARY);
  }
  SortByAgent(plan);
  return plan;
}

Plan AfterDraw(const Plan& before, TimePoint now) {
  Plan plan = before;
  const bool all = std::all_of(plan.quotas().begin(), plan.quotas().end(),
                               [](const auto& quota) { return quota.has_draw_time(); });
  if (all) plan.set_state(Plan::DRAWN);
  *plan.mutable_update_time() = ToProto(now);
  return plan;
}

Result<Plan> ClosedPlan(const Plan& before, TimePoint now) {
  if (before.state() != Plan::OPEN && before.state() != Plan::DRAWN) return errors::PlanState(before);
  Plan plan = before;
  plan.set_state(Plan::CLOSED);
  *plan.mutable_update_time() = ToProto(now);
  return plan;
}

const Plan::ScorecardUse* UseFor(const Plan& plan, const pb::Evaluation& conversation) {
  for (const auto& use : plan.scorecards()) {
    if (use.direction() != pb::DIRECTION_UNSPECIFIED && use.direction() != conversation.direction()) continue;
    if (!use.queue().empty() && use.queue() != conversation.queue()) continue;
    return &use;
  }
  return nullptr;
}

}  // namespace carillon::qa::domain
