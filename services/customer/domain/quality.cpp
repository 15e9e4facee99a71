#include "customer/domain/quality.hpp"

#include <algorithm>
#include <array>
#include <cctype>

#include "base/ids.hpp"
#include "base/proto_time.hpp"
#include "customer/domain/customers.hpp"
#include "customer/domain/errors.hpp"
#include "customer/domain/identifiers.hpp"

namespace carillon::customer::domain {
namespace {

using Asked = pb::QualityRule;

struct OwnRule {
  std::string_view code;
  pb::QualityDimension dimension;
  Asked::Attribute attribute;
  Asked::Test test;
  Asked::Party party;
  int max_age_days;
  std::string_view chinese, english;
};

constexpr std::array kOwnRules{
    OwnRule{"PHONE_PRESENT", pb::COMPLETENESS, Asked::PHONE, Asked::PRESENT, Asked::PARTY_UNSPECIFIED, 0,
            "有电话", "has a phone"},
    OwnRule{"IDENTIFIER_PRESENT", pb::COMPLETENESS, Asked::IDENTIFIER, Asked::PRESENT,
            Asked::PARTY_UNSPECIFIED, 0, "有证件", "has a document"},
    OwnRule{"BIRTH_DATE_PRESENT", pb::COMPLETENESS, Asked::BIRTH_DATE, Asked::PRESENT, Asked::PERSON, 0,
            "有出生日期", "has a day of birth"},
    OwnRule{"ADDRESS_PRESENT", pb::COMPLETENESS, Asked::ADDRESS, Asked::PRESENT, Asked::PARTY_UNSPECIFIED, 0,
            "有地址", "has an address"},
    OwnRule{"NAME_PLAUSIBLE", pb::VALIDITY, Asked::FULL_NAME, Asked::WELL_FORMED, Asked::PARTY_UNSPECIFIED, 0,
            "姓名不是占位", "the name is no stopgap"},
    OwnRule{"MOBILE_WELL_FORMED", pb::VALIDITY, Asked::MOBILE, Asked::WELL_FORMED, Asked::PARTY_UNSPECIFIED,
            0, "手机号可拨", "the mobile can be dialled"},
    OwnRule{"EMAIL_WELL_FORMED", pb::VALIDITY, Asked::EMAIL, Asked::WELL_FORMED, Asked::PARTY_UNSPECIFIED, 0,
            "邮箱格式正确", "the mail address has its form"},
    OwnRule{"BIRTH_DATE_POSSIBLE", pb::VALIDITY, Asked::BIRTH_DATE, Asked::WELL_FORMED, Asked::PERSON, 0,
            "出生日期可能", "the day of birth is possible"},
    OwnRule{"MOBILE_UNIQUE", pb::UNIQUENESS, Asked::MOBILE, Asked::UNIQUE, Asked::PERSON, 0, "手机号唯一",
            "nobody else has the mobile"},
    OwnRule{"BIRTH_DATE_AGREES", pb::CONSISTENCY, Asked::BIRTH_DATE, Asked::AGREES_WITH_DOCUMENT,
            Asked::PERSON, 0, "出生日期与证件一致", "the day of birth is the document's"},
    OwnRule{"GENDER_AGREES", pb::CONSISTENCY, Asked::GENDER, Asked::AGREES_WITH_DOCUMENT, Asked::PERSON, 0,
            "性别与证件一致", "the gender is the document's"},
    OwnRule{"RECORD_FRESH", pb::TIMELINESS, Asked::RECORD, Asked::CHANGED_WITHIN, Asked::PARTY_UNSPECIFIED,
            730, "两年内更新", "changed or said again within two years"},
    OwnRule{"MOBILE_VERIFIED", pb::ACCURACY, Asked::MOBILE, Asked::VERIFIED_WITHIN, Asked::PARTY_UNSPECIFIED,
            730, "手机号两年内核实", "the mobile was proved within two years"},
    OwnRule{"NAME_CONFIRMED", pb::ACCURACY, Asked::FULL_NAME, Asked::SOURCES_AGREE, Asked::PARTY_UNSPECIFIED,
            0, "各来源姓名一致", "sources say the same name"},
};

constexpr std::array<std::string_view, 8> kStopgaps{"未知", "不详", "测试",    "无名",
                                                    "匿名", "test", "unknown", "xxx"};
constexpr int kOldest = 120;  // years

bool IsPhone(Asked::Attribute attribute) { return attribute == Asked::MOBILE || attribute == Asked::PHONE; }

std::string DayOf(const google::type::Date& date) {
  if (date.year() == 0) return "";
  return std::to_string(date.year() * 10000 + date.month() * 100 + date.day());
}

std::vector<std::string> ValuesOf(const Asked& rule, const pb::Customer& customer) {
  std::vector<std::string> out;
  const auto add = [&](const std::string& value) {
    if (!value.empty()) out.push_back(value);
  };
  switch (rule.attribute()) {
    case Asked::FULL_NAME:
      add(customer.has_person() ? customer.person().full_name() : customer.organisation().full_name());
      break;
    case Asked::GENDER:
      if (customer.person().gender() != pb::Person::GENDER_UNSPECIFIED)
        add(pb::Person::Gender_Name(customer.person().gender()));
      break;
    case Asked::BIRTH_DATE:
      add(DayOf(customer.person().birth_date()));
      break;
    case Asked::IDENTIFIER:
      for (const auto& one : customer.identifiers()) add(one.number());
      break;
    case Asked::MOBILE:
    case Asked::PHONE:
      for (const auto& one : customer.contacts()) {
        if (one.type() == pb::ContactMedium::MOBILE || rule.attribute() == Asked::PHONE) add(one.number());
      }
      break;
    case Asked::EMAIL:
      for (const auto& one : customer.contacts()) {
        if (one.type() == pb::ContactMedium::EMAIL) add(one.address());
      }
      break;
    case Asked::ADDRESS:
      for (const auto& one : customer.addresses()) {
        add(one.province() + one.city() + one.district() + "/" + one.detail());
      }
      break;
    case Asked::OCCUPATION:
      add(customer.person().occupation());
      break;
    case Asked::HOME_REGION:
      add(customer.home_region());
      break;
    case Asked::CUSTOM_FIELD:
      if (const auto at = customer.custom_fields().fields().find(rule.custom_field());
          at != customer.custom_fields().fields().end()) {
        add(at->second.ShortDebugString());
      }
      break;
    default:
      break;
  }
  return out;
}

bool IsWellFormed(const Asked& rule, const std::string& value, TimePoint now) {
  switch (rule.attribute()) {
    case Asked::FULL_NAME: {
      std::string folded;
      for (const char c : value) folded += static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
      return std::none_of(kStopgaps.begin(), kStopgaps.end(),
                          [&](auto stopgap) { return folded.find(stopgap) != std::string::npos; }) &&
             value.size() >= 4 &&
             value.find('*') == std::string::npos;  // two characters of Chinese are six bytes
    }
    case Asked::MOBILE:
    case Asked::PHONE:
      if (value.size() < 8 || value[0] != '+') return false;
      return rule.attribute() == Asked::PHONE || !value.starts_with("+86") ||
             (value.size() == 14 && value[3] == '1' && value[4] >= '3');
    case Asked::EMAIL: {
      const auto at = value.find('@');
      return at != std::string::npos && at > 0 && value.find('.', at) != std::string::npos &&
             value.find(' ') == std::string::npos && value.back() != '.';
    }
    case Asked::BIRTH_DATE: {
      const int day = std::stoi(value);
      const auto today = std::chrono::year_month_day{std::chrono::floor<std::chrono::days>(now)};
      const std::chrono::year_month_day born{std::chrono::year{day / 10000},
                                             std::chrono::month{static_cast<unsigned>(day / 100 % 100)},
                                             std::chrono::day{static_cast<unsigned>(day % 100)}};
      return born.ok() && born <= today && born.year() >= today.year() - std::chrono::years{kOldest};
    }
    case Asked::ADDRESS: {
      const auto slash = value.find('/');
      return slash > 0 && value.size() - slash > 4;
    }
    case Asked::IDENTIFIER:
      return value.size() >= 5 && value.find('*') == std::string::npos;
    case Asked::HOME_REGION:
      return value.size() == 6 && value != "000000";
    default:
      return true;
  }
}

/// What the customer's resident number says; nothing without one.
std::optional<ResidentFacts> FactsOf(const pb::Customer& customer) {
  for (const auto& one : customer.identifiers()) {
    if (one.type() == pb::Identifier::RESIDENT_ID) return ReadResidentId(one.number());
  }
  return std::nullopt;
}

Verdict Told(bool passed) { return passed ? Verdict::kPassed : Verdict::kFailed; }

Verdict AgreesWithDocument(const Asked& rule, const pb::Customer& customer) {
  const auto facts = FactsOf(customer);
  if (!facts) return Verdict::kNotAsked;
  if (rule.attribute() == Asked::GENDER) return Told(customer.person().gender() == facts->gender);
  const auto& born = customer.person().birth_date();
  return Told(born.year() == facts->year && (born.month() == 0 || born.month() == facts->month) &&
              (born.day() == 0 || born.day() == facts->day));
}

Verdict SourcesAgree(const Asked& rule, const std::vector<pb::RawRecord>& records) {
  std::map<std::string, std::set<std::string>> said;  // by system
  for (const auto& record : records) {
    for (auto& value : ValuesOf(rule, record.values())) said[record.system()].insert(std::move(value));
  }
  if (said.size() < 2) return Verdict::kNotAsked;
  for (auto a = said.begin(); a != said.end(); ++a) {
    for (auto b = std::next(a); b != said.end(); ++b) {
      const bool common = std::any_of(a->second.begin(), a->second.end(),
                                      [&](const auto& value) { return b->second.contains(value); });
      if (!common) return Verdict::kFailed;
    }
  }
  return Verdict::kPassed;
}

Verdict VerifiedWithin(const Asked& rule, const pb::Customer& customer, TimePoint now) {
  Verdict verdict = Verdict::kNotAsked;
  for (const auto& one : customer.contacts()) {
    if (one.number().empty() ||
        (rule.attribute() == Asked::MOBILE && one.type() != pb::ContactMedium::MOBILE))
      continue;
    const bool fresh =
        one.has_verify_time() && FromProto(one.verify_time()) >= now - std::chrono::days{rule.max_age_days()};
    if (fresh) return Verdict::kPassed;
    verdict = Verdict::kFailed;
  }
  return verdict;
}

}  // namespace

std::vector<Asked> OwnRules() {
  std::vector<Asked> out;
  for (const auto& own : kOwnRules) {
    auto& rule = out.emplace_back();
    rule.set_name("qualityRules/" + std::string(own.code));
    rule.set_dimension(own.dimension);
    rule.set_attribute(own.attribute);
    rule.set_test(own.test);
    rule.set_party(own.party);
    rule.set_max_age_days(own.max_age_days);
    rule.set_opens_issues(own.dimension == pb::VALIDITY || own.dimension == pb::UNIQUENESS ||
                          own.dimension == pb::CONSISTENCY || own.code == "PHONE_PRESENT");
    (*rule.mutable_label()->mutable_texts())["zh-CN"] = std::string(own.chinese);
    (*rule.mutable_label()->mutable_texts())["en"] = std::string(own.english);
  }
  return out;
}

std::vector<Asked> RulesOf(const std::vector<Asked>& tenants, bool all) {
  std::map<std::string, Asked> by_name;
  for (auto& rule : OwnRules()) by_name[rule.name()] = std::move(rule);
  for (const auto& rule : tenants) by_name[rule.name()] = rule;
  std::vector<Asked> out;
  for (auto& [name, rule] : by_name) {
    if (all || !rule.retired()) out.push_back(std::move(rule));
  }
  return out;
}

Result<void> RequireRule(const Asked& rule) {
  std::vector<Violation> bad;
  const auto attribute = rule.attribute();
  const auto fits = [&](bool fit) {
    if (!fit) bad.push_back({"quality_rule.attribute", "is not one this test can look at"});
  };
  switch (rule.test()) {
    case Asked::UNIQUE:
    case Asked::VERIFIED_WITHIN:
      fits(IsPhone(attribute));
      break;
    case Asked::AGREES_WITH_DOCUMENT:
      fits(attribute == Asked::BIRTH_DATE || attribute == Asked::GENDER);
      break;
    case Asked::CHANGED_WITHIN:
      fits(attribute == Asked::RECORD);
      break;
    default:
      fits(attribute != Asked::RECORD);
  }
  const bool aged = rule.test() == Asked::CHANGED_WITHIN || rule.test() == Asked::VERIFIED_WITHIN;
  if (aged == (rule.max_age_days() == 0)) {
    bad.push_back({"quality_rule.max_age_days", aged ? "is required for this test" : "is not for this test"});
  }
  if ((attribute == Asked::CUSTOM_FIELD) == rule.custom_field().empty()) {
    bad.push_back({"quality_rule.custom_field", "goes with CUSTOM_FIELD"});
  }
  if (!bad.empty()) return errors::RuleInvalid(std::move(bad));
  return Ok();
}

Verdict Judge(const Asked& rule, const JudgedRecord& what, TimePoint now) {
  const auto& customer = what.values;
  if (rule.party() == Asked::PERSON && !customer.has_person()) return Verdict::kNotAsked;
  if (rule.party() == Asked::ORGANISATION && !customer.has_organisation()) return Verdict::kNotAsked;
  switch (rule.test()) {
    case Asked::CHANGED_WITHIN:
      return Told(what.said_at >= now - std::chrono::days{rule.max_age_days()});
    case Asked::SOURCES_AGREE:
      return SourcesAgree(rule, what.records);
    case Asked::VERIFIED_WITHIN:
      return VerifiedWithin(rule, customer, now);
    default:
      break;
  }
  const auto values = ValuesOf(rule, customer);
  if (rule.test() == Asked::PRESENT) return Told(!values.empty());
  if (values.empty()) return Verdict::kNotAsked;
  if (rule.test() == Asked::AGREES_WITH_DOCUMENT) return AgreesWithDocument(rule, customer);
  return Told(std::all_of(values.begin(), values.end(), [&](const auto& value) {
    return rule.test() == Asked::UNIQUE ? !what.shared.contains(value) : IsWellFormed(rule, value, now);
  }));
}

std::vector<pb::QualityScore> ScoresOf(const Tally& tally, const std::vector<Asked>& rules,
                                       const pb::QualityRun& run) {
  std::set<std::string> sources{""};
  for (const auto& [key, count] : tally) sources.insert(key.first);
  std::vector<pb::QualityScore> out;
  const auto add = [&](const std::string& source, const std::string& rule, pb::QualityDimension dimension,
                       const Count& count, double score) {
    auto& one = out.emplace_back();
    one.set_run(run.name());
    *one.mutable_run_time() = run.start_time();
    one.set_source(source);
    one.set_rule(rule);
    one.set_dimension(dimension);
    one.set_asked(count.asked);
    one.set_passed(count.passed);
    one.set_score(score);
  };
  for (const auto& source : sources) {
    for (int n = pb::COMPLETENESS; n <= pb::ACCURACY; ++n) {
      const auto dimension = static_cast<pb::QualityDimension>(n);
      Count all;
      double sum = 0, weights = 0;
      std::vector<std::pair<const Asked*, Count>> parts;
      for (const auto& rule : rules) {
        const auto at = tally.find({source, IdOf(rule.name())});
        if (rule.dimension() != dimension || at == tally.end() || at->second.asked == 0) continue;
        const auto& count = at->second;
        const double weight = rule.weight() == 0 ? 1 : rule.weight();
        sum += weight * static_cast<double>(count.passed) / static_cast<double>(count.asked);
        weights += weight;
        all.asked += count.asked;
        all.passed += count.passed;
        parts.emplace_back(&rule, count);
      }
      add(source, "", dimension, all, weights == 0 ? 1 : sum / weights);
      for (const auto& [rule, count] : parts) {
        add(source, rule->name(), dimension, count,
            static_cast<double>(count.passed) / static_cast<double>(count.asked));
      }
    }
  }
  return out;
}

}  // namespace carillon::customer::domain
