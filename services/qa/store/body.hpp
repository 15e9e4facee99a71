#pragma once
#include <google/protobuf/util/json_util.h>

#include <string>
#include <utility>
#include <vector>

#include "base/check.hpp"
#include "base/proto_time.hpp"
#include "base/result.hpp"
#include "pg/tx.hpp"

/// How messages and names become columns and back.
namespace carillon::qa::store {

inline std::string JsonOf(const google::protobuf::Message& message) {
  google::protobuf::util::JsonPrintOptions options;
  options.preserve_proto_field_names = true;
  std::string json;
  CARILLON_CHECK(google::protobuf::util::MessageToJsonString(message, &json, options).ok());
  return json;
}

/// A newer writer's field that this reader does not know is left out, so that versions may run side by side.
template <class Message>
Message OfJson(const pqxx::field& field) {
  google::protobuf::util::JsonParseOptions options;
  options.ignore_unknown_fields = true;
  Message message;
  CARILLON_CHECK(google::protobuf::util::JsonStringToMessage(field.c_str(), &message, options).ok());
  return message;
}

/// The message of a row with `body` and `version`.
template <class Message>
Message Versioned(const pqxx::row& row) {
  auto message = OfJson<Message>(row["body"]);
  message.set_etag(row["version"].c_str());
  return message;
}

/// "scorecards/<id>" -> "<id>"; names were checked by the rules of the .proto.
inline std::string IdOf(const std::string& name) { return name.substr(name.find('/') + 1); }
inline pg::Param MaybeId(const std::string& name) {
  return name.empty() ? pg::Param(std::nullopt) : pg::Param(IdOf(name));
}
inline pg::Param MaybeTime(bool has, const google::protobuf::Timestamp& at) {
  return has ? pg::Time(FromProto(at)) : pg::Param(std::nullopt);
}
inline std::string NameOf(const char* collection, const pqxx::field& id) {
  return id.is_null() ? "" : std::string(collection) + "/" + id.c_str();
}

/// The key of the last row of a page, "<microseconds>/<id>", as parameters; NULLs for the first page.
inline std::pair<pg::Param, pg::Param> After(const std::string& key) {
  if (key.empty()) return {std::nullopt, std::nullopt};
  const auto slash = key.find('/');
  return {pg::Time(TimePoint{std::chrono::microseconds{std::stoll(key.substr(0, slash))}}),
          key.substr(slash + 1)};
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
      page.next = std::string(last["at_us"].c_str()) + "/" + last["id"].c_str();
      break;
    }
    page.items.push_back(Versioned<Message>(row));
  }
  return page;
}

}  // namespace carillon::qa::store
