-- migrate:up
-- Customers with what identifies, reaches and describes them. Rows travel between SQL and the .proto as JSON with the
-- field names of the .proto (docs/adr/0020), so enum columns hold the names of the .proto.

CREATE TABLE customers (
  tenant_id uuid NOT NULL,
  customer_id uuid NOT NULL,
  client_id uuid,
  state text NOT NULL,
  party_type text NOT NULL,
  display_name text NOT NULL,
  party jsonb NOT NULL,
  birth_year int,
  grade text NOT NULL,
  life_cycle_stage text NOT NULL,
  brand text NOT NULL,
  home_region text COLLATE "C" NOT NULL,
  home_branch text NOT NULL,
  preferred_language text NOT NULL,
  preferred_channel text NOT NULL,
  do_not_contact boolean NOT NULL,
  special_needs jsonb NOT NULL,
  addresses jsonb NOT NULL,
  custom_fields jsonb,
  owner_unit text COLLATE "C" NOT NULL,
  owner_user text NOT NULL,
  source_system text COLLATE "C",
  source_key text COLLATE "C",
  merged_into uuid,
  version bigint NOT NULL,
  created_at timestamptz NOT NULL,
  updated_at timestamptz NOT NULL,
  contacted_at timestamptz NOT NULL,
  CONSTRAINT customers_pk PRIMARY KEY (tenant_id, customer_id),
  CONSTRAINT customers_source_check CHECK ((source_system IS NULL) = (source_key IS NULL)),
  CONSTRAINT customers_party_type_check CHECK (party_type IN ('PERSON', 'ORGANISATION')),
  CONSTRAINT customers_state_check
    CHECK (state IN ('PROSPECT', 'ACTIVE', 'DORMANT', 'SUSPENDED', 'CLOSED', 'MERGED', 'ERASED')),
  CONSTRAINT customers_merged_into_check CHECK ((state = 'MERGED') = (merged_into IS NOT NULL))
);
-- Two customers without a source record are no duplicates of each other; two of the tenant's own (no client) are.
CREATE UNIQUE INDEX customers_source_key
  ON customers (tenant_id, client_id, source_system, source_key) NULLS NOT DISTINCT WHERE source_key IS NOT NULL;
CREATE INDEX customers_tenant_id_contacted_at_idx ON customers (tenant_id, contacted_at) WHERE state = 'ACTIVE';

CREATE TABLE customer_identifiers (
  tenant_id uuid NOT NULL,
  customer_id uuid NOT NULL,
  client_id uuid,
  position int NOT NULL,
  type text NOT NULL,
  number_sealed text NOT NULL,
  number_hash text COLLATE "C" NOT NULL,
  expiry_date jsonb,
  CONSTRAINT customer_identifiers_pk PRIMARY KEY (tenant_id, customer_id, position),
  CONSTRAINT customer_identifiers_customer_fk FOREIGN KEY (tenant_id, customer_id) REFERENCES customers ON DELETE CASCADE,
  CONSTRAINT customer_identifiers_number_key UNIQUE NULLS NOT DISTINCT (tenant_id, number_hash, type, client_id)
);

CREATE TABLE contact_media (
  tenant_id uuid NOT NULL,
  customer_id uuid NOT NULL,
  client_id uuid,
  position int NOT NULL,
  type text NOT NULL,
  number text COLLATE "C",
  address text,
  is_primary boolean NOT NULL,
  purpose text NOT NULL,
  best_time text NOT NULL,
  own_line boolean NOT NULL,
  verified_at timestamptz,
  CONSTRAINT contact_media_pk PRIMARY KEY (tenant_id, customer_id, position),
  CONSTRAINT contact_media_customer_fk FOREIGN KEY (tenant_id, customer_id) REFERENCES customers ON DELETE CASCADE,
  CONSTRAINT contact_media_number_check CHECK ((number IS NULL) <> (address IS NULL))
);
CREATE INDEX contact_media_tenant_id_number_idx ON contact_media (tenant_id, number) WHERE number IS NOT NULL;

CREATE TABLE accounts (
  tenant_id uuid NOT NULL,
  customer_id uuid NOT NULL,
  client_id uuid,
  position int NOT NULL,
  number_sealed text NOT NULL,
  number_hash text COLLATE "C" NOT NULL,
  type text NOT NULL,
  product_code text NOT NULL,
  state text NOT NULL,
  open_date jsonb,
  expiry_date jsonb,
  expires_on date,
  balance jsonb,
  arrears jsonb,
  points bigint NOT NULL,
  CONSTRAINT accounts_pk PRIMARY KEY (tenant_id, customer_id, position),
  CONSTRAINT accounts_customer_fk FOREIGN KEY (tenant_id, customer_id) REFERENCES customers ON DELETE CASCADE
);
CREATE INDEX accounts_tenant_id_number_hash_idx ON accounts (tenant_id, number_hash);

CREATE TABLE segments (
  tenant_id uuid NOT NULL,
  customer_id uuid NOT NULL,
  client_id uuid,
  dimension text COLLATE "C" NOT NULL,
  value text NOT NULL,
  score double precision NOT NULL,
  model_version text NOT NULL,
  computed_at timestamptz NOT NULL,
  CONSTRAINT segments_pk PRIMARY KEY (tenant_id, customer_id, dimension),
  CONSTRAINT segments_customer_fk FOREIGN KEY (tenant_id, customer_id) REFERENCES customers ON DELETE CASCADE
);

CREATE TABLE consents (
  tenant_id uuid NOT NULL,
  customer_id uuid NOT NULL,
  client_id uuid,
  channel text NOT NULL,
  purpose text NOT NULL,
  decision text NOT NULL,
  evidence text NOT NULL,
  decided_at timestamptz NOT NULL,
  CONSTRAINT consents_pk PRIMARY KEY (tenant_id, customer_id, channel, purpose),
  CONSTRAINT consents_customer_fk FOREIGN KEY (tenant_id, customer_id) REFERENCES customers ON DELETE CASCADE
);

-- Alerts are kept after they were cleared.
CREATE TABLE alerts (
  tenant_id uuid NOT NULL,
  alert_id uuid NOT NULL,
  customer_id uuid NOT NULL,
  client_id uuid,
  code text NOT NULL,
  severity text NOT NULL,
  reason text NOT NULL,
  subject text NOT NULL,
  raised_by text NOT NULL,
  raised_at timestamptz NOT NULL,
  expires_at timestamptz,
  cleared_by text,
  cleared_at timestamptz,
  clear_reason text,
  CONSTRAINT alerts_pk PRIMARY KEY (tenant_id, alert_id),
  CONSTRAINT alerts_customer_fk FOREIGN KEY (tenant_id, customer_id) REFERENCES customers ON DELETE CASCADE
);
CREATE INDEX alerts_tenant_id_customer_id_idx ON alerts (tenant_id, customer_id) WHERE cleared_at IS NULL;

-- What names and numbers are found by: 'n' and a term of the name, 'p' and a phone number's digits, last first.
CREATE TABLE customer_terms (
  tenant_id uuid NOT NULL,
  term text COLLATE "C" NOT NULL,
  customer_id uuid NOT NULL,
  client_id uuid,
  CONSTRAINT customer_terms_pk PRIMARY KEY (tenant_id, term, customer_id),
  CONSTRAINT customer_terms_customer_fk FOREIGN KEY (tenant_id, customer_id) REFERENCES customers ON DELETE CASCADE
);
CREATE INDEX customer_terms_tenant_id_customer_id_idx ON customer_terms (tenant_id, customer_id);

CREATE TABLE last_contacts (
  tenant_id uuid NOT NULL,
  customer_id uuid NOT NULL,
  client_id uuid,
  direction text NOT NULL,
  contacted_at timestamptz NOT NULL,
  channel text NOT NULL,
  interaction text NOT NULL,
  agent text NOT NULL,
  queue text NOT NULL,
  reason text NOT NULL,
  disposition text NOT NULL,
  recent_us bigint[] NOT NULL,
  CONSTRAINT last_contacts_pk PRIMARY KEY (tenant_id, customer_id, direction),
  CONSTRAINT last_contacts_customer_fk FOREIGN KEY (tenant_id, customer_id) REFERENCES customers ON DELETE CASCADE
);

-- Only a slow hash is kept. Locks are real time.
CREATE TABLE service_passwords (
  tenant_id uuid NOT NULL,
  customer_id uuid NOT NULL,
  client_id uuid,
  password_hash text NOT NULL,
  failed_tries int NOT NULL,
  locked_until timestamptz,
  changed_at timestamptz NOT NULL,
  CONSTRAINT service_passwords_pk PRIMARY KEY (tenant_id, customer_id),
  CONSTRAINT service_passwords_customer_fk FOREIGN KEY (tenant_id, customer_id) REFERENCES customers ON DELETE CASCADE
);

DO $$
DECLARE
  name text;
BEGIN
  FOREACH name IN ARRAY ARRAY['customers', 'customer_identifiers', 'contact_media', 'accounts', 'segments', 'consents',
                              'alerts', 'customer_terms', 'last_contacts', 'service_passwords'] LOOP
    EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', name);
    EXECUTE format('ALTER TABLE %I FORCE ROW LEVEL SECURITY', name);
    EXECUTE format('CREATE POLICY tenant ON %I USING (tenant_id = carillon_tenant() AND '
                   '(client_id IS NULL OR carillon_clients() IS NULL OR client_id = ANY (carillon_clients())))', name);
  END LOOP;
END $$;

-- A time as the JSON form of google.protobuf.Timestamp.
CREATE FUNCTION proto_time(at timestamptz) RETURNS text LANGUAGE sql STABLE PARALLEL SAFE
AS $$ SELECT to_char(at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') $$;

-- A customer whole, in the JSON form of the .proto; numbers of identifiers and accounts sealed. The row-level security
-- of whoever asks applies (security_invoker).
CREATE VIEW customer_documents WITH (security_invoker = true) AS
SELECT c.tenant_id, c.customer_id, c.state, c.grade, c.client_id,
  json_strip_nulls(json_build_object(
    'name', 'customers/' || c.customer_id,
    'client', 'clients/' || c.client_id,
    'state', c.state,
    'person', CASE WHEN c.party_type = 'PERSON' THEN c.party END,
    'organisation', CASE WHEN c.party_type = 'ORGANISATION' THEN c.party END,
    'display_name', c.display_name,
    'identifiers', (SELECT json_agg(json_build_object('type', i.type, 'number', i.number_sealed,
                                                      'expiry_date', i.expiry_date) ORDER BY i.position)
                    FROM customer_identifiers i WHERE i.tenant_id = c.tenant_id AND i.customer_id = c.customer_id),
    'contacts', (SELECT json_agg(json_build_object('type', m.type, 'number', m.number, 'address', m.address,
                                                   'primary', m.is_primary, 'purpose', m.purpose,
                                                   'best_time', m.best_time, 'own_line', m.own_line,
                                                   'verify_time', proto_time(m.verified_at)) ORDER BY m.position)
                 FROM contact_media m WHERE m.tenant_id = c.tenant_id AND m.customer_id = c.customer_id),
    'addresses', c.addresses,
    'accounts', (SELECT json_agg(json_build_object('number', a.number_sealed, 'type', a.type,
                                                   'product_code', a.product_code, 'state', a.state,
                                                   'open_date', a.open_date, 'expiry_date', a.expiry_date,
                                                   'balance', a.balance, 'arrears', a.arrears,
                                                   'points', a.points::text) ORDER BY a.position)
                 FROM accounts a WHERE a.tenant_id = c.tenant_id AND a.customer_id = c.customer_id),
    'segments', (SELECT json_agg(json_build_object('dimension', s.dimension, 'value', s.value, 'score', s.score,
                                                   'model_version', s.model_version,
                                                   'compute_time', proto_time(s.computed_at)) ORDER BY s.dimension)
                 FROM segments s WHERE s.tenant_id = c.tenant_id AND s.customer_id = c.customer_id),
    'grade', c.grade,
    'brand', c.brand,
    'home_region', c.home_region,
    'home_branch', c.home_branch,
    'preferred_language', c.preferred_language,
    'preferred_channel', c.preferred_channel,
    'do_not_contact', c.do_not_contact,
    'consents', (SELECT json_agg(json_build_object('channel', o.channel, 'purpose', o.purpose, 'decision', o.decision,
                                                   'evidence', o.evidence, 'decide_time', proto_time(o.decided_at))
                                 ORDER BY o.channel, o.purpose)
                 FROM consents o WHERE o.tenant_id = c.tenant_id AND o.customer_id = c.customer_id),
    'alerts', (SELECT json_agg(json_build_object('name', 'customers/' || l.customer_id || '/alerts/' || l.alert_id,
                                                 'code', l.code, 'severity', l.severity, 'reason', l.reason,
                                                 'subject', l.subject, 'raised_by', l.raised_by,
                                                 'raise_time', proto_time(l.raised_at),
                                                 'expire_time', proto_time(l.expires_at)) ORDER BY l.raised_at, l.alert_id)
               FROM alerts l WHERE l.tenant_id = c.tenant_id AND l.customer_id = c.customer_id AND l.cleared_at IS NULL),
    'special_needs', c.special_needs,
    'life_cycle_stage', c.life_cycle_stage,
    'owner_unit', c.owner_unit,
    'owner_user', c.owner_user,
    'source', CASE WHEN c.source_key IS NOT NULL
                   THEN json_build_object('system', c.source_system, 'key', c.source_key) END,
    'merged_into', 'customers/' || c.merged_into,
    'has_service_password', EXISTS (SELECT FROM service_passwords p
                                    WHERE p.tenant_id = c.tenant_id AND p.customer_id = c.customer_id),
    'etag', c.version::text,
    'create_time', proto_time(c.created_at),
    'update_time', proto_time(c.updated_at)))::text AS document,
  c.custom_fields::text AS custom_fields
FROM customers c;

-- migrate:down
DROP VIEW customer_documents;
DROP FUNCTION proto_time(timestamptz);
DROP TABLE service_passwords, last_contacts, customer_terms, alerts, consents, segments, accounts, contact_media,
  customer_identifiers, customers;
