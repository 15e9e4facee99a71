#pragma once
#include <chrono>
#include <map>
#include <string>
#include <vector>

#include "base/clock.hpp"
#include "carillon/ivr/v1/announcement.pb.h"
#include "carillon/ivr/v1/session.pb.h"

/// The prompt library: which entry a caller hears.
namespace carillon::ivr {

/// The entry of a code for a language ("zh-CN", else "zh") and voice (else one for any voice) at a time; of
/// several the one that began last. Null when there is none that is approved and valid.
const v1::Announcement* Chosen(const std::vector<v1::Announcement>& library, const std::string& code,
                               const std::string& language, const std::string& voice, TimePoint now);

/// Puts the library's words into a step's prompts that name a code; a prompt without words of its own that
/// the library does not know is left out. Returns the codes left out.
std::vector<std::string> Resolve(v1::SessionStep& step, const std::vector<v1::Announcement>& library,
                                 const std::string& language, const std::string& voice, TimePoint now);

/// The most an entry may last: adverts and notices 15 s, anything else 60 s.
std::chrono::seconds LongestOf(v1::Announcement::Purpose purpose);

/// The program's name of a voice by a setting of "zh-CN=cmn,zh-CN/female=cmn+f2": of language and voice, else
/// of the language, else of its first part. Empty when there is none.
std::string VoiceOf(const std::string& voices, const std::string& language, const std::string& voice);

}  // namespace carillon::ivr
