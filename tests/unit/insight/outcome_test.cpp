#include "insight/domain/outcome.hpp"

#include <catch2/catch.hpp>

namespace carillon::insight::domain {
namespace {

CallShape Over() {
  CallShape call;
  call.over = true;
  call.cause = "CUSTOMER_HUNG_UP";
  return call;
}
CallShape AfterMenu(const char* result) {
  auto call = Over();
  call.session_named = true;
  call.session_result = result;
  return call;
}

TEST_CASE("a call that is over ends in the outcome its facts tell", "[insight]") {
  CHECK(OutcomeOf(AfterMenu("SELF_SERVED")) == pb::SELF_SERVED);
  CHECK(OutcomeOf(AfterMenu("ABANDONED")) == pb::PHANTOM);
  CHECK(OutcomeOf(AfterMenu("INVALID")) == pb::INVALID);
  CHECK(OutcomeOf(AfterMenu("ERROR")) == pb::INVALID);
  auto call = AfterMenu("TO_AGENT");
  call.interaction_named = true;
  call.served = true;
  CHECK(OutcomeOf(call) == pb::ANSWERED);
  call.served = false;
  call.gone = true;
  CHECK(OutcomeOf(call) == pb::ABANDONED);
  call.served = true;
  CHECK(OutcomeOf(call) == pb::ANSWERED);
}

TEST_CASE("a call that never reached the menu is a phantom when the caller went, else invalid", "[insight]") {
  auto call = Over();
  CHECK(OutcomeOf(call) == pb::PHANTOM);
  call.cause = "INVALID_NUMBER";
  CHECK(OutcomeOf(call) == pb::INVALID);
}

TEST_CASE("a call is undecided while it goes on or something it names has not arrived", "[insight]") {
  auto call = AfterMenu("SELF_SERVED");
  call.over = false;
  CHECK(OutcomeOf(call) == pb::OUTCOME_UNSPECIFIED);
  call = AfterMenu("TO_AGENT");
  CHECK(OutcomeOf(call) == pb::OUTCOME_UNSPECIFIED);
  call.interaction_named = true;
  CHECK(OutcomeOf(call) == pb::OUTCOME_UNSPECIFIED);
  call.waiting = true;
  call.served = true;
  CHECK(OutcomeOf(call) == pb::OUTCOME_UNSPECIFIED);
  CHECK(OutcomeOf(AfterMenu("")) == pb::OUTCOME_UNSPECIFIED);
}

TEST_CASE("every shape of a call has one outcome", "[insight]") {
  int shapes = 0;
  int decided = 0;
  for (const auto* result : {"", "SELF_SERVED", "TO_AGENT", "ABANDONED", "ERROR", "INVALID"}) {
    for (int bits = 0; bits < 64; ++bits) {
      CallShape call;
      call.session_result = result;
      call.over = (bits & 1) != 0;
      call.session_named = (bits & 2) != 0;
      call.interaction_named = (bits & 4) != 0;
      call.served = (bits & 8) != 0;
      call.gone = (bits & 16) != 0;
      call.waiting = (bits & 32) != 0;
      const auto outcome = OutcomeOf(call);
      CHECK((pb::Outcome_IsValid(outcome) && !OutcomeWord(outcome).empty()));
      if (!call.over || call.waiting) CHECK(outcome == pb::OUTCOME_UNSPECIFIED);
      if (call.over && !call.waiting && (call.served || call.gone)) CHECK(outcome != pb::OUTCOME_UNSPECIFIED);
      ++shapes;
      decided += outcome != pb::OUTCOME_UNSPECIFIED ? 1 : 0;
    }
  }
  CHECK(shapes == 384);
  CHECK(decided > 0);
}

TEST_CASE("a call we made ends in exactly one of its own outcomes", "[insight]") {
  CallShape call;
  call.outbound = true;
  call.over = true;
  call.cause = "NOT_AUTHORISED";
  CHECK(OutcomeOf(call) == pb::NOT_DIALLED);
  call.dialled = true;
  call.cause = "NO_ANSWER";
  CHECK(OutcomeOf(call) == pb::NOT_REACHED);
  call.picked_up = true;
  call.cause = "CUSTOMER_HUNG_UP";
  CHECK(OutcomeOf(call) == pb::ABANDONED);
  call.cause = "ANSWERING_MACHINE";
  CHECK(OutcomeOf(call) == pb::NOT_REACHED);
  call.cause = "CUSTOMER_HUNG_UP";
  call.interaction_named = true;
  CHECK(OutcomeOf(call) == pb::OUTCOME_UNSPECIFIED);
  call.gone = true;
  CHECK(OutcomeOf(call) == pb::ABANDONED);
  call.served = true;
  CHECK(OutcomeOf(call) == pb::CONNECTED);
  call.over = false;
  CHECK(OutcomeOf(call) == pb::OUTCOME_UNSPECIFIED);
  CHECK(OutcomeWord(pb::NOT_REACHED) == "not_reached");
}

}  // namespace
}  // namespace carillon::insight::domain
