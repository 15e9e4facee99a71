-- migrate:up
-- Segments by rule (docs/adr/0150): the rules, and when all customers of a tenant were looked at last.
SET LOCAL lock_timeout = '5s';

CREATE TABLE segment_rules (
  tenant_id uuid NOT NULL,
  code text COLLATE "C" NOT NULL,
  body jsonb NOT NULL,
  CONSTRAINT segment_rules_pk PRIMARY KEY (tenant_id, code)
);

CREATE TABLE segment_sweeps (
  tenant_id uuid NOT NULL,
  begun_at timestamptz NOT NULL,
  CONSTRAINT segment_sweeps_pk PRIMARY KEY (tenant_id)
);

DO $$
DECLARE
  name text;
BEGIN
  FOREACH name IN ARRAY ARRAY['segment_rules', 'segment_sweeps'] LOOP
    EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', name);
    EXECUTE format('ALTER TABLE %I FORCE ROW LEVEL SECURITY', name);
    EXECUTE format('CREATE POLICY tenant ON %I USING (tenant_id = carillon_tenant())', name);
  END LOOP;
END $$;

-- Which of some conditions (as in customers_passing) each of these customers passes.
CREATE FUNCTION customers_judged(conditions text[], given text[], at timestamptz, ids uuid[])
RETURNS TABLE (customer_id uuid, passed boolean[]) LANGUAGE plpgsql STABLE AS $$
BEGIN
  RETURN QUERY EXECUTE 'SELECT c.customer_id, ARRAY[' || array_to_string(conditions, ', ') || ']::boolean[] '
    'FROM customers c WHERE c.tenant_id = carillon_tenant() AND c.customer_id = ANY ($3)' USING given, at, ids;
END $$;

-- migrate:down
DROP FUNCTION customers_judged(text[], text[], timestamptz, uuid[]);
DROP TABLE segment_sweeps, segment_rules;
