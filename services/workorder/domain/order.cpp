#include "workorder/domain/order.hpp"

#include <google/protobuf/util/field_mask_util.h>

#include <algorithm>
#include <array>
#include <set>

#include "base/proto_time.hpp"
#include "calendar/time_zone.hpp"
#include "carillon/workorder/v1/workorder_events.pb.h"
#include "workorder/domain/errors.hpp"
#include "workorder/domain/states.hpp"

namespace carillon::workorder::domain {
namespace {

using Order = pb::WorkOrder;
using google::protobuf::util::FieldMaskUtil;

/// What people write and may change later.
constexpr std::array kWritable{
    "subtype",         "title",         "description",   "contact_name", "contact_number",
    "service_address", "product",       "reply_channel", "complaint",    "fault",
    "acceptance",      "custom_fields", "site"};

/// Unreachable means this many tries on this many days.
constexpr int kUnreachableTries = 3;
constexpr int kUnreachableDays = 2;

google::protobuf::FieldMask WritableMask() {
  google::protobuf::FieldMask mask;
  for (const auto* path : kWritable) mask.add_paths(path);
  return mask;
}

/// A change in the making: begins with a check of the state, ends with Finish().
class Draft {
 public:
  static Result<Draft> Begin(const Desk& desk, const Order& before, Action action) {
    if (!Allows(before.state(), action)) return errors::WrongState(before, ActionName(action));
    return Draft(desk, before, action);
  }

  Order* operator->() { return &order_; }
  Order& order() { return order_; }
  const Desk& desk() const { return desk_; }
  TimePoint now() const { return desk_.now; }

  /// One step and its line in the history.
  void Go(Order::State to, std::string_view note = {}) {
    pb::HistoryEntry entry;
    *entry.mutable_at_time() = ToProto(desk_.now);
    entry.set_actor(desk_.user);
    entry.set_action(std::string(ActionName(action_)));
    entry.set_from_state(order_.state());
    entry.set_to_state(to);
    entry.set_note(std::string(note));
    entries_.push_back(std::move(entry));
    order_.set_state(to);
  }
  /// The same state, one more line.
  void Note(std::string_view note) { Go(order_.state(), note); }

  pb::SlaClock* Clock(pb::SlaClock::Kind kind) {
    for (auto& clock : *order_.mutable_clocks()) {
      if (clock.kind() == kind) return &clock;
    }
    return nullptr;
  }
  void StopClock(pb::SlaClock::Kind kind) {
    if (auto* clock = Clock(kind)) Stop(*clock, desk_.now, desk_.hours);
  }
  /// Starts a clock anew; a promise of 0 minutes is none.
  void StartClock(pb::SlaClock::Kind kind, int minutes, pb::SlaClock::Calendar calendar) {
    auto& clocks = *order_.mutable_clocks();
    clocks.erase(
        std::remove_if(clocks.begin(), clocks.end(), [&](const auto& clock) { return clock.kind() == kind; }),
        clocks.end());
    if (minutes == 0) return;
    *order_.add_clocks() =
        StartedClock(kind, std::chrono::minutes{minutes}, calendar, desk_.now, desk_.hours);
  }
  /// What was said to the customer takes the place of the standard reply time, round the clock.
  void Promise(TimePoint until) {
    auto* clock = Clock(pb::SlaClock::REPLY);
    if (clock == nullptr) clock = order_.add_clocks();
    *clock = StartedClock(pb::SlaClock::REPLY, until - desk_.now, pb::SlaClock::ROUND_THE_CLOCK, desk_.now,
                          desk_.hours);
    clock->set_promised(true);
  }
  /// Ends the order: no promise runs any more.
  void End(Order::State to, std::string_view note) {
    for (auto& clock : *order_.mutable_clocks()) Stop(clock, desk_.now, desk_.hours);
    *order_.mutable_close_time() = ToProto(desk_.now);
    order_.clear_suspend_reason();
    Go(to, note);
  }
  void ReplyGiven() {
    if (!order_.has_reply_time()) *order_.mutable_reply_time() = ToProto(desk_.now);
    StopClock(pb::SlaClock::REPLY);
  }

  template <class Event>
  Decision Finish() {
    for (auto& clock : *order_.mutable_clocks()) {
      Advance(clock, desk_.now, desk_.hours);
      if (clock.breached()) order_.set_overdue(true);
    }
    *order_.mutable_update_time() = ToProto(desk_.now);
    order_.set_tmf_state(std::string(TmfState(order_)));
    order_.set_etag(std::to_string((order_.etag().empty() ? 0 : std::stoll(order_.etag())) + 1));
    auto event = std::make_shared<Event>();
    *event->mutable_work_order() = ForEvent(order_);
    return {std::move(order_), std::move(entries_), std::move(event)};
  }

 private:
  /// Who waited for the row's lock decides after whoever held it, whatever the clock said when the call came.
  Draft(const Desk& desk, const Order& before, Action action)
      : desk_{desk.user, desk.supervisor,
              before.has_update_time() ? std::max(desk.now, FromProto(before.update_time())) : desk.now,
              desk.hours, desk.policies},
        order_(before),
        action_(action) {}
  Desk desk_;
  Order order_;
  Action action_;
  std::vector<pb::HistoryEntry> entries_;
};

bool DetailFits(const Order& order, std::string* misplaced) {
  const auto type = order.type();
  if (order.has_complaint() && type != Order::COMPLAINT && type != Order::CRITICISM) *misplaced = "complaint";
  if (order.has_fault() && type != Order::FAULT) *misplaced = "fault";
  if (order.has_acceptance() && type != Order::ACCEPTANCE && type != Order::PRE_ACCEPTANCE &&
      type != Order::INSTALLATION) {
    *misplaced = "acceptance";
  }
  return misplaced->empty();
}

/// What must hold for what people wrote, whenever they wrote it.
Result<void> CheckWritten(const Order& order, const std::vector<pb::CustomField>& fields) {
  if (order.type() == Order::COMPLAINT && order.contact_number().empty())
    return errors::ContactNumberRequired();
  if (std::string misplaced; !DetailFits(order, &misplaced)) return errors::DetailMisplaced(misplaced);
  return CheckCustomFields(order, fields);
}

void AddHandler(Order& order, const std::string& user) {
  auto& handlers = *order.mutable_handlers();
  if (std::find(handlers.begin(), handlers.end(), user) == handlers.end()) *handlers.Add() = user;
}

std::string OpenSteps(const pb::SevenSteps& steps) {
  std::string open;
  const auto check = [&](bool done, const char* word) {
    if (!done) open += (open.empty() ? "" : ", ") + std::string(word);
  };
  check(steps.accept(), "accept");
  check(steps.apologize(), "apologize");
  check(steps.acknowledge(), "acknowledge");
  check(steps.analyze(), "analyze");
  check(steps.alternatives(), "alternatives");
  check(steps.agreement(), "agreement");
  check(steps.assure(), "assure");
  return open;
}

/// Running clocks take the targets of the order's priority and keep what has elapsed; a promise stays.
void RetargetAll(Draft& draft) {
  const auto policy = PolicyOf(draft.desk().policies, draft->type(), draft->priority());
  for (auto& clock : *draft->mutable_clocks()) {
    if (clock.state() == pb::SlaClock::STOPPED || clock.promised()) continue;
    const int minutes = clock.kind() == pb::SlaClock::ACCEPT    ? policy.accept_minutes()
                        : clock.kind() == pb::SlaClock::REPLY   ? policy.reply_minutes()
                        : clock.kind() == pb::SlaClock::HANDLE  ? policy.handle_minutes()
                        : clock.kind() == pb::SlaClock::REVISIT ? policy.revisit_minutes()
                                                                : 0;
    if (minutes > 0) Retarget(clock, std::chrono::minutes{minutes}, draft.now(), draft.desk().hours);
  }
}

Result<void> CheckPreAcceptance(const Order& order) {
  if (order.type() != Order::PRE_ACCEPTANCE) return errors::NotAPreAcceptance();
  return Ok();
}

}  // namespace

pb::WorkOrder Erased(const pb::WorkOrder& before, TimePoint now) {
  pb::WorkOrder out = ForEvent(before);
  *out.mutable_update_time() = ToProto(now);
  out.set_etag(std::to_string(std::stoll(before.etag()) + 1));
  return out;
}

pb::WorkOrder ForEvent(const pb::WorkOrder& order) {
  pb::WorkOrder out = order;
  out.clear_title();
  out.clear_description();
  out.clear_result();
  out.clear_contact_name();
  out.clear_contact_number();
  out.clear_service_address();
  out.clear_custom_fields();
  if (out.has_complaint()) {
    out.mutable_complaint()->clear_demand();
    out.mutable_complaint()->clear_responsibility();
    out.mutable_complaint()->clear_corrective_action();
  }
  if (out.has_fault()) out.mutable_fault()->clear_symptom();
  for (auto& revisit : *out.mutable_revisits()) revisit.clear_comment();
  if (out.has_assignment()) out.mutable_assignment()->clear_return_reason();
  return out;
}

Result<void> CheckCustomFields(const pb::WorkOrder& order, const std::vector<pb::CustomField>& fields) {
  using google::protobuf::Value;
  const auto& values = order.custom_fields().fields();
  std::set<std::string> known;
  for (const auto& field : fields) {
    if (field.type() != Order::TYPE_UNSPECIFIED && field.type() != order.type()) continue;
    known.insert(field.key());
    const auto found = values.find(field.key());
    if (found == values.end() || found->second.kind_case() == Value::kNullValue) {
      if (field.required()) return errors::CustomFieldInvalid(field.key(), "is required");
      continue;
    }
    const Value& value = found->second;
    const bool text = value.kind_case() == Value::kStringValue;
    const auto& choices = field.choices();
    bool fits = false;
    switch (field.kind()) {
      case pb::CustomField::TEXT:
        fits = text && value.string_value().size() <= 4096;
        break;
      case pb::CustomField::NUMBER:
        fits = value.kind_case() == Value::kNumberValue;
        break;
      case pb::CustomField::FLAG:
        fits = value.kind_case() == Value::kBoolValue;
        break;
      case pb::CustomField::CHOICE:
        fits = text && std::find(choices.begin(), choices.end(), value.string_value()) != choices.end();
        break;
      case pb::CustomField::DATE:
        fits = text && calendar::ParseDate(value.string_value()).has_value();
        break;
      default:
        break;
    }
    if (!fits) {
      return errors::CustomFieldInvalid(field.key(), "is not a " + pb::CustomField::Kind_Name(field.kind()));
    }
  }
  for (const auto& [key, value] : values) {
    if (!known.contains(key)) return errors::CustomFieldInvalid(key, "is not defined");
  }
  return Ok();
}

Result<Decision> Created(const Desk& desk, const pb::WorkOrder& wish, const Earlier& earlier,
                         const std::vector<pb::CustomField>& fields) {
  TRY(auto draft, Draft::Begin(desk, Order{}, Action::kCreate));
  FieldMaskUtil::MergeMessageTo(wish, WritableMask(), {}, &draft.order());
  draft->set_name(wish.name());
  draft->set_number(wish.number());
  draft->set_client(wish.client());
  draft->set_type(wish.type());
  draft->set_priority(wish.priority());
  draft->set_customer(wish.customer());
  draft->set_grade(wish.grade());
  draft->set_source_channel(wish.source_channel());
  draft->set_interaction(wish.interaction());
  *draft->mutable_links() = wish.links();
  TRY_VOID(CheckWritten(draft.order(), fields));

  if (draft->priority() == Order::PRIORITY_UNSPECIFIED) {
    const bool pressing = draft->type() == Order::COMPLAINT || draft->type() == Order::FAULT;
    draft->set_priority(pressing ? Order::P2 : Order::P3);
  }
  std::string note;
  if (!earlier.empty()) {
    auto* link = draft->add_links();
    link->set_relation(pb::Link::DUPLICATES);
    link->set_work_order(earlier.front().name());
    note = "the same matter as " + earlier.front().number();
    // A complaint that is complained of again is more pressing than the one before.
    if (draft->type() == Order::COMPLAINT && draft->priority() > Order::P1) {
      draft->set_priority(static_cast<Order::Priority>(draft->priority() - 1));
    }
  }
  draft->set_creator(desk.user);
  draft->set_owner(desk.user);
  *draft->mutable_create_time() = ToProto(draft.now());
  const auto policy = PolicyOf(desk.policies, draft->type(), draft->priority());
  draft.StartClock(pb::SlaClock::ACCEPT, policy.accept_minutes(), policy.calendar());
  draft.StartClock(pb::SlaClock::REPLY, policy.reply_minutes(), policy.calendar());
  draft.StartClock(pb::SlaClock::HANDLE, policy.handle_minutes(), policy.calendar());
  if (wish.has_promised_time()) {
    const TimePoint promised = FromProto(wish.promised_time());
    if (promised <= draft.now()) return errors::PromisePast();
    draft.Promise(promised);
  }
  for (const auto kind : {pb::SlaClock::HANDLE, pb::SlaClock::REPLY}) {
    if (const auto* clock = draft.Clock(kind)) *draft->mutable_promised_time() = clock->due_time();
  }
  draft.Go(Order::ACCEPTED, note);
  return draft.Finish<pb::WorkOrderCreated>();
}

Result<Decision> Updated(const Desk& desk, const pb::WorkOrder& before, const pb::WorkOrder& wish,
                         const google::protobuf::FieldMask& mask,
                         const std::vector<pb::CustomField>& fields) {
  TRY(auto draft, Draft::Begin(desk, before, Action::kUpdate));
  google::protobuf::FieldMask wanted = mask;
  if (mask.paths().empty() || (mask.paths_size() == 1 && mask.paths(0) == "*")) wanted = WritableMask();
  for (const auto& path : wanted.paths()) {
    const auto field = path.substr(0, path.find('.'));
    if (std::find(kWritable.begin(), kWritable.end(), field) == kWritable.end())
      return errors::FieldFixed(path);
    if (!FieldMaskUtil::IsValidPath<Order>(path)) return errors::FieldFixed(path);
  }
  FieldMaskUtil::MergeOptions replace;
  replace.set_replace_message_fields(true);
  replace.set_replace_repeated_fields(true);
  FieldMaskUtil::MergeMessageTo(wish, wanted, replace, &draft.order());
  TRY_VOID(CheckWritten(draft.order(), fields));
  draft.Note(FieldMaskUtil::ToString(wanted));
  return draft.Finish<pb::WorkOrderUpdated>();
}

Result<Decision> Answered(const Desk& desk, const pb::WorkOrder& before,
                          const pb::AnswerWorkOrderRequest& in) {
  TRY(auto draft, Draft::Begin(desk, before, Action::kAnswer));
  constexpr std::array kAnswerable{Order::INQUIRY, Order::QUERY, Order::SUGGESTION, Order::PRAISE};
  if (std::find(kAnswerable.begin(), kAnswerable.end(), before.type()) == kAnswerable.end()) {
    return errors::TypeNeedsHandling(before);
  }
  draft->set_result(in.answer());
  draft->set_first_contact_resolution(true);
  draft->set_close_reason(Order::ANSWERED_AT_ONCE);
  draft.ReplyGiven();
  draft.End(Order::CLOSED, "answered at once");
  return draft.Finish<pb::WorkOrderClosed>();
}

Result<Decision> Dispatched(const Desk& desk, const pb::WorkOrder& before,
                            const pb::DispatchWorkOrderRequest& in) {
  TRY(auto draft, Draft::Begin(desk, before, Action::kDispatch));
  if (in.has_appointment_end_time() &&
      FromProto(in.appointment_end_time()) < FromProto(in.appointment_start_time())) {
    return errors::AppointmentReversed();
  }
  pb::Assignment step;
  step.set_step(before.assignment().step() + 1);
  step.set_desk(in.desk());
  step.set_dispatcher(desk.user);
  *step.mutable_send_time() = ToProto(draft.now());
  if (in.has_appointment_start_time()) *step.mutable_appointment_start_time() = in.appointment_start_time();
  if (in.has_appointment_end_time()) *step.mutable_appointment_end_time() = in.appointment_end_time();
  *draft->mutable_assignment() = std::move(step);
  draft.Go(Order::DISPATCHED, in.note());
  return draft.Finish<pb::WorkOrderDispatched>();
}

Result<Decision> Accepted(const Desk& desk, const pb::WorkOrder& before,
                          const pb::AcceptWorkOrderRequest& in) {
  TRY(auto draft, Draft::Begin(desk, before, Action::kAccept));
  draft->mutable_assignment()->set_assignee(desk.user);
  *draft->mutable_assignment()->mutable_accept_time() = ToProto(draft.now());
  draft->mutable_assignment()->clear_end_time();
  AddHandler(draft.order(), desk.user);
  draft.StopClock(pb::SlaClock::ACCEPT);
  draft.Go(Order::IN_PROGRESS, in.note());
  return draft.Finish<pb::WorkOrderAccepted>();
}

Result<Decision> Returned(const Desk& desk, const pb::WorkOrder& before,
                          const pb::ReturnWorkOrderRequest& in) {
  TRY(auto draft, Draft::Begin(desk, before, Action::kReturn));
  draft->mutable_assignment()->set_return_reason(in.reason());
  *draft->mutable_assignment()->mutable_end_time() = ToProto(draft.now());
  draft.Go(Order::RETURNED, in.reason());
  return draft.Finish<pb::WorkOrderReturned>();
}

Result<Decision> Suspended(const Desk& desk, const pb::WorkOrder& before,
                           const pb::SuspendWorkOrderRequest& in) {
  TRY(auto draft, Draft::Begin(desk, before, Action::kSuspend));
  draft->set_suspend_reason(in.reason());
  if (in.reason() == pb::WAITING_CUSTOMER) {
    for (auto& clock : *draft->mutable_clocks()) Pause(clock, draft.now(), desk.hours);
  }
  draft.Go(Order::SUSPENDED, in.note());
  return draft.Finish<pb::WorkOrderSuspended>();
}

Result<Decision> Resumed(const Desk& desk, const pb::WorkOrder& before,
                         const pb::ResumeWorkOrderRequest& in) {
  TRY(auto draft, Draft::Begin(desk, before, Action::kResume));
  draft->clear_suspend_reason();
  for (auto& clock : *draft->mutable_clocks()) {
    if (clock.state() == pb::SlaClock::PAUSED) Run(clock, draft.now(), desk.hours);
  }
  draft.Go(Order::IN_PROGRESS, in.note());
  return draft.Finish<pb::WorkOrderResumed>();
}

Result<Decision> Completed(const Desk& desk, const pb::WorkOrder& before,
                           const pb::CompleteWorkOrderRequest& in) {
  TRY(auto draft, Draft::Begin(desk, before, Action::kComplete));
  if (before.type() == Order::COMPLAINT) {
    auto& complaint = *draft->mutable_complaint();
    if (in.has_seven_steps()) *complaint.mutable_seven_steps() = in.seven_steps();
    if (in.root_cause() != pb::ComplaintDetail::ROOT_CAUSE_UNSPECIFIED)
      complaint.set_root_cause(in.root_cause());
    if (in.validity() != pb::ComplaintDetail::VALIDITY_UNSPECIFIED) complaint.set_validity(in.validity());
    if (const auto open = OpenSteps(complaint.seven_steps()); !open.empty())
      return errors::SevenStepsOpen(open);
  }
  auto& step = *draft->mutable_assignment();
  *step.mutable_end_time() = ToProto(draft.now());
  if (in.has_on_site_time()) *step.mutable_on_site_time() = in.on_site_time();
  if (!in.parts().empty()) *step.mutable_parts() = in.parts();
  draft->set_result(in.result());
  *draft->mutable_complete_time() = ToProto(draft.now());
  draft->clear_revisits();
  AddHandler(draft.order(), desk.user);
  draft.StopClock(pb::SlaClock::HANDLE);
  draft.StartClock(pb::SlaClock::REVISIT,
                   PolicyOf(desk.policies, before.type(), before.priority()).revisit_minutes(),
                   pb::SlaClock::ROUND_THE_CLOCK);
  draft.Go(Order::COMPLETED, in.result());
  draft.Go(Order::REVISIT_PENDING, "the customer is to be asked");
  return draft.Finish<pb::WorkOrderCompleted>();
}

Result<Decision> Replied(const Desk& desk, const pb::WorkOrder& before, const pb::RecordReplyRequest& in) {
  TRY(auto draft, Draft::Begin(desk, before, Action::kReply));
  draft.ReplyGiven();
  draft.Note(Order::ReplyChannel_Name(in.channel()) + (in.note().empty() ? "" : ": " + in.note()));
  return draft.Finish<pb::WorkOrderReplied>();
}

Result<Decision> Revisited(const Desk& desk, const pb::WorkOrder& before,
                           const pb::RecordRevisitRequest& in) {
  TRY(auto draft, Draft::Begin(desk, before, Action::kRevisit));
  const auto& handlers = before.handlers();
  if (std::find(handlers.begin(), handlers.end(), desk.user) != handlers.end()) {
    return errors::RevisitByHandler(desk.user);
  }
  const bool answered = in.satisfaction() != pb::Revisit::SATISFACTION_UNSPECIFIED &&
                        in.solved() != pb::Revisit::SOLVED_UNSPECIFIED;
  if (in.reached() && !answered) return errors::RevisitAnswerRequired();
  auto& revisit = *draft->add_revisits();
  revisit.set_attempt(draft->revisits_size());
  *revisit.mutable_revisit_time() = ToProto(draft.now());
  revisit.set_day(desk.hours.DayOf(draft.now()));
  revisit.set_revisitor(desk.user);
  revisit.set_reached(in.reached());
  revisit.set_interaction(in.interaction());
  revisit.set_comment(in.comment());
  if (!in.reached()) {
    draft.Note("not reached");
    return draft.Finish<pb::WorkOrderRevisited>();
  }
  revisit.set_satisfaction(in.satisfaction());
  revisit.set_solved(in.solved());
  draft.ReplyGiven();
  draft.StopClock(pb::SlaClock::REVISIT);
  const std::string note =
      pb::Revisit::Satisfaction_Name(in.satisfaction()) + ", solved " + pb::Revisit::Solved_Name(in.solved());
  if (in.satisfaction() != pb::Revisit::NOT_SATISFIED && in.solved() == pb::Revisit::YES) {
    draft->set_close_reason(Order::CONFIRMED);
    draft.End(Order::CLOSED, note);
    return draft.Finish<pb::WorkOrderClosed>();
  }
  draft->set_reopened_count(before.reopened_count() + 1);
  draft->set_priority(Order::P1);
  draft->set_escalated(true);
  if (auto* clock = draft.Clock(pb::SlaClock::HANDLE)) Run(*clock, draft.now(), desk.hours);
  RetargetAll(draft);
  draft.Go(Order::REOPENED, note);
  return draft.Finish<pb::WorkOrderReopened>();
}

Result<Decision> Cancelled(const Desk& desk, const pb::WorkOrder& before,
                           const pb::CancelWorkOrderRequest& in) {
  TRY(auto draft, Draft::Begin(desk, before, Action::kCancel));
  if (desk.user != before.creator() && desk.user != before.owner() && !desk.supervisor) {
    return errors::OrderOfAnother();
  }
  draft.End(Order::CANCELLED, in.reason());
  return draft.Finish<pb::WorkOrderCancelled>();
}

Result<Decision> Escalated(const Desk& desk, const pb::WorkOrder& before,
                           const pb::EscalateWorkOrderRequest& in) {
  TRY(auto draft, Draft::Begin(desk, before, Action::kEscalate));
  draft->set_escalated(true);
  draft.Note(in.reason());
  return draft.Finish<pb::WorkOrderEscalated>();
}

Result<Decision> Prioritized(const Desk& desk, const pb::WorkOrder& before,
                             const pb::PrioritizeWorkOrderRequest& in) {
  TRY(auto draft, Draft::Begin(desk, before, Action::kPrioritize));
  draft->set_priority(in.priority());
  RetargetAll(draft);
  draft.Note(Order::Priority_Name(in.priority()) + (in.note().empty() ? "" : ": " + in.note()));
  return draft.Finish<pb::WorkOrderUpdated>();
}

Result<Decision> ForceClosed(const Desk& desk, const pb::WorkOrder& before,
                             const pb::ForceCloseWorkOrderRequest& in) {
  TRY(auto draft, Draft::Begin(desk, before, Action::kForceClose));
  if (in.close_reason() == Order::UNREACHABLE) {
    std::set<std::string> days;
    for (const auto& revisit : before.revisits()) days.insert(revisit.day());
    if (before.state() != Order::REVISIT_PENDING || before.revisits_size() < kUnreachableTries ||
        days.size() < kUnreachableDays) {
      return errors::RevisitTriesTooFew(before.revisits_size(), static_cast<int>(days.size()));
    }
  }
  draft->set_close_reason(in.close_reason());
  draft.End(Order::CLOSED, in.note());
  return draft.Finish<pb::WorkOrderClosed>();
}

Result<Decision> Converted(const Desk& desk, const pb::WorkOrder& before,
                           const pb::ConvertWorkOrderRequest& in, const std::string& formal) {
  TRY_VOID(CheckPreAcceptance(before));
  TRY(auto draft, Draft::Begin(desk, before, Action::kConvert));
  draft->set_converted_to(formal);
  draft.End(Order::CONVERTED, in.note());
  return draft.Finish<pb::WorkOrderConverted>();
}

pb::WorkOrder FormalWish(const pb::WorkOrder& pre_acceptance, TimePoint now) {
  pb::WorkOrder wish = pre_acceptance;
  const bool told = std::any_of(wish.clocks().begin(), wish.clocks().end(),
                                [](const auto& clock) { return clock.promised(); });
  if (!told || FromProto(wish.promised_time()) <= now) wish.clear_promised_time();
  wish.set_type(Order::ACCEPTANCE);
  wish.clear_links();
  auto* link = wish.add_links();
  link->set_relation(pb::Link::CONVERTED_FROM);
  link->set_work_order(pre_acceptance.name());
  return wish;
}

Result<Decision> Rejected(const Desk& desk, const pb::WorkOrder& before,
                          const pb::RejectWorkOrderRequest& in) {
  TRY_VOID(CheckPreAcceptance(before));
  TRY(auto draft, Draft::Begin(desk, before, Action::kReject));
  draft.End(Order::REJECTED, in.reason());
  return draft.Finish<pb::WorkOrderRejected>();
}

Decision Swept(const Desk& desk, const pb::WorkOrder& before) {
  std::string broken;
  Order after = before;
  for (int i = 0; i < after.clocks_size(); ++i) {
    auto& clock = *after.mutable_clocks(i);
    const bool known = clock.breached();
    Advance(clock, desk.now, desk.hours);
    if (clock.breached() && !known) {
      broken += (broken.empty() ? "" : ", ") + pb::SlaClock::Kind_Name(clock.kind());
    }
  }
  auto draft = Draft::Begin(desk, after, Action::kOverdue);
  if (broken.empty() || !draft) return {before, {}, nullptr};
  draft->Note(broken);
  return draft->Finish<pb::WorkOrderOverdue>();
}

}  // namespace carillon::workorder::domain
