#pragma once
#include <optional>
#include <string>
#include <vector>

#include "base/call.hpp"
#include "campaign/domain/gate.hpp"
#include "carillon/campaign/v1/campaign.pb.h"
#include "carillon/customer/v1/customer.pb.h"
#include "rpc/peer.hpp"

/// The customer master, asked as this service. Never inside a transaction. Numbers are held for the length of
/// a call and kept nowhere.
namespace carillon::campaign::clients {

namespace pb = carillon::campaign::v1;

/// One customer as campaigns need it.
struct Customer {
  std::string name;    ///< customers/{uuid}
  std::string client;  ///< clients/{uuid}, or empty for the tenant's own
  domain::Person person;
  std::string number;  ///< E.164, or empty
  std::string grade;   ///< "GOLD"
  std::string language;
};

/// A customer who is not there is one who is gone. UNAVAILABLE when nobody can say.
Result<Customer> GetCustomer(const Call& call, rpc::Peer& peer, const std::string& name,
                             std::chrono::milliseconds timeout);

/// The same for a customer somebody names: NOT_FOUND CUSTOMER_UNKNOWN for one that never was, and for one of
/// a client the caller does not serve.
Result<Customer> FindCustomer(const Call& call, rpc::Peer& peer, const std::string& name,
                              std::chrono::milliseconds timeout);

/// A page of those who match, oldest first.
struct CustomerPage {
  std::vector<Customer> customers;
  std::string next_page_token;
};
/// What the criteria say of `today`; INVALID_ARGUMENT FILTER_INVALID when nobody can match.
Result<CustomerPage> ListCustomers(const Call& call, rpc::Peer& peer, const pb::Campaign& campaign,
                                   std::chrono::year_month_day today, const std::string& page_token,
                                   std::chrono::milliseconds timeout);

/// True for a grade the customer master knows.
bool IsGrade(const std::string& grade);
/// DIAMOND 1, GOLD 2, SILVER 4, others 5.
int PriorityOf(const std::string& grade);

/// The consents that are about telephone calls.
std::vector<domain::Consent> VoiceConsents(
    const google::protobuf::RepeatedPtrField<carillon::customer::v1::Consent>& consents);
/// Closed, merged, erased.
bool IsGone(carillon::customer::v1::Customer::State state);

}  // namespace carillon::campaign::clients
