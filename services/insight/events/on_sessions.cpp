#include "carillon/ivr/v1/session_events.pb.h"
#include "insight/events/consume.hpp"

namespace carillon::insight::events {
namespace {

namespace ivr = carillon::ivr::v1;

template <class Event>
void ApplySession(pg::Tx& tx, const Event& event, const pg::EventId& id) {
  const ivr::Session& session = event.session();
  pb::SessionFact fact;
  fact.set_session(session.name());
  fact.set_call(session.call());
  fact.set_client(session.client());
  fact.set_customer(session.customer());
  std::string path;
  for (const auto& step : session.menu_path()) path += (path.empty() ? "" : " ") + step;
  fact.set_path(path);
  *fact.mutable_start_time() = session.start_time();
  if (session.state() == ivr::Session::COMPLETED) {
    fact.set_result(ivr::Session::Result_Name(session.result()));
    *fact.mutable_end_time() = session.end_time();
  }
  store::Put(tx, fact, id.occurred_at);
}

}  // namespace

void OnSessions(host::Host& host, Deps& deps) {
  constexpr auto kTopic = "carillon.ivr.sessions.v1";
  Consume<ivr::SessionStarted>(host, kTopic, deps, ApplySession);
  Consume<ivr::SessionCompleted>(host, kTopic, deps, ApplySession);
}

}  // namespace carillon::insight::events
