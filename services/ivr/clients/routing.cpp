#include <algorithm>

#include "base/ids.hpp"
#include "carillon/routing/v1/interaction_service.pb.h"
#include "carillon/routing/v1/queue_service.pb.h"
#include "ivr/clients/answers.hpp"

namespace carillon::ivr::clients {
namespace {

namespace routing = carillon::routing::v1;

// What is only nice to know is not waited for.
constexpr std::chrono::milliseconds kQueueStatePatience{200};
// Of the call's time, for saving the turn.
constexpr std::chrono::milliseconds kSaving{200};

std::chrono::milliseconds RoutingTimeout(const Deps& deps) {
  return std::chrono::milliseconds{deps.settings.routing_timeout_ms};
}

std::int64_t Seconds(const google::protobuf::Duration& length) { return length.seconds(); }

routing::Interaction::IdentityLevel LevelOf(v1::Session::IdentityLevel level) {
  switch (level) {
    case v1::Session::OWN_LINE:
      return routing::Interaction::NUMBER_KNOWN;
    case v1::Session::SERVICE_PASSWORD:
    case v1::Session::ID_LAST6:  // attached_data.identified_by tells them apart
    case v1::Session::SMS_OTP:
      return routing::Interaction::PASSWORD_VERIFIED;
    default:
      return routing::Interaction::IDENTITY_LEVEL_UNSPECIFIED;
  }
}

}  // namespace

Result<Answer> GetQueueState(const Call& call, Deps& deps, const Ask& ask) {
  routing::GetQueueStateRequest request;
  request.set_queue(ask.queue);
  TRY(const auto reply, deps.routing.Ask<routing::QueueState>(
                            call, "carillon.routing.v1.QueueService/GetQueueState", request,
                            TimeFor(call, std::min(RoutingTimeout(deps), kQueueStatePatience))));
  return Answer(QueueSeen{reply.waiting(), reply.agents_ready(), Seconds(reply.estimated_wait())});
}

Result<Answer> CreateInteraction(const Call& call, Deps& deps, const Ask& ask, const Course& course) {
  const auto& session = course.session;
  routing::CreateInteractionRequest request;
  request.set_request_id(ask.id);
  auto& interaction = *request.mutable_interaction();
  const bool callback = ask.kind == Ask::Kind::kCallback;
  interaction.set_channel(callback ? carillon::type::v1::CALLBACK : carillon::type::v1::VOICE);
  interaction.set_direction(callback ? routing::Interaction::OUTBOUND : routing::Interaction::INBOUND);
  interaction.set_client(session.client());
  if (!callback) interaction.set_call(session.call());
  interaction.set_customer(session.customer());
  interaction.set_calling_number(callback ? ask.phone_number : session.calling_number());
  interaction.set_called_number(session.called_number());
  interaction.set_queue(ask.queue);
  if (!ask.skill.empty()) interaction.add_required_skills()->set_skill("skills/" + ask.skill);
  interaction.set_priority(ask.priority);
  interaction.set_grade(session.grade());
  interaction.set_elderly(course.journey.elderly());
  interaction.set_language(session.language());
  interaction.set_region(course.journey.region());
  *interaction.mutable_menu_path() = session.menu_path();
  interaction.set_reason(ask.reason);
  interaction.set_identity_level(LevelOf(session.identity_level()));
  for (const auto& [key, value] : ask.attached) (*interaction.mutable_attached_data())[key] = value;
  (*interaction.mutable_attached_data())["ivr_session"] = session.name();
  interaction.set_last_agent(course.journey.last_agent());
  TRY(const auto reply,
      deps.routing.Ask<routing::Interaction>(call, "carillon.routing.v1.InteractionService/CreateInteraction",
                                             request, TimeFor(call, RoutingTimeout(deps))));
  return Answer(HandedOver{reply.name(), reply.queue(), reply.position(), Seconds(reply.estimated_wait())});
}

std::chrono::milliseconds TimeFor(const Call& call, std::chrono::milliseconds wanted) {
  const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(call.Remaining()) - kSaving;
  return std::clamp(left, std::chrono::milliseconds{0}, wanted);
}

Result<Answer> AnswerTo(const Call& call, Deps& deps, const Ask& ask, const Course& course) {
  if (TimeFor(call, std::chrono::seconds{1}) < std::chrono::milliseconds{50}) {
    return Unavailable("OUT_OF_TIME", "the switch waits for its answer");
  }
  switch (ask.kind) {
    case Ask::Kind::kLookUp:
      return LookUpCaller(call, deps, ask, course);
    case Ask::Kind::kVerifyPassword:
      return VerifyPassword(call, deps, ask);
    case Ask::Kind::kSendCode:
      return SendCode(call, deps, ask);
    case Ask::Kind::kVerifyIdentity:
      return VerifyIdentity(call, deps, ask);
    case Ask::Kind::kBalance:
      return GetBalance(call, deps, ask, course);
    case Ask::Kind::kQueueState:
      return GetQueueState(call, deps, ask);
    case Ask::Kind::kEnqueue:
    case Ask::Kind::kCallback:
      return CreateInteraction(call, deps, ask, course);
    case Ask::Kind::kOrder:
      return OpenWorkOrder(call, deps, ask, course);
    case Ask::Kind::kOrderState:
      return FindWorkOrder(call, deps, ask, course);
    case Ask::Kind::kQuery:
    case Ask::Kind::kNotices:
    case Ask::Kind::kMessage:
      break;  // this service's own tables answer
  }
  return Internal("no such question");
}

Result<void> CancelInteraction(Call& call, Deps& deps, const v1::CancelInteractionTask& task) {
  routing::CancelInteractionRequest request;
  request.set_name(task.interaction());
  request.set_reason("caller_gone");
  request.set_request_id(DerivedId("ivr.cancel", task.interaction()));
  const auto done = deps.routing.Ask<routing::Interaction>(
      call, "carillon.routing.v1.InteractionService/CancelInteraction", request, RoutingTimeout(deps));
  if (done || done.error().code == Code::kNotFound || done.error().code == Code::kFailedPrecondition)
    return Ok();
  return done.error();
}

}  // namespace carillon::ivr::clients
