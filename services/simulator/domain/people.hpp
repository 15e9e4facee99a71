#pragma once
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"
#include "simulator/domain/random.hpp"

/// Made-up persons and companies whose numbers pass every check digit. None of them exists.
namespace carillon::simulator {

struct Caller {
  std::string key;  ///< the source record's key: drawn by the seed, says nothing of the person
  std::string name;
  bool company = false;
  bool female = false;
  int birth_year = 0;
  std::string document;  ///< resident identity number, or USCC of a company
  std::string mobile;    ///< E.164
  std::string region;    ///< GB/T 2260
  std::string grade;     ///< STANDARD SILVER GOLD DIAMOND
  std::string occupation;
  std::string marital_status;
  std::string education;
  std::string representative;  ///< of a company
  std::string account;         ///< deposit account number
  long balance_minor = 0;      ///< of the account, fen
  bool has_card = false;       ///< credit card
  bool has_term_deposit = false;
  /// What was said when asked whether offers are welcome.
  enum class Consent { kGiven, kWithdrawn, kNeverAsked } marketing = Consent::kGiven;
  bool do_not_contact = false;
};

/// GB 11643: the check character of the first seventeen digits.
char ResidentIdCheck(std::string_view seventeen);
/// GB 32100: the check character of the first seventeen characters.
char UsccCheck(std::string_view seventeen);
/// GB 11714: the check character of an organisation code's first eight.
char OrganisationCodeCheck(std::string_view eight);

/// `count` callers, one in twenty of them a company; the same for the same seed. No mobile or document
/// repeats.
std::vector<Caller> MakeCallers(std::size_t count, const Random& random);

/// Callers of the UCI Bank Marketing columns (age, job, marital, education, balance …, `;` between); what the
/// file does not have (names, numbers) is made up. Lines that do not fit are left out and counted in
/// `refused`. INVALID_ARGUMENT HEADER_UNKNOWN when the first line lacks age or job.
struct ReadCallers {
  std::vector<Caller> callers;
  int refused = 0;
};
Result<ReadCallers> CallersOfTable(const std::vector<std::string>& lines, const Random& random,
                                   int this_year);

}  // namespace carillon::simulator
