#include "kafka/kafka.hpp"

#include <librdkafka/rdkafka.h>

#include <atomic>
#include <cstring>
#include <mutex>
#include <set>
#include <shared_mutex>
#include <stdexcept>
#include <thread>

#include "obs/log.hpp"
#include "obs/metrics.hpp"
#include "runtime/executor.hpp"

namespace carillon::kafka {
inline namespace wrapping {

using namespace std::chrono_literals;

struct ConfDelete {
  void operator()(rd_kafka_t* client) const { rd_kafka_destroy(client); }
};
using Client = std::unique_ptr<rd_kafka_t, ConfDelete>;

void LogLine(const rd_kafka_t*, int level, const char* facility, const char* text) {
  obs::Log(level <= 3 ? obs::Level::kWarn : obs::Level::kInfo, "kafka client",
           {{"facility", facility}, {"text", text}});
}

class Configuration {
 public:
  explicit Configuration(const Connection& connection) : conf_(rd_kafka_conf_new()) {
    Set("bootstrap.servers", connection.brokers);
    Set("client.id", "carillon");
    Set("broker.address.family", "v4");
    Set("reconnect.backoff.ms", "50");
    Set("reconnect.backoff.max.ms", "1000");
    Set("log_level", "3");
    rd_kafka_conf_set_log_cb(conf_, LogLine);
    const bool tls = !connection.ca.empty();
    if (tls) {
      Set("ssl.ca.location", connection.ca);
      Set("ssl.endpoint.identification.algorithm", "https");
      Set("security.protocol", "SSL");
    }
    if (!connection.username.empty()) {
      Set("security.protocol", tls ? "SASL_SSL" : "SASL_PLAINTEXT");
      Set("sasl.mechanism", connection.mechanism);
      Set("sasl.username", connection.username);
      Set("sasl.password", connection.password);
    }
  }
  void Set(const char* key, const std::string& value) {
    char problem[256];
    if (rd_kafka_conf_set(conf_, key, value.c_str(), problem, sizeof problem) != RD_KAFKA_CONF_OK)
      throw std::runtime_error(std::string("kafka setting ") + key + ": " + problem);
  }
  rd_kafka_conf_t* get() { return conf_; }
  Client Make(rd_kafka_type_t type) {
    char problem[256];
    rd_kafka_t* client = rd_kafka_new(type, conf_, problem, sizeof problem);
    if (client == nullptr) throw std::runtime_error(std::string("kafka client: ") + problem);
    return Client(client);
  }

 private:
  rd_kafka_conf_t* conf_;
};

// ce_time as whole microseconds; our producers write RFC 3339 in UTC.
TimePoint ParseTime(const std::string& text) {
  std::tm utc{};
  long micros = 0;
  if (std::sscanf(text.c_str(), "%d-%d-%dT%d:%d:%d.%6ldZ", &utc.tm_year, &utc.tm_mon, &utc.tm_mday,
                  &utc.tm_hour, &utc.tm_min, &utc.tm_sec, &micros) < 6)
    return TimePoint{};
  utc.tm_year -= 1900;
  utc.tm_mon -= 1;
  return TimePoint{std::chrono::seconds{::timegm(&utc)} + std::chrono::microseconds{micros}};
}

std::string Header(rd_kafka_headers_t* headers, const char* name) {
  const void* value = nullptr;
  std::size_t size = 0;
  if (headers == nullptr ||
      rd_kafka_header_get_last(headers, name, &value, &size) != RD_KAFKA_RESP_ERR_NO_ERROR)
    return "";
  return {static_cast<const char*>(value), size};
}

Envelope Read(const rd_kafka_message_t& message) {
  rd_kafka_headers_t* headers = nullptr;
  rd_kafka_message_headers(&message, &headers);
  Envelope out;
  out.topic = rd_kafka_topic_name(message.rkt);
  out.key.assign(static_cast<const char*>(message.key), message.key_len);
  out.event_id = Header(headers, "ce_id");
  out.type = Header(headers, "ce_type");
  out.source = Header(headers, "ce_source");
  out.tenant = Header(headers, "ce_tenant");
  out.traceparent = Header(headers, "traceparent");
  out.time = ParseTime(Header(headers, "ce_time"));
  out.payload.assign(static_cast<const char*>(message.payload), message.len);
  out.partition = message.partition;
  out.offset = message.offset;
  return out;
}

struct Batch {
  std::atomic<std::size_t> waiting{0};
  std::atomic<bool> failed{false};
  std::mutex mutex;
  std::string error;
};

void Delivered(rd_kafka_t*, const rd_kafka_message_t* message, void*) {
  auto* batch = static_cast<Batch*>(message->_private);
  if (message->err != RD_KAFKA_RESP_ERR_NO_ERROR) {
    const std::lock_guard lock(batch->mutex);
    batch->error = rd_kafka_err2str(message->err);
    batch->failed = true;
  }
  --batch->waiting;
}

}  // namespace wrapping

struct Producer::State {
  Connection connection;
  Client client;
  std::mutex sending;

  void Open() {
    Configuration conf(connection);
    conf.Set("enable.idempotence", "true");
    conf.Set("linger.ms", "2");
    conf.Set("message.timeout.ms", "5000");
    rd_kafka_conf_set_dr_msg_cb(conf.get(), Delivered);
    client = conf.Make(RD_KAFKA_PRODUCER);
  }

  /// An idempotent producer never gets over a fatal error (rights that came too late, lost state at the
  /// broker): a new one does, and what was not acknowledged is sent again by the relay.
  void Revive() {
    char why[256];
    if (rd_kafka_fatal_error(client.get(), why, sizeof why) == RD_KAFKA_RESP_ERR_NO_ERROR) return;
    obs::Log(obs::Level::kWarn, "kafka producer is opened anew", {{"after", why}});
    Open();
  }
};
Producer::Producer(const Connection& connection) : state_(std::make_unique<State>()) {
  state_->connection = connection;
  state_->Open();
}
Producer::~Producer() {
  if (state_->client) rd_kafka_flush(state_->client.get(), 5000);
}

Result<void> Producer::Send(const std::vector<Envelope>& events) {
  const std::lock_guard one(state_->sending);
  state_->Revive();
  auto* client = state_->client.get();
  Batch batch;
  for (const auto& event : events) {
    const auto time = FormatRfc3339(event.time);
    auto* headers = rd_kafka_headers_new(8);
    const auto add = [&](const char* name, const std::string& value) {
      rd_kafka_header_add(headers, name, -1, value.data(), static_cast<ssize_t>(value.size()));
    };
    add("ce_specversion", "1.0");
    add("ce_id", event.event_id);
    add("ce_type", event.type);
    add("ce_source", event.source);
    add("ce_time", time);
    add("ce_tenant", event.tenant);
    add("traceparent", event.traceparent);
    add("content-type", "application/protobuf");
    ++batch.waiting;
    rd_kafka_resp_err_t error = RD_KAFKA_RESP_ERR_NO_ERROR;
    std::string payload = event.payload;
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wold-style-cast"
    do {
      error = rd_kafka_producev(
          client, RD_KAFKA_V_TOPIC(event.topic.c_str()), RD_KAFKA_V_KEY(event.key.data(), event.key.size()),
          RD_KAFKA_V_VALUE(payload.data(), payload.size()), RD_KAFKA_V_MSGFLAGS(RD_KAFKA_MSG_F_COPY),
          RD_KAFKA_V_HEADERS(headers), RD_KAFKA_V_OPAQUE(&batch), RD_KAFKA_V_END);
      if (error == RD_KAFKA_RESP_ERR__QUEUE_FULL) rd_kafka_poll(client, 10);
    } while (error == RD_KAFKA_RESP_ERR__QUEUE_FULL);
#pragma GCC diagnostic pop
    if (error != RD_KAFKA_RESP_ERR_NO_ERROR) {
      rd_kafka_headers_destroy(headers);
      --batch.waiting;
      batch.failed = true;
      batch.error = rd_kafka_err2str(error);
      break;
    }
  }
  // Every message must report before `batch` goes; message.timeout.ms bounds that.
  while (batch.waiting > 0) rd_kafka_poll(client, 5);
  if (batch.failed) return Unavailable("KAFKA_UNAVAILABLE", "An event was not acknowledged: " + batch.error);
  return Ok();
}

struct Consumer::State {
  Connection connection;
  std::string instance;
  std::vector<std::string> topics;
  std::shared_mutex opening;  // of `client`, which only the thread replaces
  Client client;
  std::unique_ptr<Producer> dead_letters;
  Handle handle;
  std::string group;
  std::map<std::pair<std::string, int>, std::chrono::steady_clock::time_point> paused;
  std::map<std::pair<std::string, int>, std::chrono::milliseconds> pauses;
  std::chrono::steady_clock::time_point revived{};
  mutable std::mutex mutex;
  std::map<std::pair<std::string, int>, std::int64_t> next;  // offset to be handled next
  std::jthread thread;

  void Open() {
    Configuration conf(connection);
    conf.Set("group.id", group);
    conf.Set("group.instance.id", instance);
    conf.Set("session.timeout.ms", "10000");
    conf.Set("heartbeat.interval.ms", "1000");
    conf.Set("auto.offset.reset", "earliest");
    conf.Set("enable.auto.offset.store", "false");
    conf.Set("auto.commit.interval.ms", "200");
    conf.Set("fetch.wait.max.ms", "10");
    conf.Set("fetch.error.backoff.ms", "50");
    conf.Set("topic.metadata.refresh.interval.ms", "5000");
    conf.Set("allow.auto.create.topics", "false");
    client = conf.Make(RD_KAFKA_CONSUMER);
    rd_kafka_poll_set_consumer(client.get());
    auto* list = rd_kafka_topic_partition_list_new(static_cast<int>(topics.size()));
    for (const auto& topic : topics)
      rd_kafka_topic_partition_list_add(list, topic.c_str(), RD_KAFKA_PARTITION_UA);
    const auto error = rd_kafka_subscribe(client.get(), list);
    rd_kafka_topic_partition_list_destroy(list);
    if (error != RD_KAFKA_RESP_ERR_NO_ERROR)
      throw std::runtime_error(std::string("subscribe: ") + rd_kafka_err2str(error));
  }

  /// A member that was fenced (its join was answered too late, and it joined again under the same instance
  /// name) never gets an event again: a new client goes on where the last commit was.
  void Revive() {
    char why[256];
    if (rd_kafka_fatal_error(client.get(), why, sizeof why) == RD_KAFKA_RESP_ERR_NO_ERROR) return;
    if (std::chrono::steady_clock::now() < revived + 1s) return;  // two of one name would take turns for ever
    revived = std::chrono::steady_clock::now();
    obs::Warn("kafka consumer is opened anew", {{"after", why}});
    const std::unique_lock lock(opening);
    client.reset();
    paused.clear();
    pauses.clear();
    Open();
  }

  void Commit(const Envelope& event) {
    auto* list = rd_kafka_topic_partition_list_new(1);
    rd_kafka_topic_partition_list_add(list, event.topic.c_str(), event.partition)->offset = event.offset + 1;
    rd_kafka_offsets_store(client.get(), list);
    rd_kafka_topic_partition_list_destroy(list);
    const std::lock_guard lock(mutex);
    next[{event.topic, event.partition}] = event.offset + 1;
  }

  void Pause(const Envelope& event) {
    const std::pair key{event.topic, event.partition};
    auto& pause = pauses[key];
    pause = pause == 0ms ? 50ms : std::min(pause * 2, 5000ms);
    paused[key] = std::chrono::steady_clock::now() + pause;
    auto* list = rd_kafka_topic_partition_list_new(1);
    rd_kafka_topic_partition_list_add(list, event.topic.c_str(), event.partition)->offset = event.offset;
    rd_kafka_pause_partitions(client.get(), list);
    if (auto* error = rd_kafka_seek_partitions(client.get(), list, 5000)) rd_kafka_error_destroy(error);
    rd_kafka_topic_partition_list_destroy(list);
  }

  void ResumeDue() {
    const auto now = std::chrono::steady_clock::now();
    for (auto it = paused.begin(); it != paused.end();) {
      if (it->second > now) {
        ++it;
        continue;
      }
      auto* list = rd_kafka_topic_partition_list_new(1);
      rd_kafka_topic_partition_list_add(list, it->first.first.c_str(), it->first.second);
      rd_kafka_resume_partitions(client.get(), list);
      rd_kafka_topic_partition_list_destroy(list);
      it = paused.erase(it);
    }
  }

  void Run(const std::stop_token& stop) {
    while (!stop.stop_requested()) {
      Revive();
      ResumeDue();
      const std::unique_ptr<rd_kafka_message_t, decltype(&rd_kafka_message_destroy)> message(
          rd_kafka_consumer_poll(client.get(), paused.empty() ? 100 : 20), rd_kafka_message_destroy);
      if (!message) continue;
      if (message->err != RD_KAFKA_RESP_ERR_NO_ERROR) {
        obs::Debug("consumer", {{"error", rd_kafka_message_errstr(message.get())}});
        continue;
      }
      const auto event = Read(*message);
      if (paused.contains({event.topic, event.partition}))
        continue;  // fetched before the pause; it comes again
      const obs::TraceScope trace(event.traceparent);
      const auto result = handle(event);
      if (result) {
        pauses.erase({event.topic, event.partition});
        Commit(event);
      } else if (IsTransient(result.error()) || !Bury(event, result.error())) {
        Pause(event);
      } else {
        Commit(event);
      }
    }
    rd_kafka_commit(client.get(), nullptr, 0);
    rd_kafka_consumer_close(client.get());
  }

  bool Bury(Envelope event, const Error& error) {
    obs::LogError("event goes to the dead letters", {{"topic", event.topic},
                                                     {"event", event.event_id},
                                                     {"type", event.type},
                                                     {"reason", error.reason},
                                                     {"error", error.message}});
    event.topic += ".dlq";
    obs::CounterOf("carillon_consumer_dead_letters_total", "events refused for good",
                   {{"topic", event.topic}})
        .Add();
    return dead_letters->Send({event}).has_value();
  }
};

Consumer::Consumer(const Connection& connection, const std::string& group, const std::string& instance,
                   std::vector<std::string> topics, Handle handle)
    : state_(std::make_unique<State>()) {
  state_->connection = connection;
  state_->group = group;
  state_->instance = instance;
  state_->topics = std::move(topics);
  state_->handle = std::move(handle);
  state_->dead_letters = std::make_unique<Producer>(connection);
  state_->Open();
  state_->thread = std::jthread([this](const std::stop_token& stop) { state_->Run(stop); });
}

Consumer::~Consumer() {
  state_->thread.request_stop();
  if (state_->thread.joinable()) state_->thread.join();
}

std::map<std::string, std::int64_t> Consumer::Lag() const {
  std::map<std::string, std::int64_t> out;
  const std::shared_lock lock(state_->opening);
  auto* client = state_->client.get();
  rd_kafka_topic_partition_list_t* assigned = nullptr;
  if (rd_kafka_assignment(client, &assigned) != RD_KAFKA_RESP_ERR_NO_ERROR) return out;
  rd_kafka_committed(client, assigned, 2000);
  for (int i = 0; i < assigned->cnt; ++i) {
    const auto& part = assigned->elems[i];
    std::int64_t low = 0;
    std::int64_t high = 0;
    if (rd_kafka_get_watermark_offsets(client, part.topic, part.partition, &low, &high) !=
        RD_KAFKA_RESP_ERR_NO_ERROR)
      continue;
    std::int64_t at = part.offset < 0 ? low : part.offset;
    {
      const std::lock_guard one(state_->mutex);
      if (const auto it = state_->next.find({part.topic, part.partition}); it != state_->next.end())
        at = std::max(at, it->second);
    }
    if (low >= 0 && high >= at) out[part.topic] += high - std::max(at, low);
  }
  rd_kafka_topic_partition_list_destroy(assigned);
  return out;
}

Result<void> EnsureTopics(const Connection& connection, const std::vector<std::string>& topics,
                          int partitions) {
  Configuration conf(connection);
  const auto client = conf.Make(RD_KAFKA_PRODUCER);
  std::vector<rd_kafka_NewTopic_t*> wanted;
  char problem[256];
  for (const auto& topic : topics)
    for (const auto& name : {topic, topic + ".dlq"})
      wanted.push_back(
          rd_kafka_NewTopic_new(name.c_str(), name == topic ? partitions : 1, -1, problem, sizeof problem));
  auto* queue = rd_kafka_queue_new(client.get());
  auto* options = rd_kafka_AdminOptions_new(client.get(), RD_KAFKA_ADMIN_OP_CREATETOPICS);
  rd_kafka_AdminOptions_set_request_timeout(options, 10000, problem, sizeof problem);
  rd_kafka_CreateTopics(client.get(), wanted.data(), wanted.size(), options, queue);
  auto* event = rd_kafka_queue_poll(queue, 12000);
  Result<void> outcome = Ok();
  if (event == nullptr || rd_kafka_event_error(event) != RD_KAFKA_RESP_ERR_NO_ERROR) {
    outcome = Unavailable("KAFKA_UNAVAILABLE", event == nullptr ? "The broker did not answer."
                                                                : rd_kafka_event_error_string(event));
  } else {
    std::size_t count = 0;
    const auto* const* results =
        rd_kafka_CreateTopics_result_topics(rd_kafka_event_CreateTopics_result(event), &count);
    for (std::size_t i = 0; i < count; ++i) {
      const auto error = rd_kafka_topic_result_error(results[i]);
      if (error != RD_KAFKA_RESP_ERR_NO_ERROR && error != RD_KAFKA_RESP_ERR_TOPIC_ALREADY_EXISTS)
        outcome = Unavailable("KAFKA_UNAVAILABLE", std::string(rd_kafka_topic_result_name(results[i])) +
                                                       ": " + rd_kafka_err2str(error));
    }
  }
  if (event != nullptr) rd_kafka_event_destroy(event);
  rd_kafka_AdminOptions_destroy(options);
  rd_kafka_queue_destroy(queue);
  for (auto* topic : wanted) rd_kafka_NewTopic_destroy(topic);
  return outcome;
}

}  // namespace carillon::kafka
