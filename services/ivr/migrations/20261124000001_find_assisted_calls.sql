-- migrate:up transaction:false
-- When a caller hangs up, what an agent sent the call into is over too.
-- This file runs outside of a transaction.
-- squawk-ignore ban-concurrent-index-creation-in-transaction
CREATE INDEX CONCURRENTLY IF NOT EXISTS sessions_assisted_call_id_idx ON sessions (tenant_id, assisted_call_id)
  WHERE assisted_call_id IS NOT NULL;

-- migrate:down transaction:false
DROP INDEX CONCURRENTLY IF EXISTS sessions_assisted_call_id_idx;
