#include "campaign/domain/campaign.hpp"

#include <google/protobuf/util/message_differencer.h>

#include <initializer_list>

#include "base/check.hpp"
#include "base/proto_time.hpp"
#include "campaign/domain/errors.hpp"

namespace carillon::campaign::domain {
namespace {

using google::protobuf::util::MessageDifferencer;
using Campaign = pb::Campaign;

// At least six rings of five seconds (R8).
constexpr std::chrono::seconds kShortestRing{15};
constexpr std::chrono::seconds kLongestRing{120};
// What may change while the campaign is past its approval.
constexpr const char* kAlways[] = {"windows", "end_time", "reserved_agents", "priority", "evaluation"};

void Stamp(const Actor& by, Campaign& campaign) {
  *campaign.mutable_update_time() = ToProto(by.now);
  campaign.set_etag(std::to_string(campaign.etag().empty() ? 1 : std::stoll(campaign.etag()) + 1));
}

Result<Campaign> Step(const Actor& by, const Campaign& before, std::initializer_list<Campaign::State> from,
                      Campaign::State to, const std::string& reason = {}) {
  for (const auto state : from) {
    if (before.state() != state) continue;
    Campaign after = before;
    after.set_state(to);
    after.set_reason(reason);
    Stamp(by, after);
    return after;
  }
  return errors::WrongState(before.state());
}

void CheckDelay(bool given, const google::protobuf::Duration& delay, const std::string& field,
                std::vector<Violation>& faults) {
  if (given && (FromProto(delay) < std::chrono::minutes{1} || FromProto(delay) > std::chrono::days{30}))
    faults.push_back({"campaign.retry." + field, "is not between one minute and thirty days"});
}

Result<void> RequireSound(const Campaign& campaign) {
  auto faults = WindowFaults(campaign.windows());
  if (!campaign.time_zone().empty() && !calendar::TimeZone::Load(campaign.time_zone()))
    faults.push_back({"campaign.time_zone", "is no zone of the IANA database"});
  if (campaign.has_ring_duration()) {
    const auto ring = FromProto(campaign.ring_duration());
    if (ring < kShortestRing || ring > kLongestRing)
      faults.push_back({"campaign.ring_duration", "is not between 15 s and 120 s"});
  }
  if (campaign.has_start_time() && campaign.has_end_time() &&
      FromProto(campaign.end_time()) <= FromProto(campaign.start_time()))
    faults.push_back({"campaign.end_time", "is not after start_time"});
  const auto& wanted = campaign.criteria();
  if (wanted.max_age() > 0 && wanted.min_age() > wanted.max_age())
    faults.push_back({"campaign.criteria.max_age", "is below min_age"});
  CheckDelay(campaign.retry().has_busy_delay(), campaign.retry().busy_delay(), "busy_delay", faults);
  CheckDelay(campaign.retry().has_no_answer_delay(), campaign.retry().no_answer_delay(), "no_answer_delay",
             faults);
  if (!faults.empty()) return errors::InvalidCampaign(std::move(faults));
  return Ok();
}

/// What the service sets is as it was.
void KeepOutputs(const Campaign& from, Campaign& to) {
  to.set_name(from.name());
  to.set_etag(from.etag());
  to.set_script_version(from.script_version());
  to.set_state(from.state());
  to.set_reason(from.reason());
  to.set_approver(from.approver());
  to.set_owner_unit(from.owner_unit());
  to.set_owner_user(from.owner_user());
  to.clear_build();
  if (from.has_build()) *to.mutable_build() = from.build();
  to.clear_create_time();
  if (from.has_create_time()) *to.mutable_create_time() = from.create_time();
  to.clear_update_time();
  if (from.has_update_time()) *to.mutable_update_time() = from.update_time();
}

/// The first field outside kAlways in which the two differ, or "".
std::string FixedFieldChanged(const Campaign& before, const Campaign& after) {
  Campaign same = after;
  for (const auto* name : kAlways) {
    const auto* field = Campaign::descriptor()->FindFieldByName(name);
    same.GetReflection()->ClearField(&same, field);
  }
  const auto* descriptor = Campaign::descriptor();
  for (int i = 0; i < descriptor->field_count(); ++i) {
    const auto* field = descriptor->field(i);
    if (std::find(std::begin(kAlways), std::end(kAlways), field->name()) != std::end(kAlways)) continue;
    MessageDifferencer differencer;
    if (!differencer.CompareWithFields(before, same, {field}, {field})) return field->name();
  }
  return {};
}

Result<Campaign> Readied(const Actor& by, const Campaign& before, std::initializer_list<Campaign::State> from,
                         Campaign::State to, int script_version) {
  TRY(auto after, Step(by, before, from, to));
  if (before.state() == Campaign::APPROVED) {
    if (script_version == 0) return errors::ScriptNotApproved(before.script());
    after.set_script_version(script_version);
  }
  if (before.build().state() != Campaign::TargetBuild::BUILT) return errors::TargetsNotBuilt();
  return after;
}

}  // namespace

calendar::TimeZone ZoneOf(const Campaign& campaign, const calendar::TimeZone& otherwise) {
  return campaign.time_zone().empty() ? otherwise
                                      : calendar::TimeZone::Load(campaign.time_zone()).value_or(otherwise);
}

Result<Campaign> Created(const Actor& by, Campaign wish, const std::string& id, const std::string& client) {
  KeepOutputs(Campaign(), wish);
  wish.set_name("campaigns/" + id);
  wish.set_client(client);
  wish.set_state(Campaign::DRAFT);
  wish.set_owner_user(by.user);
  wish.set_owner_unit(by.unit);
  *wish.mutable_create_time() = ToProto(by.now);
  TRY_VOID(RequireSound(wish));
  Stamp(by, wish);
  return wish;
}

Result<Campaign> Updated(const Actor& by, const Campaign& before, Campaign wish) {
  KeepOutputs(before, wish);
  if (wish.client() != before.client())
    return errors::InvalidCampaign({{"campaign.client", "cannot change"}});
  if (MessageDifferencer::Equals(before, wish)) return before;
  if (before.state() == Campaign::CLOSED || before.state() == Campaign::CANCELLED)
    return errors::WrongState(before.state());
  const bool draft = before.state() == Campaign::DRAFT || before.state() == Campaign::REFUSED;
  if (const auto field = FixedFieldChanged(before, wish); !draft && !field.empty())
    return errors::WrongState(before.state(), field);
  TRY_VOID(RequireSound(wish));
  if (before.state() == Campaign::REFUSED) {
    wish.set_state(Campaign::DRAFT);
    wish.clear_reason();
    wish.clear_approver();
  }
  // A list made for other people or another purpose is none.
  if (before.contact_class() != wish.contact_class() ||
      !MessageDifferencer::Equals(before.criteria(), wish.criteria()))
    wish.clear_build();
  Stamp(by, wish);
  return wish;
}

Result<Campaign> BuildAsked(const Actor& by, const Campaign& before) {
  switch (before.state()) {
    case Campaign::DRAFT:
    case Campaign::SUBMITTED:
    case Campaign::APPROVED:
    case Campaign::SCHEDULED:
    case Campaign::REFUSED:
      break;
    default:
      return errors::WrongState(before.state());
  }
  if (before.build().state() == Campaign::TargetBuild::BUILDING) return errors::BuildRunning();
  Campaign after = before;
  after.clear_build();
  after.mutable_build()->set_state(Campaign::TargetBuild::BUILDING);
  *after.mutable_build()->mutable_start_time() = ToProto(by.now);
  Stamp(by, after);
  return after;
}

Result<Campaign> Submitted(const Actor& by, const Campaign& before) {
  TRY(auto after, Step(by, before, {Campaign::DRAFT}, Campaign::SUBMITTED));
  if (before.script().empty()) return errors::Incomplete("script");
  if (before.queue().empty()) return errors::Incomplete("queue");
  if (before.caller_number().empty()) return errors::Incomplete("caller_number");
  if (before.build().state() != Campaign::TargetBuild::BUILT) return errors::Incomplete("build");
  return after;
}

Result<Campaign> Approved(const Actor& by, const Campaign& before) {
  TRY(auto after, Step(by, before, {Campaign::SUBMITTED}, Campaign::APPROVED));
  if (by.user == before.owner_user()) return errors::ApproverIsAuthor();
  after.set_approver(by.user);
  return after;
}

Result<Campaign> Refused(const Actor& by, const Campaign& before, const std::string& reason) {
  TRY(auto after, Step(by, before, {Campaign::SUBMITTED}, Campaign::REFUSED, reason));
  after.set_approver(by.user);
  return after;
}

Result<Campaign> Scheduled(const Actor& by, const Campaign& before, int script_version) {
  TRY(auto after, Readied(by, before, {Campaign::APPROVED}, Campaign::SCHEDULED, script_version));
  if (!before.has_start_time() || FromProto(before.start_time()) <= by.now) return errors::StartTimePast();
  return after;
}

Result<Campaign> Started(const Actor& by, const Campaign& before, int script_version) {
  TRY(auto after,
      Readied(by, before, {Campaign::APPROVED, Campaign::SCHEDULED}, Campaign::RUNNING, script_version));
  if (!before.has_start_time() || FromProto(before.start_time()) > by.now)
    *after.mutable_start_time() = ToProto(by.now);
  return after;
}

Result<Campaign> Paused(const Actor& by, const Campaign& before, const std::string& reason) {
  return Step(by, before, {Campaign::RUNNING}, Campaign::PAUSED, reason);
}

Result<Campaign> Resumed(const Actor& by, const Campaign& before) {
  return Step(by, before, {Campaign::PAUSED}, Campaign::RUNNING);
}

Result<Campaign> Finished(const Actor& by, const Campaign& before) {
  return Step(by, before, {Campaign::RUNNING, Campaign::PAUSED}, Campaign::FOLLOW_UP);
}

Result<Campaign> Summarised(const Actor& by, const Campaign& before) {
  TRY(auto after, Step(by, before, {Campaign::FOLLOW_UP}, Campaign::SUMMARISED));
  const auto& learnt = before.evaluation();
  if (learnt.sales().empty()) return errors::EvaluationIncomplete("sales");
  if (learnt.feedback().empty()) return errors::EvaluationIncomplete("feedback");
  if (learnt.share().empty()) return errors::EvaluationIncomplete("share");
  if (learnt.problems().empty()) return errors::EvaluationIncomplete("problems");
  if (learnt.improvements().empty()) return errors::EvaluationIncomplete("improvements");
  return after;
}

Result<Campaign> Closed(const Actor& by, const Campaign& before) {
  return Step(by, before, {Campaign::SUMMARISED}, Campaign::CLOSED);
}

Result<Campaign> Cancelled(const Actor& by, const Campaign& before, const std::string& reason) {
  return Step(by, before,
              {Campaign::DRAFT, Campaign::SUBMITTED, Campaign::APPROVED, Campaign::SCHEDULED,
               Campaign::RUNNING, Campaign::PAUSED, Campaign::REFUSED},
              Campaign::CANCELLED, reason);
}

Campaign Swept(const Campaign& before, bool open_targets, TimePoint now) {
  auto to = before.state();
  if (to == Campaign::SCHEDULED && before.has_start_time() && FromProto(before.start_time()) <= now)
    to = Campaign::RUNNING;
  const bool over = before.has_end_time() && FromProto(before.end_time()) <= now;
  if ((to == Campaign::RUNNING || to == Campaign::PAUSED) && over) to = Campaign::FOLLOW_UP;
  if (to == Campaign::RUNNING && !open_targets) to = Campaign::FOLLOW_UP;
  if (to == before.state()) return before;
  Campaign after = before;
  after.set_state(to);
  after.clear_reason();
  *after.mutable_update_time() = ToProto(now);
  after.set_etag(std::to_string(std::stoll(before.etag()) + 1));
  return after;
}

bool Dials(Campaign::State state, bool callback) {
  return state == Campaign::RUNNING || (state == Campaign::FOLLOW_UP && callback);
}

}  // namespace carillon::campaign::domain
