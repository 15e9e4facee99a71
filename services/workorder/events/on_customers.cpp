#include "workorder/events/on_customers.hpp"

#include "base/ids.hpp"
#include "carillon/customer/v1/customer_events.pb.h"
#include "workorder/store/orders.hpp"

namespace carillon::workorder::events {
namespace {

namespace customer = carillon::customer::v1;

Result<void> ApplyErased(Call& call, api::Deps& deps, const customer::CustomerErased& event,
                         const pg::EventId& id) {
  const std::string& name = event.customer().name();
  TRY_VOID(IdOfName(name, "customers", "customer.name"));
  return deps.db.Apply(call, id, [&](pg::Tx& tx) -> Result<void> {
    for (const auto& order : store::LockOfCustomer(tx, name))
      store::Erase(tx, domain::Erased(order, tx.now()));
    return Ok();
  });
}

}  // namespace

void OnCustomers(host::Host& host, api::Deps& deps) {
  host.On("carillon.customer.customers.v1", deps, ApplyErased);
}

}  // namespace carillon::workorder::events
