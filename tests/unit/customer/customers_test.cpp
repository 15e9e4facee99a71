#include "customer/domain/customers.hpp"

#include <algorithm>
#include <catch2/catch.hpp>

#include "sample.hpp"

namespace carillon::customer::domain {
namespace {

bool Blames(const Error& error, const std::string& field) {
  return std::any_of(error.violations.begin(), error.violations.end(),
                     [&](const Violation& violation) { return violation.field == field; });
}

TEST_CASE("a new person is a prospect whose birth and gender come from the identity number", "[customer]") {
  const auto customer = Made(LiXiuying());
  CHECK(customer.name() == "customers/" + kId);
  CHECK(customer.state() == pb::Customer::PROSPECT);
  CHECK(customer.life_cycle_stage() == pb::Customer::ACQUISITION);
  CHECK(customer.grade() == pb::Customer::STANDARD);
  CHECK(customer.display_name() == "李秀英");
  CHECK(customer.person().gender() == pb::Person::FEMALE);
  CHECK(customer.person().birth_date().year() == 1985);
  CHECK(customer.contacts(0).primary());
  CHECK(customer.owner_unit() == "/centre/team1/");
  CHECK(customer.owner_user() == "users/" + AnAgent().user);
  CHECK(customer.etag() == "1");
  CHECK(FromProto(customer.create_time()) == kNoon);
}

TEST_CASE("an active account makes a customer active from the start", "[customer]") {
  auto draft = LiXiuying();
  *draft.add_accounts() = AnAccount("6225 8800 0000 0098", "CREDIT_CARD", pb::Account::STATE_UNSPECIFIED);
  const auto customer = Made(draft);
  CHECK(customer.state() == pb::Customer::ACTIVE);
  CHECK(customer.life_cycle_stage() == pb::Customer::DEVELOPMENT);
  CHECK(customer.accounts(0).number() == "6225880000000098");
}

TEST_CASE("every bad field of a draft is named at once", "[customer]") {
  auto draft = LiXiuying();
  draft.mutable_person()->set_full_name("李**");
  draft.mutable_identifiers(0)->set_number("110101198503074525");
  draft.mutable_contacts(0)->set_number("138****8000");
  auto& mail = *draft.add_contacts();
  mail.set_type(pb::ContactMedium::EMAIL);
  mail.set_address("nobody");
  *draft.add_contacts() = mail;
  draft.mutable_source()->set_system("edw");
  draft.mutable_person()->mutable_birth_date()->set_year(2031);
  const auto refused = Created(draft, kId, "", AnAgent(), kNoon);
  REQUIRE_FALSE(refused);
  CHECK(refused.error().reason == "CUSTOMER_INVALID");
  for (const char* field :
       {"customer.person.full_name", "customer.identifiers[0].number", "customer.contacts[0].number",
        "customer.contacts[1].address", "customer.contacts[2].address", "customer.source",
        "customer.person.birth_date"}) {
    INFO(field);
    CHECK(Blames(refused.error(), field));
  }
  CHECK_FALSE(Created(pb::Customer(), kId, "", AnAgent(), kNoon));
}

TEST_CASE("a company is known by its credit code, a person is not", "[customer]") {
  pb::Customer draft;
  draft.mutable_organisation()->set_full_name("佛山陶瓷进出口有限公司");
  draft.mutable_organisation()->set_decision_maker("何文静");
  auto& code = *draft.add_identifiers();
  code.set_type(pb::Identifier::USCC);
  code.set_number("91350100m000100y43");
  const auto made = Created(draft, kId, "", AnAgent(), kNoon);
  REQUIRE(made);
  CHECK(made->display_name() == "佛山陶瓷进出口有限公司");
  CHECK(made->identifiers(0).number() == "91350100M000100Y43");
  auto person = LiXiuying();
  *person.add_identifiers() = code;
  const auto refused = Created(person, kId, "", AnAgent(), kNoon);
  REQUIRE_FALSE(refused);
  CHECK(Blames(refused.error(), "customer.identifiers[1].type"));
  auto company = draft;
  *company.add_identifiers() = LiXiuying().identifiers(0);
  CHECK_FALSE(Created(company, kId, "", AnAgent(), kNoon));
}

TEST_CASE("whose customer it is follows from whom the user serves", "[customer]") {
  const std::string a = "018f2000-0000-7000-8000-00000000000b";
  const std::string b = "018f2000-0000-7000-8000-00000000000c";
  Principal who = AnAgent();
  CHECK(*ClientFor(who, "") == "");
  who.clients = {a};
  CHECK(*ClientFor(who, "") == "clients/" + a);
  CHECK(ClientFor(who, "clients/" + b).error().reason == "CLIENT_FORBIDDEN");
  who.clients = {a, b};
  CHECK(ClientFor(who, "").error().reason == "CLIENT_REQUIRED");
  CHECK(*ClientFor(who, "clients/" + b) == "clients/" + b);
  CHECK(ClientFor(who, "b").error().reason == "NAME_MALFORMED");
}

TEST_CASE("an update changes what was wished and nothing that only the service sets", "[customer]") {
  auto before = Made(LiXiuying());
  *before.add_alerts() = [] {
    pb::Alert alert;
    alert.set_name("customers/" + kId + "/alerts/" + kId);
    alert.set_code("OPEN_COMPLAINT");
    alert.set_severity(pb::Alert::WARN);
    return alert;
  }();
  auto wanted = before;
  wanted.set_grade(pb::Customer::GOLD);
  wanted.clear_alerts();
  wanted.set_state(pb::Customer::ERASED);
  wanted.set_client("clients/x");
  wanted.set_etag("99");
  const auto after = Updated(before, wanted, kNoon + 1h);
  REQUIRE(after);
  CHECK(after->alerts_size() == 1);
  CHECK(after->state() == pb::Customer::PROSPECT);
  CHECK(after->client().empty());
  CHECK(after->etag() == "2");
  CHECK(FromProto(after->update_time()) == kNoon + 1h);
  CHECK(ChangedFields(before, *after) == std::vector<std::string>{"grade"});
}

TEST_CASE("an update that changes nothing leaves the etag", "[customer]") {
  const auto before = Made(LiXiuying());
  const auto after = Updated(before, before, kNoon + 1h);
  REQUIRE(after);
  CHECK(after->etag() == before.etag());
  CHECK(ChangedFields(before, *after).empty());
}

TEST_CASE("the first active account turns a prospect into a customer", "[customer]") {
  const auto before = Made(LiXiuying());
  auto wanted = before;
  *wanted.add_accounts() = AnAccount("8001", "FIXED_LINE", pb::Account::ACTIVE);
  const auto after = Updated(before, wanted, kNoon);
  REQUIRE(after);
  CHECK(after->state() == pb::Customer::ACTIVE);
  CHECK(after->life_cycle_stage() == pb::Customer::DEVELOPMENT);
}

TEST_CASE("a lost card blocks changing accounts, not the rest", "[customer][alert]") {
  auto draft = LiXiuying();
  *draft.add_accounts() = AnAccount("6225880000000098", "CREDIT_CARD", pb::Account::ACTIVE);
  pb::Alert lost;
  lost.set_code("LOST_CARD");
  lost.set_severity(pb::Alert::BLOCK);
  lost.set_subject("6225****0098");
  const auto before = Alerted(Made(draft), lost, kId, "users/x", kNoon);
  REQUIRE(before);
  auto wanted = *before;
  wanted.mutable_accounts(0)->set_points(5);
  const auto refused = Updated(*before, wanted, kNoon);
  REQUIRE_FALSE(refused);
  CHECK(refused.error().reason == "CUSTOMER_BLOCKED");
  CHECK(refused.error().metadata.at("code") == "LOST_CARD");
  wanted = *before;
  wanted.set_brand("gotone");
  CHECK(Updated(*before, wanted, kNoon));
}

TEST_CASE("a person never becomes an organisation", "[customer]") {
  const auto before = Made(LiXiuying());
  auto wanted = before;
  wanted.mutable_organisation()->set_full_name("李秀英有限公司");
  CHECK_FALSE(Updated(before, wanted, kNoon));
}

TEST_CASE("a customer closes only without open accounts, and once", "[customer][state]") {
  auto draft = LiXiuying();
  *draft.add_accounts() = AnAccount("8001", "FIXED_LINE", pb::Account::SUSPENDED);
  const auto holder = Made(draft);
  CHECK(Closed(holder, kNoon).error().reason == "CUSTOMER_HAS_ACCOUNTS");
  draft.mutable_accounts(0)->set_state(pb::Account::EXPIRED);
  const auto closed = Closed(Made(draft), kNoon);
  REQUIRE(closed);
  CHECK(closed->state() == pb::Customer::CLOSED);
  CHECK(Closed(*closed, kNoon).error().reason == "CUSTOMER_CLOSED");
  CHECK(Updated(*closed, *closed, kNoon).error().reason == "CUSTOMER_CLOSED");
}

TEST_CASE("each state takes and refuses what it must", "[customer][state]") {
  for (int state = pb::Customer::PROSPECT; state <= pb::Customer::ERASED; ++state) {
    auto customer = Made(LiXiuying());
    customer.set_state(static_cast<pb::Customer::State>(state));
    const bool open = state <= pb::Customer::SUSPENDED;
    INFO(pb::Customer::State_Name(customer.state()));
    CHECK(RequireOpen(customer).has_value() == open);
    CHECK(Touched(customer, kNoon).state() ==
          (state == pb::Customer::DORMANT ? pb::Customer::ACTIVE : customer.state()));
    CHECK(Silent(customer, kNoon).state() ==
          (state == pb::Customer::ACTIVE ? pb::Customer::DORMANT : customer.state()));
  }
}

TEST_CASE("service is withheld and given again", "[customer][state]") {
  auto draft = LiXiuying();
  const auto prospect = Suspended(Made(draft), kNoon);
  REQUIRE(prospect);
  CHECK(prospect->state() == pb::Customer::SUSPENDED);
  CHECK(prospect->etag() == "2");
  CHECK(Suspended(*prospect, kNoon)->etag() == "2");
  CHECK(Resumed(*prospect, kNoon)->state() == pb::Customer::PROSPECT);
  *draft.add_accounts() = AnAccount("8001", "FIXED_LINE", pb::Account::ACTIVE);
  CHECK(Resumed(*Suspended(Made(draft), kNoon), kNoon)->state() == pb::Customer::ACTIVE);
  CHECK(Resumed(Made(draft), kNoon)->etag() == "1");
  CHECK(Suspended(*Closed(Made(LiXiuying()), kNoon), kNoon).error().reason == "CUSTOMER_CLOSED");
}

TEST_CASE("the same alert raised again replaces the one that stands; its end ends it", "[customer][alert]") {
  pb::Alert alert;
  alert.set_code("PROFESSIONAL_COMPLAINANT");
  alert.set_severity(pb::Alert::INFO);
  const auto first = Alerted(Made(LiXiuying()), alert, kId, "users/x", kNoon);
  REQUIRE(first);
  alert.set_severity(pb::Alert::WARN);
  *alert.mutable_expire_time() = ToProto(kNoon + 1h);
  auto second = Alerted(*first, alert, "018f3000-0000-7000-8000-000000000009", "users/y", kNoon);
  REQUIRE(second);
  REQUIRE(second->alerts_size() == 1);
  CHECK(second->alerts(0).name() == first->alerts(0).name());
  CHECK(second->alerts(0).severity() == pb::Alert::WARN);
  CHECK(second->alerts(0).raised_by() == "users/y");
  auto later = *second;
  DropExpired(later, kNoon + 1h);
  CHECK(later.alerts_size() == 0);
  CHECK(Cleared(*second, second->alerts(0).name(), kNoon).alerts_size() == 0);
  *alert.mutable_expire_time() = ToProto(kNoon);
  CHECK(Alerted(*first, alert, kId, "users/x", kNoon).error().reason == "ALERT_EXPIRED");
}

TEST_CASE("elderly is 65 on the day, in China, or flagged", "[customer]") {
  auto customer = Made(LiXiuying());
  auto& born = *customer.mutable_person()->mutable_birth_date();
  born.set_year(1959);
  born.set_month(5);
  born.set_day(1);
  CHECK(IsElderly(customer, kNoon));
  CHECK(IsElderly(customer, kNoon - 12h));
  CHECK_FALSE(IsElderly(customer, kNoon - 12h - 1us));
  CHECK(TurnsElderlyAt(customer, kNoon - 24h) == kNoon - 12h);
  born.set_day(2);
  CHECK_FALSE(IsElderly(customer, kNoon));
  customer.add_special_needs("ELDERLY");
  CHECK(IsElderly(customer, kNoon));
  customer.clear_special_needs();
  born.set_month(0);
  born.set_day(0);
  CHECK(IsElderly(customer, kNoon));
  customer.mutable_person()->clear_birth_date();
  CHECK_FALSE(IsElderly(customer, kNoon));
}

TEST_CASE("what an event says identifies nobody", "[customer][event]") {
  auto draft = LiXiuying();
  *draft.add_accounts() = AnAccount("6225880000000098", "CREDIT_CARD", pb::Account::ACTIVE);
  const auto state = StateOf(Made(draft));
  CHECK(state.masked_display_name() == "李**");
  CHECK(state.birth_year() == 1985);
  CHECK(state.account_types(0) == "CREDIT_CARD");
  const std::string bytes = state.SerializeAsString();
  for (const char* secret : {"秀英", "110101198503074524", "13800138000", "6225880000000098"}) {
    INFO(secret);
    CHECK(bytes.find(secret) == std::string::npos);
  }
  CHECK(MaskedName("") == "");
  CHECK(MaskedName("Bob") == "B**");
}

}  // namespace
}  // namespace carillon::customer::domain
