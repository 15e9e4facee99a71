#pragma once
#include <string>
#include <string_view>
#include <vector>

/// Text made comparable and findable. Pure, thread-safe; input that is no valid UTF-8 has its bad bytes
/// replaced.
namespace carillon::text {

/// NFKC, case folded, runs of white space as one space, trimmed: what two spellings of one thing have in
/// common. "ＡＢＣ  Ｌｔｄ" -> "abc ltd".
std::string Fold(std::string_view text);

/// The reading of Chinese characters in Latin letters without tones, a space between syllables; everything
/// else folded. "李秀英" -> "li xiu ying".
std::string Pinyin(std::string_view text);

/// The first letter of each syllable of a run of Chinese characters, and of each word: "李秀英" -> "lxy".
std::string Initials(std::string_view text);

/// What to store for `text` so that every beginning of a word, every run of its Chinese characters, its
/// pinyin from any syllable on and its initials find it. Distinct, sorted bytewise. At most `kMaxTerms`.
std::vector<std::string> Terms(std::string_view text);

/// What must all be found as beginnings of stored terms. Empty when the query holds no letter, digit or
/// character.
std::vector<std::string> QueryTerms(std::string_view query);

/// The least string above every string that begins with `prefix`, in bytewise order of UTF-8.
std::string PrefixEnd(std::string_view prefix);

/// The number of Unicode characters.
std::size_t Length(std::string_view text);

/// The first `count` Unicode characters.
std::string_view Head(std::string_view text, std::size_t count);

inline constexpr std::size_t kMaxTerms = 128;

}  // namespace carillon::text
