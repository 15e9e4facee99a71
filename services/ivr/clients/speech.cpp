#include "ivr/clients/speech.hpp"

#include "base/ids.hpp"
#include "crypto/digest.hpp"
#include "ivr/clients/answers.hpp"
#include "ivr/clients/program.hpp"
#include "ivr/domain/announcements.hpp"

namespace carillon::ivr::clients {
namespace {

// A minute of speech in 16-bit samples at 48,000 a second, and some more.
constexpr std::size_t kMostSpeech = 8U << 20;

}  // namespace

Result<std::string> SpeakerOf(const Deps& deps, const std::string& language, const std::string& voice) {
  const std::string speaker = VoiceOf(deps.settings.speech_voices, language, voice);
  if (speaker.empty())
    return InvalidArgument("VOICE_UNKNOWN", "nobody speaks " + language, {{"language", "has no voice"}});
  return speaker;
}

std::string SoundOfText(const Deps& deps, const std::string& speaker, const std::string& text) {
  return Hex(crypto::Sha256(deps.settings.speech_command + "\n" + speaker + "\n" + text));
}

Result<Samples> Speak(const Call& call, const Deps& deps, const std::string& speaker,
                      const std::string& text) {
  const auto file =
      Run(deps.settings.speech_command, {{"voice", speaker}}, text + "\n",
          TimeFor(call, std::chrono::milliseconds{deps.settings.speech_timeout_ms}), kMostSpeech);
  if (!file) return Unavailable("SPEECH_UNAVAILABLE", file.error().message);
  const auto spoken = ReadWav(*file);
  if (!spoken) return Unavailable("SPEECH_UNAVAILABLE", spoken.error().message);
  return ForLine(*spoken);
}

}  // namespace carillon::ivr::clients
