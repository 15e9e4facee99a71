#include "customer/api/privacy.hpp"

#include <algorithm>
#include <catch2/catch.hpp>
#include <map>
#include <set>

#include "bench.hpp"
#include "customer/api/profile.hpp"
#include "customer/api/selections.hpp"
#include "customer/api/steward.hpp"
#include "customer/api/veil.hpp"
#include "customer/jobs/retain.hpp"
#include "customer/store/privacy.hpp"

namespace carillon::customer {
namespace {

using carillon::type::v1::SMS;
using carillon::type::v1::VOICE;

Result<pb::Customer> Consent(const Call& call, const std::string& name, pb::Consent::Decision decision,
                             const std::string& evidence, std::optional<TimePoint> said = {}) {
  return Ask<pb::Customer, pb::RecordConsentRequest>(call, api::RecordConsent, [&](auto& in) {
    in.set_parent(name);
    in.mutable_consent()->set_channel(VOICE);
    in.mutable_consent()->set_purpose(pb::Consent::MARKETING);
    in.mutable_consent()->set_decision(decision);
    in.mutable_consent()->set_evidence(evidence);
    if (said) *in.mutable_consent()->mutable_decide_time() = ToProto(*said);
  });
}

pb::CheckConsentResponse Check(const Call& call, const std::string& name, pb::Consent::Purpose purpose,
                               carillon::type::v1::Channel channel = VOICE) {
  return *Ask<pb::CheckConsentResponse, pb::CheckConsentRequest>(call, api::CheckConsent, [&](auto& in) {
    in.set_name(name);
    in.set_channel(channel);
    in.set_purpose(purpose);
  });
}

std::vector<std::string> Evidence(const Call& call, const std::string& name, int page_size = 0) {
  std::vector<std::string> out;
  std::string token;
  do {
    const auto page =
        Ask<pb::ListConsentsResponse, pb::ListConsentsRequest>(call, api::ListConsents, [&](auto& in) {
          in.set_parent(name);
          in.set_page_size(page_size);
          in.set_page_token(token);
        });
    if (!page) FAIL(Told(page.error()));
    for (const auto& one : page->consents()) out.push_back(one.consent().evidence());
    token = page->next_page_token();
  } while (!token.empty());
  return out;
}

Result<pb::Erasure> Erase(const Call& call, const std::string& name,
                          const std::string& reason = "SUBJECT_REQUEST") {
  return Ask<pb::Erasure, pb::EraseCustomerRequest>(call, api::EraseCustomer, [&](auto& in) {
    in.set_name(name);
    in.set_reason(reason);
  });
}

std::vector<pb::ExportedItem> Export(const Call& call, const std::string& name, int page_size) {
  std::vector<pb::ExportedItem> out;
  std::string token;
  do {
    const auto page = Ask<pb::ExportCustomerDataResponse, pb::ExportCustomerDataRequest>(
        call, api::ExportCustomerData, [&](auto& in) {
          in.set_name(name);
          in.set_purpose("SUBJECT_REQUEST");
          in.set_page_size(page_size);
          in.set_page_token(token);
        });
    if (!page) FAIL(Told(page.error()));
    out.insert(out.end(), page->items().begin(), page->items().end());
    token = page->next_page_token();
  } while (!token.empty());
  return out;
}

pb::IngestResult TakeOver(const Call& call, const std::string& key, const pb::Customer& values) {
  REQUIRE(Ask<pb::SourceSystem, pb::PutSourceSystemRequest>(call, api::PutSourceSystem, [](auto& in) {
    in.mutable_source_system()->set_name("sourceSystems/edw");
    in.mutable_source_system()->set_trust_rank(5);
  }));
  return Ask<pb::IngestRecordsResponse, pb::IngestRecordsRequest>(call, api::IngestRecords,
                                                                  [&](auto& in) {
                                                                    in.set_source_system("sourceSystems/edw");
                                                                    auto& record = *in.add_records();
                                                                    record.set_key(key);
                                                                    *record.mutable_values() = values;
                                                                  })
      ->results(0);
}

pb::CustomField Define(const Call& call, const std::string& key, pb::CustomField::Kind kind, bool masked,
                       bool indexed) {
  const auto made = Ask<pb::CustomField, pb::PutCustomFieldRequest>(call, api::PutCustomField, [&](auto& in) {
    auto& field = *in.mutable_custom_field();
    field.set_name("customFields/" + key);
    field.set_kind(kind);
    if (kind == pb::CustomField::CHOICE) field.add_choices("RED");
    field.set_masked(masked);
    field.set_indexed(indexed);
  });
  if (!made) FAIL(Told(made.error()));
  return *made;
}

void SetText(pb::Customer& customer, const std::string& key, const std::string& text) {
  (*customer.mutable_custom_fields()->mutable_fields())[key].set_string_value(text);
}

/// Everything that is kept of one person: two customers merged, and something in every table.
struct Someone {
  Call call = ServiceCall(testing::SomeId());
  std::string mark, mobile = ANumber(), id_number = AnIdNumber();
  pb::Customer survivor, gone;

  explicit Someone(const std::string& a_mark) : mark(a_mark) {
    auto draft = APerson("欧阳" + mark, mobile);
    auto& identifier = *draft.add_identifiers();
    identifier.set_type(pb::Identifier::RESIDENT_ID);
    identifier.set_number(id_number);
    draft.mutable_person()->set_employer("雇主" + mark);
    draft.add_addresses()->set_detail("路" + mark);
    auto& mail = *draft.add_contacts();
    mail.set_type(pb::ContactMedium::EMAIL);
    mail.set_address(mark + "@example.com");
    Define(call, "hobby", pb::CustomField::TEXT, true, true);
    SetText(draft, "hobby", "爱好" + mark);
    auto& account = *draft.add_accounts();
    account.set_number("6225" + mark);
    account.set_type("CREDIT_CARD");
    account.set_state(pb::Account::CLOSED);
    draft.add_segments()->set_dimension("VALUE");
    draft.mutable_segments(0)->set_value("GOLD");
    survivor = *Create(call, draft);
    call.now += 1s;
    const auto taken = TakeOver(call, "key " + mark, APerson("欧阳锋" + mark, ANumber()));
    gone = *Get(call, taken.customer());
    call.now += 1s;
    REQUIRE(Ask<pb::Customer, pb::MergeCustomersRequest>(call, api::MergeCustomers, [&](auto& in) {
      in.add_customers(survivor.name());
      in.add_customers(gone.name());
      in.set_reason("same " + mark);
    }));
    REQUIRE(Consent(call, survivor.name(), pb::Consent::GIVEN, "interactions/42"));
    const auto other = *Create(call, APerson("旁人", ANumber()));
    REQUIRE(Ask<pb::Relationship, pb::AddRelationshipRequest>(call, api::AddRelationship, [&](auto& in) {
      in.set_parent(other.name());
      in.mutable_relationship()->set_type("SPOUSE");
      in.mutable_relationship()->set_other(survivor.name());
    }));
    REQUIRE(Ask<pb::ManagerAssignment, pb::AssignManagerRequest>(call, api::AssignManager, [&](auto& in) {
      in.set_parent(survivor.name());
      in.mutable_assignment()->set_manager("users/" + testing::SomeId());
      in.mutable_assignment()->set_role(pb::ManagerAssignment::PRIMARY);
    }));
    REQUIRE(Ask<pb::AppendTransactionsResponse, pb::AppendTransactionsRequest>(
        call, api::AppendTransactions, [&](auto& in) {
          in.set_parent(survivor.name());
          for (int n = 0; n < 7; ++n) {
            auto& one = *in.add_transactions();
            one.set_key("t" + std::to_string(n));
            one.set_channel("ATM");
            one.set_summary("摘要" + mark);
            *one.mutable_occur_time() = ToProto(call.now + std::chrono::seconds{n});
          }
        }));
    Call event_call = call;
    REQUIRE(events::OnInteractionCompleted(event_call, TheDeps(),
                                           Completed(survivor.name(), "agents/" + testing::SomeId()),
                                           pg::EventId{testing::SomeId(), "carillon.routing.interactions.v1",
                                                       "InteractionCompleted", call.now}));
    REQUIRE(
        Ask<pb::PartyInteraction, pb::AppendInteractionRequest>(call, api::AppendInteraction, [&](auto& in) {
          in.set_parent(survivor.name());
          in.mutable_interaction()->set_place("COUNTER");
          in.mutable_interaction()->set_summary("摘要" + mark);
        }));
    REQUIRE(Ask<pb::Customer, pb::RaiseAlertRequest>(call, api::RaiseAlert, [&](auto& in) {
      in.set_parent(survivor.name());
      in.mutable_alert()->set_code("OVERDUE");
      in.mutable_alert()->set_severity(pb::Alert::WARN);
      in.mutable_alert()->set_reason("欠费两月");
    }));
    REQUIRE(Ask<pb::SetServicePasswordResponse, pb::SetServicePasswordRequest>(call, api::SetServicePassword,
                                                                               [&](auto& in) {
                                                                                 in.set_name(survivor.name());
                                                                                 in.set_password("739125");
                                                                               }));
    File();
    call.now += 1s;
  }

  /// A row of a file that says the same of the one that went.
  void File() {
    const auto job = Ask<pb::SyncJob, pb::StartSyncRequest>(call, api::StartSync, [](auto& in) {
      in.set_source_system("sourceSystems/edw");
      in.add_columns("key");
      in.add_columns("full_name");
      in.add_columns("mobile");
    });
    if (!job) FAIL(Told(job.error()));
    const auto sent = Ask<pb::SyncJob, pb::UploadSyncPieceRequest>(call, api::UploadSyncPiece, [&](auto& in) {
      in.set_name(job->name());
      in.set_data("key " + mark + ",欧阳锋" + mark + "," + ANumber() + "\n");
      in.set_last(true);
    });
    if (!sent) FAIL(Told(sent.error()));
    REQUIRE(sent->rows() == 1);
    REQUIRE(sent->rejected() == 0);
  }
};

/// Rows of each table that show the text, bytes included.
std::map<std::string, int> Where(const std::string& text) {
  pqxx::connection admin(Db().admin_url());
  pqxx::nontransaction tx(admin);
  std::map<std::string, int> out;
  for (const auto& table :
       tx.exec("SELECT table_name FROM information_schema.tables WHERE table_schema = 'public' "
               "AND table_type = 'BASE TABLE'")) {
    const std::string name = table[0].c_str();
    const auto rows = tx.exec("SELECT count(*) FROM " + tx.quote_name(name) + " AS r WHERE strpos(r::text, " +
                              tx.quote(text) + ") > 0 OR strpos(r::text, encode(convert_to(" +
                              tx.quote(text) + ", 'UTF8'), 'hex')) > 0");
    if (const int count = rows[0][0].as<int>(); count > 0) out[name] = count;
  }
  return out;
}

TEST_CASE("a consent needs a proof; a later word rules, an older one is kept and rules nothing",
          "[customer][store][privacy]") {
  Call call = ServiceCall(testing::SomeId());
  const auto name = Create(call, APerson("周丽华", ANumber()))->name();
  CHECK(Check(call, name, pb::Consent::MARKETING).reason() == pb::CheckConsentResponse::NEVER_ASKED);
  CHECK_FALSE(Check(call, name, pb::Consent::MARKETING).allowed());
  CHECK(Check(call, name, pb::Consent::SERVICE).allowed());
  CHECK(Consent(call, name, pb::Consent::GIVEN, "").error().reason == "CONSENT_INVALID");
  CHECK(Consent(call, name, pb::Consent::GIVEN, "x", call.now + 1h).error().reason == "CONSENT_INVALID");
  const TimePoint first = call.now;
  REQUIRE(Consent(call, name, pb::Consent::GIVEN, "recordings/1"));
  CHECK(Check(call, name, pb::Consent::MARKETING).allowed());
  CHECK(Check(call, name, pb::Consent::MARKETING).consent().evidence() == "recordings/1");
  CHECK_FALSE(Check(call, name, pb::Consent::MARKETING, SMS).allowed());
  call.now += 24h;
  REQUIRE(Consent(call, name, pb::Consent::WITHDRAWN, "mails/2"));
  CHECK(Check(call, name, pb::Consent::MARKETING).reason() == pb::CheckConsentResponse::SAID_NO);
  // A form that was signed before the refusal and found later.
  const auto late = Consent(call, name, pb::Consent::GIVEN, "forms/3", first + 1h);
  REQUIRE(late);
  CHECK(late->consents(0).evidence() == "mails/2");
  CHECK_FALSE(Check(call, name, pb::Consent::MARKETING).allowed());
  const std::vector<std::string> all{"mails/2", "forms/3", "recordings/1"};
  CHECK(Evidence(call, name) == all);
  CHECK(Evidence(call, name, 1) == all);
  // A consent that comes with the record is kept too.
  auto customer = *Get(call, name);
  customer.mutable_consents(0)->set_decision(pb::Consent::GIVEN);
  customer.mutable_consents(0)->set_evidence("desk/4");
  *customer.mutable_consents(0)->mutable_decide_time() = ToProto(call.now + 1s);
  call.now += 2s;
  REQUIRE(Update(call, customer, {"consents"}));
  CHECK(Evidence(call, name).front() == "desk/4");
  auto silent = *Get(call, name);
  silent.set_do_not_contact(true);
  REQUIRE(Update(call, silent, {"do_not_contact"}));
  CHECK(Check(call, name, pb::Consent::SERVICE).reason() == pb::CheckConsentResponse::DO_NOT_CONTACT);
}

TEST_CASE("an export has everything the tables keep of a person, page by page",
          "[customer][store][privacy]") {
  using Item = pb::ExportedItem;
  const Someone someone("导出壹号");
  REQUIRE(Ask<pb::Selection, pb::CreateSelectionRequest>(someone.call, api::CreateSelection, [](auto& in) {
    in.mutable_selection()->set_title("everybody");
    in.mutable_selection()->set_filter("create_time > 2000-01-01");
  }));
  const auto items = Export(someone.call, someone.survivor.name(), 200);
  std::map<Item::ItemCase, int> count;
  for (const auto& item : items) ++count[item.item_case()];
  // Table by table; a new one that holds somebody's id must find its place here.
  const std::map<std::string, Item::ItemCase> told{
      {"accounts", Item::kCustomer},
      {"alerts", Item::kAlert},
      {"consent_records", Item::kConsent},
      {"consents", Item::kCustomer},
      {"contact_media", Item::kCustomer},
      {"customer_identifiers", Item::kCustomer},
      {"customer_versions", Item::kVersion},
      {"customers", Item::kCustomer},
      {"last_contacts", Item::kLastContact},
      {"manager_assignments", Item::kAssignment},
      {"merge_cases", Item::kMergeCase},
      {"merges", Item::kMerge},
      {"party_interactions", Item::kInteraction},
      {"quality_issues", Item::kQualityIssue},
      {"relationships", Item::kRelationship},
      {"segments", Item::kCustomer},
      {"selected_customers", Item::kSelection},
      {"source_records", Item::kRecord},
      {"sync_results", Item::kSyncResult},
      {"transactions", Item::kTransaction},
  };
  const std::set<std::string> hashes_only{"customer_terms", "erasures", "service_passwords"};
  pqxx::connection admin(Db().admin_url());
  int tables = 0;
  for (const auto& row : pqxx::nontransaction(admin).exec(
           "SELECT DISTINCT c.table_name FROM information_schema.columns c JOIN information_schema.tables t "
           "USING (table_schema, table_name) WHERE c.table_schema = 'public' AND t.table_type = 'BASE TABLE' "
           "AND "
           "c.column_name IN ('customer_id', 'home_id', 'first_id', 'other_id', 'survivor_id')")) {
    const std::string table = row[0].c_str();
    INFO(table);
    ++tables;
    if (hashes_only.contains(table)) continue;
    REQUIRE(told.contains(table));
    if (table == "merge_cases" || table == "quality_issues") continue;  // only where somebody is to be asked
    CHECK(count[told.at(table)] > 0);
  }
  CHECK(tables == static_cast<int>(told.size() + hashes_only.size()));
  CHECK(count[Item::kTransaction] == 7);
  CHECK(count[Item::kVersion] >= 4);
  CHECK(items.front().customer().person().employer() == "雇主" + someone.mark);
  CHECK(items.front().customer().identifiers(0).number() == someone.id_number);
  const auto small = Export(someone.call, someone.survivor.name(), 3);
  REQUIRE(small.size() == items.size());
  for (std::size_t n = 0; n < items.size(); ++n) {
    CHECK(small[n].item_case() == items[n].item_case());
  }
}

TEST_CASE("after erasure nothing of the person is readable in any table, and it is said what is kept",
          "[customer][store][privacy]") {
  const Someone someone("抹除贰号");
  Call call = someone.call;
  const auto before = Where(someone.mark);
  CHECK(before.contains("customers"));
  CHECK(before.contains("contact_media"));
  CHECK(before.contains("transactions"));
  CHECK(before.contains("sync_results"));
  CHECK(before.contains("merges"));
  CHECK(Where(someone.mobile.substr(3)).contains("contact_media"));
  REQUIRE(LookUp(call, someone.mobile)->result() == pb::LookUpCallerResponse::ONE);
  CHECK(Erase(call, someone.survivor.name(), "WHIM").error().reason == "CODE_UNKNOWN");
  CHECK(Erase(call, someone.gone.name()).error().reason == "CUSTOMER_MERGED");
  const auto erasure = Erase(call, someone.survivor.name());
  if (!erasure) FAIL(Told(erasure.error()));
  REQUIRE(erasure->merged_size() == 1);
  CHECK(erasure->merged(0) == someone.gone.name());
  std::map<std::string, std::int64_t> kept;
  for (const auto& one : erasure->kept()) {
    kept[one.kind()] = one.count();
    CHECK(FromProto(one.until_time()) == call.now + std::chrono::days{3650});
    CHECK_FALSE(one.reason().empty());
  }
  CHECK(kept == std::map<std::string, std::int64_t>{{"CONSENTS", 1}, {"CONTACTS", 2}, {"TRANSACTIONS", 7}});
  for (const auto& [table, rows] : Where(someone.mark))
    FAIL_CHECK(table << " still has it " << rows << " times");
  CHECK(Where(someone.mobile.substr(3)) == std::map<std::string, int>());
  CHECK(Where(someone.id_number) == std::map<std::string, int>());
  // Nor under the seals that are left.
  const auto left = Export(call, someone.survivor.name(), 200);
  CHECK(std::none_of(left.begin(), left.end(), [&](const auto& item) {
    return item.SerializeAsString().find(someone.mark) != std::string::npos;
  }));
  for (const auto& name : {someone.survivor.name(), someone.gone.name()}) {
    const auto now = Get(call, name);
    REQUIRE(now);
    CHECK(now->state() == pb::Customer::ERASED);
    CHECK(now->display_name().empty());
    CHECK(now->contacts_size() + now->identifiers_size() + now->accounts_size() + now->addresses_size() == 0);
    CHECK(Peek("SELECT count(*) FROM outbox WHERE type = 'carillon.customer.v1.CustomerErased' AND key = '" +
               name.substr(10) + "'") == "1");
  }
  CHECK(LookUp(call, someone.mobile)->result() == pb::LookUpCallerResponse::NONE);
  CHECK(Search(call, [&](auto& in) { in.set_text("欧阳" + someone.mark); })->customers_size() == 0);
  CHECK(Ask<pb::Customer, pb::UnmergeCustomerRequest>(call, api::UnmergeCustomer,
                                                      [&](auto& in) { in.set_name(someone.gone.name()); })
            .error()
            .reason == "CUSTOMER_ERASED");
  CHECK(Update(call, *Get(call, someone.survivor.name()), {"grade"}).error().reason == "CUSTOMER_ERASED");
  // The source that knows the person says it again: nobody comes back.
  const auto again = TakeOver(call, "key " + someone.mark, APerson("欧阳锋" + someone.mark, someone.mobile));
  CHECK(again.outcome() == pb::IngestResult::REJECTED);
  CHECK(again.reason() == "CUSTOMER_ERASED");
  CHECK(Where("欧阳锋" + someone.mark) == std::map<std::string, int>());
  // Asked again it says the same; the proof of consent stays, and the number is free for somebody else.
  CHECK(Erase(call, someone.survivor.name())->SerializeAsString() == erasure->SerializeAsString());
  CHECK(Evidence(call, someone.survivor.name()) == std::vector<std::string>{"interactions/42"});
  auto back = APerson("新人", someone.mobile);
  back.add_identifiers()->set_type(pb::Identifier::RESIDENT_ID);
  back.mutable_identifiers(0)->set_number(someone.id_number);
  CHECK(Create(call, back));
  const auto list =
      Ask<pb::ListErasuresResponse, pb::ListErasuresRequest>(call, api::ListErasures, [](auto&) {});
  REQUIRE(list);
  CHECK(list->erasures_size() == 2);
}

TEST_CASE("who still has an account or stands in a suit is not erased", "[customer][store][privacy]") {
  const Call call = ServiceCall(testing::SomeId());
  auto draft = APerson("黄志强", ANumber());
  auto& account = *draft.add_accounts();
  account.set_number("622588880001");
  account.set_type("DEPOSIT");
  account.set_state(pb::Account::ACTIVE);
  const auto holder = *Create(call, draft), accused = *Create(call, APerson("甲", ANumber()));
  CHECK(Erase(call, holder.name()).error().reason == "CUSTOMER_HAS_ACCOUNTS");
  REQUIRE(Ask<pb::Customer, pb::RaiseAlertRequest>(call, api::RaiseAlert, [&](auto& in) {
    in.set_parent(accused.name());
    in.mutable_alert()->set_code("LITIGATION");
    in.mutable_alert()->set_severity(pb::Alert::WARN);
  }));
  const auto refused = Erase(call, accused.name());
  CHECK(refused.error().reason == "CUSTOMER_HELD");
  CHECK(refused.error().metadata.at("alert").starts_with(accused.name()));
}

TEST_CASE("who was erased and comes back with a backup is erased again before anybody may ask",
          "[customer][store][privacy]") {
  const Call call = ServiceCall(testing::SomeId());
  const auto name = Create(call, APerson("回来叁号", ANumber()))->name();
  const auto erasure = Erase(call, name);
  REQUIRE(erasure);
  // A backup from before: the record is there, the list of erasures is the newest.
  const auto back = Create(call, APerson("回来叁号", ANumber()))->name();
  pb::Erasure moved = *erasure;
  moved.set_customer(back);
  REQUIRE(App().Write(call, [&](pg::Tx& tx) -> Result<void> {
    store::SaveErasure(tx, moved, "");
    return Ok();
  }));
  REQUIRE(Where("回来叁号").contains("customers"));
  jobs::EraseReturned(
      Worker(), TheDeps(), [](const std::string& tenant) { return ServiceCall(tenant); }, ServiceCall(""));
  CHECK(Where("回来叁号") == std::map<std::string, int>());
  CHECK(Get(call, back)->state() == pb::Customer::ERASED);
}

TEST_CASE("an operator's field is typed, found by its whole value and masked", "[customer][store][privacy]") {
  Call call = ServiceCall(testing::SomeId());
  auto early = APerson("早", ANumber());
  SetText(early, "member_no", "M-77");
  const auto first = *Create(call, early);  // before anything is defined anything goes
  Define(call, "member_no", pb::CustomField::TEXT, true, true);
  Define(call, "since", pb::CustomField::DATE, false, false);
  Define(call, "colour", pb::CustomField::CHOICE, false, false);
  CHECK(Ask<pb::CustomField, pb::PutCustomFieldRequest>(
            call, api::PutCustomField,
            [](auto& in) {
              in.mutable_custom_field()->set_name("customFields/since");
              in.mutable_custom_field()->set_kind(pb::CustomField::NUMBER);
            })
            .error()
            .reason == "CUSTOM_FIELD_KIND");
  CHECK(Ask<pb::CustomField, pb::PutCustomFieldRequest>(
            call, api::PutCustomField,
            [](auto& in) {
              in.mutable_custom_field()->set_name("customFields/size");
              in.mutable_custom_field()->set_kind(pb::CustomField::CHOICE);
            })
            .error()
            .reason == "CUSTOM_FIELD_INVALID");
  const auto refused = [&](const std::string& key, const std::string& text) {
    auto draft = APerson("乙", ANumber());
    SetText(draft, key, text);
    const auto made = Create(call, draft);
    return made ? "" : made.error().violations.at(0).field;
  };
  CHECK(refused("since", "next week") == "custom_fields.since");
  CHECK(refused("colour", "BLUE") == "custom_fields.colour");
  CHECK(refused("shoe", "41") == "custom_fields.shoe");
  CHECK(refused("since", "2026-03-01").empty());
  CHECK(refused("colour", "RED").empty());

  const auto found = [&](const std::string& key, const std::string& value) {
    std::vector<std::string> names;
    const auto answer = Search(call, [&](auto& in) {
      in.mutable_custom_field()->set_key(key);
      in.mutable_custom_field()->set_value(value);
    });
    if (!answer) return std::vector<std::string>{answer.error().reason};
    for (const auto& one : answer->customers()) names.push_back(one.name());
    return names;
  };
  CHECK(found("since", "2026-03-01") == std::vector<std::string>{"FIELD_NOT_INDEXED"});
  CHECK(found("member_no", "M-77").empty());
  Call task = call;
  google::protobuf::StringValue which;
  which.set_value("customFields/member_no");
  REQUIRE(api::IndexCustomField(task, TheDeps(), which));
  CHECK(found("member_no", "M-77") == std::vector<std::string>{first.name()});
  CHECK(found("member_no", "M-7").empty());
  auto draft = APerson("丙", ANumber());
  SetText(draft, "member_no", "M-78");
  const auto second = *Create(call, draft);
  CHECK(found("member_no", "M-78") == std::vector<std::string>{second.name()});
  CHECK(Where("member_no=M-78") == std::map<std::string, int>());

  // An agent sees the mask, and leaves it as it is by sending it back.
  Call agent = testing::CallOf(call.principal.tenant);
  pb::GetCustomerRequest get;
  pb::Customer shown = second;
  REQUIRE(api::Narrow(agent, TheDeps(), get));
  REQUIRE(api::MaskOwnFields(agent, TheDeps(), shown));
  CHECK(shown.custom_fields().fields().at("member_no").string_value() == "***");
  SetText(shown, "colour", "RED");
  REQUIRE(Update(call, shown, {"custom_fields"}));
  const auto now = *Get(call, second.name());
  CHECK(now.custom_fields().fields().at("member_no").string_value() == "M-78");
  CHECK(now.custom_fields().fields().at("colour").string_value() == "RED");
}

TEST_CASE("whatever a user may, personal values are shown for a purpose of the list only",
          "[customer][store][privacy]") {
  Call call = testing::CallOf(testing::SomeId());
  call.principal.permissions = {"customer.read", "customer.unmask"};
  pb::GetCustomerRequest get;
  Call silent = call;
  REQUIRE(api::Narrow(silent, TheDeps(), get));
  CHECK_FALSE(silent.principal.May("customer.unmask"));
  get.set_purpose("CURIOSITY");
  CHECK(api::Narrow(call, TheDeps(), get).error().reason == "CODE_UNKNOWN");
  get.set_purpose("IDENTITY");
  REQUIRE(api::Narrow(call, TheDeps(), get));
  CHECK(call.principal.May("customer.unmask"));
  Call own = ServiceCall(testing::SomeId());
  REQUIRE(api::Narrow(own, TheDeps(), pb::GetCustomerRequest()));
  CHECK(own.principal.May("customer.unmask"));
}

TEST_CASE("what was kept long enough goes, and who closed long ago is erased", "[customer][store][privacy]") {
  const Someone someone("保留肆号");
  Call call = someone.call;
  REQUIRE(Erase(call, someone.survivor.name()));
  const auto closed = *Create(call, APerson("久闭伍号", ANumber()));
  REQUIRE(Ask<pb::Customer, pb::DeleteCustomerRequest>(call, api::DeleteCustomer,
                                                       [&](auto& in) { in.set_name(closed.name()); }));
  const auto rows = [&](const std::string& table) {
    return Peek("SELECT count(*) FROM " + table + " WHERE tenant_id = '" + call.principal.tenant + "'");
  };
  const auto retain = [&] {
    Call worker = ServiceCall("");
    worker.now = call.now;
    jobs::Retain(
        Worker(), TheDeps(),
        [&](const std::string& tenant) {
          Call own = ServiceCall(tenant);
          own.now = call.now;
          return own;
        },
        worker, Settings{});
  };
  retain();
  CHECK(rows("transactions") == "7");
  CHECK(rows("sync_results") == "1");
  CHECK(Get(call, closed.name())->state() == pb::Customer::CLOSED);
  call.now += std::chrono::days{91};
  retain();
  CHECK(rows("sync_results") == "0");
  CHECK(rows("transactions") == "7");
  call.now += std::chrono::days{3600};
  retain();
  CHECK(rows("transactions") == "0");
  CHECK(rows("party_interactions") == "0");
  CHECK(rows("consent_records") == "0");
  call.deadline = std::chrono::steady_clock::now() + 10s;
  CHECK(Get(call, closed.name())->state() == pb::Customer::ERASED);
  CHECK(Where("久闭伍号") == std::map<std::string, int>());
}

}  // namespace
}  // namespace carillon::customer
