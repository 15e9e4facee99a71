#include "routing/domain/replay.hpp"

#include <catch2/catch.hpp>
#include <random>

#include "base/ids.hpp"
#include "base/proto_time.hpp"
#include "floor.hpp"

using namespace std::chrono_literals;
using carillon::Duration;
using carillon::FromProto;
using carillon::TimePoint;
using carillon::ToProto;
using carillon::routing::testing::Bytes;
using carillon::routing::testing::Floor;
using carillon::routing::testing::Id;
using carillon::routing::testing::kNine;
namespace domain = carillon::routing::domain;
namespace pb = carillon::routing::v1;

/// A day is lived on a floor by people with dice, and replayed from what its journal and records tell.
namespace {

bool All(const std::string&) { return true; }

struct Day {
  Floor floor;
  domain::Past past;
  TimePoint end;
};

/// Three agents of whom the third serves complaints alone; calls each 20 s for an hour, talk of one minute,
/// patience of one minute at most. `rules` are those of the queue business.
Day Lived(unsigned seed, const std::function<void(pb::Queue&)>& rules = {}) {
  Day day;
  Floor& floor = day.floor;
  std::mt19937 random(seed);
  const auto pick = [&](int n) { return static_cast<int>(random() % static_cast<unsigned>(n)); };
  floor.Queue("business", {}, rules);
  floor.Queue("complaints");
  floor.Profile("business", {"business"});
  floor.Profile("complaints", {"complaints"});
  floor.Agent("1001", "business");
  floor.Agent("1002", "business");
  floor.Agent("1003", "complaints");
  for (const char* agent : {"1001", "1002", "1003"}) floor.Ready(agent);
  struct Caller {
    std::string name;
    TimePoint patient_until, talk_until{}, wrap_until{};
    Duration ring{}, talk{}, wrap{};
  };
  std::vector<Caller> callers;
  auto next = floor.now();
  for (const auto stop = floor.now() + 1h; floor.now() < stop || !callers.empty(); floor.Pass(1s)) {
    if (floor.now() >= next && floor.now() < stop) {
      next = floor.now() + std::chrono::seconds{5 + pick(30)};
      Caller caller{"caller " + std::to_string(floor.journal().size()), floor.now() + 10s + 1s * pick(50)};
      caller.ring = 1s + 1s * pick(5);
      caller.talk = 30s + 1s * pick(60);
      caller.wrap = 1s + 1s * pick(20);
      floor.Ring(caller.name, {.queue = pick(4) == 0 ? "complaints" : "business"});
      callers.push_back(caller);
    }
    for (auto& caller : callers) {
      const auto seen = floor.See(caller.name);
      if (seen.state() == pb::Interaction::RESERVED &&
          FromProto(seen.offer_time()) + caller.ring <= floor.now())
        floor.Accept(caller.name);
      else if (seen.state() == pb::Interaction::QUEUED && caller.patient_until <= floor.now())
        floor.HangUp(caller.name);
      else if (seen.state() == pb::Interaction::ASSIGNED &&
               FromProto(seen.accept_time()) + caller.talk <= floor.now())
        floor.HangUp(caller.name);
      else if (seen.state() == pb::Interaction::WRAPPING &&
               FromProto(seen.media_end_time()) + caller.wrap <= floor.now())
        floor.Complete(caller.name);
    }
    std::erase_if(callers, [&](const Caller& caller) {
      const auto state = floor.See(caller.name).state();
      return state == pb::Interaction::COMPLETED || state == pb::Interaction::ABANDONED;
    });
  }
  day.end = floor.now();
  for (const auto& row : floor.journal()) {
    day.past.acts.emplace_back(row.now, row.command);
    if (!row.command.has_create_interaction()) continue;
    const auto id = carillon::IdOf(row.command.create_interaction().name());
    for (const auto& event : floor.events())
      if (event.key == id) {
        const auto take = [&](const auto* over) {
          if (over != nullptr) day.past.outcomes.push_back(over->interaction());
        };
        take(dynamic_cast<const pb::InteractionCompleted*>(event.message.get()));
        take(dynamic_cast<const pb::InteractionAbandoned*>(event.message.get()));
      }
  }
  return day;
}

pb::ReplayDayRequest Asked(const Day& day) {
  pb::ReplayDayRequest in;
  *in.mutable_start_time() = ToProto(kNine);
  *in.mutable_end_time() = ToProto(day.end);
  return in;
}

pb::ReplayDayResponse Replayed(Day& day, const pb::ReplayDayRequest& in) {
  auto out = domain::Replay(day.floor.engine().Snapshot(), day.past, in, All);
  REQUIRE(out);
  return *out;
}

}  // namespace

TEST_CASE("a day replayed under its own rules goes as it went") {
  const auto seed = GENERATE(1U, 2U, 3U, 4U, 5U);
  INFO("seed " << seed);
  Day day = Lived(seed);
  const auto told = Replayed(day, Asked(day));
  const auto& was = told.happened().all();
  const auto& is = told.before().all();
  REQUIRE(was.offered() > 80);
  CHECK(is.offered() == was.offered());
  CHECK(is.answered() + is.abandoned() == was.answered() + was.abandoned());
  // Who was answered is answered and who left leaves: the same decisions at the same times, but for the
  // second in which the floor of the day looked.
  CHECK(std::abs(is.answered() - was.answered()) <= 3);
  CHECK(std::abs(is.service_level() - was.service_level()) < 0.05);
  CHECK(is.abandonment() == Approx(was.abandonment()).margin(0.04));
  CHECK(told.before().occupancy() > 0.2);
  CHECK(told.before().occupancy() < 1.0);
  CHECK(told.patience_measured());
  CHECK(FromProto(told.patience()) > 10s);
  CHECK(Bytes(told.after()) == Bytes(told.before()));  // nothing was changed
  CHECK(Bytes(Replayed(day, Asked(day))) == Bytes(told));
  CHECK(told.before().queues_size() == 2);
}

TEST_CASE("who helps out in another queue is seen in its service level, and in occupancy") {
  Day day = Lived(7);
  auto in = Asked(day);
  auto& profile = *in.add_changes()->mutable_routing_profile();
  profile = *day.floor.engine().FindProfile("routingProfiles/complaints");
  profile.add_entries()->set_queue("queues/business");
  profile.mutable_entries(1)->set_priority(2);
  const auto told = Replayed(day, in);
  CHECK(told.after().all().service_level() > told.before().all().service_level() + 0.05);
  CHECK(told.after().all().abandonment() < told.before().all().abandonment());
  CHECK(told.after().occupancy() > told.before().occupancy());
  CHECK(FromProto(told.after().all().mean_wait()) < FromProto(told.before().all().mean_wait()));
}

TEST_CASE("what is assumed of patience decides who would have gone when it becomes worse") {
  Day day = Lived(11);
  auto in = Asked(day);
  // The second agent of business serves it no more.
  auto& agent = *in.add_changes()->mutable_agent();
  agent = *day.floor.engine().FindAgent(Id("1002"));
  agent.set_routing_profile("routingProfiles/complaints");
  *in.mutable_patience() = ToProto(Duration{10s});
  const auto hasty = Replayed(day, in);
  CHECK_FALSE(hasty.patience_measured());
  *in.mutable_patience() = ToProto(Duration{1h});
  const auto patient = Replayed(day, in);
  CHECK(hasty.after().all().abandonment() > hasty.before().all().abandonment());
  CHECK(hasty.after().all().abandoned() > patient.after().all().abandoned());
}

TEST_CASE("a replay says which change is refused, and hides the queues of others") {
  Day day = Lived(3);
  auto in = Asked(day);
  in.add_changes()->mutable_queue()->set_name("queues/" + Id("nowhere"));
  const auto refused = domain::Replay(day.floor.engine().Snapshot(), day.past, in, All);
  REQUIRE_FALSE(refused);
  CHECK(refused.error().metadata.at("change") == "0");
  in.clear_changes();
  const auto blind =
      domain::Replay(day.floor.engine().Snapshot(), day.past, in, [](const std::string&) { return false; });
  REQUIRE(blind);
  CHECK(blind->before().queues().empty());
  CHECK(blind->before().all().offered() > 0);
}
