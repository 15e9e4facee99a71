#include "ivr/api/api.hpp"
#include "ivr/store/sessions.hpp"

namespace carillon::ivr::api {
namespace {

void Close(pg::Tx& tx, Course& course, TimePoint now) {
  if (course.session.state() == v1::Session::COMPLETED) return;
  const auto from = course.session.version();
  const int path_before = course.session.path_size();
  HangUp(course, now);
  CARILLON_CHECK(store::SaveSession(tx, course, from, path_before));
}

}  // namespace

Result<v1::Session> EndSession(Call& call, Deps& deps, const v1::EndSessionRequest& in) {
  return deps.db.Write(call, [&](pg::Tx& tx) -> Result<v1::Session> {
    const bool assistance = !in.assistance().empty();
    TRY(auto stored, store::SessionOfCall(tx, assistance ? in.assistance() : in.call(), true));
    Close(tx, stored.course, call.now);
    if (!assistance) {
      for (auto& each : store::LockAssistedOfCall(tx, in.call())) Close(tx, each.course, call.now);
    }
    return stored.course.session;
  });
}

}  // namespace carillon::ivr::api
