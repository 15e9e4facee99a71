#pragma once
#include <string>

/// A bench on which a telephony adapter (what joins a switch to SwitchService) is tried. Whoever writes an
/// adapter implements this with the switch's own means, real phones or a call generator, and adds it to
/// Benches() in adapter_contract_test.cpp: an adapter that passes there does what routing and telephony rely
/// on.
namespace carillon::routing {

class AdapterBench {
 public:
  /// What a customer hears.
  enum class Hears { kNothing, kPrompt, kMusic, kHold, kAgent };

  virtual ~AdapterBench() = default;
  /// A customer dials the service number; gives the name telephony has for the call.
  virtual std::string Dial(const std::string& service_number) = 0;
  virtual void CustomerHangsUp(const std::string& call) = 0;
  virtual Hears HeardIn(const std::string& call) = 0;
  /// Whether the extension is answered when it rings. All are, until said otherwise.
  virtual void SetAnswers(const std::string& extension, bool answers) = 0;
  /// How often the extension has rung.
  virtual int Rang(const std::string& extension) = 0;
  /// Tones that everybody in the call but the agent at the extension has heard, in order, since the call
  /// began.
  virtual std::string Tones(const std::string& call) = 0;
  /// Who speaks there puts the phone down.
  virtual void AgentHangsUp(const std::string& extension) = 0;
  /// The line between adapter and platform is cut, and back. What was said meanwhile is not repeated on it.
  virtual void Cut() = 0;
  virtual void Mend() = 0;
};

}  // namespace carillon::routing
