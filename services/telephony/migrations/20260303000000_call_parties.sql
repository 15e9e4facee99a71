-- migrate:up
-- Who else is in a call: what the party hears, for which interaction, or its number outside.
ALTER TABLE legs
  ADD COLUMN interaction text COLLATE "C" NOT NULL DEFAULT '',
  ADD COLUMN phone_number text COLLATE "C" NOT NULL DEFAULT '',
  ADD COLUMN audio text COLLATE "C" NOT NULL DEFAULT 'AUDIO_UNSPECIFIED';

-- migrate:down
ALTER TABLE legs
  DROP COLUMN interaction,
  DROP COLUMN phone_number,
  DROP COLUMN audio;
