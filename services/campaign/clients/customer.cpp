#include "campaign/clients/customer.hpp"

#include <algorithm>

#include "base/proto_time.hpp"
#include "campaign/domain/errors.hpp"
#include "carillon/customer/v1/customer_service.pb.h"
#include "text/phone.hpp"

namespace carillon::campaign::clients {
namespace {

namespace customer = carillon::customer::v1;

constexpr int kPageSize = 200;

int Rank(const customer::ContactMedium& medium) {
  switch (medium.type()) {
    case customer::ContactMedium::MOBILE:
      return medium.primary() ? 0 : 1;
    case customer::ContactMedium::HOME_PHONE:
      return 2;
    case customer::ContactMedium::WORK_PHONE:
      return 3;
    default:
      return 9;
  }
}

/// The primary mobile, another mobile, the home, the office.
std::string NumberOf(const customer::Customer& record) {
  int best = 9;
  std::string number;
  for (const auto& medium : record.contacts()) {
    if (Rank(medium) >= best) continue;
    if (auto e164 = text::ToE164(medium.number())) {
      best = Rank(medium);
      number = *std::move(e164);
    }
  }
  return number;
}

Customer CustomerOf(const customer::Customer& record, TimePoint now) {
  Customer found;
  found.name = record.name();
  found.client = record.client();
  found.number = NumberOf(record);
  found.grade = customer::Customer::Grade_Name(record.grade());
  found.language = record.preferred_language();
  found.person.gone = IsGone(record.state());
  found.person.has_number = !found.number.empty();
  found.person.do_not_contact = record.do_not_contact();
  found.person.consents = VoiceConsents(record.consents());
  for (const auto& alert : record.alerts()) {
    if (alert.has_expire_time() && FromProto(alert.expire_time()) <= now) continue;
    found.person.alerts.insert(alert.code());
    found.person.blocked |= alert.severity() == customer::Alert::BLOCK;
  }
  return found;
}

/// Whether the caller serves the enterprise the customer belongs to.
bool MaySee(const Principal& who, const Customer& customer) {
  if (who.service || customer.client.empty()) return true;
  return std::find(who.clients.begin(), who.clients.end(), customer.client.substr(8)) != who.clients.end();
}

/// Full years on that day; nothing when the day of birth is not known. An unknown month counts as the whole
/// year.
std::optional<int> AgeOf(const customer::Customer& record, std::chrono::year_month_day today) {
  const auto& born = record.person().birth_date();
  if (!record.has_person() || born.year() == 0) return std::nullopt;
  const int years = static_cast<int>(today.year()) - born.year();
  const auto month = static_cast<unsigned>(born.month());
  const auto day = static_cast<unsigned>(born.day());
  if (month == 0) return years;
  const bool yet_to_come = std::pair(static_cast<unsigned>(today.month()),
                                     static_cast<unsigned>(today.day())) < std::pair(month, day);
  return yet_to_come ? years - 1 : years;
}

bool IsOfAge(const customer::Customer& record, const pb::Campaign::TargetingCriteria& criteria,
             std::chrono::year_month_day today) {
  if (criteria.min_age() == 0 && criteria.max_age() == 0) return true;
  const auto age = AgeOf(record, today);
  return age && *age >= criteria.min_age() && (criteria.max_age() == 0 || *age <= criteria.max_age());
}

customer::ListCustomersRequest RequestOf(const pb::Campaign& campaign, std::chrono::year_month_day today) {
  const auto& criteria = campaign.criteria();
  customer::ListCustomersRequest request;
  request.set_page_size(kPageSize);
  request.set_client(campaign.client());
  for (const auto& name : criteria.grades()) {
    customer::Customer::Grade grade{};
    if (customer::Customer::Grade_Parse(name, &grade)) request.add_grades(grade);
  }
  *request.mutable_holds() = criteria.holds();
  *request.mutable_lacks() = criteria.lacks();
  *request.mutable_segments() = criteria.segments();
  request.set_region_prefix(criteria.region_prefix());
  const int year = static_cast<int>(today.year());
  if (criteria.max_age() > 0) request.set_min_birth_year(year - criteria.max_age() - 1);
  if (criteria.min_age() > 0) request.set_max_birth_year(year - criteria.min_age());
  return request;
}

}  // namespace

Result<Customer> GetCustomer(const Call& call, rpc::Peer& peer, const std::string& name,
                             std::chrono::milliseconds timeout) {
  customer::GetCustomerRequest request;
  request.set_name(name);
  const auto record = peer.Ask<customer::Customer>(call, "carillon.customer.v1.CustomerService/GetCustomer",
                                                   request, timeout);
  if (record) return CustomerOf(*record, call.now);
  if (record.error().code != Code::kNotFound) return record.error();
  Customer gone;
  gone.name = name;
  gone.person.gone = true;
  return gone;
}

Result<Customer> FindCustomer(const Call& call, rpc::Peer& peer, const std::string& name,
                              std::chrono::milliseconds timeout) {
  TRY(auto customer, GetCustomer(call, peer, name, timeout));
  // A customer the master does not know has no grade either; one that is closed has.
  if ((customer.person.gone && customer.grade.empty()) || !MaySee(call.principal, customer))
    return errors::UnknownCustomer(name);
  return customer;
}

Result<CustomerPage> ListCustomers(const Call& call, rpc::Peer& peer, const pb::Campaign& campaign,
                                   std::chrono::year_month_day today, const std::string& page_token,
                                   std::chrono::milliseconds timeout) {
  auto request = RequestOf(campaign, today);
  request.set_page_token(page_token);
  TRY(const auto reply, peer.Ask<customer::ListCustomersResponse>(
                            call, "carillon.customer.v1.CustomerService/ListCustomers", request, timeout));
  CustomerPage page;
  page.next_page_token = reply.next_page_token();
  for (const auto& record : reply.customers())
    if (IsOfAge(record, campaign.criteria(), today)) page.customers.push_back(CustomerOf(record, call.now));
  return page;
}

bool IsGrade(const std::string& name) {
  customer::Customer::Grade grade{};
  return customer::Customer::Grade_Parse(name, &grade) && grade != customer::Customer::GRADE_UNSPECIFIED;
}

int PriorityOf(const std::string& grade) {
  if (grade == "DIAMOND") return 1;
  if (grade == "GOLD") return 2;
  return grade == "SILVER" ? 4 : 5;
}

std::vector<domain::Consent> VoiceConsents(
    const google::protobuf::RepeatedPtrField<customer::Consent>& consents) {
  std::vector<domain::Consent> found;
  for (const auto& consent : consents) {
    if (consent.channel() != carillon::type::v1::CHANNEL_UNSPECIFIED &&
        consent.channel() != carillon::type::v1::VOICE)
      continue;
    domain::Consent one;
    switch (consent.purpose()) {
      case customer::Consent::PURPOSE_UNSPECIFIED:
        one.purpose = domain::Consent::Purpose::kEvery;
        break;
      case customer::Consent::SERVICE:
        one.purpose = domain::Consent::Purpose::kService;
        break;
      case customer::Consent::MARKETING:
        one.purpose = domain::Consent::Purpose::kMarketing;
        break;
      case customer::Consent::RESEARCH:
        one.purpose = domain::Consent::Purpose::kResearch;
        break;
      default:
        continue;
    }
    one.given = consent.decision() == customer::Consent::GIVEN;
    one.at = FromProto(consent.decide_time());
    one.evidence = consent.evidence();
    found.push_back(std::move(one));
  }
  return found;
}

bool IsGone(customer::Customer::State state) {
  return state == customer::Customer::CLOSED || state == customer::Customer::MERGED ||
         state == customer::Customer::ERASED;
}

}  // namespace carillon::campaign::clients
