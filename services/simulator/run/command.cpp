#include "simulator/run/command.hpp"

#include <unistd.h>

#include <cstdio>
#include <nlohmann/json.hpp>

#include "base/ids.hpp"
#include "base/proto_time.hpp"
#include "simulator/domain/erlang_a.hpp"
#include "simulator/domain/outbound.hpp"
#include "simulator/files/lines.hpp"
#include "simulator/files/profile_file.hpp"
#include "simulator/run/day.hpp"
#include "simulator/run/inspection.hpp"
#include "simulator/run/selling.hpp"

namespace carillon::simulator {
namespace {

using Json = nlohmann::ordered_json;

/// The business day is China's: UTC+8, no summer time in any year that is played.
constexpr auto kZone = std::chrono::hours{8};
/// Campaigns dial in two such stretches of the day, and leave so many agents to those who call.
constexpr auto kDialHours = std::chrono::minutes{60};
constexpr int kDialStretches = 2;
constexpr int kReservedAgents = 1;
/// How many Erlang-A days the played one is held against.
constexpr int kErlangDays = 1000;
/// Setting the stage takes real time, in which the clock goes on.
constexpr auto kStageTime = std::chrono::minutes{10};

Result<Window> ReadWindow(const std::string& text) {
  int h1 = 0, m1 = 0, h2 = 0, m2 = 0;
  if (std::sscanf(text.c_str(), "%d:%d-%d:%d", &h1, &m1, &h2, &m2) != 4)
    return InvalidArgument("WINDOW_MALFORMED", "'" + text + "' is no window like 10:00-11:00");
  const Window window{std::chrono::hours{h1} + std::chrono::minutes{m1},
                      std::chrono::hours{h2} + std::chrono::minutes{m2}};
  if (window.from.count() < 0 || window.to <= window.from || window.to > std::chrono::hours{24})
    return InvalidArgument("WINDOW_MALFORMED", "the window ends before it begins, or not within a day");
  return window;
}

/// The first day from `wanted` on whose window has not begun at `now`.
TimePoint MidnightFor(std::chrono::sys_days wanted, const Window& window, TimePoint now) {
  TimePoint midnight = wanted - kZone;
  while (midnight + window.from < now) midnight += std::chrono::hours{24};
  return midnight;
}

struct Input {
  std::vector<Caller> callers;
  int refused_rows = 0;
  DayPlan plan;
  Dirt dirt;
  bool replay = false;
  std::chrono::sys_days logged_day{};
  Achieved achieved;
};

Result<Input> ReadInput(const RunSettings& settings, const Window& window, TimePoint now) {
  Input input;
  const Random random(settings.seed);
  if (settings.customers.empty()) {
    input.callers = MakeCallers(static_cast<std::size_t>(settings.customer_count), random.Fork("callers"));
  } else {
    std::vector<std::string> lines;
    TRY_VOID(ForEachLine(settings.customers, [&](std::string_view line) {
      if (settings.customer_count <= 0 || lines.size() <= static_cast<std::size_t>(settings.customer_count))
        lines.emplace_back(line);
    }));
    const std::chrono::year_month_day today{std::chrono::floor<std::chrono::days>(now + kZone)};
    TRY(auto read, CallersOfTable(lines, random.Fork("callers"), static_cast<int>(today.year())));
    input.callers = std::move(read.callers);
    input.refused_rows = read.refused;
  }
  TRY(const auto text, ReadText(settings.profile));
  TRY(const auto profile, ProfileOfJson(text));
  if (settings.calls.empty()) {
    input.plan = Drawn(profile, input.callers, random.Fork("day"), window, settings.call_count);
    input.plan.origin += ", seed " + std::to_string(settings.seed);
    input.logged_day = std::chrono::floor<std::chrono::days>(now + kZone);
    return input;
  }
  input.replay = true;
  TRY(input.logged_day, ReadDay(settings.day));
  LogReader reader(input.logged_day);
  TRY_VOID(ForEachLine(settings.calls, [&](std::string_view line) { reader.Take(line); }));
  auto log = std::move(reader).Finish();
  if (log.calls.empty())
    return NotFound("DAY_EMPTY", settings.calls + " has no call on " + FormatDay(input.logged_day),
                    {{"day", FormatDay(input.logged_day)}});
  input.dirt = log.dirt;
  std::erase_if(log.calls,
                [&](const LoggedCall& call) { return call.entry < window.from || call.entry >= window.to; });
  input.achieved = WhatTheCentreAchieved(log.calls);
  input.plan = Replayed(log.calls, profile, input.callers, random.Fork("day"), window);
  return input;
}

std::string LocalTime(TimePoint at) { return FormatRfc3339(at + kZone).substr(0, 19); }

void ShowGlance(const DayGlance& glance) {
  std::fprintf(stderr,
               "%s%s  calls %4d  waiting %3d  talking %3d  answered %4d  left %3d  level %3.0f %%  agents "
               "%2d (%d ready, "
               "%d busy)  orders %3d  rung %3d  sold %2d  rate %4.0f  lag p99 %.2f s%s",
               ::isatty(2) != 0 ? "\r\033[K" : "", LocalTime(glance.now).c_str(), glance.arrived,
               glance.waiting, glance.talking, glance.answered, glance.abandoned, glance.service_level * 100,
               glance.signed_in, glance.ready, glance.busy, glance.orders, glance.rung, glance.sold,
               glance.rate, glance.lag_p99_s, ::isatty(2) != 0 ? "" : "\n");
  std::fflush(stderr);
}

Json ResultJson(const RunSettings& settings, const Input& input, const Stage& stage, TimePoint midnight,
                const Window& window, const std::string& run_id, const DayResult& result) {
  Json json;
  json["origin"] = input.plan.origin;
  json["run_id"] = run_id;
  json["seed"] = settings.seed;
  json["client"] = stage.client;
  json["service_number"] = stage.service_number;
  json["tenant"] = settings.stage.tenant;
  json["business_day"] = FormatDay(std::chrono::floor<std::chrono::days>(midnight + kZone));
  json["window"] = {{"from", FormatRfc3339(midnight + window.from)},
                    {"to", FormatRfc3339(midnight + window.to)}};
  json["played"] = {{"from", FormatRfc3339(result.start)}, {"to", FormatRfc3339(result.end)}};
  json["input"] = {{"calls", input.plan.calls.size()},
                   {"customers", input.callers.size()},
                   {"customers_refused", stage.refused_customers + input.refused_rows},
                   {"agents", input.plan.agents.size()},
                   {"shifts", input.plan.shifts.size()}};
  json["input"]["dirt"] = Json::object();
  for (const auto& [kind, count] : input.dirt) json["input"]["dirt"][kind] = count;
  json["campaign"] = {{"campaigns", stage.campaigns},
                      {"windows", Json::array()},
                      {"reserved_agents", settings.stage.reserved_agents},
                      {"rung", result.rung},
                      {"answered", result.line_answered},
                      {"spoken", result.spoken},
                      {"left_before_agent", result.left_before_agent},
                      {"dispositions", result.dispositions},
                      {"callbacks", result.callbacks},
                      {"callbacks_kept", result.callbacks_kept}};
  for (const auto& hours : settings.stage.windows)
    json["campaign"]["windows"].push_back(
        {{"from", FormatRfc3339(midnight + hours.from)}, {"to", FormatRfc3339(midnight + hours.to)}});
  json["sample_plan"] = stage.sample_plan;
  const auto expected = SimulatedErlangA(input.plan, kErlangDays, Random(settings.seed).Fork("erlang-a"));
  const auto spread = [](const Spread& of) {
    return Json{{"low", of.low}, {"middle", of.middle}, {"high", of.high}};
  };
  json["erlang_a"] = {{"days", kErlangDays},
                      {"offered", spread(expected.offered)},
                      {"answered", spread(expected.answered)},
                      {"abandoned_share", spread(expected.abandoned)},
                      {"answered_within_20_s_share", spread(expected.in_20_s)},
                      {"mean_wait_answered_s", spread(expected.wait_s)}};
  json["clock"] = {{"rate", result.mean_rate},     {"target_rate", settings.rate},
                   {"lag_p50", result.lag.p50_s},  {"lag_p99", result.lag.p99_s},
                   {"lag_max", result.lag.max_s},  {"pieces_of_work", result.work},
                   {"real_seconds", result.real_s}};
  const auto mean = [](double sum, int count) { return count > 0 ? sum / count : 0; };
  json["seen"] = {{"answered", result.answered},
                  {"abandoned", result.abandoned},
                  {"self_served", result.self_served},
                  {"left_menu", result.left_menu},
                  {"phantom", result.phantom},
                  {"invalid", result.invalid},
                  {"answered_within_20_s", result.answered_in_20},
                  {"mean_wait_answered_s", mean(result.waited_answered_s, result.answered)},
                  {"mean_wait_abandoned_s", mean(result.waited_abandoned_s, result.abandoned)},
                  {"orders", result.orders},
                  {"orders_closed", result.orders_closed},
                  {"unfinished", result.unfinished},
                  {"agents_stuck", result.agents_stuck},
                  {"refused_requests", result.refused},
                  {"answers_never_seen", result.silent},
                  {"gave_up", result.gave_up}};
  for (const auto& [what, spent] : result.answers)
    json["answers_ms"][what] = {
        {"count", spent.count}, {"mean", spent.total_ms / spent.count}, {"longest", spent.longest_ms}};
  if (input.replay) {
    const auto& real = input.achieved;
    json["real_centre"] = {{"day", FormatDay(input.logged_day)},
                           {"calls", real.calls},
                           {"answered", real.answered},
                           {"abandoned", real.abandoned_in_queue},
                           {"left_in_vru", real.left_in_vru},
                           {"phantom", real.phantom},
                           {"answered_within_20_s", real.answered_within_20},
                           {"mean_wait_answered_s", real.mean_wait_answered_s},
                           {"mean_wait_abandoned_s", real.mean_wait_abandoned_s},
                           {"mean_service_s", real.mean_service_s}};
  }
  return json;
}

/// Who may log in, for the person who looks at the stack afterwards.
Result<void> WritePeople(const RunSettings& settings, const Stage& stage) {
  Json people;
  people["tenant"] = settings.stage.tenant;
  const auto add = [&](const std::string& login, const char* part) {
    people["people"].push_back(
        {{"login", login}, {"password", PasswordOf(settings.stage.secret, login)}, {"part", part}});
  };
  add("admin", "administrator");
  add("supervisor", "supervisor, reports");
  add("setup", "queues, flows, customers");
  add("back-office", "work order desk");
  add("crew", "field crew");
  add("revisit", "revisits");
  add("planner", "plans campaigns");
  add("approver", "approves scripts and campaigns");
  add("outbound-manager", "runs campaigns");
  add("quality-manager", "plans and draws samples");
  add("librarian", "writes the knowledge base");
  add("chief-librarian", "approves and publishes what it says");
  for (const char* evaluator : kEvaluators) add(evaluator, "fills scorecards");
  for (const auto& [name, seat] : stage.seats) add(seat->user->login(), "agent");
  return WriteText(settings.people, people.dump(1) + "\n");
}

Result<int> Play(RunSettings settings) {
  TRY(auto window, ReadWindow(settings.window));
  Platform platform;
  TRY(platform.addresses, ReadPeers(settings.peers));
  for (const char* service : {"access", "customer", "telephony", "routing", "ivr", "workorder"})
    if (!platform.Has(service))
      return InvalidArgument("PEER_MISSING", std::string("no address of ") + service + " in --peers");
  platform.tls = settings.tls;
  const auto reading = MakeMappedClock(settings.clock_file);
  PacedClock clock(settings.clock_file, reading->Now());
  if (settings.hour) {
    TRY(const auto whole, ReadInput(settings, window, clock.Now()));
    window = BusiestHour(whole.plan);
  }
  TRY(const auto input, ReadInput(settings, window, clock.Now()));
  const auto say = [&](const std::string& what) {
    if (!settings.quiet) std::fprintf(stderr, "  %s\n", what.c_str());
  };
  std::fprintf(stderr, "%s: %zu calls, %zu agents\n", input.plan.origin.c_str(), input.plan.calls.size(),
               input.plan.agents.size());
  const auto midnight = MidnightFor(input.logged_day, window, clock.Now() + kStageTime);
  const auto business_day = std::chrono::floor<std::chrono::days>(midnight + kZone);
  settings.stage.seed = settings.seed;
  settings.stage.midnight = midnight;
  if (platform.Has("campaign") && !settings.hour)
    settings.stage.windows = QuietWindows(input.plan, window, kDialHours, kDialStretches);
  settings.stage.wave =
      static_cast<int>(business_day.time_since_epoch().count() % WaveCount(input.callers.size()));
  settings.stage.reserved_agents = kReservedAgents;
  TRY(auto stage, SetUp(platform, settings.stage, input.plan, input.callers, say));
  if (!settings.people.empty()) TRY_VOID(WritePeople(settings, stage));
  std::string hours;
  for (const auto& quiet : settings.stage.windows)
    hours += (hours.empty() ? ", campaigns dial from " : " and from ") +
             LocalTime(midnight + quiet.from).substr(11, 5) + " to " +
             LocalTime(midnight + quiet.to).substr(11, 5);
  say("business day " + FormatDay(business_day) + hours);

  DaySettings day;
  day.midnight = midnight;
  day.window = window;
  day.pace.target_rate = settings.rate;
  day.real_limit += std::chrono::seconds{
      static_cast<int>(static_cast<double>((window.to - window.from).count()) / settings.rate)};
  day.run_id = NewId(RealNow());
  // The first half of an id of the same second is the same; runs must differ in what they show of it.
  std::swap_ranges(day.run_id.begin(), day.run_id.begin() + 8, day.run_id.begin() + 28);
  day.journal = settings.journal;
  day.seed = settings.seed;
  day.windows = settings.stage.windows;
  day.reserved_agents = settings.stage.reserved_agents;
  DayResult result;
  {
    Day playing(clock, stage, input.plan, input.callers, day);
    result = playing.Run([&](const DayGlance& glance) {
      if (!settings.quiet) ShowGlance(glance);
    });
  }
  std::fprintf(stderr, "\n");
  TRY_VOID(CloseCampaigns(stage));
  const auto json = ResultJson(settings, input, stage, midnight, window, day.run_id, result);
  if (!settings.json.empty()) TRY_VOID(WriteText(settings.json, json.dump(1) + "\n"));
  if (settings.json.empty()) std::printf("%s\n", json.dump(1).c_str());
  if (result.gave_up) std::fprintf(stderr, "the day took too long and was given up\n");
  return result.gave_up || result.unfinished > 0 || result.agents_stuck > 0 ? 1 : 0;
}

}  // namespace

int RunDay(const RunSettings& settings) {
  try {
    const auto played = Play(settings);
    if (played) return *played;
    std::fprintf(stderr, "carillon-simulator: %s (%s)\n", played.error().message.c_str(),
                 played.error().reason.c_str());
  } catch (const std::exception& e) {
    std::fprintf(stderr, "carillon-simulator: %s\n", e.what());
  }
  return 1;
}

}  // namespace carillon::simulator
