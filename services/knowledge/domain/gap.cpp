#include "knowledge/domain/gap.hpp"

#include "base/proto_time.hpp"
#include "knowledge/domain/errors.hpp"

namespace carillon::knowledge::domain {
namespace {

pb::Gap Asked(pb::Gap gap, TimePoint now) {
  gap.set_miss_count(gap.miss_count() + 1);
  *gap.mutable_last_miss_time() = *gap.mutable_update_time() = ToProto(now);
  return gap;
}

pb::Gap Closed(pb::Gap gap, TimePoint now) {
  gap.set_state(pb::Gap::CLOSED);
  *gap.mutable_close_time() = *gap.mutable_update_time() = ToProto(now);
  return gap;
}

}  // namespace

pb::Gap Missed(const std::string& name, const std::string& client, const std::string& language,
               const std::string& question, const Actor& actor) {
  pb::Gap gap;
  gap.set_name(name);
  gap.set_client(client);
  gap.set_language(language);
  gap.set_question(question);
  gap.set_state(pb::Gap::OPEN);
  gap.set_origin(pb::Gap::SEARCH);
  gap.set_reporter(actor.user);
  *gap.mutable_create_time() = ToProto(actor.now);
  return Asked(std::move(gap), actor.now);
}

pb::Gap MissedAgain(const pb::Gap& before, TimePoint now) { return Asked(before, now); }

pb::Gap Reported(const pb::Gap& wish, const std::string& name, const Actor& actor) {
  auto gap = Missed(name, wish.client(), wish.language(), wish.question(), actor);
  gap.set_miss_count(0);
  return ReportedAgain(gap, wish, actor);
}

pb::Gap ReportedAgain(const pb::Gap& before, const pb::Gap& report, const Actor& actor) {
  pb::Gap gap = before;
  if (gap.origin() != pb::Gap::REPORT) {
    gap.set_origin(pb::Gap::REPORT);
    gap.set_reporter(actor.user);
    *gap.mutable_due_time() = ToProto(actor.now + kAnswerWithin);
  }
  if (!report.note().empty()) gap.set_note(report.note());
  if (!report.interaction().empty()) gap.set_interaction(report.interaction());
  if (!report.work_order().empty()) gap.set_work_order(report.work_order());
  return Asked(std::move(gap), actor.now);
}

Result<pb::Gap> Assigned(const pb::Gap& before, const std::string& assignee, TimePoint now) {
  if (before.state() != pb::Gap::OPEN && before.state() != pb::Gap::ASSIGNED) return errors::GapState(before);
  pb::Gap gap = before;
  gap.set_state(pb::Gap::ASSIGNED);
  gap.set_assignee(assignee);
  *gap.mutable_update_time() = ToProto(now);
  return gap;
}

Result<pb::Gap> Answered(const pb::Gap& before, const std::string& article, bool readable, TimePoint now) {
  if (before.state() == pb::Gap::CLOSED) return errors::GapState(before);
  pb::Gap gap = before;
  gap.set_article(article);
  if (readable) return Closed(std::move(gap), now);
  gap.set_state(pb::Gap::ANSWERED);
  *gap.mutable_update_time() = ToProto(now);
  return gap;
}

Result<pb::Gap> ClosedWithout(const pb::Gap& before, const std::string& reason, TimePoint now) {
  if (before.state() == pb::Gap::CLOSED) return errors::GapState(before);
  pb::Gap gap = before;
  gap.clear_article();
  gap.set_close_reason(reason);
  return Closed(std::move(gap), now);
}

}  // namespace carillon::knowledge::domain
