#include "campaign/store/attempts.hpp"

#include <google/protobuf/util/message_differencer.h>

#include <map>

#include "base/ids.hpp"
#include "campaign/domain/attempt.hpp"
#include "campaign/domain/errors.hpp"
#include "campaign/domain/gate.hpp"
#include "campaign/store/campaigns.hpp"
#include "campaign/store/policy.hpp"
#include "campaign/store/rows.hpp"
#include "campaign/store/statements.hpp"
#include "carillon/campaign/v1/campaign_events.pb.h"

namespace carillon::campaign::store {
namespace {

using google::protobuf::util::MessageDifferencer;
using Attempt = pb::Attempt;
using Record = pb::AttemptRecord;
using Target = pb::TargetRecord;

// The customer's grade decides; see TargetRecord.priority.
constexpr int kPriorities[] = {1, 2, 4, 5};

/// A target, locked, and the attempt that may say what becomes of it.
struct LockedTarget {
  Target target;
  std::string last_attempt;  ///< uuid, or empty
};

LockedTarget LockedOf(const pqxx::row& row) {
  return {pg::OfJson<Target>(row["body"]),
          row["last_attempt_id"].is_null() ? std::string() : row["last_attempt_id"].c_str()};
}

LockedTarget LockTarget(pg::Tx& tx, const std::string& name) {
  return LockedOf(tx.Exec(sql::kLockTarget, IdOf(name))[0]);
}

void SaveTarget(pg::Tx& tx, Target& target, const std::string& last_attempt) {
  *target.mutable_update_time() = ToProto(tx.now());
  tx.Exec(sql::kSaveTarget, IdOf(target.name()), Target::State_Name(target.state()),
          pg::Time(FromProto(target.next_time())),
          pg::MaybeTime(target.has_callback_time(), target.callback_time()), pg::MaybeId(last_attempt),
          pg::JsonOf(target));
}

void AddAttempt(pg::Tx& tx, const Record& record, const Lease& lease) {
  const auto& attempt = record.attempt();
  tx.Exec(sql::kAddAttempt, IdOf(attempt.name()), IdOf(attempt.campaign()), IdOf(attempt.target_record()),
          IdOf(attempt.client()), IdOf(attempt.customer()), IdOf(lease.campaign.queue()),
          Attempt::State_Name(attempt.state()), pg::OrNull(lease.request_id),
          pg::MaybeTime(attempt.has_callback_time(), attempt.callback_time()),
          pg::Time(FromProto(attempt.lease_time())), pg::Time(FromProto(attempt.lease_expire_time())),
          pg::Time(domain::WaitsUntil(record)), pb::Disposition_Name(attempt.disposition()),
          pg::JsonOf(record));
}

void SaveAttempt(pg::Tx& tx, const Record& record) {
  const auto& attempt = record.attempt();
  tx.Exec(sql::kSaveAttempt, IdOf(attempt.name()), Attempt::State_Name(attempt.state()),
          pg::MaybeTime(attempt.has_dial_time(), attempt.dial_time()),
          pg::MaybeTime(attempt.has_connect_time(), attempt.connect_time()),
          pg::Time(domain::WaitsUntil(record)), pb::Disposition_Name(attempt.disposition()),
          pg::MaybeId(attempt.call()), pg::JsonOf(record));
}

template <class Event>
void AnnounceTo(pg::Tx& tx, const Target& target, const Event& event) {
  pg::Announce(tx, kAttemptsTopic, IdOf(target.name()), event, tx.now());
}

void NoteRefusal(pg::Tx& tx, const Target& target, const pb::GateResult& gate) {
  if (tx.Exec(sql::kNoteRefusal, IdOf(target.name()), pb::Refusal_Name(gate.refusal()),
              IdOf(target.campaign()), pg::Time(tx.now()))
          .affected_rows() == 0)
    return;
  pb::ContactRefused event;
  *event.mutable_target_record() = target;
  *event.mutable_gate() = gate;
  AnnounceTo(tx, target, event);
}

void SetReleased(pg::Tx& tx, Record& record) {
  record.mutable_attempt()->set_state(Attempt::RELEASED);
  SaveAttempt(tx, record);
  tx.Exec(sql::kDropContact, IdOf(record.attempt().name()));
}

Result<Record> OnlyAttempt(const pqxx::result& rows, const std::string& name) {
  if (rows.empty()) return errors::UnknownAttempt(name);
  return pg::OfJson<Record>(rows[0]["body"]);
}

/// Marks a claimed target and makes its attempt.
Record Take(pg::Tx& tx, const Lease& lease, Target target) {
  Record record;
  auto& attempt = *record.mutable_attempt();
  attempt.set_name("attempts/" + NewId(tx.now()));
  attempt.set_campaign(target.campaign());
  attempt.set_target_record(target.name());
  attempt.set_customer(target.customer());
  attempt.set_client(lease.campaign.client());
  attempt.set_number(target.attempts() + 1);
  attempt.set_state(Attempt::LEASED);
  attempt.set_dialer(lease.dialer);
  if (target.has_callback_time()) *attempt.mutable_callback_time() = target.callback_time();
  *attempt.mutable_lease_time() = ToProto(tx.now());
  *attempt.mutable_lease_expire_time() = ToProto(lease.expires);
  AddAttempt(tx, record, lease);
  target.set_state(Target::DIALLING);
  SaveTarget(tx, target, attempt.name());
  return record;
}

}  // namespace

Result<Target> LoadTarget(pg::Tx& tx, const std::string& name) {
  const auto rows = tx.Exec(sql::kTarget, IdOf(name));
  if (rows.empty()) return errors::UnknownTarget(name);
  return pg::OfJson<Target>(rows[0]["body"]);
}

std::vector<Target> ListTargets(pg::Tx& tx, const pb::ListTargetRecordsRequest& in, const std::string& after,
                                int size) {
  return AllOfJson<Target>(tx.Exec(sql::kListTargets, IdOf(in.campaign()), pg::OrNull(after),
                                   in.state() == Target::STATE_UNSPECIFIED
                                       ? pg::Param(std::nullopt)
                                       : pg::Param(Target::State_Name(in.state())),
                                   pg::MaybeId(in.customer()), size));
}

int AddTargets(pg::Tx& tx, const pb::Campaign& campaign, const std::vector<Target>& targets) {
  std::vector<std::string> ids;
  std::vector<std::string> customers;
  std::vector<int> priorities;
  std::vector<std::string> bodies;
  for (const auto& target : targets) {
    ids.push_back(IdOf(target.name()));
    customers.push_back(IdOf(target.customer()));
    priorities.push_back(target.priority());
    bodies.push_back(pg::JsonOf(target));
  }
  return static_cast<int>(tx.Exec(sql::kAddTargets, IdOf(campaign.name()), IdOf(campaign.client()),
                                  pb::ContactClass_Name(campaign.contact_class()), pg::Time(tx.now()),
                                  pg::Array(ids), pg::Array(customers), pg::Array(priorities),
                                  pg::Array(bodies))
                              .affected_rows());
}

Result<void> SuppressTargets(pg::Tx& tx, const std::string& customer,
                             const std::function<pb::Refusal(pb::ContactClass)>& refusal) {
  std::map<std::string, Record> leased;
  for (auto& record : AllOfJson<Record>(tx.Exec(sql::kLockLeasedOfCustomer, IdOf(customer))))
    leased.emplace(record.attempt().target_record(), std::move(record));
  for (const auto& row : tx.Exec(sql::kLockTargetsOfCustomer, IdOf(customer))) {
    auto [target, last_attempt] = LockedOf(row);
    TRY(const auto campaign, LoadCampaign(tx, target.campaign()));
    pb::GateResult gate;
    gate.set_refusal(refusal(campaign.contact_class()));
    if (gate.refusal() == pb::REFUSAL_UNSPECIFIED) continue;
    const auto lease = leased.find(target.name());
    if (target.state() == Target::DIALLING && lease == leased.end()) continue;
    *gate.mutable_check_time() = ToProto(tx.now());
    if (lease != leased.end()) {
      *lease->second.mutable_attempt()->add_gates() = gate;
      SetReleased(tx, lease->second);
    }
    target.set_state(Target::SUPPRESSED);
    target.set_refusal(gate.refusal());
    SaveTarget(tx, target, last_attempt);
    NoteRefusal(tx, target, gate);
  }
  return Ok();
}

Result<Record> LoadAttempt(pg::Tx& tx, const std::string& name) {
  return OnlyAttempt(tx.Exec(sql::kAttempt, IdOf(name)), name);
}

Result<Record> LockAttempt(pg::Tx& tx, const std::string& name) {
  return OnlyAttempt(tx.Exec(sql::kLockAttempt, IdOf(name)), name);
}

std::optional<Record> LockAttemptOfCall(pg::Tx& tx, const std::string& call) {
  const auto rows = tx.Exec(sql::kLockAttemptOfCall, IdOf(call));
  if (rows.empty()) return std::nullopt;
  return pg::OfJson<Record>(rows[0]["body"]);
}

AttemptPage ListAttempts(pg::Tx& tx, const pb::ListAttemptsRequest& in, const std::string& after, int size) {
  const auto [after_time, after_id] = pg::After(after);
  const auto rows = tx.Exec(sql::kListAttempts, after_time, after_id, pg::MaybeId(in.campaign()),
                            pg::MaybeId(in.target_record()), pg::MaybeId(in.customer()), size + 1);
  AttemptPage page;
  for (const auto& row : rows) {
    if (static_cast<int>(page.attempts.size()) == size) {
      const auto last = rows[static_cast<pqxx::result::size_type>(size - 1)];
      page.next = pg::KeyOf(last["leased_us"], last["attempt_id"]);
      break;
    }
    page.attempts.push_back(pg::OfJson<Record>(row["body"]).attempt());
  }
  return page;
}

int CountAttempts(pg::Tx& tx, const std::string& target, TimePoint since) {
  return tx.Exec(sql::kCounted, IdOf(target), pg::Time(since))[0]["counted"].as<int>();
}

void LockQueue(pg::Tx& tx, const std::string& queue) { tx.Exec(sql::kLockQueue, IdOf(queue)); }

int CountLooking(pg::Tx& tx, const std::string& queue) {
  return tx.Exec(sql::kLooking, IdOf(queue))[0]["looking"].as<int>();
}

int CountCallbacks(pg::Tx& tx, const std::string& queue, TimePoint by) {
  return tx.Exec(sql::kCallbacksDue, IdOf(queue), pg::Time(by))[0]["due"].as<int>();
}

std::vector<Record> ClaimCallbacks(pg::Tx& tx, const Lease& lease, int most) {
  std::vector<Record> claimed;
  for (auto& target : AllOfJson<Target>(
           tx.Exec(sql::kClaimCallbacks, IdOf(lease.campaign.name()), pg::Time(tx.now()), most)))
    claimed.push_back(Take(tx, lease, std::move(target)));
  return claimed;
}

std::vector<Record> ClaimTargets(pg::Tx& tx, const Lease& lease, int most) {
  std::vector<Record> claimed;
  for (const int priority : kPriorities) {
    const int wanted = most - static_cast<int>(claimed.size());
    if (wanted <= 0) break;
    for (auto& target : AllOfJson<Target>(
             tx.Exec(sql::kClaim, IdOf(lease.campaign.name()), priority, pg::Time(tx.now()), wanted)))
      claimed.push_back(Take(tx, lease, std::move(target)));
  }
  return claimed;
}

std::vector<Record> AttemptsOfLease(pg::Tx& tx, const std::string& request_id) {
  return AllOfJson<Record>(tx.Exec(sql::kAttemptsOfLease, request_id));
}

std::vector<Record> LockUnchecked(pg::Tx& tx, const std::vector<std::string>& names) {
  std::vector<std::string> ids;
  ids.reserve(names.size());
  for (const auto& name : names) ids.push_back(IdOf(name));
  return AllOfJson<Record>(tx.Exec(sql::kLockUnchecked, pg::Array(ids)));
}

void Check(pg::Tx& tx, Record& record, const pb::GateResult& gate) {
  *record.mutable_attempt()->add_gates() = gate;
  SaveAttempt(tx, record);
  tx.Exec(sql::kNoteContact, IdOf(record.attempt().name()), IdOf(record.attempt().target_record()),
          pg::Time(tx.now()));
}

Result<void> Refuse(pg::Tx& tx, Record record, const pb::GateResult& gate) {
  *record.mutable_attempt()->add_gates() = gate;
  SetReleased(tx, record);
  auto [target, last_attempt] = LockTarget(tx, record.attempt().target_record());
  target.set_state(domain::IsFinal(gate) ? Target::SUPPRESSED : Target::QUEUED);
  target.set_refusal(gate.refusal());
  if (gate.has_next_time()) *target.mutable_next_time() = gate.next_time();
  SaveTarget(tx, target, last_attempt);
  NoteRefusal(tx, target, gate);
  return Ok();
}

Result<void> Release(pg::Tx& tx, Record record) {
  SetReleased(tx, record);
  auto [target, last_attempt] = LockTarget(tx, record.attempt().target_record());
  if (target.state() != Target::DIALLING) return Ok();
  target.set_state(Target::QUEUED);
  SaveTarget(tx, target, last_attempt);
  return Ok();
}

Result<void> ReleaseLeases(pg::Tx& tx, const std::string& campaign, bool callbacks_go_on) {
  for (auto& record : AllOfJson<Record>(tx.Exec(sql::kLockLeasedOfCampaign, IdOf(campaign)))) {
    if (callbacks_go_on && record.attempt().has_callback_time()) continue;
    TRY_VOID(Release(tx, std::move(record)));
  }
  return Ok();
}

Result<void> Dial(pg::Tx& tx, Record& record, const std::string& call, const pb::GateResult& gate) {
  auto& attempt = *record.mutable_attempt();
  *attempt.add_gates() = gate;
  attempt.set_call(call);
  *attempt.mutable_dial_time() = ToProto(tx.now());
  domain::Conclude(record);
  SaveAttempt(tx, record);
  tx.Exec(sql::kNoteContact, IdOf(attempt.name()), IdOf(attempt.target_record()), pg::Time(tx.now()));
  tx.Exec(sql::kForgetRefusals, IdOf(attempt.target_record()));
  auto [target, last_attempt] = LockTarget(tx, attempt.target_record());
  target.set_attempts(target.attempts() + 1);
  target.clear_refusal();
  SaveTarget(tx, target, last_attempt);
  pb::AttemptDialled event;
  *event.mutable_attempt() = attempt;
  *event.mutable_target_record() = target;
  AnnounceTo(tx, target, event);
  return Ok();
}

Result<pb::DoNotCallEntry> StopOffers(pg::Tx& tx, const pb::DoNotCallEntry& entry, const std::string& client,
                                      const std::string& attempt) {
  const auto [standing, added] = AddEntry(tx, entry, {});
  if (!added) return standing;
  TRY_VOID(SuppressTargets(tx, entry.customer(), [](pb::ContactClass contact_class) {
    return domain::IsOffer(contact_class) ? pb::ON_DO_NOT_CALL : pb::REFUSAL_UNSPECIFIED;
  }));
  pb::DoNotCallRequested event;
  event.set_customer(entry.customer());
  event.set_attempt(attempt);
  event.set_client(client);
  pg::Announce(tx, kAttemptsTopic, IdOf(entry.customer()), event, tx.now());
  return standing;
}

Result<void> Learn(pg::Tx& tx, const Record& before, Record after) {
  domain::Conclude(after);
  if (MessageDifferencer::Equals(before, after)) return Ok();
  const auto& attempt = after.attempt();
  const bool over = attempt.state() == Attempt::ENDED;
  const bool was_over = before.attempt().state() == Attempt::ENDED;
  auto [target, last_attempt] = LockTarget(tx, attempt.target_record());
  // While a later attempt is under way only that one may say what becomes of the target.
  const bool decides = last_attempt == IdOf(attempt.name());
  if (was_over && !over && !decides) return Ok();
  SaveAttempt(tx, after);
  if (domain::IsContact(after)) {
    tx.Exec(sql::kNoteContact, IdOf(attempt.name()), IdOf(attempt.target_record()),
            pg::Time(FromProto(attempt.has_answer_time() ? attempt.answer_time() : attempt.connect_time())));
  } else if (over) {
    tx.Exec(sql::kDropContact, IdOf(attempt.name()));
  }
  TRY(const auto campaign, LoadCampaign(tx, attempt.campaign()));
  if (decides && over)
    domain::Settle(after, campaign.retry(), CountAttempts(tx, target.name(), TimePoint{}), target);
  else if (decides)
    target.set_state(Target::DIALLING);
  SaveTarget(tx, target, last_attempt);
  const bool new_word = before.attempt().disposition() != attempt.disposition();
  if (new_word && attempt.disposition() == pb::DO_NOT_CALL) {
    pb::DoNotCallEntry entry;
    entry.set_customer(attempt.customer());
    TRY_VOID(StopOffers(tx, entry, campaign.client(), attempt.name()));
  }
  if (!over || MessageDifferencer::Equals(before.attempt(), attempt)) return Ok();
  pb::AttemptEnded ended;
  *ended.mutable_attempt() = attempt;
  *ended.mutable_target_record() = target;
  AnnounceTo(tx, target, ended);
  if (attempt.disposition() == pb::SOLD && (new_word || !was_over)) {
    pb::SaleClosed sale;
    *sale.mutable_attempt() = attempt;
    sale.set_offer(campaign.offer());
    AnnounceTo(tx, target, sale);
  }
  return Ok();
}

std::vector<std::pair<std::string, std::string>> OverdueAttempts(pg::Tx& tx, TimePoint now) {
  std::vector<std::pair<std::string, std::string>> due;
  for (const auto& row : tx.Exec(sql::kOverdueAttempts, pg::Time(now)))
    due.emplace_back(row["tenant_id"].c_str(), std::string("attempts/") + row["attempt_id"].c_str());
  return due;
}

pb::Funnel ReadFunnel(pg::Tx& tx, const pb::GetFunnelRequest& in) {
  const auto campaign = IdOf(in.campaign());
  const auto from = pg::MaybeTime(in.has_start_time(), in.start_time());
  const auto to = pg::MaybeTime(in.has_end_time(), in.end_time());
  pb::Funnel funnel;
  const auto listed = tx.Exec(sql::kListed, campaign, pg::Time(tx.now()));
  const auto counts = tx.Exec(sql::kFunnel, campaign, from, to);
  std::int64_t before = 0;
  const auto stage = [&](const char* code, std::int64_t customers) {
    auto& next = *funnel.add_stages();
    next.set_code(code);
    next.set_customers(customers);
    if (before > 0) next.set_conversion(static_cast<double>(customers) / static_cast<double>(before));
    before = customers;
  };
  stage("target", listed[0]["listed"].as<std::int64_t>());
  for (const auto* code : {"dialled", "reached", "interested", "sold"})
    stage(code, counts[0][code].as<std::int64_t>());
  funnel.set_attempts(counts[0]["attempts"].as<std::int64_t>());
  for (const auto& row : tx.Exec(sql::kDispositions, campaign, from, to))
    (*funnel.mutable_dispositions())[row["disposition"].c_str()] = row["attempts"].as<std::int64_t>();
  for (const auto& row : tx.Exec(sql::kRefusals, campaign, from, to))
    (*funnel.mutable_refusals())[row["refusal"].c_str()] = row["targets"].as<std::int64_t>();
  funnel.set_callbacks_kept(counts[0]["kept"].as<std::int64_t>());
  funnel.set_callbacks_due(counts[0]["callbacks"].as<std::int64_t>() + listed[0]["late"].as<std::int64_t>());
  return funnel;
}

}  // namespace carillon::campaign::store
