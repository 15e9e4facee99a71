#include "obs/log.hpp"

#include <spdlog/sinks/stdout_sinks.h>
#include <spdlog/spdlog.h>
#include <sys/random.h>

#include <nlohmann/json.hpp>

#include "base/ids.hpp"

namespace carillon::obs {
namespace {

struct LogState {
  std::string service = "carillon";
  Level least = Level::kInfo;
  const Clock* clock = nullptr;
  std::shared_ptr<spdlog::logger> out = [] {
    auto logger =
        std::make_shared<spdlog::logger>("carillon", std::make_shared<spdlog::sinks::stderr_sink_mt>());
    logger->set_pattern("%v");
    logger->set_level(spdlog::level::trace);
    return logger;
  }();
};

LogState& State() {
  static LogState state;
  return state;
}

thread_local std::string trace_id;

constexpr const char* kLevelNames[] = {"debug", "info", "warn", "error"};

}  // namespace

void Start(std::string service, Level least, const Clock* clock) {
  State().service = std::move(service);
  State().least = least;
  State().clock = clock;
}

void Log(Level level, std::string_view message, std::initializer_list<Field> fields) {
  auto& state = State();
  if (level < state.least) return;
  nlohmann::ordered_json line;
  line["time"] = FormatRfc3339(RealNow());
  if (state.clock != nullptr) line["business_time"] = FormatRfc3339(state.clock->Now());
  line["level"] = kLevelNames[static_cast<int>(level)];
  line["service"] = state.service;
  if (!trace_id.empty()) line["trace_id"] = trace_id;
  line["message"] = message;
  for (const auto& field : fields)
    std::visit([&](const auto& value) { line[std::string(field.key)] = value; }, field.value);
  state.out->info("{}", line.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace));
}

Level LevelOf(std::string_view name) {
  for (int i = 0; i < 4; ++i)
    if (name == kLevelNames[i]) return static_cast<Level>(i);
  return Level::kInfo;
}

std::string NewTraceparent() {
  std::string random(24, '\0');
  CARILLON_CHECK(::getrandom(random.data(), random.size(), 0) == 24);
  return "00-" + Hex(std::string_view(random).substr(0, 16)) + "-" +
         Hex(std::string_view(random).substr(16)) + "-01";
}

bool IsTraceparent(std::string_view text) {
  if (text.size() != 55 || !text.starts_with("00-") || text[35] != '-' || text[52] != '-') return false;
  for (std::size_t i = 3; i < text.size(); ++i)
    if (i != 35 && i != 52 && std::string_view("0123456789abcdef").find(text[i]) == std::string_view::npos)
      return false;
  return text.substr(3, 32) != std::string(32, '0') && text.substr(36, 16) != std::string(16, '0');
}

TraceScope::TraceScope(std::string_view traceparent) : previous_(trace_id) {
  trace_id = IsTraceparent(traceparent) ? std::string(traceparent.substr(3, 32)) : std::string();
}
TraceScope::~TraceScope() { trace_id = previous_; }

}  // namespace carillon::obs
