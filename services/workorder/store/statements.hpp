#pragma once
#include "pg/tx.hpp"

/// Every piece of SQL of this service.
namespace carillon::workorder::store::sql {

inline constexpr pg::Statement kNextNumber{"order_numbers.next", R"sql(
  INSERT INTO order_numbers (tenant_id, day, last_number) VALUES (carillon_tenant(), $1, 1)
  ON CONFLICT (tenant_id, day) DO UPDATE SET last_number = order_numbers.last_number + 1
  RETURNING to_char(day, 'YYYYMMDD') || '-' || lpad(last_number::text, 6, '0') AS number)sql"};

inline constexpr pg::Statement kLoad{"work_orders.load", R"sql(
  SELECT body, version FROM work_orders WHERE tenant_id = carillon_tenant() AND work_order_id = $1)sql"};

inline constexpr pg::Statement kLock{"work_orders.lock", R"sql(
  SELECT body, version FROM work_orders WHERE tenant_id = carillon_tenant() AND work_order_id = $1 FOR UPDATE)sql"};

inline constexpr pg::Statement kLoadMany{"work_orders.load_many", R"sql(
  SELECT body, version FROM work_orders WHERE tenant_id = carillon_tenant() AND work_order_id = ANY ($1::uuid[]))sql"};

// Inserts version 1, else replaces version n - 1 by n; no row comes back when that is not what is there.
inline constexpr pg::Statement kSave{"work_orders.save", R"sql(
  INSERT INTO work_orders (tenant_id, work_order_id, client_id, number, type, state, priority, customer_id,
    contact_number, product, interaction_id, desk_id, assignee, is_open, overdue, escalated, due_at, site, owner_unit,
    owner_user, created_at, updated_at, closed_at, version, entries, body)
  VALUES (carillon_tenant(), $1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19,
    $20, $21, $22, $23, $24, $25)
  ON CONFLICT (tenant_id, work_order_id) DO UPDATE SET state = excluded.state, priority = excluded.priority,
    contact_number = excluded.contact_number, product = excluded.product, desk_id = excluded.desk_id,
    assignee = excluded.assignee, is_open = excluded.is_open, overdue = excluded.overdue,
    escalated = excluded.escalated, due_at = excluded.due_at, site = excluded.site, owner_user = excluded.owner_user,
    updated_at = excluded.updated_at, closed_at = excluded.closed_at, version = excluded.version,
    entries = work_orders.entries + excluded.entries, body = excluded.body
    WHERE work_orders.version = excluded.version - 1
  RETURNING entries)sql"};

inline constexpr pg::Statement kLockOfCustomer{"work_orders.lock_of_customer", R"sql(
  SELECT body, version FROM work_orders WHERE tenant_id = carillon_tenant() AND customer_id = $1
  ORDER BY work_order_id FOR UPDATE)sql"};

// A complaint keeps an empty number: the table refuses one that never had any.
inline constexpr pg::Statement kErase{"work_orders.erase", R"sql(
  WITH emptied AS (
    UPDATE work_orders SET contact_number = CASE WHEN type = 'COMPLAINT' THEN '' END, updated_at = $2, version = $3,
      body = $4
    WHERE tenant_id = carillon_tenant() AND work_order_id = $1),
  past AS (
    UPDATE work_order_history SET note = '' WHERE tenant_id = carillon_tenant() AND work_order_id = $1 AND note <> ''),
  silent AS (
    UPDATE revisits SET comment = '' WHERE tenant_id = carillon_tenant() AND work_order_id = $1)
  UPDATE assignments SET return_reason = NULL WHERE tenant_id = carillon_tenant() AND work_order_id = $1)sql"};

inline constexpr pg::Statement kAddHistory{"work_order_history.add", R"sql(
  INSERT INTO work_order_history (tenant_id, work_order_id, sequence, happened_at, client_id, actor, action,
    from_state, to_state, note)
  SELECT carillon_tenant(), $1, $2 + ordinality, $3, $4, $5, action, from_state, to_state, note
  FROM unnest($6::text[], $7::text[], $8::text[], $9::text[])
    WITH ORDINALITY AS line (action, from_state, to_state, note, ordinality))sql"};

inline constexpr pg::Statement kHistory{"work_order_history.of_order", R"sql(
  SELECT sequence, pg_us(happened_at) AS happened_us, actor, action, from_state, to_state, note
  FROM work_order_history WHERE tenant_id = carillon_tenant() AND work_order_id = $1
  ORDER BY sequence LIMIT 1000)sql"};

inline constexpr pg::Statement kSaveAssignment{"assignments.save", R"sql(
  INSERT INTO assignments (tenant_id, work_order_id, step, client_id, desk_id, assignee, dispatcher, sent_at,
    accepted_at, ended_at, return_reason)
  VALUES (carillon_tenant(), $1, $2, $3, $4, $5, $6, $7, $8, $9, $10)
  ON CONFLICT (tenant_id, work_order_id, step) DO UPDATE SET assignee = excluded.assignee,
    accepted_at = excluded.accepted_at, ended_at = excluded.ended_at, return_reason = excluded.return_reason)sql"};

inline constexpr pg::Statement kAddRevisit{"revisits.add", R"sql(
  INSERT INTO revisits (tenant_id, work_order_id, revisited_at, attempt, client_id, revisitor, reached, satisfaction,
    solved, interaction_id, comment)
  VALUES (carillon_tenant(), $1, $2, $3, $4, $5, $6, $7, $8, $9, $10)
  ON CONFLICT (tenant_id, work_order_id, revisited_at, attempt) DO NOTHING)sql"};

inline constexpr pg::Statement kSame{"work_orders.same_matter", R"sql(
  SELECT body, version FROM work_orders
  WHERE tenant_id = carillon_tenant() AND customer_id = $1 AND type = $2 AND product = $3 AND created_at >= $4
    AND client_id = $5
  ORDER BY created_at, work_order_id LIMIT 20)sql"};

inline constexpr pg::Statement kList{"work_orders.list", R"sql(
  SELECT body, version, pg_us(created_at) AS created_us, work_order_id FROM work_orders
  WHERE tenant_id = carillon_tenant()
    AND ($1::timestamptz IS NULL OR (created_at, work_order_id) < ($1, $2::uuid))
    AND ($3::text[] IS NULL OR state = ANY ($3)) AND ($4::text[] IS NULL OR type = ANY ($4))
    AND ($5::uuid IS NULL OR desk_id = $5) AND ($6::uuid IS NULL OR customer_id = $6)
    AND ($7::uuid IS NULL OR interaction_id = $7) AND (NOT $8 OR overdue) AND (NOT $9 OR escalated)
    AND ($10::timestamptz IS NULL OR created_at >= $10) AND ($11::timestamptz IS NULL OR created_at < $11)
  ORDER BY created_at DESC, work_order_id DESC LIMIT $12)sql"};

inline constexpr pg::Statement kSearchNumber{"work_orders.search_number", R"sql(
  SELECT body, version FROM work_orders WHERE tenant_id = carillon_tenant() AND starts_with(number, $1)
  ORDER BY number DESC LIMIT 50)sql"};

inline constexpr pg::Statement kSearchContact{"work_orders.search_contact", R"sql(
  SELECT body, version FROM work_orders WHERE tenant_id = carillon_tenant() AND contact_number = $1
  ORDER BY created_at DESC LIMIT 50)sql"};

inline constexpr pg::Statement kSearchCustomer{"work_orders.search_customer", R"sql(
  SELECT body, version FROM work_orders WHERE tenant_id = carillon_tenant() AND customer_id = $1
  ORDER BY created_at DESC LIMIT 50)sql"};

inline constexpr pg::Statement kOpenAtDesk{"work_orders.open_at_desk", R"sql(
  SELECT work_order_id, version FROM work_orders
  WHERE tenant_id = carillon_tenant() AND desk_id = $1 AND is_open ORDER BY created_at, work_order_id LIMIT 2000)sql"};

// Of every tenant: for the worker's role only.
inline constexpr pg::Statement kDue{"work_orders.due", R"sql(
  SELECT tenant_id, work_order_id FROM work_orders WHERE due_at < $1 ORDER BY due_at LIMIT 200)sql"};

inline constexpr pg::Statement kAddDesk{"desks.add", R"sql(
  INSERT INTO desks (tenant_id, desk_id, display_name, kind, site, owner_unit, owner_user, created_at)
  VALUES (carillon_tenant(), $1, $2, $3, $4, $5, $6, $7))sql"};

inline constexpr pg::Statement kDesks{"desks.list", R"sql(
  SELECT desk_id, display_name, kind, site, pg_us(created_at) AS created_us FROM desks
  WHERE tenant_id = carillon_tenant() ORDER BY display_name LIMIT 1000)sql"};

inline constexpr pg::Statement kDeskExists{"desks.exists", R"sql(
  SELECT 1 FROM desks WHERE tenant_id = carillon_tenant() AND desk_id = $1)sql"};

inline constexpr pg::Statement kPolicies{"sla_policies.list", R"sql(
  SELECT type, priority, accept_minutes, reply_minutes, handle_minutes, revisit_minutes, calendar FROM sla_policies
  WHERE tenant_id = carillon_tenant() ORDER BY type, priority)sql"};

inline constexpr pg::Statement kSetPolicy{"sla_policies.set", R"sql(
  INSERT INTO sla_policies (tenant_id, type, priority, accept_minutes, reply_minutes, handle_minutes, revisit_minutes,
    calendar, updated_by, updated_at)
  VALUES (carillon_tenant(), $1, $2, $3, $4, $5, $6, $7, $8, $9)
  ON CONFLICT (tenant_id, type, priority) DO UPDATE SET accept_minutes = excluded.accept_minutes,
    reply_minutes = excluded.reply_minutes, handle_minutes = excluded.handle_minutes,
    revisit_minutes = excluded.revisit_minutes, calendar = excluded.calendar, updated_by = excluded.updated_by,
    updated_at = excluded.updated_at)sql"};

inline constexpr pg::Statement kFields{"custom_fields.list", R"sql(
  SELECT definition FROM custom_fields WHERE tenant_id = carillon_tenant() ORDER BY key)sql"};

inline constexpr pg::Statement kSetField{"custom_fields.set", R"sql(
  INSERT INTO custom_fields (tenant_id, key, definition, updated_by, updated_at)
  VALUES (carillon_tenant(), $1, $2, $3, $4)
  ON CONFLICT (tenant_id, key) DO UPDATE SET definition = excluded.definition, updated_by = excluded.updated_by,
    updated_at = excluded.updated_at)sql"};

}  // namespace carillon::workorder::store::sql
