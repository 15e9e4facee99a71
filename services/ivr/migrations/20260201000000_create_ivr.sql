-- migrate:up
-- Flows and their versions, the numbers that play them, and the callers in them.

CREATE TABLE flows (
  tenant_id uuid NOT NULL,
  flow_id uuid NOT NULL,
  code text COLLATE "C" NOT NULL,
  display_name text NOT NULL,
  newest_version int NOT NULL CHECK (newest_version > 0),
  published_version int,
  created_at timestamptz NOT NULL,
  updated_at timestamptz NOT NULL,
  revision bigint NOT NULL,
  CONSTRAINT flows_pk PRIMARY KEY (tenant_id, flow_id),
  CONSTRAINT flows_code_key UNIQUE (tenant_id, code)
);
ALTER TABLE flows ENABLE ROW LEVEL SECURITY;
ALTER TABLE flows FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant ON flows USING (tenant_id = carillon_tenant());

CREATE TABLE flow_versions (
  tenant_id uuid NOT NULL,
  flow_id uuid NOT NULL,
  version int NOT NULL,
  document text NOT NULL,
  state text NOT NULL CHECK (state IN ('DRAFT', 'PUBLISHED', 'RETIRED')),
  author text NOT NULL,
  approver text,
  created_at timestamptz NOT NULL,
  published_at timestamptz,
  CONSTRAINT flow_versions_pk PRIMARY KEY (tenant_id, flow_id, version),
  CONSTRAINT flow_versions_flow_fk FOREIGN KEY (tenant_id, flow_id) REFERENCES flows (tenant_id, flow_id),
  CONSTRAINT flow_versions_approver_check CHECK (approver IS NULL OR approver <> author)
);
ALTER TABLE flow_versions ENABLE ROW LEVEL SECURITY;
ALTER TABLE flow_versions FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant ON flow_versions USING (tenant_id = carillon_tenant());

-- What callers hear does not change under a version number.
CREATE FUNCTION flow_versions_keep() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF OLD.published_at IS NOT NULL AND (TG_OP = 'DELETE' OR NEW.document <> OLD.document) THEN
    RAISE EXCEPTION 'a published version of a flow is immutable' USING ERRCODE = 'check_violation';
  END IF;
  RETURN COALESCE(NEW, OLD);
END $$;
CREATE TRIGGER flow_versions_keep BEFORE UPDATE OR DELETE ON flow_versions
  FOR EACH ROW EXECUTE FUNCTION flow_versions_keep();

CREATE TABLE service_numbers (
  tenant_id uuid NOT NULL,
  number_id uuid NOT NULL,
  number text COLLATE "C" NOT NULL,
  display_name text NOT NULL,
  client_id uuid,
  flow_id uuid NOT NULL,
  default_queue text NOT NULL,
  queue_names text[] NOT NULL,
  queue_targets text[] NOT NULL,
  time_zone text NOT NULL,
  language text NOT NULL,
  brand text NOT NULL,
  updated_at timestamptz NOT NULL,
  revision bigint NOT NULL,
  CONSTRAINT service_numbers_pk PRIMARY KEY (tenant_id, number_id),
  CONSTRAINT service_numbers_number_key UNIQUE (tenant_id, number),
  CONSTRAINT service_numbers_flow_fk FOREIGN KEY (tenant_id, flow_id) REFERENCES flows (tenant_id, flow_id)
);
ALTER TABLE service_numbers ENABLE ROW LEVEL SECURITY;
ALTER TABLE service_numbers FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant ON service_numbers USING (tenant_id = carillon_tenant()
  AND (carillon_clients() IS NULL OR client_id IS NULL OR client_id = ANY (carillon_clients())));

CREATE TABLE menu_variants (
  tenant_id uuid NOT NULL,
  number_id uuid NOT NULL,
  position int NOT NULL,
  client_id uuid,
  menu text NOT NULL,
  grade text,
  region text,
  band_start text,
  band_end text,
  weekdays int[],
  brand text,
  language text,
  CONSTRAINT menu_variants_pk PRIMARY KEY (tenant_id, number_id, position),
  CONSTRAINT menu_variants_number_fk FOREIGN KEY (tenant_id, number_id)
    REFERENCES service_numbers (tenant_id, number_id)
);
ALTER TABLE menu_variants ENABLE ROW LEVEL SECURITY;
ALTER TABLE menu_variants FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant ON menu_variants USING (tenant_id = carillon_tenant()
  AND (carillon_clients() IS NULL OR client_id IS NULL OR client_id = ANY (carillon_clients())));

CREATE TABLE sessions (
  tenant_id uuid NOT NULL,
  session_id uuid NOT NULL,
  call_id uuid NOT NULL,
  client_id uuid,
  number_id uuid NOT NULL,
  called_number text COLLATE "C" NOT NULL,
  calling_number text COLLATE "C",          -- emptied after 35 days
  channel text NOT NULL,
  flow_id uuid NOT NULL,
  flow_version int NOT NULL,
  customer_id uuid,
  language text NOT NULL,
  grade text NOT NULL,
  identity_level text NOT NULL,
  menu_path text[] NOT NULL,
  served text[] NOT NULL,
  state text NOT NULL CHECK (state IN ('ACTIVE', 'COMPLETED')),
  result text,
  interaction_id uuid,
  version bigint NOT NULL,
  started_at timestamptz NOT NULL,
  ended_at timestamptz,
  step bytea NOT NULL,                      -- SessionStep, what the switch was told
  journey bytea,                            -- Journey; gone when the session is over
  CONSTRAINT sessions_pk PRIMARY KEY (tenant_id, session_id),
  CONSTRAINT sessions_call_id_key UNIQUE (tenant_id, call_id),
  CONSTRAINT sessions_ended_check CHECK ((state = 'COMPLETED') = (ended_at IS NOT NULL AND result IS NOT NULL))
);
CREATE INDEX sessions_started_at_idx ON sessions (tenant_id, started_at DESC, session_id DESC);
CREATE INDEX sessions_active_idx ON sessions (started_at) WHERE state = 'ACTIVE';
CREATE INDEX sessions_calling_number_idx ON sessions (started_at) WHERE calling_number IS NOT NULL;
ALTER TABLE sessions ENABLE ROW LEVEL SECURITY;
ALTER TABLE sessions FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant ON sessions USING (tenant_id = carillon_tenant()
  AND (carillon_clients() IS NULL OR client_id IS NULL OR client_id = ANY (carillon_clients())));

CREATE TABLE session_path (
  tenant_id uuid NOT NULL,
  session_id uuid NOT NULL,
  position int NOT NULL,
  happened_at timestamptz NOT NULL,
  client_id uuid,
  node text NOT NULL,
  input text NOT NULL,                      -- masked before it gets here
  outcome text NOT NULL,
  CONSTRAINT session_path_pk PRIMARY KEY (tenant_id, session_id, position, happened_at)
) PARTITION BY RANGE (happened_at);
CREATE TABLE session_path_rest PARTITION OF session_path DEFAULT;
ALTER TABLE session_path ENABLE ROW LEVEL SECURITY;
ALTER TABLE session_path FORCE ROW LEVEL SECURITY;
ALTER TABLE session_path_rest ENABLE ROW LEVEL SECURITY;
ALTER TABLE session_path_rest FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant ON session_path USING (tenant_id = carillon_tenant()
  AND (carillon_clients() IS NULL OR client_id IS NULL OR client_id = ANY (carillon_clients())));

-- migrate:down
DROP TABLE session_path, sessions, menu_variants, service_numbers, flow_versions, flows;
DROP FUNCTION flow_versions_keep();
