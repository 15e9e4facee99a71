#pragma once
#include <functional>
#include <pqxx/pqxx>
#include <string>

#include "base/proto_time.hpp"
#include "customer/api/api.hpp"
#include "customer/domain/customers.hpp"
#include "customer/events/on_do_not_call_requested.hpp"
#include "customer/events/on_interaction_completed.hpp"
#include "customer/events/on_work_order_changed.hpp"
#include "testing/database.hpp"

/// The service without its network side: handlers over a real database and a real Redis.
namespace carillon::customer {

namespace pb = carillon::customer::v1;
using namespace std::chrono_literals;

inline testing::Database& Db() {
  static testing::Database db("customer");
  return db;
}

inline const store::Vault& AVault() {
  static const store::Vault vault = *store::Vault::Make("intl", "k1:0123456789abcdef0123456789abcdef");
  return vault;
}

inline pg::Pool& App() {
  static pg::Pool pool(Db().app_url(), 12, "store-test");
  return pool;
}

inline pg::Pool& Worker() {
  static pg::Pool pool(Db().worker_url(), 4, "store-test");
  return pool;
}

inline Deps& TheDeps() {
  static store::CallerCache callers(testing::ServerSetting("CARILLON_TEST_REDIS_URL"),
                                    {.patience = redis::Millis{2000}}, AVault());
  static Deps deps{App(), AVault(), callers};
  return deps;
}

/// A call of one of our own processes for `tenant`.
inline Call ServiceCall(const std::string& tenant) {
  Call call = testing::CallOf(tenant);
  call.principal.service = true;
  call.principal.user = "services/test";
  return call;
}

/// For the message of a failed check.
inline std::string Told(const Error& error) {
  std::string out = error.reason + ": " + error.message;
  for (const auto& violation : error.violations) out += "; " + violation.field + " " + violation.description;
  return out;
}

/// One value, as superuser.
inline std::string Peek(const std::string& sql) {
  pqxx::connection admin(Db().admin_url());
  const auto rows = pqxx::nontransaction(admin).exec(sql);
  return rows.empty() || rows[0][0].is_null() ? "" : rows[0][0].c_str();
}

/// A mobile number that no other test has.
inline std::string ANumber() {
  static std::atomic<int> next{0};
  const std::string digits = std::to_string(10000000 + next++);
  return "+86139" + digits;
}

/// A good resident identity number that no other test has.
inline std::string AnIdNumber() {
  static std::atomic<int> next{0};
  const int n = next++;
  std::string number =
      "110101" + std::to_string(1950 + n / 10000 % 50) + "0" + std::to_string(1 + n / 1000 % 9) + "11";
  const std::string sequence = std::to_string(n % 1000);
  number += std::string(3 - sequence.size(), '0') + sequence;
  static constexpr int kWeights[17] = {7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2};
  int sum = 0;
  for (std::size_t i = 0; i < 17; ++i) sum += (number[i] - '0') * kWeights[i];
  return number + "10X98765432"[sum % 11];
}

inline pb::Customer APerson(const std::string& name, const std::string& number) {
  pb::Customer draft;
  draft.mutable_person()->set_full_name(name);
  auto& medium = *draft.add_contacts();
  medium.set_type(pb::ContactMedium::MOBILE);
  medium.set_number(number);
  return draft;
}

/// One method, with time of its own.
template <class Out, class In>
Result<Out> Ask(const Call& as, Result<Out> (*method)(Call&, Deps&, const In&),
                const std::function<void(In&)>& fill) {
  Call call = as;
  call.deadline = std::chrono::steady_clock::now() + 10s;
  In in;
  fill(in);
  return method(call, TheDeps(), in);
}

inline Result<pb::Customer> Create(const Call& as, const pb::Customer& draft) {
  Call call = as;
  call.deadline = std::chrono::steady_clock::now() + 10s;
  pb::CreateCustomerRequest request;
  *request.mutable_customer() = draft;
  return api::CreateCustomer(call, TheDeps(), request);
}

inline Result<pb::Customer> Get(const Call& as, const std::string& name) {
  Call call = as;
  call.deadline = std::chrono::steady_clock::now() + 10s;
  pb::GetCustomerRequest request;
  request.set_name(name);
  return api::GetCustomer(call, TheDeps(), request);
}

inline Result<pb::Customer> Update(const Call& as, const pb::Customer& customer,
                                   std::vector<std::string> paths) {
  Call call = as;
  call.deadline = std::chrono::steady_clock::now() + 10s;
  pb::UpdateCustomerRequest request;
  *request.mutable_customer() = customer;
  for (auto& path : paths) request.mutable_update_mask()->add_paths(std::move(path));
  return api::UpdateCustomer(call, TheDeps(), request);
}

inline Result<pb::LookUpCallerResponse> LookUp(const Call& as, const std::string& number,
                                               Deps& deps = TheDeps()) {
  Call call = as;
  call.deadline = std::chrono::steady_clock::now() + 10s;
  pb::LookUpCallerRequest request;
  request.set_phone_number(number);
  return api::LookUpCaller(call, deps, request);
}

inline Result<pb::SearchCustomersResponse> Search(
    const Call& as, const std::function<void(pb::SearchCustomersRequest&)>& ask) {
  Call call = as;
  call.deadline = std::chrono::steady_clock::now() + 10s;
  pb::SearchCustomersRequest request;
  ask(request);
  return api::SearchCustomers(call, TheDeps(), request);
}

inline carillon::routing::v1::InteractionCompleted Completed(const std::string& customer,
                                                             const std::string& agent) {
  carillon::routing::v1::InteractionCompleted event;
  auto& interaction = *event.mutable_interaction();
  interaction.set_name("interactions/" + testing::SomeId());
  interaction.set_customer(customer);
  interaction.set_agent(agent);
  interaction.set_direction(carillon::routing::v1::Interaction::INBOUND);
  interaction.set_channel(carillon::type::v1::VOICE);
  interaction.set_reason("balance");
  interaction.set_disposition("answered");
  return event;
}

}  // namespace carillon::customer
