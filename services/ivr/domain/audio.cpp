#include "ivr/domain/audio.hpp"

#include <algorithm>
#include <cmath>
#include <numbers>

namespace carillon::ivr {
namespace {

constexpr unsigned kPcm = 1;
constexpr unsigned kALawWav = 6;
constexpr unsigned kMuLawWav = 7;

/// A little-endian number of `size` bytes.
unsigned NumberAt(std::string_view bytes, std::size_t at, std::size_t size) {
  unsigned value = 0;
  for (std::size_t i = 0; i < size; ++i)
    value |= static_cast<unsigned>(static_cast<unsigned char>(bytes[at + i])) << (8 * i);
  return value;
}

void Put(std::string& out, unsigned value, std::size_t size) {
  for (std::size_t i = 0; i < size; ++i) out += static_cast<char>((value >> (8 * i)) & 0xFFU);
}

/// The eighth of the scale a magnitude lies in; 8 is beyond it.
int Segment(int magnitude, int first_end) {
  int segment = 0;
  for (int end = first_end; segment < 8 && magnitude > end; ++segment) end = end * 2 + 1;
  return segment;
}

}  // namespace

Result<Samples> ReadWav(std::string_view bytes) {
  const auto bad = [](const char* why) { return InvalidArgument("RECORDING_MALFORMED", why); };
  if (bytes.size() < 12 || bytes.substr(0, 4) != "RIFF" || bytes.substr(8, 4) != "WAVE")
    return bad("this is no WAV file");
  Samples out;
  unsigned format = 0;
  unsigned bits = 0;
  for (std::size_t at = 12; at + 8 <= bytes.size();) {
    const std::string_view id = bytes.substr(at, 4);
    const std::size_t length = NumberAt(bytes, at + 4, 4);
    const std::string_view body = bytes.substr(at + 8, length);
    if (id == "fmt " && body.size() >= 16) {
      format = NumberAt(body, 0, 2);
      bits = NumberAt(body, 14, 2);
      const unsigned rate = NumberAt(body, 4, 4);
      if (NumberAt(body, 2, 2) != 1) return bad("a recording has one channel");
      if (rate < 8000 || rate > 48000) return bad("a recording has 8,000 to 48,000 samples a second");
      out.rate = static_cast<int>(rate);
    } else if (id == "data") {
      if (format == kPcm && bits == 16) {
        out.values.reserve(body.size() / 2);
        for (std::size_t i = 0; i + 1 < body.size(); i += 2)
          out.values.push_back(static_cast<std::int16_t>(NumberAt(body, i, 2)));
      } else if ((format == kALawWav || format == kMuLawWav) && bits == 8) {
        for (const char byte : body) {
          const auto code = static_cast<std::uint8_t>(byte);
          out.values.push_back(format == kALawWav ? FromALaw(code) : FromMuLaw(code));
        }
      } else {
        return bad("samples are 16-bit, A-law or mu-law");
      }
      if (out.values.empty()) return bad("nothing is recorded");
      return out;
    }
    at += 8 + length + length % 2;
  }
  return bad("there are no samples");
}

Samples ForLine(const Samples& sound) {
  if (sound.rate == kLineRate) return sound;
  // A sinc under a Hann window: eight zero crossings each way of a cut a little below half the line's rate.
  const double step = static_cast<double>(sound.rate) / kLineRate;
  const double cut = 0.94 / step;
  const double reach = 8 / cut;
  const auto count = static_cast<std::int64_t>(sound.values.size());
  Samples out;
  out.values.reserve(static_cast<std::size_t>(static_cast<double>(count) / step) + 1);
  for (double at = 0; at < static_cast<double>(count); at += step) {
    double sum = 0;
    double weights = 0;
    const auto first = std::max<std::int64_t>(0, static_cast<std::int64_t>(std::ceil(at - reach)));
    const auto last = std::min(count - 1, static_cast<std::int64_t>(std::floor(at + reach)));
    for (auto i = first; i <= last; ++i) {
      const double away = static_cast<double>(i) - at;
      const double phase = std::numbers::pi * cut * away;
      const double sinc = std::abs(phase) < 1e-9 ? 1 : std::sin(phase) / phase;
      const double weight = sinc * (0.5 + 0.5 * std::cos(std::numbers::pi * away / reach));
      weights += weight;
      sum += weight * sound.values[static_cast<std::size_t>(i)];
    }
    out.values.push_back(static_cast<std::int16_t>(std::clamp(sum / weights, -32768.0, 32767.0)));
  }
  return out;
}

std::string Written(const Samples& sound, v1::Sound::Format format) {
  std::string out;
  if (format == v1::Sound::A_LAW || format == v1::Sound::MU_LAW) {
    for (const std::int16_t sample : sound.values)
      out += static_cast<char>(format == v1::Sound::A_LAW ? ToALaw(sample) : ToMuLaw(sample));
    return out;
  }
  const auto bytes = static_cast<unsigned>(sound.values.size() * 2);
  const auto rate = static_cast<unsigned>(sound.rate);
  out = "RIFF";
  Put(out, 36 + bytes, 4);
  out += "WAVEfmt ";
  Put(out, 16, 4);
  Put(out, kPcm, 2);
  Put(out, 1, 2);
  Put(out, rate, 4);
  Put(out, rate * 2, 4);
  Put(out, 2, 2);
  Put(out, 16, 2);
  out += "data";
  Put(out, bytes, 4);
  for (const std::int16_t sample : sound.values) Put(out, static_cast<std::uint16_t>(sample), 2);
  return out;
}

std::uint8_t ToALaw(std::int16_t sample) {
  int value = sample >> 3;
  const int mask = value >= 0 ? 0xD5 : 0x55;
  if (value < 0) value = -value - 1;
  const int segment = Segment(value, 0x1F);
  const int code = segment >= 8 ? 0x7F : segment << 4 | (value >> std::max(segment, 1) & 0xF);
  return static_cast<std::uint8_t>(code ^ mask);
}

std::uint8_t ToMuLaw(std::int16_t sample) {
  constexpr int kBias = 0x21;
  int value = sample >> 2;
  const int mask = value < 0 ? 0x7F : 0xFF;
  value = std::min(std::abs(value), 8159) + kBias;
  const int segment = Segment(value, 0x3F);
  const int code = segment >= 8 ? 0x7F : segment << 4 | (value >> (segment + 1) & 0xF);
  return static_cast<std::uint8_t>(code ^ mask);
}

std::int16_t FromALaw(std::uint8_t byte) {
  const int code = byte ^ 0x55;
  const int segment = code >> 4 & 7;
  const int inner = (code & 0xF) << 4;
  const int value = segment == 0 ? inner + 8 : (inner + 0x108) << (segment - 1);
  return static_cast<std::int16_t>((code & 0x80) != 0 ? value : -value);
}

std::int16_t FromMuLaw(std::uint8_t byte) {
  constexpr int kBias = 0x84;
  const int code = ~byte & 0xFF;
  const int value = (((code & 0xF) << 3) + kBias) << (code >> 4 & 7);
  return static_cast<std::int16_t>((code & 0x80) != 0 ? kBias - value : value - kBias);
}

}  // namespace carillon::ivr
