#pragma once
#include <optional>
#include <string>
#include <vector>

#include "base/result.hpp"
#include "carillon/campaign/v1/script_service.pb.h"
#include "pg/tx.hpp"

/// Scripts by version.
namespace carillon::campaign::store {

namespace pb = carillon::campaign::v1;

/// `version` 0 = the newest. NOT_FOUND SCRIPT_UNKNOWN.
Result<pb::Script> LoadScript(pg::Tx& tx, const std::string& name, int version);
/// The newest, locked. NOT_FOUND SCRIPT_UNKNOWN.
Result<pb::Script> LockScript(pg::Tx& tx, const std::string& name);
/// The approved version before `version`, locked, when there is one.
std::optional<pb::Script> LockApprovedBefore(pg::Tx& tx, const std::string& name, int version);
/// The newest approved version, 0 = none.
int ApprovedVersion(pg::Tx& tx, const std::string& name);
/// Newest first; those made before `after`.
std::vector<pb::Script> ListScripts(pg::Tx& tx, const std::string& after, int size);
/// A version that is new becomes the newest.
void SaveScript(pg::Tx& tx, const pb::Script& script);
/// ScriptApproved.
void AnnounceApproved(pg::Tx& tx, const pb::Script& script);

}  // namespace carillon::campaign::store
