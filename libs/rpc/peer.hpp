#pragma once
#include <google/protobuf/message.h>

#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "base/call.hpp"
#include "base/result.hpp"
#include "rpc/server.hpp"

/// The calling end.
namespace carillon::rpc {

/// Gives the bearer token for outgoing calls; thread-safe, may block until `deadline`.
using Token = std::function<Result<std::string>(std::chrono::steady_clock::time_point deadline)>;

/// An open server stream; its destructor cancels it and waits until no call-back runs.
class Watching {
 public:
  virtual ~Watching() = default;
};

/// A service we call, by a name that stands for one process or several: one HTTP/2 connection to each, calls
/// go to them in turn. Thread-safe. A renewed certificate is read within seconds and used for new
/// connections.
///
/// Calls carry the tenant of the call's principal (x-carillon-tenant), the trace and a deadline that never
/// exceeds the caller's. UNAVAILABLE is tried again inside the deadline (20 ms growing to 500 ms), so
/// requests that change something must carry a request_id.
class Peer {
 public:
  Peer(const std::string& target, const Tls& tls, Token token);
  ~Peer();
  Peer(const Peer&) = delete;
  Peer& operator=(const Peer&) = delete;

  /// `method` is "carillon.customer.v1.CustomerService/GetCustomer". `timeout` bounds all tries together.
  template <class Response>
  Result<Response> Ask(const Call& call, const std::string& method, const google::protobuf::Message& request,
                       std::chrono::milliseconds timeout) {
    Response response;
    TRY_VOID(AskInto(call, method, request, response, timeout));
    return response;
  }

  /// Opens a stream, as soon as there is somebody to open it with. `on_message` and `on_end` run on a thread
  /// of the network and must not block for long; `on_end` runs once, with the error, or none when the server
  /// ended it well. No retry here: the caller opens a new one.
  template <class Message>
  std::unique_ptr<Watching> Watch(const Call& call, const std::string& method,
                                  const google::protobuf::Message& request,
                                  std::function<void(const Message&)> on_message,
                                  std::function<void(std::optional<Error>)> on_end) {
    return WatchAny(
        call, method, request, [] { return std::make_unique<Message>(); },
        [on_message = std::move(on_message)](const google::protobuf::Message& message) {
          on_message(static_cast<const Message&>(message));
        },
        std::move(on_end));
  }

  Result<void> AskInto(const Call& call, const std::string& method, const google::protobuf::Message& request,
                       google::protobuf::Message& response, std::chrono::milliseconds timeout);

 private:
  std::unique_ptr<Watching> WatchAny(const Call& call, const std::string& method,
                                     const google::protobuf::Message& request,
                                     const std::function<std::unique_ptr<google::protobuf::Message>()>& make,
                                     std::function<void(const google::protobuf::Message&)> on_message,
                                     std::function<void(std::optional<Error>)> on_end);
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace carillon::rpc
