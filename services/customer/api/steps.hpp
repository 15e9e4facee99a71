#pragma once
#include <string>
#include <vector>

#include "base/ids.hpp"
#include "customer/api/segments.hpp"
#include "customer/deps.hpp"
#include "customer/domain/customers.hpp"
#include "customer/domain/errors.hpp"
#include "customer/domain/profile.hpp"
#include "customer/store/customers.hpp"
#include "customer/store/names.hpp"
#include "customer/store/privacy.hpp"
#include "customer/store/profile.hpp"
#include "text/phone.hpp"

/// Steps that several methods share.
namespace carillon::customer::api {

namespace pb = carillon::customer::v1;

/// Numbers of contacts in E.164 where they are numbers; the rest is left for the domain to refuse.
inline void NormalizeNumbers(pb::Customer& customer) {
  for (auto& medium : *customer.mutable_contacts()) {
    if (auto number = text::ToE164(medium.number())) medium.set_number(*std::move(number));
  }
}

using store::ActorOf;

/// The numbers whose look-up a change from `before` to `after` touches.
inline std::vector<std::string> NumbersOf(const pb::Customer& before, const pb::Customer& after) {
  auto numbers = domain::CallableNumbers(before);
  for (auto& number : domain::CallableNumbers(after)) numbers.push_back(std::move(number));
  return numbers;
}

inline void AnnounceCreated(pg::Tx& tx, const pb::Customer& customer, const std::string& source_system) {
  pb::CustomerCreated event;
  *event.mutable_customer() = domain::StateOf(customer);
  event.set_source_system(source_system);
  pg::Announce(tx, kCustomersTopic, IdOf(customer.name()), event, tx.now());
}

/// Also has its segments computed, where a change of these fields may change one.
inline void AnnounceUpdated(pg::Tx& tx, const pb::Customer& after,
                            const std::vector<std::string>& changed_fields) {
  pb::CustomerUpdated event;
  *event.mutable_customer() = domain::StateOf(after);
  for (const auto& field : changed_fields) event.add_changed_fields(field);
  pg::Announce(tx, kCustomersTopic, IdOf(after.name()), event, tx.now());
  SegmentAfter(tx, after, changed_fields);
}

/// Saves and announces a state that changed; nothing when it did not.
inline Result<void> SaveChangedState(pg::Tx& tx, Deps& deps, const pb::Customer& before,
                                     const pb::Customer& after) {
  if (after.state() == before.state()) return Ok();
  store::SaveState(tx, deps.vault, after);
  AnnounceUpdated(tx, after, {"state"});
  return deps.callers.Changing(tx, domain::CallableNumbers(after));
}

/// The codes of a list, the tenant's own in the place of the service's.
inline std::vector<pb::Code> CodesIn(pg::Tx& tx, const std::string& list) {
  return domain::CodesOf(domain::OwnCodes(list), store::Codes(tx, list));
}

/// CODE_UNKNOWN for one that is not in the list or retired.
inline Result<void> RequireCode(pg::Tx& tx, const std::string& list, const std::string& field,
                                const std::string& code) {
  if (domain::FindCode(CodesIn(tx, list), code) == nullptr) return errors::CodeUnknown(field, code);
  return Ok();
}

/// CUSTOMER_EXISTS when another customer has one of its identifiers or its source record.
inline Result<void> RequireUnowned(pg::Tx& tx, const Deps& deps, const pb::Customer& customer) {
  const auto owner = store::Owners(tx, deps.vault, {customer}).front();
  if (!owner.empty() && "customers/" + owner != customer.name()) return errors::Exists("customers/" + owner);
  return Ok();
}

/// A rival got in between RequireUnowned and our insert: says whose it is now.
inline Result<pb::Customer> NameTheOwner(const Call& call, Deps& deps, Result<pb::Customer> outcome,
                                         const pb::Customer& customer) {
  if (outcome || outcome.error().reason != "DUPLICATE") return outcome;
  TRY_VOID(deps.db.Read(call, [&](pg::Tx& tx) { return RequireUnowned(tx, deps, customer); }));
  return errors::Exists("");
}

}  // namespace carillon::customer::api
