#include "qa/domain/sample.hpp"

#include <algorithm>
#include <array>
#include <map>
#include <tuple>

#include "base/proto_time.hpp"
#include "qa/domain/allocation.hpp"

namespace carillon::qa::domain {
namespace {

constexpr int kMostSamples = 40;

using Quota = pb::SamplePlan::AgentQuota;

std::uint64_t SplitMix64(std::uint64_t state) {
  state += 0x9e3779b97f4a7c15ULL;
  state = (state ^ (state >> 30U)) * 0xbf58476d1ce4e5b9ULL;
  state = (state ^ (state >> 27U)) * 0x94d049bb133111ebULL;
  return state ^ (state >> 31U);
}

std::size_t RowOf(const pb::Evaluation& conversation) {
  return static_cast<std::size_t>(conversation.time_band()) - 1;
}
std::size_t ColumnOf(const pb::Evaluation& conversation) {
  return static_cast<std::size_t>(conversation.length_band()) - 1;
}

/// Sales are looked for where we called.
bool IsSale(const pb::Evaluation& conversation) {
  return conversation.sold() && conversation.direction() == pb::OUTBOUND;
}

/// Talk an agent's sample should come to, in microseconds; 0 = none.
Duration TalkGoal(const pb::SamplePlan& plan, const Quota& quota) {
  const Duration whole = std::chrono::minutes{plan.target_minutes()};
  switch (quota.tier()) {
    case pb::SamplePlan::ORDINARY:
    case pb::SamplePlan::FOCUS:
      return whole;
    case pb::SamplePlan::STEADY:
      return whole * quota.planned() / plan.target_count();
    default:
      return Duration::zero();
  }
}

/// The tier's number, raised while the average talk does not make the minutes, at most to 40 (domain README:
/// count and minutes are goals; where both cannot be had, minutes yield).
int PlannedCount(const pb::SamplePlan& plan, const Quota& quota, const std::vector<pb::Evaluation>& frame) {
  int count = quota.planned();
  if (quota.tier() != pb::SamplePlan::ORDINARY && quota.tier() != pb::SamplePlan::FOCUS) return count;
  Duration talk{};
  for (const auto& conversation : frame) talk += FromProto(conversation.talk_duration());
  const auto goal = TalkGoal(plan, quota) * static_cast<std::int64_t>(frame.size());
  while (count < kMostSamples && talk * count < goal) ++count;
  return count;
}

/// What is wanted of one band, against what there is and what came of it.
void AddBand(Quota& quota, pb::SamplePlan::BandQuota band, int planned, int eligible, int drawn) {
  band.set_planned(planned);
  band.set_eligible(eligible);
  band.set_drawn(drawn);
  band.set_borrowed(std::max(0, drawn - planned));
  if (drawn < planned) {
    band.set_shortfall(drawn == eligible ? pb::SamplePlan::BandQuota::TOO_FEW_ELIGIBLE
                                         : pb::SamplePlan::BandQuota::OTHER_BANDS);
  }
  *quota.add_bands() = std::move(band);
}

int RowSum(const Grid& grid, std::size_t row) { return grid[row][0] + grid[row][1] + grid[row][2]; }
int ColumnSum(const Grid& grid, std::size_t column) {
  return grid[0][column] + grid[1][column] + grid[2][column];
}

Wanted WantedOf(const pb::SamplePlan& plan, int count, const Grid& there, const Grid& sold) {
  Wanted wanted;
  wanted.count = count;
  const auto& time = plan.time_shares();
  // Who did not work at night is not asked for it (R7); its share goes to the day, if the day has any.
  const bool nights = RowSum(there, 2) > 0 || time.peak() + time.off_peak() == 0;
  wanted.time = Split(count, {time.peak(), time.off_peak(), nights ? time.night() : 0});
  const auto& length = plan.length_shares();
  wanted.length = Split(count, {length.over_long(), length.over_short(), length.ordinary()});
  wanted.sold = std::min(count, (SumOf(sold) * plan.sold_percent() + 99) / 100);
  return wanted;
}

}  // namespace

std::uint64_t DrawKey(std::string_view seed, std::string_view interaction) {
  std::uint64_t state = 0;
  const auto take = [&state](std::string_view text) {
    for (const char c : text) state = SplitMix64(state ^ static_cast<unsigned char>(c));
  };
  take(seed);
  take("/");
  take(interaction);
  return state;
}

Sample Drawn(const pb::SamplePlan& plan, const Quota& quota, const std::vector<pb::Evaluation>& frame) {
  Sample out;
  out.quota = quota;
  out.quota.set_planned(PlannedCount(plan, quota, frame));
  out.quota.set_eligible(static_cast<int>(frame.size()));
  Grid there{};
  Grid sold{};
  for (const auto& conversation : frame) {
    ++there[RowOf(conversation)][ColumnOf(conversation)];
    sold[RowOf(conversation)][ColumnOf(conversation)] += IsSale(conversation) ? 1 : 0;
  }
  const auto wanted = WantedOf(plan, out.quota.planned(), there, sold);
  const auto allocated = Allocated(wanted, there, sold);
  const auto of_sold = SoldPart(wanted, allocated, there, sold);
  const bool by_sale = wanted.sold > 0;

  using Stratum = std::tuple<std::size_t, std::size_t, bool>;
  std::map<Stratum, std::vector<std::tuple<std::uint64_t, std::string_view, std::size_t>>> strata;
  for (std::size_t i = 0; i < frame.size(); ++i) {
    strata[{RowOf(frame[i]), ColumnOf(frame[i]), by_sale && IsSale(frame[i])}].emplace_back(
        DrawKey(plan.seed(), frame[i].interaction()), frame[i].interaction(), i);
  }
  Duration talk{};
  for (auto& [stratum, members] : strata) {
    const auto [row, column, sale] = stratum;
    const int part = by_sale ? of_sold[row][column] : 0;
    const int count = sale ? part : allocated[row][column] - part;
    std::sort(members.begin(), members.end());
    for (int i = 0; i < count; ++i) {
      auto& chosen = out.chosen.emplace_back(frame[std::get<2>(members[static_cast<std::size_t>(i)])]);
      chosen.set_stratum_drawn(count);
      chosen.set_stratum_size(static_cast<int>(members.size()));
      chosen.set_inclusion_probability(static_cast<double>(count) / static_cast<double>(members.size()));
      talk += FromProto(chosen.talk_duration());
    }
  }
  std::sort(out.chosen.begin(), out.chosen.end(), [](const auto& a, const auto& b) {
    return std::make_tuple(FromProto(a.interaction_end_time()), std::string_view(a.interaction())) <
           std::make_tuple(FromProto(b.interaction_end_time()), std::string_view(b.interaction()));
  });

  out.quota.set_drawn(static_cast<int>(out.chosen.size()));
  *out.quota.mutable_talk_duration() = ToProto(talk);
  if (const auto goal = TalkGoal(plan, quota); talk < goal)
    *out.quota.mutable_talk_shortfall() = ToProto(goal - talk);
  for (const auto band : {pb::PEAK, pb::OFF_PEAK, pb::NIGHT}) {
    pb::SamplePlan::BandQuota line;
    line.set_time_band(band);
    const auto row = static_cast<std::size_t>(band) - 1;
    AddBand(out.quota, line, wanted.time[row], RowSum(there, row), RowSum(allocated, row));
  }
  for (const auto band : {pb::LONG, pb::SHORT, pb::NORMAL}) {
    pb::SamplePlan::BandQuota line;
    line.set_length_band(band);
    const auto column = static_cast<std::size_t>(band) - 1;
    AddBand(out.quota, line, wanted.length[column], ColumnSum(there, column), ColumnSum(allocated, column));
  }
  if (by_sale) {
    pb::SamplePlan::BandQuota line;
    line.set_sold(true);
    AddBand(out.quota, line, wanted.sold, SumOf(sold), SumOf(of_sold));
    out.quota.mutable_bands()->rbegin()->set_borrowed(0);
  }
  return out;
}

}  // namespace carillon::qa::domain
