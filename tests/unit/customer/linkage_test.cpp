#include "customer/domain/linkage.hpp"

#include <catch2/catch.hpp>
#include <cmath>
#include <sstream>

#include "customer/api/link_values.hpp"
#include "linkage_sets.hpp"

namespace carillon::customer {
namespace {

TEST_CASE("people from several systems are found again, and nobody is merged with another",
          "[customer][linkage]") {
  for (const std::uint64_t seed : {1U, 2U}) {
    const auto outcome = Linked(GeneratedPeople(4000, seed), {});
    WARN("people: precision " << outcome.linked.precision() << ", recall " << outcome.linked.recall()
                              << ", F1 " << outcome.linked.f1() << "; merged alone: precision "
                              << outcome.merged.precision() << ", recall " << outcome.merged.recall());
    CHECK(outcome.linked.f1() >= 0.96);
    CHECK(outcome.merged.precision() >= 0.999);
    CHECK(outcome.merged.recall() >= 0.8);
  }
}

TEST_CASE("companies are found again under any legal form", "[customer][linkage]") {
  const auto outcome = Linked(GeneratedCompanies(2000, 3), {});
  WARN("companies: F1 " << outcome.linked.f1() << "; merged alone: precision " << outcome.merged.precision());
  CHECK(outcome.linked.f1() >= 0.97);
  CHECK(outcome.merged.precision() >= 0.999);
}

TEST_CASE("the pairs compared grow with the records, even where everybody has the same names",
          "[customer][linkage]") {
  // Pairs, not seconds: what a loaded machine does not change. Few values in few fields make every block
  // crowded.
  const auto pairs = [](std::size_t records) {
    domain::Population population({{"family", domain::Kind::kName, false},
                                   {"given", domain::Kind::kName, false},
                                   {"town", domain::Kind::kText, false}});
    for (std::size_t n = 0; n < records; ++n) {
      const std::vector<domain::RawValue> values{{"wang" + std::to_string(n % 3), ""},
                                                 {"fang" + std::to_string(n / 3 % 4), ""},
                                                 {"beijing" + std::to_string(n / 12 % 2), ""}};
      population.Add(values);
    }
    return static_cast<double>(domain::Candidates(population).size());
  };
  const double small = pairs(2000), large = pairs(20000);
  WARN("pairs compared: " << small << " of 2,000 records, " << large << " of 20,000");
  CHECK(small >= 2000);
  CHECK(large / small <= 10 * std::log(20000) / std::log(2000));
  CHECK(large <= 20000.0 * 24);
}

TEST_CASE("a file's columns say by their values what they are", "[customer][linkage]") {
  std::istringstream in(
      "id,a,b,c,d,e\n"
      "r1-org,李秀英,110101198503074524,13800138000,1985-03-07,佛山陶瓷进出口有限公司\n"
      "r1-dup-0,王伟,11010519491231002X,13900138001,1949-12-31,深圳电子科技有限公司\n");
  const auto set = ReadCsv(in, "id", {});
  REQUIRE(set.fields.size() == 5);
  CHECK(set.fields[0].kind == domain::Kind::kName);
  CHECK(set.fields[1].kind == domain::Kind::kIdentity);
  CHECK(set.fields[2].kind == domain::Kind::kPhone);
  CHECK(set.fields[3].kind == domain::Kind::kDate);
  CHECK(set.fields[4].kind == domain::Kind::kCompany);
  CHECK(set.owners == std::vector<std::string>{"r1", "r1"});
  std::istringstream again("id,a\nx,1\n");
  CHECK_THROWS(ReadCsv(again, "owner", {}));
}

TEST_CASE("every judgement is told field by field and adds up", "[customer][linkage]") {
  const RecordSet set = GeneratedPeople(1500, 9);
  domain::Population population(set.fields);
  std::vector<domain::RawValue> values(set.fields.size());
  for (const auto& record : set.records) {
    for (std::size_t f = 0; f < values.size(); ++f) values[f] = api::LinkValue(set.fields[f].kind, record[f]);
    population.Add(values);
  }
  const auto candidates = domain::Candidates(population);
  const auto model = domain::Learnt(population, candidates);
  REQUIRE(candidates.size() > 100);
  for (std::size_t i = 0; i < candidates.size(); i += 37) {
    const auto judged = domain::Judge(model, population, candidates[i]);
    REQUIRE(judged.evidence.size() == set.fields.size());
    double sum = 0;
    for (const auto& evidence : judged.evidence) {
      sum += evidence.weight;
      if (evidence.level == domain::Level::kMissing) CHECK(evidence.weight == 0);
    }
    // What is left are the odds before any evidence: never in favour.
    CHECK(judged.weight - sum < 0);
    CHECK(judged.probability == Approx(1 / (1 + std::exp2(-judged.weight))));
  }
  CHECK(Explained(set, 3).size() == 3);
}

}  // namespace
}  // namespace carillon::customer
