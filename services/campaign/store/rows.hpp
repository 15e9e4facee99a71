#pragma once
#include <google/protobuf/util/json_util.h>

#include <string>
#include <vector>

#include "base/check.hpp"
#include "base/proto_time.hpp"
#include "pg/tx.hpp"

/// Messages in columns.
namespace carillon::campaign::store {

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

template <class Message>
std::vector<Message> AllOfJson(const pqxx::result& rows) {
  std::vector<Message> all;
  for (const auto& row : rows) all.push_back(OfJson<Message>(row["body"]));
  return all;
}

/// "campaigns/<id>" -> "<id>"; names were checked by the rules of the .proto.
inline std::string IdOf(const std::string& name) { return name.substr(name.find('/') + 1); }

inline pg::Param MaybeId(const std::string& name) {
  return name.empty() ? pg::Param(std::nullopt) : pg::Param(IdOf(name));
}

inline pg::Param MaybeTime(bool has, const google::protobuf::Timestamp& at) {
  return has ? pg::Time(FromProto(at)) : pg::Param(std::nullopt);
}

}  // namespace carillon::campaign::store
