#include "soft_switch.hpp"

#include "platform.hpp"

namespace carillon::routing {
namespace {

constexpr const char* kService = "carillon.telephony.v1.SwitchService/";

}  // namespace

SoftSwitch::SoftSwitch(const std::string& telephony, std::function<Result<std::string>()> token)
    : peer_(telephony, {}, [token = std::move(token)](auto) { return token(); }), run_(testing::SomeId()) {
  thread_ = std::thread([this] {
    for (;;) {
      std::function<void()> task;
      {
        std::unique_lock lock(mutex_);
        wake_.wait(lock, [this] { return over_ || (!tasks_.empty() && !cut_); });
        if (over_) return;
        task = std::move(tasks_.front());
        tasks_.pop_front();
      }
      task();
    }
  });
  Mend();
}

SoftSwitch::~SoftSwitch() {
  watching_.reset();
  {
    const std::lock_guard lock(mutex_);
    over_ = true;
  }
  wake_.notify_all();
  thread_.join();
}

void SoftSwitch::Do(std::function<void()> task) {
  {
    const std::lock_guard lock(mutex_);
    tasks_.push_back(std::move(task));
  }
  wake_.notify_all();
}

template <class Response>
void SoftSwitch::Report(const std::string& method, const google::protobuf::Message& report) {
  Must(peer_.Ask<Response>(AnyCall(), kService + method, report, 20s));
}

std::string SoftSwitch::Dial(const std::string& service_number) {
  telephony::ReportCallArrivedRequest report;
  report.set_switch_id(run_);
  report.set_switch_call_id(testing::SomeId());
  report.set_called_number(service_number);
  return peer_.Ask<telephony::Call>(AnyCall(), std::string(kService) + "ReportCallArrived", report, 20s)
      .value()
      .name();
}

void SoftSwitch::HangUp(const std::string& call, telephony::ReportHangUpRequest::Party party) {
  {
    const std::lock_guard lock(mutex_);
    auto& line = lines_[call];
    if (std::exchange(line.over, true)) return;
    line.hears = Hears::kNothing;
    line.legs.clear();
  }
  telephony::ReportHangUpRequest report;
  report.set_call(call);
  report.set_party(party);
  Do([this, report] { Report<telephony::Call>("ReportHangUp", report); });
}

void SoftSwitch::CustomerHangsUp(const std::string& call) {
  HangUp(call, telephony::ReportHangUpRequest::CUSTOMER);
}

AdapterBench::Hears SoftSwitch::HeardIn(const std::string& call) {
  const std::lock_guard lock(mutex_);
  return lines_[call].hears;
}

void SoftSwitch::SetAnswers(const std::string& extension, bool answers) {
  const std::lock_guard lock(mutex_);
  if (answers)
    silent_.erase(extension);
  else
    silent_.insert(extension);
}

int SoftSwitch::Rang(const std::string& extension) {
  const std::lock_guard lock(mutex_);
  return rang_[extension];
}

std::string SoftSwitch::Tones(const std::string& call) {
  const std::lock_guard lock(mutex_);
  return lines_[call].tones;
}

void SoftSwitch::AgentHangsUp(const std::string& extension) {
  std::string call;
  {
    const std::lock_guard lock(mutex_);
    for (const auto& [name, line] : lines_)
      for (const auto& [leg, phone] : line.legs)
        if (phone == extension && line.legs.size() == 1) call = name;
  }
  if (!call.empty()) HangUp(call, telephony::ReportHangUpRequest::AGENT);
}

void SoftSwitch::Cut() {
  {
    const std::lock_guard lock(mutex_);
    cut_ = true;  // reports wait as well
  }
  watching_.reset();
}

void SoftSwitch::Mend() {
  telephony::WatchDirectivesRequest watch;
  watch.set_switch_id(run_);
  {
    const std::lock_guard lock(mutex_);
    cut_ = false;
  }
  wake_.notify_all();
  watching_ = peer_.Watch<telephony::Directive>(
      AnyCall(600s), std::string(kService) + "WatchDirectives", watch,
      [this](const telephony::Directive& directive) { Do([this, directive] { Obey(directive); }); },
      [](std::optional<Error>) {});
}

bool SoftSwitch::Bring(const std::string& call, const std::string& leg, const std::string& extension) {
  bool answers = false;
  {
    const std::lock_guard lock(mutex_);
    auto& line = lines_[call];
    if (line.over) return false;
    if (line.legs.contains(leg)) return true;
    ++rang_[extension];
    answers = !silent_.contains(extension);
    if (answers) line.legs[leg] = extension;
  }
  telephony::ReportAgentLegRequest report;
  report.set_call(call);
  report.set_leg(leg);
  report.set_state(answers ? telephony::ReportAgentLegRequest::CONNECTED
                           : telephony::ReportAgentLegRequest::FAILED);
  Report<telephony::Call>("ReportAgentLeg", report);
  return answers;
}

void SoftSwitch::Obey(const telephony::Directive& directive) {
  const auto& call = directive.call();
  const auto hear = [&](Hears what) {
    const std::lock_guard lock(mutex_);
    if (!lines_[call].over) lines_[call].hears = what;
  };
  const auto keep = [&](const std::set<std::string>& legs) {
    const std::lock_guard lock(mutex_);
    std::erase_if(lines_[call].legs, [&](const auto& leg) { return !legs.contains(leg.first); });
  };
  {
    const std::lock_guard lock(mutex_);
    auto& line = lines_[call];
    if (directive.has_keys()) {
      if (!line.over && directive.version() == line.version && line.legs.contains(directive.keys().leg()))
        line.tones += directive.keys().digits();
      return;
    }
    if (line.over || directive.version() <= line.version) return;  // done already
    line.version = directive.version();
  }
  switch (directive.instruction_case()) {
    case telephony::Directive::kPlay: {
      hear(Hears::kPrompt);
      telephony::ReportPlayedRequest report;
      report.set_call(call);
      report.set_directive_version(directive.version());
      Report<telephony::ReportPlayedResponse>("ReportPlayed", report);
      return;
    }
    case telephony::Directive::kCollect:
    case telephony::Directive::kRecord: {
      hear(Hears::kPrompt);
      telephony::ReportInputRequest report;
      report.set_call(call);
      report.set_directive_version(directive.version());
      report.set_timed_out(true);
      Report<telephony::ReportInputResponse>("ReportInput", report);
      return;
    }
    case telephony::Directive::kMusic:
      keep({directive.held_legs().begin(), directive.held_legs().end()});
      hear(Hears::kMusic);
      return;
    case telephony::Directive::kConnect:
      keep({directive.connect().leg()});
      if (Bring(call, directive.connect().leg(), directive.connect().extension())) hear(Hears::kAgent);
      return;
    case telephony::Directive::kHold:
      hear(Hears::kHold);
      return;
    case telephony::Directive::kBridge: {
      std::set<std::string> named;
      for (const auto& party : directive.bridge().parties()) named.insert(party.leg());
      keep(named);
      bool talks = false;
      for (const auto& party : directive.bridge().parties())
        talks |= Bring(call, party.leg(), party.extension()) && party.audio() == telephony::Party::TALKS;
      hear(directive.bridge().customer_holds() ? Hears::kHold : talks ? Hears::kAgent : Hears::kMusic);
      return;
    }
    case telephony::Directive::kRelease:
      HangUp(call, telephony::ReportHangUpRequest::SYSTEM);
      return;
    default:
      // Lines to the world outside there are none.
      HangUp(call, telephony::ReportHangUpRequest::SYSTEM);
      return;
  }
}

}  // namespace carillon::routing
