#include <array>
#include <catch2/catch.hpp>

#include "base/proto_time.hpp"
#include "ivr/domain/findings.hpp"
#include "ivr/domain/journey.hpp"
#include "ivr/domain/menus.hpp"

namespace carillon::ivr {
namespace {

const TimePoint kTenOClock{std::chrono::sys_days{std::chrono::year{2026} / 11 / 23} + std::chrono::hours{2}};

/// A flow of one node, whose events lead to a person with their name as the reason.
std::string OneNode(const std::string& send) {
  return R"x(<scxml xmlns="http://www.w3.org/2005/07/scxml" version="1.0" datamodel="ecmascript">
    <datamodel><data id="call"/></datamodel>
    <state id="node"><onentry>)x" +
         send + R"x(</onentry>
      <transition event="*" target="agent"/>
    </state>
    <state id="agent"><onentry><send type="carillon:enqueue">
      <param name="reason" expr="_event.name + ' ' + (_event.data &amp;&amp; _event.data.reason || '')"/>
    </send></onentry><transition event="enqueue" target="over"/></state>
    <final id="over"/></scxml>)x";
}

/// A caller in it, whose questions are all answered by one answer.
struct Caller {
  std::shared_ptr<const Document> document;
  v1::ServiceNumber number;
  Course course;
  Carriers carriers;
  std::vector<Ask> asked;
  Result<Answer> answer = Answer(HandedOver{"interactions/i", "queues/q", 1, 0});

  explicit Caller(const std::string& text) {
    auto read = ReadDocument(text);
    INFO((read ? "" : read.error().message));
    REQUIRE(read);
    document = *read;
    number.set_default_queue("queues/default");
    number.add_menus()->set_menu("default");
    (*number.mutable_transfers())["hotline"] = "+8620114";
    course.session.set_name("sessions/0190a000-0000-7000-8000-000000000002");
    course.session.set_calling_number("+8613800000001");
  }
  void Take(const v1::SendInputRequest* input) {
    Turn turn(document, number, *ZoneOf(number), course, kTenOClock, {}, carriers);
    if (input == nullptr) {
      turn.Begin();
    } else {
      turn.Input(*input);
    }
    while (auto ask = turn.Next()) {
      asked.push_back(*ask);
      const bool hands_over = ask->kind == Ask::Kind::kEnqueue;
      turn.Answered(
          *ask, hands_over ? Result<Answer>(Answer(HandedOver{"interactions/i", "queues/q", 1, 0})) : answer);
    }
    turn.Finish();
  }
  const v1::SessionStep& step() const { return course.journey.step(); }
  /// Which event led to a person.
  std::string Why() const { return asked.empty() ? "" : asked.back().reason; }
};

}  // namespace

TEST_CASE("a prompt of the library is named, with words for when it is not there", "[ivr][nodes]") {
  Caller caller(OneNode(R"x(
    <send type="carillon:play"><param name="prompt" expr="'welcome'"/><param name="text" expr="{en: 'Hello.', 'zh-CN': '您好。'}"/></send>
    <send type="carillon:collect"><param name="node" expr="'main'"/>
      <param name="text" expr="['先说一句。', {prompt: 'main_menu'}]"/></send>)x"));
  caller.Take(nullptr);
  const auto& prompts = caller.step().collect().prompts();
  REQUIRE(prompts.size() == 3);
  CHECK(prompts[0].code() == "welcome");
  CHECK(prompts[0].text() == "您好。");
  CHECK(prompts[1].code().empty());
  CHECK(prompts[2].code() == "main_menu");
  CHECK(prompts[2].text().empty());
}

TEST_CASE("a flow whose words are not in the library is not published", "[ivr][findings]") {
  const auto document = *ReadDocument(
      OneNode(R"x(<send type="carillon:play"><param name="prompt" expr="'nowhere'"/></send>)x"));
  const auto found = [&](const std::set<std::string>& library) {
    for (const auto& finding : Findings(*document, {}, &library)) {
      if (finding.reason() == "PROMPT_MISSING") return finding.message();
    }
    return std::string();
  };
  CHECK(found({}).find("nowhere") != std::string::npos);
  CHECK(found({"nowhere"}).empty());
}

TEST_CASE("a message left after the tone becomes a work order, and the session says so", "[ivr][nodes]") {
  Caller caller(OneNode(R"x(<send type="carillon:voicemail" event="message">
    <param name="node" expr="'tone'"/><param name="type" expr="'COMPLAINT'"/><param name="title" expr="'留言'"/>
    <param name="max_length_s" expr="60"/></send>)x"));
  caller.Take(nullptr);
  REQUIRE(caller.step().collect().has_record());
  CHECK(caller.step().collect().record().max_length().seconds() == 60);
  caller.answer = Answer(OrderFound{true, "workOrders/1", "C1", "DRAFT", "留言"});
  v1::SendInputRequest input;
  SECTION("spoken") {
    input.mutable_recorded()->set_media("recordings/77");
    input.mutable_recorded()->mutable_length()->set_seconds(12);
    caller.Take(&input);
    REQUIRE(caller.asked.size() == 2);
    CHECK(caller.asked[0].order_type == "COMPLAINT");
    CHECK(caller.asked[0].media == "recordings/77");
    CHECK(caller.asked[0].description == "12 s: recordings/77");
    CHECK(caller.Why() == "message.done ");
    CHECK(caller.course.session.served(0) == "voicemail");
  }
  SECTION("with no order to be had the error branch is taken") {
    caller.answer = Unavailable("PEER_UNAVAILABLE", "workorder does not answer");
    input.mutable_recorded()->set_media("recordings/77");
    input.mutable_recorded()->mutable_length()->set_seconds(12);
    caller.Take(&input);
    CHECK(caller.Why() == "message.failed PEER_UNAVAILABLE");
  }
  SECTION("nothing said") {
    input.set_timed_out(true);
    caller.Take(&input);
    CHECK(caller.Why() == "message.empty ");
  }
  SECTION("a caller who hangs up after it has not abandoned") {
    caller.course.session.add_served("voicemail");
    HangUp(caller.course, kTenOClock);
    CHECK(caller.course.session.result() == v1::Session::VOICEMAIL);
  }
}

TEST_CASE("a transfer dials what the number's list says, and comes back when it fails", "[ivr][nodes]") {
  const std::string send = R"x(<send type="carillon:transfer"><param name="node" expr="'out'"/>
    <param name="to" expr="'hotline'"/><param name="ring_timeout_s" expr="20"/></send>)x";
  Caller caller(OneNode(send));
  caller.Take(nullptr);
  REQUIRE(caller.step().play().has_transfer());
  CHECK(caller.step().play().transfer().number() == "+8620114");
  CHECK(caller.step().play().transfer().ring_timeout().seconds() == 20);
  v1::SendInputRequest input;
  SECTION("they talk: the session is over") {
    input.set_transferred(v1::TRANSFER_CONNECTED);
    caller.Take(&input);
    CHECK(caller.course.session.result() == v1::Session::TRANSFERRED);
    CHECK(caller.asked.empty());
  }
  SECTION("busy") {
    input.set_transferred(v1::TRANSFER_BUSY);
    caller.Take(&input);
    CHECK(caller.Why() == "transfer.failed BUSY");
  }
  SECTION("a switch that knows no transfers plays and says so") {
    input.set_played(true);
    caller.Take(&input);
    CHECK(caller.Why() == "transfer.failed FAILED");
  }
  SECTION("only to places of the list, whatever a flow or a caller names") {
    Caller other(
        OneNode(R"x(<send type="carillon:transfer"><param name="to" expr="'+8801234567'"/></send>)x"));
    other.Take(nullptr);
    CHECK(other.Why() == "transfer.failed PLACE_UNKNOWN");
  }
  SECTION("where the switch cannot, the error branch is taken at once") {
    Caller other(OneNode(send));
    other.carriers.transfer = false;
    other.Take(nullptr);
    CHECK(other.Why() == "transfer.failed NO_CARRIER");
  }
}

TEST_CASE("a short message and a fax are asked for once, masked in the path", "[ivr][nodes]") {
  Caller caller(OneNode(R"x(<send type="carillon:sms"><param name="text" expr="'余额56.30元'"/></send>)x"));
  caller.answer = Answer(MessageKept{"messages/1"});
  caller.Take(nullptr);
  REQUIRE(caller.asked.size() == 2);
  CHECK(caller.asked[0].text == "余额56.30元");
  CHECK(caller.asked[0].phone_number == "+8613800000001");
  CHECK_FALSE(caller.asked[0].fax);
  CHECK(caller.Why() == "sms.done ");
  CHECK(caller.course.session.path(0).input() == "+86****0001");

  const auto failed = [](const std::string& send, const Carriers& carriers = {}) {
    Caller other(OneNode(send));
    other.carriers = carriers;
    other.Take(nullptr);
    return other.Why();
  };
  CHECK(failed("<send type='carillon:sms'><param name='text' expr=\"'x'\"/><param name='number' "
               "expr=\"'1; rm'\"/></send>") == "sms.failed NUMBER_MALFORMED");
  CHECK(failed("<send type='carillon:fax'/>") == "fax.failed TEXT_MISSING");
  CHECK(failed("<send type='carillon:fax'><param name='text' expr=\"'x'\"/></send>",
               {.record = true, .transfer = true, .sms = true, .fax = false}) == "fax.failed NO_CARRIER");
}

TEST_CASE("every node that asks leaves what it asked, masked, and what came of it, and fails by its branch",
          "[ivr][nodes]") {
  struct Tried {
    std::string type, params;
    Answer answer;
    std::string shown, outcome;
  };
  CallerFound found;
  found.result = CallerFound::Result::kOne;
  BalanceFound balance;
  balance.found = true;
  const std::vector<Tried> all{
      {"lookUp", "phone_number: '+8613911112222'", found, "+86****2222", "found"},
      {"verifyPassword", "customer: 'customers/1', digits: '246810'", PasswordChecked{true, 3}, "******",
       "verified"},
      {"verifyPassword", "customer: 'customers/1', digits: '246811'", PasswordChecked{}, "******", "wrong"},
      {"sendCode", "customer: 'customers/1'", CodeSent{"hash", "+8613911112222"}, "+86****2222", "sent"},
      {"balance", "customer: 'customers/1', account: '02038881234'", balance, "020****1234", "found"},
      {"queueState", "queue: 'vip'", QueueSeen{3, 1, 120}, "vip", "3 waiting, 1 ready, 120 s"},
      {"callback", "queue: 'vip', phone_number: '+8613911112222'", HandedOver{"interactions/i", "q", 1, 0},
       "vip", "promised"},
      {"query", "table: 'water', key: '0763118822'", RowFound{true, "", {}}, "water 076****8822", "found"},
      {"notices", "region: '441802'", NoticesFound{{{{"zh-CN", "停水"}}}}, "441802", "1 played"},
      {"workOrder", "type: 'COMPLAINT', title: '13911112222'",
       OrderFound{true, "workOrders/1", "C1", "DRAFT", ""}, "COMPLAINT", "C1"},
      {"orderState", "number: '20261123000017'", OrderFound{}, "202****0017", "none"},
      {"sms", "number: '+8613911112222', text: '13911112222'", MessageKept{"messages/1"}, "+86****2222",
       "on its way"},
      {"fax", "number: '+8613911112222', text: '13911112222'", MessageKept{"messages/1"}, "+86****2222",
       "on its way"}};
  for (const auto& tried : all) {
    std::string send = "<send type='carillon:" + tried.type + "' event='it'>";
    std::string rest = tried.params;
    while (!rest.empty()) {
      const auto colon = rest.find(": '");
      const auto end = rest.find('\'', colon + 3);
      send += "<param name='" + rest.substr(0, colon) + "' expr=\"" +
              rest.substr(colon + 2, end - colon - 1) + "\"/>";
      rest = end + 3 < rest.size() ? rest.substr(end + 3) : "";
    }
    for (const bool answered : {true, false}) {
      INFO(tried.type << (answered ? "" : ", not answered"));
      Caller caller(OneNode(send + "</send>"));
      caller.course.journey.add_identified("customers/1");
      if (answered) {
        caller.answer = tried.answer;
      } else {
        caller.answer = Unavailable("PEER_UNAVAILABLE", "nobody answers");
      }
      caller.Take(nullptr);
      CHECK(caller.Why() == (answered ? "it.done " : "it.failed PEER_UNAVAILABLE"));
      const auto& path = caller.course.session.path();
      REQUIRE(path.size() == 2);  // and the agent
      CHECK(path[0].node() == "it");
      // Where a code goes is known by the answer.
      CHECK(path[0].input() == (answered || tried.type != "sendCode" ? tried.shown : ""));
      CHECK(path[0].outcome() == (answered ? tried.outcome : "PEER_UNAVAILABLE"));
      for (const char* number : {"13911112222", "24681", "02038881234", "0763118822", "20261123000017"})
        CHECK(caller.course.session.ShortDebugString().find(number) == std::string::npos);
    }
  }
}

TEST_CASE("a caller is known by the end of a document or a code, which are nowhere but in the question",
          "[ivr][nodes]") {
  const std::string keyed = R"x(<send type="carillon:collect" event="input"><param name="node" expr="'id'"/>
      <param name="max_digits" expr="6"/><param name="secret" expr="SECRET"/></send></onentry>
    <transition event="input.keys"><send type="carillon:verifyIdentity" event="it">
      <param name="customer" expr="'customers/1'"/><param name="method" expr="'METHOD'"/>
      <param name="digits" expr="_event.data.digits"/></send></transition>
    <transition event="it.done" cond="!_event.data.verified" target="node"/><transition event="none"/><onentry>)x";
  const auto flow = [&](const std::string& method, const std::string& secret = "true") {
    std::string text = keyed;
    text.replace(text.find("METHOD"), 6, method);
    text.replace(text.find("SECRET"), 6, secret);
    return OneNode(text);
  };
  v1::SendInputRequest input;
  input.set_digits("918273");
  SECTION("the document") {
    Caller caller(flow("ID_LAST6"));
    caller.Take(nullptr);
    caller.answer = Answer(PasswordChecked{false, 2});
    caller.Take(&input);
    REQUIRE(caller.asked.size() == 1);
    CHECK(caller.asked[0].digits == "918273");
    CHECK(caller.asked[0].hash.empty());
    CHECK(caller.course.session.identity_level() == v1::Session::ANONYMOUS);
    caller.answer = Answer(PasswordChecked{true, 1});
    caller.Take(&input);
    CHECK(caller.course.session.identity_level() == v1::Session::ID_LAST6);
    CHECK(caller.course.journey.attached().at("identified_by") == "ID_LAST6");
    CHECK(caller.course.journey.identified(0) == "customers/1");
    for (const auto& step : caller.course.session.path()) CHECK(step.input().find("91") == std::string::npos);
    CHECK((caller.course.journey.SerializeAsString() + caller.course.session.SerializeAsString())
              .find("918273") == std::string::npos);
  }
  SECTION("the code, for whom it was sent, once, and not for long") {
    Caller caller(flow("SMS_OTP"));
    caller.Take(nullptr);
    auto& code = *caller.course.journey.mutable_code();
    code.set_customer("customers/1");
    code.set_hash("slow");
    *code.mutable_expire_time() = ToProto(kTenOClock + std::chrono::minutes{5});
    const auto refused = [&] {
      caller.Take(&input);
      CHECK(caller.Why() == "it.failed CODE_MISSING");
    };
    SECTION("right") {
      caller.answer = Answer(PasswordChecked{true, 2});
      caller.Take(&input);
      CHECK(caller.Why() == "it.done ");
      CHECK(caller.asked[0].hash == "slow");
      CHECK(caller.course.session.identity_level() == v1::Session::SMS_OTP);
      CHECK_FALSE(caller.course.journey.has_code());
    }
    SECTION("another's") {
      code.set_customer("customers/2");
      refused();
    }
    SECTION("too late") {
      *code.mutable_expire_time() = ToProto(kTenOClock);
      refused();
    }
    SECTION("none was sent") {
      caller.course.journey.clear_code();
      refused();
    }
  }
  SECTION("not what was keyed in the clear, nor by a way that is none") {
    for (const auto& [method, secret, why] :
         std::vector<std::array<std::string, 3>>{{"ID_LAST6", "false", "it.failed SECRET_NEEDED"},
                                                 {"CARD_PIN", "true", "it.failed METHOD_UNKNOWN"}}) {
      Caller caller(flow(method, secret));
      caller.Take(nullptr);
      caller.Take(&input);
      CHECK(caller.Why() == why);
    }
  }
}

TEST_CASE("a code is sent with words of the flow or our own, and kept as a hash", "[ivr][nodes]") {
  const auto sent = [](const std::string& params, Carriers carriers = {}) {
    Caller caller(OneNode("<send type='carillon:sendCode'>" + params + "</send>"));
    caller.carriers = carriers;
    caller.answer = Answer(CodeSent{"slow", "+8613900001234"});
    caller.Take(nullptr);
    return caller;
  };
  const std::string customer = "<param name='customer' expr=\"'customers/1'\"/>";
  const auto usual = sent(customer);
  CHECK(usual.Why() == "code.done ");
  CHECK(usual.asked[0].text.find("验证码是{code}") != std::string::npos);
  CHECK(usual.asked[0].phone_number.empty());
  const auto& code = usual.course.journey.code();
  CHECK(code.hash() == "slow");
  CHECK(code.customer() == "customers/1");
  CHECK(FromProto(code.expire_time()) == kTenOClock + std::chrono::minutes{5});
  CHECK(usual.course.session.identity_level() == v1::Session::ANONYMOUS);
  CHECK(sent(customer + "<param name='text' expr=\"'No {code}.'\"/>").asked[0].text == "No {code}.");
  CHECK(sent(customer + "<param name='text' expr=\"'No code.'\"/>").Why() == "code.failed TEXT_MISSING");
  CHECK(sent("").Why() == "code.failed CUSTOMER_UNKNOWN");
  CHECK(sent(customer, {.record = true, .transfer = true, .sms = false, .fax = true}).Why() ==
        "code.failed NO_CARRIER");
}

TEST_CASE("a calendar is open by the table's row for the day, else by its weekly hours", "[ivr][nodes]") {
  struct Day {
    std::string hours;
    RowFound row;
    bool open;
    std::string outcome;
  };
  const std::string week = "{weekdays: [1, 2, 3, 4, 5], start: '09:00', end: '17:00'}";
  // It is 10:00 on a Monday.
  const std::vector<Day> days{
      {week, {}, true, "open"},
      {"{weekdays: [6, 7], start: '09:00', end: '17:00'}", {}, false, "closed"},
      {"{weekdays: [6, 7], start: '09:00', end: '17:00'}, {start: '08:00', end: '10:01'}", {}, true, "open"},
      {"{weekdays: [7], start: '22:00', end: '10:01'}", {}, true, "open"},
      {week, {true, "", {{"open", "false"}, {"name", "国庆节"}}}, false, "closed, 国庆节"},
      {"", {true, "", {{"open", "true"}}}, true, "open"},
      {week,
       {true, "", {{"start", "10:30"}, {"end", "15:00"}, {"name", "half a day"}}},
       false,
       "closed, half a day"},
      {"", {true, "", {{"start", "10:00"}, {"end", "15:00"}}}, true, "open"},
      {"", {}, false, "closed"}};
  for (const auto& day : days) {
    INFO(day.hours << " " << day.outcome);
    Caller caller(OneNode("<send type='carillon:calendar' event='it'><param name='hours' expr=\"[" +
                          day.hours + "]\"/><param name='table' expr=\"'shop'\"/></send>"));
    caller.answer = Answer(day.row);
    caller.Take(nullptr);
    CHECK(caller.asked.at(0).table == "shop");
    CHECK(caller.asked.at(0).key == "2026-11-23");
    CHECK(caller.course.session.path(0).input() == "shop 2026-11-23");
    CHECK(caller.course.session.path(0).outcome() == day.outcome);
    CHECK(caller.Why() == "it.done ");
  }
  Caller caller(OneNode("<send type='carillon:calendar'/>"));
  caller.answer = Unavailable("DATABASE_UNAVAILABLE", "nobody answers");
  caller.Take(nullptr);
  CHECK(caller.asked.at(0).table == "holidays");
  CHECK(caller.Why() == "calendar.failed DATABASE_UNAVAILABLE");
}

TEST_CASE("what a flow chooses for the caller is in the path", "[ivr][nodes]") {
  Caller caller(OneNode(R"x(<send type="carillon:language"><param name="language" expr="'en'"/></send>
    <send type="carillon:need"><param name="reason" expr="'fault'"/></send>
    <send type="carillon:served"><param name="service" expr="'points'"/></send>
    <send type="carillon:chooseMenu"/>)x"));
  caller.Take(nullptr);
  std::string path;
  for (const auto& step : caller.course.session.path()) path += step.node() + "=" + step.input() + " ";
  CHECK(path.starts_with("language=en need=fault served=points menu=default "));
}

TEST_CASE("a caller whom an agent sent comes back with the result, and goes nowhere else", "[ivr][nodes]") {
  const auto assisted = [](const std::string& send) {
    Caller caller(OneNode(send));
    caller.course.session.mutable_assistance()->set_name("assistances/0190a000-0000-7000-8000-000000000003");
    caller.course.session.set_customer("customers/c");
    caller.Take(nullptr);
    return caller;
  };
  SECTION("with what the flow tells, and never a secret") {
    const Caller caller = assisted(R"x(<send type="carillon:returnToAgent"><param name="done" expr="true"/>
      <param name="result" expr="({verified: true, tries: 2, digits: '•secret'})"/></send>)x");
    REQUIRE(caller.step().play().has_returned());
    const auto& result = caller.step().play().returned();
    CHECK(result.done());
    CHECK(result.result().at("verified") == "true");
    CHECK(result.result().at("tries") == "2");
    CHECK(result.result().count("digits") == 0);
    CHECK(caller.course.session.result() == v1::Session::RETURNED);
  }
  SECTION("a flow that would hand the caller to a queue fails, and the agent has the caller back") {
    const Caller caller = assisted(R"x(<send type="carillon:enqueue"/>)x");
    CHECK(caller.asked.empty());
    REQUIRE(caller.step().play().has_returned());
    CHECK_FALSE(caller.step().play().returned().done());
  }
  SECTION("a flow that breaks gives the caller back") {
    const Caller caller = assisted("<script>for (;;) {}</script>");
    REQUIRE(caller.step().play().has_returned());
    CHECK(caller.course.session.result() == v1::Session::RETURNED);
  }
  SECTION("outside of it there is no agent to return to") {
    Caller caller(OneNode(R"x(<send type="carillon:returnToAgent" event="back"/>)x"));
    caller.Take(nullptr);
    CHECK(caller.Why() == "back.failed NOT_ASSISTED");
  }
}

}  // namespace carillon::ivr
