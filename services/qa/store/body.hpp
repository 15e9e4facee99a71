#pragma once
#include <string>
#include <vector>

#include "base/ids.hpp"
#include "base/result.hpp"
#include "pg/message.hpp"

/// How messages and names become columns and back.
namespace carillon::qa::store {

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

/// A page of `size` from size + 1 rows with at_us, id, body and version.
template <class Message>
Page<Message> PageOf(const pqxx::result& rows, int size) {
  Page<Message> page;
  for (const auto& row : rows) {
    if (static_cast<int>(page.items.size()) == size) {
      const auto last = rows[static_cast<pqxx::result::size_type>(size - 1)];
      page.next = pg::KeyOf(last["at_us"], last["id"]);
      break;
    }
    page.items.push_back(Versioned<Message>(row));
  }
  return page;
}

}  // namespace carillon::qa::store
