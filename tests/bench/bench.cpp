// Each path of the libraries beside the physical limit of the same machine in the same run, as a ratio.
//
//   carillon-bench [--seconds S]     one line a path: ours, limit, ratio. Needs the test servers.

#include <google/protobuf/wrappers.pb.h>
#include <librdkafka/rdkafka.h>

#include <pqxx/pqxx>
#include <string>
#include <vector>

#include "base/ids.hpp"
#include "bench/measure.hpp"
#include "carillon/type/v1/audit.pb.h"
#include "kafka/kafka.hpp"
#include "pg/pool.hpp"
#include "pg/relay.hpp"
#include "testing/database.hpp"

namespace carillon::bench {
namespace {

constexpr int kBatch = 500;
const std::string kPayload(400, 'x');

void Rpc() {
  const double limit = EchoServer::Bare()->Measure();
  Print("rpc: unary call", "8 callers, 350 B, token, rules, masks", EchoServer::Ours({})->Measure(),
        "bare gRPC echo", limit);
}

void Pg() {
  constexpr int kThreads = 8;
  constexpr pg::Statement kBump{"bench.bump",
                                "INSERT INTO outbox_published (tenant_id, topic, type, events) VALUES "
                                "(carillon_tenant(), $1, 'n', 1) ON CONFLICT (tenant_id, topic, type) "
                                "DO UPDATE SET events = outbox_published.events + 1"};
  testing::Database db("libs");
  pg::Pool pool(db.app_url(), kThreads, "bench");
  const auto tenant = testing::SomeId();
  std::vector<std::unique_ptr<pqxx::connection>> bare;
  for (int i = 0; i < kThreads; ++i) {
    bare.push_back(std::make_unique<pqxx::connection>(db.worker_url()));
    bare.back()->prepare(
        "bump",
        "INSERT INTO outbox_published (tenant_id, topic, type, events) VALUES ($1, $2, 'n', 1) "
        "ON CONFLICT (tenant_id, topic, type) DO UPDATE SET events = outbox_published.events + 1");
    bare.back()->prepare(
        "announce",
        "INSERT INTO outbox (tenant_id, event_id, topic, key, type, payload, occurred_at, traceparent) "
        "VALUES ($1, $2, 't', 'k', 't', '\\x00', now(), 't')");
  }
  const double limit = PerSecond(kThreads, [&](int i) {
    pqxx::work work(*bare[static_cast<std::size_t>(i)]);
    work.exec_prepared("bump", tenant, "bare" + std::to_string(i));
    work.exec_prepared("announce", tenant, testing::SomeId());
    work.commit();
    return true;
  });
  const auto write = [&](const std::shared_ptr<const type::v1::AuditEntry>& audit) {
    return PerSecond(kThreads, [&](int i) {
      auto call = testing::CallOf(tenant);
      call.request_id = testing::SomeId();
      call.request_hash = "0123456789abcdef";
      call.replay_key = std::string(32, 'k');
      call.audit = audit;
      return pool
          .Write(call,
                 [&](pg::Tx& tx) -> Result<google::protobuf::StringValue> {
                   tx.Exec(kBump, "ours" + std::to_string(i));
                   google::protobuf::StringValue event;
                   event.set_value("x");
                   pg::Announce(tx, "t", "k", event, tx.now());
                   return event;
                 })
          .has_value();
    });
  };
  Print("pg: a write and its event", "8 writers, tenant wall, replay, outbox", write(nullptr),
        "bare two-row commit", limit);
  pool.OnAudit([](pg::Tx& tx, const type::v1::AuditEntry& entry) {
    pg::Announce(tx, "carillon.bench.audit.v1", tx.call().principal.tenant, entry, tx.now());
  });
  auto entry = std::make_shared<type::v1::AuditEntry>();
  entry->set_subject("users/" + testing::SomeId());
  entry->set_action("/carillon.rpctest.v1.TestService/Change");
  entry->add_resources("things/" + testing::SomeId());
  entry->set_request_hash(std::string(64, 'a'));
  Print("pg: a user's write", "the same and its audit entry", write(entry), "bare two-row commit", limit);
}

/// The same bytes without headers or envelopes, idempotent and acknowledged by all likewise.
double BareKafka(const kafka::Connection& connection, const std::string& topic) {
  rd_kafka_conf_t* conf = rd_kafka_conf_new();
  char problem[256];
  for (const auto& [k, v] :
       std::vector<std::pair<std::string, std::string>>{{"bootstrap.servers", connection.brokers},
                                                        {"security.protocol", "SASL_PLAINTEXT"},
                                                        {"sasl.mechanism", "PLAIN"},
                                                        {"sasl.username", connection.username},
                                                        {"sasl.password", connection.password},
                                                        {"enable.idempotence", "true"},
                                                        {"linger.ms", "2"}})
    rd_kafka_conf_set(conf, k.c_str(), v.c_str(), problem, sizeof problem);
  rd_kafka_t* bare = rd_kafka_new(RD_KAFKA_PRODUCER, conf, problem, sizeof problem);
  rd_kafka_topic_t* handle = rd_kafka_topic_new(bare, topic.c_str(), nullptr);
  const double rate =
      kBatch * PerSecond(1, [&](int) {
        for (int i = 0; i < kBatch; ++i) {
          std::string copy = kPayload;
          const auto key = std::to_string(i);
          if (rd_kafka_produce(handle, RD_KAFKA_PARTITION_UA, RD_KAFKA_MSG_F_COPY, copy.data(), copy.size(),
                               key.data(), key.size(), nullptr) != 0)
            return false;
        }
        return rd_kafka_flush(bare, 10000) == RD_KAFKA_RESP_ERR_NO_ERROR;
      });
  rd_kafka_topic_destroy(handle);
  rd_kafka_destroy(bare);
  return rate;
}

void Kafka() {
  const kafka::Connection connection{testing::ServerSetting("CARILLON_TEST_KAFKA_BROKERS"),
                                     testing::ServerSetting("CARILLON_TEST_KAFKA_USERNAME"),
                                     testing::ServerSetting("CARILLON_TEST_KAFKA_PASSWORD")};
  const auto topic = "carillon.bench.b" + testing::SomeId().substr(24) + ".v1";
  if (!kafka::EnsureTopics(connection, {topic}, 6)) {
    ++failures;
    return;
  }
  const double limit = BareKafka(connection, topic);
  kafka::Producer producer(connection);
  std::vector<kafka::Envelope> batch;
  for (int i = 0; i < kBatch; ++i)
    batch.push_back({.topic = topic,
                     .key = std::to_string(i),
                     .event_id = testing::SomeId(),
                     .type = "carillon.bench.v1.Happened",
                     .source = "/carillon/bench",
                     .tenant = testing::SomeId(),
                     .traceparent = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
                     .time = RealNow(),
                     .payload = kPayload});
  const double ours = kBatch * PerSecond(1, [&](int) { return producer.Send(batch).has_value(); });
  Print("kafka: acknowledged events", "batches of 500, 400 B, CloudEvents headers", ours, "bare librdkafka",
        limit);

  // The way an event really goes: rows of an outbox, read in order, sent, deleted once acknowledged.
  testing::Database db("libs");
  pg::Pool worker(db.worker_url(), 2, "bench");
  pqxx::connection filling(db.worker_url());
  const int rows = static_cast<int>(limit * seconds / 2) + 1;
  {
    pqxx::work work(filling);
    work.exec_params(
        "INSERT INTO outbox (tenant_id, event_id, topic, key, type, payload, occurred_at, traceparent) "
        "SELECT "
        "gen_random_uuid(), gen_random_uuid(), $1, n::text, 'carillon.bench.v1.Happened', "
        "convert_to(repeat('x', 400), 'UTF8'), now(), "
        "'00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01' FROM generate_series(1, $2) n",
        topic, rows);
    work.commit();
  }
  const auto began = std::chrono::steady_clock::now();
  pg::Relay relay(worker, db.worker_url(), [&](const std::vector<pg::Outgoing>& events) {
    std::vector<kafka::Envelope> sent;
    sent.reserve(events.size());
    for (const auto& event : events)
      sent.push_back({.topic = event.topic,
                      .key = event.key,
                      .event_id = event.event_id,
                      .type = event.type,
                      .source = "/carillon/bench",
                      .tenant = event.tenant,
                      .traceparent = event.traceparent,
                      .time = event.occurred_at,
                      .payload = event.payload});
    return producer.Send(sent);
  });
  if (!relay.Drain()) ++failures;
  const double relayed =
      rows / std::chrono::duration<double>(std::chrono::steady_clock::now() - began).count();
  Print("outbox: row to acknowledged", std::to_string(rows) + " rows of 400 B, in order", relayed,
        "bare librdkafka", limit);
}

}  // namespace
}  // namespace carillon::bench

int main(int argc, char** argv) {
  carillon::bench::ReadArguments(argc, argv);
  carillon::bench::Rpc();
  carillon::bench::Pg();
  carillon::bench::Kafka();
  return carillon::bench::Verdict();
}
