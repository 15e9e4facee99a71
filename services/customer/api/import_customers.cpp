#include <map>
#include <set>

#include "customer/api/api.hpp"
#include "customer/api/steps.hpp"
#include "customer/domain/privacy.hpp"

namespace carillon::customer::api {
namespace {

void Reject(pb::ImportResult& result, const Error& error) {
  result.set_outcome(pb::ImportResult::REJECTED);
  result.set_reason(error.reason);
  for (const auto& violation : error.violations)
    result.add_violations(violation.field + ": " + violation.description);
}

Result<pb::Customer> RowCustomer(const Call& call, const pb::ImportCustomersRequest& in, pb::Customer row) {
  NormalizeNumbers(row);
  TRY(const std::string client,
      domain::ClientFor(call.principal, row.client().empty() ? in.client() : row.client()));
  return domain::Created(std::move(row), NewId(call.now), client, call.principal, call.now);
}

/// What makes two rows the same customer.
std::vector<std::string> KeysOf(const pb::Customer& customer) {
  std::vector<std::string> keys;
  for (const auto& identifier : customer.identifiers()) {
    keys.push_back(customer.client() + " i " + std::to_string(identifier.type()) + " " + identifier.number());
  }
  if (customer.has_source()) {
    keys.push_back(customer.client() + " s " + customer.source().system() + " " + customer.source().key());
  }
  return keys;
}

}  // namespace

Result<pb::ImportCustomersResponse> ImportCustomers(Call& call, Deps& deps,
                                                    const pb::ImportCustomersRequest& in) {
  if (in.client().empty() && !call.principal.service && call.principal.clients.size() > 1) {
    for (const auto& row : in.customers()) {
      if (row.client().empty()) return errors::ClientRequired();
    }
  }
  pb::ImportCustomersResponse drafted;
  std::vector<pb::Customer> customers;
  std::vector<int> row_of;
  std::set<std::string> seen;
  for (int i = 0; i < in.customers_size(); ++i) {
    auto& result = *drafted.add_results();
    auto customer = RowCustomer(call, in, in.customers(i));
    if (!customer) {
      Reject(result, customer.error());
      continue;
    }
    bool repeated = false;
    for (const auto& key : KeysOf(*customer)) repeated = !seen.insert(key).second || repeated;
    if (repeated) {
      Reject(result, InvalidArgument("ROW_REPEATED", "an earlier row is the same customer"));
      continue;
    }
    customers.push_back(*std::move(customer));
    row_of.push_back(i);
  }

  std::vector<store::Draft> drafts;
  for (const auto& customer : customers) {
    drafts.push_back(customer.custom_fields().fields_size() > 0 ? store::Draft()
                                                                : store::DraftOf(deps.vault, customer, {}));
  }
  const auto once = [&](pg::Tx& tx) -> Result<pb::ImportCustomersResponse> {
    store::LockImports(tx);
    pb::ImportCustomersResponse out = drafted;
    const auto owners = store::Owners(tx, deps.vault, customers);
    const auto fields = store::CustomFields(tx);
    std::vector<pb::Customer> fresh;
    std::vector<store::Draft> fresh_drafts;
    std::vector<std::string> numbers;
    for (std::size_t n = 0; n < customers.size(); ++n) {
      auto& result = *out.mutable_results(row_of[n]);
      if (!owners[n].empty()) {
        result.set_outcome(pb::ImportResult::EXISTING);
        result.set_name("customers/" + owners[n]);
        continue;
      }
      if (const auto fit = domain::RequireCustomFields({}, customers[n].custom_fields(), fields); !fit) {
        Reject(result, fit.error());
        continue;
      }
      result.set_outcome(pb::ImportResult::CREATED);
      result.set_name(customers[n].name());
      fresh.push_back(customers[n]);
      fresh_drafts.push_back(drafts[n].document.empty() ? store::DraftOf(deps.vault, customers[n], fields)
                                                        : drafts[n]);
      for (auto& number : domain::CallableNumbers(customers[n])) numbers.push_back(std::move(number));
    }
    store::Insert(tx, fresh, std::move(fresh_drafts));
    for (const auto& customer : fresh) AnnounceCreated(tx, customer, customer.source().system());
    for (const auto& result : out.results()) {
      if (result.outcome() == pb::ImportResult::CREATED) out.set_created_count(out.created_count() + 1);
      if (result.outcome() == pb::ImportResult::EXISTING) out.set_existing_count(out.existing_count() + 1);
      if (result.outcome() == pb::ImportResult::REJECTED) out.set_rejected_count(out.rejected_count() + 1);
    }
    TRY_VOID(deps.callers.Changing(tx, numbers));
    return out;
  };
  // A CreateCustomer may get in between: then its customer is there the next time.
  for (int left = 3;; --left) {
    auto outcome = deps.db.Write(call, once);
    if (outcome || outcome.error().reason != "DUPLICATE" || left == 0) return outcome;
  }
}

}  // namespace carillon::customer::api
