#pragma once
#include "host/host.hpp"
#include "workorder/api/deps.hpp"

/// What the customer master tells of the people whose orders are here.
namespace carillon::workorder::events {

/// Who was erased there is erased from every order here, open ones too.
void OnCustomers(host::Host& host, api::Deps& deps);

}  // namespace carillon::workorder::events
