#include <catch2/catch.hpp>
#include <fstream>
#include <random>
#include <sstream>

#include "base/proto_time.hpp"
#include "ivr/domain/findings.hpp"
#include "ivr/domain/journey.hpp"

namespace carillon::ivr {
namespace {

std::string FlowText(const std::string& name) {
  std::ifstream in(std::string(CARILLON_FLOWS) + "/" + name + ".scxml");
  std::ostringstream text;
  text << in.rdbuf();
  return text.str();
}

// 2026-11-23 10:00 in Guangzhou, a Monday.
const TimePoint kMorning{std::chrono::sys_days{std::chrono::year{2026} / 11 / 23} + std::chrono::hours{2}};

struct Walk {
  v1::SimulateFlowRequest request;
  explicit Walk(const std::string& flow) {
    request.set_document(FlowText(flow));
    request.mutable_caller()->set_calling_number("+862038881234");
    auto* vip = request.add_menus();
    vip->set_menu("vip");
    vip->mutable_selector()->set_grade("DIAMOND");
    auto* night = request.add_menus();
    night->set_menu("night");
    night->mutable_selector()->mutable_time_band()->set_start("20:00");
    night->mutable_selector()->mutable_time_band()->set_end("08:00");
    request.add_menus()->set_menu("default");
  }
  Walk& Known(const std::string& grade, const std::string& password = "") {
    request.mutable_caller()->set_grade(grade);
    request.mutable_caller()->set_service_password(password);
    request.mutable_caller()->set_balance(5630);
    return *this;
  }
  v1::SimulateFlowResponse Press(const std::vector<std::string>& keys, TimePoint at = kMorning) {
    for (const auto& key : keys) request.add_keys(key);
    auto document = ReadDocument(request.document());
    REQUIRE(document);
    return Simulate(*document, request, at);
  }
};

std::string Said(const v1::SimulateFlowResponse& walk) {
  std::string all;
  for (const auto& step : walk.steps()) {
    for (const auto* prompts : {&step.play().prompts(), &step.collect().prompts(), &step.queued().texts(),
                                &step.hang_up().texts()}) {
      for (const auto& prompt : *prompts) all += prompt.text() + "\n";
    }
  }
  return all;
}

bool Heard(const v1::SimulateFlowResponse& walk, const std::string& words) {
  return Said(walk).find(words) != std::string::npos;
}

std::string Path(const v1::SimulateFlowResponse& walk) {
  std::string path;
  for (const auto& chosen : walk.session().menu_path()) path += (path.empty() ? "" : " ") + chosen;
  return path;
}

}  // namespace

TEST_CASE("both shipped flows have nothing that keeps them from being published", "[ivr][flows]") {
  for (const char* name : {"10000", "bank"}) {
    auto document = ReadDocument(FlowText(name));
    INFO(name << ": " << (document ? "" : document.error().message));
    REQUIRE(document);
    for (const auto& finding : Findings(**document)) {
      INFO(finding.ShortDebugString());
      CHECK(finding.severity() == v1::FlowFinding::ADVICE);
    }
    CHECK((*document)->states.size() > 10);
  }
}

TEST_CASE("a damaged flow is refused or inspected, never the end of the process", "[ivr][flows]") {
  const std::string whole = FlowText("bank");
  std::mt19937 random(20261122);
  int read = 0;
  for (int round = 0; round < 400; ++round) {
    std::string text = whole;
    for (int i = 0; i <= round % 3; ++i) {
      const auto at = random() % text.size();
      switch (random() % 4) {
        case 0:
          text[at] = static_cast<char>(random() % 256);
          break;
        case 1:
          text.erase(at, random() % 40);
          break;
        case 2:
          text.insert(at, text.substr(random() % text.size(), random() % 60));
          break;
        default:
          std::swap(text[at], text[random() % text.size()]);
      }
    }
    const auto document = ReadDocument(text);
    if (!document) {
      CHECK(document.error().reason == "FLOW_MALFORMED");
      continue;
    }
    ++read;
    v1::SimulateFlowRequest request;
    request.add_keys("4");
    (void)Findings(**document).size();
    CHECK(Simulate(*document, request, kMorning).steps_size() > 0);
  }
  CHECK(read > 10);
}

TEST_CASE("a caller hears the balance of the calling line without a password", "[ivr][flows]") {
  const auto walk = Walk("10000").Known("STANDARD").Press({"1", "4", "hangup"});
  INFO(Said(walk));
  CHECK(Heard(walk, "欢迎您使用10000"));
  CHECK(Heard(walk, "当前余额为56.30元"));
  CHECK_FALSE(Heard(walk, "请输入六位服务密码"));
  CHECK(Path(walk) == "main/1 bill/4");
  CHECK(walk.session().result() == v1::Session::SELF_SERVED);
  CHECK(walk.session().identity_level() == v1::Session::OWN_LINE);
}

TEST_CASE("another line's balance is told after the second, right password, and no digit of it is kept",
          "[ivr][flows]") {
  const auto walk = Walk("10000")
                        .Known("STANDARD", "246810")
                        .Press({"1", "7", "02038885678", "111111", "246810", "timeout"});
  INFO(Said(walk) << walk.session().DebugString());
  CHECK(Heard(walk, "密码有误"));
  CHECK(Heard(walk, "当前余额为56.30元"));
  CHECK(walk.session().result() == v1::Session::SELF_SERVED);
  CHECK(walk.session().identity_level() == v1::Session::SERVICE_PASSWORD);
  const std::string everything = walk.DebugString();
  CHECK(everything.find("246810") == std::string::npos);
  CHECK(everything.find("111111") == std::string::npos);
  CHECK(everything.find("02038885678") == std::string::npos);
  CHECK(everything.find("020****5678") != std::string::npos);
}

TEST_CASE("three wrong passwords lead to an agent who knows the need", "[ivr][flows]") {
  const auto walk = Walk("10000")
                        .Known("STANDARD", "246810")
                        .Press({"1", "7", "02038885678", "111111", "222222", "333333"});
  CHECK(walk.session().result() == v1::Session::TO_AGENT);
  CHECK_FALSE(Heard(walk, "余额为"));
}

TEST_CASE("a diamond customer goes straight to the VIP queue, at night too", "[ivr][flows]") {
  for (const auto hours : {0, 12}) {
    const auto walk = Walk("10000").Known("DIAMOND").Press({}, kMorning + std::chrono::hours{hours});
    CHECK(Heard(walk, "尊敬的贵宾客户"));
    CHECK(walk.queue() == "vip");
    CHECK(walk.steps_size() == 1);
    CHECK(walk.session().result() == v1::Session::TO_AGENT);
  }
}

TEST_CASE("at night a standard caller has the short menu only", "[ivr][flows]") {
  const auto night = kMorning + std::chrono::hours{12};
  const auto fault = Walk("10000").Known("STANDARD").Press({"4"}, night);
  CHECK(Heard(fault, "夜间服务时间"));
  CHECK(fault.queue() == "fault");
  const auto closed = Walk("10000").Known("STANDARD").Press({"5", "5", "5"}, night);
  CHECK(Heard(closed, "您的输入有误"));
  CHECK(closed.session().result() == v1::Session::TO_AGENT);
  CHECK(closed.queue() == "general");
}

TEST_CASE("three invalid keys lead to an agent", "[ivr][flows]") {
  const auto walk = Walk("10000").Press({"#", "#", "#"});
  CHECK(walk.session().result() == v1::Session::TO_AGENT);
  CHECK(walk.queue() == "general");
  CHECK(walk.session().path(walk.session().path_size() - 2).outcome() == "invalid");
}

TEST_CASE("0 leads to a person from every menu", "[ivr][flows]") {
  const std::vector<std::vector<std::string>> ways{{"0"},      {"1", "0"},      {"2", "0"},
                                                   {"8", "0"}, {"1", "7", "0"}, {"1", "4", "0"}};
  for (const auto& keys : ways) {
    const auto walk = Walk("10000").Known("STANDARD").Press(keys);
    INFO(keys.size() << " " << keys.front() << "\n" << Said(walk));
    CHECK(walk.session().result() == v1::Session::TO_AGENT);
  }
  for (const auto& keys : std::vector<std::vector<std::string>>{{"0"}, {"3", "0"}}) {
    CHECK(Walk("bank").Press(keys).session().result() == v1::Session::TO_AGENT);
  }
}

TEST_CASE("an elderly caller hears of the star key, has twice the time, and it leads to a person",
          "[ivr][flows]") {
  Walk walk("10000");
  walk.Known("STANDARD").request.mutable_caller()->set_elderly(true);
  const auto done = walk.Press({"*"});
  CHECK(Heard(done, "星号键"));
  CHECK(done.steps(0).collect().first_timeout().seconds() == 10);
  CHECK(done.session().result() == v1::Session::TO_AGENT);
}

TEST_CASE("the caller's language is spoken from then on", "[ivr][flows]") {
  const auto walk = Walk("10000").Known("STANDARD").Press({"8", "3", "1", "4", "hangup"});
  CHECK(Heard(walk, "The balance is 56.30 yuan."));
  CHECK(walk.session().language() == "en");
}

TEST_CASE("with the customer records down the menu still plays, and a query goes to an agent with its need",
          "[ivr][flows]") {
  Walk walk("bank");
  walk.Known("STANDARD", "123456").request.mutable_caller()->set_back_end_down(true);
  const auto done = walk.Press({"1"});
  CHECK(Heard(done, "欢迎致电"));
  CHECK(done.session().result() == v1::Session::TO_AGENT);
  CHECK(done.queue() == "service");
}

TEST_CASE("the bank tells a balance after the password only, even to the customer's own line",
          "[ivr][flows]") {
  const auto told = Walk("bank").Known("STANDARD", "123456").Press({"1", "123456", "timeout"});
  CHECK(Heard(told, "您的账户余额为56.30元"));
  CHECK(told.session().result() == v1::Session::SELF_SERVED);
  CHECK(Walk("bank").Known("STANDARD").Press({"1"}).session().result() == v1::Session::TO_AGENT);
}

TEST_CASE("the bank's keys lead to the queues of their trade", "[ivr][flows]") {
  for (const auto& [key, queue] : std::vector<std::pair<std::string, std::string>>{{"2", "service"},
                                                                                   {"4", "internet"},
                                                                                   {"7", "advice"},
                                                                                   {"8", "complaint"},
                                                                                   {"9", "securities"},
                                                                                   {"0", "service"}}) {
    const auto walk = Walk("bank").Press({key});
    CHECK(walk.queue() == queue);
    CHECK(Path(walk) == "main/" + key);
  }
  CHECK(Walk("bank").Press({"3", "2"}).queue() == "card");
}

TEST_CASE("a long wait is told, and a call back can be had instead", "[ivr][flows]") {
  Walk called_back("bank");
  called_back.request.set_estimated_wait_seconds(900);
  const auto promised = called_back.Press({"4", "1"});
  CHECK(Heard(promised, "我们会尽快回拨"));
  CHECK(promised.session().result() == v1::Session::SELF_SERVED);
  Walk waits("bank");
  waits.request.set_estimated_wait_seconds(900);
  CHECK(waits.Press({"4", "2"}).session().result() == v1::Session::TO_AGENT);
}

TEST_CASE("a caller who hangs up in the menu has abandoned", "[ivr][flows]") {
  const auto walk = Walk("bank").Press({"hangup"});
  CHECK(walk.session().result() == v1::Session::ABANDONED);
  CHECK(walk.session().path(walk.session().path_size() - 1).node() == "main");
}

}  // namespace carillon::ivr
