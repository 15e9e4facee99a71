#include "knowledge/domain/phrase.hpp"

#include <google/protobuf/util/json_util.h>

#include <algorithm>
#include <array>
#include <map>

#include "base/check.hpp"
#include "carillon/knowledge/v1/knowledge_service.pb.h"
#include "knowledge/domain/errors.hpp"
#include "knowledge/domain/ranking.hpp"
#include "knowledge/domain/shipped_phrases.hpp"

namespace carillon::knowledge::domain {
namespace {

using namespace std::chrono_literals;

struct Variable {
  std::string_view chinese, english;
  std::string Values::* value;
};
constexpr std::array kVariables = {Variable{"{企业}", "{company}", &Values::company},
                                   Variable{"{工号}", "{agent}", &Values::agent},
                                   Variable{"{称呼}", "{salutation}", &Values::salutation},
                                   Variable{"{小时段问候}", "{greeting}", &Values::greeting}};

bool LatinWord(char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9'); }

void Replace(std::string& text, std::string_view what, std::string_view with) {
  for (auto at = text.find(what); at != std::string::npos; at = text.find(what, at + with.size()))
    text.replace(at, what.size(), with);
}

}  // namespace

const std::vector<pb::Phrase>& ShippedPhrases() {
  static const std::vector<pb::Phrase> phrases = [] {
    std::vector<pb::Phrase> out;
    for (const auto& [language, json] :
         {std::pair{"zh", kChinesePhrases}, std::pair{"en", kEnglishPhrases}}) {
      pb::ListPhrasesResponse list;
      CARILLON_CHECK(google::protobuf::util::JsonStringToMessage(json, &list).ok());
      for (auto& phrase : *list.mutable_phrases()) {
        phrase.set_language(language);
        phrase.set_shipped(true);
        out.push_back(std::move(phrase));
      }
    }
    return out;
  }();
  return phrases;
}

std::vector<pb::Phrase> InForce(const std::vector<pb::Phrase>& own, std::string_view client,
                                std::string_view language) {
  std::vector<pb::Phrase> in_force;
  for (const auto& phrase : ShippedPhrases())
    if (Tongue(phrase.language()) == Tongue(language)) in_force.push_back(phrase);
  // The tenant's wordings first, so that a client's own takes the place of them.
  for (const bool of_client : {false, true}) {
    for (const auto& phrase : own) {
      if (Tongue(phrase.language()) != Tongue(language) || phrase.client().empty() == of_client) continue;
      if (of_client && phrase.client() != client) continue;
      const auto same = std::find_if(in_force.begin(), in_force.end(),
                                     [&](const auto& other) { return other.name() == phrase.name(); });
      if (same == in_force.end()) {
        in_force.push_back(phrase);
      } else {
        const int scene_number = same->scene() == phrase.scene() ? same->scene_number() : 0;
        *same = phrase;
        same->set_scene_number(scene_number);
      }
    }
  }
  if (in_force.empty() && Tongue(language) != "en") return InForce(own, client, "en");
  return in_force;
}

bool SaidOn(const pb::Phrase& phrase, type::v1::Channel channel) {
  return channel == type::v1::CHANNEL_UNSPECIFIED || phrase.channels().empty() ||
         std::find(phrase.channels().begin(), phrase.channels().end(), channel) != phrase.channels().end();
}

std::string GreetingAt(TimePoint now, const calendar::TimeZone& zone, std::string_view language) {
  const auto time = zone.ToLocal(now).time_of_day;
  const bool chinese = Tongue(language) == "zh" || Tongue(language) == "yue";
  if (time < 5h || time >= 18h) return chinese ? "晚上好" : "Good evening";
  if (time < 9h) return chinese ? "早上好" : "Good morning";
  if (time < 12h) return chinese ? "上午好" : "Good morning";
  if (time < 14h) return chinese ? "中午好" : "Good afternoon";
  return chinese ? "下午好" : "Good afternoon";
}

pb::Phrase Filled(pb::Phrase phrase, const Values& values) {
  phrase.clear_unfilled();
  const std::string_view text = phrase.text();
  std::string filled;
  for (std::size_t at = 0; at < text.size();) {
    std::string_view name;
    const std::string* value = nullptr;
    for (const auto& variable : kVariables) {
      for (const auto each : {variable.chinese, variable.english}) {
        if (!text.substr(at).starts_with(each)) continue;
        name = each;
        value = &(values.*variable.value);
      }
    }
    if (value == nullptr) {
      filled += text[at++];
      continue;
    }
    filled += value->empty() ? std::string{name} : *value;
    if (value->empty()) {
      const std::string bare{name.substr(1, name.size() - 2)};
      const auto& noted = phrase.unfilled();
      if (std::find(noted.begin(), noted.end(), bare) == noted.end()) phrase.add_unfilled(bare);
    }
    at += name.size();
  }
  phrase.set_filled_text(filled);
  return phrase;
}

Result<void> RequireSound(const pb::Phrase& phrase) {
  std::vector<Violation> wrong;
  const bool taboo = phrase.kind() == pb::Phrase::TABOO;
  if (taboo && phrase.alternatives().empty())
    wrong.push_back({"phrase.alternatives", "are required of a TABOO phrase"});
  if (!taboo && !phrase.alternatives().empty())
    wrong.push_back({"phrase.alternatives", "are of TABOO phrases alone"});
  std::string rest = phrase.text();
  for (const auto& variable : kVariables) {
    Replace(rest, variable.chinese, "");
    Replace(rest, variable.english, "");
  }
  if (rest.find_first_of("{}") != std::string::npos)
    wrong.push_back({"phrase.text", "holds a variable that nobody knows"});
  if (taboo && Bare(phrase.text()).empty()) wrong.push_back({"phrase.text", "holds no word"});
  if (!wrong.empty()) return errors::PhraseInvalid(std::move(wrong));
  return Ok();
}

std::string Bare(std::string_view folded) {
  // Signs of Chinese and of typography that folding leaves, as they stand in UTF-8.
  constexpr std::array kSigns = {"。", "、", "“",  "”",  "‘", "’", "《", "》", "〈", "〉", "「", "」",
                                 "『", "』", "【", "】", "—", "–", "…",  "·",  "～", "　", "￥"};
  std::string out;
  bool gap = false;
  for (std::size_t at = 0; at < folded.size();) {
    const char c = folded[at];
    const bool ascii = (static_cast<unsigned char>(c) & 0x80U) == 0;
    if (ascii && !LatinWord(c) && !(c >= 'A' && c <= 'Z')) {
      gap = gap || c != '\'';  // "don't" is one word
      ++at;
      continue;
    }
    const auto sign = std::find_if(kSigns.begin(), kSigns.end(),
                                   [&](const char* s) { return folded.substr(at).starts_with(s); });
    if (sign != kSigns.end()) {
      const bool apostrophe = std::string_view{*sign} == "’";
      gap = gap || !apostrophe;
      at += std::string_view{*sign}.size();
      continue;
    }
    if (gap && ascii && !out.empty() && (static_cast<unsigned char>(out.back()) & 0x80U) == 0) out += ' ';
    gap = false;
    out += c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
    ++at;
  }
  return out;
}

std::vector<pb::TabooFinding> TaboosIn(std::string_view bare, const std::vector<Taboo>& taboos) {
  std::multimap<std::size_t, pb::TabooFinding> found;
  for (const auto& taboo : taboos) {
    if (taboo.bare.empty()) continue;
    for (auto at = bare.find(taboo.bare); at != std::string_view::npos; at = bare.find(taboo.bare, at + 1)) {
      const auto end = at + taboo.bare.size();
      const bool begins = !LatinWord(taboo.bare.front()) || at == 0 || !LatinWord(bare[at - 1]);
      const bool ends = !LatinWord(taboo.bare.back()) || end == bare.size() || !LatinWord(bare[end]);
      if (!begins || !ends) continue;
      pb::TabooFinding finding;
      finding.set_phrase(taboo.phrase.name());
      finding.set_text(taboo.phrase.text());
      *finding.mutable_alternatives() = taboo.phrase.alternatives();
      found.emplace(at, std::move(finding));
      break;
    }
  }
  std::vector<pb::TabooFinding> out;
  for (auto& [at, finding] : found) out.push_back(std::move(finding));
  return out;
}

}  // namespace carillon::knowledge::domain
