#pragma once
#include "pg/tx.hpp"

/// Every piece of SQL of ivr.
namespace carillon::ivr::store::sql {

inline constexpr pg::Statement kInsertFlow{"flows.insert", R"sql(
  INSERT INTO flows (tenant_id, flow_id, code, display_name, newest_version, created_at, updated_at, revision)
  VALUES (carillon_tenant(), $1, $2, $3, 1, $4, $4, 1)
  ON CONFLICT (tenant_id, code) DO NOTHING RETURNING flow_id)sql"};

inline constexpr pg::Statement kPutVersion{"flow_versions.put", R"sql(
  INSERT INTO flow_versions (tenant_id, flow_id, version, document, state, author, created_at, tests)
  VALUES (carillon_tenant(), $1, $2, $3, 'DRAFT', $4, $5, $6)
  ON CONFLICT (tenant_id, flow_id, version) DO UPDATE SET document = excluded.document, author = excluded.author,
    state = 'DRAFT', tested_at = NULL)sql"};

inline constexpr pg::Statement kSaveTests{"flow_versions.save_tests", R"sql(
  UPDATE flow_versions SET tests = $3, state = $4, tested_at = $5
  WHERE tenant_id = carillon_tenant() AND flow_id = $1 AND version = $2)sql"};

inline constexpr pg::Statement kSetRollout{"flows.set_rollout", R"sql(
  UPDATE flows SET rollout_version = $2, rollout_percent = $3, rollout_at = $4, updated_at = $5, revision = revision + 1
  WHERE tenant_id = carillon_tenant() AND flow_id = $1)sql"};

inline constexpr pg::Statement kLockFlow{"flows.lock", R"sql(
  SELECT flow_id FROM flows WHERE tenant_id = carillon_tenant() AND flow_id = $1 FOR UPDATE)sql"};

// $2: 0 = the newest version, -1 = the published one.
inline constexpr pg::Statement kLoadFlow{"flows.load", R"sql(
  SELECT f.flow_id, f.code, f.display_name, f.newest_version, f.published_version, f.revision,
    pg_us(f.created_at) AS created_us, pg_us(f.updated_at) AS updated_us,
    f.rollout_version, f.rollout_percent, pg_us(f.rollout_at) AS rollout_us, v.tests, pg_us(v.tested_at) AS tested_us,
    v.version, v.document, v.state, v.author, v.approver, pg_us(v.published_at) AS published_us
  FROM flows f JOIN flow_versions v ON v.tenant_id = f.tenant_id AND v.flow_id = f.flow_id
    AND v.version = CASE $2::int WHEN 0 THEN f.newest_version WHEN -1 THEN f.published_version ELSE $2::int END
  WHERE f.tenant_id = carillon_tenant() AND f.flow_id = $1)sql"};

inline constexpr pg::Statement kListFlows{"flows.list", R"sql(
  SELECT f.flow_id, f.code, f.display_name, f.newest_version, f.published_version, f.revision,
    pg_us(f.created_at) AS created_us, pg_us(f.updated_at) AS updated_us,
    f.rollout_version, f.rollout_percent, pg_us(f.rollout_at) AS rollout_us, '' AS tests,
    pg_us(v.tested_at) AS tested_us, v.version, '' AS document, v.state, v.author, v.approver, pg_us(v.published_at) AS published_us
  FROM flows f JOIN flow_versions v ON v.tenant_id = f.tenant_id AND v.flow_id = f.flow_id
    AND v.version = f.newest_version
  WHERE f.tenant_id = carillon_tenant() AND f.code > $1 ORDER BY f.code LIMIT $2)sql"};

inline constexpr pg::Statement kTouchFlow{"flows.touch", R"sql(
  UPDATE flows SET display_name = $2, newest_version = $3, updated_at = $4, revision = revision + 1
  WHERE tenant_id = carillon_tenant() AND flow_id = $1)sql"};

inline constexpr pg::Statement kRetire{"flow_versions.retire", R"sql(
  UPDATE flow_versions SET state = 'RETIRED'
  WHERE tenant_id = carillon_tenant() AND flow_id = $1 AND state = 'PUBLISHED')sql"};

inline constexpr pg::Statement kPublish{"flow_versions.publish", R"sql(
  UPDATE flow_versions SET state = 'PUBLISHED', approver = coalesce(approver, $3),
    published_at = coalesce(published_at, $4)
  WHERE tenant_id = carillon_tenant() AND flow_id = $1 AND version = $2)sql"};

inline constexpr pg::Statement kSetPublished{"flows.set_published", R"sql(
  UPDATE flows SET published_version = $2, updated_at = $3, revision = revision + 1,
    rollout_version = NULL, rollout_percent = NULL, rollout_at = NULL
  WHERE tenant_id = carillon_tenant() AND flow_id = $1)sql"};

inline constexpr pg::Statement kSaveNumber{"service_numbers.save", R"sql(
  INSERT INTO service_numbers (tenant_id, number_id, number, display_name, client_id, flow_id, default_queue,
    queue_names, queue_targets, time_zone, language, brand, updated_at, revision, voice, transfers)
  VALUES (carillon_tenant(), $1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, 1, $13, $14)
  ON CONFLICT (tenant_id, number) DO UPDATE SET display_name = excluded.display_name, client_id = excluded.client_id,
    flow_id = excluded.flow_id, default_queue = excluded.default_queue, queue_names = excluded.queue_names,
    queue_targets = excluded.queue_targets, time_zone = excluded.time_zone, language = excluded.language,
    brand = excluded.brand, updated_at = excluded.updated_at, revision = service_numbers.revision + 1,
    voice = excluded.voice, transfers = excluded.transfers
  RETURNING number_id)sql"};

inline constexpr pg::Statement kDropMenus{"menu_variants.drop", R"sql(
  DELETE FROM menu_variants WHERE tenant_id = carillon_tenant() AND number_id = $1)sql"};

inline constexpr pg::Statement kAddMenu{"menu_variants.add", R"sql(
  INSERT INTO menu_variants (tenant_id, number_id, position, client_id, menu, grade, region, band_start, band_end,
    weekdays, brand, language)
  VALUES (carillon_tenant(), $1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11))sql"};

#define CARILLON_NUMBER_COLUMNS                                                                             \
  "SELECT number_id, number, display_name, client_id, flow_id, default_queue, queue_names, queue_targets, " \
  "time_zone, language, brand, pg_us(updated_at) AS updated_us, revision, voice, transfers "                \
  "FROM service_numbers "                                                                                   \
  "WHERE tenant_id = carillon_tenant() "

inline constexpr pg::Statement kNumberByNumber{"service_numbers.by_number",
                                               CARILLON_NUMBER_COLUMNS "AND number = $1"};
inline constexpr pg::Statement kNumberById{"service_numbers.by_id",
                                           CARILLON_NUMBER_COLUMNS "AND number_id = $1"};
inline constexpr pg::Statement kListNumbers{
    "service_numbers.list", CARILLON_NUMBER_COLUMNS "AND number > $1 ORDER BY number LIMIT $2"};
#undef CARILLON_NUMBER_COLUMNS

inline constexpr pg::Statement kMenus{"menu_variants.of_numbers", R"sql(
  SELECT number_id, menu, grade, region, band_start, band_end, weekdays, brand, language FROM menu_variants
  WHERE tenant_id = carillon_tenant() AND number_id = ANY ($1::uuid[]) ORDER BY number_id, position)sql"};

// What a call on a number runs, and whether it runs already.
inline constexpr pg::Statement kOpening{"sessions.opening", R"(/* alone */
  SELECT n.number_id, n.revision AS number_revision, f.flow_id, f.code, f.published_version, f.rollout_version,
    f.rollout_percent, pg_us(f.rollout_at) AS rollout_us,
    EXISTS (SELECT FROM sessions s WHERE s.tenant_id = carillon_tenant() AND s.call_id = $2) AS begun
  FROM service_numbers n JOIN flows f ON f.tenant_id = n.tenant_id AND f.flow_id = n.flow_id
  WHERE n.tenant_id = carillon_tenant() AND n.number = $1)"};

inline constexpr pg::Statement kInsertSession{"sessions.insert", R"sql(
  INSERT INTO sessions (tenant_id, session_id, call_id, client_id, number_id, called_number, calling_number, channel,
    flow_id, flow_version, started_at, customer_id, language, grade, identity_level, menu_path, served, state, result,
    interaction_id, version, ended_at, step, journey, answers, assistance, assisted_call_id)
  VALUES (carillon_tenant(), $1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19,
    $20, $21, $22, $23, $24, $25, $26))sql"};

// Only from the version the turn began at.
inline constexpr pg::Statement kUpdateSession{"sessions.update", R"sql(
  UPDATE sessions SET customer_id = $3, language = $4, grade = $5, identity_level = $6, menu_path = $7, served = $8,
    state = $9, result = $10, interaction_id = $11, version = $12, ended_at = $13, step = $14, journey = $15,
    answers = $16, assistance = $17
  WHERE tenant_id = carillon_tenant() AND session_id = $1 AND version = $2 AND state = 'ACTIVE')sql"};

inline constexpr pg::Statement kAddPath{"session_path.add", R"sql(
  INSERT INTO session_path (tenant_id, session_id, position, happened_at, client_id, node, input, outcome)
  SELECT carillon_tenant(), $1, $2::int + ordinality, happened_at, $3, node, input, outcome
  FROM unnest($4::timestamptz[], $5::text[], $6::text[], $7::text[])
    WITH ORDINALITY AS p (happened_at, node, input, outcome, ordinality))sql"};

// The turns of several sessions, none of them over: each from the version it began at, or not at all. Says
// which were saved. Run twice it saves nothing the second time.
inline constexpr pg::Statement kSaveTurns{"sessions.save_turns", R"(/* alone */
  WITH saved AS (
    UPDATE sessions s SET customer_id = t.customer_id, language = t.language, grade = t.grade,
      identity_level = t.identity_level, menu_path = t.menu_path::text[], served = t.served::text[],
      version = t.version, step = decode(t.step, 'hex'), journey = decode(t.journey, 'hex'), answers = t.answers::text[], assistance = t.assistance
    FROM unnest($1::uuid[], $2::bigint[], $3::uuid[], $4::text[], $5::text[], $6::text[], $7::text[], $8::text[],
      $9::bigint[], $10::text[], $11::text[], $12::text[], $13::json[]) AS t (session_id, from_version, customer_id,
      language, grade, identity_level, menu_path, served, version, step, journey, answers, assistance)
    WHERE s.tenant_id = carillon_tenant() AND s.session_id = t.session_id AND s.version = t.from_version
      AND s.state = 'ACTIVE'
    RETURNING s.session_id, s.client_id),
  walked AS (
    INSERT INTO session_path (tenant_id, session_id, position, happened_at, client_id, node, input, outcome)
    SELECT carillon_tenant(), session_id, position, happened_at, client_id, node, input, outcome
    FROM unnest($14::uuid[], $15::int[], $16::timestamptz[], $17::text[], $18::text[], $19::text[])
      AS p (session_id, position, happened_at, node, input, outcome) JOIN saved USING (session_id))
  SELECT session_id FROM saved)"};

#define CARILLON_SESSION_FIELDS                                                                            \
  "SELECT session_id, call_id, client_id, number_id, called_number, calling_number, channel, flow_id, "    \
  "flow_version, customer_id, language, grade, identity_level, menu_path, served, state, result, "         \
  "interaction_id, version, pg_us(started_at) AS started_us, pg_us(ended_at) AS ended_us, step, journey, " \
  "answers, assistance, assisted_call_id "
#define CARILLON_SESSION_COLUMNS CARILLON_SESSION_FIELDS "FROM sessions WHERE tenant_id = carillon_tenant() "
// With the revision of its number and the length of its path: what a key needs, in one round trip. A step is
// never older than the session, as far as the clocks of two machines agree; so only its partitions are looked
// at.
#define CARILLON_TURN_COLUMNS                                                                             \
  CARILLON_SESSION_FIELDS                                                                                 \
  ", (SELECT n.revision FROM service_numbers n WHERE n.tenant_id = s.tenant_id AND n.number_id = "        \
  "s.number_id) AS number_revision, "                                                                     \
  "(SELECT count(*) FROM session_path p WHERE p.tenant_id = s.tenant_id AND p.session_id = s.session_id " \
  "AND p.happened_at >= s.started_at - interval '1 day') AS kept_steps FROM sessions s "                  \
  "WHERE tenant_id = carillon_tenant() "

// What keys stand on, of several sessions and unlocked.
inline constexpr pg::Statement kSessionsByIds{
    "sessions.by_ids",
    "/* alone */ " CARILLON_SESSION_FIELDS
    ", (SELECT n.revision FROM service_numbers n WHERE n.tenant_id = s.tenant_id AND n.number_id = "
    "s.number_id) AS number_revision, NULL AS kept_steps "
    "FROM sessions s WHERE tenant_id = carillon_tenant() AND session_id = ANY ($1::uuid[])"};

inline constexpr pg::Statement kCountPath{"session_path.count", R"sql(
  SELECT count(*) FROM session_path WHERE tenant_id = carillon_tenant() AND session_id = $1)sql"};

inline constexpr pg::Statement kSessionById{"sessions.by_id", CARILLON_SESSION_COLUMNS "AND session_id = $1"};
inline constexpr pg::Statement kLockSession{"sessions.lock",
                                            CARILLON_TURN_COLUMNS "AND session_id = $1 FOR UPDATE"};
inline constexpr pg::Statement kSessionByCall{"sessions.by_call",
                                              CARILLON_SESSION_COLUMNS "AND call_id = $1"};
inline constexpr pg::Statement kLockSessionByCall{"sessions.lock_by_call",
                                                  CARILLON_TURN_COLUMNS "AND call_id = $1 FOR UPDATE"};
inline constexpr pg::Statement kLockAssistedOfCall{
    "sessions.lock_assisted_of_call",
    CARILLON_TURN_COLUMNS "AND assisted_call_id = $1 AND state = 'ACTIVE' FOR UPDATE"};
inline constexpr pg::Statement kListSessions{
    "sessions.list", CARILLON_SESSION_COLUMNS
    "AND ($1::uuid IS NULL OR call_id = $1 OR assisted_call_id = $1) AND ($2::text IS NULL OR result = $2) "
    "AND ($3::timestamptz IS NULL OR started_at >= $3) AND ($4::timestamptz IS NULL OR started_at < $4) "
    "AND ($5::timestamptz IS NULL OR (started_at, session_id) < ($5, $6::uuid)) "
    "ORDER BY started_at DESC, session_id DESC LIMIT $7"};
#undef CARILLON_TURN_COLUMNS
#undef CARILLON_SESSION_COLUMNS
#undef CARILLON_SESSION_FIELDS

inline constexpr pg::Statement kPath{"session_path.of_session", R"sql(
  SELECT pg_us(happened_at) AS happened_us, node, input, outcome FROM session_path
  WHERE tenant_id = carillon_tenant() AND session_id = $1 ORDER BY position)sql"};

// The sessions of a report with what makes its groups. $1 to $7: from, to, number, flow, version, dimensions,
// zone.
#define CARILLON_REPORTED                                                                              \
  "WITH reported AS (SELECT "                                                                          \
  "CASE WHEN 'HOUR' = ANY ($6::text[]) THEN pg_us(date_trunc('hour', s.started_at, $7)) "              \
  "WHEN 'DAY' = ANY ($6::text[]) THEN pg_us(date_trunc('day', s.started_at, $7)) "                     \
  "WHEN 'MONTH' = ANY ($6::text[]) THEN pg_us(date_trunc('month', s.started_at, $7)) END AS of_time, " \
  "CASE WHEN 'NUMBER' = ANY ($6::text[]) THEN n.number END AS of_number, "                             \
  "CASE WHEN 'FLOW' = ANY ($6::text[]) THEN s.flow_id END AS of_flow, "                                \
  "CASE WHEN 'VERSION' = ANY ($6::text[]) THEN s.flow_version END AS of_version, "                     \
  "CASE WHEN 'LANGUAGE' = ANY ($6::text[]) THEN s.language END AS of_language, "                       \
  "CASE WHEN 'GRADE' = ANY ($6::text[]) THEN s.grade END AS of_grade, "                                \
  "s.tenant_id, s.session_id, s.result, s.started_at, s.ended_at, s.served, s.answers "                \
  "FROM sessions s JOIN service_numbers n ON n.tenant_id = s.tenant_id AND n.number_id = s.number_id " \
  "WHERE s.tenant_id = carillon_tenant() AND s.state = 'COMPLETED' AND s.assistance IS NULL "          \
  "AND s.started_at >= $1 AND s.started_at < $2 AND ($3::text IS NULL OR n.number = $3) "              \
  "AND ($4::uuid IS NULL OR s.flow_id = $4) AND ($5::int IS NULL OR s.flow_version = $5)) "
#define CARILLON_REPORT_GROUPS "of_time, of_number, of_flow, of_version, of_language, of_grade"
// A session is over within a day (session.limit_s), so only the partitions of that time are looked at.
#define CARILLON_REPORT_PATH                                                                          \
  "FROM reported r JOIN session_path p ON p.tenant_id = r.tenant_id AND p.session_id = r.session_id " \
  "AND p.happened_at >= $1::timestamptz - interval '1 day' "                                          \
  "AND p.happened_at < $2::timestamptz + interval '2 days' "

// One more than a report may have.
inline constexpr pg::Statement kReportTotals{
    "sessions.report", CARILLON_REPORTED
    "SELECT " CARILLON_REPORT_GROUPS
    ", count(*) AS sessions, count(*) FILTER (WHERE result = 'SELF_SERVED') AS self_served, "
    "count(*) FILTER (WHERE result = 'TO_AGENT') AS to_agent, count(*) FILTER (WHERE result = 'ABANDONED') "
    "AS "
    "abandoned, count(*) FILTER (WHERE result = 'VOICEMAIL') AS voicemail, count(*) FILTER (WHERE result = "
    "'TRANSFERRED') AS transferred, count(*) FILTER (WHERE result = 'INVALID') AS invalid, count(*) FILTER "
    "(WHERE result = 'ERROR') AS error, "
    "(count(*) FILTER (WHERE result = 'SELF_SERVED'))::float8 / count(*) AS containment, "
    "(extract(epoch FROM avg(ended_at - started_at)) * 1000000)::int8 AS average_us "
    "FROM reported GROUP BY " CARILLON_REPORT_GROUPS " ORDER BY " CARILLON_REPORT_GROUPS " LIMIT 501"};

// Sorts a year of paths in memory.
inline constexpr pg::Statement kReportRoom{"session_path.report_room",
                                           "SELECT set_config('work_mem', '64MB', true)"};

// Each time a caller was asked for keys ends in one row: keys, nothing in time, or the end of the call. One
// pass and one sort over the paths; of `callers` each has come to the node for the first time.
inline constexpr pg::Statement kReportWays{
    "session_path.report_ways", CARILLON_REPORTED
    ", asked AS (SELECT " CARILLON_REPORT_GROUPS
    ", r.session_id, r.result, p.node, p.position, CASE p.outcome WHEN 'keys' THEN CASE WHEN "
    "length(p.input) = 1 THEN p.input ELSE 'digits' END ELSE p.outcome END AS answer " CARILLON_REPORT_PATH
    "WHERE p.outcome IN ('keys', 'invalid', 'timeout', 'too late', 'hung up')), "
    "placed AS (SELECT *, lead(node) OVER later AS next, lead(position) OVER later IS NULL AS last, "
    "node = ANY (array_agg(node) OVER (later ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING)) AS again "
    "FROM asked WINDOW later AS (PARTITION BY session_id ORDER BY position)) "
    "SELECT " CARILLON_REPORT_GROUPS
    ", node, answer, next, CASE WHEN last THEN result END AS ended, count(*) AS visits, "
    "count(*) FILTER (WHERE again IS NOT TRUE) AS callers "
    "FROM placed GROUP BY " CARILLON_REPORT_GROUPS
    ", node, answer, next, CASE WHEN last THEN result END ORDER BY visits DESC, node, answer, next, ended"};

// What failed is told by its reason; that a transfer was put through is no failure.
inline constexpr pg::Statement kReportOutcomes{
    "session_path.report_outcomes", CARILLON_REPORTED
    "SELECT " CARILLON_REPORT_GROUPS ", p.node, p.outcome, count(*) AS times " CARILLON_REPORT_PATH
    "WHERE p.outcome IN ('verified', 'wrong', 'failed') OR p.outcome ~ '^[A-Z][A-Z_]+$' AND p.outcome <> "
    "'CONNECTED' "
    "GROUP BY " CARILLON_REPORT_GROUPS ", p.node, p.outcome ORDER BY times DESC, p.node, p.outcome"};

// Services, and answers ("question=key@microseconds") with their score.
inline constexpr pg::Statement kReportTold{
    "sessions.report_told", CARILLON_REPORTED
    "SELECT " CARILLON_REPORT_GROUPS ", told, score, count(*) AS times FROM (SELECT " CARILLON_REPORT_GROUPS
    ", unnest(served) AS told, NULL::int AS score FROM reported UNION ALL "
    "SELECT " CARILLON_REPORT_GROUPS
    ", regexp_replace(answer, '=[0-9]+@-?[0-9]+$', ''), substring(answer from '=([0-9]+)@-?[0-9]+$')::int "
    "FROM (SELECT " CARILLON_REPORT_GROUPS
    ", unnest(answers) AS answer FROM reported) a) t "
    "GROUP BY " CARILLON_REPORT_GROUPS ", told, score ORDER BY times DESC, told, score"};
#undef CARILLON_REPORT_PATH
#undef CARILLON_REPORT_GROUPS
#undef CARILLON_REPORTED

inline constexpr pg::Statement kDropRows{"data_rows.drop", R"sql(
  DELETE FROM data_rows WHERE tenant_id = carillon_tenant() AND table_code = $1)sql"};

inline constexpr pg::Statement kPutRows{"data_rows.put", R"sql(
  INSERT INTO data_rows (tenant_id, table_code, row_key, row, customer_id, imported_at)
  SELECT carillon_tenant(), $1, row_key, row, customer_id, $5
  FROM unnest($2::text[], $3::json[], $4::uuid[]) AS r (row_key, row, customer_id)
  ON CONFLICT (tenant_id, table_code, row_key) DO UPDATE SET row = excluded.row, customer_id = excluded.customer_id,
    imported_at = excluded.imported_at)sql"};

inline constexpr pg::Statement kFindRow{"data_rows.find", R"sql(
  SELECT row FROM data_rows WHERE tenant_id = carillon_tenant() AND table_code = $1 AND row_key = $2)sql"};

inline constexpr pg::Statement kSaveNotice{"notices.save", R"sql(
  INSERT INTO notices (tenant_id, notice_id, number_id, region, starts_at, ends_at, author, notice)
  VALUES (carillon_tenant(), $1, $2, $3, $4, $5, $6, $7)
  ON CONFLICT (tenant_id, notice_id) DO UPDATE SET number_id = excluded.number_id, region = excluded.region,
    starts_at = excluded.starts_at, ends_at = excluded.ends_at, author = excluded.author, approver = NULL,
    notice = excluded.notice
  RETURNING notice_id, author, approver, notice)sql"};

inline constexpr pg::Statement kLockNotice{"notices.lock", R"sql(
  SELECT notice_id, author, approver, notice FROM notices
  WHERE tenant_id = carillon_tenant() AND notice_id = $1 FOR UPDATE)sql"};

inline constexpr pg::Statement kApproveNotice{"notices.approve", R"sql(
  UPDATE notices SET approver = $2 WHERE tenant_id = carillon_tenant() AND notice_id = $1
  RETURNING notice_id, author, approver, notice)sql"};

inline constexpr pg::Statement kNotices{"notices.list", R"sql(
  SELECT notice_id, author, approver, notice FROM notices
  WHERE tenant_id = carillon_tenant() AND ends_at > $1 ORDER BY ends_at, notice_id LIMIT 200)sql"};

inline constexpr pg::Statement kNoticesFor{"notices.of_caller", R"sql(
  SELECT notice_id, author, approver, notice FROM notices
  WHERE tenant_id = carillon_tenant() AND ends_at > $3 AND starts_at <= $3 AND approver IS NOT NULL
    AND (number_id IS NULL OR number_id = $1) AND starts_with($2, region)
  ORDER BY starts_at, notice_id LIMIT 3)sql"};

inline constexpr pg::Statement kFlowByCode{"flows.by_code", R"sql(
  SELECT flow_id FROM flows WHERE tenant_id = carillon_tenant() AND code = $1)sql"};

#define CARILLON_ANNOUNCEMENT_COLUMNS " announcement_id, author, approver, announcement "

inline constexpr pg::Statement kSaveAnnouncement{
    "announcements.save",
    "INSERT INTO announcements (tenant_id, announcement_id, code, starts_at, ends_at, author, sound, "
    "announcement) "
    "VALUES (carillon_tenant(), $1, $2, $3, $4, $5, $6, $7) "
    "ON CONFLICT (tenant_id, announcement_id) DO UPDATE SET code = excluded.code, starts_at = "
    "excluded.starts_at, "
    "ends_at = excluded.ends_at, author = excluded.author, approver = NULL, sound = excluded.sound, "
    "announcement = excluded.announcement RETURNING" CARILLON_ANNOUNCEMENT_COLUMNS};

inline constexpr pg::Statement kLoadAnnouncement{
    "announcements.load", "SELECT" CARILLON_ANNOUNCEMENT_COLUMNS
                          "FROM announcements WHERE tenant_id = carillon_tenant() AND announcement_id = $1"};

inline constexpr pg::Statement kApproveAnnouncement{
    "announcements.approve",
    "UPDATE announcements SET approver = $2 WHERE tenant_id = carillon_tenant() AND announcement_id = $1 "
    "RETURNING" CARILLON_ANNOUNCEMENT_COLUMNS};

inline constexpr pg::Statement kListAnnouncements{
    "announcements.list",
    "SELECT" CARILLON_ANNOUNCEMENT_COLUMNS
    "FROM announcements WHERE tenant_id = carillon_tenant() AND ($1::text IS NULL OR code = $1) "
    "AND ($2::text IS NULL OR (code, announcement_id) > ($2, $3::uuid)) "
    "ORDER BY code, announcement_id LIMIT $4"};

inline constexpr pg::Statement kAnnouncementsOf{
    "announcements.of_codes",
    "SELECT" CARILLON_ANNOUNCEMENT_COLUMNS
    "FROM announcements WHERE tenant_id = carillon_tenant() AND code = ANY ($1::text[]) AND approver IS NOT "
    "NULL "
    "AND (starts_at IS NULL OR starts_at <= $2) AND (ends_at IS NULL OR ends_at > $2)"};
#undef CARILLON_ANNOUNCEMENT_COLUMNS

inline constexpr pg::Statement kAnnouncementCodes{"announcements.codes", R"sql(
  SELECT DISTINCT code FROM announcements
  WHERE tenant_id = carillon_tenant() AND approver IS NOT NULL AND (ends_at IS NULL OR ends_at > $1))sql"};

inline constexpr pg::Statement kFindSound{"sounds.find", R"sql(
  SELECT wav FROM sounds WHERE tenant_id = carillon_tenant() AND sound = $1)sql"};

inline constexpr pg::Statement kKeepSound{"sounds.keep", R"sql(
  INSERT INTO sounds (tenant_id, sound, wav, made_at) VALUES (carillon_tenant(), $1, $2, $3)
  ON CONFLICT (tenant_id, sound) DO NOTHING)sql"};

// No row when all tries of the last day are used up.
inline constexpr pg::Statement kTakeTry{"identity_tries.take", R"sql(
  INSERT INTO identity_tries AS t (tenant_id, customer_id, method, tries, tried_at)
  VALUES (carillon_tenant(), $1, $2, 1, $3)
  ON CONFLICT (tenant_id, customer_id, method) DO UPDATE
    SET tries = CASE WHEN t.tried_at <= $4 THEN 1 ELSE t.tries + 1 END, tried_at = excluded.tried_at
    WHERE t.tries < $5 OR t.tried_at <= $4
  RETURNING tries)sql"};

inline constexpr pg::Statement kForgetTries{"identity_tries.forget", R"sql(
  DELETE FROM identity_tries WHERE tenant_id = carillon_tenant() AND customer_id = $1 AND method = $2)sql"};

// As the worker: all tenants.
inline constexpr pg::Statement kDropTries{"identity_tries.drop", R"sql(
  DELETE FROM identity_tries WHERE tried_at <= $1)sql"};

inline constexpr pg::Statement kInsertMessage{"messages.insert", R"sql(
  INSERT INTO messages (tenant_id, message_id, session_id, number, state, created_at, message)
  VALUES (carillon_tenant(), $1, $2, $3, $4, $5, $6)
  ON CONFLICT (tenant_id, message_id) DO NOTHING RETURNING message_id)sql"};

inline constexpr pg::Statement kLoadMessage{"messages.load", R"sql(
  SELECT number, message FROM messages WHERE tenant_id = carillon_tenant() AND message_id = $1)sql"};

inline constexpr pg::Statement kSaveMessage{"messages.save", R"sql(
  UPDATE messages SET state = $2, message = $3 WHERE tenant_id = carillon_tenant() AND message_id = $1)sql"};

// As the worker: all tenants.
inline constexpr pg::Statement kDropSounds{"sounds.drop", R"sql(
  DELETE FROM sounds s WHERE made_at < $1 AND NOT EXISTS
    (SELECT FROM announcements a WHERE a.tenant_id = s.tenant_id AND a.sound = s.sound))sql"};

inline constexpr pg::Statement kForgetMessageNumbers{"messages.forget_numbers", R"sql(
  UPDATE messages SET number = NULL WHERE number IS NOT NULL AND created_at < $1)sql"};

inline constexpr pg::Statement kForgetNumbers{"sessions.forget_numbers", R"sql(
  UPDATE sessions SET calling_number = NULL WHERE calling_number IS NOT NULL AND started_at < $1)sql"};

// Whole months, so that a partition is looked through once and empty from then on.
inline constexpr pg::Statement kForgetPaths{"session_path.forget", R"sql(
  DELETE FROM session_path WHERE happened_at < date_trunc('month', $1::timestamptz - make_interval(months => $2)))sql"};

inline constexpr pg::Statement kCountActive{"sessions.count_active",
                                            "SELECT count(*) FROM sessions WHERE state = 'ACTIVE'"};

inline constexpr pg::Statement kLeftBehind{"sessions.left_behind", R"sql(
  SELECT tenant_id, call_id FROM sessions WHERE state = 'ACTIVE' AND started_at < $1 ORDER BY started_at LIMIT 200)sql"};

}  // namespace carillon::ivr::store::sql
