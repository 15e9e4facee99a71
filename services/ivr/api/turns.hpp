#pragma once
#include "base/call.hpp"
#include "carillon/ivr/v1/flow.pb.h"
#include "ivr/deps.hpp"
#include "ivr/domain/journey.hpp"
#include "ivr/store/sessions.hpp"
#include "pg/tx.hpp"

/// What StartSession and SendInput share.
namespace carillon::ivr::api {

/// The document of a flow's version, from the shelf or the store.
Result<std::shared_ptr<const Document>> DocumentOf(pg::Tx& tx, Deps& deps, const std::string& flow,
                                                   int version);

/// serviceNumbers/{uuid} of a session, from the shelf if it is there as `etag`.
Result<std::shared_ptr<const v1::ServiceNumber>> NumberOf(pg::Tx& tx, Deps& deps, const std::string& name,
                                                          const std::string& etag);

/// What a session plays.
struct Playing {
  std::shared_ptr<const v1::ServiceNumber> number;
  std::shared_ptr<const Document> document;
};
/// From the shelves, or else from the store. Outside of any transaction.
Result<Playing> PlayingOf(const Call& call, Deps& deps, const store::Stored& stored);

/// Asks other services until the turn needs nothing more. Outside of any transaction.
/// UNAVAILABLE ROUTING_UNAVAILABLE when the caller's hand-over to a queue is not answered: the turn is not
/// taken, the switch lets the caller wait and asks again. A queue that refuses is the flow's business.
Result<void> AskOthers(Call& call, Deps& deps, Turn& turn, Course& course, const v1::ServiceNumber& number);

/// Ends a turn that needs nothing more; the course then holds the next step.
void Finish(Turn& turn, const Course& course);

/// The entries of the library that the prompts of the step name.
std::vector<std::string> CodesOf(Course& course);

/// Puts the library's words and recordings into the prompts of the step that name them; again changes
/// nothing.
Result<void> TakeFromLibrary(pg::Tx& tx, Course& course, const v1::ServiceNumber& number);

/// Opens a turn for a course.
Turn OpenTurn(const Call& call, const Deps& deps, const std::shared_ptr<const Document>& document,
              const v1::ServiceNumber& number, const calendar::TimeZone& zone, Course& course);

}  // namespace carillon::ivr::api
