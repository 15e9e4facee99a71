#pragma once
#include <string>
#include <string_view>
#include <vector>

#include "base/call.hpp"
#include "pg/message.hpp"

/// Ids within names, where pages by id begin, who writes, rows as messages.
namespace carillon::customer::store {

/// The last part of "customers/a/relationships/b".
inline std::string LastPart(const std::string& name) { return name.substr(name.rfind('/') + 1); }
/// The customer's id of it.
inline std::string CustomerPart(const std::string& name) { return name.substr(sizeof("customers/") - 1, 36); }

/// What a page by id comes after: the id its token carries, or the one before all.
inline std::string AfterOf(std::string_view after) {
  return after.empty() ? "00000000-0000-0000-0000-000000000000" : std::string(after);
}

/// Who writes: users/{uuid} or services/{name}.
inline std::string ActorOf(const Call& call) { return call.principal.Name(); }

/// The messages of rows' bodies.
template <class Message>
std::vector<Message> Bodies(const pqxx::result& rows) {
  std::vector<Message> out;
  for (const auto& row : rows) out.push_back(pg::OfJson<Message>(row["body"]));
  return out;
}

}  // namespace carillon::customer::store
