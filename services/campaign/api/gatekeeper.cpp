#include "campaign/api/gatekeeper.hpp"

#include <latch>
#include <optional>
#include <set>

#include "campaign/domain/attempt.hpp"
#include "campaign/domain/hours.hpp"
#include "campaign/store/attempts.hpp"
#include "campaign/store/policy.hpp"

namespace carillon::campaign::api {
namespace {

/// When the callee's day began.
TimePoint DayOf(const calendar::TimeZone& zone, TimePoint at) {
  return zone.ToUtc(zone.ToLocal(at).date, std::chrono::microseconds{0});
}

}  // namespace

Result<std::map<std::string, clients::Customer>> AskCustomers(const Call& call, Deps& deps,
                                                              const std::vector<std::string>& names) {
  const std::set<std::string> each(names.begin(), names.end());
  std::vector<std::optional<Result<clients::Customer>>> answers(each.size());
  std::latch all(static_cast<std::ptrdiff_t>(each.size()));
  std::size_t i = 0;
  for (const auto& name : each) {
    const auto ask = [&, i, name] {
      answers[i] = clients::GetCustomer(call, deps.customer, name, deps.customer_timeout());
      all.count_down();
    };
    if (each.size() == 1 || !deps.askers.Submit(ask)) ask();
    ++i;
  }
  all.wait();
  std::map<std::string, clients::Customer> customers;
  for (auto& answer : answers) {
    TRY(auto customer, *std::move(answer));
    customers.emplace(customer.name, std::move(customer));
  }
  return customers;
}

std::vector<pb::GateResult> AskGate(pg::Tx& tx, const Deps& deps, const pb::Campaign& campaign,
                                    const std::vector<pb::AttemptRecord>& records,
                                    const std::map<std::string, clients::Customer>& customers) {
  std::vector<store::Subject> subjects;
  std::vector<std::string> attempts;
  std::vector<std::string> targets;
  for (const auto& record : records) {
    const auto& customer = customers.at(record.attempt().customer());
    subjects.push_back({customer.name, customer.number.empty() ? std::vector<std::string>()
                                                               : deps.vault.NumberHashes(customer.number)});
    attempts.push_back(record.attempt().name());
    targets.push_back(record.attempt().target_record());
  }
  store::LockCustomers(tx, subjects);
  const auto ledger = store::ReadLedger(tx, subjects, campaign.contact_class(), attempts, targets);
  const auto zone = domain::ZoneOf(campaign, deps.zone);
  const auto windows = domain::CallingHours(zone, campaign.windows());
  const auto legal = domain::LegalHours(zone);
  domain::Question question;
  question.contact_class = campaign.contact_class();
  question.rules = domain::RulesInForce(campaign.contact_class(), store::Rules(tx));
  question.max_per_day = domain::MaxPerDay(campaign.retry());
  question.now = tx.now();
  std::vector<pb::GateResult> answers;
  for (const auto& record : records) {
    const auto& name = record.attempt().customer();
    question.callback = record.attempt().has_callback_time();
    question.running = domain::Dials(campaign.state(), question.callback);
    question.person = customers.at(name).person;
    question.on_list = ledger.on_list.contains(name);
    const auto contacts = ledger.contacts.find(name);
    question.contacts = contacts == ledger.contacts.end() ? std::vector<TimePoint>() : contacts->second;
    question.in_progress = ledger.in_progress.contains(name);
    question.attempts_today =
        store::CountAttempts(tx, record.attempt().target_record(), DayOf(zone, tx.now()));
    question.hours = question.callback ? &legal : &windows;
    answers.push_back(domain::Ask(question));
  }
  return answers;
}

}  // namespace carillon::campaign::api
