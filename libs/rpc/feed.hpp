#pragma once
#include <google/protobuf/message.h>

#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>

#include "base/result.hpp"

/// The sending end of a server stream.
namespace carillon::rpc {

/// A mailbox that keeps the latest message of each key, in the order in which keys first changed: a slow
/// reader gets the latest state, never a growing queue. Thread-safe. Put after the reader has gone is a
/// no-op.
class FeedCore {
 public:
  void PutMessage(const std::string& key, std::shared_ptr<const google::protobuf::Message> message);
  /// Ends the stream with `error`, after what is in the mailbox; without an error it ends well.
  void Close(std::optional<Error> error = std::nullopt);
  /// Runs `fn` once when the reader has gone or the stream was closed; at once if that happened already.
  void OnClosed(std::function<void()> fn);
  bool closed() const;

  // The transport's side.
  void Attach(std::function<void()> wake);
  std::shared_ptr<const google::protobuf::Message> Take();
  /// The end of the stream, when the mailbox is empty and Close was called.
  std::optional<std::optional<Error>> End() const;
  void ReaderGone();

 private:
  void Finish(std::unique_lock<std::mutex>& lock);
  mutable std::mutex mutex_;
  std::map<std::string, std::shared_ptr<const google::protobuf::Message>> latest_;
  std::deque<std::string> order_;
  std::function<void()> wake_;
  std::vector<std::function<void()>> on_closed_;
  bool closed_ = false;
  std::optional<Error> error_;
};

/// FeedCore for messages of one type. The stream's first message must hold the full state.
template <class T>
class Feed : public FeedCore {
 public:
  void Put(const std::string& key, T message) {
    PutMessage(key, std::make_shared<const T>(std::move(message)));
  }
};

}  // namespace carillon::rpc
