-- migrate:up
-- Tenants and their clients, organisation, users, roles, sessions, signing keys and the audit trail.

CREATE TABLE tenants (
  tenant_id uuid NOT NULL,
  slug text COLLATE "C" NOT NULL,
  display_name text NOT NULL,
  state int NOT NULL,
  unit_levels text[] NOT NULL,
  seat_quota int NOT NULL,
  single_session boolean NOT NULL,
  version bigint NOT NULL DEFAULT 1,
  created_at timestamptz NOT NULL,
  updated_at timestamptz NOT NULL,
  CONSTRAINT tenants_pk PRIMARY KEY (tenant_id),
  CONSTRAINT tenants_slug_key UNIQUE (slug)
);
ALTER TABLE tenants ENABLE ROW LEVEL SECURITY;
ALTER TABLE tenants FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant ON tenants USING (tenant_id = carillon_tenant());

CREATE TABLE clients (
  tenant_id uuid NOT NULL REFERENCES tenants,
  client_id uuid NOT NULL,
  code text COLLATE "C" NOT NULL,
  display_name text NOT NULL,
  state int NOT NULL,
  version bigint NOT NULL DEFAULT 1,
  created_at timestamptz NOT NULL,
  updated_at timestamptz NOT NULL,
  CONSTRAINT clients_pk PRIMARY KEY (tenant_id, client_id),
  CONSTRAINT clients_code_key UNIQUE (tenant_id, code)
);
ALTER TABLE clients ENABLE ROW LEVEL SECURITY;
ALTER TABLE clients FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant ON clients USING (tenant_id = carillon_tenant());

CREATE TABLE org_units (
  tenant_id uuid NOT NULL REFERENCES tenants,
  unit_id uuid NOT NULL,
  parent_id uuid,
  code text COLLATE "C" NOT NULL,
  display_name text NOT NULL,
  type int NOT NULL,
  path text COLLATE "C" NOT NULL,
  site text NOT NULL,
  leader_id uuid,
  version bigint NOT NULL DEFAULT 1,
  created_at timestamptz NOT NULL,
  updated_at timestamptz NOT NULL,
  CONSTRAINT org_units_pk PRIMARY KEY (tenant_id, unit_id),
  CONSTRAINT org_units_path_key UNIQUE (tenant_id, path),
  CONSTRAINT org_units_parent_fk FOREIGN KEY (tenant_id, parent_id) REFERENCES org_units,
  CONSTRAINT org_units_path_check CHECK (path LIKE '/%/')
);
ALTER TABLE org_units ENABLE ROW LEVEL SECURITY;
ALTER TABLE org_units FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant ON org_units USING (tenant_id = carillon_tenant());

CREATE TABLE roles (
  tenant_id uuid NOT NULL REFERENCES tenants,
  role_id uuid NOT NULL,
  code text COLLATE "C" NOT NULL,
  display_name text NOT NULL,
  permissions text[] NOT NULL,
  scope_data int[] NOT NULL,
  scope_reach int[] NOT NULL,
  scope_clear boolean[] NOT NULL,
  built_in boolean NOT NULL,
  version bigint NOT NULL DEFAULT 1,
  created_at timestamptz NOT NULL,
  updated_at timestamptz NOT NULL,
  CONSTRAINT roles_pk PRIMARY KEY (tenant_id, role_id),
  CONSTRAINT roles_code_key UNIQUE (tenant_id, code)
);
ALTER TABLE roles ENABLE ROW LEVEL SECURITY;
ALTER TABLE roles FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant ON roles USING (tenant_id = carillon_tenant());

-- state is never LOCKED (4): a lock is locked_until, in real time like every time of this table but created/updated.
CREATE TABLE users (
  tenant_id uuid NOT NULL REFERENCES tenants,
  user_id uuid NOT NULL,
  login text NOT NULL,
  login_key text COLLATE "C" NOT NULL,
  agent_number text COLLATE "C",
  display_name text NOT NULL,
  phone_number text NOT NULL,
  unit_id uuid NOT NULL,
  all_clients boolean NOT NULL,
  language text NOT NULL,
  state int NOT NULL,
  password_hash text,
  must_change boolean NOT NULL,
  password_changed_at timestamptz,
  failures int NOT NULL DEFAULT 0,
  locked_until timestamptz,
  last_login_at timestamptz,
  version bigint NOT NULL DEFAULT 1,
  created_at timestamptz NOT NULL,
  updated_at timestamptz NOT NULL,
  CONSTRAINT users_pk PRIMARY KEY (tenant_id, user_id),
  CONSTRAINT users_login_key UNIQUE (tenant_id, login_key),
  CONSTRAINT users_agent_number_key UNIQUE (tenant_id, agent_number),
  CONSTRAINT users_unit_fk FOREIGN KEY (tenant_id, unit_id) REFERENCES org_units,
  CONSTRAINT users_state_check CHECK (state IN (1, 2, 3, 5)),
  CONSTRAINT users_password_check CHECK (state = 1 OR password_hash IS NOT NULL OR state = 5)
);
CREATE INDEX users_unit_idx ON users (tenant_id, unit_id);
ALTER TABLE users ENABLE ROW LEVEL SECURITY;
ALTER TABLE users FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant ON users USING (tenant_id = carillon_tenant());

ALTER TABLE org_units ADD CONSTRAINT org_units_leader_fk FOREIGN KEY (tenant_id, leader_id) REFERENCES users;

CREATE TABLE user_roles (
  tenant_id uuid NOT NULL,
  user_id uuid NOT NULL,
  role_id uuid NOT NULL,
  CONSTRAINT user_roles_pk PRIMARY KEY (tenant_id, user_id, role_id),
  CONSTRAINT user_roles_user_fk FOREIGN KEY (tenant_id, user_id) REFERENCES users,
  CONSTRAINT user_roles_role_fk FOREIGN KEY (tenant_id, role_id) REFERENCES roles
);
CREATE INDEX user_roles_role_idx ON user_roles (tenant_id, role_id);
ALTER TABLE user_roles ENABLE ROW LEVEL SECURITY;
ALTER TABLE user_roles FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant ON user_roles USING (tenant_id = carillon_tenant());

CREATE TABLE user_clients (
  tenant_id uuid NOT NULL,
  user_id uuid NOT NULL,
  client_id uuid NOT NULL,
  CONSTRAINT user_clients_pk PRIMARY KEY (tenant_id, user_id, client_id),
  CONSTRAINT user_clients_user_fk FOREIGN KEY (tenant_id, user_id) REFERENCES users,
  CONSTRAINT user_clients_client_fk FOREIGN KEY (tenant_id, client_id) REFERENCES clients
);
ALTER TABLE user_clients ENABLE ROW LEVEL SECURITY;
ALTER TABLE user_clients FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant ON user_clients USING (tenant_id = carillon_tenant());

-- A session is a family of refresh tokens, of which one is unused. All times are real.
CREATE TABLE sessions (
  tenant_id uuid NOT NULL,
  session_id uuid NOT NULL,
  user_id uuid NOT NULL,
  started_at timestamptz NOT NULL,
  expires_at timestamptz NOT NULL,
  ended_at timestamptz,
  ended_why text,
  CONSTRAINT sessions_pk PRIMARY KEY (tenant_id, session_id),
  CONSTRAINT sessions_user_fk FOREIGN KEY (tenant_id, user_id) REFERENCES users
);
CREATE INDEX sessions_live_idx ON sessions (tenant_id, user_id) WHERE ended_at IS NULL;
CREATE INDEX sessions_expires_at_idx ON sessions (expires_at);
ALTER TABLE sessions ENABLE ROW LEVEL SECURITY;
ALTER TABLE sessions FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant ON sessions USING (tenant_id = carillon_tenant());

CREATE TABLE refresh_tokens (
  tenant_id uuid NOT NULL,
  session_id uuid NOT NULL,
  token_hash bytea NOT NULL,
  issued_at timestamptz NOT NULL,
  used_at timestamptz,
  CONSTRAINT refresh_tokens_pk PRIMARY KEY (tenant_id, session_id, token_hash),
  CONSTRAINT refresh_tokens_session_fk FOREIGN KEY (tenant_id, session_id) REFERENCES sessions ON DELETE CASCADE
);
ALTER TABLE refresh_tokens ENABLE ROW LEVEL SECURITY;
ALTER TABLE refresh_tokens FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant ON refresh_tokens USING (tenant_id = carillon_tenant());

-- Private keys, sealed under the master key. No policy: only the worker role, which row security does not bind, sees them.
CREATE TABLE signing_keys (
  kid text COLLATE "C" NOT NULL,
  sealed_key text NOT NULL,
  created_at timestamptz NOT NULL,
  active_from timestamptz NOT NULL,
  CONSTRAINT signing_keys_pk PRIMARY KEY (kid)
);
ALTER TABLE signing_keys ENABLE ROW LEVEL SECURITY;
ALTER TABLE signing_keys FORCE ROW LEVEL SECURITY;

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

CREATE FUNCTION audit_is_append_only() RETURNS trigger LANGUAGE plpgsql
AS $$ BEGIN RAISE EXCEPTION 'audit rows are never changed' USING ERRCODE = 'restrict_violation'; END $$;
CREATE TRIGGER audit_append_only BEFORE UPDATE OR DELETE ON audit FOR EACH ROW EXECUTE FUNCTION audit_is_append_only();

-- Whole months go when their time is over; a row alone never does.
CREATE FUNCTION drop_audit_months_before(first_kept date) RETURNS int LANGUAGE plpgsql SECURITY DEFINER
SET search_path = public AS $$
DECLARE
  child text;
  dropped int := 0;
BEGIN
  IF first_kept > current_date - 366 THEN RAISE EXCEPTION 'audit is kept for a year at least'; END IF;
  FOR child IN SELECT c.relname FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid
               WHERE i.inhparent = 'audit'::regclass AND c.relname ~ '^audit_[0-9]{6}$'
                 AND to_date(right(c.relname, 6), 'YYYYMM') + interval '1 month' <= first_kept LOOP
    EXECUTE format('DROP TABLE %I', child);
    dropped := dropped + 1;
  END LOOP;
  RETURN dropped;
END $$;
REVOKE ALL ON FUNCTION drop_audit_months_before(date) FROM PUBLIC;

-- migrate:down
DROP FUNCTION drop_audit_months_before(date);
DROP TABLE audit;
DROP FUNCTION audit_is_append_only();
DROP TABLE signing_keys, refresh_tokens, sessions, user_clients, user_roles;
ALTER TABLE org_units DROP CONSTRAINT org_units_leader_fk;
DROP TABLE users, roles, org_units, clients, tenants;
