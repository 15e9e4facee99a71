#pragma once
#include <condition_variable>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <set>
#include <string>
#include <thread>
#include <utility>

#include "adapter_bench.hpp"
#include "carillon/telephony/v1/switch_service.pb.h"
#include "rpc/peer.hpp"

namespace carillon::routing {

namespace telephony = carillon::telephony::v1;

/// A switch made of memory with an adapter of its own: it does what each directive says, and reports. One
/// thread does all that takes time, in order, so nothing is decided on the thread of the stream.
class SoftSwitch : public AdapterBench {
 public:
  /// `token` is an account's with telephony.switch.
  SoftSwitch(const std::string& telephony, std::function<Result<std::string>()> token);
  ~SoftSwitch() override;

  std::string Dial(const std::string& service_number) override;
  void CustomerHangsUp(const std::string& call) override;
  Hears HeardIn(const std::string& call) override;
  void SetAnswers(const std::string& extension, bool answers) override;
  int Rang(const std::string& extension) override;
  std::string Tones(const std::string& call) override;
  void AgentHangsUp(const std::string& extension) override;
  void Cut() override;
  void Mend() override;

 private:
  struct Line {
    std::int64_t version = 0;
    Hears hears = Hears::kNothing;
    std::map<std::string, std::string> legs;  // connected: leg -> extension
    std::string tones;
    bool over = false;
  };
  template <class Response>
  void Report(const std::string& method, const google::protobuf::Message& report);
  void Obey(const telephony::Directive& directive);
  /// Rings the extension for a leg that is not there yet; true = it speaks.
  bool Bring(const std::string& call, const std::string& leg, const std::string& extension);
  void HangUp(const std::string& call, telephony::ReportHangUpRequest::Party party);
  void Do(std::function<void()> task);

  rpc::Peer peer_;
  const std::string run_;
  std::mutex mutex_;
  std::condition_variable wake_;
  std::map<std::string, Line> lines_;
  std::set<std::string> silent_;
  std::map<std::string, int> rang_;
  std::deque<std::function<void()>> tasks_;
  bool cut_ = false;
  bool over_ = false;
  std::unique_ptr<rpc::Watching> watching_;
  std::thread thread_;
};

}  // namespace carillon::routing
