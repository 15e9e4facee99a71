-- migrate:up
-- What every service's database has: who asks, the outbox, the inbox, answered requests, durable tasks.

-- The tenant of this transaction; NULL (sees nothing) when none was set.
CREATE FUNCTION carillon_tenant() RETURNS uuid LANGUAGE sql STABLE PARALLEL SAFE
AS $$ SELECT nullif(current_setting('app.tenant', true), '')::uuid $$;

-- The served enterprises of this transaction's principal; NULL = all of the tenant.
CREATE FUNCTION carillon_clients() RETURNS uuid[] LANGUAGE sql STABLE PARALLEL SAFE
AS $$ SELECT CASE current_setting('app.clients', true) WHEN '*' THEN NULL
             ELSE coalesce(nullif(current_setting('app.clients', true), '')::uuid[], '{}') END $$;

-- Microseconds since 1970, exact.
CREATE FUNCTION pg_us(at timestamptz) RETURNS bigint LANGUAGE sql IMMUTABLE PARALLEL SAFE
AS $$ SELECT (extract(epoch FROM at) * 1000000)::bigint $$;

-- Makes the partition of a month when it is missing. The child is closed to everyone but through its parent.
CREATE FUNCTION carillon_make_partition(parent text, month date) RETURNS void LANGUAGE plpgsql SECURITY DEFINER
SET search_path = public AS $$
DECLARE
  first date := date_trunc('month', month)::date;
  child text := format('%s_%s', parent, to_char(first, 'YYYYMM'));
BEGIN
  PERFORM pg_advisory_xact_lock(hashtext('carillon_make_partition'));
  IF to_regclass(quote_ident(child)) IS NOT NULL THEN RETURN; END IF;
  EXECUTE format('CREATE TABLE %I PARTITION OF %I FOR VALUES FROM (%L) TO (%L)', child, parent,
                 first::timestamptz, (first + interval '1 month')::timestamptz);
  EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', child);
  EXECUTE format('ALTER TABLE %I FORCE ROW LEVEL SECURITY', child);
END $$;

-- The names of all partitioned tables, for the job that keeps their months.
CREATE FUNCTION carillon_partitioned() RETURNS SETOF text LANGUAGE sql STABLE
AS $$ SELECT c.relname::text FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
      WHERE c.relkind = 'p' AND n.nspname = 'public' ORDER BY 1 $$;

CREATE TABLE outbox (
  id bigint GENERATED ALWAYS AS IDENTITY,
  tenant_id uuid NOT NULL,
  event_id uuid NOT NULL,
  topic text NOT NULL,
  key text NOT NULL,
  type text NOT NULL,
  payload bytea NOT NULL,
  occurred_at timestamptz NOT NULL,
  traceparent text NOT NULL,
  CONSTRAINT outbox_id_pk PRIMARY KEY (id)
);
ALTER TABLE outbox ENABLE ROW LEVEL SECURITY;
ALTER TABLE outbox FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant ON outbox USING (tenant_id = carillon_tenant());

-- How many events of each type left the outbox, counted in the transaction that removed them.
CREATE TABLE outbox_published (
  tenant_id uuid NOT NULL,
  topic text NOT NULL,
  type text NOT NULL,
  events bigint NOT NULL,
  CONSTRAINT outbox_published_tenant_id_topic_type_pk PRIMARY KEY (tenant_id, topic, type)
);
ALTER TABLE outbox_published ENABLE ROW LEVEL SECURITY;
ALTER TABLE outbox_published FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant ON outbox_published USING (tenant_id = carillon_tenant());

CREATE TABLE inbox (
  tenant_id uuid NOT NULL,
  event_id uuid NOT NULL,
  occurred_at timestamptz NOT NULL,
  topic text NOT NULL,
  type text NOT NULL,
  CONSTRAINT inbox_tenant_id_event_id_pk PRIMARY KEY (tenant_id, event_id, occurred_at)
) PARTITION BY RANGE (occurred_at);
CREATE TABLE inbox_rest PARTITION OF inbox DEFAULT;
ALTER TABLE inbox ENABLE ROW LEVEL SECURITY;
ALTER TABLE inbox FORCE ROW LEVEL SECURITY;
ALTER TABLE inbox_rest ENABLE ROW LEVEL SECURITY;
ALTER TABLE inbox_rest FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant ON inbox USING (tenant_id = carillon_tenant());

CREATE TABLE request_replays (
  tenant_id uuid NOT NULL,
  principal text COLLATE "C" NOT NULL,
  method text COLLATE "C" NOT NULL,
  request_id uuid NOT NULL,
  request_hash bytea NOT NULL,
  response bytea,
  answered_at timestamptz NOT NULL DEFAULT now(),
  CONSTRAINT request_replays_pk PRIMARY KEY (tenant_id, principal, method, request_id)
);
ALTER TABLE request_replays ENABLE ROW LEVEL SECURITY;
ALTER TABLE request_replays FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant ON request_replays USING (tenant_id = carillon_tenant());
CREATE INDEX request_replays_answered_at_idx ON request_replays (answered_at);

CREATE TABLE tasks (
  id bigint GENERATED ALWAYS AS IDENTITY,
  tenant_id uuid NOT NULL,
  kind text NOT NULL,
  key text COLLATE "C" NOT NULL,
  payload bytea NOT NULL,
  traceparent text NOT NULL,
  owner text NOT NULL,
  owned_until timestamptz NOT NULL,
  failed_at timestamptz,
  failure text,
  CONSTRAINT tasks_id_pk PRIMARY KEY (id)
);
CREATE INDEX tasks_key_id_idx ON tasks (key, id);
ALTER TABLE tasks ENABLE ROW LEVEL SECURITY;
ALTER TABLE tasks FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant ON tasks USING (tenant_id = carillon_tenant());

-- migrate:down
DROP TABLE tasks, request_replays, inbox, outbox_published, outbox;
DROP FUNCTION carillon_partitioned();
DROP FUNCTION carillon_make_partition(text, date);
DROP FUNCTION pg_us(timestamptz);
DROP FUNCTION carillon_clients();
DROP FUNCTION carillon_tenant();
