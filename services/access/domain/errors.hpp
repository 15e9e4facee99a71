#pragma once
#include <string>

#include "base/clock.hpp"
#include "base/result.hpp"

/// The reasons access gives, in one place: the comments of the .proto quote them.
namespace carillon::access::errors {

inline Error LoginFailed() { return Unauthenticated("LOGIN_FAILED", "Tenant, login or password is wrong."); }
inline Error AccountLocked(TimePoint until) {
  return FailedPrecondition("ACCOUNT_LOCKED", "Too many wrong passwords; the account is locked for a while.",
                            {{"locked_until", FormatRfc3339(until)}});
}
inline Error AccountDisabled() {
  return PermissionDenied("ACCOUNT_DISABLED", "The account is switched off.");
}
inline Error TenantSuspended() {
  return PermissionDenied("TENANT_SUSPENDED", "The tenant is suspended or closed.");
}
inline Error SessionExists() {
  return AlreadyExists("SESSION_EXISTS",
                       "The user is logged in elsewhere, and the tenant allows one session.");
}
inline Error SeatQuota(int quota) {
  auto error =
      ResourceExhausted("SEAT_QUOTA", "All " + std::to_string(quota) + " seats of the tenant are taken.");
  error.metadata["seat_quota"] = std::to_string(quota);
  return error;
}
inline Error RefreshTokenUnknown() {
  return Unauthenticated("REFRESH_TOKEN_UNKNOWN", "The refresh token is not known.");
}
inline Error RefreshTokenReused() {
  return Unauthenticated("REFRESH_TOKEN_REUSED",
                         "The refresh token was used before; the session has been ended.");
}
inline Error SessionEnded() {
  return Unauthenticated("SESSION_ENDED", "The session has ended; log in again.");
}
inline Error ServiceUnknown() {
  return Unauthenticated("SERVICE_UNKNOWN", "Name or secret of the service is wrong.");
}

inline Error TenantUnknown(const std::string& name) {
  return NotFound("TENANT_UNKNOWN", "There is no such tenant.", {{"name", name}});
}
inline Error ClientUnknown(const std::string& name) {
  return NotFound("CLIENT_UNKNOWN", "There is no such client.", {{"name", name}});
}
inline Error UnitUnknown(const std::string& name) {
  return NotFound("UNIT_UNKNOWN", "There is no such org unit.", {{"name", name}});
}
inline Error UserUnknown(const std::string& name) {
  return NotFound("USER_UNKNOWN", "There is no such user.", {{"name", name}});
}
inline Error RoleUnknown(const std::string& name) {
  return NotFound("ROLE_UNKNOWN", "There is no such role.", {{"name", name}});
}

inline Error TenantState(const std::string& from, const std::string& to) {
  return FailedPrecondition("TENANT_STATE", "A tenant that is " + from + " cannot become " + to + ".",
                            {{"from", from}, {"to", to}});
}
inline Error UnitLevelsInUse(int depth) {
  return FailedPrecondition("UNIT_LEVELS_IN_USE", "The tree of org units is deeper than that.",
                            {{"depth", std::to_string(depth)}});
}
inline Error UnitTooDeep(int levels) {
  return FailedPrecondition("UNIT_TOO_DEEP", "The tenant has no level for a unit that deep.",
                            {{"levels", std::to_string(levels)}});
}
inline Error UnitCycle() { return FailedPrecondition("UNIT_CYCLE", "A unit cannot be moved below itself."); }
inline Error UnitIsRoot() {
  return FailedPrecondition("UNIT_IS_ROOT", "The root unit has no parent and stays where it is.");
}
inline Error UnitOutOfScope(const std::string& path) {
  auto error = PermissionDenied("UNIT_OUT_OF_SCOPE", "The unit is outside the caller's own units.");
  error.metadata["unit"] = path;
  return error;
}
inline Error RoleOutOfReach(const std::string& permission) {
  auto error =
      PermissionDenied("ROLE_OUT_OF_REACH", "The caller cannot give the permission " + permission + ".");
  error.metadata["permission"] = permission;
  return error;
}
inline Error OwnRoles() { return PermissionDenied("OWN_ROLES", "Nobody changes their own roles."); }
inline Error OwnAccount() {
  return FailedPrecondition("OWN_ACCOUNT", "Nobody switches off their own account.");
}
inline Error UserLeft() { return FailedPrecondition("USER_LEFT", "The user has left for good."); }
inline Error PermissionUnknown(const std::string& permission) {
  return InvalidArgument("PERMISSION_UNKNOWN", "There is no permission " + permission + ".",
                         {{"role.permissions", permission + " is not in the catalogue"}});
}

/// The name of the thing for a unique constraint's name: ALREADY_EXISTS with the reason the contract
/// promises.
inline Error Named(Error error) {
  if (error.code != Code::kAlreadyExists || error.reason != "DUPLICATE") return error;
  const auto constraint = error.metadata["constraint"];
  if (constraint == "tenants_slug_key" || constraint == "tenants_pk")
    return AlreadyExists("TENANT_EXISTS", "A tenant with this slug exists.");
  if (constraint == "clients_code_key")
    return AlreadyExists("CLIENT_EXISTS", "A client with this code exists.");
  if (constraint == "org_units_path_key")
    return AlreadyExists("UNIT_EXISTS", "A unit with this code exists under the same parent.");
  if (constraint == "roles_code_key") return AlreadyExists("ROLE_EXISTS", "A role with this code exists.");
  if (constraint == "users_login_key") return AlreadyExists("LOGIN_EXISTS", "Somebody has this login.");
  if (constraint == "users_agent_number_key")
    return AlreadyExists("AGENT_NUMBER_EXISTS", "Somebody has this agent number.");
  return error;
}
template <class T>
Result<T> Named(Result<T> result) {
  if (result) return result;
  return Named(std::move(result).error());
}

}  // namespace carillon::access::errors
