#pragma once
#include <google/protobuf/message.h>

#include <functional>
#include <memory>

#include "base/result.hpp"

/// An answer that comes after its handler has returned: no thread waits for it.
namespace carillon::rpc {

using LateAnswer = Result<std::shared_ptr<const google::protobuf::Message>>;

/// Answers the call; to be called once, from any thread, never blocks. The message is of the method's type.
using Answer = std::function<void(LateAnswer)>;

/// Takes over the call whose unary handler runs on this thread: it is answered when Answer is called, and
/// what the handler returns is for nobody. `then` has the last word on a thread that may block. Empty outside
/// of a handler. Who takes an Answer must call it: the server does not end before.
Answer AnswerLater(std::function<LateAnswer(LateAnswer)> then = nullptr);

}  // namespace carillon::rpc
