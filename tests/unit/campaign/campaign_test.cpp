#include "campaign/domain/campaign.hpp"

#include <catch2/catch.hpp>
#include <functional>
#include <map>

#include "base/proto_time.hpp"
#include "campaign/domain/script.hpp"

namespace carillon::campaign::domain {
namespace {

using namespace std::chrono_literals;
using Campaign = pb::Campaign;

const TimePoint kTen{std::chrono::sys_days{std::chrono::year{2026} / 4 / 1} + 2h};
const auto kZone = calendar::TimeZone::Load("Asia/Shanghai").value();
const Actor kPlanner{"users/planner", "/centre/", kTen, kZone};
const Actor kManager{"users/manager", "/centre/", kTen, kZone};

Campaign Draft() {
  Campaign wish;
  wish.set_code("spring");
  wish.set_display_name("春季促销");
  wish.set_contact_class(pb::MARKETING);
  wish.set_purpose(Campaign::PROMOTION);
  wish.set_script("scripts/1");
  wish.set_queue("queues/1");
  wish.set_caller_number("10000");
  *wish.mutable_start_time() = ToProto(kTen + 1h);
  auto made = Created(kPlanner, wish, "1", "clients/1").value();
  made.mutable_build()->set_state(Campaign::TargetBuild::BUILT);
  return made;
}

Campaign In(Campaign::State state) {
  auto campaign = Draft();
  campaign.set_state(state);
  for (auto* text :
       {campaign.mutable_evaluation()->mutable_sales(), campaign.mutable_evaluation()->mutable_feedback(),
        campaign.mutable_evaluation()->mutable_share(), campaign.mutable_evaluation()->mutable_problems(),
        campaign.mutable_evaluation()->mutable_improvements()})
    *text = "x";
  return campaign;
}

TEST_CASE("each step leads where the plan says and nowhere else") {
  using Step = std::function<Result<Campaign>(const Campaign&)>;
  const std::vector<std::pair<Step, std::map<Campaign::State, Campaign::State>>> steps = {
      {[](const auto& c) { return Submitted(kPlanner, c); }, {{Campaign::DRAFT, Campaign::SUBMITTED}}},
      {[](const auto& c) { return Approved(kManager, c); }, {{Campaign::SUBMITTED, Campaign::APPROVED}}},
      {[](const auto& c) { return Refused(kManager, c, "no"); }, {{Campaign::SUBMITTED, Campaign::REFUSED}}},
      {[](const auto& c) { return Scheduled(kManager, c, 1); }, {{Campaign::APPROVED, Campaign::SCHEDULED}}},
      {[](const auto& c) { return Started(kManager, c, 1); },
       {{Campaign::APPROVED, Campaign::RUNNING}, {Campaign::SCHEDULED, Campaign::RUNNING}}},
      {[](const auto& c) { return Paused(kManager, c, "why"); }, {{Campaign::RUNNING, Campaign::PAUSED}}},
      {[](const auto& c) { return Resumed(kManager, c); }, {{Campaign::PAUSED, Campaign::RUNNING}}},
      {[](const auto& c) { return Finished(kManager, c); },
       {{Campaign::RUNNING, Campaign::FOLLOW_UP}, {Campaign::PAUSED, Campaign::FOLLOW_UP}}},
      {[](const auto& c) { return Summarised(kManager, c); }, {{Campaign::FOLLOW_UP, Campaign::SUMMARISED}}},
      {[](const auto& c) { return Closed(kManager, c); }, {{Campaign::SUMMARISED, Campaign::CLOSED}}},
      {[](const auto& c) { return Cancelled(kManager, c, "why"); },
       {{Campaign::DRAFT, Campaign::CANCELLED},
        {Campaign::SUBMITTED, Campaign::CANCELLED},
        {Campaign::APPROVED, Campaign::CANCELLED},
        {Campaign::SCHEDULED, Campaign::CANCELLED},
        {Campaign::RUNNING, Campaign::CANCELLED},
        {Campaign::PAUSED, Campaign::CANCELLED},
        {Campaign::REFUSED, Campaign::CANCELLED}}},
  };
  int allowed = 0;
  for (const auto& [step, table] : steps) {
    for (int state = Campaign::DRAFT; state <= Campaign::CANCELLED; ++state) {
      const auto before = In(static_cast<Campaign::State>(state));
      const auto after = step(before);
      const auto to = table.find(before.state());
      INFO(Campaign::State_Name(before.state()));
      REQUIRE(after.has_value() == (to != table.end()));
      if (!after) {
        CHECK(after.error().reason == "CAMPAIGN_STATE");
        continue;
      }
      CHECK(after->state() == to->second);
      CHECK(after->etag() != before.etag());
      ++allowed;
    }
  }
  CHECK(allowed == 19);
}

TEST_CASE("a plan lacks nothing before it is shown, and its author does not approve it") {
  auto draft = Draft();
  draft.clear_queue();
  CHECK(Submitted(kPlanner, draft).error().metadata.at("field") == "queue");
  draft = Draft();
  draft.clear_build();
  CHECK(Submitted(kPlanner, draft).error().metadata.at("field") == "build");
  const auto submitted = Submitted(kPlanner, Draft()).value();
  CHECK(Approved(kPlanner, submitted).error().reason == "APPROVER_IS_AUTHOR");
  const auto approved = Approved(kManager, submitted).value();
  CHECK(Scheduled(kManager, approved, 0).error().reason == "SCRIPT_NOT_APPROVED");
  CHECK(Scheduled(kManager, approved, 3).value().script_version() == 3);
  auto late = approved;
  *late.mutable_start_time() = ToProto(kTen);
  CHECK(Scheduled(kManager, late, 3).error().reason == "START_TIME_PAST");
}

TEST_CASE("what runs takes only what may change while it runs") {
  const auto running = In(Campaign::RUNNING);
  auto wish = running;
  wish.set_reserved_agents(3);
  CHECK(Updated(kPlanner, running, wish).value().reserved_agents() == 3);
  wish.set_queue("queues/2");
  const auto refused = Updated(kPlanner, running, wish);
  CHECK(refused.error().reason == "CAMPAIGN_STATE");
  CHECK(refused.error().metadata.at("field") == "queue");
  auto other = In(Campaign::REFUSED);
  wish = other;
  wish.set_objective("more");
  CHECK(Updated(kPlanner, other, wish).value().state() == Campaign::DRAFT);
  CHECK(Updated(kPlanner, running, running).value().etag() == running.etag());
}

TEST_CASE("a list made for other people is none") {
  const auto draft = Draft();
  auto wish = draft;
  wish.mutable_criteria()->add_grades("GOLD");
  CHECK_FALSE(Updated(kPlanner, draft, wish).value().has_build());
  wish = draft;
  wish.set_objective("other words");
  CHECK(Updated(kPlanner, draft, wish).value().has_build());
}

TEST_CASE("time begins and ends campaigns") {
  CHECK(Swept(In(Campaign::SCHEDULED), true, kTen + 59min).state() == Campaign::SCHEDULED);
  CHECK(Swept(In(Campaign::SCHEDULED), true, kTen + 1h).state() == Campaign::RUNNING);
  CHECK(Swept(In(Campaign::RUNNING), false, kTen).state() == Campaign::FOLLOW_UP);
  CHECK(Swept(In(Campaign::PAUSED), false, kTen).state() == Campaign::PAUSED);
  auto ends = In(Campaign::PAUSED);
  *ends.mutable_end_time() = ToProto(kTen + 2h);
  CHECK(Swept(ends, true, kTen + 2h - 1us).state() == Campaign::PAUSED);
  CHECK(Swept(ends, true, kTen + 2h).state() == Campaign::FOLLOW_UP);
}

TEST_CASE("only a whole script is reviewed, by another, and a change makes the next version") {
  pb::Script wish;
  wish.set_display_name("话术");
  for (int kind = pb::Script::OPENING; kind < pb::Script::ENDING; ++kind)
    wish.add_steps()->set_kind(static_cast<pb::Script::StepKind>(kind));
  auto script = Created(kPlanner, wish, "1", "clients/1").value();
  CHECK(Submitted(kPlanner, script).error().metadata.at("field") == "steps.ENDING");
  script.add_steps()->set_kind(pb::Script::ENDING);
  CHECK(Submitted(kPlanner, script).error().metadata.at("field") == "must_say");
  script.add_must_say("本次通话将被录音");
  script = Submitted(kPlanner, script).value();
  CHECK(Updated(kPlanner, script, Created(kPlanner, wish, "1", "clients/1").value()).error().reason ==
        "SCRIPT_STATE");
  CHECK(Approved(kPlanner, script).error().reason == "APPROVER_IS_AUTHOR");
  script = Approved(kManager, script).value();
  auto next = script;
  next.set_display_name("新话术");
  next = Updated(kPlanner, script, next).value();
  CHECK(next.version() == 2);
  CHECK(next.state() == pb::Script::DRAFT);
  CHECK(next.approver().empty());
  wish.add_steps()->set_kind(pb::Script::OPENING);
  CHECK(Created(kPlanner, wish, "1", "clients/1").error().reason == "SCRIPT_INVALID");
}

}  // namespace
}  // namespace carillon::campaign::domain
