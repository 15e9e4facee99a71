// Each path of ours beside the physical limit of the same machine in the same run, as a ratio.
//
//   carillon-bench [--seconds S]     one line a path: ours, limit, ratio. Needs the test servers.

#include <google/protobuf/wrappers.pb.h>
#include <grpcpp/generic/async_generic_service.h>
#include <grpcpp/grpcpp.h>
#include <grpcpp/impl/codegen/client_unary_call.h>
#include <grpcpp/impl/codegen/proto_utils.h>
#include <librdkafka/rdkafka.h>

#include <atomic>
#include <cstdio>
#include <cstdlib>
#include <functional>
#include <pqxx/pqxx>
#include <string>
#include <thread>
#include <vector>

#include "base/ids.hpp"
#include "carillon/rpctest/v1/rpctest.pb.h"
#include "carillon/type/v1/audit.pb.h"
#include "crypto/token.hpp"
#include "kafka/kafka.hpp"
#include "pg/pool.hpp"
#include "rpc/auth.hpp"
#include "rpc/peer.hpp"
#include "rpc/server.hpp"
#include "testing/database.hpp"

namespace carillon {
namespace {

using Thing = rpctest::v1::Thing;
using SteadyClock = std::chrono::steady_clock;

double seconds = 5;
int failures = 0;

// Runs `work` on `threads` threads for the time given; how many were done in a second.
double PerSecond(int threads, const std::function<bool(int thread)>& work) {
  std::atomic<long> done{0};
  std::atomic<bool> stop{false};
  std::vector<std::jthread> all;
  const auto began = SteadyClock::now();
  for (int i = 0; i < threads; ++i)
    all.emplace_back([&, i] {
      while (!stop) {
        if (!work(i)) {
          ++failures;
          return;
        }
        ++done;
      }
    });
  std::this_thread::sleep_for(std::chrono::duration<double>(seconds));
  stop = true;
  all.clear();
  return static_cast<double>(done) / std::chrono::duration<double>(SteadyClock::now() - began).count();
}

void Print(const char* path, const char* data, double ours, const char* limit_name, double limit) {
  std::printf("%-28s %-44s %10.0f/s   limit %-26s %10.0f/s   ratio %.2f\n", path, data, ours, limit_name,
              limit, ours / limit);
  std::fflush(stdout);
}

struct Nothing {};
Result<Thing> Echo(Call&, Nothing&, const Thing& in) { return in; }
Result<std::shared_ptr<rpc::Feed<Thing>>> NoFeed(Call&, Nothing&, const Thing&) {
  return Unavailable("NOT_HERE", "not here");
}

class BareEcho final : public grpc::CallbackGenericService {
 public:
  grpc::ServerGenericBidiReactor* CreateReactor(grpc::GenericCallbackServerContext*) override {
    return new Reactor;
  }

 private:
  class Reactor final : public grpc::ServerGenericBidiReactor {
   public:
    Reactor() { StartRead(&buffer_); }
    void OnReadDone(bool ok) override {
      if (ok) {
        StartWriteAndFinish(&buffer_, {}, grpc::Status::OK);
      } else {
        Finish(grpc::Status::CANCELLED);
      }
    }
    void OnDone() override { delete this; }

   private:
    grpc::ByteBuffer buffer_;
  };
};

Thing Request() {
  Thing thing;
  thing.set_title("title");
  thing.set_phone("+8613800138000");
  thing.set_free(std::string(300, 'x'));
  return thing;
}

void Rpc() {
  constexpr int kThreads = 8;
  const auto key = crypto::SigningKey::Generate(crypto::Provider::kIntl, "k1");
  const auto clock = MakeSystemClock();
  rpc::TokenChecker checker("carillon", "carillon",
                            [&] { return crypto::KeySet::FromJwks({key.PublicJwk()}); });
  rpc::Server server({.address = "127.0.0.1:0", .tls = {}}, *clock,
                     [&](const std::string& token) { return checker.Check(token); });
  Nothing nothing;
  rpc::Binder<Nothing> bind(server, "carillon.rpctest.v1.TestService", nothing);
  for (const auto* method : {"Open", "Change", "Inside"}) bind.Unary(method, Echo);
  bind.Stream("Watch", NoFeed);
  server.Start();
  crypto::Claims claims;
  claims.issuer = claims.audience = "carillon";
  claims.subject = claims.tenant = claims.id = NewId(RealNow());
  claims.permissions = {"thing.change"};
  claims.issued = RealNow();
  claims.expires = RealNow() + std::chrono::minutes(10);
  const auto token = key.Sign(claims);

  BareEcho echo;
  int bare_port = 0;
  grpc::ServerBuilder builder;
  builder.AddListeningPort("127.0.0.1:0", grpc::InsecureServerCredentials(), &bare_port);
  builder.RegisterCallbackGenericService(&echo);
  const auto bare = builder.BuildAndStart();

  const auto measure = [&](int port) {
    rpc::Peer peer("127.0.0.1:" + std::to_string(port), {},
                   [&](SteadyClock::time_point) -> Result<std::string> { return token; });
    const auto request = Request();
    return PerSecond(kThreads, [&](int) {
      Call call;
      call.deadline = SteadyClock::now() + std::chrono::seconds(10);
      return peer.Ask<Thing>(call, "carillon.rpctest.v1.TestService/Change", request, std::chrono::seconds(5))
          .has_value();
    });
  };
  const double limit = measure(bare_port);
  Print("rpc: unary call", "8 callers, 350 B, token, rules, masks", measure(server.port()), "bare gRPC echo",
        limit);
  bare->Shutdown();
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

void Kafka() {
  const kafka::Connection connection{testing::ServerSetting("CARILLON_TEST_KAFKA_BROKERS"),
                                     testing::ServerSetting("CARILLON_TEST_KAFKA_USERNAME"),
                                     testing::ServerSetting("CARILLON_TEST_KAFKA_PASSWORD")};
  const auto topic = "carillon.bench.b" + testing::SomeId().substr(24) + ".v1";
  if (!kafka::EnsureTopics(connection, {topic}, 6)) {
    ++failures;
    return;
  }
  constexpr int kBatch = 500;
  const std::string payload(400, 'x');
  // Bare librdkafka: the same bytes without headers or envelopes, idempotent and acknowledged by all
  // likewise.
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
  const double limit =
      kBatch * PerSecond(1, [&](int) {
        for (int i = 0; i < kBatch; ++i) {
          std::string copy = payload;
          const auto key = std::to_string(i);
          if (rd_kafka_produce(handle, RD_KAFKA_PARTITION_UA, RD_KAFKA_MSG_F_COPY, copy.data(), copy.size(),
                               key.data(), key.size(), nullptr) != 0)
            return false;
        }
        return rd_kafka_flush(bare, 10000) == RD_KAFKA_RESP_ERR_NO_ERROR;
      });
  rd_kafka_topic_destroy(handle);
  rd_kafka_destroy(bare);

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
                     .payload = payload});
  const double ours = kBatch * PerSecond(1, [&](int) { return producer.Send(batch).has_value(); });
  Print("kafka: acknowledged events", "batches of 500, 400 B, CloudEvents headers", ours, "bare librdkafka",
        limit);
}

}  // namespace
}  // namespace carillon

int main(int argc, char** argv) {
  for (int i = 1; i + 1 < argc; ++i)
    if (std::string(argv[i]) == "--seconds") carillon::seconds = std::strtod(argv[i + 1], nullptr);
  carillon::Rpc();
  carillon::Pg();
  carillon::Kafka();
  if (carillon::failures > 0) std::printf("%d calls failed\n", carillon::failures);
  return carillon::failures == 0 ? 0 : 1;
}
