#pragma once
#include <string>

#include "base/call.hpp"
#include "ivr/deps.hpp"
#include "ivr/domain/audio.hpp"

/// Text-to-speech: whatever program the setting `speech.command` names reads a text and writes a WAV file.
namespace carillon::ivr::clients {

/// The program's name of a voice; INVALID_ARGUMENT VOICE_UNKNOWN.
Result<std::string> SpeakerOf(const Deps& deps, const std::string& language, const std::string& voice);

/// What names the sound of a text: a hash over program, speaker and text.
std::string SoundOfText(const Deps& deps, const std::string& speaker, const std::string& text);

/// Speaks, at the line's rate; within the call's deadline. UNAVAILABLE SPEECH_UNAVAILABLE.
Result<Samples> Speak(const Call& call, const Deps& deps, const std::string& speaker,
                      const std::string& text);

}  // namespace carillon::ivr::clients
