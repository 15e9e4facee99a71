#pragma once
#include "pg/tx.hpp"

/// Every piece of SQL of this service.
namespace carillon::campaign::store::sql {

// Scripts
// -----------------------------------------------------------------------------------------------------

inline constexpr pg::Statement kScript{"scripts.load", R"sql(
  SELECT body, version FROM scripts WHERE tenant_id = carillon_tenant() AND script_id = $1
    AND CASE WHEN $2::int = 0 THEN newest ELSE number = $2 END)sql"};

inline constexpr pg::Statement kLockScript{"scripts.lock", R"sql(
  SELECT body, version FROM scripts WHERE tenant_id = carillon_tenant() AND script_id = $1 AND newest FOR UPDATE)sql"};

inline constexpr pg::Statement kLockApprovedScript{"scripts.lock_approved", R"sql(
  SELECT body, version FROM scripts
  WHERE tenant_id = carillon_tenant() AND script_id = $1 AND state = 'APPROVED' AND number < $2 FOR UPDATE)sql"};

inline constexpr pg::Statement kApprovedVersion{"scripts.approved_version", R"sql(
  SELECT coalesce(max(number), 0) AS number FROM scripts
  WHERE tenant_id = carillon_tenant() AND script_id = $1 AND state = 'APPROVED')sql"};

inline constexpr pg::Statement kListScripts{"scripts.list", R"sql(
  SELECT body, version, script_id FROM scripts
  WHERE tenant_id = carillon_tenant() AND newest AND ($1::uuid IS NULL OR script_id < $1)
  ORDER BY script_id DESC LIMIT $2)sql"};

inline constexpr pg::Statement kOutdateScript{"scripts.outdate", R"sql(
  UPDATE scripts SET newest = false
  WHERE tenant_id = carillon_tenant() AND script_id = $1 AND newest AND number < $2)sql"};

inline constexpr pg::Statement kSaveScript{"scripts.save", R"sql(
  INSERT INTO scripts (tenant_id, script_id, number, client_id, newest, state, owner_unit, owner_user, created_at,
    version, body)
  VALUES (carillon_tenant(), $1, $2, $3, true, $4, $5, $6, $7, $8, $9)
  ON CONFLICT (tenant_id, script_id, number) DO UPDATE SET state = excluded.state, version = excluded.version,
    body = excluded.body)sql"};

// Campaigns
// ---------------------------------------------------------------------------------------------------

inline constexpr pg::Statement kCampaign{"campaigns.load", R"sql(
  SELECT body, version FROM campaigns WHERE tenant_id = carillon_tenant() AND campaign_id = $1)sql"};

inline constexpr pg::Statement kLockCampaign{"campaigns.lock", R"sql(
  SELECT body, version FROM campaigns WHERE tenant_id = carillon_tenant() AND campaign_id = $1 FOR UPDATE)sql"};

// Keeps its state as it is until the transaction ends, and lets others do the same.
inline constexpr pg::Statement kHoldCampaign{"campaigns.hold", R"sql(
  SELECT body, version FROM campaigns WHERE tenant_id = carillon_tenant() AND campaign_id = $1 FOR SHARE)sql"};

inline constexpr pg::Statement kSaveCampaign{"campaigns.save", R"sql(
  INSERT INTO campaigns (tenant_id, campaign_id, client_id, code, state, queue_id, priority, begins_at, ends_at,
    owner_unit, owner_user, created_at, updated_at, version, body)
  VALUES (carillon_tenant(), $1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14)
  ON CONFLICT (tenant_id, campaign_id) DO UPDATE SET code = excluded.code, state = excluded.state,
    queue_id = excluded.queue_id, priority = excluded.priority, begins_at = excluded.begins_at,
    ends_at = excluded.ends_at, updated_at = excluded.updated_at, version = excluded.version, body = excluded.body
    WHERE campaigns.version = excluded.version - 1)sql"};

inline constexpr pg::Statement kListCampaigns{"campaigns.list", R"sql(
  SELECT body, version, campaign_id FROM campaigns
  WHERE tenant_id = carillon_tenant() AND ($1::uuid IS NULL OR campaign_id < $1)
    AND ($2::text IS NULL OR state = $2) AND ($3::uuid IS NULL OR client_id = $3)
  ORDER BY campaign_id DESC LIMIT $4)sql"};

inline constexpr pg::Statement kBeginBuild{"campaigns.begin_build", R"sql(
  UPDATE campaigns SET build_run = build_run + 1, build_page = 0
  WHERE tenant_id = carillon_tenant() AND campaign_id = $1 RETURNING build_run)sql"};

// No row: the page was counted already, or belongs to a build that was given up.
inline constexpr pg::Statement kTurnPage{"campaigns.turn_page", R"sql(
  UPDATE campaigns SET build_page = build_page + 1
  WHERE tenant_id = carillon_tenant() AND campaign_id = $1 AND build_run = $2 AND build_page = $3
    AND body -> 'build' ->> 'state' = 'BUILDING')sql"};

// Of every tenant: for the worker's role only.
inline constexpr pg::Statement kDueCampaigns{"campaigns.due", R"sql(
  SELECT c.tenant_id, c.campaign_id FROM campaigns c
  WHERE (c.state = 'SCHEDULED' AND c.begins_at <= $1) OR (c.state IN ('RUNNING', 'PAUSED') AND c.ends_at <= $1)
    OR (c.state = 'RUNNING' AND NOT EXISTS (SELECT FROM target_records t WHERE t.tenant_id = c.tenant_id
      AND t.campaign_id = c.campaign_id AND t.state IN ('QUEUED', 'DIALLING')))
  LIMIT 200)sql"};

// Of every tenant: for the worker's role only.
inline constexpr pg::Statement kDialWork{"campaigns.dial_work", R"sql(
  SELECT c.tenant_id, c.body, c.version, work.plain, work.callbacks FROM campaigns c, LATERAL (
    SELECT c.state = 'RUNNING' AND EXISTS (SELECT FROM target_records t WHERE t.tenant_id = c.tenant_id
        AND t.campaign_id = c.campaign_id AND t.state = 'QUEUED' AND t.callback_at IS NULL AND t.next_at <= $1) AS plain,
      EXISTS (SELECT FROM target_records t WHERE t.tenant_id = c.tenant_id AND t.campaign_id = c.campaign_id
        AND t.state = 'QUEUED' AND t.callback_at IS NOT NULL AND t.next_at <= $1) AS callbacks) work
  WHERE c.state IN ('RUNNING', 'FOLLOW_UP') AND c.queue_id IS NOT NULL AND (work.plain OR work.callbacks)
  ORDER BY c.priority, c.created_at LIMIT $2)sql"};

inline constexpr pg::Statement kOpenTargets{"target_records.open", R"sql(
  SELECT EXISTS (SELECT FROM target_records WHERE tenant_id = carillon_tenant() AND campaign_id = $1
    AND state IN ('QUEUED', 'DIALLING')) AS open)sql"};

// Targets
// -----------------------------------------------------------------------------------------------------

inline constexpr pg::Statement kTarget{"target_records.load", R"sql(
  SELECT body FROM target_records WHERE tenant_id = carillon_tenant() AND target_record_id = $1)sql"};

inline constexpr pg::Statement kLockTarget{"target_records.lock", R"sql(
  SELECT body, last_attempt_id FROM target_records
  WHERE tenant_id = carillon_tenant() AND target_record_id = $1 FOR UPDATE)sql"};

inline constexpr pg::Statement kLockTargetsOfCustomer{"target_records.lock_of_customer", R"sql(
  SELECT body, last_attempt_id FROM target_records WHERE tenant_id = carillon_tenant() AND customer_id = $1
    AND state IN ('QUEUED', 'DIALLING') ORDER BY target_record_id FOR UPDATE)sql"};

inline constexpr pg::Statement kListTargets{"target_records.list", R"sql(
  SELECT body, target_record_id FROM target_records
  WHERE tenant_id = carillon_tenant() AND campaign_id = $1 AND ($2::uuid IS NULL OR target_record_id > $2)
    AND ($3::text IS NULL OR state = $3) AND ($4::uuid IS NULL OR customer_id = $4)
  ORDER BY target_record_id LIMIT $5)sql"};

inline constexpr pg::Statement kForgetTargets{"target_records.forget", R"sql(
  DELETE FROM target_records WHERE tenant_id = carillon_tenant() AND campaign_id = $1)sql"};

inline constexpr pg::Statement kAddTargets{"target_records.add", R"sql(
  INSERT INTO target_records (tenant_id, target_record_id, campaign_id, client_id, customer_id, contact_class, state,
    priority, next_at, created_at, body)
  SELECT carillon_tenant(), id, $1, $2, customer, $3, 'QUEUED', priority, $4, $4, body::jsonb
  FROM unnest($5::uuid[], $6::uuid[], $7::int[], $8::text[]) AS target (id, customer, priority, body)
  ON CONFLICT (tenant_id, campaign_id, customer_id) DO NOTHING)sql"};

inline constexpr pg::Statement kSaveTarget{"target_records.save", R"sql(
  UPDATE target_records SET state = $2, next_at = $3, callback_at = $4, last_attempt_id = $5, body = $6
  WHERE tenant_id = carillon_tenant() AND target_record_id = $1)sql"};

// One priority at a time, so that each answer is the beginning of an index.
inline constexpr pg::Statement kClaim{"target_records.claim", R"sql(
  SELECT body FROM target_records
  WHERE tenant_id = carillon_tenant() AND campaign_id = $1 AND state = 'QUEUED' AND callback_at IS NULL
    AND priority = $2 AND next_at <= $3
  ORDER BY next_at, target_record_id LIMIT $4 FOR UPDATE SKIP LOCKED)sql"};

inline constexpr pg::Statement kClaimCallbacks{"target_records.claim_callbacks", R"sql(
  SELECT body FROM target_records
  WHERE tenant_id = carillon_tenant() AND campaign_id = $1 AND state = 'QUEUED' AND callback_at IS NOT NULL
    AND next_at <= $2
  ORDER BY next_at, target_record_id LIMIT $3 FOR UPDATE SKIP LOCKED)sql"};

inline constexpr pg::Statement kCallbacksDue{"target_records.callbacks_due", R"sql(
  SELECT count(*) AS due FROM campaigns c JOIN target_records t
    ON t.tenant_id = c.tenant_id AND t.campaign_id = c.campaign_id
  WHERE c.tenant_id = carillon_tenant() AND c.queue_id = $1 AND c.state IN ('RUNNING', 'FOLLOW_UP')
    AND t.state = 'QUEUED' AND t.callback_at IS NOT NULL AND t.next_at <= $2)sql"};

// Attempts
// ----------------------------------------------------------------------------------------------------

// Serialises those who count the agents of one queue.
inline constexpr pg::Statement kLockQueue{"attempts.lock_queue", R"sql(
  SELECT pg_advisory_xact_lock(hashtextextended('queue/' || carillon_tenant()::text || $1, 0)))sql"};

// Serialises those who decide about a customer; in one order, so that nobody waits in a circle.
inline constexpr pg::Statement kLockCustomers{"attempts.lock_customers", R"sql(
  SELECT pg_advisory_xact_lock(key) FROM (
    SELECT DISTINCT hashtextextended('customer/' || carillon_tenant()::text || id, 0) AS key
    FROM unnest($1::text[]) AS id ORDER BY key) AS keys)sql"};

inline constexpr pg::Statement kLooking{"attempts.looking", R"sql(
  SELECT count(*) AS looking FROM attempts
  WHERE tenant_id = carillon_tenant() AND queue_id = $1 AND state IN ('LEASED', 'DIALLING', 'ANSWERED'))sql"};

inline constexpr pg::Statement kAttempt{"attempts.load", R"sql(
  SELECT body FROM attempts WHERE tenant_id = carillon_tenant() AND attempt_id = $1)sql"};

inline constexpr pg::Statement kLockAttempt{"attempts.lock", R"sql(
  SELECT body FROM attempts WHERE tenant_id = carillon_tenant() AND attempt_id = $1 FOR UPDATE)sql"};

inline constexpr pg::Statement kLockAttemptOfCall{"attempts.lock_of_call", R"sql(
  SELECT body FROM attempts WHERE tenant_id = carillon_tenant() AND call_id = $1 FOR UPDATE)sql"};

inline constexpr pg::Statement kLockUnchecked{"attempts.lock_unchecked", R"sql(
  SELECT body FROM attempts WHERE tenant_id = carillon_tenant() AND attempt_id = ANY ($1::uuid[])
    AND state = 'LEASED' AND NOT checked ORDER BY attempt_id FOR UPDATE)sql"};

inline constexpr pg::Statement kLockLeasedOfCampaign{"attempts.lock_leased_of_campaign", R"sql(
  SELECT body FROM attempts WHERE tenant_id = carillon_tenant() AND campaign_id = $1 AND state = 'LEASED'
  ORDER BY attempt_id FOR UPDATE)sql"};

inline constexpr pg::Statement kLockLeasedOfCustomer{"attempts.lock_leased_of_customer", R"sql(
  SELECT body FROM attempts WHERE tenant_id = carillon_tenant() AND customer_id = $1 AND state = 'LEASED'
  ORDER BY attempt_id FOR UPDATE)sql"};

// In the order they were claimed.
inline constexpr pg::Statement kAttemptsOfLease{"attempts.of_lease", R"sql(
  SELECT a.body FROM attempts a JOIN target_records t USING (tenant_id, target_record_id)
  WHERE a.tenant_id = carillon_tenant() AND a.lease_request_id = $1
  ORDER BY a.callback_at IS NULL, CASE WHEN a.callback_at IS NULL THEN t.priority END, t.next_at, t.target_record_id)sql"};

inline constexpr pg::Statement kAddAttempt{"attempts.add", R"sql(
  INSERT INTO attempts (tenant_id, attempt_id, campaign_id, target_record_id, client_id, customer_id, queue_id, state,
    checked, lease_request_id, callback_at, leased_at, expires_at, waits_until, disposition, body)
  VALUES (carillon_tenant(), $1, $2, $3, $4, $5, $6, $7, false, $8, $9, $10, $11, $12, $13, $14))sql"};

inline constexpr pg::Statement kSaveAttempt{"attempts.save", R"sql(
  UPDATE attempts SET state = $2, checked = true, dialled_at = $3, connected_at = $4, waits_until = $5,
    disposition = $6, call_id = $7, body = $8
  WHERE tenant_id = carillon_tenant() AND attempt_id = $1)sql"};

inline constexpr pg::Statement kListAttempts{"attempts.list", R"sql(
  SELECT body, pg_us(leased_at) AS leased_us, attempt_id FROM attempts
  WHERE tenant_id = carillon_tenant() AND ($1::timestamptz IS NULL OR (leased_at, attempt_id) < ($1, $2::uuid))
    AND ($3::uuid IS NULL OR campaign_id = $3) AND ($4::uuid IS NULL OR target_record_id = $4)
    AND ($5::uuid IS NULL OR customer_id = $5)
  ORDER BY leased_at DESC, attempt_id DESC LIMIT $6)sql"};

// Dialled attempts that were no promised calls.
inline constexpr pg::Statement kCounted{"attempts.counted", R"sql(
  SELECT count(*) AS counted FROM attempts WHERE tenant_id = carillon_tenant() AND target_record_id = $1
    AND dialled_at >= $2 AND callback_at IS NULL)sql"};

// Of every tenant: for the worker's role only.
inline constexpr pg::Statement kOverdueAttempts{"attempts.overdue", R"sql(
  SELECT tenant_id, attempt_id FROM attempts WHERE waits_until <= $1 ORDER BY waits_until LIMIT 500)sql"};

// Frequency, refusals, do not call
// ------------------------------------------------------------------------------

inline constexpr pg::Statement kContacts{"contact_ledger.contacts", R"sql(
  SELECT customer_id, pg_us(contacted_at) AS contacted_us FROM contact_ledger
  WHERE tenant_id = carillon_tenant() AND customer_id = ANY ($1::uuid[]) AND contact_class = $2
    AND contacted_at > $3 AND NOT target_record_id = ANY ($4::uuid[]))sql"};

inline constexpr pg::Statement kInProgress{"attempts.in_progress", R"sql(
  SELECT DISTINCT customer_id FROM attempts
  WHERE tenant_id = carillon_tenant() AND customer_id = ANY ($1::uuid[]) AND checked
    AND state IN ('LEASED', 'DIALLING', 'ANSWERED', 'CONNECTED') AND NOT attempt_id = ANY ($2::uuid[]))sql"};

inline constexpr pg::Statement kNoteContact{"contact_ledger.note", R"sql(
  INSERT INTO contact_ledger (tenant_id, attempt_id, target_record_id, customer_id, contact_class, contacted_at)
  SELECT tenant_id, $1, target_record_id, customer_id, contact_class, $3 FROM target_records
  WHERE tenant_id = carillon_tenant() AND target_record_id = $2
  ON CONFLICT (tenant_id, attempt_id) DO UPDATE SET contacted_at = excluded.contacted_at)sql"};

inline constexpr pg::Statement kDropContact{"contact_ledger.drop", R"sql(
  DELETE FROM contact_ledger WHERE tenant_id = carillon_tenant() AND attempt_id = $1)sql"};

// One row when it is to be told: the first time since the target was dialled.
inline constexpr pg::Statement kNoteRefusal{"contact_refusals.note", R"sql(
  INSERT INTO contact_refusals (tenant_id, target_record_id, refusal, campaign_id, refused_at, told)
  VALUES (carillon_tenant(), $1, $2, $3, $4, true)
  ON CONFLICT (tenant_id, target_record_id, refusal) DO UPDATE SET told = true, refused_at = excluded.refused_at
    WHERE NOT contact_refusals.told)sql"};

inline constexpr pg::Statement kForgetRefusals{"contact_refusals.forget", R"sql(
  UPDATE contact_refusals SET told = false
  WHERE tenant_id = carillon_tenant() AND target_record_id = $1 AND told)sql"};

inline constexpr pg::Statement kDeleteRefusals{"contact_refusals.delete", R"sql(
  DELETE FROM contact_refusals WHERE tenant_id = carillon_tenant() AND campaign_id = $1)sql"};

inline constexpr pg::Statement kRules{"frequency_rules.list", R"sql(
  SELECT frequency_rule_id, contact_class, max_count, period_days, on_hit FROM frequency_rules
  WHERE tenant_id = carillon_tenant() ORDER BY contact_class, period_days)sql"};

inline constexpr pg::Statement kSetRule{"frequency_rules.set", R"sql(
  INSERT INTO frequency_rules (tenant_id, frequency_rule_id, contact_class, max_count, period_days, on_hit, updated_by,
    updated_at)
  VALUES (carillon_tenant(), $1, $2, $3, $4, $5, $6, $7)
  ON CONFLICT (tenant_id, contact_class, period_days) DO UPDATE SET max_count = excluded.max_count,
    on_hit = excluded.on_hit, updated_by = excluded.updated_by, updated_at = excluded.updated_at
  RETURNING frequency_rule_id, contact_class, max_count, period_days, on_hit)sql"};

inline constexpr pg::Statement kDeleteRule{"frequency_rules.delete", R"sql(
  DELETE FROM frequency_rules WHERE tenant_id = carillon_tenant() AND frequency_rule_id = $1
  RETURNING frequency_rule_id, contact_class, max_count, period_days, on_hit)sql"};

// The entry that stands comes back when there is one.
inline constexpr pg::Statement kAddEntry{"do_not_call.add", R"sql(
  INSERT INTO do_not_call (tenant_id, entry_id, customer_id, number_hash, source, reason, added_by, created_at)
  VALUES (carillon_tenant(), $1, $2, $3, $4, $5, $6, $7) ON CONFLICT DO NOTHING
  RETURNING entry_id, customer_id, source, reason, added_by, pg_us(created_at) AS created_us)sql"};

inline constexpr pg::Statement kFindEntry{"do_not_call.find", R"sql(
  SELECT entry_id, customer_id, source, reason, added_by, pg_us(created_at) AS created_us FROM do_not_call
  WHERE tenant_id = carillon_tenant() AND (customer_id = $1 OR number_hash = ANY ($2::text[])) LIMIT 1)sql"};

inline constexpr pg::Statement kDeleteEntry{"do_not_call.delete", R"sql(
  DELETE FROM do_not_call WHERE tenant_id = carillon_tenant() AND entry_id = $1
  RETURNING entry_id, customer_id, source, reason, added_by, pg_us(created_at) AS created_us)sql"};

inline constexpr pg::Statement kListEntries{"do_not_call.list", R"sql(
  SELECT entry_id, customer_id, source, reason, added_by, pg_us(created_at) AS created_us FROM do_not_call
  WHERE tenant_id = carillon_tenant() AND ($1::timestamptz IS NULL OR (created_at, entry_id) < ($1, $2::uuid))
    AND ($3::uuid IS NULL OR customer_id = $3)
  ORDER BY created_at DESC, entry_id DESC LIMIT $4)sql"};

// Which of these customers and hashes are on the list.
inline constexpr pg::Statement kOnList{"do_not_call.on_list", R"sql(
  SELECT customer_id::text AS subject FROM do_not_call
  WHERE tenant_id = carillon_tenant() AND customer_id = ANY ($1::uuid[])
  UNION ALL
  SELECT number_hash FROM do_not_call WHERE tenant_id = carillon_tenant() AND number_hash = ANY ($2::text[]))sql"};

// The funnel
// --------------------------------------------------------------------------------------------------

inline constexpr pg::Statement kListed{"target_records.listed", R"sql(
  SELECT count(*) AS listed, count(*) FILTER (WHERE state = 'QUEUED' AND callback_at <= $2) AS late FROM target_records
  WHERE tenant_id = carillon_tenant() AND campaign_id = $1)sql"};

inline constexpr pg::Statement kFunnel{"attempts.funnel", R"sql(
  SELECT count(*) AS attempts, count(DISTINCT target_record_id) AS dialled,
    count(DISTINCT target_record_id) FILTER (WHERE connected_at IS NOT NULL) AS reached,
    count(DISTINCT target_record_id) FILTER (WHERE disposition IN ('INTERESTED', 'SEND_MATERIAL', 'SOLD')) AS interested,
    count(DISTINCT target_record_id) FILTER (WHERE disposition = 'SOLD') AS sold,
    count(*) FILTER (WHERE callback_at IS NOT NULL) AS callbacks,
    count(*) FILTER (WHERE dialled_at <= callback_at + interval '1 minute') AS kept
  FROM attempts WHERE tenant_id = carillon_tenant() AND campaign_id = $1 AND dialled_at IS NOT NULL
    AND ($2::timestamptz IS NULL OR dialled_at >= $2) AND ($3::timestamptz IS NULL OR dialled_at < $3))sql"};

inline constexpr pg::Statement kDispositions{"attempts.dispositions", R"sql(
  SELECT disposition, count(*) AS attempts FROM attempts
  WHERE tenant_id = carillon_tenant() AND campaign_id = $1 AND state = 'ENDED'
    AND ($2::timestamptz IS NULL OR dialled_at >= $2) AND ($3::timestamptz IS NULL OR dialled_at < $3)
  GROUP BY disposition)sql"};

inline constexpr pg::Statement kRefusals{"contact_refusals.count", R"sql(
  SELECT refusal, count(*) AS targets FROM contact_refusals
  WHERE tenant_id = carillon_tenant() AND campaign_id = $1
    AND ($2::timestamptz IS NULL OR refused_at >= $2) AND ($3::timestamptz IS NULL OR refused_at < $3)
  GROUP BY refusal)sql"};

}  // namespace carillon::campaign::store::sql
