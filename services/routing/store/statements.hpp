#pragma once
#include "pg/tx.hpp"

/// All SQL of routing.
namespace carillon::routing::store {

inline constexpr pg::Statement kLeaseMake{
    "shards.make",
    "INSERT INTO shards (tenant_id, epoch, holder, renewed_at, business_at) "
    "VALUES (carillon_tenant(), 0, '', to_timestamp(0), to_timestamp(0)) ON CONFLICT DO NOTHING"};
inline constexpr pg::Statement kLeasePatience{"shards.patience",
                                              "SELECT set_config('lock_timeout', '2000', true)"};
inline constexpr pg::Statement kLeaseLock{
    "shards.lock",
    "SELECT epoch, holder, pg_us(business_at) AS business_us, "
    "clock_timestamp() - renewed_at > make_interval(secs => $1::bigint / 1000.0) AS stale "
    "FROM shards WHERE tenant_id = carillon_tenant() FOR UPDATE"};
inline constexpr pg::Statement kLeaseLook{
    "shards.look",
    "SELECT holder, clock_timestamp() - renewed_at > make_interval(secs => $1::bigint / 1000.0) AS stale "
    "FROM shards WHERE tenant_id = carillon_tenant()"};
// Who sweeps next takes them up; the old owner may be at one of them, and a repeat does nothing.
inline constexpr pg::Statement kTasksFree{
    "tasks.free",
    "UPDATE tasks SET owned_until = to_timestamp(0) WHERE tenant_id = carillon_tenant() AND owner = $1"};
inline constexpr pg::Statement kLeaseTake{
    "shards.take",
    "UPDATE shards SET epoch = epoch + 1, holder = $1, renewed_at = clock_timestamp() "
    "WHERE tenant_id = carillon_tenant() RETURNING epoch"};
inline constexpr pg::Statement kLeaseRenew{
    "shards.renew",
    "UPDATE shards SET renewed_at = clock_timestamp(), business_at = $2 "
    "WHERE tenant_id = carillon_tenant() AND epoch = $1"};
inline constexpr pg::Statement kLeaseGiveUp{
    "shards.give_up",
    "UPDATE shards SET holder = '', business_at = $2 WHERE tenant_id = carillon_tenant() AND epoch = $1"};
// For a batch without rows.
inline constexpr pg::Statement kLeaseFence{
    "shards.fence", "SELECT 1 FROM shards WHERE tenant_id = carillon_tenant() AND epoch = $1 FOR SHARE"};
inline constexpr pg::Statement kShardTenants{"shards.tenants",
                                             "SELECT tenant_id FROM shards ORDER BY tenant_id"};

inline constexpr pg::Statement kMonth{"journal.month",
                                      "SELECT carillon_make_partition('journal', $1::timestamptz::date), "
                                      "carillon_make_partition('interactions', $1::timestamptz::date)"};
// Nothing is appended when another has the lease; an append under way keeps it from being taken.
inline constexpr pg::Statement kJournalAppend{
    "journal.append",
    "WITH held AS MATERIALIZED (SELECT FROM shards WHERE tenant_id = carillon_tenant() AND epoch = $1 FOR "
    "SHARE) "
    "INSERT INTO journal (tenant_id, seq, at, epoch, format, rule_version, command, transitions) "
    "SELECT carillon_tenant(), seq, at, $1, $2, rule_version, decode(command, 'hex'), decode(transitions, "
    "'hex') "
    "FROM held, unnest($3::bigint[], $4::timestamptz[], $5::bigint[], $6::text[], $7::text[]) "
    "AS r (seq, at, rule_version, command, transitions)"};
inline constexpr pg::Statement kJournalAfter{
    "journal.after",
    "SELECT seq, pg_us(at) AS at_us, format, transitions FROM journal "
    "WHERE tenant_id = carillon_tenant() AND seq > $1 ORDER BY seq LIMIT $2"};
inline constexpr pg::Statement kSnapshotSave{
    "snapshots.save",
    "INSERT INTO snapshots (tenant_id, seq, at, format, state) VALUES (carillon_tenant(), $1, $2, $3, $4) "
    "ON CONFLICT DO NOTHING"};
inline constexpr pg::Statement kSnapshotForget{
    "snapshots.forget",
    "DELETE FROM snapshots WHERE tenant_id = carillon_tenant() AND seq < (SELECT min(seq) FROM (SELECT seq "
    "FROM snapshots WHERE tenant_id = carillon_tenant() ORDER BY seq DESC LIMIT 2) AS kept)"};
inline constexpr pg::Statement kSnapshotLast{
    "snapshots.last",
    "SELECT seq, pg_us(at) AS at_us, format, state FROM snapshots WHERE tenant_id = carillon_tenant() "
    "ORDER BY seq DESC LIMIT 1"};
inline constexpr pg::Statement kRepliesSave{
    "request_replays.save",
    "INSERT INTO request_replays (tenant_id, principal, method, request_id, request_hash, response) "
    "SELECT carillon_tenant(), principal, method, request_id, decode(hash, 'hex'), decode(response, 'hex') "
    "FROM unnest($1::text[], $2::text[], $3::uuid[], $4::text[], $5::text[]) "
    "AS r (principal, method, request_id, hash, response)"};
inline constexpr pg::Statement kRepliesAfter{
    "request_replays.after",
    "SELECT principal, method, request_id, request_hash, response, pg_us(answered_at) AS answered_us "
    "FROM request_replays WHERE tenant_id = carillon_tenant() "
    "AND answered_at > greatest($1::timestamptz, now() - interval '24 hours') AND response IS NOT NULL "
    "ORDER BY answered_at"};

inline constexpr pg::Statement kReplyFind{
    "request_replays.reply",
    "SELECT response FROM request_replays WHERE tenant_id = carillon_tenant() AND principal = $1 "
    "AND method = $2 AND request_id = $3 AND response IS NOT NULL"};

inline constexpr pg::Statement kInteractionsPut{
    "interactions.put",
    "INSERT INTO interactions (tenant_id, interaction_id, created_at, client_id, state, channel, queue_id, "
    "agent_id, "
    "customer_id, call_id, queued_at, accepted_at, ended_at, wait_us, ring_us, talk_us, hold_us, wrap_us, "
    "disposition, record) SELECT carillon_tenant(), r.interaction_id, r.created_at, r.client_id, r.state, "
    "r.channel, "
    "r.queue_id, r.agent_id, r.customer_id, r.call_id, r.queued_at, r.accepted_at, r.ended_at, r.wait_us, "
    "r.ring_us, "
    "r.talk_us, r.hold_us, r.wrap_us, r.disposition, decode(r.record, 'hex') FROM unnest($1::uuid[], "
    "$2::timestamptz[], $3::uuid[], $4::text[], $5::text[], $6::uuid[], $7::uuid[], $8::uuid[], $9::uuid[], "
    "$10::timestamptz[], $11::timestamptz[], $12::timestamptz[], $13::bigint[], $14::bigint[], "
    "$15::bigint[], "
    "$16::bigint[], $17::bigint[], $18::text[], $19::text[]) AS r (interaction_id, created_at, client_id, "
    "state, "
    "channel, queue_id, agent_id, customer_id, call_id, queued_at, accepted_at, ended_at, wait_us, ring_us, "
    "talk_us, "
    "hold_us, wrap_us, disposition, record) ON CONFLICT (tenant_id, interaction_id, created_at) DO UPDATE "
    "SET "
    "state = excluded.state, agent_id = excluded.agent_id, accepted_at = excluded.accepted_at, "
    "ended_at = excluded.ended_at, wait_us = excluded.wait_us, ring_us = excluded.ring_us, "
    "talk_us = excluded.talk_us, hold_us = excluded.hold_us, wrap_us = excluded.wrap_us, "
    "disposition = excluded.disposition, record = excluded.record"};
inline constexpr pg::Statement kInteractionsLoad{
    "interactions.load",
    "SELECT record FROM interactions WHERE tenant_id = carillon_tenant() AND interaction_id = $1"};
inline constexpr pg::Statement kInteractionsList{
    "interactions.list",
    "SELECT interaction_id, record FROM interactions WHERE tenant_id = carillon_tenant() "
    "AND ($1::uuid IS NULL OR interaction_id < $1::uuid) AND ($2::text IS NULL OR state = $2) "
    "AND ($3::uuid IS NULL OR agent_id = $3) AND ($4::uuid IS NULL OR queue_id = $4) "
    "AND ($5::uuid IS NULL OR customer_id = $5) AND ($6::uuid IS NULL OR call_id = $6) "
    "ORDER BY interaction_id DESC LIMIT $7"};

inline constexpr pg::Statement kInteractionsToForget{
    "interactions.to_forget",
    "SELECT tenant_id, interaction_id, created_at, record FROM interactions WHERE ended_at < $1 AND NOT "
    "forgotten "
    "ORDER BY ended_at LIMIT $2 FOR UPDATE"};
inline constexpr pg::Statement kInteractionsForget{
    "interactions.forget",
    "UPDATE interactions i SET forgotten = true, record = decode(r.record, 'hex') FROM unnest($1::uuid[], "
    "$2::uuid[], "
    "$3::timestamptz[], $4::text[]) AS r (tenant_id, interaction_id, created_at, record) WHERE "
    "i.tenant_id = r.tenant_id AND i.interaction_id = r.interaction_id AND i.created_at = r.created_at"};
inline constexpr pg::Statement kJournalForget{
    "journal.forget",
    "DELETE FROM journal j WHERE j.at < $1 AND j.seq <= (SELECT min(s.seq) FROM snapshots s "
    "WHERE s.tenant_id = j.tenant_id)"};
inline constexpr pg::Statement kSessionsPut{
    "agent_sessions.put",
    "INSERT INTO agent_sessions (tenant_id, session_id, agent_id, agent_code, seat, state, began_at, "
    "ended_at, record) "
    "SELECT carillon_tenant(), r.session_id, r.agent_id, r.agent_code, r.seat, r.state, r.began_at, "
    "r.ended_at, "
    "decode(r.record, 'hex') FROM unnest($1::uuid[], $2::uuid[], $3::text[], $4::text[], $5::text[], "
    "$6::timestamptz[], $7::timestamptz[], $8::text[]) AS r (session_id, agent_id, agent_code, seat, state, "
    "began_at, "
    "ended_at, record) ON CONFLICT (tenant_id, session_id) DO UPDATE SET state = excluded.state, "
    "ended_at = excluded.ended_at, record = excluded.record"};
inline constexpr pg::Statement kSessionsOpen{
    "agent_sessions.open",
    "SELECT agent_code, session_id, record FROM agent_sessions WHERE tenant_id = carillon_tenant() "
    "AND ended_at IS NULL AND ($1::text IS NULL OR (agent_code, session_id) > ($1::text, $2::uuid)) "
    "ORDER BY agent_code, session_id LIMIT $3"};

inline constexpr pg::Statement kQueuePut{
    "queues.put",
    "INSERT INTO queues (tenant_id, queue_id, client_id, code, body) VALUES (carillon_tenant(), $1, $4, $2, "
    "$3) "
    "ON CONFLICT (tenant_id, queue_id) DO UPDATE SET code = excluded.code, body = excluded.body"};
inline constexpr pg::Statement kQueueDelete{
    "queues.delete", "DELETE FROM queues WHERE tenant_id = carillon_tenant() AND queue_id = $1"};
inline constexpr pg::Statement kQueueFind{
    "queues.find",
    "SELECT body FROM queues WHERE tenant_id = carillon_tenant() AND (queue_id::text = $1 OR code = $1)"};
inline constexpr pg::Statement kQueueList{
    "queues.list",
    "SELECT code, body FROM queues WHERE tenant_id = carillon_tenant() AND code > $1 ORDER BY code LIMIT $2"};
inline constexpr pg::Statement kSkillPut{
    "skills.put",
    "INSERT INTO skills (tenant_id, skill_id, code, body) VALUES (carillon_tenant(), $1, $2, $3) "
    "ON CONFLICT (tenant_id, skill_id) DO UPDATE SET code = excluded.code, body = excluded.body"};
inline constexpr pg::Statement kSkillDelete{
    "skills.delete", "DELETE FROM skills WHERE tenant_id = carillon_tenant() AND skill_id = $1"};
inline constexpr pg::Statement kSkillFind{
    "skills.find",
    "SELECT body FROM skills WHERE tenant_id = carillon_tenant() AND (skill_id::text = $1 OR code = $1)"};
inline constexpr pg::Statement kSkillList{
    "skills.list",
    "SELECT code, body FROM skills WHERE tenant_id = carillon_tenant() AND code > $1 ORDER BY code LIMIT $2"};
inline constexpr pg::Statement kProfilePut{
    "routing_profiles.put",
    "INSERT INTO routing_profiles (tenant_id, routing_profile_id, code, body) VALUES (carillon_tenant(), $1, "
    "$2, $3) "
    "ON CONFLICT (tenant_id, routing_profile_id) DO UPDATE SET code = excluded.code, body = excluded.body"};
inline constexpr pg::Statement kProfileDelete{
    "routing_profiles.delete",
    "DELETE FROM routing_profiles WHERE tenant_id = carillon_tenant() AND routing_profile_id = $1"};
inline constexpr pg::Statement kProfileFind{
    "routing_profiles.find",
    "SELECT body FROM routing_profiles WHERE tenant_id = carillon_tenant() "
    "AND (routing_profile_id::text = $1 OR code = $1)"};
inline constexpr pg::Statement kProfileList{"routing_profiles.list",
                                            "SELECT code, body FROM routing_profiles WHERE tenant_id = "
                                            "carillon_tenant() AND code > $1 ORDER BY code LIMIT $2"};
inline constexpr pg::Statement kAgentPut{
    "agents.put",
    "INSERT INTO agents (tenant_id, agent_id, code, body) VALUES (carillon_tenant(), $1, $2, $3) "
    "ON CONFLICT (tenant_id, agent_id) DO UPDATE SET code = excluded.code, body = excluded.body"};
inline constexpr pg::Statement kAgentDelete{
    "agents.delete", "DELETE FROM agents WHERE tenant_id = carillon_tenant() AND agent_id = $1"};
inline constexpr pg::Statement kAgentFind{
    "agents.find", "SELECT body FROM agents WHERE tenant_id = carillon_tenant() AND agent_id::text = $1"};
inline constexpr pg::Statement kAgentList{
    "agents.list",
    "SELECT code, body FROM agents WHERE tenant_id = carillon_tenant() AND code > $1 ORDER BY code LIMIT $2"};

// The time is the last part of the key: what lies before it is passed over without a look at the rows.
inline constexpr pg::Statement kJournalBetween{
    "journal.between",
    "SELECT seq, pg_us(at) AS at_us, command FROM journal WHERE tenant_id = carillon_tenant() "
    "AND at >= $1 AND at < $2 AND seq > $3 ORDER BY seq LIMIT $4"};
inline constexpr pg::Statement kInteractionsBetween{
    "interactions.between",
    "SELECT record FROM interactions WHERE tenant_id = carillon_tenant() AND created_at >= $1 "
    "AND created_at < $2 AND ($3::uuid IS NULL OR interaction_id > $3::uuid) ORDER BY interaction_id LIMIT "
    "$4"};

}  // namespace carillon::routing::store
