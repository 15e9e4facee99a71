#include <catch2/catch.hpp>
#include <deque>
#include <set>

#include "base/proto_time.hpp"
#include "floor.hpp"

using namespace std::chrono_literals;
using carillon::FromProto;
using carillon::TimePoint;
using carillon::routing::testing::Bytes;
using carillon::routing::testing::Floor;
using carillon::routing::testing::Id;
namespace domain = carillon::routing::domain;
namespace pb = carillon::routing::v1;

/// The reservation protocol of two agents and three works, walked through exhaustively: from every situation
/// every act, and every step is taken by an engine that was just rebuilt from the records of the ones before,
/// as after a crash. Calls one at a time, chats of which an agent has two, and both: a call may come beside a
/// chat, nothing beside a call, and one agent has a second chat.
namespace {

using Channel = carillon::type::v1::Channel;

const std::vector<std::string> kAgents{"1001", "1002"};
const std::vector<std::string> kWorks{"first", "second", "third"};

enum class Works { kCalls, kChats, kBoth };

struct World {
  int many = 1;  // agents whom an offer rings
  Works works = Works::kCalls;

  Channel ChannelOf(int work) const {
    const bool call = works == Works::kCalls || (works == Works::kBoth && work == 1);
    return call ? carillon::type::v1::VOICE : carillon::type::v1::CHAT;
  }
  int AtOnce(const std::string& agent, Channel channel) const {
    if (channel == carillon::type::v1::VOICE) return 1;
    return works == Works::kChats || agent == "1002" ? 2 : 1;
  }
  /// New work of `later` may come to who has one of `earlier`.
  bool Beside(Channel earlier, Channel later) const {
    return earlier == later || (works == Works::kBoth && earlier == carillon::type::v1::CHAT);
  }
  std::string Word() const {
    return std::string(works == Works::kCalls   ? "calls"
                       : works == Works::kChats ? "chats"
                                                : "calls and chats") +
           ", offers to " + std::to_string(many);
  }
};

std::string Tail(const std::string& name) { return name.substr(name.find('/') + 1); }

struct Situation {
  std::shared_ptr<const pb::Transitions> records;
  TimePoint now;
  int rung = 0;                                         // works that have come
  std::vector<std::pair<TimePoint, pb::Command>> path;  // since the beginning
  std::map<std::string, int> ends;                      // outcomes by work
  std::set<std::pair<std::string, std::int64_t>> gone;  // reservations and versions that were open before
};

domain::Engine Rebuilt(const pb::Transitions& records, TimePoint now) {
  domain::Engine engine;
  for (const auto& record : records.transitions()) engine.Put(record);
  engine.Settle(now);
  return engine;
}

/// What makes two situations the same for everything that may follow, times apart.
std::string KeyOf(const domain::Engine& engine, const Situation& at) {
  std::string key = std::to_string(at.rung);
  for (const auto& work : kWorks) {
    const auto* record = engine.FindRecord(Id(work));
    key += '|';
    if (record == nullptr) continue;
    const auto& view = record->interaction();
    key += std::to_string(view.state()) + (view.agent().empty() ? "" : view.agent().substr(7, 4)) +
           (record->hold_deadline() != 0 ? "h" : "") + (view.has_connect_time() ? "c" : "");
    for (const auto& refusal : record->refusals())
      if (refusal.until() > at.now.time_since_epoch().count()) key += "!" + refusal.agent().substr(0, 4);
    for (const auto& rung : record->rung()) key += "+" + rung.agent().substr(0, 4);
  }
  for (const auto& agent : kAgents) {
    const auto* session = engine.FindSession(Id(agent));
    key += '/';
    if (session == nullptr) continue;
    for (const auto& slot : session->slots()) key += slot.interaction().substr(13, 4);
    key += std::to_string(session->state()) + (session->desk_connected() ? "d" : "") +
           std::to_string(session->pending_status());
  }
  return key;
}

class Walk {
 public:
  explicit Walk(World world) : world_(world) {
    Floor floor;
    if (world.works != Works::kCalls) {
      pb::Command rules;
      rules.mutable_put_desk_rules()->set_etag("1");
      auto& row = *rules.mutable_put_desk_rules()->add_channels();
      row.set_channel(carillon::type::v1::CHAT);
      row.set_at_once(world.AtOnce("1001", row.channel()));
      if (world.works == Works::kBoth) row.add_interrupted_by(carillon::type::v1::VOICE);
      floor.Do(rules);
    }
    floor.Queue("business", {}, [&](pb::Queue& queue) { queue.set_offer_to(world.many); });
    floor.Profile("all", {"business"});
    for (const auto& agent : kAgents) {
      floor.Agent(agent, "all", {}, 0, [&](pb::Agent& made) {
        if (world.works != Works::kBoth || agent == "1001") return;
        auto& own = *made.add_capacities();
        own.set_channel(carillon::type::v1::CHAT);
        own.set_at_once(world.AtOnce(agent, own.channel()));
      });
      floor.Ready(agent);
    }
    Situation start;
    start.records = std::make_shared<pb::Transitions>(floor.engine().Snapshot());
    start.now = floor.now();
    beginning_ = start;
    open_.push_back(std::move(start));
  }

  /// Until nothing new is found, or `most` situations were: the nearest first, or the nearest and the
  /// farthest in turn.
  void Through(std::size_t most, bool far) {
    for (bool near = true; !open_.empty() && seen_.size() < most; near = !near || !far) {
      const Situation at = std::move(near ? open_.front() : open_.back());
      near ? open_.pop_front() : open_.pop_back();
      for (const auto& act : ActsIn(at)) Step(at, act);
    }
  }
  std::size_t situations() const { return seen_.size(); }
  std::size_t steps() const { return steps_; }
  bool all() const { return open_.empty(); }
  /// The most that one agent had at once, of whatever channels.
  int most_at_once() const { return most_at_once_; }
  std::size_t farthest() const { return farthest_; }

 private:
  std::vector<pb::Command> ActsIn(const Situation& at) const {
    const auto engine = Rebuilt(*at.records, at.now);
    std::vector<pb::Command> acts;
    const auto act = [&]() -> pb::Command& {
      auto& made = acts.emplace_back();
      made.set_actor("system");
      return made;
    };
    if (at.rung < 3) {
      auto& in = *act().mutable_create_interaction();
      in.set_name("interactions/" + Id(kWorks[static_cast<std::size_t>(at.rung)]));
      in.set_channel(world_.ChannelOf(at.rung));
      if (in.channel() == carillon::type::v1::VOICE)
        in.set_call("calls/" + Id("call of " + kWorks[static_cast<std::size_t>(at.rung)]));
      in.set_queue("queues/business");
      if (at.rung == 1) in.set_last_agent("agents/" + Id("1002"));
    }
    for (const auto& work : kWorks) {
      const auto* record = engine.FindRecord(Id(work));
      if (record == nullptr) continue;
      act().mutable_media_ended()->set_interaction(Id(work));
      const auto agent = Tail(record->interaction().agent());
      if (record->interaction().state() == pb::Interaction::ASSIGNED) {
        act().mutable_media_connected()->set_interaction(Id(work));
        auto& failed = *act().mutable_media_failed();
        failed.set_interaction(Id(work));
        failed.set_reservation(Tail(record->interaction().reservation()));
        failed.set_child(Id(work + " again"));
        // One child a work is enough to see.
        if (record->interaction().has_connect_time()) acts.pop_back();
      }
      if (record->interaction().state() == pb::Interaction::WRAPPING) {
        act().mutable_complete()->set_interaction(Id(work));
        acts.back().mutable_complete()->set_agent(agent);
      }
    }
    for (const auto& agent : kAgents) {
      const auto desk = engine.DeskOf(Id(agent), at.now);
      if (desk.offers_size() > 0)
        for (const bool take : {true, false}) {
          auto& made = act();
          auto& answer = take ? *made.mutable_accept() : *made.mutable_reject();
          answer.set_agent(Id(agent));
          answer.set_reservation(Tail(desk.offers(0).reservation().name()));
          answer.set_version(desk.offers(0).reservation().version());
        }
      const auto* session = engine.FindSession(Id(agent));
      if (session == nullptr) continue;
      session->desk_connected() ? act().set_desk_lost(Id(agent)) : act().set_desk_connected(Id(agent));
      if (!session->desk_connected()) act().set_desk_expired(Id(agent));
      auto& status = *act().mutable_set_status();
      status.set_agent(Id(agent));
      const bool works = session->state() != pb::AgentSession::NOT_READY;
      status.set_status(works ? pb::NOT_READY : pb::READY);
      if (works) status.set_reason("REST");
    }
    if (engine.NextDeadline()) act().mutable_tick();
    return acts;
  }

  void Step(const Situation& at, const pb::Command& act) {
    auto engine = Rebuilt(*at.records, at.now);
    Situation next = at;
    next.now = act.has_tick() ? std::max(at.now, *engine.NextDeadline()) : at.now + 1ms;
    const auto applied = engine.Apply(act, next.now);
    ++steps_;
    if (applied.error) {  // refused: nothing has happened
      CHECK(Bytes(engine.Snapshot()) == Bytes(Rebuilt(*at.records, at.now).Snapshot()));
      return;
    }
    next.path.emplace_back(next.now, act);
    if (act.has_create_interaction()) ++next.rung;
    for (const auto& event : applied.events) {
      const auto* message = event.message.get();
      if (dynamic_cast<const pb::InteractionCompleted*>(message) != nullptr ||
          dynamic_cast<const pb::InteractionAbandoned*>(message) != nullptr ||
          dynamic_cast<const pb::InteractionCanceled*>(message) != nullptr)
        ++next.ends[event.key];
    }
    next.records = std::make_shared<pb::Transitions>(engine.Snapshot());
    if (!seen_.insert(KeyOf(engine, next)).second) return;
    farthest_ = std::max(farthest_, next.path.size());
    CheckUnbroken(engine, next);
    CheckInvariants(engine, next);
    CheckAnswersTooLate(engine, next);
    open_.push_back(std::move(next));
  }

  /// Who never crashed on this way stands where this engine does.
  void CheckUnbroken(const domain::Engine& engine, const Situation& at) const {
    auto live = Rebuilt(*beginning_.records, beginning_.now);
    for (const auto& [now, act] : at.path) REQUIRE_FALSE(live.Apply(act, now).error);
    REQUIRE(Bytes(live.Snapshot()) == Bytes(engine.Snapshot()));
    REQUIRE(live.NextDeadline() == engine.NextDeadline());
  }

  void CheckInvariants(const domain::Engine& engine, const Situation& at) {
    std::map<std::string, std::vector<const pb::Interaction*>> holders;
    std::set<Channel> waits;
    for (int i = 0; i < at.rung; ++i) {
      const auto& name = kWorks[static_cast<std::size_t>(i)];
      const auto* record = engine.FindRecord(Id(name));
      const auto ended = at.ends.find(Id(name));
      // Alive, or over with one outcome; never both, never lost.
      if (record == nullptr) {
        REQUIRE(ended != at.ends.end());
        REQUIRE(ended->second == 1);
        continue;
      }
      REQUIRE(ended == at.ends.end());
      const auto& view = record->interaction();
      if (view.state() == pb::Interaction::QUEUED) {
        REQUIRE(view.agent().empty());
        if (record->hold_deadline() == 0 && record->refusals().empty()) waits.insert(view.channel());
        continue;
      }
      holders[Tail(view.agent())].push_back(&view);
      for (const auto& rung : record->rung()) holders[rung.agent()].push_back(&view);
      const auto* session = engine.FindSession(Tail(view.agent()));
      REQUIRE(session != nullptr);
      REQUIRE(std::count_if(session->slots().begin(), session->slots().end(),
                            [&](const auto& slot) { return slot.interaction() == view.name(); }) == 1);
    }
    for (const auto& agent : kAgents) {
      const auto* session = engine.FindSession(Id(agent));
      if (session == nullptr) continue;
      const auto& held = holders[Id(agent)];
      const auto in = [&](pb::Interaction::State state) {
        return std::count_if(held.begin(), held.end(),
                             [&](const auto* view) { return view->state() == state; });
      };
      const auto rings = in(pb::Interaction::RESERVED);
      const auto talks = in(pb::Interaction::ASSIGNED);
      const int all = static_cast<int>(held.size());
      most_at_once_ = std::max(most_at_once_, all);
      REQUIRE(session->slots_size() == all);
      REQUIRE(rings <= 1);
      // What came later was let in by what was there, and there was room for it.
      for (const auto* view : held) {
        const auto same = std::count_if(
            held.begin(), held.end(), [&](const auto* other) { return other->channel() == view->channel(); });
        REQUIRE(same <= world_.AtOnce(agent, view->channel()));
        for (const auto* other : held)
          if (FromProto(other->offer_time()) < FromProto(view->offer_time()))
            REQUIRE(world_.Beside(other->channel(), view->channel()));
      }
      const bool holds = session->state() == pb::AgentSession::RESERVED ||
                         session->state() == pb::AgentSession::BUSY ||
                         session->state() == pb::AgentSession::WRAPPING;
      REQUIRE(holds == (all > 0));
      if (holds)
        REQUIRE(session->state() == (talks > 0   ? pb::AgentSession::BUSY
                                     : rings > 0 ? pb::AgentSession::RESERVED
                                                 : pb::AgentSession::WRAPPING));
      // Nobody has room while somebody waits whom they may have.
      const bool leaves =
          session->pending_status() == pb::NOT_READY || session->pending_status() == pb::SIGNED_OUT;
      const bool open = session->desk_connected() && rings == 0 && !leaves &&
                        session->state() != pb::AgentSession::NOT_READY;
      for (const auto channel : waits) {
        int same = 0;
        bool room = open;
        for (const auto* view : held) {
          room = room && world_.Beside(view->channel(), channel);
          same += view->channel() == channel ? 1 : 0;
        }
        REQUIRE_FALSE((room && same < world_.AtOnce(agent, channel)));
      }
    }
  }

  /// An answer to an offer that is not open any more, or by the wrong agent or version, changes nothing.
  void CheckAnswersTooLate(const domain::Engine& engine, Situation& at) {
    std::set<std::pair<std::string, std::int64_t>> open;
    for (const auto& agent : kAgents) {
      const auto desk = engine.DeskOf(Id(agent), at.now);
      for (const auto& offer : desk.offers())
        open.emplace(Tail(offer.reservation().name()) + "@" + agent, offer.reservation().version());
    }
    auto late = Rebuilt(*at.records, at.now);
    for (const auto& [reservation, version] : at.gone) {
      if (open.contains({reservation, version})) continue;
      const auto split = reservation.find('@');
      for (const auto& agent : kAgents)
        for (const auto off : {0, 1}) {
          pb::Command command;
          auto& in = *command.mutable_accept();
          in.set_agent(Id(agent));
          in.set_reservation(reservation.substr(0, split));
          in.set_version(version + off);
          const auto answered = late.Apply(command, at.now);
          REQUIRE((answered.error || !answered.changed()));
          if (answered.error) REQUIRE(answered.error->reason == "RESERVATION_GONE");
          ++steps_;
        }
    }
    at.gone.insert(open.begin(), open.end());
  }

  World world_;
  Situation beginning_;
  std::deque<Situation> open_;
  std::set<std::string> seen_;
  std::size_t steps_ = 0;
  std::size_t farthest_ = 0;
  int most_at_once_ = 0;
};

}  // namespace

TEST_CASE("two agents, three works: near and far situations, with a crash before every step") {
  const World world{GENERATE(1, 2), GENERATE(Works::kCalls, Works::kChats, Works::kBoth)};
  INFO(world.Word());
  Walk walk(world);
  walk.Through(4'000, true);
  CHECK(walk.situations() >= 4'000);
  CHECK(walk.steps() > 20'000);
  CHECK(walk.farthest() > 12);
  CHECK(walk.most_at_once() == (world.works == Works::kCalls ? 1 : 2));
}

TEST_CASE("two agents, three works: every situation there is, with a crash before every step", "[.long]") {
  const World world{GENERATE(1, 2), Works::kCalls};
  Walk walk(world);
  walk.Through(1'000'000, false);
  CHECK(walk.all());
  WARN(world.Word() << ": " << walk.situations() << " situations, " << walk.steps() << " steps");
}

TEST_CASE("two agents, three works of two channels: the nearest 100,000 situations", "[.long]") {
  const World world{GENERATE(1, 2), GENERATE(Works::kChats, Works::kBoth)};
  Walk walk(world);
  walk.Through(100'000, false);
  CHECK((walk.all() || walk.situations() >= 100'000));
  CHECK(walk.most_at_once() == (world.works == Works::kBoth ? 3 : 2));
  WARN(world.Word() << ": " << walk.situations() << " situations, " << walk.steps() << " steps"
                    << (walk.all() ? ", all" : ""));
}
