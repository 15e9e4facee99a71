#include <catch2/catch.hpp>

#include "bench.hpp"

namespace carillon::customer {
namespace {

carillon::campaign::v1::DoNotCallRequested NotAgain(const std::string& customer, const std::string& attempt) {
  carillon::campaign::v1::DoNotCallRequested event;
  event.set_customer(customer);
  event.set_attempt(attempt);
  return event;
}

std::string EventsOf(const pb::Customer& customer) {
  return Peek("SELECT string_agg(type, ' ' ORDER BY id) FROM outbox WHERE key = '" +
              customer.name().substr(10) + "'");
}

TEST_CASE("who says never again has no consent to offers and surveys by phone any more",
          "[customer][store]") {
  Call call = ServiceCall(testing::SomeId());
  auto draft = APerson("李秀英", ANumber());
  for (const auto purpose : {pb::Consent::MARKETING, pb::Consent::SERVICE}) {
    auto& consent = *draft.add_consents();
    consent.set_channel(carillon::type::v1::VOICE);
    consent.set_purpose(purpose);
    consent.set_decision(pb::Consent::GIVEN);
    *consent.mutable_decide_time() = ToProto(call.now - 24h);
  }
  const auto made = Create(call, draft);
  REQUIRE(made);
  const std::string attempt = "attempts/" + testing::SomeId();
  const pg::EventId id{testing::SomeId(), "carillon.campaign.attempts.v1", "x", call.now};
  REQUIRE(events::OnDoNotCallRequested(call, TheDeps(), NotAgain(made->name(), attempt), id));
  REQUIRE(events::OnDoNotCallRequested(call, TheDeps(), NotAgain(made->name(), attempt), id));
  const auto after = Get(call, made->name());
  REQUIRE(after);
  REQUIRE(after->consents_size() == 3);
  for (const auto& consent : after->consents()) {
    INFO(consent.ShortDebugString());
    CHECK(consent.channel() == carillon::type::v1::VOICE);
    if (consent.purpose() == pb::Consent::SERVICE) {
      CHECK(consent.decision() == pb::Consent::GIVEN);
      continue;
    }
    CHECK(consent.decision() == pb::Consent::WITHDRAWN);
    CHECK(consent.evidence() == attempt);
    CHECK(FromProto(consent.decide_time()) == call.now);
  }
  CHECK(EventsOf(*made) == "carillon.customer.v1.CustomerCreated carillon.customer.v1.CustomerUpdated");
  // Said again in another call: the first proof stands and nobody is told twice.
  REQUIRE(events::OnDoNotCallRequested(call, TheDeps(),
                                       NotAgain(made->name(), "attempts/" + testing::SomeId()),
                                       {testing::SomeId(), "t", "x", call.now + 1h}));
  CHECK(Get(call, made->name())->etag() == after->etag());
  CHECK(EventsOf(*made) == "carillon.customer.v1.CustomerCreated carillon.customer.v1.CustomerUpdated");
}

TEST_CASE("a consent given after the word stays, the word of an unknown customer is nobody's",
          "[customer][store]") {
  Call call = ServiceCall(testing::SomeId());
  auto draft = APerson("刘洋", ANumber());
  auto& consent = *draft.add_consents();
  consent.set_channel(carillon::type::v1::VOICE);
  consent.set_purpose(pb::Consent::MARKETING);
  consent.set_decision(pb::Consent::GIVEN);
  const auto made = Create(call, draft);
  REQUIRE(made);
  REQUIRE(events::OnDoNotCallRequested(call, TheDeps(), NotAgain(made->name(), "attempts/a"),
                                       {testing::SomeId(), "t", "x", call.now - 1h}));
  const auto after = Get(call, made->name());
  REQUIRE(after);
  for (const auto& one : after->consents()) {
    CHECK(one.decision() ==
          (one.purpose() == pb::Consent::MARKETING ? pb::Consent::GIVEN : pb::Consent::WITHDRAWN));
  }
  CHECK(events::OnDoNotCallRequested(call, TheDeps(), NotAgain("customers/" + testing::SomeId(), ""),
                                     {testing::SomeId(), "t", "x", call.now}));
}

TEST_CASE("a word said for one client changes no customer of another", "[customer][store]") {
  Call call = ServiceCall(testing::SomeId());
  const std::string client = "clients/" + testing::SomeId();
  auto draft = APerson("周敏", ANumber());
  draft.set_client(client);
  const auto made = Create(call, draft);
  REQUIRE(made);
  auto word = NotAgain(made->name(), "");
  const auto said_for = [&](const std::string& whose) {
    word.set_client(whose);
    REQUIRE(events::OnDoNotCallRequested(call, TheDeps(), word, {testing::SomeId(), "t", "x", call.now}));
    return Get(call, made->name())->etag();
  };
  CHECK(said_for("clients/" + testing::SomeId()) == made->etag());
  CHECK(said_for("") == made->etag());
  CHECK(said_for(client) != made->etag());
}

TEST_CASE("a complaint is flagged while it goes on, on whom it is of now", "[customer][store]") {
  Call call = ServiceCall(testing::SomeId());
  const std::string number = ANumber();
  const auto made = *Create(call, APerson("黄志强", number));
  carillon::workorder::v1::WorkOrder order;
  order.set_type(carillon::workorder::v1::WorkOrder::COMPLAINT);
  order.set_number("20260402-000017");
  order.set_customer(made.name());
  const auto becomes = [&](carillon::workorder::v1::WorkOrder::State state) {
    order.set_state(state);
    call.deadline = std::chrono::steady_clock::now() + 10s;
    const pg::EventId id{testing::SomeId(), "carillon.workorder.orders.v1", "x", call.now};
    REQUIRE(events::OnWorkOrder(call, TheDeps(), order, id));
    REQUIRE(events::OnWorkOrder(call, TheDeps(), order, id));  // the same event again
    return *Get(call, made.name());
  };
  const auto flagged = becomes(order.ACCEPTED);
  REQUIRE(flagged.alerts_size() == 1);
  CHECK(flagged.alerts(0).code() == "OPEN_COMPLAINT");
  CHECK(flagged.alerts(0).severity() == pb::Alert::WARN);
  CHECK(flagged.alerts(0).subject() == order.number());
  CHECK(LookUp(call, number)->cards(0).alerts_size() == 1);
  CHECK(becomes(order.COMPLETED).etag() == flagged.etag());  // the customer was not asked yet
  order.set_number("20260402-000018");
  CHECK(becomes(order.ACCEPTED).alerts_size() == 2);
  CHECK(becomes(order.CANCELLED).alerts_size() == 1);
  order.set_number("20260402-000017");
  CHECK(becomes(order.CLOSED).alerts_size() == 0);
  CHECK(LookUp(call, number)->cards(0).alerts_size() == 0);
  CHECK(EventsOf(made) ==
        "carillon.customer.v1.CustomerCreated carillon.customer.v1.AlertRaised "
        "carillon.customer.v1.AlertRaised "
        "carillon.customer.v1.AlertCleared carillon.customer.v1.AlertCleared");
  // An order that is no complaint, one of another client, and one of nobody flag nobody.
  order.set_type(order.FAULT);
  CHECK(becomes(order.ACCEPTED).alerts_size() == 0);
  order.set_type(order.COMPLAINT);
  auto draft = APerson("周敏", ANumber());
  draft.set_client("clients/" + testing::SomeId());
  const auto theirs = *Create(call, draft);
  order.set_customer(theirs.name());
  order.set_client("clients/" + testing::SomeId());
  becomes(order.ACCEPTED);
  CHECK(Get(call, theirs.name())->alerts_size() == 0);
  order.set_customer("customers/" + testing::SomeId());
  becomes(order.ACCEPTED);
  order.clear_customer();
  becomes(order.ACCEPTED);
}

TEST_CASE("our own calls are kept beside the customer's, with who spoke, why and what came of it",
          "[customer][store]") {
  Call call = ServiceCall(testing::SomeId());
  const auto made = Create(call, APerson("陈国强", ANumber()));
  REQUIRE(made);
  const auto inbound = Completed(made->name(), "agents/" + testing::SomeId());
  auto outbound = Completed(made->name(), "agents/" + testing::SomeId());
  auto& interaction = *outbound.mutable_interaction();
  interaction.set_direction(carillon::routing::v1::Interaction::OUTBOUND);
  interaction.set_queue("queues/" + testing::SomeId());
  interaction.set_reason("summer-offer");
  interaction.set_disposition("sold");
  REQUIRE(events::OnInteractionCompleted(call, TheDeps(), inbound, {testing::SomeId(), "t", "x", call.now}));
  REQUIRE(events::OnInteractionCompleted(call, TheDeps(), outbound,
                                         {testing::SomeId(), "t", "x", call.now - 2h}));
  pb::ListLastContactsRequest list;
  list.set_parent(made->name());
  const auto contacts = api::ListLastContacts(call, TheDeps(), list);
  REQUIRE(contacts);
  REQUIRE(contacts->last_contacts_size() == 2);
  CHECK(contacts->last_contacts(0).direction() == pb::LastContact::INBOUND);
  CHECK(contacts->last_contacts(0).agent() == inbound.interaction().agent());
  CHECK(contacts->last_contacts(0).contacts_in_30_days() == 1);
  const auto& ours = contacts->last_contacts(1);
  CHECK(ours.name() == made->name() + "/lastContacts/outbound");
  CHECK(ours.direction() == pb::LastContact::OUTBOUND);
  CHECK(ours.interaction() == interaction.name());
  CHECK(ours.agent() == interaction.agent());
  CHECK(ours.queue() == interaction.queue());
  CHECK(ours.reason() == "summer-offer");
  CHECK(ours.disposition() == "sold");
  CHECK(FromProto(ours.contact_time()) == call.now - 2h);
  CHECK(ours.contacts_in_30_days() == 1);
}

}  // namespace
}  // namespace carillon::customer
