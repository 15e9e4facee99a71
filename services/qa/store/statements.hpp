#pragma once
#include "pg/tx.hpp"

/// Every piece of SQL of this service.
namespace carillon::qa::store::sql {

inline constexpr pg::Statement kLoadScorecard{"scorecards.load", R"sql(
  SELECT body, version FROM scorecards WHERE tenant_id = carillon_tenant() AND scorecard_id = $1)sql"};

inline constexpr pg::Statement kLockScorecard{"scorecards.lock", R"sql(
  SELECT body, version FROM scorecards WHERE tenant_id = carillon_tenant() AND scorecard_id = $1 FOR UPDATE)sql"};

inline constexpr pg::Statement kSaveScorecard{"scorecards.save", R"sql(
  INSERT INTO scorecards AS s (tenant_id, scorecard_id, client_id, code, kind, owner_unit, owner_user, created_at,
    updated_at, version, body)
  VALUES (carillon_tenant(), $1, $2, $3, $4, $5, $6, $7, $8, 1, $9)
  ON CONFLICT (tenant_id, scorecard_id) DO UPDATE SET updated_at = excluded.updated_at, version = s.version + 1,
    body = excluded.body
  RETURNING version)sql"};

inline constexpr pg::Statement kListScorecards{"scorecards.list", R"sql(
  SELECT pg_us(created_at) AS at_us, scorecard_id AS id, body, version FROM scorecards
  WHERE tenant_id = carillon_tenant()
    AND ($1::timestamptz IS NULL OR (created_at, scorecard_id) < ($1, $2::uuid))
    AND ($3::uuid IS NULL OR client_id = $3) AND ($4::text IS NULL OR kind = $4)
  ORDER BY created_at DESC, scorecard_id DESC LIMIT $5)sql"};

inline constexpr pg::Statement kLoadRevision{"scorecard_revisions.load", R"sql(
  SELECT body FROM scorecard_revisions
  WHERE tenant_id = carillon_tenant() AND scorecard_id = $1 AND number = $2)sql"};

inline constexpr pg::Statement kRevisions{"scorecard_revisions.of_scorecard", R"sql(
  SELECT body FROM scorecard_revisions WHERE tenant_id = carillon_tenant() AND scorecard_id = $1
  ORDER BY number DESC LIMIT 200)sql"};

inline constexpr pg::Statement kSaveRevision{"scorecard_revisions.save", R"sql(
  INSERT INTO scorecard_revisions (tenant_id, scorecard_id, number, client_id, state, body)
  VALUES (carillon_tenant(), $1, $2, $3, $4, $5)
  ON CONFLICT (tenant_id, scorecard_id, number) DO UPDATE SET state = excluded.state, body = excluded.body)sql"};

inline constexpr pg::Statement kAddCandidate{"candidates.add", R"sql(
  INSERT INTO candidates (tenant_id, interaction_id, ended_at, client_id, agent_id, queue_id, call_id, customer_id,
    direction, disposition, talk_us, hold_us)
  VALUES (carillon_tenant(), $1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)
  ON CONFLICT (tenant_id, interaction_id, ended_at) DO NOTHING)sql"};

inline constexpr pg::Statement kNoteSale{"attempt_results.note", R"sql(
  INSERT INTO attempt_results AS r (tenant_id, interaction_id, ended_at, client_id, sold, as_of)
  VALUES (carillon_tenant(), $1, $2, $3, $4, $5)
  ON CONFLICT (tenant_id, interaction_id, ended_at) DO UPDATE SET sold = excluded.sold, as_of = excluded.as_of
    WHERE r.as_of <= excluded.as_of)sql"};

// Of a client's candidates: $1 client, and the span.

inline constexpr pg::Statement kAgentsWith{"candidates.agents", R"sql(
  SELECT DISTINCT agent_id FROM candidates
  WHERE tenant_id = carillon_tenant() AND client_id = $1 AND ended_at >= $2 AND ended_at < $3
  ORDER BY agent_id)sql"};

inline constexpr pg::Statement kQueueTalk{"candidates.queue_talk", R"sql(
  SELECT queue_id, percentile_disc(0.1) WITHIN GROUP (ORDER BY talk_us) AS p10_us,
    percentile_disc(0.9) WITHIN GROUP (ORDER BY talk_us) AS p90_us
  FROM candidates WHERE tenant_id = carillon_tenant() AND client_id = $1 AND ended_at >= $2 AND ended_at < $3
  GROUP BY queue_id)sql"};

inline constexpr pg::Statement kQueueQuarters{"candidates.queue_quarters", R"sql(
  SELECT queue_id, pg_us(ended_at) / 900000000 AS quarter, count(*) AS ended
  FROM candidates WHERE tenant_id = carillon_tenant() AND client_id = $1 AND ended_at >= $2 AND ended_at < $3
  GROUP BY 1, 2)sql"};

inline constexpr pg::Statement kCandidates{"candidates.of_agent", R"sql(
  SELECT interaction_id, pg_us(ended_at) AS ended_us, queue_id, call_id, customer_id, direction, disposition, talk_us,
    hold_us, coalesce((SELECT r.sold FROM attempt_results r WHERE r.tenant_id = c.tenant_id
      AND r.interaction_id = c.interaction_id ORDER BY r.as_of DESC LIMIT 1), false) AS sold
  FROM candidates c
  WHERE tenant_id = carillon_tenant() AND client_id = $1 AND agent_id = $2 AND ended_at >= $3 AND ended_at < $4
  ORDER BY ended_at, interaction_id)sql"};

inline constexpr pg::Statement kLoadPlan{"sample_plans.load", R"sql(
  SELECT body, version FROM sample_plans WHERE tenant_id = carillon_tenant() AND plan_id = $1)sql"};

inline constexpr pg::Statement kLockPlan{"sample_plans.lock", R"sql(
  SELECT body, version FROM sample_plans WHERE tenant_id = carillon_tenant() AND plan_id = $1 FOR UPDATE)sql"};

inline constexpr pg::Statement kListPlans{"sample_plans.list", R"sql(
  SELECT pg_us(created_at) AS at_us, plan_id AS id, body - 'quotas' AS body, version FROM sample_plans
  WHERE tenant_id = carillon_tenant() AND ($1::timestamptz IS NULL OR (created_at, plan_id) < ($1, $2::uuid))
    AND ($3::uuid IS NULL OR client_id = $3) AND ($4::text IS NULL OR state = $4)
  ORDER BY created_at DESC, plan_id DESC LIMIT $5)sql"};

inline constexpr pg::Statement kSavePlan{"sample_plans.save", R"sql(
  INSERT INTO sample_plans AS p (tenant_id, plan_id, client_id, state, owner_unit, owner_user, created_at, updated_at,
    version, body)
  VALUES (carillon_tenant(), $1, $2, $3, $4, $5, $6, $7, 1, $8)
  ON CONFLICT (tenant_id, plan_id) DO UPDATE SET state = excluded.state, updated_at = excluded.updated_at,
    version = p.version + 1, body = excluded.body
  RETURNING version)sql"};

// In the readings below the last uuid is an agent who sees only the own, published ones; NULL sees all.

inline constexpr pg::Statement kLoadEvaluation{"evaluations.load", R"sql(
  SELECT body, version FROM evaluations WHERE tenant_id = carillon_tenant() AND evaluation_id = $1
    AND ($2::uuid IS NULL OR agent_id = $2 AND published_at IS NOT NULL))sql"};

inline constexpr pg::Statement kLockEvaluation{"evaluations.lock", R"sql(
  SELECT body, version FROM evaluations WHERE tenant_id = carillon_tenant() AND evaluation_id = $1 FOR UPDATE)sql"};

inline constexpr pg::Statement kListEvaluations{"evaluations.list", R"sql(
  SELECT pg_us(ended_at) AS at_us, evaluation_id AS id, body, version FROM evaluations
  WHERE tenant_id = carillon_tenant() AND ($1::timestamptz IS NULL OR (ended_at, evaluation_id) < ($1, $2::uuid))
    AND ($3::uuid IS NULL OR plan_id = $3) AND ($4::uuid IS NULL OR agent_id = $4)
    AND ($5::text IS NULL OR state = $5) AND ($6::uuid IS NULL OR client_id = $6)
    AND ($7::timestamptz IS NULL OR ended_at >= $7) AND ($8::timestamptz IS NULL OR ended_at < $8)
    AND ($9::uuid IS NULL OR agent_id = $9 AND published_at IS NOT NULL)
  ORDER BY ended_at DESC, evaluation_id DESC LIMIT $10)sql"};

inline constexpr pg::Statement kAddEvaluations{"evaluations.add", R"sql(
  INSERT INTO evaluations (tenant_id, evaluation_id, client_id, plan_id, agent_id, interaction_id, state, ended_at,
    passed, vetoed, stratum_drawn, stratum_size, updated_at, version, body)
  SELECT carillon_tenant(), evaluation, client, plan, agent, interaction, 'DRAWN', ended, false, false, drawn, size, $10,
    1, body
  FROM unnest($1::uuid[], $2::uuid[], $3::uuid[], $4::uuid[], $5::uuid[], $6::timestamptz[], $7::int[], $8::int[],
    $9::jsonb[]) AS line (evaluation, client, plan, agent, interaction, ended, drawn, size, body))sql"};

inline constexpr pg::Statement kSaveEvaluation{"evaluations.save", R"sql(
  UPDATE evaluations SET state = $2, published_at = $3, total = $4, passed = $5, vetoed = $6, updated_at = $7,
    version = version + 1, body = $8
  WHERE tenant_id = carillon_tenant() AND evaluation_id = $1
  RETURNING version)sql"};

inline constexpr pg::Statement kCountUnpublished{"evaluations.count_unpublished", R"sql(
  SELECT count(*) FILTER (WHERE state = 'SCORED') AS scored FROM (
    SELECT state FROM evaluations WHERE tenant_id = carillon_tenant() AND plan_id = $1
    ORDER BY evaluation_id FOR UPDATE) AS locked)sql"};

inline constexpr pg::Statement kCloseEvaluations{"evaluations.close", R"sql(
  UPDATE evaluations SET state = 'CLOSED', updated_at = $2, version = version + 1,
    body = body || '{"state": "CLOSED"}'
  WHERE tenant_id = carillon_tenant() AND plan_id = $1)sql"};

// The estimate weighs each by how many of its stratum it stands for.
inline constexpr pg::Statement kAgentScores{"evaluations.agent_scores", R"sql(
  SELECT agent_id, count(*) AS evaluations, round(avg(total))::int AS average,
    round(sum(total::numeric * stratum_size / stratum_drawn) / sum(stratum_size::numeric / stratum_drawn))::int
      AS estimated_average,
    count(*) FILTER (WHERE passed) AS passed, count(*) FILTER (WHERE vetoed) AS vetoed
  FROM evaluations
  WHERE tenant_id = carillon_tenant() AND published_at IS NOT NULL AND ($1::uuid IS NULL OR agent_id = $1)
    AND ($2::uuid IS NULL OR client_id = $2) AND ($3::timestamptz IS NULL OR ended_at >= $3)
    AND ($4::timestamptz IS NULL OR ended_at < $4) AND ($5::uuid IS NULL OR agent_id = $5)
  GROUP BY agent_id ORDER BY agent_id LIMIT 1000)sql"};

}  // namespace carillon::qa::store::sql
