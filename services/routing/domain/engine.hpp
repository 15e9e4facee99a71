#pragma once
#include <carillon/routing/v1/agent_service.pb.h>
#include <carillon/routing/v1/interaction_service.pb.h>
#include <carillon/routing/v1/journal.pb.h>
#include <carillon/routing/v1/routing_events.pb.h>

#include <cstdint>
#include <ext/pb_ds/assoc_container.hpp>
#include <ext/pb_ds/tree_policy.hpp>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/clock.hpp"
#include "base/result.hpp"

/// The routing engine: who gets which work, and when.
///
/// One Engine is the whole truth about one shard. It is a state machine without threads, clocks, randomness
/// or I/O: `Apply(command, now)` gives the records after the change, the events to publish and the work to be
/// done by others. Putting the records into an empty engine in the same order gives the same state (`Put`,
/// then `Settle`); so does applying the same commands at the same times.
///
/// Waiting work is ordered by a key that never changes while it waits (priority, arrival less bonus,
/// sequence). Work of one queue with the same requirements shares a Pool: those who wait, by key, and those
/// who may take it now, by idle time. So a decision looks at one entry of each of a few ordered sets, not at
/// all work or all agents.
///
/// Not thread-safe; its owner is a single thread.
namespace carillon::routing::domain {

namespace pb = carillon::routing::v1;

/// The version of the journal's records this build writes; it reads this one and the one before.
inline constexpr int kFormatVersion = 2;
/// How long an offer rings when its queue says nothing: three rings of 5 s.
inline constexpr Duration kOfferTimeout = std::chrono::seconds{15};

/// One thing to publish, in order.
struct Event {
  enum class Aggregate { kInteraction, kAgent, kQueue };
  Aggregate aggregate;
  std::string key;  ///< uuid of the interaction, the agent or the queue
  std::shared_ptr<const google::protobuf::Message> message;
};

/// One thing to be done by another service after the commit.
struct Task {
  std::string call;  ///< "calls/{uuid}": tasks of one call are done in order
  std::shared_ptr<const google::protobuf::Message> payload;
};

using Channels = std::uint32_t;  // a bit for each channel
struct Need;
struct ProfileEntry;

/// What a command did. When `error` is set nothing changed.
struct Applied {
  std::optional<Error> error;
  pb::Transitions records;
  std::vector<Event> events;
  std::vector<Task> tasks;
  std::set<std::string> agents;  ///< uuids whose desk looks different now
  std::set<std::string> queues;  ///< uuids whose state looks different now
  /// What the caller gets: an Interaction, AgentSession, Queue, Skill, RoutingProfile, Agent, or null.
  std::shared_ptr<const google::protobuf::Message> answer;

  bool changed() const { return records.transitions_size() > 0; }
};

class Engine {
 public:
  Engine();
  ~Engine();
  Engine(Engine&&) noexcept;
  Engine& operator=(Engine&&) noexcept;

  /// Applies one command. `now` never goes back; deadlines that are past are the business of a Tick.
  Applied Apply(const pb::Command& command, TimePoint now);

  /// The next moment a Tick has work to do; nullopt = none.
  std::optional<TimePoint> NextDeadline() const;

  /// Rebuilds: every record in order, then Settle once. No other member may be called in between.
  void Put(const pb::Transition& record);
  void Settle(TimePoint now);
  /// The whole state as records in a fixed order: what a snapshot holds, and what two engines are compared
  /// by.
  pb::Transitions Snapshot() const;

  /// The latest `now` applied.
  TimePoint last() const { return last_; }
  std::int64_t rule_version() const { return rule_version_; }

  /// Views; ids are uuids, names may be given as collection/uuid or collection/code where said.
  std::optional<pb::Interaction> FindInteraction(std::string_view id) const;  ///< with position and estimate
  const pb::InteractionRecord* FindRecord(std::string_view id) const;
  const pb::AgentSession* FindSession(std::string_view agent) const;
  std::vector<pb::AgentSession> Sessions() const;                                    ///< by agent code
  void EachSession(const std::function<void(const pb::AgentSession&)>& look) const;  ///< in any order
  const pb::Queue* FindQueue(std::string_view name) const;
  const pb::Skill* FindSkill(std::string_view name) const;
  const pb::RoutingProfile* FindProfile(std::string_view name) const;
  const pb::Agent* FindAgent(std::string_view id) const;
  const pb::DeskRules& Desks() const;
  /// The canary of a queue that runs, or the last; nullptr = there was none.
  const pb::Canary* FindCanary(std::string_view queue) const;
  std::vector<std::string> QueueIds() const;
  pb::QueueState StateOf(std::string_view queue) const;
  pb::Desk DeskOf(std::string_view agent, TimePoint now) const;
  /// What the work asks now and whose agents may take it, after overflow.
  std::vector<pb::SkillRequirement> RequirementsOf(std::string_view interaction) const;
  std::vector<std::string> QueuesOf(std::string_view interaction) const;
  /// How many signed-in agents could take the waiting work now, were they free, refusals and delays apart.
  int AgentsFor(std::string_view interaction) const;
  /// Why now: for waiting work its key, and how the signed-in agents stand to it; else nothing of that.
  pb::ExplainInteractionResponse Explain(std::string_view interaction) const;
  /// How waiting work stands to the agent, in the order the agent would take it; only work of clients that
  /// the asker may see.
  pb::ExplainAgentResponse ExplainAgent(std::string_view agent,
                                        const std::function<bool(const std::string& client)>& may_see) const;
  /// Id of the work the agent would be given, were they free now; "" = none. Valid until the next command.
  std::string_view BestWorkFor(std::string_view agent) const;
  /// How the two stand to each other, at the last moment applied.
  pb::Verdict VerdictOn(std::string_view agent, std::string_view interaction) const;

 private:
  struct Key;
  struct Room;
  struct Pool;
  struct Work;
  struct Session;
  struct State;
  struct Chosen;
  struct Side;
  /// Why an agent who could take work may not have it now.
  enum class Bar { kNone, kRefused, kNotPaired, kDelayed };

  // Commands. Each checks everything before it changes anything.
  Result<void> PutQueue(const pb::Queue& in, const pb::Command& command);
  Result<void> PutSkill(const pb::Skill& in, const pb::Command& command);
  Result<void> PutProfile(const pb::RoutingProfile& in, const pb::Command& command);
  Result<void> PutAgent(const pb::Agent& in, const pb::Command& command);
  Result<void> DeleteQueue(const std::string& id, const pb::Command& command);
  Result<void> DeleteSkill(const std::string& id, const pb::Command& command);
  Result<void> DeleteProfile(const std::string& id, const pb::Command& command);
  Result<void> DeleteAgent(const std::string& id, const pb::Command& command);
  Result<void> SignIn(const pb::SignInCommand& in);
  Result<void> SignOut(const pb::SignOutCommand& in);
  Result<void> SetStatus(const pb::SetStatusCommand& in);
  Result<void> PutDeskRules(const pb::DeskRules& in, const pb::Command& command);
  Result<void> ExtendWrapUp(const pb::WorkCommand& in);
  Result<void> DeskConnected(const std::string& agent);
  Result<void> DeskLost(const std::string& agent);
  Result<void> DeskExpired(const std::string& agent);
  Result<void> CreateInteraction(const pb::Interaction& in);
  Result<void> CancelInteraction(const pb::EndCommand& in);
  Result<void> RequestCallback(const pb::CallbackCommand& in);
  Result<void> Accept(const pb::AnswerCommand& in);
  Result<void> Reject(const pb::AnswerCommand& in);
  Result<void> MediaConnected(const pb::MediaCommand& in);
  Result<void> MediaFailed(const pb::MediaCommand& in);
  Result<void> MediaEnded(const pb::MediaCommand& in);
  Result<void> Hold(const pb::WorkCommand& in);
  Result<void> Retrieve(const pb::WorkCommand& in);
  Result<void> Release(const pb::WorkCommand& in);
  Result<void> Complete(const pb::CompleteCommand& in);
  Result<void> Transfer(const pb::TransferCommand& in);
  Result<void> Consult(const pb::TransferCommand& in);
  Result<void> JoinConsult(const pb::WorkCommand& in);
  Result<void> CompleteConsult(const pb::WorkCommand& in);
  Result<void> EndConsult(const pb::WorkCommand& in);
  Result<void> Mute(const pb::WorkCommand& in, bool muted);
  Result<void> Supervise(const pb::SuperviseCommand& in);
  Result<void> TakeOver(const pb::TransferCommand& in);
  Result<void> ForceRelease(const pb::WorkCommand& in);
  Result<void> ReturnCustomer(const pb::ReturnCommand& in);
  Result<void> Pull(const pb::WorkCommand& in);
  Result<void> StartCanary(const pb::Canary& in);
  Result<void> PromoteCanary(const pb::CanaryCommand& in);
  Result<void> EndCanary(const pb::CanaryCommand& in);
  Result<void> Tick(TimePoint now);
  Result<void> Resume(Duration gap);
  Result<void> Dispatch(const pb::Command& command, TimePoint now);

  // Matching (match.cpp).
  static int LevelOf(const pb::Agent& agent, std::string_view skill);
  Need NeedOf(const Work* work, const pb::Queue& queue) const;
  bool Qualified(const Session& session, const Pool& pool) const;
  const ProfileEntry* EntryOf(const Session& session, const Room& room) const;
  static const std::pair<std::string, int>* MissingSkill(const pb::Agent& agent, const Need& need);
  static bool MeetsCriteria(const pb::Agent& agent, const Need& need);
  Bar BarTo(const Session& session, const Room& room, const Work& work) const;
  Pool& PoolFor(Room& room, Need need);
  void Admit(Session& session, Pool& pool);
  void ForgetPools();
  Pool& HomeOf(Work& work);
  void LeaveHome(Work& work);
  void JoinPools(Work& work);
  void LeavePools(Work& work);
  Channels SpareOf(const Session& session) const;
  Channels OpenOf(const Session& session) const;
  void EnterReady(Session& session);
  void LeaveReady(Session& session);
  void Seek(Work& work, const char* trigger);
  void Take(Session& session);
  Work* ChooseWork(const Session& session, Channels open) const;
  void RebuildPools();
  void Rematch();
  void EndHold(Work& work, bool seek);
  template <class Change>
  void Widen(Work& work, pb::Decision::Kind kind, Change change);
  void Overflow(Work& work, const pb::OverflowStep& step);
  void EnterRing(Work& work);
  void ExpireCriteria(Work& work);
  std::optional<TimePoint> RingEnds(const Work& work) const;
  std::optional<TimePoint> CriteriaEnd(const Work& work) const;
  pb::Decision& Note(Work& work, pb::Decision::Kind kind, const char* trigger);

  // Explaining (explain.cpp).
  std::vector<Side> SidesOf(const Work& work) const;
  pb::Verdict VerdictOf(const Session& session, const Work& work, const std::vector<Side>& sides) const;

  // Whose profile is in force when (sessions.cpp).
  bool ReadRoster(Session& session);
  void ChangeOver(TimePoint at);

  // What an agent may choose, and have at once (desk.cpp).
  void ReadMatrix();
  Result<void> MayRest(const Session& session, const std::string& reason) const;
  const pb::NotReadyReason* ReasonOf(std::string_view code) const;
  std::int64_t DayAt(TimePoint at) const;
  std::int64_t UsedOf(const std::string& agent, const std::string& reason) const;
  void CountRest(const Session& session, const std::string& reason, TimePoint since);
  void ShowLimit(Session& session);

  // Waiting (waiting.cpp).
  std::int64_t ExpectedWait(const Room& room, std::int64_t position) const;
  std::pair<Duration, Duration> EstimateFor(const Room& room, std::int64_t position) const;
  void LearnWait(const Work& work, bool answered);
  Result<Room*> Entrance(Room& asked) const;
  std::optional<TimePoint> WaitEnds(const Work& work) const;
  std::optional<TimePoint> NextLookForAgents(const Work& work) const;
  bool MayDivert(const Work& work, const pb::Queue::Target& target) const;
  void Divert(Work& work, const pb::Queue::Target& target, const char* cause);
  void MoveTo(Work& work, Room& to);
  void DropSkillsOfFirstRing(Work& work);
  void BookCallback(Work& work, std::optional<TimePoint> at);
  void Wake(Work& work);
  void Remember(Work& work);
  void Forget(Work& work);
  Work* CallbackFor(const pb::Interaction& view) const;
  Result<void> CheckCallbackTime(const pb::Interaction& view) const;

  // Rules on trial (canary.cpp).
  const pb::Queue& RulesOf(const Work& work) const;
  void DrawLot(Work& work);
  static bool OnTrial(const Work& work);
  pb::Canary::Arm* ArmOf(Work& work);
  void CountJudged(Work& work, pb::Canary::Arm& arm);
  void CountAnswer(Work& work, int by);
  void CountGone(Work& work, bool abandoned);
  std::optional<TimePoint> TurnsLate(const Work& work) const;
  void JudgeCanaries();
  void CloseCanary(Room& room, pb::Canary::State state, const std::string& reason, const std::string& ender);
  Result<Room*> RoomOnTrial(const std::string& queue) const;
  std::vector<const pb::Queue*> RulesInForce() const;

  // Choosing among agents (choice.cpp).
  static int SkillScore(const pb::Agent& agent, const Need& need);
  std::int64_t PointsOf(const Session& session, const Work& work, const Need& need) const;
  std::int64_t RankOf(const Session& session, const Work& work, const Need& need) const;
  Chosen ChooseAgent(const Work& work, const std::vector<Session*>& but = {}) const;
  void CountTaken(Session& session);

  // Passing on (transfer.cpp).
  Result<void> MayBring(const Work& work, const std::string& number) const;
  Result<void> MayReceive(const Work& work, std::string_view agent) const;
  static std::unique_ptr<Work> ChildOf(const pb::InteractionRecord& record, const std::string& id,
                                       const std::string& briefing);
  Result<Room*> Destination(const Work& work, const pb::TransferCommand& in) const;
  static bool NotPaired(const Session& session, const Work& work);
  static Result<void> MayMeet(const Session& session, const Work& work);
  Result<void> PassOn(Work& work, const pb::TransferCommand& in, Room& room, const char* cause);
  Result<Work*> LiveCall(const std::string& interaction);
  static bool HasCompany(const Work& work);
  void OweHolding(const Work& work);
  void Aim(Work& child, const pb::TransferCommand& in, const Room& room);
  void OweArrangement(const Work& customer, bool holds, std::vector<pb::ArrangeCallTask::Party> parties);
  void OweParties(const Work& work);
  void LetGo(Work& work, const char* cause);
  void BeginHold(Work& work);
  void EndHolding(Work& work);
  Work* AdviserOf(const Work& work) const;
  Work* AskedBy(const Work& advice) const;
  Result<Work*> OwnConsult(const pb::WorkCommand& in);
  void HandOver(Work& work, const char* cause);
  void AgentGone(Work& work, const pb::MediaCommand& in);
  void TakeBack(Work& work, const pb::MediaCommand& in);
  void BringBack(const pb::InteractionRecord& record, const std::string& child, Room& room);
  void DropConsult(Work& work, bool live);
  void AdviceOver(Work& asker, bool live);
  void AdviceTaken(Work& advice);

  // Life of work and sessions.
  void Place(std::unique_ptr<Work> made, Room& room);
  void Enqueue(Work& work);
  void Offer(Work& work, Session& session, const char* trigger, const char* strategy);
  void RingToo(Work& work, Session& session);
  void StopRinging(Work& work, Session& session);
  void Promote(Work& work, Session& session);
  Result<Session*> Rings(const Work& work, const pb::AnswerCommand& in) const;
  void Taken(Work& work, Session& taker);
  std::vector<std::pair<Session*, std::int64_t>> LetOthersGo(Work& work);
  void Requeue(Work& work, pb::Reservation::State how, pb::Decision::Kind kind);
  void BeginWrap(Work& work, TimePoint ended, const pb::MediaCommand& in);
  void Finish(Work& work, pb::Interaction::State state);
  void Remind(Work& work);
  std::optional<TimePoint> NextReminder(const Work& work) const;
  void Arm(Work& work);
  void Disarm(Work& work);
  void Fire(Work& work);
  void Enter(Session& session, pb::AgentSession::State to, const std::string& reason);
  void AfterWork(Session& session, std::int64_t idle_since);
  void Hand(Session& session, Work& work);
  void Unhand(Session& session, Work& work);
  static Work* RingingAt(const Session& session);
  void ShowSlots(Session& session);
  void Show(Session& session);
  void Pend(Session& session, pb::AgentStatus status, const std::string& reason);
  void ReleaseHeld(Session& session);
  void Remove(Session& session);
  void Leave(Session& session);
  void LeaveLine(Work& work);

  // Bookkeeping.
  void Touch(Work& work);
  void Touch(Session& session);
  void TouchQueue(const std::string& queue);
  void TouchFigures(Room& room);
  void ReadProfiles();
  void RulesChanged(bool pools);
  Room& RoomFor(const std::string& id);
  void Publish(Event::Aggregate aggregate, const std::string& key,
               std::shared_ptr<const google::protobuf::Message> message);
  /// Publishes an event of the work as it is now; the rest of the event may be set on it.
  template <class E>
  E& Tell(Work& work);
  pb::Reservation ReservationOf(const Work& work, pb::Reservation::State state) const;
  static std::string ReservationIdOf(const Work& work, const Session& session);

  Result<Work*> WorkOf(const std::string& interaction);
  Result<Work*> OwnLive(const std::string& agent, const std::string& interaction);
  void OweHold(const Work& work, bool hold);
  void OweRelease(const Work& work, const std::string& cause);
  Result<Work*> OwnWork(const std::string& agent, const std::string& interaction);
  Result<std::string> ResolveSkill(std::string_view name) const;
  Result<std::string> ResolveQueue(std::string_view name) const;
  Result<std::string> ResolveProfile(std::string_view name) const;
  Result<void> ResolveTarget(pb::Queue::Target& target, bool waiting, const char* field) const;
  Result<void> ResolveQueueRules(pb::Queue& queue) const;
  Result<void> ResolveNeeds(google::protobuf::RepeatedPtrField<pb::SkillRequirement>& needs) const;
  Result<void> ResolveCriteria(google::protobuf::RepeatedPtrField<pb::CriteriaStep>& steps) const;

  std::unique_ptr<State> s_;
  TimePoint last_{};     // latest now
  TimePoint changed_{};  // the latest that changed something: what a replay knows
  TimePoint now_{};      // of the step in hand: a deadline's own time within a Tick
  std::int64_t sequence_ = 0;
  std::int64_t rule_version_ = 0;
  std::string actor_;
  Applied out_;
};

}  // namespace carillon::routing::domain
