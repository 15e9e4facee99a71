-- migrate:up
-- Rules of quality, runs over all customers with what they count, and what is to be put right.
SET LOCAL lock_timeout = '5s';

CREATE TABLE quality_rules (
  tenant_id uuid NOT NULL,
  code text COLLATE "C" NOT NULL,
  body jsonb NOT NULL,
  CONSTRAINT quality_rules_pk PRIMARY KEY (tenant_id, code)
);

-- A run goes on after the customer it came to last; what it has counted by then is in the row.
CREATE TABLE quality_runs (
  tenant_id uuid NOT NULL,
  run_id uuid NOT NULL,
  started_at timestamptz NOT NULL,
  ended boolean NOT NULL,
  after_id uuid NOT NULL,
  tally jsonb NOT NULL,
  body jsonb NOT NULL,
  CONSTRAINT quality_runs_pk PRIMARY KEY (tenant_id, run_id)
);
CREATE UNIQUE INDEX quality_runs_open_key ON quality_runs (tenant_id) WHERE NOT ended;

CREATE TABLE quality_scores (
  tenant_id uuid NOT NULL,
  run_id uuid NOT NULL,
  position int NOT NULL,
  source text COLLATE "C" NOT NULL,
  is_dimension boolean NOT NULL,
  body jsonb NOT NULL,
  CONSTRAINT quality_scores_pk PRIMARY KEY (tenant_id, run_id, position),
  CONSTRAINT quality_scores_run_fk FOREIGN KEY (tenant_id, run_id) REFERENCES quality_runs ON DELETE CASCADE
);

CREATE TABLE quality_issues (
  tenant_id uuid NOT NULL,
  issue_id uuid NOT NULL,
  client_id uuid,
  customer_id uuid,
  row_tag text COLLATE "C",
  rule text COLLATE "C" NOT NULL,
  state text NOT NULL,
  owner text NOT NULL,
  body jsonb NOT NULL,
  CONSTRAINT quality_issues_pk PRIMARY KEY (tenant_id, issue_id),
  CONSTRAINT quality_issues_customer_fk FOREIGN KEY (tenant_id, customer_id) REFERENCES customers ON DELETE CASCADE
);
-- One at a time, and none where it was accepted.
CREATE UNIQUE INDEX quality_issues_customer_key
  ON quality_issues (tenant_id, customer_id, rule) WHERE customer_id IS NOT NULL AND state <> 'FIXED';
CREATE UNIQUE INDEX quality_issues_row_key
  ON quality_issues (tenant_id, row_tag) WHERE row_tag IS NOT NULL AND state <> 'FIXED';
CREATE INDEX quality_issues_tenant_id_state_idx ON quality_issues (tenant_id, state, issue_id);
CREATE INDEX quality_issues_tenant_id_customer_id_idx ON quality_issues (tenant_id, customer_id);

DO $$
DECLARE
  name text;
BEGIN
  FOREACH name IN ARRAY ARRAY['quality_rules', 'quality_runs', 'quality_scores'] LOOP
    EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', name);
    EXECUTE format('ALTER TABLE %I FORCE ROW LEVEL SECURITY', name);
    EXECUTE format('CREATE POLICY tenant ON %I USING (tenant_id = carillon_tenant())', name);
  END LOOP;
  ALTER TABLE quality_issues ENABLE ROW LEVEL SECURITY;
  ALTER TABLE quality_issues FORCE ROW LEVEL SECURITY;
  CREATE POLICY tenant ON quality_issues USING (tenant_id = carillon_tenant() AND
    (client_id IS NULL OR carillon_clients() IS NULL OR client_id = ANY (carillon_clients())));
END $$;

-- migrate:down
DROP TABLE quality_issues, quality_scores, quality_runs, quality_rules;
