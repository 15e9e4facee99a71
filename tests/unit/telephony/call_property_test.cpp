#include <google/protobuf/util/message_differencer.h>

#include <catch2/catch.hpp>
#include <random>
#include <set>

#include "calls.hpp"

namespace carillon::telephony {
namespace {

using namespace test;

using google::protobuf::util::MessageDifferencer;
using Pair = std::pair<pb::Call::State, pb::Call::State>;

/// The state machine of the contract, written down once more.
const std::set<Pair>& LegalMoves() {
  static const std::set<Pair> kMoves = [] {
    std::set<Pair> moves = {
        {pb::Call::INITIATED, pb::Call::QUEUED},      {pb::Call::INITIATED, pb::Call::DELIVERED},
        {pb::Call::INITIATED, pb::Call::ESTABLISHED}, {pb::Call::QUEUED, pb::Call::DELIVERED},
        {pb::Call::DELIVERED, pb::Call::QUEUED},      {pb::Call::DELIVERED, pb::Call::ESTABLISHED},
        {pb::Call::ESTABLISHED, pb::Call::HELD},      {pb::Call::HELD, pb::Call::ESTABLISHED},
        {pb::Call::ESTABLISHED, pb::Call::DELIVERED}, {pb::Call::HELD, pb::Call::DELIVERED},
        {pb::Call::ESTABLISHED, pb::Call::QUEUED},    {pb::Call::HELD, pb::Call::QUEUED}};
    for (const auto from : {pb::Call::INITIATED, pb::Call::QUEUED, pb::Call::DELIVERED, pb::Call::ESTABLISHED,
                            pb::Call::HELD}) {
      moves.emplace(from, pb::Call::CLEARED);
      moves.emplace(from, pb::Call::FAILED);
    }
    return moves;
  }();
  return kMoves;
}

/// Durations counted from the numbered events alone.
std::map<pb::Call::State, Duration> SpentByEvents(const std::vector<pb::CallEvent>& events) {
  std::map<pb::Call::State, Duration> spent;
  for (std::size_t i = 1; i < events.size(); ++i)
    spent[events[i - 1].state()] += FromProto(events[i].time()) - FromProto(events[i - 1].time());
  return spent;
}

TEST_CASE("any sequence of reports leaves a legal call, numbered events without a gap, and one end",
          "[telephony][call][property]") {
  const auto seed = Catch::rngSeed();
  std::mt19937 random(seed);
  const auto pick = [&](int low, int high) { return std::uniform_int_distribution<int>(low, high)(random); };
  const std::string secret = "735912";
  std::map<pb::Call::State, int> ends;
  int steps = 0;
  for (int run = 0; run < 1200; ++run) {
    INFO("seed " << seed << " run " << run);
    auto change = AnArrival();
    auto call = Kept(change);
    auto events = change.events;
    auto at = kMorning;
    int media_ended = 0;
    int session_ended = 0;
    int assistances = 0;
    int broken_off = 0;
    std::int64_t version = 1;
    for (int i = pick(1, 40); i > 0; --i, ++steps) {
      at += std::chrono::milliseconds{pick(-300, 20'000)};
      const auto before = call;
      const bool is_secret = call.directive().collect().secret();
      Result<domain::Change> result = domain::Unchanged(call);
      switch (pick(0, 22)) {
        case 0:
          result =
              domain::MenuStepped(call, Collecting(call.session_version() + pick(0, 1), pick(0, 2) == 0), at);
          break;
        case 1:
          result = domain::MenuStepped(call, Playing(call.session_version() + pick(0, 1)), at);
          break;
        case 2:
          result = domain::MenuStepped(call, Queueing(call.session_version() + 1), at);
          break;
        case 3:
          if (pick(0, 3) == 0) result = domain::MenuStepped(call, HangingUp(call.session_version() + 1), at);
          break;
        case 4:
          result = is_secret ? domain::SecretAnswered(call, call.directive().version(),
                                                      Collecting(call.session_version() + 1), at)
                             : domain::InputReported(call, Keys(call, secret), at);
          if (!is_secret && result && result->changed) result->tasks.clear();  // not a secret: may be carried
          break;
        case 5: {
          auto old = Keys(call, "1");
          old.set_directive_version(std::max<std::int64_t>(1, call.directive().version() - pick(0, 2)));
          old.set_timed_out(true);
          result = domain::InputReported(call, old, at);
          break;
        }
        case 6: {
          pb::ReportPlayedRequest played;
          played.set_directive_version(call.directive().version());
          result = domain::PlayedReported(call, played, at);
          break;
        }
        case 7:
        case 8:
          result = domain::AgentConnecting(call, ForAgent(pick(1, 5)), at);
          break;
        case 9:
          result =
              domain::AgentLegReported(call,
                                       AgentLeg(call, pick(0, 3) == 0 ? pb::ReportAgentLegRequest::FAILED
                                                                      : pb::ReportAgentLegRequest::CONNECTED),
                                       at);
          break;
        case 10:
          result = pick(0, 1) == 0 ? domain::Held(call, at) : domain::Retrieved(call, at);
          break;
        case 11:
          if (pick(0, 2) == 0)
            result = domain::HungUp(call, static_cast<pb::ReportHangUpRequest::Party>(pick(1, 3)),
                                    pick(0, 2) == 0 ? pb::Call::CONGESTION : pb::Call::CAUSE_UNSPECIFIED, at);
          break;
        case 12:
          if (pick(0, 2) == 0) result = domain::Released(call, pb::Call::FORCED, at);
          break;
        case 13:
        case 14: {
          pb::ArrangeCallRequest arrange;
          arrange.set_interaction(ForAgent(1).interaction());
          arrange.set_customer_holds(pick(0, 1) == 0);
          if (pick(0, 3) != 0) *arrange.add_parties() = AParty(pick(1, 5));
          if (pick(0, 2) == 0) *arrange.add_parties() = AColleague(pick(6, 7));
          if (pick(0, 3) == 0) *arrange.add_parties() = AnOutsider();
          result = domain::Arranged(call, arrange, at);
          break;
        }
        case 15: {
          pb::ReportAgentLegRequest report;
          if (call.legs_size() > 0) report.set_leg(call.legs(pick(0, call.legs_size() - 1)).name());
          report.set_state(static_cast<pb::ReportAgentLegRequest::LegState>(pick(1, 3)));
          result = domain::AgentLegReported(call, report, at);
          break;
        }
        case 16: {
          pb::AssistCallRequest assist;
          assist.set_flow("assist_password");
          result = domain::Assisted(call, assist, ForAgent(pick(1, 5)).agent(),
                                    "assistances/" + std::to_string(steps), {APrompt("请稍候")}, at);
          break;
        }
        case 17: {
          auto step = pick(0, 2) == 0 ? Playing(call.assistance().session_version() + 1)
                      : pick(0, 2) == 0
                          ? Queueing(call.assistance().session_version() + 1)
                          : Collecting(call.assistance().session_version() + 1, pick(0, 1) == 0);
          step.assistance = pick(0, 4) == 0 ? "assistances/of-old" : call.assistance().name();
          step.session = "sessions/01990000-0000-7000-8000-00000000000b";
          step.returns = step.instruction.has_play();
          if (!step.assistance.empty()) result = domain::MenuStepped(call, step, at);
          break;
        }
        case 18:
          result = domain::TakenBack(call, ForAgent(pick(1, 5)).agent(), at);
          break;
        case 19: {
          auto step = pick(0, 1) == 0 ? Transferring(call.session_version() + 1)
                                      : Recording(call.session_version() + 1);
          result = domain::MenuStepped(call, step, at);
          break;
        }
        case 20:
          result = domain::Keyed(call, ForAgent(pick(1, 7)).agent(), at);
          break;
        case 21: {
          pb::MarkCallRequest mark;
          mark.set_mark(pb::CallEvent::PROMISE);
          result = domain::Marked(call, mark, ForAgent(pick(1, 7)).agent(), at);
          break;
        }
        default: {
          google::protobuf::Map<std::string, std::string> data;
          data["k" + std::to_string(pick(1, 3))] = pick(0, 1) == 0 ? "" : "v";
          result = domain::DataAttached(call, data, at);
        }
      }
      if (!result) {
        CHECK(result.error().code != Code::kInternal);
        continue;
      }
      if (!result->changed) {
        CHECK(MessageDifferencer::Equals(result->call, before));
        CHECK(result->events.empty());
        CHECK(result->tasks.empty());
        continue;
      }
      // Moves are legal; what is over stays over.
      const auto& after = result->call;
      std::vector<pb::Call::State> path = {before.state()};
      for (const auto& event : result->events)
        if (event.state() != path.back()) path.push_back(event.state());
      CHECK(path.back() == after.state());
      for (std::size_t p = 1; p < path.size(); ++p) CHECK(LegalMoves().count({path[p - 1], path[p]}) == 1);
      if (domain::IsOver(before)) {
        CHECK(result->events.empty());
        CHECK_FALSE(result->redirected);
      }
      // Numbers go on by one; times never go back.
      for (const auto& event : result->events) {
        CHECK(event.sequence() == static_cast<std::int64_t>(events.size()) + 1);
        CHECK(FromProto(event.time()) >= FromProto(events.back().time()));
        events.push_back(event);
      }
      CHECK(after.event_count() == static_cast<std::int64_t>(events.size()));
      // The directive changes by one version when it says so, else not at all.
      CHECK(after.directive().version() >= version);
      CHECK((after.directive().version() > version) == result->redirected);
      if (!result->redirected)
        CHECK(after.directive().SerializeAsString() == before.directive().SerializeAsString());
      version = after.directive().version();
      // One customer; at most one live agent; none live when it is over.
      int live_agents = 0;
      int serving = 0;  // the agent, or somebody outside
      int live = 0;
      for (const auto& leg : after.legs()) {
        const bool alive = leg.state() != pb::Leg::ENDED && leg.state() != pb::Leg::FAILED;
        live += alive ? 1 : 0;
        live_agents += alive && leg.role() == pb::Leg::AGENT ? 1 : 0;
        serving += alive && (leg.role() == pb::Leg::AGENT || leg.role() == pb::Leg::OUTSIDE) ? 1 : 0;
        CHECK(leg.has_end_time() == !alive);
      }
      CHECK(live_agents <= 1);
      CHECK((live == 0) == domain::IsOver(after));
      if (after.state() == pb::Call::INITIATED) {
        CHECK(serving <= 1);  // a number outside that the menu has rung
        CHECK(live_agents == 0);
        serving = 0;
      }
      CHECK((serving > 0) == (after.state() == pb::Call::DELIVERED ||
                              after.state() == pb::Call::ESTABLISHED || after.state() == pb::Call::HELD));
      // While the caller keys something for the agent, all others wait and hear nothing of it; else nobody
      // does.
      if (domain::IsAssisted(after)) {
        CHECK(after.state() == pb::Call::ESTABLISHED);
        CHECK(after.directive().held_legs_size() == live - 2);  // all but the customer's and the menu's
      } else {
        CHECK(after.directive().held_legs_size() == 0);
      }
      // No secret in anything that is kept.
      for (const auto& task : result->tasks) {
        CHECK(task.SerializeAsString().find(secret) == std::string::npos);
        media_ended += task.has_media_ended() ? 1 : 0;
        session_ended += task.has_end_session() && task.assistance().empty() ? 1 : 0;
        assistances += task.has_start_assistance() ? 1 : 0;
        broken_off += task.has_end_session() && !task.assistance().empty() ? 1 : 0;
      }
      CHECK(after.SerializeAsString().find(secret) == std::string::npos);
      call = Kept(*result);
    }
    if (domain::IsOver(call)) {
      CHECK(media_ended == (call.interaction().empty() ? 0 : 1));
      CHECK(session_ended <= 1);
      CHECK(broken_off <= assistances);
      CHECK_FALSE(domain::IsAssisted(call));
      CHECK(events.back().state() == call.state());
    } else {
      CHECK(media_ended == 0);
    }
    ++ends[call.state()];
    const auto spent = SpentByEvents(events);
    const auto of = [&](pb::Call::State state) {
      const auto it = spent.find(state);
      // The span that is still open is in neither count.
      const auto open = state == call.state() ? FromProto(events.back().time()) - FromProto(call.state_time())
                                              : Duration{0};
      return (it == spent.end() ? Duration{0} : it->second) - open;
    };
    CHECK(FromProto(call.durations().ivr()) == of(pb::Call::INITIATED));
    CHECK(FromProto(call.durations().queue()) == of(pb::Call::QUEUED));
    CHECK(FromProto(call.durations().ring()) == of(pb::Call::DELIVERED));
    CHECK(FromProto(call.durations().talk()) == of(pb::Call::ESTABLISHED));
    CHECK(FromProto(call.durations().hold()) == of(pb::Call::HELD));
    if (domain::IsOver(call)) {
      const auto& d = call.durations();
      CHECK(FromProto(d.total()) == FromProto(d.ivr()) + FromProto(d.queue()) + FromProto(d.ring()) +
                                        FromProto(d.talk()) + FromProto(d.hold()));
    }
  }
  CHECK(steps > 4000);
  CHECK(ends.size() == 7);  // the walk reaches every state
}

}  // namespace
}  // namespace carillon::telephony
