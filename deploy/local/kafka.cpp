// carillon-kafka: what the launcher does as Kafka's super user, in one short-lived process instead of many
// JVMs.
//
//   carillon-kafka setup TOPICS.json SERVICE...   topics, their dead-letter twins, every service's rights
//   carillon-kafka lag TOPICS.json                "group topic lag" a line, for groups that read a topic
//   carillon-kafka dead TOPICS.json               "topic dead-letters" a line
//   carillon-kafka replay TOPICS.json TOPIC       puts the topic's dead letters back into it
//
// Reads KAFKA_BROKERS, KAFKA_USERNAME and KAFKA_PASSWORD; KAFKA_CA (PEM; empty = plaintext) and
// KAFKA_MECHANISM when they are there. A new broker is waited for, 60 s at most.
#include <librdkafka/rdkafka.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <functional>
#include <map>
#include <memory>
#include <nlohmann/json.hpp>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

namespace {

constexpr int kPatienceMs = 60'000;
constexpr int kTimeoutMs = 20'000;

template <typename T, void (*Destroy)(T*)>
using Owned = std::unique_ptr<T, decltype([](T* p) { Destroy(p); })>;
using Client = Owned<rd_kafka_t, rd_kafka_destroy>;
using Queue = Owned<rd_kafka_queue_t, rd_kafka_queue_destroy>;
using Event = Owned<rd_kafka_event_t, rd_kafka_event_destroy>;
using Message = Owned<rd_kafka_message_t, rd_kafka_message_destroy>;
using Options = Owned<rd_kafka_AdminOptions_t, rd_kafka_AdminOptions_destroy>;
using NewTopic = Owned<rd_kafka_NewTopic_t, rd_kafka_NewTopic_destroy>;
using Binding = Owned<rd_kafka_AclBinding_t, rd_kafka_AclBinding_destroy>;
using Partitions = Owned<rd_kafka_topic_partition_list_t, rd_kafka_topic_partition_list_destroy>;

struct Topics {
  int partitions;
  int retention_days;
  std::map<std::string, std::vector<std::string>> readers;  // of each topic
};

Topics LoadTopics(const char* path) {
  std::ifstream file(path);
  if (!file) throw std::runtime_error(std::string("cannot read ") + path);
  const auto json = nlohmann::json::parse(file);
  return {json.at("partitions"), json.at("retention_days"), json.at("topics")};
}

std::string Env(const char* name, const char* otherwise = nullptr) {
  const char* value = std::getenv(name);
  if (value == nullptr) value = otherwise;
  if (value == nullptr) throw std::runtime_error(std::string(name) + " is not set");
  return value;
}

Client Connect(rd_kafka_type_t type = RD_KAFKA_PRODUCER) {
  rd_kafka_conf_t* conf = rd_kafka_conf_new();
  char error[512];
  const auto ca = Env("KAFKA_CA", "");
  std::map<std::string, std::string> settings{{"bootstrap.servers", Env("KAFKA_BROKERS")},
                                              {"security.protocol", "sasl_plaintext"},
                                              {"sasl.mechanism", Env("KAFKA_MECHANISM", "PLAIN")},
                                              {"sasl.username", Env("KAFKA_USERNAME")},
                                              {"sasl.password", Env("KAFKA_PASSWORD")},
                                              {"group.id", "carillon-kafka"},
                                              {"enable.auto.commit", "false"},
                                              {"log_level", "2"}};
  if (!ca.empty()) settings.insert_or_assign("security.protocol", "sasl_ssl");
  if (!ca.empty()) settings.insert_or_assign("ssl.ca.location", ca);
  if (!ca.empty()) settings.insert_or_assign("ssl.endpoint.identification.algorithm", "https");
  for (const auto& [key, value] : settings)
    if (rd_kafka_conf_set(conf, key.c_str(), value.c_str(), error, sizeof error) != RD_KAFKA_CONF_OK)
      throw std::runtime_error(error);
  rd_kafka_conf_set_dr_msg_cb(conf, [](rd_kafka_t*, const rd_kafka_message_t* message, void*) {
    if (message->err == RD_KAFKA_RESP_ERR_NO_ERROR) ++*static_cast<std::int64_t*>(message->_private);
  });
  Client client(rd_kafka_new(type, conf, error, sizeof error));
  if (!client) throw std::runtime_error(error);
  const rd_kafka_metadata_t* metadata = nullptr;
  const auto answer = rd_kafka_metadata(client.get(), 0, nullptr, &metadata, kPatienceMs);
  if (answer != RD_KAFKA_RESP_ERR_NO_ERROR)
    throw std::runtime_error(std::string("no broker answers: ") + rd_kafka_err2str(answer));
  rd_kafka_metadata_destroy(metadata);
  return client;
}

// Sends one admin request and waits for its event; a request refused as a whole throws.
Event Ask(rd_kafka_t* client, rd_kafka_admin_op_t op,
          const std::function<void(const rd_kafka_AdminOptions_t*, rd_kafka_queue_t*)>& send) {
  const Options options(rd_kafka_AdminOptions_new(client, op));
  char error[256];
  rd_kafka_AdminOptions_set_request_timeout(options.get(), kTimeoutMs, error, sizeof error);
  const Queue queue(rd_kafka_queue_new(client));
  send(options.get(), queue.get());
  Event event(rd_kafka_queue_poll(queue.get(), kTimeoutMs + 5'000));
  if (!event) throw std::runtime_error("the broker did not answer");
  if (rd_kafka_event_error(event.get()) != RD_KAFKA_RESP_ERR_NO_ERROR)
    throw std::runtime_error(rd_kafka_event_error_string(event.get()));
  return event;
}

void MakeTopics(rd_kafka_t* client, const Topics& topics) {
  std::vector<NewTopic> fresh;
  std::vector<rd_kafka_NewTopic_t*> raw;
  const auto retention = std::to_string(std::int64_t{topics.retention_days} * 86'400'000);
  for (const auto& [topic, readers] : topics.readers)
    for (const auto& name : {topic, topic + ".dlq"}) {
      char error[256];
      fresh.emplace_back(rd_kafka_NewTopic_new(name.c_str(), topics.partitions, 1, error, sizeof error));
      if (!fresh.back()) throw std::runtime_error(error);
      rd_kafka_NewTopic_set_config(fresh.back().get(), "retention.ms", retention.c_str());
      raw.push_back(fresh.back().get());
    }
  const Event event = Ask(client, RD_KAFKA_ADMIN_OP_CREATETOPICS, [&](const auto* options, auto* queue) {
    rd_kafka_CreateTopics(client, raw.data(), raw.size(), options, queue);
  });
  std::size_t count = 0;
  const auto* results =
      rd_kafka_CreateTopics_result_topics(rd_kafka_event_CreateTopics_result(event.get()), &count);
  for (std::size_t i = 0; i < count; ++i) {
    const auto error = rd_kafka_topic_result_error(results[i]);
    if (error != RD_KAFKA_RESP_ERR_NO_ERROR && error != RD_KAFKA_RESP_ERR_TOPIC_ALREADY_EXISTS)
      throw std::runtime_error(std::string(rd_kafka_topic_result_name(results[i])) + ": " +
                               rd_kafka_err2str(error));
  }
}

class Rights {
 public:
  void Allow(const std::string& principal, rd_kafka_AclOperation_t operation, rd_kafka_ResourceType_t type,
             const std::string& name, rd_kafka_ResourcePatternType_t pattern) {
    char error[256];
    bindings_.emplace_back(rd_kafka_AclBinding_new(type, name.c_str(), pattern, ("User:" + principal).c_str(),
                                                   "*", operation, RD_KAFKA_ACL_PERMISSION_TYPE_ALLOW, error,
                                                   sizeof error));
    if (!bindings_.back()) throw std::runtime_error(error);
  }

  void Apply(rd_kafka_t* client) {
    std::vector<rd_kafka_AclBinding_t*> raw;
    raw.reserve(bindings_.size());
    for (const auto& binding : bindings_) raw.push_back(binding.get());
    const Event event = Ask(client, RD_KAFKA_ADMIN_OP_CREATEACLS, [&](const auto* options, auto* queue) {
      rd_kafka_CreateAcls(client, raw.data(), raw.size(), options, queue);
    });
    std::size_t count = 0;
    const auto* results =
        rd_kafka_CreateAcls_result_acls(rd_kafka_event_CreateAcls_result(event.get()), &count);
    for (std::size_t i = 0; i < count; ++i)
      if (const auto* error = rd_kafka_acl_result_error(results[i]); error != nullptr)
        throw std::runtime_error(rd_kafka_error_string(error));
  }

 private:
  std::vector<Binding> bindings_;
};

// A service writes below its own name, reads what topics.json gives it, and may add to the dead letters of
// those.
void MakeRights(rd_kafka_t* client, const Topics& topics, const std::vector<std::string>& services) {
  Rights rights;
  for (const auto& service : services) {
    const auto own = "carillon." + service + ".";
    for (const auto operation : {RD_KAFKA_ACL_OPERATION_WRITE, RD_KAFKA_ACL_OPERATION_DESCRIBE})
      rights.Allow(service, operation, RD_KAFKA_RESOURCE_TOPIC, own, RD_KAFKA_RESOURCE_PATTERN_PREFIXED);
    for (const auto& group : {service, "carillon." + service, "carillon-" + service})
      rights.Allow(service, RD_KAFKA_ACL_OPERATION_READ, RD_KAFKA_RESOURCE_GROUP, group,
                   RD_KAFKA_RESOURCE_PATTERN_PREFIXED);
  }
  for (const auto& [topic, readers] : topics.readers)
    for (const auto& reader : readers) {
      for (const auto operation : {RD_KAFKA_ACL_OPERATION_READ, RD_KAFKA_ACL_OPERATION_DESCRIBE})
        rights.Allow(reader, operation, RD_KAFKA_RESOURCE_TOPIC, topic, RD_KAFKA_RESOURCE_PATTERN_LITERAL);
      for (const auto operation :
           {RD_KAFKA_ACL_OPERATION_WRITE, RD_KAFKA_ACL_OPERATION_READ, RD_KAFKA_ACL_OPERATION_DESCRIBE})
        rights.Allow(reader, operation, RD_KAFKA_RESOURCE_TOPIC, topic + ".dlq",
                     RD_KAFKA_RESOURCE_PATTERN_LITERAL);
    }
  rights.Apply(client);
}

std::vector<std::string> Groups(rd_kafka_t* client) {
  const rd_kafka_group_list* list = nullptr;
  const auto error = rd_kafka_list_groups(client, nullptr, &list, kTimeoutMs);
  if (error != RD_KAFKA_RESP_ERR_NO_ERROR) throw std::runtime_error(rd_kafka_err2str(error));
  std::vector<std::string> names;
  names.reserve(static_cast<std::size_t>(list->group_cnt));
  for (int i = 0; i < list->group_cnt; ++i) names.emplace_back(list->groups[i].group);
  rd_kafka_group_list_destroy(list);
  return names;
}

struct Span {
  std::int64_t low = 0, high = 0;
};

// From the oldest record kept to the one that comes next. A topic made a moment ago has no leader yet: that
// is waited for.
Span Offsets(rd_kafka_t* client, const std::string& topic, int partition) {
  for (int tries = 0;; ++tries) {
    Span span;
    const auto error =
        rd_kafka_query_watermark_offsets(client, topic.c_str(), partition, &span.low, &span.high, kTimeoutMs);
    if (error == RD_KAFKA_RESP_ERR_NO_ERROR) return span;
    if (error != RD_KAFKA_RESP_ERR_NOT_LEADER_FOR_PARTITION || tries == 50)
      throw std::runtime_error(topic + ": " + rd_kafka_err2str(error));
    std::this_thread::sleep_for(std::chrono::milliseconds(100));
  }
}

void PrintLag(rd_kafka_t* client, const Topics& topics) {
  std::map<std::pair<std::string, int>, std::int64_t> ends;
  const Partitions asked(rd_kafka_topic_partition_list_new(64));
  for (const auto& [topic, readers] : topics.readers)
    for (int partition = 0; partition < topics.partitions; ++partition) {
      const std::int64_t high = Offsets(client, topic, partition).high;
      ends[{topic, partition}] = high;
      rd_kafka_topic_partition_list_add(asked.get(), topic.c_str(), partition);
    }
  for (const auto& group : Groups(client)) {
    const Owned<rd_kafka_ListConsumerGroupOffsets_t, rd_kafka_ListConsumerGroupOffsets_destroy> request(
        rd_kafka_ListConsumerGroupOffsets_new(group.c_str(), asked.get()));
    auto* raw = request.get();
    const Event event =
        Ask(client, RD_KAFKA_ADMIN_OP_LISTCONSUMERGROUPOFFSETS, [&](const auto* options, auto* queue) {
          rd_kafka_ListConsumerGroupOffsets(client, &raw, 1, options, queue);
        });
    std::size_t count = 0;
    const auto* results = rd_kafka_ListConsumerGroupOffsets_result_groups(
        rd_kafka_event_ListConsumerGroupOffsets_result(event.get()), &count);
    std::map<std::string, std::int64_t> lag;
    for (std::size_t i = 0; i < count; ++i) {
      const auto* offsets = rd_kafka_group_result_partitions(results[i]);
      for (int j = 0; j < offsets->cnt; ++j) {
        const auto& at = offsets->elems[j];
        // A group may have committed what came after the end was asked.
        if (at.offset >= 0)
          lag[at.topic] += std::max<std::int64_t>(0, ends.at({at.topic, at.partition}) - at.offset);
      }
    }
    for (const auto& [topic, behind] : lag)
      std::printf("%s %s %lld\n", group.c_str(), topic.c_str(), static_cast<long long>(behind));
  }
}

void PrintDeadLetters(rd_kafka_t* client, const Topics& topics) {
  for (const auto& [topic, readers] : topics.readers) {
    std::int64_t count = 0;
    for (int partition = 0; partition < topics.partitions; ++partition) {
      const auto span = Offsets(client, topic + ".dlq", partition);
      count += span.high - span.low;
    }
    std::printf("%s %lld\n", topic.c_str(), static_cast<long long>(count));
  }
}

// Puts what is in the dead letters of one partition back into the topic; how many were acknowledged.
std::int64_t PutBack(rd_kafka_t* consumer, rd_kafka_t* producer, const std::string& topic, int partition,
                     const Span& span) {
  const auto letters = topic + ".dlq";
  const Partitions from(rd_kafka_topic_partition_list_new(1));
  rd_kafka_topic_partition_list_add(from.get(), letters.c_str(), partition)->offset = span.low;
  rd_kafka_assign(consumer, from.get());
  std::int64_t sent = 0;
  std::int64_t acknowledged = 0;
  for (auto next = span.low; next < span.high;) {
    const Message message(rd_kafka_consumer_poll(consumer, kTimeoutMs));
    if (!message) throw std::runtime_error(letters + ": the broker gives no more records");
    if (message->err != RD_KAFKA_RESP_ERR_NO_ERROR)
      throw std::runtime_error(letters + ": " + rd_kafka_message_errstr(message.get()));
    next = message->offset + 1;
    rd_kafka_headers_t* headers = nullptr;
    rd_kafka_message_headers(message.get(), &headers);
    rd_kafka_headers_t* copied = headers == nullptr ? nullptr : rd_kafka_headers_copy(headers);
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wold-style-cast"
    const auto error = rd_kafka_producev(
        producer, RD_KAFKA_V_TOPIC(topic.c_str()), RD_KAFKA_V_KEY(message->key, message->key_len),
        RD_KAFKA_V_VALUE(message->payload, message->len), RD_KAFKA_V_MSGFLAGS(RD_KAFKA_MSG_F_COPY),
        RD_KAFKA_V_HEADERS(copied), RD_KAFKA_V_OPAQUE(&acknowledged), RD_KAFKA_V_END);
#pragma GCC diagnostic pop
    if (error != RD_KAFKA_RESP_ERR_NO_ERROR) throw std::runtime_error(topic + ": " + rd_kafka_err2str(error));
    ++sent;
  }
  rd_kafka_flush(producer, kTimeoutMs);
  if (acknowledged != sent) throw std::runtime_error(topic + ": not everything was acknowledged; try again");
  return sent;
}

void Replay(const Topics& topics, const std::string& topic) {
  if (!topics.readers.contains(topic)) throw std::runtime_error("no such topic: " + topic);
  const Client producer = Connect();
  const Client consumer = Connect(RD_KAFKA_CONSUMER);
  std::int64_t total = 0;
  for (int partition = 0; partition < topics.partitions; ++partition) {
    const auto letters = topic + ".dlq";
    const auto span = Offsets(producer.get(), letters, partition);
    if (span.low == span.high) continue;
    total += PutBack(consumer.get(), producer.get(), topic, partition, span);
    const Partitions gone(rd_kafka_topic_partition_list_new(1));
    rd_kafka_topic_partition_list_add(gone.get(), letters.c_str(), partition)->offset = span.high;
    const Owned<rd_kafka_DeleteRecords_t, rd_kafka_DeleteRecords_destroy> request(
        rd_kafka_DeleteRecords_new(gone.get()));
    auto* raw = request.get();
    Ask(producer.get(), RD_KAFKA_ADMIN_OP_DELETERECORDS, [&](const auto* options, auto* queue) {
      rd_kafka_DeleteRecords(producer.get(), &raw, 1, options, queue);
    });
  }
  std::printf("%lld events put back into %s\n", static_cast<long long>(total), topic.c_str());
}

}  // namespace

int main(int argc, char** argv) try {
  const std::vector<std::string> arguments(argv + 1, argv + argc);
  if (arguments.size() >= 3 && arguments[0] == "setup") {
    const Topics topics = LoadTopics(argv[2]);
    const Client client = Connect();
    // Rights first: the broker takes seconds to make the topics, and learns of what comes later after them.
    MakeRights(client.get(), topics, {arguments.begin() + 2, arguments.end()});
    MakeTopics(client.get(), topics);
    return 0;
  }
  if (arguments.size() == 2 && arguments[0] == "lag") {
    PrintLag(Connect().get(), LoadTopics(argv[2]));
    return 0;
  }
  if (arguments.size() == 2 && arguments[0] == "dead") {
    PrintDeadLetters(Connect().get(), LoadTopics(argv[2]));
    return 0;
  }
  if (arguments.size() == 3 && arguments[0] == "replay") {
    Replay(LoadTopics(argv[2]), arguments[2]);
    return 0;
  }
  std::fprintf(stderr,
               "usage: carillon-kafka setup TOPICS.json SERVICE... | lag TOPICS.json | dead TOPICS.json | "
               "replay TOPICS.json TOPIC\n");
  return 2;
} catch (const std::exception& e) {
  std::fprintf(stderr, "carillon-kafka: %s\n", e.what());
  return 1;
}
