#include "knowledge/api/methods.hpp"
#include "knowledge/domain/ranking.hpp"
#include "knowledge/store/gaps.hpp"
#include "text/text.hpp"

namespace carillon::knowledge::api {

Result<pb::Gap> ReportGap(Call& call, Deps& deps, const pb::ReportGapRequest& in) {
  auto wish = in.gap();
  wish.set_client(ClientFor(call, wish.client()));
  wish.set_question(domain::Masked(text::Fold(wish.question())));
  wish.set_note(domain::Masked(wish.note()));
  if (text::QueryTerms(wish.question()).empty() && wish.question() != "#") return errors::QueryRequired();
  return deps.db.Write(call, [&](pg::Tx& tx) -> Result<pb::Gap> {
    const auto fresh = domain::Reported(wish, "gaps/" + NewId(call.now), ActorOf(call));
    const auto [known, added] = store::AddOrLock(tx, fresh);
    const auto gap = added ? known : store::SaveGap(tx, domain::ReportedAgain(known, wish, ActorOf(call)));
    store::AnnounceGap(tx, gap);
    return gap;
  });
}

}  // namespace carillon::knowledge::api
