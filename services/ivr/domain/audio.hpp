#pragma once
#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"
#include "carillon/ivr/v1/announcement.pb.h"

/// Sound of one channel, between files, text-to-speech and telephone lines. Pure.
namespace carillon::ivr {

/// What a telephone line carries, samples a second.
inline constexpr int kLineRate = 8000;

struct Samples {
  int rate = kLineRate;  ///< a second
  std::vector<std::int16_t> values;

  std::chrono::milliseconds length() const {
    return std::chrono::milliseconds{static_cast<std::int64_t>(values.size()) * 1000 / rate};
  }
};

/// Reads a WAV file: one channel of 16-bit, A-law or mu-law samples, 8,000 to 48,000 a second. A data chunk
/// that says it is longer than the file (as of a pipe) ends with the file. INVALID_ARGUMENT
/// RECORDING_MALFORMED.
Result<Samples> ReadWav(std::string_view bytes);

/// At the line's rate; what a line cannot carry is filtered out before.
Samples ForLine(const Samples& sound);

/// In the form asked for: a WAV file of 16-bit samples, or bare G.711.
std::string Written(const Samples& sound, v1::Sound::Format format);

/// G.711 as ITU-T defines it, a sample each way.
std::uint8_t ToALaw(std::int16_t sample);
std::uint8_t ToMuLaw(std::int16_t sample);
std::int16_t FromALaw(std::uint8_t byte);
std::int16_t FromMuLaw(std::uint8_t byte);

}  // namespace carillon::ivr
