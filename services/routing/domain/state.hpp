#pragma once
#include <compare>
#include <functional>
#include <unordered_map>

#include "routing/domain/engine.hpp"

/// The engine's compact types: how engine.cpp and match.cpp see one shard. Nobody else includes this.
namespace carillon::routing::domain {

/// The order of waiting work. Does not change while it waits.
struct Engine::Key {
  std::int32_t priority = 5;
  std::int64_t effective = 0;  // arrival less bonus, microseconds
  std::int64_t sequence = 0;
  auto operator<=>(const Key&) const = default;
};

struct Engine::Work {
  std::string id;
  pb::InteractionRecord record;
  Key key;
  std::vector<Pool*> pools;    // while QUEUED and not held
  Session* held_by = nullptr;  // waits for this agent alone
  Session* session = nullptr;  // RESERVED, ASSIGNED, WRAPPING
  std::optional<TimePoint> armed;
  bool in_line = false;
  bool dirty = false;

  pb::Interaction& view() { return *record.mutable_interaction(); }
  const pb::Interaction& view() const { return record.interaction(); }
};

struct WorkByKey {
  template <class W>
  bool operator()(const W* a, const W* b) const {
    return a->key < b->key;
  }
};

struct SessionByIdle {
  template <class S>
  bool operator()(const S* a, const S* b) const {
    const auto ia = a->record.idle_since();
    const auto ib = b->record.idle_since();
    return ia != ib ? ia < ib : a->agent < b->agent;
  }
};

/// Those who wait in one queue with the same requirements, and those who may take it.
struct Engine::Pool {
  std::string key;
  std::string queue;
  std::vector<std::pair<std::string, int>> requirements;  // skill id, level; by skill id
  std::set<Work*, WorkByKey> waiting;
  std::set<Session*, SessionByIdle> ready;
  int qualified = 0;  // signed in
  int working = 0;    // of these, not NOT_READY
};

/// A signed-in agent.
struct Engine::Session {
  std::string agent;
  pb::SessionRecord record;
  std::vector<Pool*> pools;
  std::set<Work*, WorkByKey> held;
  Work* work = nullptr;
  bool in_ready = false;
  bool counted_working = false;
  bool dirty = false;

  pb::AgentSession& view() { return *record.mutable_session(); }
  const pb::AgentSession& view() const { return record.session(); }
  bool available() const { return view().state() == pb::AgentSession::READY && view().desk_connected(); }
};

/// QUEUED work of one queue, by key, with positions.
struct Engine::Line {
  using Tree = __gnu_pbds::tree<Key, std::string, std::less<Key>, __gnu_pbds::rb_tree_tag,
                                __gnu_pbds::tree_order_statistics_node_update>;
  Tree tree;
  std::set<std::pair<std::int64_t, std::string>> by_time;  // queue time, id
  int reserved = 0;
  int in_service = 0;
};

struct ProfileEntry {
  int priority = 1;
  Duration delay{};
};

struct Engine::Chosen {
  Session* session = nullptr;
  const char* strategy = "LONGEST_IDLE";
  int refused = 0;
  int delayed = 0;
};

struct Engine::State {
  std::map<std::string, pb::Queue, std::less<>> queues;
  std::map<std::string, pb::Skill, std::less<>> skills;
  std::map<std::string, pb::RoutingProfile, std::less<>> profiles;
  std::map<std::string, pb::Agent, std::less<>> agents;
  std::map<std::string, pb::QueueFigures, std::less<>> figures;
  std::map<std::string, std::string, std::less<>> queue_codes, skill_codes, profile_codes, agent_codes;
  std::map<std::string, std::unique_ptr<Work>, std::less<>> works;
  std::map<std::string, std::unique_ptr<Session>, std::less<>> sessions;
  std::map<std::string, std::string, std::less<>> seats;   // seat -> agent
  std::map<std::string, Work*, std::less<>> reservations;  // pending only
  std::map<std::string, std::unique_ptr<Pool>, std::less<>> pools;
  std::map<std::string, Line, std::less<>> lines;
  std::map<std::string, std::map<std::string, ProfileEntry>, std::less<>>
      entries;                                                    // profile -> queue -> entry
  std::map<std::string, std::set<Duration>, std::less<>> delays;  // queue -> delays > 0
  std::set<std::pair<TimePoint, std::string>> timers;
  std::set<Work*> dirty_works;
  std::set<Session*> dirty_sessions;
  std::set<std::string> dirty_figures;
  bool dirty_counters = false;
};

inline std::int64_t Micros(TimePoint at) { return at.time_since_epoch().count(); }
inline TimePoint At(std::int64_t micros) { return TimePoint{Duration{micros}}; }
/// "queues/x" -> "x"; a bare id stays.
inline std::string_view IdPart(std::string_view name) {
  const auto slash = name.rfind('/');
  return slash == std::string_view::npos ? name : name.substr(slash + 1);
}

}  // namespace carillon::routing::domain
