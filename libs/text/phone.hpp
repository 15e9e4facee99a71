#pragma once
#include <optional>
#include <string>
#include <string_view>

/// Phone numbers as they are typed, stored and shown. Pure, thread-safe.
namespace carillon::text {

/// The number in E.164 ("+8613800138000"), or nothing when it can be no phone number: withheld, a short code,
/// an extension, a local number without its area code. Reads spaces, dashes, brackets, full-width digits,
/// 0086 and +86. A mobile number is accepted by its length even where no
/// operator is known yet, since plans grow.
std::optional<std::string> ToE164(std::string_view typed, std::string_view region = "CN");

/// How people of the number's own country write it: "138 0013 8000", "010 6552 9988". Empty for what is not
/// E.164.
std::string NationalForm(std::string_view e164);

/// ISO 3166 region of the number's plan ("CN"), empty when it is not known.
std::string RegionOf(std::string_view e164);

/// The term to store for finding a number by its end: its digits, last first: "+8613800138000" ->
/// "0008310083168".
std::string PhoneSuffixTerm(std::string_view e164);

/// The beginning that PhoneSuffixTerm must have when the number ends with these digits; signs between are
/// skipped.
std::string SuffixQuery(std::string_view digits);

/// 138****6677: the first three and last four of the national digits; shorter numbers show their last two.
std::string MaskPhone(std::string_view e164);

}  // namespace carillon::text
