#include "ivr/domain/announcements.hpp"

#include <algorithm>
#include <sstream>
#include <tuple>

#include "base/proto_time.hpp"
#include "ivr/domain/journey.hpp"

namespace carillon::ivr {
namespace {

std::string Stem(const std::string& language) { return language.substr(0, language.find('-')); }

}  // namespace

const v1::Announcement* Chosen(const std::vector<v1::Announcement>& library, const std::string& code,
                               const std::string& language, const std::string& voice, TimePoint now) {
  const auto rank = [&](const v1::Announcement& entry) {
    return std::tuple(entry.language() == language, entry.voice() == voice,
                      entry.has_start_time() ? FromProto(entry.start_time()) : TimePoint::min());
  };
  const v1::Announcement* best = nullptr;
  for (const auto& entry : library) {
    const bool heard = entry.code() == code && !entry.approver().empty() &&
                       (entry.language() == language || entry.language() == Stem(language)) &&
                       (entry.voice().empty() || entry.voice() == voice) &&
                       (!entry.has_start_time() || FromProto(entry.start_time()) <= now) &&
                       (!entry.has_end_time() || now < FromProto(entry.end_time()));
    if (heard && (best == nullptr || rank(*best) < rank(entry))) best = &entry;
  }
  return best;
}

std::vector<std::string> Resolve(v1::SessionStep& step, const std::vector<v1::Announcement>& library,
                                 const std::string& language, const std::string& voice, TimePoint now) {
  std::vector<std::string> missing;
  auto* const prompts = PromptsOf(step);
  if (prompts == nullptr) return missing;
  for (auto& prompt : *prompts) {
    if (prompt.code().empty()) continue;
    const auto* const entry = Chosen(library, prompt.code(), language, voice, now);
    if (entry != nullptr) {
      prompt.set_text(entry->text());
      prompt.set_language(entry->language());
      prompt.set_announcement(entry->name());
    } else if (prompt.text().empty()) {
      missing.push_back(prompt.code());
    }
  }
  prompts->erase(std::remove_if(prompts->begin(), prompts->end(),
                                [](const v1::Prompt& prompt) { return prompt.text().empty(); }),
                 prompts->end());
  return missing;
}

std::chrono::seconds LongestOf(v1::Announcement::Purpose purpose) {
  const bool brief = purpose == v1::Announcement::ADVERT || purpose == v1::Announcement::NOTICE;
  return std::chrono::seconds{brief ? 15 : 60};
}

std::string VoiceOf(const std::string& voices, const std::string& language, const std::string& voice) {
  std::map<std::string, std::string> names;
  std::istringstream in(voices);
  for (std::string each; std::getline(in, each, ',');) {
    const auto equals = each.find('=');
    if (equals != std::string::npos) names[each.substr(0, equals)] = each.substr(equals + 1);
  }
  for (const std::string& key :
       {language + "/" + voice, Stem(language) + "/" + voice, language, Stem(language)}) {
    if (const auto found = names.find(key); found != names.end()) return found->second;
  }
  return {};
}

}  // namespace carillon::ivr
