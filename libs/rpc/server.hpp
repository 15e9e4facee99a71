#pragma once
#include <google/protobuf/message.h>

#include <chrono>
#include <functional>
#include <memory>
#include <string>
#include <type_traits>

#include "base/call.hpp"
#include "base/result.hpp"
#include "rpc/feed.hpp"

namespace carillon::type::v1 {
class AuditEntry;
}

/// The serving end: every method goes through the same door.
///
/// Methods are served from the descriptors of the .proto, not from generated stubs: what the options promise
/// (permission, rules, sensitive fields) is enforced here for all of them, and a handler is a plain function.
/// A method without a handler or without a permission stops the process at start-up.
///
/// Handlers may block: they run on a bounded executor. When its queue is full the call is shed with
/// RESOURCE_EXHAUSTED and RetryInfo; when the deadline passed in the queue it is not started at all.
///
/// What users do leaves audit entries (ADR 0080), what services do does not. A write carries its entry in
/// Call::audit. An answer, or a message of a stream, that shows a sensitive value in clear by a permission is
/// sent when its entry is committed; UNAVAILABLE AUDIT_UNAVAILABLE when it cannot be. The first
/// PERMISSION_DENIED of a user at a method in a minute is kept too, as far as it can be; all errors are
/// counted.
namespace carillon::rpc {

/// Turns a bearer token into who it stands for. Thread-safe; may block.
using Authenticate = std::function<Result<Principal>(const std::string& token)>;

/// Keeps an audit entry that no write carries, in a transaction of its own that is committed when it returns.
/// Thread-safe; may block.
using KeepAudit = std::function<Result<void>(const Call&, const type::v1::AuditEntry&)>;

/// Files with PEM of the process's certificate; empty = plaintext (tests, or TLS by the mesh).
struct Tls {
  std::string ca, certificate, key;
  bool on() const { return !ca.empty(); }
};

using AnyMessage = google::protobuf::Message;
using UnaryHandler = std::function<Result<std::unique_ptr<AnyMessage>>(Call&, const AnyMessage&)>;
using StreamHandler = std::function<Result<std::shared_ptr<FeedCore>>(Call&, const AnyMessage&)>;

struct ServerOptions {
  std::string address = {};  ///< "127.0.0.1:7001"; port 0 = any free one
  Tls tls = {};
  int threads = 16;                               ///< handlers running at once
  int queue_limit = 1024;                         ///< calls waiting for a thread
  std::chrono::milliseconds longest_call{30000};  ///< the deadline of a call that names none
  std::string replay_key =
      {};  ///< keys what is kept of a request for its replay: neither hash nor answer may give a secret away
  KeepAudit audit = {};  ///< empty = nothing is kept (a process without a database)
};

class Server {
 public:
  Server(ServerOptions options, const Clock& clock, Authenticate authenticate);
  ~Server();
  Server(const Server&) = delete;
  Server& operator=(const Server&) = delete;

  void AddUnary(const std::string& service, const std::string& method, UnaryHandler handler);
  void AddStream(const std::string& service, const std::string& method, StreamHandler handler);

  /// Checks that every method is served and guarded, listens, health NOT_SERVING. Throws std::runtime_error.
  void Start();
  /// The port that was bound.
  int port() const;
  void SetServing(bool serving);
  /// No new calls; running ones have `grace` to end; streams end at once with UNAVAILABLE.
  void Shutdown(std::chrono::milliseconds grace);

 private:
  struct State;
  std::unique_ptr<State> state_;
};

/// Binds plain functions to the methods of one service.
///
///   rpc::Binder bind(host.server(), "carillon.customer.v1.CustomerService", deps);
///   bind.Unary("GetCustomer", api::GetCustomer);   // Result<pb::Customer>(Call&, Deps&, const
///   pb::GetCustomerRequest&) bind.Stream("WatchDesk", api::WatchDesk);      //
///   Result<std::shared_ptr<rpc::Feed<pb::Desk>>>(…)
///
/// `deps` must outlive the server. A handler whose types differ from the .proto's stops the process at
/// start-up.
template <class Deps>
class Binder {
 public:
  /// What is done around each unary handler; `serve` runs it and fills `out`.
  using Around = std::function<Result<void>(Call&, Deps&, const AnyMessage& in, AnyMessage& out,
                                            const std::function<Result<void>()>& serve)>;
  Binder(Server& server, std::string service, Deps& deps, std::type_identity_t<Around> around = nullptr)
      : server_(server), service_(std::move(service)), deps_(deps), around_(std::move(around)) {}

  template <class Response, class Request>
  void Unary(const std::string& method, Result<Response> (*handler)(Call&, Deps&, const Request&)) {
    server_.AddUnary(service_, method,
                     [handler, around = around_, &deps = deps_](
                         Call& call, const AnyMessage& in) -> Result<std::unique_ptr<AnyMessage>> {
                       CARILLON_CHECK(in.GetDescriptor() == Request::descriptor());
                       auto out = std::make_unique<Response>();
                       const auto serve = [&]() -> Result<void> {
                         TRY(*out, handler(call, deps, static_cast<const Request&>(in)));
                         return Ok();
                       };
                       TRY_VOID(around ? around(call, deps, in, *out, serve) : serve());
                       return std::unique_ptr<AnyMessage>(std::move(out));
                     });
  }

  template <class Response, class Request>
  void Stream(const std::string& method,
              Result<std::shared_ptr<Feed<Response>>> (*handler)(Call&, Deps&, const Request&)) {
    server_.AddStream(
        service_, method,
        [handler, &deps = deps_](Call& call, const AnyMessage& in) -> Result<std::shared_ptr<FeedCore>> {
          CARILLON_CHECK(in.GetDescriptor() == Request::descriptor());
          TRY(auto feed, handler(call, deps, static_cast<const Request&>(in)));
          return std::shared_ptr<FeedCore>(std::move(feed));
        });
  }

 private:
  Server& server_;
  std::string service_;
  Deps& deps_;
  Around around_;
};

}  // namespace carillon::rpc
