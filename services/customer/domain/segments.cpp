#include "customer/domain/segments.hpp"

#include <algorithm>
#include <map>
#include <tuple>

#include "base/proto_time.hpp"
#include "customer/domain/customers.hpp"

namespace carillon::customer::domain {
namespace {

/// What a value computed in a dimension, or none (""), says of the customer itself.
void Follow(pb::Customer& customer, const std::string& dimension, const std::string& value) {
  auto grade = pb::Customer::STANDARD;
  auto stage = pb::Customer::LIFE_CYCLE_STAGE_UNSPECIFIED;
  if (dimension == "VALUE" && (value.empty() || pb::Customer::Grade_Parse(value, &grade)))
    customer.set_grade(grade);
  if (dimension == "LIFE_CYCLE" && pb::Customer::LifeCycleStage_Parse(value, &stage))
    customer.set_life_cycle_stage(stage);
}

void Segment(pb::Customer& customer, const std::string& dimension, const std::string& value, TimePoint now) {
  auto& segments = *customer.mutable_segments();
  auto at = std::find_if(segments.begin(), segments.end(),
                         [&](const pb::Segment& one) { return one.dimension() == dimension; });
  if (at != segments.end() && at->model_version() != kByRule) return;
  if (at == segments.end() ? value.empty() : at->value() == value) return;
  Follow(customer, dimension, value);
  if (value.empty()) {
    segments.erase(at);
    return;
  }
  auto& segment = at == segments.end() ? *customer.add_segments() : *at;
  segment.set_dimension(dimension);
  segment.set_value(value);
  segment.set_model_version(kByRule);
  *segment.mutable_compute_time() = ToProto(now);
}

}  // namespace

std::pair<std::string, std::string> PartsOfRule(const pb::SegmentRule& rule) {
  const auto& name = rule.name();
  const auto slash = name.find('/'), dot = name.find('.');
  return {name.substr(slash + 1, dot - slash - 1), name.substr(dot + 1)};
}

void InOrder(std::vector<pb::SegmentRule>& rules) {
  const auto key = [](const pb::SegmentRule& one) {
    return std::tuple(PartsOfRule(one).first, one.rank(), one.name());
  };
  std::sort(rules.begin(), rules.end(), [&](const auto& a, const auto& b) { return key(a) < key(b); });
}

pb::Customer Segmented(const pb::Customer& before, const std::vector<pb::SegmentRule>& rules,
                       const std::vector<bool>& passed, TimePoint now) {
  std::map<std::string, std::string> values;
  for (std::size_t n = 0; n < rules.size(); ++n) {
    const auto [dimension, value] = PartsOfRule(rules[n]);
    auto& held = values[dimension];
    if (held.empty() && passed[n] && !rules[n].retired()) held = value;
  }
  pb::Customer after = before;
  for (const auto& [dimension, value] : values) Segment(after, dimension, value, now);
  if (!ChangedFields(before, after).empty()) {
    *after.mutable_update_time() = ToProto(now);
    after.set_etag(std::to_string(std::atoll(before.etag().c_str()) + 1));
  }
  return after;
}

bool MaySegment(const std::vector<std::string>& changed_fields) {
  return std::any_of(changed_fields.begin(), changed_fields.end(), [](const std::string& field) {
    return field == "accounts" || field == "person" || field == "organisation" || field == "custom_fields";
  });
}

}  // namespace carillon::customer::domain
