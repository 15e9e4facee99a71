#include "base/ids.hpp"
#include "base/proto_time.hpp"
#include "ivr/api/api.hpp"
#include "ivr/api/turns.hpp"
#include "ivr/domain/errors.hpp"
#include "ivr/domain/menus.hpp"
#include "ivr/domain/rollout.hpp"
#include "ivr/store/flows.hpp"
#include "ivr/store/sessions.hpp"

namespace carillon::ivr::api {
namespace {

/// What the session begins with.
struct Beginning {
  std::optional<v1::SessionStep> already;
  std::shared_ptr<const v1::ServiceNumber> number;
  v1::Flow flow;
  std::shared_ptr<const Document> document;
  v1::Session before;  ///< of the call, when an agent sends it into another flow
};

/// Where the call stands, and whose it is.
v1::SessionStep Opened(const Course& course) {
  auto step = course.journey.step();
  step.set_client(course.session.client());
  return step;
}

/// What a call runs: what its number plays now. One round trip, when number and flow are on the shelves.
Result<void> OpenCall(pg::Tx& tx, Deps& deps, const v1::StartSessionRequest& in, Beginning& found) {
  TRY(const auto opening, store::OpeningOf(tx, in.called_number(), in.call()));
  if (opening.begun) {
    TRY(const auto stored, store::SessionOfCall(tx, in.call()));
    found.already = Opened(stored.course);
    return Ok();
  }
  found.flow = opening.flow;
  found.flow.set_version(VersionFor(found.flow, in.call(), tx.now()));
  TRY(found.number, NumberOf(tx, deps, opening.number, opening.number_etag));
  TRY(found.document, DocumentOf(tx, deps, found.flow.name(), found.flow.version()));
  return Ok();
}

/// What an agent sends the caller into; what the call's own session learnt stays known.
Result<void> OpenAssistance(pg::Tx& tx, Deps& deps, const v1::StartSessionRequest& in, Beginning& found) {
  if (const auto stored = store::SessionOfCall(tx, in.assistance().name())) {
    found.already = Opened(stored->course);
    return Ok();
  }
  TRY(auto number, store::NumberAsDialled(tx, in.called_number()));
  found.number = std::make_shared<const v1::ServiceNumber>(std::move(number));
  TRY(found.flow, store::PublishedByCode(tx, in.assistance().flow()));
  if (const auto before = store::SessionOfCall(tx, in.call())) found.before = before->course.session;
  TRY(found.document, DocumentOf(tx, deps, found.flow.name(), found.flow.version()));
  if (!ReturnsToAgent(*found.document)) return errors::FlowNeverReturns(found.flow.code());
  return Ok();
}

}  // namespace

Result<v1::SessionStep> StartSession(Call& call, Deps& deps, const v1::StartSessionRequest& in) {
  const bool assisted = in.has_assistance();
  const std::string& subject = assisted ? in.assistance().name() : in.call();
  TRY(const Beginning opening, deps.db.Read(call, [&](pg::Tx& tx) -> Result<Beginning> {
    Beginning found;
    TRY_VOID(assisted ? OpenAssistance(tx, deps, in, found) : OpenCall(tx, deps, in, found));
    return found;
  }));
  if (opening.already) return *opening.already;
  const v1::ServiceNumber& number = *opening.number;
  TRY(const calendar::TimeZone zone, ZoneOf(number));

  Course course;
  auto& session = course.session;
  // The same for a repeat of the request, so that its questions to others are repeats too.
  session.set_name("sessions/" + DerivedId("ivr.session", call.principal.tenant + subject));
  session.set_call(in.call());
  session.set_calling_number(in.calling_number());
  session.set_called_number(in.called_number());
  session.set_channel(in.channel() == carillon::type::v1::CHANNEL_UNSPECIFIED ? carillon::type::v1::VOICE
                                                                              : in.channel());
  session.set_client(number.client());
  if (assisted) {
    auto& assistance = *session.mutable_assistance();
    assistance = in.assistance();
    assistance.set_done(false);
    assistance.clear_result();
    session.set_customer(assistance.customer().empty() ? opening.before.customer() : assistance.customer());
    session.set_language(opening.before.language());
    session.set_grade(opening.before.grade());
  }
  session.set_flow(opening.flow.name());
  session.set_flow_version(opening.flow.version());
  *session.mutable_start_time() = in.has_start_time() ? in.start_time() : ToProto(call.now);
  Turn turn = OpenTurn(call, deps, opening.document, number, zone, course);
  turn.Begin();
  TRY_VOID(AskOthers(call, deps, turn, course, number));
  Finish(turn, course);

  const auto begun = deps.db.Write(call, [&](pg::Tx& tx) -> Result<v1::SessionStep> {
    TRY_VOID(TakeFromLibrary(tx, course, number));
    store::InsertSession(tx, course, number.name());
    return Opened(course);
  });
  if (begun || begun.error().reason != "DUPLICATE") return begun;
  return deps.db.Read(call, [&](pg::Tx& tx) -> Result<v1::SessionStep> {  // asked twice at once
    TRY(const auto stored, store::SessionOfCall(tx, subject));
    return Opened(stored.course);
  });
}

}  // namespace carillon::ivr::api
