-- migrate:up
-- What an outbound call has that an inbound one has not.
ALTER TABLE calls
  ADD COLUMN attempt_id uuid,
  ADD COLUMN customer_id uuid,
  ADD COLUMN dialled_at timestamptz,
  ADD COLUMN answered_at timestamptz,
  ADD COLUMN destination bytea NOT NULL DEFAULT '',
  ADD COLUMN dial_due_at timestamptz,
  ADD COLUMN dial_us bigint NOT NULL DEFAULT 0;

-- migrate:down
ALTER TABLE calls
  DROP COLUMN attempt_id,
  DROP COLUMN customer_id,
  DROP COLUMN dialled_at,
  DROP COLUMN answered_at,
  DROP COLUMN destination,
  DROP COLUMN dial_due_at,
  DROP COLUMN dial_us;
