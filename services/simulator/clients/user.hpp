#pragma once
#include <chrono>
#include <map>
#include <memory>
#include <mutex>
#include <string>

#include "base/proto_time.hpp"
#include "rpc/peer.hpp"

/// A made-up person at a real login: what a browser or a softphone would be.
namespace carillon::simulator {

/// Where the services are, and how to talk to them.
struct Platform {
  std::map<std::string, std::string, std::less<>> addresses;  ///< "routing" -> "127.0.0.1:7004"
  rpc::Tls tls;
  bool Has(std::string_view service) const { return addresses.contains(service); }
};

/// "access=127.0.0.1:7001,routing=…". INVALID_ARGUMENT PEERS_MALFORMED.
Result<std::map<std::string, std::string, std::less<>>> ReadPeers(const std::string& text);

/// One account. Logs in when first needed and again before its token runs out; every call is repeated through
/// outages until it gets an answer, so whatever changes something carries a request id. Thread-safe.
class User {
 public:
  User(const Platform& platform, std::string tenant, std::string login, std::string password);

  /// One call, tried again while the service is away, for at most `patience` of real time.
  template <class Response>
  Result<Response> Ask(const std::string& service, const std::string& method,
                       const google::protobuf::Message& request,
                       std::chrono::seconds patience = std::chrono::seconds{120}) {
    Response response;
    TRY_VOID(AskInto(service, method, request, response, patience));
    return response;
  }

  /// A stream; the caller opens it again when it ends.
  template <class Message>
  std::unique_ptr<rpc::Watching> Watch(const std::string& service, const std::string& method,
                                       const google::protobuf::Message& request,
                                       std::function<void(const Message&)> on_message,
                                       std::function<void(std::optional<Error>)> on_end) {
    return PeerOf(service).template Watch<Message>(NewCall(std::chrono::seconds{5}), PathOf(service, method),
                                                   request, std::move(on_message), std::move(on_end));
  }

  /// Logs in now. UNAUTHENTICATED when the password is not (yet) right.
  Result<void> LogIn();
  const std::string& login() const { return login_; }
  /// users/{uuid}; empty before the first login.
  std::string name() const;
  bool must_change_password() const;
  /// Changes the password and goes on with the new one.
  Result<void> ChangePassword(const std::string& password);

 private:
  Result<void> AskInto(const std::string& service, const std::string& method,
                       const google::protobuf::Message& request, google::protobuf::Message& response,
                       std::chrono::seconds patience);
  rpc::Peer& PeerOf(const std::string& service);
  Result<std::string> Token();
  static Call NewCall(std::chrono::milliseconds timeout);
  /// "SwitchService/ReportHangUp" of telephony -> "carillon.telephony.v1.SwitchService/ReportHangUp".
  static std::string PathOf(const std::string& service, const std::string& method);

  const Platform& platform_;
  const std::string tenant_;
  const std::string login_;
  mutable std::mutex mutex_;
  std::string password_;
  std::string token_;
  std::string name_;
  bool must_change_ = false;
  std::chrono::steady_clock::time_point renew_at_{};
  std::mutex logging_in_;
  std::map<std::string, std::unique_ptr<rpc::Peer>, std::less<>> peers_;
};

}  // namespace carillon::simulator
