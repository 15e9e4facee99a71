#pragma once
#include "pg/tx.hpp"

/// All SQL of the service. `$1` of the statements that write customers is a JSON array of documents, see
/// customers.cpp.
namespace carillon::customer::store {

inline constexpr pg::Statement kInsertCustomers{"customers.insert", R"(
INSERT INTO customers (tenant_id, customer_id, client_id, state, party_type, display_name, party, birth_year, grade,
  life_cycle_stage, brand, home_region, home_branch, preferred_language, preferred_channel, do_not_contact, special_needs,
  addresses, custom_fields, owner_unit, owner_user, source_system, source_key, version, created_at, updated_at, contacted_at)
SELECT carillon_tenant(), (c->>'id')::uuid, (c->>'client_id')::uuid, c->>'state', c->>'party_type', c->>'display_name',
  c->'party', (c->>'birth_year')::int, c->>'grade', c->>'life_cycle_stage', c->>'brand', c->>'home_region',
  c->>'home_branch', c->>'preferred_language', c->>'preferred_channel', (c->>'do_not_contact')::boolean,
  c->'special_needs', c->'addresses', c->'custom_fields', c->>'owner_unit', c->>'owner_user', c->'source'->>'system',
  c->'source'->>'key', (c->>'etag')::bigint, (c->>'create_time')::timestamptz, (c->>'update_time')::timestamptz,
  (c->>'create_time')::timestamptz
FROM jsonb_array_elements($1::jsonb) AS c)"};

inline constexpr pg::Statement kUpdateCustomer{"customers.update", R"(
UPDATE customers SET state = c->>'state', display_name = c->>'display_name', party = c->'party',
  birth_year = (c->>'birth_year')::int, grade = c->>'grade', life_cycle_stage = c->>'life_cycle_stage',
  brand = c->>'brand', home_region = c->>'home_region', home_branch = c->>'home_branch',
  preferred_language = c->>'preferred_language', preferred_channel = c->>'preferred_channel',
  do_not_contact = (c->>'do_not_contact')::boolean, special_needs = c->'special_needs', addresses = c->'addresses',
  custom_fields = c->'custom_fields', owner_unit = c->>'owner_unit', owner_user = c->>'owner_user',
  version = (c->>'etag')::bigint, updated_at = (c->>'update_time')::timestamptz
FROM jsonb_array_elements($1::jsonb) AS c
WHERE tenant_id = carillon_tenant() AND customer_id = (c->>'id')::uuid)"};

inline constexpr pg::Statement kUpdateState{"customers.update_state", R"(
UPDATE customers SET state = $2, version = $3, updated_at = $4
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
        best_time, own_line, verified_at)
      SELECT t, id, client, n, x->>'type', nullif(x->>'number', ''), nullif(x->>'address', ''), (x->>'primary')::boolean,
        x->>'purpose', x->>'best_time', (x->>'own_line')::boolean, (x->>'verify_time')::timestamptz
      FROM input, jsonb_array_elements(doc->'contacts') WITH ORDINALITY AS i(x, n)),
d AS (INSERT INTO accounts (tenant_id, customer_id, client_id, position, number_sealed, number_hash, type, product_code,
        state, open_date, expiry_date, expires_on, balance, arrears, points)
      SELECT t, id, client, n, x->>'number', x->>'hash', x->>'type', x->>'product_code', x->>'state', x->'open_date',
        x->'expiry_date', make_date((x->'expiry_date'->>'year')::int, (x->'expiry_date'->>'month')::int,
        (x->'expiry_date'->>'day')::int), x->'balance', x->'arrears', (x->>'points')::bigint
      FROM input, jsonb_array_elements(doc->'accounts') WITH ORDINALITY AS i(x, n)),
e AS (INSERT INTO segments (tenant_id, customer_id, client_id, dimension, value, score, model_version, computed_at)
      SELECT t, id, client, x->>'dimension', x->>'value', (x->>'score')::double precision, x->>'model_version',
        (x->>'compute_time')::timestamptz
      FROM input, jsonb_array_elements(doc->'segments') AS x),
f AS (INSERT INTO consents (tenant_id, customer_id, client_id, channel, purpose, decision, evidence, decided_at)
      SELECT t, id, client, x->>'channel', x->>'purpose', x->>'decision', x->>'evidence', (x->>'decide_time')::timestamptz
      FROM input, jsonb_array_elements(doc->'consents') AS x)
INSERT INTO customer_terms (tenant_id, customer_id, client_id, term)
SELECT t, id, client, x FROM input, jsonb_array_elements_text(doc->'terms') AS x)"};

inline constexpr pg::Statement kLock{"customers.lock", R"(
SELECT 1 FROM customers WHERE tenant_id = carillon_tenant() AND customer_id = $1::uuid FOR UPDATE)"};

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

inline constexpr pg::Statement kByNumber{"customer_documents.by_number", R"(
SELECT document, NULL::text AS custom_fields FROM customer_documents
WHERE tenant_id = carillon_tenant() AND state NOT IN ('CLOSED', 'MERGED', 'ERASED')
  AND customer_id IN (SELECT customer_id FROM contact_media WHERE tenant_id = carillon_tenant() AND number = $1)
ORDER BY customer_id LIMIT 100)"};

inline constexpr pg::Statement kByTerms{"customer_terms.search", R"(
SELECT c.customer_id::text AS id
FROM (SELECT t.customer_id
      FROM unnest($1::text[], $2::text[]) WITH ORDINALITY AS q(low, high, n)
      JOIN customer_terms t ON t.tenant_id = carillon_tenant() AND t.term >= q.low AND t.term < q.high
      GROUP BY t.customer_id HAVING count(DISTINCT q.n) = cardinality($1::text[])) AS found
JOIN customers c ON c.tenant_id = carillon_tenant() AND c.customer_id = found.customer_id
WHERE c.state NOT IN ('MERGED', 'ERASED') AND c.customer_id > $3::uuid
ORDER BY c.customer_id LIMIT $4)"};

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

inline constexpr pg::Statement kSourceOwners{"customers.source_owners", R"(
SELECT q.n, c.customer_id::text AS id
FROM unnest($1::int[], $2::text[], $3::text[], $4::uuid[]) AS q(n, system, key, client)
JOIN customers c ON c.tenant_id = carillon_tenant() AND c.source_system = q.system AND c.source_key = q.key
  AND c.client_id IS NOT DISTINCT FROM q.client)"};

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
SELECT tenant_id::text AS tenant, customer_id::text AS id FROM customers
WHERE state = 'ACTIVE' AND contacted_at < $1 AND updated_at < $1 ORDER BY contacted_at LIMIT $2)"};

}  // namespace carillon::customer::store
