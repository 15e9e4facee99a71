#include "ivr/api/api.hpp"
#include "ivr/store/sessions.hpp"

namespace carillon::ivr::api {

Result<v1::Session> EndSession(Call& call, Deps& deps, const v1::EndSessionRequest& in) {
  return deps.db.Write(call, [&](pg::Tx& tx) -> Result<v1::Session> {
    TRY(auto stored, store::SessionOfCall(tx, in.call(), true));
    Course& course = stored.course;
    if (course.session.state() == v1::Session::COMPLETED) return course.session;
    const auto from = course.session.version();
    const int path_before = course.session.path_size();
    HangUp(course, call.now);
    CARILLON_CHECK(store::SaveSession(tx, course, from, path_before));
    return course.session;
  });
}

}  // namespace carillon::ivr::api
