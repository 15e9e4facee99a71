#include "routing/api/handlers.hpp"
#include "routing/store/records.hpp"
#include "rpc/page.hpp"

namespace carillon::routing::api {

Result<pb::ListAgentSessionsResponse> ListAgentSessions(Call& call, Deps& deps,
                                                        const pb::ListAgentSessionsRequest& in) {
  TRY(const auto after, rpc::PageKey(in.page_token(), "agentSessions"));
  const int size = rpc::PageSize(in.page_size());
  return deps.db.Read(call, [&](pg::Tx& tx) -> Result<pb::ListAgentSessionsResponse> {
    pb::ListAgentSessionsResponse out;
    std::string last;
    for (const auto& [session, key] : store::ListSessions(tx, after, size + 1)) {
      if (out.agent_sessions_size() == size) {
        out.set_next_page_token(rpc::PageToken(last, "agentSessions"));
        break;
      }
      *out.add_agent_sessions() = session;
      last = key;
    }
    return out;
  });
}

}  // namespace carillon::routing::api
