#pragma once
#include <optional>

#include "base/clock.hpp"
#include "base/result.hpp"
#include "calendar/working_time.hpp"
#include "carillon/campaign/v1/dialling.pb.h"

/// What became of an attempt. The line, the router, the agent and the sweep each tell their part, in whatever
/// order it reaches us and however often; the outcome depends on what was told only.
namespace carillon::campaign::domain {

namespace pb = carillon::campaign::v1;

/// Works out state, disposition and end_time of an attempt that was dialled.
void Conclude(pb::AttemptRecord& record);

/// Until when something more is waited for; nothing once it is over.
std::optional<TimePoint> WaitsUntil(const pb::AttemptRecord& record);

/// Whether a person answered, so that the call counts as a contact.
bool IsContact(const pb::AttemptRecord& record);

/// The target after the attempt ended; `counted` are its dialled attempts that were no callbacks.
void Settle(const pb::AttemptRecord& record, const pb::Campaign::RetryPolicy& retry, int counted,
            pb::TargetRecord& target);

/// False for words only the line can say.
bool IsAgentsWord(pb::Disposition disposition);

/// The agent's word and, with CALLBACK_BOOKED, when. ATTEMPT_NOT_CONNECTED, DISPOSITION_NOT_YOURS,
/// CALLBACK_TIME_REQUIRED, CALLBACK_TIME_INVALID.
Result<void> Say(pb::Disposition word, const std::optional<TimePoint>& callback,
                 const calendar::WorkingCalendar& hours, TimePoint now, pb::AttemptRecord& record);

int MaxPerDay(const pb::Campaign::RetryPolicy& retry);

}  // namespace carillon::campaign::domain
