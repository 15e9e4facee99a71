-- migrate:up
-- Every word on being contacted, who was erased, the operator's fields; whose a row of a source's file was.
SET LOCAL lock_timeout = '5s';

-- Names nobody: kept as proof when the customer is erased.
CREATE TABLE consent_records (
  tenant_id uuid NOT NULL,
  customer_id uuid NOT NULL,
  client_id uuid,
  channel text NOT NULL,
  purpose text NOT NULL,
  decision text NOT NULL,
  evidence text NOT NULL,
  decided_at timestamptz NOT NULL,
  recorded_at timestamptz NOT NULL,
  recorded_by text NOT NULL,
  CONSTRAINT consent_records_pk PRIMARY KEY (tenant_id, customer_id, channel, purpose, decided_at, decision),
  CONSTRAINT consent_records_customer_fk FOREIGN KEY (tenant_id, customer_id) REFERENCES customers
);
INSERT INTO consent_records
SELECT tenant_id, customer_id, client_id, channel, purpose, decision, evidence, decided_at, decided_at, ''
FROM consents;

CREATE TABLE erasures (
  tenant_id uuid NOT NULL,
  customer_id uuid NOT NULL,
  client_id uuid,
  erased_at timestamptz NOT NULL,
  emptied boolean NOT NULL DEFAULT false,
  body jsonb NOT NULL,
  CONSTRAINT erasures_pk PRIMARY KEY (tenant_id, customer_id)
);
CREATE INDEX erasures_tenant_id_erased_at_idx ON erasures (tenant_id, erased_at, customer_id);

COMMENT ON COLUMN erasures.emptied IS 'what the law made us keep of it is gone too';
-- What erasing and exporting look for; few rows so far.
-- squawk-ignore require-concurrent-index-creation
CREATE INDEX alerts_tenant_id_customer_id_every_idx ON alerts (tenant_id, customer_id);
-- squawk-ignore require-concurrent-index-creation
CREATE INDEX merge_cases_tenant_id_second_id_idx ON merge_cases (tenant_id, second_id);
-- squawk-ignore require-concurrent-index-creation
CREATE INDEX merges_tenant_id_customer_id_idx ON merges (tenant_id, customer_id);
-- squawk-ignore require-concurrent-index-creation
CREATE INDEX merges_tenant_id_survivor_id_idx ON merges (tenant_id, survivor_id);
-- squawk-ignore require-concurrent-index-creation
CREATE INDEX customers_closed_idx ON customers (updated_at) WHERE state = 'CLOSED';

CREATE TABLE custom_fields (
  tenant_id uuid NOT NULL,
  key text COLLATE "C" NOT NULL,
  body jsonb NOT NULL,
  CONSTRAINT custom_fields_pk PRIMARY KEY (tenant_id, key)
);

ALTER TABLE sync_results ADD COLUMN customer_id uuid;
UPDATE sync_results SET customer_id = nullif(substr(body->>'customer', 11), '')::uuid;
-- Files taken over so far are few.
-- squawk-ignore require-concurrent-index-creation
CREATE INDEX sync_results_tenant_id_customer_id_idx ON sync_results (tenant_id, customer_id) WHERE customer_id IS NOT NULL;
ALTER TABLE sync_jobs ADD COLUMN started_at timestamptz;
UPDATE sync_jobs SET started_at = (body->>'start_time')::timestamptz;

DO $$
DECLARE
  name text;
BEGIN
  FOREACH name IN ARRAY ARRAY['consent_records', 'erasures'] LOOP
    EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', name);
    EXECUTE format('ALTER TABLE %I FORCE ROW LEVEL SECURITY', name);
    EXECUTE format('CREATE POLICY tenant ON %I USING (tenant_id = carillon_tenant() AND '
                   '(client_id IS NULL OR carillon_clients() IS NULL OR client_id = ANY (carillon_clients())))', name);
  END LOOP;
  ALTER TABLE custom_fields ENABLE ROW LEVEL SECURITY;
  ALTER TABLE custom_fields FORCE ROW LEVEL SECURITY;
  CREATE POLICY tenant ON custom_fields USING (tenant_id = carillon_tenant());
END $$;

-- migrate:down
ALTER TABLE sync_jobs DROP COLUMN started_at;
-- squawk-ignore require-concurrent-index-deletion
DROP INDEX sync_results_tenant_id_customer_id_idx;
ALTER TABLE sync_results DROP COLUMN customer_id;
-- squawk-ignore require-concurrent-index-deletion
DROP INDEX customers_closed_idx, merges_tenant_id_survivor_id_idx, merges_tenant_id_customer_id_idx,
  merge_cases_tenant_id_second_id_idx, alerts_tenant_id_customer_id_every_idx;
DROP TABLE custom_fields, erasures, consent_records;
