#pragma once
#include <chrono>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "base/clock.hpp"
#include "base/result.hpp"

/// Events over Kafka, CloudEvents Kafka binding in binary mode. Kafka's own record time is real time;
/// business time is in ce_time only.
namespace carillon::kafka {

/// How to reach the brokers; an empty username = no SASL.
struct Connection {
  std::string brokers, username, password;
  std::string ca = "";              ///< PEM of who signs the brokers' certificates; empty = plaintext
  std::string mechanism = "PLAIN";  ///< of SASL; SCRAM-SHA-256 and -512 not with Kafka 4 (ADR 105)
};

/// One event as it travels.
struct Envelope {
  std::string topic, key;
  std::string event_id;     ///< ce_id, uuid
  std::string type;         ///< ce_type, the message's full name
  std::string source;       ///< ce_source, "/carillon/<service>"
  std::string tenant;       ///< ce_tenant, uuid
  std::string traceparent;  ///< W3C trace context
  TimePoint time;           ///< ce_time, business time
  std::string payload;      ///< the message's bytes
  int partition = -1;
  std::int64_t offset = -1;
};

/// Produces idempotently and waits for the acknowledgements of all in-sync replicas. Thread-safe.
class Producer {
 public:
  explicit Producer(const Connection& connection);
  ~Producer();
  Producer(const Producer&) = delete;
  Producer& operator=(const Producer&) = delete;
  /// Returns when every event is acknowledged, in the order given for each key. UNAVAILABLE KAFKA_UNAVAILABLE
  /// when one was not within five seconds: then some may have arrived, and all must be sent again.
  Result<void> Send(const std::vector<Envelope>& events);

 private:
  struct State;
  std::unique_ptr<State> state_;
};

/// Consumes topics as a group on one thread: each event is handed to `handle` until it succeeds.
///
/// A transient error (IsTransient) pauses the partition and tries again after 50 ms growing to 5 s; a
/// permanent one is written to `<topic>.dlq` with its reason, and the next event goes on. Offsets are
/// committed after the handling. Static membership under `instance`, session 10 s.
class Consumer {
 public:
  using Handle = std::function<Result<void>(const Envelope&)>;
  Consumer(const Connection& connection, const std::string& group, const std::string& instance,
           std::vector<std::string> topics, Handle handle);
  /// Stops after the event in hand and commits.
  ~Consumer();
  Consumer(const Consumer&) = delete;
  Consumer& operator=(const Consumer&) = delete;
  /// Events not handled yet, by topic, as of the last poll.
  std::map<std::string, std::int64_t> Lag() const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

/// Makes the topics (with `partitions` each) and their `.dlq` that do not exist. UNAVAILABLE
/// KAFKA_UNAVAILABLE.
Result<void> EnsureTopics(const Connection& connection, const std::vector<std::string>& topics,
                          int partitions);

}  // namespace carillon::kafka
