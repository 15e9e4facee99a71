#include <algorithm>
#include <catch2/catch.hpp>
#include <random>
#include <set>

#include "bench.hpp"

namespace carillon::customer {
namespace {

const std::vector<std::string> kTypes = {"DEPOSIT", "LOAN", "CREDIT_CARD", "MOBILE", "BROADBAND"};
const std::vector<std::string> kRegions = {"", "440100", "440600", "110105", "310000"};
const std::vector<std::string> kPrefixes = {"44", "4401", "110105", "3", "9"};
const std::vector<std::string> kValues = {"HIGH", "LOW", "a=b"};

/// Draws for one run; the seed is in the message of a failed check.
class Draws {
 public:
  explicit Draws(unsigned seed) : engine_(seed) {}
  int Below(int limit) { return std::uniform_int_distribution<int>(0, limit - 1)(engine_); }
  const std::string& Of(const std::vector<std::string>& some) {
    return some[static_cast<std::size_t>(Below(static_cast<int>(some.size())))];
  }

 private:
  std::mt19937 engine_;
};

pb::Customer::Grade AGrade(Draws& draw) {
  return static_cast<pb::Customer::Grade>(draw.Below(pb::Customer::Grade_MAX + 1));
}

pb::Customer SomeCustomer(Draws& draw) {
  pb::Customer draft;
  if (draw.Below(5) == 0) {
    draft.mutable_organisation()->set_full_name("佛山陶瓷进出口有限公司");
  } else {
    draft.mutable_person()->set_full_name("周丽华");
    if (draw.Below(4) != 0) draft.mutable_person()->mutable_birth_date()->set_year(1950 + draw.Below(50));
  }
  draft.set_grade(AGrade(draw));
  draft.set_home_region(draw.Of(kRegions));
  for (int i = draw.Below(4); i > 0; --i) {
    auto& account = *draft.add_accounts();
    account.set_number(testing::SomeId());
    account.set_type(draw.Of(kTypes));
    account.set_state(static_cast<pb::Account::State>(1 + draw.Below(5)));
  }
  for (const char* dimension : {"VALUE", "RISK"}) {
    if (draw.Below(2) == 0) continue;
    auto& segment = *draft.add_segments();
    segment.set_dimension(dimension);
    segment.set_value(draw.Of(kValues));
  }
  draft.mutable_source()->set_system("edw");
  draft.mutable_source()->set_key(testing::SomeId());
  return draft;
}

pb::ListCustomersRequest SomeFilter(Draws& draw) {
  pb::ListCustomersRequest filter;
  for (int i = draw.Below(3); i > 0; --i) {
    filter.add_grades(static_cast<pb::Customer::Grade>(1 + draw.Below(pb::Customer::Grade_MAX)));
  }
  if (draw.Below(3) == 0) filter.add_holds(draw.Of(kTypes));
  if (draw.Below(6) == 0) filter.add_holds(draw.Of(kTypes));
  if (draw.Below(3) == 0) filter.add_lacks(draw.Of(kTypes));
  if (draw.Below(6) == 0) filter.add_lacks(draw.Of(kTypes));
  if (draw.Below(3) == 0) filter.add_segments("VALUE=" + draw.Of(kValues));
  if (draw.Below(6) == 0) filter.add_segments("RISK=" + draw.Of(kValues));
  if (draw.Below(3) == 0) filter.set_region_prefix(draw.Of(kPrefixes));
  if (draw.Below(3) == 0) filter.set_min_birth_year(1950 + draw.Below(25));
  if (draw.Below(3) == 0) filter.set_max_birth_year(1975 + draw.Below(25));
  return filter;
}

/// The filter said once more, over the customer as it is read.
bool Passes(const pb::Customer& customer, const pb::ListCustomersRequest& filter) {
  std::set<std::string> held, segments;
  for (const auto& account : customer.accounts()) {
    if (account.state() != pb::Account::CLOSED && account.state() != pb::Account::EXPIRED) {
      held.insert(account.type());
    }
  }
  for (const auto& segment : customer.segments())
    segments.insert(segment.dimension() + "=" + segment.value());
  const auto is_held = [&](const std::string& type) { return held.contains(type); };
  const auto& grades = filter.grades();
  const int born = customer.person().birth_date().year();
  return (grades.empty() || std::find(grades.begin(), grades.end(), customer.grade()) != grades.end()) &&
         std::all_of(filter.holds().begin(), filter.holds().end(), is_held) &&
         std::none_of(filter.lacks().begin(), filter.lacks().end(), is_held) &&
         std::all_of(filter.segments().begin(), filter.segments().end(),
                     [&](const std::string& one) { return segments.contains(one); }) &&
         customer.home_region().starts_with(filter.region_prefix()) &&
         (filter.min_birth_year() == 0 || born >= filter.min_birth_year()) &&
         (filter.max_birth_year() == 0 || (born != 0 && born <= filter.max_birth_year()));
}

std::vector<std::string> NamesOf(const Call& as, pb::ListCustomersRequest filter, int page) {
  std::vector<std::string> names;
  filter.set_page_size(page);
  do {
    Call call = as;
    call.deadline = std::chrono::steady_clock::now() + 10s;
    const auto answer = api::ListCustomers(call, TheDeps(), filter);
    if (!answer) FAIL(Told(answer.error()));
    CHECK(answer->customers_size() <= page);
    for (const auto& customer : answer->customers()) names.push_back(customer.name());
    filter.set_page_token(answer->next_page_token());
  } while (!filter.page_token().empty());
  return names;
}

TEST_CASE("whatever is filtered by, the pages hold exactly those who pass, oldest first",
          "[customer][store]") {
  const unsigned seed = std::random_device{}();
  INFO("seed " << seed);
  Draws draw(seed);
  Call call = ServiceCall(testing::SomeId());
  pb::ImportCustomersRequest import;
  for (int i = 0; i < 400; ++i) *import.add_customers() = SomeCustomer(draw);
  const auto done = api::ImportCustomers(call, TheDeps(), import);
  REQUIRE(done);
  REQUIRE(done->created_count() == 400);
  std::vector<pb::Customer> all;
  for (const auto& row : done->results()) all.push_back(Get(call, row.name()).value());
  std::sort(all.begin(), all.end(), [](const auto& a, const auto& b) { return a.name() < b.name(); });
  int passed = 0, filters = 0;
  while (filters < 100) {
    const auto filter = SomeFilter(draw);
    if (!domain::RequireFilter(filter)) continue;
    ++filters;
    std::vector<std::string> expected;
    for (const auto& customer : all) {
      if (Passes(customer, filter)) expected.push_back(customer.name());
    }
    INFO(filter.ShortDebugString());
    CHECK(NamesOf(call, filter, 1 + draw.Below(200)) == expected);
    passed += static_cast<int>(expected.size());
  }
  CHECK(passed > 0);
}

TEST_CASE("a filter nobody can pass is refused, a page of one filter is no page of another",
          "[customer][store]") {
  Call call = ServiceCall(testing::SomeId());
  const auto refused = [&](const std::function<void(pb::ListCustomersRequest&)>& ask) -> std::string {
    pb::ListCustomersRequest filter;
    ask(filter);
    const auto answer = api::ListCustomers(call, TheDeps(), filter);
    if (answer) return "";
    CHECK(answer.error().code == Code::kInvalidArgument);
    return answer.error().reason + " " + answer.error().violations.at(0).field;
  };
  CHECK(refused([](auto& f) { f.add_grades(pb::Customer::GRADE_UNSPECIFIED); }) ==
        "FILTER_INVALID grades[0]");
  CHECK(refused([](auto& f) {
          f.set_grade(pb::Customer::GOLD);
          f.add_grades(pb::Customer::SILVER);
        }) == "FILTER_INVALID grade");
  CHECK(refused([](auto& f) {
          f.add_holds("LOAN");
          f.add_lacks("DEPOSIT");
          f.add_lacks("LOAN");
        }) == "FILTER_INVALID lacks[1]");
  CHECK(refused([](auto& f) {
          f.add_segments("RISK=LOW");
          f.add_segments("RISK=HIGH");
        }) == "FILTER_INVALID segments[1]");
  CHECK(refused([](auto& f) {
          f.set_min_birth_year(1990);
          f.set_max_birth_year(1980);
        }) == "FILTER_INVALID max_birth_year");

  for (int i = 0; i < 3; ++i) REQUIRE(Create(call, APerson("张伟", ANumber())));
  pb::ListCustomersRequest filter;
  filter.add_lacks("LOAN");
  filter.set_page_size(2);
  const auto first = api::ListCustomers(call, TheDeps(), filter);
  REQUIRE(first);
  filter.set_page_token(first->next_page_token());
  filter.set_page_size(1);
  CHECK(api::ListCustomers(call, TheDeps(), filter)->customers_size() == 1);
  filter.set_lacks(0, "DEPOSIT");
  CHECK(api::ListCustomers(call, TheDeps(), filter).error().reason == "PAGE_TOKEN_INVALID");
}

TEST_CASE("who does not serve a client gets none of its customers by any filter", "[customer][store]") {
  const std::string tenant = testing::SomeId();
  const std::string a = testing::SomeId();
  const std::string b = testing::SomeId();
  auto draft = APerson("何文静", ANumber());
  auto& account = *draft.add_accounts();
  account.set_number(testing::SomeId());
  account.set_type("LOAN");
  REQUIRE(Create(testing::CallOf(tenant, {a}), draft));
  pb::ListCustomersRequest filter;
  filter.add_holds("LOAN");
  CHECK(NamesOf(testing::CallOf(tenant, {a}), filter, 10).size() == 1);
  CHECK(NamesOf(testing::CallOf(tenant, {b}), filter, 10).empty());
  filter.Clear();
  filter.add_lacks("DEPOSIT");
  CHECK(NamesOf(testing::CallOf(tenant, {b}), filter, 10).empty());
  CHECK(NamesOf(testing::CallOf(testing::SomeId(), {a}), filter, 10).empty());
}

}  // namespace
}  // namespace carillon::customer
