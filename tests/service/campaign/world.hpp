#pragma once
#include <catch2/catch.hpp>
#include <cstdio>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "base/proto_time.hpp"
#include "carillon/campaign/v1/campaign_service.pb.h"
#include "carillon/campaign/v1/contact_policy_service.pb.h"
#include "carillon/campaign/v1/script_service.pb.h"
#include "carillon/customer/v1/customer_service.pb.h"
#include "carillon/routing/v1/routing_events.pb.h"
#include "carillon/telephony/v1/call_events.pb.h"
#include "kafka/kafka.hpp"
#include "obs/log.hpp"
#include "platform/platform.hpp"

namespace carillon::campaign {
using namespace std::chrono_literals;
namespace pb = carillon::campaign::v1;
namespace customer = carillon::customer::v1;
namespace routing = carillon::routing::v1;
namespace telephony = carillon::telephony::v1;
using testing::AnyCall;

/// 2026-04-01 10:00 in Shanghai.
inline const TimePoint kTen{std::chrono::sys_days{std::chrono::year{2026} / 4 / 1} + 2h};

/// A clock of its own for the whole platform.
struct ClockFile {
  std::string path = std::string(std::getenv("TMPDIR") != nullptr ? std::getenv("TMPDIR") : "/tmp") +
                     "/campaign-" + testing::SomeId();
  PacedClock clock{path, kTen};
  ~ClockFile() { std::remove(path.c_str()); }
};

/// access, customer and campaign; people, customers, and the events others would send.
class World {
 public:
  World() {
    planner = on.As(on.Hire("planner", {"CAMPAIGN_PLANNER"}), "campaign");
    manager = on.As(on.Hire("manager", {"OUTBOUND_MANAGER"}), "campaign");
    machine = on.As(on.ServiceToken("telephony"), "campaign");
    master = on.As(on.admin_token(), "customer");
  }

  template <class Response>
  Result<Response> Ask(rpc::Peer& as, const std::string& method, const google::protobuf::Message& in) const {
    return as.Ask<Response>(AnyCall(on.tenant), "carillon.campaign.v1." + method, in, 15s);
  }
  template <class Response, class Request>
  Result<Response> On(rpc::Peer& as, const std::string& method, const std::string& name) const {
    Request in;
    in.set_name(name);
    return Ask<Response>(as, method, in);
  }

  std::string Customer(bool willing, const std::string& grade = "GOLD") {
    customer::CreateCustomerRequest in;
    auto& one = *in.mutable_customer();
    one.set_client(on.client);
    one.mutable_person()->set_full_name("李明");
    customer::Customer::Grade parsed{};
    customer::Customer::Grade_Parse(grade, &parsed);
    one.set_grade(parsed);
    auto& medium = *one.add_contacts();
    medium.set_type(customer::ContactMedium::MOBILE);
    char number[32];
    std::snprintf(number, sizeof number, "138%08d", ++customers_);
    medium.set_number(number);
    if (willing) {
      auto& consent = *one.add_consents();
      consent.set_purpose(customer::Consent::MARKETING);
      consent.set_decision(customer::Consent::GIVEN);
      consent.set_evidence("form 12");
    }
    return master
        ->Ask<customer::Customer>(AnyCall(), "carillon.customer.v1.CustomerService/CreateCustomer", in, 15s)
        .value()
        .name();
  }

  /// A whole script, a draft of `author`.
  std::string Written(rpc::Peer& author) const {
    pb::CreateScriptRequest in;
    in.mutable_script()->set_client(on.client);
    in.mutable_script()->set_display_name("话术");
    for (int kind = pb::Script::OPENING; kind <= pb::Script::ENDING; ++kind) {
      auto& step = *in.mutable_script()->add_steps();
      step.set_kind(static_cast<pb::Script::StepKind>(kind));
      step.set_wording("您好");
    }
    in.mutable_script()->add_must_say("本次通话将被录音");
    return Ask<pb::Script>(author, "ScriptService/CreateScript", in).value().name();
  }
  std::string Script() const {
    const auto name = Written(*planner);
    REQUIRE(On<pb::Script, pb::SubmitScriptRequest>(*planner, "ScriptService/SubmitScript", name));
    REQUIRE(On<pb::Script, pb::ApproveScriptRequest>(*manager, "ScriptService/ApproveScript", name));
    return name;
  }

  /// A whole plan.
  pb::CreateCampaignRequest Plan(const std::string& code, const std::string& script) const {
    pb::CreateCampaignRequest in;
    auto& wish = *in.mutable_campaign();
    wish.set_client(on.client);
    wish.set_code(code);
    wish.set_display_name("春季促销");
    wish.set_purpose(pb::Campaign::PROMOTION);
    wish.set_contact_class(pb::MARKETING);
    wish.set_offer("5G-100");
    wish.set_script(script);
    wish.set_queue("queues/" + testing::SomeId());
    wish.set_caller_number("10000");
    return in;
  }
  pb::Campaign Create(const pb::CreateCampaignRequest& plan) const {
    return Ask<pb::Campaign>(*planner, "CampaignService/CreateCampaign", plan).value();
  }
  void Build(const std::string& campaign) const {
    REQUIRE(On<pb::Campaign, pb::BuildTargetsRequest>(*planner, "CampaignService/BuildTargets", campaign));
  }
  pb::Campaign UntilBuild(const std::string& campaign, pb::Campaign::TargetBuild::State state) const {
    return Until<pb::Campaign>([&] { return Get(campaign); },
                               [&](const auto& one) { return one.build().state() == state; });
  }
  pb::Campaign Built(const pb::CreateCampaignRequest& plan) const {
    const auto name = Create(plan).name();
    Build(name);
    return UntilBuild(name, pb::Campaign::TargetBuild::BUILT);
  }
  pb::Campaign Built(const std::string& code, int reserved = 0) const {
    auto plan = Plan(code, Script());
    plan.mutable_campaign()->set_reserved_agents(reserved);
    return Built(plan);
  }
  pb::Campaign Running(const std::string& code, int reserved = 0) const {
    const auto name = Built(code, reserved).name();
    REQUIRE(On<pb::Campaign, pb::SubmitCampaignRequest>(*planner, "CampaignService/SubmitCampaign", name));
    REQUIRE(On<pb::Campaign, pb::ApproveCampaignRequest>(*manager, "CampaignService/ApproveCampaign", name));
    return On<pb::Campaign, pb::StartCampaignRequest>(*manager, "CampaignService/StartCampaign", name)
        .value();
  }
  pb::Campaign Get(const std::string& name) const {
    return On<pb::Campaign, pb::GetCampaignRequest>(*planner, "CampaignService/GetCampaign", name).value();
  }
  pb::Attempt Attempt(const std::string& name) const {
    return On<pb::Attempt, pb::GetAttemptRequest>(*planner, "CampaignService/GetAttempt", name).value();
  }
  pb::TargetRecord Target(const std::string& name) const {
    return On<pb::TargetRecord, pb::GetTargetRecordRequest>(*planner, "CampaignService/GetTargetRecord", name)
        .value();
  }
  std::vector<pb::TargetRecord> Targets(const std::string& campaign) const {
    pb::ListTargetRecordsRequest in;
    in.set_campaign(campaign);
    in.set_page_size(200);
    const auto page =
        Ask<pb::ListTargetRecordsResponse>(*planner, "CampaignService/ListTargetRecords", in).value();
    return {page.target_records().begin(), page.target_records().end()};
  }
  pb::Funnel Funnel(const std::string& campaign) const {
    pb::GetFunnelRequest in;
    in.set_campaign(campaign);
    return Ask<pb::Funnel>(*planner, "CampaignService/GetFunnel", in).value();
  }

  Result<pb::LeaseTargetsResponse> Lease(const std::string& campaign, int ready, int most = 10,
                                         const std::string& request = testing::SomeId()) const {
    pb::LeaseTargetsRequest in;
    in.set_campaign(campaign);
    in.set_dialer("dialer-1");
    in.set_ready_agents(ready);
    in.set_max_targets(most);
    in.set_request_id(request);
    return Ask<pb::LeaseTargetsResponse>(*machine, "DialService/LeaseTargets", in);
  }
  Result<pb::RedeemDialTokenResponse> Redeem(const std::string& token, const std::string& call) const {
    pb::RedeemDialTokenRequest in;
    in.set_dial_token(token);
    in.set_call(call);
    return Ask<pb::RedeemDialTokenResponse>(*machine, "DialService/RedeemDialToken", in);
  }
  std::vector<std::string> Work() const {
    const auto found =
        Ask<pb::ListDialWorkResponse>(*machine, "DialService/ListDialWork", pb::ListDialWorkRequest())
            .value();
    std::vector<std::string> campaigns;
    for (const auto& work : found.work()) campaigns.push_back(work.campaign());
    return campaigns;
  }

  kafka::Envelope EventOf(const std::string& topic, const std::string& key,
                          const google::protobuf::Message& event) const {
    kafka::Envelope out;
    out.topic = topic;
    out.key = key;
    out.event_id = testing::SomeId();
    out.type = event.GetDescriptor()->full_name();
    out.source = "/carillon/test";
    out.tenant = on.tenant;
    out.traceparent = obs::NewTraceparent();
    out.time = file.clock.Now();
    out.payload = event.SerializeAsString();
    return out;
  }
  void Tell(const std::string& topic, const std::string& key, const google::protobuf::Message& event) {
    REQUIRE(producer.Send({EventOf(topic, key, event)}));
  }
  telephony::Call CallOf(const std::string& name) const {
    telephony::Call call;
    call.set_name(name);
    call.set_direction(telephony::Call::OUTBOUND);
    return call;
  }
  void TellCleared(telephony::Call call, telephony::Call::Cause cause) {
    call.set_state(cause == telephony::Call::CUSTOMER_HUNG_UP ? telephony::Call::CLEARED
                                                              : telephony::Call::FAILED);
    call.set_cause(cause);
    *call.mutable_state_time() = ToProto(file.clock.Now());
    telephony::CallCleared event;
    *event.mutable_call() = call;
    Tell("carillon.telephony.calls.v1", call.name().substr(6), event);
  }
  telephony::Call TellConnected(const std::string& name, const std::string& agent) {
    auto call = CallOf(name);
    call.set_state(telephony::Call::ESTABLISHED);
    *call.mutable_answer_time() = ToProto(file.clock.Now());
    auto& leg = *call.add_legs();
    leg.set_role(telephony::Leg::AGENT);
    leg.set_agent(agent);
    *leg.mutable_connect_time() = ToProto(file.clock.Now());
    telephony::CallEstablished event;
    *event.mutable_call() = call;
    Tell("carillon.telephony.calls.v1", name.substr(6), event);
    return call;
  }
  void TellCompleted(const std::string& call, const std::string& disposition) {
    routing::InteractionCompleted event;
    auto& work = *event.mutable_interaction();
    work.set_name("interactions/" + testing::SomeId());
    work.set_call(call);
    work.set_direction(routing::Interaction::OUTBOUND);
    work.set_state(routing::Interaction::COMPLETED);
    work.set_disposition(disposition);
    *work.mutable_end_time() = ToProto(file.clock.Now());
    Tell("carillon.routing.interactions.v1", work.name().substr(13), event);
  }

  /// Asks until the answer is the wanted one, for twenty seconds; the last answer.
  template <class T>
  T Until(const std::function<T()>& ask, const std::function<bool(const T&)>& wanted) const {
    const auto end = std::chrono::steady_clock::now() + 20s;
    T answer = ask();
    while (!wanted(answer) && std::chrono::steady_clock::now() < end) {
      std::this_thread::sleep_for(50ms);
      answer = ask();
    }
    return answer;
  }
  pb::Attempt UntilState(const std::string& attempt, pb::Attempt::State state) const {
    return Until<pb::Attempt>([&] { return Attempt(attempt); },
                              [&](const auto& one) { return one.state() == state; });
  }

  ClockFile file;
  testing::Platform on{
      {"customer", "campaign"},
      {{"campaign", {{"CLOCK_FILE", file.path}, {"VAULT_KEYS", "t1:0123456789abcdef0123456789abcdef"}}},
       {"customer", {{"CLOCK_FILE", file.path}}}}};
  kafka::Producer producer{testing::Brokers()};
  std::unique_ptr<rpc::Peer> planner, manager, machine, master;

 private:
  int customers_ = 10000000;
};

}  // namespace carillon::campaign
