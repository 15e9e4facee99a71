#pragma once
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/clock.hpp"
#include "base/result.hpp"
#include "carillon/ivr/v1/machine.pb.h"
#include "ivr/domain/document.hpp"
#include "ivr/domain/script.hpp"

/// The W3C's algorithm for SCXML 1.0, as a function: a stored machine, an event and the time in; the machine
/// after it and what the world has to do out. Nothing is kept between calls, nothing outside is touched, so a
/// machine goes on in another process, and a step may be taken again.
///
/// A step runs to quiescence: all internal and external events it causes inside the machine (and the sessions
/// it invoked) are handled before it returns. What it sends to the world comes back as Effects; what is
/// delayed waits in the machine until Advance() is called at or after NextDue().
///
/// Errors: RESOURCE_EXHAUSTED (SCRIPT_EXHAUSTED, or FLOW_LOOPS when a step makes too many transitions), and
/// INVALID_ARGUMENT FLOW_MALFORMED for an invoked document that cannot be read at restore or a <script src>
/// that cannot be had at the start. Errors inside the flow are events of the flow (error.execution,
/// error.communication), as the standard says; scripts that use up their time or memory are one the first
/// time, and the end of the step the second. A variable that cannot be stored (it holds itself, or lies too
/// deep) is an error.execution at the end of the step, and undefined from then on.
namespace carillon::ivr {

/// A <send> whose type is not SCXML's own: work for the caller of the interpreter.
struct Effect {
  std::string session;  ///< the machine that sent it; answers go there
  std::string send_id;
  std::string type;  ///< "carillon:play"
  std::string target;
  std::string event;
  std::string data;      ///< JSON of params, or of the content; "" when there is none
  bool content = false;  ///< data is a <content>
};

/// What came in for a session by an event processor of the host.
struct Received {
  std::string session;
  v1::Happening event;
};

/// The types of the optional Basic HTTP event processor.
bool IsBasicHttp(std::string_view type);

struct Stepped {
  v1::Machine machine;
  std::vector<Effect> effects;
  std::vector<std::string> log;  ///< <log> texts, and each error of the flow with its line
};

/// What a flow may reach.
struct Surroundings {
  ScriptLimits limits;
  int max_transitions = 2000;  ///< in one step, all sessions together
  int max_sessions = 6;        ///< invoked sessions alive, nested ones included (depth at most 5)
  /// Accepts the type of a <send> for the world.
  std::function<bool(std::string_view type)> accepts = [](std::string_view) { return false; };
  /// Reads what src attributes name; none by default.
  std::function<Result<std::string>(std::string_view source)> load;
  /// Carries a send of the Basic HTTP event processor at once, and returns what came in for sessions
  /// meanwhile. There is no such processor by default, and none in the service: callers of a bank post to
  /// nobody.
  std::function<Result<std::vector<Received>>(const Effect&)> post;
  /// Where that processor listens; a session's place is this and its id.
  std::string basic_http;
};

/// Starts a session with id `id`. `variables` (name, JSON) replace the values of the document's top-level
/// <data>.
Result<Stepped> Start(const std::shared_ptr<const Document>& document, const Surroundings& around,
                      std::string id, const std::vector<std::pair<std::string, std::string>>& variables,
                      TimePoint now);

/// Delivers an event of the world to the machine with id `to` ("" = the root). Unknown machines ignore it.
Result<Stepped> Deliver(const std::shared_ptr<const Document>& document, const Surroundings& around,
                        const v1::Machine& machine, std::string_view to, const v1::Happening& event,
                        TimePoint now);

/// Delivers every delayed event due at `now`, in order.
Result<Stepped> Advance(const std::shared_ptr<const Document>& document, const Surroundings& around,
                        const v1::Machine& machine, TimePoint now);

/// When the next delayed event is due, if there is one.
std::optional<TimePoint> NextDue(const v1::Machine& machine);

/// Ids of the active atomic states of the root machine, document order.
std::vector<std::string> ActiveStates(const Document& document, const v1::Machine& machine);

/// "1.5s", ".5s", "200ms" and the like; SCRIPT_FAILED otherwise.
Result<Duration> ParseDelay(std::string_view text);

}  // namespace carillon::ivr
