#include "pg/relay.hpp"

#include <algorithm>
#include <map>
#include <mutex>
#include <set>

#include "base/ids.hpp"
#include "obs/log.hpp"
#include "obs/metrics.hpp"
#include "runtime/executor.hpp"

namespace carillon::pg {
namespace {

using namespace std::chrono_literals;

constexpr Statement kOldest{"outbox.oldest",
                            "SELECT id, tenant_id, event_id, topic, key, type, payload, traceparent, "
                            "pg_us(occurred_at) AS occurred_us "
                            "FROM outbox ORDER BY id LIMIT 500"};
constexpr Statement kGone{
    "outbox.gone",
    "WITH gone AS (DELETE FROM outbox WHERE id = ANY($1::bigint[]) RETURNING tenant_id, topic, type) "
    "INSERT INTO outbox_published (tenant_id, topic, type, events) "
    "SELECT tenant_id, topic, type, count(*) FROM gone GROUP BY 1, 2, 3 "
    "ON CONFLICT (tenant_id, topic, type) DO UPDATE SET events = outbox_published.events + excluded.events"};
constexpr Statement kAdopt{
    "tasks.adopt",
    "UPDATE tasks SET owner = $1, owned_until = now() + interval '30 seconds' WHERE failed_at IS NULL AND "
    "(owned_until < now() OR ($2 AND owner = $1)) AND kind = ANY($3::text[]) "
    "RETURNING id, tenant_id, kind, key, payload, traceparent"};
constexpr Statement kRenew{
    "tasks.renew",
    "UPDATE tasks SET owned_until = now() + interval '30 seconds' WHERE id = ANY($1::bigint[])"};
constexpr Statement kEarlier{"tasks.earlier",
                             "SELECT id FROM tasks WHERE key = $1 AND id < $2 AND failed_at IS NULL"};
constexpr Statement kDone{"tasks.done", "DELETE FROM tasks WHERE id = ANY($1::bigint[])"};
constexpr Statement kFailed{"tasks.failed", "UPDATE tasks SET failed_at = now(), failure = $2 WHERE id = $1"};

Call WorkerCall(std::chrono::milliseconds limit = 5s) {
  Call call;
  call.principal.service = true;
  call.principal.user = "worker";
  call.deadline = std::chrono::steady_clock::now() + limit;
  call.method = "worker";
  return call;
}

}  // namespace

struct Relay::State {
  State(Pool& p, std::string u, Publish out) : pool(p), url(WithLimits(u)), publish(std::move(out)) {}
  Pool& pool;
  std::string url;
  Publish publish;
  std::unique_ptr<pqxx::connection> lock;  // the advisory lock lives in this session
  std::mutex draining;
  obs::Counter published = obs::CounterOf("carillon_outbox_published_total", "events that left the outbox");
  obs::Gauge waiting = obs::GaugeOf("carillon_outbox_waiting", "events in the last batch of the outbox");
  std::unique_ptr<runtime::Periodic> periodic;
  bool failing = false;

  bool HoldsLock() {
    try {
      if (lock) {
        pqxx::nontransaction(*lock).exec("SELECT 1");
        return true;
      }
      auto fresh = std::make_unique<pqxx::connection>(url);
      const bool got =
          pqxx::nontransaction(*fresh).exec("SELECT pg_try_advisory_lock(7241001)")[0][0].as<bool>();
      if (got) lock = std::move(fresh);
      return got;
    } catch (const std::exception&) {
      lock.reset();
      return false;
    }
  }

  // One batch; the number of rows moved, or nothing when it could not be done now.
  std::optional<std::size_t> Batch() {
    const auto call = WorkerCall();
    const auto rows = pool.Read(call, [](Tx& tx) -> Result<pqxx::result> { return tx.Exec(kOldest); });
    if (!rows) return std::nullopt;
    waiting.Set(static_cast<double>(rows->size()));
    if (rows->empty()) return 0;
    std::vector<Outgoing> batch;
    std::vector<std::int64_t> ids;
    for (const auto& row : *rows) {
      ids.push_back(row["id"].as<std::int64_t>());
      batch.push_back({ids.back(), row["tenant_id"].c_str(), row["event_id"].c_str(), row["topic"].c_str(),
                       row["key"].c_str(), row["type"].c_str(), BytesOf(row["payload"]),
                       row["traceparent"].c_str(), TimeOf(row["occurred_us"])});
    }
    if (const auto sent = publish(batch); !sent) {
      if (!failing)
        obs::Warn("events cannot be published",
                  {{"reason", sent.error().reason}, {"error", sent.error().message}});
      failing = true;
      return std::nullopt;
    }
    failing = false;
    const auto gone = pool.Write(WorkerCall(), [&](Tx& tx) -> Result<void> {
      tx.Exec(kGone, Array(ids));
      return Ok();
    });
    if (!gone) return std::nullopt;
    published.Add(static_cast<double>(ids.size()));
    return ids.size();
  }
};

Relay::Relay(Pool& worker_pool, std::string worker_url, Publish publish)
    : state_(std::make_unique<State>(worker_pool, std::move(worker_url), std::move(publish))) {
  state_->periodic = std::make_unique<runtime::Periodic>("outbox", 100ms, [this] { Drain(); });
}
Relay::~Relay() { state_->periodic.reset(); }

void Relay::Wake() { state_->periodic->Wake(); }

bool Relay::Drain() {
  const std::lock_guard one(state_->draining);
  if (!state_->HoldsLock()) return false;
  for (;;) {
    const auto moved = state_->Batch();
    if (!moved) return false;
    if (*moved < 500) return true;
  }
}

struct TaskRunner::State {
  State(Pool& p, const Clock& c) : pool(p), clock(c) {}
  Pool& pool;
  const Clock& clock;
  std::map<std::string, Handler> handlers;
  std::mutex mutex;
  std::set<std::int64_t> held;          // ids this process works on
  std::vector<std::int64_t> done;       // ids to be deleted
  std::set<std::int64_t> cleaning_now;  // ids being deleted
  bool started = false;
  std::vector<Task> early;  // came before Start
  obs::Gauge pending = obs::GaugeOf("carillon_tasks_pending", "durable tasks not done yet");
  obs::Counter failures = obs::CounterOf("carillon_tasks_failed_total", "durable tasks that failed for good");
  std::unique_ptr<runtime::KeyedExecutor> executor;
  std::unique_ptr<runtime::Periodic> sweep;
  std::unique_ptr<runtime::Periodic> cleaning;

  void Submit(Task task) {
    {
      const std::lock_guard lock(mutex);
      if (!held.insert(task.id).second) return;
      pending.Set(static_cast<double>(held.size()));
    }
    auto pause = std::make_shared<std::chrono::milliseconds>(50);
    executor->Submit(
        task.key,
        [this, task, pause]() -> std::chrono::milliseconds {
          const auto handler = handlers.find(task.kind);
          CARILLON_CHECK(handler != handlers.end());
          const obs::TraceScope trace(task.traceparent);
          Call call;
          call.principal.service = true;
          call.principal.tenant = task.tenant;
          call.principal.user = "services/" + pool.instance();
          call.now = clock.Now();
          call.deadline = std::chrono::steady_clock::now() + 10s;
          call.method = "task/" + task.kind;
          call.request_id = DerivedId(task.tenant + task.kind + pool.instance(), std::to_string(task.id));
          call.traceparent = task.traceparent;
          // Two commits may hand over their tasks the other way round; the rows know the order.
          if (!IsFirst(task)) return 1ms;
          const auto result = handler->second(call, task.payload);
          if (!result && IsTransient(result.error())) {
            const auto wait = *pause;
            *pause = std::min(*pause * 2, std::chrono::milliseconds(2000));
            obs::Debug("task will be tried again", {{"kind", task.kind}, {"reason", result.error().reason}});
            return wait;
          }
          if (!result) {
            failures.Add();
            obs::LogError("task failed for good", {{"kind", task.kind},
                                                   {"key", task.key},
                                                   {"reason", result.error().reason},
                                                   {"error", result.error().message}});
            const auto noted = pool.Write(WorkerCall(), [&](Tx& tx) -> Result<void> {
              tx.Exec(kFailed, task.id, result.error().reason + ": " + result.error().message);
              return Ok();
            });
            if (!noted) return *pause;
            const std::lock_guard lock(mutex);
            held.erase(task.id);
            return 0ms;
          }
          const std::lock_guard lock(mutex);
          done.push_back(task.id);
          return 0ms;
        },
        task.id);
  }

  // Whether no earlier task of the key is still to be done. One that another process owns counts as well.
  bool IsFirst(const Task& task) {
    const auto earlier = pool.Read(WorkerCall(), [&](Tx& tx) -> Result<std::vector<std::int64_t>> {
      std::vector<std::int64_t> ids;
      for (const auto& row : tx.Exec(kEarlier, task.key, task.id)) ids.push_back(row[0].as<std::int64_t>());
      return ids;
    });
    if (!earlier) return false;
    const std::lock_guard lock(mutex);
    return std::ranges::all_of(*earlier, [&](std::int64_t id) {
      return std::ranges::find(done, id) != done.end() || cleaning_now.contains(id);
    });
  }

  std::vector<std::string> Kinds() const {
    std::vector<std::string> kinds;
    for (const auto& [kind, handler] : handlers) kinds.push_back(kind);
    return kinds;
  }

  bool Adopt(bool own) {
    if (handlers.empty()) return true;
    const auto rows = pool.Write(WorkerCall(), [&](Tx& tx) -> Result<pqxx::result> {
      return tx.Exec(kAdopt, pool.instance(), own, Array(Kinds()));
    });
    if (!rows) return false;
    std::map<std::int64_t, Task> in_order;
    for (const auto& row : *rows)
      in_order[row["id"].as<std::int64_t>()] = {row["id"].as<std::int64_t>(), row["tenant_id"].c_str(),
                                                row["kind"].c_str(),          row["key"].c_str(),
                                                BytesOf(row["payload"]),      row["traceparent"].c_str()};
    for (auto& [id, task] : in_order) Submit(std::move(task));
    return true;
  }

  void Clean() {
    std::vector<std::int64_t> ids;
    {
      const std::lock_guard lock(mutex);
      ids.swap(done);
      cleaning_now.insert(ids.begin(), ids.end());
    }
    if (ids.empty()) return;
    const auto deleted = pool.Write(WorkerCall(), [&](Tx& tx) -> Result<void> {
      tx.Exec(kDone, Array(ids));
      return Ok();
    });
    const std::lock_guard lock(mutex);
    cleaning_now.clear();
    if (deleted) {
      for (const auto id : ids) held.erase(id);
    } else {
      done.insert(done.end(), ids.begin(), ids.end());
    }
    pending.Set(static_cast<double>(held.size()));
  }

  void Renew() {
    std::vector<std::int64_t> ids;
    {
      const std::lock_guard lock(mutex);
      ids.assign(held.begin(), held.end());
    }
    if (ids.empty()) return;
    const auto renewed = pool.Write(WorkerCall(), [&](Tx& tx) -> Result<void> {
      tx.Exec(kRenew, Array(ids));
      return Ok();
    });
    if (!renewed) obs::Warn("task leases were not renewed", {{"reason", renewed.error().reason}});
  }
};

TaskRunner::TaskRunner(Pool& worker_pool, const Clock& clock, int threads)
    : state_(std::make_unique<State>(worker_pool, clock)) {
  state_->executor = std::make_unique<runtime::KeyedExecutor>("tasks", threads);
}

TaskRunner::~TaskRunner() {
  state_->sweep.reset();
  state_->cleaning.reset();
  state_->executor.reset();
  state_->Clean();
}

void TaskRunner::Handle(const std::string& kind, Handler handler) {
  state_->handlers[kind] = std::move(handler);
}

void TaskRunner::Start() {
  for (int i = 0; i < 600 && !state_->Adopt(true); ++i) std::this_thread::sleep_for(100ms);
  std::vector<Task> early;
  {
    const std::lock_guard lock(state_->mutex);
    state_->started = true;
    early.swap(state_->early);
  }
  for (auto& task : early) state_->Submit(std::move(task));
  state_->cleaning = std::make_unique<runtime::Periodic>("tasks-clean", 20ms, [this] { state_->Clean(); });
  state_->sweep = std::make_unique<runtime::Periodic>("tasks-sweep", 5s, [this] {
    state_->Renew();
    state_->Adopt(false);
  });
}

void TaskRunner::Take(Task task) {
  {
    const std::lock_guard lock(state_->mutex);
    if (!state_->started) {
      state_->early.push_back(std::move(task));
      return;
    }
  }
  state_->Submit(std::move(task));
}

}  // namespace carillon::pg
