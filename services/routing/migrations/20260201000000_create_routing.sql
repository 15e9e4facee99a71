-- migrate:up
-- The journal is the truth of routing; every other table here is written in the same transaction and can be made
-- again from it.

-- Who may write a tenant's journal. An append holds the row FOR SHARE with the epoch it was given.
CREATE TABLE shards (
  tenant_id uuid NOT NULL,
  epoch bigint NOT NULL,
  holder text COLLATE "C" NOT NULL,
  renewed_at timestamptz NOT NULL,
  business_at timestamptz NOT NULL,
  CONSTRAINT shards_tenant_id_pk PRIMARY KEY (tenant_id)
);
ALTER TABLE shards ENABLE ROW LEVEL SECURITY;
ALTER TABLE shards FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant ON shards USING (tenant_id = carillon_tenant());

CREATE TABLE journal (
  tenant_id uuid NOT NULL,
  seq bigint NOT NULL,
  at timestamptz NOT NULL,
  epoch bigint NOT NULL,
  format int NOT NULL,
  rule_version bigint NOT NULL,
  command bytea NOT NULL,
  transitions bytea NOT NULL,
  CONSTRAINT journal_tenant_id_seq_at_pk PRIMARY KEY (tenant_id, seq, at)
) PARTITION BY RANGE (at);
ALTER TABLE journal ENABLE ROW LEVEL SECURITY;
ALTER TABLE journal FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant ON journal USING (tenant_id = carillon_tenant());

CREATE TABLE snapshots (
  tenant_id uuid NOT NULL,
  seq bigint NOT NULL,
  at timestamptz NOT NULL,
  format int NOT NULL,
  state bytea NOT NULL,
  CONSTRAINT snapshots_tenant_id_seq_pk PRIMARY KEY (tenant_id, seq)
);
ALTER TABLE snapshots ENABLE ROW LEVEL SECURITY;
ALTER TABLE snapshots FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant ON snapshots USING (tenant_id = carillon_tenant());

-- The interaction detail record, as of its last change.
CREATE TABLE interactions (
  tenant_id uuid NOT NULL,
  interaction_id uuid NOT NULL,
  created_at timestamptz NOT NULL,
  client_id uuid NOT NULL,
  state text COLLATE "C" NOT NULL,
  channel text COLLATE "C" NOT NULL,
  queue_id uuid NOT NULL,
  agent_id uuid,
  customer_id uuid,
  call_id uuid,
  queued_at timestamptz NOT NULL,
  accepted_at timestamptz,
  ended_at timestamptz,
  wait_us bigint,
  ring_us bigint,
  talk_us bigint,
  hold_us bigint,
  wrap_us bigint,
  disposition text COLLATE "C",
  record bytea NOT NULL,
  CONSTRAINT interactions_tenant_id_interaction_id_created_at_pk PRIMARY KEY (tenant_id, interaction_id, created_at)
) PARTITION BY RANGE (created_at);
CREATE INDEX interactions_tenant_id_agent_id_idx ON interactions (tenant_id, agent_id, interaction_id);
CREATE INDEX interactions_tenant_id_queue_id_idx ON interactions (tenant_id, queue_id, interaction_id);
CREATE INDEX interactions_tenant_id_customer_id_idx ON interactions (tenant_id, customer_id, interaction_id);
CREATE INDEX interactions_tenant_id_call_id_idx ON interactions (tenant_id, call_id);
ALTER TABLE interactions ENABLE ROW LEVEL SECURITY;
ALTER TABLE interactions FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant ON interactions
  USING (tenant_id = carillon_tenant() AND (carillon_clients() IS NULL OR client_id = ANY (carillon_clients())));

CREATE TABLE agent_sessions (
  tenant_id uuid NOT NULL,
  session_id uuid NOT NULL,
  agent_id uuid NOT NULL,
  agent_code text COLLATE "C" NOT NULL,
  seat text COLLATE "C" NOT NULL,
  state text COLLATE "C" NOT NULL,
  began_at timestamptz NOT NULL,
  ended_at timestamptz,
  record bytea NOT NULL,
  CONSTRAINT agent_sessions_tenant_id_session_id_pk PRIMARY KEY (tenant_id, session_id)
);
CREATE INDEX agent_sessions_open_idx ON agent_sessions (tenant_id, agent_code, session_id) WHERE ended_at IS NULL;
CREATE INDEX agent_sessions_tenant_id_agent_id_idx ON agent_sessions (tenant_id, agent_id, began_at);
ALTER TABLE agent_sessions ENABLE ROW LEVEL SECURITY;
ALTER TABLE agent_sessions FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant ON agent_sessions USING (tenant_id = carillon_tenant());

CREATE TABLE queues (
  tenant_id uuid NOT NULL,
  queue_id uuid NOT NULL,
  client_id uuid NOT NULL,
  code text COLLATE "C" NOT NULL,
  body bytea NOT NULL,
  CONSTRAINT queues_tenant_id_queue_id_pk PRIMARY KEY (tenant_id, queue_id),
  CONSTRAINT queues_tenant_id_code_key UNIQUE (tenant_id, code) DEFERRABLE INITIALLY DEFERRED
);
ALTER TABLE queues ENABLE ROW LEVEL SECURITY;
ALTER TABLE queues FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant ON queues
  USING (tenant_id = carillon_tenant() AND (carillon_clients() IS NULL OR client_id = ANY (carillon_clients())));

CREATE TABLE skills (
  tenant_id uuid NOT NULL,
  skill_id uuid NOT NULL,
  code text COLLATE "C" NOT NULL,
  body bytea NOT NULL,
  CONSTRAINT skills_tenant_id_skill_id_pk PRIMARY KEY (tenant_id, skill_id),
  CONSTRAINT skills_tenant_id_code_key UNIQUE (tenant_id, code) DEFERRABLE INITIALLY DEFERRED
);
ALTER TABLE skills ENABLE ROW LEVEL SECURITY;
ALTER TABLE skills FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant ON skills USING (tenant_id = carillon_tenant());

CREATE TABLE routing_profiles (
  tenant_id uuid NOT NULL,
  routing_profile_id uuid NOT NULL,
  code text COLLATE "C" NOT NULL,
  body bytea NOT NULL,
  CONSTRAINT routing_profiles_tenant_id_routing_profile_id_pk PRIMARY KEY (tenant_id, routing_profile_id),
  CONSTRAINT routing_profiles_tenant_id_code_key UNIQUE (tenant_id, code) DEFERRABLE INITIALLY DEFERRED
);
ALTER TABLE routing_profiles ENABLE ROW LEVEL SECURITY;
ALTER TABLE routing_profiles FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant ON routing_profiles USING (tenant_id = carillon_tenant());

CREATE TABLE agents (
  tenant_id uuid NOT NULL,
  agent_id uuid NOT NULL,
  code text COLLATE "C" NOT NULL,
  body bytea NOT NULL,
  CONSTRAINT agents_tenant_id_agent_id_pk PRIMARY KEY (tenant_id, agent_id),
  CONSTRAINT agents_tenant_id_code_key UNIQUE (tenant_id, code) DEFERRABLE INITIALLY DEFERRED
);
ALTER TABLE agents ENABLE ROW LEVEL SECURITY;
ALTER TABLE agents FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant ON agents USING (tenant_id = carillon_tenant());

-- migrate:down
DROP TABLE agents, routing_profiles, skills, queues, agent_sessions, interactions, snapshots, journal, shards;
