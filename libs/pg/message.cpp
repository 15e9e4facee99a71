#include "pg/message.hpp"

#include <google/protobuf/util/json_util.h>

#include "base/check.hpp"
#include "base/ids.hpp"

namespace carillon::pg {

std::string JsonOf(const google::protobuf::Message& message, bool whole) {
  google::protobuf::util::JsonPrintOptions options;
  options.preserve_proto_field_names = true;
  options.always_print_primitive_fields = whole;
  std::string json;
  CARILLON_CHECK(google::protobuf::util::MessageToJsonString(message, &json, options).ok());
  return json;
}

void ReadJson(const pqxx::field& field, google::protobuf::Message& message) {
  google::protobuf::util::JsonParseOptions options;
  options.ignore_unknown_fields = true;
  CARILLON_CHECK(google::protobuf::util::JsonStringToMessage(field.c_str(), &message, options).ok());
}

void ReadBytes(const pqxx::field& field, google::protobuf::Message& message) {
  CARILLON_CHECK(message.ParseFromString(BytesOf(field)));
}

Param MaybeId(std::string_view name) { return name.empty() ? Param(std::nullopt) : Param(IdOf(name)); }

Param MaybeTime(bool given, const google::protobuf::Timestamp& at) {
  return given ? Time(FromProto(at)) : Param(std::nullopt);
}

std::string NameOf(std::string_view collection, const pqxx::field& id) {
  return id.is_null() ? "" : std::string(collection) + "/" + id.c_str();
}

std::string KeyOf(const pqxx::field& microseconds, const pqxx::field& id) {
  return std::string(microseconds.c_str()) + "/" + id.c_str();
}

std::pair<Param, Param> After(std::string_view key) {
  if (key.empty()) return {std::nullopt, std::nullopt};
  const auto slash = key.find('/');
  return {Time(TimePoint{std::chrono::microseconds{std::stoll(std::string(key.substr(0, slash)))}}),
          std::string(key.substr(slash + 1))};
}

}  // namespace carillon::pg
