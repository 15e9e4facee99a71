#pragma once
#include "base/call.hpp"
#include "carillon/ivr/v1/machine.pb.h"
#include "ivr/deps.hpp"
#include "ivr/domain/journey.hpp"

/// Other services, asked for a flow. Never inside a transaction. Errors are the peer's; they become `.failed`
/// events.
namespace carillon::ivr::clients {

/// Asks whoever knows. Leaves the turn enough of the call's time to be saved: UNAVAILABLE OUT_OF_TIME instead
/// of a question that would use it up.
Result<Answer> AnswerTo(const Call& call, Deps& deps, const Ask& ask, const Course& course);

/// `wanted`, or what the call's deadline leaves of it when the turn is still to be saved.
std::chrono::milliseconds TimeFor(const Call& call, std::chrono::milliseconds wanted);

Result<Answer> LookUpCaller(const Call& call, Deps& deps, const Ask& ask, const Course& course);
Result<Answer> VerifyPassword(const Call& call, Deps& deps, const Ask& ask);
/// A new code goes to the customer's mobile phone at once; it is kept nowhere. NOT_FOUND NUMBER_UNKNOWN;
/// FAILED_PRECONDITION IDENTITY_LOCKED or TOO_MANY (five codes a day); UNAVAILABLE or FAILED_PRECONDITION of
/// the carrier.
Result<Answer> SendCode(const Call& call, Deps& deps, const Ask& ask);
/// The last six of a document, or a code. Each call counts as a try; three wrong ones lock the way for a day.
/// FAILED_PRECONDITION IDENTITY_UNSET or IDENTITY_LOCKED.
Result<Answer> VerifyIdentity(const Call& call, Deps& deps, const Ask& ask);
Result<Answer> GetBalance(const Call& call, Deps& deps, const Ask& ask, const Course& course);
Result<Answer> GetQueueState(const Call& call, Deps& deps, const Ask& ask);
Result<Answer> CreateInteraction(const Call& call, Deps& deps, const Ask& ask, const Course& course);

/// The digits of a number are looked for among the caller's own orders.
Result<Answer> OpenWorkOrder(const Call& call, Deps& deps, const Ask& ask, const Course& course);
Result<Answer> FindWorkOrder(const Call& call, Deps& deps, const Ask& ask, const Course& course);

/// The task "cancel_interaction": work in a queue whose caller hung up while being handed over.
Result<void> CancelInteraction(Call& call, Deps& deps, const v1::CancelInteractionTask& task);

}  // namespace carillon::ivr::clients
