#include <catch2/catch.hpp>
#include <future>
#include <map>
#include <numeric>
#include <random>

#include "../../unit/customer/linkage_sets.hpp"
#include "bench.hpp"
#include "customer/api/steward.hpp"
#include "customer/domain/matching.hpp"
#include "customer/jobs/begin_sweeps.hpp"

namespace carillon::customer {
namespace {

using Condition = pb::MatchCondition;

pb::MatchModel Model(const Call& call) {
  const auto model = Ask<pb::MatchModel, pb::GetMatchModelRequest>(call, api::GetMatchModel, [](auto&) {});
  REQUIRE(model);
  return *model;
}

pb::MatchModel Learn(Call& call) {
  call.now += 1h;
  REQUIRE(Ask<pb::MatchModel, pb::LearnMatchModelRequest>(call, api::LearnMatchModel, [](auto&) {}));
  Call task = call;
  REQUIRE(api::LearnWeights(task, TheDeps(), {}));
  return Model(call);
}

double WeightOf(const pb::MatchWeights& weights, Condition::Attribute attribute, pb::Agreement agreement) {
  for (const auto& one : weights.attributes()) {
    for (const auto& chance : one.chances()) {
      if (one.attribute() == attribute && chance.agreement() == agreement) return chance.weight();
    }
  }
  FAIL("no such weight");
  return 0;
}

/// A generated record as a source says it; what is no good number or date is left out by the source.
pb::RawRecord Said(const RecordSet& set, std::size_t at, bool with_number, bool with_birth) {
  const auto& cells = set.records[at];
  pb::RawRecord record;
  record.set_key("K" + std::to_string(at));
  auto& values = *record.mutable_values();
  values.mutable_person()->set_full_name(cells[0]);
  if (with_number && !cells[1].empty()) {
    auto& document = *values.add_identifiers();
    document.set_type(pb::Identifier::RESIDENT_ID);
    document.set_number(cells[1]);
  }
  if (with_birth && cells[2].size() == 8) {
    auto& born = *values.mutable_person()->mutable_birth_date();
    born.set_year(std::stoi(cells[2].substr(0, 4)));
    born.set_month(std::stoi(cells[2].substr(4, 2)));
    born.set_day(std::stoi(cells[2].substr(6)));
  }
  if (!cells[3].empty()) {
    auto& medium = *values.add_contacts();
    medium.set_type(pb::ContactMedium::MOBILE);
    medium.set_number(cells[3]);
  }
  if (!cells[4].empty()) values.add_addresses()->set_detail(cells[4]);
  values.mutable_person()->set_employer(cells[5]);
  return record;
}

pb::IngestResult Take(const Call& call, const RecordSet& set, std::size_t at) {
  pb::IngestResult result;
  for (const auto& [number, birth] : {std::pair(true, true), {true, false}, {false, true}, {false, false}}) {
    const auto done =
        Ask<pb::IngestRecordsResponse, pb::IngestRecordsRequest>(call, api::IngestRecords, [&](auto& in) {
          in.set_source_system("sourceSystems/edw");
          *in.add_records() = Said(set, at, number, birth);
        });
    if (!done) FAIL(Told(done.error()));
    result = done->results(0);
    if (result.outcome() != pb::IngestResult::REJECTED) return result;
  }
  FAIL(result.ShortDebugString());
  return result;
}

Call WithSource() {
  const Call call = ServiceCall(testing::SomeId());
  REQUIRE(Ask<pb::SourceSystem, pb::PutSourceSystemRequest>(call, api::PutSourceSystem, [](auto& in) {
    in.mutable_source_system()->set_name("sourceSystems/edw");
    in.mutable_source_system()->set_trust_rank(2);
  }));
  return call;
}

TEST_CASE("weights are learnt of the tenant's own customers, shown with every pair, and merge nobody wrongly",
          "[customer][store][learning]") {
  Call call = WithSource();
  const auto set = GeneratedPeople(1500, 5);
  std::vector<std::size_t> order(set.records.size());
  std::iota(order.begin(), order.end(), 0U);
  std::mt19937 random(5);
  std::shuffle(order.begin(), order.end(), random);
  std::map<std::string, std::string> owner_of;  // by customer, who the generator says it is
  int right = 0, wrong = 0, by_weight = 0;
  const auto take = [&](std::size_t at) {
    const auto result = Take(call, set, at);
    const auto [known, isnew] = owner_of.try_emplace(result.customer(), set.owners[at]);
    if (isnew) return;
    known->second == set.owners[at] ? ++right : ++wrong;
    if (result.match_level() == 0) ++by_weight;
  };
  const std::size_t half = order.size() * 2 / 3;
  for (std::size_t n = 0; n < half; ++n) take(order[n]);
  CHECK(by_weight == 0);
  CHECK(Model(call).state() == pb::MatchModel::STATE_UNSPECIFIED);

  const auto model = Learn(call);
  REQUIRE(model.state() == pb::MatchModel::DONE);
  CHECK(model.customers() == static_cast<std::int64_t>(owner_of.size()));
  const auto& people = model.people();
  CHECK(people.records() >= model.customers());
  CHECK(model.organisations().records() == 0);  // there are none to learn from
  CHECK(WeightOf(people, Condition::NAME, pb::EXACT) > 5);
  CHECK(WeightOf(people, Condition::NAME, pb::DIFFERENT) < -2);
  CHECK(WeightOf(people, Condition::PHONE, pb::EXACT) > 5);
  CHECK(WeightOf(people, Condition::IDENTIFIER, pb::EXACT) > 8);
  CHECK(WeightOf(people, Condition::BIRTH_DATE, pb::DIFFERENT) < -2);
  CHECK(people.households() > 0);

  // The clerks' queue has pairs nobody asked about before, told attribute by attribute.
  CHECK(model.cases() > 0);
  const auto cases = Ask<pb::ListMergeCasesResponse, pb::ListMergeCasesRequest>(
      call, api::ListMergeCases, [](auto& in) { in.set_page_size(200); });
  REQUIRE(cases);
  int weighed = 0, sure = 0, sure_right = 0;
  for (const auto& one : cases->merge_cases()) {
    if (one.probability() == 0) continue;
    ++weighed;
    double sum = 0;
    for (const auto& evidence : one.evidence()) sum += evidence.weight();
    CHECK(one.weight() < sum);  // the odds before any evidence never speak for one customer
    if (one.probability() < 0.9999 || one.conflict()) continue;
    ++sure;
    sure_right += owner_of.at(one.customers(0)) == owner_of.at(one.customers(1));
  }
  CHECK(weighed == model.cases());
  CHECK(sure_right == sure);

  // From now on what is as good as certain merges alone, and still nobody with another.
  REQUIRE(Ask<pb::MatchPolicy, pb::UpdateMatchPolicyRequest>(call, api::UpdateMatchPolicy, [&](auto& in) {
    *in.mutable_policy() = domain::OwnPolicy();
    in.mutable_policy()->set_merge_probability(0.99);
  }));
  const int before = right;
  for (std::size_t n = half; n < order.size(); ++n) take(order[n]);
  WARN(set.records.size() << " records: " << right << " taken to their customer, " << wrong
                          << " to another; of the last " << order.size() - half << " " << right - before
                          << ", of them " << by_weight << " by weights; " << model.cases()
                          << " asked about by the sweep, " << sure << " nearly certain, all right");
  CHECK(wrong == 0);
  CHECK(by_weight > 0);
}

TEST_CASE("a sweep that is broken off goes on where it was, counts nobody twice and asks about no pair twice",
          "[customer][store][learning]") {
  Call call = WithSource();
  pb::ImportCustomersRequest import;
  for (int n = 0; n < 400; ++n) {
    *import.add_customers() = APerson(n % 2 == 0 ? "李秀英" : "王伟", ANumber());
    import.mutable_customers(n)->mutable_person()->mutable_birth_date()->set_year(1950 + n / 2 % 50);
    import.mutable_customers(n)->mutable_person()->mutable_birth_date()->set_month(1 + n % 12);
    import.mutable_customers(n)->mutable_person()->mutable_birth_date()->set_day(1 + n % 28);
  }
  Call importer = call;
  importer.deadline = std::chrono::steady_clock::now() + 30s;
  REQUIRE(api::ImportCustomers(importer, TheDeps(), import)->created_count() == 400);
  REQUIRE(Ask<pb::MatchModel, pb::LearnMatchModelRequest>(call, api::LearnMatchModel, [](auto&) {}));
  CHECK(Ask<pb::MatchModel, pb::LearnMatchModelRequest>(call, api::LearnMatchModel, [](auto&) {})->state() ==
        pb::MatchModel::LEARNING);

  // The database throws the process out in every step it begins, until it has had enough.
  const std::string name = "sweep-" + testing::SomeId().substr(28);
  std::atomic<bool> enough{false};
  auto killer = std::async(std::launch::async, [&] {
    pqxx::connection admin(Db().admin_url());
    int killed = 0;
    while (!enough && killed < 6) {
      killed += static_cast<int>(
          pqxx::nontransaction(admin)
              .exec("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE state <> 'idle' AND "
                    "application_name LIKE '%" +
                    name + "%'")
              .size());
    }
    return killed;
  });
  const std::string url = Db().app_url();
  pg::Pool pool(url + (url.find('?') == std::string::npos ? "?" : "&") + "application_name=" + name, 1, name);
  Deps deps{pool, AVault(), TheDeps().callers};
  int failed = 0;
  for (int turn = 0; turn < 100; ++turn) {
    Call task = call;
    if (api::LearnWeights(task, deps, {})) break;
    ++failed;
  }
  enough = true;
  WARN(killer.get() << " connections killed, " << failed << " turns failed");
  const auto model = Model(call);
  REQUIRE(model.state() == pb::MatchModel::DONE);
  CHECK(model.customers() == 400);
  const auto cases =
      Peek("SELECT count(*) FROM merge_cases WHERE tenant_id = '" + call.principal.tenant + "'");
  CHECK(cases == std::to_string(model.cases()));

  // Again, unbroken: the same pairs, so nobody is asked anew.
  const auto again = Learn(call);
  CHECK(again.state() == pb::MatchModel::DONE);
  CHECK(again.cases() == 0);
  CHECK(again.customers() == 400);
}

TEST_CASE("learning begins by itself for each tenant with customers, once a week",
          "[customer][store][learning]") {
  Call call = ServiceCall(testing::SomeId());
  REQUIRE(Create(call, APerson("李秀英", ANumber())));
  const auto begun = [&] {
    Call worker = ServiceCall("");
    worker.now = call.now;
    jobs::BeginLearning(
        Worker(), TheDeps(),
        [&](const std::string& tenant) {
          Call own = ServiceCall(tenant);
          own.now = call.now;
          return own;
        },
        worker, 168h);
    return FromProto(Model(call).start_time());
  };
  const auto first = begun();
  CHECK(first == call.now);
  call.now += 200h;
  CHECK(begun() == first);  // it goes on
  Call task = call;
  REQUIRE(api::LearnWeights(task, TheDeps(), {}));
  CHECK(begun() == call.now);
}

}  // namespace
}  // namespace carillon::customer
