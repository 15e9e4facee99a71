#include "qa/domain/sample.hpp"

#include <algorithm>
#include <catch2/catch.hpp>
#include <cmath>
#include <map>
#include <random>
#include <set>
#include <tuple>

#include "base/proto_time.hpp"
#include "qa/domain/plan.hpp"

namespace carillon::qa::domain {
namespace {

using namespace std::chrono_literals;
using Plan = pb::SamplePlan;
using BandQuota = Plan::BandQuota;

const TimePoint kMarch{std::chrono::sys_days{std::chrono::year{2026} / 3 / 2}};

std::string Interaction(int number) {
  const auto digits = std::to_string(1'000'000 + number);
  return "interactions/0198aaaa-0000-7000-8000-00000" + digits;
}

Plan PlanWith(const std::string& seed) {
  Plan plan;
  plan.mutable_start_date()->set_year(2026);
  plan.mutable_start_date()->set_month(3);
  plan.mutable_start_date()->set_day(1);
  *plan.mutable_end_date() = plan.start_date();
  plan.set_seed(seed);
  return CheckedPlan(plan, "Asia/Shanghai", "").value();
}

Plan::AgentQuota QuotaOf(Plan::Tier tier, int planned) {
  Plan::AgentQuota quota;
  quota.set_agent("agents/a");
  quota.set_tier(tier);
  quota.set_planned(planned);
  return quota;
}

pb::Evaluation Conversation(int number, pb::TimeBand time, pb::LengthBand length, Duration talk = 210s) {
  pb::Evaluation conversation;
  conversation.set_interaction(Interaction(number));
  conversation.set_direction(pb::INBOUND);
  conversation.set_time_band(time);
  conversation.set_length_band(length);
  *conversation.mutable_talk_duration() = ToProto(talk);
  *conversation.mutable_interaction_end_time() = ToProto(kMarch + std::chrono::minutes{number});
  return conversation;
}

/// So many of each band, ten of each hundred sold.
std::vector<pb::Evaluation> Frame(const std::array<std::array<int, 3>, 3>& sizes, Duration talk = 210s) {
  std::vector<pb::Evaluation> frame;
  for (int t = 0; t < 3; ++t) {
    for (int l = 0; l < 3; ++l) {
      for (int i = 0; i < sizes[static_cast<std::size_t>(t)][static_cast<std::size_t>(l)]; ++i)
        frame.push_back(Conversation(static_cast<int>(frame.size()), static_cast<pb::TimeBand>(t + 1),
                                     static_cast<pb::LengthBand>(l + 1), talk));
    }
  }
  return frame;
}

std::vector<std::string> Names(const Sample& sample) {
  std::vector<std::string> names;
  for (const auto& chosen : sample.chosen) names.push_back(chosen.interaction());
  return names;
}

const BandQuota& BandOf(const Sample& sample, pb::TimeBand band) {
  for (const auto& line : sample.quota.bands()) {
    if (line.band_case() == BandQuota::kTimeBand && line.time_band() == band) return line;
  }
  throw std::logic_error("no such band");
}
const BandQuota& BandOf(const Sample& sample, pb::LengthBand band) {
  for (const auto& line : sample.quota.bands()) {
    if (line.band_case() == BandQuota::kLengthBand && line.length_band() == band) return line;
  }
  throw std::logic_error("no such band");
}

TEST_CASE("the order of the draw is the documented one", "[qa][sample]") {
  // Computed apart, by a few lines of Python over the words of the header.
  CHECK(DrawKey("march-2026", "interactions/0198aaaa-0000-7000-8000-000000000001") == 0x1574b8f3ba68b21fULL);
  CHECK(DrawKey("", "interactions/0198aaaa-0000-7000-8000-000000000002") == 0xbd3d7e7c0c9dead3ULL);
}

TEST_CASE("the same plan, seed and conversations give the same sample in any order", "[qa][sample]") {
  auto frame = Frame({{{12, 9, 80}, {7, 5, 40}, {4, 6, 20}}});
  const auto first = Drawn(PlanWith("march"), QuotaOf(Plan::ORDINARY, 30), frame);
  CHECK(first.chosen.size() == 30);
  std::mt19937 random(3);
  for (int round = 0; round < 5; ++round) {
    std::shuffle(frame.begin(), frame.end(), random);
    const auto again = Drawn(PlanWith("march"), QuotaOf(Plan::ORDINARY, 30), frame);
    CHECK(Names(again) == Names(first));
    CHECK(again.quota.SerializeAsString() == first.quota.SerializeAsString());
  }
  CHECK(Names(Drawn(PlanWith("april"), QuotaOf(Plan::ORDINARY, 30), frame)) != Names(first));
}

TEST_CASE("the example of the trade: thirty calls, both splits met, 105 minutes", "[qa][sample]") {
  const auto sample = Drawn(PlanWith("march"), QuotaOf(Plan::ORDINARY, 30),
                            Frame({{{20, 20, 160}, {10, 10, 80}, {8, 8, 60}}}));
  CHECK(sample.quota.drawn() == 30);
  CHECK(sample.quota.eligible() == 376);
  CHECK(BandOf(sample, pb::PEAK).drawn() == 18);
  CHECK(BandOf(sample, pb::OFF_PEAK).drawn() == 6);
  CHECK(BandOf(sample, pb::NIGHT).drawn() == 6);
  CHECK(BandOf(sample, pb::LONG).drawn() == 6);
  CHECK(BandOf(sample, pb::SHORT).drawn() == 6);
  CHECK(BandOf(sample, pb::NORMAL).drawn() == 18);
  CHECK(FromProto(sample.quota.talk_duration()) == 105min);
  CHECK_FALSE(sample.quota.has_talk_shortfall());
  for (const auto& line : sample.quota.bands()) CHECK(line.shortfall() == BandQuota::SHORTFALL_UNSPECIFIED);
}

TEST_CASE("who never worked at night is not asked for it (A9)", "[qa][sample]") {
  const auto sample = Drawn(PlanWith("march"), QuotaOf(Plan::ORDINARY, 30),
                            Frame({{{20, 20, 160}, {10, 10, 80}, {0, 0, 0}}}));
  CHECK(sample.quota.drawn() == 30);
  CHECK(BandOf(sample, pb::NIGHT).planned() == 0);
  CHECK(BandOf(sample, pb::PEAK).planned() == 23);
  CHECK(BandOf(sample, pb::OFF_PEAK).planned() == 7);
  CHECK(BandOf(sample, pb::NIGHT).shortfall() == BandQuota::SHORTFALL_UNSPECIFIED);
}

TEST_CASE("short bands borrow from normal, and it is told", "[qa][sample]") {
  const auto sample =
      Drawn(PlanWith("march"), QuotaOf(Plan::ORDINARY, 30), Frame({{{1, 20, 160}, {1, 10, 80}, {0, 8, 60}}}));
  CHECK(sample.quota.drawn() == 30);
  CHECK(BandOf(sample, pb::LONG).drawn() == 2);
  CHECK(BandOf(sample, pb::LONG).shortfall() == BandQuota::TOO_FEW_ELIGIBLE);
  CHECK(BandOf(sample, pb::NORMAL).borrowed() == 4);
  CHECK(BandOf(sample, pb::SHORT).borrowed() == 0);
}

TEST_CASE("a split that another one leaves no room for is told so", "[qa][sample]") {
  // All long ones were at night, where two are wanted.
  const auto sample =
      Drawn(PlanWith("march"), QuotaOf(Plan::STEADY, 10), Frame({{{0, 10, 50}, {0, 10, 50}, {9, 0, 0}}}));
  CHECK(sample.quota.drawn() == 10);
  CHECK(BandOf(sample, pb::LONG).drawn() == 2);
  CHECK(BandOf(sample, pb::NIGHT).drawn() == 2);
  // Long and short ones were only at night: two of the four that are wanted, or two too many at night.
  const auto torn =
      Drawn(PlanWith("march"), QuotaOf(Plan::STEADY, 10), Frame({{{0, 0, 50}, {0, 0, 50}, {9, 9, 0}}}));
  CHECK(torn.quota.drawn() == 10);
  int missing = 0;
  for (const auto& line : torn.quota.bands()) {
    if (line.shortfall() == BandQuota::SHORTFALL_UNSPECIFIED) continue;
    CHECK(line.shortfall() == BandQuota::OTHER_BANDS);
    missing += line.planned() - line.drawn();
  }
  CHECK(missing == 2);
}

TEST_CASE("short talk asks for more calls, and what forty cannot make is reported", "[qa][sample]") {
  const std::array<std::array<int, 3>, 3> plenty{{{20, 20, 160}, {10, 10, 80}, {8, 8, 60}}};
  const auto more = Drawn(PlanWith("march"), QuotaOf(Plan::ORDINARY, 30), Frame(plenty, 180s));
  CHECK(more.quota.planned() == 35);
  CHECK(more.quota.drawn() == 35);
  CHECK_FALSE(more.quota.has_talk_shortfall());
  const auto yields = Drawn(PlanWith("march"), QuotaOf(Plan::ORDINARY, 30), Frame(plenty, 60s));
  CHECK(yields.quota.drawn() == 40);
  CHECK(FromProto(yields.quota.talk_shortfall()) == 65min);
  const auto steady = Drawn(PlanWith("march"), QuotaOf(Plan::STEADY, 10), Frame(plenty, 60s));
  CHECK(steady.quota.drawn() == 10);
  CHECK(FromProto(steady.quota.talk_shortfall()) == 25min);
  const auto exempt = Drawn(PlanWith("march"), QuotaOf(Plan::EXEMPT, 0), Frame(plenty));
  CHECK(exempt.chosen.empty());
  CHECK_FALSE(exempt.quota.has_talk_shortfall());
}

TEST_CASE("an agent with few calls gives all of them, and none gives none", "[qa][sample]") {
  const auto few =
      Drawn(PlanWith("march"), QuotaOf(Plan::ORDINARY, 30), Frame({{{1, 1, 5}, {0, 0, 2}, {0, 0, 0}}}));
  CHECK(few.quota.drawn() == 9);
  for (const auto& chosen : few.chosen) CHECK(chosen.inclusion_probability() == 1);
  CHECK(BandOf(few, pb::PEAK).shortfall() == BandQuota::TOO_FEW_ELIGIBLE);
  const auto none = Drawn(PlanWith("march"), QuotaOf(Plan::ORDINARY, 30), {});
  CHECK(none.chosen.empty());
  CHECK(none.quota.planned() == 30);
  CHECK(FromProto(none.quota.talk_shortfall()) == 105min);
}

TEST_CASE("a fifth of the sales is drawn, where we called", "[qa][sample]") {
  auto frame = Frame({{{20, 20, 160}, {10, 10, 80}, {8, 8, 60}}});
  for (std::size_t i = 0; i < frame.size(); ++i) {
    frame[i].set_direction(pb::OUTBOUND);
    frame[i].set_sold(i % 4 == 0);
  }
  const auto sample = Drawn(PlanWith("march"), QuotaOf(Plan::ORDINARY, 30), frame);
  const auto& line = *sample.quota.bands().rbegin();
  REQUIRE(line.band_case() == BandQuota::kSold);
  CHECK(line.eligible() == 94);
  CHECK(line.planned() == 19);
  CHECK(line.drawn() >= 19);
  CHECK(std::count_if(sample.chosen.begin(), sample.chosen.end(), [](const auto& c) { return c.sold(); }) ==
        line.drawn());
  CHECK(BandOf(sample, pb::PEAK).drawn() == 18);
  CHECK(BandOf(sample, pb::LONG).drawn() == 6);
  // A sale in a call that the customer made is a call like others.
  for (auto& conversation : frame) conversation.set_direction(pb::INBOUND);
  CHECK(Drawn(PlanWith("march"), QuotaOf(Plan::ORDINARY, 30), frame).quota.bands_size() == 6);
}

using Stratum = std::tuple<int, int, bool>;
Stratum StratumOf(const pb::Evaluation& c) { return {c.time_band(), c.length_band(), c.sold()}; }

TEST_CASE("probabilities are what the strata say and sum to the sample, over many frames", "[qa][sample]") {
  std::mt19937 random(20);
  for (int round = 0; round < 400; ++round) {
    std::array<std::array<int, 3>, 3> sizes{};
    for (auto& row : sizes) {
      for (auto& size : row) size = static_cast<int>(random() % 12);
    }
    auto frame = Frame(sizes);
    for (auto& conversation : frame) {
      conversation.set_direction(pb::OUTBOUND);
      conversation.set_sold(random() % 3 == 0);
    }
    const auto sample = Drawn(PlanWith(std::to_string(round)), QuotaOf(Plan::STEADY, 10), frame);
    std::map<Stratum, int> in_frame, in_sample;
    for (const auto& conversation : frame) ++in_frame[StratumOf(conversation)];
    for (const auto& chosen : sample.chosen) ++in_sample[StratumOf(chosen)];
    const bool by_sale = sample.quota.bands_size() == 7;
    double sum = 0;
    std::set<Stratum> seen;
    for (const auto& chosen : sample.chosen) {
      if (by_sale) {
        CHECK(chosen.stratum_size() == in_frame[StratumOf(chosen)]);
        CHECK(chosen.stratum_drawn() == in_sample[StratumOf(chosen)]);
      }
      auto stratum = StratumOf(chosen);
      if (!by_sale) std::get<2>(stratum) = false;
      if (seen.insert(stratum).second) sum += chosen.inclusion_probability() * chosen.stratum_size();
    }
    CAPTURE(round);
    CHECK(sum == Approx(static_cast<double>(sample.chosen.size())).margin(1e-9));
    CHECK(sample.chosen.size() == std::min<std::size_t>(10, frame.size()));
    const auto names = Names(sample);
    CHECK(std::set<std::string>(names.begin(), names.end()).size() == names.size());
    int by_time = 0, by_length = 0;
    for (const auto& line : sample.quota.bands()) {
      if (line.band_case() == BandQuota::kTimeBand) by_time += line.drawn();
      if (line.band_case() == BandQuota::kLengthBand) by_length += line.drawn();
      CHECK((line.shortfall() != BandQuota::SHORTFALL_UNSPECIFIED) == (line.drawn() < line.planned()));
      CHECK(line.drawn() <= line.eligible());
    }
    CHECK(by_time == sample.quota.drawn());
    CHECK(by_length == sample.quota.drawn());
  }
}

TEST_CASE("over many seeds every conversation comes as often as its probability says", "[qa][sample]") {
  const auto frame = Frame({{{5, 4, 16}, {3, 3, 8}, {2, 2, 6}}});
  constexpr int kSeeds = 8000;
  std::map<std::string, int> times;
  std::map<std::string, double> probability;
  for (int seed = 0; seed < kSeeds; ++seed) {
    const auto sample = Drawn(PlanWith("seed-" + std::to_string(seed)), QuotaOf(Plan::STEADY, 10), frame);
    for (const auto& chosen : sample.chosen) {
      ++times[chosen.interaction()];
      probability[chosen.interaction()] = chosen.inclusion_probability();
    }
  }
  double chi_squared = 0;
  int varying = 0;
  for (const auto& [interaction, p] : probability) {
    const double expected = kSeeds * p;
    const double spread = std::sqrt(kSeeds * p * (1 - p));
    CAPTURE(interaction, p, times[interaction]);
    CHECK(std::abs(times[interaction] - expected) <= 4.5 * spread);
    if (p == 1) continue;
    chi_squared += std::pow((times[interaction] - expected) / spread, 2);
    ++varying;
  }
  // Of unit mean each; a biased order would blow it up.
  CHECK(varying > 30);
  CHECK(chi_squared < 2.0 * varying);
  // Pairs too: two of one stratum come together as often as chance says.
  int both = 0;
  for (int seed = 0; seed < kSeeds; ++seed) {
    const auto plan = PlanWith("seed-" + std::to_string(seed));
    const auto names = Names(Drawn(plan, QuotaOf(Plan::STEADY, 10), frame));
    const std::set<std::string> drawn(names.begin(), names.end());
    both += drawn.contains(Interaction(9)) && drawn.contains(Interaction(10)) ? 1 : 0;
  }
  const auto one = Drawn(PlanWith("seed-0"), QuotaOf(Plan::STEADY, 10), frame);
  int n = 0, size = 0;
  for (const auto& chosen : one.chosen) {
    if (chosen.time_band() == pb::PEAK && chosen.length_band() == pb::NORMAL) {
      n = chosen.stratum_drawn();
      size = chosen.stratum_size();
    }
  }
  REQUIRE(n >= 2);
  const double together = n * (n - 1.0) / (size * (size - 1.0));
  CHECK(std::abs(both - kSeeds * together) <= 4.5 * std::sqrt(kSeeds * together * (1 - together)));
}

}  // namespace
}  // namespace carillon::qa::domain
