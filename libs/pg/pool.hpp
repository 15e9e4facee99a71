#pragma once
#include <functional>
#include <memory>
#include <string>
#include <type_traits>

#include "base/result.hpp"
#include "pg/tx.hpp"

namespace carillon::pg {

/// Where a received event came from; enough to apply it once.
struct EventId {
  std::string event_id;
  std::string topic;
  std::string type;
  TimePoint occurred_at;
};

/// A task as it left the transaction that made it.
struct Task {
  std::int64_t id;
  std::string tenant, kind, key, payload, traceparent;
};

/// Connections to one database as one role.
///
/// Write and Read run `fn(Tx&)` inside a transaction whose tenant, clients and time limit are those of
/// `call`. `fn` returns Result<T>; an error rolls back. Database errors come back as Errors:
///   unique violation        ALREADY_EXISTS DUPLICATE {constraint}
///   foreign key, exclusion  FAILED_PRECONDITION REFERENCE_MISSING {constraint}
///   check, not null         INVALID_ARGUMENT VALUE_REFUSED {constraint}
///   row-level security      PERMISSION_DENIED ROW_REFUSED
///   statement time-out      DEADLINE_EXCEEDED
///   no connection           UNAVAILABLE DATABASE_UNAVAILABLE (after retries inside the deadline)
///   disk full               UNAVAILABLE DATABASE_DISK_FULL (likewise)
///   in-doubt commit         the recorded answer when the request_id is found, else UNAVAILABLE
///   COMMIT_IN_DOUBT
/// Write is READ COMMITTED; Read sees one moment of the database, however many statements it runs.
/// A Write of a user leaves an audit entry in the same transaction (Call::audit); a repeat of an answered
/// request leaves none.
/// Serialization failures and deadlocks are retried here, so `fn` may run more than once: it must have no
/// effect outside the transaction but through Tx::AfterCommit. Thread-safe; a call waits for a free
/// connection until its deadline. A server that is silent half a second beyond it has its connection cut.
class Pool {
 public:
  Pool(std::string url, int size, std::string instance);
  ~Pool();
  Pool(const Pool&) = delete;
  Pool& operator=(const Pool&) = delete;

  /// When the call carries a request_id and T is a message: the answer is kept with the effect, a repeat
  /// within 24 hours gets the same answer without running `fn`, another request under the same id is
  /// INVALID_ARGUMENT REQUEST_ID_REUSED.
  template <class Fn, class R = std::invoke_result_t<Fn, Tx&>>
  R Write(const Call& call, Fn fn) {
    using T = typename R::value_type;
    if constexpr (std::is_base_of_v<google::protobuf::Message, T>) {
      T answer;
      TRY_VOID(Run(call, true, &answer, [&](Tx& tx) -> Result<void> {
        TRY(answer, fn(tx));
        return Ok();
      }));
      return answer;
    } else {
      return Plain<R>(call, true, fn);
    }
  }

  template <class Fn, class R = std::invoke_result_t<Fn, Tx&>>
  R Read(const Call& call, Fn fn) {
    return Plain<R>(call, false, fn);
  }

  /// Applies an event once: `fn` runs in the transaction that notes the event's id, not at all when it is
  /// noted.
  template <class Fn>
  Result<void> Apply(const Call& call, const EventId& event, Fn fn) {
    return Run(call, true, nullptr, [&](Tx& tx) -> Result<void> {
      if (!NoteEvent(tx, event)) return Ok();
      return fn(tx);
    });
  }

  /// Called after each commit that announced events; set once by the host.
  void OnAnnounced(std::function<void()> wake);
  /// Called after a commit with the tasks it made; set once by the host.
  void OnEnqueued(std::function<void(Task)> take);
  /// How an audit entry is kept, inside its transaction; set once by the host, or by the service that keeps
  /// them.
  void OnAudit(std::function<void(Tx&, const type::v1::AuditEntry&)> keep);
  /// The name under which this process owns tasks.
  const std::string& instance() const;

 private:
  friend void Audit(Tx&, type::v1::AuditEntry);
  template <class R, class Fn>
  R Plain(const Call& call, bool writes, Fn fn) {
    using T = typename R::value_type;
    if constexpr (std::is_void_v<T>) {
      return Run(call, writes, nullptr, fn);
    } else {
      std::optional<T> answer;
      TRY_VOID(Run(call, writes, nullptr, [&](Tx& tx) -> Result<void> {
        TRY(answer, fn(tx));
        return Ok();
      }));
      return *std::move(answer);
    }
  }
  Result<void> Run(const Call& call, bool writes, google::protobuf::Message* answer,
                   const std::function<Result<void>(Tx&)>& fn);
  static bool NoteEvent(Tx& tx, const EventId& event);

  struct State;
  std::unique_ptr<State> state_;
};

/// The URL with bounds for what libpq would wait for without end: a connection that is not made, a peer that
/// is gone.
std::string WithLimits(const std::string& url);

/// The constraint's name in PostgreSQL's English message, or "".
std::string ConstraintOf(std::string_view message);

}  // namespace carillon::pg
