-- migrate:up
-- What a sweep over a tenant's customers learnt of who is who, and under which keys values were written.
SET LOCAL lock_timeout = '5s';

-- One of a tenant: it goes on after the customer it came to last; what it has counted by then is in the row.
CREATE TABLE match_models (
  tenant_id uuid NOT NULL,
  started_at timestamptz NOT NULL,
  ended boolean NOT NULL,
  after_id uuid NOT NULL,
  seen jsonb NOT NULL,
  body jsonb NOT NULL,
  CONSTRAINT match_models_pk PRIMARY KEY (tenant_id)
);

-- Of all tenants together, so under the id of none; real time, which processes share whatever day is played.
CREATE TABLE sealing_keys (
  tenant_id uuid NOT NULL,
  beginning text COLLATE "C" NOT NULL,
  used_at timestamptz NOT NULL,
  swept_at timestamptz,
  CONSTRAINT sealing_keys_pk PRIMARY KEY (tenant_id, beginning)
);
COMMENT ON COLUMN sealing_keys.used_at IS 'when a process last had the key as its active one';
COMMENT ON COLUMN sealing_keys.swept_at IS 'when the last complete sweep that seals all values under it began';

DO $$
DECLARE
  name text;
BEGIN
  FOREACH name IN ARRAY ARRAY['match_models', 'sealing_keys'] LOOP
    EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', name);
    EXECUTE format('ALTER TABLE %I FORCE ROW LEVEL SECURITY', name);
    EXECUTE format('CREATE POLICY tenant ON %I USING (tenant_id = carillon_tenant())', name);
  END LOOP;
END $$;

-- migrate:down
DROP TABLE sealing_keys, match_models;
