#include "customer/api/segments.hpp"

#include "customer/api/composing.hpp"
#include "customer/domain/filter.hpp"
#include "customer/domain/segments.hpp"
#include "customer/store/quality.hpp"
#include "customer/store/segments.hpp"
#include "customer/store/selections.hpp"

namespace carillon::customer::api {
namespace {

constexpr int kSegmentedAtOnce = 200;
constexpr std::chrono::seconds kSegmentStep{20};

/// The rules in their order. One that asks for a field that is no more holds for nobody.
struct Segmenting {
  std::vector<pb::SegmentRule> rules;
  std::vector<domain::Clause> conditions;
  std::vector<std::size_t> rule_of;  // of each condition
};

Segmenting SegmentingOf(pg::Tx& tx) {
  Segmenting out;
  out.rules = store::SegmentRules(tx);
  if (out.rules.empty()) return out;
  domain::InOrder(out.rules);
  const auto fields = store::CustomFields(tx);
  for (std::size_t n = 0; n < out.rules.size(); ++n) {
    if (out.rules[n].retired()) continue;
    auto condition = domain::ParseFilter(out.rules[n].filter(), fields);
    if (!condition) continue;
    out.conditions.push_back(*std::move(condition));
    out.rule_of.push_back(n);
  }
  return out;
}

pb::Customer SegmentedBy(const Segmenting& by, const std::vector<bool>& conditions,
                         const pb::Customer& customer, TimePoint now) {
  std::vector<bool> passed(by.rules.size());
  for (std::size_t n = 0; n < conditions.size(); ++n) passed[by.rule_of[n]] = conditions[n];
  return domain::Segmented(customer, by.rules, passed, now);
}

/// The customer as the rules make it, saved and told of when it changes.
Result<pb::Customer> SegmentedNow(pg::Tx& tx, Deps& deps, const Segmenting& by, const std::string& id) {
  TRY(const auto locked, store::LoadLocked(tx, deps.vault, id));
  const auto& before = locked.customer;
  TRY_VOID(domain::RequireOpen(before));
  if (by.rules.empty()) return before;
  auto after = SegmentedBy(by, store::JudgeAll(tx, by.conditions, {id}).at(0).passed, before, tx.now());
  if (after.etag() == before.etag()) return before;
  if (locked.composed) {
    TRY(after, Edited(tx, deps, before, after));
    if (after.etag() == before.etag()) return before;
  }
  std::vector<std::string> numbers;
  SaveChanged(tx, deps, before, after, numbers);
  TRY_VOID(deps.callers.Changing(tx, numbers));
  return after;
}

/// The next customers behind `after`; false when there are no more.
Result<bool> SegmentStep(pg::Tx& tx, Deps& deps, std::string& after) {
  const auto by = SegmentingOf(tx);
  if (by.rules.empty()) return false;
  const auto ids = store::ToJudge(tx, after, kSegmentedAtOnce);
  TRY(const auto customers, store::LoadAll(tx, deps.vault, ids));
  std::map<std::string, const pb::Customer*> known;
  for (const auto& customer : customers) known[IdOf(customer.name())] = &customer;
  for (const auto& judged : store::JudgeAll(tx, by.conditions, ids)) {
    const auto at = known.find(judged.id);
    if (at == known.end() || !domain::RequireOpen(*at->second)) continue;
    if (SegmentedBy(by, judged.passed, *at->second, tx.now()).etag() == at->second->etag()) continue;
    TRY_VOID(SegmentedNow(tx, deps, by, judged.id));
  }
  if (!ids.empty()) after = ids.back();
  return ids.size() == kSegmentedAtOnce;
}

}  // namespace

Result<pb::SegmentRule> PutSegmentRule(Call& call, Deps& deps, const pb::PutSegmentRuleRequest& in) {
  return deps.db.Write(call, [&](pg::Tx& tx) -> Result<pb::SegmentRule> {
    TRY_VOID(domain::ParseFilter(in.segment_rule().filter(), store::CustomFields(tx)));
    store::PutSegmentRule(tx, in.segment_rule());
    return in.segment_rule();
  });
}

Result<pb::ListSegmentRulesResponse> ListSegmentRules(Call& call, Deps& deps,
                                                      const pb::ListSegmentRulesRequest&) {
  return deps.db.Read(call, [&](pg::Tx& tx) -> Result<pb::ListSegmentRulesResponse> {
    auto rules = store::SegmentRules(tx);
    domain::InOrder(rules);
    pb::ListSegmentRulesResponse out;
    for (auto& rule : rules) *out.add_segment_rules() = std::move(rule);
    return out;
  });
}

Result<pb::Customer> ComputeSegments(Call& call, Deps& deps, const pb::ComputeSegmentsRequest& in) {
  TRY(const std::string id, IdOfName(in.name(), "customers"));
  return deps.db.Write(call, [&](pg::Tx& tx) { return SegmentedNow(tx, deps, SegmentingOf(tx), id); });
}

void SegmentAfter(pg::Tx& tx, const pb::Customer& customer, const std::vector<std::string>& changed_fields) {
  if (!domain::MaySegment(changed_fields) || !store::HasSegmentRules(tx)) return;
  google::protobuf::StringValue id;
  id.set_value(IdOf(customer.name()));
  pg::Enqueue(tx, kSegmentCustomer, id.value(), id);
}

Result<void> SegmentCustomer(Call& call, Deps& deps, const google::protobuf::StringValue& id) {
  return deps.db.Write(call, [&](pg::Tx& tx) -> Result<void> {
    const auto done = SegmentedNow(tx, deps, SegmentingOf(tx), id.value());
    // Closed, merged or gone since: there is nothing to compute.
    if (!done && done.error().code != Code::kFailedPrecondition && done.error().code != Code::kNotFound)
      return done.error();
    return Ok();
  });
}

Result<void> SegmentAll(Call& call, Deps& deps, const google::protobuf::StringValue&) {
  std::string after;
  for (bool more = true; more;) {
    call.deadline = std::chrono::steady_clock::now() + kSegmentStep;
    std::string next;
    TRY(more, deps.db.Write(call, [&](pg::Tx& tx) {
      next = after;
      return SegmentStep(tx, deps, next);
    }));
    after = next;
  }
  return Ok();
}

Result<void> BeginSegmentSweep(Call& call, Deps& deps) {
  return deps.db.Write(call, [&](pg::Tx& tx) -> Result<void> {
    store::NoteSegmentSweep(tx);
    pg::Enqueue(tx, kSegmentAll, call.principal.tenant, google::protobuf::StringValue());
    return Ok();
  });
}

}  // namespace carillon::customer::api
