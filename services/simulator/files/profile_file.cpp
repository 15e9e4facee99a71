#include "simulator/files/profile_file.hpp"

#include <nlohmann/json.hpp>

namespace carillon::simulator {
namespace {

using Json = nlohmann::ordered_json;

std::string HourMinute(seconds at) {
  const auto two = [](auto n) { return (n < 10 ? "0" : "") + std::to_string(n); };
  return two(at.count() / 3600) + ":" + two(at.count() / 60 % 60);
}

seconds OfHourMinute(const std::string& text) {
  const auto colon = text.find(':');
  return std::chrono::hours{std::stoi(text.substr(0, colon))} +
         std::chrono::minutes{std::stoi(text.substr(colon + 1))};
}

}  // namespace

std::string ToJson(const Profile& profile) {
  Json json;
  json["name"] = profile.name;
  json["source"] = profile.source;
  json["derived_from"] = profile.derived_from;
  json["calls_per_day"] = profile.calls_per_day;
  json["shares"] = {{"phantom", profile.phantom_share},
                    {"left_in_vru", profile.left_in_vru_share},
                    {"self_served", profile.self_served_share},
                    {"identified", profile.identified_share}};
  json["vru_mean_s"] = profile.vru_mean_s;
  for (const auto& [type, fit] : profile.service)
    json["service"][type] = {
        {"mu", fit.mu}, {"sigma", fit.sigma}, {"mean_s", fit.mean_s}, {"calls", fit.calls}};
  json["patience"]["tail_mean_s"] = profile.patience.tail_mean_s;
  json["patience"]["still_waiting"] = profile.patience.still_waiting;
  for (std::size_t i = 0; i < profile.arrivals.size(); ++i) {
    Json half_hour;
    half_hour["start"] = HourMinute(seconds{static_cast<std::int64_t>(i) * 1800});
    for (const auto& [type, mean] : profile.arrivals[i])
      if (mean > 0) half_hour[type] = mean;
    json["arrivals"].push_back(half_hour);
  }
  for (const auto& shift : profile.shifts)
    json["shifts"].push_back(
        {{"agent", shift.agent}, {"in", HourMinute(shift.in)}, {"out", HourMinute(shift.out)}});
  return json.dump(1) + "\n";
}

Result<Profile> ProfileOfJson(const std::string& text) {
  try {
    const auto json = Json::parse(text);
    Profile out;
    out.name = json.at("name");
    out.source = json.at("source");
    out.derived_from = json.at("derived_from");
    out.calls_per_day = json.at("calls_per_day");
    out.phantom_share = json.at("shares").at("phantom");
    out.left_in_vru_share = json.at("shares").at("left_in_vru");
    out.self_served_share = json.at("shares").at("self_served");
    out.identified_share = json.at("shares").at("identified");
    out.vru_mean_s = json.at("vru_mean_s");
    for (const auto& [type, fit] : json.at("service").items())
      out.service[type] = {fit.at("mu"), fit.at("sigma"), fit.at("mean_s"), fit.at("calls")};
    out.patience.tail_mean_s = json.at("patience").at("tail_mean_s");
    out.patience.still_waiting = json.at("patience").at("still_waiting");
    out.arrivals.resize(48);
    for (const auto& half_hour : json.at("arrivals")) {
      const auto at = static_cast<std::size_t>(OfHourMinute(half_hour.at("start")).count() / 1800);
      for (const auto& [type, mean] : half_hour.items())
        if (type != "start") out.arrivals.at(at)[type] = mean;
    }
    for (const auto& shift : json.at("shifts"))
      out.shifts.push_back({shift.at("agent"), OfHourMinute(shift.at("in")), OfHourMinute(shift.at("out"))});
    return out;
  } catch (const std::exception& e) {
    return InvalidArgument("PROFILE_MALFORMED", std::string("the profile does not read: ") + e.what());
  }
}

}  // namespace carillon::simulator
