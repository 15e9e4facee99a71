#include <algorithm>

#include "carillon/customer/v1/customer_service.pb.h"
#include "ivr/clients/answers.hpp"

namespace carillon::ivr::clients {
namespace {

namespace customer = carillon::customer::v1;

std::chrono::milliseconds CustomerTimeout(const Deps& deps) {
  return std::chrono::milliseconds{deps.settings.customer_timeout_ms};
}

std::int64_t MinorUnits(const google::type::Money& money) {
  return money.units() * 100 + money.nanos() / 10'000'000;
}

std::string DigitsOf(std::string_view text) {
  std::string digits;
  for (const char c : text) {
    if (c >= '0' && c <= '9') digits += c;
  }
  return digits;
}

/// The last eight digits tell lines apart however the country and area are written.
bool SameLine(std::string_view one, std::string_view other) {
  const std::string a = DigitsOf(one);
  const std::string b = DigitsOf(other);
  if (a.size() < 7 || b.size() < 7) return false;
  const auto tail = std::min<std::size_t>({8, a.size(), b.size()});
  return a.substr(a.size() - tail) == b.substr(b.size() - tail);
}

}  // namespace

Result<Answer> LookUpCaller(const Call& call, Deps& deps, const Ask& ask, const Course& course) {
  customer::LookUpCallerRequest request;
  request.set_phone_number(ask.phone_number);
  request.set_client(course.session.client());
  TRY(const auto reply, deps.customer.Ask<customer::LookUpCallerResponse>(
                            call, "carillon.customer.v1.CustomerService/LookUpCaller", request,
                            TimeFor(call, CustomerTimeout(deps))));
  CallerFound found;
  if (reply.result() == customer::LookUpCallerResponse::MANY) found.result = CallerFound::Result::kMany;
  if (reply.result() != customer::LookUpCallerResponse::ONE || reply.cards().empty()) return Answer(found);
  const auto& card = reply.cards(0);
  found.result = CallerFound::Result::kOne;
  found.customer = card.name();
  found.grade = customer::Customer::Grade_Name(card.grade());
  found.language = card.preferred_language();
  found.region = card.home_region();
  found.brand = card.brand();
  found.last_agent = card.last_agent();
  found.masked_name = card.masked_display_name();
  found.salutation = card.salutation();
  found.elderly = card.elderly();
  found.own_line = card.own_line();
  found.vip = card.vip();
  found.has_password = card.has_service_password();
  return Answer(found);
}

Result<Answer> VerifyPassword(const Call& call, Deps& deps, const Ask& ask) {
  if (ask.digits.empty()) return InvalidArgument("SECRET_GONE", "the secret was keyed in another step");
  customer::VerifyServicePasswordRequest request;
  request.set_name(ask.customer);
  request.set_password(ask.digits);
  TRY(const auto reply, deps.customer.Ask<customer::VerifyServicePasswordResponse>(
                            call, "carillon.customer.v1.CustomerService/VerifyServicePassword", request,
                            TimeFor(call, std::chrono::milliseconds{deps.settings.password_timeout_ms})));
  return Answer(PasswordChecked{reply.verified(), reply.remaining_tries()});
}

Result<Answer> GetBalance(const Call& call, Deps& deps, const Ask& ask, const Course& course) {
  customer::GetCustomerRequest request;
  request.set_name(ask.customer);
  TRY(const auto reply,
      deps.customer.Ask<customer::Customer>(call, "carillon.customer.v1.CustomerService/GetCustomer", request,
                                            TimeFor(call, CustomerTimeout(deps))));
  const std::string line = ask.account.empty() ? course.session.calling_number() : ask.account;
  const customer::Account* chosen = nullptr;
  for (const auto& account : reply.accounts()) {
    if (account.state() == customer::Account::CLOSED || !account.has_balance()) continue;
    if (chosen == nullptr || (!SameLine(chosen->number(), line) && SameLine(account.number(), line)))
      chosen = &account;
  }
  BalanceFound found;
  if (chosen == nullptr) return Answer(found);
  found.found = true;
  found.minor_units = MinorUnits(chosen->balance());
  found.arrears_minor = MinorUnits(chosen->arrears());
  found.points = chosen->points();
  found.currency = chosen->balance().currency_code();
  return Answer(found);
}

}  // namespace carillon::ivr::clients
