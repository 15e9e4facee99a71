-- migrate:up
-- The audit chain (ADR 0080): what every service tells waits in audit_intake, in the JSON form of AuditRecord, until one
-- writer a tenant has numbered, hashed and signed it; then it lies in audit_trail by the time it was chained, so that whole
-- months are a beginning of each chain. What was in `audit` is chained first.
CREATE TABLE audit_intake (
  tenant_id uuid NOT NULL,
  intake_id bigint GENERATED ALWAYS AS IDENTITY,
  record jsonb NOT NULL,
  CONSTRAINT audit_intake_pk PRIMARY KEY (tenant_id, intake_id)
);

ALTER TABLE audit NO FORCE ROW LEVEL SECURITY;
INSERT INTO audit_intake (tenant_id, record)
SELECT tenant_id, jsonb_build_object(
         'name', 'auditRecords/' || record_id, 'service', 'access', 'subject', subject, 'action', action,
         'resource', resource, 'resources', to_jsonb(array_remove(ARRAY[resource], '')), 'result', result, 'detail', detail,
         'before_hash', coalesce(encode(before_hash, 'hex'), ''), 'after_hash', coalesce(encode(after_hash, 'hex'), ''),
         'occur_time', to_char(occurred_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'),
         'record_time', to_char(recorded_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'))
FROM audit ORDER BY recorded_at, record_id;
DROP FUNCTION drop_audit_months_before(date);
DROP TABLE audit;

ALTER TABLE audit_intake ENABLE ROW LEVEL SECURITY;
ALTER TABLE audit_intake FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant ON audit_intake USING (tenant_id = carillon_tenant());

CREATE TABLE audit_trail (
  tenant_id uuid NOT NULL,
  sequence bigint NOT NULL,
  chained_at timestamptz NOT NULL,
  record_id uuid NOT NULL,
  service text COLLATE "C" NOT NULL,
  subject text COLLATE "C" NOT NULL,
  client text COLLATE "C" NOT NULL,
  action text COLLATE "C" NOT NULL,
  resource text COLLATE "C" NOT NULL,
  resources text[] NOT NULL,
  shown_fields text[] NOT NULL,
  result text NOT NULL,
  detail text NOT NULL,
  request_id text NOT NULL,
  request_hash text NOT NULL,
  before_hash text NOT NULL,
  after_hash text NOT NULL,
  occurred_at timestamptz NOT NULL,
  recorded_at timestamptz NOT NULL,
  address text NOT NULL,
  token_id text NOT NULL,
  previous_hash text NOT NULL,
  hash text NOT NULL,
  CONSTRAINT audit_trail_pk PRIMARY KEY (tenant_id, sequence, chained_at)
) PARTITION BY RANGE (chained_at);
CREATE TABLE audit_trail_rest PARTITION OF audit_trail DEFAULT;
CREATE INDEX audit_trail_subject_idx ON audit_trail (tenant_id, subject, sequence);
CREATE INDEX audit_trail_action_idx ON audit_trail (tenant_id, action, sequence);
ALTER TABLE audit_trail ENABLE ROW LEVEL SECURITY;
ALTER TABLE audit_trail FORCE ROW LEVEL SECURITY;
ALTER TABLE audit_trail_rest ENABLE ROW LEVEL SECURITY;
ALTER TABLE audit_trail_rest FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant ON audit_trail USING (tenant_id = carillon_tenant());

-- Kept for ever: they prove what was dropped by retention, and what is left.
CREATE TABLE audit_batches (
  tenant_id uuid NOT NULL,
  first_sequence bigint NOT NULL,
  last_sequence bigint NOT NULL,
  previous_hash text NOT NULL,
  last_hash text NOT NULL,
  signed_at timestamptz NOT NULL,
  algorithm text NOT NULL,
  kid text COLLATE "C" NOT NULL,
  signature text NOT NULL,
  CONSTRAINT audit_batches_pk PRIMARY KEY (tenant_id, first_sequence),
  CONSTRAINT audit_batches_last_sequence_check CHECK (last_sequence >= first_sequence)
);
ALTER TABLE audit_batches ENABLE ROW LEVEL SECURITY;
ALTER TABLE audit_batches FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant ON audit_batches USING (tenant_id = carillon_tenant());

-- The public keys of all signatures, for as long as those are kept; each but the first is vouched for by one before it. No
-- policy: only the worker role, which row security does not bind, sees them.
CREATE TABLE audit_keys (
  kid text COLLATE "C" NOT NULL,
  algorithm text NOT NULL,
  crv text NOT NULL,
  x text NOT NULL,
  y text NOT NULL,
  added_at timestamptz NOT NULL,
  vouched_by text COLLATE "C",
  voucher text,
  CONSTRAINT audit_keys_pk PRIMARY KEY (kid)
);
ALTER TABLE audit_keys ENABLE ROW LEVEL SECURITY;
ALTER TABLE audit_keys FORCE ROW LEVEL SECURITY;

CREATE TRIGGER audit_append_only BEFORE UPDATE OR DELETE ON audit_trail
FOR EACH ROW EXECUTE FUNCTION audit_is_append_only();
CREATE TRIGGER audit_append_only BEFORE UPDATE OR DELETE ON audit_batches
FOR EACH ROW EXECUTE FUNCTION audit_is_append_only();
CREATE TRIGGER audit_append_only BEFORE UPDATE OR DELETE ON audit_keys
FOR EACH ROW EXECUTE FUNCTION audit_is_append_only();

-- Whole months go when their time is over; a row alone never does.
CREATE FUNCTION drop_audit_months_before(first_kept date) RETURNS int LANGUAGE plpgsql SECURITY DEFINER
SET search_path = public AS $$
DECLARE
  child text;
  dropped int := 0;
BEGIN
  IF first_kept > current_date - 366 THEN RAISE EXCEPTION 'audit is kept for a year at least'; END IF;
  FOR child IN SELECT c.relname FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid
               WHERE i.inhparent = 'audit_trail'::regclass AND c.relname ~ '^audit_trail_[0-9]{6}$'
                 AND to_date(right(c.relname, 6), 'YYYYMM') + interval '1 month' <= first_kept LOOP
    EXECUTE format('DROP TABLE %I', child);
    dropped := dropped + 1;
  END LOOP;
  RETURN dropped;
END $$;
REVOKE ALL ON FUNCTION drop_audit_months_before(date) FROM PUBLIC;

-- migrate:down
-- A chain is not taken apart again: what was in it is gone.
DROP FUNCTION drop_audit_months_before(date);
DROP TABLE audit_keys, audit_batches, audit_trail, audit_intake;
CREATE TABLE audit (
  tenant_id uuid NOT NULL,
  record_id uuid NOT NULL,
  recorded_at timestamptz NOT NULL,
  occurred_at timestamptz NOT NULL,
  subject text COLLATE "C" NOT NULL,
  action text COLLATE "C" NOT NULL,
  resource text COLLATE "C" NOT NULL,
  result text NOT NULL,
  detail text NOT NULL,
  before_hash bytea,
  after_hash bytea,
  CONSTRAINT audit_pk PRIMARY KEY (tenant_id, record_id, recorded_at)
) PARTITION BY RANGE (recorded_at);
CREATE TABLE audit_rest PARTITION OF audit DEFAULT;
CREATE INDEX audit_recorded_at_idx ON audit (tenant_id, recorded_at, record_id);
ALTER TABLE audit ENABLE ROW LEVEL SECURITY;
ALTER TABLE audit FORCE ROW LEVEL SECURITY;
ALTER TABLE audit_rest ENABLE ROW LEVEL SECURITY;
ALTER TABLE audit_rest FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant ON audit USING (tenant_id = carillon_tenant());
CREATE TRIGGER audit_append_only BEFORE UPDATE OR DELETE ON audit FOR EACH ROW EXECUTE FUNCTION audit_is_append_only();
CREATE FUNCTION drop_audit_months_before(first_kept date) RETURNS int LANGUAGE sql AS $$ SELECT 0 $$;
