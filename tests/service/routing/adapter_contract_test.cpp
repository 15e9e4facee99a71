#include "lines.hpp"
#include "soft_switch.hpp"

/// What any telephony adapter must do, tried on its bench against the real processes: after each act of a
/// customer, an agent or routing, the phones, telephony's call and routing's interaction say the same.
namespace carillon::routing {
namespace {

using Hears = AdapterBench::Hears;

struct Named {
  std::string name;
  std::unique_ptr<AdapterBench> (*make)(Lines& lines);
};

/// Every adapter there is a bench for.
std::vector<Named> Benches() {
  return {{"soft switch", [](Lines& lines) -> std::unique_ptr<AdapterBench> {
             return std::make_unique<SoftSwitch>(
                 lines.calls->target(), [&lines]() -> Result<std::string> { return lines.switch_token(); });
           }}};
}

/// A bench, and what is seen from both sides.
struct Trial {
  Lines& lines = TheLines();
  Named named = Benches()[static_cast<std::size_t>(GENERATE(range(0, static_cast<int>(Benches().size()))))];
  std::unique_ptr<AdapterBench> bench = named.make(lines);

  template <class See, class T>
  bool Becomes(See see, T wanted) {
    const auto until = std::chrono::steady_clock::now() + 15s;
    while (see() != wanted && std::chrono::steady_clock::now() < until) std::this_thread::sleep_for(10ms);
    return see() == wanted;
  }
  bool Heard(const std::string& call, Hears what) {
    return Becomes([&] { return bench->HeardIn(call); }, what);
  }
  bool CallIs(const std::string& call, telephony::Call::State state) {
    return Becomes([&] { return lines.See(call).state(); }, state);
  }
  /// The interaction of the call once the call waits with one.
  std::string Waiting(const std::string& call) {
    CHECK(Becomes([&] { return lines.See(call).interaction().empty(); }, false));
    return lines.See(call).interaction();
  }
  pb::Interaction Interaction(const std::string& name) {
    pb::GetInteractionRequest get;
    get.set_name(name);
    return lines.boss->Ask<pb::Interaction>(AnyCall(), std::string(kWork) + "GetInteraction", get, 15s)
        .value();
  }
  /// A call that the desk has taken: its name and the interaction that was offered.
  std::pair<std::string, pb::Interaction> Talk(Desk& desk) {
    auto call = bench->Dial("10000");
    auto talk = desk.Take();
    CHECK(Heard(call, Hears::kAgent));
    desk.AwaitTalk();
    return {std::move(call), std::move(talk)};
  }
  bool InteractionIs(const std::string& name, pb::Interaction::State state) {
    return Becomes([&] { return Interaction(name).state(); }, state);
  }
};

std::string ExtensionOf(const Person& person) { return "80" + person.id.substr(28); }

}  // namespace

TEST_CASE("adapter: a customer waits, speaks with the agent who answers, and hangs up",
          "[routing][service][adapter]") {
  Trial trial;
  INFO(trial.named.name);
  auto& lines = trial.lines;
  const auto call = trial.bench->Dial("10000");
  const auto waiting = trial.Waiting(call);
  CHECK(trial.Heard(call, Hears::kMusic));
  Desk desk(lines, lines.people[0]);
  const auto talk = desk.Take();
  CHECK(talk.name() == waiting);
  CHECK(trial.Heard(call, Hears::kAgent));
  CHECK(trial.CallIs(call, telephony::Call::ESTABLISHED));
  CHECK(desk.AwaitTalk().name() == waiting);
  CHECK(trial.bench->Rang(ExtensionOf(lines.people[0])) == 1);
  trial.bench->CustomerHangsUp(call);
  CHECK(trial.InteractionIs(waiting, pb::Interaction::WRAPPING));
  CHECK(trial.Interaction(waiting).end_party() == "CUSTOMER");
  CHECK(trial.CallIs(call, telephony::Call::CLEARED));
  desk.Complete();
}

TEST_CASE("adapter: a customer who hangs up in the line has abandoned", "[routing][service][adapter]") {
  Trial trial;
  INFO(trial.named.name);
  const auto call = trial.bench->Dial("10000");
  const auto waiting = trial.Waiting(call);
  CHECK(trial.Heard(call, Hears::kMusic));
  trial.bench->CustomerHangsUp(call);
  CHECK(trial.InteractionIs(waiting, pb::Interaction::ABANDONED));
  CHECK(trial.CallIs(call, telephony::Call::CLEARED));
  CHECK(trial.bench->HeardIn(call) == Hears::kNothing);
}

TEST_CASE("adapter: hold is heard, and its end", "[routing][service][adapter]") {
  Trial trial;
  INFO(trial.named.name);
  auto& lines = trial.lines;
  Desk desk(lines, lines.people[0]);
  const auto [call, talk] = trial.Talk(desk);
  pb::HoldInteractionRequest hold;
  hold.set_name(talk.name());
  CHECK(desk.Do("HoldInteraction", hold));
  CHECK(trial.Heard(call, Hears::kHold));
  pb::RetrieveInteractionRequest back;
  back.set_name(talk.name());
  CHECK(desk.Do("RetrieveInteraction", back));
  CHECK(trial.Heard(call, Hears::kAgent));
  CHECK(trial.bench->Rang(ExtensionOf(lines.people[0])) == 1);  // who holds is not rung again
  trial.bench->CustomerHangsUp(call);
  desk.Complete();
}

TEST_CASE("adapter: a phone that nobody answers leaves the customer in the line and the agent at rest",
          "[routing][service][adapter]") {
  Trial trial;
  INFO(trial.named.name);
  auto& lines = trial.lines;
  trial.bench->SetAnswers(ExtensionOf(lines.people[0]), false);
  Desk desk(lines, lines.people[0]);
  const auto call = trial.bench->Dial("10000");
  const auto talk = desk.Take();
  CHECK(trial.InteractionIs(talk.name(), pb::Interaction::QUEUED));
  CHECK(trial.Heard(call, Hears::kMusic));
  CHECK(trial.bench->Rang(ExtensionOf(lines.people[0])) == 1);
  trial.bench->SetAnswers(ExtensionOf(lines.people[0]), true);
  desk.Ready();
  CHECK(desk.Take().name() == talk.name());
  CHECK(trial.Heard(call, Hears::kAgent));
  trial.bench->CustomerHangsUp(call);
  desk.Complete();
}

TEST_CASE("adapter: an agent who puts the phone down has ended the call", "[routing][service][adapter]") {
  Trial trial;
  INFO(trial.named.name);
  auto& lines = trial.lines;
  Desk desk(lines, lines.people[0]);
  const auto [call, talk] = trial.Talk(desk);
  trial.bench->AgentHangsUp(ExtensionOf(lines.people[0]));
  CHECK(trial.InteractionIs(talk.name(), pb::Interaction::WRAPPING));
  CHECK(trial.Interaction(talk.name()).end_party() == "AGENT");
  CHECK(trial.CallIs(call, telephony::Call::CLEARED));
  desk.Complete();
}

TEST_CASE("adapter: keys that the desk sends are heard once, in order, and not after a cut",
          "[routing][service][adapter]") {
  Trial trial;
  INFO(trial.named.name);
  auto& lines = trial.lines;
  Desk desk(lines, lines.people[0]);
  const auto call = trial.bench->Dial("10000");
  const auto talk = desk.Take();
  CHECK(trial.Heard(call, Hears::kAgent));
  desk.AwaitTalk();
  telephony::SendDigitsRequest send;
  send.set_name(call);
  const auto press = [&](const std::string& digits) {
    send.set_digits(digits);
    send.set_request_id(testing::SomeId());
    return lines.Steer<telephony::SendDigitsResponse>(lines.people[0], "SendDigits", send);
  };
  CHECK(press("12"));
  CHECK(lines.Steer<telephony::SendDigitsResponse>(lines.people[0], "SendDigits", send));  // the same again
  CHECK(press("3#"));
  CHECK(trial.Becomes([&] { return trial.bench->Tones(call); }, std::string("123#")));
  CHECK(lines.Steer<telephony::SendDigitsResponse>(lines.people[1], "SendDigits", send).error().reason ==
        "CALL_NOT_YOURS");
  trial.bench->Cut();
  CHECK(trial.Becomes([&] { return press("9").has_value(); }, false));  // nobody listens: the desk is told
  trial.bench->Mend();
  CHECK(trial.Becomes([&] { return press("0").has_value(); }, true));
  CHECK(trial.Becomes([&] { return trial.bench->Tones(call).ends_with("0"); }, true));
  trial.bench->CustomerHangsUp(call);
  desk.Complete();
}

TEST_CASE("adapter: a call that the desk releases is ended by the switch", "[routing][service][adapter]") {
  Trial trial;
  INFO(trial.named.name);
  auto& lines = trial.lines;
  Desk desk(lines, lines.people[0]);
  const auto [call, talk] = trial.Talk(desk);
  pb::ReleaseInteractionRequest release;
  release.set_name(talk.name());
  release.set_reason("DONE");
  CHECK(desk.Do("ReleaseInteraction", release));
  CHECK(trial.Heard(call, Hears::kNothing));
  CHECK(trial.CallIs(call, telephony::Call::CLEARED));
  desk.Complete();
}

TEST_CASE("adapter: who is passed on is rung once at the new phone, and the old one is let go",
          "[routing][service][adapter]") {
  Trial trial;
  INFO(trial.named.name);
  auto& lines = trial.lines;
  Desk first(lines, lines.people[0]);
  const auto [call, talk] = trial.Talk(first);
  Desk second(lines, lines.people[1]);
  pb::TransferInteractionRequest pass;
  pass.set_name(talk.name());
  pass.set_agent(second.Name());
  pass.set_briefing("宽带三天未修复");
  CHECK(first.Do("TransferInteraction", pass));
  CHECK(trial.Heard(call, Hears::kMusic));  // nobody is there yet
  const auto next = second.Take();
  CHECK(next.parent() == talk.name());
  CHECK(trial.Heard(call, Hears::kAgent));
  CHECK(lines.BecomesOf(call, next.name()));
  CHECK(trial.bench->Rang(ExtensionOf(lines.people[0])) == 1);
  CHECK(trial.bench->Rang(ExtensionOf(lines.people[1])) == 1);
  trial.bench->AgentHangsUp(ExtensionOf(lines.people[0]));  // who is let go ends nothing
  CHECK(trial.bench->HeardIn(call) == Hears::kAgent);
  first.Complete();
  trial.bench->CustomerHangsUp(call);
  CHECK(trial.InteractionIs(next.name(), pb::Interaction::WRAPPING));
  second.Complete();
}

TEST_CASE("adapter: what was said while the line to the platform was cut holds when it is back",
          "[routing][service][adapter]") {
  Trial trial;
  INFO(trial.named.name);
  auto& lines = trial.lines;
  Desk desk(lines, lines.people[0]);
  const auto [call, talk] = trial.Talk(desk);
  trial.bench->Cut();
  SECTION("the latest directive is done, and nobody is rung again") {
    pb::HoldInteractionRequest hold;
    hold.set_name(talk.name());
    CHECK(desk.Do("HoldInteraction", hold));
    trial.bench->Mend();
    CHECK(trial.Heard(call, Hears::kHold));
    CHECK(trial.bench->Rang(ExtensionOf(lines.people[0])) == 1);
    trial.bench->CustomerHangsUp(call);
  }
  SECTION("who hung up meanwhile is reported") {
    trial.bench->CustomerHangsUp(call);
    CHECK(trial.Interaction(talk.name()).state() == pb::Interaction::ASSIGNED);
    trial.bench->Mend();
  }
  CHECK(trial.InteractionIs(talk.name(), pb::Interaction::WRAPPING));
  CHECK(trial.CallIs(call, telephony::Call::CLEARED));
  desk.Complete();
}

}  // namespace carillon::routing
