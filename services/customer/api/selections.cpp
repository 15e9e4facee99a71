#include "customer/api/selections.hpp"

#include "base/proto_time.hpp"
#include "customer/api/steps.hpp"
#include "customer/domain/filter.hpp"
#include "customer/store/privacy.hpp"
#include "customer/store/selections.hpp"
#include "rpc/page.hpp"

namespace carillon::customer::api {
namespace {

constexpr std::int64_t kMostSelected = 200'000;

/// A condition and its parts, each after what it is a part of.
void Unfold(const domain::Clause& condition, int depth, std::vector<domain::Clause>& out,
            pb::FilterExplanation& said) {
  auto& part = *said.add_parts();
  part.set_depth(depth);
  part.set_text(domain::InWords(condition));
  out.push_back(condition);
  for (const auto& one : condition.parts) Unfold(one, depth + 1, out, said);
}

Result<std::string> ClientAsked(const Call& call, const std::string& client) {
  if (client.empty()) return client;
  return domain::ClientFor(call.principal, client);
}

}  // namespace

Result<pb::FilterExplanation> ExplainFilter(Call& call, Deps& deps, const pb::ExplainFilterRequest& in) {
  TRY(const std::string client, ClientAsked(call, in.client()));
  return deps.db.Read(call, [&](pg::Tx& tx) -> Result<pb::FilterExplanation> {
    TRY(const auto condition, domain::ParseFilter(in.filter(), store::CustomFields(tx)));
    pb::FilterExplanation out;
    out.set_canonical(domain::Canonical(condition));
    std::vector<domain::Clause> parts;
    Unfold(condition, 0, parts, out);
    const auto estimate = store::EstimatePassing(tx, parts, client);
    out.set_customers(estimate.customers);
    out.set_exact(estimate.exact);
    for (int n = 0; n < out.parts_size(); ++n) {
      out.mutable_parts(n)->set_estimated_count(estimate.passing[static_cast<std::size_t>(n)]);
    }
    out.set_estimated_count(estimate.passing.front());
    return out;
  });
}

Result<pb::Selection> CreateSelection(Call& call, Deps& deps, const pb::CreateSelectionRequest& in) {
  pb::Selection made = in.selection();
  TRY(*made.mutable_client(), ClientAsked(call, made.client()));
  made.set_name("selections/" + NewId(call.now));
  made.set_creator(ActorOf(call));
  made.clear_customer_count();
  *made.mutable_create_time() = ToProto(call.now);
  return deps.db.Write(call, [&](pg::Tx& tx) -> Result<pb::Selection> {
    TRY(const auto condition, domain::ParseFilter(made.filter(), store::CustomFields(tx)));
    pb::Selection kept = made;
    kept.set_customer_count(store::SaveSelection(tx, kept, condition, kMostSelected));
    if (kept.customer_count() > kMostSelected) return errors::SelectionTooLarge(kMostSelected);
    store::NoteSelected(tx, kept);
    return kept;
  });
}

Result<pb::ListSelectionsResponse> ListSelections(Call& call, Deps& deps,
                                                  const pb::ListSelectionsRequest& in) {
  TRY(const std::string after, rpc::PageKey(in.page_token(), "selections"));
  const auto size = static_cast<std::size_t>(rpc::PageSize(in.page_size()));
  return deps.db.Read(call, [&](pg::Tx& tx) -> Result<pb::ListSelectionsResponse> {
    auto found = store::Selections(tx, after, static_cast<int>(size) + 1);
    pb::ListSelectionsResponse out;
    if (found.size() > size) {
      found.pop_back();
      out.set_next_page_token(rpc::PageToken(IdOf(found.back().name()), "selections"));
    }
    for (auto& one : found) *out.add_selections() = std::move(one);
    return out;
  });
}

Result<pb::ListSelectedCustomersResponse> ListSelectedCustomers(Call& call, Deps& deps,
                                                                const pb::ListSelectedCustomersRequest& in) {
  TRY(const std::string id, IdOfName(in.parent(), "selections", "parent"));
  TRY(const std::string after, rpc::PageKey(in.page_token(), in.parent()));
  const auto size = static_cast<std::size_t>(rpc::PageSize(in.page_size()));
  return deps.db.Read(call, [&](pg::Tx& tx) -> Result<pb::ListSelectedCustomersResponse> {
    TRY_VOID(store::LoadSelection(tx, id));
    auto ids = store::SelectedIds(tx, id, after, static_cast<int>(size) + 1);
    pb::ListSelectedCustomersResponse out;
    if (ids.size() > size) {
      ids.pop_back();
      out.set_next_page_token(rpc::PageToken(ids.back(), in.parent()));
    }
    TRY(auto found, store::LoadAll(tx, deps.vault, ids));
    for (auto& one : found) *out.add_customers() = std::move(one);
    return out;
  });
}

Result<pb::Selection> DeleteSelection(Call& call, Deps& deps, const pb::DeleteSelectionRequest& in) {
  TRY(const std::string id, IdOfName(in.name(), "selections"));
  return deps.db.Write(call, [&](pg::Tx& tx) -> Result<pb::Selection> {
    TRY(auto gone, store::LoadSelection(tx, id));
    store::DeleteSelection(tx, id);
    return gone;
  });
}

}  // namespace carillon::customer::api
