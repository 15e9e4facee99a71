-- migrate:up
-- Conversations that may be drawn: what routing said of each when it was over. No personal value.
CREATE TABLE candidates (
  tenant_id uuid NOT NULL,
  interaction_id uuid NOT NULL,
  ended_at timestamptz NOT NULL,
  client_id uuid NOT NULL,
  agent_id uuid NOT NULL,
  queue_id uuid NOT NULL,
  call_id uuid,
  customer_id uuid,
  direction text NOT NULL,
  disposition text NOT NULL,
  talk_us bigint NOT NULL,
  hold_us bigint NOT NULL,
  CONSTRAINT candidates_pk PRIMARY KEY (tenant_id, interaction_id, ended_at)
) PARTITION BY RANGE (ended_at);
CREATE TABLE candidates_rest PARTITION OF candidates DEFAULT;
CREATE INDEX candidates_agent_idx ON candidates (tenant_id, client_id, agent_id, ended_at);
CREATE INDEX candidates_ended_at_idx ON candidates (tenant_id, client_id, ended_at);
ALTER TABLE candidates ENABLE ROW LEVEL SECURITY;
ALTER TABLE candidates FORCE ROW LEVEL SECURITY;
ALTER TABLE candidates_rest ENABLE ROW LEVEL SECURITY;
ALTER TABLE candidates_rest FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant ON candidates USING (tenant_id = carillon_tenant()
  AND (carillon_clients() IS NULL OR client_id = ANY (carillon_clients())));

-- Interactions a campaign's attempt ended in: the last word on whether there was a sale. Apart from the candidates, for
-- either may be told first.
CREATE TABLE attempt_results (
  tenant_id uuid NOT NULL,
  interaction_id uuid NOT NULL,
  ended_at timestamptz NOT NULL,
  client_id uuid NOT NULL,
  sold boolean NOT NULL,
  as_of timestamptz NOT NULL,
  CONSTRAINT attempt_results_pk PRIMARY KEY (tenant_id, interaction_id, ended_at)
) PARTITION BY RANGE (ended_at);
CREATE TABLE attempt_results_rest PARTITION OF attempt_results DEFAULT;
ALTER TABLE attempt_results ENABLE ROW LEVEL SECURITY;
ALTER TABLE attempt_results FORCE ROW LEVEL SECURITY;
ALTER TABLE attempt_results_rest ENABLE ROW LEVEL SECURITY;
ALTER TABLE attempt_results_rest FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant ON attempt_results USING (tenant_id = carillon_tenant()
  AND (carillon_clients() IS NULL OR client_id = ANY (carillon_clients())));

-- Plans, quotas inside.
CREATE TABLE sample_plans (
  tenant_id uuid NOT NULL,
  plan_id uuid NOT NULL,
  client_id uuid NOT NULL,
  state text NOT NULL,
  owner_unit text COLLATE "C" NOT NULL,
  owner_user text NOT NULL,
  created_at timestamptz NOT NULL,
  updated_at timestamptz NOT NULL,
  version bigint NOT NULL,
  body jsonb NOT NULL,
  CONSTRAINT sample_plans_pk PRIMARY KEY (tenant_id, plan_id)
);
CREATE INDEX sample_plans_created_at_idx ON sample_plans (tenant_id, created_at DESC, plan_id DESC);
ALTER TABLE sample_plans ENABLE ROW LEVEL SECURITY;
ALTER TABLE sample_plans FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant ON sample_plans USING (tenant_id = carillon_tenant()
  AND (carillon_clients() IS NULL OR client_id = ANY (carillon_clients())));

-- What was drawn and how it was judged. An interaction is drawn once a plan, whoever draws.
CREATE TABLE evaluations (
  tenant_id uuid NOT NULL,
  evaluation_id uuid NOT NULL,
  client_id uuid NOT NULL,
  plan_id uuid NOT NULL,
  agent_id uuid NOT NULL,
  interaction_id uuid NOT NULL,
  state text NOT NULL,
  ended_at timestamptz NOT NULL,
  published_at timestamptz,
  total int,
  passed boolean NOT NULL,
  vetoed boolean NOT NULL,
  stratum_drawn int NOT NULL,
  stratum_size int NOT NULL,
  updated_at timestamptz NOT NULL,
  version bigint NOT NULL,
  body jsonb NOT NULL,
  CONSTRAINT evaluations_pk PRIMARY KEY (tenant_id, evaluation_id),
  CONSTRAINT evaluations_plan_interaction_key UNIQUE (tenant_id, plan_id, interaction_id),
  CONSTRAINT evaluations_plan_fk FOREIGN KEY (tenant_id, plan_id) REFERENCES sample_plans (tenant_id, plan_id),
  CONSTRAINT evaluations_total_check CHECK (total BETWEEN 0 AND 10000 AND (NOT vetoed OR total = 0))
);
CREATE INDEX evaluations_ended_at_idx ON evaluations (tenant_id, ended_at DESC, evaluation_id DESC);
CREATE INDEX evaluations_plan_idx ON evaluations (tenant_id, plan_id, ended_at DESC, evaluation_id DESC);
CREATE INDEX evaluations_agent_idx ON evaluations (tenant_id, agent_id, ended_at DESC, evaluation_id DESC);
ALTER TABLE evaluations ENABLE ROW LEVEL SECURITY;
ALTER TABLE evaluations FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant ON evaluations USING (tenant_id = carillon_tenant()
  AND (carillon_clients() IS NULL OR client_id = ANY (carillon_clients())));

-- migrate:down
DROP TABLE evaluations, sample_plans, attempt_results, candidates;
