#pragma once
#include "base/call.hpp"
#include "base/proto_time.hpp"
#include "customer/domain/customers.hpp"

/// The people of the brief's scenarios.
namespace carillon::customer {

namespace pb = carillon::customer::v1;
using namespace std::chrono_literals;

inline const TimePoint kNoon =
    std::chrono::sys_days{std::chrono::year{2024} / 5 / 1} + 4h;  // 12:00 in Beijing
inline const std::string kId = "018f3000-0000-7000-8000-000000000001";

inline Principal AnAgent() {
  Principal who;
  who.tenant = "018f2000-0000-7000-8000-00000000000a";
  who.user = "018f2000-0000-7000-8000-0000000000ff";
  who.unit = "/centre/team1/";
  return who;
}

inline pb::Customer LiXiuying() {
  pb::Customer draft;
  draft.mutable_person()->set_full_name("李秀英");
  draft.mutable_person()->set_occupation("教师");
  auto& identifier = *draft.add_identifiers();
  identifier.set_type(pb::Identifier::RESIDENT_ID);
  identifier.set_number("110101198503074524");
  auto& mobile = *draft.add_contacts();
  mobile.set_type(pb::ContactMedium::MOBILE);
  mobile.set_number("+8613800138000");
  return draft;
}

inline pb::Customer Made(pb::Customer draft) {
  auto made = domain::Created(std::move(draft), kId, "", AnAgent(), kNoon);
  CARILLON_CHECK(made.has_value());
  return *made;
}

inline pb::Account AnAccount(const char* number, const char* type, pb::Account::State state) {
  pb::Account account;
  account.set_number(number);
  account.set_type(type);
  account.set_state(state);
  return account;
}

}  // namespace carillon::customer
