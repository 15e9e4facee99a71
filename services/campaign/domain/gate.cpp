#include "campaign/domain/gate.hpp"

#include <algorithm>
#include <optional>

#include "base/proto_time.hpp"

namespace carillon::campaign::domain {
namespace {

// How long a customer is left alone whom another campaign is calling.
constexpr std::chrono::minutes kInProgress{10};

constexpr const char* kBlocking[] = {"DECEASED", "LITIGATION", "FRAUD_SUSPECT", "OPEN_COMPLAINT"};

Consent::Purpose PurposeOf(pb::ContactClass contact_class) {
  if (contact_class == pb::MARKETING) return Consent::Purpose::kMarketing;
  if (contact_class == pb::SURVEY) return Consent::Purpose::kResearch;
  return Consent::Purpose::kService;
}

/// The customer's last word on the purpose; of two at the same time the refusal.
const Consent* LastWord(const Person& person, Consent::Purpose purpose) {
  const Consent* last = nullptr;
  for (const auto& one : person.consents) {
    if (one.purpose != Consent::Purpose::kEvery && one.purpose != purpose) continue;
    if (last == nullptr || one.at > last->at || (one.at == last->at && !one.given)) last = &one;
  }
  return last;
}

pb::FrequencyRule Rule(pb::ContactClass contact_class, int max_count, int period_days) {
  pb::FrequencyRule rule;
  rule.set_contact_class(contact_class);
  rule.set_max_count(max_count);
  rule.set_period_days(period_days);
  rule.set_on_hit(pb::FrequencyRule::DEFER);
  return rule;
}

std::vector<pb::FrequencyRule> Defaults(pb::ContactClass contact_class) {
  if (!IsOffer(contact_class)) return {Rule(contact_class, 1, 1)};
  return {Rule(contact_class, 1, 7), Rule(contact_class, 3, 30), Rule(contact_class, 6, 90)};
}

/// When the rule lets one more contact through; nothing when it does now.
std::optional<TimePoint> FreeAt(const pb::FrequencyRule& rule, const std::vector<TimePoint>& newest_first,
                                TimePoint now) {
  const auto max = static_cast<std::size_t>(rule.max_count());
  if (newest_first.size() < max) return std::nullopt;
  const TimePoint free = newest_first[max - 1] + std::chrono::days{rule.period_days()};
  if (free <= now) return std::nullopt;
  return free;
}

void Refuse(pb::GateResult& result, pb::Refusal refusal) { result.set_refusal(refusal); }

void Defer(pb::GateResult& result, pb::Refusal refusal, const Question& question, TimePoint until) {
  result.set_refusal(refusal);
  *result.mutable_next_time() = ToProto(question.hours->NextOpen(until));
}

/// False when a rule is hit.
bool PassesRules(const Question& question, pb::GateResult& result) {
  auto newest_first = question.contacts;
  std::sort(newest_first.rbegin(), newest_first.rend());
  const pb::FrequencyRule* hit = nullptr;
  TimePoint until = TimePoint::min();
  for (const auto& rule : question.rules) {
    const auto free = FreeAt(rule, newest_first, question.now);
    if (!free) continue;
    const bool refuses = rule.on_hit() == pb::FrequencyRule::REFUSE;
    if (hit != nullptr && hit->on_hit() == pb::FrequencyRule::REFUSE) continue;
    if (!refuses && *free <= until) continue;
    hit = &rule;
    until = *free;
  }
  if (hit == nullptr) return true;
  result.set_frequency_rule(hit->name().empty() ? "default" : hit->name());
  if (hit->on_hit() == pb::FrequencyRule::REFUSE)
    Refuse(result, pb::FREQUENCY);
  else
    Defer(result, pb::FREQUENCY, question, until);
  return false;
}

}  // namespace

bool IsOffer(pb::ContactClass contact_class) {
  return contact_class == pb::MARKETING || contact_class == pb::SURVEY;
}

std::vector<pb::FrequencyRule> RulesInForce(pb::ContactClass contact_class,
                                            const std::vector<pb::FrequencyRule>& own) {
  std::vector<pb::FrequencyRule> rules;
  for (const auto& rule : own)
    if (rule.contact_class() == contact_class) rules.push_back(rule);
  return rules.empty() ? Defaults(contact_class) : rules;
}

std::vector<pb::FrequencyRule> AllRules(const std::vector<pb::FrequencyRule>& own) {
  std::vector<pb::FrequencyRule> rules;
  for (int value = pb::MARKETING; value <= pb::SERVICE_NOTICE; ++value) {
    auto of_class = RulesInForce(static_cast<pb::ContactClass>(value), own);
    std::sort(of_class.begin(), of_class.end(),
              [](const auto& a, const auto& b) { return a.period_days() < b.period_days(); });
    rules.insert(rules.end(), of_class.begin(), of_class.end());
  }
  return rules;
}

pb::Refusal Standing(pb::ContactClass contact_class, const Person& person, bool on_list) {
  if (person.gone) return pb::CUSTOMER_GONE;
  if (!person.has_number) return pb::NO_NUMBER;
  const auto* word = LastWord(person, PurposeOf(contact_class));
  if (person.do_not_contact || (word != nullptr && !word->given)) return pb::NO_CONSENT;
  if (word == nullptr && IsOffer(contact_class)) return pb::NO_CONSENT;
  if (IsOffer(contact_class) && (on_list || person.alerts.contains("DO_NOT_CALL"))) return pb::ON_DO_NOT_CALL;
  const bool blocked = std::any_of(std::begin(kBlocking), std::end(kBlocking),
                                   [&](const char* code) { return person.alerts.contains(code); });
  return blocked || person.blocked ? pb::BLOCKED : pb::REFUSAL_UNSPECIFIED;
}

pb::GateResult Ask(const Question& question) {
  pb::GateResult result;
  *result.mutable_check_time() = ToProto(question.now);
  result.set_time_zone(question.hours->zone().name());
  if (const auto standing = Standing(question.contact_class, question.person, question.on_list);
      standing != pb::REFUSAL_UNSPECIFIED) {
    Refuse(result, standing);
    return result;
  }
  const auto* word = LastWord(question.person, PurposeOf(question.contact_class));
  if (IsOffer(question.contact_class))
    result.set_consent_evidence(word->evidence.empty() ? "customer record" : word->evidence);
  else
    result.set_consent_evidence("contract");
  if (!question.running) {
    Refuse(result, pb::NOT_RUNNING);
    return result;
  }
  if (!question.callback && !PassesRules(question, result)) return result;
  if (question.in_progress) {
    result.set_frequency_rule("in_progress");
    Defer(result, pb::FREQUENCY, question, question.now + kInProgress);
    return result;
  }
  if (!question.callback && question.attempts_today >= question.max_per_day) {
    const auto& zone = question.hours->zone();
    const auto tomorrow = std::chrono::sys_days{zone.ToLocal(question.now).date} + std::chrono::days{1};
    Defer(result, pb::DAY_LIMIT, question, zone.ToUtc(tomorrow, std::chrono::microseconds{0}));
    return result;
  }
  if (!question.hours->IsOpen(question.now)) Defer(result, pb::OUT_OF_HOURS, question, question.now);
  return result;
}

bool IsFinal(const pb::GateResult& gate) {
  switch (gate.refusal()) {
    case pb::CUSTOMER_GONE:
    case pb::NO_NUMBER:
    case pb::NO_CONSENT:
    case pb::ON_DO_NOT_CALL:
    case pb::BLOCKED:
      return true;
    case pb::FREQUENCY:
      return !gate.has_next_time();
    default:
      return false;
  }
}

}  // namespace carillon::campaign::domain
