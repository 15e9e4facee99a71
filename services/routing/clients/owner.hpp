#pragma once
#include <google/protobuf/message.h>

#include <condition_variable>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>

#include "base/call.hpp"
#include "base/result.hpp"
#include "rpc/server.hpp"

namespace grpc {
class Channel;
}

/// The other instances of this service: whoever is asked hands a call on to the one that writes the shard.
namespace carillon::routing::clients {

/// Whether the call that is served here was handed on already: it goes no further.
bool HandedOn();

/// Calls as they came, with the caller's own token: the owner of the shard checks and records them as its
/// own. Thread-safe.
class Owners {
 public:
  explicit Owners(rpc::Tls tls);
  /// Waits until no stream that was handed on is open.
  ~Owners();
  Owners(const Owners&) = delete;
  Owners& operator=(const Owners&) = delete;

  /// One try until the call's deadline; `call.method` at "host:port". UNAVAILABLE SHARD_RECOVERING when the
  /// owner cannot be reached, else what it answers.
  Result<void> Ask(const std::string& address, const Call& call, const google::protobuf::Message& request,
                   google::protobuf::Message& response);

  /// What the owner's stream says goes into `feed`, under the key that `put` gives it, until either ends.
  template <class T>
  void Watch(const std::string& address, const Call& call, const google::protobuf::Message& request,
             const std::shared_ptr<rpc::Feed<T>>& feed, std::function<std::string(const T&)> key) {
    WatchAny(
        address, call, request, feed, [] { return std::make_unique<T>(); },
        [key = std::move(key)](rpc::FeedCore& to, std::unique_ptr<google::protobuf::Message> message) {
          const auto name = key(static_cast<const T&>(*message));
          to.PutMessage(name, std::move(message));
        });
  }

 private:
  class Stream;
  void WatchAny(const std::string& address, const Call& call, const google::protobuf::Message& request,
                const std::shared_ptr<rpc::FeedCore>& feed,
                std::function<std::unique_ptr<google::protobuf::Message>()> make,
                std::function<void(rpc::FeedCore&, std::unique_ptr<google::protobuf::Message>)> put);
  std::shared_ptr<grpc::Channel> ChannelTo(const std::string& address);
  const rpc::Tls tls_;
  std::mutex mutex_;
  std::condition_variable closed_;
  std::map<std::string, std::shared_ptr<grpc::Channel>> channels_;
  int streams_ = 0;
};

}  // namespace carillon::routing::clients
