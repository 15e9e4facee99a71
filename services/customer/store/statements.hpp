#pragma once
#include "pg/tx.hpp"

/// All SQL of the service. `$1` of the statements that write customers is a JSON array of documents, see
/// customers.cpp.
namespace carillon::customer::store {

inline constexpr pg::Statement kInsertCustomers{"customers.insert", R"(
INSERT INTO customers (tenant_id, customer_id, client_id, state, party_type, display_name, party, birth_year, grade,
  life_cycle_stage, brand, home_region, home_branch, preferred_language, preferred_channel, do_not_contact, special_needs,
  addresses, custom_fields, owner_unit, owner_user, source_system, source_key, version, created_at, updated_at, contacted_at,
  lifetime_value)
SELECT carillon_tenant(), (c->>'id')::uuid, (c->>'client_id')::uuid, c->>'state', c->>'party_type', c->>'display_name',
  c->'party', (c->>'birth_year')::int, c->>'grade', c->>'life_cycle_stage', c->>'brand', c->>'home_region',
  c->>'home_branch', c->>'preferred_language', c->>'preferred_channel', (c->>'do_not_contact')::boolean,
  c->'special_needs', c->'addresses', c->'custom_fields', c->>'owner_unit', c->>'owner_user', c->'source'->>'system',
  c->'source'->>'key', (c->>'etag')::bigint, (c->>'create_time')::timestamptz, (c->>'update_time')::timestamptz,
  (c->>'create_time')::timestamptz, c->'lifetime_value'
FROM jsonb_array_elements($1::jsonb) AS c)"};

// The id beside its document: behind row-level security an id that is read out of JSON in the statement is
// looked for in no index (its functions might tell of rows that are not to be seen), so each update would
// read the whole table.
inline constexpr pg::Statement kUpdateCustomer{"customers.update", R"(
WITH one AS MATERIALIZED (SELECT $1::jsonb->0 AS c)
UPDATE customers SET state = c->>'state', display_name = c->>'display_name', party = c->'party',
  birth_year = (c->>'birth_year')::int, grade = c->>'grade', life_cycle_stage = c->>'life_cycle_stage',
  brand = c->>'brand', home_region = c->>'home_region', home_branch = c->>'home_branch',
  preferred_language = c->>'preferred_language', preferred_channel = c->>'preferred_channel',
  do_not_contact = (c->>'do_not_contact')::boolean, special_needs = c->'special_needs', addresses = c->'addresses',
  custom_fields = c->'custom_fields', owner_unit = c->>'owner_unit', owner_user = c->>'owner_user',
  version = (c->>'etag')::bigint, updated_at = (c->>'update_time')::timestamptz,
  merged_into = nullif(substr(c->>'merged_into', 11), '')::uuid, lifetime_value = c->'lifetime_value',
  changed_xid = pg_current_xact_id()
FROM one WHERE tenant_id = carillon_tenant() AND customer_id = $2::uuid)"};

inline constexpr pg::Statement kUpdateState{"customers.update_state", R"(
UPDATE customers SET state = $2, version = $3, updated_at = $4, changed_xid = pg_current_xact_id()
WHERE tenant_id = carillon_tenant() AND customer_id = $1::uuid)"};

inline constexpr pg::Statement kTouch{"customers.touch", R"(
UPDATE customers SET contacted_at = greatest(contacted_at, $2::timestamptz)
WHERE tenant_id = carillon_tenant() AND customer_id = $1::uuid)"};

inline constexpr pg::Statement kDeleteParts{"customers.delete_parts", R"(
WITH one AS (SELECT carillon_tenant() AS t, $1::uuid AS c),
  a AS (DELETE FROM customer_identifiers USING one WHERE tenant_id = t AND customer_id = c),
  b AS (DELETE FROM contact_media USING one WHERE tenant_id = t AND customer_id = c),
  d AS (DELETE FROM accounts USING one WHERE tenant_id = t AND customer_id = c),
  e AS (DELETE FROM segments USING one WHERE tenant_id = t AND customer_id = c),
  f AS (DELETE FROM consents USING one WHERE tenant_id = t AND customer_id = c)
DELETE FROM customer_terms USING one WHERE tenant_id = t AND customer_id = c)"};

inline constexpr pg::Statement kInsertParts{"customers.insert_parts", R"(
WITH input AS MATERIALIZED (
  SELECT c AS doc, carillon_tenant() AS t, (c->>'id')::uuid AS id, (c->>'client_id')::uuid AS client
  FROM jsonb_array_elements($1::jsonb) AS c),
a AS (INSERT INTO customer_identifiers (tenant_id, customer_id, client_id, position, type, number_sealed, number_hash,
        expiry_date)
      SELECT t, id, client, n, x->>'type', x->>'number', x->>'hash', x->'expiry_date'
      FROM input, jsonb_array_elements(doc->'identifiers') WITH ORDINALITY AS i(x, n)),
b AS (INSERT INTO contact_media (tenant_id, customer_id, client_id, position, type, number, address, is_primary, purpose,
        best_time, own_line, verified_at, bounce_count)
      SELECT t, id, client, n, x->>'type', nullif(x->>'number', ''), nullif(x->>'address', ''), (x->>'primary')::boolean,
        x->>'purpose', x->>'best_time', (x->>'own_line')::boolean, (x->>'verify_time')::timestamptz,
        coalesce((x->>'bounce_count')::int, 0)
      FROM input, jsonb_array_elements(doc->'contacts') WITH ORDINALITY AS i(x, n)),
d AS (INSERT INTO accounts (tenant_id, customer_id, client_id, position, number_sealed, number_hash, type, product_code,
        state, open_date, expiry_date, expires_on, balance, arrears, points, monthly_fee)
      SELECT t, id, client, n, x->>'number', x->>'hash', x->>'type', x->>'product_code', x->>'state', x->'open_date',
        x->'expiry_date', make_date((x->'expiry_date'->>'year')::int, (x->'expiry_date'->>'month')::int,
        (x->'expiry_date'->>'day')::int), x->'balance', x->'arrears', (x->>'points')::bigint,
        x->'monthly_fee'
      FROM input, jsonb_array_elements(doc->'accounts') WITH ORDINALITY AS i(x, n)),
e AS (INSERT INTO segments (tenant_id, customer_id, client_id, dimension, value, score, model_version, computed_at)
      SELECT t, id, client, x->>'dimension', x->>'value', (x->>'score')::double precision, x->>'model_version',
        (x->>'compute_time')::timestamptz
      FROM input, jsonb_array_elements(doc->'segments') AS x),
f AS (INSERT INTO consents (tenant_id, customer_id, client_id, channel, purpose, decision, evidence, decided_at)
      SELECT t, id, client, x->>'channel', x->>'purpose', x->>'decision', x->>'evidence', (x->>'decide_time')::timestamptz
      FROM input, jsonb_array_elements(doc->'consents') AS x),
g AS (INSERT INTO consent_records (tenant_id, customer_id, client_id, channel, purpose, decision, evidence, decided_at,
        recorded_at, recorded_by)
      SELECT t, id, client, x->>'channel', x->>'purpose', x->>'decision', x->>'evidence', (x->>'decide_time')::timestamptz,
        $2, $3
      FROM input, jsonb_array_elements(doc->'consents') AS x
      ON CONFLICT DO NOTHING)
INSERT INTO customer_terms (tenant_id, customer_id, client_id, term)
SELECT t, id, client, x FROM input, jsonb_array_elements_text(doc->'terms') AS x)"};

// A function's second query sees what was committed while its first waited for the lock; one statement would
// not.
inline constexpr pg::Statement kLock{"customers.lock", R"(
SELECT document, custom_fields, composed FROM customer_locked($1::uuid))"};

inline constexpr pg::Statement kDetach{"customers.detach", R"(
UPDATE customers SET state = $2, merged_into = NULL
WHERE tenant_id = carillon_tenant() AND customer_id = $1::uuid)"};

inline constexpr pg::Statement kSetComposed{"customers.set_composed", R"(
UPDATE customers SET composed = true WHERE tenant_id = carillon_tenant() AND customer_id = $1::uuid)"};

inline constexpr pg::Statement kLoad{"customer_documents.load", R"(
SELECT document, custom_fields FROM customer_documents
WHERE tenant_id = carillon_tenant() AND customer_id = ANY ($1::uuid[]) ORDER BY customer_id)"};

inline constexpr pg::Statement kList{"customers.list", R"(
SELECT document, custom_fields FROM customer_documents
WHERE tenant_id = carillon_tenant() AND customer_id IN (
  SELECT c.customer_id FROM customers c
  WHERE c.tenant_id = carillon_tenant() AND c.customer_id > $1::uuid
    AND CASE WHEN $2 = '' THEN c.state NOT IN ('MERGED', 'ERASED') ELSE c.state = $2 END
    AND ($3::text[] = '{}' OR c.grade = ANY ($3::text[])) AND ($4::uuid IS NULL OR c.client_id = $4::uuid)
    AND ($5 = '' OR (c.home_region >= $5 AND c.home_region < $6))
    AND ($7::int = 0 OR c.birth_year >= $7::int) AND ($8::int = 0 OR c.birth_year <= $8::int)
    AND NOT EXISTS (
      SELECT FROM unnest($9::text[]) AS wanted(type)
      WHERE NOT EXISTS (SELECT FROM accounts a WHERE a.tenant_id = carillon_tenant() AND a.customer_id = c.customer_id
                          AND a.type = wanted.type AND a.state NOT IN ('CLOSED', 'EXPIRED')))
    AND ($10::text[] = '{}' OR NOT EXISTS (
      SELECT FROM accounts a WHERE a.tenant_id = carillon_tenant() AND a.customer_id = c.customer_id
        AND a.type = ANY ($10::text[]) AND a.state NOT IN ('CLOSED', 'EXPIRED')))
    AND NOT EXISTS (
      SELECT FROM unnest($11::text[], $12::text[]) AS wanted(dimension, value)
      WHERE NOT EXISTS (SELECT FROM segments s WHERE s.tenant_id = carillon_tenant() AND s.customer_id = c.customer_id
                          AND s.dimension = wanted.dimension AND s.value = wanted.value))
  ORDER BY c.customer_id LIMIT $13)
ORDER BY customer_id)"};

// What a caller's card shows of those with a number, and nothing that would have to be opened. Alerts and
// needs, which few have, come as JSON, all else as columns: a parser of JSON costs more than the rest of a
// look-up.
inline constexpr pg::Statement kByNumber{"customers.by_number", R"(/* alone */
SELECT c.customer_id::text AS id, c.client_id::text AS client, c.state, c.party_type = 'ORGANISATION' AS organisation,
  c.display_name, c.party->>'salutation' AS salutation, (c.party->'birth_date'->>'year')::int AS year,
  (c.party->'birth_date'->>'month')::int AS month, (c.party->'birth_date'->>'day')::int AS day, c.grade, c.brand,
  c.home_region, c.preferred_language, m.own_line,
  nullif(c.special_needs, '[]')::text AS special_needs,
  (SELECT json_strip_nulls(json_agg(json_build_object(
            'name', 'customers/' || l.customer_id || '/alerts/' || l.alert_id, 'code', l.code, 'severity', l.severity,
            'reason', l.reason, 'subject', l.subject, 'raised_by', l.raised_by, 'raise_time', proto_time(l.raised_at),
            'expire_time', proto_time(l.expires_at)) ORDER BY l.raised_at, l.alert_id))
   FROM alerts l WHERE l.tenant_id = c.tenant_id AND l.customer_id = c.customer_id AND l.cleared_at IS NULL) AS alerts,
  EXISTS (SELECT FROM service_passwords p WHERE p.tenant_id = c.tenant_id AND p.customer_id = c.customer_id) AS password,
  EXISTS (SELECT FROM last_contacts t WHERE t.tenant_id = c.tenant_id AND t.customer_id = c.customer_id) AS contacted
FROM (SELECT customer_id, bool_or(own_line) AS own_line FROM contact_media
      WHERE tenant_id = carillon_tenant() AND number = $1 GROUP BY customer_id) AS m
JOIN customers c ON c.tenant_id = carillon_tenant() AND c.customer_id = m.customer_id
WHERE c.state NOT IN ('CLOSED', 'MERGED', 'ERASED')
ORDER BY c.customer_id LIMIT 100)"};

inline constexpr pg::Statement kIdsByNumbers{"contact_media.customers", R"(
SELECT DISTINCT c.customer_id, c.customer_id::text AS id FROM contact_media m
JOIN customers c ON c.tenant_id = carillon_tenant() AND c.customer_id = m.customer_id
WHERE m.tenant_id = carillon_tenant() AND m.number = ANY ($1::text[])
  AND c.state NOT IN ('CLOSED', 'MERGED', 'ERASED') ORDER BY c.customer_id LIMIT $2)"};

// OFFSET 0: the few who are found are looked up one by one. How many a beginning finds the planner cannot
// know, and would rather go through all customers beside them.
inline constexpr pg::Statement kByTerms{"customer_terms.search", R"(
SELECT c.customer_id::text AS id
FROM (SELECT t.customer_id
      FROM unnest($1::text[], $2::text[]) WITH ORDINALITY AS q(low, high, n)
      JOIN customer_terms t ON t.tenant_id = carillon_tenant() AND t.term >= q.low AND t.term < q.high
      WHERE t.customer_id > $3::uuid
      GROUP BY t.customer_id HAVING count(DISTINCT q.n) = cardinality($1::text[])) AS found,
  LATERAL (SELECT c.customer_id FROM customers c
           WHERE c.tenant_id = carillon_tenant() AND c.customer_id = found.customer_id
             AND c.state NOT IN ('MERGED', 'ERASED') OFFSET 0) AS c
ORDER BY found.customer_id LIMIT $4)"};

inline constexpr pg::Statement kByIdentifier{"customer_identifiers.search", R"(
SELECT c.customer_id::text AS id FROM customer_identifiers i
JOIN customers c ON c.tenant_id = carillon_tenant() AND c.customer_id = i.customer_id
WHERE i.tenant_id = carillon_tenant() AND i.number_hash = ANY ($1::text[]) AND i.type = $2
  AND c.state NOT IN ('MERGED', 'ERASED') AND c.customer_id > $3::uuid
ORDER BY c.customer_id LIMIT $4)"};

inline constexpr pg::Statement kByAccount{"accounts.search", R"(
SELECT DISTINCT c.customer_id, c.customer_id::text AS id FROM accounts a
JOIN customers c ON c.tenant_id = carillon_tenant() AND c.customer_id = a.customer_id
WHERE a.tenant_id = carillon_tenant() AND a.number_hash = ANY ($1::text[])
  AND c.state NOT IN ('MERGED', 'ERASED') AND c.customer_id > $2::uuid
ORDER BY c.customer_id LIMIT $3)"};

inline constexpr pg::Statement kOwners{"customer_identifiers.owners", R"(
SELECT q.n, i.customer_id::text AS id
FROM unnest($1::int[], $2::text[], $3::text[], $4::uuid[]) AS q(n, type, hash, client)
JOIN customer_identifiers i ON i.tenant_id = carillon_tenant() AND i.number_hash = q.hash AND i.type = q.type
  AND i.client_id IS NOT DISTINCT FROM q.client)"};

// Two looks into the index: IS NOT DISTINCT FROM would go through all that the tenant has in it.
inline constexpr pg::Statement kSourceOwners{"customers.source_owners", R"(
SELECT q.n, c.customer_id::text AS id
FROM unnest($1::int[], $2::text[], $3::text[], $4::uuid[]) AS q(n, system, key, client),
  LATERAL (SELECT c.customer_id FROM customers c WHERE c.tenant_id = carillon_tenant() AND c.client_id = q.client
             AND c.source_system = q.system AND c.source_key = q.key
           UNION ALL
           SELECT c.customer_id FROM customers c WHERE c.tenant_id = carillon_tenant() AND c.client_id IS NULL
             AND q.client IS NULL AND c.source_system = q.system AND c.source_key = q.key) AS c)"};

inline constexpr pg::Statement kLockImports{"customers.lock_imports", R"(
SELECT pg_advisory_xact_lock(hashtextextended('customer imports ' || carillon_tenant(), 0)))"};

inline constexpr pg::Statement kUpsertAlert{"alerts.upsert", R"(
INSERT INTO alerts (tenant_id, alert_id, customer_id, client_id, code, severity, reason, subject, raised_by, raised_at,
  expires_at)
VALUES (carillon_tenant(), $1::uuid, $2::uuid, $3::uuid, $4, $5, $6, $7, $8, $9, $10)
ON CONFLICT (tenant_id, alert_id) DO UPDATE SET severity = excluded.severity, reason = excluded.reason,
  raised_by = excluded.raised_by, raised_at = excluded.raised_at, expires_at = excluded.expires_at)"};

inline constexpr pg::Statement kClearAlert{"alerts.clear", R"(
UPDATE alerts SET cleared_by = $3, cleared_at = $4, clear_reason = $5
WHERE tenant_id = carillon_tenant() AND alert_id = $1::uuid AND customer_id = $2::uuid AND cleared_at IS NULL)"};

inline constexpr pg::Statement kAlertKnown{"alerts.known", R"(
SELECT 1 FROM alerts WHERE tenant_id = carillon_tenant() AND alert_id = $1::uuid AND customer_id = $2::uuid)"};

inline constexpr pg::Statement kLastContacts{"last_contacts.load", R"(
SELECT customer_id::text AS id, direction, pg_us(contacted_at) AS contacted_us, channel, interaction, agent, queue, reason,
  disposition, recent_us::text[] AS recent
FROM last_contacts WHERE tenant_id = carillon_tenant() AND customer_id = ANY ($1::uuid[])
ORDER BY customer_id, contacted_at DESC)"};

inline constexpr pg::Statement kSaveLastContact{"last_contacts.save", R"(
INSERT INTO last_contacts (tenant_id, customer_id, client_id, direction, contacted_at, channel, interaction, agent, queue,
  reason, disposition, recent_us)
VALUES (carillon_tenant(), $1::uuid, $2::uuid, $3, $4, $5, $6, $7, $8, $9, $10, $11::bigint[])
ON CONFLICT (tenant_id, customer_id, direction) DO UPDATE SET contacted_at = excluded.contacted_at,
  channel = excluded.channel, interaction = excluded.interaction, agent = excluded.agent, queue = excluded.queue,
  reason = excluded.reason, disposition = excluded.disposition, recent_us = excluded.recent_us)"};

inline constexpr pg::Statement kSetPassword{"service_passwords.set", R"(
INSERT INTO service_passwords (tenant_id, customer_id, client_id, password_hash, failed_tries, locked_until, changed_at)
VALUES (carillon_tenant(), $1::uuid, $2::uuid, $3, 0, NULL, $4)
ON CONFLICT (tenant_id, customer_id) DO UPDATE SET password_hash = excluded.password_hash, failed_tries = 0,
  locked_until = NULL, changed_at = excluded.changed_at)"};

inline constexpr pg::Statement kLockPassword{"service_passwords.lock", R"(
SELECT password_hash, failed_tries, pg_us(locked_until) AS locked_us FROM service_passwords
WHERE tenant_id = carillon_tenant() AND customer_id = $1::uuid FOR UPDATE)"};

inline constexpr pg::Statement kSaveTries{"service_passwords.save_tries", R"(
UPDATE service_passwords SET failed_tries = $2, locked_until = $3
WHERE tenant_id = carillon_tenant() AND customer_id = $1::uuid)"};

inline constexpr pg::Statement kSilent{"customers.silent", R"(
SELECT tenant_id::text AS tenant, customer_id::text AS id, pg_us(contacted_at) AS contacted_us FROM customers
WHERE state = 'ACTIVE' AND contacted_at < $1 AND updated_at < $1
  AND ($2::timestamptz IS NULL OR (contacted_at, customer_id) > ($2, $3::uuid))
ORDER BY contacted_at, customer_id LIMIT $4)"};

inline constexpr pg::Statement kPutSystem{"source_systems.put", R"(
INSERT INTO source_systems (tenant_id, code, display_name, trust_rank) VALUES (carillon_tenant(), $1, $2, $3)
ON CONFLICT (tenant_id, code) DO UPDATE SET display_name = excluded.display_name, trust_rank = excluded.trust_rank
RETURNING code, display_name, trust_rank, pg_us(watermark) AS watermark_us, pg_us(last_sync_at) AS last_sync_us)"};

inline constexpr pg::Statement kSystems{"source_systems.list", R"(
SELECT code, display_name, trust_rank, pg_us(watermark) AS watermark_us, pg_us(last_sync_at) AS last_sync_us
FROM source_systems WHERE tenant_id = carillon_tenant() ORDER BY trust_rank, code)"};

inline constexpr pg::Statement kNoteSync{"source_systems.note_sync", R"(
UPDATE source_systems SET watermark = greatest(watermark, $2::timestamptz), last_sync_at = $3
WHERE tenant_id = carillon_tenant() AND code = $1)"};

// A customer and all who went into it, however deep.
inline constexpr pg::Statement kRecordsOf{"source_records.of_customer", R"(
SELECT r.record_id::text AS id, r.home_id::text AS home, r.sealed, r.is_open
FROM customer_family($1::uuid) AS f(id) JOIN source_records r ON r.tenant_id = carillon_tenant() AND r.home_id = f.id
ORDER BY r.record_id)"};

inline constexpr pg::Statement kFindRecord{"source_records.find", R"(
SELECT record_id::text AS id, home_id::text AS home, sealed, is_open FROM source_records
WHERE tenant_id = carillon_tenant() AND client_id IS NOT DISTINCT FROM $1::uuid AND system = $2
  AND key = ANY ($3::text[]))"};

inline constexpr pg::Statement kSaveRecord{"source_records.save", R"(
INSERT INTO source_records (tenant_id, record_id, client_id, home_id, system, key, sealed, observed_at, received_at, is_open)
VALUES (carillon_tenant(), $1::uuid, $2::uuid, $3::uuid, $4, $5, $6, $7, $8, $9)
ON CONFLICT (tenant_id, record_id) DO UPDATE SET sealed = excluded.sealed, observed_at = excluded.observed_at,
  received_at = excluded.received_at)"};

inline constexpr pg::Statement kCloseEdits{"source_records.close_edits", R"(
UPDATE source_records SET is_open = false
WHERE tenant_id = carillon_tenant() AND home_id = ANY ($1::uuid[]) AND is_open)"};

inline constexpr pg::Statement kSaveMerge{"merges.save", R"(
INSERT INTO merges (tenant_id, merge_id, client_id, customer_id, survivor_id, state_before, reason, merged_by, merged_at)
VALUES (carillon_tenant(), $1::uuid, $2::uuid, $3::uuid, $4::uuid, $5, $6, $7, $8))"};

inline constexpr pg::Statement kOpenMerge{"merges.open", R"(
SELECT state_before, pg_us(merged_at) AS merged_us FROM merges
WHERE tenant_id = carillon_tenant() AND customer_id = $1::uuid AND undone_at IS NULL)"};

inline constexpr pg::Statement kUndoMerge{"merges.undo", R"(
UPDATE merges SET undone_by = $2, undone_at = $3
WHERE tenant_id = carillon_tenant() AND customer_id = $1::uuid AND undone_at IS NULL)"};

inline constexpr pg::Statement kMoveAlerts{"alerts.move", R"(
UPDATE alerts SET home_id = coalesce(home_id, customer_id), customer_id = $2::uuid
WHERE tenant_id = carillon_tenant() AND customer_id = $1::uuid)"};

inline constexpr pg::Statement kReturnAlerts{"alerts.return", R"(
UPDATE alerts SET customer_id = $1::uuid, home_id = nullif(home_id, $1::uuid)
FROM customer_family($1::uuid) AS family(id) WHERE alerts.tenant_id = carillon_tenant() AND alerts.home_id = family.id)"};

inline constexpr pg::Statement kSaveCase{"merge_cases.save", R"(
INSERT INTO merge_cases (tenant_id, case_id, client_id, first_id, second_id, state, body)
VALUES (carillon_tenant(), $1::uuid, $2::uuid, $3::uuid, $4::uuid, $5, $6::jsonb)
ON CONFLICT (tenant_id, first_id, second_id) DO NOTHING)"};

inline constexpr pg::Statement kUpdateCase{"merge_cases.update", R"(
UPDATE merge_cases SET state = $2, body = $3::jsonb WHERE tenant_id = carillon_tenant() AND case_id = $1::uuid)"};

inline constexpr pg::Statement kLockCase{"merge_cases.lock", R"(
SELECT body FROM merge_cases WHERE tenant_id = carillon_tenant() AND case_id = $1::uuid FOR UPDATE)"};

inline constexpr pg::Statement kListCases{"merge_cases.list", R"(
SELECT body FROM merge_cases WHERE tenant_id = carillon_tenant() AND state = $1 AND case_id > $2::uuid
ORDER BY case_id LIMIT $3)"};

inline constexpr pg::Statement kJudging{"match_policies.load", R"(
SELECT (SELECT body FROM match_policies WHERE tenant_id = carillon_tenant()) AS policy,
  (SELECT body FROM match_models WHERE tenant_id = carillon_tenant()) AS model)"};

inline constexpr pg::Statement kSaveSubscription{"subscriptions.save", R"(
INSERT INTO subscriptions (tenant_id, subscription_id, client_id, body)
VALUES (carillon_tenant(), $1::uuid, $2::uuid, $3::jsonb)
ON CONFLICT (tenant_id, subscription_id) DO UPDATE SET body = excluded.body)"};

inline constexpr pg::Statement kLoadSubscription{"subscriptions.load", R"(
SELECT body FROM subscriptions WHERE tenant_id = carillon_tenant() AND subscription_id = $1::uuid)"};

inline constexpr pg::Statement kLockSubscription{"subscriptions.lock", R"(
SELECT body FROM subscriptions WHERE tenant_id = carillon_tenant() AND subscription_id = $1::uuid FOR UPDATE)"};

inline constexpr pg::Statement kSubscriptions{"subscriptions.list", R"(
SELECT body FROM subscriptions WHERE tenant_id = carillon_tenant() ORDER BY subscription_id)"};

inline constexpr pg::Statement kDeleteSubscription{"subscriptions.delete", R"(
DELETE FROM subscriptions WHERE tenant_id = carillon_tenant() AND subscription_id = $1::uuid)"};

inline constexpr pg::Statement kChangesAfter{"customers.changes_after", R"(
SELECT customer_id::text AS id, changed_xid::text AS xid FROM customers
WHERE tenant_id = carillon_tenant() AND (changed_xid, customer_id) > ($1::xid8, $2::uuid)
  AND changed_xid < pg_snapshot_xmin(pg_current_snapshot()) AND ($3::uuid IS NULL OR client_id = $3::uuid)
ORDER BY changed_xid, customer_id LIMIT $4)"};

inline constexpr pg::Statement kIsPast{"customers.is_past", R"(
SELECT $1::xid8 < pg_snapshot_xmin(pg_current_snapshot()) AS past)"};

inline constexpr pg::Statement kLockSweep{"match_models.lock", R"(
SELECT after_id::text AS after, seen::text AS seen, body FROM match_models
WHERE tenant_id = carillon_tenant() FOR UPDATE)"};

inline constexpr pg::Statement kSaveSweep{"match_models.save", R"(
INSERT INTO match_models (tenant_id, started_at, ended, after_id, seen, body)
VALUES (carillon_tenant(), $1, $2, $3::uuid, $4::jsonb, $5::jsonb)
ON CONFLICT (tenant_id) DO UPDATE SET started_at = excluded.started_at, ended = excluded.ended,
  after_id = excluded.after_id, seen = excluded.seen, body = excluded.body)"};

inline constexpr pg::Statement kSavePolicy{"match_policies.save", R"(
INSERT INTO match_policies (tenant_id, body) VALUES (carillon_tenant(), $1::jsonb)
ON CONFLICT (tenant_id) DO UPDATE SET body = excluded.body)"};

inline constexpr pg::Statement kSaveJob{"sync_jobs.save", R"(
INSERT INTO sync_jobs (tenant_id, job_id, client_id, started_at, body)
VALUES (carillon_tenant(), $1::uuid, $2::uuid, $3, $4::jsonb)
ON CONFLICT (tenant_id, job_id) DO UPDATE SET body = excluded.body)"};

inline constexpr pg::Statement kLoadJob{"sync_jobs.load", R"(
SELECT body FROM sync_jobs WHERE tenant_id = carillon_tenant() AND job_id = $1::uuid)"};

inline constexpr pg::Statement kLockJob{"sync_jobs.lock", R"(
SELECT body FROM sync_jobs WHERE tenant_id = carillon_tenant() AND job_id = $1::uuid FOR UPDATE)"};

inline constexpr pg::Statement kSaveResults{"sync_results.save", R"(
INSERT INTO sync_results (tenant_id, job_id, client_id, row_number, customer_id, body)
SELECT carillon_tenant(), $1::uuid, $2::uuid, $3::bigint + n, nullif(substr(x->>'customer', 11), '')::uuid, x
FROM jsonb_array_elements($4::jsonb) WITH ORDINALITY AS r(x, n))"};

inline constexpr pg::Statement kListResults{"sync_results.list", R"(
SELECT row_number, body FROM sync_results
WHERE tenant_id = carillon_tenant() AND job_id = $1::uuid AND row_number > $2 ORDER BY row_number LIMIT $3)"};

inline constexpr pg::Statement kSaveRelationship{"relationships.save", R"(
INSERT INTO relationships (tenant_id, relationship_id, client_id, customer_id, other_id, type, ends_at, body)
VALUES (carillon_tenant(), $1::uuid, $2::uuid, $3::uuid, $4::uuid, $5, $6, $7::jsonb)
ON CONFLICT (tenant_id, relationship_id) DO UPDATE SET ends_at = excluded.ends_at, body = excluded.body)"};

inline constexpr pg::Statement kLockRelationship{"relationships.lock", R"(
SELECT body FROM relationships
WHERE tenant_id = carillon_tenant() AND relationship_id = $1::uuid AND customer_id = $2::uuid FOR UPDATE)"};

inline constexpr pg::Statement kRelationshipStands{"relationships.stands", R"(
SELECT 1 FROM relationships WHERE tenant_id = carillon_tenant() AND customer_id = $1::uuid AND other_id = $2::uuid
  AND type = $3 AND (ends_at IS NULL OR ends_at > $4))"};

inline constexpr pg::Statement kRelationships{"relationships.list", R"(
WITH family AS MATERIALIZED (SELECT customer_family($1::uuid) AS id)
SELECT relationship_id, body, is_other FROM (
  SELECT r.relationship_id, r.body, false AS is_other FROM family f
  JOIN relationships r ON r.tenant_id = carillon_tenant() AND r.customer_id = f.id
  UNION ALL
  SELECT r.relationship_id, r.body, true FROM family f
  JOIN relationships r ON r.tenant_id = carillon_tenant() AND r.other_id = f.id) AS both_sides
WHERE relationship_id > $2::uuid ORDER BY relationship_id LIMIT $3)"};

inline constexpr pg::Statement kSaveAssignment{"manager_assignments.save", R"(
INSERT INTO manager_assignments (tenant_id, assignment_id, client_id, customer_id, manager, role, ended, body)
VALUES (carillon_tenant(), $1::uuid, $2::uuid, $3::uuid, $4, $5, $6, $7::jsonb)
ON CONFLICT (tenant_id, assignment_id) DO UPDATE SET ended = excluded.ended, body = excluded.body)"};

inline constexpr pg::Statement kLockAssignment{"manager_assignments.lock", R"(
SELECT body FROM manager_assignments
WHERE tenant_id = carillon_tenant() AND assignment_id = $1::uuid AND customer_id = $2::uuid FOR UPDATE)"};

inline constexpr pg::Statement kLockPrimary{"manager_assignments.lock_primary", R"(
SELECT body FROM manager_assignments
WHERE tenant_id = carillon_tenant() AND customer_id = $1::uuid AND role = 'PRIMARY' AND NOT ended FOR UPDATE)"};

inline constexpr pg::Statement kAssignmentsOfCustomer{"manager_assignments.of_customer", R"(
SELECT m.body FROM customer_family($1::uuid) AS f(id)
JOIN manager_assignments m ON m.tenant_id = carillon_tenant() AND m.customer_id = f.id
WHERE NOT m.ended AND ($2 = '' OR m.manager = $2) AND m.assignment_id > $3::uuid ORDER BY m.assignment_id LIMIT $4)"};

inline constexpr pg::Statement kAssignmentsOfManager{"manager_assignments.of_manager", R"(
SELECT body FROM manager_assignments
WHERE tenant_id = carillon_tenant() AND manager = $1 AND NOT ended AND assignment_id > $2::uuid
ORDER BY assignment_id LIMIT $3)"};

inline constexpr pg::Statement kAppendTransactions{"transactions.append", R"(
INSERT INTO transactions (tenant_id, customer_id, client_id, key, transaction_id, occurred_at, body)
SELECT carillon_tenant(), $1::uuid, $2::uuid, q.key, q.id, q.at, b.x
FROM unnest($3::text[], $4::uuid[], $5::timestamptz[]) WITH ORDINALITY AS q(key, id, at, n)
JOIN jsonb_array_elements($6::jsonb) WITH ORDINALITY AS b(x, n) USING (n)
ON CONFLICT (tenant_id, customer_id, key) DO NOTHING)"};

inline constexpr pg::Statement kTransactionsByKey{"transactions.by_key", R"(
SELECT t.body FROM unnest($2::text[]) WITH ORDINALITY AS q(key, n)
JOIN transactions t ON t.tenant_id = carillon_tenant() AND t.customer_id = $1::uuid AND t.key = q.key ORDER BY q.n)"};

inline constexpr pg::Statement kTransactions{"transactions.list", R"(
SELECT pg_us(t.occurred_at) AS us, t.transaction_id::text AS id, t.body FROM customer_family($1::uuid) AS f(id)
JOIN transactions t ON t.tenant_id = carillon_tenant() AND t.customer_id = f.id
WHERE $2::timestamptz IS NULL OR (t.occurred_at, t.transaction_id) < ($2::timestamptz, $3::uuid)
ORDER BY t.occurred_at DESC, t.transaction_id DESC LIMIT $4)"};

inline constexpr pg::Statement kSaveInteraction{"party_interactions.save", R"(
INSERT INTO party_interactions (tenant_id, customer_id, interaction_id, client_id, ended_at, body)
VALUES (carillon_tenant(), $1::uuid, $2::uuid, $3::uuid, $4, $5::jsonb)
ON CONFLICT (tenant_id, customer_id, interaction_id) DO NOTHING)"};

inline constexpr pg::Statement kInteraction{"party_interactions.load", R"(
SELECT body FROM party_interactions
WHERE tenant_id = carillon_tenant() AND customer_id = $1::uuid AND interaction_id = $2::uuid)"};

inline constexpr pg::Statement kInteractions{"party_interactions.list", R"(
SELECT pg_us(i.ended_at) AS us, i.interaction_id::text AS id, i.body FROM customer_family($1::uuid) AS f(id)
JOIN party_interactions i ON i.tenant_id = carillon_tenant() AND i.customer_id = f.id
WHERE $2::timestamptz IS NULL OR (i.ended_at, i.interaction_id) < ($2::timestamptz, $3::uuid)
ORDER BY i.ended_at DESC, i.interaction_id DESC LIMIT $4)"};

inline constexpr pg::Statement kPutCode{"codes.put", R"(
INSERT INTO codes (tenant_id, list, code, body) VALUES (carillon_tenant(), $1, $2, $3::jsonb)
ON CONFLICT (tenant_id, list, code) DO UPDATE SET body = excluded.body)"};

inline constexpr pg::Statement kCodes{"codes.list", R"(
SELECT body FROM codes WHERE tenant_id = carillon_tenant() AND list = $1 ORDER BY code)"};

inline constexpr pg::Statement kKeepVersions{"customer_versions.keep", R"(
INSERT INTO customer_versions (tenant_id, customer_id, version, client_id, changed_at, changed_by, method, sealed)
SELECT carillon_tenant(), q.id, q.version, q.client, $5, $6, $7, q.sealed
FROM unnest($1::uuid[], $2::bigint[], $3::uuid[], $4::text[]) AS q(id, version, client, sealed)
ON CONFLICT (tenant_id, customer_id, version) DO UPDATE SET sealed = excluded.sealed, changed_at = excluded.changed_at)"};

inline constexpr pg::Statement kVersionAt{"customer_versions.at", R"(
SELECT sealed, changed_by, method, pg_us(changed_at) AS changed_us FROM customer_versions
WHERE tenant_id = carillon_tenant() AND customer_id = $1::uuid AND changed_at <= $2 ORDER BY version DESC LIMIT 1)"};

inline constexpr pg::Statement kVersions{"customer_versions.list", R"(
SELECT sealed, changed_by, method, pg_us(changed_at) AS changed_us FROM customer_versions
WHERE tenant_id = carillon_tenant() AND customer_id = $1::uuid AND version < $2 ORDER BY version DESC LIMIT $3)"};

inline constexpr pg::Statement kByTags{"customer_terms.by_tag", R"(
SELECT c.customer_id::text AS id FROM customer_terms t
JOIN customers c ON c.tenant_id = carillon_tenant() AND c.customer_id = t.customer_id
WHERE t.tenant_id = carillon_tenant() AND t.term = ANY ($1::text[])
  AND c.state NOT IN ('MERGED', 'ERASED') AND c.customer_id > $2::uuid
ORDER BY c.customer_id LIMIT $3)"};

inline constexpr pg::Statement kKeepConsent{"consent_records.keep", R"(
INSERT INTO consent_records (tenant_id, customer_id, client_id, channel, purpose, decision, evidence, decided_at, recorded_at,
  recorded_by)
VALUES (carillon_tenant(), $1::uuid, $2::uuid, $3, $4, $5, $6, $7, $8, $9) ON CONFLICT DO NOTHING)"};

// What a survivor was given at merging is the word of the one that went: told once.
inline constexpr pg::Statement kConsentRecords{"consent_records.list", R"(
SELECT us, id, channel, purpose, decision, evidence, recorded_us, recorded_by FROM (
  SELECT DISTINCT ON (r.decided_at, r.channel, r.purpose, r.decision) pg_us(r.decided_at) AS us, r.decided_at,
    r.channel || '.' || r.purpose || '.' || r.decision AS id, r.channel, r.purpose, r.decision, r.evidence,
    pg_us(r.recorded_at) AS recorded_us, r.recorded_by
  FROM customer_family($1::uuid) AS f(id) JOIN consent_records r ON r.tenant_id = carillon_tenant() AND r.customer_id = f.id
  ORDER BY r.decided_at, r.channel, r.purpose, r.decision, r.recorded_at) AS words
WHERE $2::timestamptz IS NULL OR (decided_at, id) < ($2::timestamptz, $3)
ORDER BY decided_at DESC, id DESC LIMIT $4)"};

inline constexpr pg::Statement kFamily{"customers.family", R"(
SELECT id::text AS id FROM customer_family($1::uuid) AS f(id) ORDER BY id)"};

// Everything beside the record and its parts that names a person, or was said of one in words.
inline constexpr pg::Statement kForget{"customers.forget", R"(
WITH family AS MATERIALIZED (SELECT carillon_tenant() AS t, unnest($1::uuid[]) AS c),
  a AS (DELETE FROM alerts USING family WHERE tenant_id = t AND customer_id = c),
  b AS (DELETE FROM last_contacts USING family WHERE tenant_id = t AND customer_id = c),
  d AS (DELETE FROM service_passwords USING family WHERE tenant_id = t AND customer_id = c),
  e AS (DELETE FROM relationships USING family WHERE tenant_id = t AND (customer_id = c OR other_id = c)),
  f AS (DELETE FROM manager_assignments USING family WHERE tenant_id = t AND customer_id = c),
  g AS (DELETE FROM customer_versions USING family WHERE tenant_id = t AND customer_id = c),
  h AS (DELETE FROM merge_cases USING family WHERE tenant_id = t AND (first_id = c OR second_id = c)),
  i AS (UPDATE merges SET reason = '' FROM family WHERE tenant_id = t AND customer_id = c),
  k AS (UPDATE sync_results SET body = body - 'key' FROM family WHERE tenant_id = t AND customer_id = c),
  m AS (DELETE FROM quality_issues USING family WHERE tenant_id = t AND customer_id = c),
  n AS (DELETE FROM selected_customers USING family WHERE tenant_id = t AND customer_id = c),
  l AS (UPDATE transactions SET body = body - 'summary' - 'terminal' - 'account' FROM family
        WHERE tenant_id = t AND customer_id = c),
  o AS (UPDATE party_interactions SET body = body - 'summary' FROM family
        WHERE tenant_id = t AND customer_id = c AND body ? 'summary')
UPDATE customers SET source_system = NULL, source_key = NULL FROM family
WHERE tenant_id = t AND customer_id = c)"};

inline constexpr pg::Statement kEraseRecord{"source_records.erase", R"(
UPDATE source_records SET key = $2, sealed = $3, is_open = false
WHERE tenant_id = carillon_tenant() AND record_id = $1::uuid)"};

inline constexpr pg::Statement kCountKept{"erasures.count_kept", R"(
SELECT (SELECT count(*) FROM transactions WHERE tenant_id = carillon_tenant() AND customer_id = ANY ($1::uuid[])) AS transactions,
  (SELECT count(*) FROM consent_records WHERE tenant_id = carillon_tenant() AND customer_id = ANY ($1::uuid[])) AS consents,
  (SELECT count(*) FROM party_interactions WHERE tenant_id = carillon_tenant() AND customer_id = ANY ($1::uuid[])) AS contacts)"};

inline constexpr pg::Statement kSaveErasure{"erasures.save", R"(
INSERT INTO erasures (tenant_id, customer_id, client_id, erased_at, body)
VALUES (carillon_tenant(), $1::uuid, $2::uuid, $3, $4::jsonb)
ON CONFLICT (tenant_id, customer_id) DO NOTHING)"};

inline constexpr pg::Statement kErasure{"erasures.load", R"(
SELECT body FROM erasures WHERE tenant_id = carillon_tenant() AND customer_id = $1::uuid)"};

inline constexpr pg::Statement kErasures{"erasures.list", R"(
SELECT pg_us(erased_at) AS us, customer_id::text AS id, body FROM erasures
WHERE tenant_id = carillon_tenant() AND ($1::timestamptz IS NULL OR (erased_at, customer_id) < ($1::timestamptz, $2::uuid))
ORDER BY erased_at DESC, customer_id DESC LIMIT $3)"};

// Of all tenants: the list says erased, the record is back.
inline constexpr pg::Statement kReturned{"erasures.returned", R"(
SELECT e.tenant_id::text AS tenant, e.customer_id::text AS id, e.body FROM erasures e
JOIN customers c ON c.tenant_id = e.tenant_id AND c.customer_id = e.customer_id
WHERE c.state <> 'ERASED' ORDER BY e.erased_at, e.customer_id)"};

inline constexpr pg::Statement kPutCustomField{"custom_fields.put", R"(
INSERT INTO custom_fields (tenant_id, key, body) VALUES (carillon_tenant(), $1, $2::jsonb)
ON CONFLICT (tenant_id, key) DO UPDATE SET body = excluded.body)"};

inline constexpr pg::Statement kCustomFields{"custom_fields.list", R"(
SELECT body FROM custom_fields WHERE tenant_id = carillon_tenant() ORDER BY key)"};

inline constexpr pg::Statement kWithCustomFields{"customers.with_custom_fields", R"(
SELECT customer_id::text AS id, client_id::text AS client, custom_fields::text AS custom_fields FROM customers
WHERE tenant_id = carillon_tenant() AND customer_id > $1::uuid AND custom_fields IS NOT NULL
ORDER BY customer_id LIMIT $2 FOR UPDATE)"};

inline constexpr pg::Statement kAddTerms{"customer_terms.add", R"(
INSERT INTO customer_terms (tenant_id, customer_id, client_id, term)
SELECT carillon_tenant(), q.id, q.client, q.term FROM unnest($1::uuid[], $2::uuid[], $3::text[]) AS q(id, client, term)
ON CONFLICT DO NOTHING)"};

// Rows under another key than the active one, of all tenants, in the order of their keys.
inline constexpr pg::Statement kOldIdentifiers{"customer_identifiers.under_old_key", R"(
SELECT tenant_id::text AS tenant, customer_id::text AS id, position::text AS part, type AS about, number_sealed AS sealed
FROM customer_identifiers WHERE (tenant_id, customer_id, position) > ($1::uuid, $2::uuid, $3::bigint)
  AND NOT (starts_with(number_sealed, $4) AND starts_with(number_hash, $5))
ORDER BY tenant_id, customer_id, position LIMIT $6 FOR UPDATE)"};

inline constexpr pg::Statement kOldAccounts{"accounts.under_old_key", R"(
SELECT tenant_id::text AS tenant, customer_id::text AS id, position::text AS part, type AS about, number_sealed AS sealed
FROM accounts WHERE (tenant_id, customer_id, position) > ($1::uuid, $2::uuid, $3::bigint)
  AND NOT (starts_with(number_sealed, $4) AND starts_with(number_hash, $5))
ORDER BY tenant_id, customer_id, position LIMIT $6 FOR UPDATE)"};

inline constexpr pg::Statement kOldVersions{"customer_versions.under_old_key", R"(
SELECT tenant_id::text AS tenant, customer_id::text AS id, version::text AS part, 'customers/' || customer_id AS about, sealed AS sealed
FROM customer_versions WHERE (tenant_id, customer_id, version) > ($1::uuid, $2::uuid, $3::bigint)
  AND NOT (starts_with(sealed, $4) AND $5 <> '')
ORDER BY tenant_id, customer_id, version LIMIT $6 FOR UPDATE)"};

inline constexpr pg::Statement kOldRecords{"source_records.under_old_key", R"(
SELECT tenant_id::text AS tenant, record_id::text AS id, '0' AS part, 'customers/' || home_id || '/records/' || record_id AS about, sealed AS sealed
FROM source_records WHERE (tenant_id, record_id) > ($1::uuid, $2::uuid)
  AND $3::bigint = 0 AND NOT (starts_with(sealed, $4) AND $5 <> '')
ORDER BY tenant_id, record_id LIMIT $6 FOR UPDATE)"};

inline constexpr pg::Statement kSealIdentifiers{"customer_identifiers.seal_again", R"(
UPDATE customer_identifiers SET number_sealed = q.sealed, number_hash = q.hash
FROM unnest($1::uuid[], $2::uuid[], $3::bigint[], $4::text[], $5::text[]) AS q(tenant, id, part, sealed, hash)
WHERE customer_identifiers.tenant_id = q.tenant AND customer_identifiers.customer_id = q.id AND customer_identifiers.position = q.part)"};

inline constexpr pg::Statement kSealAccounts{"accounts.seal_again", R"(
UPDATE accounts SET number_sealed = q.sealed, number_hash = q.hash
FROM unnest($1::uuid[], $2::uuid[], $3::bigint[], $4::text[], $5::text[]) AS q(tenant, id, part, sealed, hash)
WHERE accounts.tenant_id = q.tenant AND accounts.customer_id = q.id AND accounts.position = q.part)"};

inline constexpr pg::Statement kSealVersions{"customer_versions.seal_again", R"(
UPDATE customer_versions SET sealed = q.sealed
FROM unnest($1::uuid[], $2::uuid[], $3::bigint[], $4::text[], $5::text[]) AS q(tenant, id, part, sealed, hash)
WHERE customer_versions.tenant_id = q.tenant AND customer_versions.customer_id = q.id AND customer_versions.version = q.part)"};

inline constexpr pg::Statement kSealRecords{"source_records.seal_again", R"(
UPDATE source_records SET sealed = q.sealed
FROM unnest($1::uuid[], $2::uuid[], $3::bigint[], $4::text[], $5::text[]) AS q(tenant, id, part, sealed, hash)
WHERE source_records.tenant_id = q.tenant AND source_records.record_id = q.id)"};

inline constexpr pg::Statement kOldTerms{"customer_terms.under_old_key", R"(
SELECT DISTINCT tenant_id::text AS tenant FROM customer_terms
WHERE term >= 'c' AND term < 'd' AND NOT starts_with(term, $1) ORDER BY 1)"};

// Somebody may have written under the older key meanwhile: who has no new term keeps the old one.
inline constexpr pg::Statement kDropOldTerms{"customer_terms.drop_under_old_key", R"(
DELETE FROM customer_terms AS old
WHERE tenant_id = carillon_tenant() AND term >= 'c' AND term < 'd' AND NOT starts_with(term, $1)
  AND EXISTS (SELECT FROM customer_terms AS new
              WHERE new.tenant_id = carillon_tenant() AND new.customer_id = old.customer_id AND starts_with(new.term, $1)))"};

inline constexpr pg::Statement kExportVersions{"customer_versions.export", R"(
SELECT v.customer_id::text AS id, v.version, v.sealed, v.changed_by, v.method, pg_us(v.changed_at) AS changed_us
FROM customer_family($1::uuid) AS f(id) JOIN customer_versions v ON v.tenant_id = carillon_tenant() AND v.customer_id = f.id
WHERE (v.customer_id, v.version) > ($2::uuid, $3::bigint) ORDER BY v.customer_id, v.version LIMIT $4)"};

inline constexpr pg::Statement kExportAssignments{"manager_assignments.export", R"(
SELECT m.body FROM customer_family($1::uuid) AS f(id)
JOIN manager_assignments m ON m.tenant_id = carillon_tenant() AND m.customer_id = f.id ORDER BY m.assignment_id)"};

inline constexpr pg::Statement kExportAlerts{"alerts.export", R"(
SELECT l.customer_id::text AS customer, l.alert_id::text AS id, l.code, l.severity, l.reason, l.subject, l.raised_by,
  pg_us(l.raised_at) AS raised_us, pg_us(l.expires_at) AS expires_us, l.cleared_by, pg_us(l.cleared_at) AS cleared_us,
  l.clear_reason
FROM customer_family($1::uuid) AS f(id) JOIN alerts l ON l.tenant_id = carillon_tenant() AND l.customer_id = f.id
ORDER BY l.raised_at, l.alert_id)"};

inline constexpr pg::Statement kExportMerges{"merges.export", R"(
SELECT customer_id::text AS customer, survivor_id::text AS survivor, reason, merged_by, pg_us(merged_at) AS merged_us,
  pg_us(undone_at) AS undone_us
FROM merges WHERE tenant_id = carillon_tenant()
  AND (customer_id = ANY ($1::uuid[]) OR survivor_id = ANY ($1::uuid[])) ORDER BY merged_at, merge_id)"};

inline constexpr pg::Statement kExportCases{"merge_cases.export", R"(
SELECT body FROM merge_cases WHERE tenant_id = carillon_tenant()
  AND (first_id = ANY ($1::uuid[]) OR second_id = ANY ($1::uuid[])) ORDER BY case_id)"};

inline constexpr pg::Statement kExportSyncResults{"sync_results.export", R"(
SELECT body FROM sync_results WHERE tenant_id = carillon_tenant() AND customer_id = ANY ($1::uuid[])
ORDER BY job_id, row_number)"};

// Of all tenants, for the worker; each takes a part and the rest waits for the next turn.
inline constexpr pg::Statement kDropOldResults{"sync_results.drop_old", R"(
DELETE FROM sync_results WHERE (tenant_id, job_id) IN (
  SELECT tenant_id, job_id FROM sync_jobs WHERE started_at < $1 ORDER BY started_at LIMIT 10))"};

inline constexpr pg::Statement kDropOldContacts{"party_interactions.drop_old", R"(
DELETE FROM party_interactions WHERE ctid IN (SELECT ctid FROM party_interactions WHERE ended_at < $1 LIMIT 10000))"};

inline constexpr pg::Statement kDropKept{"erasures.drop_kept", R"(
WITH over AS MATERIALIZED (
  SELECT tenant_id AS t, customer_id AS c FROM erasures WHERE erased_at < $1 AND NOT emptied
  ORDER BY erased_at LIMIT 100),
  a AS (DELETE FROM transactions USING over WHERE tenant_id = t AND customer_id = c),
  b AS (DELETE FROM party_interactions USING over WHERE tenant_id = t AND customer_id = c),
  d AS (DELETE FROM consent_records USING over WHERE tenant_id = t AND customer_id = c)
UPDATE erasures SET emptied = true FROM over WHERE tenant_id = t AND customer_id = c)"};

inline constexpr pg::Statement kLongClosed{"customers.long_closed", R"(
SELECT tenant_id::text AS tenant, customer_id::text AS id FROM customers
WHERE state = 'CLOSED' AND updated_at < $1 ORDER BY updated_at LIMIT $2)"};

inline constexpr pg::Statement kPutSegmentRule{"segment_rules.put", R"(
INSERT INTO segment_rules (tenant_id, code, body) VALUES (carillon_tenant(), $1, $2::jsonb)
ON CONFLICT (tenant_id, code) DO UPDATE SET body = excluded.body)"};

inline constexpr pg::Statement kSegmentRules{"segment_rules.list", R"(
SELECT body FROM segment_rules WHERE tenant_id = carillon_tenant() ORDER BY code)"};

inline constexpr pg::Statement kHasSegmentRules{"segment_rules.any", R"(
SELECT FROM segment_rules WHERE tenant_id = carillon_tenant() LIMIT 1)"};

// Of all tenants, for the worker.
inline constexpr pg::Statement kTenantsToSegment{"segment_sweeps.due", R"(
SELECT DISTINCT r.tenant_id::text AS tenant FROM segment_rules r
WHERE NOT EXISTS (SELECT FROM segment_sweeps s WHERE s.tenant_id = r.tenant_id AND s.begun_at >= $1))"};

inline constexpr pg::Statement kNoteSegmentSweep{"segment_sweeps.note", R"(
INSERT INTO segment_sweeps (tenant_id, begun_at) VALUES (carillon_tenant(), $1)
ON CONFLICT (tenant_id) DO UPDATE SET begun_at = excluded.begun_at)"};

inline constexpr pg::Statement kForgetSegmentSweep{"segment_sweeps.forget", R"(
DELETE FROM segment_sweeps WHERE tenant_id = carillon_tenant())"};

inline constexpr pg::Statement kJudgeAll{"customers.judge_all", R"(
SELECT customer_id::text AS id, passed::text[] AS passed FROM customers_judged($1::text[], $2::text[], $3::timestamptz, $4::uuid[])
ORDER BY customer_id)"};

inline constexpr pg::Statement kPutRule{"quality_rules.put", R"(
INSERT INTO quality_rules (tenant_id, code, body) VALUES (carillon_tenant(), $1, $2::jsonb)
ON CONFLICT (tenant_id, code) DO UPDATE SET body = excluded.body)"};

inline constexpr pg::Statement kRules{"quality_rules.list", R"(
SELECT body FROM quality_rules WHERE tenant_id = carillon_tenant() ORDER BY code)"};

// An open run is locked on the way, so it cannot end before it is read.
inline constexpr pg::Statement kBeginRun{"quality_runs.begin", R"(
INSERT INTO quality_runs (tenant_id, run_id, started_at, ended, after_id, tally, body)
VALUES (carillon_tenant(), $1::uuid, $2, false, '00000000-0000-0000-0000-000000000000', '{}', $3::jsonb)
ON CONFLICT (tenant_id) WHERE NOT ended DO UPDATE SET ended = false)"};

inline constexpr pg::Statement kOpenRun{"quality_runs.lock_open", R"(
SELECT after_id::text AS after, tally::text AS tally, body FROM quality_runs
WHERE tenant_id = carillon_tenant() AND NOT ended FOR UPDATE)"};

inline constexpr pg::Statement kSaveRun{"quality_runs.save", R"(
UPDATE quality_runs SET ended = $2, after_id = $3::uuid, tally = $4::jsonb, body = $5::jsonb
WHERE tenant_id = carillon_tenant() AND run_id = $1::uuid)"};

inline constexpr pg::Statement kRuns{"quality_runs.list", R"(
SELECT pg_us(started_at) AS us, run_id::text AS id, body FROM quality_runs
WHERE tenant_id = carillon_tenant() AND ($1::timestamptz IS NULL OR (started_at, run_id) < ($1::timestamptz, $2::uuid))
ORDER BY started_at DESC, run_id DESC LIMIT $3)"};

inline constexpr pg::Statement kToJudge{"customers.to_judge", R"(
SELECT customer_id::text AS id FROM customers
WHERE tenant_id = carillon_tenant() AND customer_id > $1::uuid AND state NOT IN ('CLOSED', 'MERGED', 'ERASED')
ORDER BY customer_id LIMIT $2)"};

inline constexpr pg::Statement kRecordsOfAll{"source_records.of_customers", R"(
SELECT q.id::text AS root, r.record_id::text AS id, r.home_id::text AS home, r.sealed, r.is_open
FROM unnest($1::uuid[]) AS q(id) CROSS JOIN LATERAL customer_family(q.id) AS f(id)
JOIN source_records r ON r.tenant_id = carillon_tenant() AND r.home_id = f.id ORDER BY q.id, r.record_id)"};

inline constexpr pg::Statement kShared{"contact_media.shared", R"(
SELECT m.client_id::text AS client, m.number FROM contact_media m
JOIN customers c ON c.tenant_id = carillon_tenant() AND c.customer_id = m.customer_id
WHERE m.tenant_id = carillon_tenant() AND m.number = ANY ($1::text[]) AND c.state NOT IN ('CLOSED', 'MERGED', 'ERASED')
GROUP BY m.client_id, m.number HAVING count(DISTINCT m.customer_id) > 1)"};

inline constexpr pg::Statement kSaveScores{"quality_scores.save", R"(
INSERT INTO quality_scores (tenant_id, run_id, position, source, is_dimension, body)
SELECT carillon_tenant(), $1::uuid, n, coalesce(x->>'source', ''), coalesce(x->>'rule', '') = '', x
FROM jsonb_array_elements($2::jsonb) WITH ORDINALITY AS s(x, n) ON CONFLICT DO NOTHING)"};

inline constexpr pg::Statement kScores{"quality_scores.of_run", R"(
SELECT body FROM quality_scores
WHERE tenant_id = carillon_tenant() AND run_id = $1::uuid AND ($2 = '' OR source = $2) ORDER BY position)"};

inline constexpr pg::Statement kTrend{"quality_scores.trend", R"(
SELECT s.body FROM (SELECT run_id, started_at FROM quality_runs WHERE tenant_id = carillon_tenant() AND ended
                    ORDER BY started_at DESC, run_id DESC LIMIT $2) AS r
JOIN quality_scores s ON s.tenant_id = carillon_tenant() AND s.run_id = r.run_id
WHERE s.source = $1 AND s.is_dimension ORDER BY r.started_at DESC, r.run_id DESC, s.position)"};

inline constexpr pg::Statement kOpenIssues{"quality_issues.open", R"(
INSERT INTO quality_issues (tenant_id, issue_id, client_id, customer_id, row_tag, rule, state, owner, body)
SELECT carillon_tenant(), q.id, q.client, q.customer, q.tag, q.rule, 'OPEN', coalesce(b.x->>'owner', ''), b.x
FROM unnest($1::uuid[], $2::uuid[], $3::uuid[], $4::text[], $5::text[]) WITH ORDINALITY AS q(id, client, customer, tag, rule, n)
JOIN jsonb_array_elements($6::jsonb) WITH ORDINALITY AS b(x, n) USING (n)
ON CONFLICT DO NOTHING RETURNING body)"};

inline constexpr pg::Statement kFixIssues{"quality_issues.fix", R"(
UPDATE quality_issues i SET state = 'FIXED',
  body = i.body || jsonb_build_object('state', 'FIXED', 'resolve_time', proto_time($3), 'resolved_by', $4::text)
FROM unnest($1::uuid[], $2::text[]) AS q(customer, rule)
WHERE i.tenant_id = carillon_tenant() AND i.customer_id = q.customer AND i.rule = q.rule AND i.state = 'OPEN')"};

inline constexpr pg::Statement kFixRows{"quality_issues.fix_rows", R"(
UPDATE quality_issues i SET state = 'FIXED',
  body = i.body || jsonb_build_object('state', 'FIXED', 'resolve_time', proto_time($2), 'resolved_by', $3::text)
WHERE i.tenant_id = carillon_tenant() AND i.row_tag = ANY ($1::text[]) AND i.state = 'OPEN')"};

inline constexpr pg::Statement kLockIssue{"quality_issues.lock", R"(
SELECT body FROM quality_issues WHERE tenant_id = carillon_tenant() AND issue_id = $1::uuid FOR UPDATE)"};

inline constexpr pg::Statement kSaveIssue{"quality_issues.save", R"(
UPDATE quality_issues SET state = $2, owner = $3, body = $4::jsonb
WHERE tenant_id = carillon_tenant() AND issue_id = $1::uuid)"};

inline constexpr pg::Statement kIssues{"quality_issues.list", R"(
SELECT body FROM quality_issues
WHERE tenant_id = carillon_tenant() AND state = $1 AND ($2 = '' OR owner = $2) AND ($3::uuid IS NULL OR customer_id = $3::uuid)
  AND ($4 = '' OR rule = $4) AND issue_id > $5::uuid
ORDER BY issue_id LIMIT $6)"};

inline constexpr pg::Statement kExportIssues{"quality_issues.export", R"(
SELECT body FROM quality_issues WHERE tenant_id = carillon_tenant() AND customer_id = ANY ($1::uuid[]) ORDER BY issue_id)"};

// Tenants with customers whose last run ($2 = QUALITY) or sweep ($2 = LEARN) began before $1; from tenant to
// tenant by the key, not row by row.
inline constexpr pg::Statement kTenantsDue{"customers.tenants_due", R"(
WITH RECURSIVE t AS (
  (SELECT tenant_id FROM customers ORDER BY tenant_id LIMIT 1)
  UNION ALL
  SELECT (SELECT c.tenant_id FROM customers c WHERE c.tenant_id > t.tenant_id ORDER BY c.tenant_id LIMIT 1)
  FROM t WHERE t.tenant_id IS NOT NULL)
SELECT tenant_id::text AS tenant FROM t WHERE tenant_id IS NOT NULL AND CASE $2
  WHEN 'QUALITY' THEN NOT EXISTS (SELECT FROM quality_runs r
                                  WHERE r.tenant_id = t.tenant_id AND (NOT r.ended OR r.started_at >= $1))
  ELSE NOT EXISTS (SELECT FROM match_models m
                   WHERE m.tenant_id = t.tenant_id AND (NOT m.ended OR m.started_at >= $1)) END)"};

// Under which keys values were written, of all tenants. $1 = how texts under our active key begin.
inline constexpr pg::Statement kUseKey{"sealing_keys.use", R"(
INSERT INTO sealing_keys (tenant_id, beginning, used_at) VALUES ('00000000-0000-0000-0000-000000000000', $1, clock_timestamp())
ON CONFLICT (tenant_id, beginning) DO UPDATE SET used_at = excluded.used_at)"};

// True when a sweep for this key began after any other key was in use for the last time, three minutes over.
inline constexpr pg::Statement kSwept{"sealing_keys.swept", R"(
SELECT own.swept_at IS NOT NULL AND NOT EXISTS (
    SELECT FROM sealing_keys other WHERE other.tenant_id = own.tenant_id AND other.beginning <> own.beginning
      AND other.used_at + interval '3 minutes' > own.swept_at) AS swept, pg_us(clock_timestamp()) AS now_us
FROM sealing_keys own WHERE own.tenant_id = '00000000-0000-0000-0000-000000000000' AND own.beginning = $1)"};

inline constexpr pg::Statement kSweptKey{"sealing_keys.note_swept", R"(
UPDATE sealing_keys SET swept_at = $2
WHERE tenant_id = '00000000-0000-0000-0000-000000000000' AND beginning = $1)"};

inline constexpr pg::Statement kEstimatePassing{"customers.estimate_passing", R"(
SELECT exact, customers, passing::text[] AS passing
FROM customers_estimated($1::text[], $2::text[], $3::timestamptz, $4::uuid))"};

inline constexpr pg::Statement kSaveSelection{"selections.save", R"(
INSERT INTO selections (tenant_id, selection_id, client_id, body)
VALUES (carillon_tenant(), $1::uuid, $2::uuid, $3::jsonb)
ON CONFLICT (tenant_id, selection_id) DO UPDATE SET body = excluded.body)"};

inline constexpr pg::Statement kSelect{"selected_customers.select", R"(
INSERT INTO selected_customers (tenant_id, selection_id, customer_id, client_id)
SELECT carillon_tenant(), $6::uuid, p.customer_id, p.client_id
FROM customers_passing($1, $2::text[], $3::timestamptz, $4::uuid, $5::bigint) AS p)"};

inline constexpr pg::Statement kLoadSelection{"selections.load", R"(
SELECT body FROM selections WHERE tenant_id = carillon_tenant() AND selection_id = $1::uuid)"};

inline constexpr pg::Statement kSelections{"selections.list", R"(
SELECT body FROM selections WHERE tenant_id = carillon_tenant() AND selection_id < $1::uuid
ORDER BY selection_id DESC LIMIT $2)"};

inline constexpr pg::Statement kSelected{"selected_customers.list", R"(
SELECT customer_id::text AS id FROM selected_customers
WHERE tenant_id = carillon_tenant() AND selection_id = $1::uuid AND customer_id > $2::uuid ORDER BY customer_id LIMIT $3)"};

inline constexpr pg::Statement kDeleteSelection{"selections.delete", R"(
DELETE FROM selections WHERE tenant_id = carillon_tenant() AND selection_id = $1::uuid)"};

inline constexpr pg::Statement kSelectionsWith{"selections.with", R"(
SELECT s.body FROM selections s WHERE s.tenant_id = carillon_tenant() AND s.selection_id IN (
  SELECT m.selection_id FROM selected_customers m
  WHERE m.tenant_id = carillon_tenant() AND m.customer_id = ANY ($1::uuid[]))
ORDER BY s.selection_id)"};

}  // namespace carillon::customer::store
