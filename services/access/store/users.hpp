#pragma once
#include <optional>
#include <string>
#include <vector>

#include "access/domain/password.hpp"
#include "access/store/directory.hpp"
#include "base/result.hpp"
#include "carillon/access/v1/user.pb.h"
#include "pg/tx.hpp"

/// Rows of users. A user's LOCKED state is worked out from the real time given.
namespace carillon::access::store {

/// An account and what of it never leaves the service.
struct Account {
  pb::User user;
  std::string password_hash;  ///< PHC string, "" = none
  std::optional<TimePoint> password_changed;
  domain::Tries tries;
};

/// What a token says the user may do.
struct Rights {
  std::vector<std::string> permissions;
  std::vector<std::string> clients;  ///< uuids of active clients
};

/// Also writes roles and clients; `password_hash` may be "". Sets etag and times.
void InsertUser(pg::Tx& tx, pb::User& user, const std::string& password_hash, TimePoint real_now);
/// Writes everything an administrator may change, roles and clients too; clears the tries unless the user is
/// locked.
void SaveUser(pg::Tx& tx, pb::User& user);
void SetPassword(pg::Tx& tx, const std::string& name, const std::string& password_hash, TimePoint real_now);
void NoteTries(pg::Tx& tx, const std::string& name, const domain::Tries& tries);
/// `fresh_hash` "" = keep the hash.
void NoteLogin(pg::Tx& tx, const std::string& name, TimePoint real_now, const std::string& fresh_hash);

Result<Account> LoadAccount(pg::Tx& tx, const std::string& name, TimePoint real_now, Lock lock = Lock::kNo);
Result<pb::User> LoadUser(pg::Tx& tx, const std::string& name, TimePoint real_now, Lock lock = Lock::kNo);
std::optional<Account> FindAccount(pg::Tx& tx, const std::string& login, TimePoint real_now);
Rights LoadRights(pg::Tx& tx, const std::string& name);

struct UserFilter {
  std::string unit_path, role, agent_number, login;
};
std::vector<pb::User> ListUsers(pg::Tx& tx, const std::string& after, const UserFilter& filter, int limit,
                                TimePoint real_now);

}  // namespace carillon::access::store
