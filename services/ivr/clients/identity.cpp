#include "ivr/store/identity.hpp"

#include <algorithm>
#include <string>
#include <vector>

#include "carillon/customer/v1/customer_service.pb.h"
#include "crypto/bytes.hpp"
#include "crypto/password.hpp"
#include "ivr/clients/answers.hpp"
#include "ivr/clients/program.hpp"

namespace carillon::ivr::clients {
namespace {

namespace customer = carillon::customer::v1;

constexpr int kMaxTries = 3;
constexpr int kMaxCodes = 5;
constexpr std::size_t kCodeDigits = 6;
// A carrier that is busy is asked again when there is so much time.
constexpr std::chrono::milliseconds kOnceMore{300};

Error IdentityLocked() {
  return FailedPrecondition("IDENTITY_LOCKED", "too many wrong ones; the way is closed for 24 hours");
}

Result<customer::Customer> RecordOf(const Call& call, Deps& deps, const Ask& ask) {
  customer::GetCustomerRequest request;
  request.set_name(ask.customer);
  return deps.customer.Ask<customer::Customer>(
      call, "carillon.customer.v1.CustomerService/GetCustomer", request,
      TimeFor(call, std::chrono::milliseconds{deps.settings.customer_timeout_ms}));
}

/// The number of this try, 0 for one too many, in a transaction of its own: what was tried stays tried,
/// whatever becomes of the turn.
Result<int> CountedTry(const Call& call, Deps& deps, const Ask& ask, const char* method, int most) {
  return deps.db.Write(WithoutReplay(call), [&](pg::Tx& tx) -> Result<int> {
    return store::TakeTry(tx, ask.customer, method, most);
  });
}

/// What a caller keys of a document: its last six characters, X as a star. Empty where there is none to be
/// keyed.
std::vector<std::string> KeyedEnds(const customer::Customer& record) {
  std::vector<std::string> ends;
  for (const auto& document : record.identifiers()) {
    if (document.type() == customer::Identifier::USCC || document.number().size() <= kCodeDigits) continue;
    std::string end = document.number().substr(document.number().size() - kCodeDigits);
    if (end.back() == 'X') end.back() = '*';
    if (end.find_first_not_of("0123456789*") == std::string::npos) ends.push_back(end);
  }
  return ends;
}

std::string MobileOf(const customer::Customer& record) {
  std::string number;
  for (const auto& contact : record.contacts()) {
    if (contact.type() != customer::ContactMedium::MOBILE || contact.number().empty()) continue;
    if (number.empty() || contact.primary()) number = contact.number();
  }
  return number;
}

/// Every code is as likely as any other.
std::string NewCode() {
  std::string code;
  while (code.size() < kCodeDigits) {
    for (const char byte : crypto::RandomBytes(2 * kCodeDigits)) {
      const auto value = static_cast<unsigned char>(byte);
      if (value < 250 && code.size() < kCodeDigits) code += static_cast<char>('0' + value % 10);
    }
  }
  return code;
}

}  // namespace

Result<Answer> SendCode(const Call& call, Deps& deps, const Ask& ask) {
  TRY(const auto record, RecordOf(call, deps, ask));
  const std::string number = MobileOf(record);
  if (number.empty()) return NotFound("NUMBER_UNKNOWN", "the record has no mobile phone");
  TRY(const auto taken, CountedTry(call, deps, ask, "CODE_SENT", kMaxCodes));
  if (taken == 0) return FailedPrecondition("TOO_MANY", "too many codes were sent to this customer today");
  const std::string code = NewCode();
  std::string text = ask.text;
  text.replace(text.find("{code}"), 6, code);
  const auto send = [&] {
    return Run(deps.settings.sms_command, {{"number", number}, {"id", ask.id}}, text,
               TimeFor(call, std::chrono::milliseconds{deps.settings.code_timeout_ms}), 4096);
  };
  auto sent = send();
  if (!sent && IsTransient(sent.error()) && TimeFor(call, kOnceMore) == kOnceMore) sent = send();
  if (!sent) {
    // The carrier's words may hold the code.
    Error error = sent.error();
    error.message = "the carrier did not take the code";
    error.metadata.clear();
    return error;
  }
  return Answer(CodeSent{crypto::HashPassword(code), number});
}

Result<Answer> VerifyIdentity(const Call& call, Deps& deps, const Ask& ask) {
  if (ask.digits.empty()) return InvalidArgument("SECRET_GONE", "the secret was keyed in another step");
  const char* const method = ask.hash.empty() ? "ID_LAST6" : "SMS_OTP";
  std::vector<std::string> ends;
  if (ask.hash.empty()) {
    TRY(const auto record, RecordOf(call, deps, ask));
    ends = KeyedEnds(record);
    if (ends.empty()) return FailedPrecondition("IDENTITY_UNSET", "the record has no document to be keyed");
  }
  TRY(const auto tried, CountedTry(call, deps, ask, method, kMaxTries));
  if (tried == 0) return IdentityLocked();
  const bool verified =
      ask.hash.empty()
          ? std::count_if(ends.begin(), ends.end(),
                          [&](const std::string& end) { return crypto::SecretEqual(end, ask.digits); }) > 0
          : crypto::VerifyPassword(ask.hash, ask.digits);
  if (verified) {
    TRY_VOID(deps.db.Write(WithoutReplay(call), [&](pg::Tx& tx) -> Result<void> {
      store::ForgetTries(tx, ask.customer, method);
      return Ok();
    }));
  }
  return Answer(PasswordChecked{verified, kMaxTries - tried});
}

}  // namespace carillon::ivr::clients
