#pragma once
#include <map>
#include <string>
#include <vector>

#include "base/call.hpp"
#include "base/result.hpp"
#include "carillon/customer/v1/customer.pb.h"
#include "carillon/customer/v1/record.pb.h"

/// One customer from what many sources say: survivorship per attribute, with the source of every value. Pure.
namespace carillon::customer::domain {

namespace pb = carillon::customer::v1;

/// The system of what people write here.
inline constexpr const char* kOwnSystem = "carillon";

/// Trust rank per system code; a system that is not named ranks last.
using TrustRanks = std::map<std::string, int, std::less<>>;

/// What one record can say something of: "person.full_name", "grade", "contacts/MOBILE/+86138…",
/// "accounts/CARD/62…", "segments/VALUE", "custom_fields/shoe size". List items are told apart by what makes
/// them one thing.
std::vector<std::string> AttributeKeys(const pb::Customer& values);

/// A customer and where its values are from.
struct Composed {
  pb::Customer customer;
  std::vector<pb::ValueSource> sources;
};

/// The customer that these records make together, in whatever order they are given. Each attribute is taken
/// from the most trusted record that speaks of it, else from the later, else from the more complete; a
/// consent and do_not_contact always from the later. `shell` gives what no source says: name, client, state,
/// owner, times.
Composed Compose(const pb::Customer& shell, std::vector<pb::RawRecord> records, const TrustRanks& ranks);

/// A customer that no source and no merge ever touched, as the one record of itself: of the system it was
/// imported from, else of people.
pb::RawRecord AsRecord(const pb::Customer& customer, const std::string& record_name);

/// `edits` with what an update changed from `before` to `after`, said at `now`.
void NoteEdit(pb::RawRecord& edits, const pb::Customer& before, const pb::Customer& after, TimePoint now);

/// Refuses what can not be one: MERGE_IMPOSSIBLE, CUSTOMER_CLOSED, CUSTOMER_MERGED, CUSTOMER_ERASED.
Result<void> RequireMergeable(const pb::Customer& a, const pb::Customer& b);
/// The one whose id stays: the older.
bool StaysOf(const pb::Customer& a, const pb::Customer& b);
/// The one that goes: MERGED, without values.
pb::Customer WentInto(const pb::Customer& customer, const std::string& survivor, TimePoint now);

}  // namespace carillon::customer::domain
