#pragma once
#include "base/call.hpp"
#include "base/result.hpp"
#include "carillon/customer/v1/customer_service.pb.h"
#include "customer/deps.hpp"

/// The methods of CustomerService, one file each; what they promise is said in the .proto.
namespace carillon::customer::api {

namespace pb = carillon::customer::v1;

Result<pb::Customer> CreateCustomer(Call& call, Deps& deps, const pb::CreateCustomerRequest& in);
Result<pb::Customer> GetCustomer(Call& call, Deps& deps, const pb::GetCustomerRequest& in);
Result<pb::Customer> UpdateCustomer(Call& call, Deps& deps, const pb::UpdateCustomerRequest& in);
Result<pb::Customer> DeleteCustomer(Call& call, Deps& deps, const pb::DeleteCustomerRequest& in);
Result<pb::Customer> SuspendCustomer(Call& call, Deps& deps, const pb::SuspendCustomerRequest& in);
Result<pb::Customer> ResumeCustomer(Call& call, Deps& deps, const pb::ResumeCustomerRequest& in);
Result<pb::ListCustomersResponse> ListCustomers(Call& call, Deps& deps, const pb::ListCustomersRequest& in);
Result<pb::SearchCustomersResponse> SearchCustomers(Call& call, Deps& deps,
                                                    const pb::SearchCustomersRequest& in);
Result<pb::LookUpCallerResponse> LookUpCaller(Call& call, Deps& deps, const pb::LookUpCallerRequest& in);
Result<pb::SetServicePasswordResponse> SetServicePassword(Call& call, Deps& deps,
                                                          const pb::SetServicePasswordRequest& in);
Result<pb::VerifyServicePasswordResponse> VerifyServicePassword(Call& call, Deps& deps,
                                                                const pb::VerifyServicePasswordRequest& in);
Result<pb::ImportCustomersResponse> ImportCustomers(Call& call, Deps& deps,
                                                    const pb::ImportCustomersRequest& in);
Result<pb::LastContact> GetLastContact(Call& call, Deps& deps, const pb::GetLastContactRequest& in);
Result<pb::ListLastContactsResponse> ListLastContacts(Call& call, Deps& deps,
                                                      const pb::ListLastContactsRequest& in);
Result<pb::Customer> RaiseAlert(Call& call, Deps& deps, const pb::RaiseAlertRequest& in);
Result<pb::Customer> ClearAlert(Call& call, Deps& deps, const pb::ClearAlertRequest& in);

}  // namespace carillon::customer::api
