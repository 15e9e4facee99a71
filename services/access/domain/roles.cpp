#include "access/domain/roles.hpp"

#include <array>

#include "access/domain/errors.hpp"
#include "access/domain/org_tree.hpp"

namespace carillon::access::domain {
namespace {

using Permissions = std::vector<const char*>;

const Permissions kAgent{"customer.read",  "customer.write", "routing.desk",     "routing.read",
                         "ivr.read",       "telephony.read", "workorder.create", "workorder.read",
                         "qa.acknowledge", "knowledge.read"};
const Permissions kSupervision{"routing.supervise", "telephony.control", "workorder.supervise",
                               "insight.read"};
const Permissions kReading{"customer.read",  "routing.read", "telephony.read", "ivr.read",
                           "workorder.read", "insight.read", "knowledge.read"};

Permissions Sum(std::initializer_list<Permissions> parts) {
  Permissions out;
  for (const auto& part : parts) out.insert(out.end(), part.begin(), part.end());
  return out;
}

Permissions AllBut(std::initializer_list<std::string_view> without) {
  Permissions out;
  for (const auto& permission : PermissionCatalogue())
    if (std::find(without.begin(), without.end(), permission) == without.end())
      out.push_back(permission.c_str());
  return out;
}

pb::Role Position(const char* code, const char* display_name, const Permissions& permissions,
                  pb::DataScope::Reach reach, bool clear) {
  pb::Role role;
  role.set_code(code);
  role.set_display_name(display_name);
  role.set_built_in(true);
  for (const auto& permission : std::set<std::string>(permissions.begin(), permissions.end()))
    role.add_permissions(permission);
  for (const auto data :
       {pb::DataScope::CALL, pb::DataScope::CUSTOMER, pb::DataScope::ORDER, pb::DataScope::RECORDING,
        pb::DataScope::REPORT, pb::DataScope::SCORE, pb::DataScope::CAMPAIGN}) {
    auto& scope = *role.add_data_scopes();
    scope.set_data(data);
    scope.set_reach(reach);
    scope.set_clear(clear);
  }
  return role;
}

}  // namespace

const std::set<std::string, std::less<>>& PermissionCatalogue() {
  static const std::set<std::string, std::less<>> catalogue{
      "access.admin",       "access.audit",     "campaign.approve",  "campaign.manage",
      "campaign.plan",      "campaign.read",    "campaign.work",     "customer.import",
      "customer.read",      "customer.steward", "customer.unmask",   "customer.write",
      "insight.read",       "ivr.edit",         "ivr.publish",       "ivr.read",
      "knowledge.approve",  "knowledge.read",   "knowledge.write",   "qa.acknowledge",
      "qa.evaluate",        "qa.plan",          "qa.read",           "routing.admin",
      "routing.desk",       "routing.read",     "routing.supervise", "telephony.control",
      "telephony.read",     "telephony.switch", "tenant.admin",      "workorder.create",
      "workorder.dispatch", "workorder.handle", "workorder.read",    "workorder.revisit",
      "workorder.supervise"};
  return catalogue;
}

std::vector<pb::Role> BuiltInRoles() {
  using Scope = pb::DataScope;
  const Permissions leader =
      Sum({kAgent,
           kSupervision,
           {"customer.unmask", "workorder.handle", "workorder.dispatch", "knowledge.write"}});
  const Permissions floor = Sum({kReading, kSupervision});
  return {
      Position("ADMIN", "平台管理员", AllBut({}), Scope::TENANT, true),
      Position("TENANT_ADMIN", "租户管理员", AllBut({"access.admin"}), Scope::TENANT, true),
      Position("CSR", "客服代表", kAgent, Scope::OWN, false),
      Position("TSR", "电话销售", Sum({kAgent, {"campaign.read", "campaign.work"}}), Scope::OWN, false),
      Position("CLERK", "业务受理专员", kAgent, Scope::OWN, false),
      Position("EXPERT", "专家坐席", Sum({kAgent, {"workorder.handle"}}), Scope::OWN, false),
      Position("TEAM_LEADER", "班组长", leader, Scope::TEAM, true),
      Position("FLOOR_MANAGER", "现场管理", floor, Scope::DEPARTMENT, false),
      Position("DUTY_LEAD", "当班负责人", floor, Scope::CENTRE, false),
      Position("CENTRE_DIRECTOR", "中心主任",
               Sum({kReading, {"routing.supervise", "workorder.supervise", "knowledge.approve"}}),
               Scope::CENTRE, false),
      Position("QA_SPECIALIST", "质检专员", Sum({kReading, {"qa.read", "qa.evaluate"}}), Scope::DEPARTMENT,
               false),
      Position("QUALITY_MANAGER", "质检经理",
               Sum({kReading, {"qa.read", "qa.evaluate", "qa.plan", "knowledge.approve"}}), Scope::CENTRE,
               false),
      Position("TRAINER", "培训师", Sum({kReading, {"knowledge.write"}}), Scope::DEPARTMENT, false),
      Position("BACK_OFFICE", "处理台",
               {"customer.read", "workorder.create", "workorder.handle", "workorder.read", "knowledge.read"},
               Scope::TEAM, false),
      Position(
          "DISPATCHER", "派单员",
          {"customer.read", "workorder.dispatch", "workorder.handle", "workorder.read", "knowledge.read"},
          Scope::DEPARTMENT, false),
      Position("CALLBACK_AGENT", "回访员", Sum({kAgent, {"workorder.revisit"}}), Scope::DEPARTMENT, false),
      Position("FIELD_CREW", "外线班组", {"workorder.handle", "workorder.read", "knowledge.read"},
               Scope::TEAM, false),
      Position("RELATIONSHIP_MANAGER", "客户经理",
               {"customer.read", "customer.write", "workorder.create", "workorder.read", "knowledge.read"},
               Scope::OWN, true),
      Position("CAMPAIGN_PLANNER", "活动策划",
               {"customer.read", "insight.read", "campaign.read", "campaign.plan", "knowledge.read"},
               Scope::CENTRE, false),
      Position("OUTBOUND_MANAGER", "外呼经理",
               Sum({kReading,
                    {"routing.supervise", "campaign.read", "campaign.approve", "campaign.manage",
                     "campaign.work"}}),
               Scope::DEPARTMENT, false),
      Position("PARTNER_MANAGER", "合作方经理", {"routing.read", "workorder.read", "insight.read"},
               Scope::TEAM, false),
      Position("KB_EDITOR", "信息管理", {"ivr.read", "knowledge.read", "knowledge.write"}, Scope::OWN, false),
      Position("ANALYST", "运营经理", {"insight.read", "routing.read"}, Scope::TENANT, false),
      Position("ROSTER_PLANNER", "排班员", {"insight.read", "routing.read"}, Scope::CENTRE, false),
      Position("ROUTING_ADMIN", "路由管理员", {"routing.admin", "routing.read", "routing.supervise"},
               Scope::TENANT, false),
      Position("IVR_EDITOR", "流程编辑", {"ivr.read", "ivr.edit", "ivr.publish", "knowledge.read"},
               Scope::TENANT, false),
      Position("AUDITOR", "审计员", {"access.audit"}, Scope::TENANT, false),
      Position("SWITCH", "交换机", {"telephony.switch", "telephony.read", "ivr.read"}, Scope::OWN, false),
  };
}

Result<void> RequireGrantable(const Principal& who, const pb::Role& role) {
  for (const auto& permission : role.permissions()) {
    if (!PermissionCatalogue().contains(permission)) return errors::PermissionUnknown(permission);
    if (permission == "access.admin" && !who.May(permission)) return errors::RoleOutOfReach(permission);
  }
  return Ok();
}

pb::ResolvedDataScope ResolveScope(const pb::User& user, const std::vector<pb::Role>& roles,
                                   pb::DataScope::Data data) {
  pb::ResolvedDataScope out;
  out.set_reach(pb::DataScope::OWN);
  for (const auto& role : roles) {
    for (const auto& scope : role.data_scopes()) {
      if (scope.data() != data || scope.reach() < out.reach()) continue;
      out.set_clear(scope.clear() || (scope.reach() == out.reach() && out.clear()));
      out.set_reach(scope.reach());
    }
  }
  switch (out.reach()) {
    case pb::DataScope::TEAM:
      out.set_unit_prefix(user.unit_path());
      break;
    case pb::DataScope::DEPARTMENT:
      out.set_unit_prefix(TopOf(user.unit_path(), 2));
      break;
    case pb::DataScope::CENTRE:
      out.set_unit_prefix(TopOf(user.unit_path(), 1));
      break;
    case pb::DataScope::PROVINCE:
    case pb::DataScope::TENANT:
      out.set_unit_prefix("/");
      break;
    default:
      out.set_owner_user(user.name());
  }
  return out;
}

}  // namespace carillon::access::domain
