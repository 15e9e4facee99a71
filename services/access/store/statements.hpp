#pragma once
#include "pg/tx.hpp"

/// Every piece of SQL of access.
namespace carillon::access::store {

// ---- tenants
#define CARILLON_TENANT_COLUMNS                                                              \
  "tenant_id, slug, display_name, state, unit_levels, seat_quota, single_session, version, " \
  "pg_us(created_at) AS "                                                                    \
  "created_us, pg_us(updated_at) AS updated_us "
inline constexpr pg::Statement kTenantInsert{
    "tenants.insert",
    "INSERT INTO tenants (tenant_id, slug, display_name, state, unit_levels, seat_quota, single_session, "
    "created_at, "
    "updated_at) VALUES (carillon_tenant(), $1, $2, $3, $4, $5, $6, $7, $7)"};
inline constexpr pg::Statement kTenantSave{
    "tenants.save",
    "UPDATE tenants SET display_name = $1, state = $2, unit_levels = $3, seat_quota = $4, single_session = "
    "$5, "
    "updated_at = $6, version = version + 1 WHERE tenant_id = carillon_tenant() RETURNING version"};
inline constexpr pg::Statement kTenantLoad{
    "tenants.load", "SELECT " CARILLON_TENANT_COLUMNS "FROM tenants WHERE tenant_id = carillon_tenant()"};
inline constexpr pg::Statement kTenantLock{"tenants.lock",
                                           "SELECT " CARILLON_TENANT_COLUMNS
                                           "FROM tenants WHERE tenant_id = carillon_tenant() FOR UPDATE"};
// Of all tenants: only the worker role gets an answer.
inline constexpr pg::Statement kTenantBySlug{
    "tenants.find_by_slug", "SELECT " CARILLON_TENANT_COLUMNS "FROM tenants WHERE slug = $1"};
inline constexpr pg::Statement kTenantList{"tenants.list",
                                           "SELECT " CARILLON_TENANT_COLUMNS
                                           "FROM tenants WHERE ($1::uuid IS NULL OR tenant_id > $1) AND ($2 "
                                           "= '' OR slug = $2) ORDER BY tenant_id LIMIT $3"};
inline constexpr pg::Statement kTenantAny{"tenants.any", "SELECT 1 FROM tenants LIMIT 1"};
inline constexpr pg::Statement kFirstStartLock{
    "tenants.first_start_lock", "SELECT pg_advisory_xact_lock(hashtext('carillon access first start'))"};
inline constexpr pg::Statement kDeepestUnit{"org_units.deepest",
                                            "SELECT coalesce(max(length(path) - length(replace(path, '/', "
                                            "''))), 2) - 2 AS depth FROM org_units WHERE tenant_id "
                                            "= carillon_tenant()"};

// ---- clients
#define CARILLON_CLIENT_COLUMNS                                                                           \
  "client_id, code, display_name, state, version, pg_us(created_at) AS created_us, pg_us(updated_at) AS " \
  "updated_us "
inline constexpr pg::Statement kClientInsert{
    "clients.insert",
    "INSERT INTO clients (tenant_id, client_id, code, display_name, state, created_at, updated_at) VALUES "
    "(carillon_tenant(), $1, $2, $3, $4, $5, $5)"};
inline constexpr pg::Statement kClientSave{"clients.save",
                                           "UPDATE clients SET display_name = $2, state = $3, updated_at = "
                                           "$4, version = version + 1 WHERE tenant_id = "
                                           "carillon_tenant() AND client_id = $1 RETURNING version"};
inline constexpr pg::Statement kClientLoad{
    "clients.load",
    "SELECT " CARILLON_CLIENT_COLUMNS "FROM clients WHERE tenant_id = carillon_tenant() AND client_id = $1"};
inline constexpr pg::Statement kClientLock{
    "clients.lock", "SELECT " CARILLON_CLIENT_COLUMNS
                    "FROM clients WHERE tenant_id = carillon_tenant() AND client_id = $1 FOR UPDATE"};
inline constexpr pg::Statement kClientList{"clients.list",
                                           "SELECT " CARILLON_CLIENT_COLUMNS
                                           "FROM clients WHERE tenant_id = carillon_tenant() AND ($1::uuid "
                                           "IS NULL OR client_id > $1) ORDER BY client_id LIMIT $2"};
inline constexpr pg::Statement kClientDefault{
    "clients.default",
    "SELECT client_id FROM clients WHERE tenant_id = carillon_tenant() AND code = 'default'"};

// ---- org units
#define CARILLON_UNIT_COLUMNS                                                                           \
  "unit_id, parent_id, code, display_name, type, path, site, leader_id, version, pg_us(created_at) AS " \
  "created_us, "                                                                                        \
  "pg_us(updated_at) AS updated_us "
inline constexpr pg::Statement kUnitInsert{
    "org_units.insert",
    "INSERT INTO org_units (tenant_id, unit_id, parent_id, code, display_name, type, path, site, leader_id, "
    "created_at, "
    "updated_at) VALUES (carillon_tenant(), $1, $2, $3, $4, $5, $6, $7, $8, $9, $9)"};
inline constexpr pg::Statement kUnitSave{
    "org_units.save",
    "UPDATE org_units SET parent_id = $2, display_name = $3, type = $4, site = $5, leader_id = $6, "
    "updated_at = $7, "
    "version = version + 1 WHERE tenant_id = carillon_tenant() AND unit_id = $1 RETURNING version"};
inline constexpr pg::Statement kUnitMove{
    "org_units.move",
    "UPDATE org_units SET path = $2 || substr(path, length($1) + 1) WHERE tenant_id = carillon_tenant() AND "
    "starts_with(path, $1)"};
inline constexpr pg::Statement kUnitDeepestBelow{
    "org_units.deepest_below",
    "SELECT path FROM org_units WHERE tenant_id = carillon_tenant() AND starts_with(path, $1) ORDER BY "
    "length(path) - "
    "length(replace(path, '/', '')) DESC LIMIT 1"};
inline constexpr pg::Statement kUnitLoad{
    "org_units.load",
    "SELECT " CARILLON_UNIT_COLUMNS "FROM org_units WHERE tenant_id = carillon_tenant() AND unit_id = $1"};
inline constexpr pg::Statement kUnitRoot{
    "org_units.root", "SELECT " CARILLON_UNIT_COLUMNS
                      "FROM org_units WHERE tenant_id = carillon_tenant() AND parent_id IS NULL"};
inline constexpr pg::Statement kUnitList{"org_units.list",
                                         "SELECT " CARILLON_UNIT_COLUMNS
                                         "FROM org_units WHERE tenant_id = carillon_tenant() AND path > $1 "
                                         "AND starts_with(path, $2) ORDER BY path LIMIT $3"};

// ---- roles
#define CARILLON_ROLE_COLUMNS                                                                           \
  "role_id, code, display_name, permissions, scope_data, scope_reach, scope_clear, built_in, version, " \
  "pg_us(created_at) AS created_us, pg_us(updated_at) AS updated_us "
inline constexpr pg::Statement kRoleInsert{
    "roles.insert",
    "INSERT INTO roles (tenant_id, role_id, code, display_name, permissions, scope_data, scope_reach, "
    "scope_clear, "
    "built_in, created_at, updated_at) VALUES (carillon_tenant(), $1, $2, $3, $4, $5, $6, $7, $8, $9, $9)"};
inline constexpr pg::Statement kRoleSave{"roles.save",
                                         "UPDATE roles SET display_name = $2, permissions = $3, scope_data = "
                                         "$4, scope_reach = $5, scope_clear = $6, "
                                         "updated_at = $7, version = version + 1 WHERE tenant_id = "
                                         "carillon_tenant() AND role_id = $1 RETURNING version"};
inline constexpr pg::Statement kRoleLoad{"roles.load",
                                         "SELECT " CARILLON_ROLE_COLUMNS
                                         "FROM roles WHERE tenant_id = carillon_tenant() AND role_id = $1"};
inline constexpr pg::Statement kRoleLock{
    "roles.lock", "SELECT " CARILLON_ROLE_COLUMNS
                  "FROM roles WHERE tenant_id = carillon_tenant() AND role_id = $1 FOR UPDATE"};
inline constexpr pg::Statement kRoleByCodes{
    "roles.by_codes",
    "SELECT " CARILLON_ROLE_COLUMNS
    "FROM roles WHERE tenant_id = carillon_tenant() AND code = ANY($1::text[]) ORDER BY code"};
inline constexpr pg::Statement kRoleList{
    "roles.list", "SELECT " CARILLON_ROLE_COLUMNS
                  "FROM roles WHERE tenant_id = carillon_tenant() AND code > $1 ORDER BY code LIMIT $2"};

// ---- users
#define CARILLON_USER_SELECT                                                                                \
  "SELECT u.user_id, u.login, u.agent_number, u.display_name, u.phone_number, u.unit_id, o.path AS "        \
  "unit_path, "                                                                                             \
  "u.all_clients, u.language, u.state, u.must_change, u.failures, u.password_hash, "                        \
  "pg_us(u.password_changed_at) "                                                                           \
  "AS changed_us, pg_us(u.locked_until) AS locked_us, pg_us(u.last_login_at) AS last_login_us, u.version, " \
  "pg_us(u.created_at) AS created_us, pg_us(u.updated_at) AS updated_us, "                                  \
  "ARRAY(SELECT r.code FROM user_roles ur JOIN roles r USING (tenant_id, role_id) WHERE ur.tenant_id = "    \
  "u.tenant_id "                                                                                            \
  "AND ur.user_id = u.user_id ORDER BY r.code) AS roles, "                                                  \
  "ARRAY(SELECT uc.client_id::text FROM user_clients uc WHERE uc.tenant_id = u.tenant_id AND uc.user_id = " \
  "u.user_id ORDER BY uc.client_id) AS clients "                                                            \
  "FROM users u JOIN org_units o ON o.tenant_id = u.tenant_id AND o.unit_id = u.unit_id WHERE u.tenant_id " \
  "= "                                                                                                      \
  "carillon_tenant() "
inline constexpr pg::Statement kUserInsert{
    "users.insert",
    "INSERT INTO users (tenant_id, user_id, login, login_key, agent_number, display_name, phone_number, "
    "unit_id, "
    "all_clients, language, state, password_hash, must_change, password_changed_at, created_at, updated_at) "
    "VALUES "
    "(carillon_tenant(), $1, $2, lower($2), $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $13)"};
inline constexpr pg::Statement kUserSave{"users.save",
                                         "UPDATE users SET agent_number = $2, display_name = $3, "
                                         "phone_number = $4, unit_id = $5, all_clients = $6, language "
                                         "= $7, state = $8, must_change = $9, locked_until = $10, failures = "
                                         "CASE WHEN $10::timestamptz IS NULL THEN 0 ELSE "
                                         "failures END, updated_at = $11, version = version + 1 WHERE "
                                         "tenant_id = carillon_tenant() AND user_id = $1 "
                                         "RETURNING version"};
inline constexpr pg::Statement kUserSetPassword{"users.set_password",
                                                "UPDATE users SET password_hash = $2, password_changed_at = "
                                                "$3 WHERE tenant_id = carillon_tenant() AND user_id = $1"};
inline constexpr pg::Statement kUserNoteTries{
    "users.note_tries",
    "UPDATE users SET failures = $2, locked_until = $3 WHERE tenant_id = carillon_tenant() AND user_id = $1"};
inline constexpr pg::Statement kUserNoteLogin{
    "users.note_login",
    "UPDATE users SET failures = 0, locked_until = NULL, last_login_at = $2, password_hash = coalesce($3, "
    "password_hash) "
    "WHERE tenant_id = carillon_tenant() AND user_id = $1"};
inline constexpr pg::Statement kUserLoad{"users.load", CARILLON_USER_SELECT "AND u.user_id = $1"};
inline constexpr pg::Statement kUserLock{"users.lock",
                                         CARILLON_USER_SELECT "AND u.user_id = $1 FOR UPDATE OF u"};
inline constexpr pg::Statement kUserByLogin{"users.by_login",
                                            CARILLON_USER_SELECT "AND u.login_key = lower($1)"};
inline constexpr pg::Statement kUserList{"users.list", CARILLON_USER_SELECT
                                         "AND ($1::uuid IS NULL OR u.user_id > $1) AND ($2 = '' OR "
                                         "starts_with(o.path, $2)) AND ($3 = '' OR EXISTS (SELECT 1 "
                                         "FROM user_roles ur JOIN roles r USING (tenant_id, role_id) WHERE "
                                         "ur.tenant_id = u.tenant_id AND ur.user_id = "
                                         "u.user_id AND r.code = $3)) AND ($4 = '' OR u.agent_number = $4) "
                                         "AND ($5 = '' OR u.login_key = lower($5)) ORDER BY "
                                         "u.user_id LIMIT $6"};
inline constexpr pg::Statement kUserDropRoles{
    "user_roles.drop", "DELETE FROM user_roles WHERE tenant_id = carillon_tenant() AND user_id = $1"};
inline constexpr pg::Statement kUserAddRoles{"user_roles.add",
                                             "INSERT INTO user_roles (tenant_id, user_id, role_id) SELECT "
                                             "carillon_tenant(), $1, role_id FROM roles WHERE "
                                             "tenant_id = carillon_tenant() AND code = ANY($2::text[])"};
inline constexpr pg::Statement kUserDropClients{
    "user_clients.drop", "DELETE FROM user_clients WHERE tenant_id = carillon_tenant() AND user_id = $1"};
inline constexpr pg::Statement kUserAddClients{
    "user_clients.add",
    "INSERT INTO user_clients (tenant_id, user_id, client_id) SELECT carillon_tenant(), $1, client_id FROM "
    "clients WHERE "
    "tenant_id = carillon_tenant() AND client_id = ANY($2::uuid[])"};
inline constexpr pg::Statement kUserRights{
    "users.rights",
    "SELECT ARRAY(SELECT DISTINCT p FROM user_roles ur JOIN roles r USING (tenant_id, role_id), "
    "unnest(r.permissions) p "
    "WHERE ur.tenant_id = carillon_tenant() AND ur.user_id = u.user_id ORDER BY p) AS permissions, "
    "ARRAY(SELECT c.client_id::text FROM clients c WHERE c.tenant_id = carillon_tenant() AND c.state = 1 AND "
    "(u.all_clients OR EXISTS (SELECT 1 FROM user_clients uc WHERE uc.tenant_id = c.tenant_id AND "
    "uc.client_id = "
    "c.client_id AND uc.user_id = u.user_id)) ORDER BY c.client_id) AS clients "
    "FROM users u WHERE u.tenant_id = carillon_tenant() AND u.user_id = $1"};

// ---- sessions
inline constexpr pg::Statement kSeatLock{
    "sessions.seat_lock", "SELECT pg_advisory_xact_lock(hashtext('seats ' || carillon_tenant()::text))"};
inline constexpr pg::Statement kSessionCount{
    "sessions.count",
    "SELECT count(DISTINCT user_id) FILTER (WHERE user_id <> $2) AS others, count(*) FILTER (WHERE user_id = "
    "$2) AS own "
    "FROM sessions WHERE tenant_id = carillon_tenant() AND ended_at IS NULL AND expires_at > $1"};
inline constexpr pg::Statement kSessionInsert{
    "sessions.insert",
    "INSERT INTO sessions (tenant_id, session_id, user_id, started_at, expires_at) VALUES "
    "(carillon_tenant(), $1, $2, $3, "
    "$4)"};
inline constexpr pg::Statement kSessionByToken{"sessions.lock_by_token",
                                               "SELECT s.session_id, s.user_id, pg_us(s.started_at) AS "
                                               "started_us, pg_us(s.expires_at) AS expires_us, s.ended_at IS "
                                               "NOT NULL AS ended, t.used_at IS NOT NULL AS used FROM "
                                               "sessions s JOIN refresh_tokens t USING (tenant_id, "
                                               "session_id) WHERE s.tenant_id = carillon_tenant() AND "
                                               "s.session_id = $1 AND t.token_hash = $2 FOR UPDATE"};
inline constexpr pg::Statement kSessionExtend{
    "sessions.extend",
    "UPDATE sessions SET expires_at = $2 WHERE tenant_id = carillon_tenant() AND session_id = $1"};
inline constexpr pg::Statement kSessionEnd{"sessions.end",
                                           "UPDATE sessions SET ended_at = $2, ended_why = $3 WHERE "
                                           "tenant_id = carillon_tenant() AND session_id = $1 AND "
                                           "ended_at IS NULL"};
inline constexpr pg::Statement kSessionEndOfUser{
    "sessions.end_of_user",
    "UPDATE sessions SET ended_at = $2, ended_why = $3 WHERE tenant_id = carillon_tenant() AND user_id = $1 "
    "AND ended_at "
    "IS NULL"};
inline constexpr pg::Statement kSessionSweep{"sessions.sweep", "DELETE FROM sessions WHERE expires_at < $1"};
inline constexpr pg::Statement kTokenInsert{"refresh_tokens.insert",
                                            "INSERT INTO refresh_tokens (tenant_id, session_id, token_hash, "
                                            "issued_at) VALUES (carillon_tenant(), $1, $2, $3)"};
inline constexpr pg::Statement kTokenUse{"refresh_tokens.use",
                                         "UPDATE refresh_tokens SET used_at = $3 WHERE tenant_id = "
                                         "carillon_tenant() AND session_id = $1 AND token_hash = $2"};

// ---- signing keys (worker role)
inline constexpr pg::Statement kKeysLock{
    "signing_keys.lock", "SELECT pg_advisory_xact_lock(hashtext('carillon access signing keys'))"};
inline constexpr pg::Statement kKeysLoad{"signing_keys.load",
                                         "SELECT kid, sealed_key, pg_us(created_at) AS created_us, "
                                         "pg_us(active_from) AS active_us FROM signing_keys ORDER BY "
                                         "active_from DESC"};
inline constexpr pg::Statement kKeyInsert{
    "signing_keys.insert",
    "INSERT INTO signing_keys (kid, sealed_key, created_at, active_from) VALUES ($1, $2, $3, $4)"};
inline constexpr pg::Statement kKeyReseal{"signing_keys.reseal",
                                          "UPDATE signing_keys SET sealed_key = $2 WHERE kid = $1"};
inline constexpr pg::Statement kKeyRemove{"signing_keys.remove",
                                          "DELETE FROM signing_keys WHERE kid = ANY($1::text[])"};

// ---- audit
inline constexpr pg::Statement kAuditTakeIn{
    "audit_intake.take_in",
    "INSERT INTO audit_intake (tenant_id, record) VALUES (carillon_tenant(), $1::jsonb)"};
// Of all tenants: only the worker role gets an answer.
inline constexpr pg::Statement kAuditWaiting{
    "audit_intake.waiting", "SELECT tenant_id, count(*) AS records FROM audit_intake GROUP BY 1"};
inline constexpr pg::Statement kAuditLock{
    "audit_batches.lock", "SELECT pg_advisory_xact_lock(hashtext('audit ' || carillon_tenant()::text))"};
inline constexpr pg::Statement kAuditHead{
    "audit_batches.head",
    "SELECT last_sequence, last_hash, pg_us(signed_at) AS signed_us FROM audit_batches WHERE tenant_id = "
    "carillon_tenant() ORDER BY first_sequence DESC LIMIT 1"};
inline constexpr pg::Statement kAuditTakeOut{"audit_intake.take_out",
                                             "WITH gone AS (DELETE FROM audit_intake WHERE tenant_id = "
                                             "carillon_tenant() AND intake_id IN (SELECT intake_id "
                                             "FROM audit_intake WHERE tenant_id = carillon_tenant() ORDER BY "
                                             "intake_id LIMIT $1) RETURNING intake_id, record) "
                                             "SELECT record FROM gone ORDER BY intake_id"};
inline constexpr pg::Statement kAuditAppend{
    "audit_trail.append",
    "INSERT INTO audit_trail (tenant_id, sequence, chained_at, record_id, service, subject, client, action, "
    "resource, "
    "resources, shown_fields, result, detail, request_id, request_hash, before_hash, after_hash, "
    "occurred_at, "
    "recorded_at, address, token_id, previous_hash, hash) "
    "SELECT carillon_tenant(), r.sequence, r.chain_time, substr(r.name, 14)::uuid, r.service, r.subject, "
    "r.client, "
    "r.action, r.resource, r.resources, r.shown_fields, r.result, r.detail, r.request_id, r.request_hash, "
    "r.before_hash, r.after_hash, r.occur_time, r.record_time, r.address, r.token_id, r.previous_hash, "
    "r.hash "
    "FROM jsonb_to_recordset($1::jsonb) AS r(sequence bigint, chain_time timestamptz, name text, service "
    "text, "
    "subject text, client text, action text, resource text, resources text[], shown_fields text[], result "
    "text, "
    "detail text, request_id text, request_hash text, before_hash text, after_hash text, occur_time "
    "timestamptz, "
    "record_time timestamptz, address text, token_id text, previous_hash text, hash text)"};
inline constexpr pg::Statement kAuditBatchInsert{
    "audit_batches.insert",
    "INSERT INTO audit_batches (tenant_id, first_sequence, last_sequence, previous_hash, last_hash, "
    "signed_at, "
    "algorithm, kid, signature) VALUES (carillon_tenant(), $1, $2, $3, $4, $5, $6, $7, $8)"};
#define CARILLON_AUDIT_COLUMNS                                                                      \
  "SELECT sequence, pg_us(chained_at) AS chained_us, record_id, service, subject, client, action, " \
  "resource, "                                                                                      \
  "resources, shown_fields, result, detail, request_id, request_hash, before_hash, after_hash, "    \
  "pg_us(occurred_at) "                                                                             \
  "AS occurred_us, pg_us(recorded_at) AS recorded_us, address, token_id, previous_hash, hash FROM " \
  "audit_trail "                                                                                    \
  "WHERE tenant_id = carillon_tenant() "
inline constexpr pg::Statement kAuditList{
    "audit_trail.list", CARILLON_AUDIT_COLUMNS
    "AND ($1::bigint IS NULL OR sequence < $1) AND ($2 = '' OR subject "
    "= $2) AND ($3 = '' OR $3 = ANY(resources)) AND "
    "($4 = '' OR action = $4 OR "
    "right(action, length($4) + 1) = '/' || $4) AND ($5::timestamptz IS NULL OR "
    "recorded_at >= $5) AND ($6::timestamptz IS NULL OR "
    "recorded_at < $6) ORDER BY sequence DESC LIMIT $7"};
inline constexpr pg::Statement kAuditRange{
    "audit_trail.range",
    CARILLON_AUDIT_COLUMNS "AND sequence > $1 AND sequence <= $2 ORDER BY sequence, chained_at"};
inline constexpr pg::Statement kAuditBatches{
    "audit_batches.range",
    "SELECT first_sequence, last_sequence, previous_hash, last_hash, pg_us(signed_at) AS signed_us, "
    "algorithm, kid, "
    "signature FROM audit_batches WHERE tenant_id = carillon_tenant() AND first_sequence > $1 ORDER BY "
    "first_sequence "
    "LIMIT 200"};
// Of all tenants: the worker role's. A tenant whose row is gone keeps its chain.
inline constexpr pg::Statement kAuditTenants{
    "audit_batches.tenants",
    "SELECT c.tenant_id, coalesce(t.slug, '') AS slug FROM (SELECT tenant_id FROM audit_batches UNION SELECT "
    "tenant_id "
    "FROM tenants) c LEFT JOIN tenants t USING (tenant_id) ORDER BY slug, tenant_id"};
inline constexpr pg::Statement kAuditKeys{
    "audit_keys.all",
    "SELECT kid, algorithm, crv, x, y, vouched_by, voucher FROM audit_keys ORDER BY added_at, kid"};
inline constexpr pg::Statement kAuditKeyInsert{"audit_keys.insert",
                                               "INSERT INTO audit_keys (kid, algorithm, crv, x, y, added_at, "
                                               "vouched_by, voucher) VALUES ($1, $2, $3, $4, $5, $6, "
                                               "$7, $8) ON CONFLICT DO NOTHING"};
// Rows lie by real time, so the host's months of business time do not serve them.
inline constexpr pg::Statement kAuditKeepMonths{
    "audit_trail.keep_months",
    "SELECT carillon_make_partition('audit_trail', month::date) FROM generate_series($1::timestamptz::date, "
    "$1::timestamptz::date + interval '1 month', interval '1 month') month"};
inline constexpr pg::Statement kAuditDropOld{"audit_trail.drop_old",
                                             "SELECT drop_audit_months_before($1::timestamptz::date)"};

}  // namespace carillon::access::store
