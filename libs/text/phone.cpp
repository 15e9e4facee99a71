#include "text/phone.hpp"

#include <phonenumbers/phonenumberutil.h>

#include <algorithm>

#include "text/text.hpp"

namespace carillon::text {
namespace {

using i18n::phonenumbers::PhoneNumber;
using i18n::phonenumbers::PhoneNumberUtil;

const PhoneNumberUtil& Phones() { return *PhoneNumberUtil::GetInstance(); }

std::optional<PhoneNumber> Parse(std::string_view text, std::string_view region) {
  PhoneNumber number;
  if (Phones().Parse(std::string(text), std::string(region), &number) != PhoneNumberUtil::NO_PARSING_ERROR) {
    return std::nullopt;
  }
  return number;
}

/// A Chinese mobile number as networks report it, the digits alone: told by its shape, a hundred times as
/// fast as by the library. 179 begins prefixes of carriers as well, so those are left to it.
std::optional<std::string> PlainMobile(std::string_view typed, std::string_view region) {
  const bool whole = typed.starts_with("+86");
  if (!whole && region != "CN") return std::nullopt;
  const std::string_view digits = whole ? typed.substr(3) : typed;
  if (digits.size() != 11 || digits[0] != '1' || digits[1] < '3' || digits.starts_with("179") ||
      !std::all_of(digits.begin(), digits.end(), [](char c) { return c >= '0' && c <= '9'; })) {
    return std::nullopt;
  }
  return "+86" + std::string(digits);
}

}  // namespace

std::optional<std::string> ToE164(std::string_view typed, std::string_view region) {
  if (auto plain = PlainMobile(typed, region)) return plain;
  std::string folded = Fold(typed);
  if (folded.empty() || folded.size() > 64) return std::nullopt;
  // The phone keyboard's letters (1-800-FLOWERS) are no numbers a network reports, and a mask is no number at
  // all.
  if (std::any_of(folded.begin(), folded.end(),
                  [](char c) { return (c >= 'a' && c <= 'z') || c == '*' || c == '#'; })) {
    return std::nullopt;
  }
  auto number = Parse(folded, region);
  if (!number) return std::nullopt;
  // Mobile plans grow, so there the length decides; elsewhere a short number is a local one without its area
  // code.
  if (!Phones().IsValidNumber(*number) &&
      Phones().IsPossibleNumberForTypeWithReason(*number, PhoneNumberUtil::MOBILE) !=
          PhoneNumberUtil::IS_POSSIBLE) {
    return std::nullopt;
  }
  number->clear_extension();
  std::string out;
  Phones().Format(*number, PhoneNumberUtil::E164, &out);
  return out;
}

std::string NationalForm(std::string_view e164) {
  const auto number = Parse(e164, "ZZ");
  std::string out;
  if (number) Phones().Format(*number, PhoneNumberUtil::NATIONAL, &out);
  return out;
}

std::string RegionOf(std::string_view e164) {
  const auto number = Parse(e164, "ZZ");
  std::string out;
  if (number) Phones().GetRegionCodeForCountryCode(number->country_code(), &out);
  return out == "ZZ" ? "" : out;
}

std::string PhoneSuffixTerm(std::string_view e164) { return SuffixQuery(e164); }

std::string SuffixQuery(std::string_view digits) {
  std::string out;
  std::copy_if(digits.begin(), digits.end(), std::back_inserter(out),
               [](char c) { return c >= '0' && c <= '9'; });
  std::reverse(out.begin(), out.end());
  return out;
}

std::string MaskPhone(std::string_view e164) {
  std::string national;
  if (const auto number = Parse(e164, "ZZ")) {
    Phones().GetNationalSignificantNumber(*number, &national);
  } else {
    std::copy_if(e164.begin(), e164.end(), std::back_inserter(national),
                 [](char c) { return c >= '0' && c <= '9'; });
  }
  if (national.empty()) return "";
  if (national.size() < 9)
    return "****" + national.substr(national.size() - std::min<std::size_t>(2, national.size()));
  return national.substr(0, 3) + "****" + national.substr(national.size() - 4);
}

}  // namespace carillon::text
