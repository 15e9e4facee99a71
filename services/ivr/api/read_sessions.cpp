#include "ivr/api/api.hpp"
#include "ivr/store/sessions.hpp"
#include "rpc/page.hpp"

namespace carillon::ivr::api {

Result<v1::Session> GetSession(Call& call, Deps& deps, const v1::GetSessionRequest& in) {
  return deps.db.Read(call, [&](pg::Tx& tx) -> Result<v1::Session> {
    TRY(auto stored, store::LoadSession(tx, in.name()));
    return stored.course.session;
  });
}

Result<v1::ListSessionsResponse> ListSessions(Call& call, Deps& deps, const v1::ListSessionsRequest& in) {
  v1::ListSessionsRequest filter = in;
  filter.clear_page_size();
  filter.clear_page_token();
  const std::string fingerprint = filter.SerializeAsString();
  TRY(const std::string after, rpc::PageKey(in.page_token(), fingerprint));
  TRY(const auto listed, deps.db.Read(call, [&](pg::Tx& tx) {
    return store::ListSessions(tx, in, after, rpc::PageSize(in.page_size()));
  }));
  v1::ListSessionsResponse out;
  for (const auto& session : listed.sessions) *out.add_sessions() = session;
  if (!listed.next.empty()) out.set_next_page_token(rpc::PageToken(listed.next, fingerprint));
  return out;
}

}  // namespace carillon::ivr::api
