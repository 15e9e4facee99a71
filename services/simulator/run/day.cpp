#include "simulator/run/day.hpp"

#include <algorithm>
#include <condition_variable>
#include <deque>
#include <fstream>
#include <map>
#include <mutex>
#include <nlohmann/json.hpp>
#include <optional>
#include <set>

#include "base/ids.hpp"
#include "base/proto_time.hpp"
#include "carillon/campaign/v1/campaign_service.pb.h"
#include "carillon/routing/v1/agent_service.pb.h"
#include "carillon/telephony/v1/switch_service.pb.h"
#include "carillon/workorder/v1/workorder_service.pb.h"
#include "runtime/executor.hpp"
#include "simulator/domain/agenda.hpp"
#include "simulator/domain/menu.hpp"
#include "simulator/domain/outbound.hpp"

namespace carillon::simulator {
namespace {

namespace campaign = carillon::campaign::v1;
namespace routing = carillon::routing::v1;
namespace telephony = carillon::telephony::v1;
namespace workorder = carillon::workorder::v1;

using Steady = std::chrono::steady_clock;
using std::chrono::milliseconds;

constexpr int kWorkers = 12;
constexpr auto kAnswerPatience = std::chrono::seconds{60};  // real: an answer not seen by then is given up
constexpr auto kOfferPatience = milliseconds{60};           // real: an offer may come, or nobody fits
constexpr auto kReconnectAfter = milliseconds{100};         // real
constexpr auto kReplayedWait = std::chrono::seconds{3};     // a caller who does not understand waits so long
constexpr auto kMessage = std::chrono::seconds{8};          // what a caller says after the tone
constexpr int kMenuPatience = 8;                            // menus a caller listens to before giving up
constexpr const char* kUnservedNumber = "4000000000";
constexpr auto kPromisePatience =
    std::chrono::seconds{15};                        // real: a promised call not made by then is given up
constexpr auto kChance = milliseconds{1500};         // real: who is free so long could have been rung for
constexpr auto kLastDial = std::chrono::minutes{2};  // what was leased within the hours may ring after them
constexpr auto kCallbackMinute = std::chrono::seconds{60};

Duration Seconds(double s) { return Duration{static_cast<std::int64_t>(s * 1e6)}; }

}  // namespace

/// One thread decides everything; workers only wait for answers, streams only post what they heard.
class Day::Floor {
 public:
  Floor(PacedClock& clock, Stage& stage, const DayPlan& plan, const std::vector<Caller>& callers,
        DaySettings settings)
      : clock_(clock), stage_(stage), plan_(plan), callers_(callers), settings_(std::move(settings)) {
    if (!settings_.journal.empty()) journal_.open(settings_.journal, std::ios::app);
  }
  ~Floor() { CloseStreams(); }

  DayResult Run(const std::function<void(const DayGlance&)>& glance);

 private:
  using Event = std::function<void()>;
  using Ticket = Punctuality::Ticket;

  enum class Phase { kComing, kMenu, kQueued, kRinging, kTalking, kOver };

  struct Position;

  struct Outbound {  // the platform rang the customer
    OutboundPlan plan;
    std::string number;
    std::string customer;  ///< record number of the day's caller, empty for a customer of another day
    std::string attempt;   ///< attempts/{uuid}, once an agent has it on the desk
    std::optional<Ticket> waits_record;
    Steady::time_point record_until;
  };

  struct Promise {  // to call again at a time
    std::string number;
    std::string customer;
    TimePoint due;
    bool open = false;                             ///< due, and not rung yet
    bool given_up = false;                         ///< the clock waits for it no longer
    bool had_chance = false;                       ///< an agent was free long enough
    std::optional<Steady::time_point> possible{};  ///< since when an agent has been free for it
  };

  struct Live {
    const PlannedCall* plan = nullptr;
    std::string switch_id;  ///< what the switch calls it
    std::string name;       ///< calls/{uuid}
    Phase phase = Phase::kComing;
    std::int64_t version = 0;     ///< latest directive
    std::optional<Ticket> waits;  ///< for the platform's next word
    TimePoint arrived, queued, connected;
    bool asked_agent = false, talked = false, heard_balance = false, hung_up = false, releasing = false;
    int menus = 0;
    std::string leg;
    std::set<std::string> parties;  ///< legs beside it that were rung
    Position* agent = nullptr;
    std::string customer;
    std::unique_ptr<Outbound> out;  ///< none for a call from outside
  };

  struct Position {  // an agent at a seat, in one of the day's shifts
    Seat* seat = nullptr;
    std::string login;
    std::vector<std::string> types;
    bool on = false, leaving = false, gone = true, streaming = false, desk_up = false;
    std::unique_ptr<rpc::Watching> watch;
    std::uint64_t stream = 0;
    std::int64_t version = 0;
    routing::AgentSession::State state = routing::AgentSession::SIGNED_OUT;
    std::string offer, working, completing;
    std::optional<Ticket> waits_ready, waits_wrap, waits_done, waits_leave;
    bool fixing = false;
  };

  struct Wait {
    Ticket ticket;
    Steady::time_point since;
    std::string what;
  };

  // --- the loop
  void Post(Event event) {
    {
      const std::lock_guard lock(mutex_);
      inbox_.push_back(std::move(event));
    }
    wake_.notify_one();
  }
  void At(TimePoint due, std::function<void(TimePoint)> work) { agenda_.Put(due, std::move(work)); }
  void AtReal(Steady::time_point when, Event event) { real_.emplace(when, std::move(event)); }

  /// One request; `then` runs in the loop with the answer, and only then the work that was due is done.
  template <class Response>
  void Do(TimePoint due, User& user, std::string service, std::string method,
          std::shared_ptr<google::protobuf::Message> request, std::function<void(Result<Response>)> then) {
    const Ticket ticket = punctuality_.Begin(due);
    const auto asked = Steady::now();
    const bool taken = workers_.Submit([this, ticket, asked, &user, service = std::move(service),
                                        method = std::move(method), request = std::move(request),
                                        then = std::move(then)] {
      auto answer = std::make_shared<Result<Response>>(user.Ask<Response>(service, method, *request));
      Post([this, ticket, asked, answer, method, then] {
        Took(method, asked);
        if (!*answer)
          Note(
              "refused",
              {{"method", method}, {"reason", answer->error().reason}, {"message", answer->error().message}});
        then(std::move(*answer));
        punctuality_.Done(ticket, clock_.Now());
      });
    });
    CARILLON_CHECK(taken);
  }

  std::optional<Ticket> Expect(TimePoint due, std::string what) {
    const Ticket ticket = punctuality_.Begin(due);
    waits_.push_back({ticket, Steady::now(), std::move(what)});
    return ticket;
  }
  /// Real time spent waiting for answers of one kind.
  void Took(const std::string& what, Steady::time_point since) {
    auto& spent = result_.answers[what];
    const auto took = std::chrono::duration<double, std::milli>(Steady::now() - since).count();
    ++spent.count;
    spent.total_ms += took;
    spent.longest_ms = std::max(spent.longest_ms, took);
  }
  void Met(std::optional<Ticket>& ticket) {
    if (!ticket) return;
    punctuality_.Done(*ticket, clock_.Now());
    std::erase_if(waits_, [&](const Wait& wait) {
      if (wait.ticket != *ticket) return false;
      Took(wait.what.substr(0, wait.what.find(" of ")).substr(0, wait.what.find(" for ")), wait.since);
      return true;
    });
    ticket.reset();
  }
  void GiveUpWaits();
  void Pace();

  void Note(const char* what, nlohmann::json more) {
    if (!journal_) return;
    more["at"] = FormatRfc3339(clock_.Now());
    more["what"] = what;
    journal_ << more.dump() << '\n';
  }
  std::string RequestId(const std::string& what) const { return DerivedId(settings_.run_id, what); }
  void Refused(const std::string& what, const Error& error) {
    ++result_.refused;
    Note("refusal", {{"request", what}, {"reason", error.reason}, {"message", error.message}});
    if (result_.refused <= 5)
      std::fprintf(stderr, "\nrefused: %s: %s (%s)\n", what.c_str(), error.message.c_str(),
                   error.reason.c_str());
  }

  // --- the switch
  void OpenLine();
  void OnDirective(const telephony::Directive& directive);
  void Arrive(Live& call, TimePoint due);
  void Answer(Live& call, TimePoint due, std::int64_t version, const std::string& digits,
              const std::optional<telephony::Recording>& message = {});
  void Played(Live& call, TimePoint due, std::int64_t version);
  void OnCollect(Live& call, const telephony::Directive& directive);
  void OnPlay(Live& call, const telephony::Directive& directive);
  void OnRecord(Live& call, const telephony::Directive& directive);
  void OnTransfer(Live& call, const telephony::Directive& directive);
  void OnQueued(Live& call);
  void OnConnect(Live& call, const telephony::Directive& directive);
  void OnBridge(Live& call, const telephony::Directive& directive);
  void HangUp(Live& call, TimePoint due, telephony::ReportHangUpRequest::Party party,
              telephony::Call::Cause cause = telephony::Call::CAUSE_UNSPECIFIED);
  void AgentHangsUp(Live& call, TimePoint due);

  // --- calls the platform makes
  void PlanDialling();
  void Ring(const telephony::Directive& directive);
  void PickUp(Live& call, TimePoint due);
  void Record(Position& agent, TimePoint due, const std::string& interaction, Live& call,
              const std::string& order);
  void Promised(const Outbound& out, TimePoint due);
  bool Dialling() const;
  bool CouldDial() const;
  std::optional<TimePoint> OldestPromise();

  // --- the agents
  void SignIn(Position& agent, TimePoint due);
  void OpenDesk(Position& agent);
  void OnDesk(Position& agent, std::uint64_t stream, const routing::Desk& desk);
  void SetStatus(Position& agent, TimePoint due, routing::AgentStatus status, const std::string& reason);
  void Accept(Position& agent, TimePoint due, const std::string& reservation, std::int64_t version,
              const std::string& call);
  void Wrap(Position& agent, TimePoint due, const routing::Interaction& interaction, Live* call);
  void Complete(Position& agent, TimePoint due, const std::string& interaction, const std::string& order,
                const std::string& disposition);
  void Leave(Position& agent, TimePoint due);
  void SignOut(Position& agent, TimePoint due);
  bool SomebodyCouldOffer() const;

  // --- the orders
  void CreateOrder(Position& agent, TimePoint due, const std::string& interaction, Live& call);
  void Dispatch(Position& agent, TimePoint due, const std::string& order, const OrderPlan& plan);
  void Handle(TimePoint due, const std::string& order, const OrderPlan& plan, int round);
  void Finish(TimePoint due, const std::string& order, const OrderPlan& plan, int round);
  void Revisit(TimePoint due, const std::string& order, const OrderPlan& plan, int round);

  void CloseStreams();
  DayGlance Glance() const;
  bool Finished() const;

  PacedClock& clock_;
  Stage& stage_;
  const DayPlan& plan_;
  const std::vector<Caller>& callers_;
  DaySettings settings_;
  std::ofstream journal_;

  std::mutex mutex_;
  std::condition_variable wake_;
  std::deque<Event> inbox_;

  Agenda<std::function<void(TimePoint)>> agenda_;
  std::multimap<Steady::time_point, Event> real_;
  Punctuality punctuality_;
  std::vector<Wait> waits_;
  Steady::time_point offer_until_{};
  simulator::Pace pace_{-1, {}};

  std::map<std::string, std::unique_ptr<Live>> calls_;  // by switch id
  std::map<std::string, Live*> calls_by_name_;
  const Random outbound_random_{Random(settings_.seed).Fork("outbound")};
  std::map<std::string, int> rings_;                   // by number
  std::map<std::string, std::string> keys_by_number_;  // the day's callers
  std::vector<Promise> promises_;
  std::map<std::string, std::unique_ptr<Position>> agents_;  // by planned login
  std::unique_ptr<rpc::Watching> line_;
  bool line_up_ = false, closing_ = false;
  std::uint64_t line_number_ = 0;  ///< of the stream that is the line now
  int over_ = 0, shifts_left_ = 0, live_ = 0;
  DayResult result_;

  // Last, so that no worker outlives what it touches.
  runtime::Executor workers_{"simulator", kWorkers, 1'000'000};
};

// --- the loop
// -----------------------------------------------------------------------------------------------

void Day::Floor::GiveUpWaits() {
  const auto now = Steady::now();
  std::erase_if(waits_, [&](const Wait& wait) {
    if (wait.since + kAnswerPatience > now) return false;
    ++result_.silent;
    Note("silence", {{"waited_for", wait.what}});
    if (result_.silent <= 5) std::fprintf(stderr, "\nno answer: %s\n", wait.what.c_str());
    punctuality_.Done(wait.ticket, clock_.Now());
    return true;
  });
}

void Day::Floor::Pace() {
  Load load;
  load.now = clock_.Now();
  load.oldest_open = punctuality_.OldestOpen();
  load.next_due = agenda_.NextDue();
  load.promised = OldestPromise();
  load.dialling = Dialling();
  load.part_down = !line_up_ || Steady::now() < offer_until_ ||
                   std::any_of(
                       agents_.begin(), agents_.end(),
                       [](const auto& entry) { return entry.second->streaming && !entry.second->desk_up; });
  load.quiet = live_ == 0 && std::all_of(agents_.begin(), agents_.end(),
                                         [](const auto& entry) { return entry.second->gone; });
  auto rules = settings_.pace;  // what is left when nobody calls any more need not take as long
  if (load.now >= settings_.midnight + settings_.window.to)
    rules.target_rate = std::max(rules.target_rate, PaceRules{}.target_rate);
  const auto pace = Paced(load, rules);
  if (pace.rate == 0 ? pace_.rate == 0 : pace == pace_) return;
  clock_.SetRate(pace.rate, pace.until);
  pace_ = pace;
}

bool Day::Floor::Finished() const {
  return over_ == result_.calls && live_ == 0 && shifts_left_ == 0 && agenda_.empty() &&
         punctuality_.open() == 0;
}

DayResult Day::Floor::Run(const std::function<void(const DayGlance&)>& glance) {
  const auto real_start = Steady::now();
  clock_.SetRate(0);
  clock_.Advance(settings_.midnight + settings_.window.from - std::chrono::minutes{1});
  result_.start = clock_.Now();
  Note("begin", {{"run", settings_.run_id}});
  OpenLine();
  for (const auto& planned : plan_.calls) {
    auto call = std::make_unique<Live>();
    call->plan = &planned;
    call->switch_id = settings_.run_id.substr(0, 8) + "/" + planned.id;
    if (planned.caller >= 0) call->customer = stage_.customers.at(static_cast<std::size_t>(planned.caller));
    At(settings_.midnight + planned.arrival,
       [this, live = call.get()](TimePoint due) { Arrive(*live, due); });
    calls_[call->switch_id] = std::move(call);
  }
  for (const auto& planned : plan_.agents) {
    auto agent = std::make_unique<Position>();
    agent->seat = stage_.seats.at(planned.login).get();
    agent->login = planned.login;
    agent->types = planned.types;
    agents_[planned.login] = std::move(agent);
  }
  result_.agents = static_cast<int>(agents_.size());
  for (const auto& shift : plan_.shifts) {
    ++shifts_left_;
    auto* agent = agents_.at(shift.agent).get();
    At(settings_.midnight + shift.in, [this, agent](TimePoint due) { SignIn(*agent, due); });
    At(settings_.midnight + shift.out, [this, agent](TimePoint due) { Leave(*agent, due); });
  }
  result_.calls = static_cast<int>(calls_.size());
  PlanDialling();

  auto next_glance = Steady::now();
  while (!Finished()) {
    std::deque<Event> events;
    {
      const std::lock_guard lock(mutex_);
      events.swap(inbox_);
    }
    for (auto& event : events) event();
    const auto real_now = Steady::now();
    while (!real_.empty() && real_.begin()->first <= real_now) {
      const auto event = std::move(real_.begin()->second);
      real_.erase(real_.begin());
      event();
    }
    // Work comes due only while nothing is late, so that a burst does not make its own queue.
    const auto now = clock_.Now();
    while (auto due = agenda_.TakeDue(now)) due->second(due->first);
    GiveUpWaits();
    Pace();
    if (real_now >= next_glance) {
      glance(Glance());
      journal_.flush();
      next_glance = real_now + std::chrono::seconds{1};
    }
    if (real_now - real_start > settings_.real_limit) {
      result_.gave_up = true;
      break;
    }
    auto sleep = std::chrono::duration_cast<std::chrono::microseconds>(milliseconds{50});
    if (pace_.rate > 0 && pace_.until != TimePoint::max()) {
      const auto away = std::max(0.0, static_cast<double>((pace_.until - clock_.Now()).count()) / pace_.rate);
      sleep = std::min(sleep, std::chrono::microseconds{static_cast<std::int64_t>(away) + 1});
    }
    if (Steady::now() < offer_until_)
      sleep = std::min(sleep,
                       std::chrono::duration_cast<std::chrono::microseconds>(offer_until_ - Steady::now()));
    std::unique_lock lock(mutex_);
    wake_.wait_for(lock, sleep, [this] { return !inbox_.empty(); });
  }

  result_.end = clock_.Now();
  result_.real_s = std::chrono::duration<double>(Steady::now() - real_start).count();
  result_.mean_rate = std::chrono::duration<double>(result_.end - result_.start).count() / result_.real_s;
  result_.lag = punctuality_.Lags();
  result_.work = punctuality_.done();
  result_.unfinished = result_.calls - over_ + live_;
  for (const auto& [login, agent] : agents_) result_.agents_stuck += agent->gone ? 0 : 1;
  glance(Glance());
  CloseStreams();
  clock_.SetRate(1);
  Note("end", {{"calls", result_.calls}, {"unfinished", result_.unfinished}});
  return result_;
}

DayGlance Day::Floor::Glance() const {
  DayGlance out;
  out.now = clock_.Now();
  out.rate = clock_.Rate();
  for (const auto& [id, call] : calls_) {
    out.arrived += call->phase == Phase::kComing || call->out ? 0 : 1;
    out.waiting += call->phase == Phase::kQueued || call->phase == Phase::kRinging ? 1 : 0;
    out.talking += call->phase == Phase::kTalking ? 1 : 0;
  }
  out.answered = result_.answered;
  out.abandoned = result_.abandoned;
  out.orders = result_.orders;
  out.rung = result_.rung;
  if (const auto sold = result_.dispositions.find("SOLD"); sold != result_.dispositions.end())
    out.sold = sold->second;
  for (const auto& [login, agent] : agents_) {
    if (agent->gone) continue;
    ++out.signed_in;
    out.ready += agent->state == routing::AgentSession::READY ? 1 : 0;
    out.busy += agent->state == routing::AgentSession::BUSY ||
                        agent->state == routing::AgentSession::WRAPPING ||
                        agent->state == routing::AgentSession::RESERVED
                    ? 1
                    : 0;
  }
  if (const int served = result_.answered + result_.abandoned; served > 0)
    out.service_level = static_cast<double>(result_.answered_in_20) / served;
  out.lag_p99_s = punctuality_.Lags().p99_s;
  return out;
}

void Day::Floor::CloseStreams() {
  closing_ = true;
  line_.reset();
  for (auto& [login, agent] : agents_) agent->watch.reset();
}

// --- the switch
// ---------------------------------------------------------------------------------------------

void Day::Floor::OpenLine() {
  const auto number = ++line_number_;
  line_up_ = false;
  line_.reset();
  const bool taken = workers_.Submit([this, number] {
    auto watch = std::make_shared<std::unique_ptr<rpc::Watching>>(stage_.line->Watch<telephony::Directive>(
        "telephony", "SwitchService/WatchDirectives", telephony::WatchDirectivesRequest(),
        [this](const telephony::Directive& directive) {
          Post([this, directive] { OnDirective(directive); });
        },
        [this, number](const std::optional<Error>& error) {
          Post([this, number, error] {
            if (closing_ || number != line_number_) return;
            Note("line_lost", {{"why", error ? error->message : ""}});
            line_up_ = false;
            ++line_number_;
            AtReal(Steady::now() + kReconnectAfter, [this] { OpenLine(); });
          });
        }));
    Post([this, number, watch] {
      if (number == line_number_ && !closing_) line_ = std::move(*watch);
    });
  });
  CARILLON_CHECK(taken);
  // A quiet line says nothing at first: what it says later is never missed, so it counts as up.
  AtReal(Steady::now() + kReconnectAfter, [this, number] {
    if (number == line_number_) line_up_ = true;
  });
}

void Day::Floor::Arrive(Live& call, TimePoint due) {
  call.phase = Phase::kMenu;
  ++live_;
  call.arrived = due;
  auto request = std::make_shared<telephony::ReportCallArrivedRequest>();
  request->set_switch_call_id(call.switch_id);
  request->set_calling_number(call.plan->number);
  request->set_called_number(call.plan->manner == Manner::kWrongNumber ? kUnservedNumber
                                                                       : stage_.service_number);
  request->set_trunk("simulated");
  request->set_request_id(RequestId("arrive/" + call.switch_id));
  Note("arrive", {{"call", call.switch_id}, {"customer", call.customer}, {"type", call.plan->type}});
  if (call.plan->manner != Manner::kPhantom) call.waits = Expect(due, "the menu for " + call.switch_id);
  Do<telephony::Call>(due, *stage_.line, "telephony", "SwitchService/ReportCallArrived", request,
                      [this, &call, due](const Result<telephony::Call>& answer) {
                        if (!answer) {
                          Refused("ReportCallArrived", answer.error());
                          Met(call.waits);
                          call.phase = Phase::kOver;
                          ++over_;
                          --live_;
                          return;
                        }
                        call.name = answer->name();
                        calls_by_name_[call.name] = &call;
                        if (call.plan->manner == Manner::kPhantom) {
                          HangUp(call, due, telephony::ReportHangUpRequest::CUSTOMER);
                        } else if (call.plan->manner == Manner::kLeavesMenu) {
                          At(call.arrived + Seconds(call.plan->menu_s), [this, &call](TimePoint at) {
                            HangUp(call, at, telephony::ReportHangUpRequest::CUSTOMER);
                          });
                        }
                      });
}

void Day::Floor::OnDirective(const telephony::Directive& directive) {
  const auto known = calls_by_name_.find(directive.call());
  const auto found = known != calls_by_name_.end() ? calls_.find(known->second->switch_id)
                                                   : calls_.find(directive.switch_call_id());
  if (found == calls_.end()) {
    if (directive.has_dial() && FromProto(directive.issue_time()) >= result_.start) return Ring(directive);
    // Left behind by a run that was cut short: nobody is on that line any more.
    if (directive.has_release()) return;
    auto request = std::make_shared<telephony::ReportHangUpRequest>();
    request->set_call(directive.call());
    request->set_party(telephony::ReportHangUpRequest::CUSTOMER);
    Do<telephony::Call>(clock_.Now(), *stage_.line, "telephony", "SwitchService/ReportHangUp", request,
                        [](auto) {});
    return;
  }
  auto& call = *found->second;
  if (directive.version() <= call.version || call.phase == Phase::kOver) return;
  call.version = directive.version();
  if (call.name.empty()) {
    call.name = directive.call();
    calls_by_name_[call.name] = &call;
  }
  // The caller hears the wait prompt until the menu answers: what is awaited has not come yet.
  if (directive.has_music() && directive.music().interaction().empty()) return;
  Met(call.waits);
  switch (directive.instruction_case()) {
    case telephony::Directive::kPlay:
      OnPlay(call, directive);
      break;
    case telephony::Directive::kCollect:
      OnCollect(call, directive);
      break;
    case telephony::Directive::kRecord:
      OnRecord(call, directive);
      break;
    case telephony::Directive::kTransfer:
      OnTransfer(call, directive);
      break;
    case telephony::Directive::kMusic:
      OnQueued(call);
      break;
    case telephony::Directive::kConnect:
      OnConnect(call, directive);
      break;
    case telephony::Directive::kBridge:
      OnBridge(call, directive);
      break;
    case telephony::Directive::kRelease:
      if (!call.releasing) {
        call.releasing = true;
        // The last words are heard before the line is freed.
        const double words = directive.release().prompts().empty() ? 0 : 2;
        const auto party = directive.release().cause() == "AGENT_HUNG_UP"
                               ? telephony::ReportHangUpRequest::AGENT
                               : telephony::ReportHangUpRequest::SYSTEM;
        At(clock_.Now() + Seconds(words), [this, &call, party](TimePoint due) { HangUp(call, due, party); });
      }
      break;
    case telephony::Directive::kDial:
    case telephony::Directive::kHold:
    case telephony::Directive::INSTRUCTION_NOT_SET:
      break;
  }
}

namespace {

template <class Prompts>
std::vector<std::string> TextsOf(const Prompts& prompts) {
  std::vector<std::string> texts;
  for (const auto& prompt : prompts) texts.push_back(prompt.text());
  return texts;
}

bool TellsBalance(const std::vector<std::string>& texts) {
  return std::any_of(texts.begin(), texts.end(), [](const std::string& text) {
    return text.find("余额") != std::string::npos && text.find("元") != std::string::npos;
  });
}

}  // namespace

void Day::Floor::OnPlay(Live& call, const telephony::Directive& directive) {
  const auto texts = TextsOf(directive.play().prompts());
  if (TellsBalance(texts)) call.heard_balance = true;
  // A caller in a hurry has the welcome cut short by the log's own time in the menu.
  const double listens = std::clamp(call.plan->menu_s * 0.3, 0.3, 4.0);
  At(clock_.Now() + Seconds(listens),
     [this, &call, version = directive.version()](TimePoint due) { Played(call, due, version); });
}

void Day::Floor::OnCollect(Live& call, const telephony::Directive& directive) {
  const auto& collect = directive.collect();
  const auto texts = TextsOf(collect.prompts());
  const auto now = clock_.Now();
  const auto version = directive.version();
  if (TellsBalance(texts)) call.heard_balance = true;
  ++call.menus;
  const auto timeout = FromProto(collect.first_timeout()) + kReplayedWait;
  if (call.plan->manner == Manner::kLeavesMenu) {
    At(now + timeout, [this, &call, version](TimePoint due) { Answer(call, due, version, ""); });
    return;
  }
  if ((call.plan->manner == Manner::kServesHimself && call.heard_balance) || call.menus > kMenuPatience) {
    At(now + Seconds(2),
       [this, &call](TimePoint due) { HangUp(call, due, telephony::ReportHangUpRequest::CUSTOMER); });
    return;
  }
  std::string digits;
  if (collect.secret() || (collect.max_digits() > 1 && AsksForPassword(texts))) {
    if (call.plan->caller >= 0)
      digits = ServicePasswordOf(callers_[static_cast<std::size_t>(call.plan->caller)]);
  } else {
    digits = KeyFor(texts, call.plan->need);
    if (digits.empty()) digits = KeyFor(texts, Need::kRegular);
  }
  // The first menu takes the rest of the time the caller spends choosing; deeper ones two seconds each.
  auto when = now + Seconds(2);
  if (call.menus == 1) when = std::max(now + Seconds(0.5), call.arrived + Seconds(call.plan->menu_s));
  if (digits.empty()) when = now + timeout;
  At(when, [this, &call, version, digits](TimePoint due) { Answer(call, due, version, digits); });
}

void Day::Floor::Played(Live& call, TimePoint due, std::int64_t version) {
  if (call.version != version || call.hung_up) return;
  auto request = std::make_shared<telephony::ReportPlayedRequest>();
  request->set_call(call.name);
  request->set_directive_version(version);
  if (!call.waits) call.waits = Expect(due, "the step after words of " + call.switch_id);
  Do<telephony::ReportPlayedResponse>(due, *stage_.line, "telephony", "SwitchService/ReportPlayed", request,
                                      [this, &call](const auto& answer) {
                                        if (answer) return;
                                        Met(call.waits);
                                        Refused("ReportPlayed", answer.error());
                                      });
}

/// The caller says what there is to say, as long as it may be.
void Day::Floor::OnRecord(Live& call, const telephony::Directive& directive) {
  const auto words = std::min<Duration>(FromProto(directive.record().max_length()), kMessage);
  telephony::Recording message;
  message.set_media("simulated/" + call.switch_id + "/" + std::to_string(directive.version()));
  *message.mutable_length() = ToProto(words);
  At(clock_.Now() + Seconds(2) + words, [this, &call, message, version = directive.version()](TimePoint due) {
    Answer(call, due, version, "", message);
  });
}

/// Whoever is outside answers, and the call is theirs until the caller hangs up.
void Day::Floor::OnTransfer(Live& call, const telephony::Directive& directive) {
  At(clock_.Now() + Seconds(4),
     [this, &call, leg = directive.transfer().leg(), version = directive.version()](TimePoint due) {
       if (call.version != version || call.hung_up) return;
       auto request = std::make_shared<telephony::ReportAgentLegRequest>();
       request->set_call(call.name);
       request->set_leg(leg);
       request->set_state(telephony::ReportAgentLegRequest::CONNECTED);
       request->set_request_id(RequestId("leg/" + leg));
       Do<telephony::Call>(due, *stage_.line, "telephony", "SwitchService/ReportAgentLeg", request,
                           [this](const Result<telephony::Call>& answer) {
                             if (!answer) Refused("ReportAgentLeg", answer.error());
                           });
       At(due + Seconds(call.plan->talk_s),
          [this, &call](TimePoint at) { HangUp(call, at, telephony::ReportHangUpRequest::CUSTOMER); });
     });
}

void Day::Floor::Answer(Live& call, TimePoint due, std::int64_t version, const std::string& digits,
                        const std::optional<telephony::Recording>& message) {
  if (call.version != version || call.hung_up) return;
  auto request = std::make_shared<telephony::ReportInputRequest>();
  request->set_call(call.name);
  request->set_directive_version(version);
  if (message) {
    *request->mutable_recorded() = *message;
  } else if (digits.empty()) {
    request->set_timed_out(true);
  } else {
    request->set_digits(digits);
  }
  Note("keys", {{"call", call.switch_id}, {"keys", digits.size()}, {"version", version}});
  if (!call.waits) call.waits = Expect(due, "the step after keys of " + call.switch_id);
  Do<telephony::ReportInputResponse>(due, *stage_.line, "telephony", "SwitchService/ReportInput", request,
                                     [this, &call](const auto& answer) {
                                       if (answer) return;
                                       Met(call.waits);
                                       Refused("ReportInput", answer.error());
                                     });
}

void Day::Floor::OnQueued(Live& call) {
  const auto now = clock_.Now();
  call.phase = Phase::kQueued;
  if (call.asked_agent) return;  // back from an agent who did not answer: the patience goes on
  call.asked_agent = true;
  call.queued = now;
  Note("queued", {{"call", call.switch_id}});
  At(now + Seconds(call.plan->patience_s), [this, &call](TimePoint due) {
    if (call.phase == Phase::kQueued || call.phase == Phase::kRinging)
      HangUp(call, due, telephony::ReportHangUpRequest::CUSTOMER);
  });
  if (SomebodyCouldOffer()) offer_until_ = Steady::now() + kOfferPatience;
}

void Day::Floor::OnConnect(Live& call, const telephony::Directive& directive) {
  if (call.leg == directive.connect().leg()) return;  // back from hold
  call.leg = directive.connect().leg();
  call.phase = Phase::kRinging;
  const auto now = clock_.Now();
  auto request = std::make_shared<telephony::ReportAgentLegRequest>();
  request->set_call(call.name);
  request->set_leg(call.leg);
  request->set_state(telephony::ReportAgentLegRequest::CONNECTED);
  request->set_request_id(RequestId("leg/" + call.leg));
  for (auto& [login, agent] : agents_)
    if (agent->seat->agent == directive.connect().agent()) call.agent = agent.get();
  Do<telephony::Call>(
      now, *stage_.line, "telephony", "SwitchService/ReportAgentLeg", request,
      [this, &call](const Result<telephony::Call>& answer) {
        if (!answer) return Refused("ReportAgentLeg", answer.error());
        if (call.hung_up) return;
        const auto at = clock_.Now();
        call.phase = Phase::kTalking;
        call.connected = at;
        call.talked = true;
        const auto waited = std::chrono::duration<double>(at - call.queued).count();
        if (call.out) {
          ++result_.spoken;
        } else {
          ++result_.answered;
          result_.waited_answered_s += waited;
          result_.answered_in_20 += waited <= 20 ? 1 : 0;
        }
        Note("talk", {{"call", call.switch_id},
                      {"agent", call.agent != nullptr ? call.agent->login : ""},
                      {"waited_s", waited}});
        At(at + Seconds(call.plan->talk_s), [this, &call](TimePoint due) {
          if (call.plan->agent_hangs_up && call.agent != nullptr && !call.agent->working.empty())
            AgentHangsUp(call, due);
          else
            HangUp(call, due, telephony::ReportHangUpRequest::CUSTOMER);
        });
      });
}

/// Whoever is new is rung and answers; a leg that is not named is gone without a word.
void Day::Floor::OnBridge(Live& call, const telephony::Directive& directive) {
  for (const auto& party : directive.bridge().parties()) {
    if (party.leg() == call.leg || !call.parties.insert(party.leg()).second) continue;
    auto request = std::make_shared<telephony::ReportAgentLegRequest>();
    request->set_call(call.name);
    request->set_leg(party.leg());
    request->set_state(telephony::ReportAgentLegRequest::CONNECTED);
    request->set_request_id(RequestId("leg/" + party.leg()));
    Do<telephony::Call>(clock_.Now(), *stage_.line, "telephony", "SwitchService/ReportAgentLeg", request,
                        [this](const Result<telephony::Call>& answer) {
                          if (!answer) Refused("ReportAgentLeg", answer.error());
                        });
  }
}

void Day::Floor::AgentHangsUp(Live& call, TimePoint due) {
  auto request = std::make_shared<routing::ReleaseInteractionRequest>();
  request->set_name(call.agent->working);
  request->set_reason("DONE");
  request->set_request_id(RequestId("release/" + call.switch_id));
  if (!call.waits) call.waits = Expect(due, "the agent's end of " + call.switch_id);
  Do<routing::Interaction>(due, *call.agent->seat->user, "routing", "AgentService/ReleaseInteraction",
                           request, [this, &call, due](const auto& answer) {
                             if (answer) return;
                             Met(call.waits);
                             HangUp(call, due, telephony::ReportHangUpRequest::CUSTOMER);
                           });
}

void Day::Floor::HangUp(Live& call, TimePoint due, telephony::ReportHangUpRequest::Party party,
                        telephony::Call::Cause cause) {
  if (call.hung_up || call.phase == Phase::kOver) return;
  if (call.name.empty()) {  // the platform does not know it yet
    At(clock_.Now() + milliseconds{50},
       [this, &call, party, cause](TimePoint at) { HangUp(call, at, party, cause); });
    return;
  }
  call.hung_up = true;
  Met(call.waits);
  auto request = std::make_shared<telephony::ReportHangUpRequest>();
  request->set_call(call.name);
  request->set_party(party);
  request->set_cause(cause);
  request->set_request_id(RequestId("hang-up/" + call.switch_id));
  if (call.talked && call.agent != nullptr && call.agent->completing.empty() && !call.agent->waits_wrap)
    call.agent->waits_wrap = Expect(due, "wrap-up for " + call.switch_id);
  Do<telephony::Call>(
      due, *stage_.line, "telephony", "SwitchService/ReportHangUp", request,
      [this, &call](const Result<telephony::Call>& answer) {
        if (!answer) Refused("ReportHangUp", answer.error());
        call.phase = Phase::kOver;
        --live_;
        const auto now = clock_.Now();
        if (call.out) {
          result_.left_before_agent += call.asked_agent && !call.talked ? 1 : 0;
          Note("rung", {{"call", call.name},
                        {"cause", telephony::Call::Cause_Name(answer ? answer->cause()
                                                                     : telephony::Call::CAUSE_UNSPECIFIED)},
                        {"talked", call.talked}});
          return;
        }
        ++over_;
        if (call.talked) {
        } else if (call.asked_agent) {
          ++result_.abandoned;
          result_.waited_abandoned_s += std::chrono::duration<double>(now - call.queued).count();
        } else if (call.heard_balance) {
          ++result_.self_served;
        } else if (call.plan->manner == Manner::kPhantom) {
          ++result_.phantom;
        } else if (call.plan->manner == Manner::kWrongNumber) {
          ++result_.invalid;
        } else {
          ++result_.left_menu;
        }
        Note("over", {{"call", call.switch_id},
                      {"name", call.name},
                      {"talked", call.talked},
                      {"asked_agent", call.asked_agent},
                      {"self_served", call.heard_balance}});
      });
}

// --- calls the platform makes
// ------------------------------------------------------------------------------

void Day::Floor::PlanDialling() {
  for (const auto& caller : callers_) keys_by_number_[caller.mobile] = caller.key;
  for (const auto& [customer, why] : stage_.unwilling)
    Note("unwilling", {{"customer", customer}, {"why", why}});
  for (const auto& window : settings_.windows) {
    // The clock stops over both ends, so that its rate is right between them.
    At(settings_.midnight + window.from, [this](TimePoint) { Note("dial_from", nlohmann::json::object()); });
    At(settings_.midnight + window.to + kLastDial,
       [this](TimePoint) { Note("dial_to", nlohmann::json::object()); });
  }
}

bool Day::Floor::Dialling() const {
  const auto now = clock_.Now() - settings_.midnight;
  return std::any_of(settings_.windows.begin(), settings_.windows.end(),
                     [&](const Window& window) { return now >= window.from && now < window.to + kLastDial; });
}

bool Day::Floor::CouldDial() const {
  const auto idle = std::count_if(agents_.begin(), agents_.end(), [](const auto& entry) {
    return entry.second->state == routing::AgentSession::READY && entry.second->offer.empty();
  });
  const auto looking = std::count_if(calls_.begin(), calls_.end(), [](const auto& entry) {
    return entry.second->out && entry.second->phase != Phase::kTalking && entry.second->phase != Phase::kOver;
  });
  return Dialling() && idle - settings_.reserved_agents - looking > 0;
}

std::optional<TimePoint> Day::Floor::OldestPromise() {
  std::optional<TimePoint> oldest;
  std::optional<bool> could;
  for (auto& promise : promises_) {
    if (!promise.open || promise.given_up) continue;
    if (!could) could = CouldDial();
    if (!*could) {
      promise.possible.reset();
      continue;
    }
    const auto real_now = Steady::now();
    if (!promise.possible) promise.possible = real_now;
    promise.had_chance = promise.had_chance || real_now - *promise.possible > kChance;
    promise.given_up = real_now - *promise.possible > kPromisePatience;
    if (!oldest || promise.due < *oldest) oldest = promise.due;
  }
  return oldest;
}

void Day::Floor::Promised(const Outbound& out, TimePoint due) {
  ++result_.callbacks;
  const auto at = promises_.size();
  promises_.push_back({out.number, out.customer, due});
  At(due, [this, at](TimePoint) { promises_[at].open = true; });
  At(due + kCallbackMinute, [this, at](TimePoint) {
    const auto& promise = promises_[at];
    if (promise.open)
      Note("promise_late", {{"customer", promise.customer},
                            {"promised", FormatRfc3339(promise.due)},
                            {"nobody_free", !promise.had_chance}});
  });
}

void Day::Floor::Ring(const telephony::Directive& directive) {
  const auto now = clock_.Now();
  auto call = std::make_unique<Live>();
  call->out = std::make_unique<Outbound>();
  auto& out = *call->out;
  out.number = directive.dial().called_number();
  if (const auto key = keys_by_number_.find(out.number); key != keys_by_number_.end())
    out.customer = key->second;
  const int nth = ++rings_[out.number];
  std::optional<TimePoint> promised;
  for (auto& promise : promises_) {
    if (!promise.open || promise.number != out.number) continue;
    promise.open = false;
    promised = promise.due;
    result_.callbacks_kept += now - promise.due <= kCallbackMinute ? 1 : 0;
  }
  out.plan = Rung(outbound_random_, out.number, nth, promised.has_value());
  call->plan = &out.plan.call;
  call->switch_id = settings_.run_id.substr(0, 8) + "/out-" + std::to_string(++result_.rung);
  call->name = directive.call();
  call->version = directive.version();
  call->phase = Phase::kMenu;
  call->arrived = now;
  nlohmann::json note = {
      {"call", call->name},
      {"customer", out.customer},
      {"number", "…" + out.number.substr(out.number.size() - std::min<std::size_t>(4, out.number.size()))},
      {"nth", nth}};
  if (promised) note["promised"] = FormatRfc3339(*promised);
  Note("ring", std::move(note));
  ++live_;
  auto& live = *call;
  calls_by_name_[live.name] = &live;
  calls_[live.switch_id] = std::move(call);

  const auto rings = Seconds(out.plan.rings_s);
  const auto fails = [&](Duration after, telephony::Call::Cause cause) {
    At(now + after, [this, &live, cause](TimePoint due) {
      HangUp(live, due, telephony::ReportHangUpRequest::SYSTEM, cause);
    });
  };
  switch (out.plan.line) {
    case LineResult::kAnswered:
      At(now + rings, [this, &live](TimePoint due) { PickUp(live, due); });
      break;
    case LineResult::kNoAnswer:
      fails(FromProto(directive.dial().ring_duration()), telephony::Call::NO_ANSWER);
      break;
    case LineResult::kBusy:
      fails(rings, telephony::Call::BUSY);
      break;
    case LineResult::kInvalidNumber:
      fails(rings, telephony::Call::INVALID_NUMBER);
      break;
    case LineResult::kPowerOff:
      fails(rings, telephony::Call::POWER_OFF);
      break;
    case LineResult::kMachine:
      fails(rings, telephony::Call::ANSWERING_MACHINE);
      break;
  }
}

void Day::Floor::PickUp(Live& call, TimePoint due) {
  if (call.hung_up || call.releasing) return;
  auto request = std::make_shared<telephony::ReportAnsweredRequest>();
  request->set_call(call.name);
  request->set_switch_call_id(call.switch_id);
  request->set_request_id(RequestId("answered/" + call.switch_id));
  ++result_.line_answered;
  Note("picked_up", {{"call", call.name}});
  if (!call.waits) call.waits = Expect(due, "a place in the queue for " + call.switch_id);
  Do<telephony::Call>(due, *stage_.line, "telephony", "SwitchService/ReportAnswered", request,
                      [this, &call](const Result<telephony::Call>& answer) {
                        if (answer) return;
                        Met(call.waits);
                        Refused("ReportAnswered", answer.error());
                        HangUp(call, clock_.Now(), telephony::ReportHangUpRequest::CUSTOMER);
                      });
}

void Day::Floor::Record(Position& agent, TimePoint due, const std::string& interaction, Live& call,
                        const std::string& order) {
  auto& out = *call.out;
  auto request = std::make_shared<campaign::RecordDispositionRequest>();
  auto word = out.plan.disposition;
  std::optional<TimePoint> again;
  if (word == "CALLBACK_BOOKED") {
    const auto now = std::chrono::floor<seconds>(due - settings_.midnight);
    if (const auto at = CallAgainAt(settings_.windows, now, out.plan.call_again_s))
      again = settings_.midnight + *at;
    else
      word = "INTERESTED";  // no hour of today is left to call again
  }
  campaign::Disposition disposition = campaign::INTERESTED;
  campaign::Disposition_Parse(word, &disposition);
  request->set_name(out.attempt);
  request->set_disposition(disposition);
  if (again) *request->mutable_next_callback_time() = ToProto(*again);
  request->set_work_order(order);
  request->set_request_id(RequestId("disposition/" + out.attempt));
  if (!out.waits_record) {
    out.waits_record = Expect(due, "the record of " + call.switch_id);
    out.record_until = Steady::now() + kAnswerPatience;
  }
  Do<campaign::Attempt>(
      due, *agent.seat->user, "campaign", "CampaignService/RecordDisposition", request,
      [this, &agent, due, interaction, &call, order, word, again](const Result<campaign::Attempt>& answer) {
        auto& said = *call.out;
        if (!answer && answer.error().reason == "ATTEMPT_NOT_CONNECTED" &&
            Steady::now() < said.record_until) {
          // Campaign has not heard yet that they spoke.
          AtReal(Steady::now() + kReconnectAfter, [this, &agent, due, interaction, &call, order] {
            Record(agent, due, interaction, call, order);
          });
          return;
        }
        Met(said.waits_record);
        if (answer) {
          ++result_.dispositions[word];
          nlohmann::json note = {{"call", call.name},
                                 {"attempt", said.attempt},
                                 {"customer", said.customer},
                                 {"disposition", word},
                                 {"order", order}};
          if (again) {
            note["again"] = FormatRfc3339(*again);
            Promised(said, *again);
          }
          Note("disposition", std::move(note));
        } else {
          Refused("RecordDisposition", answer.error());
        }
        Complete(agent, clock_.Now(), interaction, order, word);
      });
}

// --- the agents
// ---------------------------------------------------------------------------------------------

bool Day::Floor::SomebodyCouldOffer() const {
  const bool ready = std::any_of(agents_.begin(), agents_.end(), [](const auto& entry) {
    return entry.second->state == routing::AgentSession::READY && entry.second->offer.empty();
  });
  return ready && std::any_of(calls_.begin(), calls_.end(), [](const auto& entry) {
           return entry.second->phase == Phase::kQueued && !entry.second->hung_up;
         });
}

void Day::Floor::SignIn(Position& agent, TimePoint due) {
  agent.on = true;
  agent.leaving = false;
  agent.gone = false;
  auto request = std::make_shared<routing::SignInRequest>();
  request->set_seat(agent.seat->seat);
  request->set_extension(agent.seat->extension);
  Note("sign_in", {{"agent", agent.login}});
  if (!agent.waits_ready) agent.waits_ready = Expect(due, "readiness of " + agent.login);
  Do<routing::AgentSession>(due, *agent.seat->user, "routing", "AgentService/SignIn", request,
                            [this, &agent, due](const Result<routing::AgentSession>& answer) {
                              if (!answer) {
                                Refused("SignIn " + agent.login, answer.error());
                                Met(agent.waits_ready);
                                return;
                              }
                              if (!agent.streaming) OpenDesk(agent);
                              SetStatus(agent, due, routing::READY, "");
                            });
}

void Day::Floor::SetStatus(Position& agent, TimePoint due, routing::AgentStatus status,
                           const std::string& reason) {
  auto request = std::make_shared<routing::SetStatusRequest>();
  request->set_status(status);
  request->set_reason(reason);
  agent.fixing = true;
  Do<routing::AgentSession>(due, *agent.seat->user, "routing", "AgentService/SetStatus", request,
                            [this, &agent](const Result<routing::AgentSession>& answer) {
                              agent.fixing = false;
                              if (!answer) {
                                Note("status_refused",
                                     {{"agent", agent.login}, {"reason", answer.error().reason}});
                                Met(agent.waits_leave);
                                Met(agent.waits_ready);
                              }
                            });
}

void Day::Floor::OpenDesk(Position& agent) {
  agent.streaming = true;
  agent.desk_up = false;
  agent.version = 0;
  const auto stream = ++agent.stream;
  agent.watch.reset();
  const bool taken = workers_.Submit([this, &agent, stream] {
    auto watch = std::make_shared<std::unique_ptr<rpc::Watching>>(agent.seat->user->Watch<routing::Desk>(
        "routing", "AgentService/WatchDesk", routing::WatchDeskRequest(),
        [this, &agent, stream](const routing::Desk& desk) {
          Post([this, &agent, stream, desk] { OnDesk(agent, stream, desk); });
        },
        [this, &agent, stream](const std::optional<Error>& error) {
          Post([this, &agent, stream, error] {
            if (closing_ || stream != agent.stream) return;
            Note("desk_lost", {{"agent", agent.login}, {"why", error ? error->message : ""}});
            agent.desk_up = false;
            AtReal(Steady::now() + kReconnectAfter, [this, &agent, stream] {
              if (stream == agent.stream && agent.streaming) OpenDesk(agent);
            });
          });
        }));
    Post([this, &agent, stream, watch] {
      if (stream == agent.stream && !closing_) agent.watch = std::move(*watch);
    });
  });
  CARILLON_CHECK(taken);
}

void Day::Floor::OnDesk(Position& agent, std::uint64_t stream, const routing::Desk& desk) {
  if (stream != agent.stream) return;
  agent.desk_up = true;
  if (desk.version() < agent.version) return;
  agent.version = desk.version();
  const auto now = clock_.Now();
  const auto before = agent.state;
  agent.state = desk.has_session() ? desk.session().state() : routing::AgentSession::SIGNED_OUT;

  if (agent.state == routing::AgentSession::SIGNED_OUT && agent.on && !agent.leaving && !agent.fixing &&
      !agent.waits_ready) {
    SignIn(agent, now);  // signed out by the platform while away
    return;
  }
  if (agent.state != routing::AgentSession::NOT_READY && agent.state != routing::AgentSession::SIGNED_OUT)
    Met(agent.waits_ready);

  // What is offered.
  if (desk.offers().empty()) {
    agent.offer.clear();
  } else if (const auto& offer = desk.offers(0); offer.reservation().name() != agent.offer) {
    agent.offer = offer.reservation().name();
    offer_until_ = {};
    const auto found = calls_by_name_.find(offer.interaction().call());
    double ring = 2;
    if (found != calls_by_name_.end()) {
      ring = found->second->plan->ring_s;
      if (found->second->phase == Phase::kQueued) found->second->phase = Phase::kRinging;
    }
    Note("offer",
         {{"agent", agent.login}, {"reservation", agent.offer}, {"call", offer.interaction().call()}});
    At(now + Seconds(ring), [this, &agent, name = agent.offer, version = offer.reservation().version(),
                             call = offer.interaction().call()](TimePoint due) {
      if (agent.offer == name) Accept(agent, due, name, version, call);
    });
  }

  // What is in hand.
  agent.working.clear();
  const routing::Interaction* wrapping = nullptr;
  for (const auto& interaction : desk.interactions()) {
    if (interaction.state() == routing::Interaction::WRAPPING)
      wrapping = &interaction;
    else
      agent.working = interaction.name();
  }
  if (wrapping != nullptr && wrapping->name() != agent.completing) {
    agent.completing = wrapping->name();
    Met(agent.waits_wrap);
    const auto found = calls_by_name_.find(wrapping->call());
    Live* call = found == calls_by_name_.end() ? nullptr : found->second;
    Wrap(agent, now, *wrapping, call);
  }
  if (wrapping == nullptr) {
    if (desk.interactions().empty()) Met(agent.waits_wrap);
    agent.completing.clear();
    Met(agent.waits_done);
  }

  if (agent.state == routing::AgentSession::READY && before != routing::AgentSession::READY &&
      agent.offer.empty() && SomebodyCouldOffer())
    offer_until_ = Steady::now() + kOfferPatience;

  if (agent.state != routing::AgentSession::READY) Met(agent.waits_leave);
  if (agent.leaving) {
    if (agent.state == routing::AgentSession::NOT_READY) SignOut(agent, now);
  } else if (agent.state == routing::AgentSession::NOT_READY && !agent.fixing && !agent.waits_ready) {
    // Made not ready by a missed call or a failed phone: back to work.
    SetStatus(agent, now, routing::READY, "");
  }
}

void Day::Floor::Accept(Position& agent, TimePoint due, const std::string& reservation, std::int64_t version,
                        const std::string& call_name) {
  auto request = std::make_shared<routing::AcceptReservationRequest>();
  request->set_name(reservation);
  request->set_version(version);
  request->set_request_id(RequestId("accept/" + reservation + "/" + std::to_string(version)));
  const auto found = calls_by_name_.find(call_name);
  Live* call = found == calls_by_name_.end() ? nullptr : found->second;
  if (call != nullptr && !call->hung_up && !call->waits)
    call->waits = Expect(due, "the connection of " + call->switch_id + " to " + agent.login);
  Do<routing::Interaction>(due, *agent.seat->user, "routing", "AgentService/AcceptReservation", request,
                           [this, call](const Result<routing::Interaction>& answer) {
                             if (!answer && call != nullptr) Met(call->waits);  // the caller was quicker
                           });
}

void Day::Floor::Wrap(Position& agent, TimePoint now, const routing::Interaction& interaction, Live* call) {
  const double length = call != nullptr ? call->plan->wrap_s : 3;
  const auto name = interaction.name();
  if (call != nullptr && call->out) {
    const auto attempt = interaction.attached_data().find("attempt");
    if (attempt != interaction.attached_data().end()) call->out->attempt = attempt->second;
    call->customer = interaction.customer();
  }
  const bool spoken = call != nullptr && (!call->out || (call->talked && !call->out->attempt.empty()));
  if (spoken && call->plan->has_order)
    At(now + Seconds(length * 0.6),
       [this, &agent, name, call](TimePoint due) { CreateOrder(agent, due, name, *call); });
  else if (spoken && call->out)
    At(now + Seconds(length),
       [this, &agent, name, call](TimePoint due) { Record(agent, due, name, *call, ""); });
  else
    At(now + Seconds(length), [this, &agent, name, call](TimePoint due) {
      Complete(agent, due, name, "", call != nullptr && call->out ? "NOT_REACHED" : "RESOLVED");
    });
}

void Day::Floor::Complete(Position& agent, TimePoint due, const std::string& interaction,
                          const std::string& order, const std::string& disposition) {
  if (agent.completing != interaction) return;  // wrap-up ran out
  auto request = std::make_shared<routing::CompleteInteractionRequest>();
  request->set_name(interaction);
  request->set_disposition(disposition);
  if (!order.empty()) request->add_work_orders(order);
  request->set_request_id(RequestId("complete/" + interaction));
  if (!agent.waits_done) agent.waits_done = Expect(due, "the end of wrap-up of " + agent.login);
  Do<routing::Interaction>(due, *agent.seat->user, "routing", "AgentService/CompleteInteraction", request,
                           [this, &agent](const Result<routing::Interaction>& answer) {
                             if (!answer) Met(agent.waits_done);
                           });
}

void Day::Floor::Leave(Position& agent, TimePoint due) {
  agent.leaving = true;
  Note("leave", {{"agent", agent.login}});
  if (agent.state == routing::AgentSession::NOT_READY || agent.state == routing::AgentSession::SIGNED_OUT) {
    SignOut(agent, due);
  } else {
    if (agent.state == routing::AgentSession::READY && !agent.waits_leave)
      agent.waits_leave = Expect(due, "the end of readiness of " + agent.login);
    SetStatus(agent, due, routing::NOT_READY, "HANDOVER");
  }
}

void Day::Floor::SignOut(Position& agent, TimePoint due) {
  if (!agent.on) return;
  agent.on = false;
  Do<routing::AgentSession>(
      due, *agent.seat->user, "routing", "AgentService/SignOut", std::make_shared<routing::SignOutRequest>(),
      [this, &agent](const Result<routing::AgentSession>& answer) {
        if (!answer && answer.error().reason != "AGENT_NOT_SIGNED_IN") {
          // An offer came between the two: the desk will say when it is free.
          Note("sign_out_refused", {{"agent", agent.login}, {"reason", answer.error().reason}});
          agent.on = true;
          if (answer.error().reason == "AGENT_BUSY")
            SetStatus(agent, clock_.Now(), routing::NOT_READY, "HANDOVER");
          return;
        }
        Note("sign_out", {{"agent", agent.login}});
        agent.gone = true;
        agent.state = routing::AgentSession::SIGNED_OUT;
        ++agent.stream;
        agent.streaming = false;
        agent.watch.reset();
        --shifts_left_;
      });
}

// --- the orders
// ---------------------------------------------------------------------------------------------

void Day::Floor::CreateOrder(Position& agent, TimePoint due, const std::string& interaction, Live& call) {
  const auto& plan = call.plan->order;
  auto request = std::make_shared<workorder::CreateWorkOrderRequest>();
  auto& order = *request->mutable_work_order();
  workorder::WorkOrder::Type type = workorder::WorkOrder::QUERY;
  workorder::WorkOrder::Type_Parse(plan.type, &type);
  order.set_type(type);
  order.set_client(stage_.client);
  order.set_title(call.out ? "外呼成交" : "来电事项 " + call.plan->type);
  order.set_description(call.out ? "客户在外呼中同意办理，请落实。" : "客户来电反映的事项，请处理。");
  order.set_customer(call.customer);
  order.set_contact_number(call.plan->number);
  order.set_source_channel(workorder::WorkOrder::PHONE);
  order.set_interaction(interaction);
  order.set_reply_channel(workorder::WorkOrder::REPLY_PHONE);
  if (type == workorder::WorkOrder::COMPLAINT)
    order.mutable_complaint()->set_cause(workorder::ComplaintDetail::SERVICE_QUALITY);
  request->set_request_id(RequestId("order/" + call.switch_id));
  const auto rest = Seconds(call.plan->wrap_s * 0.4);
  Do<workorder::WorkOrder>(
      due, *agent.seat->user, "workorder", "WorkOrderService/CreateWorkOrder", request,
      [this, &agent, interaction, &call, due, rest](const Result<workorder::WorkOrder>& answer) {
        std::string name;
        if (answer) {
          name = answer->name();
          ++result_.orders;
          Note("order", {{"order", name}, {"call", call.switch_id}});
          Dispatch(agent, due, name, call.plan->order);
        } else {
          Refused("CreateWorkOrder", answer.error());
        }
        At(clock_.Now() + rest, [this, &agent, interaction, name, &call](TimePoint at) {
          if (call.out)
            Record(agent, at, interaction, call, name);
          else
            Complete(agent, at, interaction, name, name.empty() ? "RESOLVED" : "ORDER_CREATED");
        });
      });
}

void Day::Floor::Dispatch(Position& agent, TimePoint due, const std::string& order, const OrderPlan& plan) {
  if (plan.desk.empty()) {
    auto request = std::make_shared<workorder::AnswerWorkOrderRequest>();
    request->set_name(order);
    request->set_answer("当场答复。");
    request->set_request_id(RequestId("answer/" + order));
    Do<workorder::WorkOrder>(due, *agent.seat->user, "workorder", "WorkOrderService/AnswerWorkOrder", request,
                             [this](const Result<workorder::WorkOrder>& answer) {
                               if (!answer) return Refused("AnswerWorkOrder", answer.error());
                               ++result_.orders_closed;
                             });
    return;
  }
  auto request = std::make_shared<workorder::DispatchWorkOrderRequest>();
  request->set_name(order);
  request->set_desk(stage_.desks.at(plan.desk));
  request->set_request_id(RequestId("dispatch/" + order));
  Do<workorder::WorkOrder>(due, *agent.seat->user, "workorder", "WorkOrderService/DispatchWorkOrder", request,
                           [this, order, &plan](const Result<workorder::WorkOrder>& answer) {
                             if (!answer) return Refused("DispatchWorkOrder", answer.error());
                             At(clock_.Now() + Seconds(plan.accept_after_s),
                                [this, order, &plan](TimePoint at) { Handle(at, order, plan, 1); });
                           });
}

void Day::Floor::Handle(TimePoint due, const std::string& order, const OrderPlan& plan, int round) {
  auto request = std::make_shared<workorder::AcceptWorkOrderRequest>();
  request->set_name(order);
  request->set_request_id(RequestId("accept/" + order + std::to_string(round)));
  auto& worker = plan.desk == "crew" ? *stage_.crew : *stage_.back_office;
  Do<workorder::WorkOrder>(
      due, worker, "workorder", "WorkOrderService/AcceptWorkOrder", request,
      [this, order, &plan, round](const Result<workorder::WorkOrder>& answer) {
        if (!answer) return Refused("AcceptWorkOrder", answer.error());
        At(clock_.Now() + Seconds(plan.handle_s),
           [this, order, &plan, round](TimePoint at) { Finish(at, order, plan, round); });
      });
}

void Day::Floor::Finish(TimePoint due, const std::string& order, const OrderPlan& plan, int round) {
  auto request = std::make_shared<workorder::CompleteWorkOrderRequest>();
  request->set_name(order);
  request->set_result("已处理。");
  request->set_request_id(RequestId("finish/" + order + std::to_string(round)));
  if (plan.type == "COMPLAINT") {
    auto& steps = *request->mutable_seven_steps();
    steps.set_accept(true);
    steps.set_apologize(true);
    steps.set_acknowledge(true);
    steps.set_analyze(true);
    steps.set_alternatives(true);
    steps.set_agreement(true);
    steps.set_assure(true);
    request->set_root_cause(workorder::ComplaintDetail::HUMAN_ERROR);
    request->set_validity(workorder::ComplaintDetail::VALID);
  }
  auto& worker = plan.desk == "crew" ? *stage_.crew : *stage_.back_office;
  Do<workorder::WorkOrder>(
      due, worker, "workorder", "WorkOrderService/CompleteWorkOrder", request,
      [this, order, &plan, round](const Result<workorder::WorkOrder>& answer) {
        if (!answer) return Refused("CompleteWorkOrder", answer.error());
        At(clock_.Now() + Seconds(plan.revisit_after_s),
           [this, order, &plan, round](TimePoint at) { Revisit(at, order, plan, round); });
      });
}

void Day::Floor::Revisit(TimePoint due, const std::string& order, const OrderPlan& plan, int round) {
  const bool content = plan.satisfied || round > 1;
  auto request = std::make_shared<workorder::RecordRevisitRequest>();
  request->set_name(order);
  request->set_reached(true);
  request->set_satisfaction(content ? workorder::Revisit::SATISFIED : workorder::Revisit::NOT_SATISFIED);
  request->set_solved(content ? workorder::Revisit::YES : workorder::Revisit::NO);
  request->set_request_id(RequestId("revisit/" + order + std::to_string(round)));
  Do<workorder::WorkOrder>(
      due, *stage_.revisitor, "workorder", "WorkOrderService/RecordRevisit", request,
      [this, order, &plan, round, content](const Result<workorder::WorkOrder>& answer) {
        if (!answer) return Refused("RecordRevisit", answer.error());
        if (content) {
          ++result_.orders_closed;
          return;
        }
        // Reopened: the desk takes it up again if it must, and finishes it properly.
        const auto at = clock_.Now() + Seconds(600);
        if (answer->state() == workorder::WorkOrder::IN_PROGRESS)
          At(at, [this, order, &plan, round](TimePoint later) { Finish(later, order, plan, round + 1); });
        else
          At(at, [this, order, &plan, round](TimePoint later) { Handle(later, order, plan, round + 1); });
      });
}

// ------------------------------------------------------------------------------------------------------------

Day::Day(PacedClock& clock, Stage& stage, const DayPlan& plan, const std::vector<Caller>& callers,
         DaySettings settings)
    : floor_(std::make_unique<Floor>(clock, stage, plan, callers, std::move(settings))) {}
Day::~Day() = default;
DayResult Day::Run(const std::function<void(const DayGlance&)>& glance) { return floor_->Run(glance); }

}  // namespace carillon::simulator
