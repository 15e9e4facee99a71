#pragma once
#include <vector>

#include "base/ids.hpp"
#include "pg/message.hpp"

/// Messages in columns.
namespace carillon::campaign::store {

template <class Message>
std::vector<Message> AllOfJson(const pqxx::result& rows) {
  std::vector<Message> all;
  for (const auto& row : rows) all.push_back(pg::OfJson<Message>(row["body"]));
  return all;
}

}  // namespace carillon::campaign::store
