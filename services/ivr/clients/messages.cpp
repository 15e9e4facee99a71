#include "ivr/clients/messages.hpp"

#include "base/proto_time.hpp"
#include "ivr/clients/program.hpp"
#include "ivr/store/messages.hpp"

namespace carillon::ivr::clients {
namespace {

constexpr std::chrono::seconds kCarrierPatience{20};
constexpr std::chrono::minutes kTriedFor{15};

}  // namespace

Result<void> SendMessage(Call& call, Deps& deps, const v1::SendMessageTask& task) {
  TRY(v1::Message message,
      deps.db.Read(call, [&](pg::Tx& tx) { return store::LoadMessage(tx, task.message()); }));
  if (message.state() != v1::Message::REQUESTED) return Ok();
  const bool fax = message.channel() == v1::Message::FAX;
  const auto sent =
      Run(fax ? deps.settings.fax_command : deps.settings.sms_command,
          {{"number", message.number()}, {"id", message.name().substr(message.name().find('/') + 1)}},
          message.text(), kCarrierPatience, 4096);
  const bool again =
      !sent && IsTransient(sent.error()) && call.now - FromProto(message.create_time()) < kTriedFor;
  if (again) return sent.error();
  message.set_state(sent ? v1::Message::SENT : v1::Message::FAILED);
  if (!sent) message.set_failure(sent.error().message);
  *message.mutable_end_time() = ToProto(call.now);
  return deps.db.Write(call, [&](pg::Tx& tx) -> Result<void> {
    store::SaveMessage(tx, message);
    return Ok();
  });
}

}  // namespace carillon::ivr::clients
