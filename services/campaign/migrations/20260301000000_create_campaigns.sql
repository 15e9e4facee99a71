-- migrate:up
-- Scripts by version, campaigns, their targets and attempts, and the rules of who may be called how often. `body` is the
-- record as its message (protobuf JSON); the columns beside it are what is searched, sorted, counted or swept by, written
-- by the same statement. No name and no number of a customer is anywhere here.
CREATE TABLE scripts (
  tenant_id uuid NOT NULL,
  script_id uuid NOT NULL,
  number int NOT NULL,
  client_id uuid NOT NULL,
  newest boolean NOT NULL,
  state text NOT NULL,
  owner_unit text COLLATE "C" NOT NULL,
  owner_user text NOT NULL,
  created_at timestamptz NOT NULL,
  version bigint NOT NULL,
  body jsonb NOT NULL,
  CONSTRAINT scripts_pk PRIMARY KEY (tenant_id, script_id, number)
);
CREATE UNIQUE INDEX scripts_newest_key ON scripts (tenant_id, script_id) WHERE newest;
ALTER TABLE scripts ENABLE ROW LEVEL SECURITY;
ALTER TABLE scripts FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant ON scripts USING (tenant_id = carillon_tenant()
  AND (carillon_clients() IS NULL OR client_id = ANY (carillon_clients())));

CREATE TABLE campaigns (
  tenant_id uuid NOT NULL,
  campaign_id uuid NOT NULL,
  client_id uuid NOT NULL,
  code text COLLATE "C" NOT NULL,
  state text NOT NULL,
  queue_id uuid,
  priority int NOT NULL,
  begins_at timestamptz,
  ends_at timestamptz,
  owner_unit text COLLATE "C" NOT NULL,
  owner_user text NOT NULL,
  created_at timestamptz NOT NULL,
  updated_at timestamptz NOT NULL,
  version bigint NOT NULL,
  build_run bigint NOT NULL DEFAULT 0,
  build_page int NOT NULL DEFAULT 0,
  body jsonb NOT NULL,
  CONSTRAINT campaigns_pk PRIMARY KEY (tenant_id, campaign_id),
  CONSTRAINT campaigns_code_key UNIQUE (tenant_id, client_id, code)
);
CREATE INDEX campaigns_dialling_idx ON campaigns (tenant_id, queue_id)
  WHERE state IN ('SCHEDULED', 'RUNNING', 'PAUSED', 'FOLLOW_UP');
ALTER TABLE campaigns ENABLE ROW LEVEL SECURITY;
ALTER TABLE campaigns FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant ON campaigns USING (tenant_id = carillon_tenant()
  AND (carillon_clients() IS NULL OR client_id = ANY (carillon_clients())));

-- One customer of one campaign.
CREATE TABLE target_records (
  tenant_id uuid NOT NULL,
  target_record_id uuid NOT NULL,
  campaign_id uuid NOT NULL,
  client_id uuid NOT NULL,
  customer_id uuid NOT NULL,
  contact_class text NOT NULL,
  state text NOT NULL,
  priority int NOT NULL,
  next_at timestamptz NOT NULL,
  callback_at timestamptz,
  last_attempt_id uuid,
  created_at timestamptz NOT NULL,
  body jsonb NOT NULL,
  CONSTRAINT target_records_pk PRIMARY KEY (tenant_id, target_record_id),
  CONSTRAINT target_records_customer_key UNIQUE (tenant_id, campaign_id, customer_id),
  CONSTRAINT target_records_campaign_fk FOREIGN KEY (tenant_id, campaign_id)
    REFERENCES campaigns (tenant_id, campaign_id)
);
CREATE INDEX target_records_listed_idx ON target_records (tenant_id, campaign_id, target_record_id);
CREATE INDEX target_records_next_idx ON target_records (tenant_id, campaign_id, priority, next_at, target_record_id)
  WHERE state = 'QUEUED' AND callback_at IS NULL;
CREATE INDEX target_records_due_idx ON target_records (tenant_id, campaign_id, next_at)
  WHERE state = 'QUEUED' AND callback_at IS NULL;
CREATE INDEX target_records_callback_idx ON target_records (tenant_id, campaign_id, next_at)
  WHERE state = 'QUEUED' AND callback_at IS NOT NULL;
CREATE INDEX target_records_open_idx ON target_records (tenant_id, campaign_id) WHERE state IN ('QUEUED', 'DIALLING');
CREATE INDEX target_records_customer_idx ON target_records (tenant_id, customer_id)
  WHERE state IN ('QUEUED', 'DIALLING');
ALTER TABLE target_records ENABLE ROW LEVEL SECURITY;
ALTER TABLE target_records FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant ON target_records USING (tenant_id = carillon_tenant()
  AND (carillon_clients() IS NULL OR client_id = ANY (carillon_clients())));

-- One try to reach one target. At most one of a target is alive at a time, and a call belongs to one attempt.
CREATE TABLE attempts (
  tenant_id uuid NOT NULL,
  attempt_id uuid NOT NULL,
  campaign_id uuid NOT NULL,
  target_record_id uuid NOT NULL,
  client_id uuid NOT NULL,
  customer_id uuid NOT NULL,
  queue_id uuid NOT NULL,
  state text NOT NULL,
  checked boolean NOT NULL,
  lease_request_id uuid,
  callback_at timestamptz,
  leased_at timestamptz NOT NULL,
  expires_at timestamptz NOT NULL,
  dialled_at timestamptz,
  connected_at timestamptz,
  waits_until timestamptz,
  disposition text NOT NULL,
  call_id uuid,
  body jsonb NOT NULL,
  CONSTRAINT attempts_pk PRIMARY KEY (tenant_id, attempt_id),
  CONSTRAINT attempts_target_record_fk FOREIGN KEY (tenant_id, target_record_id)
    REFERENCES target_records (tenant_id, target_record_id)
);
CREATE UNIQUE INDEX attempts_alive_key ON attempts (tenant_id, target_record_id)
  WHERE state IN ('LEASED', 'DIALLING', 'ANSWERED', 'CONNECTED');
CREATE UNIQUE INDEX attempts_call_key ON attempts (tenant_id, call_id) WHERE call_id IS NOT NULL;
CREATE INDEX attempts_queue_idx ON attempts (tenant_id, queue_id) WHERE state IN ('LEASED', 'DIALLING', 'ANSWERED');
CREATE INDEX attempts_alive_customer_idx ON attempts (tenant_id, customer_id)
  WHERE state IN ('LEASED', 'DIALLING', 'ANSWERED', 'CONNECTED');
CREATE INDEX attempts_alive_campaign_idx ON attempts (tenant_id, campaign_id)
  WHERE state IN ('LEASED', 'DIALLING', 'ANSWERED', 'CONNECTED');
CREATE INDEX attempts_lease_request_idx ON attempts (tenant_id, lease_request_id) WHERE lease_request_id IS NOT NULL;
CREATE INDEX attempts_leased_at_idx ON attempts (tenant_id, leased_at DESC, attempt_id DESC);
CREATE INDEX attempts_target_record_idx ON attempts (tenant_id, target_record_id, leased_at DESC);
CREATE INDEX attempts_campaign_idx ON attempts (tenant_id, campaign_id, leased_at DESC);
CREATE INDEX attempts_customer_idx ON attempts (tenant_id, customer_id, leased_at DESC);
CREATE INDEX attempts_waits_until_idx ON attempts (waits_until) WHERE waits_until IS NOT NULL;
ALTER TABLE attempts ENABLE ROW LEVEL SECURITY;
ALTER TABLE attempts FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant ON attempts USING (tenant_id = carillon_tenant()
  AND (carillon_clients() IS NULL OR client_id = ANY (carillon_clients())));

-- Who was contacted when, over all campaigns and clients of the tenant: a row is reserved with the lease, stays when a
-- person answered, and goes when nobody did.
CREATE TABLE contact_ledger (
  tenant_id uuid NOT NULL,
  attempt_id uuid NOT NULL,
  target_record_id uuid NOT NULL,
  customer_id uuid NOT NULL,
  contact_class text NOT NULL,
  contacted_at timestamptz NOT NULL,
  CONSTRAINT contact_ledger_pk PRIMARY KEY (tenant_id, attempt_id)
);
CREATE INDEX contact_ledger_customer_idx ON contact_ledger (tenant_id, customer_id, contact_class, contacted_at DESC);
ALTER TABLE contact_ledger ENABLE ROW LEVEL SECURITY;
ALTER TABLE contact_ledger FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant ON contact_ledger USING (tenant_id = carillon_tenant());

-- What the gate refused, each target once per reason; `told` until the target is dialled.
CREATE TABLE contact_refusals (
  tenant_id uuid NOT NULL,
  target_record_id uuid NOT NULL,
  refusal text NOT NULL,
  campaign_id uuid NOT NULL,
  refused_at timestamptz NOT NULL,
  told boolean NOT NULL,
  CONSTRAINT contact_refusals_pk PRIMARY KEY (tenant_id, target_record_id, refusal)
);
CREATE INDEX contact_refusals_campaign_idx ON contact_refusals (tenant_id, campaign_id, refused_at);
ALTER TABLE contact_refusals ENABLE ROW LEVEL SECURITY;
ALTER TABLE contact_refusals FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant ON contact_refusals USING (tenant_id = carillon_tenant());

CREATE TABLE frequency_rules (
  tenant_id uuid NOT NULL,
  frequency_rule_id uuid NOT NULL,
  contact_class text NOT NULL,
  max_count int NOT NULL,
  period_days int NOT NULL,
  on_hit text NOT NULL,
  updated_by text NOT NULL,
  updated_at timestamptz NOT NULL,
  CONSTRAINT frequency_rules_pk PRIMARY KEY (tenant_id, frequency_rule_id),
  CONSTRAINT frequency_rules_period_key UNIQUE (tenant_id, contact_class, period_days)
);
ALTER TABLE frequency_rules ENABLE ROW LEVEL SECURITY;
ALTER TABLE frequency_rules FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant ON frequency_rules USING (tenant_id = carillon_tenant());

-- A customer, or a number as its keyed hash.
CREATE TABLE do_not_call (
  tenant_id uuid NOT NULL,
  entry_id uuid NOT NULL,
  customer_id uuid,
  number_hash text COLLATE "C",
  source text NOT NULL,
  reason text NOT NULL,
  added_by text NOT NULL,
  created_at timestamptz NOT NULL,
  CONSTRAINT do_not_call_pk PRIMARY KEY (tenant_id, entry_id),
  CONSTRAINT do_not_call_subject_check CHECK ((customer_id IS NULL) <> (number_hash IS NULL))
);
CREATE UNIQUE INDEX do_not_call_customer_key ON do_not_call (tenant_id, customer_id) WHERE customer_id IS NOT NULL;
CREATE UNIQUE INDEX do_not_call_number_key ON do_not_call (tenant_id, number_hash) WHERE number_hash IS NOT NULL;
CREATE INDEX do_not_call_created_at_idx ON do_not_call (tenant_id, created_at DESC, entry_id DESC);
ALTER TABLE do_not_call ENABLE ROW LEVEL SECURITY;
ALTER TABLE do_not_call FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant ON do_not_call USING (tenant_id = carillon_tenant());

-- migrate:down
DROP TABLE do_not_call, frequency_rules, contact_refusals, contact_ledger, attempts, target_records, campaigns, scripts;
