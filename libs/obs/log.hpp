#pragma once
#include <cstdint>
#include <initializer_list>
#include <string>
#include <string_view>
#include <variant>

#include "base/clock.hpp"

/// JSON log lines on stderr: real time, business time, level, service, trace id, message and fields.
///
/// Thread-safe. A log line never holds a clear personal value: what goes in comes masked (rpc masks
/// requests).
namespace carillon::obs {

enum class Level { kDebug, kInfo, kWarn, kError };

/// One `"key": value` of a line.
struct Field {
  std::string_view key;
  std::variant<std::string, std::int64_t, double, bool> value;
  Field(std::string_view k, std::string v) : key(k), value(std::move(v)) {}
  Field(std::string_view k, std::string_view v) : key(k), value(std::string(v)) {}
  Field(std::string_view k, const char* v) : key(k), value(std::string(v)) {}
  Field(std::string_view k, bool v) : key(k), value(v) {}
  Field(std::string_view k, double v) : key(k), value(v) {}
  template <class N>
    requires std::is_integral_v<N>
  Field(std::string_view k, N v) : key(k), value(static_cast<std::int64_t>(v)) {}
};

/// Names the service and the least level that is written; `clock` (may be null) gives business time. Call
/// once, before any thread.
void Start(std::string service, Level least, const Clock* clock);

void Log(Level level, std::string_view message, std::initializer_list<Field> fields = {});
inline void Debug(std::string_view message, std::initializer_list<Field> fields = {}) {
  Log(Level::kDebug, message, fields);
}
inline void Info(std::string_view message, std::initializer_list<Field> fields = {}) {
  Log(Level::kInfo, message, fields);
}
inline void Warn(std::string_view message, std::initializer_list<Field> fields = {}) {
  Log(Level::kWarn, message, fields);
}
inline void LogError(std::string_view message, std::initializer_list<Field> fields = {}) {
  Log(Level::kError, message, fields);
}

/// "info" -> kInfo; anything unknown is kInfo.
Level LevelOf(std::string_view name);

/// A fresh W3C traceparent ("00-<32 hex>-<16 hex>-01").
std::string NewTraceparent();
/// True for a well-formed version-00 traceparent.
bool IsTraceparent(std::string_view text);

/// While it lives, log lines of this thread carry the trace id of `traceparent`.
class TraceScope {
 public:
  explicit TraceScope(std::string_view traceparent);
  ~TraceScope();
  TraceScope(const TraceScope&) = delete;
  TraceScope& operator=(const TraceScope&) = delete;

 private:
  std::string previous_;
};

}  // namespace carillon::obs
