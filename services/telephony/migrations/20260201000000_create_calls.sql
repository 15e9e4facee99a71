-- migrate:up
-- Calls, their legs and numbered events: kept for at most 35 days, in months of the call's arrival.

CREATE TABLE calls (
  tenant_id uuid NOT NULL,
  id uuid NOT NULL,
  arrived_at timestamptz NOT NULL,
  revision bigint NOT NULL,
  updated_at timestamptz NOT NULL,
  direction text NOT NULL,
  state text NOT NULL,
  state_at timestamptz NOT NULL,
  cause text NOT NULL,
  ended_at timestamptz,
  switch_id text COLLATE "C" NOT NULL,
  switch_call_id text COLLATE "C" NOT NULL,
  calling_number text COLLATE "C" NOT NULL,
  called_number text COLLATE "C" NOT NULL,
  trunk text COLLATE "C" NOT NULL,
  data jsonb NOT NULL,
  session_id uuid,
  session_version bigint NOT NULL,
  interaction_id uuid,
  directive bytea NOT NULL,
  directive_version bigint NOT NULL,
  releasing_at timestamptz,
  answered_version bigint NOT NULL,
  event_count bigint NOT NULL,
  ivr_us bigint NOT NULL,
  queue_us bigint NOT NULL,
  ring_us bigint NOT NULL,
  talk_us bigint NOT NULL,
  hold_us bigint NOT NULL,
  total_us bigint NOT NULL,
  CONSTRAINT calls_tenant_id_id_pk PRIMARY KEY (tenant_id, id, arrived_at),
  CONSTRAINT calls_state_check CHECK (state IN
    ('INITIATED', 'QUEUED', 'DELIVERED', 'ESTABLISHED', 'HELD', 'CLEARED', 'FAILED')),
  CONSTRAINT calls_ended_at_check CHECK ((ended_at IS NOT NULL) = (state IN ('CLEARED', 'FAILED')))
) PARTITION BY RANGE (arrived_at);
CREATE TABLE calls_rest PARTITION OF calls DEFAULT;
CREATE INDEX calls_live_idx ON calls (tenant_id, switch_id, id) WHERE ended_at IS NULL;
CREATE INDEX calls_called_number_idx ON calls (tenant_id, called_number, id);
ALTER TABLE calls ENABLE ROW LEVEL SECURITY;
ALTER TABLE calls FORCE ROW LEVEL SECURITY;
ALTER TABLE calls_rest ENABLE ROW LEVEL SECURITY;
ALTER TABLE calls_rest FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant ON calls USING (tenant_id = carillon_tenant());

CREATE TABLE legs (
  tenant_id uuid NOT NULL,
  call_id uuid NOT NULL,
  arrived_at timestamptz NOT NULL,
  number int NOT NULL,
  role text NOT NULL,
  state text NOT NULL,
  state_at timestamptz NOT NULL,
  agent text COLLATE "C" NOT NULL,
  extension text COLLATE "C" NOT NULL,
  reservation text COLLATE "C" NOT NULL,
  started_at timestamptz NOT NULL,
  connected_at timestamptz,
  ended_at timestamptz,
  hold_us bigint NOT NULL,
  cause text NOT NULL,
  CONSTRAINT legs_tenant_id_call_id_number_pk PRIMARY KEY (tenant_id, call_id, number, arrived_at)
) PARTITION BY RANGE (arrived_at);
CREATE TABLE legs_rest PARTITION OF legs DEFAULT;
ALTER TABLE legs ENABLE ROW LEVEL SECURITY;
ALTER TABLE legs FORCE ROW LEVEL SECURITY;
ALTER TABLE legs_rest ENABLE ROW LEVEL SECURITY;
ALTER TABLE legs_rest FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant ON legs USING (tenant_id = carillon_tenant());

CREATE TABLE call_events (
  tenant_id uuid NOT NULL,
  call_id uuid NOT NULL,
  arrived_at timestamptz NOT NULL,
  sequence bigint NOT NULL,
  type text NOT NULL,
  at timestamptz NOT NULL,
  leg text NOT NULL,
  cause text NOT NULL,
  state text NOT NULL,
  CONSTRAINT call_events_tenant_id_call_id_sequence_pk PRIMARY KEY (tenant_id, call_id, sequence, arrived_at)
) PARTITION BY RANGE (arrived_at);
CREATE TABLE call_events_rest PARTITION OF call_events DEFAULT;
ALTER TABLE call_events ENABLE ROW LEVEL SECURITY;
ALTER TABLE call_events FORCE ROW LEVEL SECURITY;
ALTER TABLE call_events_rest ENABLE ROW LEVEL SECURITY;
ALTER TABLE call_events_rest FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant ON call_events USING (tenant_id = carillon_tenant());

-- Which of our calls a switch's call is: the key that makes a repeated report harmless. Not partitioned, since it
-- must be unique over all months.
CREATE TABLE switch_calls (
  tenant_id uuid NOT NULL,
  switch_id text COLLATE "C" NOT NULL,
  switch_call_id text COLLATE "C" NOT NULL,
  call_id uuid NOT NULL,
  arrived_at timestamptz NOT NULL,
  CONSTRAINT switch_calls_tenant_id_switch_id_switch_call_id_pk PRIMARY KEY (tenant_id, switch_id, switch_call_id)
);
CREATE INDEX switch_calls_arrived_at_idx ON switch_calls (arrived_at);
ALTER TABLE switch_calls ENABLE ROW LEVEL SECURITY;
ALTER TABLE switch_calls FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant ON switch_calls USING (tenant_id = carillon_tenant());

-- migrate:down
DROP TABLE switch_calls, call_events, legs, calls;
