#include "base/proto_time.hpp"
#include "customer/api/composing.hpp"
#include "customer/api/erasing.hpp"
#include "customer/api/privacy.hpp"
#include "customer/store/privacy.hpp"
#include "rpc/page.hpp"

namespace carillon::customer::api {
namespace {

void AddKept(pb::Erasure& erasure, const char* kind, const char* reason, std::int64_t count,
             TimePoint until) {
  if (count == 0) return;
  auto& kept = *erasure.add_kept();
  kept.set_kind(kind);
  kept.set_reason(reason);
  kept.set_count(count);
  *kept.mutable_until_time() = ToProto(until);
}

/// The record is emptied and told of; what else is kept of it goes with store::Forget.
Result<void> Emptied(pg::Tx& tx, Deps& deps, store::Locked locked, const std::string& reason,
                     std::vector<std::string>& numbers) {
  BeginRecords(tx, deps, locked);  // the key its source knows it by must not come back as somebody new
  TRY(const auto kept, store::RecordsOf(tx, deps.vault, IdOf(locked.customer.name())));
  for (const auto& one : kept) {
    if (one.home_id == IdOf(locked.customer.name())) store::EraseRecord(tx, deps.vault, one);
  }
  const auto after = domain::ErasedOf(locked.customer, tx.now());
  store::Replace(tx, deps.vault, after);
  pb::CustomerErased event;
  *event.mutable_customer() = domain::StateOf(after);
  event.set_reason(reason);
  pg::Announce(tx, kCustomersTopic, IdOf(after.name()), event, tx.now());
  for (auto& number : domain::CallableNumbers(locked.customer)) numbers.push_back(std::move(number));
  return Ok();
}

}  // namespace

Result<pb::Erasure> ErasedCustomer(pg::Tx& tx, Deps& deps, const std::string& id, const std::string& reason,
                                   bool asked) {
  TRY(auto locked, store::LoadLocked(tx, deps.vault, id));
  if (locked.customer.state() == pb::Customer::ERASED) {
    auto erasure = store::FindErasure(tx, id);
    if (!erasure) return errors::Erased(locked.customer.name());
    return *std::move(erasure);
  }
  if (asked) TRY_VOID(domain::RequireErasable(locked.customer));
  const auto family = store::Family(tx, id);
  const std::string client = locked.customer.client();
  pb::Erasure erasure;
  erasure.set_customer(locked.customer.name());
  erasure.set_reason(reason);
  erasure.set_erased_by(ActorOf(tx.call()));
  *erasure.mutable_erase_time() = ToProto(tx.now());
  std::vector<std::string> numbers;
  store::Forget(tx, family);
  for (const auto& member : family) {
    if (member == id) continue;
    TRY(auto gone, store::LoadLocked(tx, deps.vault, member));
    erasure.add_merged(gone.customer.name());
    TRY_VOID(Emptied(tx, deps, std::move(gone), reason, numbers));
  }
  TRY_VOID(Emptied(tx, deps, std::move(locked), reason, numbers));
  const auto counts = store::CountKept(tx, family);
  const auto until = tx.now() + deps.kept_after_erasure;
  AddKept(erasure, "TRANSACTIONS",
          "anti-money-laundering law: entries of transactions, without names, "
          "accounts and words",
          counts.transactions, until);
  AddKept(erasure, "CONSENTS", "proof of consent: what was said when, and where the proof is",
          counts.consents, until);
  AddKept(erasure, "CONTACTS", "record of service: when and with whom of ours, without numbers and words",
          counts.contacts, until);
  for (const auto& member : family) {
    pb::Erasure one = erasure;
    one.set_customer("customers/" + member);
    if (member != id) one.clear_merged();
    store::SaveErasure(tx, one, client);
  }
  TRY_VOID(deps.callers.Changing(tx, numbers));
  return erasure;
}

Result<pb::Erasure> EraseCustomer(Call& call, Deps& deps, const pb::EraseCustomerRequest& in) {
  TRY(const std::string id, IdOfName(in.name(), "customers"));
  return deps.db.Write(call, [&](pg::Tx& tx) -> Result<pb::Erasure> {
    TRY_VOID(RequireCode(tx, "ERASURE_REASON", "reason", in.reason()));
    return ErasedCustomer(tx, deps, id, in.reason(), true);
  });
}

Result<pb::ListErasuresResponse> ListErasures(Call& call, Deps& deps, const pb::ListErasuresRequest& in) {
  TRY(const std::string after, rpc::PageKey(in.page_token(), "erasures"));
  const int size = rpc::PageSize(in.page_size());
  return deps.db.Read(call, [&](pg::Tx& tx) -> Result<pb::ListErasuresResponse> {
    pb::ListErasuresResponse out;
    auto page = store::Erasures(tx, after, size + 1);
    if (page.size() > static_cast<std::size_t>(size)) {
      page.pop_back();
      out.set_next_page_token(rpc::PageToken(page.back().first, "erasures"));
    }
    for (auto& [key, one] : page) *out.add_erasures() = std::move(one);
    return out;
  });
}

}  // namespace carillon::customer::api
