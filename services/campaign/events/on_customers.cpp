#include "base/ids.hpp"
#include "campaign/clients/customer.hpp"
#include "campaign/events/consumers.hpp"
#include "campaign/store/attempts.hpp"
#include "carillon/customer/v1/customer_events.pb.h"

namespace carillon::campaign::events {
namespace {

namespace customer = carillon::customer::v1;

domain::Person PersonOf(const customer::CustomerState& state) {
  domain::Person person;
  person.gone = clients::IsGone(state.state());
  person.has_number = true;  // not said here; asked for before anybody is dialled
  person.do_not_contact = state.do_not_contact();
  person.consents = clients::VoiceConsents(state.consents());
  person.alerts.insert(state.alert_codes().begin(), state.alert_codes().end());
  return person;
}

Result<void> Suppress(Call& call, Deps& deps, const std::string& name, const domain::Person& person,
                      const pg::EventId& id) {
  TRY_VOID(IdOfName(name, "customers", "customer.name"));
  return deps.db.Apply(call, id, [&](pg::Tx& tx) {
    return store::SuppressTargets(tx, name, [&](v1::ContactClass contact_class) {
      return domain::Standing(contact_class, person, false);
    });
  });
}

template <class Event>
Result<void> ApplyCustomer(Call& call, Deps& deps, const Event& event, const pg::EventId& id) {
  return Suppress(call, deps, event.customer().name(), PersonOf(event.customer()), id);
}

Result<void> ApplyAlert(Call& call, Deps& deps, const customer::AlertRaised& event, const pg::EventId& id) {
  auto person = PersonOf(event.customer());
  person.blocked = event.alert().severity() == customer::Alert::BLOCK;
  return Suppress(call, deps, event.customer().name(), person, id);
}

}  // namespace

void OnCustomers(host::Host& host, Deps& deps) {
  constexpr auto kTopic = "carillon.customer.customers.v1";
  host.On(kTopic, deps, ApplyCustomer<customer::CustomerUpdated>);
  host.On(kTopic, deps, ApplyCustomer<customer::CustomerClosed>);
  host.On(kTopic, deps, ApplyCustomer<customer::CustomerErased>);
  host.On(kTopic, deps, ApplyAlert);
}

}  // namespace carillon::campaign::events
