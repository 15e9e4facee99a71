#include "customer/api/segments.hpp"

#include <catch2/catch.hpp>
#include <set>

#include "bench.hpp"
#include "customer/api/steward.hpp"
#include "customer/jobs/begin_sweeps.hpp"
#include "customer/store/segments.hpp"

namespace carillon::customer {
namespace {

Result<pb::SegmentRule> PutRule(const Call& as, const std::string& code, const std::string& filter,
                                int rank = 0, bool retired = false) {
  return Ask<pb::SegmentRule, pb::PutSegmentRuleRequest>(as, api::PutSegmentRule, [&](auto& in) {
    in.mutable_segment_rule()->set_name("segmentRules/" + code);
    in.mutable_segment_rule()->set_filter(filter);
    in.mutable_segment_rule()->set_rank(rank);
    in.mutable_segment_rule()->set_retired(retired);
  });
}

pb::Customer Compute(const Call& as, const pb::Customer& customer) {
  const auto done = Ask<pb::Customer, pb::ComputeSegmentsRequest>(
      as, api::ComputeSegments, [&](auto& in) { in.set_name(customer.name()); });
  if (!done) FAIL(Told(done.error()));
  return *done;
}

/// "VALUE=GOLD" of each dimension.
std::set<std::string> Segments(const pb::Customer& customer) {
  std::set<std::string> out;
  for (const auto& one : customer.segments()) out.insert(one.dimension() + "=" + one.value());
  return out;
}

pb::Customer WithBalance(std::int64_t units) {
  auto draft = APerson("周丽华", ANumber());
  auto& account = *draft.add_accounts();
  account.set_number("6225880000000098");
  account.set_type("DEPOSIT");
  account.mutable_balance()->set_currency_code("CNY");
  account.mutable_balance()->set_units(units);
  return draft;
}

TEST_CASE("the rules say what accounts make of a customer, and its grade follows (A6)",
          "[customer][store][segments]") {
  Call call = ServiceCall(testing::SomeId());
  REQUIRE(PutRule(call, "VALUE.GOLD", "balance >= 100000", 2));
  REQUIRE(PutRule(call, "VALUE.DIAMOND", "balance >= 500000", 1));
  REQUIRE(PutRule(call, "LIFE_CYCLE.RETENTION", "accounts.days_left <= 30"));
  REQUIRE(PutRule(call, "AGE.OVER_60", "age > 60"));
  auto draft = WithBalance(860'000);
  draft.mutable_person()->mutable_birth_date()->set_year(1950);
  auto& second = *draft.add_accounts();
  second.set_number("6225880000000099");
  second.set_type("DEPOSIT");
  second.mutable_balance()->set_units(40'000);
  auto now = Compute(call, *Create(call, draft));
  CHECK(Segments(now) == std::set<std::string>{"VALUE=DIAMOND", "AGE=OVER_60"});
  CHECK(now.segments(0).model_version() == "rules");
  CHECK(now.grade() == pb::Customer::DIAMOND);
  CHECK(LookUp(call, draft.contacts(0).number())->cards(0).vip());
  CHECK(Compute(call, now).etag() == now.etag());

  call.now += 1h;
  now.mutable_accounts(0)->mutable_balance()->set_units(70'000);
  const auto day = std::chrono::year_month_day{std::chrono::floor<std::chrono::days>(call.now + 10 * 24h)};
  auto& end = *now.mutable_accounts(1)->mutable_expiry_date();
  end.set_year(static_cast<int>(day.year()));
  end.set_month(static_cast<int>(static_cast<unsigned>(day.month())));
  end.set_day(static_cast<int>(static_cast<unsigned>(day.day())));
  now = Compute(call, *Update(call, now, {"accounts"}));
  CHECK(Segments(now) == std::set<std::string>{"VALUE=GOLD", "AGE=OVER_60", "LIFE_CYCLE=RETENTION"});
  CHECK(now.grade() == pb::Customer::GOLD);
  CHECK(now.life_cycle_stage() == pb::Customer::RETENTION);

  for (auto& account : *now.mutable_accounts()) account.set_state(pb::Account::CLOSED);
  REQUIRE(PutRule(call, "AGE.OVER_60", "age > 60", 0, true));
  now = Compute(call, *Update(call, now, {"accounts"}));
  CHECK(Segments(now).empty());
  CHECK(now.grade() == pb::Customer::STANDARD);
  CHECK(PutRule(call, "RISK.HIGH", "blance > 1").error().reason == "FILTER_INVALID");
}

TEST_CASE("what somebody said of a customer no rule changes, also where its values are made of records",
          "[customer][store][segments]") {
  Call call = ServiceCall(testing::SomeId());
  REQUIRE(PutRule(call, "VALUE.GOLD", "balance >= 100000"));
  auto draft = WithBalance(200'000);
  auto& word = *draft.add_segments();
  word.set_dimension("VALUE");
  word.set_value("SILVER");
  word.set_model_version("manager");
  auto spoken = Compute(call, *Create(call, draft));
  CHECK(Segments(spoken) == std::set<std::string>{"VALUE=SILVER"});
  CHECK(spoken.grade() == pb::Customer::STANDARD);
  REQUIRE(Ask<pb::SourceSystem, pb::PutSourceSystemRequest>(call, api::PutSourceSystem, [](auto& in) {
    in.mutable_source_system()->set_name("sourceSystems/edw");
    in.mutable_source_system()->set_trust_rank(2);
  }));
  const auto taken =
      Ask<pb::IngestRecordsResponse, pb::IngestRecordsRequest>(call, api::IngestRecords, [](auto& in) {
        in.set_source_system("sourceSystems/edw");
        in.add_records()->set_key("7");
        auto& values = *in.mutable_records(0)->mutable_values();
        values = WithBalance(300'000);
        values.mutable_person()->set_full_name("陈小明");
        values.mutable_accounts(0)->set_number("6225880000000777");
      });
  REQUIRE(taken);
  const auto name = taken->results(0).customer();
  const auto computed = Compute(call, *Get(call, name));
  CHECK(Segments(computed) == std::set<std::string>{"VALUE=GOLD"});
  CHECK(computed.grade() == pb::Customer::GOLD);
  CHECK(Compute(call, computed).etag() == computed.etag());
}

TEST_CASE("all customers are looked at when the rules change, and one when its accounts do",
          "[customer][store][segments]") {
  Call call = ServiceCall(testing::SomeId());
  const std::string& tenant = call.principal.tenant;
  const auto tasks = [&](const char* kind) {
    return Peek("SELECT count(*) FROM tasks WHERE tenant_id = '" + tenant + "' AND kind = '" + kind + "'");
  };
  const auto due = [&] {
    const auto tenants = Worker().Read(ServiceCall(""), [&](pg::Tx& tx) -> Result<std::vector<std::string>> {
      return store::TenantsToSegment(tx, call.now - 24h);
    });
    return std::count(tenants->begin(), tenants->end(), tenant) == 1;
  };
  std::vector<pb::Customer> rich, poor;
  for (int n = 0; n < 3; ++n) {
    rich.push_back(*Create(call, WithBalance(100'000 + n)));
    poor.push_back(*Create(call, WithBalance(n)));
  }
  CHECK(tasks("segment_customer") == "0");  // no rules, nothing to compute
  CHECK_FALSE(due());
  REQUIRE(PutRule(call, "VALUE.GOLD", "balance >= 100000"));
  CHECK(due());
  call.deadline = std::chrono::steady_clock::now() + 20s;
  REQUIRE(api::BeginSegmentSweep(call, TheDeps()));
  CHECK_FALSE(due());
  CHECK(tasks("segment_all") == "1");
  Call sweep = call;
  REQUIRE(api::SegmentAll(sweep, TheDeps(), {}));
  REQUIRE(api::SegmentAll(sweep, TheDeps(), {}));
  for (const auto& one : rich) {
    const auto now = *Get(call, one.name());
    CHECK(now.grade() == pb::Customer::GOLD);
    CHECK(now.etag() == "2");  // the second look changed nothing
  }
  for (const auto& one : poor) CHECK(Get(call, one.name())->etag() == "1");
  REQUIRE(PutRule(call, "VALUE.GOLD", "balance >= 200000"));
  CHECK(due());
  poor[0].mutable_accounts(0)->mutable_balance()->set_units(200'000);
  REQUIRE(Update(call, poor[0], {"accounts"}));
  poor[1].set_brand("青");
  REQUIRE(Update(call, poor[1], {"brand"}));
  CHECK(tasks("segment_customer") == "1");
  google::protobuf::StringValue id;
  id.set_value(poor[0].name().substr(10));
  REQUIRE(api::SegmentCustomer(sweep, TheDeps(), id));
  CHECK(Get(call, poor[0].name())->grade() == pb::Customer::GOLD);
  id.set_value(testing::SomeId());  // gone since
  CHECK(api::SegmentCustomer(sweep, TheDeps(), id));
}

}  // namespace
}  // namespace carillon::customer
