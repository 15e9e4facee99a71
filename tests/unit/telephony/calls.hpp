#pragma once
#include "base/proto_time.hpp"
#include "telephony/domain/call.hpp"

/// Values for tests about calls.
namespace carillon::telephony::test {

namespace pb = carillon::telephony::v1;
using namespace std::chrono_literals;

constexpr TimePoint kMorning = std::chrono::sys_days{std::chrono::year{2026} / 11 / 20} + 9h;
inline const std::string kCallId = "01990000-0000-7000-8000-000000000001";

inline pb::Prompt APrompt(const std::string& text) {
  pb::Prompt prompt;
  prompt.set_text(text);
  prompt.set_language("zh-CN");
  return prompt;
}

/// A change as the store would leave it: its call, with an etag.
inline pb::Call Kept(const domain::Change& change) {
  auto call = change.call;
  call.set_etag(std::to_string(call.event_count()));
  return call;
}

inline domain::Change AnArrival(TimePoint at = kMorning) {
  pb::ReportCallArrivedRequest report;
  report.set_switch_call_id("line-1");
  report.set_calling_number("+8613800000001");
  report.set_called_number("10000");
  report.set_trunk("E1-3");
  return domain::Arrived(report, kCallId, {APrompt("请稍候")}, at);
}

inline domain::MenuStep AMenuStep(std::int64_t version) {
  domain::MenuStep step;
  step.session = "sessions/01990000-0000-7000-8000-00000000000a";
  step.version = version;
  return step;
}
inline domain::MenuStep Collecting(std::int64_t version, bool secret = false) {
  auto step = AMenuStep(version);
  auto& collect = *step.instruction.mutable_collect();
  *collect.add_prompts() = APrompt("话费查询请按1");
  collect.set_max_digits(secret ? 6 : 1);
  collect.set_secret(secret);
  return step;
}
inline domain::MenuStep Playing(std::int64_t version) {
  auto step = AMenuStep(version);
  *step.instruction.mutable_play()->add_prompts() = APrompt("您的话费余额为20元");
  return step;
}
inline domain::MenuStep Recording(std::int64_t version) {
  auto step = AMenuStep(version);
  *step.instruction.mutable_record()->add_prompts() = APrompt("请在提示音后留言");
  step.instruction.mutable_record()->mutable_max_length()->set_seconds(120);
  return step;
}
inline domain::MenuStep Transferring(std::int64_t version) {
  auto step = AMenuStep(version);
  *step.instruction.mutable_transfer()->add_prompts() = APrompt("正在为您转接");
  step.instruction.mutable_transfer()->set_phone_number("+862083334567");
  return step;
}
inline domain::MenuStep Queueing(std::int64_t version) {
  auto step = AMenuStep(version);
  step.interaction = "interactions/01990000-0000-7000-8000-0000000000ff";
  *step.instruction.mutable_music()->add_prompts() = APrompt("正在为您转接");
  return step;
}
inline domain::MenuStep HangingUp(std::int64_t version) {
  auto step = AMenuStep(version);
  *step.instruction.mutable_release()->add_prompts() = APrompt("再见");
  return step;
}

inline pb::ConnectAgentRequest ForAgent(int n) {
  pb::ConnectAgentRequest request;
  request.set_call(domain::CallName(kCallId));
  request.set_agent("agents/01990000-0000-7000-8000-00000000001" + std::to_string(n));
  request.set_extension("80" + std::to_string(n));
  request.set_interaction("interactions/01990000-0000-7000-8000-0000000000ff");
  request.set_reservation("reservations/01990000-0000-7000-8000-00000000002" + std::to_string(n));
  return request;
}

/// The customer's agent n, a colleague who is asked, somebody outside.
inline pb::Party AParty(int n) {
  pb::Party party;
  party.set_agent(ForAgent(n).agent());
  party.set_extension(ForAgent(n).extension());
  party.set_reservation(ForAgent(n).reservation());
  party.set_interaction(ForAgent(n).interaction());
  party.set_audio(pb::Party::TALKS);
  return party;
}
inline pb::Party AColleague(int n) {
  auto party = AParty(n);
  party.set_interaction("interactions/01990000-0000-7000-8000-0000000000fe");
  return party;
}
inline pb::Party AnOutsider() {
  pb::Party party;
  party.set_phone_number("+862083334567");
  party.set_reservation("reservations/01990000-0000-7000-8000-000000000030");
  party.set_interaction(ForAgent(1).interaction());
  party.set_audio(pb::Party::TALKS);
  return party;
}
inline pb::ArrangeCallRequest Arranging(const std::vector<pb::Party>& parties, bool customer_holds = false) {
  pb::ArrangeCallRequest request;
  request.set_interaction(ForAgent(1).interaction());
  request.set_customer_holds(customer_holds);
  for (const auto& party : parties) *request.add_parties() = party;
  return request;
}
inline pb::ReportAgentLegRequest LegReport(const pb::Call& call, int leg,
                                           pb::ReportAgentLegRequest::LegState state) {
  pb::ReportAgentLegRequest report;
  report.set_leg(call.name() + "/legs/" + std::to_string(leg));
  report.set_state(state);
  return report;
}

inline pb::ReportAgentLegRequest AgentLeg(const pb::Call& call, pb::ReportAgentLegRequest::LegState state) {
  pb::ReportAgentLegRequest report;
  report.set_call(call.name());
  report.set_leg(call.legs_size() > 0 ? call.legs(call.legs_size() - 1).name() : "");
  report.set_state(state);
  return report;
}

inline pb::ReportInputRequest Keys(const pb::Call& call, const std::string& digits) {
  pb::ReportInputRequest report;
  report.set_call(call.name());
  report.set_directive_version(call.directive().version());
  report.set_digits(digits);
  return report;
}

inline domain::Change AWish(TimePoint at = kMorning) {
  pb::OriginateCallRequest request;
  request.set_dial_token("token-1");
  return domain::Originated(request, kCallId, at);
}
inline domain::DialOrder AnOrder() {
  domain::DialOrder order;
  order.attempt = "attempts/01990000-0000-7000-8000-00000000000b";
  order.customer = "customers/01990000-0000-7000-8000-00000000000c";
  order.dial.set_called_number("+8613800000002");
  order.dial.set_caller_number("95588");
  order.dial.mutable_ring_duration()->set_seconds(30);
  order.destination.set_queue("queues/01990000-0000-7000-8000-00000000000d");
  order.destination.set_client("clients/01990000-0000-7000-8000-00000000000e");
  order.destination.set_grade("GOLD");
  order.destination.set_agent("agents/01990000-0000-7000-8000-00000000000f");
  order.data["script"] = "scripts/01990000-0000-7000-8000-0000000000aa";
  return order;
}
inline pb::ReportAnsweredRequest AnAnswer() {
  pb::ReportAnsweredRequest report;
  report.set_call(domain::CallName(kCallId));
  report.set_switch_call_id("line-out-1");
  return report;
}

/// A call in each state, made by the way that leads there.
inline pb::Call InState(pb::Call::State state) {
  auto call = Kept(AnArrival());
  call = Kept(domain::MenuStepped(call, Collecting(1), kMorning + 1s));
  if (state == pb::Call::INITIATED) return call;
  if (state == pb::Call::FAILED)
    return Kept(domain::HungUp(call, pb::ReportHangUpRequest::SYSTEM, pb::Call::CONGESTION, kMorning + 10s));
  call = Kept(domain::MenuStepped(call, Queueing(2), kMorning + 10s));
  if (state == pb::Call::QUEUED) return call;
  if (state == pb::Call::CLEARED)
    return Kept(domain::HungUp(call, pb::ReportHangUpRequest::CUSTOMER, {}, kMorning + 20s));
  call = Kept(domain::AgentConnecting(call, ForAgent(1), kMorning + 20s).value());
  if (state == pb::Call::DELIVERED) return call;
  call = Kept(
      domain::AgentLegReported(call, AgentLeg(call, pb::ReportAgentLegRequest::CONNECTED), kMorning + 23s)
          .value());
  if (state == pb::Call::ESTABLISHED) return call;
  return Kept(domain::Held(call, kMorning + 40s).value());
}

}  // namespace carillon::telephony::test
