#include "customer/domain/filter.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <chrono>
#include <optional>
#include <span>

#include "carillon/customer/v1/customer.pb.h"
#include "customer/domain/errors.hpp"

namespace carillon::customer::domain {
namespace {

using Op = Clause::Op;
using Sort = Clause::Kind;

constexpr int kDeepest = 16;
constexpr std::size_t kMostTests = 50;

enum class Type { kCode, kRank, kText, kFlag, kNumber, kDay, kTime, kHas };

struct Field {
  std::string_view name;
  Trait trait;
  Type type;
  std::string_view words;
  std::span<const std::string_view> codes = {};
};

constexpr std::array<std::string_view, 5> kStates{"PROSPECT", "ACTIVE", "DORMANT", "SUSPENDED", "CLOSED"};
constexpr std::array<std::string_view, 5> kGrades{"GRADE_UNSPECIFIED", "STANDARD", "SILVER", "GOLD",
                                                  "DIAMOND"};
constexpr std::array<std::string_view, 6> kStages{
    "LIFE_CYCLE_STAGE_UNSPECIFIED", "AWARENESS", "ACQUISITION", "DEVELOPMENT", "RETENTION", "WIN_BACK"};
constexpr std::array<std::string_view, 2> kParties{"PERSON", "ORGANISATION"};

constexpr std::array<Field, 29> kFields{{
    {"state", Trait::kState, Type::kCode, "state", kStates},
    {"grade", Trait::kGrade, Type::kRank, "grade", kGrades},
    {"life_cycle_stage", Trait::kStage, Type::kRank, "stage", kStages},
    {"party_type", Trait::kPartyType, Type::kCode, "party", kParties},
    {"preferred_channel", Trait::kChannel, Type::kText, "preferred channel"},
    {"brand", Trait::kBrand, Type::kText, "brand"},
    {"home_region", Trait::kRegion, Type::kText, "home region"},
    {"home_branch", Trait::kBranch, Type::kText, "home branch"},
    {"preferred_language", Trait::kLanguage, Type::kText, "preferred language"},
    {"owner_unit", Trait::kOwnerUnit, Type::kText, "unit that owns the record"},
    {"owner_user", Trait::kOwnerUser, Type::kText, "user who owns the record"},
    {"source", Trait::kSource, Type::kText, "source"},
    {"do_not_contact", Trait::kDoNotContact, Type::kFlag, "not to be contacted"},
    {"birth_year", Trait::kBirthYear, Type::kNumber, "year of birth"},
    {"age", Trait::kAge, Type::kNumber, "age"},
    {"create_time", Trait::kCreateTime, Type::kTime, "made"},
    {"update_time", Trait::kUpdateTime, Type::kTime, "last changed"},
    {"last_contact_time", Trait::kContactTime, Type::kTime, "last in touch"},
    {"special_needs", Trait::kNeeds, Type::kHas, "special needs"},
    {"alerts", Trait::kAlerts, Type::kHas, "standing alerts"},
    {"accounts", Trait::kAccounts, Type::kHas, "types of open accounts"},
    {"accounts.expire_date", Trait::kAccountExpiry, Type::kDay, "day an open account ends"},
    {"accounts.points", Trait::kAccountPoints, Type::kNumber, "points of an open account"},
    {"accounts.product_code", Trait::kAccountProduct, Type::kText, "product of an open account"},
    {"accounts.days_left", Trait::kAccountDaysLeft, Type::kNumber, "days until an open account ends"},
    {"balance", Trait::kBalance, Type::kNumber, "balance of all open accounts"},
    {"arrears", Trait::kArrears, Type::kNumber, "arrears of all open accounts"},
    {"lifetime_value", Trait::kLifetimeValue, Type::kNumber, "lifetime value"},
    {"contacts", Trait::kContacts, Type::kHas, "kinds of contacts"},
}};

struct Token {
  enum class Kind { kWord, kQuoted, kSign, kEnd };
  Kind kind = Kind::kEnd;
  std::string text;
  std::size_t at = 0;  ///< byte in the filter
};

/// What is wrong first; nothing more is read after it.
struct Fault {
  std::size_t at;
  std::string what;
};

bool IsSpace(char c) { return c == ' ' || c == '\t' || c == '\n' || c == '\r'; }

/// The tokens, or the fault: an open quote.
std::optional<Fault> Cut(std::string_view filter, std::vector<Token>& out) {
  constexpr std::string_view kSigns = "()<>=!:,";
  for (std::size_t at = 0; at < filter.size();) {
    const char c = filter[at];
    if (IsSpace(c)) {
      ++at;
      continue;
    }
    if (c == '"' || c == '\'') {
      Token token{Token::Kind::kQuoted, "", at};
      std::size_t to = at + 1;
      for (; to < filter.size() && filter[to] != c; ++to) {
        if (filter[to] == '\\' && to + 1 < filter.size()) ++to;
        token.text += filter[to];
      }
      if (to >= filter.size()) return Fault{at, "a quote is not closed"};
      out.push_back(std::move(token));
      at = to + 1;
    } else if (kSigns.find(c) != std::string_view::npos) {
      const bool two = (c == '<' || c == '>' || c == '!') && at + 1 < filter.size() && filter[at + 1] == '=';
      out.push_back({Token::Kind::kSign, std::string(filter.substr(at, two ? 2 : 1)), at});
      at += two ? 2 : 1;
    } else if (c == '-' && at + 1 < filter.size() &&
               (filter[at + 1] == '(' || (filter[at + 1] >= 'a' && filter[at + 1] <= 'z'))) {
      out.push_back({Token::Kind::kSign, "-", at++});
    } else {
      const auto from = at;
      while (at < filter.size() && !IsSpace(filter[at]) && filter[at] != '"' && filter[at] != '\'' &&
             kSigns.find(filter[at]) == std::string_view::npos) {
        ++at;
      }
      out.push_back({Token::Kind::kWord, std::string(filter.substr(from, at - from)), from});
    }
  }
  out.push_back({Token::Kind::kEnd, "", filter.size()});
  return std::nullopt;
}

bool IsNumber(const std::string& text) {
  double number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  return error == std::errc() && end == text.data() + text.size() && number > -1e15 && number < 1e15;
}

/// The digits between two places; -1 when something else is among them.
int Digits(std::string_view text, std::size_t from, std::size_t count) {
  if (text.size() < from + count) return -1;
  int out = 0;
  for (const char c : text.substr(from, count)) {
    if (c < '0' || c > '9') return -1;
    out = out * 10 + (c - '0');
  }
  return out;
}

/// "2026-03-01", a day of the calendar.
bool IsDayText(std::string_view text) {
  if (text.size() != 10 || text[4] != '-' || text[7] != '-') return false;
  const int year = Digits(text, 0, 4), month = Digits(text, 5, 2), day = Digits(text, 8, 2);
  return year > 0 && month > 0 && day > 0 &&
         std::chrono::year_month_day{std::chrono::year{year},
                                     std::chrono::month{static_cast<unsigned>(month)},
                                     std::chrono::day{static_cast<unsigned>(day)}}
             .ok();
}

/// "2026-03-01T09:00:00Z", also with a fraction, also with "+08:00" in the place of the Z.
bool IsTimeText(std::string_view text) {
  if (text.size() < 20 || text.size() > 35 || text[10] != 'T' || !IsDayText(text.substr(0, 10)) ||
      text[13] != ':' || text[16] != ':') {
    return false;
  }
  const int hour = Digits(text, 11, 2), minute = Digits(text, 14, 2), second = Digits(text, 17, 2);
  if (hour < 0 || hour > 23 || minute < 0 || minute > 59 || second < 0 || second > 59) return false;
  auto rest = text.substr(19);
  if (rest.starts_with('.')) {
    const auto end = rest.find_first_not_of("0123456789", 1);
    if (end == std::string_view::npos || end < 2 || end > 7) return false;
    rest = rest.substr(end);
  }
  if (rest == "Z") return true;
  const int hours = Digits(rest, 1, 2), minutes = Digits(rest, 4, 2);
  return rest.size() == 6 && (rest[0] == '+' || rest[0] == '-') && rest[3] == ':' && hours >= 0 &&
         hours < 15 && minutes >= 0 && minutes < 60;
}

/// What a text says of the type; nothing when it is none.
std::optional<std::string> ReadAs(Type type, const std::string& text) {
  switch (type) {
    case Type::kNumber:
      return IsNumber(text) ? std::optional(text) : std::nullopt;
    case Type::kDay:
      return IsDayText(text) ? std::optional(text) : std::nullopt;
    case Type::kTime: {
      // A day begins at midnight in China.
      const auto whole = IsDayText(text) ? text + "T00:00:00+08:00" : text;
      return IsTimeText(whole) ? std::optional(whole) : std::nullopt;
    }
    case Type::kFlag:
      return text == "true" || text == "false" ? std::optional(text) : std::nullopt;
    default:
      return text;
  }
}

std::string_view Wanted(Type type) {
  switch (type) {
    case Type::kNumber:
      return "a number";
    case Type::kDay:
      return "a day, \"2026-03-01\"";
    case Type::kTime:
      return "a day or a time, \"2026-03-01T09:00:00+08:00\"";
    case Type::kFlag:
      return "true or false";
    default:
      return "a text";
  }
}

class FilterReader {
 public:
  FilterReader(std::vector<Token> tokens, const std::vector<pb::CustomField>& fields)
      : tokens_(std::move(tokens)), fields_(fields) {}

  std::optional<Clause> Whole() {
    auto out = All(0);
    if (out && Now().kind != Token::Kind::kEnd)
      return Bad(Now(), "nothing can follow here: '" + Now().text + "'");
    return out;
  }
  const Fault& fault() const { return fault_; }

 private:
  const Token& Now() const { return tokens_[at_]; }
  bool IsWord(std::string_view word) const { return Now().kind == Token::Kind::kWord && Now().text == word; }
  bool IsSign(std::string_view sign) const { return Now().kind == Token::Kind::kSign && Now().text == sign; }

  std::nullopt_t Bad(const Token& token, std::string what) {
    if (fault_.what.empty()) fault_ = {token.at, std::move(what)};
    return std::nullopt;
  }

  static Clause Joined(Sort kind, std::vector<Clause> parts) {
    if (parts.size() == 1) return std::move(parts.front());
    Clause out;
    out.kind = kind;
    out.parts = std::move(parts);
    return out;
  }

  // Words side by side are joined by AND, as the standard has it.
  std::optional<Clause> All(int depth) {
    if (depth > kDeepest) return Bad(Now(), "brackets are too deep");
    std::vector<Clause> parts;
    do {
      auto one = Any(depth);
      if (!one) return std::nullopt;
      parts.push_back(*std::move(one));
      if (IsWord("AND")) {
        ++at_;
        if (Now().kind == Token::Kind::kEnd) return Bad(Now(), "a test must follow AND");
      }
    } while (Now().kind != Token::Kind::kEnd && !IsSign(")"));
    return Joined(Sort::kAll, std::move(parts));
  }

  std::optional<Clause> Any(int depth) {
    std::vector<Clause> parts;
    for (;;) {
      auto one = Term(depth);
      if (!one) return std::nullopt;
      parts.push_back(*std::move(one));
      if (!IsWord("OR")) return Joined(Sort::kAny, std::move(parts));
      ++at_;
    }
  }

  std::optional<Clause> Term(int depth) {
    const bool negative = IsWord("NOT") || IsSign("-");
    if (negative) ++at_;
    std::optional<Clause> one;
    if (IsSign("(")) {
      ++at_;
      one = All(depth + 1);
      if (!one) return std::nullopt;
      if (!IsSign(")")) return Bad(Now(), "a bracket is not closed");
      ++at_;
    } else {
      one = Test();
      if (!one) return std::nullopt;
    }
    return negative ? Not(*std::move(one)) : one;
  }

  static Clause Not(Clause one) {
    if (one.kind == Sort::kNot) return std::move(one.parts.front());
    Clause out;
    out.kind = Sort::kNot;
    out.parts.push_back(std::move(one));
    return out;
  }

  /// The field of a name; `key` is what stands behind its dot.
  std::optional<Field> FieldOf(const Token& token, std::string& key) {
    for (const auto& field : kFields) {
      if (field.name == token.text) return field;
    }
    constexpr std::string_view kSegments = "segments.", kCustom = "custom_fields.";
    if (token.text.starts_with(kSegments) && token.text.size() > kSegments.size()) {
      key = token.text.substr(kSegments.size());
      return Field{"segments.", Trait::kSegment, Type::kText, "segment"};
    }
    if (!token.text.starts_with(kCustom)) {
      Bad(token, "there is no field '" + token.text + "'");
      return std::nullopt;
    }
    key = token.text.substr(kCustom.size());
    const auto own = std::find_if(fields_.begin(), fields_.end(),
                                  [&](const auto& one) { return one.name() == "customFields/" + key; });
    if (own == fields_.end()) {
      Bad(token, "there is no custom field '" + key + "'");
      return std::nullopt;
    }
    if (own->masked()) {
      Bad(token, "'" + key + "' is personal: nobody is selected by it");
      return std::nullopt;
    }
    switch (own->kind()) {
      case pb::CustomField::NUMBER:
        return Field{"custom_fields.", Trait::kCustomNumber, Type::kNumber, ""};
      case pb::CustomField::FLAG:
        return Field{"custom_fields.", Trait::kCustomFlag, Type::kFlag, ""};
      case pb::CustomField::DATE:
        return Field{"custom_fields.", Trait::kCustomDate, Type::kDay, ""};
      default:
        return Field{"custom_fields.", Trait::kCustomText, Type::kText, ""};
    }
  }

  std::optional<Clause> Test() {
    const Token name = Now();
    if (name.kind != Token::Kind::kWord || name.text == "AND" || name.text == "OR" || name.text == "NOT") {
      return Bad(name, name.kind == Token::Kind::kEnd ? "a test is missing" : "a field must stand here");
    }
    if (++tests_ > kMostTests) return Bad(name, "more than 50 tests");
    Clause out;
    const auto field = FieldOf(name, out.key);
    if (!field) return std::nullopt;
    out.trait = field->trait;
    ++at_;
    const Token sign = Now();
    static constexpr std::array<std::pair<std::string_view, Op>, 7> kOps{{{"=", Op::kEqual},
                                                                          {"!=", Op::kEqual},
                                                                          {"<", Op::kLess},
                                                                          {"<=", Op::kLessOrEqual},
                                                                          {">", Op::kMore},
                                                                          {">=", Op::kMoreOrEqual},
                                                                          {":", Op::kEqual}}};
    const auto* const op = std::find_if(kOps.begin(), kOps.end(), [&](const auto& one) {
      return sign.kind == Token::Kind::kSign && one.first == sign.text;
    });
    if (op == kOps.end()) return Bad(sign, "a comparison must follow " + name.text);
    out.op = op->second;
    ++at_;
    const Token value = Now();
    if (value.kind != Token::Kind::kWord && value.kind != Token::Kind::kQuoted) {
      return Bad(value, "a value must follow " + sign.text);
    }
    ++at_;
    if (!Fill(*field, sign, value, out)) return std::nullopt;
    return sign.text == "!=" ? Not(std::move(out)) : out;
  }

  bool Fill(const Field& field, const Token& sign, const Token& value, Clause& out) {
    const bool has = sign.text == ":";
    const bool ordered = out.op != Op::kEqual;
    const bool keyed = !out.key.empty();
    const bool anything = value.kind == Token::Kind::kWord && value.text == "*";
    const auto bad = [&](const Token& token, std::string what) {
      Bad(token, std::move(what));
      return false;
    };
    if (has && anything && (keyed || field.type == Type::kHas || field.type == Type::kText)) {
      out.op = Op::kPresent;
      return true;
    }
    if (field.type == Type::kHas) {
      if (!has) return bad(sign, "is asked with ':', as in " + std::string(field.name) + ":CODE");
      out.values = {value.text};
      return true;
    }
    if (has && !keyed) return bad(sign, "is compared with = or !=");
    if (field.type == Type::kCode || field.type == Type::kRank) {
      const auto at = std::find(field.codes.begin(), field.codes.end(), value.text);
      if (at == field.codes.end()) {
        std::string known;
        for (const auto code : field.codes) known += (known.empty() ? "" : ", ") + std::string(code);
        return bad(value, "is none of " + known);
      }
      if (ordered && field.type == Type::kCode) return bad(sign, "has no order");
      std::span<const std::string_view> passing{at, 1};
      if (out.op == Op::kLess) passing = {field.codes.begin(), at};
      if (out.op == Op::kLessOrEqual) passing = {field.codes.begin(), at + 1};
      if (out.op == Op::kMore) passing = {at + 1, field.codes.end()};
      if (out.op == Op::kMoreOrEqual) passing = {at, field.codes.end()};
      if (passing.empty()) return bad(value, "nobody can pass");
      out.op = Op::kEqual;
      out.values.assign(passing.begin(), passing.end());
      return true;
    }
    if (ordered && field.type == Type::kFlag) return bad(sign, "has no order");
    if (ordered && field.type == Type::kText && !keyed) return bad(sign, "has no order");
    if (field.type == Type::kText && !ordered && value.text.size() > 1 && value.text.ends_with('*')) {
      out.op = Op::kBegins;
      out.values = {value.text.substr(0, value.text.size() - 1)};
      return true;
    }
    auto read = ReadAs(field.type, value.text);
    if (!read) return bad(value, "must be " + std::string(Wanted(field.type)));
    out.values = {*std::move(read)};
    return true;
  }

  std::vector<Token> tokens_;
  const std::vector<pb::CustomField>& fields_;
  std::size_t at_ = 0, tests_ = 0;
  Fault fault_{0, ""};
};

const Field& FieldAsked(Trait trait) {
  static const Field own{"custom_fields.", Trait::kCustomText, Type::kText, ""};
  static const Field segment{"segments.", Trait::kSegment, Type::kText, "segment "};
  if (trait == Trait::kSegment) return segment;
  const auto* const at =
      std::find_if(kFields.begin(), kFields.end(), [&](const auto& one) { return one.trait == trait; });
  return at == kFields.end() ? own : *at;
}

std::string Quoted(const std::string& text) {
  std::string out = "\"";
  for (const char c : text) {
    if (c == '"' || c == '\\') out += '\\';
    out += c;
  }
  return out + '"';
}

std::string_view SignOf(Op op) {
  switch (op) {
    case Op::kLess:
      return " < ";
    case Op::kLessOrEqual:
      return " <= ";
    case Op::kMore:
      return " > ";
    case Op::kMoreOrEqual:
      return " >= ";
    default:
      return " = ";
  }
}

}  // namespace

Result<Clause> ParseFilter(std::string_view filter, const std::vector<pb::CustomField>& fields) {
  const auto invalid = [](const Fault& fault) -> Error {
    return errors::FilterInvalid({{"filter", "at " + std::to_string(fault.at + 1) + ": " + fault.what}});
  };
  std::vector<Token> tokens;
  if (const auto fault = Cut(filter, tokens)) return invalid(*fault);
  FilterReader reader(std::move(tokens), fields);
  auto out = reader.Whole();
  if (!out) return invalid(reader.fault());
  return *std::move(out);
}

std::string Canonical(const Clause& condition) {
  if (condition.kind == Sort::kNot) return "NOT " + Canonical(condition.parts.front());
  if (condition.kind != Sort::kTest) {
    std::string out;
    for (const auto& part : condition.parts) {
      if (!out.empty()) out += condition.kind == Sort::kAll ? " AND " : " OR ";
      out += Canonical(part);
    }
    return "(" + out + ")";
  }
  const std::string name = std::string(FieldAsked(condition.trait).name) + condition.key;
  if (condition.op == Op::kPresent) return name + ":*";
  if (FieldAsked(condition.trait).type == Type::kHas) return name + ":" + Quoted(condition.values.front());
  if (condition.op == Op::kBegins) return name + " = " + Quoted(condition.values.front() + "*");
  if (condition.values.size() == 1)
    return name + std::string(SignOf(condition.op)) + Quoted(condition.values.front());
  std::string out;
  for (const auto& value : condition.values)
    out += (out.empty() ? "" : " OR ") + name + " = " + Quoted(value);
  return "(" + out + ")";
}

std::string InWords(const Clause& condition) {
  switch (condition.kind) {
    case Sort::kAll:
      return "all of";
    case Sort::kAny:
      return "any of";
    case Sort::kNot:
      return "not";
    case Sort::kTest:
      break;
  }
  const auto& field = FieldAsked(condition.trait);
  const std::string name = (field.words.empty() ? "own field " : std::string(field.words)) + condition.key;
  if (condition.op == Op::kPresent) return name + ": any";
  std::string values;
  for (const auto& value : condition.values) values += (values.empty() ? "" : ", ") + value;
  switch (condition.op) {
    case Op::kLess:
      return name + " is less than " + values;
    case Op::kLessOrEqual:
      return name + " is at most " + values;
    case Op::kMore:
      return name + " is more than " + values;
    case Op::kMoreOrEqual:
      return name + " is at least " + values;
    case Op::kBegins:
      return name + " begins with " + values;
    default:
      return name + (field.type == Type::kHas ? " have " : " is ") + values;
  }
}

}  // namespace carillon::customer::domain
