#include "simulator/run/selling.hpp"

#include <thread>

#include "base/ids.hpp"
#include "base/proto_time.hpp"
#include "carillon/campaign/v1/campaign_service.pb.h"
#include "carillon/campaign/v1/contact_policy_service.pb.h"
#include "carillon/campaign/v1/script_service.pb.h"
#include "carillon/customer/v1/customer_service.pb.h"
#include "simulator/clients/pages.hpp"
#include "simulator/domain/outbound.hpp"

namespace carillon::simulator {
namespace {

namespace campaign = carillon::campaign::v1;
namespace customer = carillon::customer::v1;

constexpr auto kListPatience = std::chrono::seconds{60};  // real: until a target list is built
constexpr auto kBetweenLooks = std::chrono::milliseconds{100};

struct Offer {
  const char* code;
  const char* display_name;
  campaign::Campaign::Purpose purpose;
  const char* product;   ///< what the agent calls it
  const char* account;   ///< type of account whoever has it is not asked
  const char* benefit;   ///< in one sentence
  const char* price;     ///< in small coin
  const char* must_say;  ///< the law's sentence
  int priority;
};
const Offer kOffers[] = {
    {"card", "信用卡推荐", campaign::Campaign::CROSS_SELL, "金卡信用卡", "CREDIT_CARD",
     "刷卡消费五十天内还款不收利息，每月十号在合作超市满一百减二十", "首年不收年费，次年刷满六次继续免",
     "信用卡须本人申请，逾期还款按合同计收利息并影响征信", 4},
    {"term-deposit", "定期存款推荐", campaign::Campaign::PROMOTION, "一年期定期存款", "TERM_DEPOSIT",
     "闲置的活期余额转一年定期，利息是活期的好几倍，急用时可以提前支取", "一千元起存，不收任何手续费",
     "提前支取部分按活期利率计息，利率以办理当日公告为准", 6},
};

campaign::Script ScriptOf(const Offer& offer) {
  campaign::Script script;
  script.set_display_name(std::string(offer.display_name) + "脚本");
  const std::string product = offer.product;
  const auto step = [&](campaign::Script::StepKind kind, const char* goal, const char* technique,
                        const std::string& wording, const char* question) {
    auto* out = script.add_steps();
    out->set_kind(kind);
    out->set_goal(goal);
    out->set_content(product);
    out->set_technique(technique);
    out->set_wording(wording);
    if (*question != '\0') out->add_questions(question);
    return out;
  };
  auto* opening = step(campaign::Script::OPENING, "三十秒内说明身份和来意，取得继续交谈的许可",
                       "先问方便与否，不方便就约时间",
                       "您好，{name}，这里是示范银行客户服务中心，工号{agent}。来电是想用一分钟介绍" +
                           product + "，您现在方便吗？",
                       "您现在说话方便吗？");
  auto* agrees = opening->add_branches();
  agrees->set_answer("方便");
  agrees->set_wording("谢谢您。");
  agrees->set_next(campaign::Script::NEED);
  auto* busy = opening->add_branches();
  busy->set_answer("正忙");
  busy->set_wording("不耽误您，我换个您方便的时间再打，几点合适？");
  busy->set_next(campaign::Script::ENDING);
  auto* refuses = opening->add_branches();
  refuses->set_answer("不需要");
  refuses->set_wording("好的，打扰您了，祝您生活愉快。");
  refuses->set_next(campaign::Script::ENDING);
  step(campaign::Script::NEED, "了解客户的用款习惯，判断是否合适", "短问题，听完再问下一个",
       "想了解一下您平时的安排，好看看适不适合您。", "您平时的钱主要放在活期里吗？");
  step(campaign::Script::PROPOSAL, "让客户听懂产品与自己有什么关系", "先好处，后功能，用数字说话",
       std::string(offer.benefit) + "。" + offer.price + "。", "这一点对您有用吗？");
  step(campaign::Script::COMMITMENT, "确认客户听懂并且愿意", "复述客户自己的话",
       "您刚才说希望既方便又不多花钱，这正好合适，对吗？", "");
  step(campaign::Script::OBJECTION, "消除顾虑，不勉强", "先认同，再问原因，最多解释一次",
       "您考虑得很周到。方便说说主要担心哪一点吗？", "");
  step(campaign::Script::CLOSE, "请客户作决定", "二者选一",
       "那我现在帮您登记，资料用短信确认还是到网点签字？", "短信确认还是网点办理？");
  step(campaign::Script::ENDING, "说清义务，愉快结束", "核对资料，告知热线",
       "感谢您接听。有任何问题请拨打我行客服热线，祝您愉快，再见。", "");
  auto* need = script.add_objections();
  need->set_text("不需要");
  need->set_cause("没有感到好处");
  need->set_technique("问一个与用款有关的问题，仍不需要即礼貌结束");
  need->set_answer("明白。多数客户起初也这样想，您若以后有需要，随时致电我们。");
  auto* price = script.add_objections();
  price->set_text("收费吗");
  price->set_cause("担心成本");
  price->set_technique("直接说明费用");
  price->set_answer(std::string(offer.price) + "。");
  script.add_must_say(offer.must_say);
  script.add_must_say("本次通话将被录音");
  return script;
}

std::string HourMinuteOf(seconds at) {
  const auto two = [](auto n) { return (n < 10 ? "0" : "") + std::to_string(n); };
  return two(at.count() / 3600) + ":" + two(at.count() / 60 % 60);
}

class Seller {
 public:
  Seller(Stage& stage, const StageSettings& settings, const std::function<void(const std::string&)>& say)
      : stage_(stage), settings_(settings), say_(say) {}

  Result<void> SetUp(const std::string& queue, const std::vector<Caller>& callers) {
    TRY_VOID(CancelLeftOver());
    TRY_VOID(ListDoNotCall(callers));
    for (const auto& offer : kOffers) {
      TRY(const auto script, ApprovedScript(offer));
      TRY(const auto name, Scheduled(offer, script, queue, callers.size()));
      stage_.campaigns.push_back(name);
    }
    return Ok();
  }

 private:
  std::string RequestId(const std::string& what) const { return DerivedId(run_, what); }

  template <class Request>
  Result<campaign::Campaign> Step(User& user, const char* method, const std::string& name) {
    Request request;
    request.set_name(name);
    request.set_request_id(RequestId(method + name));
    return user.Ask<campaign::Campaign>("campaign", std::string("CampaignService/") + method, request);
  }

  Result<void> CancelLeftOver() {
    std::vector<std::string> left;
    for (const auto state :
         {campaign::Campaign::SCHEDULED, campaign::Campaign::RUNNING, campaign::Campaign::PAUSED}) {
      campaign::ListCampaignsRequest request;
      request.set_state(state);
      TRY_VOID(ForEachPage<campaign::ListCampaignsResponse>(*stage_.outbound_manager, "campaign",
                                                            "CampaignService/ListCampaigns", request,
                                                            [&](const auto& page) {
                                                              for (const auto& known : page.campaigns())
                                                                left.push_back(known.name());
                                                            }));
    }
    for (const auto& name : left) {
      campaign::CancelCampaignRequest request;
      request.set_name(name);
      request.set_reason("the day it belonged to was cut short");
      request.set_request_id(RequestId("cancel" + name));
      TRY_VOID(stage_.outbound_manager->Ask<campaign::Campaign>("campaign", "CampaignService/CancelCampaign",
                                                                request));
    }
    return Ok();
  }

  /// Of the day's wave a few never want to be called: an alert on the customer, an entry for the customer, an
  /// entry for the number.
  Result<void> ListDoNotCall(const std::vector<Caller>& callers) {
    int listed = 0;
    for (std::size_t i = 0; i < callers.size() && i < stage_.customers.size(); ++i) {
      if (WaveOf(i, callers.size()) != settings_.wave || stage_.customers[i].empty()) continue;
      if (callers[i].do_not_contact) stage_.unwilling[callers[i].key] = "do_not_contact";
      if (callers[i].marketing != Caller::Consent::kGiven) stage_.unwilling[callers[i].key] = "no_consent";
      Random own = Random(settings_.seed).Fork("do not call " + callers[i].key);
      const double which = own.Uniform();
      if (which >= 0.09) continue;
      ++listed;
      stage_.unwilling[callers[i].key] = which < 0.03   ? "alert"
                                         : which < 0.06 ? "customer_listed"
                                                        : "number_listed";
      if (which < 0.03) {
        customer::RaiseAlertRequest request;
        request.set_parent(stage_.customers[i]);
        request.mutable_alert()->set_code("DO_NOT_CALL");
        request.mutable_alert()->set_severity(customer::Alert::WARN);
        request.mutable_alert()->set_reason("客户要求不接推销电话");
        request.set_request_id(RequestId("alert" + stage_.customers[i]));
        TRY_VOID(stage_.setup->Ask<customer::Customer>("customer", "CustomerService/RaiseAlert", request));
        continue;
      }
      campaign::AddDoNotCallRequest request;
      auto& entry = *request.mutable_do_not_call_entry();
      if (which < 0.06) {
        entry.set_customer(stage_.customers[i]);
        entry.set_source(campaign::DoNotCallEntry::CUSTOMER_WISH);
      } else {
        entry.set_number(callers[i].mobile);
        entry.set_source(campaign::DoNotCallEntry::NATIONAL);
      }
      request.set_request_id(RequestId("do-not-call" + stage_.customers[i]));
      TRY_VOID(stage_.outbound_manager->Ask<campaign::DoNotCallEntry>(
          "campaign", "ContactPolicyService/AddDoNotCall", request));
    }
    say_(std::to_string(listed) + " of the day's wave do not want to be called");
    return Ok();
  }

  /// Found when an earlier day had it approved.
  Result<std::string> ApprovedScript(const Offer& offer) {
    const auto wanted = ScriptOf(offer);
    std::string known;
    TRY_VOID(
        ForEachPage<campaign::ListScriptsResponse>(*stage_.planner, "campaign", "ScriptService/ListScripts",
                                                   campaign::ListScriptsRequest(), [&](const auto& page) {
                                                     for (const auto& script : page.scripts())
                                                       if (script.display_name() == wanted.display_name() &&
                                                           script.state() == campaign::Script::APPROVED)
                                                         known = script.name();
                                                   }));
    if (!known.empty()) return known;
    campaign::CreateScriptRequest create;
    *create.mutable_script() = wanted;
    create.mutable_script()->set_client(stage_.client);
    create.set_request_id(RequestId(std::string("script") + offer.code));
    TRY(const auto made,
        stage_.planner->Ask<campaign::Script>("campaign", "ScriptService/CreateScript", create));
    campaign::SubmitScriptRequest submit;
    submit.set_name(made.name());
    submit.set_request_id(RequestId(std::string("submit") + offer.code));
    TRY_VOID(stage_.planner->Ask<campaign::Script>("campaign", "ScriptService/SubmitScript", submit));
    campaign::ApproveScriptRequest approve;
    approve.set_name(made.name());
    approve.set_request_id(RequestId(std::string("approve") + offer.code));
    TRY_VOID(stage_.approver->Ask<campaign::Script>("campaign", "ScriptService/ApproveScript", approve));
    return made.name();
  }

  campaign::Campaign CampaignOf(const Offer& offer, const std::string& script, const std::string& queue,
                                std::size_t customers) const {
    campaign::Campaign out;
    out.set_client(stage_.client);
    out.set_code(std::string(offer.code) + "-" + run_.substr(run_.size() - 8));
    out.set_display_name(offer.display_name);
    out.set_purpose(offer.purpose);
    out.set_contact_class(campaign::MARKETING);
    out.set_objective("在空闲时段向尚未持有的客户推荐" + std::string(offer.product));
    out.set_offer(offer.account);
    out.set_script(script);
    out.set_queue(queue);
    out.set_caller_number(settings_.service_number);
    out.set_dialling_mode(campaign::Campaign::PROGRESSIVE);
    *out.mutable_ring_duration() = ToProto(std::chrono::seconds{30});
    out.set_reserved_agents(settings_.reserved_agents);
    out.set_priority(offer.priority);
    for (const auto& window : settings_.windows) {
      auto* hours = out.add_windows();
      hours->set_start(HourMinuteOf(window.from));
      hours->set_end(HourMinuteOf(window.to));
    }
    out.set_time_zone("Asia/Shanghai");
    *out.mutable_start_time() = ToProto(settings_.midnight + settings_.windows.front().from);
    *out.mutable_retry()->mutable_busy_delay() = ToProto(std::chrono::minutes{10});
    *out.mutable_retry()->mutable_no_answer_delay() = ToProto(std::chrono::minutes{20});
    out.mutable_criteria()->add_holds("DEPOSIT");
    out.mutable_criteria()->add_lacks(offer.account);
    out.mutable_criteria()->add_segments("WAVE=" + WaveName(settings_.wave, customers));
    return out;
  }

  Result<std::string> Scheduled(const Offer& offer, const std::string& script, const std::string& queue,
                                std::size_t customers) {
    campaign::CreateCampaignRequest create;
    *create.mutable_campaign() = CampaignOf(offer, script, queue, customers);
    create.set_request_id(RequestId(std::string("campaign") + offer.code));
    TRY(auto made,
        stage_.planner->Ask<campaign::Campaign>("campaign", "CampaignService/CreateCampaign", create));
    const auto name = made.name();
    TRY_VOID(Step<campaign::BuildTargetsRequest>(*stage_.planner, "BuildTargets", name));
    TRY(made, Built(name));
    say_(made.display_name() + ": " + std::to_string(made.build().targets()) + " targets of " +
         std::to_string(made.build().found()));
    TRY_VOID(Step<campaign::SubmitCampaignRequest>(*stage_.planner, "SubmitCampaign", name));
    TRY_VOID(Step<campaign::ApproveCampaignRequest>(*stage_.approver, "ApproveCampaign", name));
    TRY_VOID(Step<campaign::ScheduleCampaignRequest>(*stage_.outbound_manager, "ScheduleCampaign", name));
    return name;
  }

  Result<campaign::Campaign> Built(const std::string& name) {
    const auto give_up = std::chrono::steady_clock::now() + kListPatience;
    campaign::GetCampaignRequest request;
    request.set_name(name);
    for (;;) {
      TRY(auto now,
          stage_.planner->Ask<campaign::Campaign>("campaign", "CampaignService/GetCampaign", request));
      if (now.build().state() == campaign::Campaign::TargetBuild::BUILT) return now;
      if (std::chrono::steady_clock::now() > give_up)
        return Unavailable("TARGETS_NOT_BUILT",
                           "the target list of " + name + " is not there after a minute");
      std::this_thread::sleep_for(kBetweenLooks);
    }
  }

  Stage& stage_;
  const StageSettings& settings_;
  const std::function<void(const std::string&)>& say_;
  const std::string run_ = NewId(RealNow());
};

}  // namespace

Result<void> SetUpCampaigns(Stage& stage, const StageSettings& settings, const std::string& queue,
                            const std::vector<Caller>& callers,
                            const std::function<void(const std::string&)>& say) {
  return Seller(stage, settings, say).SetUp(queue, callers);
}

Result<void> CloseCampaigns(Stage& stage) {
  auto& manager = *stage.outbound_manager;
  for (const auto& name : stage.campaigns) {
    campaign::GetCampaignRequest get;
    get.set_name(name);
    TRY(const auto now, manager.Ask<campaign::Campaign>("campaign", "CampaignService/GetCampaign", get));
    if (now.state() != campaign::Campaign::FOLLOW_UP) {
      campaign::FinishCampaignRequest request;
      request.set_name(name);
      request.set_request_id(DerivedId(name, "finish"));
      TRY_VOID(manager.Ask<campaign::Campaign>("campaign", "CampaignService/FinishCampaign", request));
    }
    campaign::GetFunnelRequest ask;
    ask.set_campaign(name);
    TRY(const auto funnel, manager.Ask<campaign::Funnel>("campaign", "CampaignService/GetFunnel", ask));
    const auto stage_count = [&](const char* code) -> std::int64_t {
      for (const auto& step : funnel.stages())
        if (step.code() == code) return step.customers();
      return 0;
    };
    campaign::UpdateCampaignRequest update;
    *update.mutable_campaign() = now;
    update.mutable_campaign()->clear_etag();
    auto& learnt = *update.mutable_campaign()->mutable_evaluation();
    learnt.set_sales("接通" + std::to_string(stage_count("reached")) + "人，成交" +
                     std::to_string(stage_count("sold")) + "人。");
    learnt.set_feedback("承诺回电" + std::to_string(funnel.callbacks_due()) + "次，按时" +
                        std::to_string(funnel.callbacks_kept()) + "次。");
    learnt.set_share("名单内客户成交比例见漏斗。");
    learnt.set_problems("忙音和久叫不应占用坐席空闲时间。");
    learnt.set_improvements("把再次呼叫安排到另一个空闲时段。");
    update.mutable_update_mask()->add_paths("evaluation");
    update.set_request_id(DerivedId(name, "evaluation"));
    TRY_VOID(stage.planner->Ask<campaign::Campaign>("campaign", "CampaignService/UpdateCampaign", update));
    campaign::SummariseCampaignRequest summarise;
    summarise.set_name(name);
    summarise.set_request_id(DerivedId(name, "summarise"));
    TRY_VOID(manager.Ask<campaign::Campaign>("campaign", "CampaignService/SummariseCampaign", summarise));
    campaign::CloseCampaignRequest close;
    close.set_name(name);
    close.set_request_id(DerivedId(name, "close"));
    TRY_VOID(manager.Ask<campaign::Campaign>("campaign", "CampaignService/CloseCampaign", close));
  }
  return Ok();
}

}  // namespace carillon::simulator
