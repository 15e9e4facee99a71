#include "pg/pool.hpp"

#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <condition_variable>
#include <deque>
#include <map>
#include <mutex>
#include <set>
#include <utility>

#include "base/ids.hpp"
#include "base/proto_time.hpp"
#include "carillon/type/v1/audit.pb.h"
#include "obs/log.hpp"
#include "obs/metrics.hpp"
#include "pg/replay.hpp"
#include "runtime/executor.hpp"

namespace carillon::pg {

/// A connection and the statements prepared on it; broken ones are thrown away.
class Connection {
 public:
  Connection(const std::string& url, Pool* pool) : pool_(pool), conn_(url) { socket_ = ::dup(conn_.sock()); }
  ~Connection() {
    work_.reset();
    ::close(socket_);
  }
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;
  /// A handle of its own: libpq may close its one at any time, and the number passes to somebody else.
  int socket() const { return socket_; }
  pqxx::connection& conn() { return conn_; }
  Pool* pool() { return pool_; }
  pqxx::nontransaction& work() { return *work_; }
  void Open() { work_ = std::make_unique<pqxx::nontransaction>(conn_); }
  void Close() { work_.reset(); }
  /// From here on the transaction stands.
  std::string Opening() { return std::exchange(begin, {}) + "; " + settings + "; "; }
  void Prepare(const Statement& statement) {
    if (prepared_.insert(statement.name).second) conn_.prepare(statement.name, statement.sql);
  }
  // The same for one that is run by EXECUTE: libpqxx tells the server at the first use only.
  void PrepareNow(const Statement& statement) {
    Prepare(statement);
    if (at_server_.contains(statement.name)) return;
    conn_.prepare_now(statement.name);
    at_server_.insert(statement.name);
  }
  std::vector<Task> enqueued;
  bool announced = false;
  std::string settings;  // of the transaction
  std::string begin;     // goes with its first statement; empty = sent

 private:
  Pool* pool_;
  pqxx::connection conn_;
  int socket_ = -1;
  std::unique_ptr<pqxx::nontransaction> work_;
  std::set<std::string, std::less<>> prepared_, at_server_;
};

namespace {

// What a server may be silent after a deadline before its connection is cut.
constexpr auto kSilence = std::chrono::milliseconds(500);

constexpr Statement kReplayBegin{
    "request_replays.begin",
    "INSERT INTO request_replays (tenant_id, principal, method, request_id, request_hash) "
    "VALUES (carillon_tenant(), $1, $2, $3, $4) ON CONFLICT DO NOTHING"};
constexpr Statement kReplayFind{"request_replays.find",
                                "SELECT request_hash = $4::bytea AS same, response FROM request_replays "
                                "WHERE tenant_id = carillon_tenant() "
                                "AND principal = $1 AND method = $2 AND request_id = $3"};
constexpr Statement kReplayAnswer{
    "request_replays.answer",
    "UPDATE request_replays SET response = $4 WHERE tenant_id = carillon_tenant() AND principal = $1 "
    "AND method = $2 AND request_id = $3"};
constexpr Statement kNoteEvent{"inbox.note",
                               "INSERT INTO inbox (tenant_id, event_id, occurred_at, topic, type) VALUES "
                               "(carillon_tenant(), $1, $2, $3, $4) "
                               "ON CONFLICT DO NOTHING"};
constexpr Statement kAnnounce{
    "outbox.announce",
    "INSERT INTO outbox (tenant_id, event_id, topic, key, type, payload, occurred_at, traceparent) "
    "SELECT carillon_tenant(), event_id, topic, key, type, decode(payload, 'hex'), occurred_at, $7 FROM "
    "unnest($1::uuid[], $2::text[], $3::text[], $4::text[], $5::text[], $6::timestamptz[]) WITH ORDINALITY "
    "AS r (event_id, topic, key, type, payload, occurred_at, nth) ORDER BY nth"};
constexpr Statement kEnqueue{
    "tasks.enqueue",
    "INSERT INTO tasks (tenant_id, kind, key, payload, traceparent, owner, owned_until) "
    "SELECT carillon_tenant(), kind, key, decode(payload, 'hex'), $4, $5, now() + interval '30 seconds' FROM "
    "unnest($1::text[], $2::text[], $3::text[]) WITH ORDINALITY AS r (kind, key, payload, nth) "
    "ORDER BY nth RETURNING id"};

// A statement that begins so and is the only one of a Read or Write is a transaction of its own, all of it in
// one round trip. A Write's that the connection broke under is run again, so it must be one that may be.
constexpr std::string_view kAlone = "/* alone */";

// The settings of one transaction, sent in the same round trip as its first statement. Every value is checked
// or quoted.
std::string Settings(pqxx::connection& conn, const Call& call) {
  std::string clients = "*";
  if (!call.principal.service && !call.principal.clients.empty()) {
    clients = "{";
    for (const auto& client : call.principal.clients) {
      if (!IsUuid(client)) continue;
      if (clients.size() > 1) clients += ',';
      clients += client;
    }
    clients += '}';
  } else if (!call.principal.service) {
    clients = "{}";
  }
  const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(call.Remaining()).count();
  return "SELECT set_config('app.tenant', " +
         conn.quote(IsUuid(call.principal.tenant) ? call.principal.tenant : std::string()) +
         ", true), set_config('app.clients', " + conn.quote(clients) + ", true), set_config('app.user', " +
         conn.quote(call.principal.user) + ", true), set_config('statement_timeout', '" +
         std::to_string(std::max<std::int64_t>(1, left)) + "', true)";
}

// A prepared statement as SQL.
std::string Execute(pqxx::connection& conn, const Statement& statement, const std::vector<Param>& params) {
  std::string sql = std::string("EXECUTE \"") + statement.name + "\"";
  for (std::size_t i = 0; i < params.size(); ++i) {
    sql += i == 0 ? "(" : ", ";
    if (const auto& text = params[i].text(); !text) {
      sql += "NULL";
    } else if (text->find('\'') == std::string::npos && text->find('\\') == std::string::npos &&
               text->find('\0') == std::string::npos) {
      sql.append("'").append(*text).append("'");  // nothing to escape; quote() looks at each character
    } else {
      sql += conn.quote(*text);
    }
  }
  return sql + (params.empty() ? "; " : "); ");
}

// The call's own entry, with what the answer is the name of.
type::v1::AuditEntry EntryOf(const Call& call, const google::protobuf::Message* answer) {
  auto entry = *call.audit;
  if (answer == nullptr) return entry;
  const auto* field = answer->GetDescriptor()->FindFieldByName("name");
  if (field == nullptr || field->is_repeated() ||
      field->cpp_type() != google::protobuf::FieldDescriptor::CPPTYPE_STRING)
    return entry;
  const auto name = answer->GetReflection()->GetString(*answer, field);
  const auto& known = entry.resources();
  if (!name.empty() && std::find(known.begin(), known.end(), name) == known.end()) entry.add_resources(name);
  return entry;
}

Error DeadlinePassed() {
  return {Code::kDeadlineExceeded, "DEADLINE_EXCEEDED", "The deadline of the call has passed.", {}, {}};
}

// libpqxx 6.4 leaves the state out of some of its exception classes; the class says it then.
std::string StateOf(const pqxx::sql_error& e) {
  if (!e.sqlstate().empty()) return e.sqlstate();
  if (dynamic_cast<const pqxx::insufficient_privilege*>(&e) != nullptr) return "42501";
  if (dynamic_cast<const pqxx::unique_violation*>(&e) != nullptr) return "23505";
  if (dynamic_cast<const pqxx::foreign_key_violation*>(&e) != nullptr) return "23503";
  if (dynamic_cast<const pqxx::check_violation*>(&e) != nullptr) return "23514";
  if (dynamic_cast<const pqxx::not_null_violation*>(&e) != nullptr) return "23502";
  if (dynamic_cast<const pqxx::serialization_failure*>(&e) != nullptr) return "40001";
  if (dynamic_cast<const pqxx::deadlock_detected*>(&e) != nullptr) return "40P01";
  if (dynamic_cast<const pqxx::too_many_connections*>(&e) != nullptr) return "53300";
  if (dynamic_cast<const pqxx::disk_full*>(&e) != nullptr) return "53100";
  return "";
}

Error OfSql(const pqxx::sql_error& e) {
  const std::string state = StateOf(e);
  const std::string constraint = ConstraintOf(e.what());
  if (state == "23505")
    return AlreadyExists("DUPLICATE", "The value is taken already.", {{"constraint", constraint}});
  if (state == "23503" || state == "23P01")
    return FailedPrecondition("REFERENCE_MISSING", "What the row refers to is not there.",
                              {{"constraint", constraint}});
  if (state == "23514" || state == "23502" || state == "22P02" || state == "22001" || state == "22003") {
    auto error = InvalidArgument("VALUE_REFUSED", "The database refused a value.");
    error.metadata["constraint"] = constraint;
    return error;
  }
  if (state == "42501") return PermissionDenied("ROW_REFUSED", "The row is of another tenant or client.");
  if (state == "57014") return DeadlinePassed();
  if (state == "53100") return Unavailable("DATABASE_DISK_FULL", "The disk of the database is full.");
  if (state == "57P01" || state == "57P02" || state == "57P03" || state == "53300" || state == "25006" ||
      state.starts_with("08"))
    return Unavailable("DATABASE_UNAVAILABLE", "The database is not available.");
  return Internal(std::string("database error ") + state + ": " + e.what());
}

}  // namespace

struct Pool::State {
  std::string url, instance;
  std::size_t size;
  std::mutex mutex;
  std::condition_variable freed;
  std::vector<std::unique_ptr<Connection>> idle;
  std::size_t open = 0;
  std::map<int, std::chrono::steady_clock::time_point> busy;  // socket -> when it is cut
  std::function<void()> announced;
  std::function<void(Task)> enqueued;
  std::function<void(Tx&, const type::v1::AuditEntry&)> keep_audit;
  obs::Timing waiting = obs::TimingOf("carillon_pg_acquire_seconds", "wait for a free database connection");
  obs::Timing running = obs::TimingOf("carillon_pg_transaction_seconds", "length of a transaction");
  // A server that hangs ends no statement, and libpq waits for it for ever.
  runtime::Periodic cutting{"pg-cut", kSilence / 5, [this] {
                              const std::lock_guard lock(mutex);
                              for (const auto& [socket, until] : busy)
                                if (std::chrono::steady_clock::now() > until) ::shutdown(socket, SHUT_RDWR);
                            }};
};

Pool::Pool(std::string url, int size, std::string instance) : state_(std::make_unique<State>()) {
  state_->url = WithLimits(url);
  state_->size = static_cast<std::size_t>(size);
  state_->instance = std::move(instance);
}
Pool::~Pool() = default;

void Pool::OnAnnounced(std::function<void()> wake) { state_->announced = std::move(wake); }
void Pool::OnEnqueued(std::function<void(Task)> take) { state_->enqueued = std::move(take); }
void Pool::OnAudit(std::function<void(Tx&, const type::v1::AuditEntry&)> keep) {
  state_->keep_audit = std::move(keep);
}
const std::string& Pool::instance() const { return state_->instance; }

std::string WithLimits(const std::string& url) {
  if (url.find("connect_timeout=") != std::string::npos) return url;
  return url + (url.find('?') == std::string::npos ? "?" : "&") +
         "connect_timeout=2&keepalives_idle=5&keepalives_interval=2&keepalives_count=3&tcp_user_timeout="
         "10000";
}

std::string ConstraintOf(std::string_view message) {
  constexpr std::string_view kBefore = "constraint \"";
  const auto at = message.find(kBefore);
  if (at == std::string_view::npos) return "";
  const auto from = at + kBefore.size();
  const auto to = message.find('"', from);
  return to == std::string_view::npos ? "" : std::string(message.substr(from, to - from));
}

bool Pool::NoteEvent(Tx& tx, const EventId& event) {
  return tx.Exec(kNoteEvent, event.event_id, Time(event.occurred_at), event.topic, event.type)
             .affected_rows() == 1;
}

Result<void> Pool::Run(const Call& call, bool writes, google::protobuf::Message* answer,
                       const std::function<Result<void>(Tx&)>& fn) {
  using SteadyClock = std::chrono::steady_clock;
  auto& state = *state_;
  const bool replayable = answer != nullptr && !call.request_id.empty();
  auto pause = std::chrono::milliseconds(10);
  const auto backoff = [&]() -> bool {  // false: no time left for another try
    const auto until = SteadyClock::now() + pause;
    if (until >= call.deadline) return false;
    std::this_thread::sleep_until(until);
    pause = std::min(pause * 2, std::chrono::milliseconds(500));
    return true;
  };

  for (;;) {
    if (SteadyClock::now() >= call.deadline) return DeadlinePassed();
    std::unique_ptr<Connection> connection;
    const auto asked = SteadyClock::now();
    {
      std::unique_lock lock(state.mutex);
      if (!state.freed.wait_until(lock, call.deadline,
                                  [&] { return !state.idle.empty() || state.open < state.size; }))
        return DeadlinePassed();
      if (!state.idle.empty()) {
        connection = std::move(state.idle.back());
        state.idle.pop_back();
      } else {
        ++state.open;
      }
    }
    const auto started = SteadyClock::now();
    state.waiting.Observe(std::chrono::duration<double>(started - asked).count());
    const auto give_back = [&](bool healthy) {
      {
        const std::lock_guard lock(state.mutex);
        if (connection) state.busy.erase(connection->socket());
        if (healthy) {
          state.idle.push_back(std::move(connection));
        } else {
          connection.reset();
          --state.open;
        }
      }
      state.freed.notify_one();
    };

    bool committing = false;
    std::optional<Error> failed;
    bool retry = false;
    bool healthy = true;
    std::vector<Task> tasks;
    bool announced = false;
    std::vector<std::function<void()>> hooks;
    try {
      if (!connection) connection = std::make_unique<Connection>(state.url, this);
      connection->Open();
      {
        const std::lock_guard lock(state.mutex);
        state.busy[connection->socket()] = call.deadline + kSilence;
      }
      connection->enqueued.clear();
      connection->announced = false;
      connection->settings = Settings(connection->conn(), call);
      connection->begin = writes ? "BEGIN" : "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY";
      Tx tx(*connection, call);
      Result<void> outcome;
      bool answered = false;
      if (replayable) {
        const auto hash = Bytes(call.request_hash);
        if (tx.Exec(kReplayBegin, call.principal.user, call.method, call.request_id, hash).affected_rows() ==
            0) {
          const auto rows = tx.Exec(kReplayFind, call.principal.user, call.method, call.request_id, hash);
          if (rows.empty()) {
            outcome = Aborted("REQUEST_RACED", "The same request is being answered elsewhere.");
          } else if (!rows[0]["same"].as<bool>()) {
            outcome = InvalidArgument("REQUEST_ID_REUSED", "Another request was sent under this request_id.",
                                      {{"request_id", "used for another request in the last 24 hours"}});
          } else {
            const auto kept = OpenedAnswer(call.replay_key, call.request_id, BytesOf(rows[0]["response"]));
            answered = kept && answer->ParseFromString(*kept);
            if (!answered) outcome = Internal("the answer kept for a repeat cannot be opened");
          }
        }
      }
      if (outcome && !answered) {
        outcome = fn(tx);
        if (outcome && writes && !tx.audited_ && call.audit && !call.audit->subject().empty())
          Audit(tx, EntryOf(call, answer));
        if (outcome) tx.Flush();
        if (outcome && replayable)
          tx.ExecAtCommit(kReplayAnswer, call.principal.user, call.method, call.request_id,
                          Bytes(SealedAnswer(call.replay_key, call.request_id, answer->SerializeAsString())));
      }
      if (outcome) {
        committing = writes;
        if (connection->begin.empty()) {
          connection->work().exec(tx.at_commit_ + "COMMIT");
        } else if (!tx.at_commit_.empty()) {
          connection->work().exec(connection->Opening() + tx.at_commit_ + "COMMIT");
        }
        committing = false;
        tasks = std::move(connection->enqueued);
        announced = connection->announced;
        hooks = std::move(tx.hooks_);
      } else {
        if (connection->begin.empty()) connection->work().exec("ROLLBACK");
        failed = outcome.error();
      }
    } catch (const pqxx::broken_connection& e) {
      healthy = false;
      retry = true;
      failed = Unavailable("DATABASE_UNAVAILABLE", "The database is not available.");
      obs::Warn("database connection lost", {{"error", e.what()}, {"method", call.method}});
    } catch (const pqxx::sql_error& e) {
      const std::string sqlstate = StateOf(e);
      // A write refused by a former primary finds the new one; a Read that writes is refused everywhere.
      failed = sqlstate == "25006" && !writes ? Internal("a Read wrote") : OfSql(e);
      retry = sqlstate == "40001" || sqlstate == "40P01" || failed->code == Code::kUnavailable;
      healthy = failed->code != Code::kUnavailable;
      if (failed->code == Code::kInternal)
        obs::LogError(
            "statement failed",
            {{"error", e.what()}, {"query", committing ? "COMMIT" : e.query()}, {"method", call.method}});
      if (failed->code != Code::kUnavailable) committing = false;  // the server has answered: it did not
    } catch (const pqxx::failure& e) {
      healthy = false;
      retry = true;
      failed = Unavailable("DATABASE_UNAVAILABLE", "The database is not available.");
      obs::Warn("database failure", {{"error", e.what()}, {"method", call.method}});
    } catch (const std::exception& e) {
      healthy = false;
      failed = Internal(std::string("store: ") + e.what());
      obs::LogError("store failed", {{"error", e.what()}, {"method", call.method}});
    }
    if (connection) {
      try {
        if (failed && healthy && connection->begin.empty() && connection->conn().is_open())
          connection->work().exec("ROLLBACK");
        connection->Close();
      } catch (const std::exception&) {
        healthy = false;
      }
    }
    state.running.Observe(std::chrono::duration<double>(SteadyClock::now() - started).count());
    give_back(healthy && connection != nullptr);

    if (!failed) {
      for (auto& task : tasks)
        if (state.enqueued) state.enqueued(std::move(task));
      if (announced && state.announced) state.announced();
      for (const auto& hook : hooks) hook();
      return Ok();
    }
    // Nobody knows whether it was committed. With a request_id the next try finds out; without one, say so.
    if (committing && !replayable)
      return Unavailable("COMMIT_IN_DOUBT", "The connection broke while committing.");
    if (!retry || !backoff()) return *failed;
  }
}

pqxx::result Tx::Run(const Statement& statement, const std::vector<Param>& params) {
  if (!connection_.begin.empty()) {
    connection_.PrepareNow(statement);
    const bool alone = std::string_view(statement.sql).starts_with(kAlone);
    const bool writes = !connection_.begin.ends_with("READ ONLY");
    // Several commands in one message are one transaction; the result is that of the last.
    const std::string opening =
        alone ? connection_.settings + (writes ? "; " : ", set_config('transaction_read_only', 'on', true); ")
              : connection_.Opening();
    return connection_.work().exec(opening + Execute(connection_.conn(), statement, params));
  }
  connection_.Prepare(statement);
  std::vector<const char*> values;
  values.reserve(params.size());
  for (const auto& param : params) values.push_back(param.text() ? param.text()->c_str() : nullptr);
  return connection_.work().exec_prepared(statement.name, pqxx::prepare::make_dynamic_params(values));
}

void Tx::Defer(const Statement& statement, const std::vector<Param>& params) {
  connection_.PrepareNow(statement);
  at_commit_ += Execute(connection_.conn(), statement, params);
}

Param Bytes(std::string_view bytes) { return "\\x" + Hex(bytes); }

Param Array(const std::vector<std::optional<std::string>>& items) {
  std::string text = "{";
  std::size_t size = 2;
  for (const auto& item : items) size += (item ? item->size() : 4) + 4;
  text.reserve(size);
  for (const auto& item : items) {
    if (text.size() > 1) text += ',';
    if (!item) {
      text += "NULL";
      continue;
    }
    text += '"';
    if (item->find('"') == std::string::npos && item->find('\\') == std::string::npos) {
      text += *item;
    } else {
      for (const char c : *item) {
        if (c == '"' || c == '\\') text += '\\';
        text += c;
      }
    }
    text += '"';
  }
  return text + "}";
}

Param Array(const std::vector<std::string>& items) {
  return Array(std::vector<std::optional<std::string>>(items.begin(), items.end()));
}

std::string BytesOf(const pqxx::field& field) {
  const pqxx::binarystring bytes(field);
  return {bytes.get(), bytes.size()};
}

std::vector<std::string> ArrayOf(const pqxx::field& field) {
  std::vector<std::string> out;
  if (field.is_null()) return out;
  auto parser = field.as_array();
  for (auto item = parser.get_next(); item.first != pqxx::array_parser::juncture::done;
       item = parser.get_next())
    if (item.first == pqxx::array_parser::juncture::string_value) out.push_back(item.second);
  return out;
}

void Tx::Flush() {
  const auto column = [](const std::vector<Row>& rows, std::size_t at, bool bytes = false) {
    std::vector<std::string> out;
    out.reserve(rows.size());
    for (const auto& row : rows) out.push_back(bytes ? Hex(row[at]) : row[at]);
    return Array(out);
  };
  if (const auto& rows = enqueued_; !rows.empty()) {
    const auto& owner = connection_.pool()->instance();
    const auto made =
        Exec(kEnqueue, column(rows, 0), column(rows, 1), column(rows, 2, true), call_.traceparent, owner);
    for (std::size_t i = 0; i < rows.size(); ++i)
      connection_.enqueued.push_back({made[static_cast<pqxx::result::size_type>(i)][0].as<std::int64_t>(),
                                      call_.principal.tenant, rows[i][0], rows[i][1], rows[i][2],
                                      call_.traceparent});
  }
  if (const auto& rows = announced_; !rows.empty()) {
    ExecAtCommit(kAnnounce, column(rows, 0), column(rows, 1), column(rows, 2), column(rows, 3),
                 column(rows, 4, true), column(rows, 5), call_.traceparent);
    connection_.announced = true;
  }
}

void Announce(Tx& tx, std::string_view topic, std::string_view key, const google::protobuf::Message& event,
              TimePoint occurred_at) {
  tx.announced_.push_back({NewId(tx.now()), std::string(topic), std::string(key), event.GetTypeName(),
                           event.SerializeAsString(), FormatRfc3339(occurred_at)});
}

void Audit(Tx& tx, type::v1::AuditEntry entry) {
  tx.audited_ = true;
  const auto& keep = tx.connection_.pool()->state_->keep_audit;
  if (!keep) return;
  entry.set_tenant("tenants/" + tx.call().principal.tenant);
  if (entry.result().empty()) entry.set_result("OK");
  *entry.mutable_occur_time() = ToProto(tx.now());
  if (!entry.has_record_time()) *entry.mutable_record_time() = ToProto(RealNow());
  keep(tx, entry);
}

void Enqueue(Tx& tx, std::string_view kind, std::string_view key, const google::protobuf::Message& payload) {
  tx.enqueued_.push_back({std::string(kind), std::string(key), payload.SerializeAsString()});
}

}  // namespace carillon::pg
