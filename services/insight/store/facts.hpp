#pragma once
#include <optional>
#include <string>

#include "carillon/insight/v1/insight_service.pb.h"
#include "pg/pool.hpp"
#include "pg/tx.hpp"

/// Facts in PostgreSQL. Put replaces what an earlier event of the same thing said; an event that is older
/// than what is there (`as_of`, business time) changes nothing.
namespace carillon::insight::store {

namespace pb = carillon::insight::v1;

/// `session` and `interaction`: the names the call itself gives, or empty.
void Put(pg::Tx& tx, const pb::CallFact& call, const std::string& session, const std::string& interaction,
         TimePoint as_of);
void Put(pg::Tx& tx, const pb::SessionFact& session, TimePoint as_of);
void Put(pg::Tx& tx, const pb::InteractionFact& interaction, TimePoint as_of);
/// `change` numbers the states of a session from 0; a state that is there gets its end.
void Put(pg::Tx& tx, const pb::AgentStateFact& state, std::int64_t change);
void Put(pg::Tx& tx, const pb::OrderFact& order, TimePoint as_of);
void Put(pg::Tx& tx, const pb::CampaignFact& campaign, TimePoint as_of);
/// `rank`: number of the state; an earlier state never takes the place of a later one, of equal ones the
/// newer counts. An `offer` that is given stays whatever comes after.
void Put(pg::Tx& tx, const pb::AttemptFact& attempt, int rank, TimePoint as_of);
/// Each event of a refusal is a fact; an event is applied once.
void Put(pg::Tx& tx, const pb::RefusalFact& refusal, const std::string& event_id);
void Put(pg::Tx& tx, const pb::QuotaFact& quota, TimePoint as_of);
/// `rank` as for an attempt.
void Put(pg::Tx& tx, const pb::EvaluationFact& evaluation, int rank, TimePoint as_of);
/// Notes an event that was refused for good.
void NoteDead(pg::Tx& tx, const pg::EventId& event, const std::string& reason);

/// A page of facts, oldest first; `after` is the key of the last row of the page before.
struct Page {
  std::vector<pb::Fact> facts;
  std::optional<std::string> next;
};
Page List(pg::Tx& tx, const pb::ListFactsRequest& in, const std::string& after, int size);

}  // namespace carillon::insight::store
