#pragma once
#include "pg/tx.hpp"

/// Every piece of SQL of this service.
namespace carillon::knowledge::store::sql {

// An article is locked alone and read afterwards: a reading that waited for the lock would see versions of
// before.
inline constexpr pg::Statement kLockArticle{"articles.lock", R"sql(
  SELECT article_id FROM articles WHERE tenant_id = carillon_tenant() AND article_id = $1 FOR UPDATE)sql"};

inline constexpr pg::Statement kLoadArticle{"articles.load", R"sql(
  SELECT a.body, a.version, l.body AS latest, p.body AS published, coalesce(c.uses, 0) AS uses,
    coalesce(c.helpful, 0) AS helpful, coalesce(c.unhelpful, 0) AS unhelpful
  FROM articles a
  JOIN article_versions l ON l.tenant_id = a.tenant_id AND l.article_id = a.article_id AND l.number = a.latest_number
  LEFT JOIN article_versions p
    ON p.tenant_id = a.tenant_id AND p.article_id = a.article_id AND p.number = a.published_number
  LEFT JOIN article_counts c ON c.tenant_id = a.tenant_id AND c.article_id = a.article_id
  WHERE a.tenant_id = carillon_tenant() AND a.article_id = $1)sql"};

// $10 is the time at which a reader reads; NULL for who sees every article.
inline constexpr pg::Statement kListArticles{"articles.list", R"sql(
  SELECT a.category, a.title, a.article_id::text AS id, a.body, a.version, l.body #- '{content,body}' AS latest,
    p.body #- '{content,body}' AS published, coalesce(c.uses, 0) AS uses, coalesce(c.helpful, 0) AS helpful,
    coalesce(c.unhelpful, 0) AS unhelpful
  FROM articles a
  JOIN article_versions l ON l.tenant_id = a.tenant_id AND l.article_id = a.article_id AND l.number = a.latest_number
  LEFT JOIN article_versions p
    ON p.tenant_id = a.tenant_id AND p.article_id = a.article_id AND p.number = a.published_number
  LEFT JOIN article_counts c ON c.tenant_id = a.tenant_id AND c.article_id = a.article_id
  WHERE a.tenant_id = carillon_tenant()
    AND ($1::text IS NULL OR (a.category, a.title, a.article_id) > ($1, $2, $3::uuid))
    AND ($4::uuid IS NULL OR a.client_id = $4)
    AND ($5::text IS NULL OR a.language = $5 OR starts_with(a.language, $5 || '-'))
    AND ($6::text IS NULL OR a.type = $6)
    AND ($7::text IS NULL OR a.category = $7 OR starts_with(a.category, $7 || '/'))
    AND ($8::text IS NULL OR a.latest_state = $8) AND ($9::timestamptz IS NULL OR a.review_due_at < $9)
    AND ($10::timestamptz IS NULL OR a.is_published AND (a.valid_from IS NULL OR a.valid_from <= $10)
      AND (a.valid_to IS NULL OR a.valid_to > $10))
  ORDER BY a.category, a.title, a.article_id LIMIT $11)sql"};

inline constexpr pg::Statement kSaveArticle{"articles.save", R"sql(
  INSERT INTO articles AS a (tenant_id, article_id, client_id, code, language, tongue, published_number, latest_number,
    latest_state, is_published, type, category, title, valid_from, valid_to, due_at, review_due_at, length, owner_unit,
    owner_user, created_at, updated_at, version, body)
  VALUES (carillon_tenant(), $1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20,
    $21, 1, $22)
  ON CONFLICT (tenant_id, article_id) DO UPDATE SET published_number = excluded.published_number,
    latest_number = excluded.latest_number, latest_state = excluded.latest_state,
    is_published = excluded.is_published, type = excluded.type, category = excluded.category, title = excluded.title,
    valid_from = excluded.valid_from, valid_to = excluded.valid_to, due_at = excluded.due_at,
    review_due_at = excluded.review_due_at, length = excluded.length, updated_at = excluded.updated_at,
    version = a.version + 1, body = excluded.body
  RETURNING version)sql"};

inline constexpr pg::Statement kSaveVersion{"article_versions.save", R"sql(
  INSERT INTO article_versions (tenant_id, article_id, number, client_id, state, body)
  VALUES (carillon_tenant(), $1, $2, $3, $4, $5)
  ON CONFLICT (tenant_id, article_id, number) DO UPDATE SET state = excluded.state, body = excluded.body)sql"};

inline constexpr pg::Statement kLoadVersion{"article_versions.load", R"sql(
  SELECT body FROM article_versions WHERE tenant_id = carillon_tenant() AND article_id = $1 AND number = $2)sql"};

inline constexpr pg::Statement kVersions{"article_versions.of_article", R"sql(
  SELECT body FROM article_versions WHERE tenant_id = carillon_tenant() AND article_id = $1
    AND ($2 OR state IN ('PUBLISHED', 'EXPIRED', 'ARCHIVED'))
  ORDER BY number DESC LIMIT 200)sql"};

inline constexpr pg::Statement kDropTerms{"article_terms.drop", R"sql(
  DELETE FROM article_terms WHERE tenant_id = carillon_tenant() AND article_id = $1)sql"};

inline constexpr pg::Statement kAddTerms{"article_terms.add", R"sql(
  INSERT INTO article_terms (tenant_id, tongue, term, article_id, client_id, fields)
  SELECT carillon_tenant(), $2, term, $1, $3, fields FROM unnest($4::text[], $5::int[]) AS line (term, fields))sql"};

inline constexpr pg::Statement kMatches{"article_terms.search", R"sql(
  SELECT q.n, t.article_id::text AS id, bit_or(t.fields) AS fields, bool_or(t.term = q.low) AS whole
  FROM unnest($1::text[], $2::text[]) WITH ORDINALITY AS q (low, high, n)
  JOIN article_terms t
    ON t.tenant_id = carillon_tenant() AND t.tongue = $3 AND t.term >= q.low AND t.term < q.high
  GROUP BY q.n, t.article_id)sql"};

inline constexpr pg::Statement kCandidates{"articles.candidates", R"sql(
  SELECT a.article_id::text AS id, a.code, a.language, a.type, a.category, a.title, a.published_number, a.length,
    pg_us(a.valid_to) AS valid_to_us, p.body->'content'->'applies_to' AS applies_to, coalesce(c.uses, 0) AS uses,
    coalesce(c.helpful, 0) AS helpful, coalesce(c.unhelpful, 0) AS unhelpful
  FROM articles a
  JOIN article_versions p ON p.tenant_id = a.tenant_id AND p.article_id = a.article_id AND p.number = a.published_number
  LEFT JOIN article_counts c ON c.tenant_id = a.tenant_id AND c.article_id = a.article_id
  WHERE a.tenant_id = carillon_tenant() AND a.article_id = ANY ($1::uuid[]) AND a.is_published
    AND (a.valid_from IS NULL OR a.valid_from <= $2) AND (a.valid_to IS NULL OR a.valid_to > $2)
    AND ($3::uuid IS NULL OR a.client_id IS NULL OR a.client_id = $3)
    AND (cardinality($4::text[]) = 0 OR a.type = ANY ($4::text[]))
    AND ($5::text IS NULL OR a.category = $5 OR starts_with(a.category, $5 || '/')))sql"};

inline constexpr pg::Statement kCorpus{"articles.corpus", R"sql(
  SELECT count(*) AS articles, coalesce(avg(length), 0)::float8 AS average_length FROM articles
  WHERE tenant_id = carillon_tenant() AND tongue = $1 AND is_published)sql"};

inline constexpr pg::Statement kTexts{"article_versions.texts", R"sql(
  SELECT article_id::text AS id, coalesce(body->'content'->>'summary', '') AS summary,
    coalesce(body->'content'->>'body', '') AS body
  FROM article_versions
  WHERE tenant_id = carillon_tenant() AND article_id = ANY ($1::uuid[]) AND state = 'PUBLISHED')sql"};

inline constexpr pg::Statement kCountUse{"article_counts.use", R"sql(
  INSERT INTO article_counts AS c (tenant_id, article_id, client_id, uses) VALUES (carillon_tenant(), $1, $2, 1)
  ON CONFLICT (tenant_id, article_id) DO UPDATE SET uses = c.uses + 1)sql"};

// Readers of one article are counted one after the other.
inline constexpr pg::Statement kLockCounts{"article_counts.lock", R"sql(
  INSERT INTO article_counts AS c (tenant_id, article_id, client_id) VALUES (carillon_tenant(), $1, $2)
  ON CONFLICT (tenant_id, article_id) DO UPDATE SET uses = c.uses)sql"};

inline constexpr pg::Statement kRatingOf{"article_ratings.of_user", R"sql(
  SELECT helpful FROM article_ratings WHERE tenant_id = carillon_tenant() AND article_id = $1 AND user_id = $2)sql"};

inline constexpr pg::Statement kRate{"article_ratings.save", R"sql(
  INSERT INTO article_ratings (tenant_id, article_id, user_id, client_id, helpful, rated_at)
  VALUES (carillon_tenant(), $1, $2, $3, $4, $5)
  ON CONFLICT (tenant_id, article_id, user_id) DO UPDATE SET helpful = excluded.helpful,
    rated_at = excluded.rated_at)sql"};

inline constexpr pg::Statement kCountOpinion{"article_counts.opinion", R"sql(
  UPDATE article_counts SET helpful = helpful + $2, unhelpful = unhelpful + $3
  WHERE tenant_id = carillon_tenant() AND article_id = $1)sql"};

// Of all tenants.
inline constexpr pg::Statement kDue{"articles.due", R"sql(
  SELECT tenant_id::text AS tenant, article_id::text AS id FROM articles WHERE due_at <= $1
  ORDER BY due_at LIMIT 200)sql"};

inline constexpr pg::Statement kLogSearch{"searches.add", R"sql(
  INSERT INTO searches (tenant_id, search_id, client_id, user_id, owner_unit, query, language, hits, gap_id, searched_at)
  VALUES (carillon_tenant(), $1, $2, $3, $4, $5, $6, $7, $8, $9))sql"};

inline constexpr pg::Statement kNoteOpened{"searches.note_opened", R"sql(
  UPDATE searches SET opened_article_id = $2, opened_at = $3
  WHERE tenant_id = carillon_tenant() AND search_id = $1 AND user_id = $4 AND opened_at IS NULL)sql"};

// Of all tenants.
inline constexpr pg::Statement kForgetSearches{"searches.forget", R"sql(
  DELETE FROM searches WHERE searched_at < $1)sql"};
inline constexpr pg::Statement kForgetMisses{"gaps.forget", R"sql(
  DELETE FROM gaps WHERE origin = 'SEARCH' AND state = 'OPEN' AND last_miss_at < $1)sql"};

// In the readings below $2 is the reporter who sees the own reports alone; NULL sees all.
inline constexpr pg::Statement kLoadGap{"gaps.load", R"sql(
  SELECT body, version FROM gaps WHERE tenant_id = carillon_tenant() AND gap_id = $1
    AND ($2::text IS NULL OR reporter = $2))sql"};

inline constexpr pg::Statement kLockGap{"gaps.lock", R"sql(
  SELECT body, version FROM gaps WHERE tenant_id = carillon_tenant() AND gap_id = $1 FOR UPDATE)sql"};

inline constexpr pg::Statement kLockQuestion{"gaps.lock_by_question", R"sql(
  SELECT body, version FROM gaps WHERE tenant_id = carillon_tenant() AND question = $1 AND language = $2
    AND client_id IS NOT DISTINCT FROM $3::uuid AND state <> 'CLOSED' FOR UPDATE)sql"};

inline constexpr pg::Statement kAddGap{"gaps.add", R"sql(
  INSERT INTO gaps (tenant_id, gap_id, client_id, question, language, state, origin, reporter, assignee, article_id,
    last_miss_at, owner_unit, updated_at, version, body)
  VALUES (carillon_tenant(), $1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, 1, $13)
  ON CONFLICT (tenant_id, question, language, client_id) WHERE state <> 'CLOSED' DO NOTHING
  RETURNING version)sql"};

inline constexpr pg::Statement kSaveGap{"gaps.save", R"sql(
  UPDATE gaps SET state = $2, origin = $3, reporter = $4, assignee = $5, article_id = $6, last_miss_at = $7,
    updated_at = $8, version = version + 1, body = $9
  WHERE tenant_id = carillon_tenant() AND gap_id = $1 RETURNING version)sql"};

inline constexpr pg::Statement kAnsweredBy{"gaps.lock_answered_by", R"sql(
  SELECT body, version FROM gaps WHERE tenant_id = carillon_tenant() AND article_id = $1 AND state = 'ANSWERED'
  ORDER BY gap_id FOR UPDATE)sql"};

inline constexpr pg::Statement kListGaps{"gaps.list", R"sql(
  SELECT pg_us(last_miss_at) AS at_us, gap_id AS id, body, version FROM gaps
  WHERE tenant_id = carillon_tenant() AND ($1::timestamptz IS NULL OR (last_miss_at, gap_id) < ($1, $2::uuid))
    AND ($3::text IS NULL OR reporter = $3) AND ($4::uuid IS NULL OR client_id = $4)
    AND ($5::text IS NULL OR language = $5 OR starts_with(language, $5 || '-'))
    AND ($6::text IS NULL OR state = $6) AND ($7::text IS NULL OR origin = $7)
    AND ($8::text IS NULL OR assignee = $8)
  ORDER BY last_miss_at DESC, gap_id DESC LIMIT $9)sql"};

inline constexpr pg::Statement kPhrases{"phrases.list", R"sql(
  SELECT body, version FROM phrases WHERE tenant_id = carillon_tenant()
  ORDER BY code, language, phrase_id LIMIT 5000)sql"};

inline constexpr pg::Statement kLockPhrase{"phrases.lock", R"sql(
  SELECT body, version FROM phrases WHERE tenant_id = carillon_tenant() AND code = $1 AND language = $2
    AND client_id IS NOT DISTINCT FROM $3::uuid FOR UPDATE)sql"};

inline constexpr pg::Statement kSavePhrase{"phrases.save", R"sql(
  INSERT INTO phrases AS p (tenant_id, phrase_id, client_id, code, language, owner_unit, updated_at, version, body)
  VALUES (carillon_tenant(), $1, $2, $3, $4, $5, $6, 1, $7)
  ON CONFLICT (tenant_id, code, language, client_id) DO UPDATE SET updated_at = excluded.updated_at,
    version = p.version + 1, body = excluded.body
  RETURNING version)sql"};

inline constexpr pg::Statement kDropPhrase{"phrases.drop", R"sql(
  DELETE FROM phrases WHERE tenant_id = carillon_tenant() AND code = $1 AND language = $2
    AND client_id IS NOT DISTINCT FROM $3::uuid)sql"};

}  // namespace carillon::knowledge::store::sql
