#pragma once
#include <optional>
#include <string>
#include <vector>

#include "base/clock.hpp"
#include "base/result.hpp"
#include "carillon/telephony/v1/call.pb.h"
#include "carillon/telephony/v1/call_service.pb.h"
#include "carillon/telephony/v1/call_task.pb.h"
#include "carillon/telephony/v1/directive.pb.h"
#include "carillon/telephony/v1/switch_service.pb.h"

/// The life of a call, decided.
///
/// Every function takes a call as it is and what happened to it, and gives the call as it is after, with
/// everything that follows: numbered events, the directive for the switch, what is owed to other services,
/// and what is announced. Pure; time is an argument and never goes back within a call (an earlier one counts
/// as the call's last). A report that changes nothing (a repeat, an answer to a directive that was replaced)
/// is a Change with `changed == false`.
namespace carillon::telephony::domain {

namespace pb = carillon::telephony::v1;

/// The event of the topic that a change is announced with.
enum class Announcement {
  kNone,
  kDelivered,
  kDialled,
  kAnswered,
  kEstablished,
  kHeld,
  kRetrieved,
  kTransferred,
  kCleared
};

/// A call and what one step made of it.
struct Change {
  pb::Call call;                      ///< after
  std::vector<pb::CallEvent> events;  ///< new ones, numbers going on from the call's
  std::vector<pb::CallTask> tasks;    ///< owed to peers, in this order
  Announcement announcement = Announcement::kNone;
  bool changed = false;
  bool redirected = false;  ///< the directive is new
};

/// A step of the menu in telephony's words: what ivr wants of the switch.
struct MenuStep {
  std::string session;       ///< sessions/{uuid}
  std::int64_t version = 0;  ///< the session's
  std::string interaction;   ///< interactions/{uuid} when the menu handed over
  std::string client;        ///< clients/{uuid} of the called number, when the menu said it
  std::string assistance;    ///< assistances/{uuid} when the session is one an agent sent the caller into
  pb::Directive
      instruction;       ///< play, collect, record, transfer, music (handed over) or release (last words)
  bool returns = false;  ///< after the play of `instruction` the caller goes back to the agent
  bool done = false;     ///< of an assistance that returns
  google::protobuf::Map<std::string, std::string> result;  ///< the same
};

/// Campaign's leave to make a call, in telephony's words.
struct DialOrder {
  std::string attempt;                                   ///< attempts/{uuid}
  std::string customer;                                  ///< customers/{uuid}
  pb::DialInstruction dial;                              ///< whom to ring, what to show, how long
  pb::Destination destination;                           ///< where the one who answers waits
  google::protobuf::Map<std::string, std::string> data;  ///< travels with the call
};

constexpr std::size_t kMostData = 64 * 1024;
/// A leave that comes later than this is not used: what it rested on (hours, an agent who is free) is old.
constexpr Duration kLeaveWithin = std::chrono::minutes{5};
/// How long after the end of ringing a switch may take to say what became of it.
constexpr Duration kRingGrace = std::chrono::minutes{1};

/// The call as it is.
Change Unchanged(const pb::Call& call);

/// CLEARED or FAILED.
bool IsOver(const pb::Call& call);
/// Not over, but the switch has been asked to end it.
bool IsReleasing(const pb::Call& call);

/// A call reported by a switch: INITIATED, the caller hears `wait` until the menu answers.
Change Arrived(const pb::ReportCallArrivedRequest& report, const std::string& id,
               const std::vector<pb::Prompt>& wait, TimePoint now);

/// The menu said what is next. A step for a call that the caller has left, or that an agent has by now,
/// changes no directive; an interaction that it brings is then ended.
Change MenuStepped(const pb::Call& call, const MenuStep& step, TimePoint now);

/// See CallService.AssistCall; `agent` asks. The caller hears `wait` until the flow begins.
Result<Change> Assisted(const pb::Call& call, const pb::AssistCallRequest& request, const std::string& agent,
                        const std::string& assistance, const std::vector<pb::Prompt>& wait, TimePoint now);
/// An agent's caller is in a flow, or on the way there or back.
bool IsAssisted(const pb::Call& call);
/// ivr will not have the caller: the agent gets them back, with `reason`.
Change AssistanceRefused(const pb::Call& call, const std::string& assistance, const std::string& reason,
                         TimePoint now);
/// See CallService.TakeBackCall.
Result<Change> TakenBack(const pb::Call& call, const std::string& agent, TimePoint now);

/// See CallService.SendDigits; `agent` sends. Nothing of the keys is part of the change.
Result<Change> Keyed(const pb::Call& call, const std::string& agent, TimePoint now);
/// What the switch is told of them, of the call after Keyed.
pb::Directive KeysFor(const pb::Call& call, const std::string& agent, const std::string& digits);
/// See CallService.MarkCall; `agent` marks.
Result<Change> Marked(const pb::Call& call, const pb::MarkCallRequest& request, const std::string& agent,
                      TimePoint now);

/// The menu refused the call for good: it is released with `cause` (INVALID_NUMBER when nothing serves the
/// number).
Change MenuRefused(const pb::Call& call, pb::Call::Cause cause, TimePoint now);

/// The menu of a call that is over was closed, and had handed over to `interaction` ("" = had not) without
/// telephony knowing: routing is told that the caller is gone.
Change MenuLeft(const pb::Call& call, const std::string& interaction, TimePoint now);

/// An outbound call that is wished for: INITIATED, the token owed to campaign. Nobody is rung yet.
Change Originated(const pb::OriginateCallRequest& request, const std::string& id, TimePoint now);

/// The token is redeemed: the switch is told to ring. A call that is over by then, or whose leave came too
/// late (kLeaveWithin), rings nobody; its end is announced with the attempt, so that campaign knows.
Change Redeemed(const pb::Call& call, const DialOrder& order, TimePoint now);

/// Campaign refused: FAILED, NOT_AUTHORISED, and nobody is rung.
Change NotAuthorised(const pb::Call& call, TimePoint now);

/// See SwitchService.ReportAnswered. The customer hears `wait` until there is more to say.
Result<Change> Answered(const pb::Call& call, const pb::ReportAnsweredRequest& report,
                        const std::vector<pb::Prompt>& wait, TimePoint now);

/// Routing has placed the call that was answered. If the customer has left meanwhile, routing is told.
Change InteractionMade(const pb::Call& call, const std::string& interaction, TimePoint now);

/// Routing will not look for an agent: the call is released.
Change InteractionRefused(const pb::Call& call, TimePoint now);

/// When a sweep must look at an outbound call that nobody answers for; nothing for every other call.
std::optional<TimePoint> DialDue(const pb::Call& call);

/// True when an answer to directive `version` counts: it is the latest, not answered yet, and a collect or
/// record (or, with `played`, a play). DIRECTIVE_UNKNOWN for a version that was never given.
Result<bool> Answers(const pb::Call& call, std::int64_t version, bool played);

/// Keys, a time-out or the end of the prompts: owed to the menu. Never given a secret.
Result<Change> InputReported(const pb::Call& call, const pb::ReportInputRequest& report, TimePoint now);
Result<Change> PlayedReported(const pb::Call& call, const pb::ReportPlayedRequest& report, TimePoint now);

/// A secret that the menu has answered already with `step`: nothing of it is kept.
Result<Change> SecretAnswered(const pb::Call& call, std::int64_t directive_version, const MenuStep& step,
                              TimePoint now);

/// See CallService.ConnectAgent.
Result<Change> AgentConnecting(const pb::Call& call, const pb::ConnectAgentRequest& request, TimePoint now);
/// See CallService.ArrangeCall.
Result<Change> Arranged(const pb::Call& call, const pb::ArrangeCallRequest& request, TimePoint now);
/// See SwitchService.ReportAgentLeg.
Result<Change> AgentLegReported(const pb::Call& call, const pb::ReportAgentLegRequest& report, TimePoint now);
/// See SwitchService.ReportHangUp.
Change HungUp(const pb::Call& call, pb::ReportHangUpRequest::Party party, pb::Call::Cause cause,
              TimePoint now);

Result<Change> Held(const pb::Call& call, TimePoint now);
Result<Change> Retrieved(const pb::Call& call, TimePoint now);
/// The switch is asked to end the call; an outbound call that nobody was rung for is over at once.
Change Released(const pb::Call& call, pb::Call::Cause cause, TimePoint now);
Result<Change> DataAttached(const pb::Call& call, const google::protobuf::Map<std::string, std::string>& data,
                            TimePoint now);

/// What a sweep does with a call that nobody ends: ended when DialDue has passed (NO_ANSWER, or CONGESTION
/// when campaign did not answer), asked to end after `longest` of life, taken as over when a switch has not
/// confirmed the release for `grace`. Nothing before that.
std::optional<Change> Overdue(const pb::Call& call, Duration longest, Duration grace, TimePoint now);

/// "CUSTOMER", "AGENT" or "SYSTEM": who ended a call that is over for `cause`.
std::string PartyOf(pb::Call::Cause cause);

/// calls/{uuid} of telephony's id.
std::string CallName(const std::string& id);

}  // namespace carillon::telephony::domain
