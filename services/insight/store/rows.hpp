#pragma once
#include <string>

#include "base/ids.hpp"
#include "insight/domain/outcome.hpp"
#include "pg/message.hpp"

/// Names and numbers on their way in and out of rows.
namespace carillon::insight::store {

inline std::int64_t Number(const pqxx::row& row, const char* column) {
  return row[column].as<std::int64_t>();
}
/// A length kept in microseconds.
inline google::protobuf::Duration Length(const pqxx::row& row, const char* column) {
  return ToProto(Duration{Number(row, column)});
}
inline void AddLength(google::protobuf::Duration& sum, const pqxx::row& row, const char* column) {
  sum = ToProto(FromProto(sum) + Duration{Number(row, column)});
}

inline domain::CallShape ShapeOf(const pqxx::row& row) {
  return {row["over"].as<bool>(),          row["cause"].c_str(),
          row["session_named"].as<bool>(), row["interaction_named"].as<bool>(),
          row["session_result"].c_str(),   row["served"].as<bool>(),
          row["gone"].as<bool>(),          row["waiting"].as<bool>(),
          row["outbound"].as<bool>(),      row["dialled"].as<bool>(),
          row["picked_up"].as<bool>()};
}

}  // namespace carillon::insight::store
