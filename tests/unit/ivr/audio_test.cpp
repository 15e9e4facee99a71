#include "ivr/domain/audio.hpp"

#include <algorithm>
#include <catch2/catch.hpp>
#include <cmath>
#include <numbers>

#include "base/proto_time.hpp"
#include "ivr/domain/announcements.hpp"

namespace carillon::ivr {
namespace {

Samples Tone(int rate, double hertz) {
  Samples out;
  out.rate = rate;
  for (int i = 0; i < rate; ++i)
    out.values.push_back(
        static_cast<std::int16_t>(10000 * std::sin(2 * std::numbers::pi * hertz * i / rate)));
  return out;
}

/// Root of the mean square, without the ends.
double Loudness(const Samples& sound) {
  double sum = 0;
  const std::size_t edge = sound.values.size() / 10;
  for (std::size_t i = edge; i < sound.values.size() - edge; ++i)
    sum += static_cast<double>(sound.values[i]) * sound.values[i];
  return std::sqrt(sum / static_cast<double>(sound.values.size() - 2 * edge));
}

}  // namespace

TEST_CASE("G.711 writes what ITU-T's tables say", "[ivr][audio]") {
  // Silence, the first steps and both ends of the scale.
  CHECK(ToALaw(0) == 0xD5);
  CHECK(ToALaw(-1) == 0x55);
  CHECK(ToALaw(32767) == 0xAA);
  CHECK(ToALaw(-32768) == 0x2A);
  CHECK(ToMuLaw(0) == 0xFF);
  CHECK(ToMuLaw(32767) == 0x80);
  CHECK(ToMuLaw(-32768) == 0x00);
  CHECK(FromALaw(0xAA) == 32256);
  CHECK(FromMuLaw(0x80) == 32124);
}

TEST_CASE("every byte of G.711 means one value, and no sample is moved by more than its step",
          "[ivr][audio]") {
  for (int byte = 0; byte < 256; ++byte) {
    const auto code = static_cast<std::uint8_t>(byte);
    if (ToALaw(FromALaw(code)) != code) FAIL_CHECK("A-law " << byte);
    // mu-law has two zeros.
    if (ToMuLaw(FromMuLaw(code)) != code && code != 0x7F) FAIL_CHECK("mu-law " << byte);
  }
  for (int value = -32768; value <= 32767; ++value) {
    const auto sample = static_cast<std::int16_t>(value);
    const int step = std::max(16, std::abs(value) / 16);
    if (std::abs(FromALaw(ToALaw(sample)) - value) > step) FAIL_CHECK("A-law of " << value);
    if (std::abs(value) < 32124 && std::abs(FromMuLaw(ToMuLaw(sample)) - value) > step)
      FAIL_CHECK("mu-law of " << value);
  }
  SUCCEED();
}

TEST_CASE("a WAV file is read as it was written", "[ivr][audio]") {
  const Samples tone = Tone(8000, 440);
  const std::string file = Written(tone, v1::Sound::WAV);
  const auto read = ReadWav(file);
  REQUIRE(read);
  CHECK(read->values == tone.values);
  CHECK(read->rate == 8000);
  CHECK(read->length() == std::chrono::seconds{1});
  CHECK(Written(tone, v1::Sound::A_LAW).size() == tone.values.size());

  SECTION("from a pipe its length is not known") {
    std::string endless = file;
    for (const std::size_t at : {std::size_t{4}, std::size_t{40}}) {
      endless[at + 1] = '\xF0';
      endless[at + 2] = '\xFF';
      endless[at + 3] = '\x7F';
    }
    CHECK(ReadWav(endless).value().values.size() == tone.values.size());
  }
  SECTION("A-law in a WAV file is a recording too") {
    std::string wav = file.substr(0, 44) + Written(tone, v1::Sound::A_LAW);
    wav[20] = 6;
    wav[34] = 8;
    const auto decoded = ReadWav(wav).value();
    REQUIRE(decoded.values.size() == tone.values.size());
    CHECK(std::abs(decoded.values[100] - tone.values[100]) < 400);
  }
  SECTION("what is no sound is refused, cut anywhere") {
    for (std::size_t size = 0; size < 46; ++size)
      if (ReadWav(file.substr(0, size))) CHECK(size >= 46);
    std::string stereo = file;
    stereo[22] = 2;
    CHECK(ReadWav(stereo).error().reason == "RECORDING_MALFORMED");
    std::string wide = file;
    wide[34] = 24;
    CHECK(ReadWav(wide).error().reason == "RECORDING_MALFORMED");
    CHECK(ReadWav("RIFFxxxxWAVEfmt ").error().reason == "RECORDING_MALFORMED");
  }
}

TEST_CASE("on the line a voice is as loud as before, and what it cannot carry is gone", "[ivr][audio]") {
  const Samples voice = ForLine(Tone(22050, 1000));
  CHECK(voice.rate == kLineRate);
  CHECK(std::abs(static_cast<int>(voice.values.size()) - 8000) <= 1);
  CHECK(Loudness(voice) == Approx(7071).epsilon(0.02));
  // 6 kHz would come back as 2 kHz.
  CHECK(Loudness(ForLine(Tone(22050, 6000))) < 7071 / 100.0);
}

TEST_CASE("the library's entry of the caller's language, voice and day is heard", "[ivr][prompts]") {
  const TimePoint now{std::chrono::sys_days{std::chrono::year{2026} / 2 / 17}};
  std::vector<v1::Announcement> library;
  const auto add = [&](const std::string& name, const std::string& language, const std::string& voice,
                       bool approved = true) -> v1::Announcement& {
    auto& entry = library.emplace_back();
    entry.set_name(name);
    entry.set_code("welcome");
    entry.set_language(language);
    entry.set_voice(voice);
    entry.set_text("words of " + name);
    if (approved) entry.set_approver("users/other");
    return entry;
  };
  const auto heard = [&](const std::string& language, const std::string& voice) {
    const auto* const entry = Chosen(library, "welcome", language, voice, now);
    return entry == nullptr ? "" : entry->name();
  };
  add("plain", "zh-CN", "");
  add("female", "zh-CN", "female");
  add("english", "en", "");
  add("draft", "yue", "", false);
  CHECK(heard("zh-CN", "") == "plain");
  CHECK(heard("zh-CN", "male") == "plain");
  CHECK(heard("zh-CN", "female") == "female");
  CHECK(heard("en-GB", "female") == "english");
  CHECK(heard("yue", "").empty());
  auto& festival = add("festival", "zh-CN", "");
  *festival.mutable_start_time() = ToProto(now - std::chrono::hours{1});
  *festival.mutable_end_time() = ToProto(now + std::chrono::hours{1});
  CHECK(heard("zh-CN", "") == "festival");
  *festival.mutable_end_time() = ToProto(now);
  CHECK(heard("zh-CN", "") == "plain");

  v1::SessionStep step;
  auto& known = *step.mutable_collect()->add_prompts();
  known.set_code("welcome");
  known.set_text("a fallback");
  step.mutable_collect()->add_prompts()->set_code("unheard");
  auto& own = *step.mutable_collect()->add_prompts();
  own.set_code("unknown_too");
  own.set_text("own words");
  CHECK(Resolve(step, library, "zh-CN", "", now) == std::vector<std::string>{"unheard"});
  REQUIRE(step.collect().prompts_size() == 2);
  CHECK(step.collect().prompts(0).text() == "words of plain");
  CHECK(step.collect().prompts(0).announcement() == "plain");
  CHECK(step.collect().prompts(1).text() == "own words");
  CHECK(step.collect().prompts(1).announcement().empty());
}

TEST_CASE("a language has a speaker, a voice of it another", "[ivr][prompts]") {
  const std::string voices = "zh-CN=cmn,zh-CN/female=cmn+f2,en=en-gb";
  CHECK(VoiceOf(voices, "zh-CN", "") == "cmn");
  CHECK(VoiceOf(voices, "zh-CN", "female") == "cmn+f2");
  CHECK(VoiceOf(voices, "zh-CN", "male") == "cmn");
  CHECK(VoiceOf(voices, "en-US", "female") == "en-gb");
  CHECK(VoiceOf(voices, "fr", "").empty());
}

}  // namespace carillon::ivr
