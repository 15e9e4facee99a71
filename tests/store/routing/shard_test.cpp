#include <algorithm>
#include <atomic>
#include <filesystem>
#include <future>
#include <set>
#include <thread>

#include "base/proto_time.hpp"
#include "rig.hpp"
#include "routing/store/records.hpp"

namespace carillon::routing::rig {
namespace {

std::string StateBytes(shard::Shard& shard, const std::string& tenant) {
  const auto bytes = shard.Ask(OwnCall(tenant, 5s), [](const domain::Engine& engine) {
    std::string out;
    const auto state = engine.Snapshot();
    for (const auto& record : state.transitions()) out += record.DebugString();
    return out;
  });
  REQUIRE(bytes);
  return *bytes;
}

pb::Interaction Stored(const std::string& tenant, const std::string& name) {
  const auto record = Pool().Read(OwnCall(tenant, 5s),
                                  [&](pg::Tx& tx) { return store::LoadInteraction(tx, name.substr(13)); });
  REQUIRE(record);
  return record->interaction();
}

/// Tries until the shard is there again.
template <class T>
Result<T> Insist(shard::Shard& shard, const std::function<Call()>& call, const pb::Command& command) {
  const auto until = std::chrono::steady_clock::now() + 20s;
  for (;;) {
    auto done = shard.Do<T>(call(), command);
    if (done || done.error().code != Code::kUnavailable || std::chrono::steady_clock::now() > until)
      return done;
    std::this_thread::yield();
  }
}

}  // namespace

TEST_CASE("a call goes from ring to outcome, and tables, events and tasks say the same") {
  const auto tenant = testing::SomeId();
  const auto shard = Open(tenant);
  const auto agents = Furnish(*shard, tenant, 1);
  const auto agent = UserCall(tenant, agents[0]);
  auto feed = std::make_shared<rpc::Feed<pb::Desk>>();
  Reader<pb::Desk> desk(feed);
  shard->WatchDesk(agents[0], feed);
  CHECK_FALSE(desk.Await([](const pb::Desk&) { return true; }).has_session());
  REQUIRE(shard->Do<pb::AgentSession>(agent, SignIn(agents[0])));
  REQUIRE(shard->Do<pb::AgentSession>(agent, Ready(agents[0])));
  auto ring = Ring();
  (*ring.mutable_create_interaction()->mutable_attached_data())["card.name"] = "李**";
  const auto made = shard->Do<pb::Interaction>(OwnCall(tenant, 5s), ring);
  REQUIRE(made);
  const auto pop = desk.Await([](const pb::Desk& d) { return d.offers_size() == 1; });
  CHECK(pop.offers(0).interaction().attached_data().at("card.name") == "李**");
  CHECK(pop.offers(0).interaction().name() == made->name());
  REQUIRE(shard->Do<pb::Interaction>(agent, AcceptOf(pop)));
  desk.Await([](const pb::Desk& d) { return d.session().state() == pb::AgentSession::BUSY; });
  REQUIRE(shard->Do<pb::Interaction>(OwnCall(tenant, 5s), EndOf(made->name())));
  desk.Await([](const pb::Desk& d) { return d.session().state() == pb::AgentSession::WRAPPING; });
  REQUIRE(shard->Do<pb::Interaction>(agent, CompleteOf(agents[0], made->name())));
  desk.Await([](const pb::Desk& d) { return d.session().state() == pb::AgentSession::READY; });
  const auto done = Stored(tenant, made->name());
  CHECK(done.state() == pb::Interaction::COMPLETED);
  CHECK(done.disposition() == "RESOLVED");
  CHECK(Look("SELECT string_agg(type, ' ' ORDER BY id) FROM outbox WHERE topic = "
             "'carillon.routing.interactions.v1' "
             "AND tenant_id = '" +
             tenant + "'") ==
        "carillon.routing.v1.InteractionCreated carillon.routing.v1.InteractionOffered "
        "carillon.routing.v1.InteractionAccepted carillon.routing.v1.InteractionCompleted");
  CHECK(Look("SELECT kind FROM tasks WHERE tenant_id = '" + tenant + "'") == "telephony.connect_agent");
  CHECK(Look("SELECT max(seq) = count(*) FROM journal WHERE tenant_id = '" + tenant + "'") == "t");
}

TEST_CASE("what was acknowledged is there after the process is gone, with or without snapshots") {
  shard::Options options;
  options.snapshot_every = GENERATE(7, 100000);
  const auto tenant = testing::SomeId();
  std::string before;
  std::set<std::string> names;
  {
    const auto shard = Open(tenant, options);
    const auto agents = Furnish(*shard, tenant, 3);
    for (const auto& agent : agents)
      REQUIRE(shard->Do<pb::AgentSession>(UserCall(tenant, agent), SignIn(agent)));
    for (int i = 0; i < 25; ++i) {
      const auto made = shard->Do<pb::Interaction>(OwnCall(tenant, 5s), Ring());
      REQUIRE(made);
      names.insert(made->name());
    }
    before = StateBytes(*shard, tenant);
  }
  const auto again = Open(tenant, options);
  const auto found = again->Ask(OwnCall(tenant, 5s), [&](const domain::Engine& engine) {
    int count = 0;
    for (const auto& name : names) count += engine.FindInteraction(name.substr(13)) ? 1 : 0;
    return count;
  });
  REQUIRE(found);
  CHECK(*found == 25);
  CHECK(StateBytes(*again, tenant) == before);
  if (options.snapshot_every == 7)
    CHECK(Look("SELECT count(*) FROM snapshots WHERE tenant_id = '" + tenant + "'") == "2");
}

TEST_CASE("desk rules, used up rests, promised callbacks and what was learnt are there after a restart") {
  const auto tenant = testing::SomeId();
  std::string before;
  {
    const auto shard = Open(tenant);
    const auto agents = Furnish(*shard, tenant, 1);
    const auto agent = UserCall(tenant, agents[0]);
    pb::Command rules;
    rules.mutable_put_desk_rules()->set_etag("1");
    auto& rest = *rules.mutable_put_desk_rules()->add_reasons();
    rest.set_code("REST");
    rest.mutable_daily_limit()->set_seconds(600);
    REQUIRE(shard->Do<pb::DeskRules>(agent, rules));
    REQUIRE(shard->Do<pb::AgentSession>(agent, SignIn(agents[0])));
    for (const auto status : {pb::READY, pb::NOT_READY, pb::READY}) {
      auto choice = Ready(agents[0]);
      choice.mutable_set_status()->set_status(status);
      choice.mutable_set_status()->set_reason(status == pb::READY ? "" : "REST");
      REQUIRE(shard->Do<pb::AgentSession>(agent, choice));
    }
    const auto made = shard->Do<pb::Interaction>(OwnCall(tenant, 5s), Ring());
    REQUIRE(made);
    pb::Command callback;
    auto& to = *callback.mutable_request_callback();
    to.set_interaction(made->name().substr(13));
    to.set_phone_number("13800138000");
    *to.mutable_time() = ToProto(TheClock().Now() + std::chrono::hours{1});
    const auto booked = shard->Do<pb::Interaction>(OwnCall(tenant, 5s), callback);
    REQUIRE(booked);
    CHECK(booked->channel() == type::v1::CALLBACK);
    CHECK(Stored(tenant, made->name()).has_callback_time());
    before = StateBytes(*shard, tenant);
    CHECK(before.find("agent_day") != std::string::npos);
    CHECK(before.find("dormant: true") != std::string::npos);
  }
  const auto again = Open(tenant);
  // Only the desk, which is gone, may differ: nobody had one here.
  CHECK(StateBytes(*again, tenant) == before);
}

TEST_CASE("a repeated request gets the same answer, another under its id is refused, also after a restart") {
  const auto tenant = testing::SomeId();
  const auto id = testing::SomeId();
  pb::Interaction first;
  shard::Options options;
  // An answer of some age is read when it is asked for.
  options.answers_at_hand = GENERATE(600000ms, 0ms);
  {
    const auto shard = Open(tenant, options);
    Furnish(*shard, tenant, 0);
    const auto made = shard->Do<pb::Interaction>(UserCall(tenant, "u", "/m", id), Ring());
    REQUIRE(made);
    first = *made;
    const auto repeat = shard->Do<pb::Interaction>(UserCall(tenant, "u", "/m", id), Ring());
    REQUIRE(repeat);
    CHECK(repeat->SerializeAsString() == first.SerializeAsString());
    const auto other = shard->Do<pb::Interaction>(UserCall(tenant, "u", "/m", id, "another"), Ring());
    REQUIRE_FALSE(other);
    CHECK(other.error().reason == "REQUEST_ID_REUSED");
  }
  const auto shard = Open(tenant, options);
  const auto repeat = shard->Do<pb::Interaction>(UserCall(tenant, "u", "/m", id), Ring());
  REQUIRE(repeat);
  CHECK(repeat->name() == first.name());
  CHECK(Look("SELECT count(*) FROM interactions WHERE tenant_id = '" + tenant + "'") == "1");
}

TEST_CASE("a desk's version grows over restarts, however often it was told in between") {
  const auto tenant = testing::SomeId();
  std::int64_t highest = 0;
  std::vector<std::string> agents;
  for (int life = 0; life < 3; ++life) {
    const auto shard = Open(tenant);
    if (life == 0) agents = Furnish(*shard, tenant, 1);
    for (int stream = 0; stream < 20; ++stream) {  // far more messages than journal rows
      auto feed = std::make_shared<rpc::Feed<pb::Desk>>();
      Reader<pb::Desk> desk(feed);
      shard->WatchDesk(agents[0], feed);
      const auto version = desk.Await([](const pb::Desk&) { return true; }).version();
      CHECK(version > highest);
      highest = version;
    }
  }
}

TEST_CASE("many callers at once share commits, and the journal has no gap") {
  const auto tenant = testing::SomeId();
  const auto shard = Open(tenant);
  Furnish(*shard, tenant, 0);
  std::atomic<int> made = 0;
  std::vector<std::jthread> callers;
  for (int t = 0; t < 8; ++t)
    callers.emplace_back([&] {
      for (int i = 0; i < 50; ++i)
        if (shard->Do<pb::Interaction>(OwnCall(tenant, 10s), Ring())) ++made;
    });
  callers.clear();
  CHECK(made == 400);
  CHECK(Look("SELECT count(*) FROM interactions WHERE tenant_id = '" + tenant + "'") == "400");
  CHECK(Look("SELECT max(seq) = count(*) AND min(seq) = 1 FROM journal WHERE tenant_id = '" + tenant + "'") ==
        "t");
}

TEST_CASE("who has too much to do takes no new work, and goes on with what was begun") {
  shard::Options options;
  options.longest_arrival = 0ms;
  const auto tenant = testing::SomeId();
  const auto shard = Open(tenant, options);
  const auto agents = Furnish(*shard, tenant, 1);
  const auto agent = UserCall(tenant, agents[0]);
  auto feed = std::make_shared<rpc::Feed<pb::Desk>>();
  Reader<pb::Desk> desk(feed);
  shard->WatchDesk(agents[0], feed);
  REQUIRE(shard->Do<pb::AgentSession>(agent, SignIn(agents[0])));
  REQUIRE(shard->Do<pb::AgentSession>(agent, Ready(agents[0])));
  REQUIRE(shard->Do<pb::Interaction>(OwnCall(tenant, 5s), Ring()));
  const auto pop = desk.Await([](const pb::Desk& d) { return d.offers_size() == 1; });

  std::promise<void> busy, free;
  auto blocked = std::async(std::launch::async, [&] {
    return shard->Ask(OwnCall(tenant, 20s), [&](const domain::Engine&) {
      busy.set_value();
      free.get_future().wait();
      return 0;
    });
  });
  busy.get_future().wait();
  std::vector<std::future<Result<pb::Interaction>>> rung;
  for (int i = 0; i < 3; ++i)
    rung.push_back(std::async(std::launch::async,
                              [&] { return shard->Do<pb::Interaction>(OwnCall(tenant, 20s), Ring()); }));
  auto accepted = std::async(std::launch::async, [&] {
    return shard->Do<pb::Interaction>(UserCall(tenant, agents[0]), AcceptOf(pop));
  });
  const auto answered = [](const auto& each) { return each.wait_for(0s) == std::future_status::ready; };
  while (std::count_if(rung.begin(), rung.end(), answered) < 2) std::this_thread::yield();
  CHECK_FALSE(answered(accepted));
  free.set_value();
  REQUIRE(blocked.get());
  CHECK(accepted.get());
  int taken = 0;
  for (auto& each : rung) {
    const auto made = each.get();
    if (made) {
      ++taken;
    } else {
      CHECK(made.error().reason == "OVERLOADED");
    }
  }
  CHECK(taken == 1);
  CHECK(shard->Do<pb::Interaction>(OwnCall(tenant, 5s), Ring()));
}

TEST_CASE("an old writer is fenced: the shard belongs to who took it last") {
  const auto tenant = testing::SomeId();
  shard::Options options;
  options.lease = 60s;
  const auto old = Open(tenant, options);
  Furnish(*old, tenant, 0);
  REQUIRE(old->Do<pb::Interaction>(OwnCall(tenant, 5s), Ring()));
  static pg::Pool rival_pool(Db().app_url(), 4, "a rival");
  const auto rival = Open(tenant, options, rival_pool);
  const auto refused = rival->Do<pb::Interaction>(OwnCall(tenant, 5s), Ring());
  REQUIRE_FALSE(refused);
  CHECK(refused.error().code == Code::kUnavailable);
  // The same instance takes it at once, as after a crash.
  const auto successor = Open(tenant, options);
  REQUIRE(successor->Do<pb::Interaction>(OwnCall(tenant, 5s), Ring()));
  const auto late = old->Do<pb::Interaction>(OwnCall(tenant, 5s), Ring());
  REQUIRE_FALSE(late);
  CHECK(late.error().code == Code::kUnavailable);
  CHECK(Look("SELECT count(*) FROM interactions WHERE tenant_id = '" + tenant + "'") == "2");
}

TEST_CASE("a writer that ends in good order leaves the shard to anybody at once") {
  const auto tenant = testing::SomeId();
  shard::Options options;
  options.lease = 60s;
  const auto old = Open(tenant, options);
  Furnish(*old, tenant, 0);
  old->Stop();
  static pg::Pool heirs_pool(Db().app_url(), 4, "an heir");
  const auto heir = Open(tenant, options, heirs_pool);
  CHECK(heir->Do<pb::Interaction>(OwnCall(tenant, 5s), Ring()));
}

TEST_CASE("a standby follows the journal, says who writes, and goes on where the writer stopped") {
  const auto tenant = testing::SomeId();
  shard::Options options;
  options.lease = 1500ms;
  options.self = "one@127.0.0.1:1";
  const auto writer = Open(tenant, options);
  Furnish(*writer, tenant, 0);
  std::vector<std::string> line;
  const auto ring = [&](shard::Shard& shard, const std::string& request) {
    auto call = OwnCall(tenant, 5s);
    call.request_id = request;
    call.request_hash = "hash";
    call.replay_key = std::string(32, 'k');
    call.principal.user = "services/ivr";
    return shard.Do<pb::Interaction>(call, Ring());
  };
  const auto first = testing::SomeId();
  for (int i = 0; i < 5; ++i) {
    const auto made = ring(*writer, i == 0 ? first : testing::SomeId());
    REQUIRE(made);
    line.push_back(made->name());
  }
  options.self = "two@127.0.0.1:2";
  static pg::Pool pool(Db().app_url(), 4, "two");
  const auto standby = Open(tenant, options, pool);
  const auto until = std::chrono::steady_clock::now() + 10s;
  while (standby->Elsewhere() != "127.0.0.1:1" && std::chrono::steady_clock::now() < until)
    std::this_thread::yield();
  REQUIRE(standby->Elsewhere() == "127.0.0.1:1");
  CHECK(writer->Elsewhere().empty());
  const auto refused = ring(*standby, testing::SomeId());
  REQUIRE_FALSE(refused);
  CHECK(refused.error().reason == "SHARD_RECOVERING");
  // What is written after it began to follow is known to it, too.
  line.push_back(ring(*writer, testing::SomeId()).value().name());
  const auto mine = testing::SomeId();
  const auto sixth = ring(*writer, mine);
  REQUIRE(sixth);
  line.push_back(sixth->name());
  writer->Stop();
  auto again = ring(*standby, mine);
  while (!again && std::chrono::steady_clock::now() < until) again = ring(*standby, mine);
  REQUIRE(again);
  CHECK(again->name() == sixth->name());
  CHECK(ring(*standby, first).value().name() == line.front());
  CHECK(standby->Elsewhere().empty());
  for (std::size_t i = 0; i < line.size(); ++i) {
    const auto live = standby->Ask(OwnCall(tenant, 5s), [&](const domain::Engine& engine) {
      return engine.FindInteraction(line[i].substr(line[i].find('/') + 1));
    });
    REQUIRE(live);
    REQUIRE(*live);
    CHECK((*live)->position() == static_cast<int>(i) + 1);
  }
}

TEST_CASE("an agent whose desk is gone gets nothing, and is signed out when it stays away") {
  const auto tenant = testing::SomeId();
  shard::Options options;
  options.desk_expiry = 300ms;
  const auto shard = Open(tenant, options);
  const auto agents = Furnish(*shard, tenant, 1);
  const auto state = [&] {
    const auto out = shard->Ask(OwnCall(tenant, 5s), [&](const domain::Engine& engine) {
      const auto* session = engine.FindSession(agents[0]);
      return session == nullptr ? pb::AgentSession::SIGNED_OUT : session->state();
    });
    REQUIRE(out);
    return *out;
  };
  std::string name;
  {
    auto feed = std::make_shared<rpc::Feed<pb::Desk>>();
    Reader<pb::Desk> desk(feed);
    shard->WatchDesk(agents[0], feed);
    REQUIRE(shard->Do<pb::AgentSession>(UserCall(tenant, agents[0]), SignIn(agents[0])));
    REQUIRE(shard->Do<pb::AgentSession>(UserCall(tenant, agents[0]), Ready(agents[0])));
    const auto made = shard->Do<pb::Interaction>(OwnCall(tenant, 5s), Ring());
    REQUIRE(made);
    name = made->name();
    CHECK(made->state() == pb::Interaction::RESERVED);
  }  // the desk closes: the offer goes back
  const auto until = std::chrono::steady_clock::now() + 5s;
  while (Stored(tenant, name).state() != pb::Interaction::QUEUED && std::chrono::steady_clock::now() < until)
    std::this_thread::yield();
  CHECK(Stored(tenant, name).state() == pb::Interaction::QUEUED);
  while (state() != pb::AgentSession::SIGNED_OUT && std::chrono::steady_clock::now() < until)
    std::this_thread::yield();
  CHECK(state() == pb::AgentSession::SIGNED_OUT);
}

TEST_CASE("deadlines run by themselves: an offer nobody answers comes back") {
  const auto tenant = testing::SomeId();
  const auto shard = Open(tenant);
  const auto agents = Furnish(*shard, tenant, 1);
  auto queue =
      shard->Ask(OwnCall(tenant, 5s), [](const domain::Engine& e) { return *e.FindQueue("business"); });
  REQUIRE(queue);
  pb::Command command;
  *command.mutable_put_queue() = *queue;
  command.mutable_put_queue()->mutable_offer_timeout()->set_seconds(0);
  command.mutable_put_queue()->mutable_offer_timeout()->set_nanos(200'000'000);
  REQUIRE(shard->Do<pb::Queue>(OwnCall(tenant, 5s), command));
  auto feed = std::make_shared<rpc::Feed<pb::Desk>>();
  Reader<pb::Desk> desk(feed);
  shard->WatchDesk(agents[0], feed);
  REQUIRE(shard->Do<pb::AgentSession>(UserCall(tenant, agents[0]), SignIn(agents[0])));
  REQUIRE(shard->Do<pb::AgentSession>(UserCall(tenant, agents[0]), Ready(agents[0])));
  REQUIRE(shard->Do<pb::Interaction>(OwnCall(tenant, 5s), Ring()));
  const auto after = desk.Await([](const pb::Desk& d) { return d.session().reason() == "RONA"; });
  CHECK(after.session().state() == pb::AgentSession::NOT_READY);
}

TEST_CASE("at 300 times the pace of the wall a deadline is still at its own moment") {
  const auto path = std::filesystem::temp_directory_path() / ("carillon-clock-" + testing::SomeId());
  PacedClock pace(path.string(), TimePoint{std::chrono::sys_days{std::chrono::year{1999} / 2 / 10}} + 9h);
  pace.SetRate(300);
  const auto clock = MakeMappedClock(path.string());
  const auto tenant = testing::SomeId();
  const auto shard = Open(tenant, {}, Pool(), *clock);
  const auto agents = Furnish(*shard, tenant, 1);
  auto queue =
      shard->Ask(OwnCall(tenant, 5s), [](const domain::Engine& e) { return *e.FindQueue("business"); });
  REQUIRE(queue);
  pb::Command command;
  *command.mutable_put_queue() = *queue;
  command.mutable_put_queue()->clear_offer_timeout();  // 15 s
  REQUIRE(shard->Do<pb::Queue>(OwnCall(tenant, 5s), command));
  auto feed = std::make_shared<rpc::Feed<pb::Desk>>();
  Reader<pb::Desk> desk(feed);
  shard->WatchDesk(agents[0], feed);
  REQUIRE(shard->Do<pb::AgentSession>(UserCall(tenant, agents[0]), SignIn(agents[0])));
  REQUIRE(shard->Do<pb::AgentSession>(UserCall(tenant, agents[0]), Ready(agents[0])));
  const auto made = shard->Do<pb::Interaction>(OwnCall(tenant, 5s), Ring());
  REQUIRE(made);
  const auto after = desk.Await([](const pb::Desk& d) { return d.session().reason() == "RONA"; });
  CHECK(FromProto(after.session().state_time()) - FromProto(made->offer_time()) == 15s);
  std::filesystem::remove(path);
}

TEST_CASE("queue watchers see every queue of their clients at once, then each change") {
  const auto tenant = testing::SomeId();
  const auto shard = Open(tenant);
  Furnish(*shard, tenant, 0);
  auto feed = std::make_shared<rpc::Feed<pb::QueueState>>();
  Reader<pb::QueueState> queues(feed);
  shard->WatchQueues(feed, [](const std::string&) { return true; });
  CHECK(queues.Await([](const pb::QueueState&) { return true; }).waiting() == 0);
  REQUIRE(shard->Do<pb::Interaction>(OwnCall(tenant, 5s), Ring()));
  CHECK(queues.Await([](const pb::QueueState& s) { return s.waiting() == 1; }).offered() == 1);
}

TEST_CASE(
    "connections cut and appends stopped while callers work: all that was acknowledged is there, once") {
  const auto tenant = testing::SomeId();
  shard::Options options;
  options.append_limit = 250ms;
  const auto shard = Open(tenant, options);
  const auto agents = Furnish(*shard, tenant, 4);
  std::atomic<bool> over = false;
  std::mutex mutex;
  std::set<std::string> acknowledged, completed;
  std::vector<std::jthread> people;
  for (int t = 0; t < 3; ++t)
    people.emplace_back([&] {
      while (!over) {
        const auto id = testing::SomeId();
        const auto ring = Ring();
        const auto made =
            Insist<pb::Interaction>(*shard, [&] { return UserCall(tenant, "ivr", "/create", id); }, ring);
        if (!made) continue;
        const std::lock_guard lock(mutex);
        acknowledged.insert(made->name());
      }
    });
  for (const auto& agent : agents)
    people.emplace_back([&, agent] {
      auto feed = std::make_shared<rpc::Feed<pb::Desk>>();
      Reader<pb::Desk> desk(feed);
      shard->WatchDesk(agent, feed);
      const auto as = [&] { return UserCall(tenant, agent); };
      if (!Insist<pb::AgentSession>(*shard, as, SignIn(agent))) return;
      if (!Insist<pb::AgentSession>(*shard, as, Ready(agent))) return;
      while (!over) {
        const auto offer = shard->Ask(as(), [&](const domain::Engine& e) { return e.DeskOf(agent, {}); });
        if (!offer || offer->offers_size() == 0) {
          std::this_thread::yield();
          continue;
        }
        const auto taken = Insist<pb::Interaction>(*shard, as, AcceptOf(*offer));
        if (!taken) continue;
        if (!Insist<pb::Interaction>(*shard, as, EndOf(taken->name()))) continue;
        const auto id = testing::SomeId();
        const auto done = Insist<pb::Interaction>(
            *shard, [&] { return UserCall(tenant, agent, "/complete", id); },
            CompleteOf(agent, taken->name()));
        if (!done) continue;
        const std::lock_guard lock(mutex);
        completed.insert(done->name());
      }
    });
  for (int cut = 0; cut < 12; ++cut) {
    const auto until = std::chrono::steady_clock::now() + 10s;
    const auto enough = [&] {
      const std::lock_guard lock(mutex);
      return acknowledged.size() >= static_cast<std::size_t>(20 * (cut + 1));
    };
    while (!enough() && std::chrono::steady_clock::now() < until) std::this_thread::yield();
    if (cut % 3 == 0) {
      // Longer than an append may take: it fails, the shard drops its memory and builds it anew.
      Look("BEGIN; LOCK TABLE journal IN ACCESS EXCLUSIVE MODE; SELECT pg_sleep(0.6); COMMIT; SELECT 1");
    } else {
      Look(
          "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity WHERE usename = 'routing_app' AND "
          "datname = '" +
          Db().name() + "'");
    }
  }
  over = true;
  people.clear();
  const auto stored = Pool().Read(OwnCall(tenant, 10s), [&](pg::Tx& tx) -> Result<std::set<std::string>> {
    std::set<std::string> all;
    std::string before;
    for (;;) {
      const auto page = store::ListInteractions(tx, {}, before, 200);
      for (const auto& each : page) {
        REQUIRE(all.insert(each.name()).second);
        before = each.name().substr(13);
      }
      if (page.size() < 200) return all;
    }
  });
  REQUIRE(stored);
  for (const auto& name : acknowledged) REQUIRE(stored->contains(name));
  for (const auto& name : completed) REQUIRE(Stored(tenant, name).state() == pb::Interaction::COMPLETED);
  CHECK(acknowledged.size() >= 200);
  CHECK(!completed.empty());
  CHECK(Look("SELECT epoch >= 4 FROM shards WHERE tenant_id = '" + tenant + "'") == "t");  // it was rebuilt
  // Each request made one interaction, however often it was sent.
  CHECK(stored->size() == acknowledged.size());
  CHECK(Look("SELECT max(seq) = count(*) FROM journal WHERE tenant_id = '" + tenant + "'") == "t");
  CHECK(Look("SELECT count(*) FROM outbox WHERE type = 'carillon.routing.v1.InteractionCreated' AND "
             "tenant_id = '" +
             tenant + "'") == std::to_string(acknowledged.size()));
}

}  // namespace carillon::routing::rig
