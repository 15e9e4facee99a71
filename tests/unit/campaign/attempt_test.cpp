#include "campaign/domain/attempt.hpp"

#include <google/protobuf/util/message_differencer.h>

#include <algorithm>
#include <catch2/catch.hpp>
#include <functional>
#include <numeric>
#include <vector>

#include "base/proto_time.hpp"
#include "campaign/domain/hours.hpp"

namespace carillon::campaign::domain {
namespace {

using namespace std::chrono_literals;

const TimePoint kTen{std::chrono::sys_days{std::chrono::year{2026} / 4 / 1} + 2h};

calendar::WorkingCalendar Legal() { return LegalHours(calendar::TimeZone::Load("Asia/Shanghai").value()); }

pb::AttemptRecord Dialled() {
  pb::AttemptRecord record;
  auto& attempt = *record.mutable_attempt();
  attempt.set_name("attempts/1");
  attempt.set_agent("agents/7");
  *attempt.mutable_dial_time() = ToProto(kTen);
  Conclude(record);
  return record;
}

using Told = std::function<void(pb::AttemptRecord&)>;

Told Answered() {
  return [](auto& record) { *record.mutable_attempt()->mutable_answer_time() = ToProto(kTen + 8s); };
}
Told Connected() {
  return [](auto& record) {
    *record.mutable_attempt()->mutable_answer_time() = ToProto(kTen + 8s);
    *record.mutable_attempt()->mutable_connect_time() = ToProto(kTen + 12s);
  };
}
Told Cleared(pb::Disposition word, bool connected) {
  return [=](auto& record) {
    if (connected) Connected()(record);
    *record.mutable_clear_time() = ToProto(kTen + 2min);
    record.set_line_word(word);
  };
}
Told Completed(pb::Disposition word) {
  return [=](auto& record) {
    *record.mutable_complete_time() = ToProto(kTen + 3min);
    record.set_wrap_up_word(word);
  };
}
Told GaveUp() {
  return [](auto& record) { *record.mutable_give_up_time() = ToProto(kTen + 4h); };
}

TEST_CASE("what nobody answered is what the line said") {
  for (const auto word :
       {pb::BUSY, pb::NO_ANSWER, pb::INVALID_NUMBER, pb::POWER_OFF, pb::VOICEMAIL, pb::FAILED}) {
    auto record = Dialled();
    CHECK(record.attempt().state() == pb::Attempt::DIALLING);
    Cleared(word, false)(record);
    Conclude(record);
    CHECK(record.attempt().state() == pb::Attempt::ENDED);
    CHECK(record.attempt().disposition() == word);
    CHECK_FALSE(IsContact(record));
  }
}

TEST_CASE("who answers and hears no agent was abandoned, and that was a contact") {
  auto record = Dialled();
  Answered()(record);
  Conclude(record);
  CHECK(record.attempt().state() == pb::Attempt::ANSWERED);
  Cleared(pb::FAILED, false)(record);
  Conclude(record);
  CHECK(record.attempt().disposition() == pb::ABANDONED);
  CHECK(IsContact(record));
}

TEST_CASE("an agent who says nothing leaves it to wrap-up, and wrap-up to the line") {
  auto record = Dialled();
  Cleared(pb::FAILED, true)(record);
  Conclude(record);
  CHECK(record.attempt().state() == pb::Attempt::CONNECTED);
  auto silent = record;
  Completed(pb::DISPOSITION_UNSPECIFIED)(silent);
  Conclude(silent);
  CHECK(silent.attempt().disposition() == pb::HUNG_UP);
  Completed(pb::INTERESTED)(record);
  Conclude(record);
  CHECK(record.attempt().disposition() == pb::INTERESTED);
  CHECK(record.attempt().state() == pb::Attempt::ENDED);
}

TEST_CASE("a redeemed token is an attempt that was made, whatever the line does with it") {
  auto record = Dialled();
  Cleared(pb::FAILED, false)(record);
  Conclude(record);
  CHECK(record.attempt().state() == pb::Attempt::ENDED);
  CHECK(record.attempt().disposition() == pb::FAILED);
  CHECK(FromProto(record.attempt().dial_time()) == kTen);
  CHECK_FALSE(WaitsUntil(record));
}

TEST_CASE("whatever the order in which it is told and however often, an attempt ends the same") {
  // Each line of the story is told once or twice, in every order.
  const std::vector<std::vector<Told>> stories = {
      {Cleared(pb::BUSY, false), GaveUp()},
      {Answered(), Cleared(pb::FAILED, false), GaveUp()},
      {Answered(), Connected(), Cleared(pb::FAILED, true), Completed(pb::REFUSED)},
      {Answered(), Connected(), Cleared(pb::FAILED, true), Completed(pb::DISPOSITION_UNSPECIFIED), GaveUp()},
  };
  int orders = 0;
  for (const auto& story : stories) {
    std::vector<std::size_t> steps;
    for (std::size_t i = 0; i < story.size(); ++i) steps.insert(steps.end(), {i, i});
    auto expected = Dialled();
    for (const auto& tell : story) tell(expected);
    Conclude(expected);
    REQUIRE(expected.attempt().state() == pb::Attempt::ENDED);
    std::sort(steps.begin(), steps.end());
    do {
      auto record = Dialled();
      for (const auto i : steps) {
        story[i](record);
        Conclude(record);
      }
      ++orders;
      if (!google::protobuf::util::MessageDifferencer::Equals(record, expected)) {
        FAIL("order " << orders << ": " << record.DebugString() << expected.DebugString());
      }
    } while (std::next_permutation(steps.begin(), steps.end()));
  }
  CHECK(orders > 2500);
}

TEST_CASE("the agent's word counts wherever it comes between the others") {
  const std::vector<Told> others = {Connected(), Cleared(pb::FAILED, true), Completed(pb::REFUSED)};
  std::vector<int> order{0, 1, 2, 3};  // 3 = the agent, who must have spoken first
  int ends = 0;
  do {
    auto record = Dialled();
    bool said = false;
    const auto say = [&] { said = Say(pb::SOLD, std::nullopt, Legal(), kTen + 1min, record).has_value(); };
    for (const int i : order) {
      if (i == 3) {
        say();
      } else {
        others[static_cast<std::size_t>(i)](record);
        Conclude(record);
      }
    }
    if (!said) say();  // the desk tries again
    CHECK(said);
    CHECK(record.attempt().disposition() == pb::SOLD);
    CHECK(record.attempt().state() == pb::Attempt::ENDED);
    CHECK(FromProto(record.attempt().end_time()) == kTen + 2min);
    ++ends;
  } while (std::next_permutation(order.begin(), order.end()));
  CHECK(ends == 24);
}

TEST_CASE("an agent cannot say what only the line knows, nor book a call nobody may make") {
  auto record = Dialled();
  CHECK(Say(pb::SOLD, std::nullopt, Legal(), kTen, record).error().reason == "ATTEMPT_NOT_CONNECTED");
  Connected()(record);
  Conclude(record);
  CHECK(Say(pb::BUSY, std::nullopt, Legal(), kTen, record).error().reason == "DISPOSITION_NOT_YOURS");
  CHECK(Say(pb::CALLBACK_BOOKED, std::nullopt, Legal(), kTen, record).error().reason ==
        "CALLBACK_TIME_REQUIRED");
  CHECK(Say(pb::CALLBACK_BOOKED, kTen, Legal(), kTen, record).error().reason == "CALLBACK_TIME_INVALID");
  CHECK(Say(pb::CALLBACK_BOOKED, kTen + 11h, Legal(), kTen, record).error().reason ==
        "CALLBACK_TIME_INVALID");
  CHECK(Say(pb::CALLBACK_BOOKED, kTen + 2h, Legal(), kTen, record).has_value());
  CHECK(FromProto(record.attempt().next_callback_time()) == kTen + 2h);
  CHECK(Say(pb::REFUSED, std::nullopt, Legal(), kTen, record).has_value());
  CHECK_FALSE(record.attempt().has_next_callback_time());
}

pb::AttemptRecord EndedWith(pb::Disposition word) {
  auto record = Dialled();
  auto& attempt = *record.mutable_attempt();
  attempt.set_state(pb::Attempt::ENDED);
  attempt.set_disposition(word);
  *attempt.mutable_end_time() = ToProto(kTen + 1min);
  if (word == pb::CALLBACK_BOOKED) *attempt.mutable_next_callback_time() = ToProto(kTen + 3h);
  return record;
}

TEST_CASE("busy is tried again in fifteen minutes, no answer in two hours, six times in all") {
  const auto settled = [](pb::Disposition word, int counted, const pb::Campaign::RetryPolicy& retry = {}) {
    pb::TargetRecord target;
    target.set_state(pb::TargetRecord::DIALLING);
    Settle(EndedWith(word), retry, counted, target);
    return target;
  };
  CHECK(FromProto(settled(pb::BUSY, 1).next_time()) == kTen + 16min);
  for (const auto word :
       {pb::NO_ANSWER, pb::POWER_OFF, pb::VOICEMAIL, pb::ABANDONED, pb::FAILED, pb::GATEKEEPER}) {
    CHECK(settled(word, 5).state() == pb::TargetRecord::QUEUED);
    CHECK(FromProto(settled(word, 5).next_time()) == kTen + 2h + 1min);
    CHECK(settled(word, 6).state() == pb::TargetRecord::EXHAUSTED);
  }
  for (const auto word : {pb::INVALID_NUMBER, pb::WRONG_PERSON, pb::REFUSED, pb::HUNG_UP, pb::INTERESTED,
                          pb::SEND_MATERIAL, pb::SOLD, pb::ALREADY_OWN, pb::COMPLAINT, pb::DO_NOT_CALL})
    CHECK(settled(word, 1).state() == pb::TargetRecord::DONE);
  pb::Campaign::RetryPolicy retry;
  retry.mutable_busy_delay()->set_seconds(60);
  retry.set_max_attempts(2);
  CHECK(FromProto(settled(pb::BUSY, 1, retry).next_time()) == kTen + 2min);
  CHECK(settled(pb::BUSY, 2, retry).state() == pb::TargetRecord::EXHAUSTED);
}

TEST_CASE("a booked call waits for its time and its agent, even after the last attempt") {
  pb::TargetRecord target;
  Settle(EndedWith(pb::CALLBACK_BOOKED), {}, 9, target);
  CHECK(target.state() == pb::TargetRecord::QUEUED);
  CHECK(FromProto(target.callback_time()) == kTen + 3h);
  CHECK(FromProto(target.next_time()) == kTen + 3h);
  CHECK(target.callback_agent() == "agents/7");
  Settle(EndedWith(pb::NO_ANSWER), {}, 1, target);
  CHECK_FALSE(target.has_callback_time());
  CHECK(target.callback_agent().empty());
}

}  // namespace
}  // namespace carillon::campaign::domain
