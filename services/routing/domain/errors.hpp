#pragma once
#include <carillon/routing/v1/agent.pb.h>
#include <carillon/routing/v1/interaction.pb.h>

#include <string>
#include <string_view>

#include "base/result.hpp"

/// The reasons of routing that more than one place gives; the rest stands where it is decided.
namespace carillon::routing::domain::errors {

inline Error Unknown(std::string_view thing, std::string_view name) {
  return NotFound(std::string(thing) + "_UNKNOWN", "There is no such thing.", {{"name", std::string(name)}});
}
inline Error Exists(std::string_view thing, std::string_view name) {
  return AlreadyExists(std::string(thing) + "_EXISTS", "It exists already.", {{"name", std::string(name)}});
}
inline Error Stale(std::string_view name) {
  auto error = Aborted("ETAG_STALE", "It was changed since it was read.");
  error.metadata["name"] = std::string(name);
  return error;
}
inline Error CodeTaken(std::string_view code) {
  return AlreadyExists("CODE_TAKEN", "The code is in use.", {{"code", std::string(code)}});
}
inline Error InUse(std::string_view thing, std::string_view name, std::string_view by) {
  return FailedPrecondition(std::string(thing) + "_IN_USE", "Something else needs it.",
                            {{"name", std::string(name)}, {"by", std::string(by)}});
}
inline Error CanaryRunning(std::string_view queue) {
  return FailedPrecondition("CANARY_RUNNING", "A canary runs in the queue: end or promote it first.",
                            {{"queue", std::string(queue)}});
}
inline Error SignedIn(std::string_view agent, std::string_view seat) {
  return AlreadyExists("AGENT_SIGNED_IN", "The agent is signed in at another seat.",
                       {{"agent", "agents/" + std::string(agent)}, {"seat", std::string(seat)}});
}
inline Error NotSignedIn(std::string_view agent) {
  return FailedPrecondition("AGENT_NOT_SIGNED_IN", "The agent is not signed in.",
                            {{"agent", "agents/" + std::string(agent)}});
}
inline Error ReservationGone(std::string_view reservation) {
  return FailedPrecondition("RESERVATION_GONE", "The offer was answered, timed out or taken back.",
                            {{"reservation", "reservations/" + std::string(reservation)}});
}
inline Error NotAvailable(const carillon::routing::v1::AgentSession& session) {
  const bool leaves = !session.pending_reason().empty();
  return FailedPrecondition("AGENT_NOT_AVAILABLE", "The agent does not take work now.",
                            {{"agent", session.agent()},
                             {"state", carillon::routing::v1::AgentSession::State_Name(session.state())},
                             {"reason", leaves ? session.pending_reason() : session.reason()}});
}
inline Error WithoutCall(const carillon::routing::v1::Interaction& interaction) {
  return FailedPrecondition("INTERACTION_WITHOUT_CALL", "Nobody can be brought in: there is no call.",
                            {{"interaction", interaction.name()}});
}
inline Error ConsultMissing(const carillon::routing::v1::Interaction& interaction) {
  return FailedPrecondition("CONSULT_MISSING", "Nobody is being asked for advice.",
                            {{"interaction", interaction.name()}});
}
inline Error NotLive(const carillon::routing::v1::Interaction& interaction) {
  return FailedPrecondition("INTERACTION_NOT_LIVE", "The interaction has no live customer.",
                            {{"state", carillon::routing::v1::Interaction::State_Name(interaction.state())}});
}

}  // namespace carillon::routing::domain::errors
