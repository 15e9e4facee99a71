#include "customer/store/vault.hpp"

namespace carillon::customer::store {
namespace {

std::string IdentifierText(const pb::Identifier& identifier) {
  return pb::Identifier::Type_Name(identifier.type()) + ":" + identifier.number();
}

}  // namespace

Result<Vault> Vault::Make(std::string_view provider, std::string_view keys) {
  TRY(auto ring, crypto::KeyRing::Parse(provider, keys));
  TRY(auto identifiers, crypto::Envelope::Make(ring, "customer identifiers"));
  TRY(auto accounts, crypto::Envelope::Make(ring, "customer accounts"));
  TRY(auto numbers, crypto::Envelope::Make(ring, "customer numbers"));
  TRY(auto records, crypto::Envelope::Make(ring, "customer records"));
  return Vault(std::move(identifiers), std::move(accounts), std::move(numbers), std::move(records),
               std::move(ring.ids));
}

void Vault::Seal(pb::Customer& customer) const {
  for (auto& one : *customer.mutable_identifiers())
    one.set_number(identifiers_.Seal(one.number(), customer.name()));
  for (auto& one : *customer.mutable_accounts())
    one.set_number(accounts_.Seal(one.number(), customer.name()));
}

Result<void> Vault::Open(pb::Customer& customer) const {
  for (auto& one : *customer.mutable_identifiers()) {
    TRY(auto number, identifiers_.Open(one.number(), customer.name()));
    one.set_number(std::move(number));
  }
  for (auto& one : *customer.mutable_accounts()) {
    TRY(auto number, accounts_.Open(one.number(), customer.name()));
    one.set_number(std::move(number));
  }
  return Ok();
}

std::string Vault::Hash(const pb::Identifier& identifier) const {
  return identifiers_.LookupHash(IdentifierText(identifier));
}
std::string Vault::Hash(const pb::Account& account) const { return accounts_.LookupHash(account.number()); }

std::vector<std::string> Vault::Hashes(const pb::Identifier& identifier) const {
  std::vector<std::string> out;
  for (const auto& id : key_ids_) out.push_back(identifiers_.LookupHash(IdentifierText(identifier), id));
  return out;
}

std::vector<std::string> Vault::Hashes(const pb::Account& account) const {
  std::vector<std::string> out;
  for (const auto& id : key_ids_) out.push_back(accounts_.LookupHash(account.number(), id));
  return out;
}

std::vector<std::string> Vault::Tags(std::string_view text) const {
  std::vector<std::string> out;
  for (const auto& id : key_ids_) out.push_back(numbers_.LookupHash(text, id));
  return out;
}

}  // namespace carillon::customer::store
