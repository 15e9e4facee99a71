#include "campaign/api/methods.hpp"
#include "campaign/clients/customer.hpp"
#include "campaign/domain/gate.hpp"
#include "campaign/domain/hours.hpp"
#include "campaign/store/policy.hpp"

namespace carillon::campaign::api {

Result<pb::GateResult> CheckContact(Call& call, Deps& deps, const pb::CheckContactRequest& in) {
  TRY(const auto customer,
      clients::FindCustomer(call, deps.customer, in.customer(), deps.customer_timeout()));
  return deps.db.Read(call, [&](pg::Tx& tx) -> Result<pb::GateResult> {
    const std::vector<store::Subject> subject{
        {customer.name,
         customer.number.empty() ? std::vector<std::string>() : deps.vault.NumberHashes(customer.number)}};
    const auto ledger = store::ReadLedger(tx, subject, in.contact_class(), {}, {});
    const auto hours = domain::CallingHours(deps.zone, {});
    domain::Question question;
    question.contact_class = in.contact_class();
    question.person = customer.person;
    question.on_list = !ledger.on_list.empty();
    if (!ledger.contacts.empty()) question.contacts = ledger.contacts.begin()->second;
    question.rules = domain::RulesInForce(in.contact_class(), store::Rules(tx));
    question.in_progress = !ledger.in_progress.empty();
    question.hours = &hours;
    question.now = call.now;
    return domain::Ask(question);
  });
}

}  // namespace carillon::campaign::api
