#include "base/proto_time.hpp"
#include "knowledge/api/methods.hpp"
#include "knowledge/domain/phrase.hpp"
#include "knowledge/store/phrases.hpp"
#include "rpc/page.hpp"

namespace carillon::knowledge::api {

Result<pb::Phrase> SetPhrase(Call& call, Deps& deps, const pb::SetPhraseRequest& in) {
  auto wish = in.phrase();
  for (const auto* field : {"etag", "filled_text", "unfilled", "shipped", "scene_number"})
    wish.GetReflection()->ClearField(&wish, wish.GetDescriptor()->FindFieldByName(field));
  TRY_VOID(domain::RequireSound(wish));
  wish.set_author(call.principal.Name());
  *wish.mutable_update_time() = ToProto(call.now);
  return deps.db.Write(call, [&](pg::Tx& tx) -> Result<pb::Phrase> {
    const auto before = store::LockPhrase(tx, wish.name(), wish.language(), wish.client());
    TRY_VOID(rpc::RequireFresh(before ? before->etag() : "", in.phrase().etag()));
    const auto saved = store::SavePhrase(tx, wish);
    store::AnnouncePhrase(tx, saved);
    return saved;
  });
}

}  // namespace carillon::knowledge::api
