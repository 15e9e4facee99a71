#include "rpc/feed.hpp"

namespace carillon::rpc {

void FeedCore::PutMessage(const std::string& key, std::shared_ptr<const google::protobuf::Message> message) {
  std::function<void()> wake;
  {
    const std::lock_guard lock(mutex_);
    if (closed_) return;
    auto& slot = latest_[key];
    if (!slot) order_.push_back(key);
    slot = std::move(message);
    wake = wake_;
  }
  if (wake) wake();
}

void FeedCore::Close(std::optional<Error> error) {
  std::function<void()> wake;
  {
    std::unique_lock lock(mutex_);
    if (closed_) return;
    error_ = std::move(error);
    wake = wake_;
    Finish(lock);
  }
  if (wake) wake();
}

void FeedCore::OnClosed(std::function<void()> fn) {
  {
    const std::lock_guard lock(mutex_);
    if (!closed_) {
      on_closed_.push_back(std::move(fn));
      return;
    }
  }
  fn();
}

bool FeedCore::closed() const {
  const std::lock_guard lock(mutex_);
  return closed_;
}

void FeedCore::Attach(std::function<void()> wake) {
  {
    const std::lock_guard lock(mutex_);
    wake_ = wake;
  }
  wake();
}

std::shared_ptr<const google::protobuf::Message> FeedCore::Take() {
  const std::lock_guard lock(mutex_);
  if (order_.empty()) return nullptr;
  const auto it = latest_.find(order_.front());
  auto message = std::move(it->second);
  latest_.erase(it);
  order_.pop_front();
  return message;
}

std::optional<std::optional<Error>> FeedCore::End() const {
  const std::lock_guard lock(mutex_);
  if (!closed_ || !order_.empty()) return std::nullopt;
  return error_;
}

void FeedCore::ReaderGone() {
  std::unique_lock lock(mutex_);
  order_.clear();
  latest_.clear();
  wake_ = nullptr;
  if (!closed_) Finish(lock);
}

void FeedCore::Finish(std::unique_lock<std::mutex>& lock) {
  closed_ = true;
  auto callbacks = std::move(on_closed_);
  on_closed_.clear();
  lock.unlock();
  for (const auto& fn : callbacks) fn();
  lock.lock();
}

}  // namespace carillon::rpc
