#include "insight/domain/kpi.hpp"

#include <algorithm>
#include <array>
#include <optional>

#include "base/proto_time.hpp"

namespace carillon::insight::domain {
namespace {

using V = pb::Volume;
using O = pb::OutboundVolume;
using Q = pb::QaVolume;
using K = pb::Kpi;

double Seconds(const google::protobuf::Duration& length) {
  return std::chrono::duration<double>(FromProto(length)).count();
}
double Count(std::int64_t count) { return static_cast<double>(count); }

/// One figure over counts and sums of one kind. A formula that changes gets the next version.
template <class Counts>
struct Definition {
  const char* code;
  const char* title;
  const char* title_zh;
  const char* formula;
  K::Unit unit;
  K::Direction direction;
  std::optional<double> target;
  double (*numerator)(const Counts&);
  double (*denominator)(const Counts&);
  int version = 1;
};

double Left(const V& v) { return Count(v.abandoned() + v.abandoned_short()); }
double Answered(const V& v) { return Count(v.answered()); }
double InThreshold(const V& v) { return Count(v.answered_in_threshold()); }
double Talked(const V& v) { return Seconds(v.talk()) + Seconds(v.hold()); }
double HoursOf(const O& o) { return (Seconds(o.talk()) + Seconds(o.hold()) + Seconds(o.wrap())) / 3600; }
double SignedIn(const V& v) {
  return Seconds(v.occupied()) + Seconds(v.available()) + Seconds(v.not_ready());
}

const std::array kCatalogue{
    Definition<V>{"A1", "Service level", "服务水平",
                  "answered within T ÷ (answered + abandoned after the short threshold)", K::RATIO, K::HIGHER,
                  0.80, InThreshold, [](const V& v) { return Count(v.answered() + v.abandoned()); }},
    Definition<V>{"SL-A",
                  "Service level of the answered",
                  "服务水平（按接听）",
                  "answered within T ÷ answered",
                  K::RATIO,
                  K::HIGHER,
                  {},
                  InThreshold,
                  Answered},
    Definition<V>{"SL-B",
                  "Service level with early leavers",
                  "服务水平（含早弃）",
                  "(answered within T + abandoned within T) ÷ (answered + abandoned)",
                  K::RATIO,
                  K::HIGHER,
                  {},
                  [](const V& v) { return InThreshold(v) + Count(v.abandoned_in_threshold()); },
                  [](const V& v) { return Answered(v) + Left(v); }},
    Definition<V>{"SL-C",
                  "Service level with flow-outs",
                  "服务水平（含流出）",
                  "answered within T ÷ (answered + abandoned after the short threshold + withdrawn)",
                  K::RATIO,
                  K::HIGHER,
                  {},
                  InThreshold,
                  [](const V& v) { return Count(v.answered() + v.abandoned() + v.withdrawn()); }},
    Definition<V>{"SL-D",
                  "Service level of all requests",
                  "服务水平（按全部请求）",
                  "answered within T ÷ (answered + abandoned + withdrawn)",
                  K::RATIO,
                  K::HIGHER,
                  {},
                  InThreshold,
                  [](const V& v) { return Answered(v) + Left(v) + Count(v.withdrawn()); }},
    Definition<V>{"SL-E",
                  "Service level without callbacks",
                  "服务水平（不含回拨）",
                  "answered within T ÷ (requests − withdrawn)",
                  K::RATIO,
                  K::HIGHER,
                  {},
                  InThreshold,
                  [](const V& v) { return Count(v.offered()); }},
    Definition<V>{"A2", "Answer rate", "接通率", "answered ÷ requests for an agent", K::RATIO, K::HIGHER,
                  0.85, Answered, [](const V& v) { return Count(v.offered()); }},
    Definition<V>{"A3", "Abandonment", "呼损率/放弃率",
                  "abandoned after the short threshold ÷ requests for an agent", K::RATIO, K::LOWER, 0.05,
                  [](const V& v) { return Count(v.abandoned()); },
                  [](const V& v) { return Count(v.offered()); }},
    Definition<V>{"A4", "Average speed of answer", "平均应答速度",
                  "Σ wait (queue and ring) of the answered ÷ answered", K::SECONDS, K::LOWER, 15.0,
                  [](const V& v) { return Seconds(v.answered_wait()); }, Answered},
    Definition<V>{"A5", "Average wait", "平均等待时间", "Σ wait of all who waited ÷ (answered + abandoned)",
                  K::SECONDS, K::LOWER, 20.0,
                  [](const V& v) { return Seconds(v.answered_wait()) + Seconds(v.abandoned_wait()); },
                  [](const V& v) { return Answered(v) + Left(v); }},
    Definition<V>{"A5b",
                  "Average wait of those who left",
                  "平均放弃时间",
                  "Σ wait of the abandoned ÷ abandoned",
                  K::SECONDS,
                  K::NEITHER,
                  {},
                  [](const V& v) { return Seconds(v.abandoned_wait()); },
                  Left},
    Definition<V>{"B1", "Average handling time", "平均处理时间",
                  "of customers' calls: Σ (talk + hold + after-call work) ÷ answered", K::SECONDS, K::LOWER,
                  180.0, [](const V& v) { return Talked(v) + Seconds(v.wrap()); }, Answered},
    Definition<V>{"B2", "Average talk", "通话时长", "of customers' calls: Σ (talk + hold) ÷ answered",
                  K::SECONDS, K::LOWER, 120.0, Talked, Answered},
    Definition<V>{"B2h",
                  "Average hold",
                  "平均保持时长",
                  "Σ hold ÷ answered",
                  K::SECONDS,
                  K::LOWER,
                  {},
                  [](const V& v) { return Seconds(v.hold()); },
                  Answered},
    Definition<V>{"B2w",
                  "Average after-call work",
                  "平均事后处理",
                  "Σ after-call work ÷ answered",
                  K::SECONDS,
                  K::LOWER,
                  {},
                  [](const V& v) { return Seconds(v.wrap()); },
                  Answered},
    Definition<V>{"B3", "Utilisation", "CSR利用率", "(with work + waiting for work) ÷ signed in", K::RATIO,
                  K::HIGHER, 0.80, [](const V& v) { return Seconds(v.occupied()) + Seconds(v.available()); },
                  SignedIn},
    Definition<V>{"B4",
                  "Occupancy",
                  "占用率",
                  "with work ÷ (with work + waiting for work)",
                  K::RATIO,
                  K::NEITHER,
                  {},
                  [](const V& v) { return Seconds(v.occupied()); },
                  [](const V& v) { return Seconds(v.occupied()) + Seconds(v.available()); }},
    Definition<V>{"B4h",
                  "Calls an hour",
                  "每小时接听量",
                  "(answered + outbound connected) ÷ hours signed in",
                  K::PER_HOUR,
                  K::HIGHER,
                  {},
                  [](const V& v) { return Answered(v) + Count(v.outbound().connected()); },
                  [](const V& v) { return SignedIn(v) / 3600; },
                  2},
    Definition<V>{"B5", "Self-service share", "自助处理呼叫%",
                  "served by the menu alone ÷ calls that reached the menu", K::RATIO, K::HIGHER, 0.50,
                  [](const V& v) { return Count(v.self_served()); },
                  [](const V& v) { return Count(v.ivr_calls()); }},
    Definition<V>{"C4", "Revisit rate", "回访率", "orders asked about ÷ orders completed", K::RATIO,
                  K::HIGHER, 1.0, [](const V& v) { return Count(v.orders_revisited()); },
                  [](const V& v) { return Count(v.orders_completed()); }},
    Definition<V>{"C5", "Timely closure", "工单及时办结率", "closed without a broken promise ÷ closed",
                  K::RATIO, K::HIGHER, 0.98, [](const V& v) { return Count(v.orders_closed_in_time()); },
                  [](const V& v) { return Count(v.orders_closed()); }},
    Definition<V>{"C6",
                  "Reopened",
                  "重开率",
                  "closed that were reopened ÷ closed",
                  K::RATIO,
                  K::LOWER,
                  {},
                  [](const V& v) { return Count(v.orders_reopened()); },
                  [](const V& v) { return Count(v.orders_closed()); }},
    Definition<V>{"D5", "Calls to a sale", "话务营销比", "customers' calls ÷ outbound sales", K::TIMES,
                  K::NEITHER, 10.0, [](const V& v) { return Count(v.calls()); },
                  [](const V& v) { return Count(v.outbound().sold()); }},
};

const std::array kOutbound{
    Definition<O>{"D2", "Success rate", "营销成功率", "sold ÷ connected", K::RATIO, K::HIGHER, 0.03,
                  [](const O& o) { return Count(o.sold()); },
                  [](const O& o) { return Count(o.connected()); }},
    Definition<O>{"O1", "Connect rate", "外呼接通率", "answered by a person ÷ attempts", K::RATIO, K::HIGHER,
                  0.85, [](const O& o) { return Count(o.answered()); },
                  [](const O& o) { return Count(o.attempts()); }},
    Definition<O>{"O2",
                  "Right-party rate",
                  "目标客户接触率",
                  "customers spoken with ÷ attempts",
                  K::RATIO,
                  K::HIGHER,
                  {},
                  [](const O& o) { return Count(o.right_party()); },
                  [](const O& o) { return Count(o.attempts()); }},
    Definition<O>{"O3",
                  "Attempts an hour",
                  "每小时外呼量",
                  "attempts ÷ hours of agents' outbound talk, hold and after-call work",
                  K::PER_HOUR,
                  K::HIGHER,
                  {},
                  [](const O& o) { return Count(o.attempts()); },
                  HoursOf},
    Definition<O>{"O4",
                  "Sales an hour",
                  "每小时销售量",
                  "sold ÷ hours of agents' outbound talk, hold and after-call work",
                  K::PER_HOUR,
                  K::HIGHER,
                  {},
                  [](const O& o) { return Count(o.sold()); },
                  HoursOf},
    Definition<O>{"O5", "Abandoned outbound", "外呼放弃率",
                  "answered by a person without an agent ÷ answered by a person", K::RATIO, K::LOWER, 0.03,
                  [](const O& o) { return Count(o.abandoned()); },
                  [](const O& o) { return Count(o.answered()); }},
    Definition<O>{"O6",
                  "Complaints",
                  "外呼投诉率",
                  "complaints ÷ connected",
                  K::RATIO,
                  K::LOWER,
                  {},
                  [](const O& o) { return Count(o.complaints()); },
                  [](const O& o) { return Count(o.connected()); }},
    Definition<O>{"O7",
                  "Callbacks kept",
                  "回拨守时率",
                  "dialled within a minute of the promised time ÷ due",
                  K::RATIO,
                  K::HIGHER,
                  {},
                  [](const O& o) { return Count(o.callbacks_kept()); },
                  [](const O& o) { return Count(o.callbacks_due()); }},
    Definition<O>{"O8",
                  "Outbound handling time",
                  "外呼平均处理时间",
                  "outbound: Σ (talk + hold + after-call work) ÷ connected",
                  K::SECONDS,
                  K::NEITHER,
                  {},
                  [](const O& o) { return HoursOf(o) * 3600; },
                  [](const O& o) { return Count(o.connected()); }},
};

const std::array kQuality{
    Definition<Q>{"C2", "Monitoring score", "监听分值", "Σ score ÷ evaluations judged", K::POINTS, K::HIGHER,
                  90.0, [](const Q& q) { return Count(q.score_sum()) / 100; },
                  [](const Q& q) { return Count(q.scored()); }},
    Definition<Q>{"Q1",
                  "Pass rate",
                  "质检合格率",
                  "passed ÷ evaluations judged",
                  K::RATIO,
                  K::HIGHER,
                  {},
                  [](const Q& q) { return Count(q.passed()); },
                  [](const Q& q) { return Count(q.scored()); }},
    Definition<Q>{"Q2",
                  "Vetoed",
                  "一票否决率",
                  "with a veto ÷ evaluations judged",
                  K::RATIO,
                  K::LOWER,
                  {},
                  [](const Q& q) { return Count(q.vetoed()); },
                  [](const Q& q) { return Count(q.scored()); }},
};

template <class Counts>
K KpiOf(const Definition<Counts>& definition, const Counts& volume) {
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

template <class Counts, std::size_t N>
std::vector<K> AllOf(const std::array<Definition<Counts>, N>& catalogue, const Counts& volume) {
  std::vector<K> kpis;
  kpis.reserve(N);
  for (const auto& definition : catalogue) kpis.push_back(KpiOf(definition, volume));
  return kpis;
}

/// Over all fields, so that a new one cannot be forgotten.
void AddFields(google::protobuf::Message& sum, const google::protobuf::Message& part) {
  using google::protobuf::FieldDescriptor;
  using Length = google::protobuf::Duration;
  const auto* type = sum.GetDescriptor();
  const auto* access = sum.GetReflection();
  for (int i = 0; i < type->field_count(); ++i) {
    const auto* field = type->field(i);
    if (field->cpp_type() == FieldDescriptor::CPPTYPE_INT64) {
      access->SetInt64(&sum, field, access->GetInt64(sum, field) + access->GetInt64(part, field));
    } else if (field->message_type() == Length::descriptor()) {
      const Duration total = FromProto(static_cast<const Length&>(access->GetMessage(sum, field))) +
                             FromProto(static_cast<const Length&>(access->GetMessage(part, field)));
      *static_cast<Length*>(access->MutableMessage(&sum, field)) = ToProto(total);
    } else {
      AddFields(*access->MutableMessage(&sum, field), access->GetMessage(part, field));
    }
  }
}

}  // namespace

void Add(pb::Volume& sum, const pb::Volume& part) {
  const auto longest = std::max(FromProto(sum.longest_wait()), FromProto(part.longest_wait()));
  AddFields(sum, part);
  *sum.mutable_longest_wait() = ToProto(longest);
}
void Add(pb::OutboundVolume& sum, const pb::OutboundVolume& part) { AddFields(sum, part); }
void Add(pb::QaVolume& sum, const pb::QaVolume& part) { AddFields(sum, part); }

std::vector<pb::Kpi> KpisOf(const pb::Volume& volume) {
  auto kpis = AllOf(kCatalogue, volume);
  for (auto& kpi : KpisOf(volume.outbound())) kpis.push_back(std::move(kpi));
  return kpis;
}
std::vector<pb::Kpi> KpisOf(const pb::OutboundVolume& volume) { return AllOf(kOutbound, volume); }
std::vector<pb::Kpi> KpisOf(const pb::QaVolume& volume) { return AllOf(kQuality, volume); }

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
  auto& outbound = *volume.mutable_outbound();
  outbound.set_connected(line.outbound_handled());
  *outbound.mutable_talk() = line.outbound_talk();
  *outbound.mutable_hold() = line.outbound_hold();
  *outbound.mutable_wrap() = line.outbound_wrap();
  const auto all = KpisOf(volume);
  std::vector<pb::Kpi> kpis;
  for (const auto* code : {"B1", "B2", "O8", "B4", "B4h"}) {
    std::copy_if(all.begin(), all.end(), std::back_inserter(kpis),
                 [&](const auto& kpi) { return kpi.code() == code; });
  }
  return kpis;
}

Grid GridOf(calendar::Date day, const calendar::TimeZone& zone) {
  const calendar::Date next{std::chrono::sys_days{day} + std::chrono::days{1}};
  return {zone.ToUtc(day, Duration::zero()), zone.ToUtc(next, Duration::zero()), std::chrono::minutes{30}};
}

Result<Grid> DayGrid(std::string_view date, const calendar::TimeZone& zone) {
  TRY(const auto day, calendar::ParseDate(date));
  return GridOf(day, zone);
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
