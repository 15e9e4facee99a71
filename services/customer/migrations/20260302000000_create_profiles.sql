-- migrate:up
-- What stands around customers, and every version of each. Bodies are the .proto as JSON; versions are sealed.
SET LOCAL lock_timeout = '5s';

CREATE TABLE relationships (
  tenant_id uuid NOT NULL,
  relationship_id uuid NOT NULL,
  client_id uuid,
  customer_id uuid NOT NULL,
  other_id uuid NOT NULL,
  type text COLLATE "C" NOT NULL,
  ends_at timestamptz,
  body jsonb NOT NULL,
  CONSTRAINT relationships_pk PRIMARY KEY (tenant_id, relationship_id),
  CONSTRAINT relationships_customer_fk FOREIGN KEY (tenant_id, customer_id) REFERENCES customers ON DELETE CASCADE,
  CONSTRAINT relationships_other_fk FOREIGN KEY (tenant_id, other_id) REFERENCES customers ON DELETE CASCADE
);
CREATE INDEX relationships_tenant_id_customer_id_idx ON relationships (tenant_id, customer_id);
CREATE INDEX relationships_tenant_id_other_id_idx ON relationships (tenant_id, other_id);

CREATE TABLE manager_assignments (
  tenant_id uuid NOT NULL,
  assignment_id uuid NOT NULL,
  client_id uuid,
  customer_id uuid NOT NULL,
  manager text COLLATE "C" NOT NULL,
  role text NOT NULL,
  ended boolean NOT NULL,
  body jsonb NOT NULL,
  CONSTRAINT manager_assignments_pk PRIMARY KEY (tenant_id, assignment_id),
  CONSTRAINT manager_assignments_customer_fk FOREIGN KEY (tenant_id, customer_id) REFERENCES customers ON DELETE CASCADE
);
CREATE INDEX manager_assignments_tenant_id_customer_id_idx ON manager_assignments (tenant_id, customer_id);
CREATE INDEX manager_assignments_tenant_id_manager_idx ON manager_assignments (tenant_id, manager) WHERE NOT ended;

CREATE TABLE transactions (
  tenant_id uuid NOT NULL,
  customer_id uuid NOT NULL,
  key text COLLATE "C" NOT NULL,
  client_id uuid,
  transaction_id uuid NOT NULL,
  occurred_at timestamptz NOT NULL,
  body jsonb NOT NULL,
  CONSTRAINT transactions_pk PRIMARY KEY (tenant_id, customer_id, key),
  CONSTRAINT transactions_customer_fk FOREIGN KEY (tenant_id, customer_id) REFERENCES customers ON DELETE CASCADE
);
CREATE INDEX transactions_tenant_id_customer_id_occurred_at_idx ON transactions (tenant_id, customer_id, occurred_at);

CREATE TABLE party_interactions (
  tenant_id uuid NOT NULL,
  customer_id uuid NOT NULL,
  interaction_id uuid NOT NULL,
  client_id uuid,
  ended_at timestamptz NOT NULL,
  body jsonb NOT NULL,
  CONSTRAINT party_interactions_pk PRIMARY KEY (tenant_id, customer_id, interaction_id),
  CONSTRAINT party_interactions_customer_fk FOREIGN KEY (tenant_id, customer_id) REFERENCES customers ON DELETE CASCADE
);
CREATE INDEX party_interactions_tenant_id_customer_id_ended_at_idx
  ON party_interactions (tenant_id, customer_id, ended_at);

CREATE TABLE codes (
  tenant_id uuid NOT NULL,
  list text COLLATE "C" NOT NULL,
  code text COLLATE "C" NOT NULL,
  body jsonb NOT NULL,
  CONSTRAINT codes_pk PRIMARY KEY (tenant_id, list, code)
);

CREATE TABLE customer_versions (
  tenant_id uuid NOT NULL,
  customer_id uuid NOT NULL,
  version bigint NOT NULL,
  client_id uuid,
  changed_at timestamptz NOT NULL,
  changed_by text NOT NULL,
  method text NOT NULL,
  sealed text NOT NULL,
  CONSTRAINT customer_versions_pk PRIMARY KEY (tenant_id, customer_id, version),
  CONSTRAINT customer_versions_customer_fk FOREIGN KEY (tenant_id, customer_id) REFERENCES customers ON DELETE CASCADE
);

DO $$
DECLARE
  name text;
BEGIN
  FOREACH name IN ARRAY ARRAY['relationships', 'manager_assignments', 'transactions', 'party_interactions',
                              'customer_versions'] LOOP
    EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', name);
    EXECUTE format('ALTER TABLE %I FORCE ROW LEVEL SECURITY', name);
    EXECUTE format('CREATE POLICY tenant ON %I USING (tenant_id = carillon_tenant() AND '
                   '(client_id IS NULL OR carillon_clients() IS NULL OR client_id = ANY (carillon_clients())))', name);
  END LOOP;
  ALTER TABLE codes ENABLE ROW LEVEL SECURITY;
  ALTER TABLE codes FORCE ROW LEVEL SECURITY;
  CREATE POLICY tenant ON codes USING (tenant_id = carillon_tenant());
END $$;

-- A customer and all who went into it, however deep.
CREATE FUNCTION customer_family(root uuid) RETURNS SETOF uuid LANGUAGE sql STABLE PARALLEL SAFE AS $$
  WITH RECURSIVE family AS (
    SELECT root AS id
    UNION ALL
    SELECT c.customer_id FROM family f JOIN customers c ON c.tenant_id = carillon_tenant() AND c.merged_into = f.id)
  SELECT id FROM family
$$;

-- migrate:down
DROP FUNCTION customer_family(uuid);
DROP TABLE customer_versions, codes, party_interactions, transactions, manager_assignments, relationships;
