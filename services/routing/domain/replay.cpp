#include "routing/domain/replay.hpp"

#include <algorithm>
#include <cmath>
#include <map>

#include "base/ids.hpp"
#include "base/proto_time.hpp"
#include "routing/domain/dry_run.hpp"

namespace carillon::routing::domain {
namespace {

using Run = pb::ReplayDayResponse::Run;
using Figures = pb::ReplayDayResponse::Figures;

constexpr Duration kUsualPatience = std::chrono::minutes{10};  // when nobody hung up
constexpr Duration kServiceLevel = std::chrono::seconds{20};   // as Queue.service_level_time
constexpr Duration kUsualTalk = std::chrono::minutes{3};       // when nobody was served

/// How one customer would be served, and how long they would wait.
struct Life {
  Duration ring{}, talk{}, wrap{};
  Duration patience = Duration::max();
};

/// Sums of those who were served.
struct Served {
  std::int64_t count = 0;
  Duration ring{}, talk{}, wrap{};
  Life Mean() const {
    if (count == 0) return {Duration{0}, kUsualTalk, Duration{0}};
    return {ring / count, talk / count, wrap / count};
  }
};

/// Between 0 and 1, the same for the same word in every process.
double LotOf(const std::string& id) {
  const auto word = DerivedId("patience", id).substr(0, 8);
  return (static_cast<double>(std::stoul(word, nullptr, 16)) + 0.5) / 4294967296.0;
}

bool WasServed(const pb::Interaction& view) { return view.has_accept_time(); }
bool HungUp(const pb::Interaction& view) { return view.state() == pb::Interaction::ABANDONED; }
bool Waited(const pb::Interaction& view) { return WasServed(view) || HungUp(view); }

bool InTime(const pb::Queue* queue, Duration wait) {
  return wait <= (queue != nullptr && queue->has_service_level_time() ? FromProto(queue->service_level_time())
                                                                      : kServiceLevel);
}

/// Figures of a run, by queue.
class Tally {
 public:
  explicit Tally(const Engine& engine) : engine_(engine) {}
  void Came(const std::string& queue) {
    Both(queue, [](Figures& to) { to.set_offered(to.offered() + 1); });
  }
  void Answered(const std::string& queue, Duration wait) {
    const bool in_time = InTime(engine_.FindQueue(queue), wait);
    Both(queue, [&](Figures& to) {
      to.set_answered(to.answered() + 1);
      if (in_time) to.set_answered_in_time(to.answered_in_time() + 1);
      *to.mutable_mean_wait() = ToProto(FromProto(to.mean_wait()) + wait);  // the sum, until Told
    });
  }
  void Left(const std::string& queue) {
    Both(queue, [](Figures& to) { to.set_abandoned(to.abandoned() + 1); });
  }
  Run Told(const std::function<bool(const std::string&)>& may_see) const {
    Run out;
    *out.mutable_all() = Finished(all_);
    for (const auto& [name, figures] : queues_) {
      const auto* queue = engine_.FindQueue(name);
      if (queue == nullptr || !may_see(queue->client())) continue;
      auto& made = *out.add_queues() = Finished(figures);
      made.set_queue(name);
      made.set_code(queue->code());
    }
    std::sort(out.mutable_queues()->begin(), out.mutable_queues()->end(),
              [](const auto& a, const auto& b) { return a.code() < b.code(); });
    return out;
  }

 private:
  template <class Change>
  void Both(const std::string& queue, Change change) {
    change(all_);
    change(queues_[queue]);
  }
  static Figures Finished(Figures of) {
    const auto ended = of.answered() + of.abandoned();
    if (ended > 0) {
      of.set_service_level(static_cast<double>(of.answered_in_time()) / static_cast<double>(ended));
      of.set_abandonment(static_cast<double>(of.abandoned()) / static_cast<double>(ended));
    }
    if (of.answered() > 0) *of.mutable_mean_wait() = ToProto(FromProto(of.mean_wait()) / of.answered());
    return of;
  }

  const Engine& engine_;
  Figures all_;
  std::map<std::string, Figures> queues_;
};

/// One run of the engine with people who do what they did.
class Floor {
 public:
  Floor(Engine& engine, TimePoint start, TimePoint end, const std::map<std::string, Life>& lives,
        const std::map<std::string, Served>& means, const Served& mean)
      : engine_(engine),
        start_(start),
        end_(end),
        lives_(lives),
        means_(means),
        mean_(mean),
        tally_(engine) {}

  Run Play(const Past& past, const std::function<bool(const std::string&)>& may_see) {
    for (const auto& [at, act] : past.acts) Expect(at, act);
    while (!due_.empty() && due_.begin()->first < end_) {
      const auto [at, command] = *due_.begin();
      TickUntil(at);
      // What has to be done by itself may have brought something that comes first.
      if (due_.begin()->first < at) continue;
      due_.erase(due_.begin());
      if (command.has_media_ended() && command.media_ended().cause() == "PATIENCE" &&
          !Waits(command.media_ended().interaction()))
        continue;
      Do(command, at);
    }
    TickUntil(end_);
    for (const auto& session : engine_.Sessions())
      Spend(session.state(), FromProto(session.state_time()), end_);
    auto out = tally_.Told(may_see);
    if (worked_ + ready_ > Duration{0})
      out.set_occupancy(static_cast<double>(worked_.count()) /
                        static_cast<double>((worked_ + ready_).count()));
    return out;
  }

 private:
  /// What people did on the day and do again.
  void Expect(TimePoint at, pb::Command act) {
    switch (act.command_case()) {
      case pb::Command::kSignIn:
        act.mutable_sign_in()->set_desk_connected(true);
        break;
      case pb::Command::kSignOut: {
        const auto agent = act.sign_out().agent();
        act.mutable_set_status()->set_agent(agent);
        act.mutable_set_status()->set_status(pb::SIGNED_OUT);
        act.mutable_set_status()->set_forced(true);
        break;
      }
      case pb::Command::kSetStatus:
        act.mutable_set_status()->set_forced(true);
        break;
      case pb::Command::kDeskConnected:
      case pb::Command::kDeskLost:
      case pb::Command::kDeskExpired:
        break;
      case pb::Command::kCreateInteraction:
      case pb::Command::kCancelInteraction:
        if (at < start_) return;
        break;
      default:
        return;
    }
    due_.emplace(std::max(at, start_), std::move(act));
  }

  bool Waits(const std::string& interaction) const {
    const auto* record = engine_.FindRecord(interaction);
    return record != nullptr && (record->interaction().state() == pb::Interaction::QUEUED ||
                                 record->interaction().state() == pb::Interaction::RESERVED);
  }

  void TickUntil(TimePoint at) {
    for (auto next = engine_.NextDeadline(); next && *next <= at && *next < end_;
         next = engine_.NextDeadline()) {
      if (!due_.empty() && due_.begin()->first < *next) return;
      pb::Command tick;
      tick.mutable_tick();
      Do(tick, *next);
    }
  }

  Life LifeOf(const std::string& id, const std::string& queue) const {
    if (const auto known = lives_.find(id); known != lives_.end()) return known->second;
    const auto mean = means_.find(queue);
    return (mean == means_.end() ? mean_ : mean->second).Mean();
  }

  /// Refusals are no fault: what people did then may not be possible now.
  void Do(const pb::Command& command, TimePoint at) {
    const auto applied = engine_.Apply(command, at);
    for (const auto& event : applied.events) {
      const auto* message = event.message.get();
      if (const auto* changed = dynamic_cast<const pb::AgentStateChanged*>(message)) {
        Spend(changed->from(), FromProto(changed->since()), FromProto(changed->until()));
      } else if (const auto* created = dynamic_cast<const pb::InteractionCreated*>(message)) {
        const auto& view = created->interaction();
        tally_.Came(view.queue());
        const auto life = LifeOf(event.key, view.queue());
        if (life.patience == Duration::max()) continue;
        pb::Command leave;
        leave.mutable_media_ended()->set_interaction(event.key);
        leave.mutable_media_ended()->set_cause("PATIENCE");
        due_.emplace(at + life.patience, std::move(leave));
      } else if (const auto* offered = dynamic_cast<const pb::InteractionOffered*>(message)) {
        pb::Command take;
        auto& answer = *take.mutable_accept();
        answer.set_agent(IdOf(offered->reservation().agent()));
        answer.set_reservation(IdOf(offered->reservation().name()));
        answer.set_version(offered->reservation().version());
        due_.emplace(at + LifeOf(event.key, offered->interaction().queue()).ring, std::move(take));
      } else if (const auto* accepted = dynamic_cast<const pb::InteractionAccepted*>(message)) {
        const auto& view = accepted->interaction();
        const auto life = LifeOf(event.key, view.queue());
        tally_.Answered(view.queue(), FromProto(view.wait_duration()));
        pb::Command over;
        over.mutable_media_ended()->set_interaction(event.key);
        due_.emplace(at + life.talk, std::move(over));
        pb::Command done;
        done.mutable_complete()->set_agent(IdOf(view.agent()));
        done.mutable_complete()->set_interaction(event.key);
        due_.emplace(at + life.talk + life.wrap, std::move(done));
      } else if (const auto* left = dynamic_cast<const pb::InteractionAbandoned*>(message)) {
        tally_.Left(left->interaction().queue());
      }
    }
  }

  /// The part of an interval that lies in the time asked for.
  void Spend(pb::AgentSession::State state, TimePoint from, TimePoint until) {
    const auto length = std::min(until, end_) - std::max(from, start_);
    if (length <= Duration{0}) return;
    if (state == pb::AgentSession::READY)
      ready_ += length;
    else if (state == pb::AgentSession::RESERVED || state == pb::AgentSession::BUSY ||
             state == pb::AgentSession::WRAPPING)
      worked_ += length;
  }

  Engine& engine_;
  const TimePoint start_, end_;
  const std::map<std::string, Life>& lives_;
  const std::map<std::string, Served>& means_;
  const Served& mean_;
  Tally tally_;
  std::multimap<TimePoint, pb::Command> due_;
  Duration worked_{}, ready_{};
};

/// The rules alone: nobody is at work and nothing waits.
Engine RulesOf(const pb::Transitions& state, TimePoint start) {
  Engine engine;
  for (const auto& record : state.transitions())
    if (!record.has_interaction() && !record.has_session() && !record.has_figures() &&
        !record.has_agent_day() && !record.has_canary())
      engine.Put(record);
  engine.Settle(start);
  return engine;
}

}  // namespace

Result<pb::ReplayDayResponse> Replay(const pb::Transitions& state, const Past& past,
                                     const pb::ReplayDayRequest& in,
                                     const std::function<bool(const std::string&)>& may_see) {
  const auto start = FromProto(in.start_time());
  const auto end = FromProto(in.end_time());
  pb::ReplayDayResponse out;

  Engine now = RulesOf(state, start);
  Engine changed = RulesOf(state, start);
  TRY_VOID(MakeChanges(changed, in.changes(), start, may_see));
  out.set_rule_version(now.rule_version());

  // As it was, and what it tells of those who waited and were served.
  Tally happened(now);
  Served mean;
  std::map<std::string, Served> means;
  Duration waits{};
  std::int64_t left = 0;
  for (const auto& view : past.outcomes) {
    happened.Came(view.queue());
    if (!Waited(view)) continue;
    const auto wait = FromProto(view.wait_duration());
    waits += wait;
    if (HungUp(view)) {
      ++left;
      happened.Left(view.queue());
      continue;
    }
    happened.Answered(view.queue(), wait);
    for (auto* to : {&mean, &means[view.queue()]}) {
      ++to->count;
      to->ring += FromProto(view.ring_duration());
      to->talk += FromProto(view.talk_duration()) + FromProto(view.hold_duration());
      to->wrap += FromProto(view.wrap_duration());
    }
  }
  *out.mutable_happened() = happened.Told(may_see);
  out.set_patience_measured(!in.has_patience() && left > 0);
  const auto patience = in.has_patience() ? FromProto(in.patience())
                        : left > 0        ? waits / left
                                          : kUsualPatience;
  *out.mutable_patience() = ToProto(patience);

  std::map<std::string, Life> lives;
  for (const auto& view : past.outcomes) {
    const auto id = IdOf(view.name());
    Life life = (means.contains(view.queue()) ? means.at(view.queue()) : mean).Mean();
    if (WasServed(view)) {
      life.ring = FromProto(view.ring_duration());
      life.talk = FromProto(view.talk_duration()) + FromProto(view.hold_duration());
      life.wrap = FromProto(view.wrap_duration());
    }
    if (Waited(view))
      life.patience = FromProto(view.wait_duration()) +
                      (HungUp(view) ? Duration{0}
                                    : Duration{static_cast<std::int64_t>(
                                          static_cast<double>(patience.count()) * -std::log(LotOf(id)))});
    lives.emplace(id, life);
  }
  *out.mutable_before() = Floor(now, start, end, lives, means, mean).Play(past, may_see);
  *out.mutable_after() = Floor(changed, start, end, lives, means, mean).Play(past, may_see);
  return out;
}

}  // namespace carillon::routing::domain
