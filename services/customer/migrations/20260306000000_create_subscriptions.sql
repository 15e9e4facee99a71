-- migrate:up
-- Who takes over how customers change, and how far each has come.
SET LOCAL lock_timeout = '5s';

-- What was written before counts as changed first of all; a constant costs no rewriting.
ALTER TABLE customers ADD COLUMN changed_xid xid8 NOT NULL DEFAULT '0';
ALTER TABLE customers ALTER COLUMN changed_xid SET DEFAULT pg_current_xact_id();
COMMENT ON COLUMN customers.changed_xid IS 'the transaction that changed it last: whoever reads those that are all over skips none';

CREATE TABLE subscriptions (
  tenant_id uuid NOT NULL,
  subscription_id uuid NOT NULL,
  client_id uuid,
  body jsonb NOT NULL,
  CONSTRAINT subscriptions_pk PRIMARY KEY (tenant_id, subscription_id)
);
ALTER TABLE subscriptions ENABLE ROW LEVEL SECURITY;
ALTER TABLE subscriptions FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant ON subscriptions USING (tenant_id = carillon_tenant() AND
  (client_id IS NULL OR carillon_clients() IS NULL OR client_id = ANY (carillon_clients())));

-- migrate:down
DROP TABLE subscriptions;
ALTER TABLE customers DROP COLUMN changed_xid;
