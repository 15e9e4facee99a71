#include "host/host.hpp"

#include <unistd.h>

#include <CLI/CLI.hpp>
#include <atomic>
#include <iostream>
#include <map>
#include <mutex>
#include <sstream>

#include "base/proto_time.hpp"
#include "carillon/access/v1/access_service.pb.h"
#include "carillon/type/v1/audit_events.pb.h"
#include "obs/log.hpp"
#include "obs/metrics.hpp"
#include "pg/relay.hpp"
#include "rpc/auth.hpp"
#include "rpc/closed_door.hpp"
#include "runtime/executor.hpp"

namespace carillon::host {
inline namespace hosting {

namespace access = carillon::access::v1;
using namespace std::chrono_literals;

constexpr pg::Statement kPartitioned{"host.partitioned", "SELECT carillon_partitioned()"};
constexpr pg::Statement kMakePartition{
    "host.make_partition",
    "SELECT carillon_make_partition($1, month::date) FROM generate_series($2::timestamptz::date, "
    "$2::timestamptz::date + interval '1 month', interval '1 month') month"};
constexpr pg::Statement kForgetReplays{
    "request_replays.forget", "DELETE FROM request_replays WHERE answered_at < now() - interval '24 hours'"};
constexpr pg::Statement kSchema{"host.schema", "SELECT coalesce(max(version), '') FROM schema_migrations"};

std::map<std::string, std::string> ParsePeers(const std::string& text) {
  std::map<std::string, std::string> out;
  std::istringstream in(text);
  for (std::string item; std::getline(in, item, ',');)
    if (const auto at = item.find('='); at != std::string::npos)
      out[item.substr(0, at)] = item.substr(at + 1);
  return out;
}

/// What this process cannot work without and does not have: `./carillon status` shows it.
obs::Gauge WaitingFor(const std::string& what) {
  return obs::GaugeOf("carillon_waiting", "1 while the process waits for what it cannot work without",
                      {{"for", what}});
}

using EventHandler = std::function<Result<void>(Call&, const std::string&, const pg::EventId&)>;

}  // namespace hosting

void CommonSettings::Declare(config::Registry& r) {
  r.String("listen", listen, "address of the gRPC server, host:port; port 0 = any free one");
  r.String("metrics", metrics, "address of /metrics, host:port");
  r.Secret("db.url", db_url, "PostgreSQL as the service's app role");
  r.Secret("db.worker_url", db_worker_url, "PostgreSQL as the service's worker role");
  r.Int("db.pool_size", db_pool_size, "connections as app", 1, 500);
  r.Int("db.worker_pool_size", db_worker_pool_size, "connections as worker", 2, 100);
  r.String("kafka.brokers", kafka_brokers, "host:port list; empty = no events");
  r.String("kafka.username", kafka_username, "user at the broker; empty = no authentication");
  r.Secret("kafka.password", kafka_password, "its password");
  r.String("kafka.ca", kafka_ca, "PEM of who signs the brokers' certificates; empty = plaintext");
  r.String("kafka.mechanism", kafka_mechanism, "PLAIN, SCRAM-SHA-256 or SCRAM-SHA-512");
  r.Secret("redis.url", redis_url, "redis://:password@host:port/db; empty = no cache");
  r.String("tls.ca", tls_ca, "PEM of the platform's certificate authority; empty = plaintext");
  r.String("tls.cert", tls_cert, "PEM of this process's certificate");
  r.String("tls.key", tls_key, "PEM of its key");
  r.String("clock.file", clock_file, "shared paced clock; empty = the wall clock");
  r.String("peers", peers, "name=host:port list of the other services");
  r.Secret("auth.secret", auth_secret, "this service's secret at access");
  r.String("auth.issuer", auth_issuer, "issuer that tokens must name");
  r.String("profile", profile, "local or production");
  r.String("log.level", log_level, "debug, info, warn or error");
  r.String("instance", instance, "name of this process among its equals; default = the service's name");
  r.Int("rpc.threads", rpc_threads, "handlers running at once", 1, 512);
  r.Int("rpc.queue", rpc_queue, "calls that may wait for a thread", 1, 100000);
  r.Int("task.threads", task_threads, "durable tasks running at once", 1, 256);
  r.Int("drain_ms", drain_ms, "time between NOT_SERVING and the end of serving, milliseconds", 0, 600000);
}

struct Host::State {
  std::string name;
  CommonSettings settings;
  std::unique_ptr<Clock> clock;
  std::map<std::string, std::string> targets;
  std::unique_ptr<pg::Pool> db, worker_db;
  std::map<std::string, std::unique_ptr<rpc::Peer>> peers;
  std::mutex peers_mutex;
  std::unique_ptr<rpc::Peer> access_without_token;
  std::unique_ptr<rpc::TokenKeeper> own_token;
  std::function<Result<crypto::KeySet>()> own_keys;
  std::unique_ptr<rpc::TokenChecker> checker;
  std::unique_ptr<rpc::Server> server;
  std::unique_ptr<pg::TaskRunner> tasks;
  bool has_tasks = false;
  std::unique_ptr<kafka::Producer> producer;
  std::unique_ptr<pg::Relay> relay;
  std::map<std::string, std::map<std::string, EventHandler>> events;  // topic, type
  std::unique_ptr<kafka::Consumer> consumer;
  struct PeriodicWork {
    std::string name;
    std::chrono::milliseconds interval;
    std::function<void(Call&)> work;
  };
  std::vector<PeriodicWork> periodic;
  std::vector<std::unique_ptr<runtime::Periodic>> running;
  std::vector<std::function<void()>> on_drain, on_stop;
  std::unique_ptr<obs::MetricsEndpoint> metrics;
  std::string partitions_of;  // the business month whose partitions are there
  bool started = false;
  std::atomic<bool> serving = false;  // or never again

  rpc::Tls tls() const { return {settings.tls_ca, settings.tls_cert, settings.tls_key}; }
  kafka::Connection broker() const {
    return {settings.kafka_brokers, settings.kafka_username, settings.kafka_password, settings.kafka_ca,
            settings.kafka_mechanism};
  }

  Call OwnCall(std::chrono::milliseconds limit) const {
    Call call;
    call.principal.service = true;
    call.principal.user = "services/" + name;
    call.now = clock->Now();
    call.deadline = std::chrono::steady_clock::now() + limit;
    call.method = name;
    call.traceparent = obs::NewTraceparent();
    return call;
  }

  Result<crypto::KeySet> FetchKeys() {
    if (own_keys) return own_keys();
    if (!access_without_token) return Unavailable("ACCESS_UNKNOWN", "The setting peers names no access.");
    TRY(const auto set, access_without_token->Ask<access::JsonWebKeySet>(
                            OwnCall(3s), "carillon.access.v1.AccessService/GetJsonWebKeySet",
                            access::GetJsonWebKeySetRequest(), 3s));
    std::vector<crypto::Jwk> keys;
    for (const auto& key : set.keys())
      keys.push_back({key.kty(), key.crv(), key.x(), key.y(), key.kid(), key.alg(), key.use()});
    return crypto::KeySet::FromJwks(keys);
  }

  Result<rpc::TokenKeeper::Issued> IssueToken(std::chrono::steady_clock::time_point deadline) {
    access::IssueServiceTokenRequest request;
    request.set_service(name);
    request.set_secret(settings.auth_secret);
    auto call = OwnCall(3s);
    call.deadline = std::max(deadline, std::chrono::steady_clock::now() + 1s);
    TRY(const auto tokens, access_without_token->Ask<access::Tokens>(
                               call, "carillon.access.v1.AccessService/IssueServiceToken", request, 3s));
    return rpc::TokenKeeper::Issued{tokens.access_token(), FromProto(tokens.expire_time())};
  }

  Result<void> HandleEvent(const kafka::Envelope& event) {
    const auto topic = events.find(event.topic);
    if (topic == events.end()) return Ok();
    const auto handler = topic->second.find(event.type);
    if (handler == topic->second.end()) return Ok();
    auto call = OwnCall(10s);
    call.principal.tenant = event.tenant;
    call.method = "event/" + event.type;
    if (obs::IsTraceparent(event.traceparent)) call.traceparent = event.traceparent;
    return handler->second(call, event.payload, {event.event_id, event.topic, event.type, event.time});
  }

  // Without the signing keys every call would have to be refused; everything else goes on meanwhile.
  void ServeWhenReady() {
    if (serving) return;
    const bool ready = !access_without_token || own_keys || checker->Ready();
    WaitingFor("access").Set(ready ? 0 : 1);
    if (!ready) return;
    serving = true;
    server->SetServing(true);
    obs::Info("serving", {{"port", server->port()}, {"instance", settings.instance}});
  }

  // The partitions of this business month and the next, of every partitioned table.
  void KeepPartitions() {
    const auto now = clock->Now();
    const auto month = FormatRfc3339(now).substr(0, 7);
    if (month == partitions_of || !worker_db) return;
    const auto made = worker_db->Write(OwnCall(10s), [&](pg::Tx& tx) -> Result<void> {
      for (const auto& row : tx.Exec(kPartitioned)) tx.Exec(kMakePartition, row[0].c_str(), pg::Time(now));
      return Ok();
    });
    if (made) {
      partitions_of = month;
    } else {
      obs::Warn("partitions were not made",
                {{"month", month}, {"reason", made.error().reason}, {"error", made.error().message}});
    }
  }
};

Host::Host(std::string name, CommonSettings settings) : state_(std::make_unique<State>()) {
  auto& s = *state_;
  s.name = std::move(name);
  s.settings = std::move(settings);
  if (s.settings.instance.empty()) s.settings.instance = s.name;
  s.metrics = std::make_unique<obs::MetricsEndpoint>(s.settings.metrics);
  s.clock = s.settings.clock_file.empty() ? MakeSystemClock() : MakeMappedClock(s.settings.clock_file);
  if (s.settings.profile == "production" && !s.settings.clock_file.empty())
    throw std::runtime_error("the production profile runs on the wall clock: clock.file must be empty");
  s.targets = ParsePeers(s.settings.peers);
  if (!s.settings.db_url.empty())
    s.db = std::make_unique<pg::Pool>(s.settings.db_url, s.settings.db_pool_size, s.settings.instance);
  if (!s.settings.db_worker_url.empty())
    s.worker_db = std::make_unique<pg::Pool>(s.settings.db_worker_url, s.settings.db_worker_pool_size,
                                             s.settings.instance);
  if (const auto it = s.targets.find("access"); it != s.targets.end()) {
    s.access_without_token = std::make_unique<rpc::Peer>(it->second, s.tls(), nullptr);
    s.own_token = std::make_unique<rpc::TokenKeeper>(
        [&s](std::chrono::steady_clock::time_point deadline) { return s.IssueToken(deadline); });
  }
  s.checker =
      std::make_unique<rpc::TokenChecker>(s.settings.auth_issuer, "carillon", [&s] { return s.FetchKeys(); });
  rpc::ServerOptions options;
  options.address = s.settings.listen;
  options.tls = s.tls();
  options.threads = s.settings.rpc_threads;
  options.queue_limit = s.settings.rpc_queue;
  options.replay_key = s.settings.auth_secret;
  if (s.db)
    options.audit = [&s](const Call& call, const type::v1::AuditEntry& entry) {
      return s.db->Write(call, [&](pg::Tx& tx) -> Result<void> {
        pg::Audit(tx, entry);
        return Ok();
      });
    };
  s.server = std::make_unique<rpc::Server>(
      options, *s.clock, [&s](const std::string& token) { return s.checker->Check(token); });
  if (s.worker_db)
    s.tasks = std::make_unique<pg::TaskRunner>(*s.worker_db, *s.clock, s.settings.task_threads);
  for (auto* pool : {s.db.get(), s.worker_db.get()}) {
    if (pool == nullptr) continue;
    pool->OnAnnounced([&s] {
      if (s.relay) s.relay->Wake();
    });
    pool->OnAudit(
        [topic = "carillon." + s.name + ".audit.v1"](pg::Tx& tx, const type::v1::AuditEntry& entry) {
          type::v1::AuditRecorded event;
          *event.mutable_entry() = entry;
          pg::Announce(tx, topic, tx.call().principal.tenant, event, tx.now());
        });
    pool->OnEnqueued([&s](pg::Task task) {
      if (s.tasks) s.tasks->Take(std::move(task));
    });
  }
}

Host::~Host() { Stop(); }

const std::string& Host::name() const { return state_->name; }
const CommonSettings& Host::settings() const { return state_->settings; }
const Clock& Host::clock() const { return *state_->clock; }
rpc::Server& Host::server() { return *state_->server; }

pg::Pool& Host::db() {
  if (!state_->db) throw std::runtime_error("the setting db.url is missing");
  return *state_->db;
}

pg::Pool& Host::worker_db() {
  if (!state_->worker_db) throw std::runtime_error("the setting db.worker_url is missing");
  return *state_->worker_db;
}

rpc::Peer& Host::peer(const std::string& service) {
  auto& s = *state_;
  const std::lock_guard lock(s.peers_mutex);
  auto& peer = s.peers[service];
  if (!peer) {
    const auto target = s.targets.find(service);
    if (target == s.targets.end()) throw std::runtime_error("the setting peers names no " + service);
    peer = std::make_unique<rpc::Peer>(
        target->second, s.tls(), [&s](std::chrono::steady_clock::time_point deadline) -> Result<std::string> {
          if (!s.own_token) return Unavailable("ACCESS_UNKNOWN", "The setting peers names no access.");
          return s.own_token->Get(deadline);
        });
  }
  return *peer;
}

void Host::OnBytes(const std::string& topic, const std::string& type, EventHandler handler) {
  state_->events[topic][type] = std::move(handler);
}

void Host::TasksBytes(const std::string& kind,
                      std::function<Result<void>(Call&, const std::string&)> handler) {
  if (!state_->tasks) throw std::runtime_error("durable tasks need the setting db.worker_url");
  state_->tasks->Handle(kind, std::move(handler));
  state_->has_tasks = true;
}

void Host::Every(const std::string& name, std::chrono::milliseconds interval,
                 std::function<void(Call&)> work) {
  state_->periodic.push_back({name, interval, std::move(work)});
}

Call Host::CallFor(const std::string& tenant, std::chrono::milliseconds limit) const {
  auto call = state_->OwnCall(limit);
  call.principal.tenant = tenant;
  return call;
}

void Host::OnDrain(std::function<void()> fn) { state_->on_drain.push_back(std::move(fn)); }
void Host::OnStop(std::function<void()> fn) { state_->on_stop.push_back(std::move(fn)); }

void Host::CheckTokensWith(std::function<Result<crypto::KeySet>()> keys) {
  state_->own_keys = std::move(keys);
}

void Host::Start() {
  auto& s = *state_;
  s.started = true;
  s.KeepPartitions();
  if (!s.settings.kafka_brokers.empty() && s.worker_db) {
    s.producer = std::make_unique<kafka::Producer>(s.broker());
    s.relay = std::make_unique<pg::Relay>(
        *s.worker_db, s.settings.db_worker_url, [&s](const std::vector<pg::Outgoing>& rows) -> Result<void> {
          std::vector<kafka::Envelope> events;
          events.reserve(rows.size());
          for (const auto& row : rows)
            events.push_back({row.topic, row.key, row.event_id, row.type, "/carillon/" + s.name, row.tenant,
                              row.traceparent, row.occurred_at, row.payload});
          return s.producer->Send(events);
        });
  }
  if (s.has_tasks) s.tasks->Start();
  s.server->Start();
  if (!s.events.empty() && !s.settings.kafka_brokers.empty()) {
    std::vector<std::string> topics;
    for (const auto& [topic, types] : s.events) topics.push_back(topic);
    s.consumer = std::make_unique<kafka::Consumer>(
        s.broker(), s.name, s.settings.instance, topics,
        [&s](const kafka::Envelope& event) { return s.HandleEvent(event); });
    s.running.push_back(std::make_unique<runtime::Periodic>("lag", 1000ms, [&s] {
      for (const auto& [topic, lag] : s.consumer->Lag())
        obs::GaugeOf("carillon_consumer_lag_events", "events not handled yet", {{"topic", topic}})
            .Set(static_cast<double>(lag));
    }));
  }
  if (s.worker_db) {
    s.running.push_back(
        std::make_unique<runtime::Periodic>("partitions", 1000ms, [&s] { s.KeepPartitions(); }));
    s.running.push_back(std::make_unique<runtime::Periodic>("replays", 3600s, [&s] {
      const auto forgotten = s.worker_db->Write(s.OwnCall(60s), [](pg::Tx& tx) -> Result<void> {
        tx.Exec(kForgetReplays);
        return Ok();
      });
      if (!forgotten) obs::Warn("old answers were not forgotten", {{"reason", forgotten.error().reason}});
    }));
  }
  for (const auto& each : s.periodic)
    s.running.push_back(std::make_unique<runtime::Periodic>(each.name, each.interval, [&s, work = each.work] {
      auto call = s.OwnCall(30s);
      work(call);
    }));
  s.ServeWhenReady();
  if (!s.serving)
    s.running.push_back(std::make_unique<runtime::Periodic>("serving", 200ms, [&s] { s.ServeWhenReady(); }));
}

void Host::Stop() {
  auto& s = *state_;
  if (!s.started) return;
  s.started = false;
  obs::Info("stopping");
  s.serving = true;
  s.server->SetServing(false);
  for (const auto& fn : s.on_drain) fn();
  std::this_thread::sleep_for(std::chrono::milliseconds(s.settings.drain_ms));
  s.running.clear();
  s.consumer.reset();
  for (const auto& fn : s.on_stop) fn();
  s.server->Shutdown(20s);
  s.tasks.reset();
  if (s.relay) s.relay->Drain();
  s.relay.reset();
  s.producer.reset();
  s.peers.clear();
  obs::Info("stopped");
}

namespace {

/// Until the database answers with a schema this build can work with. False when the process was told to end
/// before; throws when the schema is too old.
bool AwaitDatabase(Host& host, const std::string& schema) {
  const auto ask = [&host] {
    return host.worker_db().Read(host.CallFor("", 2s), [](pg::Tx& tx) -> Result<std::string> {
      return std::string(tx.Exec(kSchema)[0][0].c_str());
    });
  };
  auto found = ask();
  if (!found && IsTransient(found.error())) {
    const auto& settings = host.settings();
    const rpc::ClosedDoor door(settings.listen, {settings.tls_ca, settings.tls_cert, settings.tls_key});
    const auto waiting = WaitingFor("postgres");
    waiting.Set(1);
    obs::Warn("waiting for the database", {{"reason", found.error().reason}});
    while (!found && IsTransient(found.error())) {
      if (runtime::SignalWithin(200ms)) return false;
      found = ask();
    }
    waiting.Set(0);
  }
  if (!found) throw std::runtime_error("the database's schema cannot be read: " + found.error().message);
  if (*found < schema)
    throw std::runtime_error("the database's schema is " + *found + ", this build needs " + schema +
                             ": run the migrations");
  return true;
}

}  // namespace

int RunMain(int argc, char** argv, const std::string& name, const std::string& schema,
            const std::function<void(config::Registry&)>& declare,
            const std::function<std::shared_ptr<void>(Host&)>& make) {
  CommonSettings common;
  std::string file;
  bool print = false;
  CLI::App app("carillon " + name);
  app.add_option("--settings", file, "JSON file of settings");
  app.add_flag("--print-config", print, "print every setting with its value, and exit");
  CLI11_PARSE(app, argc, argv);
  config::Registry registry;
  common.Declare(registry);
  declare(registry);
  const auto problems = registry.Load(name, file, config::ProcessEnvironment());
  for (const auto& problem : problems) std::cerr << "setting: " << problem << "\n";
  if (!problems.empty()) return 1;
  if (print) {
    std::cout << registry.Print();
    return 0;
  }
  runtime::BlockSignals();
  obs::Start(name, obs::LevelOf(common.log_level), nullptr);
  try {
    Host host(name, common);
    obs::Start(name, obs::LevelOf(common.log_level), &host.clock());
    obs::Info("starting", {{"build", std::string(__DATE__)}, {"settings", registry.Print()}});
    if (!schema.empty() && !common.db_worker_url.empty() && !AwaitDatabase(host, schema)) return 0;
    const auto service = make(host);
    host.Start();
    runtime::WaitForSignal();
    host.Stop();
  } catch (const std::exception& e) {
    obs::Start(name, obs::LevelOf(common.log_level), nullptr);  // the host's clock is gone
    obs::LogError("cannot run", {{"error", e.what()}});
    return 1;
  }
  return 0;
}

}  // namespace carillon::host
