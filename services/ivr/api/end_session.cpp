#include "ivr/api/api.hpp"
#include "ivr/store/sessions.hpp"

namespace carillon::ivr::api {
namespace {

void Close(pg::Tx& tx, Course& course, TimePoint now) {
  if (course.session.state() == v1::Session::COMPLETED) return store::LoadPath(tx, course);
  HangUp(course, now);
  store::SaveSession(tx, course, course.session.version());
}

}  // namespace

Result<v1::Session> EndSession(Call& call, Deps& deps, const v1::EndSessionRequest& in) {
  return deps.db.Write(call, [&](pg::Tx& tx) -> Result<v1::Session> {
    const bool assistance = !in.assistance().empty();
    TRY(auto stored, store::LockSessionOfCall(tx, assistance ? in.assistance() : in.call()));
    Close(tx, stored.course, call.now);
    if (!assistance) {
      for (auto& each : store::LockAssistedOfCall(tx, in.call())) Close(tx, each.course, call.now);
    }
    return stored.course.session;
  });
}

}  // namespace carillon::ivr::api
