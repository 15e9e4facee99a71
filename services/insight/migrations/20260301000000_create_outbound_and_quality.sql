-- migrate:up
-- Who started a call and a request: what was there before came from customers.
ALTER TABLE fact_calls ADD COLUMN direction text NOT NULL DEFAULT 'INBOUND', ADD COLUMN attempt_id uuid,
  ADD COLUMN dialled_at timestamptz, ADD COLUMN answered_at timestamptz;
-- squawk-ignore ban-drop-default
ALTER TABLE fact_calls ALTER COLUMN direction DROP DEFAULT;
-- A partitioned table takes no index concurrently.
-- squawk-ignore require-concurrent-index-creation
CREATE INDEX fact_calls_attempt_idx ON fact_calls (tenant_id, attempt_id) WHERE attempt_id IS NOT NULL;
ALTER TABLE fact_interactions ADD COLUMN direction text NOT NULL DEFAULT 'INBOUND';
-- squawk-ignore ban-drop-default
ALTER TABLE fact_interactions ALTER COLUMN direction DROP DEFAULT;

CREATE TABLE fact_campaigns (
  tenant_id uuid NOT NULL,
  campaign_id uuid NOT NULL,
  client_id uuid,
  code text NOT NULL,
  display_name text NOT NULL,
  purpose text NOT NULL,
  state text NOT NULL,
  targets int NOT NULL,
  refusals text[] NOT NULL,
  refused bigint[] NOT NULL,
  built_at timestamptz,
  as_of timestamptz NOT NULL,
  CONSTRAINT fact_campaigns_pk PRIMARY KEY (tenant_id, campaign_id)
);
CREATE INDEX fact_campaigns_built_at_idx ON fact_campaigns (tenant_id, built_at);
ALTER TABLE fact_campaigns ENABLE ROW LEVEL SECURITY;
ALTER TABLE fact_campaigns FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant ON fact_campaigns USING (tenant_id = carillon_tenant()
  AND (carillon_clients() IS NULL OR client_id IS NULL OR client_id = ANY (carillon_clients())));

-- One row an attempt that was dialled. rank: the number of its state; a state never gives way to an earlier one.
CREATE TABLE fact_attempts (
  tenant_id uuid NOT NULL,
  attempt_id uuid NOT NULL,
  dialled_at timestamptz NOT NULL,
  campaign_id uuid NOT NULL,
  client_id uuid,
  target_record_id uuid NOT NULL,
  customer_id uuid,
  number int NOT NULL,
  state text NOT NULL,
  rank int NOT NULL,
  disposition text COLLATE "C" NOT NULL,
  offer text NOT NULL,
  answered_at timestamptz,
  connected_at timestamptz,
  ended_at timestamptz,
  callback_at timestamptz,
  next_callback_at timestamptz,
  call_id uuid,
  interaction_id uuid,
  agent_id uuid,
  talk_us bigint NOT NULL,
  as_of timestamptz NOT NULL,
  CONSTRAINT fact_attempts_pk PRIMARY KEY (tenant_id, attempt_id, dialled_at)
) PARTITION BY RANGE (dialled_at);
CREATE TABLE fact_attempts_rest PARTITION OF fact_attempts DEFAULT;
CREATE INDEX fact_attempts_dialled_at_idx ON fact_attempts (tenant_id, dialled_at);
CREATE INDEX fact_attempts_target_idx ON fact_attempts (tenant_id, target_record_id);
CREATE INDEX fact_attempts_next_callback_idx ON fact_attempts (tenant_id, next_callback_at)
  WHERE next_callback_at IS NOT NULL;
ALTER TABLE fact_attempts ENABLE ROW LEVEL SECURITY;
ALTER TABLE fact_attempts FORCE ROW LEVEL SECURITY;
ALTER TABLE fact_attempts_rest ENABLE ROW LEVEL SECURITY;
ALTER TABLE fact_attempts_rest FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant ON fact_attempts USING (tenant_id = carillon_tenant()
  AND (carillon_clients() IS NULL OR client_id IS NULL OR client_id = ANY (carillon_clients())));

-- A refusal is its event; whose it is, its campaign says.
CREATE TABLE fact_refusals (
  tenant_id uuid NOT NULL,
  event_id uuid NOT NULL,
  refused_at timestamptz NOT NULL,
  target_record_id uuid NOT NULL,
  campaign_id uuid NOT NULL,
  refusal text NOT NULL,
  CONSTRAINT fact_refusals_pk PRIMARY KEY (tenant_id, event_id, refused_at)
) PARTITION BY RANGE (refused_at);
CREATE TABLE fact_refusals_rest PARTITION OF fact_refusals DEFAULT;
CREATE INDEX fact_refusals_refused_at_idx ON fact_refusals (tenant_id, refused_at);
ALTER TABLE fact_refusals ENABLE ROW LEVEL SECURITY;
ALTER TABLE fact_refusals FORCE ROW LEVEL SECURITY;
ALTER TABLE fact_refusals_rest ENABLE ROW LEVEL SECURITY;
ALTER TABLE fact_refusals_rest FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant ON fact_refusals USING (tenant_id = carillon_tenant()
  AND (carillon_clients() IS NULL OR EXISTS (
    SELECT 1 FROM fact_campaigns c WHERE c.tenant_id = carillon_tenant() AND c.campaign_id = fact_refusals.campaign_id)));

-- The part of an agent in a sample plan, once it was drawn.
CREATE TABLE fact_quotas (
  tenant_id uuid NOT NULL,
  plan_id uuid NOT NULL,
  agent_id uuid NOT NULL,
  client_id uuid,
  drawn_at timestamptz NOT NULL,
  planned int NOT NULL,
  drawn int NOT NULL,
  bands text[] NOT NULL,
  reasons text[] NOT NULL,
  missing bigint[] NOT NULL,
  as_of timestamptz NOT NULL,
  CONSTRAINT fact_quotas_pk PRIMARY KEY (tenant_id, plan_id, agent_id)
);
CREATE INDEX fact_quotas_drawn_at_idx ON fact_quotas (tenant_id, drawn_at);
ALTER TABLE fact_quotas ENABLE ROW LEVEL SECURITY;
ALTER TABLE fact_quotas FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant ON fact_quotas USING (tenant_id = carillon_tenant()
  AND (carillon_clients() IS NULL OR client_id IS NULL OR client_id = ANY (carillon_clients())));

-- rank as in fact_attempts.
CREATE TABLE fact_evaluations (
  tenant_id uuid NOT NULL,
  evaluation_id uuid NOT NULL,
  drawn_at timestamptz NOT NULL,
  plan_id uuid,
  client_id uuid,
  agent_id uuid NOT NULL,
  interaction_id uuid,
  direction text NOT NULL,
  state text NOT NULL,
  rank int NOT NULL,
  total int,
  passed boolean NOT NULL,
  vetoes text[] NOT NULL,
  scored_at timestamptz,
  published_at timestamptz,
  as_of timestamptz NOT NULL,
  CONSTRAINT fact_evaluations_pk PRIMARY KEY (tenant_id, evaluation_id, drawn_at)
) PARTITION BY RANGE (drawn_at);
CREATE TABLE fact_evaluations_rest PARTITION OF fact_evaluations DEFAULT;
CREATE INDEX fact_evaluations_drawn_at_idx ON fact_evaluations (tenant_id, drawn_at);
CREATE INDEX fact_evaluations_scored_at_idx ON fact_evaluations (tenant_id, scored_at);
CREATE INDEX fact_evaluations_published_at_idx ON fact_evaluations (tenant_id, published_at);
ALTER TABLE fact_evaluations ENABLE ROW LEVEL SECURITY;
ALTER TABLE fact_evaluations FORCE ROW LEVEL SECURITY;
ALTER TABLE fact_evaluations_rest ENABLE ROW LEVEL SECURITY;
ALTER TABLE fact_evaluations_rest FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant ON fact_evaluations USING (tenant_id = carillon_tenant()
  AND (carillon_clients() IS NULL OR client_id IS NULL OR client_id = ANY (carillon_clients())));

-- migrate:down
DROP TABLE fact_evaluations, fact_quotas, fact_refusals, fact_attempts, fact_campaigns;
ALTER TABLE fact_interactions DROP COLUMN direction;
ALTER TABLE fact_calls DROP COLUMN direction, DROP COLUMN attempt_id, DROP COLUMN dialled_at, DROP COLUMN answered_at;
