#include "campaign/api/methods.hpp"
#include "campaign/api/pages.hpp"
#include "campaign/store/attempts.hpp"

namespace carillon::campaign::api {

Result<pb::ListAttemptsResponse> ListAttempts(Call& call, Deps& deps, const pb::ListAttemptsRequest& in) {
  const auto filter = FilterOf(in);
  TRY(const auto after, rpc::PageKey(in.page_token(), filter));
  TRY(auto page, deps.db.Read(call, [&](pg::Tx& tx) -> Result<store::AttemptPage> {
    return store::ListAttempts(tx, in, after, rpc::PageSize(in.page_size()));
  }));
  pb::ListAttemptsResponse out;
  for (auto& attempt : page.attempts) *out.add_attempts() = std::move(attempt);
  if (page.next) out.set_next_page_token(rpc::PageToken(*page.next, filter));
  return out;
}

}  // namespace carillon::campaign::api
