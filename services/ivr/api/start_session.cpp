#include "base/ids.hpp"
#include "base/proto_time.hpp"
#include "ivr/api/api.hpp"
#include "ivr/api/turns.hpp"
#include "ivr/domain/menus.hpp"
#include "ivr/domain/rollout.hpp"
#include "ivr/store/flows.hpp"
#include "ivr/store/sessions.hpp"

namespace carillon::ivr::api {
namespace {

struct Opening {
  std::optional<v1::SessionStep> already;
  v1::ServiceNumber number;
  v1::Flow flow;
  std::shared_ptr<const Document> document;
};

/// Where the call stands, and whose it is.
v1::SessionStep Opened(const Course& course) {
  auto step = course.journey.step();
  step.set_client(course.session.client());
  return step;
}

}  // namespace

Result<v1::SessionStep> StartSession(Call& call, Deps& deps, const v1::StartSessionRequest& in) {
  TRY(const Opening opening, deps.db.Read(call, [&](pg::Tx& tx) -> Result<Opening> {
    Opening found;
    if (const auto stored = store::SessionOfCall(tx, in.call(), false)) {
      found.already = Opened(stored->course);
      return found;
    }
    TRY(found.number, store::NumberAsDialled(tx, in.called_number()));
    TRY(found.flow, store::LoadFlow(tx, found.number.flow(), store::kPublished));
    if (const int version = VersionFor(found.flow, in.call(), call.now); version != found.flow.version()) {
      TRY(found.flow, store::LoadFlow(tx, found.number.flow(), version));
    }
    TRY(found.document, DocumentOf(tx, deps, found.flow.name(), found.flow.version()));
    return found;
  }));
  if (opening.already) return *opening.already;
  TRY(const calendar::TimeZone zone, ZoneOf(opening.number));

  Course course;
  auto& session = course.session;
  // The same for a repeat of the request, so that its questions to others are repeats too.
  session.set_name("sessions/" + DerivedId("ivr.session", call.principal.tenant + in.call()));
  session.set_call(in.call());
  session.set_calling_number(in.calling_number());
  session.set_called_number(in.called_number());
  session.set_channel(in.channel() == carillon::type::v1::CHANNEL_UNSPECIFIED ? carillon::type::v1::VOICE
                                                                              : in.channel());
  session.set_client(opening.number.client());
  session.set_flow(opening.flow.name());
  session.set_flow_version(opening.flow.version());
  *session.mutable_start_time() = in.has_start_time() ? in.start_time() : ToProto(call.now);
  Turn turn = OpenTurn(call, deps, opening.document, opening.number, zone, course);
  turn.Begin();
  TRY_VOID(Complete(call, deps, turn, course, opening.number));

  return deps.db.Write(call, [&](pg::Tx& tx) -> Result<v1::SessionStep> {
    if (store::InsertSession(tx, course, opening.number.name())) return Opened(course);
    TRY(const auto stored, store::SessionOfCall(tx, in.call(), false));
    return Opened(stored.course);
  });
}

}  // namespace carillon::ivr::api
