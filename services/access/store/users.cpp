#include "access/store/users.hpp"

#include "access/domain/errors.hpp"
#include "access/store/statements.hpp"
#include "base/ids.hpp"
#include "base/proto_time.hpp"

namespace carillon::access::store {
namespace {

std::vector<std::string> Ids(const google::protobuf::RepeatedPtrField<std::string>& names) {
  std::vector<std::string> out;
  for (const auto& name : names) out.push_back(IdOf(name));
  return out;
}

Account AccountOf(const pqxx::row& row, TimePoint real_now) {
  Account account;
  auto& user = account.user;
  user.set_name("users/" + row["user_id"].as<std::string>());
  user.set_login(row["login"].as<std::string>());
  user.set_agent_number(row["agent_number"].as<std::string>(std::string()));
  user.set_display_name(row["display_name"].as<std::string>());
  user.set_phone_number(row["phone_number"].as<std::string>());
  user.set_unit("orgUnits/" + row["unit_id"].as<std::string>());
  user.set_unit_path(row["unit_path"].as<std::string>());
  for (auto& role : pg::ArrayOf(row["roles"])) user.add_roles(std::move(role));
  for (const auto& client : pg::ArrayOf(row["clients"])) user.add_clients("clients/" + client);
  user.set_all_clients(row["all_clients"].as<bool>());
  user.set_language(row["language"].as<std::string>());
  user.set_state(static_cast<pb::User::State>(row["state"].as<int>()));
  user.set_must_change_password(row["must_change"].as<bool>());
  user.set_etag(row["version"].as<std::string>());
  *user.mutable_create_time() = ToProto(pg::TimeOf(row["created_us"]));
  *user.mutable_update_time() = ToProto(pg::TimeOf(row["updated_us"]));
  if (const auto at = pg::MaybeTimeOf(row["last_login_us"])) *user.mutable_last_login_time() = ToProto(*at);
  account.password_hash = row["password_hash"].as<std::string>(std::string());
  account.password_changed = pg::MaybeTimeOf(row["changed_us"]);
  account.tries = {row["failures"].as<int>(), pg::MaybeTimeOf(row["locked_us"])};
  if (domain::IsLocked(account.tries, real_now)) {
    if (user.state() == pb::User::ACTIVE) user.set_state(pb::User::LOCKED);
    *user.mutable_lock_end_time() = ToProto(*account.tries.locked_until);
  }
  return account;
}

// LOCKED is ACTIVE with a lock.
int StoredState(const pb::User& user) {
  return user.state() == pb::User::LOCKED ? pb::User::ACTIVE : static_cast<int>(user.state());
}

void WriteMemberships(pg::Tx& tx, const pb::User& user) {
  const auto id = IdOf(user.name());
  tx.Exec(kUserAddRoles, id, pg::Array(std::vector<std::string>(user.roles().begin(), user.roles().end())));
  tx.Exec(kUserAddClients, id, pg::Array(Ids(user.clients())));
}

}  // namespace

void InsertUser(pg::Tx& tx, pb::User& user, const std::string& password_hash, TimePoint real_now) {
  tx.Exec(kUserInsert, IdOf(user.name()), user.login(), pg::OrNull(user.agent_number()), user.display_name(),
          user.phone_number(), IdOf(user.unit()), user.all_clients(), user.language(), StoredState(user),
          pg::OrNull(password_hash), user.must_change_password(),
          password_hash.empty() ? pg::Param(std::nullopt) : pg::Time(real_now), pg::Time(tx.now()));
  WriteMemberships(tx, user);
  user.set_etag("1");
  *user.mutable_create_time() = ToProto(tx.now());
  *user.mutable_update_time() = ToProto(tx.now());
}

void SaveUser(pg::Tx& tx, pb::User& user) {
  const auto id = IdOf(user.name());
  const auto locked =
      user.has_lock_end_time() ? std::optional(FromProto(user.lock_end_time())) : std::nullopt;
  const auto rows =
      tx.Exec(kUserSave, id, pg::OrNull(user.agent_number()), user.display_name(), user.phone_number(),
              IdOf(user.unit()), user.all_clients(), user.language(), StoredState(user),
              user.must_change_password(), pg::Time(locked), pg::Time(tx.now()));
  user.set_etag(rows.at(0)["version"].as<std::string>());
  *user.mutable_update_time() = ToProto(tx.now());
  tx.Exec(kUserDropRoles, id);
  tx.Exec(kUserDropClients, id);
  WriteMemberships(tx, user);
}

void SetPassword(pg::Tx& tx, const std::string& name, const std::string& password_hash, TimePoint real_now) {
  tx.Exec(kUserSetPassword, IdOf(name), password_hash, pg::Time(real_now));
}

void NoteTries(pg::Tx& tx, const std::string& name, const domain::Tries& tries) {
  tx.Exec(kUserNoteTries, IdOf(name), tries.failures, pg::Time(tries.locked_until));
}

void NoteLogin(pg::Tx& tx, const std::string& name, TimePoint real_now, const std::string& fresh_hash) {
  tx.Exec(kUserNoteLogin, IdOf(name), pg::Time(real_now), pg::OrNull(fresh_hash));
}

Result<Account> LoadAccount(pg::Tx& tx, const std::string& name, TimePoint real_now, Lock lock) {
  const auto rows = tx.Exec(lock == Lock::kYes ? kUserLock : kUserLoad, IdOf(name));
  if (rows.empty()) return errors::UserUnknown(name);
  return AccountOf(rows[0], real_now);
}

Result<pb::User> LoadUser(pg::Tx& tx, const std::string& name, TimePoint real_now, Lock lock) {
  TRY(auto account, LoadAccount(tx, name, real_now, lock));
  return std::move(account.user);
}

std::optional<Account> FindAccount(pg::Tx& tx, const std::string& login, TimePoint real_now) {
  const auto rows = tx.Exec(kUserByLogin, login);
  if (rows.empty()) return std::nullopt;
  return AccountOf(rows[0], real_now);
}

Rights LoadRights(pg::Tx& tx, const std::string& name) {
  const auto rows = tx.Exec(kUserRights, IdOf(name));
  if (rows.empty()) return {};
  return {pg::ArrayOf(rows[0]["permissions"]), pg::ArrayOf(rows[0]["clients"])};
}

std::vector<pb::User> ListUsers(pg::Tx& tx, const std::string& after, const UserFilter& filter, int limit,
                                TimePoint real_now) {
  std::vector<pb::User> out;
  for (const auto& row : tx.Exec(kUserList, pg::OrNull(after), filter.unit_path, filter.role,
                                 filter.agent_number, filter.login, limit))
    out.push_back(AccountOf(row, real_now).user);
  return out;
}

}  // namespace carillon::access::store
