#include <algorithm>

#include "base/proto_time.hpp"
#include "customer/api/quality.hpp"
#include "customer/api/steps.hpp"
#include "customer/domain/quality.hpp"
#include "customer/domain/records.hpp"
#include "customer/store/quality.hpp"
#include "customer/store/records.hpp"
#include "rpc/page.hpp"

namespace carillon::customer::api {
namespace {

constexpr int kJudgedAtOnce = 200;
constexpr std::chrono::seconds kJudgeStep{20};

/// Customers with all a rule may look at.
struct Batch {
  std::vector<pb::Customer> customers;
  std::map<std::string, std::vector<pb::RawRecord>> records;  // by id
  std::map<std::string, std::set<std::string>> shared;        // by client
};

Result<Batch> Loaded(pg::Tx& tx, const Deps& deps, const std::vector<std::string>& ids) {
  Batch out;
  TRY(out.customers, store::LoadAll(tx, deps.vault, ids));
  TRY(out.records, store::RecordsOfAll(tx, deps.vault, ids));
  std::vector<std::string> numbers;
  for (const auto& customer : out.customers) {
    for (auto& number : domain::CallableNumbers(customer)) numbers.push_back(std::move(number));
  }
  out.shared = store::Shared(tx, numbers);
  return out;
}

domain::Verdict JudgeWhole(const pb::QualityRule& rule, Batch& batch, const pb::Customer& customer,
                           TimePoint now) {
  const domain::JudgedRecord what{customer, FromProto(customer.update_time()),
                                  batch.shared[customer.client()], batch.records[IdOf(customer.name())]};
  return domain::Judge(rule, what, now);
}

void Add(domain::Tally& tally, const std::string& source, const pb::QualityRule& rule,
         domain::Verdict verdict) {
  if (verdict == domain::Verdict::kNotAsked) return;
  auto& count = tally[{source, IdOf(rule.name())}];
  ++count.asked;
  if (verdict == domain::Verdict::kPassed) ++count.passed;
}

/// What each source said, one by one: a customer that no source and no merge touched is the one record of
/// itself.
void JudgeSources(const std::vector<pb::QualityRule>& rules, Batch& batch, const pb::Customer& customer,
                  TimePoint now, domain::Tally& tally) {
  static const std::vector<pb::RawRecord> kNone;
  auto records = batch.records[IdOf(customer.name())];
  if (records.empty()) records.push_back(domain::AsRecord(customer, ""));
  for (const auto& record : records) {
    const domain::JudgedRecord what{record.values(), FromProto(record.observe_time()),
                                    batch.shared[customer.client()], kNone};
    for (const auto& rule : rules) Add(tally, record.system(), rule, domain::Judge(rule, what, now));
  }
}

pb::QualityIssue IssueOf(const pb::QualityRule& rule, const pb::Customer& customer, TimePoint now) {
  pb::QualityIssue issue;
  issue.set_name("qualityIssues/" + NewId(now));
  issue.set_customer(customer.name());
  issue.set_rule(rule.name());
  issue.set_dimension(rule.dimension());
  if (customer.owner_user().starts_with("users/")) issue.set_owner(customer.owner_user());
  issue.set_state(pb::QualityIssue::OPEN);
  *issue.mutable_open_time() = ToProto(now);
  return issue;
}

std::int64_t Opened(pg::Tx& tx, const std::vector<store::NewIssue>& issues) {
  const auto fresh = store::OpenIssues(tx, issues);
  for (const auto& issue : fresh) {
    pb::QualityIssueOpened event;
    *event.mutable_issue() = issue;
    pg::Announce(tx, kCustomersTopic, IdOf(issue.customer().empty() ? issue.name() : issue.customer()), event,
                 tx.now());
  }
  return static_cast<std::int64_t>(fresh.size());
}

/// One step of the run that goes on; false when there is none any more.
Result<bool> Step(pg::Tx& tx, const Deps& deps) {
  auto run = store::LockOpenRun(tx);
  if (!run) return false;
  const auto rules = domain::RulesOf(store::Rules(tx), false);
  const auto ids = store::ToJudge(tx, run->after, kJudgedAtOnce);
  TRY(auto batch, Loaded(tx, deps, ids));
  std::vector<store::NewIssue> failed;
  std::vector<std::pair<std::string, std::string>> passed;
  for (const auto& customer : batch.customers) {
    for (const auto& rule : rules) {
      const auto verdict = JudgeWhole(rule, batch, customer, tx.now());
      Add(run->tally, "", rule, verdict);
      if (!rule.opens_issues()) continue;
      if (verdict == domain::Verdict::kFailed) {
        failed.push_back({IssueOf(rule, customer, tx.now()), customer.client(), ""});
      } else {
        passed.emplace_back(IdOf(customer.name()), IdOf(rule.name()));
      }
    }
    JudgeSources(rules, batch, customer, tx.now(), run->tally);
  }
  run->run.set_customers(run->run.customers() + static_cast<std::int64_t>(batch.customers.size()));
  run->run.set_opened(run->run.opened() + Opened(tx, failed));
  run->run.set_resolved(run->run.resolved() + store::FixIssues(tx, passed));
  const bool more = ids.size() == kJudgedAtOnce;
  if (!ids.empty()) run->after = ids.back();
  if (!more) {
    *run->run.mutable_end_time() = ToProto(tx.now());
    store::SaveScores(tx, IdOf(run->run.name()), domain::ScoresOf(run->tally, rules, run->run));
  }
  store::SaveRun(tx, *run);
  return more;
}

}  // namespace

Result<void> CheckQuality(Call& call, Deps& deps, const google::protobuf::StringValue&) {
  for (bool more = true; more;) {
    call.deadline = std::chrono::steady_clock::now() + kJudgeStep;
    TRY(more, deps.db.Write(call, [&](pg::Tx& tx) { return Step(tx, deps); }));
  }
  return Ok();
}

void FileRefusals(pg::Tx& tx, const Deps& deps, const std::string& system, const std::string& client,
                  const pb::IngestRecordsResponse& taken) {
  std::vector<store::NewIssue> refused;
  std::vector<std::string> fixed;
  for (const auto& result : taken.results()) {
    auto tags = deps.vault.Tags("row " + system + " " + client + " " + result.key());
    if (result.outcome() != pb::IngestResult::REJECTED) {
      fixed.insert(fixed.end(), tags.begin(), tags.end());
      continue;
    }
    pb::QualityIssue issue;
    issue.set_name("qualityIssues/" + NewId(tx.now()));
    issue.set_rule("qualityRules/REFUSED_ROW");
    issue.set_dimension(pb::VALIDITY);
    issue.set_source(system);
    issue.add_details(result.reason());
    for (const auto& violation : result.violations()) issue.add_details(violation);
    issue.set_state(pb::QualityIssue::OPEN);
    *issue.mutable_open_time() = ToProto(tx.now());
    refused.push_back({std::move(issue), client, tags.front()});
  }
  Opened(tx, refused);
  store::FixRows(tx, fixed);
}

Result<pb::ListQualityIssuesResponse> ListQualityIssues(Call& call, Deps& deps,
                                                        const pb::ListQualityIssuesRequest& in) {
  pb::ListQualityIssuesRequest filter = in;
  filter.clear_page_size();
  filter.clear_page_token();
  const std::string text = filter.SerializeAsString();
  TRY(const std::string after, rpc::PageKey(in.page_token(), text));
  const int size = rpc::PageSize(in.page_size());
  return deps.db.Read(call, [&](pg::Tx& tx) -> Result<pb::ListQualityIssuesResponse> {
    pb::ListQualityIssuesResponse out;
    for (auto& one : store::Issues(tx, in, after, size + 1)) {
      if (out.quality_issues_size() == size) {
        out.set_next_page_token(rpc::PageToken(IdOf(out.quality_issues(size - 1).name()), text));
        break;
      }
      *out.add_quality_issues() = std::move(one);
    }
    return out;
  });
}

Result<pb::QualityIssue> AssignQualityIssue(Call& call, Deps& deps, const pb::AssignQualityIssueRequest& in) {
  TRY(const std::string id, IdOfName(in.name(), "qualityIssues"));
  return deps.db.Write(call, [&](pg::Tx& tx) -> Result<pb::QualityIssue> {
    TRY(auto issue, store::LockIssue(tx, id));
    if (issue.state() != pb::QualityIssue::OPEN) return errors::QualityIssueResolved(issue.name());
    issue.set_owner(in.owner());
    store::SaveIssue(tx, issue);
    return issue;
  });
}

Result<pb::QualityIssue> ResolveQualityIssue(Call& call, Deps& deps,
                                             const pb::ResolveQualityIssueRequest& in) {
  TRY(const std::string id, IdOfName(in.name(), "qualityIssues"));
  return deps.db.Write(call, [&](pg::Tx& tx) -> Result<pb::QualityIssue> {
    TRY(auto issue, store::LockIssue(tx, id));
    if (issue.state() != pb::QualityIssue::OPEN) return errors::QualityIssueResolved(issue.name());
    if (in.resolution() == pb::QualityIssue::FIXED && !issue.customer().empty()) {
      TRY(auto batch, Loaded(tx, deps, {IdOf(issue.customer())}));
      for (const auto& rule : domain::RulesOf(store::Rules(tx), true)) {
        if (rule.name() != issue.rule() || batch.customers.empty()) continue;
        if (JudgeWhole(rule, batch, batch.customers[0], tx.now()) == domain::Verdict::kFailed)
          return errors::QualityIssueStands(issue.name());
      }
    }
    issue.set_state(in.resolution());
    issue.set_note(in.note());
    issue.set_resolved_by(ActorOf(call));
    *issue.mutable_resolve_time() = ToProto(tx.now());
    store::SaveIssue(tx, issue);
    return issue;
  });
}

}  // namespace carillon::customer::api
