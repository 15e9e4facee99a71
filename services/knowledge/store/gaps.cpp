#include "knowledge/store/gaps.hpp"

#include "carillon/knowledge/v1/knowledge_events.pb.h"
#include "knowledge/domain/errors.hpp"
#include "knowledge/store/statements.hpp"

namespace carillon::knowledge::store {
namespace {

Result<pb::Gap> OnlyGap(const pqxx::result& rows, const std::string& name) {
  if (rows.empty()) return errors::UnknownGap(name);
  return pg::Versioned<pb::Gap>(rows[0]);
}

}  // namespace

Result<pb::Gap> LockGap(pg::Tx& tx, const std::string& name) {
  return OnlyGap(tx.Exec(sql::kLockGap, IdOf(name)), name);
}

Result<pb::Gap> LoadGap(pg::Tx& tx, const std::string& name, const std::string& reporter) {
  return OnlyGap(tx.Exec(sql::kLoadGap, IdOf(name), pg::OrNull(reporter)), name);
}

pg::Page<pb::Gap> ListGaps(pg::Tx& tx, const pb::ListGapsRequest& in, const std::string& reporter,
                           const std::string& after, int size) {
  const auto [at, id] = pg::After(after);
  const auto state = in.state() == 0 ? pg::Param(std::nullopt) : pg::Param(pb::Gap::State_Name(in.state()));
  const auto origin =
      in.origin() == 0 ? pg::Param(std::nullopt) : pg::Param(pb::Gap::Origin_Name(in.origin()));
  const auto rows = tx.Exec(sql::kListGaps, at, id, pg::OrNull(reporter), pg::MaybeId(in.client()),
                            pg::OrNull(in.language()), state, origin, pg::OrNull(in.assignee()), size + 1);
  return pg::PageOf<pb::Gap>(rows, size);
}

std::pair<pb::Gap, bool> AddOrLock(pg::Tx& tx, pb::Gap fresh) {
  // A rival's row is there once the insertion has waited for it; it may be closed again the moment after.
  while (true) {
    const auto known =
        tx.Exec(sql::kLockQuestion, fresh.question(), fresh.language(), pg::MaybeId(fresh.client()));
    if (!known.empty()) return {pg::Versioned<pb::Gap>(known[0]), false};
    const auto added =
        tx.Exec(sql::kAddGap, IdOf(fresh.name()), pg::MaybeId(fresh.client()), fresh.question(),
                fresh.language(), pb::Gap::State_Name(fresh.state()), pb::Gap::Origin_Name(fresh.origin()),
                fresh.reporter(), pg::OrNull(fresh.assignee()), pg::MaybeId(fresh.article()),
                pg::Time(FromProto(fresh.last_miss_time())), tx.call().principal.unit,
                pg::Time(FromProto(fresh.update_time())), pg::JsonOf(fresh));
    if (added.empty()) continue;
    fresh.set_etag(added[0]["version"].c_str());
    return {fresh, true};
  }
}

pb::Gap SaveGap(pg::Tx& tx, pb::Gap gap) {
  gap.clear_etag();
  const auto rows = tx.Exec(sql::kSaveGap, IdOf(gap.name()), pb::Gap::State_Name(gap.state()),
                            pb::Gap::Origin_Name(gap.origin()), gap.reporter(), pg::OrNull(gap.assignee()),
                            pg::MaybeId(gap.article()), pg::Time(FromProto(gap.last_miss_time())),
                            pg::Time(FromProto(gap.update_time())), pg::JsonOf(gap));
  gap.set_etag(rows[0]["version"].c_str());
  return gap;
}

void AnnounceGap(pg::Tx& tx, const pb::Gap& gap) {
  const auto at = FromProto(gap.update_time());
  if (gap.state() == pb::Gap::CLOSED) {
    pb::KnowledgeGapClosed event;
    *event.mutable_gap() = gap;
    pg::Announce(tx, kGaps, IdOf(gap.name()), event, at);
  } else {
    pb::KnowledgeGapFound event;
    *event.mutable_gap() = gap;
    pg::Announce(tx, kGaps, IdOf(gap.name()), event, at);
  }
}

void CloseAnswered(pg::Tx& tx, const v1::Article& article) {
  for (const auto& row : tx.Exec(sql::kAnsweredBy, IdOf(article.name()))) {
    const auto closed = domain::Answered(pg::Versioned<pb::Gap>(row), article.name(), true, tx.now());
    if (closed) AnnounceGap(tx, SaveGap(tx, *closed));
  }
}

}  // namespace carillon::knowledge::store
