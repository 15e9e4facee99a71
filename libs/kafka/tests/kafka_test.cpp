#include "kafka/kafka.hpp"

#include <atomic>
#include <catch2/catch.hpp>
#include <condition_variable>
#include <future>
#include <mutex>
#include <set>

#include "base/ids.hpp"
#include "testing/database.hpp"

namespace carillon::kafka {
namespace {

using namespace std::chrono_literals;

Connection Broker() {
  return {testing::ServerSetting("CARILLON_TEST_KAFKA_BROKERS"),
          testing::ServerSetting("CARILLON_TEST_KAFKA_USERNAME"),
          testing::ServerSetting("CARILLON_TEST_KAFKA_PASSWORD")};
}

Envelope EventOf(const std::string& topic, const std::string& key, const std::string& payload) {
  const TimePoint feb_1999 = std::chrono::sys_days{std::chrono::year{1999} / 2 / 10} + 7h + 123us;
  return {.topic = topic,
          .key = key,
          .event_id = testing::SomeId(),
          .type = "carillon.test.v1.Happened",
          .source = "/carillon/test",
          .tenant = testing::SomeId(),
          .traceparent = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
          .time = feb_1999,
          .payload = payload};
}

/// Collects what a consumer hands over.
struct Inbox {
  std::mutex mutex;
  std::condition_variable changed;
  std::vector<Envelope> events;
  void Put(const Envelope& event) {
    const std::lock_guard lock(mutex);
    events.push_back(event);
    changed.notify_all();
  }
  bool Wait(std::size_t n, std::chrono::milliseconds patience = 60s) {
    std::unique_lock lock(mutex);
    return changed.wait_for(lock, patience, [&] { return events.size() >= n; });
  }
};

std::string FreshTopic() {
  const auto topic = "carillon.test.t" + testing::SomeId().substr(24) + ".v1";
  REQUIRE(EnsureTopics(Broker(), {topic}, 3));
  REQUIRE(EnsureTopics(Broker(), {topic}, 3));  // again is well
  return topic;
}

TEST_CASE("an event of 1999 arrives with all its headers, in the order of its key", "[kafka][store]") {
  const auto topic = FreshTopic();
  Producer producer(Broker());
  std::vector<Envelope> sent;
  for (int i = 0; i < 300; ++i)
    sent.push_back(EventOf(topic, "key" + std::to_string(i % 3), std::to_string(i)));
  REQUIRE(producer.Send(sent));
  Inbox inbox;
  const Consumer consumer(Broker(), "g" + topic, "one", {topic}, [&](const Envelope& event) -> Result<void> {
    inbox.Put(event);
    return Ok();
  });
  REQUIRE(inbox.Wait(300));
  const auto& first = inbox.events.front();
  const auto& origin = sent[std::stoul(first.payload)];
  CHECK(first.event_id == origin.event_id);
  CHECK(first.type == origin.type);
  CHECK(first.source == origin.source);
  CHECK(first.tenant == origin.tenant);
  CHECK(first.traceparent == origin.traceparent);
  CHECK(first.time == origin.time);
  std::map<std::string, int> last;
  for (const auto& event : inbox.events) {
    CHECK(last[event.key] <= std::stoi(event.payload));
    last[event.key] = std::stoi(event.payload);
  }
}

TEST_CASE("what may pass is tried again in place; what never will is buried with the rest going on",
          "[kafka][store]") {
  const auto topic = FreshTopic();
  Producer producer(Broker());
  REQUIRE(producer.Send({EventOf(topic, "k", "one"), EventOf(topic, "k", "late"),
                         EventOf(topic, "k", "poison"), EventOf(topic, "k", "last")}));
  Inbox inbox;
  Inbox dead;
  std::atomic<int> failures{3};
  const Consumer consumer(Broker(), "g" + topic, "one", {topic}, [&](const Envelope& event) -> Result<void> {
    if (event.payload == "late" && failures-- > 0) return Unavailable("DOWN", "down");
    if (event.payload == "poison") return InvalidArgument("POISON", "never");
    inbox.Put(event);
    return Ok();
  });
  const Consumer undertaker(Broker(), "dead" + topic, "one", {topic + ".dlq"},
                            [&](const Envelope& event) -> Result<void> {
                              dead.Put(event);
                              return Ok();
                            });
  REQUIRE(inbox.Wait(3));
  CHECK(inbox.events[0].payload == "one");
  CHECK(inbox.events[1].payload == "late");
  CHECK(inbox.events[2].payload == "last");
  REQUIRE(dead.Wait(1));
  CHECK(dead.events[0].payload == "poison");
}

TEST_CASE("a consumer that comes back goes on where it stood", "[kafka][store]") {
  const auto topic = FreshTopic();
  Producer producer(Broker());
  const auto consume = [&](std::size_t until) {
    Inbox inbox;
    {
      const Consumer consumer(Broker(), "g" + topic, "one", {topic},
                              [&](const Envelope& event) -> Result<void> {
                                inbox.Put(event);
                                return Ok();
                              });
      REQUIRE(inbox.Wait(until));
    }
    return inbox.events.size();
  };
  REQUIRE(producer.Send({EventOf(topic, "a", "1"), EventOf(topic, "a", "2")}));
  CHECK(consume(2) == 2);
  REQUIRE(producer.Send({EventOf(topic, "a", "3")}));
  CHECK(consume(1) == 1);
}

TEST_CASE("a member that was fenced by another of its name takes part again", "[kafka][store]") {
  const auto topic = FreshTopic();
  Producer producer(Broker());
  Inbox inbox;
  std::promise<void> heard_last;
  std::atomic<bool> last{false};
  const auto handle = [&](const Envelope& event) -> Result<void> {
    inbox.Put(event);
    if (event.payload == "last" && !last.exchange(true)) heard_last.set_value();
    return Ok();
  };
  const Consumer first(Broker(), "g" + topic, "one", {topic}, handle);
  REQUIRE(producer.Send({EventOf(topic, "k", "before")}));
  REQUIRE(inbox.Wait(1));
  {
    Inbox heard;
    const Consumer second(Broker(), "g" + topic, "one", {topic}, [&](const Envelope& event) -> Result<void> {
      heard.Put(event);
      return Ok();
    });
    // The two fence each other in turn; go on until the second has had its turn.
    for (int i = 0; i < 100 && !heard.Wait(1, 500ms); ++i)
      REQUIRE(producer.Send({EventOf(topic, "k", "between")}));
    REQUIRE(heard.Wait(1, 0ms));
  }
  REQUIRE(producer.Send({EventOf(topic, "k", "last")}));
  CHECK(heard_last.get_future().wait_for(30s) == std::future_status::ready);
}

TEST_CASE("events travel over TLS to a broker whose authority is known, and to no other", "[kafka][store]") {
  const auto topic = FreshTopic();
  auto secure = Broker();
  secure.brokers = testing::ServerSetting("CARILLON_TEST_KAFKA_TLS_BROKERS");
  auto plaintext = secure;
  secure.ca = testing::ServerSetting("CARILLON_TEST_KAFKA_CA");
  Producer producer(secure);
  REQUIRE(producer.Send({EventOf(topic, "k", "sealed")}));
  Inbox inbox;
  const Consumer consumer(secure, "g" + topic, "one", {topic}, [&](const Envelope& event) -> Result<void> {
    inbox.Put(event);
    return Ok();
  });
  REQUIRE(inbox.Wait(1));
  CHECK(inbox.events[0].payload == "sealed");

  auto stranger = secure;
  stranger.ca = "/etc/ssl/certs/ca-certificates.crt";
  auto elsewhere = secure;  // the same machine by a name that the certificate has not
  elsewhere.brokers.replace(0, elsewhere.brokers.find(':'), "127.1");
  for (const auto& wrong : {stranger, plaintext, elsewhere}) {
    Producer nobody(wrong);
    const auto refused = nobody.Send({EventOf(topic, "k", "x")});
    REQUIRE_FALSE(refused);
    CHECK(refused.error().code == Code::kUnavailable);
  }
}

TEST_CASE("nobody gets in without the password", "[kafka][store]") {
  auto wrong = Broker();
  wrong.password = "guess";
  Producer producer(wrong);
  const auto refused = producer.Send({EventOf("carillon.test.any.v1", "k", "x")});
  REQUIRE_FALSE(refused);
  CHECK(refused.error().code == Code::kUnavailable);
}

}  // namespace
}  // namespace carillon::kafka
