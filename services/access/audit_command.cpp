#include "access/audit_command.hpp"

#include <CLI/CLI.hpp>
#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <limits>
#include <map>
#include <nlohmann/json.hpp>

#include "access/domain/audit_chain.hpp"
#include "access/store/audit.hpp"
#include "base/ids.hpp"
#include "crypto/bytes.hpp"
#include "crypto/digest.hpp"
#include "pg/pool.hpp"

namespace carillon::access {
namespace {

using json = nlohmann::ordered_json;

Call ReadingCall(const std::string& tenant) {
  Call call;
  call.principal.service = true;
  call.principal.user = "audit verify";
  call.principal.tenant = tenant;
  call.deadline = std::chrono::steady_clock::now() + std::chrono::hours(6);
  call.method = "audit verify";
  return call;
}

/// What was found whole before, kept in a file outside the database.
struct Remembered {
  std::map<std::string, domain::ChainHead> heads;  // by tenant
  std::map<std::string, std::string> keys;         // kid -> canonical form

  static Remembered Load(const std::string& file) {
    Remembered out;
    std::ifstream in(file);
    if (file.empty() || !in) return out;
    const auto document = json::parse(in);
    for (const auto& [tenant, head] : document.at("heads").items())
      out.heads[tenant] = {head.at("sequence").get<std::int64_t>(), head.at("hash").get<std::string>()};
    for (const auto& [kid, form] : document.at("keys").items()) out.keys[kid] = form.get<std::string>();
    return out;
  }

  void Save(const std::string& file) const {
    if (file.empty()) return;
    json document{{"heads", json::object()}, {"keys", keys}};
    for (const auto& [tenant, head] : heads)
      document["heads"][tenant] = {{"sequence", head.sequence}, {"hash", head.hash}};
    std::ofstream(file + ".new") << document.dump(2) << "\n";
    std::filesystem::rename(file + ".new", file);
  }
};

/// The keys that may have signed: those remembered, the first ever when nothing is, and whatever one of them
/// vouches for.
std::map<std::string, crypto::PublicKey> TrustedKeys(const std::vector<store::AuditKey>& all,
                                                     Remembered& remembered) {
  std::map<std::string, crypto::PublicKey> trusted;
  for (const auto& [key, vouched_by, voucher] : all) {
    const auto form = store::CanonicalKey(key);
    const auto known = remembered.keys.find(key.kid);
    bool good = known != remembered.keys.end() ? known->second == form : remembered.keys.empty();
    if (const auto by = trusted.find(vouched_by);
        !good && known == remembered.keys.end() && by != trusted.end()) {
      const auto signature = crypto::FromBase64Url(voucher);
      good = signature && by->second.Verify(form, *signature);
    }
    const auto usable = crypto::PublicKey::FromJwk(key);
    if (!good || !usable) continue;
    trusted.emplace(key.kid, *usable);
    remembered.keys[key.kid] = form;
  }
  return trusted;
}

bool SignedWell(const std::map<std::string, crypto::PublicKey>& keys, const std::string& tenant,
                const store::pb::AuditBatch& batch) {
  const auto key = keys.find(batch.key_id());
  const auto signature = crypto::FromBase64Url(batch.signature());
  return key != keys.end() && key->second.algorithm() == batch.algorithm() && signature &&
         key->second.Verify(domain::CanonicalBatch(tenant, batch), *signature);
}

void Walk(pg::Tx& tx, domain::ChainVerifier& verifier) {
  std::int64_t behind = std::numeric_limits<std::int64_t>::min();  // records up to here were handed over
  std::int64_t after = behind;
  for (;;) {
    const auto batches = store::LoadBatches(tx, after);
    if (batches.empty() || verifier.broken()) break;
    after = batches.back().first_sequence();
    const auto records = store::LoadRecords(tx, behind, batches.back().last_sequence());
    behind = std::max(behind, batches.back().last_sequence());
    auto from = records.begin();
    for (const auto& batch : batches) {
      const auto to = std::find_if(
          from, records.end(), [&](const auto& record) { return record.sequence() > batch.last_sequence(); });
      verifier.Check(batch, {from, to});
      from = to;
    }
  }
  if (!verifier.broken())
    verifier.End(store::LoadRecords(tx, behind, std::numeric_limits<std::int64_t>::max()));
}

json ReportOf(const store::ChainedTenant& tenant, const domain::ChainVerifier& verifier) {
  json out{{"tenant", tenant.slug},
           {"id", tenant.id},
           {"records", verifier.records()},
           {"batches", verifier.batches()},
           {"last_sequence", verifier.head().sequence},
           {"last_hash", verifier.head().hash},
           {"services", verifier.services()}};
  if (const auto& broken = verifier.broken())
    out["broken"] = {
        {"sequence", broken->sequence}, {"how", domain::NameOf(broken->how)}, {"what", broken->what}};
  return out;
}

int Verify(const std::string& url, const std::string& slug, const std::string& heads, bool as_json) {
  pg::Pool db(url, 1, "audit-verify");
  auto remembered = Remembered::Load(heads);
  auto tenants = db.Read(ReadingCall(""), [](pg::Tx& tx) -> Result<std::vector<store::ChainedTenant>> {
    return store::AuditedTenants(tx);
  });
  const auto keys = db.Read(ReadingCall(""), [](pg::Tx& tx) -> Result<std::vector<store::AuditKey>> {
    return store::LoadAuditKeys(tx);
  });
  if (!tenants || !keys) throw std::runtime_error(tenants ? keys.error().message : tenants.error().message);
  for (const auto& [id, head] : remembered.heads)  // a chain that is gone altogether
    if (std::none_of(tenants->begin(), tenants->end(), [&](const auto& tenant) { return tenant.id == id; }))
      tenants->push_back({id, ""});
  if (!slug.empty()) {
    std::erase_if(*tenants, [&](const auto& tenant) { return tenant.slug != slug && tenant.id != slug; });
    if (tenants->empty()) throw std::runtime_error("there is no audit chain of a tenant " + slug);
  }
  const auto trusted = TrustedKeys(*keys, remembered);
  json report{{"clean", true}, {"tenants", json::array()}};
  std::int64_t records = 0, batches = 0;
  for (const auto& tenant : *tenants) {
    std::optional<domain::ChainHead> head;
    if (const auto it = remembered.heads.find(tenant.id); it != remembered.heads.end()) head = it->second;
    std::optional<domain::ChainVerifier> verifier;
    const auto walked =
        db.Read(ReadingCall(tenant.id), [&](pg::Tx& tx) -> Result<void> {  // one moment of the table
          verifier.emplace(
              tenant.id, [](std::string_view bytes) { return Hex(crypto::Sha256(bytes)); },
              [&](const auto& batch) { return SignedWell(trusted, tenant.id, batch); }, RealNow(), head);
          Walk(tx, *verifier);
          return Ok();
        });
    if (!walked) throw std::runtime_error(walked.error().message);
    report["tenants"].push_back(ReportOf(tenant, *verifier));
    records += verifier->records();
    batches += verifier->batches();
    const auto& name = tenant.slug.empty() ? tenant.id : tenant.slug;
    if (const auto& broken = verifier->broken()) {
      report["clean"] = false;
      if (!as_json)
        std::printf("%s: BROKEN at %lld: %s. %s\n", name.c_str(), static_cast<long long>(broken->sequence),
                    domain::NameOf(broken->how), broken->what.c_str());
    } else {
      remembered.heads[tenant.id] = verifier->head();
      if (!as_json)
        std::printf("%s: %lld records in %lld batches, the last is %lld %s\n", name.c_str(),
                    static_cast<long long>(verifier->records()), static_cast<long long>(verifier->batches()),
                    static_cast<long long>(verifier->head().sequence), verifier->head().hash.c_str());
    }
  }
  remembered.Save(heads);
  const bool clean = report["clean"];
  if (as_json)
    std::cout << report.dump(2) << "\n";
  else
    std::printf("%zu tenants, %lld records, %lld batches: %s\n", tenants->size(),
                static_cast<long long>(records), static_cast<long long>(batches), clean ? "whole" : "BROKEN");
  return clean ? 0 : 1;
}

}  // namespace

int AuditCommand(int argc, char** argv) {
  CLI::App app("The audit chain of access.");
  app.require_subcommand(1);
  auto* verify =
      app.add_subcommand("verify", "Whether every tenant's chain is whole. Exit code 1 = it is not.");
  std::string url, tenant, heads;
  bool as_json = false;
  verify->add_option("--db", url, "PostgreSQL as the worker role")
      ->envname("CARILLON_ACCESS_DB_WORKER_URL")
      ->required();
  verify->add_option("--tenant", tenant, "slug or uuid; default: all");
  verify->add_option("--heads", heads, "file that remembers the ends found, outside the database");
  verify->add_flag("--json", as_json, "the report as JSON");
  CLI11_PARSE(app, argc, argv);
  try {
    return Verify(url, tenant, heads, as_json);
  } catch (const std::exception& e) {
    std::cerr << "audit verify: " << e.what() << "\n";
    return 2;
  }
}

}  // namespace carillon::access
