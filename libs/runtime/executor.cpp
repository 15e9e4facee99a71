#include "runtime/executor.hpp"

#include <pthread.h>
#include <unistd.h>

#include <algorithm>
#include <csignal>

#include "obs/log.hpp"

namespace carillon::runtime {
namespace {

void NameThread(const std::string& name) {
  ::pthread_setname_np(::pthread_self(), name.substr(0, 15).c_str());
}

}  // namespace

Executor::Executor(std::string name, int threads, std::size_t queue_limit) : limit_(queue_limit) {
  for (int i = 0; i < threads; ++i)
    threads_.emplace_back([this, name] {
      NameThread(name);
      Run();
    });
}

Executor::~Executor() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  wake_.notify_all();
  threads_.clear();
}

bool Executor::Submit(std::function<void()> work) {
  {
    const std::lock_guard lock(mutex_);
    if (stopping_ || queue_.size() >= limit_) return false;
    queue_.push_back(std::move(work));
  }
  wake_.notify_one();
  return true;
}

std::size_t Executor::Queued() const {
  const std::lock_guard lock(mutex_);
  return queue_.size();
}

void Executor::Run() {
  for (;;) {
    std::function<void()> work;
    {
      std::unique_lock lock(mutex_);
      wake_.wait(lock, [this] { return stopping_ || !queue_.empty(); });
      if (queue_.empty()) return;
      work = std::move(queue_.front());
      queue_.pop_front();
    }
    work();
  }
}

KeyedExecutor::KeyedExecutor(std::string name, int threads) {
  for (int i = 0; i < threads; ++i)
    threads_.emplace_back([this, name](const std::stop_token& stop) {
      NameThread(name);
      Run(stop);
    });
}

KeyedExecutor::~KeyedExecutor() {
  for (auto& thread : threads_) thread.request_stop();
  wake_.notify_all();
  threads_.clear();
}

void KeyedExecutor::Submit(const std::string& key, std::function<std::chrono::milliseconds()> work,
                           std::int64_t order) {
  {
    const std::lock_guard lock(mutex_);
    auto& lane = lanes_[key];
    auto at = lane.work.begin() + (lane.running ? 1 : 0);
    while (at != lane.work.end() && at->first <= order) ++at;
    lane.work.insert(at, {order, std::move(work)});
    ++pending_;
    if (lane.running || lane.work.size() > 1) return;
    ready_.push_back(key);
  }
  wake_.notify_one();
}

std::size_t KeyedExecutor::Pending() const {
  const std::lock_guard lock(mutex_);
  return pending_;
}

void KeyedExecutor::Run(const std::stop_token& stop) {
  std::unique_lock lock(mutex_);
  while (!stop.stop_requested()) {
    const auto now = std::chrono::steady_clock::now();
    while (!waiting_.empty() && waiting_.front().at <= now) {
      std::ranges::pop_heap(waiting_, std::greater{});
      ready_.push_back(std::move(waiting_.back().key));
      waiting_.pop_back();
    }
    if (ready_.empty()) {
      if (waiting_.empty()) {
        wake_.wait(lock, stop, [this] { return !ready_.empty() || !waiting_.empty(); });
      } else {
        const auto due = waiting_.front().at;
        wake_.wait_until(lock, stop, due, [this] { return !ready_.empty(); });
      }
      continue;
    }
    const std::string key = std::move(ready_.front());
    ready_.pop_front();
    auto& lane = lanes_.at(key);
    lane.running = true;
    auto work = lane.work.front().second;
    lock.unlock();
    const auto again = work();
    lock.lock();
    auto& after = lanes_.at(key);
    after.running = false;
    if (again > std::chrono::milliseconds::zero()) {
      // What came while it ran may belong before it: nothing of the key runs now, so the order counts again.
      std::ranges::stable_sort(after.work, {}, [](const auto& each) { return each.first; });
      waiting_.push_back({std::chrono::steady_clock::now() + again, key});
      std::ranges::push_heap(waiting_, std::greater{});
      wake_.notify_one();
      continue;
    }
    --pending_;
    after.work.pop_front();
    if (after.work.empty()) {
      lanes_.erase(key);
    } else {
      ready_.push_back(key);
      wake_.notify_one();
    }
  }
}

Periodic::Periodic(std::string name, std::chrono::milliseconds interval, std::function<void()> work)
    : thread_([this, name, interval, work = std::move(work)](const std::stop_token& stop) {
        NameThread(name);
        while (!stop.stop_requested()) {
          {
            std::unique_lock lock(mutex_);
            wake_.wait_for(lock, stop, interval, [this] { return woken_; });
            woken_ = false;
          }
          if (stop.stop_requested()) return;
          try {
            work();
          } catch (const std::exception& e) {
            obs::LogError("periodic work failed", {{"work", name}, {"error", e.what()}});
          }
        }
      }) {}

Periodic::~Periodic() {
  thread_.request_stop();
  wake_.notify_all();
}

void Periodic::Wake() {
  {
    const std::lock_guard lock(mutex_);
    woken_ = true;
  }
  wake_.notify_one();
}

void UndoStack::Undo() {
  while (!steps_.empty()) {
    auto [name, undo] = std::move(steps_.back());
    steps_.pop_back();
    obs::Debug("stopping", {{"step", name}});
    undo();
  }
}

namespace {

sigset_t Ending() {
  sigset_t set;
  sigemptyset(&set);
  sigaddset(&set, SIGTERM);
  sigaddset(&set, SIGINT);
  return set;
}

}  // namespace

void BlockSignals() {
  const sigset_t set = Ending();
  ::pthread_sigmask(SIG_BLOCK, &set, nullptr);
  ::signal(SIGPIPE, SIG_IGN);
}

bool SignalWithin(std::chrono::milliseconds patience) {
  const sigset_t set = Ending();
  timespec length{};
  length.tv_sec = patience.count() / 1000;
  length.tv_nsec = patience.count() % 1000 * 1'000'000;
  return ::sigtimedwait(&set, nullptr, &length) > 0;
}

int WaitForSignal() {
  const sigset_t set = Ending();
  int signal = 0;
  ::sigwait(&set, &signal);
  std::thread([set]() mutable {
    int second = 0;
    ::sigwait(&set, &second);
    ::_exit(1);
  }).detach();
  return signal;
}

}  // namespace carillon::runtime
