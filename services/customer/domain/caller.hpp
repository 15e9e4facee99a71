#pragma once
#include <optional>
#include <string_view>
#include <vector>

#include "base/call.hpp"
#include "carillon/customer/v1/customer_service.pb.h"

/// Who calls. Pure.
namespace carillon::customer::domain {

namespace pb = carillon::customer::v1;

/// How many cards an answer holds at most.
inline constexpr int kMostCards = 10;

/// A known customer with the number that called, and its last contacts (their counts are set by Contacts).
struct Known {
  pb::Customer customer;
  std::vector<pb::LastContact> last_contacts;
};

/// NONE, ONE or MANY among those who can call (PROSPECT, ACTIVE, DORMANT, SUSPENDED), best grade first, then
/// the one last in touch, then the older record.
pb::LookUpCallerResponse Decided(const std::vector<Known>& known, std::string_view e164, TimePoint now);

/// The answer for a principal who sees only some clients, and for one called client.
pb::LookUpCallerResponse Narrowed(pb::LookUpCallerResponse answer, const Principal& who,
                                  std::string_view client);

/// The first moment at which Decided would answer otherwise without any write: an alert that ends, a 65th
/// birthday, a contact that leaves the thirty days (`recent`: when they were). Nothing when there is none.
std::optional<TimePoint> GoodUntil(const std::vector<Known>& known, const std::vector<TimePoint>& recent,
                                   TimePoint now);

/// The contacts of the thirty days before `now`.
int CountRecent(const std::vector<TimePoint>& contacts, TimePoint now);

/// `contacts` and one more, without those of more than thirty days before it; at most `kMostRecent`, the
/// newest.
std::vector<TimePoint> WithContact(std::vector<TimePoint> contacts, TimePoint at);

inline constexpr std::size_t kMostRecent = 200;

}  // namespace carillon::customer::domain
