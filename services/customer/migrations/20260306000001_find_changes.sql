-- migrate:up transaction:false
-- The next changes for a subscriber are found without looking at others.
-- This file runs outside of a transaction.
-- squawk-ignore ban-concurrent-index-creation-in-transaction
CREATE INDEX CONCURRENTLY IF NOT EXISTS customers_tenant_id_changed_xid_idx ON customers (tenant_id, changed_xid, customer_id);

-- migrate:down transaction:false
DROP INDEX CONCURRENTLY IF EXISTS customers_tenant_id_changed_xid_idx;
