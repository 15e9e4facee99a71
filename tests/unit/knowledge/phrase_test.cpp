#include "knowledge/domain/phrase.hpp"

#include <catch2/catch.hpp>
#include <set>

#include "text/text.hpp"

namespace carillon::knowledge::domain {
namespace {

using namespace std::chrono_literals;

const TimePoint kTenInShanghai{std::chrono::sys_days{std::chrono::year{2026} / 3 / 2} + 2h};

std::vector<Taboo> Taboos(const std::string& language) {
  std::vector<Taboo> out;
  for (const auto& phrase : InForce({}, "", language))
    if (phrase.kind() == pb::Phrase::TABOO) out.push_back({phrase, Bare(text::Fold(phrase.text()))});
  return out;
}
std::vector<std::string> FoundIn(const std::string& text, const std::string& language = "zh-CN") {
  std::vector<std::string> out;
  for (const auto& finding : TaboosIn(Bare(text::Fold(text)), Taboos(language)))
    out.push_back(finding.phrase());
  return out;
}

TEST_CASE("the trade's 45 scenes are shipped in Chinese and in English", "[knowledge][phrase]") {
  for (const std::string language : {"zh", "en"}) {
    INFO(language);
    std::set<int> scenes;
    std::set<std::string> names;
    int taboos = 0;
    for (const auto& phrase : InForce({}, "", language)) {
      INFO(phrase.name());
      CHECK(names.insert(phrase.name()).second);
      CHECK(RequireSound(phrase));
      CHECK(phrase.shipped());
      CHECK_FALSE(phrase.scene_title().empty());
      if (phrase.kind() == pb::Phrase::TABOO) {
        ++taboos;
      } else {
        scenes.insert(phrase.scene_number());
      }
    }
    CHECK(scenes.size() == 45);
    CHECK(*scenes.begin() == 1);
    CHECK(*scenes.rbegin() == 45);
    CHECK(taboos == 19);
  }
  std::set<std::string> chinese, english;
  for (const auto& phrase : ShippedPhrases())
    (phrase.language() == "zh" ? chinese : english).insert(phrase.name());
  CHECK(chinese == english);
}

TEST_CASE("variables are filled in, what has no value stands and is named", "[knowledge][phrase]") {
  pb::Phrase phrase;
  phrase.set_text("{小时段问候}，{称呼}！{企业}{工号}号为您服务。{企业}");
  const auto zone = calendar::TimeZone::Load("Asia/Shanghai").value();
  const auto filled = Filled(phrase, {"粤通", "1023", "", GreetingAt(kTenInShanghai, zone, "zh-CN")});
  CHECK(filled.filled_text() == "上午好，{称呼}！粤通1023号为您服务。粤通");
  REQUIRE(filled.unfilled_size() == 1);
  CHECK(filled.unfilled(0) == "称呼");
  phrase.set_text("{greeting}, {salutation}, {company}, agent {agent}.");
  CHECK(Filled(phrase, {"Yuetong", "1023", "Ms Li", "Good morning"}).filled_text() ==
        "Good morning, Ms Li, Yuetong, agent 1023.");
  // A value that looks like a variable is no variable.
  CHECK(Filled(phrase, {"{agent}", "1023", "x", "y"}).filled_text() == "y, x, {agent}, agent 1023.");
}

TEST_CASE("the greeting goes by the wall clock of the zone", "[knowledge][phrase]") {
  const auto zone = calendar::TimeZone::Load("Asia/Shanghai").value();
  const auto midnight = kTenInShanghai - 10h;
  const auto at = [&](std::chrono::minutes time) { return GreetingAt(midnight + time, zone, "zh-CN"); };
  CHECK(at(4h + 59min) == "晚上好");
  CHECK(at(5h) == "早上好");
  CHECK(at(9h) == "上午好");
  CHECK(at(12h) == "中午好");
  CHECK(at(14h) == "下午好");
  CHECK(at(18h) == "晚上好");
  CHECK(GreetingAt(midnight + 19h, zone, "fr") == "Good evening");
}

TEST_CASE("a client's wording comes before the tenant's, that before the shipped one",
          "[knowledge][phrase]") {
  pb::Phrase own, of_client;
  own.set_name("phrases/opening");
  own.set_scene("opening");
  own.set_language("zh-CN");
  own.set_text("您好，粤通客服！");
  of_client = own;
  of_client.set_client("clients/1");
  of_client.set_text("您好，神州行！");
  const auto text = [&](const std::string& client, const std::string& language) {
    for (const auto& phrase : InForce({of_client, own}, client, language))
      if (phrase.name() == "phrases/opening") return phrase.text();
    return std::string{};
  };
  CHECK(text("clients/1", "zh") == "您好，神州行！");
  CHECK(text("clients/2", "zh") == "您好，粤通客服！");
  CHECK(text("clients/1", "en").starts_with("Hello, this is {company}"));
  CHECK(text("", "fr").starts_with("Hello"));
}

TEST_CASE("a taboo phrase is found through width, case, spaces and signs, with what to say instead",
          "[knowledge][phrase]") {
  const auto taboos = Taboos("zh-CN");
  const auto found = TaboosIn(Bare(text::Fold("先生，这是我们公司的规定。")), taboos);
  REQUIRE(found.size() == 1);
  CHECK(found[0].phrase() == "phrases/taboo-company-rule");
  CHECK(found[0].alternatives(0).starts_with("为了更好地为您服务"));
  CHECK(FoundIn("这是 我们“公司”的、规定！").size() == 1);
  CHECK(FoundIn("这是我们公司的地址，规定时间到访").empty());
  CHECK(FoundIn("随便你到哪里投诉，这是我们公司的规定") ==
        std::vector<std::string>{"phrases/taboo-sue-us", "phrases/taboo-company-rule"});
  CHECK(FoundIn("不是我办的 我不清楚，你找别人") == std::vector<std::string>{"phrases/taboo-not-mine"});
  CHECK(FoundIn("THIS is  our company\npolicy.", "en") ==
        std::vector<std::string>{"phrases/taboo-company-rule"});
  CHECK(FoundIn("This is our company policyholder", "en").empty());
  CHECK(FoundIn("Can’t you write it down?", "en").size() == 1);
  CHECK(FoundIn("", "en").empty());
}

TEST_CASE("a wording that contradicts itself is refused", "[knowledge][phrase]") {
  pb::Phrase phrase;
  phrase.set_kind(pb::Phrase::TABOO);
  phrase.set_text("不行");
  CHECK(RequireSound(phrase).error().violations[0].field == "phrase.alternatives");
  phrase.add_alternatives("我再想想办法");
  CHECK(RequireSound(phrase));
  phrase.set_kind(pb::Phrase::REQUIRED);
  CHECK(RequireSound(phrase).error().reason == "PHRASE_INVALID");
  phrase.clear_alternatives();
  phrase.set_text("您好，{姓名}");
  CHECK(RequireSound(phrase).error().violations[0].field == "phrase.text");
}

}  // namespace
}  // namespace carillon::knowledge::domain
