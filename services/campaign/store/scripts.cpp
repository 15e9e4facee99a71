#include "campaign/store/scripts.hpp"

#include "campaign/domain/errors.hpp"
#include "campaign/store/campaigns.hpp"
#include "campaign/store/rows.hpp"
#include "campaign/store/statements.hpp"
#include "carillon/campaign/v1/campaign_events.pb.h"

namespace carillon::campaign::store {
namespace {

Result<pb::Script> OnlyScript(const pqxx::result& rows, const std::string& name) {
  if (rows.empty()) return errors::UnknownScript(name);
  return pg::OfJson<pb::Script>(rows[0]["body"]);
}

}  // namespace

Result<pb::Script> LoadScript(pg::Tx& tx, const std::string& name, int version) {
  return OnlyScript(tx.Exec(sql::kScript, IdOf(name), version), name);
}

Result<pb::Script> LockScript(pg::Tx& tx, const std::string& name) {
  return OnlyScript(tx.Exec(sql::kLockScript, IdOf(name)), name);
}

std::optional<pb::Script> LockApprovedBefore(pg::Tx& tx, const std::string& name, int version) {
  const auto rows = tx.Exec(sql::kLockApprovedScript, IdOf(name), version);
  if (rows.empty()) return std::nullopt;
  return pg::OfJson<pb::Script>(rows[0]["body"]);
}

int ApprovedVersion(pg::Tx& tx, const std::string& name) {
  return tx.Exec(sql::kApprovedVersion, IdOf(name))[0]["number"].as<int>();
}

std::vector<pb::Script> ListScripts(pg::Tx& tx, const std::string& after, int size) {
  return AllOfJson<pb::Script>(tx.Exec(sql::kListScripts, pg::OrNull(after), size));
}

void SaveScript(pg::Tx& tx, const pb::Script& script) {
  tx.Exec(sql::kOutdateScript, IdOf(script.name()), script.version());
  tx.Exec(sql::kSaveScript, IdOf(script.name()), script.version(), IdOf(script.client()),
          pb::Script::State_Name(script.state()), tx.call().principal.unit, script.author(),
          pg::Time(FromProto(script.create_time())), script.etag(), pg::JsonOf(script));
}

void AnnounceApproved(pg::Tx& tx, const pb::Script& script) {
  pb::ScriptApproved event;
  *event.mutable_script() = script;
  pg::Announce(tx, kCampaignsTopic, IdOf(script.name()), event, tx.now());
}

}  // namespace carillon::campaign::store
