#pragma once
#include <algorithm>
#include <string>
#include <string_view>

#include "customer/domain/identifiers.hpp"
#include "customer/domain/linkage.hpp"
#include "text/phone.hpp"
#include "text/text.hpp"

/// Values as people and systems write them, made ready for linkage: what two writings of one thing have in
/// common.
namespace carillon::customer::api {

inline domain::RawValue LinkValue(domain::Kind kind, std::string_view typed) {
  switch (kind) {
    case domain::Kind::kPhone:
      if (auto number = text::ToE164(typed)) return {*std::move(number), ""};
      return {text::Fold(typed), ""};
    case domain::Kind::kIdentity:
      return {domain::NormalizedNumber(carillon::customer::v1::Identifier::RESIDENT_ID, typed), ""};
    case domain::Kind::kDate: {
      std::string digits;
      std::copy_if(typed.begin(), typed.end(), std::back_inserter(digits),
                   [](char c) { return c >= '0' && c <= '9'; });
      return {digits, ""};
    }
    case domain::Kind::kName: {
      std::string folded = text::Fold(typed);
      const bool latin = std::all_of(folded.begin(), folded.end(),
                                     [](char c) { return static_cast<unsigned char>(c) < 0x80; });
      return {folded, latin ? "" : text::Pinyin(folded)};
    }
    default:
      return {text::Fold(typed), ""};
  }
}

}  // namespace carillon::customer::api
