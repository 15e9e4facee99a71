#include <catch2/catch.hpp>
#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>

#include "calendar/working_time.hpp"

namespace carillon::calendar {
namespace {

using namespace std::chrono_literals;

std::filesystem::path HolidayFolder() {
  for (auto root = std::filesystem::current_path(); root.has_relative_path(); root = root.parent_path())
    if (const auto folder = root / "shared/data/china/holidays"; std::filesystem::exists(folder))
      return folder;
  return {};
}

TEST_CASE("the State Council's holidays give the known working days of a year", "[calendar][data]") {
  const auto folder = HolidayFolder();
  if (folder.empty()) {
    WARN("skipped: ../shared/data/china/holidays is not there");
    CHECK(folder.empty());
    return;
  }
  std::vector<WeeklyHours> weekly;
  for (unsigned day = 1; day <= 5; ++day) weekly.push_back({std::chrono::weekday{day}, {9h, 17h}});
  std::vector<DatedException> exceptions;
  std::map<int, int> files;
  for (const auto& entry : std::filesystem::directory_iterator(folder)) {
    if (entry.path().extension() != ".json") continue;
    std::ifstream file(entry.path());
    const auto year = nlohmann::json::parse(file);
    for (const auto& day : year.at("days")) {
      DatedException exception{ParseDate(day.at("date").get<std::string>()).value(), {}};
      if (!day.at("isOffDay").get<bool>()) exception.hours = {{9h, 17h}};
      exceptions.push_back(std::move(exception));
    }
    ++files[year.at("year").get<int>()];
  }
  REQUIRE(files.size() >= 9);
  // A day before New Year may be in the files of both years; they say the same.
  std::map<std::chrono::sys_days, DatedException> by_date;
  for (const auto& exception : exceptions) {
    const auto [at, fresh] = by_date.emplace(exception.date, exception);
    if (!fresh) CHECK(at->second.hours == exception.hours);
  }
  exceptions.clear();
  for (const auto& [date, exception] : by_date) exceptions.push_back(exception);
  const auto calendar =
      WorkingCalendar::Make(TimeZone::Load("Asia/Shanghai").value(), weekly, exceptions).value();

  // Working days of the whole year, counted by hand from the notices of the State Council: 2018 to 2025 have
  // between 248 and 251, and hours are eight times days.
  for (const auto& [y, count] : files) {
    const Date first{std::chrono::year{y} / 1 / 1};
    int days = 0;
    for (std::chrono::sys_days day{first}; Date{day}.year() == first.year(); day += std::chrono::days{1})
      days += calendar.IsWorkingDay(Date{day}) ? 1 : 0;
    INFO(y);
    CHECK(days >= 247);
    CHECK(days <= 252);
    const auto begin = calendar.zone().ToUtc(first, 0h);
    const auto end = calendar.zone().ToUtc(std::chrono::year{y + 1} / 1 / 1, 0h);
    CHECK(calendar.Elapsed(begin, end) == std::chrono::hours{8 * days});
  }
  // National Day 2020 was eight days off, with the Saturday after it worked.
  const auto eve = calendar.zone().ToUtc(std::chrono::year{2020} / 9 / 30, 16h);
  CHECK(calendar.Add(eve, 2h) == calendar.zone().ToUtc(std::chrono::year{2020} / 10 / 9, 10h));
  CHECK(calendar.IsWorkingDay(std::chrono::year{2020} / 10 / 10));
}

}  // namespace
}  // namespace carillon::calendar
