#include "knowledge/store/phrases.hpp"

#include "carillon/knowledge/v1/knowledge_events.pb.h"
#include "knowledge/store/statements.hpp"

namespace carillon::knowledge::store {
namespace {

constexpr const char* kPhraseTopic = "carillon.knowledge.phrases.v1";

/// "opening" of "phrases/opening".
std::string CodeOf(const std::string& name) { return name.substr(name.find('/') + 1); }

}  // namespace

std::vector<pb::Phrase> OwnPhrases(pg::Tx& tx) {
  std::vector<pb::Phrase> own;
  for (const auto& row : tx.Exec(sql::kPhrases)) own.push_back(pg::Versioned<pb::Phrase>(row));
  return own;
}

std::optional<pb::Phrase> LockPhrase(pg::Tx& tx, const std::string& name, const std::string& language,
                                     const std::string& client) {
  const auto rows = tx.Exec(sql::kLockPhrase, CodeOf(name), language, pg::MaybeId(client));
  if (rows.empty()) return std::nullopt;
  return pg::Versioned<pb::Phrase>(rows[0]);
}

pb::Phrase SavePhrase(pg::Tx& tx, pb::Phrase phrase) {
  phrase.clear_etag();
  const auto rows = tx.Exec(sql::kSavePhrase, NewId(tx.now()), pg::MaybeId(phrase.client()),
                            CodeOf(phrase.name()), phrase.language(), tx.call().principal.unit,
                            pg::Time(FromProto(phrase.update_time())), pg::JsonOf(phrase));
  phrase.set_etag(rows[0]["version"].c_str());
  return phrase;
}

void DropPhrase(pg::Tx& tx, const pb::Phrase& phrase) {
  tx.Exec(sql::kDropPhrase, CodeOf(phrase.name()), phrase.language(), pg::MaybeId(phrase.client()));
}

void AnnouncePhrase(pg::Tx& tx, const pb::Phrase& in_force) {
  pb::PhraseChanged event;
  *event.mutable_phrase() = in_force;
  pg::Announce(tx, kPhraseTopic, CodeOf(in_force.name()), event, tx.now());
}

}  // namespace carillon::knowledge::store
