#pragma once
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "routing/domain/engine.hpp"

/// A floor to play scenes on: an engine, a clock moved by hand, short names for uuids, and a journal of
/// everything that happened, so that each scene can be replayed and rebuilt at its end.
namespace carillon::routing::testing {

namespace pb = carillon::routing::v1;

inline const TimePoint kNine =
    TimePoint{std::chrono::sys_days{std::chrono::year{2026} / 3 / 2}} + std::chrono::hours{9};

/// The uuid of a short name, always the same.
std::string Id(const std::string& word);

struct Call {
  std::string queue = "business";
  std::string grade = {};
  bool elderly = false;
  std::string last_agent = {};
  std::vector<std::pair<std::string, int>> skills = {};
  int priority = 0;
  std::function<void(pb::Interaction&)> more = {};
};

class Floor {
 public:
  Floor();

  // Rules. Each returns the engine's answer.
  domain::Applied Skill(const std::string& code);
  domain::Applied Queue(const std::string& code, std::vector<std::pair<std::string, int>> needs = {},
                        const std::function<void(pb::Queue&)>& more = {});
  domain::Applied Profile(const std::string& code, std::vector<std::string> queues,
                          const std::function<void(pb::RoutingProfile&)>& more = {});
  domain::Applied Agent(const std::string& code, const std::string& profile,
                        std::vector<std::pair<std::string, int>> skills = {}, int max_no_answer = 0,
                        const std::function<void(pb::Agent&)>& more = {});

  // Acts.
  domain::Applied SignIn(const std::string& agent, const std::string& seat = "");
  domain::Applied SignOut(const std::string& agent);
  domain::Applied Status(const std::string& agent, pb::AgentStatus status, const std::string& reason = "");
  domain::Applied Force(const std::string& agent, pb::AgentStatus status, const std::string& reason = "");
  domain::Applied MoreWrapUp(const std::string& name);
  domain::Applied Desk(const std::string& agent, bool connected);
  domain::Applied DeskExpired(const std::string& agent);
  domain::Applied Ring(const std::string& name, const Call& call = {});
  domain::Applied Callback(const std::string& name, const std::string& number = "",
                           std::optional<TimePoint> at = std::nullopt);
  domain::Applied Accept(const std::string& name);  ///< by the agent it is offered to
  domain::Applied AcceptAs(const std::string& agent, const std::string& reservation, std::int64_t version);
  domain::Applied Reject(const std::string& name);
  domain::Applied Connected(const std::string& name);
  /// The phone of the agent who has it is gone; who goes on to somebody else is called `child`.
  domain::Applied PhoneFailed(const std::string& name, const std::string& child = "");
  /// The number outside to which it was passed on does not answer; also when the agent has finished.
  domain::Applied OutsideFailed(const std::string& name, const std::string& child);
  domain::Applied Pull(const std::string& agent, const std::string& name);
  domain::Applied Hold(const std::string& name, bool hold = true);
  domain::Applied HangUp(const std::string& name, const std::string& party = "CUSTOMER");
  domain::Applied Complete(const std::string& name, const std::string& disposition = "RESOLVED");
  /// By the agent who has it; the new interaction is called `child`.
  domain::Applied Transfer(const std::string& name, const std::string& child,
                           const std::function<void(pb::TransferCommand&)>& to);
  domain::Applied Consult(const std::string& name, const std::string& child,
                          const std::function<void(pb::TransferCommand&)>& to);
  domain::Applied JoinConsult(const std::string& name);
  domain::Applied CompleteConsult(const std::string& name);
  domain::Applied EndConsult(const std::string& name);
  domain::Applied Do(const pb::Command& command);
  /// Signs in with an open desk and goes READY.
  void Ready(const std::string& agent);

  /// Moves time; every deadline on the way is a Tick of its own, as the shard's thread would do it.
  void Pass(Duration length);
  TimePoint now() const { return now_; }

  // What is to be seen.
  pb::Interaction See(const std::string& name) const;  ///< also after its end
  pb::AgentSession Of(const std::string& agent) const;
  pb::AgentSession::State StateOf(const std::string& agent) const { return Of(agent).state(); }
  std::string AgentOf(const std::string& name) const;  ///< code, "" = none
  const std::vector<domain::Event>& events() const { return events_; }
  template <class E>
  std::vector<E> EventsOf() const {
    std::vector<E> out;
    for (const auto& event : events_)
      if (const auto* match = dynamic_cast<const E*>(event.message.get())) out.push_back(*match);
    return out;
  }
  domain::Engine& engine() { return engine_; }
  const pb::InteractionRecord& LastRecord(const std::string& name) const { return records_.at(Id(name)); }

  /// The engine rebuilt from the records, and the one that applied the commands again, are equal to the live
  /// one.
  bool RebuildsAndReplays() const;

  struct Row {
    TimePoint now;
    pb::Command command;
    pb::Transitions records;
  };
  const std::vector<Row>& journal() const { return journal_; }

 private:
  std::string HolderOf(const std::string& name) const;
  domain::Engine engine_;
  TimePoint now_ = kNine;
  std::vector<Row> journal_;
  std::vector<domain::Event> events_;
  std::map<std::string, pb::InteractionRecord> records_;
  std::map<std::string, std::string> codes_;
  int sessions_ = 0;
};

std::string Bytes(const google::protobuf::Message& message);

}  // namespace carillon::routing::testing
