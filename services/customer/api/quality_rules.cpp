#include "base/proto_time.hpp"
#include "customer/api/quality.hpp"
#include "customer/api/steps.hpp"
#include "customer/domain/quality.hpp"
#include "customer/store/quality.hpp"
#include "customer/store/records.hpp"
#include "rpc/page.hpp"

namespace carillon::customer::api {
namespace {

constexpr int kTrendRuns = 30;

}  // namespace

Result<pb::QualityRule> PutQualityRule(Call& call, Deps& deps, const pb::PutQualityRuleRequest& in) {
  TRY_VOID(domain::RequireRule(in.quality_rule()));
  return deps.db.Write(call, [&](pg::Tx& tx) -> Result<pb::QualityRule> {
    store::PutRule(tx, in.quality_rule());
    return in.quality_rule();
  });
}

Result<pb::ListQualityRulesResponse> ListQualityRules(Call& call, Deps& deps,
                                                      const pb::ListQualityRulesRequest&) {
  return deps.db.Read(call, [&](pg::Tx& tx) -> Result<pb::ListQualityRulesResponse> {
    pb::ListQualityRulesResponse out;
    for (auto& rule : domain::RulesOf(store::Rules(tx), true)) *out.add_quality_rules() = std::move(rule);
    return out;
  });
}

Result<pb::QualityRun> RunQualityCheck(Call& call, Deps& deps, const pb::RunQualityCheckRequest&) {
  pb::QualityRun run;
  run.set_name("qualityRuns/" + NewId(call.now));
  *run.mutable_start_time() = ToProto(call.now);
  return deps.db.Write(call, [&](pg::Tx& tx) -> Result<pb::QualityRun> {
    store::BeginRun(tx, run);
    const auto open = store::LockOpenRun(tx);
    if (!open) return Internal("a run that was begun is not there");
    if (open->run.name() == run.name()) {
      pg::Enqueue(tx, kCheckQuality, call.principal.tenant, google::protobuf::StringValue());
    }
    return open->run;
  });
}

Result<pb::ListQualityRunsResponse> ListQualityRuns(Call& call, Deps& deps,
                                                    const pb::ListQualityRunsRequest& in) {
  TRY(const std::string after, rpc::PageKey(in.page_token(), "runs"));
  const int size = rpc::PageSize(in.page_size());
  return deps.db.Read(call, [&](pg::Tx& tx) -> Result<pb::ListQualityRunsResponse> {
    pb::ListQualityRunsResponse out;
    auto page = store::Runs(tx, after, size + 1);
    if (page.size() > static_cast<std::size_t>(size)) {
      page.pop_back();
      out.set_next_page_token(rpc::PageToken(page.back().first, "runs"));
    }
    for (auto& [key, one] : page) *out.add_quality_runs() = std::move(one);
    return out;
  });
}

Result<pb::ListQualityScoresResponse> ListQualityScores(Call& call, Deps& deps,
                                                        const pb::ListQualityScoresRequest& in) {
  return deps.db.Read(call, [&](pg::Tx& tx) -> Result<pb::ListQualityScoresResponse> {
    pb::ListQualityScoresResponse out;
    const int runs = in.page_size() == 0 ? kTrendRuns : in.page_size();
    const auto scores = in.run().empty() ? store::Trend(tx, in.source(), runs)
                                         : store::Scores(tx, IdOf(in.run()), in.source());
    for (const auto& score : scores) *out.add_quality_scores() = score;
    return out;
  });
}

}  // namespace carillon::customer::api
