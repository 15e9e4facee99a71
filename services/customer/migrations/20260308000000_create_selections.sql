-- migrate:up
-- Customers by condition (docs/adr/0127), and the lists kept of them.
SET LOCAL lock_timeout = '5s';

CREATE TABLE selections (
  tenant_id uuid NOT NULL,
  selection_id uuid NOT NULL,
  client_id uuid,
  body jsonb NOT NULL,
  CONSTRAINT selections_pk PRIMARY KEY (tenant_id, selection_id)
);

CREATE TABLE selected_customers (
  tenant_id uuid NOT NULL,
  selection_id uuid NOT NULL,
  customer_id uuid NOT NULL,
  client_id uuid,
  CONSTRAINT selected_customers_pk PRIMARY KEY (tenant_id, selection_id, customer_id),
  CONSTRAINT selected_customers_selection_fk FOREIGN KEY (tenant_id, selection_id) REFERENCES selections ON DELETE CASCADE,
  CONSTRAINT selected_customers_customer_fk FOREIGN KEY (tenant_id, customer_id) REFERENCES customers ON DELETE CASCADE
);
CREATE INDEX selected_customers_tenant_id_customer_id_idx ON selected_customers (tenant_id, customer_id);

DO $$
DECLARE
  name text;
BEGIN
  FOREACH name IN ARRAY ARRAY['selections', 'selected_customers'] LOOP
    EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', name);
    EXECUTE format('ALTER TABLE %I FORCE ROW LEVEL SECURITY', name);
    EXECUTE format('CREATE POLICY tenant ON %I USING (tenant_id = carillon_tenant() AND '
                   '(client_id IS NULL OR carillon_clients() IS NULL OR client_id = ANY (carillon_clients())))', name);
  END LOOP;
END $$;

-- Years between a birthday and a moment; of who has but a year, from its first day on.
CREATE FUNCTION customer_age(party jsonb, at timestamptz) RETURNS int LANGUAGE sql STABLE PARALLEL SAFE
AS $$ SELECT CASE WHEN (party->'birth_date'->>'year')::int > 0 THEN
        extract(year FROM age((at AT TIME ZONE 'Asia/Shanghai')::date,
                              make_date((party->'birth_date'->>'year')::int,
                                        greatest(1, (party->'birth_date'->>'month')::int),
                                        greatest(1, (party->'birth_date'->>'day')::int))))::int END $$;

-- Those who pass a condition: SQL over `customers c` in which $1 are its values and $2 is now. It is written by the
-- service, of parts of its own; a value is never part of it. Row-level security applies as to any other statement.
CREATE FUNCTION customers_passing(condition text, given text[], at timestamptz, client uuid, most bigint)
RETURNS TABLE (customer_id uuid, client_id uuid) LANGUAGE plpgsql STABLE AS $$
BEGIN
  RETURN QUERY EXECUTE 'SELECT c.customer_id, c.client_id FROM customers c WHERE c.tenant_id = carillon_tenant() '
    'AND c.state NOT IN (''MERGED'', ''ERASED'') AND ($3 IS NULL OR c.client_id = $3) AND ' || condition ||
    ' ORDER BY c.customer_id LIMIT $4' USING given, at, client, most;
END $$;

-- About how many there are and pass each of some conditions: counted where the tenant has no more than 20,000, else in
-- one look at about 20,000 of all rows.
CREATE FUNCTION customers_estimated(conditions text[], given text[], at timestamptz, client uuid)
RETURNS TABLE (exact boolean, customers bigint, passing bigint[]) LANGUAGE plpgsql STABLE AS $$
DECLARE
  share double precision;
  one text;
  counts text := 'count(*)';
  found bigint[];
BEGIN
  SELECT CASE WHEN count(*) > 20000 THEN
           (SELECT least(100, 100 * 20000 / greatest(1, reltuples)) FROM pg_class WHERE oid = 'customers'::regclass)
         ELSE 100 END INTO share
    FROM (SELECT FROM customers c WHERE c.tenant_id = carillon_tenant() LIMIT 20001) few;
  FOREACH one IN ARRAY conditions LOOP
    counts := counts || ', count(*) FILTER (WHERE ' || one || ')';
  END LOOP;
  EXECUTE 'SELECT ARRAY[' || counts || '] FROM customers c ' ||
    CASE WHEN share < 100 THEN 'TABLESAMPLE SYSTEM ($4) REPEATABLE (7) ' ELSE '' END ||
    'WHERE c.tenant_id = carillon_tenant() AND c.state NOT IN (''MERGED'', ''ERASED'') '
    'AND ($3 IS NULL OR c.client_id = $3)' INTO found USING given, at, client, share;
  exact := share >= 100;
  customers := round(found[1] * 100 / share);
  passing := ARRAY(SELECT round(n * 100 / share)::bigint FROM unnest(found[2:]) WITH ORDINALITY AS f(n, nth) ORDER BY nth);
  RETURN NEXT;
END $$;

-- migrate:down
DROP FUNCTION customers_estimated(text[], text[], timestamptz, uuid);
DROP FUNCTION customers_passing(text, text[], timestamptz, uuid, bigint);
DROP FUNCTION customer_age(jsonb, timestamptz);
DROP TABLE selected_customers, selections;
