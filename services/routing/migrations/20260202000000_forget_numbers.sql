-- migrate:up
-- Which finished interactions still hold what may be kept for 35 days only: the calling number and the attached data.
ALTER TABLE interactions ADD COLUMN forgotten boolean NOT NULL DEFAULT false;
CREATE INDEX interactions_to_forget_idx ON interactions (ended_at) WHERE NOT forgotten;

-- migrate:down
DROP INDEX interactions_to_forget_idx;
ALTER TABLE interactions DROP COLUMN forgotten;
