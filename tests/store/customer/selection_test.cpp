#include <algorithm>
#include <catch2/catch.hpp>
#include <random>
#include <set>

#include "bench.hpp"
#include "customer/api/privacy.hpp"
#include "customer/api/selections.hpp"

namespace carillon::customer {
namespace {

Result<pb::FilterExplanation> Explain(const Call& as, const std::string& filter,
                                      const std::string& client = "") {
  return Ask<pb::FilterExplanation, pb::ExplainFilterRequest>(as, api::ExplainFilter, [&](auto& in) {
    in.set_filter(filter);
    in.set_client(client);
  });
}

Result<pb::Selection> Select(const Call& as, const std::string& filter) {
  return Ask<pb::Selection, pb::CreateSelectionRequest>(as, api::CreateSelection, [&](auto& in) {
    in.mutable_selection()->set_title("a spring letter");
    in.mutable_selection()->set_filter(filter);
  });
}

std::vector<std::string> Selected(const Call& as, const std::string& selection, int page = 3) {
  std::vector<std::string> out;
  std::string token;
  do {
    const auto answer = Ask<pb::ListSelectedCustomersResponse, pb::ListSelectedCustomersRequest>(
        as, api::ListSelectedCustomers, [&](auto& in) {
          in.set_parent(selection);
          in.set_page_size(page);
          in.set_page_token(token);
        });
    if (!answer) FAIL(Told(answer.error()));
    for (const auto& customer : answer->customers()) out.push_back(customer.name());
    token = answer->next_page_token();
  } while (!token.empty());
  return out;
}

void Define(const Call& as, const std::string& key, pb::CustomField::Kind kind) {
  REQUIRE(Ask<pb::CustomField, pb::PutCustomFieldRequest>(as, api::PutCustomField, [&](auto& in) {
    in.mutable_custom_field()->set_name("customFields/" + key);
    in.mutable_custom_field()->set_kind(kind);
  }));
}

pb::Customer Drawn(std::mt19937& random) {
  const auto below = [&](int n) { return static_cast<int>(random() % static_cast<unsigned>(n)); };
  pb::Customer draft;
  if (below(5) == 0) {
    draft.mutable_organisation()->set_full_name("佛山陶瓷进出口有限公司");
  } else {
    draft.mutable_person()->set_full_name("周丽华");
    if (below(4) != 0) draft.mutable_person()->mutable_birth_date()->set_year(1940 + below(70));
  }
  draft.set_grade(static_cast<pb::Customer::Grade>(below(5)));
  if (below(3) == 0) draft.mutable_lifetime_value()->set_units(1000 * below(10));
  if (below(3) == 0) {
    auto& medium = *draft.add_contacts();
    medium.set_type(pb::ContactMedium::EMAIL);
    medium.set_address("a@example.com");
  }
  draft.set_home_region(below(2) == 0 ? "440100" : "110105");
  draft.set_do_not_contact(below(3) == 0);
  if (below(3) == 0) draft.add_special_needs("ELDERLY");
  for (int i = below(3); i > 0; --i) {
    auto& account = *draft.add_accounts();
    account.set_number(testing::SomeId());
    account.set_type(below(2) == 0 ? "LOAN" : "DEPOSIT");
    account.set_state(static_cast<pb::Account::State>(1 + below(5)));
    account.mutable_balance()->set_units(1000 * below(10));
  }
  if (below(2) == 0) {
    auto& segment = *draft.add_segments();
    segment.set_dimension("RISK");
    segment.set_value(below(2) == 0 ? "HIGH" : "LOW");
  }
  if (below(2) == 0) {
    (*draft.mutable_custom_fields()->mutable_fields())["capacity"].set_number_value(10.0 * below(30));
  }
  draft.mutable_source()->set_system("edw");
  draft.mutable_source()->set_key(testing::SomeId());
  return draft;
}

bool Holds(const pb::Customer& customer, const std::string& type) {
  return std::any_of(customer.accounts().begin(), customer.accounts().end(), [&](const auto& one) {
    return one.type() == type && one.state() != pb::Account::CLOSED && one.state() != pb::Account::EXPIRED;
  });
}

std::int64_t Balance(const pb::Customer& customer) {
  std::int64_t sum = -1;
  for (const auto& one : customer.accounts()) {
    if (one.state() == pb::Account::CLOSED || one.state() == pb::Account::EXPIRED) continue;
    sum = std::max<std::int64_t>(sum, 0) + one.balance().units();
  }
  return sum;
}

std::string Risk(const pb::Customer& customer) {
  for (const auto& one : customer.segments())
    if (one.dimension() == "RISK") return one.value();
  return "";
}

TEST_CASE("a filter selects exactly those it says, and its explanation counts them part by part",
          "[customer][store][selection]") {
  const unsigned seed = std::random_device{}();
  INFO("seed " << seed);
  std::mt19937 random(seed);
  Call call = ServiceCall(testing::SomeId());
  Define(call, "capacity", pb::CustomField::NUMBER);
  pb::ImportCustomersRequest import;
  for (int i = 0; i < 200; ++i) *import.add_customers() = Drawn(random);
  const auto done = api::ImportCustomers(call, TheDeps(), import);
  REQUIRE(done);
  REQUIRE(done->created_count() == 200);
  std::vector<pb::Customer> all;
  for (const auto& row : done->results()) all.push_back(Get(call, row.name()).value());
  const auto capacity = [](const pb::Customer& one) {
    const auto& fields = one.custom_fields().fields();
    return fields.contains("capacity") ? fields.at("capacity").number_value() : -1;
  };
  const auto year = [](const pb::Customer& one) { return one.person().birth_date().year(); };
  const std::vector<std::pair<std::string, std::function<bool(const pb::Customer&)>>> cases{
      {"grade >= GOLD", [](const auto& one) { return one.grade() >= pb::Customer::GOLD; }},
      {"grade < SILVER AND home_region = '44*'",
       [](const auto& one) { return one.grade() < pb::Customer::SILVER && one.home_region() == "440100"; }},
      {"accounts:LOAN AND NOT accounts:DEPOSIT",
       [](const auto& one) { return Holds(one, "LOAN") && !Holds(one, "DEPOSIT"); }},
      {"segments.RISK = HIGH OR special_needs:ELDERLY",
       [](const auto& one) { return Risk(one) == "HIGH" || one.special_needs_size() > 0; }},
      {"segments.RISK != HIGH", [](const auto& one) { return Risk(one) != "HIGH"; }},
      {"-segments.RISK:*", [](const auto& one) { return Risk(one).empty(); }},
      {"custom_fields.capacity >= 100", [&](const auto& one) { return capacity(one) >= 100; }},
      {"birth_year <= 1960 AND do_not_contact = false",
       [&](const auto& one) { return year(one) != 0 && year(one) <= 1960 && !one.do_not_contact(); }},
      {"age >= 0 AND party_type = PERSON", [&](const auto& one) { return year(one) != 0; }},
      {"party_type = ORGANISATION", [](const auto& one) { return one.has_organisation(); }},
      {"create_time >= 2000-01-01 AND source = edw AND NOT alerts:*", [](const auto&) { return true; }},
      {"balance >= 6000", [](const auto& one) { return Balance(one) >= 6000; }},
      {"balance < 3000 AND contacts:EMAIL",
       [](const auto& one) { return Balance(one) >= 0 && Balance(one) < 3000 && one.contacts_size() > 0; }},
      {"lifetime_value > 4000 AND NOT contacts:*",
       [](const auto& one) { return one.lifetime_value().units() > 4000 && one.contacts_size() == 0; }},
      {"state = PROSPECT", [](const auto& one) { return one.state() == pb::Customer::PROSPECT; }},
  };
  for (const auto& [filter, passes] : cases) {
    INFO(filter);
    std::vector<std::string> expected;
    for (const auto& one : all)
      if (passes(one)) expected.push_back(one.name());
    std::sort(expected.begin(), expected.end());
    const auto said = Explain(call, filter);
    if (!said) FAIL(Told(said.error()));
    CHECK(said->exact());
    CHECK(said->customers() == 200);
    CHECK(said->estimated_count() == static_cast<int>(expected.size()));
    CHECK(said->parts(0).depth() == 0);
    const auto selection = Select(call, filter);
    if (!selection) FAIL(Told(selection.error()));
    CHECK(selection->customer_count() == static_cast<int>(expected.size()));
    CHECK(Selected(call, selection->name(), 77) == expected);
  }
  const auto said = Explain(call, "grade = GOLD AND NOT accounts:LOAN");
  REQUIRE(said);
  REQUIRE(said->parts_size() == 4);
  CHECK(said->canonical() == "(grade = \"GOLD\" AND NOT accounts:\"LOAN\")");
  CHECK(said->parts(0).text() == "all of");
  CHECK(said->parts(1).text() == "grade is GOLD");
  CHECK(said->parts(2).text() == "not");
  CHECK(said->parts(3).text() == "types of open accounts have LOAN");
  CHECK(said->parts(2).estimated_count() + said->parts(3).estimated_count() == 200);
}

TEST_CASE("a selection stays as it was made, but for who is erased", "[customer][store][selection]") {
  Call call = ServiceCall(testing::SomeId());
  std::vector<std::string> names;
  for (int i = 0; i < 5; ++i) {
    auto draft = APerson("何文静", ANumber());
    draft.set_grade(pb::Customer::GOLD);
    names.push_back(Create(call, draft)->name());
  }
  std::sort(names.begin(), names.end());  // made within one millisecond
  const auto selection = Select(call, "grade = GOLD");
  REQUIRE(selection);
  CHECK(selection->customer_count() == 5);
  auto first = *Get(call, names[0]);
  first.set_grade(pb::Customer::STANDARD);
  REQUIRE(Update(call, first, {"grade"}));
  auto more = APerson("何文静", ANumber());
  more.set_grade(pb::Customer::GOLD);
  REQUIRE(Create(call, more));
  CHECK(Selected(call, selection->name()) == names);
  REQUIRE(Ask<pb::Erasure, pb::EraseCustomerRequest>(call, api::EraseCustomer, [&](auto& in) {
    in.set_name(names[2]);
    in.set_reason("SUBJECT_REQUEST");
  }));
  names.erase(names.begin() + 2);
  CHECK(Selected(call, selection->name()) == names);
  const auto listed =
      Ask<pb::ListSelectionsResponse, pb::ListSelectionsRequest>(call, api::ListSelections, [](auto&) {});
  REQUIRE(listed);
  REQUIRE(listed->selections_size() == 1);
  CHECK(listed->selections(0).customer_count() == 5);
  CHECK(listed->selections(0).creator() == "services/test");
  const auto drop = [&] {
    return Ask<pb::Selection, pb::DeleteSelectionRequest>(call, api::DeleteSelection,
                                                          [&](auto& in) { in.set_name(selection->name()); });
  };
  REQUIRE(drop());
  CHECK(drop().error().reason == "SELECTION_UNKNOWN");
}

TEST_CASE("who serves one client selects, counts and reads that client's customers only",
          "[customer][store][selection]") {
  const std::string tenant = testing::SomeId(), a = testing::SomeId(), b = testing::SomeId();
  const Call mine = testing::CallOf(tenant, {a}), theirs = testing::CallOf(tenant, {b});
  REQUIRE(Create(mine, APerson("何文静", ANumber())));
  REQUIRE(Create(theirs, APerson("何文静", ANumber())));
  CHECK(Explain(mine, "state = PROSPECT")->estimated_count() == 1);
  CHECK(Explain(mine, "state = PROSPECT", "clients/" + b).error().reason == "CLIENT_FORBIDDEN");
  const auto selection = Select(mine, "state = PROSPECT");
  REQUIRE(selection);
  CHECK(Selected(mine, selection->name()).size() == 1);
  CHECK(Selected(ServiceCall(tenant), selection->name()).size() == 1);
  CHECK(Selected(theirs, selection->name()).empty());
  // A value is never part of the statement.
  CHECK(Explain(mine, "brand = \"x' OR true OR '\"")->estimated_count() == 0);
  CHECK(Explain(mine, "segments.RISK') = x").error().reason == "FILTER_INVALID");
}

TEST_CASE("people are found by parts of the address where something is served", "[customer][store]") {
  Call call = ServiceCall(testing::SomeId());
  const auto at = [&](carillon::type::v1::Address::Type type, const std::string& detail) {
    auto draft = APerson("李秀英", ANumber());
    auto& address = *draft.add_addresses();
    address.set_type(type);
    address.set_province("北京市");
    address.set_district("朝阳区");
    address.set_detail(detail);
    return Create(call, draft)->name();
  };
  const auto one = at(carillon::type::v1::Address::SERVICE, "建国路88号3号楼1202室");
  const auto two = at(carillon::type::v1::Address::SERVICE, "建国路90号");
  at(carillon::type::v1::Address::RESIDENCE, "建国路88号3号楼1202室");
  const auto found = [&](const std::string& text) {
    std::set<std::string> out;
    const auto answer = Search(call, [&](auto& in) { in.set_service_address(text); });
    if (!answer) FAIL(Told(answer.error()));
    for (const auto& customer : answer->customers()) out.insert(customer.name());
    return out;
  };
  CHECK(found("朝阳 建国路") == std::set{one, two});
  CHECK(found("建国路88号") == std::set{one});
  CHECK(found("1202").size() == 1);
  CHECK(found("长安街").empty());
  CHECK(Search(call, [](auto& in) { in.set_service_address("路"); }).error().reason == "QUERY_TOO_SHORT");
  auto moved = *Get(call, two);
  moved.mutable_addresses(0)->set_detail("长安街1号");
  REQUIRE(Update(call, moved, {"addresses"}));
  CHECK(found("长安街") == std::set{two});
  CHECK(found("建国路") == std::set{one});
}

}  // namespace
}  // namespace carillon::customer
