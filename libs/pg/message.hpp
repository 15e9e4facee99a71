#pragma once
#include <string>
#include <utility>
#include <vector>

#include "base/proto_time.hpp"
#include "pg/tx.hpp"

/// Messages, names and times of the contracts as columns, and back.
namespace carillon::pg {

/// The message with the .proto's field names; `whole` writes what is not set too.
std::string JsonOf(const google::protobuf::Message& message, bool whole = false);
/// Reads a json column. A field that this reader does not know is a newer writer's and is left out, so that
/// versions may run side by side.
void ReadJson(const pqxx::field& field, google::protobuf::Message& message);
template <class Message>
Message OfJson(const pqxx::field& field) {
  Message message;
  ReadJson(field, message);
  return message;
}

/// Reads a bytea column that holds a message.
void ReadBytes(const pqxx::field& field, google::protobuf::Message& message);
template <class Message>
Message OfBytes(const pqxx::field& field) {
  Message message;
  ReadBytes(field, message);
  return message;
}

/// The id of a name; NULL for an empty one.
Param MaybeId(std::string_view name);
/// NULL for a time that is not given.
Param MaybeTime(bool given, const google::protobuf::Timestamp& at);
/// The name of an id; empty for NULL.
std::string NameOf(std::string_view collection, const pqxx::field& id);

/// Where a page of a list by time ended, "<microseconds since 1970>/<id>": what its token carries.
std::string KeyOf(const pqxx::field& microseconds, const pqxx::field& id);
/// The time and id of such a key as parameters; NULLs for the empty one, which is before the first row.
std::pair<Param, Param> After(std::string_view key);

/// The message of a row with `body` and `version`, which is its etag.
template <class Message>
Message Versioned(const pqxx::row& row) {
  auto message = OfJson<Message>(row["body"]);
  message.set_etag(row["version"].c_str());
  return message;
}

/// Some of a list, and the key to go on after.
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
      page.next = KeyOf(last["at_us"], last["id"]);
      break;
    }
    page.items.push_back(Versioned<Message>(row));
  }
  return page;
}

}  // namespace carillon::pg
