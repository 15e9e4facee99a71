-- migrate:up
-- Scorecards. `body` is the scorecard as its message (protobuf JSON); the columns beside it are what is searched or sorted by.
CREATE TABLE scorecards (
  tenant_id uuid NOT NULL,
  scorecard_id uuid NOT NULL,
  client_id uuid NOT NULL,
  code text COLLATE "C" NOT NULL,
  kind text NOT NULL,
  owner_unit text COLLATE "C" NOT NULL,
  owner_user text NOT NULL,
  created_at timestamptz NOT NULL,
  updated_at timestamptz NOT NULL,
  version bigint NOT NULL,
  body jsonb NOT NULL,
  CONSTRAINT scorecards_pk PRIMARY KEY (tenant_id, scorecard_id),
  CONSTRAINT scorecards_code_key UNIQUE (tenant_id, client_id, code)
);
CREATE INDEX scorecards_created_at_idx ON scorecards (tenant_id, created_at DESC, scorecard_id DESC);
ALTER TABLE scorecards ENABLE ROW LEVEL SECURITY;
ALTER TABLE scorecards FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant ON scorecards USING (tenant_id = carillon_tenant()
  AND (carillon_clients() IS NULL OR client_id = ANY (carillon_clients())));

CREATE TABLE scorecard_revisions (
  tenant_id uuid NOT NULL,
  scorecard_id uuid NOT NULL,
  number int NOT NULL,
  client_id uuid NOT NULL,
  state text NOT NULL,
  body jsonb NOT NULL,
  CONSTRAINT scorecard_revisions_pk PRIMARY KEY (tenant_id, scorecard_id, number),
  CONSTRAINT scorecard_revisions_scorecard_fk FOREIGN KEY (tenant_id, scorecard_id)
    REFERENCES scorecards (tenant_id, scorecard_id)
);
CREATE UNIQUE INDEX scorecard_revisions_active_key ON scorecard_revisions (tenant_id, scorecard_id)
  WHERE state = 'ACTIVE';
ALTER TABLE scorecard_revisions ENABLE ROW LEVEL SECURITY;
ALTER TABLE scorecard_revisions FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant ON scorecard_revisions USING (tenant_id = carillon_tenant()
  AND (carillon_clients() IS NULL OR client_id = ANY (carillon_clients())));

-- migrate:down
DROP TABLE scorecard_revisions, scorecards;
