#include "ivr/store/messages.hpp"

#include "base/ids.hpp"
#include "base/proto_time.hpp"
#include "carillon/ivr/v1/machine.pb.h"
#include "carillon/ivr/v1/message_events.pb.h"
#include "ivr/domain/errors.hpp"
#include "ivr/store/statements.hpp"
#include "pg/message.hpp"

namespace carillon::ivr::store {

void RequestMessage(pg::Tx& tx, const v1::Message& message) {
  v1::Message kept = message;
  kept.clear_number();
  const auto made = tx.Exec(sql::kInsertMessage, IdOf(message.name()), IdOf(message.session()),
                            message.number(), v1::Message::State_Name(message.state()),
                            pg::Time(FromProto(message.create_time())), pg::JsonOf(kept));
  if (made.empty()) return;
  v1::SendMessageTask task;
  task.set_message(message.name());
  pg::Enqueue(tx, "send_message", message.name(), task);
}

Result<v1::Message> LoadMessage(pg::Tx& tx, const std::string& name) {
  const auto rows = tx.Exec(sql::kLoadMessage, IdOf(name));
  if (rows.empty()) return errors::MessageUnknown(name);
  auto message = pg::OfJson<v1::Message>(rows[0]["message"]);
  message.set_number(rows[0]["number"].c_str());
  return message;
}

void SaveMessage(pg::Tx& tx, const v1::Message& message) {
  v1::MessageCompleted event;
  *event.mutable_message() = message;
  event.mutable_message()->clear_number();
  tx.Exec(sql::kSaveMessage, IdOf(message.name()), v1::Message::State_Name(message.state()),
          pg::JsonOf(event.message()));
  event.mutable_message()->clear_text();
  pg::Announce(tx, kMessagesTopic, IdOf(message.name()), event, FromProto(message.end_time()));
}

void ForgetMessageNumbers(pg::Tx& tx, TimePoint before) {
  tx.Exec(sql::kForgetMessageNumbers, pg::Time(before));
}

}  // namespace carillon::ivr::store
