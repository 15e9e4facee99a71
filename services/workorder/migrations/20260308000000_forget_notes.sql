-- migrate:up
-- One change of a written line is allowed, when a person was erased (docs/adr/0128): its note becomes empty.
CREATE OR REPLACE FUNCTION work_order_history_is_written_once() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF TG_OP = 'UPDATE' AND NEW.note = '' THEN
    OLD.note := '';
    IF NEW IS NOT DISTINCT FROM OLD THEN
      RETURN NEW;
    END IF;
  END IF;
  RAISE EXCEPTION 'the history of a work order is written once' USING ERRCODE = 'insufficient_privilege';
END $$;

DO $$
BEGIN
  IF EXISTS (SELECT FROM pg_roles WHERE rolname = 'workorder_app') THEN
    GRANT UPDATE (note) ON work_order_history TO workorder_app;
  END IF;
END $$;

-- migrate:down
DO $$
BEGIN
  IF EXISTS (SELECT FROM pg_roles WHERE rolname = 'workorder_app') THEN
    REVOKE UPDATE (note) ON work_order_history FROM workorder_app;
  END IF;
END $$;
CREATE OR REPLACE FUNCTION work_order_history_is_written_once() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION 'the history of a work order is written once' USING ERRCODE = 'insufficient_privilege';
END $$;
