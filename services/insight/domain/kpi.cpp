#include "insight/domain/kpi.hpp"

#include <algorithm>
#include <array>
#include <optional>

#include "base/proto_time.hpp"

namespace carillon::insight::domain {
namespace {

using V = pb::Volume;
using K = pb::Kpi;

double Seconds(const google::protobuf::Duration& length) {
  return std::chrono::duration<double>(FromProto(length)).count();
}
double Count(std::int64_t count) { return static_cast<double>(count); }

/// One figure of the catalogue. A formula that changes gets the next version.
struct Definition {
  const char* code;
  const char* title;
  const char* title_zh;
  const char* formula;
  K::Unit unit;
  K::Direction direction;
  std::optional<double> target;
  double (*numerator)(const V&);
  double (*denominator)(const V&);
  int version = 1;
};

double Left(const V& v) { return Count(v.abandoned() + v.abandoned_short()); }
double Answered(const V& v) { return Count(v.answered()); }
double InThreshold(const V& v) { return Count(v.answered_in_threshold()); }
double Talked(const V& v) { return Seconds(v.talk()) + Seconds(v.hold()); }
double SignedIn(const V& v) {
  return Seconds(v.occupied()) + Seconds(v.available()) + Seconds(v.not_ready());
}

const std::array kCatalogue{
    Definition{"A1", "Service level", "服务水平",
               "answered within T ÷ (answered + abandoned after the short threshold)", K::RATIO, K::HIGHER,
               0.80, InThreshold, [](const V& v) { return Count(v.answered() + v.abandoned()); }},
    Definition{"SL-A",
               "Service level of the answered",
               "服务水平（按接听）",
               "answered within T ÷ answered",
               K::RATIO,
               K::HIGHER,
               {},
               InThreshold,
               Answered},
    Definition{"SL-B",
               "Service level with early leavers",
               "服务水平（含早弃）",
               "(answered within T + abandoned within T) ÷ (answered + abandoned)",
               K::RATIO,
               K::HIGHER,
               {},
               [](const V& v) { return InThreshold(v) + Count(v.abandoned_in_threshold()); },
               [](const V& v) { return Answered(v) + Left(v); }},
    Definition{"SL-C",
               "Service level with flow-outs",
               "服务水平（含流出）",
               "answered within T ÷ (answered + abandoned after the short threshold + withdrawn)",
               K::RATIO,
               K::HIGHER,
               {},
               InThreshold,
               [](const V& v) { return Count(v.answered() + v.abandoned() + v.withdrawn()); }},
    Definition{"SL-D",
               "Service level of all requests",
               "服务水平（按全部请求）",
               "answered within T ÷ (answered + abandoned + withdrawn)",
               K::RATIO,
               K::HIGHER,
               {},
               InThreshold,
               [](const V& v) { return Answered(v) + Left(v) + Count(v.withdrawn()); }},
    Definition{"SL-E",
               "Service level without callbacks",
               "服务水平（不含回拨）",
               "answered within T ÷ (requests − withdrawn)",
               K::RATIO,
               K::HIGHER,
               {},
               InThreshold,
               [](const V& v) { return Count(v.offered()); }},
    Definition{"A2", "Answer rate", "接通率", "answered ÷ requests for an agent", K::RATIO, K::HIGHER, 0.85,
               Answered, [](const V& v) { return Count(v.offered()); }},
    Definition{"A3", "Abandonment", "呼损率/放弃率",
               "abandoned after the short threshold ÷ requests for an agent", K::RATIO, K::LOWER, 0.05,
               [](const V& v) { return Count(v.abandoned()); },
               [](const V& v) { return Count(v.offered()); }},
    Definition{"A4", "Average speed of answer", "平均应答速度",
               "Σ wait (queue and ring) of the answered ÷ answered", K::SECONDS, K::LOWER, 15.0,
               [](const V& v) { return Seconds(v.answered_wait()); }, Answered},
    Definition{"A5", "Average wait", "平均等待时间", "Σ wait of all who waited ÷ (answered + abandoned)",
               K::SECONDS, K::LOWER, 20.0,
               [](const V& v) { return Seconds(v.answered_wait()) + Seconds(v.abandoned_wait()); },
               [](const V& v) { return Answered(v) + Left(v); }},
    Definition{"A5b",
               "Average wait of those who left",
               "平均放弃时间",
               "Σ wait of the abandoned ÷ abandoned",
               K::SECONDS,
               K::NEITHER,
               {},
               [](const V& v) { return Seconds(v.abandoned_wait()); },
               Left},
    Definition{"B1", "Average handling time", "平均处理时间", "Σ (talk + hold + after-call work) ÷ answered",
               K::SECONDS, K::LOWER, 180.0, [](const V& v) { return Talked(v) + Seconds(v.wrap()); },
               Answered},
    Definition{"B2", "Average talk", "通话时长", "Σ (talk + hold) ÷ answered", K::SECONDS, K::LOWER, 120.0,
               Talked, Answered},
    Definition{"B2h",
               "Average hold",
               "平均保持时长",
               "Σ hold ÷ answered",
               K::SECONDS,
               K::LOWER,
               {},
               [](const V& v) { return Seconds(v.hold()); },
               Answered},
    Definition{"B2w",
               "Average after-call work",
               "平均事后处理",
               "Σ after-call work ÷ answered",
               K::SECONDS,
               K::LOWER,
               {},
               [](const V& v) { return Seconds(v.wrap()); },
               Answered},
    Definition{"B3", "Utilisation", "CSR利用率", "(with work + waiting for work) ÷ signed in", K::RATIO,
               K::HIGHER, 0.80, [](const V& v) { return Seconds(v.occupied()) + Seconds(v.available()); },
               SignedIn},
    Definition{"B4",
               "Occupancy",
               "占用率",
               "with work ÷ (with work + waiting for work)",
               K::RATIO,
               K::NEITHER,
               {},
               [](const V& v) { return Seconds(v.occupied()); },
               [](const V& v) { return Seconds(v.occupied()) + Seconds(v.available()); }},
    Definition{"B4h",
               "Calls an hour",
               "每小时接听量",
               "answered ÷ hours signed in",
               K::PER_HOUR,
               K::HIGHER,
               {},
               Answered,
               [](const V& v) { return SignedIn(v) / 3600; }},
    Definition{"B5", "Self-service share", "自助处理呼叫%",
               "served by the menu alone ÷ calls that reached the menu", K::RATIO, K::HIGHER, 0.50,
               [](const V& v) { return Count(v.self_served()); },
               [](const V& v) { return Count(v.ivr_calls()); }},
    Definition{"C4", "Revisit rate", "回访率", "orders asked about ÷ orders completed", K::RATIO, K::HIGHER,
               1.0, [](const V& v) { return Count(v.orders_revisited()); },
               [](const V& v) { return Count(v.orders_completed()); }},
    Definition{"C5", "Timely closure", "工单及时办结率", "closed without a broken promise ÷ closed", K::RATIO,
               K::HIGHER, 0.98, [](const V& v) { return Count(v.orders_closed_in_time()); },
               [](const V& v) { return Count(v.orders_closed()); }},
    Definition{"C6",
               "Reopened",
               "重开率",
               "closed that were reopened ÷ closed",
               K::RATIO,
               K::LOWER,
               {},
               [](const V& v) { return Count(v.orders_reopened()); },
               [](const V& v) { return Count(v.orders_closed()); }},
};

K KpiOf(const Definition& definition, const V& volume) {
  K kpi;
  kpi.set_code(definition.code);
  kpi.set_title(definition.title);
  kpi.set_title_zh(definition.title_zh);
  kpi.set_formula(definition.formula);
  kpi.set_version(definition.version);
  kpi.set_unit(definition.unit);
  kpi.set_direction(definition.direction);
  if (definition.target) kpi.set_target(*definition.target);
  kpi.set_numerator(definition.numerator(volume));
  kpi.set_denominator(definition.denominator(volume));
  if (kpi.denominator() > 0) kpi.set_value(kpi.numerator() / kpi.denominator());
  return kpi;
}

}  // namespace

void Add(pb::Volume& sum, const pb::Volume& part) {
  const auto longest = std::max(FromProto(sum.longest_wait()), FromProto(part.longest_wait()));
  // Over all fields, so that a new one cannot be forgotten.
  const auto* type = V::descriptor();
  const auto* access = V::GetReflection();
  for (int i = 0; i < type->field_count(); ++i) {
    const auto* field = type->field(i);
    if (field->cpp_type() == google::protobuf::FieldDescriptor::CPPTYPE_INT64) {
      access->SetInt64(&sum, field, access->GetInt64(sum, field) + access->GetInt64(part, field));
    } else {
      using Length = google::protobuf::Duration;
      const Duration total = FromProto(static_cast<const Length&>(access->GetMessage(sum, field))) +
                             FromProto(static_cast<const Length&>(access->GetMessage(part, field)));
      *static_cast<Length*>(access->MutableMessage(&sum, field)) = ToProto(total);
    }
  }
  *sum.mutable_longest_wait() = ToProto(longest);
}

std::vector<pb::Kpi> KpisOf(const pb::Volume& volume) {
  std::vector<pb::Kpi> kpis;
  kpis.reserve(kCatalogue.size());
  for (const auto& definition : kCatalogue) kpis.push_back(KpiOf(definition, volume));
  return kpis;
}

std::vector<pb::Kpi> KpisOf(const pb::AgentLine& line) {
  V volume;
  volume.set_answered(line.handled());
  *volume.mutable_talk() = line.talk();
  *volume.mutable_hold() = line.hold();
  *volume.mutable_wrap() = line.wrap();
  *volume.mutable_available() = line.available();
  *volume.mutable_occupied() = line.occupied();
  *volume.mutable_not_ready() =
      ToProto(FromProto(line.signed_in()) - FromProto(line.available()) - FromProto(line.occupied()));
  std::vector<pb::Kpi> kpis;
  for (const auto* code : {"B1", "B2", "B4", "B4h"}) {
    for (const auto& definition : kCatalogue) {
      if (std::string_view(definition.code) == code) kpis.push_back(KpiOf(definition, volume));
    }
  }
  return kpis;
}

Result<Grid> DayGrid(std::string_view date, const calendar::TimeZone& zone) {
  TRY(const auto day, calendar::ParseDate(date));
  const calendar::Date next{std::chrono::sys_days{day} + std::chrono::days{1}};
  return Grid{zone.ToUtc(day, Duration::zero()), zone.ToUtc(next, Duration::zero()),
              std::chrono::minutes{30}};
}

std::vector<pb::Interval> EmptyIntervals(const Grid& grid, const calendar::TimeZone& zone) {
  std::vector<pb::Interval> intervals(static_cast<std::size_t>(grid.parts()));
  TimePoint at = grid.start;
  for (auto& interval : intervals) {
    const TimePoint end = std::min(at + grid.length, grid.end);
    *interval.mutable_start_time() = ToProto(at);
    *interval.mutable_end_time() = ToProto(end);
    const auto minutes =
        std::chrono::duration_cast<std::chrono::minutes>(zone.ToLocal(at).time_of_day).count();
    const auto two = [](std::int64_t number) { return (number < 10 ? "0" : "") + std::to_string(number); };
    interval.set_label(two(minutes / 60) + ":" + two(minutes % 60));
    interval.mutable_volume();
    at = end;
  }
  return intervals;
}

pb::Interval Summed(std::vector<pb::Interval>& intervals) {
  pb::Interval sum;
  if (intervals.empty()) return sum;
  *sum.mutable_start_time() = intervals.front().start_time();
  *sum.mutable_end_time() = intervals.back().end_time();
  sum.set_label(intervals.front().label());
  const auto fill = [](pb::Interval& interval) {
    interval.clear_kpis();
    for (auto& kpi : KpisOf(interval.volume())) *interval.add_kpis() = std::move(kpi);
  };
  for (auto& interval : intervals) {
    fill(interval);
    Add(*sum.mutable_volume(), interval.volume());
  }
  fill(sum);
  return sum;
}

}  // namespace carillon::insight::domain
