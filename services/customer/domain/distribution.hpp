#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "carillon/customer/v1/customer.pb.h"

/// Files that say how customers changed. Pure.
namespace carillon::customer::domain {

namespace pb = carillon::customer::v1;

/// Where in the order of changes a subscriber stands: after this transaction's change of this customer.
struct ChangePlace {
  std::uint64_t transaction = 0;
  std::string customer_id = "00000000-0000-0000-0000-000000000000";
  friend auto operator<=>(const ChangePlace&, const ChangePlace&) = default;
};
/// "812.018f…" and back; nothing for what is none.
std::string CursorOf(const ChangePlace& place);
std::optional<ChangePlace> PlaceOf(std::string_view cursor);

/// CSV (RFC 4180) with a heading: each customer's state, without anything that identifies a person.
std::string ChangesFile(const std::vector<pb::Customer>& customers);

}  // namespace carillon::customer::domain
