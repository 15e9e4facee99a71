#pragma once
#include <string>
#include <vector>

#include "base/result.hpp"
#include "carillon/ivr/v1/flow.pb.h"
#include "pg/tx.hpp"

/// Flows with their versions, and the numbers that play them.
namespace carillon::ivr::store {

inline constexpr int kNewest = 0;
inline constexpr int kPublished = -1;

/// Inserts version 1 as a draft. ALREADY_EXISTS FLOW_EXISTS.
Result<void> InsertFlow(pg::Tx& tx, const v1::Flow& flow);
/// NOT_FOUND FLOW_UNKNOWN, FLOW_VERSION_UNKNOWN; FAILED_PRECONDITION FLOW_NOT_PUBLISHED for kPublished.
Result<v1::Flow> LoadFlow(pg::Tx& tx, const std::string& name, int version);
/// The newest version, its flow locked until the end of the transaction.
Result<v1::Flow> LockFlow(pg::Tx& tx, const std::string& name);
/// What new sessions of the flow of this code run. NOT_FOUND FLOW_UNKNOWN; FAILED_PRECONDITION
/// FLOW_NOT_PUBLISHED.
Result<v1::Flow> PublishedByCode(pg::Tx& tx, const std::string& code);
/// Writes the draft (a version that is not there is made, with these tests) and makes it the newest.
void SaveDraft(pg::Tx& tx, const v1::Flow& flow);
/// Makes a version the one new sessions run; the one before is retired.
void Publish(pg::Tx& tx, const std::string& name, int version, const std::string& approver, TimePoint now);
/// Keeps the tests of the newest version and whether they passed: its state is TESTED or DRAFT.
void SaveTests(pg::Tx& tx, const v1::Flow& flow);
/// Approves a version for a share of the calls; the published one goes on beside it.
void SaveRollout(pg::Tx& tx, const std::string& name, const v1::Rollout& rollout,
                 const std::string& approver);
std::vector<v1::Flow> ListFlows(pg::Tx& tx, const std::string& after_code, int limit);

/// Inserts or replaces by number; returns it as stored.
Result<v1::ServiceNumber> SaveNumber(pg::Tx& tx, const v1::ServiceNumber& number, const std::string& new_id);
/// NOT_FOUND NUMBER_UNKNOWN.
Result<v1::ServiceNumber> NumberAsDialled(pg::Tx& tx, const std::string& number);
Result<v1::ServiceNumber> LoadNumber(pg::Tx& tx, const std::string& name);
std::vector<v1::ServiceNumber> ListNumbers(pg::Tx& tx, const std::string& after_number, int limit);

}  // namespace carillon::ivr::store
