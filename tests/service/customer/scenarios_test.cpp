#include <catch2/catch.hpp>
#include <functional>
#include <thread>

#include "base/proto_time.hpp"
#include "carillon/customer/v1/privacy_service.pb.h"
#include "carillon/customer/v1/profile_service.pb.h"
#include "carillon/customer/v1/quality_service.pb.h"
#include "carillon/customer/v1/segment_service.pb.h"
#include "carillon/customer/v1/steward_service.pb.h"
#include "carillon/routing/v1/routing_events.pb.h"
#include "platform.hpp"

/// The acceptance scenarios A1 to A8 of the customer master over the real service; A9 is tests/store/backup.
namespace carillon::customer {
namespace {

template <class Out, class In>
Result<Out> Do(rpc::Peer& as, const std::string& method, const std::function<void(In&)>& fill) {
  In in;
  fill(in);
  return as.Ask<Out>(AnyCall(), "carillon.customer.v1." + method, in, 15s);
}

void Completes(Platform& on, const std::string& customer) {
  routing::v1::InteractionCompleted completed;
  auto& interaction = *completed.mutable_interaction();
  interaction.set_name("interactions/" + testing::SomeId());
  interaction.set_customer(customer);
  interaction.set_direction(routing::v1::Interaction::INBOUND);
  interaction.set_channel(type::v1::VOICE);
  kafka::Envelope event;
  event.topic = "carillon.routing.interactions.v1";
  event.key = interaction.name().substr(13);
  event.event_id = testing::SomeId();
  event.type = completed.GetDescriptor()->full_name();
  event.source = "test";
  event.tenant = on.tenant;
  event.traceparent = obs::NewTraceparent();
  event.time = RealNow();
  event.payload = completed.SerializeAsString();
  kafka::Producer producer(Brokers());
  REQUIRE(producer.Send({event}));
}

/// The contacts of a customer, as soon as there are so many.
int Contacts(Platform& on, const std::string& customer, int wanted) {
  int count = 0;
  for (const auto until = std::chrono::steady_clock::now() + 40s;
       count < wanted && std::chrono::steady_clock::now() < until;) {
    std::this_thread::sleep_for(50ms);
    count = Do<pb::ListInteractionsResponse, pb::ListInteractionsRequest>(
                *on.agent, "ProfileService/ListInteractions", [&](auto& in) { in.set_parent(customer); })
                ->interactions_size();
  }
  return count;
}

TEST_CASE("A1: a caller nobody knew is filed once, and has a last contact", "[customer][service][scenario]") {
  auto& on = ThePlatform();
  CHECK(on.LookUp("13800138011")->result() == pb::LookUpCallerResponse::NONE);
  const auto file = [&] {
    return Do<pb::Customer, pb::CreateCustomerRequest>(*on.agent, "CustomerService/CreateCustomer",
                                                       [](auto& in) {
                                                         auto& customer = *in.mutable_customer();
                                                         customer.mutable_person()->set_full_name("李秀英");
                                                         customer.mutable_person()->set_occupation("教师");
                                                         auto& identifier = *customer.add_identifiers();
                                                         identifier.set_type(pb::Identifier::RESIDENT_ID);
                                                         identifier.set_number("110101198503074524");
                                                         auto& address = *customer.add_addresses();
                                                         address.set_city("北京市");
                                                         address.set_district("朝阳区");
                                                         address.set_detail("建国路88号3号楼1202室");
                                                         auto& mobile = *customer.add_contacts();
                                                         mobile.set_type(pb::ContactMedium::MOBILE);
                                                         mobile.set_number("138-0013-8011");
                                                       });
  };
  const auto made = file();
  REQUIRE(made);
  CHECK(made->life_cycle_stage() == pb::Customer::ACQUISITION);
  CHECK(made->person().gender() == pb::Person::FEMALE);
  Completes(on, made->name());
  CHECK(Contacts(on, made->name(), 1) == 1);
  const auto last = Do<pb::LastContact, pb::GetLastContactRequest>(
      *on.agent, "CustomerService/GetLastContact",
      [&](auto& in) { in.set_name(made->name() + "/lastContacts/inbound"); });
  REQUIRE(last);
  CHECK(last->channel() == type::v1::VOICE);
  const auto again = file();
  CHECK(again.error().code == Code::kAlreadyExists);
  CHECK(again.error().metadata.at("customer") == made->name());
}

TEST_CASE("A2: five more things about a pupil, one of them taken back", "[customer][service][scenario]") {
  auto& on = ThePlatform();
  auto customer = *on.Create(*on.agent, "陈国强", "13800138012");
  auto& fields = *customer.mutable_custom_fields()->mutable_fields();
  for (const auto& [key, value] : {std::pair{"guardian", "陈国强"},
                                   {"student", "陈小明"},
                                   {"school", "佛山市第三中学"},
                                   {"weak_subject", "数学"},
                                   {"goal", "中考"}}) {
    fields[key].set_string_value(value);
  }
  const auto save = [&] {
    return Do<pb::Customer, pb::UpdateCustomerRequest>(
        *on.agent, "CustomerService/UpdateCustomer", [&](auto& in) {
          in.mutable_customer()->set_name(customer.name());
          *in.mutable_customer()->mutable_custom_fields() = customer.custom_fields();
          in.mutable_update_mask()->add_paths("custom_fields");
        });
  };
  REQUIRE(save());
  const auto count = [&] {
    return Do<pb::Customer, pb::GetCustomerRequest>(*on.agent, "CustomerService/GetCustomer",
                                                    [&](auto& in) { in.set_name(customer.name()); })
        ->custom_fields()
        .fields_size();
  };
  CHECK(count() == 5);
  fields.erase("weak_subject");
  REQUIRE(save());
  CHECK(count() == 4);
}

TEST_CASE("A3: one manager, found by both keys; another manager has none", "[customer][service][scenario]") {
  auto& on = ThePlatform();
  const auto customer = *on.Create(*on.agent, "王建国", "13800138013");
  const std::string manager = "users/" + testing::SomeId(), other = "users/" + testing::SomeId();
  REQUIRE(Do<pb::ManagerAssignment, pb::AssignManagerRequest>(
      *on.admin, "ProfileService/AssignManager", [&](auto& in) {
        in.set_parent(customer.name());
        in.mutable_assignment()->set_manager(manager);
        in.mutable_assignment()->set_role(pb::ManagerAssignment::PRIMARY);
        in.mutable_assignment()->set_branch("深圳福田支行");
      }));
  const auto found = [&](const std::string& who) {
    return Do<pb::ListManagerAssignmentsResponse, pb::ListManagerAssignmentsRequest>(
               *on.agent, "ProfileService/ListManagerAssignments",
               [&](auto& in) {
                 in.set_parent(customer.name());
                 in.set_manager(who);
               })
        ->assignments_size();
  };
  CHECK(found(manager) == 1);
  CHECK(found(other) == 0);
}

TEST_CASE("A4 and A5: a source's delta of three rows; two records of one person become one",
          "[customer][service][scenario]") {
  auto& on = ThePlatform();
  REQUIRE(Do<pb::SourceSystem, pb::PutSourceSystemRequest>(
      *on.admin, "StewardService/PutSourceSystem", [](auto& in) {
        in.mutable_source_system()->set_name("sourceSystems/edw");
        in.mutable_source_system()->set_trust_rank(2);
      }));
  const auto person = [](const std::string& name, const std::string& mobile) {
    pb::Customer out;
    out.mutable_person()->set_full_name(name);
    auto& medium = *out.add_contacts();
    medium.set_type(pb::ContactMedium::MOBILE);
    medium.set_number(mobile);
    return out;
  };
  const auto take = [&](const std::vector<std::pair<std::string, pb::Customer>>& rows) {
    return *Do<pb::IngestRecordsResponse, pb::IngestRecordsRequest>(
        *on.admin, "StewardService/IngestRecords", [&](auto& in) {
          in.set_source_system("sourceSystems/edw");
          for (const auto& [key, values] : rows) {
            auto& record = *in.add_records();
            record.set_key(key);
            *record.mutable_values() = values;
          }
        });
  };
  const auto zhang = take({{"Z", person("张伟", "13900002211")}}).results(0).customer();
  auto bad = person("坏", "13800138015");
  bad.add_identifiers()->set_type(pb::Identifier::RESIDENT_ID);
  bad.mutable_identifiers(0)->set_number("110101198503074525");
  const auto delta =
      take({{"N", person("刘洋", "13800138016")}, {"Z", person("张伟", "13600009080")}, {"B", bad}});
  CHECK(delta.results(0).outcome() == pb::IngestResult::CREATED);
  CHECK(delta.results(1).outcome() == pb::IngestResult::UPDATED);
  CHECK(delta.results(1).customer() == zhang);
  CHECK(delta.results(2).outcome() == pb::IngestResult::REJECTED);
  CHECK(on.LookUp("13600009080")->cards(0).name() == zhang);
  const auto issues = Do<pb::ListQualityIssuesResponse, pb::ListQualityIssuesRequest>(
      *on.admin, "QualityService/ListQualityIssues",
      [](auto& in) { in.set_rule("qualityRules/REFUSED_ROW"); });
  REQUIRE(issues);
  CHECK(issues->quality_issues_size() == 1);

  const auto web = delta.results(0).customer();
  const auto call = on.Create(*on.agent, "刘洋", "13800138017")->name();
  Completes(on, web);
  Completes(on, call);
  REQUIRE(Contacts(on, web, 1) == 1);
  REQUIRE(Contacts(on, call, 1) == 1);
  const auto merged =
      Do<pb::Customer, pb::MergeCustomersRequest>(*on.admin, "StewardService/MergeCustomers", [&](auto& in) {
        in.add_customers(web);
        in.add_customers(call);
        in.set_reason("same person");
      });
  REQUIRE(merged);
  CHECK(merged->name() == web);  // the older one
  CHECK(Contacts(on, web, 2) == 2);
  CHECK(Do<pb::Customer, pb::GetCustomerRequest>(*on.agent, "CustomerService/GetCustomer", [&](auto& in) {
          in.set_name(call);
          in.set_redirect(true);
        })->name() == web);
}

TEST_CASE("A6 and A7: a diamond is treated as one; warnings pop, a lost card stops changes",
          "[customer][service][scenario]") {
  auto& on = ThePlatform();
  auto draft = *on.Create(*on.agent, "周丽华", "13800138018");
  const auto update = [&](const std::string& path, const std::function<void(pb::Customer&)>& fill) {
    return Do<pb::Customer, pb::UpdateCustomerRequest>(*on.agent, "CustomerService/UpdateCustomer",
                                                       [&](auto& in) {
                                                         in.mutable_customer()->set_name(draft.name());
                                                         fill(*in.mutable_customer());
                                                         in.mutable_update_mask()->add_paths(path);
                                                       });
  };
  CHECK_FALSE(on.LookUp("13800138018")->cards(0).vip());
  REQUIRE(Do<pb::SegmentRule, pb::PutSegmentRuleRequest>(
      *on.admin, "SegmentService/PutSegmentRule", [](auto& in) {
        in.mutable_segment_rule()->set_name("segmentRules/VALUE.DIAMOND");
        in.mutable_segment_rule()->set_filter("balance >= 500000");
      }));
  const auto card = [](pb::Customer& customer) {
    auto& account = *customer.add_accounts();
    account.set_number("6225880000000098");
    account.set_type("CREDIT_CARD");
    account.set_state(pb::Account::ACTIVE);
    account.mutable_balance()->set_units(860'000);
  };
  REQUIRE(update("accounts", card));
  bool vip = false;
  for (const auto until = std::chrono::steady_clock::now() + 40s;
       !vip && std::chrono::steady_clock::now() < until;) {
    std::this_thread::sleep_for(50ms);
    vip = on.LookUp("13800138018")->cards(0).vip();
  }
  CHECK(vip);  // what the rule made of the new balance

  const auto raise = [&](const std::string& code, pb::Alert::Severity severity) {
    return Do<pb::Customer, pb::RaiseAlertRequest>(*on.admin, "CustomerService/RaiseAlert", [&](auto& in) {
      in.set_parent(draft.name());
      in.mutable_alert()->set_code(code);
      in.mutable_alert()->set_severity(severity);
    });
  };
  REQUIRE(raise("PROFESSIONAL_COMPLAINANT", pb::Alert::WARN));
  CHECK(on.LookUp("13800138018")->cards(0).alerts(0).code() == "PROFESSIONAL_COMPLAINANT");
  REQUIRE(raise("LOST_CARD", pb::Alert::BLOCK));
  const auto refused = update("accounts", [&](auto& customer) {
    card(customer);
    customer.mutable_accounts(0)->set_points(7);
  });
  CHECK(refused.error().code == Code::kFailedPrecondition);
  CHECK(refused.error().reason == "CUSTOMER_BLOCKED");
}

TEST_CASE("A8: a company that needs a large meeting room is found by its need, another is not",
          "[customer][service][scenario]") {
  auto& on = ThePlatform();
  const auto company = [&](const std::string& name, const std::string& need) {
    return Do<pb::Customer, pb::CreateCustomerRequest>(
        *on.agent, "CustomerService/CreateCustomer", [&](auto& in) {
          auto& organisation = *in.mutable_customer()->mutable_organisation();
          organisation.set_full_name(name);
          organisation.set_decision_maker("何文静");
          organisation.set_decision_maker_title("行政部经理");
          auto& segment = *in.mutable_customer()->add_segments();
          segment.set_dimension("NEED");
          segment.set_value(need);
        });
  };
  const auto large = company("佛山陶瓷进出口有限公司", "MEETING_OVER_100");
  REQUIRE(large);
  REQUIRE(company("佛山小会议有限公司", "MEETING_UNDER_60"));
  const auto found = Do<pb::ListCustomersResponse, pb::ListCustomersRequest>(
      *on.agent, "CustomerService/ListCustomers", [](auto& in) { in.add_segments("NEED=MEETING_OVER_100"); });
  REQUIRE(found);
  REQUIRE(found->customers_size() == 1);
  CHECK(found->customers(0).name() == large->name());
}

TEST_CASE("what a person asks for: a consent, all that is kept, and to be forgotten",
          "[customer][service][privacy]") {
  auto& on = ThePlatform();
  const auto customer = *on.Create(*on.agent, "黄志强", "13800138019");
  REQUIRE(
      Do<pb::Customer, pb::RecordConsentRequest>(*on.agent, "PrivacyService/RecordConsent", [&](auto& in) {
        in.set_parent(customer.name());
        in.mutable_consent()->set_channel(type::v1::VOICE);
        in.mutable_consent()->set_purpose(pb::Consent::MARKETING);
        in.mutable_consent()->set_decision(pb::Consent::GIVEN);
        in.mutable_consent()->set_evidence("interactions/7");
        in.set_request_id(testing::SomeId());
      }));
  CHECK(Do<pb::CheckConsentResponse, pb::CheckConsentRequest>(*on.agent, "PrivacyService/CheckConsent",
                                                              [&](auto& in) {
                                                                in.set_name(customer.name());
                                                                in.set_channel(type::v1::VOICE);
                                                                in.set_purpose(pb::Consent::MARKETING);
                                                              })
            ->allowed());
  const auto exported = [&](rpc::Peer& as, const std::string& purpose) {
    return Do<pb::ExportCustomerDataResponse, pb::ExportCustomerDataRequest>(
        as, "PrivacyService/ExportCustomerData", [&](auto& in) {
          in.set_name(customer.name());
          in.set_purpose(purpose);
        });
  };
  CHECK(exported(*on.agent, "SUBJECT_REQUEST").error().code == Code::kPermissionDenied);
  CHECK(exported(*on.admin, "").error().code == Code::kInvalidArgument);
  CHECK(exported(*on.admin, "FUN").error().reason == "CODE_UNKNOWN");
  const auto all = exported(*on.admin, "SUBJECT_REQUEST");
  REQUIRE(all);
  CHECK(all->items(0).customer().person().full_name() == "黄志强");
  const std::string request = testing::SomeId();
  const auto erase = [&](rpc::Peer& as) {
    return Do<pb::Erasure, pb::EraseCustomerRequest>(as, "PrivacyService/EraseCustomer", [&](auto& in) {
      in.set_name(customer.name());
      in.set_reason("SUBJECT_REQUEST");
      in.set_request_id(request);
    });
  };
  CHECK(erase(*on.agent).error().code == Code::kPermissionDenied);
  const auto erased = erase(*on.admin);
  REQUIRE(erased);
  CHECK(erase(*on.admin)->SerializeAsString() == erased->SerializeAsString());  // a repeat
  CHECK(on.LookUp("13800138019")->result() == pb::LookUpCallerResponse::NONE);
  CHECK(exported(*on.admin, "SUBJECT_REQUEST")->SerializeAsString().find("黄志强") == std::string::npos);
  // A rule, a field and a run, over the wire.
  CHECK(Do<pb::CustomField, pb::PutCustomFieldRequest>(
            *on.agent, "PrivacyService/PutCustomField",
            [](auto& in) {
              in.mutable_custom_field()->set_name("customFields/x");
              in.mutable_custom_field()->set_kind(pb::CustomField::TEXT);
            })
            .error()
            .code == Code::kPermissionDenied);
  const auto run = Do<pb::QualityRun, pb::RunQualityCheckRequest>(
      *on.admin, "QualityService/RunQualityCheck", [](auto& in) { in.set_request_id(testing::SomeId()); });
  REQUIRE(run);
  bool ended = false;
  for (const auto until = std::chrono::steady_clock::now() + 40s;
       !ended && std::chrono::steady_clock::now() < until;) {
    std::this_thread::sleep_for(50ms);
    const auto runs = Do<pb::ListQualityRunsResponse, pb::ListQualityRunsRequest>(
        *on.admin, "QualityService/ListQualityRuns", [](auto&) {});
    ended = runs->quality_runs(0).has_end_time();
  }
  CHECK(ended);  // by the durable task
  CHECK(Do<pb::ListQualityScoresResponse, pb::ListQualityScoresRequest>(
            *on.agent, "QualityService/ListQualityScores", [](auto&) {})
            ->quality_scores_size() == 6);
}

}  // namespace
}  // namespace carillon::customer
