#include <map>

#include "qa/api/methods.hpp"
#include "qa/domain/bands.hpp"
#include "qa/domain/plan.hpp"
#include "qa/domain/sample.hpp"
#include "qa/store/candidates.hpp"
#include "qa/store/plans.hpp"
#include "qa/store/scorecards.hpp"
#include "rpc/page.hpp"

namespace carillon::qa::api {
namespace {

/// The active revision's name of each scorecard of the plan. SCORECARD_NOT_ACTIVE.
Result<std::map<std::string, std::string>> ActiveRevisions(pg::Tx& tx, const pb::SamplePlan& plan) {
  std::map<std::string, std::string> active;
  for (const auto& use : plan.scorecards()) {
    TRY(const auto card, store::LoadScorecard(tx, use.scorecard()));
    if (card.active_revision() == 0) return errors::ScorecardNotActive(card.name());
    active[card.name()] = card.name() + "/revisions/" + std::to_string(card.active_revision());
  }
  return active;
}

/// What a plan's draws of one moment share.
struct Frame {
  domain::Span span;
  domain::Bands bands;
  std::map<std::string, std::string> revisions;
};

Result<Frame> FrameOf(pg::Tx& tx, const Deps& deps, const pb::SamplePlan& plan) {
  domain::Span span = domain::SpanOf(plan);
  span.end = std::max(span.begin, std::min(span.end, tx.now()));
  TRY(const auto zone, calendar::TimeZone::Load(plan.time_zone()));
  TRY(auto bands, domain::Bands::Make(zone, deps.night, plan.peak_half_hours(),
                                      store::QueueShapes(tx, plan.client(), span)));
  TRY(auto revisions, ActiveRevisions(tx, plan));
  return Frame{span, std::move(bands), std::move(revisions)};
}

/// An agent's conversations that a scorecard of the plan judges, each in its bands.
std::vector<pb::Evaluation> Judgeable(pg::Tx& tx, const Frame& frame, const pb::SamplePlan& plan,
                                      const std::string& agent) {
  std::vector<pb::Evaluation> judgeable;
  for (auto& conversation : store::CandidatesOf(tx, plan.client(), agent, frame.span)) {
    const auto* use = domain::UseFor(plan, conversation);
    if (use == nullptr) continue;
    conversation.set_time_band(frame.bands.TimeBandOf(conversation));
    conversation.set_length_band(frame.bands.LengthBandOf(conversation));
    conversation.set_scorecard_revision(frame.revisions.at(use->scorecard()));
    judgeable.push_back(std::move(conversation));
  }
  return judgeable;
}

void DrawFor(pg::Tx& tx, const Frame& frame, const pb::SamplePlan& plan, pb::SamplePlan::AgentQuota& quota) {
  auto sample = domain::Drawn(plan, quota, Judgeable(tx, frame, plan, quota.agent()));
  for (auto& evaluation : sample.chosen) {
    evaluation.set_name("evaluations/" + NewId(tx.now()));
    evaluation.set_plan(plan.name());
    evaluation.set_state(pb::Evaluation::DRAWN);
    evaluation.set_hold_hint(domain::HoldHint(FromProto(evaluation.hold_duration())));
    *evaluation.mutable_draw_time() = ToProto(tx.now());
  }
  store::AddDrawn(tx, sample.chosen, tx.now());
  quota = std::move(sample.quota);
  *quota.mutable_draw_time() = ToProto(tx.now());
}

}  // namespace

Result<pb::SamplePlan> DrawSamples(Call& call, Deps& deps, const pb::DrawSamplesRequest& in) {
  return deps.db.Write(call, [&](pg::Tx& tx) -> Result<pb::SamplePlan> {
    TRY(const auto before, store::LockPlan(tx, in.name()));
    TRY_VOID(rpc::RequireFresh(before.etag(), in.etag()));
    if (before.state() != pb::SamplePlan::OPEN && before.state() != pb::SamplePlan::DRAWN)
      return errors::PlanState(before);
    TRY(const auto frame, FrameOf(tx, deps, before));
    auto plan = before;
    if (before.state() == pb::SamplePlan::OPEN)
      plan = domain::Joined(before, store::AgentsWith(tx, before.client(), frame.span));
    bool known = in.agent().empty();
    int drawn = 0;
    for (auto& quota : *plan.mutable_quotas()) {
      if (!in.agent().empty() && quota.agent() != in.agent()) continue;
      known = true;
      if (quota.has_draw_time()) continue;
      DrawFor(tx, frame, plan, quota);
      ++drawn;
    }
    if (!known) return errors::UnknownAgent(in.agent());
    if (drawn == 0) return before;
    const auto saved = store::SavePlan(tx, domain::AfterDraw(plan, call.now));
    store::AnnounceDrawn(tx, saved);
    return saved;
  });
}

}  // namespace carillon::qa::api
