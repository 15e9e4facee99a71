#include "routing/store/records.hpp"

#include "base/ids.hpp"
#include "routing/domain/errors.hpp"
#include "routing/store/statements.hpp"

namespace carillon::routing::store {
namespace {

std::string LastPart(const std::string& name) {
  const auto slash = name.rfind('/');
  return slash == std::string::npos ? name : name.substr(slash + 1);
}

template <class T>
Result<T> FindRule(pg::Tx& tx, const pg::Statement& statement, const std::string& name, const char* thing) {
  const auto rows = tx.Exec(statement, LastPart(name));
  if (rows.empty()) return domain::errors::Unknown(thing, name);
  return pg::OfBytes<T>(rows[0]["body"]);
}

template <class T>
std::vector<T> ListRules(pg::Tx& tx, const pg::Statement& statement, const std::string& code, int limit) {
  std::vector<T> out;
  for (const auto& row : tx.Exec(statement, code, limit)) out.push_back(pg::OfBytes<T>(row["body"]));
  return out;
}

}  // namespace

Result<pb::InteractionRecord> LoadInteraction(pg::Tx& tx, const std::string& id) {
  const auto rows = tx.Exec(kInteractionsLoad, id);
  if (rows.empty()) return domain::errors::Unknown("INTERACTION", "interactions/" + id);
  return pg::OfBytes<pb::InteractionRecord>(rows[0]["record"]);
}

std::vector<pb::Interaction> ListInteractions(pg::Tx& tx, const pb::ListInteractionsRequest& filter,
                                              const std::string& before, int limit) {
  const std::string state =
      filter.state() == pb::Interaction::STATE_UNSPECIFIED ? "" : pb::Interaction::State_Name(filter.state());
  std::vector<pb::Interaction> out;
  for (const auto& row :
       tx.Exec(kInteractionsList, pg::OrNull(before), pg::OrNull(state), pg::OrNull(LastPart(filter.agent())),
               pg::OrNull(LastPart(filter.queue())), pg::OrNull(LastPart(filter.customer())),
               pg::OrNull(LastPart(filter.call())), limit))
    out.push_back(pg::OfBytes<pb::InteractionRecord>(row["record"]).interaction());
  return out;
}

std::vector<std::pair<pb::AgentSession, std::string>> ListSessions(pg::Tx& tx, const std::string& after,
                                                                   int limit) {
  const auto bar = after.rfind('|');
  const auto code = bar == std::string::npos ? std::string() : after.substr(0, bar);
  const auto session = bar == std::string::npos ? std::string() : after.substr(bar + 1);
  std::vector<std::pair<pb::AgentSession, std::string>> out;
  for (const auto& row : tx.Exec(kSessionsOpen, pg::OrNull(code), pg::OrNull(session), limit))
    out.emplace_back(pg::OfBytes<pb::SessionRecord>(row["record"]).session(),
                     std::string(row["agent_code"].c_str()) + "|" + row["session_id"].c_str());
  return out;
}

int ForgetPersonalValues(pg::Tx& tx, TimePoint before, int limit) {
  std::vector<std::string> tenants, ids, times, records;
  for (const auto& row : tx.Exec(kInteractionsToForget, pg::Time(before), limit)) {
    auto record = pg::OfBytes<pb::InteractionRecord>(row["record"]);
    record.mutable_interaction()->clear_calling_number();
    record.mutable_interaction()->clear_attached_data();
    record.mutable_interaction()->clear_briefing();
    record.mutable_interaction()->clear_outside_number();
    record.mutable_interaction()->clear_consult();
    tenants.emplace_back(row["tenant_id"].c_str());
    ids.emplace_back(row["interaction_id"].c_str());
    times.emplace_back(row["created_at"].c_str());
    records.push_back(Hex(record.SerializeAsString()));
  }
  if (!ids.empty())
    tx.Exec(kInteractionsForget, pg::Array(tenants), pg::Array(ids), pg::Array(times), pg::Array(records));
  tx.Exec(kJournalForget, pg::Time(before));
  return static_cast<int>(ids.size());
}

Result<pb::Queue> FindQueue(pg::Tx& tx, const std::string& name) {
  return FindRule<pb::Queue>(tx, kQueueFind, name, "QUEUE");
}
Result<pb::Skill> FindSkill(pg::Tx& tx, const std::string& name) {
  return FindRule<pb::Skill>(tx, kSkillFind, name, "SKILL");
}
Result<pb::RoutingProfile> FindProfile(pg::Tx& tx, const std::string& name) {
  return FindRule<pb::RoutingProfile>(tx, kProfileFind, name, "ROUTING_PROFILE");
}
Result<pb::Agent> FindAgent(pg::Tx& tx, const std::string& name) {
  return FindRule<pb::Agent>(tx, kAgentFind, name, "AGENT");
}
std::vector<pb::Queue> ListQueues(pg::Tx& tx, const std::string& code, int limit) {
  return ListRules<pb::Queue>(tx, kQueueList, code, limit);
}
std::vector<pb::Skill> ListSkills(pg::Tx& tx, const std::string& code, int limit) {
  return ListRules<pb::Skill>(tx, kSkillList, code, limit);
}
std::vector<pb::RoutingProfile> ListProfiles(pg::Tx& tx, const std::string& code, int limit) {
  return ListRules<pb::RoutingProfile>(tx, kProfileList, code, limit);
}
std::vector<pb::Agent> ListAgents(pg::Tx& tx, const std::string& code, int limit) {
  return ListRules<pb::Agent>(tx, kAgentList, code, limit);
}

}  // namespace carillon::routing::store
