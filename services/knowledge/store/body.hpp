#pragma once
#include <string>
#include <vector>

#include "base/ids.hpp"
#include "base/result.hpp"
#include "pg/message.hpp"

/// How messages and names become columns and back.
namespace carillon::knowledge::store {

/// The message of a row with `body` and `version`.
template <class Message>
Message Versioned(const pqxx::row& row) {
  auto message = pg::OfJson<Message>(row["body"]);
  message.set_etag(row["version"].c_str());
  return message;
}

/// Some rows of a list, and the key to go on after when there are more.
template <class Message>
struct Page {
  std::vector<Message> items;
  std::string next;  ///< empty on the last page
};

}  // namespace carillon::knowledge::store
