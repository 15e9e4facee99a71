-- migrate:up
-- What sources said of customers, merges, cases for clerks, files being taken over.
SET LOCAL lock_timeout = '5s';

ALTER TABLE customers ADD COLUMN composed boolean NOT NULL DEFAULT false;
COMMENT ON COLUMN customers.composed IS 'its values are made of source_records; else the row is its own only record';
-- Nobody is merged yet, so it is made at once.
-- squawk-ignore require-concurrent-index-creation
CREATE INDEX customers_tenant_id_merged_into_idx ON customers (tenant_id, merged_into) WHERE merged_into IS NOT NULL;
ALTER TABLE alerts ADD COLUMN home_id uuid;
COMMENT ON COLUMN alerts.home_id IS 'the customer it was raised on, when that went into another one';

CREATE TABLE source_systems (
  tenant_id uuid NOT NULL,
  code text COLLATE "C" NOT NULL,
  display_name text NOT NULL,
  trust_rank int NOT NULL,
  watermark timestamptz,
  last_sync_at timestamptz,
  CONSTRAINT source_systems_pk PRIMARY KEY (tenant_id, code)
);

-- The customer a record was first of never changes; whose it is now follows from customers.merged_into.
CREATE TABLE source_records (
  tenant_id uuid NOT NULL,
  record_id uuid NOT NULL,
  client_id uuid,
  home_id uuid NOT NULL,
  system text COLLATE "C" NOT NULL,
  key text COLLATE "C" NOT NULL,
  sealed text NOT NULL,
  observed_at timestamptz NOT NULL,
  received_at timestamptz NOT NULL,
  is_open boolean NOT NULL,
  CONSTRAINT source_records_pk PRIMARY KEY (tenant_id, record_id),
  CONSTRAINT source_records_home_fk FOREIGN KEY (tenant_id, home_id) REFERENCES customers
);
CREATE UNIQUE INDEX source_records_key
  ON source_records (tenant_id, client_id, system, key) NULLS NOT DISTINCT;
CREATE INDEX source_records_tenant_id_home_id_idx ON source_records (tenant_id, home_id);

CREATE TABLE merges (
  tenant_id uuid NOT NULL,
  merge_id uuid NOT NULL,
  client_id uuid,
  customer_id uuid NOT NULL,
  survivor_id uuid NOT NULL,
  state_before text NOT NULL,
  reason text NOT NULL,
  merged_by text NOT NULL,
  merged_at timestamptz NOT NULL,
  undone_by text,
  undone_at timestamptz,
  CONSTRAINT merges_pk PRIMARY KEY (tenant_id, merge_id)
);
-- A customer is in one at a time.
CREATE UNIQUE INDEX merges_customer_key ON merges (tenant_id, customer_id) WHERE undone_at IS NULL;

CREATE TABLE merge_cases (
  tenant_id uuid NOT NULL,
  case_id uuid NOT NULL,
  client_id uuid,
  first_id uuid NOT NULL,
  second_id uuid NOT NULL,
  state text NOT NULL,
  body jsonb NOT NULL,
  CONSTRAINT merge_cases_pk PRIMARY KEY (tenant_id, case_id),
  CONSTRAINT merge_cases_pair_key UNIQUE (tenant_id, first_id, second_id)
);
CREATE INDEX merge_cases_tenant_id_state_idx ON merge_cases (tenant_id, state, case_id);

CREATE TABLE match_policies (
  tenant_id uuid NOT NULL,
  body jsonb NOT NULL,
  CONSTRAINT match_policies_pk PRIMARY KEY (tenant_id)
);

CREATE TABLE sync_jobs (
  tenant_id uuid NOT NULL,
  job_id uuid NOT NULL,
  client_id uuid,
  body jsonb NOT NULL,
  CONSTRAINT sync_jobs_pk PRIMARY KEY (tenant_id, job_id)
);

CREATE TABLE sync_results (
  tenant_id uuid NOT NULL,
  job_id uuid NOT NULL,
  client_id uuid,
  row_number bigint NOT NULL,
  body jsonb NOT NULL,
  CONSTRAINT sync_results_pk PRIMARY KEY (tenant_id, job_id, row_number),
  CONSTRAINT sync_results_job_fk FOREIGN KEY (tenant_id, job_id) REFERENCES sync_jobs ON DELETE CASCADE
);

DO $$
DECLARE
  name text;
BEGIN
  FOREACH name IN ARRAY ARRAY['source_records', 'merges', 'merge_cases', 'sync_jobs', 'sync_results'] LOOP
    EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', name);
    EXECUTE format('ALTER TABLE %I FORCE ROW LEVEL SECURITY', name);
    EXECUTE format('CREATE POLICY tenant ON %I USING (tenant_id = carillon_tenant() AND '
                   '(client_id IS NULL OR carillon_clients() IS NULL OR client_id = ANY (carillon_clients())))', name);
  END LOOP;
  FOREACH name IN ARRAY ARRAY['source_systems', 'match_policies'] LOOP
    EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', name);
    EXECUTE format('ALTER TABLE %I FORCE ROW LEVEL SECURITY', name);
    EXECUTE format('CREATE POLICY tenant ON %I USING (tenant_id = carillon_tenant())', name);
  END LOOP;
END $$;

-- migrate:down
DROP TABLE sync_results, sync_jobs, match_policies, merge_cases, merges, source_records, source_systems;
ALTER TABLE alerts DROP COLUMN home_id;
-- squawk-ignore require-concurrent-index-deletion
DROP INDEX customers_tenant_id_merged_into_idx;
ALTER TABLE customers DROP COLUMN composed;
