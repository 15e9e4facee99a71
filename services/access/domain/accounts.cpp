#include "access/domain/accounts.hpp"

#include <google/protobuf/util/message_differencer.h>

#include "access/domain/errors.hpp"
#include "base/proto_time.hpp"

namespace carillon::access::domain {

Result<void> RequireTenantStep(pb::Tenant::State from, pb::Tenant::State to) {
  using State = pb::Tenant;
  const bool goes = from == to || (from == State::TRIAL && (to == State::ACTIVE || to == State::SUSPENDED)) ||
                    (from == State::ACTIVE && to == State::SUSPENDED) ||
                    (from == State::SUSPENDED && (to == State::ACTIVE || to == State::CLOSED));
  if (goes) return Ok();
  return errors::TenantState(pb::Tenant::State_Name(from), pb::Tenant::State_Name(to));
}

Result<void> RequireOpen(const pb::Tenant& tenant) {
  if (tenant.state() == pb::Tenant::ACTIVE || tenant.state() == pb::Tenant::TRIAL) return Ok();
  return errors::TenantSuspended();
}

Result<void> RequireUsable(const pb::User& user) {
  if (user.state() == pb::User::ACTIVE) return Ok();
  if (user.state() == pb::User::LOCKED) return errors::AccountLocked(FromProto(user.lock_end_time()));
  return errors::AccountDisabled();
}

Result<pb::User> Disabled(const Principal& who, pb::User user, bool left) {
  if (user.name() == "users/" + who.user) return errors::OwnAccount();
  if (user.state() == pb::User::LEFT && !left) return errors::UserLeft();
  user.set_state(left ? pb::User::LEFT : pb::User::DISABLED);
  user.clear_lock_end_time();
  return user;
}

Result<pb::User> Enabled(pb::User user) {
  if (user.state() == pb::User::LEFT) return errors::UserLeft();
  if (user.state() != pb::User::INVITED) user.set_state(pb::User::ACTIVE);
  user.clear_lock_end_time();
  return user;
}

Result<pb::User> WithPassword(pb::User user, bool must_change) {
  if (user.state() == pb::User::LEFT) return errors::UserLeft();
  if (user.state() != pb::User::DISABLED) user.set_state(pb::User::ACTIVE);
  user.clear_lock_end_time();
  user.set_must_change_password(must_change);
  return user;
}

pb::User ForEvents(pb::User user) {
  user.clear_display_name();
  user.clear_phone_number();
  return user;
}

std::vector<std::string> ChangedFields(const pb::User& before, const pb::User& after) {
  std::vector<std::string> out;
  const auto* type = pb::User::descriptor();
  google::protobuf::util::MessageDifferencer differencer;
  for (int i = 0; i < type->field_count(); ++i) {
    const auto* field = type->field(i);
    if (field->name() == "etag" || field->name() == "update_time") continue;
    if (!differencer.CompareWithFields(before, after, {field}, {field})) out.push_back(field->name());
  }
  return out;
}

}  // namespace carillon::access::domain
