-- migrate:up
-- A session's row is written with every key: with room beside it the new one is on the same page and no index changes.
SET LOCAL lock_timeout = '5s';
ALTER TABLE sessions SET (fillfactor = 50);

-- migrate:down
ALTER TABLE sessions RESET (fillfactor);
