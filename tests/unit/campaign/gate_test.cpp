#include "campaign/domain/gate.hpp"

#include <algorithm>
#include <catch2/catch.hpp>
#include <random>

#include "base/proto_time.hpp"
#include "campaign/domain/hours.hpp"

namespace carillon::campaign::domain {
namespace {

using namespace std::chrono_literals;

/// Wednesday 2026-04-01 10:00 in Shanghai.
const TimePoint kTen{std::chrono::sys_days{std::chrono::year{2026} / 4 / 1} + 2h};

calendar::TimeZone Shanghai() { return calendar::TimeZone::Load("Asia/Shanghai").value(); }

Person Willing() {
  Person person;
  person.has_number = true;
  person.consents = {{Consent::Purpose::kEvery, true, kTen - 24h * 100, "interactions/1"}};
  return person;
}

struct Case {
  calendar::WorkingCalendar hours = CallingHours(Shanghai(), {});
  Question question;
  Case(pb::ContactClass contact_class = pb::MARKETING) {
    question.contact_class = contact_class;
    question.person = Willing();
    question.rules = RulesInForce(contact_class, {});
    question.hours = &hours;
    question.now = kTen;
  }
  pb::GateResult Ask() const { return domain::Ask(question); }
};

TEST_CASE("a willing customer may be called, and the proof is kept") {
  const auto gate = Case().Ask();
  CHECK(gate.refusal() == pb::REFUSAL_UNSPECIFIED);
  CHECK(gate.consent_evidence() == "interactions/1");
  CHECK(gate.time_zone() == "Asia/Shanghai");
  CHECK(FromProto(gate.check_time()) == kTen);
  CHECK(Case(pb::DUNNING).Ask().consent_evidence() == "contract");
}

TEST_CASE("an offer needs consent that was given and not taken back") {
  Case offer;
  offer.question.person.consents.clear();
  CHECK(offer.Ask().refusal() == pb::NO_CONSENT);
  CHECK_FALSE(offer.Ask().has_next_time());
  offer.question.person.consents = {{Consent::Purpose::kResearch, true, kTen - 1h, ""}};
  CHECK(offer.Ask().refusal() == pb::NO_CONSENT);
  offer.question.person.consents = {{Consent::Purpose::kMarketing, true, kTen - 2h, ""},
                                    {Consent::Purpose::kEvery, false, kTen - 1h, ""}};
  CHECK(offer.Ask().refusal() == pb::NO_CONSENT);
  offer.question.person.consents.push_back({Consent::Purpose::kMarketing, true, kTen - 30min, ""});
  CHECK(offer.Ask().refusal() == pb::REFUSAL_UNSPECIFIED);

  Case bill(pb::DUNNING);
  bill.question.person.consents.clear();
  CHECK(bill.Ask().refusal() == pb::REFUSAL_UNSPECIFIED);
  bill.question.person.consents = {{Consent::Purpose::kService, false, kTen - 1h, ""}};
  CHECK(bill.Ask().refusal() == pb::NO_CONSENT);
}

TEST_CASE("of two words at one moment the refusal counts") {
  Case offer;
  offer.question.person.consents = {{Consent::Purpose::kMarketing, false, kTen, ""},
                                    {Consent::Purpose::kMarketing, true, kTen, ""}};
  CHECK(offer.Ask().refusal() == pb::NO_CONSENT);
  std::swap(offer.question.person.consents[0], offer.question.person.consents[1]);
  CHECK(offer.Ask().refusal() == pb::NO_CONSENT);
}

TEST_CASE("the do-not-call list stops offers and surveys, not bills") {
  for (const auto contact_class : {pb::MARKETING, pb::SURVEY, pb::DUNNING, pb::CARE, pb::SERVICE_NOTICE}) {
    Case listed(contact_class);
    listed.question.on_list = true;
    CHECK(listed.Ask().refusal() == (IsOffer(contact_class) ? pb::ON_DO_NOT_CALL : pb::REFUSAL_UNSPECIFIED));
    Case flagged(contact_class);
    flagged.question.person.alerts = {"DO_NOT_CALL"};
    CHECK(flagged.Ask().refusal() == listed.Ask().refusal());
  }
}

TEST_CASE("a customer who is gone, out of reach or blocked is never called") {
  Case gone;
  gone.question.person.gone = true;
  CHECK(gone.Ask().refusal() == pb::CUSTOMER_GONE);
  Case mute;
  mute.question.person.has_number = false;
  CHECK(mute.Ask().refusal() == pb::NO_NUMBER);
  for (const auto* code : {"DECEASED", "LITIGATION", "FRAUD_SUSPECT", "OPEN_COMPLAINT"}) {
    Case blocked(pb::SERVICE_NOTICE);
    blocked.question.person.alerts = {code};
    CHECK(blocked.Ask().refusal() == pb::BLOCKED);
    CHECK(IsFinal(blocked.Ask()));
  }
  Case warned;
  warned.question.person.alerts = {"OVERDUE"};
  CHECK(warned.Ask().refusal() == pb::REFUSAL_UNSPECIFIED);
  warned.question.person.blocked = true;
  CHECK(warned.Ask().refusal() == pb::BLOCKED);
}

TEST_CASE("nobody is called before nine or after eight, and never outside the legal hours") {
  Case early;
  early.question.now = kTen - 61min;
  CHECK(early.Ask().refusal() == pb::OUT_OF_HOURS);
  CHECK(FromProto(early.Ask().next_time()) == kTen - 60min);
  early.question.now = kTen - 60min;
  CHECK(early.Ask().refusal() == pb::REFUSAL_UNSPECIFIED);
  early.question.now = kTen + 10h;  // 20:00
  CHECK(early.Ask().refusal() == pb::OUT_OF_HOURS);
  CHECK(FromProto(early.Ask().next_time()) == kTen + 23h);
  const auto legal = LegalHours(Shanghai());
  CHECK(legal.IsOpen(kTen - 2h));
  CHECK_FALSE(legal.IsOpen(kTen - 2h - 1us));
  CHECK(legal.IsOpen(kTen + 11h - 1us));
  CHECK_FALSE(legal.IsOpen(kTen + 11h));
}

TEST_CASE("a day's attempts are counted until the callee's midnight") {
  Case tired;
  tired.question.attempts_today = 3;
  const auto gate = tired.Ask();
  CHECK(gate.refusal() == pb::DAY_LIMIT);
  CHECK(FromProto(gate.next_time()) == kTen + 23h);  // 09:00 tomorrow
  tired.question.callback = true;
  CHECK(tired.Ask().refusal() == pb::REFUSAL_UNSPECIFIED);
}

TEST_CASE("one offer a week by default, whatever the campaign; a promised call is none") {
  Case offer;
  offer.question.contacts = {kTen - 24h * 6};
  const auto gate = offer.Ask();
  CHECK(gate.refusal() == pb::FREQUENCY);
  CHECK(gate.frequency_rule() == "default");
  CHECK(FromProto(gate.next_time()) == kTen + 24h);
  CHECK_FALSE(IsFinal(gate));
  offer.question.callback = true;
  CHECK(offer.Ask().refusal() == pb::REFUSAL_UNSPECIFIED);
  offer.question.callback = false;
  offer.question.contacts = {kTen - 24h * 7};
  CHECK(offer.Ask().refusal() == pb::REFUSAL_UNSPECIFIED);
}

TEST_CASE("a rule that refuses ends it; one that defers says until when") {
  Case offer;
  pb::FrequencyRule rule;
  rule.set_name("frequencyRules/1");
  rule.set_contact_class(pb::MARKETING);
  rule.set_max_count(2);
  rule.set_period_days(10);
  rule.set_on_hit(pb::FrequencyRule::REFUSE);
  offer.question.rules = RulesInForce(pb::MARKETING, {rule});
  CHECK(offer.question.rules.size() == 1);
  CHECK(RulesInForce(pb::SURVEY, {rule}).size() == 3);
  offer.question.contacts = {kTen - 24h};
  CHECK(offer.Ask().refusal() == pb::REFUSAL_UNSPECIFIED);
  offer.question.contacts.push_back(kTen - 48h);
  CHECK(offer.Ask().refusal() == pb::FREQUENCY);
  CHECK(offer.Ask().frequency_rule() == "frequencyRules/1");
  CHECK(IsFinal(offer.Ask()));
}

TEST_CASE("a customer another campaign has on the line is left alone, promised or not") {
  Case offer;
  offer.question.in_progress = true;
  offer.question.callback = true;
  CHECK(offer.Ask().refusal() == pb::FREQUENCY);
  CHECK(offer.Ask().frequency_rule() == "in_progress");
  CHECK(FromProto(offer.Ask().next_time()) == kTen + 10min);
}

/// The rule said plainly: in every window of the period that ends at `at`, fewer than the count.
bool MayAt(const std::vector<pb::FrequencyRule>& rules, const std::vector<TimePoint>& contacts,
           TimePoint at) {
  return std::all_of(rules.begin(), rules.end(), [&](const auto& rule) {
    const auto since = at - std::chrono::days{rule.period_days()};
    return std::count_if(contacts.begin(), contacts.end(), [&](auto when) { return when > since; }) <
           rule.max_count();
  });
}

TEST_CASE(
    "the gate agrees with the rules counted by brute force, and its next time is the first that is free") {
  std::mt19937 random(7);
  const auto pick = [&](int least, int most) {
    return std::uniform_int_distribution<int>(least, most)(random);
  };
  int refused = 0;
  for (int round = 0; round < 3000; ++round) {
    Case offer;
    std::vector<pb::FrequencyRule> rules;
    for (int i = pick(0, 3); i > 0; --i) {
      auto& rule = rules.emplace_back();
      rule.set_contact_class(pb::MARKETING);
      rule.set_max_count(pick(1, 4));
      rule.set_period_days(pick(1, 40));
      rule.set_on_hit(pb::FrequencyRule::DEFER);
    }
    offer.question.rules = RulesInForce(pb::MARKETING, rules);
    for (int i = pick(0, 8); i > 0; --i) offer.question.contacts.push_back(kTen - 1h * pick(0, 24 * 60));
    const auto& contacts = offer.question.contacts;
    const auto gate = offer.Ask();
    const bool may = MayAt(offer.question.rules, contacts, kTen);
    INFO("round " << round);
    CHECK((gate.refusal() == pb::REFUSAL_UNSPECIFIED) == may);
    if (may) continue;
    ++refused;
    // The first hour at which it is allowed, moved into the calling hours.
    TimePoint first = kTen;
    while (!MayAt(offer.question.rules, contacts, first)) first += 1h;
    CHECK(FromProto(gate.next_time()) == offer.hours.NextOpen(first));
  }
  CHECK(refused > 500);
}

TEST_CASE("of all answers the one time does not heal comes first, and no refusal is ever passed over") {
  std::mt19937 random(11);
  const auto toss = [&](int of) { return std::uniform_int_distribution<int>(0, of - 1)(random) == 0; };
  for (int round = 0; round < 5000; ++round) {
    Case one(static_cast<pb::ContactClass>(std::uniform_int_distribution<int>(1, 5)(random)));
    auto& q = one.question;
    q.person.gone = toss(6);
    q.person.has_number = !toss(6);
    q.person.do_not_contact = toss(6);
    if (toss(4)) q.person.consents.clear();
    q.on_list = toss(4);
    if (toss(6)) q.person.alerts = {"DECEASED"};
    q.running = !toss(6);
    q.callback = toss(3);
    if (toss(3)) q.contacts = {kTen - 1h};
    q.in_progress = toss(6);
    q.attempts_today = toss(4) ? 3 : 0;
    if (toss(4)) q.now = kTen + 12h;
    const bool offer = IsOffer(q.contact_class);
    const bool final = q.person.gone || !q.person.has_number || q.person.do_not_contact ||
                       (offer && (q.person.consents.empty() || q.on_list)) || !q.person.alerts.empty();
    const bool now = q.running && (q.callback || q.contacts.empty() || q.now - q.contacts[0] >= 24h * 7) &&
                     !q.in_progress && (q.callback || q.attempts_today < 3) && one.hours.IsOpen(q.now);
    const bool contacts_hold = q.contacts.empty() || offer || q.now - q.contacts[0] < 24h;
    const auto gate = one.Ask();
    INFO("round " << round);
    CHECK(IsFinal(gate) == final);
    if (!final && contacts_hold) CHECK((gate.refusal() == pb::REFUSAL_UNSPECIFIED) == now);
    if (gate.has_next_time()) CHECK(one.hours.IsOpen(FromProto(gate.next_time())));
  }
}

TEST_CASE("windows lie within the legal hours and do not overlap") {
  google::protobuf::RepeatedPtrField<pb::Campaign::Window> windows;
  const auto add = [&](const char* start, const char* end, std::vector<int> days = {}) {
    auto& window = *windows.Add();
    window.set_start(start);
    window.set_end(end);
    for (const int day : days) window.add_weekdays(day);
  };
  add("09:00", "11:30");
  add("14:00", "18:00", {1, 2, 3});
  CHECK(WindowFaults(windows).empty());
  const auto hours = CallingHours(Shanghai(), windows);
  CHECK(hours.IsOpen(kTen));
  CHECK_FALSE(hours.IsOpen(kTen + 2h));
  CHECK(hours.IsOpen(kTen + 5h));              // Wednesday
  CHECK_FALSE(hours.IsOpen(kTen + 24h + 5h));  // Thursday
  add("17:00", "19:00", {4});
  CHECK(WindowFaults(windows).empty());
  add("17:00", "19:00", {3});
  CHECK(WindowFaults(windows) == std::vector<Violation>{{"campaign.windows[3]", "overlaps windows[1]"}});
  windows.Clear();
  add("07:59", "09:00");
  add("20:00", "21:01");
  add("12:00", "12:00");
  CHECK(WindowFaults(windows).size() == 3);
}

}  // namespace
}  // namespace carillon::campaign::domain
