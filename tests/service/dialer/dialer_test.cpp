#include <sys/wait.h>

#include <atomic>
#include <catch2/catch.hpp>
#include <condition_variable>
#include <csignal>
#include <cstdio>
#include <deque>
#include <filesystem>
#include <map>
#include <mutex>
#include <pqxx/pqxx>
#include <set>
#include <thread>

#include "base/clock.hpp"
#include "carillon/campaign/v1/campaign_service.pb.h"
#include "carillon/campaign/v1/script_service.pb.h"
#include "carillon/customer/v1/customer_service.pb.h"
#include "carillon/routing/v1/agent_service.pb.h"
#include "carillon/routing/v1/queue_service.pb.h"
#include "carillon/telephony/v1/call_service.pb.h"
#include "carillon/telephony/v1/switch_service.pb.h"
#include "platform/platform.hpp"

namespace carillon::dialer {
namespace {

using namespace std::chrono_literals;
using testing::AnyCall;
namespace campaigns = carillon::campaign::v1;
namespace customers = carillon::customer::v1;
namespace routing = carillon::routing::v1;
namespace telephony = carillon::telephony::v1;

constexpr int kCustomers = 200;
constexpr int kAgents = 6;
/// A Monday morning in Shanghai.
constexpr TimePoint kMorning = std::chrono::sys_days{std::chrono::year{2026} / 11 / 23} + 2h;

template <class T>
T Must(const Result<T>& result) {
  if (!result) throw std::runtime_error(result.error().reason + ": " + result.error().message);
  return *result;
}

std::string IdOf(const std::string& name) { return name.substr(name.rfind('/') + 1); }

/// A file that business time is read from, moved by hand.
struct SharedClock {
  std::filesystem::path path = std::filesystem::temp_directory_path() / ("clock-" + testing::SomeId());
  PacedClock clock{path.string(), kMorning};
  ~SharedClock() { std::filesystem::remove(path); }
};

/// The services an outbound call goes through, a queue with agents, and customers to call.
class Town {
 public:
  Town()
      : platform({"access", "customer", "routing", "telephony", "campaign"}, Extra()),
        telephony_db(platform.database("telephony").admin_url()),
        campaign_db(platform.database("campaign").admin_url()) {
    planner = platform.As(platform.Hire("planner", {"CAMPAIGN_PLANNER"}), "campaign");
    manager = platform.As(platform.Hire("manager", {"OUTBOUND_MANAGER"}), "campaign");
    line = platform.As(platform.Hire("switch", {"SWITCH"}), "telephony");
    Furnish();
    Settle();
    Plan();
  }

  std::map<std::string, std::string> DialerSettings(const std::string& name) const {
    std::string peers;
    for (const auto* peer : {"access", "campaign", "routing", "telephony"})
      peers += (peers.empty() ? "" : ",") + std::string(peer) + "=" + platform.target(peer);
    const std::map<std::string, std::string> settings{
        {"PEERS", peers},   {"AUTH_SECRET", testing::kServiceSecret}, {"INSTANCE", name},
        {"POLL_MS", "50"},  {"CLOCK_FILE", clock.path.string()},      {"IDLE_POLL_MS", "100"},
        {"DRAIN_MS", "200"}};
    std::map<std::string, std::string> environment;
    for (const auto& [key, value] : settings) environment["CARILLON_DIALER_" + key] = value;
    return environment;
  }
  static std::string One(pqxx::connection& db, const std::string& sql) {
    return pqxx::nontransaction(db).exec(sql)[0][0].c_str();
  }

  SharedClock clock;
  testing::Platform platform;
  pqxx::connection telephony_db, campaign_db;
  std::unique_ptr<rpc::Peer> planner, manager, line;
  std::vector<std::unique_ptr<rpc::Peer>> desks;
  std::set<std::string> numbers;
  std::string queue, campaign;

 private:
  testing::Platform::Settings Extra() const {
    testing::Platform::Settings extra;
    std::string secrets;
    for (const auto* name : {"customer", "routing", "telephony", "campaign", "dialer"})
      secrets += (secrets.empty() ? "" : ",") + std::string(name) + "=" + testing::kServiceSecret;
    extra["access"]["SERVICES_SECRETS"] = secrets;
    for (const auto* name : {"customer", "routing", "telephony", "campaign"})
      extra[name]["CLOCK_FILE"] = clock.path;
    return extra;
  }

  void Furnish() {
    constexpr const char* kRules = "carillon.routing.v1.QueueService/";
    const auto boss = platform.As(platform.admin_token(), "routing");
    routing::CreateQueueRequest make;
    make.mutable_queue()->set_code("outbound");
    make.mutable_queue()->set_client(platform.client);
    make.mutable_queue()->mutable_offer_timeout()->set_seconds(3600);
    make.mutable_queue()->mutable_wrap_up()->set_seconds(3600);
    queue = Must(boss->Ask<routing::Queue>(AnyCall(), std::string(kRules) + "CreateQueue", make, 15s)).name();
    routing::CreateRoutingProfileRequest profile;
    profile.mutable_routing_profile()->set_code("all");
    profile.mutable_routing_profile()->add_entries()->set_queue(queue);
    Must(boss->Ask<routing::RoutingProfile>(AnyCall(), std::string(kRules) + "CreateRoutingProfile", profile,
                                            15s));
    for (int i = 0; i < kAgents; ++i) {
      const auto login = "agent-" + std::to_string(i);
      const auto token = platform.Hire(login, {"TSR"});
      routing::CreateAgentRequest agent;
      agent.mutable_agent()->set_user("users/" + UserOf(login));
      agent.mutable_agent()->set_code("A" + std::to_string(i));
      agent.mutable_agent()->set_routing_profile("routingProfiles/all");
      Must(boss->Ask<routing::Agent>(AnyCall(), std::string(kRules) + "CreateAgent", agent, 15s));
      desks.push_back(platform.As(token, "routing"));
    }
  }
  std::string UserOf(const std::string& login) {
    pqxx::connection db(platform.database("access").admin_url());
    return One(db, "SELECT user_id FROM users WHERE login = '" + login + "'");
  }
  void Settle() {
    const auto boss = platform.As(platform.admin_token(), "customer");
    for (int i = 0; i < kCustomers; ++i) {
      customers::CreateCustomerRequest request;
      request.mutable_customer()->mutable_person()->set_full_name("王小明" + std::to_string(i));
      auto& medium = *request.mutable_customer()->add_contacts();
      medium.set_type(customers::ContactMedium::MOBILE);
      char number[16];
      std::snprintf(number, sizeof number, "138001%05d", i);
      medium.set_number(number);
      request.set_request_id(testing::SomeId());
      Must(boss->Ask<customers::Customer>(AnyCall(), "carillon.customer.v1.CustomerService/CreateCustomer",
                                          request, 15s));
      numbers.insert("+86" + std::string(number));
    }
  }
  void Plan() {
    constexpr const char* kScripts = "carillon.campaign.v1.ScriptService/";
    constexpr const char* kCampaigns = "carillon.campaign.v1.CampaignService/";
    campaigns::CreateScriptRequest write;
    write.mutable_script()->set_display_name("停水通知");
    write.mutable_script()->set_client(platform.client);
    for (int kind = campaigns::Script::OPENING; kind <= campaigns::Script::ENDING; ++kind) {
      auto& step = *write.mutable_script()->add_steps();
      step.set_kind(static_cast<campaigns::Script::StepKind>(kind));
      step.set_wording("您好");
    }
    write.mutable_script()->add_must_say("本次通话可能被录音");
    const auto script =
        Must(planner->Ask<campaigns::Script>(AnyCall(), std::string(kScripts) + "CreateScript", write, 15s))
            .name();
    campaigns::SubmitScriptRequest submit_script;
    submit_script.set_name(script);
    Must(planner->Ask<campaigns::Script>(AnyCall(), std::string(kScripts) + "SubmitScript", submit_script,
                                         15s));
    campaigns::ApproveScriptRequest approve_script;
    approve_script.set_name(script);
    Must(manager->Ask<campaigns::Script>(AnyCall(), std::string(kScripts) + "ApproveScript", approve_script,
                                         15s));

    campaigns::CreateCampaignRequest make;
    auto& plan = *make.mutable_campaign();
    plan.set_client(platform.client);
    plan.set_code("water-notice");
    plan.set_display_name("停水通知");
    plan.set_purpose(campaigns::Campaign::NOTICE);
    plan.set_contact_class(campaigns::SERVICE_NOTICE);
    plan.set_script(script);
    plan.set_queue(queue);
    plan.set_caller_number("95588");
    campaign = Must(planner->Ask<campaigns::Campaign>(AnyCall(), std::string(kCampaigns) + "CreateCampaign",
                                                      make, 15s))
                   .name();
    campaigns::BuildTargetsRequest build;
    build.set_name(campaign);
    Must(planner->Ask<campaigns::Campaign>(AnyCall(), std::string(kCampaigns) + "BuildTargets", build, 15s));
    campaigns::GetCampaignRequest get;
    get.set_name(campaign);
    campaigns::Campaign built;
    do {
      std::this_thread::sleep_for(20ms);
      built = Must(
          planner->Ask<campaigns::Campaign>(AnyCall(), std::string(kCampaigns) + "GetCampaign", get, 15s));
    } while (built.build().state() == campaigns::Campaign::TargetBuild::BUILDING);
    REQUIRE(built.build().targets() == kCustomers);
    campaigns::SubmitCampaignRequest submit;
    submit.set_name(campaign);
    Must(planner->Ask<campaigns::Campaign>(AnyCall(), std::string(kCampaigns) + "SubmitCampaign", submit,
                                           15s));
    campaigns::ApproveCampaignRequest approve;
    approve.set_name(campaign);
    Must(manager->Ask<campaigns::Campaign>(AnyCall(), std::string(kCampaigns) + "ApproveCampaign", approve,
                                           15s));
    campaigns::StartCampaignRequest start;
    start.set_name(campaign);
    Must(manager->Ask<campaigns::Campaign>(AnyCall(), std::string(kCampaigns) + "StartCampaign", start, 15s));
  }
};

/// A switch with customers behind it: of ten numbers four answer, the others end as lines end. Who answers
/// speaks as soon as an agent is there, and hangs up.
class Exchange {
 public:
  explicit Exchange(rpc::Peer& line)
      : line_(line), worker_([this](const std::stop_token& stop) { Run(stop); }) {}

  /// Waits until so many different numbers were rung.
  bool Rung(std::size_t numbers, std::chrono::seconds limit) {
    std::unique_lock lock(mutex_);
    return changed_.wait_for(lock, limit, [&] { return rings_.size() >= numbers; });
  }
  /// Waits until no line is in use.
  bool Quiet(std::chrono::seconds limit) {
    std::unique_lock lock(mutex_);
    return changed_.wait_for(lock, limit, [&] { return busy_.empty() && told_.empty(); });
  }
  std::map<std::string, int> rings() {
    const std::lock_guard lock(mutex_);
    return rings_;
  }
  std::size_t most_lines() {
    const std::lock_guard lock(mutex_);
    return most_;
  }

 private:
  void Run(const std::stop_token& stop) {
    while (!stop.stop_requested()) {
      std::optional<telephony::Directive> next;
      {
        std::unique_lock lock(mutex_);
        if (!watching_ || ended_) {
          lock.unlock();
          Open();
          lock.lock();
        }
        changed_.wait_for(lock, stop, 1s, [&] { return !told_.empty() || ended_; });
        if (!told_.empty()) {
          next = told_.front();
          told_.pop_front();
        }
      }
      if (next) Do(*next);
    }
    watching_.reset();
  }
  void Open() {
    watching_.reset();
    {
      const std::lock_guard lock(mutex_);
      ended_ = false;
    }
    auto frame = AnyCall();
    frame.deadline = std::chrono::steady_clock::now() + 300s;
    watching_ = line_.Watch<telephony::Directive>(
        frame, "carillon.telephony.v1.SwitchService/WatchDirectives", telephony::WatchDirectivesRequest(),
        [this](const telephony::Directive& directive) {
          const std::lock_guard lock(mutex_);
          told_.push_back(directive);
          changed_.notify_all();
        },
        [this](std::optional<Error>) {
          const std::lock_guard lock(mutex_);
          ended_ = true;
          changed_.notify_all();
        });
  }
  void Do(const telephony::Directive& directive) {
    const auto& call = directive.call();
    if (directive.has_dial()) {
      const auto& number = directive.dial().called_number();
      {
        const std::lock_guard lock(mutex_);
        if (!known_.insert(call).second) return;  // rung already
        ++rings_[number];
        busy_.insert(call);
        most_ = std::max(most_, busy_.size());
        changed_.notify_all();
      }
      constexpr telephony::Call::Cause kEnds[] = {
          telephony::Call::BUSY,           telephony::Call::NO_ANSWER,         telephony::Call::POWER_OFF,
          telephony::Call::INVALID_NUMBER, telephony::Call::ANSWERING_MACHINE, telephony::Call::REJECTED};
      if (const auto kind = static_cast<std::size_t>(number.back() - '0'); kind < std::size(kEnds))
        return HangUp(call, telephony::ReportHangUpRequest::SYSTEM, kEnds[kind]);
      telephony::ReportAnsweredRequest answered;
      answered.set_call(call);
      answered.set_switch_call_id("out-" + IdOf(call));
      Tell("ReportAnswered", answered);
    } else if (directive.has_connect()) {
      telephony::ReportAgentLegRequest leg;
      leg.set_call(call);
      leg.set_leg(directive.connect().leg());
      leg.set_state(telephony::ReportAgentLegRequest::CONNECTED);
      Tell("ReportAgentLeg", leg);
      HangUp(call, telephony::ReportHangUpRequest::CUSTOMER, {});
    } else if (directive.has_release()) {
      HangUp(call, telephony::ReportHangUpRequest::SYSTEM, {});
    }
  }
  void HangUp(const std::string& call, telephony::ReportHangUpRequest::Party party,
              telephony::Call::Cause cause) {
    {
      const std::lock_guard lock(mutex_);
      if (busy_.erase(call) == 0) return;
      changed_.notify_all();
    }
    telephony::ReportHangUpRequest over;
    over.set_call(call);
    over.set_party(party);
    over.set_cause(cause);
    Tell("ReportHangUp", over);
  }
  void Tell(const std::string& what, const google::protobuf::Message& report) {
    while (
        !line_.Ask<telephony::Call>(AnyCall(), "carillon.telephony.v1.SwitchService/" + what, report, 15s)) {
    }
  }

  rpc::Peer& line_;
  std::mutex mutex_;
  std::condition_variable_any changed_;
  std::deque<telephony::Directive> told_;
  std::set<std::string> known_, busy_;
  std::map<std::string, int> rings_;
  std::size_t most_ = 0;
  bool ended_ = false;
  std::unique_ptr<rpc::Watching> watching_;
  std::jthread worker_;
};

/// An agent who takes what is offered and closes it as soon as the customer is gone.
class Desk {
 public:
  Desk(rpc::Peer& peer, int number) : peer_(peer), number_(number) {
    watching_ = peer_.Watch<routing::Desk>(
        LongCall(), std::string(kDesk) + "WatchDesk", routing::WatchDeskRequest(),
        [this](const routing::Desk& desk) {
          const std::lock_guard lock(mutex_);
          latest_ = desk;
          ++version_;
          changed_.notify_all();
        },
        [](std::optional<Error>) {});
    routing::SignInRequest sign_in;
    sign_in.set_seat("S" + std::to_string(number_));
    sign_in.set_extension("80" + std::to_string(number_));
    Must(peer_.Ask<routing::AgentSession>(AnyCall(), std::string(kDesk) + "SignIn", sign_in, 20s));
    routing::SetStatusRequest ready;
    ready.set_status(routing::READY);
    Must(peer_.Ask<routing::AgentSession>(AnyCall(), std::string(kDesk) + "SetStatus", ready, 20s));
    worker_ = std::jthread([this](const std::stop_token& stop) { Run(stop); });
  }
  /// Offers that showed an outbound call with the campaign's data.
  int offers() const { return offers_; }

 private:
  static constexpr const char* kDesk = "carillon.routing.v1.AgentService/";
  static Call LongCall() {
    auto call = AnyCall();
    call.deadline = std::chrono::steady_clock::now() + 300s;
    return call;
  }
  void Run(const std::stop_token& stop) {
    std::int64_t seen = -1;
    while (!stop.stop_requested()) {
      routing::Desk desk;
      {
        std::unique_lock lock(mutex_);
        if (!changed_.wait_for(lock, stop, 1s, [&] { return version_ != seen; })) continue;
        seen = version_;
        desk = latest_;
      }
      if (desk.offers_size() > 0) {
        const auto& offer = desk.offers(0);
        const auto& work = offer.interaction();
        if (work.direction() == routing::Interaction::OUTBOUND && work.attached_data().contains("attempt") &&
            work.attached_data().contains("script"))
          offered_.insert(work.name());
        offers_ = static_cast<int>(offered_.size());
        routing::AcceptReservationRequest accept;
        accept.set_name(offer.reservation().name());
        accept.set_version(offer.reservation().version());
        accept.set_request_id(testing::SomeId());
        (void)peer_.Ask<routing::Interaction>(AnyCall(), std::string(kDesk) + "AcceptReservation", accept,
                                              20s);
      } else if (desk.interactions_size() > 0 &&
                 desk.interactions(0).state() == routing::Interaction::WRAPPING) {
        routing::CompleteInteractionRequest complete;
        complete.set_name(desk.interactions(0).name());
        complete.set_disposition("RESOLVED");
        complete.set_request_id(testing::SomeId());
        (void)peer_.Ask<routing::Interaction>(AnyCall(), std::string(kDesk) + "CompleteInteraction", complete,
                                              20s);
      }
    }
    watching_.reset();
  }

  rpc::Peer& peer_;
  int number_;
  std::mutex mutex_;
  std::condition_variable_any changed_;
  routing::Desk latest_;
  std::int64_t version_ = 0;
  std::set<std::string> offered_;
  std::atomic<int> offers_ = 0;
  std::unique_ptr<rpc::Watching> watching_;
  std::jthread worker_;
};

/// Telephony dies after campaign gave leave and before it could write that down. The attempt that was called.
std::string DieBetweenRedeemAndDirective(Town& town) {
  auto frame = AnyCall(town.platform.tenant);
  const auto token = town.platform.ServiceToken("dialer");
  const auto campaign = town.platform.As(token, "campaign");
  const auto calls = town.platform.As(token, "telephony");
  campaigns::LeaseTargetsRequest ask;
  ask.set_campaign(town.campaign);
  ask.set_dialer("by-hand");
  ask.set_ready_agents(1);
  ask.set_max_targets(1);
  ask.set_request_id(testing::SomeId());
  const auto leased = Must(campaign->Ask<campaigns::LeaseTargetsResponse>(
      frame, "carillon.campaign.v1.DialService/LeaseTargets", ask, 15s));
  REQUIRE(leased.leases_size() == 1);
  const auto attempt = IdOf(leased.leases(0).attempt());
  telephony::OriginateCallRequest originate;
  originate.set_dial_token(leased.leases(0).dial_token());
  const auto wish = [&] {
    return Must(calls->Ask<telephony::Call>(frame, "carillon.telephony.v1.CallService/OriginateCall",
                                            originate, 15s));
  };
  telephony::Call call;
  {
    // Leave is held up until the call is, too.
    pqxx::connection other(town.platform.database("campaign").admin_url());
    pqxx::work attempt_held(other);
    attempt_held.exec("SELECT 1 FROM attempts WHERE attempt_id = '" + attempt + "' FOR UPDATE");
    call = wish();
    pqxx::work call_held(town.telephony_db);
    call_held.exec("SELECT 1 FROM calls WHERE id = '" + IdOf(call.name()) + "' FOR UPDATE");
    attempt_held.commit();
    while (Town::One(town.campaign_db, "SELECT state FROM attempts WHERE attempt_id = '" + attempt + "'") ==
           "LEASED")
      std::this_thread::yield();
    town.platform.service("telephony").CrashAndRestart();
    call_held.commit();
  }
  CHECK(wish().name() == call.name());
  return attempt;
}

TEST_CASE("two dialers call two hundred customers once each, though telephony and a dialer are killed",
          "[dialer][service]") {
  Town town;
  const auto attempt = DieBetweenRedeemAndDirective(town);
  Exchange exchange(*town.line);
  REQUIRE(exchange.Rung(1, 60s));  // the one whose directive telephony died with

  std::vector<std::unique_ptr<Desk>> desks;
  for (int i = 0; i < kAgents; ++i)
    desks.push_back(std::make_unique<Desk>(*town.desks[static_cast<std::size_t>(i)], i));
  auto first = std::make_unique<testing::Process>("carillon-dialer", town.DialerSettings("dialer-1"));
  testing::Process second("carillon-dialer", town.DialerSettings("dialer-2"));
  REQUIRE(exchange.Rung(kCustomers / 4, 120s));
  first->Kill(SIGKILL);
  first->Wait();
  town.clock.clock.Advance(town.clock.clock.Now() + 11min);  // what it held runs out
  CHECK(exchange.Rung(kCustomers, 180s));
  CHECK(exchange.Quiet(60s));

  const auto rings = exchange.rings();
  std::set<std::string> rung;
  int twice = 0;
  for (const auto& [number, times] : rings) {
    rung.insert(number);
    twice += times > 1 ? 1 : 0;
  }
  CHECK(rung == town.numbers);
  CHECK(twice == 0);
  CHECK(exchange.most_lines() <= kAgents);  // never more calls than agents
  const auto of = "attempts WHERE campaign_id = '" + IdOf(town.campaign) + "'";
  CHECK(Town::One(town.campaign_db, "SELECT count(*) FROM " + of + " AND dialled_at IS NOT NULL") ==
        std::to_string(kCustomers));
  CHECK(Town::One(town.campaign_db, "SELECT count(DISTINCT target_record_id) FROM " + of +
                                        " AND dialled_at IS NOT NULL") == std::to_string(kCustomers));
  CHECK(Town::One(town.campaign_db,
                  "SELECT dialled_at IS NOT NULL FROM attempts WHERE attempt_id = '" + attempt + "'") == "t");
  CHECK(Town::One(town.campaign_db,
                  "SELECT count(DISTINCT body->'attempt'->>'dialer') FROM " + of +
                      " AND dialled_at IS NOT NULL") == "3");  // both, and the hand
  // Everybody who answered was offered to an agent, as an outbound call with the script, and spoken with.
  int offers = 0;
  for (const auto& desk : desks) offers += desk->offers();
  CHECK(std::to_string(offers) ==
        Town::One(town.telephony_db, "SELECT count(*) FROM calls WHERE answered_at IS NOT NULL"));
  CHECK(Town::One(town.telephony_db,
                  "SELECT count(*) FROM calls c WHERE answered_at IS NOT NULL AND NOT EXISTS (SELECT FROM "
                  "legs l WHERE "
                  "l.call_id = c.id AND l.role = 'AGENT' AND l.connected_at IS NOT NULL)") == "0");

  // A polite end; and a job that ends by itself when its campaign is over.
  second.Kill(SIGTERM);
  const int status = second.Wait();
  CHECK(WIFEXITED(status));
  CHECK(WEXITSTATUS(status) == 0);
  auto job = town.DialerSettings("dialer-3");
  job["CARILLON_DIALER_TENANT"] = town.platform.tenant;
  job["CARILLON_DIALER_CAMPAIGN"] = IdOf(town.campaign);
  job["CARILLON_DIALER_UNTIL_DONE"] = "true";
  testing::Process last("carillon-dialer", job);
  campaigns::CancelCampaignRequest cancel;
  cancel.set_name(town.campaign);
  cancel.set_reason("test");
  Must(town.manager->Ask<campaigns::Campaign>(
      AnyCall(), "carillon.campaign.v1.CampaignService/CancelCampaign", cancel, 15s));
  const int ended = last.Wait();
  CHECK(WIFEXITED(ended));
  CHECK(WEXITSTATUS(ended) == 0);
}

}  // namespace
}  // namespace carillon::dialer
