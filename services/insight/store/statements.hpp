#pragma once
#include "pg/tx.hpp"

/// Every piece of SQL of this service.
namespace carillon::insight::store::sql {

// A call's row and those that name it are written by different consumers; whoever comes second completes the
// client.
inline constexpr pg::Statement kLockCall{"fact_calls.lock", R"sql(
  SELECT pg_advisory_xact_lock(hashtextextended($1, 0)))sql"};

inline constexpr pg::Statement kPutCall{"fact_calls.put", R"sql(
  INSERT INTO fact_calls AS f (tenant_id, call_id, arrived_at, client_id, ended_at, cause, session_id, interaction_id,
    direction, attempt_id, dialled_at, answered_at, as_of)
  VALUES (carillon_tenant(), $1, $2,
    coalesce((SELECT client_id FROM fact_sessions WHERE tenant_id = carillon_tenant() AND call_id = $1
              AND client_id IS NOT NULL LIMIT 1),
             (SELECT client_id FROM fact_interactions WHERE tenant_id = carillon_tenant() AND call_id = $1
              AND client_id IS NOT NULL LIMIT 1)),
    $3, $4, $5, $6, $7, $8, $9, $10, $11)
  ON CONFLICT (tenant_id, call_id, arrived_at) DO UPDATE SET ended_at = excluded.ended_at, cause = excluded.cause,
    session_id = excluded.session_id, interaction_id = excluded.interaction_id, direction = excluded.direction,
    attempt_id = excluded.attempt_id, dialled_at = excluded.dialled_at, answered_at = excluded.answered_at,
    as_of = excluded.as_of, client_id = coalesce(f.client_id, excluded.client_id)
    WHERE f.as_of <= excluded.as_of)sql"};

inline constexpr pg::Statement kClientOfCall{"fact_calls.client", R"sql(
  UPDATE fact_calls SET client_id = $2 WHERE tenant_id = carillon_tenant() AND call_id = $1
    AND client_id IS NULL)sql"};

inline constexpr pg::Statement kPutSession{"fact_sessions.put", R"sql(
  INSERT INTO fact_sessions AS f (tenant_id, session_id, started_at, call_id, client_id, customer_id, result, path,
    ended_at, as_of)
  VALUES (carillon_tenant(), $1, $2, $3, $4, $5, $6, $7, $8, $9)
  ON CONFLICT (tenant_id, session_id, started_at) DO UPDATE SET client_id = excluded.client_id,
    customer_id = excluded.customer_id, result = excluded.result, path = excluded.path, ended_at = excluded.ended_at,
    as_of = excluded.as_of
    WHERE f.as_of <= excluded.as_of)sql"};

inline constexpr pg::Statement kPutInteraction{"fact_interactions.put", R"sql(
  INSERT INTO fact_interactions AS f (tenant_id, interaction_id, arrived_at, call_id, client_id, channel, queue_id,
    agent_id, customer_id, result, ended_at, wait_us, ring_us, talk_us, hold_us, wrap_us, disposition,
    direction, as_of)
  VALUES (carillon_tenant(), $1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18)
  ON CONFLICT (tenant_id, interaction_id, arrived_at) DO UPDATE SET queue_id = excluded.queue_id,
    agent_id = excluded.agent_id, customer_id = excluded.customer_id, result = excluded.result,
    ended_at = excluded.ended_at, wait_us = excluded.wait_us, ring_us = excluded.ring_us,
    talk_us = excluded.talk_us, hold_us = excluded.hold_us, wrap_us = excluded.wrap_us,
    disposition = excluded.disposition, direction = excluded.direction, as_of = excluded.as_of
    WHERE f.as_of <= excluded.as_of)sql"};

inline constexpr pg::Statement kPutAgentState{"fact_agent_states.put", R"sql(
  INSERT INTO fact_agent_states (tenant_id, session_id, change, started_at, agent_id, state, reason, ended_at)
  VALUES (carillon_tenant(), $1, $2, $3, $4, $5, $6, $7)
  ON CONFLICT (tenant_id, session_id, change, started_at) DO UPDATE
    SET ended_at = coalesce(excluded.ended_at, fact_agent_states.ended_at))sql"};

inline constexpr pg::Statement kPutOrder{"fact_orders.put", R"sql(
  INSERT INTO fact_orders AS f (tenant_id, work_order_id, created_at, client_id, type, state, priority, interaction_id,
    desk_id, completed_at, closed_at, revisited, overdue, reopened_count, first_contact, as_of)
  VALUES (carillon_tenant(), $1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15)
  ON CONFLICT (tenant_id, work_order_id, created_at) DO UPDATE SET state = excluded.state,
    priority = excluded.priority, desk_id = excluded.desk_id, completed_at = excluded.completed_at,
    closed_at = excluded.closed_at, revisited = f.revisited OR excluded.revisited, overdue = excluded.overdue,
    reopened_count = excluded.reopened_count, first_contact = excluded.first_contact, as_of = excluded.as_of
    WHERE f.as_of <= excluded.as_of)sql"};

inline constexpr pg::Statement kPutCampaign{"fact_campaigns.put", R"sql(
  INSERT INTO fact_campaigns AS f (tenant_id, campaign_id, client_id, code, display_name, purpose, state, targets,
    refusals, refused, built_at, as_of)
  VALUES (carillon_tenant(), $1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)
  ON CONFLICT (tenant_id, campaign_id) DO UPDATE SET client_id = excluded.client_id, code = excluded.code,
    display_name = excluded.display_name, purpose = excluded.purpose, state = excluded.state,
    targets = excluded.targets, refusals = excluded.refusals, refused = excluded.refused,
    built_at = excluded.built_at, as_of = excluded.as_of
    WHERE f.as_of <= excluded.as_of)sql"};

inline constexpr pg::Statement kPutAttempt{"fact_attempts.put", R"sql(
  INSERT INTO fact_attempts AS f (tenant_id, attempt_id, dialled_at, campaign_id, client_id, target_record_id,
    customer_id, number, state, rank, disposition, offer, answered_at, connected_at, ended_at, callback_at,
    next_callback_at, call_id, interaction_id, agent_id, talk_us, as_of)
  VALUES (carillon_tenant(), $1, $2, $3, $4, $5, $6, $7, $8, $9, $10, '', $11, $12, $13, $14, $15, $16, $17, $18, $19,
    $20)
  ON CONFLICT (tenant_id, attempt_id, dialled_at) DO UPDATE SET state = excluded.state, rank = excluded.rank,
    disposition = excluded.disposition, answered_at = excluded.answered_at, connected_at = excluded.connected_at,
    ended_at = excluded.ended_at, callback_at = excluded.callback_at, next_callback_at = excluded.next_callback_at,
    call_id = excluded.call_id, interaction_id = excluded.interaction_id, agent_id = excluded.agent_id,
    talk_us = excluded.talk_us, as_of = excluded.as_of
    WHERE (f.rank, f.as_of, f.disposition) <= (excluded.rank, excluded.as_of, excluded.disposition))sql"};

inline constexpr pg::Statement kPutOffer{"fact_attempts.put_offer", R"sql(
  UPDATE fact_attempts SET offer = $3
  WHERE tenant_id = carillon_tenant() AND attempt_id = $1 AND dialled_at = $2)sql"};

inline constexpr pg::Statement kPutRefusal{"fact_refusals.put", R"sql(
  INSERT INTO fact_refusals (tenant_id, event_id, refused_at, target_record_id, campaign_id, refusal)
  VALUES (carillon_tenant(), $1, $2, $3, $4, $5))sql"};

inline constexpr pg::Statement kPutQuota{"fact_quotas.put", R"sql(
  INSERT INTO fact_quotas AS f (tenant_id, plan_id, agent_id, client_id, drawn_at, planned, drawn, bands, reasons,
    missing, as_of)
  VALUES (carillon_tenant(), $1, $2, $3, $4, $5, $6, $7, $8, $9, $10)
  ON CONFLICT (tenant_id, plan_id, agent_id) DO UPDATE SET drawn_at = excluded.drawn_at, planned = excluded.planned,
    drawn = excluded.drawn, bands = excluded.bands, reasons = excluded.reasons, missing = excluded.missing,
    as_of = excluded.as_of
    WHERE f.as_of <= excluded.as_of)sql"};

inline constexpr pg::Statement kPutEvaluation{"fact_evaluations.put", R"sql(
  INSERT INTO fact_evaluations AS f (tenant_id, evaluation_id, drawn_at, plan_id, client_id, agent_id, interaction_id,
    direction, state, rank, total, passed, vetoes, scored_at, published_at, as_of)
  VALUES (carillon_tenant(), $1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15)
  ON CONFLICT (tenant_id, evaluation_id, drawn_at) DO UPDATE SET state = excluded.state, rank = excluded.rank,
    total = excluded.total, passed = excluded.passed, vetoes = excluded.vetoes, scored_at = excluded.scored_at,
    published_at = excluded.published_at, as_of = excluded.as_of
    WHERE (f.rank, f.as_of, coalesce(f.total, -1)) <= (excluded.rank, excluded.as_of,
      coalesce(excluded.total, -1)))sql"};

inline constexpr pg::Statement kNoteDead{"dead_events.note", R"sql(
  INSERT INTO dead_events (tenant_id, event_id, topic, type, reason, noted_at)
  VALUES (carillon_tenant(), $1, $2, $3, $4, $5) ON CONFLICT (tenant_id, event_id) DO NOTHING)sql"};

// In the reports: $1 from, $2 to, $3 from in microseconds, $4 length of an interval in microseconds.

inline constexpr pg::Statement kCallShapes{"fact_calls.shapes", R"sql(
  SELECT ((pg_us(c.arrived_at) - $3::bigint) / $4::bigint)::int AS part, c.ended_at IS NOT NULL AS over, c.cause,
    c.session_id IS NOT NULL AS session_named, c.interaction_id IS NOT NULL AS interaction_named,
    coalesce(s.result, '') AS session_result, s.result IS NOT NULL AS session_known,
    coalesce(i.served, false) AS served, coalesce(i.gone, false) AS gone, coalesce(i.waiting, false) AS waiting,
    c.direction = 'OUTBOUND' AS outbound, c.dialled_at IS NOT NULL AS dialled, c.answered_at IS NOT NULL AS picked_up,
    count(*) AS calls
  FROM fact_calls c
  LEFT JOIN LATERAL (
    SELECT result FROM fact_sessions WHERE tenant_id = c.tenant_id AND call_id = c.call_id
    ORDER BY started_at DESC LIMIT 1) s ON true
  LEFT JOIN LATERAL (
    SELECT bool_or(result = 'SERVED') AS served, bool_or(result IN ('LEFT', 'WITHDRAWN')) AS gone,
      bool_or(result = 'RESULT_UNSPECIFIED') AS waiting
    FROM fact_interactions WHERE tenant_id = c.tenant_id AND call_id = c.call_id) i ON true
  WHERE c.tenant_id = carillon_tenant() AND c.arrived_at >= $1 AND c.arrived_at < $2
    AND ($5::uuid IS NULL OR c.client_id = $5)
  GROUP BY 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13)sql"};

inline constexpr pg::Statement kInteractionSums{"fact_interactions.sums", R"sql(
  SELECT ((pg_us(arrived_at) - $3::bigint) / $4::bigint)::int AS part,
    count(*) FILTER (WHERE result = 'SERVED') AS answered,
    count(*) FILTER (WHERE result = 'SERVED' AND wait_us <= $7) AS answered_in_threshold,
    count(*) FILTER (WHERE result = 'LEFT' AND wait_us > $8) AS abandoned,
    count(*) FILTER (WHERE result = 'LEFT' AND wait_us <= $8) AS abandoned_short,
    count(*) FILTER (WHERE result = 'LEFT' AND wait_us <= $7) AS abandoned_in_threshold,
    count(*) FILTER (WHERE result = 'WITHDRAWN') AS withdrawn,
    count(*) FILTER (WHERE result = 'RESULT_UNSPECIFIED') AS still_open,
    coalesce(sum(wait_us) FILTER (WHERE result = 'SERVED'), 0)::bigint AS answered_wait_us,
    coalesce(sum(wait_us) FILTER (WHERE result = 'LEFT'), 0)::bigint AS abandoned_wait_us,
    coalesce(sum(talk_us) FILTER (WHERE result = 'SERVED'), 0)::bigint AS talk_us,
    coalesce(sum(hold_us) FILTER (WHERE result = 'SERVED'), 0)::bigint AS hold_us,
    coalesce(sum(wrap_us) FILTER (WHERE result = 'SERVED'), 0)::bigint AS wrap_us,
    coalesce(max(wait_us) FILTER (WHERE result IN ('SERVED', 'LEFT')), 0)::bigint AS longest_wait_us
  FROM fact_interactions
  WHERE tenant_id = carillon_tenant() AND arrived_at >= $1 AND arrived_at < $2 AND direction <> 'OUTBOUND'
    AND ($5::uuid IS NULL OR client_id = $5) AND ($6::uuid IS NULL OR queue_id = $6)
  GROUP BY 1)sql"};

// A stay belongs to the parts it overlaps; one that has not ended counts up to now ($5).
inline constexpr pg::Statement kAgentSums{"fact_agent_states.sums", R"sql(
  SELECT part, state, sum(least(to_us, $3::bigint + (part + 1) * $4::bigint)
                          - greatest(from_us, $3::bigint + part * $4::bigint))::bigint AS spent_us
  FROM (
    SELECT state, greatest(pg_us(started_at), $3::bigint) AS from_us,
      least(pg_us(coalesce(ended_at, $5::timestamptz)), pg_us($2::timestamptz)) AS to_us
    FROM fact_agent_states
    WHERE tenant_id = carillon_tenant() AND started_at < $2 AND coalesce(ended_at, $5::timestamptz) > $1) stay
  CROSS JOIN LATERAL generate_series((from_us - $3::bigint) / $4::bigint,
                                     (to_us - 1 - $3::bigint) / $4::bigint) AS part
  WHERE to_us > from_us
  GROUP BY 1, 2)sql"};

inline constexpr pg::Statement kOrderSums{"fact_orders.sums", R"sql(
  SELECT ((pg_us(at) - $3::bigint) / $4::bigint)::int AS part, count(*) FILTER (WHERE what = 'created') AS created,
    count(*) FILTER (WHERE what = 'completed') AS completed,
    count(*) FILTER (WHERE what = 'completed' AND revisited) AS revisited,
    count(*) FILTER (WHERE what = 'closed') AS closed,
    count(*) FILTER (WHERE what = 'closed' AND NOT overdue) AS closed_in_time,
    count(*) FILTER (WHERE what = 'closed' AND first_contact) AS first_contact,
    count(*) FILTER (WHERE what = 'closed' AND reopened_count > 0) AS reopened
  FROM (
    SELECT 'created' AS what, created_at AS at, revisited, overdue, first_contact, reopened_count FROM fact_orders
    WHERE tenant_id = carillon_tenant() AND created_at >= $1 AND created_at < $2
      AND ($5::uuid IS NULL OR client_id = $5)
    UNION ALL
    SELECT 'completed', completed_at, revisited, overdue, first_contact, reopened_count FROM fact_orders
    WHERE tenant_id = carillon_tenant() AND completed_at >= $1 AND completed_at < $2
      AND ($5::uuid IS NULL OR client_id = $5)
    UNION ALL
    SELECT 'closed', closed_at, revisited, overdue, first_contact, reopened_count FROM fact_orders
    WHERE tenant_id = carillon_tenant() AND closed_at >= $1 AND closed_at < $2 AND state = 'CLOSED'
      AND ($5::uuid IS NULL OR client_id = $5)) happened
  GROUP BY 1)sql"};

inline constexpr pg::Statement kOrderCounts{"fact_orders.counts", R"sql(
  SELECT type, state, count(*) AS orders FROM fact_orders
  WHERE tenant_id = carillon_tenant() AND created_at >= $1 AND created_at < $2
    AND ($3::uuid IS NULL OR client_id = $3)
  GROUP BY 1, 2 ORDER BY 1, 2)sql"};

inline constexpr pg::Statement kAgentLines{"fact_interactions.agents", R"sql(
  WITH work AS (
    SELECT agent_id, count(*) FILTER (WHERE NOT ours) AS handled, count(*) FILTER (WHERE ours) AS outbound_handled,
      sum(talk_us) FILTER (WHERE NOT ours)::bigint AS talk_us, sum(talk_us) FILTER (WHERE ours)::bigint AS outbound_talk_us,
      sum(hold_us) FILTER (WHERE NOT ours)::bigint AS hold_us, sum(hold_us) FILTER (WHERE ours)::bigint AS outbound_hold_us,
      sum(wrap_us) FILTER (WHERE NOT ours)::bigint AS wrap_us, sum(wrap_us) FILTER (WHERE ours)::bigint AS outbound_wrap_us
    FROM fact_interactions CROSS JOIN LATERAL (SELECT direction = 'OUTBOUND' AS ours) d
    WHERE tenant_id = carillon_tenant() AND arrived_at >= $1 AND arrived_at < $2 AND result = 'SERVED'
      AND agent_id IS NOT NULL AND ($3::uuid IS NULL OR client_id = $3)
    GROUP BY 1),
  stay AS (
    SELECT agent_id, state, pg_us(least(coalesce(ended_at, $4::timestamptz), $2))
      - pg_us(greatest(started_at, $1)) AS spent_us
    FROM fact_agent_states
    WHERE tenant_id = carillon_tenant() AND started_at < $2 AND coalesce(ended_at, $4::timestamptz) > $1),
  presence AS (
    SELECT agent_id, sum(spent_us)::bigint AS signed_in_us,
      coalesce(sum(spent_us) FILTER (WHERE state = 'READY'), 0)::bigint AS available_us,
      coalesce(sum(spent_us) FILTER (WHERE state IN ('RESERVED', 'BUSY', 'WRAPPING')), 0)::bigint AS occupied_us
    FROM stay GROUP BY 1)
  SELECT agent_id, coalesce(handled, 0) AS handled, coalesce(talk_us, 0) AS talk_us, coalesce(hold_us, 0) AS hold_us,
    coalesce(wrap_us, 0) AS wrap_us, coalesce(outbound_handled, 0) AS outbound_handled,
    coalesce(outbound_talk_us, 0) AS outbound_talk_us, coalesce(outbound_hold_us, 0) AS outbound_hold_us,
    coalesce(outbound_wrap_us, 0) AS outbound_wrap_us, coalesce(signed_in_us, 0) AS signed_in_us,
    coalesce(available_us, 0) AS available_us, coalesce(occupied_us, 0) AS occupied_us
  FROM work FULL JOIN presence USING (agent_id) ORDER BY agent_id LIMIT 5000)sql"};

// Handling of an attempt is that of its call's interactions.
inline constexpr pg::Statement kAttemptSums{"fact_attempts.sums", R"sql(
  SELECT ((pg_us(a.dialled_at) - $3::bigint) / $4::bigint)::int AS part, a.campaign_id, a.disposition,
    a.connected_at IS NOT NULL AS connected, count(*) AS attempts, coalesce(sum(i.talk_us), 0)::bigint AS talk_us, coalesce(sum(i.hold_us), 0)::bigint AS hold_us,
    coalesce(sum(i.wrap_us), 0)::bigint AS wrap_us
  FROM fact_attempts a
  LEFT JOIN LATERAL (
    SELECT sum(talk_us) AS talk_us, sum(hold_us) AS hold_us, sum(wrap_us) AS wrap_us FROM fact_interactions
    WHERE tenant_id = a.tenant_id AND call_id = a.call_id AND direction = 'OUTBOUND' AND result = 'SERVED') i ON true
  WHERE a.tenant_id = carillon_tenant() AND a.dialled_at >= $1 AND a.dialled_at < $2
    AND ($5::uuid IS NULL OR a.client_id = $5)
  GROUP BY 1, 2, 3, 4)sql"};

inline constexpr pg::Statement kRefusalSums{"fact_refusals.sums", R"sql(
  SELECT ((pg_us(r.refused_at) - $3::bigint) / $4::bigint)::int AS part, r.campaign_id, r.refusal, count(*) AS refusals
  FROM fact_refusals r
  WHERE r.tenant_id = carillon_tenant() AND r.refused_at >= $1 AND r.refused_at < $2
    AND ($5::uuid IS NULL OR EXISTS (SELECT 1 FROM fact_campaigns c WHERE c.tenant_id = carillon_tenant()
                                       AND c.campaign_id = r.campaign_id AND c.client_id = $5))
  GROUP BY 1, 2, 3)sql"};

// $6: now.
inline constexpr pg::Statement kCallbackSums{"fact_attempts.callbacks", R"sql(
  SELECT ((pg_us(b.next_callback_at) - $3::bigint) / $4::bigint)::int AS part, b.campaign_id, count(*) AS due,
    count(*) FILTER (WHERE made.kept) AS kept
  FROM fact_attempts b
  CROSS JOIN LATERAL (
    SELECT EXISTS (SELECT 1 FROM fact_attempts a WHERE a.tenant_id = b.tenant_id
                     AND a.target_record_id = b.target_record_id AND a.callback_at = b.next_callback_at
                     AND a.dialled_at <= b.next_callback_at + interval '1 minute') AS kept) made
  WHERE b.tenant_id = carillon_tenant() AND b.next_callback_at >= $1 AND b.next_callback_at < $2
    AND b.next_callback_at <= $6 AND b.disposition = 'CALLBACK_BOOKED' AND ($5::uuid IS NULL OR b.client_id = $5)
  GROUP BY 1, 2)sql"};

// $4, $5: dispositions of the interested, and those an agent gives.
inline constexpr pg::Statement kFunnels{"fact_attempts.funnels", R"sql(
  SELECT campaign_id, count(DISTINCT target_record_id) AS dialled,
    count(DISTINCT target_record_id) FILTER (WHERE disposition = ANY ($5::text[])
      OR (connected_at IS NOT NULL AND disposition <> 'ABANDONED')) AS reached,
    count(DISTINCT target_record_id) FILTER (WHERE disposition = ANY ($4::text[])) AS interested,
    count(DISTINCT target_record_id) FILTER (WHERE disposition = 'SOLD') AS sold
  FROM fact_attempts
  WHERE tenant_id = carillon_tenant() AND dialled_at >= $1 AND dialled_at < $2
    AND ($3::uuid IS NULL OR client_id = $3)
  GROUP BY 1)sql"};

// Those of whose list the period knows: made in it, or before it and still at work; $4: and of which
// something is told besides.
inline constexpr pg::Statement kCampaigns{"fact_campaigns.load", R"sql(
  SELECT campaign_id, code, display_name, purpose, state, targets, refusals, refused::text[] AS refused
  FROM fact_campaigns
  WHERE tenant_id = carillon_tenant() AND ($3::uuid IS NULL OR client_id = $3)
    AND ((built_at < $2 AND (built_at >= $1 OR state IN ('RUNNING', 'PAUSED'))) OR campaign_id = ANY ($4::uuid[])))sql"};

inline constexpr pg::Statement kQuotaSums{"fact_quotas.sums", R"sql(
  SELECT agent_id, sum(planned)::bigint AS planned, sum(greatest(planned - drawn, 0))::bigint AS shortfall
  FROM fact_quotas
  WHERE tenant_id = carillon_tenant() AND drawn_at >= $1 AND drawn_at < $2 AND ($3::uuid IS NULL OR client_id = $3)
  GROUP BY 1)sql"};

inline constexpr pg::Statement kShortfalls{"fact_quotas.shortfalls", R"sql(
  SELECT s.band, s.reason, sum(s.missing)::bigint AS missing
  FROM fact_quotas q CROSS JOIN LATERAL unnest(q.bands, q.reasons, q.missing) AS s(band, reason, missing)
  WHERE q.tenant_id = carillon_tenant() AND q.drawn_at >= $1 AND q.drawn_at < $2
    AND ($3::uuid IS NULL OR q.client_id = $3)
  GROUP BY 1, 2 ORDER BY 1, 2)sql"};

inline constexpr pg::Statement kEvaluationSums{"fact_evaluations.sums", R"sql(
  SELECT agent_id, count(*) FILTER (WHERE what = 'drawn') AS drawn, count(*) FILTER (WHERE what = 'scored') AS scored,
    count(*) FILTER (WHERE what = 'scored' AND passed) AS passed,
    count(*) FILTER (WHERE what = 'scored' AND vetoed) AS vetoed,
    coalesce(sum(total) FILTER (WHERE what = 'scored'), 0)::bigint AS score_sum,
    count(*) FILTER (WHERE what = 'published') AS published
  FROM (
    SELECT 'drawn' AS what, agent_id, passed, vetoes <> '{}' AS vetoed, total FROM fact_evaluations
    WHERE tenant_id = carillon_tenant() AND drawn_at >= $1 AND drawn_at < $2 AND ($3::uuid IS NULL OR client_id = $3)
    UNION ALL
    SELECT 'scored', agent_id, passed, vetoes <> '{}', total FROM fact_evaluations
    WHERE tenant_id = carillon_tenant() AND scored_at >= $1 AND scored_at < $2 AND total IS NOT NULL
      AND ($3::uuid IS NULL OR client_id = $3)
    UNION ALL
    SELECT 'published', agent_id, passed, vetoes <> '{}', total FROM fact_evaluations
    WHERE tenant_id = carillon_tenant() AND published_at >= $1 AND published_at < $2
      AND ($3::uuid IS NULL OR client_id = $3)) happened
  GROUP BY 1)sql"};

inline constexpr pg::Statement kMatches{"fact_attempts.matches", R"sql(
  SELECT
    (SELECT count(*) FROM fact_attempts WHERE tenant_id = carillon_tenant() AND dialled_at >= $1
       AND dialled_at < $2) AS attempts,
    (SELECT count(*) FROM fact_attempts a WHERE a.tenant_id = carillon_tenant() AND a.dialled_at >= $1
       AND a.dialled_at < $2 AND NOT EXISTS (SELECT 1 FROM fact_calls c WHERE c.tenant_id = a.tenant_id
         AND c.attempt_id = a.attempt_id)) AS attempts_without_call,
    (SELECT count(*) FROM fact_calls c WHERE c.tenant_id = carillon_tenant() AND c.arrived_at >= $1
       AND c.arrived_at < $2 AND c.dialled_at IS NOT NULL AND NOT EXISTS (SELECT 1 FROM fact_attempts a
         WHERE a.tenant_id = c.tenant_id AND a.attempt_id = c.attempt_id)) AS calls_without_attempt)sql"};

inline constexpr pg::Statement kOrphans{"facts.orphans", R"sql(
  SELECT (SELECT count(*) FROM fact_sessions s WHERE tenant_id = carillon_tenant() AND started_at >= $1
            AND started_at < $2 AND NOT EXISTS (SELECT 1 FROM fact_calls c WHERE c.tenant_id = s.tenant_id
              AND c.call_id = s.call_id))
       + (SELECT count(*) FROM fact_interactions i WHERE tenant_id = carillon_tenant() AND arrived_at >= $1
            AND arrived_at < $2 AND call_id IS NOT NULL AND NOT EXISTS (SELECT 1 FROM fact_calls c
              WHERE c.tenant_id = i.tenant_id AND c.call_id = i.call_id)) AS orphans)sql"};

inline constexpr pg::Statement kEventCounts{"inbox.counts", R"sql(
  SELECT coalesce(a.topic, d.topic) AS topic, coalesce(a.type, d.type) AS type, coalesce(a.applied, 0) AS applied,
    coalesce(d.dead, 0) AS dead
  FROM (SELECT topic, type, count(*) AS applied FROM inbox WHERE tenant_id = carillon_tenant() GROUP BY 1, 2) a
  FULL JOIN (
    SELECT topic, type, count(*) AS dead FROM dead_events x WHERE tenant_id = carillon_tenant()
      AND NOT EXISTS (SELECT 1 FROM inbox i WHERE i.tenant_id = x.tenant_id AND i.event_id = x.event_id)
    GROUP BY 1, 2) d ON a.topic = d.topic AND a.type = d.type
  ORDER BY 1, 2)sql"};

// Drills: $1 from, $2 to, $3 client, $4 and $5 the last row of the page before, $6 rows.

inline constexpr pg::Statement kInteractions{"fact_interactions.list", R"sql(
  SELECT pg_us(arrived_at) AS at_us, interaction_id AS id, call_id, client_id, channel, queue_id, agent_id,
    customer_id, result, pg_us(ended_at) AS ended_us, wait_us, ring_us, talk_us, hold_us, wrap_us, disposition,
    direction
  FROM fact_interactions
  WHERE tenant_id = carillon_tenant() AND arrived_at >= $1 AND arrived_at < $2
    AND ($3::uuid IS NULL OR client_id = $3)
    AND ($4::timestamptz IS NULL OR (arrived_at, interaction_id) > ($4, $5::uuid))
  ORDER BY arrived_at, interaction_id LIMIT $6)sql"};

inline constexpr pg::Statement kSessions{"fact_sessions.list", R"sql(
  SELECT pg_us(started_at) AS at_us, session_id AS id, call_id, client_id, customer_id, result, path,
    pg_us(ended_at) AS ended_us
  FROM fact_sessions
  WHERE tenant_id = carillon_tenant() AND started_at >= $1 AND started_at < $2
    AND ($3::uuid IS NULL OR client_id = $3)
    AND ($4::timestamptz IS NULL OR (started_at, session_id) > ($4, $5::uuid))
  ORDER BY started_at, session_id LIMIT $6)sql"};

inline constexpr pg::Statement kCalls{"fact_calls.list", R"sql(
  SELECT pg_us(c.arrived_at) AS at_us, c.call_id AS id, c.client_id, pg_us(c.ended_at) AS ended_us, c.cause,
    c.ended_at IS NOT NULL AS over, c.session_id IS NOT NULL AS session_named,
    c.interaction_id IS NOT NULL AS interaction_named, coalesce(s.result, '') AS session_result,
    coalesce(i.served, false) AS served, coalesce(i.gone, false) AS gone, coalesce(i.waiting, false) AS waiting,
    c.direction = 'OUTBOUND' AS outbound, c.dialled_at IS NOT NULL AS dialled, c.answered_at IS NOT NULL AS picked_up,
    c.direction, c.attempt_id, pg_us(c.dialled_at) AS dialled_us, pg_us(c.answered_at) AS answered_us
  FROM fact_calls c
  LEFT JOIN LATERAL (
    SELECT result FROM fact_sessions WHERE tenant_id = c.tenant_id AND call_id = c.call_id
    ORDER BY started_at DESC LIMIT 1) s ON true
  LEFT JOIN LATERAL (
    SELECT bool_or(result = 'SERVED') AS served, bool_or(result IN ('LEFT', 'WITHDRAWN')) AS gone,
      bool_or(result = 'RESULT_UNSPECIFIED') AS waiting
    FROM fact_interactions WHERE tenant_id = c.tenant_id AND call_id = c.call_id) i ON true
  WHERE c.tenant_id = carillon_tenant() AND c.arrived_at >= $1 AND c.arrived_at < $2
    AND ($3::uuid IS NULL OR c.client_id = $3)
    AND ($4::timestamptz IS NULL OR (c.arrived_at, c.call_id) > ($4, $5::uuid))
  ORDER BY c.arrived_at, c.call_id LIMIT $6)sql"};

inline constexpr pg::Statement kAgentStates{"fact_agent_states.list", R"sql(
  SELECT pg_us(started_at) AS at_us, session_id AS id, agent_id, state, reason, pg_us(ended_at) AS ended_us, change
  FROM fact_agent_states
  WHERE tenant_id = carillon_tenant() AND started_at >= $1 AND started_at < $2 AND $3::uuid IS NULL
    AND ($4::timestamptz IS NULL OR (started_at, session_id, change) > ($4, $5::uuid, $7::bigint))
  ORDER BY started_at, session_id, change LIMIT $6)sql"};

inline constexpr pg::Statement kOrders{"fact_orders.list", R"sql(
  SELECT pg_us(created_at) AS at_us, work_order_id AS id, client_id, type, state, priority, interaction_id, desk_id,
    pg_us(completed_at) AS completed_us, pg_us(closed_at) AS closed_us, revisited, overdue, reopened_count,
    first_contact
  FROM fact_orders
  WHERE tenant_id = carillon_tenant() AND created_at >= $1 AND created_at < $2
    AND ($3::uuid IS NULL OR client_id = $3)
    AND ($4::timestamptz IS NULL OR (created_at, work_order_id) > ($4, $5::uuid))
  ORDER BY created_at, work_order_id LIMIT $6)sql"};

inline constexpr pg::Statement kAttempts{"fact_attempts.list", R"sql(
  SELECT pg_us(dialled_at) AS at_us, attempt_id AS id, campaign_id, client_id, target_record_id, customer_id, number,
    state, disposition, offer, pg_us(answered_at) AS answered_us, pg_us(connected_at) AS connected_us,
    pg_us(ended_at) AS ended_us, pg_us(callback_at) AS callback_us, pg_us(next_callback_at) AS next_callback_us,
    call_id, interaction_id, agent_id, talk_us
  FROM fact_attempts
  WHERE tenant_id = carillon_tenant() AND dialled_at >= $1 AND dialled_at < $2
    AND ($3::uuid IS NULL OR client_id = $3)
    AND ($4::timestamptz IS NULL OR (dialled_at, attempt_id) > ($4, $5::uuid))
  ORDER BY dialled_at, attempt_id LIMIT $6)sql"};

inline constexpr pg::Statement kEvaluations{"fact_evaluations.list", R"sql(
  SELECT pg_us(drawn_at) AS at_us, evaluation_id AS id, plan_id, client_id, agent_id, interaction_id, direction, state,
    total, passed, vetoes, pg_us(scored_at) AS scored_us, pg_us(published_at) AS published_us
  FROM fact_evaluations
  WHERE tenant_id = carillon_tenant() AND drawn_at >= $1 AND drawn_at < $2
    AND ($3::uuid IS NULL OR client_id = $3)
    AND ($4::timestamptz IS NULL OR (drawn_at, evaluation_id) > ($4, $5::uuid))
  ORDER BY drawn_at, evaluation_id LIMIT $6)sql"};

}  // namespace carillon::insight::store::sql
