#include "qa/domain/bands.hpp"

#include <catch2/catch.hpp>

#include "base/proto_time.hpp"

namespace carillon::qa::domain {
namespace {

using namespace std::chrono_literals;

const calendar::TimeZone& Shanghai() {
  static const auto zone = calendar::TimeZone::Load("Asia/Shanghai").value();
  return zone;
}
/// 2026-03-02 at this time in Shanghai.
TimePoint At(std::chrono::minutes time_of_day) {
  return Shanghai().ToUtc(std::chrono::year{2026} / 3 / 2, time_of_day);
}

pb::Evaluation Conversation(std::chrono::minutes time_of_day, Duration talk = 3min) {
  pb::Evaluation conversation;
  conversation.set_queue("queues/q");
  *conversation.mutable_interaction_end_time() = ToProto(At(time_of_day));
  *conversation.mutable_talk_duration() = ToProto(talk);
  return conversation;
}

Bands BandsOf(const QueueShape& shape, std::vector<std::string> peaks = {}) {
  google::protobuf::RepeatedPtrField<std::string> named(peaks.begin(), peaks.end());
  return Bands::Make(Shanghai(), "22:30-08:00", named, {{"queues/q", shape}}).value();
}

TEST_CASE("night is from half past ten to eight", "[qa][bands]") {
  const auto bands = BandsOf({}, {"09:00"});
  CHECK(bands.TimeBandOf(Conversation(22h + 30min)) == pb::NIGHT);
  CHECK(bands.TimeBandOf(Conversation(22h + 29min)) == pb::OFF_PEAK);
  CHECK(bands.TimeBandOf(Conversation(0min)) == pb::NIGHT);
  CHECK(bands.TimeBandOf(Conversation(7h + 59min)) == pb::NIGHT);
  CHECK(bands.TimeBandOf(Conversation(8h)) == pb::OFF_PEAK);
  CHECK(bands.TimeBandOf(Conversation(9h + 29min)) == pb::PEAK);
  CHECK(bands.TimeBandOf(Conversation(9h + 30min)) == pb::OFF_PEAK);
}

TEST_CASE("busy half-hours are those with at least the average, nights apart", "[qa][bands]") {
  QueueShape shape;
  shape.ended_in_quarters = {
      {At(9h), 4}, {At(9h + 15min), 4}, {At(10h), 1}, {At(14h + 30min), 3}, {At(23h), 100}};
  // Of the day: 8, 1 and 3, on average 4.
  const auto bands = BandsOf(shape);
  CHECK(bands.PeakOf("queues/q").count() == 1);
  CHECK(bands.TimeBandOf(Conversation(9h + 20min)) == pb::PEAK);
  CHECK(bands.TimeBandOf(Conversation(14h + 40min)) == pb::OFF_PEAK);
  CHECK(bands.TimeBandOf(Conversation(23h + 10min)) == pb::NIGHT);
}

TEST_CASE("long is above the ninth tenth and short below the first", "[qa][bands]") {
  QueueShape shape;
  shape.short_below = 60s;
  shape.long_above = 272s;  // 4′32″
  const auto bands = BandsOf(shape);
  CHECK(bands.LengthBandOf(Conversation(9h, 272s)) == pb::NORMAL);
  CHECK(bands.LengthBandOf(Conversation(9h, 272s + 1us)) == pb::LONG);
  CHECK(bands.LengthBandOf(Conversation(9h, 60s)) == pb::NORMAL);
  CHECK(bands.LengthBandOf(Conversation(9h, 60s - 1us)) == pb::SHORT);
}

TEST_CASE("a night that is no span of time is refused", "[qa][bands]") {
  CHECK_FALSE(Bands::Make(Shanghai(), "22:30", {}, {}));
  CHECK_FALSE(Bands::Make(Shanghai(), "late-early", {}, {}));
}

}  // namespace
}  // namespace carillon::qa::domain
