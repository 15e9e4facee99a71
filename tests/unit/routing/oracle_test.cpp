#include <algorithm>
#include <array>
#include <catch2/catch.hpp>
#include <optional>
#include <random>
#include <set>
#include <sstream>
#include <stdexcept>

#include "base/proto_time.hpp"
#include "floor.hpp"

using namespace std::chrono_literals;
using carillon::FromProto;
using carillon::TimePoint;
using carillon::routing::testing::Call;
using carillon::routing::testing::Floor;
using carillon::routing::testing::Id;
namespace pb = carillon::routing::v1;

/// A day of random acts on a random floor, each step checked against rules worked out from scratch: the
/// oracle reads only the public records and the rules, and knows nothing of pools, lines or timers. A day
/// that goes wrong is made as short as it can be and still goes wrong before it is shown.
namespace {

/// The engine and the rules differ.
struct Broken : std::runtime_error {
  using runtime_error::runtime_error;
};

#define MUST(condition, ...)                                                                     \
  do {                                                                                           \
    if (!(condition)) throw Broken(std::string(#condition " ") __VA_OPT__(+Words(__VA_ARGS__))); \
  } while (false)

template <class... Parts>
std::string Words(const Parts&... parts) {
  std::ostringstream out;
  (out << ... << parts);
  return out.str();
}

/// A rule that the oracle may be made to forget: then it must find fault with an engine that keeps it.
enum class Rule {
  kNone,
  kRefusals,
  kDelays,
  kSkills,
  kPairs,
  kCriteria,
  kBonus,
  kDue,
  kCapacity,
  kMatrix,
  kCanary
};

struct Oracle {
  Floor& floor;
  std::vector<std::string> agents;  // codes
  std::set<std::string> works;      // short names alive
  Rule forgotten = Rule::kNone;
  int checks = 0;
  std::map<std::string, pb::Queue> tried = {};                // rules of running canaries, by queue
  std::map<std::string, std::array<int, 3>> steps_seen = {};  // overflow, rings, criteria of who waits
  std::map<std::string, std::pair<std::int64_t, std::int64_t>> places = {};  // arrival, sequence

  /// The rules the work goes by in its queue: those of a running canary when its lot says so.
  const pb::Queue& RulesOf(const pb::InteractionRecord& work) {
    const auto& queue = *floor.engine().FindQueue(work.interaction().queue());
    const auto* canary = floor.engine().FindCanary(queue.name());
    if (forgotten == Rule::kCanary || canary == nullptr || canary->state() != pb::Canary::RUNNING ||
        canary->uid() != work.canary().canary() || work.canary().lot() >= canary->share())
      return queue;
    // Of the queue itself stay who it is, when it is open and how long, and the order in it.
    auto& rules = tried[queue.name()] = canary->policy();
    rules.set_max_length(queue.max_length());
    *rules.mutable_full_target() = queue.full_target();
    return rules;
  }

  const pb::Agent& AgentOf(const std::string& code) { return *floor.engine().FindAgent(Id(code)); }

  static std::string Tail(const std::string& name) { return name.substr(name.find('/') + 1); }

  std::map<std::string, int> Needs(const pb::InteractionRecord& work, const pb::Queue& queue) {
    std::map<std::string, int> out;
    if (queue.evaluation() == pb::Queue::DISREGARD) return out;
    for (const auto& need : queue.required_skills()) out[need.skill()] = std::max(1, need.min_level());
    for (const auto& need : work.interaction().required_skills())
      out[need.skill()] = std::max({out[need.skill()], need.min_level(), 1});
    for (const auto& dropped : work.dropped_skills()) out.erase("skills/" + dropped);
    for (auto& [skill, level] : out) level = std::max(1, level - work.levels_lowered());
    return out;
  }

  static int LevelOf(const pb::Agent& agent, const std::string& skill) {
    for (const auto& held : agent.skills())
      if (held.skill() == skill) return held.level();
    return 0;
  }

  static bool Holds(const pb::Agent& agent, const std::map<std::string, int>& needs) {
    return std::all_of(needs.begin(), needs.end(),
                       [&](const auto& need) { return LevelOf(agent, need.first) >= need.second; });
  }

  /// The agent is what the criteria step of the work asks, if one holds.
  bool Meets(const pb::Agent& agent, const pb::InteractionRecord& work) {
    const auto& rules = RulesOf(work);
    const auto& steps =
        work.interaction().criteria().empty() ? rules.criteria() : work.interaction().criteria();
    if (work.criteria_expired() >= steps.size()) return true;
    const auto& step = steps[work.criteria_expired()];
    for (const auto& name : step.agents())
      if (name == agent.name()) return true;
    for (const auto& alternative : step.any_of()) {
      std::map<std::string, int> needs;
      for (const auto& need : alternative.all_of())
        needs[need.skill()] = std::max({needs[need.skill()], need.min_level(), 1});
      if (Holds(agent, needs)) return true;
    }
    return false;
  }

  using Channel = carillon::type::v1::Channel;

  /// Work of channel `y` may come beside work of channel `x`.
  bool Beside(Channel x, Channel y) {
    if (x == y || forgotten == Rule::kMatrix) return true;
    for (const auto& rule : floor.engine().Desks().channels())
      if (rule.channel() == x)
        return std::find(rule.interrupted_by().begin(), rule.interrupted_by().end(), y) !=
               rule.interrupted_by().end();
    const std::set<Channel> waits{carillon::type::v1::EMAIL, carillon::type::v1::FAX,
                                  carillon::type::v1::VOICEMAIL, carillon::type::v1::TASK};
    const std::set<Channel> urgent{carillon::type::v1::VOICE, carillon::type::v1::CALLBACK,
                                   carillon::type::v1::VIDEO, carillon::type::v1::CHAT,
                                   carillon::type::v1::SMS};
    return waits.contains(x) && urgent.contains(y);
  }

  int AtOnce(const pb::Agent& agent, Channel channel) {
    if (forgotten == Rule::kCapacity) return 25;
    for (const auto& own : agent.capacities())
      if (own.channel() == channel) return own.at_once();
    for (const auto& rule : floor.engine().Desks().channels())
      if (rule.channel() == channel && rule.at_once() != 0) return rule.at_once();
    return channel == carillon::type::v1::CHAT ? 3 : channel == carillon::type::v1::EMAIL ? 5 : 1;
  }

  /// Beside what the session has (but for one work) there is room for another of the channel.
  bool Room(const pb::AgentSession& session, Channel channel, const std::string& but = "") {
    int same = 0;
    for (const auto& slot : session.slots()) {
      if (slot.interaction() == but) continue;
      if (slot.state() == pb::AgentSession::Slot::RINGING) return false;
      if (!Beside(slot.channel(), channel)) return false;
      same += slot.channel() == channel ? 1 : 0;
    }
    return same < AtOnce(*floor.engine().FindAgent(Tail(session.agent())), channel);
  }

  /// The agent takes work of the channel now: at work, at an open desk, not about to leave, with room for it.
  bool Takes(const pb::AgentSession& session, Channel channel) {
    if (!session.desk_connected() || session.state() == pb::AgentSession::NOT_READY) return false;
    if (session.pending_status() == pb::NOT_READY || session.pending_status() == pb::SIGNED_OUT) return false;
    return Room(session, channel);
  }

  /// The profile's priority when the agent may take the work now; 0 = may not.
  int May(const std::string& code, const pb::InteractionRecord& work) {
    const auto& agent = AgentOf(code);
    if (work.dormant()) return 0;  // a callback whose time has not come
    if (work.hold_deadline() != 0) {
      // Kept for its last agent alone.
      if (work.interaction().last_agent() != agent.name()) return 0;
    }
    for (const auto& refusal : work.refusals())
      if (forgotten != Rule::kRefusals && refusal.agent() == Id(code) &&
          refusal.until() > floor.now().time_since_epoch().count())
        return 0;
    if (forgotten != Rule::kPairs) {
      for (const auto& excluded : work.interaction().excluded_agents())
        if (excluded == agent.name()) return 0;
      for (const auto& customer : agent.not_with())
        if (customer == work.interaction().customer()) return 0;
    }
    const bool asked_for = work.directed() && work.interaction().last_agent() == agent.name();
    const bool reserved = asked_for && work.hold_deadline() != 0;
    if (!reserved && forgotten != Rule::kCriteria && !Meets(agent, work)) return 0;
    const auto& profile = *floor.engine().FindProfile(ProfileOf(agent));
    std::vector<std::string> queues{work.interaction().queue()};
    if (work.hold_deadline() == 0)
      for (const auto& added : work.added_queues()) queues.push_back("queues/" + added);
    int best = 0;
    for (const auto& name : queues) {
      const auto& queue = name == queues.front() ? RulesOf(work) : *floor.engine().FindQueue(name);
      for (const auto& entry : profile.entries()) {
        if (entry.queue() != name) continue;
        if (reserved) return std::max(1, entry.priority());
        if (!asked_for && forgotten != Rule::kDelays &&
            floor.now() - FromProto(work.interaction().queue_time()) < FromProto(entry.delay()))
          continue;
        const bool able = forgotten == Rule::kSkills || queue.evaluation() == pb::Queue::BEST_AVAILABLE ||
                          Holds(agent, Needs(work, queue));
        const int priority = std::max(1, entry.priority());
        if (able && (best == 0 || priority < best)) best = priority;
      }
    }
    return best == 0 && reserved ? 1 : best;
  }

  /// The profile in force by the agent's roster.
  std::string ProfileOf(const pb::Agent& agent) const {
    for (const auto& stretch : agent.assignments())
      if (FromProto(stretch.start_time()) <= floor.now() && floor.now() < FromProto(stretch.end_time()))
        return stretch.routing_profile();
    return agent.routing_profile();
  }

  auto KeyOf(const pb::InteractionRecord& work) const {
    const auto bonus = forgotten == Rule::kBonus ? std::int64_t{work.bonus_seconds()} * 1'000'000 : 0;
    return std::tuple(work.interaction().priority(), work.effective_arrival() + bonus, work.sequence());
  }

  /// What time alone does has been done, and was not done before its time: steps, rings, criteria, limits,
  /// offers, wrap-up, callbacks, reminders of holds. `now` is past every deadline of the engine.
  void CheckTimes(const pb::InteractionRecord& work) {
    const auto& view = work.interaction();
    const auto& queue = RulesOf(work);
    const auto now = forgotten == Rule::kDue ? floor.now() + 20s : floor.now();
    const auto at = [](std::int64_t micros) { return TimePoint{carillon::Duration{micros}}; };
    const auto advice = view.direction() == pb::Interaction::INTERNAL && !view.parent().empty();
    const auto callback = view.channel() == carillon::type::v1::CALLBACK;
    switch (view.state()) {
      case pb::Interaction::QUEUED: {
        if (work.dormant()) {
          MUST(FromProto(view.callback_time()) > now, view.name());
          break;
        }
        const auto queued = FromProto(view.queue_time());
        MUST(work.hold_deadline() == 0 || at(work.hold_deadline()) > now, view.name());
        MUST(work.steps() >= queue.overflow_size() ||
                 queued + FromProto(queue.overflow(work.steps()).after()) > now,
             view.name());
        auto leaves = queued;
        for (int i = 0; i <= work.rings() && i < queue.rings_size(); ++i)
          leaves += FromProto(queue.rings(i).stay());
        MUST(work.rings() + 1 >= queue.rings_size() || leaves > now, view.name());
        const auto& criteria = view.criteria().empty() ? queue.criteria() : view.criteria();
        auto ends = queued;
        bool for_good = work.criteria_expired() >= criteria.size();
        for (int i = 0; i <= work.criteria_expired() && i < criteria.size(); ++i) {
          for_good |= !criteria[i].has_stay();
          ends += FromProto(criteria[i].stay());
        }
        MUST(for_good || ends > now, view.name());
        using Target = pb::Queue::Target;
        const auto& target = queue.max_wait_target();
        const bool leads =
            target.kind() == Target::HANG_UP ||
            (target.kind() == Target::CALLBACK && !view.calling_number().empty()) ||
            (target.kind() == Target::QUEUE && target.queue() != queue.name() &&
             std::none_of(work.left_queues().begin(), work.left_queues().end(),
                          [&](const auto& left) { return "queues/" + left == target.queue(); }));
        MUST(!queue.has_max_wait() || callback || advice || !leads ||
                 queued + FromProto(queue.max_wait()) > now,
             view.name());
        break;
      }
      case pb::Interaction::RESERVED:
        MUST(at(work.offer_deadline()) == FromProto(view.offer_time()) + 15s, view.name());
        MUST(at(work.offer_deadline()) > now, view.name());
        break;
      case pb::Interaction::ASSIGNED:
        if (!view.has_hold_time()) break;
        MUST(view.hold_reminders() == (floor.now() - FromProto(view.hold_time())) / 15s, view.name());
        MUST(view.hold_over_limit() || floor.now() - FromProto(view.hold_time()) < 60s, view.name());
        break;
      case pb::Interaction::WRAPPING:
        MUST(at(work.wrap_deadline()) > now && at(work.wrap_deadline()) <= floor.now() + 60s, view.name());
        break;
      default:
        break;
    }
  }

  /// Steps of the wait come in order, none before its time, unless the work or its rules are others now.
  void CheckSteps(const std::string& name, const pb::InteractionRecord& work, bool rules_changed) {
    const auto& view = work.interaction();
    const auto& queue = RulesOf(work);
    const std::array<int, 3> is{work.steps(), work.rings(), work.criteria_expired()};
    const auto known = steps_seen.find(name + "/" + view.queue());
    const auto was = known == steps_seen.end() ? std::array<int, 3>{} : known->second;
    if (!rules_changed) {
      const auto waited = floor.now() - FromProto(view.queue_time());
      // Steps taken before the queue had fewer of them are not asked about.
      for (int i = was[0]; i < std::min(is[0], queue.overflow_size()); ++i)
        MUST(FromProto(queue.overflow(i).after()) <= waited, name);
      carillon::Duration stay{};
      for (int i = 0; i < std::min(is[1], queue.rings_size()); ++i) stay += FromProto(queue.rings(i).stay());
      MUST(is[1] == was[1] || stay <= waited, name);
    }
    MUST(is[0] >= was[0] && is[1] >= was[1] && is[2] >= was[2], name);
    steps_seen[name + "/" + view.queue()] = is;
    // Whatever queue, ring or callback it goes through, nobody loses the place of the arrival.
    const std::pair place{work.effective_arrival(), work.sequence()};
    MUST(places.emplace(name, place).first->second == place, name);
  }

  /// What the rules of the queue see in the agent for new work; the lowest gets it. nullopt = a lot decides.
  std::optional<std::int64_t> RankOf(const pb::SessionRecord& session, const pb::InteractionRecord& work) {
    const auto& queue = RulesOf(work);
    const auto& agent = *floor.engine().FindAgent(Tail(session.session().agent()));
    const auto& view = session.session();
    const auto needs = Needs(work, queue);
    std::int64_t levels = 0;
    for (const auto& [skill, level] : needs) levels += LevelOf(agent, skill);
    const auto worked = FromProto(view.reserved_duration()) + FromProto(view.busy_duration()) +
                        FromProto(view.wrapping_duration());
    const auto ready = FromProto(view.ready_duration()) + (floor.now() - FromProto(view.state_time()));
    const std::int64_t load =
        worked + ready == carillon::Duration{0} ? 0 : worked.count() * 1'000'000 / (worked + ready).count();
    if (queue.evaluation() == pb::Queue::BEST_AVAILABLE) return -levels;
    switch (queue.strategy()) {
      case pb::Queue::HIGHEST_SKILL:
        return -levels;
      case pb::Queue::ROUND_ROBIN:
        return session.last_offer();
      case pb::Queue::LEAST_TALK:
        return FromProto(view.busy_duration()).count();
      case pb::Queue::FEWEST_HANDLED:
        return view.handled();
      case pb::Queue::TOP_DOWN:
        return agent.rank() == 0 ? 1'000'000 : agent.rank();
      case pb::Queue::LEAST_OCCUPIED:
        return load;
      case pb::Queue::RANDOM:
      case pb::Queue::WEIGHTED_RANDOM:
        return std::nullopt;
      case pb::Queue::WEIGHTED: {
        std::int64_t points = 0;
        const auto now = floor.now().time_since_epoch().count();
        const auto& w = queue.weights();
        if (!needs.empty())
          points += w.skill_level() * levels * 100 / static_cast<std::int64_t>(needs.size());
        points += w.idle_time() *
                  (std::min<std::int64_t>(now - session.idle_since(), 600'000'000) * 1000 / 600'000'000);
        if (work.interaction().last_agent() == agent.name()) points += w.last_agent() * 1000;
        points += w.service_ability() * (agent.service_ability() == 0 ? 50 : agent.service_ability()) * 10;
        points -= w.recent_load() * (load / 1000);
        if (session.slot() == now / 3'600'000'000)
          points -= w.time_of_day() * std::min(10, session.slot_handled()) * 100;
        std::size_t longest = 0;
        std::int64_t preferred = 0;
        for (const auto& rule : queue.number_rules())
          if (work.interaction().calling_number().starts_with(rule.prefix()) &&
              rule.prefix().size() > longest) {
            longest = rule.prefix().size();
            preferred = LevelOf(agent, rule.skill()) * 100;
          }
        return -(points + w.calling_number() * preferred);
      }
      default:
        return 0;
    }
  }

  /// New work went to the agent whom the rules of its queue put first; `before` is who was at work then.
  void CheckChoice(const std::vector<pb::SessionRecord>& before, const pb::InteractionRecord& work) {
    if (work.decisions(work.decisions_size() - 1).strategy() == "LAST_AGENT") return;
    using Place = std::tuple<std::int64_t, int, std::int64_t, std::string>;
    std::optional<Place> first;
    bool lot = false;
    for (const auto& session : before) {
      if (!Takes(session.session(), work.interaction().channel())) continue;
      if (May(CodeOf(Tail(session.session().agent())), work) == 0) continue;
      const auto rank = RankOf(session, work);
      lot |= !rank;
      const Place place{rank.value_or(0), session.session().slots_size(), session.idle_since(),
                        Tail(session.session().agent())};
      if (!first || place < *first) first = place;
    }
    MUST(first.has_value(), work.interaction().name());
    if (!lot) MUST(std::get<3>(*first) == Tail(work.interaction().agent()), work.ShortDebugString());
  }

  /// What is explained is what the rules say, and an agent who could take work is told the best of it.
  void CheckExplanations(const std::vector<const pb::InteractionRecord*>& waiting) {
    for (const auto& code : agents) {
      if (floor.engine().FindSession(Id(code)) == nullptr) continue;
      for (const auto* work : waiting) {
        const auto verdict = floor.engine().VerdictOn(Id(code), Tail(work->interaction().name()));
        const bool open = verdict.bar() == pb::Verdict::MAY || verdict.bar() >= pb::Verdict::NOT_READY;
        const int priority = May(code, *work);
        MUST(open == (priority > 0), code, " ", verdict.ShortDebugString());
        if (open) MUST(verdict.profile_priority() == priority, code, " ", verdict.ShortDebugString());
      }
      const auto explained = floor.engine().ExplainAgent(Id(code), [](const std::string&) { return true; });
      const auto next = std::string(floor.engine().BestWorkFor(Id(code)));
      if (next.empty())
        MUST(explained.verdicts().empty() || (explained.verdicts(0).bar() != pb::Verdict::MAY &&
                                              explained.verdicts(0).bar() < pb::Verdict::NOT_READY),
             code);
      else
        MUST(Tail(explained.verdicts(0).interaction()) == next, code);
    }
  }

  /// Everything that must hold between two commands.
  void Check(bool rules_changed, bool time_passed, const std::vector<pb::InteractionOffered>& offered) {
    std::map<std::string, std::vector<const pb::InteractionRecord*>> holders;  // agent -> works
    std::vector<const pb::InteractionRecord*> waiting;
    for (const auto& name : works) {
      const auto* record = floor.engine().FindRecord(Id(name));
      MUST(record != nullptr);
      const auto state = record->interaction().state();
      if (time_passed) CheckTimes(*record);
      if (state == pb::Interaction::QUEUED) {
        CheckSteps(name, *record, rules_changed);
        waiting.push_back(record);
        MUST(record->interaction().agent().empty());
      } else {
        holders[record->interaction().agent()].push_back(record);
      }
      // Whom an offer to many rings besides.
      MUST((record->rung().empty() || state == pb::Interaction::RESERVED));
      for (const auto& rung : record->rung()) holders["agents/" + rung.agent()].push_back(record);
    }
    for (const auto& [agent, held] : holders) {
      const auto* session = floor.engine().FindSession(Tail(agent));
      MUST(session != nullptr);
      MUST(session->slots_size() == static_cast<int>(held.size()), session->ShortDebugString());
      MUST(session->interaction() == session->slots(0).interaction());
      std::map<pb::Interaction::State, int> states;
      for (const auto* record : held) {
        const auto& view = record->interaction();
        ++states[view.state()];
        using Slot = pb::AgentSession::Slot;
        const auto shown = view.state() == pb::Interaction::RESERVED   ? Slot::RINGING
                           : view.state() == pb::Interaction::WRAPPING ? Slot::WRAPPING
                           : view.has_hold_time()                      ? Slot::HELD
                                                                       : Slot::TALKING;
        MUST(std::any_of(session->slots().begin(), session->slots().end(),
                         [&](const Slot& slot) {
                           return slot.interaction() == view.name() && slot.channel() == view.channel() &&
                                  slot.state() == shown;
                         }),
             session->ShortDebugString());
      }
      MUST(states[pb::Interaction::RESERVED] <= 1);  // one offer rings at a time
      MUST(session->state() == (states[pb::Interaction::ASSIGNED] > 0   ? pb::AgentSession::BUSY
                                : states[pb::Interaction::RESERVED] > 0 ? pb::AgentSession::RESERVED
                                                                        : pb::AgentSession::WRAPPING));
    }
    for (const auto& session : floor.engine().Sessions()) {
      const bool holds = holders.contains(session.agent());
      // Nobody is stuck in a state that needs work.
      if (session.state() == pb::AgentSession::RESERVED || session.state() == pb::AgentSession::BUSY ||
          session.state() == pb::AgentSession::WRAPPING)
        MUST(holds);
      else
        MUST(!holds);
      const auto sum = FromProto(session.not_ready_duration()) + FromProto(session.ready_duration()) +
                       FromProto(session.reserved_duration()) + FromProto(session.busy_duration()) +
                       FromProto(session.wrapping_duration()) +
                       (floor.now() - FromProto(session.state_time()));
      MUST(sum == floor.now() - FromProto(session.create_time()));
    }
    // No available agent sees work the agent may take.
    for (const auto& code : agents) {
      const auto* session = floor.engine().FindSession(Id(code));
      if (session == nullptr) continue;
      for (const auto* work : waiting) {
        if (!Takes(*session, work->interaction().channel())) continue;
        MUST(May(code, *work) == 0, "ready ", code, " may have ", work->interaction().name());
      }
    }
    if (++checks % 40 == 0) CheckExplanations(waiting);
    // No inversion: nothing that waits still was better for the agent who got an offer just now.
    for (const auto& offer : offered) {
      const auto* record = floor.engine().FindRecord(Tail(offer.interaction().name()));
      if (record == nullptr || record->interaction().state() != pb::Interaction::RESERVED) continue;
      const auto code = CodeOf(Tail(offer.reservation().agent()));
      // Never more at once than there is room for, and the best of what there is room for.
      const auto& taker = *floor.engine().FindSession(Id(code));
      const auto& name = record->interaction().name();
      MUST(forgotten != Rule::kNone || Room(taker, record->interaction().channel(), name),
           taker.ShortDebugString());
      auto copy = *record;
      const int priority = std::max(1, May(code, copy));
      for (const auto* other : waiting) {
        const int theirs = May(code, *other);
        if (theirs == 0 || !Room(taker, other->interaction().channel(), name)) continue;
        MUST(rules_changed ? KeyOf(*record) < KeyOf(*other)
                           : std::tuple(priority, KeyOf(*record)) < std::tuple(theirs, KeyOf(*other)),
             "offered ", offer.interaction().name(), " to ", code, ", better ", other->interaction().name());
      }
    }
  }

  /// Since the event `from` nobody has left NOT_READY but who chose so; "" = nobody did.
  void CheckRest(std::size_t from, const std::string& chose) const {
    for (auto at = from; at < floor.events().size(); ++at) {
      const auto* change = dynamic_cast<const pb::AgentStateChanged*>(floor.events()[at].message.get());
      if (change == nullptr || change->from() != pb::AgentSession::NOT_READY) continue;
      MUST(change->to() == pb::AgentSession::NOT_READY || change->to() == pb::AgentSession::SIGNED_OUT ||
               change->agent() == "agents/" + Id(chose),
           change->agent());
    }
  }

  std::string CodeOf(const std::string& id) {
    for (const auto& code : agents)
      if (Id(code) == id) return code;
    throw Broken("unknown agent " + id);
  }
};

/// A floor, and what is done on it: each number is the dice of one act.
struct Script {
  unsigned world = 0;
  std::vector<unsigned> acts;
};

void PlayOn(Floor& floor, const Script& day, Rule forgotten) {
  std::mt19937 random(day.world);
  const auto pick = [&](int n) { return static_cast<int>(random() % static_cast<unsigned>(n)); };
  const std::vector<std::string> skills{"complaint", "cantonese", "sales"};
  for (const auto& skill : skills) floor.Skill(skill);
  const std::vector<std::string> queues{"business", "complaints", "sales"};
  std::vector<std::string> codes;
  for (int i = 0; i < 6; ++i) codes.push_back(std::to_string(1000 + i));
  const auto make_criteria = [&](auto& list) {
    for (int i = 1 + pick(2); i > 0; --i) {
      auto& step = *list.Add();
      for (int n = 1 + pick(2); n > 0; --n) {
        auto& need = *step.add_any_of()->add_all_of();
        need.set_skill("skills/" + skills[static_cast<std::size_t>(pick(3))]);
        need.set_min_level(1 + pick(9));
      }
      if (pick(2) == 0) step.add_agents("agents/" + Id(codes[static_cast<std::size_t>(pick(6))]));
      if (pick(5) != 0)
        *step.mutable_stay() = carillon::ToProto(carillon::Duration{std::chrono::seconds{pick(25)}});
    }
  };
  int made = 0;  // queues that a rule may name
  const auto ask = [&] {
    std::vector<std::pair<std::string, int>> needs;
    if (pick(2) == 0) needs.emplace_back(skills[static_cast<std::size_t>(pick(3))], 1 + pick(6));
    return needs;
  };
  const auto fill = [&](const std::string& code, pb::Queue& queue) {
    queue.set_strategy(static_cast<pb::Queue::Strategy>(pick(11)));
    queue.set_evaluation(static_cast<pb::Queue::Evaluation>(pick(2) * pick(4)));
    queue.set_no_last_agent(pick(5) == 0);
    queue.set_offer_to(pick(3) == 0 ? 2 + pick(3) : 0);
    auto& weights = *queue.mutable_weights();
    for (int i = 1; i <= 7; ++i) {
      const auto* field = pb::Queue::Weights::descriptor()->FindFieldByNumber(i);
      weights.GetReflection()->SetInt32(&weights, field, pick(2) * pick(100));
    }
    auto& number = *queue.add_number_rules();
    number.set_prefix("0763");
    number.set_skill("skills/cantonese");
    if (pick(3) == 0)
      for (int i = 1 + pick(3); i > 0; --i) {
        auto& ring = *queue.add_rings();
        *ring.mutable_stay() = carillon::ToProto(carillon::Duration{std::chrono::seconds{1 + pick(20)}});
        ring.add_drop_skills("skills/" + skills[static_cast<std::size_t>(pick(3))]);
      }
    if (pick(4) == 0) make_criteria(*queue.mutable_criteria());
    const auto target = [&](pb::Queue::Target& to) {
      to.set_kind(static_cast<pb::Queue::Target::Kind>(pick(4)));
      if (to.kind() == pb::Queue::Target::QUEUE)
        to.set_queue("queues/" + (code == "business" ? code : queues[static_cast<std::size_t>(pick(made))]));
    };
    if (pick(3) == 0) target(*queue.mutable_full_target());
    if (pick(4) == 0) {
      *queue.mutable_max_wait() = carillon::ToProto(carillon::Duration{std::chrono::seconds{10 + pick(60)}});
      target(*queue.mutable_max_wait_target());
    }
    if (pick(4) == 0) {
      *queue.mutable_max_wait_no_agent() =
          carillon::ToProto(carillon::Duration{std::chrono::seconds{pick(30)}});
      target(*queue.mutable_no_agent_target());
    }

    if (pick(3) == 0) queue.set_max_length(5);
    int after = 0;
    for (int i = pick(3); i > 0; --i) {
      auto& step = *queue.add_overflow();
      after += 5 + pick(40);
      *step.mutable_after() = carillon::ToProto(carillon::Duration{std::chrono::seconds{after}});
      const int kind = pick(3);
      if (kind == 0 && code != "business")
        step.set_add_queue("queues/business");
      else if (kind == 1)
        step.set_drop_skill("skills/" + skills[static_cast<std::size_t>(pick(3))]);
      else
        step.set_lower_levels_by(1 + pick(4));
    }
  };
  const auto make_queue = [&](const std::string& code) {
    floor.Queue(code, ask(), [&](pb::Queue& queue) { fill(code, queue); });
  };
  const auto make_canary = [&](const std::string& code, const std::string& uid) {
    pb::Command command;
    const int how = pick(6);
    if (how == 0) {
      command.mutable_promote_canary()->set_queue(code);
      command.mutable_promote_canary()->set_etag(uid);
    } else if (how == 1) {
      command.mutable_end_canary()->set_queue(code);
    } else {
      auto& canary = *command.mutable_start_canary();
      canary.set_uid(uid);
      canary.mutable_policy()->set_name("queues/" + code);
      for (const auto& [skill, level] : ask()) {
        auto& need = *canary.mutable_policy()->add_required_skills();
        need.set_skill("skills/" + skill);
        need.set_min_level(level);
      }
      fill(code, *canary.mutable_policy());
      canary.set_share(20 + pick(31));
      canary.set_min_sample(1 + pick(6));
      canary.set_service_level_margin(1 + pick(30));
      canary.set_abandonment_margin(1 + pick(30));
      *canary.mutable_wait_margin() =
          carillon::ToProto(carillon::Duration{std::chrono::seconds{1 + pick(30)}});
    }
    floor.Do(command);
  };
  for (const auto& queue : queues) {
    make_queue(queue);
    ++made;
  }
  const auto make_profile = [&](const std::string& code) {
    floor.Profile(code, {}, [&](pb::RoutingProfile& profile) {
      for (const auto& queue : queues) {
        if (pick(3) == 0) continue;
        auto& entry = *profile.add_entries();
        entry.set_queue("queues/" + queue);
        entry.set_priority(1 + pick(3));
        if (pick(3) == 0)
          *entry.mutable_delay() = carillon::ToProto(carillon::Duration{std::chrono::seconds{pick(30)}});
      }
    });
  };
  make_profile("one");
  make_profile("two");
  const std::vector<carillon::type::v1::Channel> channels{carillon::type::v1::CHAT, carillon::type::v1::EMAIL,
                                                          carillon::type::v1::TASK,
                                                          carillon::type::v1::VOICE};
  Oracle oracle{floor, {}, {}, forgotten};
  const auto make_agent = [&](const std::string& code) {
    std::vector<std::pair<std::string, int>> held;
    for (const auto& skill : skills)
      if (pick(2) == 0) held.emplace_back(skill, 1 + pick(10));
    return floor.Agent(code, pick(2) == 0 ? "one" : "two", held, pick(3), [&](pb::Agent& agent) {
      agent.set_rank(pick(4));
      agent.set_service_ability(pick(3) * 30);
      if (pick(3) == 0) {
        auto& own = *agent.add_capacities();
        own.set_channel(channels[static_cast<std::size_t>(pick(4))]);
        own.set_at_once(1 + pick(3));
      }
      if (pick(4) == 0) agent.add_not_with("customers/" + Id("customer " + std::to_string(pick(3))));
      auto from = floor.now();
      for (int i = pick(4) == 0 ? 1 + pick(3) : 0; i > 0; --i) {
        auto& stretch = *agent.add_assignments();
        from += std::chrono::seconds{pick(60)};
        *stretch.mutable_start_time() = carillon::ToProto(from);
        from += std::chrono::seconds{1 + pick(90)};
        *stretch.mutable_end_time() = carillon::ToProto(from);
        stretch.set_routing_profile(std::string("routingProfiles/") + (pick(2) == 0 ? "one" : "two"));
      }
    });
  };
  oracle.agents = codes;
  for (const auto& code : codes) make_agent(code);
  const auto make_desk_rules = [&] {
    pb::Command command;
    auto& rules = *command.mutable_put_desk_rules();
    rules.add_outside_prefixes("+8620");
    rules.set_etag("1");
    for (const auto channel : channels) {
      if (pick(2) == 0) continue;
      auto& row = *rules.add_channels();
      row.set_channel(channel);
      row.set_at_once(pick(4));
      for (const auto by : channels)
        if (pick(2) == 0) row.add_interrupted_by(by);
    }
    floor.Do(command);
  };
  make_desk_rules();
  std::string outbound;  // the last whose customer may be on the way outside
  const auto any_work = [&]() -> std::string {
    if (oracle.works.empty()) return "none";
    // The one the dice like best: the same whatever others are missing.
    const auto dice = std::to_string(random());
    const auto liking = [&](const std::string& name) { return std::hash<std::string>{}(name + dice); };
    return *std::min_element(oracle.works.begin(), oracle.works.end(),
                             [&](const auto& a, const auto& b) { return liking(a) < liking(b); });
  };
  const auto sweep = [&] {
    for (auto at = oracle.works.begin(); at != oracle.works.end();)
      at = floor.engine().FindRecord(Id(*at)) == nullptr ? oracle.works.erase(at) : std::next(at);
  };
  for (const unsigned dice : day.acts) {
    random.seed(dice);  // an act does the same whatever acts are left out before it
    const auto name = "call " + std::to_string(dice);  // of what it makes
    const auto before = floor.events().size();
    const auto agent = oracle.agents[static_cast<std::size_t>(pick(6))];
    bool rules = false;
    std::string chose_ready;
    const auto version = floor.engine().rule_version();
    switch (pick(28)) {
      case 0:
      case 1:
      case 2: {
        Call call;
        call.queue = queues[static_cast<std::size_t>(pick(3))];
        if (pick(4) == 0) call.grade = pick(2) == 0 ? "GOLD" : "DIAMOND";
        call.elderly = pick(5) == 0;
        if (pick(3) == 0) call.last_agent = oracle.agents[static_cast<std::size_t>(pick(6))];
        if (pick(4) == 0) call.skills.emplace_back(skills[static_cast<std::size_t>(pick(3))], 1 + pick(8));
        if (pick(6) == 0) call.priority = 1 + pick(9);
        call.more = [&](pb::Interaction& in) {
          if (pick(3) == 0) in.set_customer("customers/" + Id("customer " + std::to_string(pick(3))));
          if (pick(2) == 0) in.set_channel(channels[static_cast<std::size_t>(pick(4))]);
          if (pick(8) == 0) in.add_excluded_agents("agents/" + Id(agent));
          if (pick(8) == 0) make_criteria(*in.mutable_criteria());
          if (pick(4) == 0) in.set_calling_number("07633336666");
          if (pick(10) == 0) {
            in.set_channel(carillon::type::v1::CALLBACK);
            in.set_direction(pb::Interaction::OUTBOUND);
            if (pick(2) == 0) *in.mutable_callback_time() = carillon::ToProto(floor.now() + 20s);
          }
          if (pick(6) == 0)
            *in.mutable_agent_patience() =
                carillon::ToProto(carillon::Duration{std::chrono::seconds{pick(40)}});
        };
        std::vector<pb::SessionRecord> sessions;
        const auto state = floor.engine().Snapshot();
        for (const auto& record : state.transitions())
          if (record.has_session()) sessions.push_back(record.session());
        if (floor.Ring(name, call).error) break;
        oracle.works.insert(name);
        const auto* record = floor.engine().FindRecord(Id(name));
        if (record->interaction().state() == pb::Interaction::RESERVED) oracle.CheckChoice(sessions, *record);
        break;
      }
      case 3:
        floor.SignIn(agent);
        break;
      case 4:
        floor.SignOut(agent);
        break;
      case 5:
      case 6:
        chose_ready = agent;
        floor.Status(agent, pb::READY);
        break;
      case 7:
        floor.Status(agent, pb::NOT_READY, pick(2) == 0 ? "REST" : "MEAL");
        break;
      case 8:
      case 9:
        floor.Accept(any_work());
        break;
      case 10: {
        // By what the agent's own desk shows, who may be one of many.
        const auto desk = floor.engine().DeskOf(Id(agent), floor.now());
        if (desk.offers().empty()) {
          floor.Accept(any_work());
          break;
        }
        pb::Command command;
        auto& answer = pick(3) == 0 ? *command.mutable_reject() : *command.mutable_accept();
        answer.set_agent(Id(agent));
        answer.set_reservation(Oracle::Tail(desk.offers(0).reservation().name()));
        answer.set_version(desk.offers(0).reservation().version());
        MUST(!floor.Do(command).error, agent);
        break;
      }
      case 11:
        floor.Reject(any_work());
        break;
      case 12:
      case 13:
        floor.HangUp(any_work());
        break;
      case 14:
      case 15:
        floor.Complete(any_work());
        break;
      case 16:
        floor.Desk(agent, pick(3) != 0);
        break;
      case 17:
        if (pick(4) == 0) {
          floor.DeskExpired(agent);
        } else {
          // A phone that fails in a talk leaves the customer to the queue.
          floor.PhoneFailed(any_work(), name);
          if (floor.engine().FindRecord(Id(name)) != nullptr) oracle.works.insert(name);
        }
        break;
      case 18:
        if (pick(3) == 0)
          floor.Callback(
              any_work(), pick(2) == 0 ? "13900001111" : "",
              pick(2) == 0 ? std::optional(floor.now() + std::chrono::seconds{pick(40)}) : std::nullopt);
        else
          floor.Connected(any_work());
        break;
      case 19: {
        const auto moved = floor.Transfer(any_work(), name, [&](pb::TransferCommand& in) {
          if (pick(2) == 0)
            in.set_to_queue("queues/" + queues[static_cast<std::size_t>(pick(3))]);
          else
            in.set_to_agent("agents/" + Id(agent));
        });
        if (!moved.error) oracle.works.insert(name);
        break;
      }
      case 20: {
        const auto about = any_work();
        floor.Connected(about);
        const auto asked = floor.Consult(about, name, [&](pb::TransferCommand& in) {
          if (pick(2) == 0)
            in.set_to_queue("queues/" + queues[static_cast<std::size_t>(pick(3))]);
          else
            in.set_to_agent("agents/" + Id(agent));
        });
        if (!asked.error) oracle.works.insert(name);
        break;
      }
      case 21:
        pick(3) == 0   ? floor.JoinConsult(any_work())
        : pick(2) == 0 ? floor.CompleteConsult(any_work())
                       : floor.EndConsult(any_work());
        break;
      case 22:
        floor.Hold(any_work(), pick(2) == 0);
        break;
      case 23: {
        const auto work = any_work();
        const auto* record = floor.engine().FindRecord(Id(work));
        const bool ready = record != nullptr && record->interaction().state() == pb::Interaction::QUEUED;
        const auto pulled = floor.Pull(agent, work);
        MUST(pulled.error || (ready && floor.StateOf(agent) == pb::AgentSession::BUSY), agent);
        break;
      }
      case 24: {
        const auto about = any_work();
        floor.Connected(about);
        const auto how = [](pb::TransferCommand& in) { in.set_phone_number("+862083334567"); };
        pick(2) == 0 ? floor.Transfer(about, name, how) : floor.Consult(about, name, how);
        outbound = about;
        break;
      }
      case 25: {
        if (floor.See(outbound).outside_reservation().empty()) break;
        floor.OutsideFailed(outbound, name);
        if (floor.engine().FindRecord(Id(name)) != nullptr) oracle.works.insert(name);
        outbound.clear();
        break;
      }
      default:
        if (pick(6) != 0) {
          if (pick(4) == 0) make_canary(queues[static_cast<std::size_t>(pick(3))], name);
          break;
        }
        rules = true;
        if (pick(4) == 0)
          make_desk_rules();
        else if (pick(3) == 0)
          make_agent(agent);
        else if (pick(2) == 0)
          make_profile(pick(2) == 0 ? "one" : "two");
        else
          make_queue(queues[static_cast<std::size_t>(pick(3))]);
    }
    sweep();
    rules |= floor.engine().rule_version() != version;  // a canary may have been taken back
    std::vector<pb::InteractionOffered> offered;
    for (auto at = before; at < floor.events().size(); ++at) {
      const auto* event = floor.events()[at].message.get();
      if (const auto* offer = dynamic_cast<const pb::InteractionOffered*>(event)) offered.push_back(*offer);
      // What was offered before went by rules that hold no more.
      if (dynamic_cast<const pb::CanaryEnded*>(event) != nullptr) offered.clear();
    }
    oracle.Check(rules, false, offered);
    oracle.CheckRest(before, chose_ready);
    if (pick(2) == 0) {
      // Time passes a little; what its deadlines do is checked without the inversion rule (several at once).
      const auto then = floor.events().size();
      const auto rules_then = floor.engine().rule_version();
      floor.Pass(std::chrono::milliseconds{pick(12000)});
      oracle.CheckRest(then, "");
      sweep();
      oracle.Check(floor.engine().rule_version() != rules_then, true, {});
    }
  }
  // The intervals of each agent follow one another without gap or overlap, and sum to the session.
  std::map<std::string, TimePoint> until;
  std::map<std::string, pb::AgentSession::State> state;
  for (const auto& change : floor.EventsOf<pb::AgentStateChanged>()) {
    const auto key = change.session().name();
    if (until.contains(key)) {
      MUST(FromProto(change.since()) == until[key]);
      MUST(change.from() == state[key]);
    } else {
      MUST(change.from() == pb::AgentSession::SIGNED_OUT);
    }
    const auto& session = change.session();
    MUST(FromProto(session.not_ready_duration()) + FromProto(session.ready_duration()) +
             FromProto(session.reserved_duration()) + FromProto(session.busy_duration()) +
             FromProto(session.wrapping_duration()) ==
         FromProto(change.until()) - FromProto(session.create_time()));
    until[key] = FromProto(change.until());
    state[key] = change.to();
  }
  // Every interaction ended at most once, and each that is gone has its end.
  std::map<std::string, int> ends;
  for (const auto& event : floor.EventsOf<pb::InteractionCompleted>()) ++ends[event.interaction().name()];
  for (const auto& event : floor.EventsOf<pb::InteractionAbandoned>()) ++ends[event.interaction().name()];
  for (const auto& event : floor.EventsOf<pb::InteractionCanceled>()) ++ends[event.interaction().name()];
  for (const auto& [name, count] : ends) MUST(count == 1);
  MUST(ends.size() + oracle.works.size() == floor.EventsOf<pb::InteractionCreated>().size());
  MUST(floor.RebuildsAndReplays());
}

/// Plays the day; what was applied is left in `told`. Throws Broken where engine and rules differ.
void Play(const Script& day, Rule forgotten, std::vector<std::string>* told) {
  Floor floor;
  const auto tell = [&] {
    if (told == nullptr) return;
    for (const auto& row : floor.journal())
      told->push_back(carillon::FormatRfc3339(row.now).substr(11, 12) + " " + row.command.ShortDebugString());
  };
  try {
    PlayOn(floor, day, forgotten);
  } catch (const Broken&) {
    tell();
    throw;
  }
}

std::optional<std::string> Fault(const Script& day, Rule forgotten) {
  try {
    Play(day, forgotten, nullptr);
    return std::nullopt;
  } catch (const Broken& broken) {
    return broken.what();
  }
}

/// The shortest day found by leaving acts out, in ever smaller groups, that still goes wrong.
Script Shortest(Script day, Rule forgotten) {
  for (std::size_t group = std::max<std::size_t>(1, day.acts.size() / 2);;) {
    bool shorter = false;
    for (std::size_t at = 0; at < day.acts.size();) {
      Script less{day.world, {}};
      for (std::size_t i = 0; i < day.acts.size(); ++i)
        if (i < at || i >= at + group) less.acts.push_back(day.acts[i]);
      if (less.acts.size() < day.acts.size() && Fault(less, forgotten)) {
        day = std::move(less);
        shorter = true;
      } else {
        at += group;
      }
    }
    if (group == 1 && !shorter) return day;
    if (!shorter || group > day.acts.size()) group = std::max<std::size_t>(1, group / 2);
  }
}

Script DayOf(unsigned seed, int acts) {
  Script day{seed, {}};
  std::mt19937 random(seed);
  for (int i = 0; i < acts; ++i) day.acts.push_back(static_cast<unsigned>(random()));
  return day;
}

/// Days of 400 acts; the first that goes wrong is shown at its shortest.
void GoRight(unsigned first, int days) {
  for (int i = 0; i < days; ++i) {
    const unsigned seed = first + static_cast<unsigned>(i);
    const auto day = DayOf(seed, 400);
    if (!Fault(day, Rule::kNone)) continue;
    const auto least = Shortest(day, Rule::kNone);
    std::vector<std::string> told;
    std::string fault;
    try {
      Play(least, Rule::kNone, &told);
    } catch (const Broken& broken) {
      fault = broken.what();
    }
    std::ostringstream story;
    for (const auto& line : told) story << line << "\n";
    FAIL("seed " << seed << ", " << least.acts.size() << " acts:\n" << story.str() << fault);
  }
}

}  // namespace

TEST_CASE("random days: no inversion, no double booking, nobody stuck, nothing lost, replay is exact") {
  GoRight(std::random_device{}(), 120);
  SUCCEED("120 days of 400 acts");
}

TEST_CASE("a million random acts go by the rules", "[.long]") {
  GoRight(std::random_device{}(), 2500);
  SUCCEED("2,500 days of 400 acts");
}

TEST_CASE("an engine that keeps a rule the oracle has forgotten is found out, in few acts") {
  const auto rule = GENERATE(Rule::kRefusals, Rule::kDelays, Rule::kSkills, Rule::kPairs, Rule::kCriteria,
                             Rule::kBonus, Rule::kDue, Rule::kCapacity, Rule::kMatrix, Rule::kCanary);
  INFO("rule " << static_cast<int>(rule));
  // Leaving acts out may end at a day that is not the shortest: then another day tells it better.
  Script least;
  for (unsigned seed = 1; seed <= 60 && (least.acts.empty() || least.acts.size() > 80); ++seed) {
    const auto day = DayOf(seed, 400);
    if (!Fault(day, rule)) continue;
    auto found = Shortest(day, rule);
    if (least.acts.empty() || found.acts.size() < least.acts.size()) least = std::move(found);
  }
  REQUIRE(!least.acts.empty());
  CHECK(least.acts.size() <= 80);
  CHECK(Fault(least, rule));
  CHECK(!Fault(least, Rule::kNone));  // with the rule there is nothing to find
}
