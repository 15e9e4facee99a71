#include "base/proto_time.hpp"
#include "customer/api/profile.hpp"
#include "customer/api/steps.hpp"
#include "customer/store/profile.hpp"
#include "rpc/page.hpp"

namespace carillon::customer::api {
namespace {

/// A page of what `list` finds, newest first, put by `add`.
template <class Out, class Found, class Add>
Result<Out> NewestFirst(Call& call, Deps& deps, const std::string& parent, int page_size,
                        const std::string& page_token,
                        Found (*list)(pg::Tx&, const std::string&, std::string_view, int), Add add) {
  TRY(const std::string id, IdOfName(parent, "customers", "parent"));
  TRY(const std::string after, rpc::PageKey(page_token, id));
  const int size = rpc::PageSize(page_size);
  return deps.db.Read(call, [&](pg::Tx& tx) -> Result<Out> {
    TRY_VOID(store::Load(tx, deps.vault, id));
    Out out;
    std::string last;
    int count = 0;
    for (auto& [key, one] : list(tx, id, after, size + 1)) {
      if (count++ == size) {
        out.set_next_page_token(rpc::PageToken(last, id));
        break;
      }
      last = key;
      add(out, std::move(one));
    }
    return out;
  });
}

}  // namespace

Result<pb::AppendTransactionsResponse> AppendTransactions(Call& call, Deps& deps,
                                                          const pb::AppendTransactionsRequest& in) {
  TRY(const std::string id, IdOfName(in.parent(), "customers", "parent"));
  std::vector<pb::Transaction> transactions(in.transactions().begin(), in.transactions().end());
  for (auto& one : transactions) one.set_name(in.parent() + "/transactions/" + NewId(call.now));
  return deps.db.Write(call, [&](pg::Tx& tx) -> Result<pb::AppendTransactionsResponse> {
    TRY(const auto customer, store::Load(tx, deps.vault, id));
    if (customer.state() != pb::Customer::CLOSED) TRY_VOID(domain::RequireOpen(customer));
    pb::AppendTransactionsResponse out;
    for (auto& one : store::AppendTransactions(tx, customer, transactions))
      *out.add_transactions() = std::move(one);
    return out;
  });
}

Result<pb::ListTransactionsResponse> ListTransactions(Call& call, Deps& deps,
                                                      const pb::ListTransactionsRequest& in) {
  return NewestFirst<pb::ListTransactionsResponse>(
      call, deps, in.parent(), in.page_size(), in.page_token(), store::Transactions,
      [](auto& out, pb::Transaction one) { *out.add_transactions() = std::move(one); });
}

Result<pb::ListInteractionsResponse> ListInteractions(Call& call, Deps& deps,
                                                      const pb::ListInteractionsRequest& in) {
  return NewestFirst<pb::ListInteractionsResponse>(
      call, deps, in.parent(), in.page_size(), in.page_token(), store::Interactions,
      [](auto& out, pb::PartyInteraction one) { *out.add_interactions() = std::move(one); });
}

Result<pb::Customer> GetCustomerAt(Call& call, Deps& deps, const pb::GetCustomerAtRequest& in) {
  TRY(const std::string id, IdOfName(in.name(), "customers"));
  return deps.db.Read(call, [&](pg::Tx& tx) -> Result<pb::Customer> {
    TRY_VOID(store::Load(tx, deps.vault, id));
    const TimePoint at = FromProto(in.time());
    TRY(auto version, store::VersionAt(tx, deps.vault, id, at));
    if (!version) return errors::VersionUnknown(in.name());
    domain::DropExpired(version->customer, at);
    return std::move(version->customer);
  });
}

Result<pb::ListCustomerChangesResponse> ListCustomerChanges(Call& call, Deps& deps,
                                                            const pb::ListCustomerChangesRequest& in) {
  TRY(const std::string id, IdOfName(in.parent(), "customers", "parent"));
  TRY(const std::string after, rpc::PageKey(in.page_token(), id));
  const int size = rpc::PageSize(in.page_size());
  return deps.db.Read(call, [&](pg::Tx& tx) -> Result<pb::ListCustomerChangesResponse> {
    TRY_VOID(store::Load(tx, deps.vault, id));
    TRY(const auto versions,
        store::Versions(tx, deps.vault, id, after.empty() ? 0 : std::atoll(after.c_str()), size + 1));
    pb::ListCustomerChangesResponse out;
    for (std::size_t n = 0; n < versions.size() && out.changes_size() < size; ++n) {
      auto& change = *out.add_changes();
      change.set_etag(versions[n].customer.etag());
      *change.mutable_change_time() = ToProto(versions[n].changed_at);
      change.set_changed_by(versions[n].changed_by);
      change.set_method(versions[n].method);
      if (n + 1 == versions.size()) break;
      for (auto& field : domain::ChangedFields(versions[n + 1].customer, versions[n].customer)) {
        change.add_changed_fields(std::move(field));
      }
    }
    if (static_cast<int>(versions.size()) > size) {
      out.set_next_page_token(rpc::PageToken(out.changes(size - 1).etag(), id));
    }
    return out;
  });
}

}  // namespace carillon::customer::api
