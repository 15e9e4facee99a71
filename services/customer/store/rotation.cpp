#include "customer/store/rotation.hpp"

#include <array>

#include "customer/store/statements.hpp"

namespace carillon::customer::store {
namespace {

/// A value under the active key, and by what it is found ("" for what is not looked for).
struct Anew {
  std::string sealed, hash;
};

template <class Part>
Result<Anew> PartAnew(const Vault& vault, pb::Customer& whole, Part& part, const pqxx::row& row) {
  whole.set_name(std::string("customers/") + row["id"].c_str());
  part.set_number(row["sealed"].c_str());
  TRY_VOID(vault.Open(whole));
  std::string hash = vault.Hash(part);
  vault.Seal(whole);
  return Anew{part.number(), std::move(hash)};
}

Result<Anew> IdentifierAnew(const Vault& vault, const pqxx::row& row) {
  pb::Customer whole;
  auto& one = *whole.add_identifiers();
  pb::Identifier::Type type = pb::Identifier::TYPE_UNSPECIFIED;
  pb::Identifier::Type_Parse(row["about"].c_str(), &type);
  one.set_type(type);
  return PartAnew(vault, whole, one, row);
}

Result<Anew> AccountAnew(const Vault& vault, const pqxx::row& row) {
  pb::Customer whole;
  return PartAnew(vault, whole, *whole.add_accounts(), row);
}

/// `about` is the name it is bound to.
Result<Anew> RecordAnew(const Vault& vault, const pqxx::row& row) {
  TRY(const auto bytes, vault.OpenRecord(row["sealed"].c_str(), row["about"].c_str()));
  return Anew{vault.SealRecord(bytes, row["about"].c_str()), ""};
}

struct Kind {
  pg::Statement find, save;
  Result<Anew> (*anew)(const Vault&, const pqxx::row&);
};
constexpr std::array<Kind, 4> kKinds{{
    {kOldIdentifiers, kSealIdentifiers, IdentifierAnew},
    {kOldAccounts, kSealAccounts, AccountAnew},
    {kOldVersions, kSealVersions, RecordAnew},
    {kOldRecords, kSealRecords, RecordAnew},
}};

}  // namespace

std::optional<TimePoint> NoteKeyInUse(pg::Tx& tx, const Vault& vault) {
  const auto beginning = vault.SealedBeginning() + vault.HashBeginning();
  tx.Exec(kUseKey, beginning);
  const auto row = tx.Exec(kSwept, beginning)[0];
  if (row["swept"].as<bool>()) return std::nullopt;
  return pg::TimeOf(row["now_us"]);
}

void NoteSwept(pg::Tx& tx, const Vault& vault, TimePoint began) {
  tx.Exec(kSweptKey, vault.SealedBeginning() + vault.HashBeginning(), pg::Time(began));
}

Result<Sealing> SealAgain(pg::Tx& tx, const Vault& vault, const Sealing& at, int limit) {
  Sealing next = at;
  const auto& kind = kKinds.at(static_cast<std::size_t>(at.kind));
  const auto rows =
      tx.Exec(kind.find, at.tenant, at.id, at.part, vault.SealedBeginning(), vault.HashBeginning(), limit);
  std::vector<std::string> tenants, ids, parts, sealed, hashes;
  for (const auto& row : rows) {
    TRY(auto anew, kind.anew(vault, row));
    tenants.emplace_back(next.tenant = row["tenant"].c_str());
    ids.emplace_back(next.id = row["id"].c_str());
    parts.emplace_back(next.part = row["part"].c_str());
    sealed.push_back(std::move(anew.sealed));
    hashes.push_back(std::move(anew.hash));
  }
  if (!ids.empty()) {
    tx.Exec(kind.save, pg::Array(tenants), pg::Array(ids), pg::Array(parts), pg::Array(sealed),
            pg::Array(hashes));
  }
  next.changed += static_cast<std::int64_t>(ids.size());
  if (static_cast<int>(ids.size()) < limit) {
    const auto changed = next.changed;
    next = {};
    next.kind = at.kind + 1;
    next.changed = changed;
    next.done = next.kind == static_cast<int>(kKinds.size());
  }
  return next;
}

std::vector<std::string> TenantsOfOldTerms(pg::Tx& tx, const Vault& vault) {
  std::vector<std::string> out;
  for (const auto& row : tx.Exec(kOldTerms, "c" + vault.HashBeginning())) {
    out.emplace_back(row["tenant"].c_str());
  }
  return out;
}

void DropOldTerms(pg::Tx& tx, const Vault& vault) { tx.Exec(kDropOldTerms, "c" + vault.HashBeginning()); }

}  // namespace carillon::customer::store
