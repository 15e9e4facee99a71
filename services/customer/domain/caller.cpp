#include "customer/domain/caller.hpp"

#include <algorithm>

#include "base/proto_time.hpp"
#include "customer/domain/customers.hpp"

namespace carillon::customer::domain {
namespace {

using namespace std::chrono_literals;

constexpr Duration kRecent = std::chrono::hours{24 * 30};

bool CanCall(pb::Customer::State state) {
  return state == pb::Customer::PROSPECT || state == pb::Customer::ACTIVE || state == pb::Customer::DORMANT ||
         state == pb::Customer::SUSPENDED;
}

pb::CallerCard CardOf(const Known& known, std::string_view e164, TimePoint now) {
  const pb::Customer& customer = known.customer;
  pb::CallerCard card;
  card.set_name(customer.name());
  card.set_client(customer.client());
  card.set_masked_display_name(MaskedName(customer.display_name()));
  card.set_salutation(customer.person().salutation());
  card.set_organisation(customer.has_organisation());
  card.set_state(customer.state());
  card.set_grade(customer.grade() == pb::Customer::GRADE_UNSPECIFIED ? pb::Customer::STANDARD
                                                                     : customer.grade());
  card.set_vip(IsVip(customer.grade()));
  card.set_elderly(IsElderly(customer, now));
  card.set_birth_year(customer.person().birth_date().year());
  card.set_preferred_language(customer.preferred_language());
  card.set_home_region(customer.home_region());
  card.set_brand(customer.brand());
  *card.mutable_special_needs() = customer.special_needs();
  for (const pb::Alert& alert : customer.alerts()) {
    if (!alert.has_expire_time() || FromProto(alert.expire_time()) > now) *card.add_alerts() = alert;
  }
  std::stable_sort(card.mutable_alerts()->begin(), card.mutable_alerts()->end(),
                   [](const pb::Alert& a, const pb::Alert& b) { return a.severity() > b.severity(); });
  std::vector<pb::LastContact> contacts = known.last_contacts;
  std::sort(contacts.begin(), contacts.end(), [](const pb::LastContact& a, const pb::LastContact& b) {
    return FromProto(a.contact_time()) > FromProto(b.contact_time());
  });
  for (const auto& contact : contacts) {
    *card.add_last_contacts() = contact;
    if (card.last_agent().empty()) card.set_last_agent(contact.agent());
  }
  card.set_own_line(
      std::any_of(customer.contacts().begin(), customer.contacts().end(),
                  [&](const auto& medium) { return medium.own_line() && medium.number() == e164; }));
  card.set_has_service_password(customer.has_service_password());
  return card;
}

TimePoint LastTouch(const pb::CallerCard& card) {
  return card.last_contacts().empty() ? TimePoint{} : FromProto(card.last_contacts(0).contact_time());
}

pb::LookUpCallerResponse::Result Counted(int cards) {
  if (cards == 0) return pb::LookUpCallerResponse::NONE;
  return cards == 1 ? pb::LookUpCallerResponse::ONE : pb::LookUpCallerResponse::MANY;
}

}  // namespace

pb::LookUpCallerResponse Decided(const std::vector<Known>& known, std::string_view e164, TimePoint now) {
  std::vector<pb::CallerCard> cards;
  for (const Known& one : known) {
    if (CanCall(one.customer.state())) cards.push_back(CardOf(one, e164, now));
  }
  std::sort(cards.begin(), cards.end(), [](const pb::CallerCard& a, const pb::CallerCard& b) {
    if (a.grade() != b.grade()) return a.grade() > b.grade();
    if (LastTouch(a) != LastTouch(b)) return LastTouch(a) > LastTouch(b);
    return a.name() < b.name();  // ids sort by the time they were made
  });
  pb::LookUpCallerResponse out;
  out.set_result(Counted(static_cast<int>(cards.size())));
  out.set_e164_number(std::string(e164));
  for (auto& card : cards) *out.add_cards() = std::move(card);
  return out;
}

pb::LookUpCallerResponse Narrowed(pb::LookUpCallerResponse answer, const Principal& who,
                                  std::string_view client) {
  auto& cards = *answer.mutable_cards();
  cards.erase(std::remove_if(cards.begin(), cards.end(),
                             [&](const pb::CallerCard& card) {
                               if (card.client().empty()) return false;  // the tenant's own
                               if (!client.empty() && card.client() != client) return true;
                               return !who.service && std::none_of(who.clients.begin(), who.clients.end(),
                                                                   [&](const auto& id) {
                                                                     return card.client() == "clients/" + id;
                                                                   });
                             }),
              cards.end());
  answer.set_result(Counted(cards.size()));
  if (cards.size() > kMostCards) cards.DeleteSubrange(kMostCards, cards.size() - kMostCards);
  return answer;
}

std::optional<TimePoint> GoodUntil(const std::vector<Known>& known, const std::vector<TimePoint>& recent,
                                   TimePoint now) {
  std::optional<TimePoint> first;
  const auto consider = [&](TimePoint at) {
    if (at > now && (!first || at < *first)) first = at;
  };
  for (const Known& one : known) {
    if (const auto at = TurnsElderlyAt(one.customer, now)) consider(*at);
    for (const pb::Alert& alert : one.customer.alerts()) {
      if (alert.has_expire_time()) consider(FromProto(alert.expire_time()));
    }
  }
  for (const TimePoint at : recent) consider(at + kRecent);
  return first;
}

int CountRecent(const std::vector<TimePoint>& contacts, TimePoint now) {
  return static_cast<int>(std::count_if(contacts.begin(), contacts.end(),
                                        [&](TimePoint at) { return at + kRecent > now && at <= now; }));
}

std::vector<TimePoint> WithContact(std::vector<TimePoint> contacts, TimePoint at) {
  contacts.push_back(at);
  std::sort(contacts.begin(), contacts.end());
  const TimePoint newest = contacts.back();
  std::erase_if(contacts, [&](TimePoint other) { return other + kRecent <= newest; });
  if (contacts.size() > kMostRecent) contacts.erase(contacts.begin(), contacts.end() - kMostRecent);
  return contacts;
}

}  // namespace carillon::customer::domain
