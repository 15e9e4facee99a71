#pragma once
#include <string>
#include <utility>

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

}  // namespace carillon::pg
