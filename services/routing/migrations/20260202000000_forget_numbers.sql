-- migrate:up
-- Which finished interactions still hold what may be kept for 35 days only: the calling number and the attached data.
ALTER TABLE interactions ADD COLUMN forgotten boolean NOT NULL DEFAULT false;
-- A partitioned table's index cannot be made CONCURRENTLY.
-- squawk-ignore require-concurrent-index-creation
CREATE INDEX interactions_to_forget_idx ON interactions (ended_at) WHERE NOT forgotten;

-- migrate:down
-- squawk-ignore require-concurrent-index-deletion
DROP INDEX interactions_to_forget_idx;
-- squawk-ignore ban-drop-column
ALTER TABLE interactions DROP COLUMN forgotten;
