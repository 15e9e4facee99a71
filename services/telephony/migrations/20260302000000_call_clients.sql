-- migrate:up
-- Whose call it is: unknown, and the tenant's own, until ivr or campaign has said. Legs and events are read only
-- by a call that was seen.
ALTER TABLE calls ADD COLUMN client_id uuid;
ALTER POLICY tenant ON calls USING (tenant_id = carillon_tenant()
  AND (carillon_clients() IS NULL OR client_id IS NULL OR client_id = ANY (carillon_clients())));

-- migrate:down
ALTER POLICY tenant ON calls USING (tenant_id = carillon_tenant());
ALTER TABLE calls DROP COLUMN client_id;
