#include <CLI/CLI.hpp>
#include <cstdlib>
#include <iostream>

#include "simulator/files/lines.hpp"
#include "simulator/files/profile_file.hpp"
#include "simulator/run/command.hpp"
#include "simulator/run/inspection.hpp"

namespace carillon::simulator {
namespace {

int Failed(const Error& error) {
  std::cerr << "carillon-simulator: " << error.message << " (" << error.reason << ")\n";
  return 1;
}

int WriteProfile(const std::vector<std::string>& logs, const std::string& name, const std::string& out) {
  LogReader reader;
  for (const auto& path : logs)
    if (const auto read = ForEachLine(path, [&](std::string_view line) { reader.Take(line); }); !read)
      return Failed(read.error());
  const auto profile = FitProfile(std::move(reader).Finish().calls, name);
  if (!profile) return Failed(profile.error());
  if (out.empty()) {
    std::cout << ToJson(*profile);
    return 0;
  }
  const auto written = WriteText(out, ToJson(*profile));
  return written ? 0 : Failed(written.error());
}

std::string FromEnvironment(const char* name) {
  const char* value = std::getenv(name);
  return value != nullptr ? value : "";
}

}  // namespace
}  // namespace carillon::simulator

int main(int argc, char** argv) {
  using namespace carillon::simulator;
  CLI::App app{"Callers, agents and a switch that are not people"};
  app.require_subcommand(1);

  std::vector<std::string> logs;
  std::string name = "bank-day";
  std::string out;
  auto* profile = app.add_subcommand("profile", "fit a day's profile from call logs");
  profile->add_option("--calls", logs, "call logs, .txt or .txt.xz")->required();
  profile->add_option("--name", name, "name of the profile");
  profile->add_option("--out", out, "where to write it; standard output when not given");

  RunSettings run;
  auto* day = app.add_subcommand(
      "run",
      "play a day on a running platform. Secrets come from the environment: CARILLON_SIMULATOR_ADMIN_LOGIN, "
      "CARILLON_SIMULATOR_ADMIN_PASSWORD (administrator of the tenant platform), CARILLON_SIMULATOR_SECRET "
      "(the "
      "passwords of the day's people are derived from it)");
  day->add_option("--peers", run.peers, "access=host:port,routing=host:port,…")->required();
  day->add_option("--clock", run.clock_file, "the shared clock's file")->required();
  day->add_option("--tls-ca", run.tls.ca, "certificate authority of the services; none = plaintext");
  day->add_option("--tls-cert", run.tls.certificate, "own certificate");
  day->add_option("--tls-key", run.tls.key, "own key");
  day->add_option("--tenant", run.stage.tenant, "slug of the tenant the day belongs to");
  day->add_option("--flow", run.stage.flow_file, "SCXML of the menu; none = the number answers already");
  day->add_option("--articles", run.stage.articles_file,
                  "JSON of what goes into the knowledge base; none = nothing");
  day->add_option("--number", run.stage.service_number, "service number that is called");
  auto* calls = day->add_option("--calls", run.calls, "call log to replay, .txt or .txt.xz");
  day->add_option("--day", run.day, "day of the log, 1999-02-10")->needs(calls);
  calls->needs(day->get_option("--day"));
  day->add_option("--profile", run.profile, "profile to draw the day from, and the patience of a replay");
  day->add_option("--customers", run.customers, "table of customers (age;job;…), .csv or .csv.xz");
  day->add_option("--customer-count", run.customer_count, "customers at most; 0 = the whole table");
  day->add_option("--seed", run.seed, "of everything that is drawn");
  day->add_option("--rate", run.rate, "business seconds a second at most")->check(CLI::Range(1.0, 10000.0));
  day->add_option("--window", run.window, "part of the day, 10:00-11:00");
  day->add_flag("--hour", run.hour, "only the busiest hour, and no campaigns in it");
  day->add_option("--call-count", run.call_count, "about so many calls, of a drawn day");
  day->add_option("--json", run.json, "file for the result");
  day->add_option("--journal", run.journal, "file for what was done, JSON lines");
  day->add_option("--people", run.people, "file for the logins and passwords of the day's people");
  day->add_flag("--quiet", run.quiet, "no live line");

  InspectionSettings inspection;
  auto* inspect = app.add_subcommand(
      "inspect", "draw and judge the samples of a day that is over. CARILLON_SIMULATOR_SECRET is as for run");
  inspect->add_option("--peers", inspection.peers, "access=host:port,qa=host:port")->required();
  inspect->add_option("--tls-ca", inspection.tls.ca,
                      "certificate authority of the services; none = plaintext");
  inspect->add_option("--tls-cert", inspection.tls.certificate, "own certificate");
  inspect->add_option("--tls-key", inspection.tls.key, "own key");
  inspect->add_option("--tenant", inspection.tenant, "slug of the tenant");
  inspect->add_option("--plan", inspection.plan, "samplePlans/{uuid}, from the result of run")->required();
  inspect->add_option("--seed", inspection.seed, "of what is judged");
  inspect->add_option("--json", inspection.json, "file for what was done; standard output when not given");
  CLI11_PARSE(app, argc, argv);

  if (*profile) return WriteProfile(logs, name, out);
  if (*inspect) {
    inspection.secret = FromEnvironment("CARILLON_SIMULATOR_SECRET");
    return RunInspection(inspection);
  }
  run.stage.platform_login = FromEnvironment("CARILLON_SIMULATOR_ADMIN_LOGIN");
  run.stage.platform_password = FromEnvironment("CARILLON_SIMULATOR_ADMIN_PASSWORD");
  run.stage.secret = FromEnvironment("CARILLON_SIMULATOR_SECRET");
  return RunDay(run);
}
