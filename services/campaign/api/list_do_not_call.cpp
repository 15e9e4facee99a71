#include "campaign/api/methods.hpp"
#include "campaign/api/pages.hpp"
#include "campaign/store/policy.hpp"

namespace carillon::campaign::api {

Result<pb::ListDoNotCallResponse> ListDoNotCall(Call& call, Deps& deps, const pb::ListDoNotCallRequest& in) {
  const auto filter = FilterOf(in);
  TRY(const auto after, rpc::PageKey(in.page_token(), filter));
  TRY(auto page, deps.db.Read(call, [&](pg::Tx& tx) -> Result<store::EntryPage> {
    return store::ListEntries(tx, in.customer(), after, rpc::PageSize(in.page_size()));
  }));
  pb::ListDoNotCallResponse out;
  for (auto& entry : page.entries) *out.add_do_not_call_entries() = std::move(entry);
  if (page.next) out.set_next_page_token(rpc::PageToken(*page.next, filter));
  return out;
}

}  // namespace carillon::campaign::api
