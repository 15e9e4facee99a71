-- migrate:up
-- How often somebody tried to be a customer, by the way it was tried; dropped a day after the last try.

CREATE TABLE identity_tries (
  tenant_id uuid NOT NULL,
  customer_id uuid NOT NULL,
  method text COLLATE "C" NOT NULL,         -- ID_LAST6, SMS_OTP; CODE_SENT counts codes
  tries int NOT NULL,
  tried_at timestamptz NOT NULL,
  CONSTRAINT identity_tries_pk PRIMARY KEY (tenant_id, customer_id, method)
);
CREATE INDEX identity_tries_tried_at_idx ON identity_tries (tried_at);
ALTER TABLE identity_tries ENABLE ROW LEVEL SECURITY;
ALTER TABLE identity_tries FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant ON identity_tries USING (tenant_id = carillon_tenant());

-- migrate:down
DROP TABLE identity_tries;
