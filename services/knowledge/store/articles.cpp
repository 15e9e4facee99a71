#include "knowledge/store/articles.hpp"

#include <algorithm>

#include "carillon/knowledge/v1/knowledge_events.pb.h"
#include "knowledge/domain/errors.hpp"
#include "knowledge/store/gaps.hpp"
#include "knowledge/store/statements.hpp"
#include "text/text.hpp"

namespace carillon::knowledge::store {
namespace {

constexpr std::size_t kMostCandidates = 1000;
constexpr std::size_t kSnippetWidth = 90;
constexpr char kBetween = '\x1f';

pb::Article ArticleOf(const pqxx::row& row) {
  auto article = pg::Versioned<pb::Article>(row);
  pg::ReadJson(row["latest"], *article.mutable_latest());
  if (!row["published"].is_null()) pg::ReadJson(row["published"], *article.mutable_published());
  article.set_use_count(row["uses"].as<std::int64_t>());
  article.set_helpful_count(row["helpful"].as<std::int64_t>());
  article.set_unhelpful_count(row["unhelpful"].as<std::int64_t>());
  return article;
}

/// What readers read or, before that, what is being written.
const pb::ArticleVersion& Shown(const pb::Article& article) {
  return article.has_published() ? article.published() : article.latest();
}

std::optional<TimePoint> DueAt(const pb::Article& article) {
  std::optional<TimePoint> due;
  const auto& latest = article.latest();
  if (latest.state() == pb::ArticleVersion::APPROVED && latest.has_publish_time())
    due = FromProto(latest.publish_time());
  const auto& content = article.published().content();
  if (article.published().state() == pb::ArticleVersion::PUBLISHED && content.has_valid_to())
    due = due ? std::min(*due, FromProto(content.valid_to())) : FromProto(content.valid_to());
  return due;
}

/// Title, keywords and synonyms are found by words, pinyin and initials; running text by its words.
std::map<std::string, unsigned> TermsOf(const pb::ArticleContent& content) {
  std::map<std::string, unsigned> terms;
  const auto add = [&](const std::vector<std::string>& found, unsigned field) {
    for (const auto& term : found) terms[term] |= field;
  };
  add(text::Terms(content.title()), domain::kTitle);
  for (const auto& word : content.keywords()) add(text::Terms(word), domain::kKeyword);
  for (const auto& word : content.synonyms()) add(text::Terms(word), domain::kKeyword);
  add(text::QueryTerms(content.summary()), domain::kSummary);
  add(text::QueryTerms(content.body()), domain::kBody);
  return terms;
}

int LengthOf(const pb::ArticleContent& content) {
  return static_cast<int>(text::QueryTerms(content.summary()).size() +
                          text::QueryTerms(content.body()).size());
}

void Index(pg::Tx& tx, const pb::Article& article) {
  tx.Exec(sql::kDropTerms, IdOf(article.name()));
  std::vector<std::string> terms;
  std::vector<int> fields;
  for (const auto& [term, where] : TermsOf(article.published().content())) {
    terms.push_back(term);
    fields.push_back(static_cast<int>(where));
  }
  tx.Exec(sql::kAddTerms, IdOf(article.name()), domain::Tongue(article.language()),
          pg::MaybeId(article.client()), pg::Array(terms), pg::Array(fields));
}

void Tell(pg::Tx& tx, const domain::Change& change, const pb::Article& saved) {
  auto article = saved;
  article.clear_latest();
  if (change.news == domain::News::kPublished) {
    pb::ArticlePublished event;
    *event.mutable_article() = article;
    pg::Announce(tx, kArticles, IdOf(article.name()), event, FromProto(article.update_time()));
  } else {
    article.clear_published();
    pb::ArticleExpired event;
    *event.mutable_article() = article;
    *event.mutable_ended() = *change.ended;
    pg::Announce(tx, kArticles, IdOf(article.name()), event, FromProto(article.update_time()));
  }
}

}  // namespace

Result<pb::Article> LoadArticle(pg::Tx& tx, const std::string& name) {
  const auto rows = tx.Exec(sql::kLoadArticle, IdOf(name));
  if (rows.empty()) return errors::UnknownArticle(name);
  return ArticleOf(rows[0]);
}

Result<pb::Article> LockArticle(pg::Tx& tx, const std::string& name) {
  if (tx.Exec(sql::kLockArticle, IdOf(name)).empty()) return errors::UnknownArticle(name);
  return LoadArticle(tx, name);
}

Result<pb::ArticleVersion> LoadVersion(pg::Tx& tx, const std::string& article, int number) {
  const auto rows = tx.Exec(sql::kLoadVersion, IdOf(article), number);
  if (rows.empty()) return errors::UnknownVersion(article, number);
  return pg::OfJson<pb::ArticleVersion>(rows[0]["body"]);
}

std::vector<pb::ArticleVersion> Versions(pg::Tx& tx, const std::string& article, bool all) {
  std::vector<pb::ArticleVersion> versions;
  for (const auto& row : tx.Exec(sql::kVersions, IdOf(article), all))
    versions.push_back(pg::OfJson<pb::ArticleVersion>(row["body"]));
  return versions;
}

pg::Page<pb::Article> ListArticles(pg::Tx& tx, const pb::ListArticlesRequest& in, bool reader,
                                   const std::string& after, int size) {
  std::vector<std::string> key(3);
  for (std::size_t part = 0, at = 0; !after.empty() && part < 3; ++part) {
    const auto end = std::min(after.find(kBetween, at), after.size());
    key[part] = after.substr(at, end - at);
    at = end + 1;
  }
  const auto type =
      in.type() == 0 ? pg::Param(std::nullopt) : pg::Param(pb::ArticleContent::Type_Name(in.type()));
  const auto state = in.state() == 0 || reader ? pg::Param(std::nullopt)
                                               : pg::Param(pb::ArticleVersion::State_Name(in.state()));
  const auto rows = tx.Exec(sql::kListArticles, after.empty() ? pg::Param(std::nullopt) : pg::Param(key[0]),
                            key[1], pg::OrNull(key[2]), pg::MaybeId(in.client()), pg::OrNull(in.language()),
                            type, pg::OrNull(in.category()), state,
                            pg::MaybeTime(in.has_review_due_before(), in.review_due_before()),
                            reader ? pg::Time(tx.now()) : pg::Param(std::nullopt), size + 1);
  pg::Page<pb::Article> page;
  for (const auto& row : rows) {
    if (static_cast<int>(page.items.size()) == size) {
      const auto last = rows[static_cast<pqxx::result::size_type>(size - 1)];
      page.next = std::string(last["category"].c_str()) + kBetween + last["title"].c_str() + kBetween +
                  last["id"].c_str();
      break;
    }
    page.items.push_back(ArticleOf(row));
  }
  return page;
}

pb::Article Save(pg::Tx& tx, const domain::Change& change) {
  auto row = change.article;
  for (const auto* field : {"published", "latest", "etag", "use_count", "helpful_count", "unhelpful_count"})
    row.GetReflection()->ClearField(&row, row.GetDescriptor()->FindFieldByName(field));
  auto saved = change.article;
  const auto& shown = Shown(saved);
  const auto& content = shown.content();
  const bool published = saved.published().state() == pb::ArticleVersion::PUBLISHED;
  const auto rows =
      tx.Exec(sql::kSaveArticle, IdOf(saved.name()), pg::MaybeId(saved.client()), saved.code(),
              saved.language(), domain::Tongue(saved.language()),
              saved.has_published() ? pg::Param(saved.published().number()) : pg::Param(std::nullopt),
              saved.latest().number(), pb::ArticleVersion::State_Name(saved.latest().state()), published,
              pb::ArticleContent::Type_Name(content.type()), content.category(), content.title(),
              pg::MaybeTime(content.has_valid_from(), content.valid_from()),
              pg::MaybeTime(content.has_valid_to(), content.valid_to()), pg::Time(DueAt(saved)),
              pg::MaybeTime(saved.has_review_due_time(), saved.review_due_time()), LengthOf(content),
              saved.owner_unit(), saved.owner_user(), pg::Time(FromProto(saved.create_time())),
              pg::Time(FromProto(saved.update_time())), pg::JsonOf(row));
  saved.set_etag(rows[0]["version"].c_str());
  for (const auto& version : change.versions)
    tx.Exec(sql::kSaveVersion, IdOf(saved.name()), version.number(), pg::MaybeId(saved.client()),
            pb::ArticleVersion::State_Name(version.state()), pg::JsonOf(version));
  if (change.news == domain::News::kNone) return saved;
  if (change.news == domain::News::kPublished) {
    Index(tx, saved);
  } else {
    tx.Exec(sql::kDropTerms, IdOf(saved.name()));
  }
  Tell(tx, change, saved);
  if (change.news == domain::News::kPublished) CloseAnswered(tx, saved);
  return saved;
}

void CountUse(pg::Tx& tx, const pb::Article& article, const std::string& search, const std::string& user) {
  tx.ExecAtCommit(sql::kCountUse, IdOf(article.name()), pg::MaybeId(article.client()));
  if (!search.empty())
    tx.ExecAtCommit(sql::kNoteOpened, IdOf(search), IdOf(article.name()), pg::Time(tx.now()), user);
}

void Rate(pg::Tx& tx, const pb::Article& article, const std::string& user, bool helpful) {
  const auto id = IdOf(article.name());
  tx.Exec(sql::kLockCounts, id, pg::MaybeId(article.client()));
  const auto before = tx.Exec(sql::kRatingOf, id, user);
  tx.Exec(sql::kRate, id, user, pg::MaybeId(article.client()), helpful, pg::Time(tx.now()));
  const bool was_helpful = !before.empty() && before[0]["helpful"].as<bool>();
  const bool was_unhelpful = !before.empty() && !was_helpful;
  tx.Exec(sql::kCountOpinion, id, (helpful ? 1 : 0) - (was_helpful ? 1 : 0),
          (helpful ? 0 : 1) - (was_unhelpful ? 1 : 0));
}

Found FindCandidates(pg::Tx& tx, const Question& question) {
  std::vector<std::string> low, high;
  for (const auto& term : question.terms) {
    low.push_back(term);
    high.push_back(text::PrefixEnd(term));
  }
  const auto tongue = domain::Tongue(question.language);
  std::map<std::string, std::map<std::size_t, domain::Match>> matches;
  for (const auto& row : tx.Exec(sql::kMatches, pg::Array(low), pg::Array(high), tongue)) {
    auto& match = matches[row["id"].c_str()][row["n"].as<std::size_t>() - 1];
    match.fields = row["fields"].as<unsigned>();
    match.whole = row["whole"].as<bool>();
  }
  std::vector<std::string> ids;
  ids.reserve(matches.size());
  for (const auto& [id, of_article] : matches) ids.push_back(id);
  if (ids.size() > kMostCandidates) {  // those with the most terms of the question
    std::stable_sort(ids.begin(), ids.end(), [&](const std::string& a, const std::string& b) {
      return matches[a].size() > matches[b].size();
    });
    ids.resize(kMostCandidates);
  }
  Found found;
  const auto corpus = tx.Exec(sql::kCorpus, tongue);
  found.corpus = {corpus[0]["articles"].as<std::int64_t>(), corpus[0]["average_length"].as<double>()};
  for (const auto& row :
       tx.Exec(sql::kCandidates, pg::Array(ids), pg::Time(tx.now()), pg::MaybeId(question.client),
               pg::Array(question.types), pg::OrNull(question.category))) {
    if (!domain::SameLanguage(question.language, row["language"].c_str())) continue;
    domain::Candidate candidate;
    auto& hit = candidate.hit;
    hit.set_article(std::string("articles/") + row["id"].c_str());
    hit.set_version(row["published_number"].as<int>());
    hit.set_code(row["code"].c_str());
    hit.set_language(row["language"].c_str());
    pb::ArticleContent::Type type = pb::ArticleContent::TYPE_UNSPECIFIED;
    pb::ArticleContent::Type_Parse(row["type"].c_str(), &type);
    hit.set_type(type);
    hit.set_category(row["category"].c_str());
    hit.set_title(row["title"].c_str());
    if (const auto until = pg::MaybeTimeOf(row["valid_to_us"])) *hit.mutable_valid_to() = ToProto(*until);
    hit.set_use_count(row["uses"].as<std::int64_t>());
    if (!row["applies_to"].is_null()) pg::ReadJson(row["applies_to"], candidate.applies_to);
    candidate.matches = std::move(matches[row["id"].c_str()]);
    candidate.length = row["length"].as<int>();
    candidate.title_is_question = text::Fold(hit.title()) == question.folded;
    candidate.helpful = row["helpful"].as<std::int64_t>();
    candidate.unhelpful = row["unhelpful"].as<std::int64_t>();
    found.candidates.push_back(std::move(candidate));
  }
  return found;
}

void AddTexts(pg::Tx& tx, std::vector<pb::ArticleHit>& hits, const std::vector<std::string>& terms) {
  std::vector<std::string> ids;
  ids.reserve(hits.size());
  for (const auto& hit : hits) ids.push_back(IdOf(hit.article()));
  for (const auto& row : tx.Exec(sql::kTexts, pg::Array(ids))) {
    const auto name = std::string("articles/") + row["id"].c_str();
    const auto hit =
        std::find_if(hits.begin(), hits.end(), [&](const auto& each) { return each.article() == name; });
    hit->set_summary(row["summary"].c_str());
    for (auto& span : domain::Snippet(hit->summary(), row["body"].c_str(), terms, kSnippetWidth))
      *hit->add_snippet() = std::move(span);
  }
}

void LogSearch(pg::Tx& tx, const std::string& name, const std::string& client, const std::string& user,
               const std::string& query, const std::string& language, int hits, const std::string& gap) {
  tx.Exec(sql::kLogSearch, IdOf(name), pg::MaybeId(client), user, tx.call().principal.unit, query, language,
          hits, pg::MaybeId(gap), pg::Time(tx.now()));
}

std::vector<std::pair<std::string, std::string>> Due(pg::Tx& tx, TimePoint now) {
  std::vector<std::pair<std::string, std::string>> due;
  for (const auto& row : tx.Exec(sql::kDue, pg::Time(now)))
    due.emplace_back(row["tenant"].c_str(), std::string("articles/") + row["id"].c_str());
  return due;
}

void Forget(pg::Tx& tx, TimePoint before) {
  tx.Exec(sql::kForgetSearches, pg::Time(before));
  tx.Exec(sql::kForgetMisses, pg::Time(before));
}

}  // namespace carillon::knowledge::store
