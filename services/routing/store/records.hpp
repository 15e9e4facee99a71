#pragma once
#include <carillon/routing/v1/agent.pb.h>
#include <carillon/routing/v1/interaction_service.pb.h>
#include <carillon/routing/v1/journal.pb.h>

#include <string>
#include <utility>
#include <vector>

#include "base/result.hpp"
#include "pg/tx.hpp"

/// What was committed, read back: interactions, sessions and rules, with row-level security.
namespace carillon::routing::store {

namespace pb = carillon::routing::v1;

/// NOT_FOUND INTERACTION_UNKNOWN.
Result<pb::InteractionRecord> LoadInteraction(pg::Tx& tx, const std::string& id);
/// Newest first, older than `before` (an id, or "").
std::vector<pb::Interaction> ListInteractions(pg::Tx& tx, const pb::ListInteractionsRequest& filter,
                                              const std::string& before, int limit);
/// Open sessions by agent code, after ("code", session id); the second is the key of each.
std::vector<std::pair<pb::AgentSession, std::string>> ListSessions(pg::Tx& tx, const std::string& after,
                                                                   int limit);

/// Takes calling number and attached data out of at most `limit` interactions that ended before `before`, of
/// all tenants (the worker's pool), and removes journal rows older than that which a snapshot covers. Gives
/// how many interactions it changed.
int ForgetPersonalValues(pg::Tx& tx, TimePoint before, int limit);

/// By "collection/uuid" or "collection/code"; NOT_FOUND <THING>_UNKNOWN.
Result<pb::Queue> FindQueue(pg::Tx& tx, const std::string& name);
Result<pb::Skill> FindSkill(pg::Tx& tx, const std::string& name);
Result<pb::RoutingProfile> FindProfile(pg::Tx& tx, const std::string& name);
Result<pb::Agent> FindAgent(pg::Tx& tx, const std::string& name);
/// By code, after `code`.
std::vector<pb::Queue> ListQueues(pg::Tx& tx, const std::string& code, int limit);
std::vector<pb::Skill> ListSkills(pg::Tx& tx, const std::string& code, int limit);
std::vector<pb::RoutingProfile> ListProfiles(pg::Tx& tx, const std::string& code, int limit);
std::vector<pb::Agent> ListAgents(pg::Tx& tx, const std::string& code, int limit);

}  // namespace carillon::routing::store
