-- migrate:up
-- The last time an agent sent the caller into a flow, as its message; empty = never.
ALTER TABLE calls ADD COLUMN assistance bytea NOT NULL DEFAULT '';

-- migrate:down
ALTER TABLE calls DROP COLUMN assistance;
