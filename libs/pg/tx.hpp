#pragma once
#include <google/protobuf/message.h>

#include <chrono>
#include <functional>
#include <optional>
#include <pqxx/pqxx>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

#include "base/call.hpp"
#include "base/clock.hpp"

namespace carillon::type::v1 {
class AuditEntry;
}

/// One transaction and what a store may do in it. Only store rooms include this.
namespace carillon::pg {

/// A named piece of SQL; the name ("customers.lock_by_id") labels its metric and its prepared form.
struct Statement {
  const char* name;
  const char* sql;
};

/// A parameter of a statement, in PostgreSQL's text form.
class Param {
 public:
  Param(std::string text) : text_(std::move(text)) {}         // NOLINT: implicit on purpose
  Param(std::string_view text) : text_(std::string(text)) {}  // NOLINT
  Param(const char* text) : text_(std::string(text)) {}       // NOLINT
  Param(bool value) : text_(value ? "true" : "false") {}      // NOLINT
  Param(std::nullopt_t) {}                                    // NOLINT
  template <class N>
    requires(std::is_arithmetic_v<N> && !std::is_same_v<N, bool>)
  Param(N value) : text_(pqxx::to_string(value)) {}  // NOLINT
  template <class T>
  Param(const std::optional<T>& value) {  // NOLINT
    if (value) text_ = Param(*value).text_;
  }
  const std::optional<std::string>& text() const { return text_; }

 private:
  std::optional<std::string> text_;
};

/// NULL for an empty string.
inline Param OrNull(std::string_view text) { return text.empty() ? Param(std::nullopt) : Param(text); }
/// A timestamptz.
inline Param Time(TimePoint at) { return FormatRfc3339(at); }
inline Param Time(const std::optional<TimePoint>& at) { return at ? Time(*at) : Param(std::nullopt); }
/// A bytea.
Param Bytes(std::string_view bytes);
/// An array literal of texts (uuid[], text[], …); numbers and times by their text forms; NULL for nullopt.
Param Array(const std::vector<std::string>& items);
Param Array(const std::vector<std::optional<std::string>>& items);
template <class N>
  requires(std::is_arithmetic_v<N>)
Param Array(const std::vector<N>& items) {
  std::vector<std::string> texts;
  texts.reserve(items.size());
  for (const N item : items) texts.push_back(pqxx::to_string(item));
  return Array(texts);
}

/// The time of a column selected with pg_us(…).
inline TimePoint TimeOf(const pqxx::field& field) {
  return TimePoint{std::chrono::microseconds{field.as<std::int64_t>()}};
}
inline std::optional<TimePoint> MaybeTimeOf(const pqxx::field& field) {
  return field.is_null() ? std::nullopt : std::optional(TimeOf(field));
}
/// The bytes of a bytea column.
std::string BytesOf(const pqxx::field& field);
/// The items of a text[]/uuid[] column.
std::vector<std::string> ArrayOf(const pqxx::field& field);

class Connection;
class Tx;

/// Puts an event into the outbox, in this transaction; all of one transaction go in one statement, in the
/// order of their announcement. Lock the aggregate's row before: that keeps a key's order. `topic` is
/// "carillon.<service>.<aggregates>.v1", `key` the aggregate's id, `occurred_at` business time.
void Announce(Tx& tx, std::string_view topic, std::string_view key, const google::protobuf::Message& event,
              TimePoint occurred_at);

/// Keeps an audit entry in this transaction, completed with its tenant and times. It takes the place of the
/// one that the call of a user leaves by itself (Call::audit).
void Audit(Tx& tx, type::v1::AuditEntry entry);

/// Puts a durable task into this transaction: after the commit the handler of `kind` runs, in order for each
/// `key`, again and again until it succeeds or fails for good; also after a crash.
void Enqueue(Tx& tx, std::string_view kind, std::string_view key, const google::protobuf::Message& payload);

/// An open transaction with tenant and clients set. Lives within Pool::Write or Pool::Read, in one thread.
class Tx {
 public:
  /// Runs a prepared statement. Throws pqxx exceptions, which Pool turns into Errors: let them pass.
  template <class... Args>
  pqxx::result Exec(const Statement& statement, const Args&... args) {
    return Run(statement, {Param(args)...});
  }
  /// The same for a statement whose result nobody needs, sent with COMMIT in one round trip, in order. It
  /// fails as any other, only later.
  template <class... Args>
  void ExecAtCommit(const Statement& statement, const Args&... args) {
    Defer(statement, {Param(args)...});
  }
  const Call& call() const { return call_; }
  TimePoint now() const { return call_.now; }
  /// Runs `hook` after the commit, never after a rollback; for wake-ups and cache invalidation.
  void AfterCommit(std::function<void()> hook) { hooks_.push_back(std::move(hook)); }

 private:
  friend class Pool;
  friend void Announce(Tx&, std::string_view, std::string_view, const google::protobuf::Message&, TimePoint);
  friend void Enqueue(Tx&, std::string_view, std::string_view, const google::protobuf::Message&);
  friend void Audit(Tx&, type::v1::AuditEntry);
  Tx(Connection& connection, const Call& call) : connection_(connection), call_(call) {}
  pqxx::result Run(const Statement& statement, const std::vector<Param>& params);
  void Defer(const Statement& statement, const std::vector<Param>& params);
  using Row = std::vector<std::string>;
  void Flush();  // what was announced and enqueued
  Connection& connection_;
  const Call& call_;
  std::vector<std::function<void()>> hooks_;
  std::vector<Row> announced_, enqueued_;
  std::string at_commit_;  // SQL
  bool audited_ = false;
};

}  // namespace carillon::pg
