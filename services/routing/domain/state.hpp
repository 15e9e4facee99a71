#pragma once
#include <algorithm>
#include <array>
#include <compare>
#include <functional>
#include <iterator>
#include <limits>
#include <memory_resource>
#include <ranges>
#include <unordered_map>

#include "base/check.hpp"
#include "base/ids.hpp"
#include "base/proto_time.hpp"
#include "calendar/working_time.hpp"
#include "routing/domain/engine.hpp"

/// The engine's compact types: how the .cpp files of the engine see one shard. Nobody else includes this.
namespace carillon::routing::domain {

using SkillLevels = std::vector<std::pair<std::string, int>>;  // skill id, level; by skill id

inline constexpr Channels kEveryChannel = ~Channels{0};
inline Channels Bit(carillon::type::v1::Channel channel) {
  return Channels{1} << static_cast<unsigned>(channel);
}

/// The order of waiting work. Does not change while it waits.
struct Engine::Key {
  std::int32_t priority = 5;
  std::int64_t effective = 0;  // arrival less bonus, microseconds
  std::int64_t sequence = 0;
  auto operator<=>(const Key&) const = default;
};

/// One queue: its rules, those who wait in it, and what it has learnt.
struct Engine::Room {
  using Tree = __gnu_pbds::tree<Key, __gnu_pbds::null_type, std::less<Key>, __gnu_pbds::rb_tree_tag,
                                __gnu_pbds::tree_order_statistics_node_update>;
  std::string id;
  pb::Queue rules;
  pb::QueueFigures figures;
  pb::Canary canary;               // that runs, or the last; without uid = none
  std::optional<pb::Queue> trial;  // while one runs: the rules that are tried
  std::optional<calendar::WorkingCalendar> hours;
  std::set<Duration> delays;                                // of all profiles, > 0
  Pool* plain = nullptr;                                    // for work that asks nothing of its own
  Tree line;                                                // QUEUED work by key, for positions
  std::set<std::pair<std::int64_t, std::int64_t>> by_time;  // queue time, sequence
  int reserved = 0;
  int in_service = 0;
  int dormant = 0;  // callbacks whose time has not come
};

struct Engine::Work {
  std::string id;
  pb::InteractionRecord record;
  Key key;
  Room* room = nullptr;
  Pool* home = nullptr;          // of its own queue, as long as what it asks stays the same
  std::vector<Pool*> pools;      // while QUEUED and not held
  Session* held_by = nullptr;    // waits for this agent alone
  Session* session = nullptr;    // RESERVED, ASSIGNED, WRAPPING
  std::vector<Session*> others;  // RESERVED: whom the offer rings besides
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

/// Who has less in hand, then who is idle for longer.
struct SessionByIdle {
  template <class S>
  bool operator()(const S* a, const S* b) const {
    if (a->works.size() != b->works.size()) return a->works.size() < b->works.size();
    const auto ia = a->record.idle_since();
    const auto ib = b->record.idle_since();
    return ia != ib ? ia < ib : a->agent < b->agent;
  }
};

/// What work asks of an agent in one queue.
struct Need {
  carillon::type::v1::Channel channel = carillon::type::v1::VOICE;  // room for work of it
  SkillLevels all;                                                  // after overflow and rings
  bool ranked = false;                    // `all` ranks the agents and leaves nobody out
  std::vector<SkillLevels> alternatives;  // of the criteria step: one is enough
  std::vector<std::string> agents;        // of the criteria step: or one of these
};

/// Those who wait in one queue and ask the same, and those who may take it.
struct Engine::Pool {
  std::string key;
  Room* room = nullptr;
  Need need;
  std::map<Key, Work*> waiting;
  std::set<Session*, SessionByIdle> ready;
  int users = 0;      // works that call it home or wait in it
  int qualified = 0;  // signed in
  int working = 0;    // of these, not NOT_READY
};

struct ProfileEntry {
  int priority = 1;
  Duration delay{};
};

/// A signed-in agent. What a choice looks at lies together, at the end, the first places too: on a large
/// floor none of it is in the cache, and each look elsewhere costs more than the choice itself.
struct Engine::Session {
  struct Place {  // in one pool
    Pool* pool;
    int priority;  // of the queue in the profile
  };
  static constexpr std::size_t kFewPlaces = 8;

  explicit Session(std::string_view id) : agent(id) { places.reserve(kFewPlaces); }

  pb::SessionRecord record;
  std::vector<Work*> works;  // offered or in hand, as they came
  Channels open = 0;         // work of these may come now: the ready sets it is in
  bool counted_working = false;
  bool dirty = false;
  std::string agent;
  const pb::Agent* rules = nullptr;
  std::set<Work*, WorkByKey> held;
  alignas(Place) std::array<std::byte, kFewPlaces * sizeof(Place)> near;
  std::pmr::monotonic_buffer_resource beside{near.data(), near.size()};
  std::pmr::vector<Place> places{&beside};

  pb::AgentSession& view() { return *record.mutable_session(); }
  const pb::AgentSession& view() const { return record.session(); }
};

/// The signed-in agents by id, side by side in memory. A name costs two looks outside the cache, however
/// large the floor: at its hash, which has the place beside it, and at the session.
template <class Session>
class ByAgent {
 public:
  ByAgent() = default;
  ByAgent(const ByAgent&) = delete;
  ByAgent& operator=(const ByAgent&) = delete;
  ~ByAgent() {
    for (Session* session : Each()) memory_.delete_object(session);
  }

  std::size_t size() const { return size_; }
  /// In no order.
  auto Each() const {
    return slots_ | std::views::transform(&Slot::session) |
           std::views::filter([](const Session* session) { return session != nullptr; });
  }
  /// nullptr = not signed in.
  Session* Find(std::string_view agent) const { return slots_[SlotOf(agent, HashOf(agent))].session; }
  /// For what is told of many.
  std::vector<const Session*> Sorted() const {
    std::vector<const Session*> out;
    std::ranges::copy(Each(), std::back_inserter(out));
    std::ranges::sort(out, {}, &Session::agent);
    return out;
  }
  /// Of one who must be there.
  Session& At(std::string_view agent) const {
    Session* const found = Find(agent);
    CARILLON_CHECK(found != nullptr);
    return *found;
  }
  /// The session of the agent, a new one when there is none.
  Session& Add(std::string_view agent) {
    if (Session* const there = Find(agent); there != nullptr) return *there;
    if (2 * ++size_ > slots_.size()) {
      const auto before = std::exchange(slots_, std::vector<Slot>(2 * slots_.size()));
      for (const Slot& slot : before)
        if (slot.session != nullptr) slots_[SlotOf(slot.session->agent, slot.hash)] = slot;
    }
    const auto hash = HashOf(agent);
    return *(slots_[SlotOf(agent, hash)] = {hash, memory_.template new_object<Session>(agent)}).session;
  }
  void Remove(Session& session) {
    auto hole = SlotOf(session.agent, HashOf(session.agent));
    // Who was put aside because the slot was taken moves back.
    for (auto at = Next(hole); slots_[at].session != nullptr; at = Next(at))
      if (((at - slots_[at].hash) & Mask()) >= ((at - hole) & Mask())) {
        std::swap(slots_[hole], slots_[at]);
        hole = at;
      }
    slots_[hole] = {};
    --size_;
    memory_.delete_object(&session);
  }

 private:
  struct Slot {
    std::size_t hash = 0;
    Session* session = nullptr;
  };
  static std::size_t HashOf(std::string_view agent) { return std::hash<std::string_view>{}(agent); }
  std::size_t Mask() const { return slots_.size() - 1; }
  std::size_t Next(std::size_t at) const { return (at + 1) & Mask(); }
  /// Where the agent is, or would be.
  std::size_t SlotOf(std::string_view agent, std::size_t hash) const {
    auto at = hash & Mask();
    while (slots_[at].session != nullptr && (slots_[at].hash != hash || slots_[at].session->agent != agent))
      at = Next(at);
    return at;
  }

  std::pmr::unsynchronized_pool_resource chunks_;
  std::pmr::polymorphic_allocator<> memory_{&chunks_};
  std::vector<Slot> slots_ = std::vector<Slot>(16);  // a power of two, at most half of them taken
  std::size_t size_ = 0;
};

/// The agent chosen for work, and how many were left out and why.
struct Engine::Chosen {
  Session* session = nullptr;
  const char* strategy = "LONGEST_IDLE";
  int refused = 0;
  int delayed = 0;
  int not_paired = 0;
  std::int64_t points = 0;
};

/// What work asks in one of its queues.
struct Engine::Side {
  const Room* room;
  Need need;
};

struct Engine::State {
  template <class T>
  using ById = std::map<std::string, T, std::less<>>;
  struct Hash {
    using is_transparent = void;
    std::size_t operator()(std::string_view text) const { return std::hash<std::string_view>{}(text); }
  };
  template <class T>
  using Found = std::unordered_map<std::string, T, Hash, std::equal_to<>>;

  ById<std::unique_ptr<Room>> rooms;
  ById<pb::Skill> skills;
  ById<pb::RoutingProfile> profiles;
  ById<pb::Agent> agents;
  pb::DeskRules desks;
  /// What an agent may have at once, and beside what; by channel.
  struct Beside {
    int at_once = 1;
    Channels interrupted_by = 0;
  };
  std::array<Beside, carillon::type::v1::Channel_ARRAYSIZE> beside = StandardMatrix();
  static std::array<Beside, carillon::type::v1::Channel_ARRAYSIZE> StandardMatrix();
  std::optional<calendar::TimeZone> zone;  // in which a day begins; unset = UTC
  ById<pb::AgentDay> days;                 // of agents who rested for a reason with a limit
  ById<std::string> queue_codes, skill_codes, profile_codes, agent_codes;
  Found<std::unique_ptr<Work>> works;
  ByAgent<Session> sessions;
  ById<std::string> seats;                     // seat -> agent
  Found<Work*> reservations;                   // pending only
  ById<std::set<Work*, WorkByKey>> callbacks;  // by customer, or "tel:" and number
  Found<std::unique_ptr<Pool>> pools;
  ById<ById<ProfileEntry>> entries;                             // profile -> queue -> entry
  std::set<std::tuple<TimePoint, std::int64_t, Work*>> timers;  // by time, then sequence
  std::set<std::pair<TimePoint, std::string>> rosters;          // when an agent's profile may change
  std::set<Work*> dirty_works;
  std::set<Session*> dirty_sessions;
  std::set<std::string> dirty_figures;
  std::set<std::string> dirty_canaries;  // queues
  bool dirty_counters = false;
  std::size_t most_pools = 512;  // before those that nobody needs go

  /// What is told of many is told in the order of their ids.
  template <class T>
  static std::vector<const T*> Sorted(const Found<std::unique_ptr<T>>& of) {
    std::map<std::string_view, const T*> by_id;
    for (const auto& [id, each] : of) by_id.emplace(id, each.get());
    std::vector<const T*> out;
    out.reserve(by_id.size());
    for (const auto& [id, each] : by_id) out.push_back(each);
    return out;
  }
  Room* RoomOf(std::string_view id) const {
    const auto found = rooms.find(id);
    return found == rooms.end() ? nullptr : found->second.get();
  }
};

inline std::int64_t Micros(TimePoint at) { return at.time_since_epoch().count(); }
inline TimePoint At(std::int64_t micros) { return TimePoint{Duration{micros}}; }
/// "queues/x" -> "x"; a bare id stays.
inline std::string_view IdPart(std::string_view name) {
  const auto slash = name.rfind('/');
  return slash == std::string_view::npos ? name : name.substr(slash + 1);
}
inline std::string NameOf(std::string_view collection, std::string_view id) {
  return std::string(collection) + "/" + std::string(id);
}
inline Duration Or(bool given, const google::protobuf::Duration& value, Duration standard) {
  return given ? FromProto(value) : standard;
}
inline Duration RefusalDelayOf(const pb::Queue& queue) {
  return Or(queue.has_refusal_delay(), queue.refusal_delay(), std::chrono::seconds{30});
}
inline bool Final(pb::Interaction::State state) {
  return state == pb::Interaction::COMPLETED || state == pb::Interaction::CANCELED ||
         state == pb::Interaction::ABANDONED;
}
/// Has chosen to stop after the work in hand.
inline bool IsLeaving(const pb::AgentSession& view) {
  return view.pending_status() == pb::NOT_READY || view.pending_status() == pb::SIGNED_OUT;
}
inline void AddTo(google::protobuf::Duration* sum, Duration more) { *sum = ToProto(FromProto(*sum) + more); }
/// Asked for advice about another agent's customer: no contact of its own, so no figures, limits or wrap-up.
inline bool IsAdvice(const pb::Interaction& view) {
  return view.direction() == pb::Interaction::INTERNAL && !view.parent().empty();
}
inline Duration ServiceLevelTimeOf(const pb::Queue& queue) {
  return Or(queue.has_service_level_time(), queue.service_level_time(), std::chrono::seconds{20});
}
inline bool InTime(const pb::Queue& queue, const pb::Interaction& view) {
  return FromProto(view.accept_time()) - FromProto(view.queue_time()) <= ServiceLevelTimeOf(queue);
}
/// What others may know: without the agents' words, the number they brought in and without the data that only
/// the desk needs. They are put aside for the copy, since they may be most of it; `view` is as before.
inline pb::Interaction Published(pb::Interaction& view) {
  std::string note;
  std::remove_pointer_t<decltype(view.mutable_attached_data())> data;
  view.mutable_note()->swap(note);
  view.mutable_attached_data()->swap(data);
  pb::Interaction out = view;
  out.clear_briefing();
  out.clear_outside_number();
  if (out.has_consult()) out.mutable_consult()->clear_phone_number();
  view.mutable_note()->swap(note);
  view.mutable_attached_data()->swap(data);
  return out;
}
template <class T>
std::shared_ptr<T> CopyOf(const T& value) {
  return std::make_shared<T>(value);
}
template <class E>
E& Engine::Tell(Work& work) {
  auto event = std::make_shared<E>();
  *event->mutable_interaction() = Published(work.view());
  E& said = *event;
  Publish(Event::Aggregate::kInteraction, work.id, std::move(event));
  return said;
}
/// The agent shall not get this work until then.
inline void Refuse(pb::InteractionRecord& record, const std::string& agent, TimePoint until, TimePoint now) {
  auto& list = *record.mutable_refusals();
  for (int i = list.size() - 1; i >= 0; --i)
    if (list[i].until() <= Micros(now) || list[i].agent() == agent) list.DeleteSubrange(i, 1);
  auto& made = *list.Add();
  made.set_agent(agent);
  made.set_until(Micros(until));
}
/// A channel is in the list twice, or one that this build does not know.
template <class List>
bool Twice(const List& rules) {
  Channels seen = 0;
  for (const auto& rule : rules) {
    if (!carillon::type::v1::Channel_IsValid(rule.channel()) || (seen & Bit(rule.channel())) != 0)
      return true;
    seen |= Bit(rule.channel());
  }
  return false;
}
/// The queue's calendar; nullopt = always open. INVALID_ARGUMENT with the field that cannot be read.
Result<std::optional<calendar::WorkingCalendar>> CalendarOf(const pb::Queue& queue);
/// The zone in which a day of the tenant begins. NOT_FOUND TIME_ZONE_UNKNOWN.
Result<calendar::TimeZone> ZoneOf(const pb::DeskRules& desks);
/// The part of the session's working time spent on work, of a million; NOT_READY does not count.
inline std::int64_t OccupancyOf(const pb::AgentSession& view, TimePoint now) {
  auto ready = FromProto(view.ready_duration());
  if (view.state() == pb::AgentSession::READY) ready += now - FromProto(view.state_time());
  const auto busy = FromProto(view.reserved_duration()) + FromProto(view.busy_duration()) +
                    FromProto(view.wrapping_duration());
  const auto all = busy + ready;
  return all <= Duration{0} ? 0 : busy.count() * 1'000'000 / all.count();
}

}  // namespace carillon::routing::domain
