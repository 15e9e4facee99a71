#pragma once
#include <optional>

#include "base/ids.hpp"
#include "base/result.hpp"
#include "carillon/knowledge/v1/knowledge_service.pb.h"
#include "pg/message.hpp"

namespace carillon::knowledge::store {

namespace pb = carillon::knowledge::v1;

/// The tenant's own wordings that the caller may see.
std::vector<pb::Phrase> OwnPhrases(pg::Tx& tx);
/// One of them, locked; nothing when there is none.
std::optional<pb::Phrase> LockPhrase(pg::Tx& tx, const std::string& name, const std::string& language,
                                     const std::string& client);
/// Writes it; returns it with its etag.
pb::Phrase SavePhrase(pg::Tx& tx, pb::Phrase phrase);
void DropPhrase(pg::Tx& tx, const pb::Phrase& phrase);
/// Publishes PhraseChanged.
void AnnouncePhrase(pg::Tx& tx, const pb::Phrase& in_force);

}  // namespace carillon::knowledge::store
