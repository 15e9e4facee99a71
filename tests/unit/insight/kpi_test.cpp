#include "insight/domain/kpi.hpp"

#include <catch2/catch.hpp>
#include <random>

#include "base/proto_time.hpp"
#include "insight/domain/outbound.hpp"

namespace carillon::insight::domain {
namespace {

using namespace std::chrono_literals;

const pb::Kpi& Of(const std::vector<pb::Kpi>& kpis, std::string_view code) {
  for (const auto& kpi : kpis) {
    if (kpi.code() == code) return kpi;
  }
  FAIL("no figure " << code);
  std::abort();
}

/// 10:00–10:30: 30 calls, 22 answered within 20 s, 4 later, 1 abandoned at 3 s, 3 at 40 s.
pb::Volume TenOClock() {
  pb::Volume v;
  v.set_offered(30);
  v.set_answered(26);
  v.set_answered_in_threshold(22);
  v.set_abandoned(3);
  v.set_abandoned_short(1);
  v.set_abandoned_in_threshold(1);
  return v;
}

TEST_CASE("thirty calls at ten o'clock give the known service level, answer rate and loss", "[insight]") {
  const auto kpis = KpisOf(TenOClock());
  CHECK(Of(kpis, "A1").value() == Approx(22.0 / 29));
  CHECK(Of(kpis, "A1").value() == Approx(0.7586).margin(0.00005));
  CHECK(Of(kpis, "A2").value() == Approx(0.8667).margin(0.00005));
  CHECK(Of(kpis, "A3").value() == Approx(0.10));
  CHECK(Of(kpis, "A1").target() == 0.80);
}

TEST_CASE("the named service levels of one half-hour differ as their formulas do", "[insight]") {
  auto volume = TenOClock();
  volume.set_withdrawn(2);
  const auto kpis = KpisOf(volume);
  CHECK(Of(kpis, "SL-A").value() == Approx(22.0 / 26));
  CHECK(Of(kpis, "SL-B").value() == Approx(23.0 / 30));
  CHECK(Of(kpis, "SL-C").value() == Approx(22.0 / 31));
  CHECK(Of(kpis, "SL-D").value() == Approx(22.0 / 32));
  CHECK(Of(kpis, "SL-E").value() == Approx(22.0 / 30));
  std::set<std::string> codes;
  for (const auto& kpi : kpis) {
    CHECK_FALSE(kpi.formula().empty());
    CHECK_FALSE(kpi.title_zh().empty());
    CHECK(kpi.version() >= 1);
    codes.insert(kpi.code());
  }
  CHECK(codes.size() == kpis.size());
}

TEST_CASE("agent 1023: 32 calls, 3,840 s of talk, 160 s of hold, 1,280 s of after-call work", "[insight]") {
  pb::AgentLine line;
  line.set_handled(32);
  *line.mutable_talk() = ToProto(Duration{3840s});
  *line.mutable_hold() = ToProto(Duration{160s});
  *line.mutable_wrap() = ToProto(Duration{1280s});
  *line.mutable_signed_in() = ToProto(Duration{8h});
  *line.mutable_occupied() = ToProto(Duration{5400s});
  *line.mutable_available() = ToProto(Duration{1800s});
  const auto kpis = KpisOf(line);
  CHECK(Of(kpis, "B1").value() == Approx(165));
  CHECK(Of(kpis, "B2").value() == Approx(125));
  CHECK(Of(kpis, "B4").value() == Approx(0.75));
  CHECK(Of(kpis, "B4h").value() == Approx(4));
}

TEST_CASE("a figure without a denominator has no value", "[insight]") {
  for (const auto& kpi : KpisOf(pb::Volume{})) {
    INFO(kpi.code());
    CHECK_FALSE(kpi.has_value());
    CHECK(kpi.denominator() == 0);
  }
}

TEST_CASE("the day is the sum of its half-hours, and its ratios come from the sums", "[insight]") {
  std::mt19937 random(7);
  const auto zone = calendar::TimeZone::Load("Asia/Shanghai").value();
  auto intervals = EmptyIntervals(DayGrid("2026-04-02", zone).value(), zone);
  REQUIRE(intervals.size() == 48);
  pb::Volume expected;
  const auto* type = pb::Volume::descriptor();
  const auto* access = pb::Volume::GetReflection();
  double mean_of_ratios = 0;
  for (auto& interval : intervals) {
    auto& volume = *interval.mutable_volume();
    for (int i = 0; i < type->field_count(); ++i) {
      const auto* field = type->field(i);
      if (field->cpp_type() == google::protobuf::FieldDescriptor::CPPTYPE_INT64) {
        const auto count = static_cast<std::int64_t>(1 + random() % 100);
        access->SetInt64(&volume, field, count);
        access->SetInt64(&expected, field, access->GetInt64(expected, field) + count);
      }
    }
    *volume.mutable_talk() = ToProto(Duration{static_cast<std::int64_t>(random() % 1'000'000'000)});
    *volume.mutable_longest_wait() = ToProto(Duration{static_cast<std::int64_t>(random() % 1'000'000)});
    *expected.mutable_talk() = ToProto(FromProto(expected.talk()) + FromProto(volume.talk()));
    *expected.mutable_longest_wait() =
        ToProto(std::max(FromProto(expected.longest_wait()), FromProto(volume.longest_wait())));
    mean_of_ratios += Of(KpisOf(volume), "A2").value() / 48;
  }
  const auto day = Summed(intervals);
  for (int i = 0; i < type->field_count(); ++i) {
    const auto* field = type->field(i);
    INFO(field->name());
    if (field->cpp_type() == google::protobuf::FieldDescriptor::CPPTYPE_INT64) {
      CHECK(access->GetInt64(day.volume(), field) == access->GetInt64(expected, field));
    }
  }
  CHECK(FromProto(day.volume().talk()) == FromProto(expected.talk()));
  CHECK(FromProto(day.volume().longest_wait()) == FromProto(expected.longest_wait()));
  const std::vector<pb::Kpi> kpis(day.kpis().begin(), day.kpis().end());
  const double ratio = static_cast<double>(expected.answered()) / static_cast<double>(expected.offered());
  CHECK(Of(kpis, "A2").value() == Approx(ratio));
  CHECK(Of(kpis, "A2").value() != Approx(mean_of_ratios));
}

TEST_CASE("a day has the half-hours its wall clock shows", "[insight]") {
  const auto shanghai = calendar::TimeZone::Load("Asia/Shanghai").value();
  const auto grid = DayGrid("2026-04-02", shanghai).value();
  CHECK(grid.start == TimePoint{std::chrono::sys_days{std::chrono::year{2026} / 4 / 1} + 16h});
  const auto intervals = EmptyIntervals(grid, shanghai);
  CHECK(intervals.front().label() == "00:00");
  CHECK(intervals[17].label() == "08:30");
  CHECK(FromProto(intervals.back().end_time()) == grid.end);
  const auto berlin = calendar::TimeZone::Load("Europe/Berlin").value();
  CHECK(EmptyIntervals(DayGrid("2026-03-29", berlin).value(), berlin).size() == 46);
  CHECK(EmptyIntervals(DayGrid("2026-10-25", berlin).value(), berlin).size() == 50);
  CHECK(DayGrid("2026-02-30", shanghai).error().reason == "DATE_MALFORMED");
}

TEST_CASE("what came of an attempt counts at every stage it reached, and nowhere else", "[insight]") {
  pb::OutboundVolume volume;
  CountAttempts(volume, "", false, 1);
  for (const auto* disposition :
       {"BUSY", "NO_ANSWER", "INVALID_NUMBER", "POWER_OFF", "VOICEMAIL", "FAILED"}) {
    CountAttempts(volume, disposition, false, 2);
  }
  CHECK(volume.attempts() == 13);
  CHECK(volume.ended() == 12);
  CHECK(volume.answered() == 0);
  CountAttempts(volume, "ABANDONED", false, 3);
  CHECK(volume.answered() == 3);
  CHECK(volume.connected() == 0);
  CountAttempts(volume, "GATEKEEPER", false, 1);  // the agent's word came before the word that one spoke
  for (const auto* disposition : {"WRONG_PERSON", "VOICEMAIL", ""}) {
    CountAttempts(volume, disposition, true, 1);
  }
  CHECK(volume.connected() == 4);
  CHECK(volume.right_party() == 0);
  for (const auto* disposition : {"CALLBACK_BOOKED", "REFUSED", "HUNG_UP", "ALREADY_OWN", "COMPLAINT",
                                  "DO_NOT_CALL", "INTERESTED", "SEND_MATERIAL", "SOLD"}) {
    CountAttempts(volume, disposition, true, 1);
  }
  CHECK(volume.connected() == 4 + 9);
  CHECK(volume.right_party() == 9);
  CHECK(volume.interested() == 3);
  CHECK(volume.sold() == 1);
  CHECK(volume.complaints() == 1);
  CHECK(volume.answered() == volume.connected() + volume.abandoned());
}

}  // namespace
}  // namespace carillon::insight::domain
