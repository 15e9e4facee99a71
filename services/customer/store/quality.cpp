#include "customer/store/quality.hpp"

#include <nlohmann/json.hpp>

#include "base/ids.hpp"
#include "base/proto_time.hpp"
#include "customer/domain/errors.hpp"
#include "customer/store/names.hpp"
#include "customer/store/statements.hpp"
#include "pg/message.hpp"

namespace carillon::customer::store {
namespace {

/// {"source": {"RULE": [asked, passed]}}
nlohmann::json JsonOfTally(const domain::Tally& tally) {
  nlohmann::json out = nlohmann::json::object();
  for (const auto& [key, count] : tally) out[key.first][key.second] = {count.asked, count.passed};
  return out;
}

domain::Tally TallyOf(const std::string& text) {
  domain::Tally out;
  const auto kept = nlohmann::json::parse(text);
  for (const auto& [source, rules] : kept.items()) {
    for (const auto& [rule, counts] : rules.items()) {
      out[{source, rule}] = {counts.at(0).get<std::int64_t>(), counts.at(1).get<std::int64_t>()};
    }
  }
  return out;
}

}  // namespace

void PutRule(pg::Tx& tx, const pb::QualityRule& rule) {
  tx.Exec(kPutRule, IdOf(rule.name()), pg::JsonOf(rule));
}
std::vector<pb::QualityRule> Rules(pg::Tx& tx) { return Bodies<pb::QualityRule>(tx.Exec(kRules)); }

void BeginRun(pg::Tx& tx, const pb::QualityRun& run) {
  tx.Exec(kBeginRun, IdOf(run.name()), pg::Time(FromProto(run.start_time())), pg::JsonOf(run));
}

std::optional<Run> LockOpenRun(pg::Tx& tx) {
  const auto rows = tx.Exec(kOpenRun);
  if (rows.empty()) return std::nullopt;
  return Run{pg::OfJson<pb::QualityRun>(rows[0]["body"]), rows[0]["after"].c_str(),
             TallyOf(rows[0]["tally"].c_str())};
}

void SaveRun(pg::Tx& tx, const Run& run) {
  tx.Exec(kSaveRun, IdOf(run.run.name()), run.run.has_end_time(), run.after, JsonOfTally(run.tally).dump(),
          pg::JsonOf(run.run));
}

Page<pb::QualityRun> Runs(pg::Tx& tx, std::string_view after, int limit) {
  const auto [at, id] = pg::After(after);
  Page<pb::QualityRun> out;
  for (const auto& row : tx.Exec(kRuns, at, id, limit)) {
    out.emplace_back(pg::KeyOf(row["us"], row["id"]), pg::OfJson<pb::QualityRun>(row["body"]));
  }
  return out;
}

std::vector<std::string> ToJudge(pg::Tx& tx, const std::string& after, int limit) {
  std::vector<std::string> out;
  for (const auto& row : tx.Exec(kToJudge, AfterOf(after), limit)) out.emplace_back(row["id"].c_str());
  return out;
}

std::map<std::string, std::set<std::string>> Shared(pg::Tx& tx, const std::vector<std::string>& numbers) {
  std::map<std::string, std::set<std::string>> out;
  for (const auto& row : tx.Exec(kShared, pg::Array(numbers))) {
    out[pg::NameOf("clients", row["client"])].insert(row["number"].c_str());
  }
  return out;
}

void SaveScores(pg::Tx& tx, const std::string& run_id, const std::vector<pb::QualityScore>& scores) {
  nlohmann::json rows = nlohmann::json::array();
  for (const auto& score : scores) rows.push_back(nlohmann::json::parse(pg::JsonOf(score)));
  tx.Exec(kSaveScores, run_id, rows.dump());
}

std::vector<pb::QualityScore> Scores(pg::Tx& tx, const std::string& run_id, const std::string& source) {
  return Bodies<pb::QualityScore>(tx.Exec(kScores, run_id, source));
}

std::vector<pb::QualityScore> Trend(pg::Tx& tx, const std::string& source, int runs) {
  return Bodies<pb::QualityScore>(tx.Exec(kTrend, source, runs));
}

std::vector<pb::QualityIssue> OpenIssues(pg::Tx& tx, const std::vector<NewIssue>& issues) {
  if (issues.empty()) return {};
  using Maybe = std::vector<std::optional<std::string>>;
  const auto maybe = [](const std::string& text) {
    return text.empty() ? std::nullopt : std::optional(IdOf(text));
  };
  std::vector<std::string> ids, rules;
  Maybe clients, customers, tags;
  nlohmann::json bodies = nlohmann::json::array();
  for (const auto& [issue, client, tag] : issues) {
    ids.push_back(IdOf(issue.name()));
    rules.push_back(IdOf(issue.rule()));
    clients.push_back(maybe(client));
    customers.push_back(maybe(issue.customer()));
    tags.push_back(tag.empty() ? std::nullopt : std::optional(tag));
    bodies.push_back(nlohmann::json::parse(pg::JsonOf(issue)));
  }
  return Bodies<pb::QualityIssue>(tx.Exec(kOpenIssues, pg::Array(ids), pg::Array(clients),
                                          pg::Array(customers), pg::Array(tags), pg::Array(rules),
                                          bodies.dump()));
}

std::int64_t FixIssues(pg::Tx& tx,
                       const std::vector<std::pair<std::string, std::string>>& customers_and_rules) {
  if (customers_and_rules.empty()) return 0;
  std::vector<std::string> customers, rules;
  for (const auto& [customer, rule] : customers_and_rules) {
    customers.push_back(customer);
    rules.push_back(rule);
  }
  return static_cast<std::int64_t>(
      tx.Exec(kFixIssues, pg::Array(customers), pg::Array(rules), pg::Time(tx.now()), ActorOf(tx.call()))
          .affected_rows());
}

void FixRows(pg::Tx& tx, const std::vector<std::string>& row_tags) {
  tx.Exec(kFixRows, pg::Array(row_tags), pg::Time(tx.now()), ActorOf(tx.call()));
}

Result<pb::QualityIssue> LockIssue(pg::Tx& tx, const std::string& id) {
  const auto rows = tx.Exec(kLockIssue, id);
  if (rows.empty()) return errors::QualityIssueUnknown("qualityIssues/" + id);
  return pg::OfJson<pb::QualityIssue>(rows[0]["body"]);
}

void SaveIssue(pg::Tx& tx, const pb::QualityIssue& issue) {
  tx.Exec(kSaveIssue, IdOf(issue.name()), pb::QualityIssue::State_Name(issue.state()), issue.owner(),
          pg::JsonOf(issue));
}

std::vector<pb::QualityIssue> Issues(pg::Tx& tx, const pb::ListQualityIssuesRequest& filter,
                                     std::string_view after, int limit) {
  const auto state =
      filter.state() == pb::QualityIssue::STATE_UNSPECIFIED ? pb::QualityIssue::OPEN : filter.state();
  return Bodies<pb::QualityIssue>(
      tx.Exec(kIssues, pb::QualityIssue::State_Name(state), filter.owner(), pg::MaybeId(filter.customer()),
              filter.rule().empty() ? "" : IdOf(filter.rule()), AfterOf(after), limit));
}

std::vector<pb::QualityIssue> AllIssues(pg::Tx& tx, const std::vector<std::string>& family) {
  return Bodies<pb::QualityIssue>(tx.Exec(kExportIssues, pg::Array(family)));
}

std::vector<std::string> TenantsToJudge(pg::Tx& tx, TimePoint before) {
  std::vector<std::string> out;
  for (const auto& row : tx.Exec(kTenantsDue, pg::Time(before), "QUALITY"))
    out.emplace_back(row["tenant"].c_str());
  return out;
}

}  // namespace carillon::customer::store
