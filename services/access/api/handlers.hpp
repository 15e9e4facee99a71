#pragma once
#include "access/deps.hpp"
#include "base/call.hpp"
#include "base/result.hpp"
#include "carillon/access/v1/access_service.pb.h"

/// One handler an RPC; what each promises stands in the .proto.
namespace carillon::access::api {

namespace pb = carillon::access::v1;

Result<pb::Tokens> Login(Call& call, Deps& deps, const pb::LoginRequest& in);
Result<pb::Tokens> RefreshTokens(Call& call, Deps& deps, const pb::RefreshTokensRequest& in);
Result<pb::LogoutResponse> Logout(Call& call, Deps& deps, const pb::LogoutRequest& in);
Result<pb::JsonWebKeySet> GetJsonWebKeySet(Call& call, Deps& deps, const pb::GetJsonWebKeySetRequest& in);
Result<pb::OpenIdConfiguration> GetOpenIdConfiguration(Call& call, Deps& deps,
                                                       const pb::GetOpenIdConfigurationRequest& in);
Result<pb::Tokens> IssueServiceToken(Call& call, Deps& deps, const pb::IssueServiceTokenRequest& in);
Result<pb::Tokens> ChangePassword(Call& call, Deps& deps, const pb::ChangePasswordRequest& in);
Result<pb::User> ResetPassword(Call& call, Deps& deps, const pb::ResetPasswordRequest& in);

Result<pb::Tenant> CreateTenant(Call& call, Deps& deps, const pb::CreateTenantRequest& in);
Result<pb::Tenant> GetTenant(Call& call, Deps& deps, const pb::GetTenantRequest& in);
Result<pb::ListTenantsResponse> ListTenants(Call& call, Deps& deps, const pb::ListTenantsRequest& in);
Result<pb::Tenant> UpdateTenant(Call& call, Deps& deps, const pb::UpdateTenantRequest& in);

Result<pb::Client> CreateClient(Call& call, Deps& deps, const pb::CreateClientRequest& in);
Result<pb::Client> GetClient(Call& call, Deps& deps, const pb::GetClientRequest& in);
Result<pb::ListClientsResponse> ListClients(Call& call, Deps& deps, const pb::ListClientsRequest& in);
Result<pb::Client> UpdateClient(Call& call, Deps& deps, const pb::UpdateClientRequest& in);

Result<pb::OrgUnit> CreateOrgUnit(Call& call, Deps& deps, const pb::CreateOrgUnitRequest& in);
Result<pb::OrgUnit> GetOrgUnit(Call& call, Deps& deps, const pb::GetOrgUnitRequest& in);
Result<pb::ListOrgUnitsResponse> ListOrgUnits(Call& call, Deps& deps, const pb::ListOrgUnitsRequest& in);
Result<pb::OrgUnit> UpdateOrgUnit(Call& call, Deps& deps, const pb::UpdateOrgUnitRequest& in);

Result<pb::User> CreateUser(Call& call, Deps& deps, const pb::CreateUserRequest& in);
Result<pb::User> GetUser(Call& call, Deps& deps, const pb::GetUserRequest& in);
Result<pb::ListUsersResponse> ListUsers(Call& call, Deps& deps, const pb::ListUsersRequest& in);
Result<pb::User> UpdateUser(Call& call, Deps& deps, const pb::UpdateUserRequest& in);
Result<pb::User> DisableUser(Call& call, Deps& deps, const pb::DisableUserRequest& in);
Result<pb::User> EnableUser(Call& call, Deps& deps, const pb::EnableUserRequest& in);

Result<pb::Role> CreateRole(Call& call, Deps& deps, const pb::CreateRoleRequest& in);
Result<pb::Role> GetRole(Call& call, Deps& deps, const pb::GetRoleRequest& in);
Result<pb::ListRolesResponse> ListRoles(Call& call, Deps& deps, const pb::ListRolesRequest& in);
Result<pb::Role> UpdateRole(Call& call, Deps& deps, const pb::UpdateRoleRequest& in);

Result<pb::ResolvedDataScope> ResolveDataScope(Call& call, Deps& deps, const pb::ResolveDataScopeRequest& in);
Result<pb::ListAuditRecordsResponse> ListAuditRecords(Call& call, Deps& deps,
                                                      const pb::ListAuditRecordsRequest& in);

}  // namespace carillon::access::api
