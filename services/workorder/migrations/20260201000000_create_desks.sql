-- migrate:up
-- Where orders are sent, what is promised for them, and the fields a tenant adds to them.
CREATE TABLE desks (
  tenant_id uuid NOT NULL,
  desk_id uuid NOT NULL,
  display_name text COLLATE "C" NOT NULL,
  kind text NOT NULL,
  site text NOT NULL,
  owner_unit text COLLATE "C" NOT NULL,
  owner_user text NOT NULL,
  created_at timestamptz NOT NULL,
  CONSTRAINT desks_pk PRIMARY KEY (tenant_id, desk_id),
  CONSTRAINT desks_display_name_key UNIQUE (tenant_id, display_name)
);
ALTER TABLE desks ENABLE ROW LEVEL SECURITY;
ALTER TABLE desks FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant ON desks USING (tenant_id = carillon_tenant());

CREATE TABLE sla_policies (
  tenant_id uuid NOT NULL,
  type text NOT NULL,
  priority text NOT NULL,
  accept_minutes int NOT NULL CHECK (accept_minutes >= 0),
  reply_minutes int NOT NULL CHECK (reply_minutes >= 0),
  handle_minutes int NOT NULL CHECK (handle_minutes >= 0),
  revisit_minutes int NOT NULL CHECK (revisit_minutes >= 0),
  calendar text NOT NULL,
  updated_by text NOT NULL,
  updated_at timestamptz NOT NULL,
  CONSTRAINT sla_policies_pk PRIMARY KEY (tenant_id, type, priority)
);
ALTER TABLE sla_policies ENABLE ROW LEVEL SECURITY;
ALTER TABLE sla_policies FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant ON sla_policies USING (tenant_id = carillon_tenant());

CREATE TABLE custom_fields (
  tenant_id uuid NOT NULL,
  key text COLLATE "C" NOT NULL,
  definition jsonb NOT NULL,
  updated_by text NOT NULL,
  updated_at timestamptz NOT NULL,
  CONSTRAINT custom_fields_pk PRIMARY KEY (tenant_id, key)
);
ALTER TABLE custom_fields ENABLE ROW LEVEL SECURITY;
ALTER TABLE custom_fields FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant ON custom_fields USING (tenant_id = carillon_tenant());

-- migrate:down
DROP TABLE custom_fields, sla_policies, desks;
