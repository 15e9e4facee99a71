#pragma once
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "base/call.hpp"
#include "base/result.hpp"
#include "pg/pool.hpp"

namespace carillon::pg {

/// One row of the outbox on its way out.
struct Outgoing {
  std::int64_t id;
  std::string tenant, event_id, topic, key, type, payload, traceparent;
  TimePoint occurred_at;
};

/// Empties the outbox in id order, one relay per database (an advisory lock decides), into `publish`, which
/// returns only when all are acknowledged. Rows leave the table after that, so a crash publishes again and
/// never forgets. Woken in process by Wake(), and each 100 ms.
class Relay {
 public:
  using Publish = std::function<Result<void>(const std::vector<Outgoing>&)>;
  Relay(Pool& worker_pool, std::string worker_url, Publish publish);
  ~Relay();
  Relay(const Relay&) = delete;
  Relay& operator=(const Relay&) = delete;
  void Wake();
  /// Publishes what is there now; false when something is left.
  bool Drain();

 private:
  struct State;
  std::unique_ptr<State> state_;
};

/// Runs durable tasks (pg::Enqueue): in order for each key, until done. A transient error is tried again
/// after 50 ms growing to 2 s; a permanent one is kept in the row (`failed_at`, `failure`) and the next of
/// the key goes on. Tasks of a process that died are taken over by its successor of the same instance name at
/// once, by others after 30 seconds.
class TaskRunner {
 public:
  using Handler = std::function<Result<void>(Call& call, const std::string& payload)>;
  TaskRunner(Pool& worker_pool, const Clock& clock, int threads);
  ~TaskRunner();
  TaskRunner(const TaskRunner&) = delete;
  TaskRunner& operator=(const TaskRunner&) = delete;
  void Handle(const std::string& kind, Handler handler);
  /// Takes what an earlier process of this instance left, then accepts new ones.
  void Start();
  void Take(Task task);

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace carillon::pg
