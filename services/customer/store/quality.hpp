#pragma once
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "carillon/customer/v1/quality_service.pb.h"
#include "customer/domain/quality.hpp"
#include "customer/store/privacy.hpp"
#include "customer/store/vault.hpp"
#include "pg/tx.hpp"

/// Rules, runs, scores and issues of quality in PostgreSQL. Every function runs in the transaction it is
/// given.
namespace carillon::customer::store {

void PutRule(pg::Tx& tx, const pb::QualityRule& rule);
/// The tenant's own.
std::vector<pb::QualityRule> Rules(pg::Tx& tx);

/// A run and how far it is.
struct Run {
  pb::QualityRun run;
  std::string after;  ///< id of the customer it came to last
  domain::Tally tally;
};
/// Nothing happens while one goes on.
void BeginRun(pg::Tx& tx, const pb::QualityRun& run);
/// The one that goes on, its row locked; nothing when none does.
std::optional<Run> LockOpenRun(pg::Tx& tx);
/// Ended when the run has an end_time.
void SaveRun(pg::Tx& tx, const Run& run);
Page<pb::QualityRun> Runs(pg::Tx& tx, std::string_view after, int limit);
/// Ids of open customers after this one.
std::vector<std::string> ToJudge(pg::Tx& tx, const std::string& after, int limit);
/// Which of the numbers several open customers of one client have, by the client's name.
std::map<std::string, std::set<std::string>> Shared(pg::Tx& tx, const std::vector<std::string>& numbers);

void SaveScores(pg::Tx& tx, const std::string& run_id, const std::vector<pb::QualityScore>& scores);
/// Empty source = every one's.
std::vector<pb::QualityScore> Scores(pg::Tx& tx, const std::string& run_id, const std::string& source);
/// Of dimensions, of the last runs; empty source = the customers in all.
std::vector<pb::QualityScore> Trend(pg::Tx& tx, const std::string& source, int runs);

/// What an issue is filed under beside its message.
struct NewIssue {
  pb::QualityIssue issue;
  std::string client;
  std::string row_tag;  ///< of a refused row: what stands for its source's key
};
/// Returns those that are new: an issue that is open or was accepted is not opened again.
std::vector<pb::QualityIssue> OpenIssues(pg::Tx& tx, const std::vector<NewIssue>& issues);
/// The open ones of these customers and rules; returns how many there were.
std::int64_t FixIssues(pg::Tx& tx,
                       const std::vector<std::pair<std::string, std::string>>& customers_and_rules);
void FixRows(pg::Tx& tx, const std::vector<std::string>& row_tags);
/// QUALITY_ISSUE_UNKNOWN.
Result<pb::QualityIssue> LockIssue(pg::Tx& tx, const std::string& id);
void SaveIssue(pg::Tx& tx, const pb::QualityIssue& issue);
std::vector<pb::QualityIssue> Issues(pg::Tx& tx, const pb::ListQualityIssuesRequest& filter,
                                     std::string_view after, int limit);
std::vector<pb::QualityIssue> AllIssues(pg::Tx& tx, const std::vector<std::string>& family);

/// Tenants whose last run began before `before`, for the worker role.
std::vector<std::string> TenantsToJudge(pg::Tx& tx, TimePoint before);

}  // namespace carillon::customer::store
