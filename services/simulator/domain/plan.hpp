#pragma once
#include <string>
#include <vector>

#include "base/clock.hpp"
#include "simulator/domain/people.hpp"
#include "simulator/domain/profile.hpp"

/// What will be tried in a day: who calls when and why, how patient they are, who works when. What then
/// happens is up to the platform.
namespace carillon::simulator {

/// What the caller wants, in the words of the bank's menu.
enum class Need { kBalance, kRegular, kEnglish, kInternet, kStock, kProspect, kCallBack };

/// How the caller behaves.
enum class Manner {
  kAsksForAgent,   ///< goes through the menu to a person
  kServesHimself,  ///< asks the balance and hangs up when told
  kLeavesMenu,     ///< hangs up in the menu
  kPhantom,        ///< gone at once
  kWrongNumber     ///< dialled a number nobody serves
};

struct OrderPlan {
  std::string type;  ///< work order type by its name in the API
  std::string desk;  ///< "back-office" or "crew"; empty = answered at once
  double accept_after_s = 0;
  double handle_s = 0;
  double revisit_after_s = 0;
  bool satisfied = true;
};

struct PlannedCall {
  std::string id;      ///< unique in the day
  Duration arrival{};  ///< from local midnight
  int caller = -1;     ///< index of the day's callers, -1 = nobody we know
  std::string number;  ///< calling line, E.164
  std::string type;    ///< of the log: PS PE IN NE NW TT
  Need need = Need::kRegular;
  Manner manner = Manner::kAsksForAgent;
  double menu_s = 10;       ///< time in the menu when it is for the caller to choose
  double patience_s = 600;  ///< in the queue
  double ring_s = 2;        ///< the agent's reaction
  double talk_s = 100;
  double wrap_s = 5;
  bool agent_hangs_up = false;
  bool has_order = false;
  OrderPlan order;
};

struct AgentPlan {
  std::string login;
  std::vector<std::string> types;  ///< call types the agent can serve
};

struct DayPlan {
  std::string origin;              ///< "replay of 1999-02-10" or "drawn from bank-day, seed 1"
  std::vector<PlannedCall> calls;  ///< by arrival
  std::vector<AgentPlan> agents;
  std::vector<Shift> shifts;  ///< of these agents
};

/// Part of a day, for a short run: only calls that arrive in [from, to) and shifts cut to it.
struct Window {
  seconds from{0};
  seconds to{std::chrono::hours{24}};
};

/// The log's day: arrivals, needs, service times and the patience of those who hung up are the log's; the
/// patience of those who were served is drawn from `patience`, at least as long as they waited. Known
/// customers of the log are the same caller all day.
DayPlan Replayed(const std::vector<LoggedCall>& day, const Profile& profile,
                 const std::vector<Caller>& callers, const Random& random, const Window& window = {});

/// A day drawn from the profile; `calls` > 0 scales the arrivals so that about so many come in the window.
DayPlan Drawn(const Profile& profile, const std::vector<Caller>& callers, const Random& random,
              const Window& window = {}, int calls = 0);

/// The hour, from a full or half one, in which most callers ask for an agent; the earlier of two that are
/// alike.
Window BusiestHour(const DayPlan& plan);

}  // namespace carillon::simulator
