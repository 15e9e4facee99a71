#pragma once
#include <string>

#include "base/result.hpp"
#include "carillon/ivr/v1/message.pb.h"
#include "pg/tx.hpp"

/// What flows send to callers.
namespace carillon::ivr::store {

inline constexpr std::string_view kMessagesTopic = "carillon.ivr.messages.v1";

/// Keeps a message and the durable task that sends it; nothing happens when it is there already.
void RequestMessage(pg::Tx& tx, const v1::Message& message);
/// NOT_FOUND MESSAGE_UNKNOWN.
Result<v1::Message> LoadMessage(pg::Tx& tx, const std::string& name);
/// Saves SENT or FAILED and announces MessageCompleted.
void SaveMessage(pg::Tx& tx, const v1::Message& message);
/// As the worker: empties the numbers of messages asked for before.
void ForgetMessageNumbers(pg::Tx& tx, TimePoint before);

}  // namespace carillon::ivr::store
