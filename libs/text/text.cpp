#include "text/text.hpp"

#include <unicode/normalizer2.h>
#include <unicode/translit.h>
#include <unicode/uchar.h>
#include <unicode/unistr.h>
#include <unicode/uscript.h>

#include <algorithm>
#include <memory>

#include "base/check.hpp"

namespace carillon::text {
namespace {

icu::UnicodeString FromUtf8(std::string_view text) {
  return icu::UnicodeString::fromUTF8(icu::StringPiece(text.data(), static_cast<int32_t>(text.size())));
}

std::string ToUtf8(const icu::UnicodeString& text) {
  std::string out;
  text.toUTF8String(out);
  return out;
}

icu::UnicodeString Folded(const icu::UnicodeString& text) {
  UErrorCode status = U_ZERO_ERROR;
  const icu::Normalizer2* fold = icu::Normalizer2::getNFKCCasefoldInstance(status);
  CARILLON_CHECK(U_SUCCESS(status) != 0);
  const icu::UnicodeString folded = fold->normalize(text, status);
  icu::UnicodeString out;
  bool space = false;
  for (int32_t at = 0; at < folded.length();) {
    const UChar32 c = folded.char32At(at);
    at += U16_LENGTH(c);
    if (u_isUWhiteSpace(c) != 0 || u_iscntrl(c) != 0) {
      space = !out.isEmpty();
      continue;
    }
    if (space) out.append(static_cast<UChar32>(' '));
    space = false;
    out.append(c);
  }
  return out;
}

bool IsHan(UChar32 c) {
  UErrorCode status = U_ZERO_ERROR;
  return uscript_getScript(c, &status) == USCRIPT_HAN;
}

bool IsWord(UChar32 c) { return u_isalnum(c) != 0 || u_charType(c) == U_NON_SPACING_MARK; }

/// Building a transliterator reads rules for some ten milliseconds, so each thread keeps its own.
const icu::Transliterator& HanLatin() {
  thread_local const std::unique_ptr<icu::Transliterator> made = [] {
    UErrorCode status = U_ZERO_ERROR;
    UParseError where;
    std::unique_ptr<icu::Transliterator> t(
        icu::Transliterator::createInstance("Han-Latin; Latin-ASCII; Lower", UTRANS_FORWARD, where, status));
    CARILLON_CHECK(U_SUCCESS(status) != 0 && t != nullptr);
    return t;
  }();
  return *made;
}

/// A run of characters of one kind: Chinese, or letters and digits of any other script.
struct Run {
  bool han = false;
  std::vector<icu::UnicodeString> characters;
  icu::UnicodeString Text() const {
    icu::UnicodeString out;
    for (const auto& c : characters) out.append(c);
    return out;
  }
};

std::vector<Run> Runs(std::string_view text) {
  const icu::UnicodeString folded = Folded(FromUtf8(text));
  std::vector<Run> runs;
  bool open = false;
  for (int32_t at = 0; at < folded.length();) {
    const UChar32 c = folded.char32At(at);
    at += U16_LENGTH(c);
    const bool han = IsHan(c);
    if (!han && !IsWord(c)) {
      open = false;
      continue;
    }
    if (!open || runs.back().han != han) runs.push_back({han, {}});
    open = true;
    runs.back().characters.emplace_back(c);
  }
  return runs;
}

/// One syllable per character: what the whole run reads as, split where ICU puts spaces.
std::vector<std::string> Syllables(const Run& run) {
  icu::UnicodeString text = run.Text();
  HanLatin().transliterate(text);
  const std::string latin = ToUtf8(text);
  std::vector<std::string> out;
  std::string word;
  for (const char c : latin + " ") {
    if (c != ' ') {
      word += c;
    } else if (!word.empty()) {
      out.push_back(std::move(word));
      word.clear();
    }
  }
  return out;
}

}  // namespace

std::string Fold(std::string_view text) { return ToUtf8(Folded(FromUtf8(text))); }

std::string Pinyin(std::string_view text) {
  std::string out;
  for (const Run& run : Runs(text)) {
    for (const std::string& part : run.han ? Syllables(run) : std::vector<std::string>{ToUtf8(run.Text())}) {
      if (!out.empty()) out += ' ';
      out += part;
    }
  }
  return out;
}

std::string Initials(std::string_view text) {
  std::string out;
  for (const Run& run : Runs(text)) {
    if (run.han) {
      for (const std::string& syllable : Syllables(run)) out += syllable.front();
    } else {
      out += ToUtf8(run.characters.front());
    }
  }
  return out;
}

std::vector<std::string> Terms(std::string_view text) {
  std::vector<std::string> terms;
  for (const Run& run : Runs(text)) {
    if (!run.han) {
      terms.push_back(ToUtf8(run.Text()));
      continue;
    }
    // Each character begins a term: all bigrams, and the last one alone.
    for (std::size_t i = 0; i < run.characters.size(); ++i) {
      icu::UnicodeString term = run.characters[i];
      if (i + 1 < run.characters.size()) term.append(run.characters[i + 1]);
      terms.push_back(ToUtf8(term));
    }
    const std::vector<std::string> syllables = Syllables(run);
    std::string initials;
    for (const std::string& syllable : syllables) initials += syllable.front();
    for (std::size_t i = 0; i < syllables.size(); ++i) {
      std::string rest;
      for (std::size_t j = i; j < std::min(syllables.size(), i + 8); ++j) rest += syllables[j];
      terms.push_back(std::move(rest));
      terms.push_back(initials.substr(i));
    }
  }
  std::sort(terms.begin(), terms.end());
  terms.erase(std::unique(terms.begin(), terms.end()), terms.end());
  if (terms.size() > kMaxTerms) terms.resize(kMaxTerms);
  return terms;
}

std::vector<std::string> QueryTerms(std::string_view query) {
  std::vector<std::string> terms;
  for (const Run& run : Runs(query)) {
    if (!run.han || run.characters.size() == 1) {
      terms.push_back(ToUtf8(run.Text()));
      continue;
    }
    for (std::size_t i = 0; i + 1 < run.characters.size(); ++i) {
      icu::UnicodeString term = run.characters[i];
      term.append(run.characters[i + 1]);
      terms.push_back(ToUtf8(term));
    }
  }
  std::sort(terms.begin(), terms.end());
  terms.erase(std::unique(terms.begin(), terms.end()), terms.end());
  return terms;
}

std::string PrefixEnd(std::string_view prefix) { return std::string(prefix) + "\xF4\x8F\xBF\xBF"; }

std::size_t Length(std::string_view text) {
  return static_cast<std::size_t>(std::count_if(
      text.begin(), text.end(), [](char c) { return (static_cast<unsigned char>(c) & 0xC0U) != 0x80U; }));
}

std::string_view Head(std::string_view text, std::size_t count) {
  std::size_t at = 0;
  for (; at < text.size(); ++at) {
    if ((static_cast<unsigned char>(text[at]) & 0xC0U) != 0x80U && count-- == 0) break;
  }
  return text.substr(0, at);
}

}  // namespace carillon::text
