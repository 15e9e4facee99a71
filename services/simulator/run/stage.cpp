#include "simulator/run/stage.hpp"

#include <algorithm>
#include <filesystem>
#include <set>

#include "base/ids.hpp"
#include "carillon/access/v1/access_service.pb.h"
#include "carillon/customer/v1/customer_service.pb.h"
#include "carillon/ivr/v1/flow_service.pb.h"
#include "carillon/routing/v1/queue_service.pb.h"
#include "carillon/workorder/v1/workorder_service.pb.h"
#include "simulator/clients/pages.hpp"
#include "simulator/domain/outbound.hpp"
#include "simulator/files/lines.hpp"
#include "simulator/run/inspection.hpp"
#include "simulator/run/selling.hpp"
#include "simulator/run/shelving.hpp"

namespace carillon::simulator {
namespace {

namespace access = carillon::access::v1;
namespace customer = carillon::customer::v1;
namespace ivr = carillon::ivr::v1;
namespace routing = carillon::routing::v1;
namespace workorder = carillon::workorder::v1;

constexpr std::size_t kImportBatch = 400;

/// Served by everybody, after those who call.
constexpr const char* kOutbound = "outbound";

struct QueueSpec {
  const char* code;
  const char* display_name;
  const char* type;  ///< call type whose agents serve it
};
constexpr QueueSpec kQueues[] = {
    {"banking", "银行业务", "PS"}, {"internet", "网上银行", "IN"}, {"securities", "证券业务", "NE"},
    {"advice", "业务咨询", "NW"},  {"complaint", "投诉", "PS"},    {"vip", "贵宾", "PS"},
    {kOutbound, "外呼营销", "PS"},
};

/// What the bank's flow calls its queues -> ours.
constexpr std::pair<const char*, const char*> kQueueWords[] = {
    {"vip", "vip"},           {"service", "banking"},       {"card", "banking"},  {"general", "banking"},
    {"internet", "internet"}, {"securities", "securities"}, {"advice", "advice"}, {"complaint", "complaint"},
};

struct RoleSpec {
  const char* code;
  std::vector<std::string> permissions;
};
const std::vector<RoleSpec>& Roles() {
  static const std::vector<RoleSpec> kRoles = {
      {"SIM_SWITCH", {"telephony.switch"}},
      {"SIM_EDITOR", {"ivr.edit", "ivr.read"}},
      {"SIM_SETUP",
       {"customer.read", "customer.write", "customer.import", "routing.admin", "routing.read", "ivr.read",
        "ivr.edit", "ivr.publish", "workorder.supervise", "workorder.read"}},
      {"SIM_AGENT",
       {"routing.desk", "routing.read", "telephony.read", "customer.read", "customer.write",
        "workorder.create", "workorder.dispatch", "workorder.read", "campaign.read", "campaign.work",
        "qa.acknowledge", "knowledge.read"}},
      {"SIM_HANDLER", {"workorder.handle", "workorder.read"}},
      {"SIM_REVISIT", {"workorder.revisit", "workorder.read", "customer.read"}},
      {"SIM_SUPERVISOR",
       {"routing.supervise", "routing.read", "telephony.read", "ivr.read", "customer.read", "workorder.read",
        "workorder.supervise", "insight.read", "campaign.read", "qa.read", "knowledge.read"}},
      {"SIM_PLANNER", {"campaign.plan", "campaign.read", "customer.read", "routing.read"}},
      {"SIM_APPROVER", {"campaign.approve", "campaign.read"}},
      {"SIM_LIBRARIAN", {"knowledge.write", "knowledge.read"}},
      {"SIM_CHIEF_LIBRARIAN", {"knowledge.approve", "knowledge.read"}},
      {"SIM_OUTBOUND", {"campaign.manage", "campaign.work", "campaign.read"}},
      {"SIM_QUALITY", {"qa.plan", "qa.evaluate", "qa.read", "routing.read", "telephony.read"}},
      {"SIM_EVALUATOR", {"qa.evaluate", "qa.read", "routing.read", "telephony.read"}},
  };
  return kRoles;
}

std::string Lower(std::string text) {
  std::transform(text.begin(), text.end(), text.begin(), [](char c) {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c == '_' ? '-' : c;
  });
  return text;
}

bool IsThere(const Error& error) { return error.code == Code::kAlreadyExists; }

class Builder {
 public:
  Builder(const Platform& platform, const StageSettings& settings,
          const std::function<void(const std::string&)>& say)
      : platform_(platform), settings_(settings), say_(say) {}

  Result<Stage> Build(const DayPlan& plan, const std::vector<Caller>& callers) {
    TRY_VOID(MakeTenant());
    TRY_VOID(FindClient());
    for (const auto& role : Roles()) TRY_VOID(MakeRole(role));
    TRY_VOID(FindUsers());
    TRY(stage_.setup, MakeUser("setup", "", {"SIM_SETUP"}));
    TRY(editor_, MakeUser("flow-editor", "", {"SIM_EDITOR"}));
    TRY(stage_.line, MakeUser("switch", "", {"SIM_SWITCH"}));
    TRY(stage_.back_office, MakeUser("back-office", "", {"SIM_HANDLER"}));
    TRY(stage_.crew, MakeUser("crew", "", {"SIM_HANDLER"}));
    TRY(stage_.revisitor, MakeUser("revisit", "", {"SIM_REVISIT"}));
    TRY(stage_.supervisor, MakeUser("supervisor", "", {"SIM_SUPERVISOR"}));
    TRY(stage_.planner, MakeUser("planner", "", {"SIM_PLANNER"}));
    TRY(stage_.approver, MakeUser("approver", "", {"SIM_APPROVER"}));
    TRY(stage_.outbound_manager, MakeUser("outbound-manager", "", {"SIM_OUTBOUND"}));
    TRY(stage_.quality_manager, MakeUser("quality-manager", "", {"SIM_QUALITY"}));
    TRY(stage_.librarian, MakeUser("librarian", "", {"SIM_LIBRARIAN"}));
    TRY(stage_.chief_librarian, MakeUser("chief-librarian", "", {"SIM_CHIEF_LIBRARIAN"}));
    for (const char* evaluator : kEvaluators) TRY_VOID(MakeUser(evaluator, "", {"SIM_EVALUATOR"}));
    say_("organisation, roles and users are there");
    TRY_VOID(MakeQueues());
    TRY_VOID(MakeAgents(plan));
    say_(std::to_string(queues_.size()) + " queues, " + std::to_string(stage_.seats.size()) + " agents");
    TRY_VOID(ImportCustomers(callers));
    TRY_VOID(SetServicePasswords(plan, callers));
    TRY_VOID(MakeDesks());
    TRY_VOID(MakeMenu());
    say_("the menu answers " + settings_.service_number);
    if (platform_.Has("knowledge") && !settings_.articles_file.empty())
      TRY_VOID(
          ShelveArticles(*stage_.librarian, *stage_.chief_librarian, settings_.articles_file, run_, say_));
    if (!settings_.windows.empty())
      TRY_VOID(SetUpCampaigns(stage_, settings_, queues_.at(kOutbound), callers, say_));
    if (platform_.Has("qa")) {
      TRY(stage_.sample_plan, PlanSamples(stage_, settings_, queues_.at("complaint")));
    }
    return std::move(stage_);
  }

 private:
  /// For the retries of this run alone: what is there already is found, not made again.
  std::string RequestId(const std::string& what) const { return DerivedId(run_, what); }

  Result<void> MakeTenant() {
    stage_.administrator =
        std::make_unique<User>(platform_, settings_.tenant, "admin", PasswordOf(settings_.secret, "admin"));
    if (stage_.administrator->LogIn()) return Ok();
    User owner(platform_, "platform", settings_.platform_login, settings_.platform_password);
    TRY_VOID(owner.LogIn());
    access::CreateTenantRequest request;
    request.mutable_tenant()->set_slug(settings_.tenant);
    request.mutable_tenant()->set_display_name("示范银行客户服务中心");
    request.mutable_tenant()->set_state(access::Tenant::ACTIVE);
    request.mutable_administrator()->set_login("admin");
    request.mutable_administrator()->set_display_name("管理员");
    request.mutable_administrator()->set_password(PasswordOf(settings_.secret, "admin"));
    const auto made = owner.Ask<access::Tenant>("access", "AccessService/CreateTenant", request);
    if (!made && !IsThere(made.error())) return made.error();
    TRY_VOID(stage_.administrator->LogIn());
    if (stage_.administrator->must_change_password()) {
      // The policy wants a new one: there and back again is not allowed, so the second is the lasting one.
      return InvalidArgument("PASSWORD_MUST_CHANGE",
                             "the tenant's administrator must change the password first");
    }
    return Ok();
  }

  Result<void> FindClient() {
    return ForEachPage<access::ListClientsResponse>(
        *stage_.administrator, "access", "AccessService/ListClients", access::ListClientsRequest(),
        [&](const access::ListClientsResponse& page) {
          for (const auto& client : page.clients())
            if (client.code() == "default" || stage_.client.empty()) stage_.client = client.name();
        });
  }

  Result<void> MakeRole(const RoleSpec& spec) {
    access::CreateRoleRequest request;
    request.mutable_role()->set_code(spec.code);
    request.mutable_role()->set_display_name(spec.code);
    for (const auto& permission : spec.permissions) request.mutable_role()->add_permissions(permission);
    for (const auto data : {access::DataScope::CALL, access::DataScope::CUSTOMER, access::DataScope::ORDER,
                            access::DataScope::REPORT}) {
      auto* scope = request.mutable_role()->add_data_scopes();
      scope->set_data(data);
      scope->set_reach(access::DataScope::TENANT);
    }
    const auto made = stage_.administrator->Ask<access::Role>("access", "AccessService/CreateRole", request);
    if (!made && !IsThere(made.error())) return made.error();
    return Ok();
  }

  Result<void> FindUsers() {
    return ForEachPage<access::ListUsersResponse>(*stage_.administrator, "access", "AccessService/ListUsers",
                                                  access::ListUsersRequest(),
                                                  [&](const access::ListUsersResponse& page) {
                                                    for (const auto& user : page.users())
                                                      users_[Lower(user.login())] = user.name();
                                                  });
  }

  Result<std::unique_ptr<User>> MakeUser(const std::string& login, const std::string& agent_number,
                                         const std::vector<std::string>& roles) {
    const auto password = PasswordOf(settings_.secret, login);
    if (!users_.contains(login)) {
      access::CreateUserRequest request;
      auto& user = *request.mutable_user();
      user.set_login(login);
      user.set_display_name(login);
      user.set_agent_number(agent_number);
      user.add_clients(stage_.client);
      for (const auto& role : roles) user.add_roles(role);
      request.set_password(password);
      request.set_permanent_password(true);
      request.set_request_id(RequestId("user." + login));
      TRY(const auto made,
          stage_.administrator->Ask<access::User>("access", "AccessService/CreateUser", request));
      users_[login] = made.name();
    }
    return std::make_unique<User>(platform_, settings_.tenant, login, password);
  }

  Result<void> MakeQueues() {
    TRY_VOID(ForEachPage<routing::ListQueuesResponse>(*stage_.setup, "routing", "QueueService/ListQueues",
                                                      routing::ListQueuesRequest(), [&](const auto& page) {
                                                        for (const auto& queue : page.queues())
                                                          queues_[queue.code()] = queue.name();
                                                      }));
    for (const auto& spec : kQueues) {
      routing::CreateSkillRequest skill;
      skill.mutable_skill()->set_code(spec.code);
      skill.mutable_skill()->set_display_name(spec.display_name);
      skill.mutable_skill()->set_category(routing::Skill::BUSINESS);
      skill.set_request_id(RequestId(std::string("skill.") + spec.code));
      const auto made = stage_.setup->Ask<routing::Skill>("routing", "QueueService/CreateSkill", skill);
      if (!made && !IsThere(made.error())) return made.error();
      if (queues_.contains(spec.code)) continue;
      routing::CreateQueueRequest request;
      auto& queue = *request.mutable_queue();
      queue.set_code(spec.code);
      queue.set_display_name(spec.display_name);
      queue.set_client(stage_.client);
      queue.add_required_skills()->set_skill(std::string("skills/") + spec.code);
      queue.add_waiting_texts("您的来电对我们很重要，请稍候。");
      request.set_request_id(RequestId(std::string("queue.") + spec.code));
      TRY(const auto created,
          stage_.setup->Ask<routing::Queue>("routing", "QueueService/CreateQueue", request));
      queues_[spec.code] = created.name();
    }
    routing::CreateRoutingProfileRequest profile;
    profile.mutable_routing_profile()->set_code("bank");
    profile.mutable_routing_profile()->set_display_name("银行");
    for (const auto& spec : kQueues) {
      auto* entry = profile.mutable_routing_profile()->add_entries();
      entry->set_queue(std::string("queues/") + spec.code);
      entry->set_priority(std::string_view(spec.code) == kOutbound ? 2 : 1);
    }
    profile.set_request_id(RequestId("profile.bank"));
    const auto made =
        stage_.setup->Ask<routing::RoutingProfile>("routing", "QueueService/CreateRoutingProfile", profile);
    if (!made && !IsThere(made.error())) return made.error();
    return Ok();
  }

  Result<void> MakeAgents(const DayPlan& plan) {
    std::map<std::string, std::string> known;  // agent name by user
    std::set<std::string> codes;
    TRY_VOID(ForEachPage<routing::ListAgentsResponse>(*stage_.setup, "routing", "QueueService/ListAgents",
                                                      routing::ListAgentsRequest(), [&](const auto& page) {
                                                        for (const auto& agent : page.agents()) {
                                                          known[agent.user()] = agent.name();
                                                          codes.insert(agent.code());
                                                        }
                                                      }));
    int number = 1000;
    for (const auto& planned : plan.agents) {
      const auto login = Lower(planned.login);
      do ++number;
      while (codes.contains(std::to_string(number)) && !users_.contains(login));
      auto seat = std::make_unique<Seat>();
      seat->code = std::to_string(number);
      TRY(seat->user, MakeUser(login, seat->code, {"SIM_AGENT"}));
      const auto& user = users_.at(login);
      seat->seat = "seat-" + login;
      seat->extension = "8" + std::to_string(1000 + stage_.seats.size());
      if (const auto found = known.find(user); found != known.end()) {
        seat->agent = found->second;
      } else {
        routing::CreateAgentRequest request;
        auto& agent = *request.mutable_agent();
        agent.set_user(user);
        agent.set_code(seat->code);
        agent.set_display_name(login);
        agent.set_routing_profile("routingProfiles/bank");
        for (const auto& spec : kQueues) {
          if (std::find(planned.types.begin(), planned.types.end(), spec.type) == planned.types.end())
            continue;
          auto* skill = agent.add_skills();
          skill->set_skill(std::string("skills/") + spec.code);
          skill->set_level(6);
        }
        request.set_request_id(RequestId("agent." + login));
        TRY(const auto made,
            stage_.setup->Ask<routing::Agent>("routing", "QueueService/CreateAgent", request));
        seat->agent = made.name();
        codes.insert(seat->code);
      }
      stage_.seats[planned.login] = std::move(seat);
    }
    return Ok();
  }

  Result<void> MakeMenu() {
    stage_.service_number = settings_.service_number;
    if (settings_.flow_file.empty()) return Ok();  // the number answers already
    const std::filesystem::path bank = settings_.flow_file, beside = bank.parent_path();
    TRY(const auto flow, Published("bank", "银行客户服务", bank));
    TRY_VOID(Nothing(Published("assist_password", "座席辅助：服务密码", beside / "assist_password.scxml")));
    TRY_VOID(
        Nothing(Published("assist_identity", "座席辅助：证件或短信码", beside / "assist_identity.scxml")));
    ivr::SetServiceNumberRequest request;
    auto& number = *request.mutable_service_number();
    number.set_number(settings_.service_number);
    number.set_display_name("示范银行");
    number.set_client(stage_.client);
    number.set_flow(flow);
    for (const auto& [word, code] : kQueueWords) (*number.mutable_queues())[word] = queues_.at(code);
    number.set_default_queue(queues_.at("banking"));
    number.set_time_zone("Asia/Shanghai");
    number.set_language("zh-CN");
    for (const auto& menu : Menus()) *number.add_menus() = menu;
    TRY_VOID(Nothing(stage_.setup->Ask<ivr::ServiceNumber>("ivr", "FlowService/SetServiceNumber", request)));
    return Ok();
  }

  /// The name of that file's flow; tested by the tests beside it, published by another than its author.
  Result<std::string> Published(const std::string& code, const std::string& display_name,
                                std::filesystem::path file) {
    std::string flow;
    bool published = false;
    TRY_VOID(ForEachPage<ivr::ListFlowsResponse>(*stage_.setup, "ivr", "FlowService/ListFlows",
                                                 ivr::ListFlowsRequest(), [&](const auto& page) {
                                                   for (const auto& known : page.flows())
                                                     if (known.code() == code) {
                                                       flow = known.name();
                                                       published = known.published_version() > 0;
                                                     }
                                                 }));
    if (flow.empty()) {
      ivr::CreateFlowRequest request;
      request.mutable_flow()->set_code(code);
      request.mutable_flow()->set_display_name(display_name);
      TRY(*request.mutable_flow()->mutable_document(), ReadText(file.string()));
      TRY(*request.mutable_flow()->mutable_tests(), ReadText(file.replace_extension(".flowtest").string()));
      request.set_request_id(RequestId("flow." + code));
      TRY(const auto made, editor_->Ask<ivr::Flow>("ivr", "FlowService/CreateFlow", request));
      flow = made.name();
    }
    if (!published) {
      ivr::PublishFlowRequest request;
      request.set_name(flow);
      request.set_request_id(RequestId("publish." + code));
      TRY_VOID(Nothing(stage_.setup->Ask<ivr::Flow>("ivr", "FlowService/PublishFlow", request)));
    }
    return flow;
  }

  template <class T>
  static Result<void> Nothing(const Result<T>& result) {
    if (!result) return result.error();
    return Ok();
  }

  /// The bank's flow knows `default`, `vip` (straight to the queue of that name) and `night`.
  static std::vector<ivr::MenuVariant> Menus() {
    std::vector<ivr::MenuVariant> menus(4);
    menus[0].set_menu("default");
    menus[1].set_menu("vip");
    menus[1].mutable_selector()->set_grade("GOLD");
    menus[2].set_menu("vip");
    menus[2].mutable_selector()->set_grade("DIAMOND");
    menus[3].set_menu("night");
    menus[3].mutable_selector()->mutable_time_band()->set_start("00:00");
    menus[3].mutable_selector()->mutable_time_band()->set_end("07:00");
    return menus;
  }

  Result<void> MakeDesks() {
    TRY(const auto there, stage_.setup->Ask<workorder::ListDesksResponse>(
                              "workorder", "WorkOrderService/ListDesks", workorder::ListDesksRequest()));
    const std::pair<const char*, const char*> wanted[] = {{"back-office", "后台处理组"},
                                                          {"crew", "外勤一队"}};
    for (const auto& [code, display_name] : wanted) {
      for (const auto& desk : there.desks())
        if (desk.display_name() == display_name) stage_.desks[code] = desk.name();
      if (stage_.desks.contains(code)) continue;
      workorder::CreateDeskRequest request;
      request.mutable_desk()->set_display_name(display_name);
      request.mutable_desk()->set_kind(std::string(code) == "crew" ? workorder::Desk::CREW
                                                                   : workorder::Desk::BACK_OFFICE);
      request.set_request_id(RequestId(std::string("desk.") + code));
      TRY(const auto made,
          stage_.setup->Ask<workorder::Desk>("workorder", "WorkOrderService/CreateDesk", request));
      stage_.desks[code] = made.name();
    }
    return Ok();
  }

  static customer::Account* AddAccount(customer::Customer& row, const char* type, const std::string& number) {
    auto* account = row.add_accounts();
    account->set_number(number);
    account->set_type(type);
    account->set_state(customer::Account::ACTIVE);
    return account;
  }

  static customer::Customer RowOf(const Caller& caller, const std::string& wave) {
    customer::Customer row;
    if (caller.company) {
      auto& company = *row.mutable_organisation();
      company.set_full_name(caller.name);
      company.set_legal_representative(caller.representative);
    } else {
      auto& person = *row.mutable_person();
      person.set_full_name(caller.name);
      person.set_salutation(caller.female ? "女士" : "先生");
      person.set_gender(caller.female ? customer::Person::FEMALE : customer::Person::MALE);
      person.mutable_birth_date()->set_year(caller.birth_year);
      person.set_nationality("CN");
      person.set_occupation(caller.occupation);
      person.set_marital_status(caller.marital_status);
      person.set_education(caller.education);
      person.clear_birth_date();  // taken from the document
    }
    auto* document = row.add_identifiers();
    document->set_type(caller.company ? customer::Identifier::USCC : customer::Identifier::RESIDENT_ID);
    document->set_number(caller.document);
    auto* phone = row.add_contacts();
    phone->set_type(customer::ContactMedium::MOBILE);
    phone->set_number(caller.mobile);
    phone->set_primary(true);
    phone->set_own_line(true);
    auto* account = AddAccount(row, "DEPOSIT", caller.account);
    account->mutable_balance()->set_currency_code("CNY");
    account->mutable_balance()->set_units(caller.balance_minor / 100);
    account->mutable_balance()->set_nanos(static_cast<std::int32_t>(caller.balance_minor % 100 * 10'000'000));
    customer::Customer::Grade grade = customer::Customer::STANDARD;
    customer::Customer::Grade_Parse(caller.grade, &grade);
    row.set_grade(grade);
    row.set_home_region(caller.region);
    if (caller.has_card) AddAccount(row, "CREDIT_CARD", caller.account + "01");
    if (caller.has_term_deposit) AddAccount(row, "TERM_DEPOSIT", caller.account + "02");
    if (caller.marketing != Caller::Consent::kNeverAsked) {
      const bool given = caller.marketing == Caller::Consent::kGiven;
      auto* consent = row.add_consents();
      consent->set_purpose(customer::Consent::MARKETING);
      consent->set_decision(given ? customer::Consent::GIVEN : customer::Consent::WITHDRAWN);
      consent->set_evidence("agreement/" + caller.key);
    }
    row.set_do_not_contact(caller.do_not_contact);
    auto* segment = row.add_segments();
    segment->set_dimension("WAVE");
    segment->set_value(wave);
    row.mutable_source()->set_system("simulator");
    row.mutable_source()->set_key(caller.key);
    return row;
  }

  Result<void> ImportCustomers(const std::vector<Caller>& callers) {
    for (std::size_t start = 0; start < callers.size(); start += kImportBatch) {
      customer::ImportCustomersRequest request;
      request.set_client(stage_.client);
      const auto end = std::min(callers.size(), start + kImportBatch);
      for (std::size_t i = start; i < end; ++i)
        *request.add_customers() = RowOf(callers[i], WaveName(WaveOf(i, callers.size()), callers.size()));
      TRY(const auto answer, stage_.setup->Ask<customer::ImportCustomersResponse>(
                                 "customer", "CustomerService/ImportCustomers", request));
      for (const auto& result : answer.results()) {
        stage_.customers.push_back(result.name());
        if (result.outcome() != customer::ImportResult::REJECTED) continue;
        ++stage_.refused_customers;
        last_refusal_ = result.reason();
      }
      say_("customers " + std::to_string(end) + " of " + std::to_string(callers.size()) +
           (stage_.refused_customers > 0
                ? ", " + std::to_string(stage_.refused_customers) + " refused (" + last_refusal_ + ")"
                : ""));
    }
    return Ok();
  }

  Result<void> SetServicePasswords(const DayPlan& plan, const std::vector<Caller>& callers) {
    std::set<int> wanted;
    for (const auto& call : plan.calls)
      if (call.manner == Manner::kServesHimself && call.caller >= 0) wanted.insert(call.caller);
    for (const int caller : wanted) {
      const auto at = static_cast<std::size_t>(caller);
      if (stage_.customers.at(at).empty()) continue;
      customer::SetServicePasswordRequest request;
      request.set_name(stage_.customers[at]);
      request.set_password(ServicePasswordOf(callers[at]));
      TRY_VOID(Nothing(stage_.setup->Ask<customer::SetServicePasswordResponse>(
          "customer", "CustomerService/SetServicePassword", request)));
    }
    say_(std::to_string(wanted.size()) + " service passwords");
    return Ok();
  }

  const Platform& platform_;
  const StageSettings& settings_;
  const std::function<void(const std::string&)>& say_;
  const std::string run_ = NewId(RealNow());
  Stage stage_;
  std::unique_ptr<User> editor_;
  std::map<std::string, std::string> users_;   // login -> users/{uuid}
  std::map<std::string, std::string> queues_;  // code -> queues/{uuid}
  std::string last_refusal_;
};

}  // namespace

std::string PasswordOf(const std::string& secret, const std::string& login) {
  const auto id = DerivedId(secret, "password." + login);
  return "Demo-" + id.substr(0, 4) + id.substr(9, 4) + id.substr(24, 4) + "!x";
}

std::string ServicePasswordOf(const Caller& caller) {
  // Not a part of the number or the birthday: a customer master may refuse those.
  std::string digits;
  for (const char c : DerivedId("service password", caller.document))
    if (c >= '0' && c <= '9' && digits.size() < 6) digits += c;
  while (digits.size() < 6) digits += static_cast<char>('1' + digits.size());
  return digits;
}

Result<Stage> SetUp(const Platform& platform, const StageSettings& settings, const DayPlan& plan,
                    const std::vector<Caller>& callers, const std::function<void(const std::string&)>& say) {
  return Builder(platform, settings, say).Build(plan, callers);
}

}  // namespace carillon::simulator
