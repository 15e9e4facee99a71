#pragma once
#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "base/clock.hpp"
#include "base/result.hpp"
#include "calendar/time_zone.hpp"
#include "carillon/ivr/v1/flow.pb.h"
#include "carillon/ivr/v1/flow_service.pb.h"
#include "carillon/ivr/v1/machine.pb.h"
#include "carillon/ivr/v1/session.pb.h"
#include "carillon/ivr/v1/session_service.pb.h"
#include "ivr/domain/interpreter.hpp"

/// A caller's way through a flow: what `<send type="carillon:…">` means.
///
/// A flow asks the world by sends; each answers with events whose names begin with the send's `event`
/// (docs/services/ivr.md lists nodes, parameters and events). Prompts add up until something is waited for.
/// What only concerns the call is done here; what another service knows is handed out as an Ask and comes
/// back by Answer().
///
/// Pure: no clock, no I/O. A turn that fails half way is thrown away and taken again from the stored Journey;
/// the ids of its asks come out the same.
namespace carillon::ivr {

/// A question to another service.
struct Ask {
  enum class Kind {
    kLookUp,
    kVerifyPassword,
    kBalance,
    kQueueState,
    kEnqueue,
    kCallback,
    kQuery,
    kNotices,
    kOrder,
    kOrderState,
    kMessage,
    kSendCode,
    kVerifyIdentity
  };
  Kind kind = Kind::kLookUp;
  std::string id;            ///< the same whenever this turn is taken again
  std::string phone_number;  ///< to look up; to call back
  std::string customer;      ///< customers/{uuid}
  std::string digits;        ///< a secret, never stored
  std::string hash;          ///< of the code that was sent; empty = the digits are of an identity document
  std::string account;       ///< line or account number; empty = any with a balance
  std::string queue;         ///< queues/{uuid or code}
  std::string queue_name;    ///< as the flow calls it
  std::string reason;
  std::string skill;                           ///< needed besides the queue's: "en"
  std::string table, key;                      ///< of a query
  std::string region;                          ///< of notices
  std::string order_type, title, description;  ///< of a work order to be made
  std::string order_number;                    ///< of one that is asked after
  std::string media;                           ///< the recording that an order carries
  bool fax = false;                            ///< a message is a fax, else a short message
  std::optional<bool> open;    ///< of a calendar: by its weekly hours, where the table has no row for the day
  std::string shown;           ///< what was asked, masked, for the path
  std::string text, language;  ///< of a message
  std::chrono::milliseconds patience{0};  ///< how long a query may take
  int priority = 0;
  std::map<std::string, std::string> attached;
  // Where the answer goes.
  std::string machine, send_id, event, node;
  bool fallback = false;
};

struct CallerFound {
  enum class Result { kNone, kOne, kMany };
  Result result = Result::kNone;
  std::string customer, grade, language, region, brand, last_agent, masked_name, salutation;
  bool elderly = false, own_line = false, vip = false, has_password = false;
};
struct PasswordChecked {
  bool verified = false;
  int remaining = 0;
};
struct CodeSent {
  std::string hash;    ///< slow, of the code
  std::string number;  ///< where it went
};
struct BalanceFound {
  bool found = false;
  std::int64_t minor_units = 0, arrears_minor = 0, points = 0;
  std::string currency;
};
struct QueueSeen {
  int waiting = 0, agents_ready = 0;
  std::int64_t estimated_wait_s = 0;
};
struct HandedOver {
  std::string interaction, queue;
  int position = 0;
  std::int64_t estimated_wait_s = 0;
};
struct RowFound {
  bool found = false;
  std::string customer;  ///< whose it is, "" = anybody's
  std::map<std::string, std::string> values;
};
struct NoticesFound {
  std::vector<std::map<std::string, std::string>> texts;  ///< of each notice, by language
};
struct OrderFound {
  bool found = false;
  std::string name, number, state, title;
};
struct MessageKept {
  std::string name;
};
using Answer = std::variant<CallerFound, PasswordChecked, BalanceFound, QueueSeen, HandedOver, RowFound,
                            NoticesFound, OrderFound, MessageKept, CodeSent>;

/// What there is a carrier for; a node without one fails with NO_CARRIER.
struct Carriers {
  bool record = true;    ///< the switch records messages
  bool transfer = true;  ///< the switch dials numbers outside
  bool sms = true;
  bool fax = true;
};

/// What is kept of a session between turns.
struct Course {
  v1::Session session;
  v1::Journey journey;
  int kept_steps = 0;  ///< of the path, which come before those in `session`
};

/// How an answer of the switch relates to the current step.
enum class Arrival { kCurrent, kRepeated, kStale };
Arrival ArrivalOf(const Course& course, std::int64_t sequence);

/// One turn: begin or input, then asks until there are none, then Finish.
///
///   Turn turn(document, number, zone, course, now);
///   turn.Begin();                                    // or turn.Input(request)
///   while (auto ask = turn.Next()) turn.Answered(*ask, Clients(*ask));
///   turn.Finish();                                   // course now holds the next step
class Turn {
 public:
  Turn(std::shared_ptr<const Document> document, const v1::ServiceNumber& number, calendar::TimeZone zone,
       Course& course, TimePoint now, ScriptLimits limits = {}, Carriers carriers = {});

  void Begin();
  void Input(const v1::SendInputRequest& input);
  std::optional<Ask> Next();
  void Answered(const Ask& ask, const Result<Answer>& answer);
  void Finish();
  /// <log> lines and flow errors of this turn.
  const std::vector<std::string>& log() const { return log_; }

 private:
  void Take(const Result<Stepped>& stepped);
  void Do(const Effect& effect);
  void Tell(const std::string& machine, const std::string& send_id, const std::string& event,
            std::string data);
  void FallBack(std::string_view why);
  void Say(const std::vector<v1::Prompt>& prompts);
  v1::Waiting& Wait(v1::Waiting::Kind kind, const Effect& effect, const std::string& node);
  void Recorded(const v1::Waiting& waiting, const v1::SendInputRequest& input);
  void Transferred(const v1::Waiting& waiting, const v1::SendInputRequest& input);
  void Transfer(const Effect& effect);
  void Send(const Effect& effect);
  void SendCode(const Effect& effect);
  void VerifyIdentity(const Effect& effect);
  void Return(bool done);
  void Note(std::string_view node, std::string_view input, std::string_view outcome);
  void End(v1::Session::Result result);
  void Settle(const v1::SessionStep& step);
  Ask MakeAsk(Ask::Kind kind, const Effect& effect);
  std::string QueueFor(const std::string& name) const;
  bool Identified(const std::string& customer) const;
  void Refuse(const Ask& ask, std::string_view reason);
  std::string AnswerJson(const Ask& ask, const Answer& answer);

  std::shared_ptr<const Document> document_;
  const v1::ServiceNumber& number_;
  calendar::TimeZone zone_;
  Course& course_;
  TimePoint now_;
  Surroundings around_;
  std::vector<v1::Prompt> prompts_;
  std::deque<Ask> asks_;
  std::vector<std::string> log_;
  std::string secret_;
  std::optional<v1::SessionStep> last_words_;  ///< queued or hang_up
  Carriers carriers_;
  bool fallen_ = false;
  int events_ = 0;
};

/// The send types a flow may use.
bool IsNode(std::string_view type);
/// Nodes that another service answers.
bool IsRemoteNode(std::string_view type);
/// The first part of the names of its events, unless the send says another; "" for one that has none.
std::string_view DefaultEvent(std::string_view type);

/// The prompts of a step, whatever it is; null for one without an instruction.
google::protobuf::RepeatedPtrField<v1::Prompt>* PromptsOf(v1::SessionStep& step);

/// Whether a flow can give a caller back to the agent who sent them there.
bool ReturnsToAgent(const Document& document);

/// Closes a session whose caller has hung up: SELF_SERVED when something was served, else ABANDONED.
void HangUp(Course& course, TimePoint now);

/// How an input is shown in the path: menu keys and short entries as they are, numbers with their middle
/// starred, secrets as six stars whatever their length.
std::string MaskedInput(std::string_view digits, bool secret);

/// A caller of one's own making in a flow: every question is answered by the request. Copies go their own
/// ways.
class Rehearsal {
 public:
  /// The call has come; the request must outlive the rehearsal.
  Rehearsal(std::shared_ptr<const Document> document, const v1::SimulateFlowRequest& request, TimePoint now);

  /// Hears all out; true when keys are waited for, false when the call is over.
  bool Listen();
  /// Digits, "timeout", "hangup"; for a message "recorded", for a transfer "connected", "busy", "no_answer".
  void Press(const std::string& key);

  const v1::Session& session() const { return course_.session; }
  const v1::Waiting& waiting() const { return course_.journey.waiting(); }
  const std::vector<v1::SessionStep>& steps() const { return steps_; }
  const std::vector<std::string>& log() const { return log_; }
  /// Where the caller was handed over, in the flow's words.
  const std::string& queue() const { return queue_; }

 private:
  void Take(const v1::SendInputRequest* input);
  Result<Answer> AnswerTo(const Ask& ask);

  std::shared_ptr<const Document> document_;
  const v1::SimulateFlowRequest& request_;
  v1::ServiceNumber number_;
  Course course_;
  TimePoint now_;
  std::vector<v1::SessionStep> steps_;
  std::vector<std::string> log_;
  std::string queue_;
};

/// Walks a document with given answers.
v1::SimulateFlowResponse Simulate(const std::shared_ptr<const Document>& document,
                                  const v1::SimulateFlowRequest& request, TimePoint now);

}  // namespace carillon::ivr
