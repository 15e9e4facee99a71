#include "customer/api/api.hpp"
#include "customer/api/steps.hpp"

namespace carillon::customer::api {
namespace {

Result<std::vector<pb::LastContact>> ContactsOf(Call& call, Deps& deps, const std::string& id) {
  return deps.db.Read(call, [&](pg::Tx& tx) -> Result<std::vector<pb::LastContact>> {
    TRY_VOID(store::Load(tx, deps.vault, id));
    return store::LastContacts(tx, id);
  });
}

}  // namespace

Result<pb::LastContact> GetLastContact(Call& call, Deps& deps, const pb::GetLastContactRequest& in) {
  TRY(const std::string id, IdOfName(in.name().substr(0, in.name().find("/lastContacts/")), "customers"));
  TRY(const auto contacts, ContactsOf(call, deps, id));
  for (const auto& contact : contacts) {
    if (contact.name() == in.name()) return contact;
  }
  return errors::LastContactUnknown(in.name());
}

Result<pb::ListLastContactsResponse> ListLastContacts(Call& call, Deps& deps,
                                                      const pb::ListLastContactsRequest& in) {
  TRY(const std::string id, IdOfName(in.parent(), "customers", "parent"));
  TRY(const auto contacts, ContactsOf(call, deps, id));
  pb::ListLastContactsResponse out;
  for (const auto& contact : contacts) *out.add_last_contacts() = contact;
  return out;
}

}  // namespace carillon::customer::api
