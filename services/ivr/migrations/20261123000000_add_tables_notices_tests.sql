-- migrate:up
-- What flows read aloud and say before menus, what callers think of it, and how a version comes to all callers.

CREATE TABLE data_rows (
  tenant_id uuid NOT NULL,
  table_code text COLLATE "C" NOT NULL,
  row_key text COLLATE "C" NOT NULL,
  customer_id uuid,                         -- told to nobody else
  row json NOT NULL,                        -- DataRow
  imported_at timestamptz NOT NULL,
  CONSTRAINT data_rows_pk PRIMARY KEY (tenant_id, table_code, row_key)
);
ALTER TABLE data_rows ENABLE ROW LEVEL SECURITY;
ALTER TABLE data_rows FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant ON data_rows USING (tenant_id = carillon_tenant());

CREATE TABLE notices (
  tenant_id uuid NOT NULL,
  notice_id uuid NOT NULL,
  number_id uuid,                           -- NULL: on every number
  region text COLLATE "C" NOT NULL,
  starts_at timestamptz NOT NULL,
  ends_at timestamptz NOT NULL,
  author text NOT NULL,
  approver text,
  notice json NOT NULL,                     -- Notice, without who wrote and approved it
  CONSTRAINT notices_pk PRIMARY KEY (tenant_id, notice_id),
  CONSTRAINT notices_approver_check CHECK (approver IS NULL OR approver <> author)
);
CREATE INDEX notices_ends_at_idx ON notices (tenant_id, ends_at);
ALTER TABLE notices ENABLE ROW LEVEL SECURITY;
ALTER TABLE notices FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant ON notices USING (tenant_id = carillon_tenant());

ALTER TABLE sessions ADD COLUMN answers text[] NOT NULL DEFAULT '{}'; -- "question=key@microseconds"

ALTER TABLE flow_versions ADD COLUMN tests text NOT NULL DEFAULT '';
ALTER TABLE flow_versions ADD COLUMN tested_at timestamptz;
ALTER TABLE flow_versions DROP CONSTRAINT flow_versions_state_check;
ALTER TABLE flow_versions ADD CONSTRAINT flow_versions_state_check
  CHECK (state IN ('DRAFT', 'TESTED', 'PUBLISHED', 'RETIRED')) NOT VALID;

ALTER TABLE flows ADD COLUMN rollout_version int;
ALTER TABLE flows ADD COLUMN rollout_percent int;
ALTER TABLE flows ADD COLUMN rollout_at timestamptz;
ALTER TABLE flows ADD CONSTRAINT flows_rollout_check CHECK
  ((rollout_version IS NULL) = (rollout_percent IS NULL) AND (rollout_version IS NULL) = (rollout_at IS NULL)) NOT VALID;

-- migrate:down
ALTER TABLE flows DROP COLUMN rollout_version, DROP COLUMN rollout_percent, DROP COLUMN rollout_at;
UPDATE flow_versions SET state = 'DRAFT' WHERE state = 'TESTED';
ALTER TABLE flow_versions DROP CONSTRAINT flow_versions_state_check, DROP COLUMN tests, DROP COLUMN tested_at;
ALTER TABLE flow_versions ADD CONSTRAINT flow_versions_state_check CHECK (state IN ('DRAFT', 'PUBLISHED', 'RETIRED')) NOT VALID;
ALTER TABLE sessions DROP COLUMN answers;
DROP TABLE notices, data_rows;
