#include "customer/domain/identifiers.hpp"

#include <algorithm>
#include <array>
#include <chrono>

namespace carillon::customer::domain {
namespace {

constexpr std::array<int, 17> kResidentWeights{7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2};
constexpr std::string_view kResidentChecks = "10X98765432";
// GB 32100 leaves out I, O, S, V and Z.
constexpr std::string_view kUsccLetters = "0123456789ABCDEFGHJKLMNPQRTUWXY";
constexpr std::array<int, 17> kUsccWeights{1, 3, 9, 27, 19, 26, 16, 17, 20, 29, 25, 13, 8, 24, 10, 30, 28};

bool AllDigits(std::string_view text) {
  return !text.empty() && std::all_of(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; });
}

char ResidentCheck(std::string_view digits17) {
  int sum = 0;
  for (std::size_t i = 0; i < 17; ++i) sum += (digits17[i] - '0') * kResidentWeights[i];
  return kResidentChecks[static_cast<std::size_t>(sum % 11)];
}

int DigitsToInt(std::string_view digits) {
  int out = 0;
  for (const char c : digits) out = out * 10 + (c - '0');
  return out;
}

}  // namespace

std::string NormalizedNumber(pb::Identifier::Type type, std::string_view typed) {
  std::string out;
  for (const char c : typed) {
    if (c == ' ' || c == '-') continue;
    out += c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
  }
  // Numbers given out before 1999 have 15 digits: no century, no check digit. Nobody born in 2000 has one.
  if (type == pb::Identifier::RESIDENT_ID && out.size() == 15 && AllDigits(out)) {
    out.insert(6, "19");
    out += ResidentCheck(out);
  }
  return out;
}

std::optional<ResidentFacts> ReadResidentId(std::string_view number) {
  if (number.size() != 18 || !AllDigits(number.substr(0, 17))) return std::nullopt;
  if (number[17] != ResidentCheck(number) || number[0] == '0') return std::nullopt;
  ResidentFacts facts;
  facts.year = DigitsToInt(number.substr(6, 4));
  facts.month = DigitsToInt(number.substr(10, 2));
  facts.day = DigitsToInt(number.substr(12, 2));
  const std::chrono::year_month_day born{std::chrono::year{facts.year},
                                         std::chrono::month{static_cast<unsigned>(facts.month)},
                                         std::chrono::day{static_cast<unsigned>(facts.day)}};
  if (!born.ok() || facts.year < 1850) return std::nullopt;
  facts.gender = (number[16] - '0') % 2 == 1 ? pb::Person::MALE : pb::Person::FEMALE;
  return facts;
}

bool IsUscc(std::string_view code) {
  if (code.size() != 18) return false;
  int sum = 0;
  for (std::size_t i = 0; i < 17; ++i) {
    const auto value = kUsccLetters.find(code[i]);
    if (value == std::string_view::npos) return false;
    sum += static_cast<int>(value) * kUsccWeights[i];
  }
  // Characters 3 to 8 are the registration authority's region: digits.
  return AllDigits(code.substr(2, 6)) &&
         code[17] == kUsccLetters[static_cast<std::size_t>((31 - sum % 31) % 31)];
}

std::string NumberProblem(pb::Identifier::Type type, std::string_view number) {
  if (type == pb::Identifier::RESIDENT_ID) {
    return ReadResidentId(number) ? ""
                                  : "is no resident identity number (length, day of birth or check digit)";
  }
  if (type == pb::Identifier::USCC)
    return IsUscc(number) ? "" : "is no unified social credit code (check character)";
  if (number.size() < 4 || number.size() > 32) return "has not 4 to 32 characters";
  // A mask that a client sends back is not a number.
  if (number.find('*') != std::string_view::npos) return "is masked";
  return "";
}

}  // namespace carillon::customer::domain
