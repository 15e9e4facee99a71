#include "customer/domain/likeness.hpp"

#include <algorithm>
#include <array>
#include <cstdlib>

#include "customer/domain/identifiers.hpp"

namespace carillon::customer::domain {
namespace {

using Words = std::vector<std::string>;

/// Pet names that are no beginning of their name. The first of a line is the name.
constexpr std::array<std::array<std::string_view, 5>, 24> kPetNames{{
    {"william", "bill", "billy", "liam", ""},
    {"robert", "bob", "bobby", "rob", ""},
    {"richard", "dick", "rick", "ricky", ""},
    {"margaret", "peggy", "meg", "maggie", "greta"},
    {"elizabeth", "betty", "beth", "liz", "lisa"},
    {"james", "jim", "jimmy", "jamie", ""},
    {"john", "jack", "johnny", "jon", ""},
    {"edward", "ted", "ned", "eddie", ""},
    {"henry", "harry", "hank", "", ""},
    {"charles", "chuck", "charlie", "", ""},
    {"katherine", "kate", "kathy", "katie", "kitty"},
    {"catherine", "kate", "cathy", "katie", ""},
    {"michael", "mike", "mick", "mickey", ""},
    {"anthony", "tony", "", "", ""},
    {"theodore", "ted", "teddy", "", ""},
    {"mary", "molly", "polly", "", ""},
    {"sarah", "sally", "sadie", "", ""},
    {"alexander", "sandy", "sasha", "xander", ""},
    {"dorothy", "dot", "dolly", "", ""},
    {"helen", "nell", "nellie", "", ""},
    {"ann", "nancy", "annie", "anna", "anne"},
    {"joseph", "joe", "joey", "jo", ""},
    {"andrew", "drew", "andy", "", ""},
    {"isabella", "bella", "izzy", "belle", ""},
}};

/// Legal forms and what stands with them, longest first.
constexpr std::array<std::string_view, 18> kLegalForms{
    "股份有限责任公司", "股份有限公司", "有限责任公司", "集团有限公司", "(集团)",      "有限公司",
    "集团公司",         "分公司",       "公司",         "集团",         "corporation", "incorporated",
    "company limited",  "co.,ltd.",     "limited",      "corp",         "ltd",         "inc"};

bool IsSign(char32_t c) {
  return c < 0x80 && !((c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'));
}

bool IsHanCharacter(char32_t c) { return (c >= 0x3400 && c <= 0x9FFF) || (c >= 0x20000 && c <= 0x3FFFF); }

std::u32string Decoded(std::string_view text) {
  std::u32string out;
  for (std::size_t i = 0; i < text.size();) {
    const auto lead = static_cast<unsigned char>(text[i]);
    const std::size_t size = lead < 0x80 ? 1 : lead < 0xE0 ? 2 : lead < 0xF0 ? 3 : 4;
    char32_t c = size == 1 ? lead : lead & (0x7FU >> size);
    for (std::size_t j = 1; j < size && i + j < text.size(); ++j) {
      c = (c << 6U) | (static_cast<unsigned char>(text[i + j]) & 0x3FU);
    }
    out += c;
    i += size;
  }
  return out;
}

std::string WithoutSigns(std::string_view text) {
  std::string out;
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte >= 0x80 || !IsSign(byte)) out += c;
  }
  return out;
}

Words WordsOf(std::string_view text) {
  Words out;
  std::string word;
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte < 0x80 && IsSign(byte)) {
      if (!word.empty()) out.push_back(std::move(word));
      word.clear();
    } else {
      word += c;
    }
  }
  if (!word.empty()) out.push_back(std::move(word));
  return out;
}

bool IsPetName(std::string_view a, std::string_view b) {
  const auto is_in = [](const auto& names, std::string_view name) {
    return std::find(names.begin(), names.end(), name) != names.end();
  };
  for (const auto& names : kPetNames) {
    if (is_in(names, a) && is_in(names, b) && !a.empty() && !b.empty()) return true;
  }
  return false;
}

/// The bit-parallel form of Hyyrö for a pattern of at most 64 letters below 128.
int BitEdits(std::u32string_view a, std::u32string_view b) {
  std::array<std::uint64_t, 128> at{};
  for (std::size_t i = 0; i < a.size(); ++i) at[a[i]] |= std::uint64_t{1} << i;
  std::uint64_t vp = ~std::uint64_t{0}, vn = 0, d0 = 0, before = 0;
  const std::uint64_t last = std::uint64_t{1} << (a.size() - 1);
  int score = static_cast<int>(a.size());
  for (const char32_t c : b) {
    const std::uint64_t pm = c < 128 ? at[c] : 0;
    const std::uint64_t swap = (((~d0) & pm) << 1U) & before;
    d0 = (((pm & vp) + vp) ^ vp) | pm | vn | swap;
    std::uint64_t hp = vn | ~(d0 | vp);
    std::uint64_t hn = d0 & vp;
    if ((hp & last) != 0) ++score;
    if ((hn & last) != 0) --score;
    hp = (hp << 1U) | 1U;
    hn = hn << 1U;
    vp = hn | ~(d0 | hp);
    vn = hp & d0;
    before = pm;
  }
  return score;
}

int PlainEdits(std::u32string_view a, std::u32string_view b) {
  std::vector<int> before(b.size() + 1), row(b.size() + 1), older;
  for (std::size_t j = 0; j <= b.size(); ++j) row[j] = static_cast<int>(j);
  for (std::size_t i = 1; i <= a.size(); ++i) {
    older = before;
    before = row;
    row[0] = static_cast<int>(i);
    for (std::size_t j = 1; j <= b.size(); ++j) {
      row[j] = std::min({before[j] + 1, row[j - 1] + 1, before[j - 1] + (a[i - 1] == b[j - 1] ? 0 : 1)});
      if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1]) {
        row[j] = std::min(row[j], older[j - 2] + 1);
      }
    }
  }
  return row[b.size()];
}

/// One of two words is the beginning of the other, or its initial.
bool Abbreviates(std::string_view a, std::string_view b) {
  if (a.size() > b.size()) std::swap(a, b);
  return !a.empty() && b.substr(0, a.size()) == a;
}

bool SameWords(Words a, Words b) {
  std::sort(a.begin(), a.end());
  std::sort(b.begin(), b.end());
  return a == b;
}

/// Syllables that speakers of the south do not tell apart: zh/z, ch/c, sh/s, n/l, f/h, -ng/-n.
std::string Blurred(std::string_view reading) {
  std::string out;
  for (std::size_t i = 0; i < reading.size(); ++i) {
    const char c = reading[i];
    if (c == 'h' && i > 0 && (reading[i - 1] == 'z' || reading[i - 1] == 'c' || reading[i - 1] == 's'))
      continue;
    if (c == 'g' && i > 0 && reading[i - 1] == 'n') continue;
    out += c == 'l' ? 'n' : c;
  }
  return out;
}

Level ByEdits(std::u32string_view a, std::u32string_view b) {
  const auto longest = static_cast<int>(std::max(a.size(), b.size()));
  const int edits = Edits(a, b, longest * 2 / 5);
  if (edits * 6 <= longest || (edits == 1 && longest >= 4)) return Level::kNear;
  return edits * 5 <= longest * 2 ? Level::kSimilar : Level::kDifferent;
}

Level ComparedNames(const Form& a, const Form& b) {
  if (a.text == b.text) return Level::kExact;
  if (a.reading == b.reading || SameWords(a.words, b.words) || IsPetName(a.reading, b.reading)) {
    return Level::kSame;
  }
  if (a.han && b.han) {
    // The family name comes first; a given name that sounds alike is a slip of the ear, another is another
    // person.
    if (a.text.front() != b.text.front() && a.words.front() != b.words.front()) {
      return a.text.substr(1) == b.text.substr(1) && a.text.size() > 2 ? Level::kSimilar : Level::kDifferent;
    }
    if (Blurred(a.reading) == Blurred(b.reading)) return Level::kNear;
    return a.text.size() > 2 && b.text.size() > 2 && Edits(a.text, b.text, 1) <= 1 ? Level::kSimilar
                                                                                   : Level::kDifferent;
  }
  const std::u32string left = Decoded(a.reading), right = Decoded(b.reading);
  if (a.words.size() == b.words.size() && a.words.size() > 1) {
    bool short_form = true;
    for (std::size_t i = 0; i < a.words.size(); ++i) {
      short_form = short_form && (Abbreviates(a.words[i], b.words[i]) || IsPetName(a.words[i], b.words[i]));
    }
    if (short_form) return Level::kNear;
  }
  const Level level = ByEdits(left, right);
  return level == Level::kDifferent && std::min(left.size(), right.size()) >= 3 &&
                 Abbreviates(a.reading, b.reading)
             ? Level::kSimilar
             : level;
}

/// A Chinese address in its two halves: what it names, and its numbers from house to room.
struct Place {
  std::u32string names;
  std::vector<std::u32string> numbers;
};

Place PlaceOf(const Form& form) {
  // Words that only count houses, whichever a writer likes.
  static constexpr std::u32string_view kCounters = U"号楼室栋幢座单元弄巷层房";
  Place place;
  bool open = false;
  for (const char32_t c : form.spaced) {
    if (c >= '0' && c <= '9') {
      if (!open) place.numbers.emplace_back();
      place.numbers.back() += c;
      open = true;
      continue;
    }
    open = false;
    if (c > 0x7F && (place.numbers.empty() || kCounters.find(c) == std::u32string_view::npos))
      place.names += c;
  }
  return place;
}

Level ComparedPlaces(const Place& a, const Place& b) {
  const auto& shorter = a.names.size() <= b.names.size() ? a : b;
  const auto& longer = &shorter == &a ? b : a;
  // The province is left out as often as not.
  const bool same = shorter.names.size() >= 4 && longer.names.ends_with(shorter.names);
  const bool slip = !same && shorter.names.size() >= 4 && Edits(a.names, b.names, 1) <= 1;
  if (!same && !slip) return Level::kDifferent;
  if (a.numbers == b.numbers) return same ? Level::kSame : Level::kNear;
  const auto& fewer = a.numbers.size() <= b.numbers.size() ? a.numbers : b.numbers;
  const auto& more = &fewer == &a.numbers ? b.numbers : a.numbers;
  const bool part = !fewer.empty() && std::equal(fewer.begin(), fewer.end(), more.begin());
  return same && part ? Level::kNear : Level::kSimilar;
}

Level ComparedTexts(const Form& a, const Form& b) {
  if (a.text == b.text) return Level::kExact;
  if (a.han && b.han) return ComparedPlaces(PlaceOf(a), PlaceOf(b));
  if (a.words.size() > 1 && SameWords(a.words, b.words)) return Level::kSame;
  const Level level = ByEdits(a.text, b.text);
  if (level != Level::kDifferent) return level;
  // Half of the words, or one inside the other.
  const auto& shorter = a.text.size() <= b.text.size() ? a : b;
  const auto& longer = &shorter == &a ? b : a;
  if (shorter.text.size() >= 4 && longer.text.find(shorter.text) != std::u32string::npos)
    return Level::kSimilar;
  std::size_t common = 0;
  for (const auto& word : shorter.words) {
    if (word.size() > 2 && std::find(longer.words.begin(), longer.words.end(), word) != longer.words.end())
      ++common;
  }
  return common > 1 && common * 2 >= longer.words.size() ? Level::kSimilar : Level::kDifferent;
}

Level ComparedNumbers(Kind kind, const Form& a, const Form& b) {
  if (a.text == b.text) return Level::kExact;
  const auto longest = std::max(a.text.size(), b.text.size());
  if (kind == Kind::kDate && a.text.size() == 8 && b.text.size() == 8) {
    const auto year = a.text.substr(0, 4) == b.text.substr(0, 4);
    if (year && a.text.substr(4, 2) == b.text.substr(6, 2) && a.text.substr(6, 2) == b.text.substr(4, 2)) {
      return Level::kSame;  // day and month changed places
    }
    // The year alone is known.
    if (year && (a.text.substr(4) == U"0000" || b.text.substr(4) == U"0000")) return Level::kSimilar;
  }
  const int edits = Edits(a.text, b.text, 2);
  if (edits <= 1) return longest > 2 ? Level::kNear : Level::kSimilar;
  return edits == 2 && longest >= 6 ? Level::kSimilar : Level::kDifferent;
}

}  // namespace

std::string_view LevelName(Level level) {
  static constexpr std::array<std::string_view, kLevels> kNames{"MISSING", "EXACT",     "SAME",     "NEAR",
                                                                "SIMILAR", "ELSEWHERE", "DIFFERENT"};
  return kNames[static_cast<std::size_t>(level)];
}

Form FormOf(Kind kind, std::string_view folded, std::string_view reading) {
  Form form;
  const std::string core = kind == Kind::kCompany ? CompanyCore(folded) : WithoutSigns(folded);
  form.text = Decoded(core);
  if (kind == Kind::kText) form.spaced = Decoded(folded);
  form.han = std::any_of(form.text.begin(), form.text.end(), IsHanCharacter);
  form.reading = WithoutSigns(reading.empty() ? std::string_view(core) : reading);
  form.words = WordsOf(reading.empty() ? folded : reading);
  return form;
}

Level Compared(Kind kind, const Form& a, const Form& b) {
  switch (kind) {
    case Kind::kName:
      return ComparedNames(a, b);
    case Kind::kCompany:
      if (a.text == b.text) return Level::kExact;
      return a.reading == b.reading ? Level::kSame : ByEdits(a.text, b.text);
    case Kind::kText:
      return ComparedTexts(a, b);
    default:
      return ComparedNumbers(kind, a, b);
  }
}

std::string CompanyCore(std::string_view folded) {
  std::string name(folded);
  const auto is_form = [&] {
    return std::find(kLegalForms.begin(), kLegalForms.end(), name) != kLegalForms.end();
  };
  for (bool shortened = true; shortened && !is_form();) {
    shortened = false;
    while (!name.empty() && (name.back() == ' ' || name.back() == '.' || name.back() == ',')) name.pop_back();
    for (const std::string_view form : kLegalForms) {
      if (name.size() > form.size() && name.ends_with(form)) {
        name.resize(name.size() - form.size());
        shortened = true;
        break;
      }
    }
  }
  const std::string core = WithoutSigns(name);
  return core.empty() ? WithoutSigns(folded) : core;
}

int Edits(std::u32string_view a, std::u32string_view b, int most) {
  if (a.size() > b.size()) std::swap(a, b);
  if (static_cast<int>(b.size() - a.size()) > most) return most + 1;
  if (a.empty()) return static_cast<int>(b.size());
  const bool bits = a.size() <= 64 && std::all_of(a.begin(), a.end(), [](char32_t c) { return c < 128; });
  return std::min(bits ? BitEdits(a, b) : PlainEdits(a, b), most + 1);
}

bool ResidentConflict(std::string_view a, std::string_view b) {
  return a != b && ReadResidentId(a) && ReadResidentId(b);
}

}  // namespace carillon::customer::domain
