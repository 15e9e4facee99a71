-- migrate:up
-- What an agent marked a moment of a call for, and wrote beside it; empty = no mark.
ALTER TABLE call_events ADD COLUMN mark text NOT NULL DEFAULT '', ADD COLUMN note text NOT NULL DEFAULT '';

-- migrate:down
ALTER TABLE call_events DROP COLUMN mark, DROP COLUMN note;
