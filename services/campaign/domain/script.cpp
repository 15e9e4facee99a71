#include "campaign/domain/script.hpp"

#include <google/protobuf/util/message_differencer.h>

#include <set>

#include "base/proto_time.hpp"
#include "campaign/domain/errors.hpp"

namespace carillon::campaign::domain {
namespace {

using Script = pb::Script;

Script Touched(const Actor& by, Script script) {
  *script.mutable_update_time() = ToProto(by.now);
  script.set_etag(std::to_string(script.etag().empty() ? 1 : std::stoll(script.etag()) + 1));
  return script;
}

Result<void> RequireSpeakable(const Script& script) {
  std::vector<Violation> faults;
  std::set<int> kinds;
  for (int i = 0; i < script.steps_size(); ++i)
    if (!kinds.insert(script.steps(i).kind()).second)
      faults.push_back({"script.steps[" + std::to_string(i) + "].kind", "is given twice"});
  if (!faults.empty()) return errors::InvalidScript(std::move(faults));
  return Ok();
}

Result<Script> Judged(const Actor& by, const Script& before, Script::State to) {
  if (before.state() != Script::IN_REVIEW) return errors::WrongState(before.state());
  if (by.user == before.author()) return errors::ApproverIsAuthor();
  Script after = before;
  after.set_state(to);
  after.set_approver(by.user);
  return Touched(by, after);
}

}  // namespace

Result<Script> Created(const Actor& by, Script wish, const std::string& id, const std::string& client) {
  TRY_VOID(RequireSpeakable(wish));
  wish.set_name("scripts/" + id);
  wish.set_version(1);
  wish.clear_etag();
  wish.set_client(client);
  wish.set_state(Script::DRAFT);
  wish.set_author(by.user);
  wish.clear_approver();
  wish.clear_reject_reason();
  *wish.mutable_create_time() = ToProto(by.now);
  return Touched(by, wish);
}

Result<Script> Updated(const Actor& by, const Script& before, Script wish) {
  wish.set_name(before.name());
  wish.set_version(before.version());
  wish.set_etag(before.etag());
  wish.set_state(before.state());
  wish.set_author(before.author());
  wish.set_approver(before.approver());
  wish.set_reject_reason(before.reject_reason());
  *wish.mutable_create_time() = before.create_time();
  *wish.mutable_update_time() = before.update_time();
  if (wish.client() != before.client()) return errors::InvalidScript({{"script.client", "cannot change"}});
  if (google::protobuf::util::MessageDifferencer::Equals(before, wish)) return before;
  if (before.state() == Script::IN_REVIEW) return errors::WrongState(before.state());
  TRY_VOID(RequireSpeakable(wish));
  if (before.state() != Script::DRAFT) {
    wish.set_version(before.version() + 1);
    wish.set_state(Script::DRAFT);
    wish.clear_approver();
    wish.clear_reject_reason();
    *wish.mutable_create_time() = ToProto(by.now);
  }
  wish.set_author(by.user);
  return Touched(by, wish);
}

Result<Script> Submitted(const Actor& by, const Script& before) {
  if (before.state() != Script::DRAFT) return errors::WrongState(before.state());
  std::set<int> kinds;
  for (const auto& step : before.steps()) kinds.insert(step.kind());
  for (int kind = Script::OPENING; kind <= Script::ENDING; ++kind)
    if (!kinds.contains(kind))
      return errors::ScriptIncomplete("steps." + Script::StepKind_Name(static_cast<Script::StepKind>(kind)));
  if (before.must_say().empty()) return errors::ScriptIncomplete("must_say");
  Script after = before;
  after.set_state(Script::IN_REVIEW);
  return Touched(by, after);
}

Result<Script> Approved(const Actor& by, const Script& before) {
  return Judged(by, before, Script::APPROVED);
}

Result<Script> Rejected(const Actor& by, const Script& before, const std::string& reason) {
  TRY(auto after, Judged(by, before, Script::REJECTED));
  after.set_reject_reason(reason);
  return after;
}

Script Retired(const Actor& by, const Script& before) {
  Script after = before;
  after.set_state(Script::RETIRED);
  return Touched(by, after);
}

}  // namespace carillon::campaign::domain
