#pragma once
#include <chrono>
#include <functional>
#include <memory>
#include <stdexcept>
#include <string>

#include "base/call.hpp"
#include "base/clock.hpp"
#include "base/result.hpp"
#include "config/registry.hpp"
#include "kafka/kafka.hpp"
#include "pg/pool.hpp"
#include "rpc/peer.hpp"
#include "rpc/server.hpp"

namespace carillon::crypto {
class KeySet;
}

/// A service put together: what every one of them has, so that adding one copies nothing.
///
/// Main<Service> reads settings, connects, builds the Service, listens, serves, and stops in the right order
/// (NOT_SERVING → drain → consumers → server → outbox → pools). A Service only says what is its own:
///
///   class Service {
///    public:
///     static constexpr const char* kName = "customer";
///     using Settings = customer::Settings;             // has void Declare(config::Registry&)
///     Service(host::Host& host, const Settings& settings);
///   };
///   int main(int argc, char** argv) { return carillon::host::Main<carillon::customer::Service>(argc, argv);
///   }
namespace carillon::host {

/// The value; the process ends with the reason when a setting is wrong.
template <class T>
T Required(Result<T> made) {
  if (!made) throw std::runtime_error(made.error().message);
  return *std::move(made);
}

/// The settings every service has; keys as in Declare.
struct CommonSettings {
  std::string listen = "127.0.0.1:0", metrics = "127.0.0.1:0";
  std::string db_url, db_worker_url;
  int db_pool_size = 12, db_worker_pool_size = 6;
  std::string kafka_brokers, kafka_username, kafka_password, kafka_ca, kafka_mechanism = "PLAIN";
  std::string redis_url;
  std::string tls_ca, tls_cert, tls_key;
  std::string clock_file;
  std::string peers;
  std::string auth_secret, auth_issuer = "carillon";
  std::string profile = "local", log_level = "info";
  std::string instance;
  int rpc_threads = 16, rpc_queue = 1024, task_threads = 8;
  int drain_ms = 5000;
  void Declare(config::Registry& registry);
};

class Host {
 public:
  Host(std::string name, CommonSettings settings);
  ~Host();
  Host(const Host&) = delete;
  Host& operator=(const Host&) = delete;

  const std::string& name() const;
  const CommonSettings& settings() const;
  const Clock& clock() const;
  /// As `<svc>_app`: row-level security applies. Throws when the service has no db.url.
  pg::Pool& db();
  /// As `<svc>_worker`: sees all tenants; for relay, sweeps and backfills.
  pg::Pool& worker_db();
  rpc::Server& server();
  /// Another service, called with this service's own token. Throws for one that is not in the setting
  /// `peers`.
  rpc::Peer& peer(const std::string& service);

  /// Consumes events of one type; several types of one topic may have a handler each, types without one are
  /// skipped. `handler` gets a Call of the event's tenant; it makes its effect with db.Apply(call, event,
  /// fn).
  template <class Event, class Deps>
  void On(const std::string& topic, Deps& deps,
          Result<void> (*handler)(Call&, Deps&, const Event&, const pg::EventId&)) {
    OnBytes(topic, Event::descriptor()->full_name(),
            [&deps, handler](Call& call, const std::string& bytes, const pg::EventId& id) -> Result<void> {
              Event event;
              if (!event.ParseFromString(bytes))
                return InvalidArgument("EVENT_UNDECODABLE", "The event is not a message of its type.");
              return handler(call, deps, event, id);
            });
  }

  /// The handler of durable tasks of one kind (pg::Enqueue).
  template <class Payload, class Deps>
  void Tasks(const std::string& kind, Deps& deps, Result<void> (*handler)(Call&, Deps&, const Payload&)) {
    TasksBytes(kind, [&deps, handler](Call& call, const std::string& bytes) -> Result<void> {
      Payload payload;
      if (!payload.ParseFromString(bytes))
        return InvalidArgument("TASK_UNDECODABLE", "The task is not a message of its type.");
      return handler(call, deps, payload);
    });
  }

  /// Periodic work of a real interval, from serving to stopping. `work` gets a Call of the worker (no
  /// tenant).
  void Every(const std::string& name, std::chrono::milliseconds interval, std::function<void(Call&)> work);

  /// A Call of this service itself for `tenant`, `limit` from now.
  Call CallFor(const std::string& tenant, std::chrono::milliseconds limit) const;

  /// Runs when the process was told to end, before drain_ms are waited: no new work is to be begun.
  void OnDrain(std::function<void()> fn);

  /// Runs at stop, before the server shuts down.
  void OnStop(std::function<void()> fn);

  /// access alone: tokens are checked with its own keys instead of being fetched; tokens of its own are made.
  void CheckTokensWith(std::function<Result<crypto::KeySet>()> keys);

  void OnBytes(const std::string& topic, const std::string& type,
               std::function<Result<void>(Call&, const std::string&, const pg::EventId&)> handler);
  void TasksBytes(const std::string& kind, std::function<Result<void>(Call&, const std::string&)> handler);

  /// Starts, serves and stops; returns the exit code. Used by Main and by tests that run a service in
  /// process.
  void Start();
  void Stop();

 private:
  struct State;
  std::unique_ptr<State> state_;
};

/// Reads the arguments (--settings FILE, --print-config, --help) and runs `make` to build the service.
/// `schema` is the version of the last migration this build knows.
int RunMain(int argc, char** argv, const std::string& name, const std::string& schema,
            const std::function<void(config::Registry&)>& declare,
            const std::function<std::shared_ptr<void>(Host&)>& make);

template <class Service>
int Main(int argc, char** argv) {
  auto settings = std::make_shared<typename Service::Settings>();
#ifdef CARILLON_SCHEMA_VERSION
  const std::string schema = CARILLON_SCHEMA_VERSION;
#else
  const std::string schema;
#endif
  return RunMain(
      argc, argv, Service::kName, schema,
      [settings](config::Registry& registry) { settings->Declare(registry); },
      [settings](Host& host) { return std::make_shared<Service>(host, *settings); });
}

}  // namespace carillon::host
