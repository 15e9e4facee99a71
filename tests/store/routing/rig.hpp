#pragma once
#include <catch2/catch.hpp>
#include <condition_variable>
#include <functional>
#include <memory>
#include <mutex>
#include <pqxx/pqxx>
#include <string>

#include "base/ids.hpp"
#include "obs/log.hpp"
#include "routing/shard/shard.hpp"
#include "testing/database.hpp"

/// A shard on a real database, and a reader of its streams.
namespace carillon::routing::rig {

namespace pb = carillon::routing::v1;
using namespace std::chrono_literals;

inline testing::Database& Db() {
  static testing::Database db("routing");
  return db;
}

inline pg::Pool& Pool() {
  static pg::Pool pool(Db().app_url(), 8, "routing-test");
  return pool;
}

inline const Clock& TheClock() {
  static const auto clock = MakeSystemClock();
  return *clock;
}

inline Call OwnCall(const std::string& tenant, std::chrono::milliseconds limit) {
  Call call;
  call.principal.tenant = tenant;
  call.principal.service = true;
  call.principal.user = "services/routing";
  call.now = TheClock().Now();
  call.deadline = std::chrono::steady_clock::now() + limit;
  call.method = "routing";
  call.traceparent = obs::NewTraceparent();
  return call;
}

/// A call of a user, as rpc would make it.
inline Call UserCall(const std::string& tenant, const std::string& user,
                     const std::string& method = "/test/Test", const std::string& request_id = "",
                     const std::string& hash = "hash") {
  auto call = testing::CallOf(tenant, {}, user);
  call.method = method;
  call.request_id = request_id;
  call.request_hash = hash;
  call.replay_key = std::string(32, 'k');
  return call;
}

inline std::shared_ptr<shard::Shard> Open(const std::string& tenant, shard::Options options = {},
                                          pg::Pool& pool = Pool(), const Clock& clock = TheClock()) {
  return std::make_shared<shard::Shard>(
      tenant, pool, clock, [tenant](std::chrono::milliseconds limit) { return OwnCall(tenant, limit); },
      options);
}

/// Reads a feed; waits for a message that pleases, at most ten seconds.
template <class T>
class Reader {
 public:
  explicit Reader(std::shared_ptr<rpc::Feed<T>> feed) : feed_(std::move(feed)) {
    feed_->Attach([this] {
      const std::lock_guard lock(mutex_);
      woken_ = true;
      wake_.notify_all();
    });
  }
  ~Reader() {
    feed_->Attach([] {});
    feed_->ReaderGone();
  }
  T Await(const std::function<bool(const T&)>& pleases) {
    const auto until = std::chrono::steady_clock::now() + 10s;
    for (;;) {
      while (const auto message = feed_->Take()) {
        last_ = static_cast<const T&>(*message);
        if (pleases(last_)) return last_;
      }
      std::unique_lock lock(mutex_);
      if (!wake_.wait_until(lock, until, [this] { return woken_; }))
        FAIL("no such message: " << last_.DebugString());
      woken_ = false;
    }
  }

 private:
  std::shared_ptr<rpc::Feed<T>> feed_;
  std::mutex mutex_;
  std::condition_variable wake_;
  bool woken_ = false;
  T last_;
};

inline std::string Look(const std::string& sql) {
  pqxx::connection connection(Db().admin_url());
  return pqxx::nontransaction(connection).exec(sql)[0][0].c_str();
}

/// A small floor in the tenant: queue "business", profile "all", and so many agents; gives the agents' ids.
inline std::vector<std::string> Furnish(shard::Shard& shard, const std::string& tenant, int agents) {
  const auto admin = UserCall(tenant, testing::SomeId());
  pb::Command command;
  command.set_create(true);
  auto& queue = *command.mutable_put_queue();
  queue.set_name("queues/" + testing::SomeId());
  queue.set_code("business");
  queue.set_client("clients/" + testing::SomeId());
  queue.mutable_wrap_up()->set_seconds(3600);
  queue.mutable_offer_timeout()->set_seconds(3600);
  REQUIRE(shard.Do<pb::Queue>(admin, command));
  auto& profile = *command.mutable_put_routing_profile();
  profile.set_name("routingProfiles/" + testing::SomeId());
  profile.set_code("all");
  profile.add_entries()->set_queue("queues/business");
  REQUIRE(shard.Do<pb::RoutingProfile>(admin, command));
  std::vector<std::string> ids;
  for (int i = 0; i < agents; ++i) {
    ids.push_back(testing::SomeId());
    auto& agent = *command.mutable_put_agent();
    agent.Clear();
    agent.set_name("agents/" + ids.back());
    agent.set_user("users/" + ids.back());
    agent.set_code(std::to_string(1000 + i));
    agent.set_routing_profile("routingProfiles/all");
    REQUIRE(shard.Do<pb::Agent>(admin, command));
  }
  return ids;
}

inline pb::Command SignIn(const std::string& agent) {
  pb::Command command;
  auto& in = *command.mutable_sign_in();
  in.set_agent(agent);
  in.set_session(testing::SomeId());
  in.set_seat("seat " + agent);
  in.set_extension("8000");
  return command;
}

inline pb::Command Ready(const std::string& agent) {
  pb::Command command;
  command.mutable_set_status()->set_agent(agent);
  command.mutable_set_status()->set_status(pb::READY);
  return command;
}

inline pb::Command Ring(const std::string& queue = "business") {
  pb::Command command;
  auto& work = *command.mutable_create_interaction();
  work.set_name("interactions/" + testing::SomeId());
  work.set_queue("queues/" + queue);
  work.set_call("calls/" + testing::SomeId());
  return command;
}

inline pb::Command AcceptOf(const pb::Desk& desk) {
  pb::Command command;
  auto& in = *command.mutable_accept();
  in.set_agent(desk.session().agent().substr(7));
  in.set_reservation(desk.offers(0).reservation().name().substr(13));
  in.set_version(desk.offers(0).reservation().version());
  return command;
}

inline pb::Command EndOf(const std::string& interaction) {
  pb::Command command;
  command.mutable_media_ended()->set_interaction(interaction.substr(13));
  command.mutable_media_ended()->set_party("CUSTOMER");
  return command;
}

inline pb::Command CompleteOf(const std::string& agent, const std::string& interaction) {
  pb::Command command;
  auto& in = *command.mutable_complete();
  in.set_agent(agent);
  in.set_interaction(interaction.substr(13));
  in.set_disposition("RESOLVED");
  return command;
}

}  // namespace carillon::routing::rig
