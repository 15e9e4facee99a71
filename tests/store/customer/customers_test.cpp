#include <google/protobuf/util/message_differencer.h>

#include <atomic>
#include <catch2/catch.hpp>
#include <set>
#include <thread>

#include "bench.hpp"
#include "customer/jobs/mark_dormant.hpp"

namespace carillon::customer {
namespace {

using google::protobuf::util::MessageDifferencer;

pb::Customer AFullDraft() {
  auto draft = APerson("王建国", ANumber());
  draft.mutable_person()->set_salutation("先生");
  draft.mutable_person()->set_occupation("教师");
  auto& identifier = *draft.add_identifiers();
  identifier.set_type(pb::Identifier::RESIDENT_ID);
  identifier.set_number(AnIdNumber());
  identifier.mutable_expiry_date()->set_year(2034);
  identifier.mutable_expiry_date()->set_month(2);
  identifier.mutable_expiry_date()->set_day(28);
  auto& mail = *draft.add_contacts();
  mail.set_type(pb::ContactMedium::EMAIL);
  mail.set_address("wang@example.com");
  *mail.mutable_verify_time() = ToProto(TimePoint{std::chrono::microseconds{1'700'000'000'123'456}});
  mail.set_bounce_count(2);
  draft.mutable_contacts(0)->set_own_line(true);
  draft.mutable_person()->set_native_language("CANTONESE");
  draft.mutable_lifetime_value()->set_currency_code("CNY");
  draft.mutable_lifetime_value()->set_units(1'200'000);
  auto& address = *draft.add_addresses();
  address.set_type(carillon::type::v1::Address::RESIDENCE);
  address.set_city("北京市");
  address.set_detail("建国路88号3号楼1202室 \"东\" {x}");
  auto& account = *draft.add_accounts();
  account.set_number("6225880000" + ANumber().substr(8));
  account.set_type("CREDIT_CARD");
  account.set_points(1234567890123);
  account.mutable_balance()->set_currency_code("CNY");
  account.mutable_balance()->set_units(860000);
  account.mutable_balance()->set_nanos(500000000);
  account.mutable_monthly_fee()->set_units(59);
  account.mutable_expiry_date()->set_year(2027);
  account.mutable_expiry_date()->set_month(11);
  account.mutable_expiry_date()->set_day(30);
  auto& segment = *draft.add_segments();
  segment.set_dimension("VALUE");
  segment.set_value("DIAMOND");
  segment.set_score(0.1);
  auto& consent = *draft.add_consents();
  consent.set_channel(carillon::type::v1::VOICE);
  consent.set_purpose(pb::Consent::MARKETING);
  consent.set_decision(pb::Consent::WITHDRAWN);
  draft.set_grade(pb::Customer::DIAMOND);
  draft.set_home_region("110105");
  draft.set_preferred_language("zh-CN");
  draft.set_preferred_channel(carillon::type::v1::SMS);
  draft.add_special_needs("HARD_OF_HEARING");
  (*draft.mutable_custom_fields()->mutable_fields())["shoe size"].set_number_value(41.5);
  (*draft.mutable_custom_fields()->mutable_fields())["none"].set_null_value(google::protobuf::NULL_VALUE);
  draft.mutable_source()->set_system("edw");
  draft.mutable_source()->set_key(testing::SomeId());
  return draft;
}

TEST_CASE("every table is behind row-level security and the service's role can not get round it",
          "[customer][store]") {
  CHECK(Peek("SELECT count(*) FROM pg_class c JOIN pg_namespace n ON n.oid = relnamespace WHERE nspname = "
             "'public' "
             "AND relkind IN ('r', 'p') AND relname NOT LIKE 'schema_migrations%' AND NOT (relrowsecurity "
             "AND relforcerowsecurity)") == "0");
  CHECK(std::stoi(Peek(
            "SELECT count(*) FROM pg_policies WHERE schemaname = 'public' AND qual LIKE '%client_id%'")) >=
        10);
  CHECK(Peek("SELECT rolsuper OR rolbypassrls FROM pg_roles WHERE rolname = 'customer_app'") == "f");
}

TEST_CASE("what was stored comes back equal, and its numbers stand nowhere in the clear",
          "[customer][store]") {
  const Call call = testing::CallOf(testing::SomeId());
  const auto draft = AFullDraft();
  const auto made = Create(call, draft);
  REQUIRE(made);
  const auto got = Get(call, made->name());
  REQUIRE(got);
  std::string difference;
  MessageDifferencer differ;
  differ.ReportDifferencesToString(&difference);
  CHECK(differ.Compare(*made, *got));
  INFO(difference);
  CHECK(difference.empty());
  CHECK(got->state() == pb::Customer::ACTIVE);
  for (const std::string& number : {draft.identifiers(0).number(), draft.accounts(0).number()}) {
    for (const char* table : {"customers", "customer_identifiers", "accounts", "customer_terms", "outbox"}) {
      INFO(table);
      CHECK(Peek(std::string("SELECT count(*) FROM ") + table + " t WHERE t::text LIKE '%" + number + "%'") ==
            "0");
    }
  }
  CHECK(Peek("SELECT type FROM outbox WHERE key = '" + made->name().substr(10) + "'") ==
        "carillon.customer.v1.CustomerCreated");
}

TEST_CASE("a second customer with the same document is told whose it is", "[customer][store]") {
  const Call call = testing::CallOf(testing::SomeId());
  const auto first = Create(call, AFullDraft());
  REQUIRE(first);
  auto again = APerson("王建国", ANumber());
  *again.add_identifiers() = first->identifiers(0);
  const auto second = Create(call, again);
  REQUIRE_FALSE(second);
  CHECK(second.error().code == Code::kAlreadyExists);
  CHECK(second.error().reason == "CUSTOMER_EXISTS");
  CHECK(second.error().metadata.at("customer") == first->name());
  auto same_source = APerson("王建国", ANumber());
  *same_source.mutable_source() = first->source();
  CHECK(Create(call, same_source).error().metadata.at("customer") == first->name());
  auto other = Create(call, APerson("赵敏", ANumber()));
  REQUIRE(other);
  *other->add_identifiers() = first->identifiers(0);
  const auto taken = Update(call, *other, {"identifiers"});
  REQUIRE_FALSE(taken);
  INFO(Told(taken.error()));
  CHECK(taken.error().reason == "CUSTOMER_EXISTS");
  CHECK(taken.error().metadata.at("customer") == first->name());
  CHECK(Create(testing::CallOf(testing::SomeId()), again));  // another tenant's own
}

TEST_CASE("of eight who create the same person at once one wins and seven learn her name",
          "[customer][store]") {
  const Call call = testing::CallOf(testing::SomeId());
  auto draft = APerson("李秀英", ANumber());
  auto& identifier = *draft.add_identifiers();
  identifier.set_type(pb::Identifier::RESIDENT_ID);
  identifier.set_number(AnIdNumber());
  std::vector<std::thread> threads;
  std::vector<std::string> won(8), told(8);
  for (std::size_t i = 0; i < 8; ++i) {
    threads.emplace_back([&, i] {
      const auto made = Create(call, draft);
      if (made) {
        won[i] = made->name();
      } else if (made.error().reason == "CUSTOMER_EXISTS") {
        told[i] = made.error().metadata.at("customer");
      }
    });
  }
  for (auto& thread : threads) thread.join();
  std::set<std::string> winners(won.begin(), won.end());
  winners.erase("");
  REQUIRE(winners.size() == 1);
  CHECK(std::count(told.begin(), told.end(), *winners.begin()) == 7);
}

TEST_CASE("another tenant reaches nothing by any method", "[customer][store]") {
  const Call ours = testing::CallOf(testing::SomeId());
  const Call theirs = testing::CallOf(testing::SomeId());
  const auto made = Create(ours, AFullDraft());
  REQUIRE(made);
  CHECK(Get(theirs, made->name()).error().reason == "CUSTOMER_UNKNOWN");
  CHECK(Update(theirs, *made, {"brand"}).error().reason == "CUSTOMER_UNKNOWN");
  CHECK(LookUp(theirs, made->contacts(0).number())->result() == pb::LookUpCallerResponse::NONE);
  CHECK(LookUp(ServiceCall(theirs.principal.tenant), made->contacts(0).number())->result() ==
        pb::LookUpCallerResponse::NONE);
  CHECK(LookUp(ServiceCall(ours.principal.tenant), made->contacts(0).number())->result() ==
        pb::LookUpCallerResponse::ONE);
  CHECK(Search(theirs, [](auto& q) { q.set_text("王建国"); })->customers_size() == 0);
  CHECK(Search(theirs, [&](auto& q) { *q.mutable_identifier() = made->identifiers(0); })->customers_size() ==
        0);
  CHECK(Search(theirs, [&](auto& q) {
          q.set_account_number(made->accounts(0).number());
        })->customers_size() == 0);
  Call list = theirs;
  CHECK(api::ListCustomers(list, TheDeps(), {})->customers_size() == 0);
}

TEST_CASE("who does not serve a client does not see its customers", "[customer][store]") {
  const std::string tenant = testing::SomeId();
  const std::string a = testing::SomeId();
  const std::string b = testing::SomeId();
  const auto made = Create(testing::CallOf(tenant, {a}), APerson("周丽华", ANumber()));
  REQUIRE(made);
  CHECK(made->client() == "clients/" + a);
  const auto seen = Get(testing::CallOf(tenant, {b, a}), made->name());
  INFO((seen ? "" : Told(seen.error())));
  REQUIRE(seen);
  CHECK(Get(testing::CallOf(tenant, {b}), made->name()).error().reason == "CUSTOMER_UNKNOWN");
  CHECK(Get(testing::CallOf(tenant), made->name()).error().reason == "CUSTOMER_UNKNOWN");
  CHECK(LookUp(ServiceCall(tenant), made->contacts(0).number())->result() == pb::LookUpCallerResponse::ONE);
  // Now the answer is cached; those who do not serve the client still do not get it.
  CHECK(LookUp(testing::CallOf(tenant, {b}), made->contacts(0).number())->result() ==
        pb::LookUpCallerResponse::NONE);
  CHECK(LookUp(testing::CallOf(tenant, {a}), made->contacts(0).number())->result() ==
        pb::LookUpCallerResponse::ONE);
  // The same person may be the customer of both.
  auto shared = APerson("周丽华", ANumber());
  auto& identifier = *shared.add_identifiers();
  identifier.set_type(pb::Identifier::PASSPORT);
  identifier.set_number("E" + testing::SomeId().substr(28));
  CHECK(Create(testing::CallOf(tenant, {a}), shared));
  CHECK(Create(testing::CallOf(tenant, {b}), shared));
  CHECK_FALSE(Create(testing::CallOf(tenant, {b}), shared));
  CHECK(Search(testing::CallOf(tenant, {a}), [&](auto& q) {
          *q.mutable_identifier() = identifier;
        })->customers_size() == 1);
}

TEST_CASE("two agents update one customer: the second is told to reload", "[customer][store]") {
  const Call call = testing::CallOf(testing::SomeId());
  const auto made = Create(call, AFullDraft());
  REQUIRE(made);
  auto mine = *made;
  mine.set_grade(pb::Customer::GOLD);
  const auto first = Update(call, mine, {"grade"});
  REQUIRE(first);
  CHECK(first->etag() == "2");
  auto theirs = *made;
  theirs.set_brand("gotone");
  const auto second = Update(call, theirs, {"brand"});
  REQUIRE_FALSE(second);
  CHECK(second.error().code == Code::kAborted);
  const auto now = Get(call, made->name());
  CHECK(now->grade() == pb::Customer::GOLD);
  CHECK(now->brand().empty());
  // A nested path changes that alone, a list is replaced whole.
  pb::Customer patch;
  patch.set_name(made->name());
  patch.mutable_person()->set_occupation("医生");
  const auto third = Update(call, patch, {"person.occupation", "contacts"});
  REQUIRE(third);
  CHECK(third->person().full_name() == "王建国");
  CHECK(third->person().occupation() == "医生");
  CHECK(third->contacts_size() == 0);
  CHECK(third->identifiers_size() == 1);
  CHECK(Search(call, [&](auto& q) { q.set_phone_suffix(made->contacts(0).number()); })->customers_size() ==
        0);
  CHECK(Update(call, patch, {"no_such_field"}).error().code == Code::kInvalidArgument);
}

TEST_CASE("a repeated request gets the same answer, and no second customer", "[customer][store]") {
  Call call = testing::CallOf(testing::SomeId());
  call.method = "/carillon.customer.v1.CustomerService/CreateCustomer";
  call.request_id = testing::SomeId();
  call.request_hash = "hash";
  call.replay_key = std::string(32, 'k');
  const auto draft = AFullDraft();
  const auto first = Create(call, draft);
  REQUIRE(first);
  const auto again = Create(call, draft);
  REQUIRE(again);
  CHECK(MessageDifferencer::Equals(*first, *again));
  CHECK(Peek("SELECT count(*) FROM customers WHERE tenant_id = '" + call.principal.tenant + "'") == "1");
  // Nothing of the answer that is kept for the repeat can be read.
  for (const auto& value :
       {draft.identifiers(0).number(), first->contacts(0).number(), first->display_name(), first->name()})
    CHECK(Peek("SELECT position(convert_to('" + value +
               "', 'UTF8') IN response) FROM request_replays WHERE tenant_id = '" + call.principal.tenant +
               "'") == "0");
  call.request_hash = "another";
  call.replay_key = std::string(32, 'k');
  CHECK(Create(call, draft).error().reason == "REQUEST_ID_REUSED");
}

TEST_CASE("customers are found by name, pinyin, end of number, document and account", "[customer][store]") {
  const Call call = testing::CallOf(testing::SomeId());
  auto draft = AFullDraft();
  draft.mutable_person()->set_full_name("欧阳锋");
  const auto made = Create(call, draft);
  REQUIRE(made);
  for (int i = 0; i < 5; ++i) REQUIRE(Create(call, APerson("欧阳克", ANumber())));
  const auto found = [&](const std::function<void(pb::SearchCustomersRequest&)>& ask) {
    const auto answer = Search(call, ask);
    REQUIRE(answer);
    return answer->customers_size() == 1 ? answer->customers(0).name()
                                         : std::to_string(answer->customers_size());
  };
  CHECK(found([](auto& q) { q.set_text("阳锋"); }) == made->name());
  CHECK(found([](auto& q) { q.set_text("ouyangfeng"); }) == made->name());
  CHECK(found([](auto& q) { q.set_text("OYF"); }) == made->name());
  CHECK(found([](auto& q) { q.set_text("欧"); }) == "6");
  CHECK(found([](auto& q) { q.set_text("欧阳修"); }) == "0");
  const std::string number = made->contacts(0).number();
  CHECK(found([&](auto& q) { q.set_phone_suffix(number.substr(number.size() - 8)); }) == made->name());
  CHECK(found([&](auto& q) { q.set_phone_suffix(number.substr(3)); }) == made->name());
  CHECK(found([&](auto& q) { *q.mutable_identifier() = made->identifiers(0); }) == made->name());
  CHECK(found([&](auto& q) { q.set_account_number(made->accounts(0).number()); }) == made->name());
  CHECK(Search(call, [](auto& q) { q.set_text("o"); }).error().reason == "QUERY_TOO_SHORT");
  CHECK(Search(call, [](auto&) {}).error().reason == "QUERY_REQUIRED");
  SECTION("page by page, each once") {
    std::set<std::string> names;
    std::string token;
    int pages = 0;
    do {
      const auto page = Search(call, [&](auto& q) {
        q.set_text("ou");
        q.set_page_size(4);
        q.set_page_token(token);
      });
      REQUIRE(page);
      for (const auto& customer : page->customers()) CHECK(names.insert(customer.name()).second);
      token = page->next_page_token();
      ++pages;
    } while (!token.empty());
    CHECK(names.size() == 6);
    CHECK(pages == 2);
  }
  SECTION("an end of a list's page leads on, but not for another filter") {
    Call list = call;
    pb::ListCustomersRequest request;
    request.set_page_size(5);
    const auto first = api::ListCustomers(list, TheDeps(), request);
    REQUIRE(first);
    CHECK(first->customers_size() == 5);
    request.set_page_token(first->next_page_token());
    const auto rest = api::ListCustomers(list, TheDeps(), request);
    REQUIRE(rest);
    CHECK(rest->customers_size() == 1);
    CHECK(rest->next_page_token().empty());
    request.set_grade(pb::Customer::DIAMOND);
    CHECK(api::ListCustomers(list, TheDeps(), request).error().reason == "PAGE_TOKEN_INVALID");
    request.clear_page_token();
    CHECK(api::ListCustomers(list, TheDeps(), request)->customers_size() == 1);
  }
}

TEST_CASE("an import reports each row and may be sent again", "[customer][store]") {
  Call call = testing::CallOf(testing::SomeId());
  pb::ImportCustomersRequest request;
  for (int i = 0; i < 4; ++i) {
    auto& row = *request.add_customers() = APerson("张伟", ANumber());
    row.mutable_source()->set_system("edw");
    row.mutable_source()->set_key(std::to_string(i));
  }
  auto& wrong = *request.mutable_customers(1)->add_identifiers();
  wrong.set_type(pb::Identifier::RESIDENT_ID);
  wrong.set_number("110101198503074525");
  request.mutable_customers(3)->mutable_source()->set_key("0");
  const auto first = api::ImportCustomers(call, TheDeps(), request);
  REQUIRE(first);
  CHECK(first->created_count() == 2);
  CHECK(first->rejected_count() == 2);
  CHECK(first->results(0).outcome() == pb::ImportResult::CREATED);
  CHECK(first->results(1).reason() == "CUSTOMER_INVALID");
  CHECK(first->results(1).violations(0).find("identifiers[0].number") != std::string::npos);
  CHECK(first->results(1).violations(0).find("110101") == std::string::npos);
  CHECK(first->results(3).reason() == "ROW_REPEATED");
  const auto again = api::ImportCustomers(call, TheDeps(), request);
  REQUIRE(again);
  CHECK(again->created_count() == 0);
  CHECK(again->existing_count() == 2);
  CHECK(again->results(0).name() == first->results(0).name());
  CHECK(Get(call, first->results(2).name())->source().key() == "2");
  CHECK(Peek("SELECT count(*) FROM outbox WHERE tenant_id = '" + call.principal.tenant + "'") == "2");
}

TEST_CASE("a thousand rows go in at once", "[customer][store]") {
  Call call = testing::CallOf(testing::SomeId());
  pb::ImportCustomersRequest request;
  for (int i = 0; i < 1000; ++i) {
    auto& row = *request.add_customers() = APerson("陈小明", ANumber());
    auto& identifier = *row.add_identifiers();
    identifier.set_type(pb::Identifier::RESIDENT_ID);
    identifier.set_number(AnIdNumber());
  }
  const auto before = std::chrono::steady_clock::now();
  const auto done = api::ImportCustomers(call, TheDeps(), request);
  const auto took =
      std::chrono::duration_cast<std::chrono::milliseconds>(std::chrono::steady_clock::now() - before);
  REQUIRE(done);
  CHECK(done->created_count() == 1000);
  WARN("1,000 rows imported in " << took.count() << " ms");
  CHECK(Search(call, [&](auto& q) { *q.mutable_identifier() = request.customers(777).identifiers(0); })
            ->customers(0)
            .name() == done->results(777).name());
}

TEST_CASE("an alert is raised once, seen on the card, cleared once", "[customer][store]") {
  Call call = testing::CallOf(testing::SomeId());
  const auto made = Create(call, APerson("黄志强", ANumber()));
  REQUIRE(made);
  pb::RaiseAlertRequest raise;
  raise.set_parent(made->name());
  raise.mutable_alert()->set_code("PROFESSIONAL_COMPLAINANT");
  raise.mutable_alert()->set_severity(pb::Alert::INFO);
  REQUIRE(api::RaiseAlert(call, TheDeps(), raise));
  raise.mutable_alert()->set_severity(pb::Alert::WARN);
  const auto raised = api::RaiseAlert(call, TheDeps(), raise);
  REQUIRE(raised);
  REQUIRE(raised->alerts_size() == 1);
  CHECK(raised->etag() == "3");
  CHECK(MessageDifferencer::Equals(*raised, *Get(call, made->name())));
  CHECK(LookUp(call, made->contacts(0).number())->cards(0).alerts(0).severity() == pb::Alert::WARN);
  pb::ClearAlertRequest clear;
  clear.set_name(raised->alerts(0).name());
  clear.set_reason("talked");
  CHECK(api::ClearAlert(call, TheDeps(), clear).error().reason == "SUPERVISOR_REQUIRED");
  call.principal.permissions.insert("routing.supervise");
  CHECK(api::ClearAlert(call, TheDeps(), clear)->alerts_size() == 0);
  CHECK(api::ClearAlert(call, TheDeps(), clear)->etag() == "4");
  CHECK(Get(call, made->name())->alerts_size() == 0);
  clear.set_name(made->name() + "/alerts/" + testing::SomeId());
  CHECK(api::ClearAlert(call, TheDeps(), clear).error().reason == "ALERT_UNKNOWN");
  CHECK(Peek("SELECT string_agg(type, ' ' ORDER BY id) FROM outbox WHERE key = '" + made->name().substr(10) +
             "'") ==
        "carillon.customer.v1.CustomerCreated carillon.customer.v1.AlertRaised "
        "carillon.customer.v1.AlertRaised "
        "carillon.customer.v1.AlertCleared");
}

TEST_CASE("a suspended customer is still known by her number, a closed one is not", "[customer][store]") {
  Call call = testing::CallOf(testing::SomeId());
  const auto made = Create(call, APerson("周丽华", ANumber()));
  REQUIRE(made);
  const std::string number = made->contacts(0).number();
  pb::SuspendCustomerRequest suspend;
  suspend.set_name(made->name());
  suspend.set_etag(made->etag());
  REQUIRE(api::SuspendCustomer(call, TheDeps(), suspend));
  CHECK(LookUp(call, number)->cards(0).state() == pb::Customer::SUSPENDED);
  CHECK(api::SuspendCustomer(call, TheDeps(), suspend).error().code == Code::kAborted);
  pb::ResumeCustomerRequest resume;
  resume.set_name(made->name());
  CHECK(api::ResumeCustomer(call, TheDeps(), resume)->state() == pb::Customer::PROSPECT);
  pb::DeleteCustomerRequest close;
  close.set_name(made->name());
  CHECK(api::DeleteCustomer(call, TheDeps(), close)->state() == pb::Customer::CLOSED);
  CHECK(LookUp(call, number)->result() == pb::LookUpCallerResponse::NONE);
  CHECK(api::ResumeCustomer(call, TheDeps(), resume).error().reason == "CUSTOMER_CLOSED");
  CHECK(Get(call, made->name())->state() == pb::Customer::CLOSED);
  CHECK(Peek("SELECT string_agg(type, ' ' ORDER BY id) FROM outbox WHERE key = '" + made->name().substr(10) +
             "'") ==
        "carillon.customer.v1.CustomerCreated carillon.customer.v1.CustomerUpdated "
        "carillon.customer.v1.CustomerUpdated "
        "carillon.customer.v1.CustomerClosed");
}

TEST_CASE("a service password locks after three wrong tries and is kept nowhere", "[customer][store]") {
  Call call = ServiceCall(testing::SomeId());
  const auto made = Create(call, APerson("刘洋", ANumber()));
  REQUIRE(made);
  pb::VerifyServicePasswordRequest verify;
  verify.set_name(made->name());
  verify.set_password("902157");
  CHECK(api::VerifyServicePassword(call, TheDeps(), verify).error().reason == "PASSWORD_NOT_SET");
  CHECK_FALSE(LookUp(call, made->contacts(0).number())->cards(0).has_service_password());
  pb::SetServicePasswordRequest set;
  set.set_name(made->name());
  set.set_password("111111");
  CHECK(api::SetServicePassword(call, TheDeps(), set).error().reason == "PASSWORD_TOO_SIMPLE");
  set.set_password("902157");
  REQUIRE(api::SetServicePassword(call, TheDeps(), set));
  CHECK(LookUp(call, made->contacts(0).number())->cards(0).has_service_password());
  CHECK(Get(call, made->name())->has_service_password());
  CHECK(Peek("SELECT password_hash LIKE '$argon2id$%' AND password_hash NOT LIKE '%902157%' FROM "
             "service_passwords "
             "WHERE customer_id = '" +
             made->name().substr(10) + "'") == "t");
  verify.set_password("902158");
  CHECK(api::VerifyServicePassword(call, TheDeps(), verify)->remaining_tries() == 2);
  verify.set_password("902157");
  CHECK(api::VerifyServicePassword(call, TheDeps(), verify)->verified());
  verify.set_password("902158");
  // Six at once: three are compared, the others meet the lock.
  std::atomic<int> wrong{0}, locked{0};
  std::vector<std::thread> threads;
  for (int i = 0; i < 6; ++i) {
    threads.emplace_back([&] {
      Call own = call;
      const auto answer = api::VerifyServicePassword(own, TheDeps(), verify);
      if (answer) {
        wrong += answer->verified() ? 100 : 1;
      } else if (answer.error().reason == "PASSWORD_LOCKED") {
        ++locked;
      }
    });
  }
  for (auto& thread : threads) thread.join();
  CHECK(wrong == 3);
  CHECK(locked == 3);
  verify.set_password("902157");
  CHECK(api::VerifyServicePassword(call, TheDeps(), verify).error().reason == "PASSWORD_LOCKED");
  REQUIRE(api::SetServicePassword(call, TheDeps(), set));
  CHECK(api::VerifyServicePassword(call, TheDeps(), verify)->verified());
}

TEST_CASE("the last contact of a direction follows the events, each counted once", "[customer][store]") {
  Call call = ServiceCall(testing::SomeId());
  const auto made = Create(call, APerson("何文静", ANumber()));
  REQUIRE(made);
  CHECK(LookUp(call, made->contacts(0).number())->cards(0).last_agent().empty());
  const TimePoint noon = call.now;
  const auto apply = [&](const std::string& agent, TimePoint at, const std::string& id) {
    return events::OnInteractionCompleted(call, TheDeps(), Completed(made->name(), agent),
                                          {id, "carillon.routing.interactions.v1", "x", at});
  };
  const std::string event = testing::SomeId();
  const std::string agent = "agents/" + testing::SomeId();
  const std::string earlier = "agents/" + testing::SomeId();
  REQUIRE(apply(agent, noon, event));
  REQUIRE(apply(agent, noon, event));
  REQUIRE(apply(earlier, noon - 24h, testing::SomeId()));
  pb::GetLastContactRequest get;
  get.set_name(made->name() + "/lastContacts/inbound");
  const auto contact = api::GetLastContact(call, TheDeps(), get);
  REQUIRE(contact);
  CHECK(contact->agent() == agent);
  CHECK(contact->contacts_in_30_days() == 2);
  CHECK(contact->disposition() == "answered");
  CHECK(contact->channel() == carillon::type::v1::VOICE);
  CHECK(LookUp(call, made->contacts(0).number())->cards(0).last_agent() == agent);
  get.set_name(made->name() + "/lastContacts/outbound");
  CHECK(api::GetLastContact(call, TheDeps(), get).error().reason == "LAST_CONTACT_UNKNOWN");
  pb::ListLastContactsRequest list;
  list.set_parent(made->name());
  CHECK(api::ListLastContacts(call, TheDeps(), list)->last_contacts_size() == 1);
  // Nobody's contact is no reason to stop.
  CHECK(events::OnInteractionCompleted(call, TheDeps(), Completed("", agent),
                                       {testing::SomeId(), "t", "x", noon}));
  CHECK(events::OnInteractionCompleted(call, TheDeps(), Completed("customers/" + testing::SomeId(), agent),
                                       {testing::SomeId(), "t", "x", noon}));
}

TEST_CASE("a year of silence makes a customer dormant, a contact wakes her", "[customer][store]") {
  Call call = ServiceCall(testing::SomeId());
  auto draft = APerson("陈国强", ANumber());
  auto& account = *draft.add_accounts();
  account.set_number("757" + ANumber().substr(6));
  account.set_type("FIXED_LINE");
  const auto made = Create(call, draft);
  REQUIRE(made);
  REQUIRE(made->state() == pb::Customer::ACTIVE);
  Call sweep = testing::CallOf("");
  sweep.principal.service = true;
  const auto call_for = [&](const std::string& tenant) {
    Call own = ServiceCall(tenant);
    own.now = sweep.now;
    return own;
  };
  sweep.now = call.now + 364 * 24h;
  jobs::MarkDormant(Worker(), TheDeps(), call_for, sweep, 365 * 24h);
  CHECK(Get(call, made->name())->state() == pb::Customer::ACTIVE);
  sweep.now = call.now + 366 * 24h;
  jobs::MarkDormant(Worker(), TheDeps(), call_for, sweep, 365 * 24h);
  CHECK(Get(call, made->name())->state() == pb::Customer::DORMANT);
  CHECK(LookUp(call, made->contacts(0).number())->cards(0).state() == pb::Customer::DORMANT);
  REQUIRE(events::OnInteractionCompleted(call, TheDeps(), Completed(made->name(), ""),
                                         {testing::SomeId(), "t", "x", sweep.now}));
  CHECK(LookUp(call, made->contacts(0).number())->cards(0).state() == pb::Customer::ACTIVE);
}

TEST_CASE("customers who cannot be marked keep nobody behind them from being dormant", "[customer][store]") {
  const std::string broken = testing::SomeId();
  pqxx::connection admin(Db().admin_url());
  {
    pqxx::work tx(admin);
    const auto tenant = tx.quote(broken);
    tx.exec(
        "INSERT INTO customers (tenant_id, customer_id, state, party_type, display_name, party, grade, "
        "life_cycle_stage, brand, home_region, home_branch, preferred_language, preferred_channel, "
        "do_not_contact, special_needs, addresses, owner_unit, owner_user, version, created_at, updated_at, "
        "contacted_at) SELECT " +
        tenant + "::uuid, md5(" + tenant +
        " || n)::uuid, 'ACTIVE', 'PERSON', 'x', '{}', '', '', '', '', '', '', '', false, '[]', '[]', '', '', "
        "1, "
        "'2000-01-01', '2000-01-01', '2000-01-01' FROM generate_series(1, 1001) n");
    tx.commit();
  }
  Call call = ServiceCall(testing::SomeId());
  auto draft = APerson("陈国强", ANumber());
  draft.add_accounts()->set_number("757" + ANumber().substr(6));
  draft.mutable_accounts(0)->set_type("FIXED_LINE");
  const auto made = Create(call, draft);
  REQUIRE(made);
  Call sweep = testing::CallOf("");
  sweep.principal.service = true;
  sweep.now = call.now + 366 * 24h;
  jobs::MarkDormant(
      Worker(), TheDeps(),
      [&](const std::string& tenant) {
        Call own = ServiceCall(tenant);
        own.now = sweep.now;
        return own;
      },
      sweep, 365 * 24h);
  CHECK(Get(call, made->name())->state() == pb::Customer::DORMANT);
  pqxx::work tx(admin);
  tx.exec("DELETE FROM customers WHERE tenant_id = " + tx.quote(broken));
  tx.commit();
}

TEST_CASE("numbers sealed under an old key are still read and found after a rotation", "[customer][store]") {
  const Call call = testing::CallOf(testing::SomeId());
  const auto made = Create(call, AFullDraft());
  REQUIRE(made);
  const auto rotated =
      store::Vault::Make("intl", "k2:fedcba9876543210fedcba9876543210,k1:0123456789abcdef0123456789abcdef");
  REQUIRE(rotated);
  Deps deps{App(), *rotated, TheDeps().callers};
  Call own = call;
  pb::SearchCustomersRequest request;
  *request.mutable_identifier() = made->identifiers(0);
  const auto found = api::SearchCustomers(own, deps, request);
  REQUIRE(found);
  REQUIRE(found->customers_size() == 1);
  CHECK(MessageDifferencer::Equals(found->customers(0), *made));
  CHECK_FALSE(store::Vault::Make("intl", "k1:short"));
  CHECK_FALSE(store::Vault::Make("intl", ""));
  CHECK_FALSE(store::Vault::Make("none", "k1:0123456789abcdef0123456789abcdef"));
}

}  // namespace
}  // namespace carillon::customer
