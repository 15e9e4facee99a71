#pragma once
#include <optional>
#include <string>
#include <string_view>

#include "carillon/customer/v1/customer.pb.h"

/// What the numbers of Chinese documents say and whether they can be.
namespace carillon::customer::domain {

namespace pb = carillon::customer::v1;

/// What a resident identity number tells of its holder.
struct ResidentFacts {
  int year = 0, month = 0, day = 0;
  pb::Person::Gender gender = pb::Person::GENDER_UNSPECIFIED;
};

/// The number as it is stored: upper case, without spaces and dashes, a 15-digit resident number as its 18
/// digits.
std::string NormalizedNumber(pb::Identifier::Type type, std::string_view typed);

/// The facts of a good 18-digit number (GB 11643: region, day of birth, sequence, check digit by ISO 7064 MOD
/// 11-2); nothing for a bad one.
std::optional<ResidentFacts> ReadResidentId(std::string_view number);

/// A unified social credit code (GB 32100: 18 characters, check character MOD 31).
bool IsUscc(std::string_view code);

/// What is wrong with a normalised number of this type, "" when nothing is.
std::string NumberProblem(pb::Identifier::Type type, std::string_view number);

}  // namespace carillon::customer::domain
