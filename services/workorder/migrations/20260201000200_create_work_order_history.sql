-- migrate:up
-- What happened to an order, line by line. Written once: a trigger refuses every other change, whoever asks; old
-- months leave as whole partitions.
CREATE TABLE work_order_history (
  tenant_id uuid NOT NULL,
  work_order_id uuid NOT NULL,
  sequence int NOT NULL,
  happened_at timestamptz NOT NULL,
  client_id uuid NOT NULL,
  actor text NOT NULL,
  action text NOT NULL,
  from_state text NOT NULL,
  to_state text NOT NULL,
  note text NOT NULL,
  CONSTRAINT work_order_history_pk PRIMARY KEY (tenant_id, work_order_id, sequence, happened_at)
) PARTITION BY RANGE (happened_at);
CREATE TABLE work_order_history_rest PARTITION OF work_order_history DEFAULT;
ALTER TABLE work_order_history ENABLE ROW LEVEL SECURITY;
ALTER TABLE work_order_history FORCE ROW LEVEL SECURITY;
ALTER TABLE work_order_history_rest ENABLE ROW LEVEL SECURITY;
ALTER TABLE work_order_history_rest FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant ON work_order_history USING (tenant_id = carillon_tenant()
  AND (carillon_clients() IS NULL OR client_id = ANY (carillon_clients())));

CREATE FUNCTION work_order_history_is_written_once() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION 'the history of a work order is written once' USING ERRCODE = 'insufficient_privilege';
END $$;
CREATE TRIGGER written_once BEFORE UPDATE OR DELETE ON work_order_history
  FOR EACH ROW EXECUTE FUNCTION work_order_history_is_written_once();
CREATE TRIGGER never_emptied BEFORE TRUNCATE ON work_order_history
  FOR EACH STATEMENT EXECUTE FUNCTION work_order_history_is_written_once();

DO $$
DECLARE role name;
BEGIN
  FOR role IN SELECT rolname FROM pg_roles WHERE rolname IN ('workorder_app', 'workorder_worker') LOOP
    EXECUTE format('REVOKE UPDATE, DELETE, TRUNCATE ON work_order_history, work_order_history_rest FROM %I', role);
  END LOOP;
END $$;

-- migrate:down
DROP TABLE work_order_history;
DROP FUNCTION work_order_history_is_written_once();
