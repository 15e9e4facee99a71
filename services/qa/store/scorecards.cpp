#include "qa/store/scorecards.hpp"

#include "qa/domain/errors.hpp"
#include "qa/store/statements.hpp"

namespace carillon::qa::store {
namespace {

Result<pb::Scorecard> OnlyScorecard(const pqxx::result& rows, const std::string& name) {
  if (rows.empty()) return errors::UnknownScorecard(name);
  return pg::Versioned<pb::Scorecard>(rows[0]);
}

}  // namespace

Result<pb::Scorecard> LockScorecard(pg::Tx& tx, const std::string& name) {
  return OnlyScorecard(tx.Exec(sql::kLockScorecard, IdOf(name)), name);
}

Result<pb::Scorecard> LoadScorecard(pg::Tx& tx, const std::string& name) {
  return OnlyScorecard(tx.Exec(sql::kLoadScorecard, IdOf(name)), name);
}

pg::Page<pb::Scorecard> ListScorecards(pg::Tx& tx, const pb::ListScorecardsRequest& in,
                                       const std::string& after, int size) {
  const auto [at, id] = pg::After(after);
  const auto kind = in.kind() == pb::Scorecard::KIND_UNSPECIFIED
                        ? pg::Param(std::nullopt)
                        : pg::Param(pb::Scorecard::Kind_Name(in.kind()));
  return pg::PageOf<pb::Scorecard>(
      tx.Exec(sql::kListScorecards, at, id, pg::MaybeId(in.client()), kind, size + 1), size);
}

Result<pb::ScorecardRevision> LoadRevision(pg::Tx& tx, const std::string& name) {
  constexpr std::string_view kBetween = "/revisions/";
  const auto between = name.find(kBetween);
  const auto rows =
      tx.Exec(sql::kLoadRevision, IdOf(name.substr(0, between)), name.substr(between + kBetween.size()));
  if (rows.empty()) return errors::UnknownRevision(name);
  return pg::OfJson<pb::ScorecardRevision>(rows[0]["body"]);
}

std::vector<pb::ScorecardRevision> Revisions(pg::Tx& tx, const std::string& scorecard) {
  std::vector<pb::ScorecardRevision> revisions;
  for (const auto& row : tx.Exec(sql::kRevisions, IdOf(scorecard)))
    revisions.push_back(pg::OfJson<pb::ScorecardRevision>(row["body"]));
  return revisions;
}

pb::Scorecard Save(pg::Tx& tx, const domain::Revised& revised) {
  pb::Scorecard card = revised.scorecard;
  card.clear_etag();
  const auto rows = tx.Exec(sql::kSaveScorecard, IdOf(card.name()), IdOf(card.client()), card.code(),
                            pb::Scorecard::Kind_Name(card.kind()), card.owner_unit(), card.owner_user(),
                            pg::Time(FromProto(card.create_time())), pg::Time(FromProto(card.update_time())),
                            pg::JsonOf(card));
  card.set_etag(rows[0]["version"].c_str());
  SaveRevision(tx, card.client(), revised.revision);
  return card;
}

void SaveRevision(pg::Tx& tx, const std::string& client, const pb::ScorecardRevision& revision) {
  tx.Exec(sql::kSaveRevision, IdOf(revision.scorecard()), revision.number(), IdOf(client),
          pb::ScorecardRevision::State_Name(revision.state()), pg::JsonOf(revision));
}

}  // namespace carillon::qa::store
