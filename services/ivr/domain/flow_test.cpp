#include "ivr/domain/flow_test.hpp"

#include <algorithm>
#include <cmath>
#include <sstream>

#include "base/proto_time.hpp"
#include "calendar/time_zone.hpp"
#include "ivr/domain/journey.hpp"

namespace carillon::ivr {
namespace {

using Terms = std::vector<std::string>;

Terms TermsOf(const std::string& line) {
  Terms words;
  std::istringstream in(line);
  for (std::string word; in >> word;) words.push_back(word);
  return words;
}

Error Malformed(int line, const std::string& what) {
  return InvalidArgument("FLOW_TEST_MALFORMED", "line " + std::to_string(line) + ": " + what,
                         {{"line", std::to_string(line)}});
}

/// What is said in pairs: "grade GOLD from 20:00".
Result<std::map<std::string, std::string>> Pairs(const Terms& words, std::size_t from, int line) {
  std::map<std::string, std::string> pairs;
  for (std::size_t i = from; i < words.size(); i += 2) {
    if (words[i] == "elderly") {
      pairs["elderly"] = "true";
      --i;
      continue;
    }
    if (i + 1 >= words.size()) return Malformed(line, words[i] + " needs a value");
    pairs[words[i]] = words[i + 1];
  }
  return pairs;
}

Result<void> MenuLine(const Terms& words, int line, FlowTest& test) {
  if (words.size() < 2) return Malformed(line, "menu needs a name");
  TRY(const auto pairs, Pairs(words, 2, line));
  auto& row = *test.request.add_menus();
  row.set_menu(words[1]);
  auto& selector = *row.mutable_selector();
  for (const auto& [key, value] : pairs) {
    if (key == "grade") {
      selector.set_grade(value);
    } else if (key == "region") {
      selector.set_region(value);
    } else if (key == "brand") {
      selector.set_brand(value);
    } else if (key == "language") {
      selector.set_language(value);
    } else if (key == "from") {
      selector.mutable_time_band()->set_start(value);
    } else if (key == "to") {
      selector.mutable_time_band()->set_end(value);
    } else {
      return Malformed(line, "a menu has no " + key);
    }
  }
  return Ok();
}

Result<void> CallerLine(const Terms& words, int line, FlowTest& test) {
  if (words.size() < 2) return Malformed(line, "caller needs a number");
  TRY(const auto pairs, Pairs(words, 2, line));
  auto& caller = *test.request.mutable_caller();
  caller.Clear();
  if (words[1] != "withheld") caller.set_calling_number(words[1]);
  for (const auto& [key, value] : pairs) {
    if (key == "grade") {
      caller.set_grade(value);
    } else if (key == "region") {
      caller.set_region(value);
    } else if (key == "password") {
      caller.set_service_password(value);
    } else if (key == "document") {
      caller.set_id_last6(value);
    } else if (key == "code") {
      caller.set_sms_code(value);
    } else if (key == "elderly") {
      caller.set_elderly(true);
    } else if (key == "balance") {
      char* end = nullptr;
      caller.set_balance(std::llround(std::strtod(value.c_str(), &end) * 100));
      if (*end != '\0') return Malformed(line, value + " is no amount");
    } else {
      return Malformed(line, "a caller has no " + key);
    }
  }
  return Ok();
}

Result<void> RowLine(const Terms& words, int line, FlowTest& test) {
  if (words.size() < 3) return Malformed(line, "row needs a table and a key");
  auto& row = *test.request.add_rows();
  row.set_table(words[1]);
  row.set_key(words[2]);
  for (std::size_t i = 3; i < words.size(); ++i) {
    const auto equals = words[i].find('=');
    if (equals == std::string::npos) return Malformed(line, words[i] + " is not name=value");
    (*row.mutable_values())[words[i].substr(0, equals)] = words[i].substr(equals + 1);
  }
  return Ok();
}

Result<void> AtLine(const Terms& words, int line, FlowTest& test) {
  if (words.size() != 3) return Malformed(line, "at needs a date and a time");
  TRY(const auto date, calendar::ParseDate(words[1]));
  TRY(const auto time, calendar::ParseTimeOfDay(words[2]));
  TRY(const auto zone, calendar::TimeZone::Load("Asia/Shanghai"));
  test.time = zone.ToUtc(date, time);
  return Ok();
}

/// One line of a test.
Result<void> Say(const std::string& text, const Terms& words, int line, FlowTest& test) {
  const std::string& word = words[0];
  const auto begin = text.find_first_not_of(" \t", text.find(word) + word.size());
  const std::string rest =
      begin == std::string::npos ? "" : text.substr(begin, text.find_last_not_of(" \t\r") + 1 - begin);
  const auto number = [&]() -> Result<int> {
    if (rest.empty() || rest.size() > 6 || rest.find_first_not_of("0123456789") != std::string::npos) {
      return Malformed(line, word + " needs a number");
    }
    return std::stoi(rest);
  };
  if (word == "menu") return MenuLine(words, line, test);
  if (word == "caller") return CallerLine(words, line, test);
  if (word == "row") return RowLine(words, line, test);
  if (word == "at") return AtLine(words, line, test);
  if (word == "keys") {
    for (std::size_t i = 1; i < words.size(); ++i) test.request.add_keys(words[i]);
  } else if (word == "path") {
    test.path = rest;
  } else if (word == "hears" || word == "never" || word == "served") {
    if (rest.empty()) return Malformed(line, word + " needs words");
    (word == "hears" ? test.hears : word == "never" ? test.never : test.served).push_back(rest);
  } else if (word == "ends") {
    test.ends = rest;
  } else if (word == "queue") {
    test.queue = rest;
  } else if (word == "language") {
    test.request.set_language(rest);
  } else if (word == "brand") {
    test.request.set_brand(rest);
  } else if (word == "down") {
    test.request.mutable_caller()->set_back_end_down(true);
  } else if (word == "wait") {
    TRY(const int seconds, number());
    test.request.set_estimated_wait_seconds(seconds);
  } else if (word == "result") {
    if (words.size() != 3) return Malformed(line, "result needs a name and a value");
    test.results[words[1]] = words[2];
  } else if (word == "answer") {
    if (words.size() != 3 || words[2].size() != 1)
      return Malformed(line, "answer needs a question and a key");
    test.answers[words[1]] = words[2][0] - '0';
  } else if (word == "notice") {
    if (words.size() < 4) return Malformed(line, "notice needs a region (- for all), a language and words");
    auto& notice = *test.request.add_notices();
    if (words[1] != "-") notice.set_region(words[1]);
    const auto said = text.find(words[2], text.find(words[1], text.find("notice") + 6) + words[1].size());
    (*notice.mutable_texts())[words[2]] = text.substr(text.find_first_not_of(" \t", said + words[2].size()));
    *notice.mutable_start_time() = ToProto(TimePoint{});
    *notice.mutable_end_time() = ToProto(TimePoint{std::chrono::hours{24 * 365 * 200}});
  } else {
    return Malformed(line, "nothing is known of '" + word + "'");
  }
  return Ok();
}

}  // namespace

Result<FlowTests> ReadFlowTests(std::string_view text) {
  FlowTests out;
  FlowTest shared;
  // A Monday morning, unless the test says otherwise.
  TRY_VOID(AtLine({"at", "2026-11-23", "10:00"}, 0, shared));
  shared.request.mutable_caller()->set_calling_number("+862038881234");
  std::istringstream in{std::string(text)};
  int line = 0;
  for (std::string each; std::getline(in, each);) {
    ++line;
    const Terms words = TermsOf(each);
    if (words.empty() || words[0].starts_with("#")) continue;
    if (words[0] == "flow" && words.size() == 2 && out.tests.empty()) {
      out.flow = words[1];
      continue;
    }
    if (words[0] == "test") {
      FlowTest& test = out.tests.emplace_back(shared);
      test.line = line;
      for (std::size_t i = 1; i < words.size(); ++i) test.name += (i > 1 ? " " : "") + words[i];
      if (test.name.empty()) return Malformed(line, "test needs a name");
      continue;
    }
    TRY_VOID(Say(each, words, line, out.tests.empty() ? shared : out.tests.back()));
  }
  if (out.tests.empty()) return Malformed(std::max(line, 1), "there is no test");
  return out;
}

FlowTested Tried(const std::shared_ptr<const Document>& document, const FlowTest& test) {
  Rehearsal rehearsal(document, test.request, test.time);
  for (const std::string& key : test.request.keys()) {
    if (!rehearsal.Listen()) break;
    rehearsal.Press(key);
  }
  rehearsal.Listen();
  FlowTested out;
  const auto& session = rehearsal.session();
  for (const std::string& chosen : session.menu_path()) out.path += (out.path.empty() ? "" : " ") + chosen;
  out.outcome =
      session.state() == v1::Session::ACTIVE ? "ACTIVE" : v1::Session::Result_Name(session.result());
  const std::string ended = out.outcome;
  if (!rehearsal.queue().empty()) out.outcome += " " + rehearsal.queue();
  std::string all;
  for (v1::SessionStep step : rehearsal.steps()) {
    for (const auto& prompt : *PromptsOf(step)) {
      out.said.push_back(prompt.text().empty() ? "[" + prompt.code() + "]" : prompt.text());
      all += out.said.back() + "\n";
    }
  }
  const auto wrong = [&](const std::string& what) { out.why += (out.why.empty() ? "" : "; ") + what; };
  if (test.path && *test.path != out.path)
    wrong("the path is '" + out.path + "' instead of '" + *test.path + "'");
  for (const std::string& words : test.hears) {
    if (all.find(words) == std::string::npos) wrong("never heard: " + words);
  }
  for (const std::string& words : test.never) {
    if (all.find(words) != std::string::npos) wrong("heard: " + words);
  }
  for (const std::string& service : test.served) {
    if (std::find(session.served().begin(), session.served().end(), service) == session.served().end()) {
      wrong("not served: " + service);
    }
  }
  if (!test.ends.empty() && test.ends != ended) wrong("it ends as " + ended + " instead of " + test.ends);
  if (!test.queue.empty() && test.queue != rehearsal.queue()) {
    wrong("handed to '" + rehearsal.queue() + "' instead of '" + test.queue + "'");
  }
  for (const auto& [question, score] : test.answers) {
    const bool given = std::any_of(session.answers().begin(), session.answers().end(),
                                   [&, &asked = question, &wanted = score](const auto& answer) {
                                     return answer.question() == asked && answer.score() == wanted;
                                   });
    if (!given) wrong("no answer " + std::to_string(score) + " to " + question);
  }
  for (const auto& [name, value] : test.results) {
    const auto found = session.assistance().result().find(name);
    const std::string told = found == session.assistance().result().end() ? "" : found->second;
    if (told != value) wrong("the agent is told " + name + " '" + told + "' instead of '" + value + "'");
  }
  for (const auto& step : session.path()) {
    if (step.node() == "flow") wrong("the flow failed: " + step.outcome());
  }
  if (!out.why.empty() && !rehearsal.log().empty()) wrong("log: " + rehearsal.log().back());
  out.passed = out.why.empty();
  return out;
}

}  // namespace carillon::ivr
