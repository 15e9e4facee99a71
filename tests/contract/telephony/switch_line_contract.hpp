#pragma once
#include <algorithm>
#include <catch2/catch.hpp>
#include <functional>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "telephony/domain/switch_line.hpp"

/// What every adapter of domain::SwitchLine must do, whatever make of switch is behind it.
namespace carillon::telephony::contract {

namespace pb = carillon::telephony::v1;

/// The far end of one adapter: a switch (a real one in its laboratory, or the stream a switch reads).
class Bench {
 public:
  virtual ~Bench() = default;
  virtual domain::SwitchLine& line() = 0;
  /// The switch's line comes up; `live` are the directives of the calls the database says are live.
  virtual void Connect(const domain::Line& line, const std::vector<pb::Directive>& live) = 0;
  virtual void Disconnect() = 0;
  /// What the switch was told since the line came up last, oldest first.
  virtual std::vector<pb::Directive> Told() const = 0;
};

inline pb::Directive ADirective(const std::string& call, std::int64_t version) {
  pb::Directive directive;
  directive.set_call(call);
  directive.set_version(version);
  directive.mutable_music();
  return directive;
}
inline pb::Directive ARelease(const std::string& call, std::int64_t version) {
  auto directive = ADirective(call, version);
  directive.mutable_release()->set_cause("CUSTOMER_HUNG_UP");
  return directive;
}

/// An outbound call is to be made.
inline pb::Directive ADial(const std::string& call, std::int64_t version) {
  auto directive = ADirective(call, version);
  directive.mutable_dial()->set_called_number("+8613800000002");
  return directive;
}

inline std::vector<std::string> Versions(const std::vector<pb::Directive>& told, const std::string& call) {
  std::vector<std::string> out;
  for (const auto& directive : told)
    if (directive.call() == call)
      out.push_back(std::to_string(directive.version()) + (directive.has_release() ? "!" : ""));
  return out;
}

/// Runs every clause against fresh benches.
inline void CheckSwitchLine(const std::function<std::unique_ptr<Bench>()>& make) {
  const domain::Line ours{"tenant-1", "pbx-1"};
  using List = std::vector<std::string>;

  SECTION("a directive reaches the connected switch of its line and no other") {
    const auto bench = make();
    bench->Connect(ours, {});
    bench->line().Direct(ours, ADirective("a", 1));
    bench->line().Direct({"tenant-2", "pbx-1"}, ADirective("b", 1));
    bench->line().Direct({"tenant-1", "pbx-2"}, ADirective("c", 1));
    CHECK(Versions(bench->Told(), "a") == List{"1"});
    CHECK(bench->Told().size() == 1);
  }
  SECTION("a lower or equal version is never sent after a higher one") {
    const auto bench = make();
    bench->Connect(ours, {});
    for (const int version : {1, 3, 2, 3, 4, 1}) bench->line().Direct(ours, ADirective("a", version));
    CHECK(Versions(bench->Told(), "a") == List{"1", "3", "4"});
  }
  SECTION("what was said while the line was down is there when it comes up, the latest only") {
    const auto bench = make();
    bench->line().Direct(ours, ADirective("a", 1));
    bench->line().Direct(ours, ADirective("a", 2));
    bench->Connect(ours, {});
    CHECK(Versions(bench->Told(), "a") == List{"2"});
    bench->Disconnect();
    bench->line().Direct(ours, ADirective("a", 3));
    bench->Connect(ours, {ADirective("a", 1)});
    CHECK(Versions(bench->Told(), "a") == List{"3"});
  }
  SECTION("calls of an earlier life of the process come from the database") {
    const auto bench = make();
    bench->Connect(ours, {ADirective("old", 7)});
    CHECK(Versions(bench->Told(), "old") == List{"7"});
    bench->line().Direct(ours, ADirective("old", 8));
    CHECK(Versions(bench->Told(), "old") == List{"7", "8"});
  }
  SECTION("a break and a repeat leave the switch with the same desired state") {
    const auto bench = make();
    bench->Connect(ours, {});
    for (const auto* call : {"a", "b", "c"}) bench->line().Direct(ours, ADirective(call, 2));
    bench->Disconnect();
    bench->Connect(ours, {ADirective("a", 2), ADirective("b", 2), ADirective("c", 2)});
    for (const auto* call : {"a", "b", "c"}) CHECK(Versions(bench->Told(), call) == List{"2"});
  }
  SECTION("the end of a call is told once, and nothing wakes the call again") {
    const auto bench = make();
    bench->Connect(ours, {});
    bench->line().Direct(ours, ADirective("a", 4));
    bench->line().Over(ours, ARelease("a", 6));
    bench->line().Over(ours, ARelease("a", 6));
    bench->line().Direct(ours, ADirective("a", 5));  // a straggler
    CHECK(Versions(bench->Told(), "a") == List{"4", "6!"});
    bench->Disconnect();
    bench->Connect(ours, {ADirective("a", 4)});  // read from the database before the end
    CHECK(bench->Told().empty());
  }
  SECTION("a call that the switch released itself is over without another word") {
    const auto bench = make();
    bench->Connect(ours, {});
    bench->line().Direct(ours, ARelease("a", 2));
    bench->line().Over(ours, ARelease("a", 2));
    CHECK(Versions(bench->Told(), "a") == List{"2!"});
  }
  SECTION("an outbound call is to be rung until something else is said, and is known again by its version") {
    const auto bench = make();
    bench->line().Direct(ours, ADial("out", 1));  // before the switch is there
    bench->Connect(ours, {});
    REQUIRE(bench->Told().size() == 1);
    CHECK(bench->Told()[0].dial().called_number() == "+8613800000002");
    bench->Disconnect();
    bench->Connect(ours, {ADial("out", 1)});
    CHECK(Versions(bench->Told(), "out") == List{"1"});  // the same ring, not another
    bench->line().Direct(ours, ADirective("out", 2));    // it was answered
    bench->Disconnect();
    bench->Connect(ours, {ADial("out", 1)});  // read from the database before the answer
    REQUIRE(bench->Told().size() == 1);
    CHECK_FALSE(bench->Told()[0].has_dial());
  }
  SECTION("a call that is given up while nobody listens is never rung") {
    const auto bench = make();
    bench->line().Direct(ours, ADial("late", 1));
    bench->line().Over(ours, ARelease("late", 2));
    bench->Connect(ours, {ADial("late", 1)});
    CHECK(bench->Told().empty());
  }
  SECTION("keys are told once, to a switch that listens, and never again") {
    const auto bench = make();
    const auto keys = [](const std::string& call, std::int64_t version) {
      pb::Directive directive;
      directive.set_call(call);
      directive.set_version(version);
      directive.mutable_keys()->set_digits("4711");
      return directive;
    };
    bench->line().Direct(ours, ADirective("a", 3));
    CHECK_FALSE(bench->line().Press(ours, keys("a", 3)));  // nobody listens
    bench->Connect(ours, {});
    CHECK_FALSE(bench->line().Press({"tenant-2", "pbx-1"}, keys("a", 3)));
    CHECK(bench->line().Press(ours, keys("a", 3)));
    CHECK(bench->line().Press(ours, keys("a", 3)));
    const auto pressed = [&] {
      const auto told = bench->Told();
      return std::count_if(told.begin(), told.end(), [](const auto& one) { return one.has_keys(); });
    };
    CHECK(pressed() == 2);
    bench->line().Direct(ours, ADirective("a", 4));  // keys are no version
    CHECK(Versions(bench->Told(), "a").back() == "4");
    bench->Disconnect();
    bench->Connect(ours, {ADirective("a", 4)});
    CHECK(pressed() == 0);
    bench->line().Over(ours, ARelease("a", 5));
    CHECK_FALSE(bench->line().Press(ours, keys("a", 5)));
  }
  SECTION("many threads at once leave every call at its highest version") {
    const auto bench = make();
    bench->Connect(ours, {});
    {
      std::vector<std::jthread> threads;
      for (int thread = 0; thread < 4; ++thread)
        threads.emplace_back([&, thread] {
          for (int version = 1; version <= 200; ++version)
            bench->line().Direct(ours, ADirective("c" + std::to_string((version + thread) % 10), version));
        });
    }
    std::map<std::string, std::int64_t> last;
    int backwards = 0;
    for (const auto& directive : bench->Told()) {
      backwards += directive.version() <= last[directive.call()] ? 1 : 0;
      last[directive.call()] = directive.version();
    }
    CHECK(backwards == 0);
    CHECK(last.size() == 10);
    for (const auto& [call, version] : last) CHECK(version > 190);
  }
}

}  // namespace carillon::telephony::contract
