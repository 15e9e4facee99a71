#pragma once
#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <deque>
#include <functional>
#include <mutex>
#include <string>
#include <thread>
#include <unordered_map>
#include <vector>

/// Threads live here and nowhere else.
namespace carillon::runtime {

/// A fixed number of threads over a bounded queue: what blocks (a database call) runs here, so that the
/// threads of the network never do. Submit() refuses when the queue is full: the caller sheds.
class Executor {
 public:
  Executor(std::string name, int threads, std::size_t queue_limit);
  /// Runs what is queued, then joins.
  ~Executor();
  Executor(const Executor&) = delete;
  Executor& operator=(const Executor&) = delete;

  /// False when the queue is full or the executor is stopping; then `work` was not taken.
  [[nodiscard]] bool Submit(std::function<void()> work);
  std::size_t Queued() const;

 private:
  void Run();
  std::size_t limit_;
  mutable std::mutex mutex_;
  std::condition_variable wake_;
  std::deque<std::function<void()>> queue_;
  bool stopping_ = false;
  std::vector<std::jthread> threads_;
};

/// Runs work of one key in order and one at a time, of different keys at once, on an Executor's worth of
/// threads.
class KeyedExecutor {
 public:
  KeyedExecutor(std::string name, int threads);
  ~KeyedExecutor();
  KeyedExecutor(const KeyedExecutor&) = delete;
  KeyedExecutor& operator=(const KeyedExecutor&) = delete;
  /// `work` returns how long to wait before it is run again; zero = done, the next of the key follows. Of the
  /// work of a key that is not running, the least `order` goes first, equal ones as they came.
  void Submit(const std::string& key, std::function<std::chrono::milliseconds()> work,
              std::int64_t order = 0);
  /// Work queued or running.
  std::size_t Pending() const;

 private:
  void Run(const std::stop_token& stop);
  struct Lane {
    std::deque<std::pair<std::int64_t, std::function<std::chrono::milliseconds()>>> work;
    bool running = false;
  };
  struct Due {
    std::chrono::steady_clock::time_point at;
    std::string key;
    bool operator>(const Due& other) const { return at > other.at; }
  };
  mutable std::mutex mutex_;
  std::condition_variable_any wake_;
  std::unordered_map<std::string, Lane> lanes_;
  std::deque<std::string> ready_;
  std::vector<Due> waiting_;  // a heap, earliest first
  std::size_t pending_ = 0;
  std::vector<std::jthread> threads_;
};

/// Runs `work` every `interval` of real time on a thread of its own until destroyed; Wake() runs it at once.
/// A `work` that throws is logged and tried again at the next turn.
class Periodic {
 public:
  Periodic(std::string name, std::chrono::milliseconds interval, std::function<void()> work);
  ~Periodic();
  Periodic(const Periodic&) = delete;
  Periodic& operator=(const Periodic&) = delete;
  void Wake();

 private:
  std::mutex mutex_;
  std::condition_variable_any wake_;
  bool woken_ = false;
  std::jthread thread_;
};

/// What start did, undone in reverse order by Undo() or the destructor.
class UndoStack {
 public:
  ~UndoStack() { Undo(); }
  void Push(std::string name, std::function<void()> undo) {
    steps_.emplace_back(std::move(name), std::move(undo));
  }
  void Undo();

 private:
  std::vector<std::pair<std::string, std::function<void()>>> steps_;
};

/// Blocks SIGTERM and SIGINT for this thread and those it starts; call it before any thread exists.
void BlockSignals();
/// Waits so long for SIGTERM or SIGINT; whether one came.
bool SignalWithin(std::chrono::milliseconds patience);
/// Waits for SIGTERM or SIGINT. After it returned, a second one ends the process at once.
int WaitForSignal();

}  // namespace carillon::runtime
