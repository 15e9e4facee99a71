#include <algorithm>

#include "campaign/api/methods.hpp"
#include "campaign/clients/customer.hpp"
#include "campaign/domain/errors.hpp"
#include "campaign/domain/gate.hpp"
#include "campaign/domain/hours.hpp"
#include "campaign/store/policy.hpp"

namespace carillon::campaign::api {
namespace {

/// Whether the caller serves the enterprise the customer belongs to.
bool MaySee(const Principal& who, const clients::Customer& customer) {
  if (who.service || customer.client.empty()) return true;
  return std::find(who.clients.begin(), who.clients.end(), customer.client.substr(8)) != who.clients.end();
}

}  // namespace

Result<pb::GateResult> CheckContact(Call& call, Deps& deps, const pb::CheckContactRequest& in) {
  TRY(const auto customer, clients::GetCustomer(call, deps.customer, in.customer(), deps.customer_timeout()));
  // A customer the master does not know has no client either; one that is closed has.
  if ((customer.person.gone && customer.grade.empty()) || !MaySee(call.principal, customer))
    return errors::UnknownCustomer(in.customer());
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
