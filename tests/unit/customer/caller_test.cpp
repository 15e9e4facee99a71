#include "customer/domain/caller.hpp"

#include <catch2/catch.hpp>

#include "sample.hpp"

namespace carillon::customer::domain {
namespace {

Known AKnown(const std::string& id, pb::Customer::Grade grade) {
  auto draft = LiXiuying();
  draft.set_grade(grade);
  Known known{*Created(draft, id, "", AnAgent(), kNoon - 24h), {}};
  return known;
}

pb::LastContact AContact(pb::LastContact::Direction direction, TimePoint at, const char* agent) {
  pb::LastContact contact;
  contact.set_direction(direction);
  *contact.mutable_contact_time() = ToProto(at);
  contact.set_agent(agent);
  return contact;
}

const std::string kOther = "018f3000-0000-7000-8000-000000000002";

TEST_CASE("a number of nobody, of one, of several", "[customer][caller]") {
  CHECK(Decided({}, "+8613800138000", kNoon).result() == pb::LookUpCallerResponse::NONE);
  const auto one = Decided({AKnown(kId, pb::Customer::GOLD)}, "+8613800138000", kNoon);
  CHECK(one.result() == pb::LookUpCallerResponse::ONE);
  CHECK(one.cards(0).vip());
  CHECK(one.cards(0).masked_display_name() == "李**");
  CHECK(one.cards(0).birth_year() == 1985);
  const auto many = Decided({AKnown(kId, pb::Customer::STANDARD), AKnown(kOther, pb::Customer::DIAMOND)},
                            "+8613800138000", kNoon);
  CHECK(many.result() == pb::LookUpCallerResponse::MANY);
  CHECK(many.cards(0).name() == "customers/" + kOther);
}

TEST_CASE("who is closed, merged or erased does not call", "[customer][caller]") {
  for (int state = pb::Customer::PROSPECT; state <= pb::Customer::ERASED; ++state) {
    auto known = AKnown(kId, pb::Customer::STANDARD);
    known.customer.set_state(static_cast<pb::Customer::State>(state));
    const auto answer = Decided({known}, "+8613800138000", kNoon);
    CHECK((answer.result() == pb::LookUpCallerResponse::ONE) == (state <= pb::Customer::SUSPENDED));
  }
}

TEST_CASE("the card shows the worst alert and the newest contact first", "[customer][caller]") {
  auto known = AKnown(kId, pb::Customer::STANDARD);
  for (const auto severity : {pb::Alert::INFO, pb::Alert::BLOCK, pb::Alert::WARN}) {
    auto& alert = *known.customer.add_alerts();
    alert.set_code("A" + std::to_string(severity));
    alert.set_severity(severity);
  }
  *known.customer.mutable_alerts(2)->mutable_expire_time() = ToProto(kNoon);
  known.customer.mutable_contacts(0)->set_own_line(true);
  known.last_contacts = {AContact(pb::LastContact::INBOUND, kNoon - 2h, "agents/old"),
                         AContact(pb::LastContact::OUTBOUND, kNoon - 1h, "agents/new")};
  const auto card = Decided({known}, "+8613800138000", kNoon).cards(0);
  REQUIRE(card.alerts_size() == 2);
  CHECK(card.alerts(0).severity() == pb::Alert::BLOCK);
  CHECK(card.last_contacts(0).direction() == pb::LastContact::OUTBOUND);
  CHECK(card.last_agent() == "agents/new");
  CHECK(card.own_line());
  CHECK_FALSE(Decided({known}, "+8613900139000", kNoon).cards(0).own_line());
}

TEST_CASE("a caller is shown only to those who serve the client", "[customer][caller]") {
  const std::string a = "018f2000-0000-7000-8000-00000000000b";
  auto mine = AKnown(kId, pb::Customer::STANDARD);
  mine.customer.set_client("clients/" + a);
  auto theirs = AKnown(kOther, pb::Customer::STANDARD);
  theirs.customer.set_client("clients/018f2000-0000-7000-8000-00000000000c");
  const auto answer = Decided({mine, theirs}, "+8613800138000", kNoon);
  Principal who = AnAgent();
  CHECK(Narrowed(answer, who, "").result() == pb::LookUpCallerResponse::NONE);
  who.clients = {a};
  CHECK(Narrowed(answer, who, "").result() == pb::LookUpCallerResponse::ONE);
  who.service = true;
  CHECK(Narrowed(answer, who, "").result() == pb::LookUpCallerResponse::MANY);
  CHECK(Narrowed(answer, who, "clients/" + a).cards(0).name() == "customers/" + kId);
}

TEST_CASE("a crowd behind one number is cut to ten cards but still counted as many", "[customer][caller]") {
  std::vector<Known> crowd;
  for (int i = 10; i < 25; ++i)
    crowd.push_back(AKnown("018f3000-0000-7000-8000-0000000000" + std::to_string(i), pb::Customer::SILVER));
  const auto answer = Narrowed(Decided(crowd, "+8613800138000", kNoon), AnAgent(), "");
  CHECK(answer.result() == pb::LookUpCallerResponse::MANY);
  CHECK(answer.cards_size() == kMostCards);
}

TEST_CASE("an answer is good until the first thing that time alone changes", "[customer][caller]") {
  auto known = AKnown(kId, pb::Customer::STANDARD);
  known.customer.mutable_person()->clear_birth_date();
  CHECK_FALSE(GoodUntil({known}, {}, kNoon).has_value());
  CHECK(GoodUntil({known}, {kNoon - 24h}, kNoon) == kNoon + 29 * 24h);
  auto& alert = *known.customer.add_alerts();
  *alert.mutable_expire_time() = ToProto(kNoon + 5h);
  CHECK(GoodUntil({known}, {kNoon - 24h}, kNoon) == kNoon + 5h);
}

TEST_CASE("contacts count for thirty days", "[customer][contact]") {
  std::vector<TimePoint> contacts;
  contacts = WithContact(contacts, kNoon);
  contacts = WithContact(contacts, kNoon - 29 * 24h);  // came late
  CHECK(contacts.size() == 2);
  CHECK(CountRecent(contacts, kNoon) == 2);
  CHECK(CountRecent(contacts, kNoon + 24h) == 1);
  CHECK(CountRecent(contacts, kNoon + 30 * 24h) == 0);
  contacts = WithContact(contacts, kNoon + 24h);
  CHECK(contacts == std::vector<TimePoint>{kNoon, kNoon + 24h});
  for (int i = 0; i < 500; ++i) contacts = WithContact(contacts, kNoon + 25h + i * 1s);
  CHECK(contacts.size() == kMostRecent);
  CHECK(contacts.back() == kNoon + 25h + 499s);
}

}  // namespace
}  // namespace carillon::customer::domain
