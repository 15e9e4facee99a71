#include "customer/domain/rows.hpp"

#include <google/protobuf/util/time_util.h>

#include <algorithm>
#include <functional>
#include <map>
#include <set>

#include "customer/domain/errors.hpp"

namespace carillon::customer::domain {
namespace {

/// Puts a cell's text; false when it does not read.
using Reader = std::function<bool(pb::Customer&, const std::string&)>;

bool ReadDay(const std::string& text, google::type::Date& date) {
  std::string digits;
  for (const char c : text) {
    if (c >= '0' && c <= '9') {
      digits += c;
    } else if (c != '-' && c != '/' && c != '.') {
      return false;
    }
  }
  if (digits.size() != 8 && digits.size() != 4) return false;
  date.set_year(std::stoi(digits.substr(0, 4)));
  if (digits.size() == 8) {
    date.set_month(std::stoi(digits.substr(4, 2)));
    date.set_day(std::stoi(digits.substr(6, 2)));
  }
  return true;
}

Reader Document(pb::Identifier::Type type) {
  return [type](pb::Customer& to, const std::string& text) {
    auto& identifier = *to.add_identifiers();
    identifier.set_type(type);
    identifier.set_number(text);
    return true;
  };
}

Reader Medium(pb::ContactMedium::Type type) {
  return [type](pb::Customer& to, const std::string& text) {
    auto& medium = *to.add_contacts();
    medium.set_type(type);
    (type == pb::ContactMedium::EMAIL ? *medium.mutable_address() : *medium.mutable_number()) = text;
    return true;
  };
}

Reader Column(std::string* (pb::Customer::*field)()) {
  return [field](pb::Customer& to, const std::string& text) {
    *(to.*field)() = text;
    return true;
  };
}

carillon::type::v1::Address& TheAddress(pb::Customer& to) {
  if (to.addresses_size() == 0) to.add_addresses()->set_type(carillon::type::v1::Address::RESIDENCE);
  return *to.mutable_addresses(0);
}

/// "860000", "860000.5", "-12.34": yuan.
bool ReadAmount(const std::string& text, google::type::Money& money) {
  const bool negative = text.starts_with('-');
  const auto dot = text.find('.');
  std::string whole =
      text.substr(negative ? 1 : 0, dot == std::string::npos ? dot : dot - (negative ? 1 : 0));
  std::string part = dot == std::string::npos ? "" : text.substr(dot + 1);
  if (whole.empty() || whole.size() > 15 || part.size() > 9 || (dot != std::string::npos && part.empty()))
    return false;
  for (const char c : whole + part) {
    if (c < '0' || c > '9') return false;
  }
  part.append(9 - part.size(), '0');
  const int sign = negative ? -1 : 1;
  money.set_currency_code("CNY");
  money.set_units(sign * std::stoll(whole));
  money.set_nanos(sign * std::stoi(part));
  return true;
}

pb::Account& TheAccount(pb::Customer& to) {
  return to.accounts_size() == 0 ? *to.add_accounts() : *to.mutable_accounts(0);
}

const std::map<std::string, Reader, std::less<>>& Readers() {
  using Customer = pb::Customer;
  using Text = const std::string&;
  static const std::map<std::string, Reader, std::less<>> readers{
      {"full_name", [](Customer& to, Text text) { return to.mutable_person()->set_full_name(text), true; }},
      {"organisation_name",
       [](Customer& to, Text text) { return to.mutable_organisation()->set_full_name(text), true; }},
      {"resident_id", Document(pb::Identifier::RESIDENT_ID)},
      {"passport", Document(pb::Identifier::PASSPORT)},
      {"uscc", Document(pb::Identifier::USCC)},
      {"mobile", Medium(pb::ContactMedium::MOBILE)},
      {"home_phone", Medium(pb::ContactMedium::HOME_PHONE)},
      {"work_phone", Medium(pb::ContactMedium::WORK_PHONE)},
      {"email", Medium(pb::ContactMedium::EMAIL)},
      {"address", [](Customer& to, Text text) { return TheAddress(to).set_detail(text), true; }},
      {"city", [](Customer& to, Text text) { return TheAddress(to).set_city(text), true; }},
      {"province", [](Customer& to, Text text) { return TheAddress(to).set_province(text), true; }},
      {"account_number", [](Customer& to, Text text) { return TheAccount(to).set_number(text), true; }},
      {"account_type", [](Customer& to, Text text) { return TheAccount(to).set_type(text), true; }},
      {"account_balance",
       [](Customer& to, Text text) { return ReadAmount(text, *TheAccount(to).mutable_balance()); }},
      {"account_arrears",
       [](Customer& to, Text text) { return ReadAmount(text, *TheAccount(to).mutable_arrears()); }},
      {"account_monthly_fee",
       [](Customer& to, Text text) { return ReadAmount(text, *TheAccount(to).mutable_monthly_fee()); }},
      {"account_expiry_date",
       [](Customer& to, Text text) { return ReadDay(text, *TheAccount(to).mutable_expiry_date()); }},
      {"lifetime_value",
       [](Customer& to, Text text) { return ReadAmount(text, *to.mutable_lifetime_value()); }},
      {"birth_date",
       [](Customer& to, Text text) { return ReadDay(text, *to.mutable_person()->mutable_birth_date()); }},
      {"gender",
       [](Customer& to, Text text) {
         const bool female = text == "F" || text == "FEMALE" || text == "女";
         if (!female && text != "M" && text != "MALE" && text != "男") return false;
         to.mutable_person()->set_gender(female ? pb::Person::FEMALE : pb::Person::MALE);
         return true;
       }},
      {"occupation", [](Customer& to, Text text) { return to.mutable_person()->set_occupation(text), true; }},
      {"employer", [](Customer& to, Text text) { return to.mutable_person()->set_employer(text), true; }},
      {"grade",
       [](Customer& to, Text text) {
         pb::Customer::Grade grade = pb::Customer::GRADE_UNSPECIFIED;
         if (!pb::Customer::Grade_Parse(text, &grade)) return false;
         to.set_grade(grade);
         return true;
       }},
      {"home_region", Column(&Customer::mutable_home_region)},
      {"home_branch", Column(&Customer::mutable_home_branch)},
      {"brand", Column(&Customer::mutable_brand)},
  };
  return readers;
}

constexpr std::size_t kLongestCell = 256, kLongestKey = 128, kLongestCode = 64;

/// UTF-8 without control characters, of a length that any attribute may have.
bool IsText(std::string_view cell) {
  for (std::size_t i = 0; i < cell.size();) {
    const auto lead = static_cast<unsigned char>(cell[i]);
    const std::size_t size = lead < 0x80                   ? 1
                             : lead >= 0xC2 && lead < 0xE0 ? 2
                             : lead >= 0xE0 && lead < 0xF0 ? 3
                                                           : 4;
    if ((lead < 0x20 && lead != '\n') || lead == 0x7F || (lead >= 0x80 && lead < 0xC2) || lead > 0xF4)
      return false;
    if (i + size > cell.size()) return false;
    for (std::size_t j = 1; j < size; ++j) {
      if ((static_cast<unsigned char>(cell[i + j]) & 0xC0U) != 0x80U) return false;
    }
    const auto second = size > 1 ? static_cast<unsigned char>(cell[i + 1]) : 0;
    // Longer than need be, half of a pair, beyond the last character.
    if ((lead == 0xE0 && second < 0xA0) || (lead == 0xED && second > 0x9F) ||
        (lead == 0xF0 && second < 0x90) || (lead == 0xF4 && second > 0x8F)) {
      return false;
    }
    i += size;
  }
  return cell.size() <= kLongestCell;
}

/// What the rules of the .proto ask of values that come by no request.
bool Fits(const std::string& column, const std::string& cell) {
  const auto all = [&](auto may) { return std::all_of(cell.begin(), cell.end(), may); };
  if (!IsText(cell)) return false;
  if (column == "key") return cell.size() <= kLongestKey;
  if (column == "home_region") return cell.size() == 6 && all([](char c) { return c >= '0' && c <= '9'; });
  if (column == "account_type") {
    return cell.size() < kLongestCode && cell[0] >= 'A' && cell[0] <= 'Z' &&
           all([](char c) { return (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_'; });
  }
  if (column == "brand" || column == "home_branch") return cell.size() <= kLongestCode;
  return true;
}

}  // namespace

Rows RowsOf(std::string_view piece, bool last, std::size_t most) {
  Rows out;
  std::vector<std::string> row(1);
  bool quoted = false, any = false;
  const auto finish = [&](std::size_t end) {
    if (any || row.size() > 1) {
      out.cells.push_back(std::move(row));
      out.ends.push_back(end);
    } else if (!out.ends.empty()) {
      out.ends.back() = end;  // an empty line
    }
    row.assign(1, "");
    any = false;
  };
  for (std::size_t i = 0; i < piece.size() && out.cells.size() < most; ++i) {
    const char c = piece[i];
    if (quoted) {
      if (c == '"' && i + 1 < piece.size() && piece[i + 1] == '"') {
        row.back() += '"';
        ++i;
      } else if (c == '"') {
        quoted = false;
      } else {
        row.back() += c;
      }
    } else if (c == '"' && row.back().empty()) {
      quoted = any = true;
    } else if (c == ',') {
      row.emplace_back();
    } else if (c == '\n') {
      finish(i + 1);
    } else if (c != '\r') {
      row.back() += c;
      any = true;
    }
  }
  if (last && out.cells.size() < most && (any || row.size() > 1)) finish(piece.size());
  return out;
}

Result<void> RequireColumns(const std::vector<std::string>& columns) {
  std::vector<Violation> bad;
  std::set<std::string> seen;
  for (std::size_t i = 0; i < columns.size(); ++i) {
    const std::string field = "columns[" + std::to_string(i) + "]";
    if (columns[i] == "-") continue;
    if (columns[i] != "key" && columns[i] != "changed_at" && !Readers().contains(columns[i])) {
      bad.push_back({field, "is no attribute"});
    } else if (!seen.insert(columns[i]).second) {
      bad.push_back({field, "is given twice"});
    }
  }
  if (!seen.contains("full_name") && !seen.contains("organisation_name")) {
    bad.push_back({"columns", "have neither full_name nor organisation_name"});
  }
  if (!seen.contains("key")) bad.push_back({"columns", "have no key"});
  if (!bad.empty()) return errors::ColumnsInvalid(std::move(bad));
  return Ok();
}

Result<pb::RawRecord> RecordOfRow(const std::vector<std::string>& columns,
                                  const std::vector<std::string>& cells) {
  const auto malformed = [](std::vector<Violation> bad) {
    return InvalidArgument("ROW_MALFORMED", "the row does not read", std::move(bad));
  };
  if (cells.size() != columns.size()) {
    return malformed({{"row", "has " + std::to_string(cells.size()) + " cells instead of " +
                                  std::to_string(columns.size())}});
  }
  const auto named = [](const auto& names, const auto& values, const std::set<std::string>& among) {
    std::vector<std::string> given;
    for (std::size_t i = 0; i < names.size(); ++i) {
      if (among.contains(names[i]) && !values[i].empty()) given.push_back(names[i]);
    }
    return given;
  };
  pb::RawRecord record;
  std::vector<Violation> bad;
  for (std::size_t i = 0; i < columns.size(); ++i) {
    if (columns[i] == "-" || cells[i].empty()) continue;
    if (!Fits(columns[i], cells[i])) {
      bad.push_back({columns[i], "does not read"});
    } else if (columns[i] == "key") {
      record.set_key(cells[i]);
    } else if (columns[i] == "changed_at") {
      if (!google::protobuf::util::TimeUtil::FromString(cells[i], record.mutable_observe_time())) {
        bad.push_back({columns[i], "is no time"});
      }
    } else if (!Readers().find(columns[i])->second(*record.mutable_values(), cells[i])) {
      bad.push_back({columns[i], "does not read"});
    }
  }
  if (record.key().empty() && bad.empty()) bad.push_back({"key", "is required"});
  if (!named(columns, cells, {"organisation_name"}).empty()) {
    for (auto& column :
         named(columns, cells, {"full_name", "birth_date", "gender", "occupation", "employer"})) {
      bad.push_back({std::move(column), "is a person's, and the row is an organisation's"});
    }
  }
  for (int i = 0; i < record.values().accounts_size(); ++i) {
    if (record.values().accounts(i).type().empty())
      record.mutable_values()->mutable_accounts(i)->set_type("OTHER");
  }
  if (!bad.empty()) return malformed(std::move(bad));
  return record;
}

}  // namespace carillon::customer::domain
