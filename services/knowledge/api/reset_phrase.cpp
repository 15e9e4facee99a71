#include "knowledge/api/methods.hpp"
#include "knowledge/domain/phrase.hpp"
#include "knowledge/store/phrases.hpp"
#include "rpc/page.hpp"

namespace carillon::knowledge::api {

Result<pb::Phrase> ResetPhrase(Call& call, Deps& deps, const pb::ResetPhraseRequest& in) {
  return deps.db.Write(call, [&](pg::Tx& tx) -> Result<pb::Phrase> {
    const auto before = store::LockPhrase(tx, in.name(), in.language(), in.client());
    if (!before) return errors::UnknownPhrase(in.name());
    TRY_VOID(rpc::RequireFresh(before->etag(), in.etag()));
    store::DropPhrase(tx, *before);
    for (auto& phrase : domain::InForce(store::OwnPhrases(tx), in.client(), in.language())) {
      if (phrase.name() != in.name()) continue;
      store::AnnouncePhrase(tx, phrase);
      return phrase;
    }
    auto gone = *before;
    gone.clear_text();
    store::AnnouncePhrase(tx, gone);
    return *before;
  });
}

}  // namespace carillon::knowledge::api
