#include <algorithm>
#include <catch2/catch.hpp>
#include <condition_variable>
#include <fstream>
#include <mutex>
#include <sstream>
#include <thread>

#include "base/proto_time.hpp"
#include "carillon/campaign/v1/campaign_events.pb.h"
#include "carillon/customer/v1/customer_events.pb.h"
#include "carillon/customer/v1/customer_service.pb.h"
#include "carillon/routing/v1/routing_events.pb.h"
#include "customer/domain/errors.hpp"
#include "platform.hpp"

namespace carillon::customer {
namespace {

TEST_CASE("an agent files a new caller, whom the IVR knows at the next call", "[customer][service]") {
  auto& on = ThePlatform();
  CHECK(on.LookUp("+8613800138001")->result() == pb::LookUpCallerResponse::NONE);
  const auto made = on.Create(*on.agent, "李秀英", "138-0013-8001");
  REQUIRE(made);
  const auto known = on.LookUp("013800138001");
  REQUIRE(known);
  REQUIRE(known->result() == pb::LookUpCallerResponse::ONE);
  CHECK(known->cards(0).name() == made->name());
  CHECK(known->cards(0).masked_display_name() == "李**");
}

TEST_CASE("who may not see personal values gets them masked, and can not write a mask back",
          "[customer][service]") {
  auto& on = ThePlatform();
  const auto made = on.Create(*on.agent, "王建国", "13800138002");
  REQUIRE(made);
  pb::GetCustomerRequest get;
  get.set_name(made->name());
  const auto masked = on.Ask<pb::Customer>(*on.agent, "GetCustomer", get);
  REQUIRE(masked);
  CHECK(masked->person().full_name() == "王**");
  CHECK(masked->contacts(0).number().find("****") != std::string::npos);
  // Who may see them is asked why.
  const auto silent = on.Ask<pb::Customer>(*on.admin, "GetCustomer", get);
  REQUIRE(silent);
  CHECK(silent->person().full_name() == "王**");
  get.set_purpose("NOSINESS");
  CHECK(on.Ask<pb::Customer>(*on.admin, "GetCustomer", get).error().reason == "CODE_UNKNOWN");
  get.set_purpose("IDENTITY");
  const auto clear = on.Ask<pb::Customer>(*on.admin, "GetCustomer", get);
  REQUIRE(clear);
  CHECK(clear->person().full_name() == "王建国");
  CHECK(clear->contacts(0).number() == "+8613800138002");
  pb::UpdateCustomerRequest update;
  *update.mutable_customer() = *masked;
  const auto refused = on.Ask<pb::Customer>(*on.agent, "UpdateCustomer", update);
  REQUIRE_FALSE(refused);
  CHECK(refused.error().reason == "CUSTOMER_INVALID");
  CHECK(on.Ask<pb::Customer>(*on.agent, "GetCustomer", get)->person().full_name() == "王**");
  // campaign dials the number, so it is told.
  get.clear_purpose();
  const auto dialled = on.Ask<pb::Customer>(*on.campaign, "GetCustomer", get);
  REQUIRE(dialled);
  CHECK(dialled->contacts(0).number() == "+8613800138002");
  pb::ListCustomersRequest list;
  list.set_page_size(200);
  const auto listed = on.Ask<pb::ListCustomersResponse>(*on.campaign, "ListCustomers", list);
  REQUIRE(listed);
  CHECK(std::any_of(listed->customers().begin(), listed->customers().end(), [](const auto& customer) {
    return customer.contacts_size() == 1 && customer.contacts(0).number() == "+8613800138002";
  }));
}

TEST_CASE("a method is closed to those without its permission, a broken rule names its field",
          "[customer][service]") {
  auto& on = ThePlatform();
  pb::ImportCustomersRequest import;
  import.add_customers()->mutable_person()->set_full_name("张伟");
  CHECK(on.Ask<pb::ImportCustomersResponse>(*on.agent, "ImportCustomers", import).error().code ==
        Code::kPermissionDenied);
  CHECK(on.Ask<pb::ImportCustomersResponse>(*on.admin, "ImportCustomers", import)->created_count() == 1);
  pb::VerifyServicePasswordRequest verify;
  verify.set_name("customers/" + testing::SomeId());
  verify.set_password("1357");
  CHECK(on.Ask<pb::VerifyServicePasswordResponse>(*on.admin, "VerifyServicePassword", verify).error().code ==
        Code::kPermissionDenied);
  CHECK(on.Ask<pb::VerifyServicePasswordResponse>(*on.ivr, "VerifyServicePassword", verify).error().reason ==
        "CUSTOMER_UNKNOWN");
  pb::GetCustomerRequest get;
  get.set_name("clients/7");
  const auto bad = on.Ask<pb::Customer>(*on.admin, "GetCustomer", get);
  REQUIRE_FALSE(bad);
  CHECK(bad.error().code == Code::kInvalidArgument);
  REQUIRE_FALSE(bad.error().violations.empty());
  CHECK(bad.error().violations[0].field == "name");
}

TEST_CASE("a service password never leaves a trace", "[customer][service]") {
  auto& on = ThePlatform();
  const auto made = on.Create(*on.admin, "刘洋", "13800138003");
  REQUIRE(made);
  pb::SetServicePasswordRequest set;
  set.set_name(made->name());
  set.set_password("902157384");
  REQUIRE(on.Ask<pb::SetServicePasswordResponse>(*on.admin, "SetServicePassword", set));
  pb::VerifyServicePasswordRequest verify;
  verify.set_name(made->name());
  verify.set_password("902157384");
  CHECK(on.Ask<pb::VerifyServicePasswordResponse>(*on.ivr, "VerifyServicePassword", verify)->verified());
  std::ifstream log(on.service.process().log());
  std::stringstream text;
  text << log.rdbuf();
  REQUIRE_FALSE(text.str().empty());
  CHECK(text.str().find("902157384") == std::string::npos);
  CHECK(text.str().find("13800138003") == std::string::npos);
}

TEST_CASE("what happened to a customer is published without personal values, a contact is taken in",
          "[customer][service]") {
  auto& on = ThePlatform();
  std::mutex mutex;
  std::condition_variable arrived;
  std::vector<kafka::Envelope> seen;
  const std::string listener = "listener-" + testing::SomeId();
  kafka::Consumer consumer(Brokers(), listener, listener, {"carillon.customer.customers.v1"},
                           [&](const kafka::Envelope& event) -> Result<void> {
                             if (event.tenant != on.tenant) return Ok();
                             const std::lock_guard lock(mutex);
                             seen.push_back(event);
                             arrived.notify_all();
                             return Ok();
                           });
  const auto made = on.Create(*on.admin, "何文静", "13800138004");
  REQUIRE(made);
  const std::string id = made->name().substr(10);
  {
    std::unique_lock lock(mutex);
    const auto mine = [&] {
      return std::find_if(seen.begin(), seen.end(), [&](const auto& event) { return event.key == id; }) !=
             seen.end();
    };
    REQUIRE(arrived.wait_for(lock, 40s, mine));
    for (const auto& event : seen) {
      CHECK(event.payload.find("文静") == std::string::npos);
      CHECK(event.payload.find("13800138") == std::string::npos);
      if (event.key != id) continue;
      CHECK(event.type == "carillon.customer.v1.CustomerCreated");
      pb::CustomerCreated created;
      REQUIRE(created.ParseFromString(event.payload));
      CHECK(created.customer().masked_display_name() == "何**");
      CHECK(created.customer().etag() == "1");
    }
  }
  CHECK(on.LookUp("13800138004")->cards(0).last_contacts_size() == 0);
  carillon::routing::v1::InteractionCompleted completed;
  auto& interaction = *completed.mutable_interaction();
  interaction.set_name("interactions/" + testing::SomeId());
  interaction.set_customer(made->name());
  interaction.set_agent("agents/" + testing::SomeId());
  interaction.set_direction(carillon::routing::v1::Interaction::INBOUND);
  interaction.set_channel(carillon::type::v1::VOICE);
  kafka::Envelope event;
  event.topic = "carillon.routing.interactions.v1";
  event.key = interaction.name().substr(13);
  event.event_id = testing::SomeId();
  event.type = completed.GetDescriptor()->full_name();
  event.source = "/carillon/routing";
  event.tenant = on.tenant;
  event.traceparent = obs::NewTraceparent();
  event.time = RealNow();
  event.payload = completed.SerializeAsString();
  kafka::Producer producer(Brokers());
  REQUIRE(producer.Send({event, event}));  // delivered twice, applied once
  pb::GetLastContactRequest get;
  get.set_name(made->name() + "/lastContacts/inbound");
  Result<pb::LastContact> contact = errors::LastContactUnknown(get.name());
  for (const auto until = std::chrono::steady_clock::now() + 40s;
       !contact && std::chrono::steady_clock::now() < until;) {
    std::this_thread::sleep_for(50ms);
    contact = on.Ask<pb::LastContact>(*on.admin, "GetLastContact", get);
  }
  REQUIRE(contact);
  CHECK(contact->agent() == interaction.agent());
  CHECK(contact->contacts_in_30_days() == 1);
  CHECK(on.LookUp("13800138004")->cards(0).last_agent() == interaction.agent());
}

TEST_CASE("a customer's word against calls arrives from campaign, beside attempts that are none of ours",
          "[customer][service]") {
  auto& on = ThePlatform();
  const auto made = on.Create(*on.admin, "黄志强", "13800138005");
  REQUIRE(made);
  carillon::campaign::v1::AttemptEnded ended;
  ended.mutable_attempt()->set_name("attempts/" + testing::SomeId());
  ended.mutable_attempt()->set_customer(made->name());
  carillon::campaign::v1::DoNotCallRequested word;
  word.set_customer(made->name());
  word.set_attempt(ended.attempt().name());
  word.set_client(made->client());
  const auto wrap = [&](const google::protobuf::Message& message) {
    kafka::Envelope event;
    event.topic = "carillon.campaign.attempts.v1";
    event.key = ended.attempt().name().substr(9);
    event.event_id = testing::SomeId();
    event.type = message.GetDescriptor()->full_name();
    event.source = "/carillon/campaign";
    event.tenant = on.tenant;
    event.traceparent = obs::NewTraceparent();
    event.time = RealNow();
    event.payload = message.SerializeAsString();
    return event;
  };
  kafka::Producer producer(Brokers());
  const auto event = wrap(word);
  REQUIRE(producer.Send({wrap(ended), event, event}));
  pb::GetCustomerRequest get;
  get.set_name(made->name());
  auto customer = *made;
  for (const auto until = std::chrono::steady_clock::now() + 40s;
       customer.consents().empty() && std::chrono::steady_clock::now() < until;) {
    std::this_thread::sleep_for(50ms);
    customer = on.Ask<pb::Customer>(*on.admin, "GetCustomer", get).value();
  }
  REQUIRE(customer.consents_size() == 2);
  for (const auto& consent : customer.consents()) {
    CHECK(consent.channel() == carillon::type::v1::VOICE);
    CHECK(consent.decision() == pb::Consent::WITHDRAWN);
    CHECK(consent.evidence() == word.attempt());
  }
  CHECK(customer.etag() == "2");
}

TEST_CASE("what was acknowledged survives kill -9, and a repeat is answered as before",
          "[customer][service]") {
  auto& on = ThePlatform();
  pb::CreateCustomerRequest request;
  request.mutable_customer()->mutable_organisation()->set_full_name("佛山陶瓷进出口有限公司");
  auto& code = *request.mutable_customer()->add_identifiers();
  code.set_type(pb::Identifier::USCC);
  code.set_number("91350100M000100Y43");
  request.set_request_id(testing::SomeId());
  const auto made = on.Ask<pb::Customer>(*on.admin, "CreateCustomer", request);
  REQUIRE(made);
  on.service.CrashAndRestart();
  const auto again = on.Ask<pb::Customer>(*on.admin, "CreateCustomer", request);
  REQUIRE(again);
  CHECK(again->SerializeAsString() == made->SerializeAsString());
  pb::SearchCustomersRequest search;
  *search.mutable_identifier() = code;
  const auto found = on.Ask<pb::SearchCustomersResponse>(*on.admin, "SearchCustomers", search);
  REQUIRE(found);
  REQUIRE(found->customers_size() == 1);
  CHECK(found->customers(0).name() == made->name());
  CHECK(found->customers(0).identifiers(0).number() == "913501********0Y43");  // no purpose was said
}

}  // namespace
}  // namespace carillon::customer
