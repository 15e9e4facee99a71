#pragma once
#include <set>
#include <string>
#include <vector>

#include "base/clock.hpp"
#include "calendar/working_time.hpp"
#include "carillon/campaign/v1/campaign.pb.h"
#include "carillon/campaign/v1/contact_policy_service.pb.h"

/// Whether somebody may be called now: the one place where this is decided, as a pure function.
namespace carillon::campaign::domain {

namespace pb = carillon::campaign::v1;

/// What the customer said about calls of one purpose.
struct Consent {
  enum class Purpose { kEvery, kService, kMarketing, kResearch };
  Purpose purpose = Purpose::kEvery;
  bool given = false;
  TimePoint at;
  std::string evidence;
};

/// What the gate has to know of a customer; nothing that says who it is.
struct Person {
  bool gone = false;  ///< closed, merged, erased
  bool has_number = false;
  bool do_not_contact = false;
  std::vector<Consent> consents;  ///< those about telephone calls
  std::set<std::string> alerts;   ///< codes that stand
  bool blocked = false;           ///< an alert of severity BLOCK stands
};

/// One question at one moment.
struct Question {
  pb::ContactClass contact_class = pb::CONTACT_CLASS_UNSPECIFIED;
  bool running = true;    ///< the campaign dials
  bool callback = false;  ///< a promised call: no cap and no day's limit stands against it
  Person person;
  bool on_list = false;                    ///< the customer or the number is on the do-not-call list
  std::vector<TimePoint> contacts;         ///< of the class, by other targets, in any order
  std::vector<pb::FrequencyRule> rules;    ///< in force for the class
  bool in_progress = false;                ///< another target has the customer on the line, or soon
  int attempts_today = 0;                  ///< of the target, in the callee's zone
  int max_per_day = 3;                     ///< R8
  const calendar::WorkingCalendar* hours;  ///< in which the customer may be called
  TimePoint now;
};

/// The tenant's own rules for the class, else the defaults: MARKETING and SURVEY 1 in 7 days, 3 in 30, 6 in
/// 90, the others 1 a day (R2).
std::vector<pb::FrequencyRule> RulesInForce(pb::ContactClass contact_class,
                                            const std::vector<pb::FrequencyRule>& own);

/// The rules a tenant sees: its own, and the defaults of the classes without any.
std::vector<pb::FrequencyRule> AllRules(const std::vector<pb::FrequencyRule>& own);

/// What time does not heal comes before what it does; next_time is always inside the hours.
pb::GateResult Ask(const Question& question);

/// Only what stands against calls of the class for good; for the list and for what happens to customers.
pb::Refusal Standing(pb::ContactClass contact_class, const Person& person, bool on_list);

/// True when the target is not to be tried again.
bool IsFinal(const pb::GateResult& gate);

/// True for the classes that need consent and that the do-not-call list stops.
bool IsOffer(pb::ContactClass contact_class);

}  // namespace carillon::campaign::domain
