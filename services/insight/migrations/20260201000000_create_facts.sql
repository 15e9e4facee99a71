-- migrate:up
-- Facts, built from events. One row a thing, replaced by each later event of it; every figure is a count or a sum here.
CREATE TABLE fact_calls (
  tenant_id uuid NOT NULL,
  call_id uuid NOT NULL,
  arrived_at timestamptz NOT NULL,
  client_id uuid,
  ended_at timestamptz,
  cause text NOT NULL,
  session_id uuid,
  interaction_id uuid,
  as_of timestamptz NOT NULL,
  CONSTRAINT fact_calls_pk PRIMARY KEY (tenant_id, call_id, arrived_at)
) PARTITION BY RANGE (arrived_at);
CREATE TABLE fact_calls_rest PARTITION OF fact_calls DEFAULT;
CREATE INDEX fact_calls_arrived_at_idx ON fact_calls (tenant_id, arrived_at);
ALTER TABLE fact_calls ENABLE ROW LEVEL SECURITY;
ALTER TABLE fact_calls FORCE ROW LEVEL SECURITY;
ALTER TABLE fact_calls_rest ENABLE ROW LEVEL SECURITY;
ALTER TABLE fact_calls_rest FORCE ROW LEVEL SECURITY;
-- A call that reached no served enterprise belongs to all of the tenant.
CREATE POLICY tenant ON fact_calls USING (tenant_id = carillon_tenant()
  AND (carillon_clients() IS NULL OR client_id IS NULL OR client_id = ANY (carillon_clients())));

CREATE TABLE fact_sessions (
  tenant_id uuid NOT NULL,
  session_id uuid NOT NULL,
  started_at timestamptz NOT NULL,
  call_id uuid NOT NULL,
  client_id uuid,
  customer_id uuid,
  result text NOT NULL,
  path text NOT NULL,
  ended_at timestamptz,
  as_of timestamptz NOT NULL,
  CONSTRAINT fact_sessions_pk PRIMARY KEY (tenant_id, session_id, started_at)
) PARTITION BY RANGE (started_at);
CREATE TABLE fact_sessions_rest PARTITION OF fact_sessions DEFAULT;
CREATE INDEX fact_sessions_started_at_idx ON fact_sessions (tenant_id, started_at);
CREATE INDEX fact_sessions_call_idx ON fact_sessions (tenant_id, call_id);
ALTER TABLE fact_sessions ENABLE ROW LEVEL SECURITY;
ALTER TABLE fact_sessions FORCE ROW LEVEL SECURITY;
ALTER TABLE fact_sessions_rest ENABLE ROW LEVEL SECURITY;
ALTER TABLE fact_sessions_rest FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant ON fact_sessions USING (tenant_id = carillon_tenant()
  AND (carillon_clients() IS NULL OR client_id IS NULL OR client_id = ANY (carillon_clients())));

CREATE TABLE fact_interactions (
  tenant_id uuid NOT NULL,
  interaction_id uuid NOT NULL,
  arrived_at timestamptz NOT NULL,
  call_id uuid,
  client_id uuid,
  channel text NOT NULL,
  queue_id uuid,
  agent_id uuid,
  customer_id uuid,
  result text NOT NULL,
  ended_at timestamptz,
  wait_us bigint NOT NULL,
  ring_us bigint NOT NULL,
  talk_us bigint NOT NULL,
  hold_us bigint NOT NULL,
  wrap_us bigint NOT NULL,
  disposition text NOT NULL,
  as_of timestamptz NOT NULL,
  CONSTRAINT fact_interactions_pk PRIMARY KEY (tenant_id, interaction_id, arrived_at)
) PARTITION BY RANGE (arrived_at);
CREATE TABLE fact_interactions_rest PARTITION OF fact_interactions DEFAULT;
CREATE INDEX fact_interactions_arrived_at_idx ON fact_interactions (tenant_id, arrived_at);
CREATE INDEX fact_interactions_call_idx ON fact_interactions (tenant_id, call_id);
ALTER TABLE fact_interactions ENABLE ROW LEVEL SECURITY;
ALTER TABLE fact_interactions FORCE ROW LEVEL SECURITY;
ALTER TABLE fact_interactions_rest ENABLE ROW LEVEL SECURITY;
ALTER TABLE fact_interactions_rest FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant ON fact_interactions USING (tenant_id = carillon_tenant()
  AND (carillon_clients() IS NULL OR client_id IS NULL OR client_id = ANY (carillon_clients())));

-- A stay of an agent in a state; the last one of a session has no end until the next change.
CREATE TABLE fact_agent_states (
  tenant_id uuid NOT NULL,
  session_id uuid NOT NULL,
  change bigint NOT NULL,
  started_at timestamptz NOT NULL,
  agent_id uuid NOT NULL,
  state text NOT NULL,
  reason text NOT NULL,
  ended_at timestamptz,
  CONSTRAINT fact_agent_states_pk PRIMARY KEY (tenant_id, session_id, change, started_at)
) PARTITION BY RANGE (started_at);
CREATE TABLE fact_agent_states_rest PARTITION OF fact_agent_states DEFAULT;
CREATE INDEX fact_agent_states_started_at_idx ON fact_agent_states (tenant_id, started_at);
ALTER TABLE fact_agent_states ENABLE ROW LEVEL SECURITY;
ALTER TABLE fact_agent_states FORCE ROW LEVEL SECURITY;
ALTER TABLE fact_agent_states_rest ENABLE ROW LEVEL SECURITY;
ALTER TABLE fact_agent_states_rest FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant ON fact_agent_states USING (tenant_id = carillon_tenant());

CREATE TABLE fact_orders (
  tenant_id uuid NOT NULL,
  work_order_id uuid NOT NULL,
  created_at timestamptz NOT NULL,
  client_id uuid,
  type text NOT NULL,
  state text NOT NULL,
  priority text NOT NULL,
  interaction_id uuid,
  desk_id uuid,
  completed_at timestamptz,
  closed_at timestamptz,
  revisited boolean NOT NULL,
  overdue boolean NOT NULL,
  reopened_count int NOT NULL,
  first_contact boolean NOT NULL,
  as_of timestamptz NOT NULL,
  CONSTRAINT fact_orders_pk PRIMARY KEY (tenant_id, work_order_id, created_at)
) PARTITION BY RANGE (created_at);
CREATE TABLE fact_orders_rest PARTITION OF fact_orders DEFAULT;
CREATE INDEX fact_orders_created_at_idx ON fact_orders (tenant_id, created_at);
CREATE INDEX fact_orders_completed_at_idx ON fact_orders (tenant_id, completed_at);
CREATE INDEX fact_orders_closed_at_idx ON fact_orders (tenant_id, closed_at);
ALTER TABLE fact_orders ENABLE ROW LEVEL SECURITY;
ALTER TABLE fact_orders FORCE ROW LEVEL SECURITY;
ALTER TABLE fact_orders_rest ENABLE ROW LEVEL SECURITY;
ALTER TABLE fact_orders_rest FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant ON fact_orders USING (tenant_id = carillon_tenant()
  AND (carillon_clients() IS NULL OR client_id IS NULL OR client_id = ANY (carillon_clients())));

-- Events that were refused for good; one that was replayed well afterwards is in the inbox too.
CREATE TABLE dead_events (
  tenant_id uuid NOT NULL,
  event_id uuid NOT NULL,
  topic text NOT NULL,
  type text NOT NULL,
  reason text NOT NULL,
  noted_at timestamptz NOT NULL,
  CONSTRAINT dead_events_pk PRIMARY KEY (tenant_id, event_id)
);
ALTER TABLE dead_events ENABLE ROW LEVEL SECURITY;
ALTER TABLE dead_events FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant ON dead_events USING (tenant_id = carillon_tenant());

-- migrate:down
DROP TABLE dead_events, fact_orders, fact_agent_states, fact_interactions, fact_sessions, fact_calls;
