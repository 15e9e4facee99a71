#include <CLI/CLI.hpp>
#include <iostream>

#include "simulator/files/lines.hpp"
#include "simulator/files/profile_file.hpp"

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

}  // namespace
}  // namespace carillon::simulator

int main(int argc, char** argv) {
  CLI::App app{"Callers, agents and a switch that are not people"};
  app.require_subcommand(1);
  std::vector<std::string> logs;
  std::string name = "bank-day";
  std::string out;
  auto* profile = app.add_subcommand("profile", "fit a day's profile from call logs");
  profile->add_option("--calls", logs, "call logs, .txt or .txt.xz")->required();
  profile->add_option("--name", name, "name of the profile");
  profile->add_option("--out", out, "where to write it; standard output when not given");
  CLI11_PARSE(app, argc, argv);
  return carillon::simulator::WriteProfile(logs, name, out);
}
