#pragma once
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

/// How alike two values of one kind are. Pure; values are folded before (text::Fold) and come with their
/// reading.
namespace carillon::customer::domain {

/// What a value is, which says how it is compared.
enum class Kind : std::uint8_t {
  kName,      ///< a person's name or a part of it, Chinese or Latin
  kCompany,   ///< an organisation's registered name
  kText,      ///< words: an address, a place, an employer
  kDate,      ///< eight digits, year first
  kCode,      ///< short code or number: a postcode, a house number
  kIdentity,  ///< a document's number; a Chinese resident number in its 18-digit form
  kPhone,     ///< E.164
};

/// Agreement of two values, best first. Kinds use those that make sense for them.
enum class Level : std::uint8_t {
  kMissing,    ///< one of the two is not known: says nothing
  kExact,      ///< the same
  kSame,       ///< another writing of the same: reading, order of words, pet name, initials, suffix left out
  kNear,       ///< one slip: a letter, two transposed digits
  kSimilar,    ///< several slips, or a part of it
  kElsewhere,  ///< stands in another field of the other record: two fields changed places
  kDifferent,  ///< another value
};
inline constexpr std::size_t kLevels = 7;

/// EXACT, NEAR …
std::string_view LevelName(Level level);

/// A value made ready to be compared.
struct Form {
  std::u32string text;             ///< without spaces and signs
  std::u32string spaced;           ///< of a kText as it was folded: signs part its numbers
  std::string reading;             ///< in Latin letters without spaces; of Chinese text its pinyin
  std::vector<std::string> words;  ///< of the reading, as many as there were
  bool han = false;                ///< holds Chinese characters
};

/// `folded` as text::Fold gives it; `reading` as text::Pinyin gives it, empty for text that is Latin already.
Form FormOf(Kind kind, std::string_view folded, std::string_view reading);

/// Neither is empty. Never kMissing nor kElsewhere, which only whole records show.
Level Compared(Kind kind, const Form& a, const Form& b);

/// The name without its legal form (有限公司, 股份有限公司, 集团, Co. Ltd., Inc. …), brackets and spaces; all
/// of it when nothing else would be left.
std::string CompanyCore(std::string_view folded);

/// Single-character insertions, deletions, changes and swaps of neighbours that make one of the other; `most`
/// + 1 when it takes more.
int Edits(std::u32string_view a, std::u32string_view b, int most);

/// True when both are good resident numbers and say different people: not two writings of one.
bool ResidentConflict(std::string_view a, std::string_view b);

}  // namespace carillon::customer::domain
