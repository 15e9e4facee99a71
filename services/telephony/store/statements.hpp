#pragma once
#include "pg/tx.hpp"

/// The SQL of telephony. A call's id is a UUIDv7 of its arrival, so ($1 id, $2 .. $3 the millisecond in it)
/// finds the month's partition without being told the time.
namespace carillon::telephony::store {

#define CARILLON_CALL_COLUMNS                                                                               \
  "id, pg_us(arrived_at) AS arrived_us, revision, pg_us(updated_at) AS updated_us, direction, state, "      \
  "pg_us(state_at) AS state_us, cause, switch_id, switch_call_id, calling_number, called_number, trunk, "   \
  "ARRAY(SELECT key FROM jsonb_each_text(data) ORDER BY key) AS data_keys, "                                \
  "ARRAY(SELECT value FROM jsonb_each_text(data) ORDER BY key) AS data_values, session_id, "                \
  "session_version, "                                                                                       \
  "interaction_id, directive, answered_version, event_count, ivr_us, queue_us, ring_us, talk_us, hold_us, " \
  "total_us, dial_us, attempt_id, customer_id, client_id, pg_us(dialled_at) AS dialled_us, "                \
  "pg_us(answered_at) AS call_answered_us, destination, assistance"

inline constexpr pg::Statement kReserveSwitchCall{
    "switch_calls.reserve",
    "INSERT INTO switch_calls (tenant_id, switch_id, switch_call_id, call_id, arrived_at) "
    "VALUES (carillon_tenant(), $1, $2, $3, $4) ON CONFLICT DO NOTHING"};
inline constexpr pg::Statement kFindSwitchCall{
    "switch_calls.find",
    "SELECT call_id FROM switch_calls WHERE tenant_id = carillon_tenant() AND switch_id = $1 "
    "AND switch_call_id = $2"};

inline constexpr pg::Statement kCountLive{"calls.count_live",
                                          "SELECT count(*) FROM calls WHERE ended_at IS NULL"};

inline constexpr pg::Statement kLoadCall{
    "calls.load", "SELECT " CARILLON_CALL_COLUMNS
                  " FROM calls WHERE tenant_id = carillon_tenant() AND id = $1 AND arrived_at >= $2 "
                  "AND arrived_at < $3"};
inline constexpr pg::Statement kLockCall{
    "calls.lock", "SELECT " CARILLON_CALL_COLUMNS
                  " FROM calls WHERE tenant_id = carillon_tenant() AND id = $1 AND arrived_at >= $2 "
                  "AND arrived_at < $3 FOR UPDATE"};
/// What a call learns later is empty when it begins.
inline constexpr pg::Statement kInsertCall{
    "calls.insert",
    "INSERT INTO calls (tenant_id, id, arrived_at, revision, updated_at, direction, state, state_at, cause, "
    "ended_at, "
    "switch_id, switch_call_id, calling_number, called_number, trunk, data, session_id, session_version, "
    "interaction_id, directive, directive_version, releasing_at, answered_version, event_count, ivr_us, "
    "queue_us, "
    "ring_us, talk_us, hold_us, total_us, dial_due_at) "
    "VALUES (carillon_tenant(), $1, $2, 1, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, "
    "jsonb_object($14::text[], $15::text[]), $16, $17, $18, $19, $20, $21, $22, $23, $24, $25, $26, $27, "
    "$28, $29, $30)"};
inline constexpr pg::Statement kUpdateCall{
    "calls.update",
    "UPDATE calls SET revision = revision + 1, updated_at = $4, state = $5, state_at = $6, cause = $7, "
    "ended_at = $8, "
    "data = jsonb_object($9::text[], $10::text[]), session_id = $11, session_version = $12, interaction_id = "
    "$13, "
    "directive = $14, directive_version = $15, releasing_at = $16, answered_version = $17, event_count = "
    "$18, "
    "ivr_us = $19, queue_us = $20, ring_us = $21, talk_us = $22, hold_us = $23, total_us = $24, "
    "switch_call_id = $25, calling_number = $26, called_number = $27, attempt_id = $28, customer_id = $29, "
    "dialled_at = $30, answered_at = $31, destination = $32, dial_due_at = $33, dial_us = $34, client_id = "
    "$35, assistance = $36 "
    "WHERE tenant_id = carillon_tenant() AND id = $1 AND arrived_at >= $2 AND arrived_at < $3 RETURNING "
    "revision"};
/// Newest first; $1 the id to go on below (NULL = from the top), then the filters (NULL = any), then how
/// many.
inline constexpr pg::Statement kListCalls{
    "calls.list",
    "SELECT " CARILLON_CALL_COLUMNS
    " FROM calls WHERE tenant_id = carillon_tenant() AND ($1::uuid IS NULL OR id < $1::uuid) "
    "AND ($2::text IS NULL OR state = $2) AND (NOT $3::bool OR ended_at IS NULL) "
    "AND ($4::text IS NULL OR called_number = $4) AND ($5::timestamptz IS NULL OR arrived_at >= $5) "
    "AND ($6::timestamptz IS NULL OR arrived_at < $6) ORDER BY id DESC LIMIT $7"};
inline constexpr pg::Statement kLiveDirectives{
    "calls.live_directives",
    "SELECT directive FROM calls WHERE tenant_id = carillon_tenant() AND switch_id = $1 AND ended_at IS NULL "
    "AND directive_version > 0 ORDER BY id"};
/// For the worker, over all tenants.
inline constexpr pg::Statement kOverdueCalls{"calls.overdue",
                                             "SELECT tenant_id, id FROM calls WHERE ended_at IS NULL AND "
                                             "(arrived_at < $1 OR releasing_at < $2 OR dial_due_at <= $3) "
                                             "ORDER BY arrived_at LIMIT 500"};

inline constexpr pg::Statement kSaveLegs{
    "legs.save",
    "INSERT INTO legs (tenant_id, call_id, arrived_at, number, role, state, state_at, agent, extension, "
    "reservation, "
    "started_at, connected_at, ended_at, hold_us, cause, interaction, phone_number, audio) "
    "SELECT carillon_tenant(), $1, $2, * FROM unnest($3::int[], $4::text[], $5::text[], $6::timestamptz[], "
    "$7::text[], $8::text[], $9::text[], $10::timestamptz[], $11::timestamptz[], $12::timestamptz[], "
    "$13::bigint[], "
    "$14::text[], $15::text[], $16::text[], $17::text[]) "
    "ON CONFLICT (tenant_id, call_id, number, arrived_at) DO UPDATE SET state = excluded.state, "
    "role = excluded.role, interaction = excluded.interaction, audio = excluded.audio, "
    "state_at = excluded.state_at, connected_at = excluded.connected_at, ended_at = excluded.ended_at, "
    "hold_us = excluded.hold_us, cause = excluded.cause"};
/// The legs of the calls $1[], each call's in order; all arrived in $2 .. $3.
inline constexpr pg::Statement kLoadLegs{
    "legs.load",
    "SELECT call_id, number, role, state, pg_us(state_at) AS state_us, agent, extension, reservation, "
    "pg_us(started_at) AS started_us, pg_us(connected_at) AS connected_us, pg_us(ended_at) AS ended_us, "
    "hold_us, cause, interaction, phone_number, audio "
    "FROM legs WHERE tenant_id = carillon_tenant() AND call_id = ANY($1::uuid[]) AND arrived_at >= $2 "
    "AND arrived_at < $3 ORDER BY call_id, number"};

inline constexpr pg::Statement kAddEvents{
    "call_events.add",
    "INSERT INTO call_events (tenant_id, call_id, arrived_at, sequence, type, at, leg, cause, state, "
    "mark, note) SELECT carillon_tenant(), $1, $2, * FROM unnest($3::bigint[], $4::text[], "
    "$5::timestamptz[], $6::text[], $7::text[], $8::text[], $9::text[], $10::text[])"};
inline constexpr pg::Statement kListEvents{
    "call_events.list",
    "SELECT sequence, type, pg_us(at) AS at_us, leg, cause, state, mark, note FROM call_events "
    "WHERE tenant_id = carillon_tenant() AND call_id = $1 AND arrived_at >= $2 AND arrived_at < $3 AND "
    "sequence > $4 "
    "ORDER BY sequence LIMIT $5"};

/// For the worker: what arrived before $1, at most $2 rows a table and turn.
inline constexpr pg::Statement kForgetEvents{"call_events.forget",
                                             "DELETE FROM call_events WHERE ctid = ANY(ARRAY(SELECT ctid "
                                             "FROM call_events WHERE arrived_at < $1 LIMIT $2)) "
                                             "AND arrived_at < $1"};
inline constexpr pg::Statement kForgetLegs{"legs.forget",
                                           "DELETE FROM legs WHERE ctid = ANY(ARRAY(SELECT ctid FROM legs "
                                           "WHERE arrived_at < $1 LIMIT $2)) AND arrived_at < $1"};
inline constexpr pg::Statement kForgetCalls{
    "calls.forget",
    "DELETE FROM calls WHERE ctid = ANY(ARRAY(SELECT ctid FROM calls WHERE arrived_at < $1 LIMIT $2)) "
    "AND arrived_at < $1"};
inline constexpr pg::Statement kForgetSwitchCalls{"switch_calls.forget",
                                                  "DELETE FROM switch_calls WHERE ctid = ANY(ARRAY(SELECT "
                                                  "ctid FROM switch_calls WHERE arrived_at < $1 LIMIT $2))"};

}  // namespace carillon::telephony::store
