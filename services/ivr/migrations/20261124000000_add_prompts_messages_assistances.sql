-- migrate:up
-- The prompt library, what flows send to callers, and sessions that an agent sends a caller into.

CREATE TABLE announcements (
  tenant_id uuid NOT NULL,
  announcement_id uuid NOT NULL,
  code text COLLATE "C" NOT NULL,
  starts_at timestamptz,
  ends_at timestamptz,
  author text NOT NULL,
  approver text,
  sound text COLLATE "C" NOT NULL,          -- of its sound, in sounds
  announcement json NOT NULL,               -- Announcement, without who made and approved it
  CONSTRAINT announcements_pk PRIMARY KEY (tenant_id, announcement_id),
  CONSTRAINT announcements_approver_check CHECK (approver IS NULL OR approver <> author)
);
CREATE INDEX announcements_code_idx ON announcements (tenant_id, code, announcement_id);
CREATE INDEX announcements_sound_idx ON announcements (tenant_id, sound);
ALTER TABLE announcements ENABLE ROW LEVEL SECURITY;
ALTER TABLE announcements FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant ON announcements USING (tenant_id = carillon_tenant());

CREATE TABLE sounds (
  tenant_id uuid NOT NULL,
  sound text COLLATE "C" NOT NULL,          -- SHA-256 of what it was made from
  wav bytea NOT NULL,                       -- 16-bit samples, 8,000 a second
  made_at timestamptz NOT NULL,
  CONSTRAINT sounds_pk PRIMARY KEY (tenant_id, sound)
);
CREATE INDEX sounds_made_at_idx ON sounds (made_at);
ALTER TABLE sounds ENABLE ROW LEVEL SECURITY;
ALTER TABLE sounds FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant ON sounds USING (tenant_id = carillon_tenant());

CREATE TABLE messages (
  tenant_id uuid NOT NULL,
  message_id uuid NOT NULL,
  session_id uuid NOT NULL,
  number text COLLATE "C",                  -- emptied after 35 days
  state text NOT NULL CHECK (state IN ('REQUESTED', 'SENT', 'FAILED')),
  created_at timestamptz NOT NULL,
  message json NOT NULL,                    -- Message, without its number
  CONSTRAINT messages_pk PRIMARY KEY (tenant_id, message_id)
);
CREATE INDEX messages_number_idx ON messages (created_at) WHERE number IS NOT NULL;
ALTER TABLE messages ENABLE ROW LEVEL SECURITY;
ALTER TABLE messages FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant ON messages USING (tenant_id = carillon_tenant());

ALTER TABLE sessions ADD COLUMN assistance json; -- Assistance; then call_id is its id
ALTER TABLE sessions ADD COLUMN assisted_call_id uuid; -- and this the call's

ALTER TABLE service_numbers ADD COLUMN voice text NOT NULL DEFAULT '';
ALTER TABLE service_numbers ADD COLUMN transfers json NOT NULL DEFAULT '{}'; -- the flow's name -> number outside

-- migrate:down
ALTER TABLE service_numbers DROP COLUMN voice, DROP COLUMN transfers;
ALTER TABLE sessions DROP COLUMN assistance, DROP COLUMN assisted_call_id;
DROP TABLE messages, sounds, announcements;
