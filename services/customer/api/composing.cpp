#include "customer/api/composing.hpp"

#include <algorithm>
#include <set>
#include <tuple>

#include "base/proto_time.hpp"
#include "customer/api/link_values.hpp"
#include "customer/api/quality.hpp"
#include "customer/domain/identifiers.hpp"
#include "customer/domain/privacy.hpp"
#include "text/text.hpp"

namespace carillon::customer::api {
namespace {

constexpr int kMostCandidates = 50;

std::string NewRecordName(const std::string& customer, TimePoint now) {
  return customer + "/records/" + NewId(now);
}

std::vector<pb::RawRecord> RecordsIn(const std::vector<store::Kept>& kept) {
  std::vector<pb::RawRecord> records;
  records.reserve(kept.size());
  for (const auto& one : kept) records.push_back(one.record);
  return records;
}

pb::IngestResult Refused(const std::string& key, const Error& error) {
  pb::IngestResult result;
  result.set_key(key);
  result.set_outcome(pb::IngestResult::REJECTED);
  result.set_reason(error.reason);
  for (const auto& violation : error.violations) {
    result.add_violations(violation.field + ": " + violation.description);
  }
  return result;
}

/// What a source says, cleaned as any customer is; nothing it does not say.
Result<pb::RawRecord> Cleaned(const Call& call, const std::string& system, const std::string& client,
                              const pb::RawRecord& record, pb::Customer& created) {
  pb::Customer draft = record.values();
  NormalizeNumbers(draft);
  draft.mutable_source()->set_system(system);
  draft.mutable_source()->set_key(record.key());
  TRY(created, domain::Created(std::move(draft), NewId(call.now), client, call.principal, call.now));
  pb::RawRecord cleaned = domain::AsRecord(created, "");
  *cleaned.mutable_observe_time() = record.has_observe_time() ? record.observe_time() : ToProto(call.now);
  *cleaned.mutable_receive_time() = ToProto(call.now);
  return cleaned;
}

/// The record goes to this customer, new or in the place of the one of its key.
Result<pb::IngestResult> Attached(pg::Tx& tx, Deps& deps, store::Locked& locked, pb::RawRecord record,
                                  const std::string& home_id, std::vector<std::string>& numbers) {
  pb::IngestResult result;
  result.set_key(record.key());
  result.set_customer(locked.customer.name());
  const auto after = Recomposed(tx, deps, locked.customer, &record);
  if (!after) return Refused(record.key(), after.error());
  if (const auto free = RequireUnowned(tx, deps, *after); !free) return Refused(record.key(), free.error());
  store::SaveRecord(tx, deps.vault, {std::move(record), home_id, false}, after->client());
  const bool changed = !domain::ChangedFields(locked.customer, *after).empty();
  if (changed) SaveChanged(tx, deps, locked.customer, *after, numbers);
  result.set_outcome(pb::IngestResult::UPDATED);
  return result;
}

/// Whose the source's key is: the one it is a record of, or the one that was imported under it.
Result<std::optional<store::Kept>> KnownByKey(pg::Tx& tx, Deps& deps, const pb::Customer& created) {
  const auto& source = created.source();
  TRY(auto kept, store::FindRecord(tx, deps.vault, created.client(), source.system(), source.key()));
  if (kept) return kept;
  pb::Customer by_source;
  by_source.set_client(created.client());
  *by_source.mutable_source() = source;
  const auto owner = store::Owners(tx, deps.vault, {by_source}).front();
  if (owner.empty()) return kept;
  TRY(auto locked, store::LoadLocked(tx, deps.vault, owner));
  BeginRecords(tx, deps, locked);
  return store::FindRecord(tx, deps.vault, created.client(), source.system(), source.key());
}

}  // namespace

void BeginRecords(pg::Tx& tx, const Deps& deps, store::Locked& locked) {
  if (locked.composed) return;
  const auto& customer = locked.customer;
  store::SaveRecord(
      tx, deps.vault,
      {domain::AsRecord(customer, NewRecordName(customer.name(), tx.now())), IdOf(customer.name()), false},
      customer.client());
  store::SetComposed(tx, IdOf(customer.name()));
  locked.composed = true;
}

Result<pb::Customer> Recomposed(pg::Tx& tx, const Deps& deps, const pb::Customer& before,
                                const pb::RawRecord* added) {
  TRY(const auto kept, store::RecordsOf(tx, deps.vault, IdOf(before.name())));
  auto records = RecordsIn(kept);
  if (added != nullptr) {
    std::erase_if(records, [&](const pb::RawRecord& one) { return one.name() == added->name(); });
    records.push_back(*added);
  }
  auto composed = domain::Compose(before, std::move(records), store::Ranks(tx));
  return domain::Recomposed(before, std::move(composed.customer), tx.now());
}

Result<pb::Customer> Edited(pg::Tx& tx, const Deps& deps, const pb::Customer& before,
                            const pb::Customer& wanted) {
  const std::string id = IdOf(before.name());
  TRY(const auto kept, store::RecordsOf(tx, deps.vault, id));
  store::Kept edits;
  for (const auto& one : kept) {
    if (one.open && one.home_id == id) edits = one;
  }
  if (edits.record.name().empty()) {
    edits = {{}, id, true};
    edits.record.set_name(NewRecordName(before.name(), tx.now()));
    edits.record.set_system(domain::kOwnSystem);
    edits.record.set_key(edits.record.name());
  }
  domain::NoteEdit(edits.record, before, wanted, tx.now());
  store::SaveRecord(tx, deps.vault, edits, before.client());
  // What no source speaks of is taken as it is wanted.
  TRY(const auto all, store::RecordsOf(tx, deps.vault, id));
  auto composed = domain::Compose(wanted, RecordsIn(all), store::Ranks(tx));
  return domain::Recomposed(before, std::move(composed.customer), tx.now());
}

void SaveChanged(pg::Tx& tx, const Deps& deps, const pb::Customer& before, const pb::Customer& after,
                 std::vector<std::string>& numbers) {
  store::Replace(tx, deps.vault, after);
  const auto changed = domain::ChangedFields(before, after);
  AnnounceUpdated(tx, after, changed);
  for (auto& number : NumbersOf(before, after)) numbers.push_back(std::move(number));
}

domain::Facets FacetsOf(const pb::Customer& customer) {
  using Condition = pb::MatchCondition;
  using domain::Kind;
  domain::Facets out;
  const auto add = [&](Condition::Attribute attribute, Kind kind, const std::string& typed) {
    const auto value = LinkValue(kind, typed);
    if (!value.folded.empty())
      out.values[attribute].push_back(domain::FormOf(kind, value.folded, value.reading));
  };
  add(Condition::NAME, customer.has_person() ? Kind::kName : Kind::kCompany,
      customer.has_person() ? customer.person().full_name() : customer.organisation().full_name());
  for (const auto& one : customer.identifiers()) {
    add(Condition::IDENTIFIER, Kind::kCode, pb::Identifier::Type_Name(one.type()) + one.number());
    if (one.type() == pb::Identifier::RESIDENT_ID) out.residents.push_back(one.number());
  }
  for (const auto& one : customer.accounts()) add(Condition::ACCOUNT, Kind::kCode, one.number());
  for (const auto& one : customer.contacts()) {
    if (one.number().empty()) {
      add(Condition::EMAIL, Kind::kCode, one.address());
    } else {
      add(Condition::PHONE, Kind::kPhone, one.number());
    }
  }
  if (const auto& born = customer.person().birth_date(); born.year() != 0) {
    const int day = born.year() * 10000 + born.month() * 100 + born.day();
    add(Condition::BIRTH_DATE, Kind::kDate, std::to_string(day));
  }
  for (const auto& one : customer.addresses()) {
    add(Condition::ADDRESS, Kind::kText, one.province() + one.city() + one.district() + one.detail());
  }
  return out;
}

store::Judging JudgingOf(pg::Tx& tx) {
  auto judging = store::HowToJudge(tx);
  if (judging.policy.rules().empty()) judging.policy = domain::OwnPolicy();
  return judging;
}

Result<Alike> AlikeTo(pg::Tx& tx, const Deps& deps, const pb::Customer& customer) {
  Alike out;
  std::set<std::string> ids;
  const auto take = [&](const std::vector<std::string>& found) { ids.insert(found.begin(), found.end()); };
  for (const auto& one : customer.identifiers()) {
    take(store::FindByIdentifier(tx, deps.vault, one, "", kMostCandidates));
  }
  for (const auto& one : customer.accounts())
    take(store::FindByAccount(tx, deps.vault, one, "", kMostCandidates));
  take(store::FindByNumbers(tx, domain::CallableNumbers(customer), kMostCandidates));
  const std::string& name =
      customer.has_person() ? customer.person().full_name() : customer.organisation().full_name();
  if (const auto terms = text::QueryTerms(name); !terms.empty()) {
    const auto named = store::FindByName(tx, terms, "", kMostCandidates);
    out.all_of_name = named.size() < kMostCandidates;
    take(named);
  }
  ids.erase(IdOf(customer.name()));
  TRY(out.customers, store::LoadAll(tx, deps.vault, {ids.begin(), ids.end()}));
  std::erase_if(out.customers, [&](const pb::Customer& other) {
    return other.client() != customer.client() || other.party_case() != customer.party_case() ||
           !domain::RequireOpen(other);
  });
  return out;
}

Result<std::vector<pb::MatchCandidate>> Duplicates(pg::Tx& tx, const Deps& deps, const pb::Customer& customer,
                                                   const store::Judging& judging) {
  TRY(const auto alike, AlikeTo(tx, deps, customer));
  const auto& weights = customer.has_person() ? judging.model.people() : judging.model.organisations();
  const auto facets = FacetsOf(customer);
  std::vector<pb::MatchCandidate> out;
  double of_name = 1;
  for (const auto& other : alike.customers) {
    auto& candidate = out.emplace_back(domain::Matched(judging.policy, facets, FacetsOf(other)));
    candidate.set_customer(other.name());
    const auto& evidence = candidate.evidence();
    const bool same_name = std::any_of(evidence.begin(), evidence.end(), [](const pb::MatchEvidence& one) {
      return one.attribute() == pb::MatchCondition::NAME && one.agreement() == pb::EXACT;
    });
    if (same_name) of_name += 1;
  }
  const double share =
      alike.all_of_name && weights.records() > 0 ? of_name / static_cast<double>(weights.records()) : 0;
  for (auto& candidate : out) domain::Weigh(weights, share, candidate);
  std::erase_if(out, [&](const pb::MatchCandidate& one) {
    return one.level() == 0 && !domain::NeedsClerk(judging.policy, one) &&
           !domain::MergesAlone(judging.policy, one);
  });
  std::sort(out.begin(), out.end(), [](const auto& a, const auto& b) {
    const auto key = [](const pb::MatchCandidate& one) {
      return std::tuple(one.level() == 0, one.level(), -one.probability(), one.customer());
    };
    return key(a) < key(b);
  });
  if (out.size() > kMostCandidates) out.resize(kMostCandidates);
  return out;
}

bool Asked(pg::Tx& tx, const std::string& first, const std::string& second, const std::string& client,
           const pb::MatchCandidate& candidate) {
  pb::MergeCase one;
  one.set_name("mergeCases/" + NewId(tx.now()));
  one.add_customers(first);
  one.add_customers(second);
  one.set_state(pb::MergeCase::OPEN);
  one.set_level(candidate.level());
  one.set_conflict(candidate.conflict());
  one.set_weight(candidate.weight());
  one.set_probability(candidate.probability());
  *one.mutable_evidence() = candidate.evidence();
  *one.mutable_open_time() = ToProto(tx.now());
  return store::SaveCase(tx, one, client);
}

namespace {

/// Takes one record over. Errors are those of the database only; what is wrong with the record is in the
/// result.
Result<pb::IngestResult> Ingested(pg::Tx& tx, Deps& deps, const std::string& system,
                                  const std::string& client, const store::Judging& judging,
                                  const pb::RawRecord& given, std::vector<std::string>& numbers) {
  pb::Customer created;
  auto cleaned = Cleaned(tx.call(), system, client, given, created);
  if (!cleaned) return Refused(given.key(), cleaned.error());
  if (created.custom_fields().fields_size() > 0) {
    auto fields = store::CustomFields(tx);
    for (auto& field : fields) field.set_required(false);  // another source may know it
    const auto fit = domain::RequireCustomFields({}, created.custom_fields(), fields);
    if (!fit) return Refused(given.key(), fit.error());
  }
  pb::RawRecord record = *std::move(cleaned);
  TRY(const auto kept, KnownByKey(tx, deps, created));
  if (kept) {
    record.set_name(kept->record.name());
    TRY(const auto living, store::LoadLivingForUpdate(tx, deps.vault, kept->home_id));
    if (!living) return Refused(record.key(), errors::Unknown("customers/" + kept->home_id));
    pb::IngestResult unchanged;
    unchanged.set_key(record.key());
    unchanged.set_customer(living->name());
    unchanged.set_outcome(pb::IngestResult::UNCHANGED);
    const bool older = FromProto(record.observe_time()) < FromProto(kept->record.observe_time());
    if (older || record.values().SerializeAsString() == kept->record.values().SerializeAsString())
      return unchanged;
    store::Locked locked{*living, true};
    return Attached(tx, deps, locked, std::move(record), kept->home_id, numbers);
  }
  TRY(const auto candidates, Duplicates(tx, deps, created, judging));
  for (const auto& candidate : candidates) {
    if (!domain::MergesAlone(judging.policy, candidate)) continue;
    TRY(auto locked, store::LoadLocked(tx, deps.vault, IdOf(candidate.customer())));
    BeginRecords(tx, deps, locked);
    record.set_name(NewRecordName(locked.customer.name(), tx.now()));
    TRY(auto result, Attached(tx, deps, locked, std::move(record), IdOf(candidate.customer()), numbers));
    result.set_match_level(candidate.level());
    return result;
  }
  if (const auto free = RequireUnowned(tx, deps, created); !free) return Refused(record.key(), free.error());
  store::Insert(tx, deps.vault, {created});
  store::SetComposed(tx, IdOf(created.name()));
  record.set_name(NewRecordName(created.name(), tx.now()));
  pb::IngestResult result;
  result.set_key(record.key());
  result.set_customer(created.name());
  result.set_outcome(pb::IngestResult::CREATED);
  store::SaveRecord(tx, deps.vault, {std::move(record), IdOf(created.name()), false}, client);
  AnnounceCreated(tx, created, system);
  for (auto& number : domain::CallableNumbers(created)) numbers.push_back(std::move(number));
  for (const auto& candidate : candidates) {
    if (!domain::NeedsClerk(judging.policy, candidate)) continue;
    Asked(tx, candidate.customer(), created.name(), client, candidate);
  }
  return result;
}

}  // namespace

Result<pb::IngestRecordsResponse> IngestedAll(pg::Tx& tx, Deps& deps, const std::string& system,
                                              const std::string& client,
                                              const std::vector<pb::RawRecord>& records) {
  store::LockImports(tx);
  const auto ranks = store::Systems(tx);
  if (std::none_of(ranks.begin(), ranks.end(), [&](const auto& one) { return IdOf(one.name()) == system; })) {
    return errors::SourceSystemUnknown("sourceSystems/" + system);
  }
  pb::IngestRecordsResponse out;
  std::vector<std::string> numbers;
  TimePoint newest{};
  const auto judging = JudgingOf(tx);
  for (const auto& record : records) {
    TRY(*out.add_results(), Ingested(tx, deps, system, client, judging, record, numbers));
    const auto& result = out.results(out.results_size() - 1);
    if (result.outcome() == pb::IngestResult::REJECTED) continue;
    newest = std::max(newest, record.has_observe_time() ? FromProto(record.observe_time()) : tx.now());
  }
  if (newest != TimePoint{}) store::NoteSync(tx, system, newest);
  FileRefusals(tx, deps, system, client, out);
  TRY_VOID(deps.callers.Changing(tx, numbers));
  return out;
}

Result<pb::Customer> MergedCustomers(pg::Tx& tx, Deps& deps, const std::string& first,
                                     const std::string& second, const std::string& reason) {
  if (first == second) return errors::MergeImpossible("is the same customer twice");
  // Locked in one order, whichever way round they were named.
  TRY(auto a, store::LoadLocked(tx, deps.vault, std::min(first, second)));
  TRY(auto b, store::LoadLocked(tx, deps.vault, std::max(first, second)));
  TRY_VOID(domain::RequireMergeable(a.customer, b.customer));
  auto& stays = domain::StaysOf(a.customer, b.customer) ? a : b;
  auto& goes = &stays == &a ? b : a;
  const std::string stays_id = IdOf(stays.customer.name()), goes_id = IdOf(goes.customer.name());
  BeginRecords(tx, deps, stays);
  BeginRecords(tx, deps, goes);
  store::CloseEdits(tx, {stays_id, goes_id});
  const auto gone = domain::WentInto(goes.customer, stays.customer.name(), tx.now());
  store::SaveMerge(tx, NewId(tx.now()), goes.customer, stays_id, reason, ActorOf(tx.call()));
  store::Replace(tx, deps.vault, gone);
  store::MoveAlong(tx, goes.customer, stays.customer);
  TRY(const auto after, Recomposed(tx, deps, stays.customer));
  std::vector<std::string> numbers = domain::CallableNumbers(goes.customer);
  SaveChanged(tx, deps, stays.customer, after, numbers);
  pb::CustomerMerged event;
  *event.mutable_customer() = domain::StateOf(gone);
  event.set_survivor(stays.customer.name());
  pg::Announce(tx, kCustomersTopic, goes_id, event, tx.now());
  TRY_VOID(deps.callers.Changing(tx, numbers));
  return store::Load(tx, deps.vault, stays_id);
}

}  // namespace carillon::customer::api
