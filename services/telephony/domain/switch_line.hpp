#pragma once
#include <string>

#include "carillon/telephony/v1/directive.pb.h"

namespace carillon::telephony::domain {

namespace pb = carillon::telephony::v1;

/// One switch of one tenant; an empty switch id is a tenant's only switch.
struct Line {
  std::string tenant;     ///< uuid
  std::string switch_id;  ///< as the switch calls itself
  auto operator<=>(const Line&) const = default;
};

/// What telephony needs of a switch: the port. An adapter for a make of switch implements this one interface
/// and turns what happens on its lines into the reports of SwitchService.
///
/// A directive is the desired state of a call, so the promise is small:
///  - the switch gets the highest version of every live call, again after every break of its line;
///  - a version lower than one given before is dropped, in whatever order they are handed in;
///  - between two versions handed in quickly the first may be skipped;
///  - after Over nothing is sent for the call but the directive that ended it.
/// Direct and Over return at once and never fail: what cannot be sent now is sent after the break.
/// Thread-safe.
class SwitchLine {
 public:
  virtual ~SwitchLine() = default;
  virtual void Direct(const Line& line, const pb::Directive& directive) = 0;
  /// `last` is the directive that ended the call.
  virtual void Over(const Line& line, const pb::Directive& last) = 0;
  /// Sends keys into a call (Directive.keys), at most once: they are not kept, so not sent after a break.
  /// False = no switch listens, or the call is over: nothing was sent. Returns at once.
  virtual bool Press(const Line& line, const pb::Directive& keys) = 0;
};

}  // namespace carillon::telephony::domain
