// Links record sets whose truth is known and says how well: what `./carillon eval linkage` runs.
//   carillon-eval-linkage [--truth COLUMN] [--hide COLUMN]... [--explain N] [--generate N]... [--seed N]
//   [--json] [FILE...]
#include <cmath>
#include <cstdio>
#include <fstream>
#include <iostream>
#include <nlohmann/json.hpp>

#include "linkage_sets.hpp"

namespace carillon::customer {
namespace {

using nlohmann::json;

json ScoreJson(const Score& score) {
  return {{"true_pairs", score.true_pairs}, {"found", score.found},     {"right", score.right},
          {"precision", score.precision()}, {"recall", score.recall()}, {"f1", score.f1()}};
}

json Evaluated(const std::string& name, const RecordSet& set, std::size_t explain) {
  const Outcome outcome = Linked(set, {});
  json out = {{"set", name},
              {"records", set.records.size()},
              {"pairs_compared", outcome.candidates},
              {"seconds", outcome.seconds},
              {"linked", ScoreJson(outcome.linked)},
              {"auto_merge", ScoreJson(outcome.merged)},
              {"fields", json::array()}};
  for (std::size_t f = 0; f < set.fields.size(); ++f) {
    json levels = json::object();
    for (std::size_t l = 1; l < domain::kLevels; ++l) {
      levels[std::string(domain::LevelName(static_cast<domain::Level>(l)))] = {outcome.model.m[f][l],
                                                                               outcome.model.u[f][l]};
    }
    out["fields"].push_back({{"name", set.fields[f].name}, {"m_u", levels}});
  }
  if (explain > 0) out["explained"] = Explained(set, explain);
  return out;
}

void Print(const json& one) {
  const auto& linked = one["linked"];
  const auto& merged = one["auto_merge"];
  std::printf(
      "%-28s %8zu records  precision %.4f  recall %.4f  F1 %.4f  auto-merge precision %.5f recall %.4f  %.2f "
      "s\n",
      one["set"].get<std::string>().c_str(), one["records"].get<std::size_t>(),
      linked["precision"].get<double>(), linked["recall"].get<double>(), linked["f1"].get<double>(),
      merged["precision"].get<double>(), merged["recall"].get<double>(), one["seconds"].get<double>());
  if (one.contains("explained")) {
    for (const auto& line : one["explained"]) std::printf("  %s\n", line.get<std::string>().c_str());
  }
}

int Run(int argc, char** argv) {
  std::string truth = "rec_id";
  std::vector<std::string> hidden, files;
  std::vector<std::size_t> generated;
  std::size_t explain = 0, seed = 1;
  bool as_json = false;
  for (int i = 1; i < argc; ++i) {
    const std::string word = argv[i];
    const auto next = [&]() -> std::string {
      if (i + 1 >= argc) throw std::runtime_error(word + " needs a value");
      return argv[++i];
    };
    if (word == "--truth") {
      truth = next();
    } else if (word == "--hide") {
      hidden.push_back(next());
    } else if (word == "--explain") {
      explain = std::stoul(next());
    } else if (word == "--generate") {
      generated.push_back(std::stoul(next()));
    } else if (word == "--seed") {
      seed = std::stoul(next());
    } else if (word == "--json") {
      as_json = true;
    } else {
      files.push_back(word);
    }
  }
  json all = json::array();
  const auto take = [&](json one) {
    if (!as_json) Print(one);
    all.push_back(std::move(one));
  };
  for (const auto& file : files) {
    std::ifstream in(file);
    if (!in) throw std::runtime_error("can not read " + file);
    take(Evaluated(file.substr(file.rfind('/') + 1), ReadCsv(in, truth, hidden), explain));
  }
  for (const auto size : generated) {
    take(Evaluated("people " + std::to_string(size), GeneratedPeople(size, seed), explain));
    take(Evaluated("companies " + std::to_string(size), GeneratedCompanies(size, seed), explain));
  }
  json growth = json::array();
  for (std::size_t i = 0; i + 2 < all.size() && generated.size() > 1; ++i) {
    const auto& small = all[i];
    const auto& large = all[i + 2];
    const double n = small["records"].get<double>(), more = large["records"].get<double>();
    if (i < files.size() || more <= n) continue;
    const double limit = more * std::log(more) / (n * std::log(n));
    const double took = large["seconds"].get<double>() / small["seconds"].get<double>();
    growth.push_back({{"from", small["set"]}, {"to", large["set"]}, {"n_log_n", limit}, {"took", took}});
    if (!as_json) {
      std::printf("%s -> %s: n log n is %.0f times, took %.0f times\n",
                  small["set"].get<std::string>().c_str(), large["set"].get<std::string>().c_str(), limit,
                  took);
    }
  }
  if (as_json) std::cout << json{{"sets", all}, {"growth", growth}}.dump(2) << "\n";
  return 0;
}

}  // namespace
}  // namespace carillon::customer

int main(int argc, char** argv) {
  try {
    return carillon::customer::Run(argc, argv);
  } catch (const std::exception& problem) {
    std::fprintf(stderr, "carillon-eval-linkage: %s\n", problem.what());
    return 2;
  }
}
