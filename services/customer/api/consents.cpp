#include "base/proto_time.hpp"
#include "customer/api/composing.hpp"
#include "customer/api/privacy.hpp"
#include "customer/domain/privacy.hpp"
#include "customer/store/privacy.hpp"
#include "rpc/page.hpp"

namespace carillon::customer::api {

Result<pb::Customer> RecordConsent(Call& call, Deps& deps, const pb::RecordConsentRequest& in) {
  TRY(const std::string id, IdOfName(in.parent(), "customers", "parent"));
  return deps.db.Write(call, [&](pg::Tx& tx) -> Result<pb::Customer> {
    TRY(const auto locked, store::LoadLocked(tx, deps.vault, id));
    const pb::Customer& before = locked.customer;
    TRY(pb::Customer after, domain::Consented(before, in.consent(), tx.now()));
    pb::Consent said = in.consent();
    if (!said.has_decide_time()) *said.mutable_decide_time() = ToProto(tx.now());
    store::KeepConsent(tx, before, said);
    if (after.etag() == before.etag()) return before;
    if (locked.composed) {
      TRY(after, Edited(tx, deps, before, after));
    }
    std::vector<std::string> numbers;
    SaveChanged(tx, deps, before, after, numbers);
    TRY_VOID(deps.callers.Changing(tx, numbers));
    return after;
  });
}

Result<pb::ListConsentsResponse> ListConsents(Call& call, Deps& deps, const pb::ListConsentsRequest& in) {
  TRY(const std::string id, IdOfName(in.parent(), "customers", "parent"));
  TRY(const std::string after, rpc::PageKey(in.page_token(), id));
  const int size = rpc::PageSize(in.page_size());
  return deps.db.Read(call, [&](pg::Tx& tx) -> Result<pb::ListConsentsResponse> {
    TRY_VOID(store::Load(tx, deps.vault, id));
    pb::ListConsentsResponse out;
    auto page = store::ConsentRecords(tx, id, after, size + 1);
    if (page.size() > static_cast<std::size_t>(size)) {
      page.pop_back();
      out.set_next_page_token(rpc::PageToken(page.back().first, id));
    }
    for (auto& [key, one] : page) *out.add_consents() = std::move(one);
    return out;
  });
}

Result<pb::CheckConsentResponse> CheckConsent(Call& call, Deps& deps, const pb::CheckConsentRequest& in) {
  TRY(const std::string id, IdOfName(in.name(), "customers"));
  return deps.db.Read(call, [&](pg::Tx& tx) -> Result<pb::CheckConsentResponse> {
    TRY(const auto customer, store::Load(tx, deps.vault, id));
    return domain::ConsentFor(customer, in.channel(), in.purpose());
  });
}

}  // namespace carillon::customer::api
