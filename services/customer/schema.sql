-- What the migrations make; written by tests/store/schema/schema.py --write, never by hand.
CREATE FUNCTION public.carillon_clients() RETURNS uuid[]
    LANGUAGE sql STABLE PARALLEL SAFE
    AS $$ SELECT CASE current_setting('app.clients', true) WHEN '*' THEN NULL
             ELSE coalesce(nullif(current_setting('app.clients', true), '')::uuid[], '{}') END $$;
CREATE FUNCTION public.carillon_make_partition(parent text, month date) RETURNS void
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'public'
    AS $$
DECLARE
  first date := date_trunc('month', month)::date;
  child text := format('%s_%s', parent, to_char(first, 'YYYYMM'));
BEGIN
  PERFORM pg_advisory_xact_lock(hashtext('carillon_make_partition'));
  IF to_regclass(quote_ident(child)) IS NOT NULL THEN RETURN; END IF;
  EXECUTE format('CREATE TABLE %I PARTITION OF %I FOR VALUES FROM (%L) TO (%L)', child, parent,
                 first::timestamptz, (first + interval '1 month')::timestamptz);
  EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', child);
  EXECUTE format('ALTER TABLE %I FORCE ROW LEVEL SECURITY', child);
END $$;
CREATE FUNCTION public.carillon_partitioned() RETURNS SETOF text
    LANGUAGE sql STABLE
    AS $$ SELECT c.relname::text FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
      WHERE c.relkind = 'p' AND n.nspname = 'public' ORDER BY 1 $$;
CREATE FUNCTION public.carillon_tenant() RETURNS uuid
    LANGUAGE sql STABLE PARALLEL SAFE
    AS $$ SELECT nullif(current_setting('app.tenant', true), '')::uuid $$;
CREATE FUNCTION public.customer_age(party jsonb, at timestamp with time zone) RETURNS integer
    LANGUAGE sql STABLE PARALLEL SAFE
    AS $$ SELECT CASE WHEN (party->'birth_date'->>'year')::int > 0 THEN
        extract(year FROM age((at AT TIME ZONE 'Asia/Shanghai')::date,
                              make_date((party->'birth_date'->>'year')::int,
                                        greatest(1, (party->'birth_date'->>'month')::int),
                                        greatest(1, (party->'birth_date'->>'day')::int))))::int END $$;
CREATE FUNCTION public.customer_family(root uuid) RETURNS SETOF uuid
    LANGUAGE sql STABLE PARALLEL SAFE
    AS $$
  WITH RECURSIVE family AS (
    SELECT root AS id
    UNION ALL
    SELECT c.customer_id FROM family f JOIN customers c ON c.tenant_id = carillon_tenant() AND c.merged_into = f.id)
  SELECT id FROM family
$$;
CREATE FUNCTION public.customer_locked(id uuid) RETURNS TABLE(document text, custom_fields text, composed boolean)
    LANGUAGE plpgsql
    AS $$
DECLARE
  of_records boolean;
BEGIN
  SELECT c.composed INTO of_records FROM customers c WHERE c.tenant_id = carillon_tenant() AND c.customer_id = id FOR UPDATE;
  IF NOT FOUND THEN
    RETURN;
  END IF;
  RETURN QUERY SELECT d.document, d.custom_fields, of_records FROM customer_documents d
    WHERE d.tenant_id = carillon_tenant() AND d.customer_id = id;
END $$;
CREATE FUNCTION public.customers_estimated(conditions text[], given text[], at timestamp with time zone, client uuid) RETURNS TABLE(exact boolean, customers bigint, passing bigint[])
    LANGUAGE plpgsql STABLE
    AS $_$
DECLARE
  share double precision;
  one text;
  counts text := 'count(*)';
  found bigint[];
BEGIN
  SELECT CASE WHEN count(*) > 20000 THEN
           (SELECT least(100, 100 * 20000 / greatest(1, reltuples)) FROM pg_class WHERE oid = 'customers'::regclass)
         ELSE 100 END INTO share
    FROM (SELECT FROM customers c WHERE c.tenant_id = carillon_tenant() LIMIT 20001) few;
  FOREACH one IN ARRAY conditions LOOP
    counts := counts || ', count(*) FILTER (WHERE ' || one || ')';
  END LOOP;
  EXECUTE 'SELECT ARRAY[' || counts || '] FROM customers c ' ||
    CASE WHEN share < 100 THEN 'TABLESAMPLE SYSTEM ($4) REPEATABLE (7) ' ELSE '' END ||
    'WHERE c.tenant_id = carillon_tenant() AND c.state NOT IN (''MERGED'', ''ERASED'') '
    'AND ($3 IS NULL OR c.client_id = $3)' INTO found USING given, at, client, share;
  exact := share >= 100;
  customers := round(found[1] * 100 / share);
  passing := ARRAY(SELECT round(n * 100 / share)::bigint FROM unnest(found[2:]) WITH ORDINALITY AS f(n, nth) ORDER BY nth);
  RETURN NEXT;
END $_$;
CREATE FUNCTION public.customers_judged(conditions text[], given text[], at timestamp with time zone, ids uuid[]) RETURNS TABLE(customer_id uuid, passed boolean[])
    LANGUAGE plpgsql STABLE
    AS $_$
BEGIN
  RETURN QUERY EXECUTE 'SELECT c.customer_id, ARRAY[' || array_to_string(conditions, ', ') || ']::boolean[] '
    'FROM customers c WHERE c.tenant_id = carillon_tenant() AND c.customer_id = ANY ($3)' USING given, at, ids;
END $_$;
CREATE FUNCTION public.customers_passing(condition text, given text[], at timestamp with time zone, client uuid, most bigint) RETURNS TABLE(customer_id uuid, client_id uuid)
    LANGUAGE plpgsql STABLE
    AS $_$
BEGIN
  RETURN QUERY EXECUTE 'SELECT c.customer_id, c.client_id FROM customers c WHERE c.tenant_id = carillon_tenant() '
    'AND c.state NOT IN (''MERGED'', ''ERASED'') AND ($3 IS NULL OR c.client_id = $3) AND ' || condition ||
    ' ORDER BY c.customer_id LIMIT $4' USING given, at, client, most;
END $_$;
CREATE FUNCTION public.pg_us(at timestamp with time zone) RETURNS bigint
    LANGUAGE sql IMMUTABLE PARALLEL SAFE
    AS $$ SELECT (extract(epoch FROM at) * 1000000)::bigint $$;
CREATE FUNCTION public.proto_time(at timestamp with time zone) RETURNS text
    LANGUAGE sql STABLE PARALLEL SAFE
    AS $$ SELECT to_char(at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') $$;
CREATE TABLE public.accounts (
    tenant_id uuid NOT NULL,
    customer_id uuid NOT NULL,
    client_id uuid,
    "position" integer NOT NULL,
    number_sealed text NOT NULL,
    number_hash text NOT NULL COLLATE pg_catalog."C",
    type text NOT NULL,
    product_code text NOT NULL,
    state text NOT NULL,
    open_date jsonb,
    expiry_date jsonb,
    expires_on date,
    balance jsonb,
    arrears jsonb,
    points bigint NOT NULL,
    monthly_fee jsonb
);
ALTER TABLE ONLY public.accounts FORCE ROW LEVEL SECURITY;
CREATE TABLE public.alerts (
    tenant_id uuid NOT NULL,
    alert_id uuid NOT NULL,
    customer_id uuid NOT NULL,
    client_id uuid,
    code text NOT NULL,
    severity text NOT NULL,
    reason text NOT NULL,
    subject text NOT NULL,
    raised_by text NOT NULL,
    raised_at timestamp with time zone NOT NULL,
    expires_at timestamp with time zone,
    cleared_by text,
    cleared_at timestamp with time zone,
    clear_reason text,
    home_id uuid
);
ALTER TABLE ONLY public.alerts FORCE ROW LEVEL SECURITY;
COMMENT ON COLUMN public.alerts.home_id IS 'the customer it was raised on, when that went into another one';
CREATE TABLE public.codes (
    tenant_id uuid NOT NULL,
    list text NOT NULL COLLATE pg_catalog."C",
    code text NOT NULL COLLATE pg_catalog."C",
    body jsonb NOT NULL
);
ALTER TABLE ONLY public.codes FORCE ROW LEVEL SECURITY;
CREATE TABLE public.consent_records (
    tenant_id uuid NOT NULL,
    customer_id uuid NOT NULL,
    client_id uuid,
    channel text NOT NULL,
    purpose text NOT NULL,
    decision text NOT NULL,
    evidence text NOT NULL,
    decided_at timestamp with time zone NOT NULL,
    recorded_at timestamp with time zone NOT NULL,
    recorded_by text NOT NULL
);
ALTER TABLE ONLY public.consent_records FORCE ROW LEVEL SECURITY;
CREATE TABLE public.consents (
    tenant_id uuid NOT NULL,
    customer_id uuid NOT NULL,
    client_id uuid,
    channel text NOT NULL,
    purpose text NOT NULL,
    decision text NOT NULL,
    evidence text NOT NULL,
    decided_at timestamp with time zone NOT NULL
);
ALTER TABLE ONLY public.consents FORCE ROW LEVEL SECURITY;
CREATE TABLE public.contact_media (
    tenant_id uuid NOT NULL,
    customer_id uuid NOT NULL,
    client_id uuid,
    "position" integer NOT NULL,
    type text NOT NULL,
    number text COLLATE pg_catalog."C",
    address text,
    is_primary boolean NOT NULL,
    purpose text NOT NULL,
    best_time text NOT NULL,
    own_line boolean NOT NULL,
    verified_at timestamp with time zone,
    bounce_count integer DEFAULT 0 NOT NULL,
    CONSTRAINT contact_media_number_check CHECK (((number IS NULL) <> (address IS NULL)))
);
ALTER TABLE ONLY public.contact_media FORCE ROW LEVEL SECURITY;
CREATE TABLE public.custom_fields (
    tenant_id uuid NOT NULL,
    key text NOT NULL COLLATE pg_catalog."C",
    body jsonb NOT NULL
);
ALTER TABLE ONLY public.custom_fields FORCE ROW LEVEL SECURITY;
CREATE TABLE public.customer_identifiers (
    tenant_id uuid NOT NULL,
    customer_id uuid NOT NULL,
    client_id uuid,
    "position" integer NOT NULL,
    type text NOT NULL,
    number_sealed text NOT NULL,
    number_hash text NOT NULL COLLATE pg_catalog."C",
    expiry_date jsonb
);
ALTER TABLE ONLY public.customer_identifiers FORCE ROW LEVEL SECURITY;
CREATE TABLE public.customers (
    tenant_id uuid NOT NULL,
    customer_id uuid NOT NULL,
    client_id uuid,
    state text NOT NULL,
    party_type text NOT NULL,
    display_name text NOT NULL,
    party jsonb NOT NULL,
    birth_year integer,
    grade text NOT NULL,
    life_cycle_stage text NOT NULL,
    brand text NOT NULL,
    home_region text NOT NULL COLLATE pg_catalog."C",
    home_branch text NOT NULL,
    preferred_language text NOT NULL,
    preferred_channel text NOT NULL,
    do_not_contact boolean NOT NULL,
    special_needs jsonb NOT NULL,
    addresses jsonb NOT NULL,
    custom_fields jsonb,
    owner_unit text NOT NULL COLLATE pg_catalog."C",
    owner_user text NOT NULL,
    source_system text COLLATE pg_catalog."C",
    source_key text COLLATE pg_catalog."C",
    merged_into uuid,
    version bigint NOT NULL,
    created_at timestamp with time zone NOT NULL,
    updated_at timestamp with time zone NOT NULL,
    contacted_at timestamp with time zone NOT NULL,
    composed boolean DEFAULT false NOT NULL,
    changed_xid xid8 DEFAULT pg_current_xact_id() NOT NULL,
    lifetime_value jsonb,
    CONSTRAINT customers_merged_into_check CHECK (((state = 'MERGED'::text) = (merged_into IS NOT NULL))),
    CONSTRAINT customers_party_type_check CHECK ((party_type = ANY (ARRAY['PERSON'::text, 'ORGANISATION'::text]))),
    CONSTRAINT customers_source_check CHECK (((source_system IS NULL) = (source_key IS NULL))),
    CONSTRAINT customers_state_check CHECK ((state = ANY (ARRAY['PROSPECT'::text, 'ACTIVE'::text, 'DORMANT'::text, 'SUSPENDED'::text, 'CLOSED'::text, 'MERGED'::text, 'ERASED'::text])))
);
ALTER TABLE ONLY public.customers FORCE ROW LEVEL SECURITY;
COMMENT ON COLUMN public.customers.composed IS 'its values are made of source_records; else the row is its own only record';
COMMENT ON COLUMN public.customers.changed_xid IS 'the transaction that changed it last: whoever reads those that are all over skips none';
CREATE TABLE public.segments (
    tenant_id uuid NOT NULL,
    customer_id uuid NOT NULL,
    client_id uuid,
    dimension text NOT NULL COLLATE pg_catalog."C",
    value text NOT NULL,
    score double precision NOT NULL,
    model_version text NOT NULL,
    computed_at timestamp with time zone NOT NULL
);
ALTER TABLE ONLY public.segments FORCE ROW LEVEL SECURITY;
CREATE TABLE public.service_passwords (
    tenant_id uuid NOT NULL,
    customer_id uuid NOT NULL,
    client_id uuid,
    password_hash text NOT NULL,
    failed_tries integer NOT NULL,
    locked_until timestamp with time zone,
    changed_at timestamp with time zone NOT NULL
);
ALTER TABLE ONLY public.service_passwords FORCE ROW LEVEL SECURITY;
CREATE VIEW public.customer_documents WITH (security_invoker='true') AS
 SELECT c.tenant_id,
    c.customer_id,
    c.state,
    c.grade,
    c.client_id,
    (json_strip_nulls(json_build_object('name', ('customers/'::text || c.customer_id), 'client', ('clients/'::text || c.client_id), 'state', c.state, 'person',
        CASE
            WHEN (c.party_type = 'PERSON'::text) THEN c.party
            ELSE NULL::jsonb
        END, 'organisation',
        CASE
            WHEN (c.party_type = 'ORGANISATION'::text) THEN c.party
            ELSE NULL::jsonb
        END, 'display_name', c.display_name, 'identifiers', ( SELECT json_agg(json_build_object('type', i.type, 'number', i.number_sealed, 'expiry_date', i.expiry_date) ORDER BY i."position") AS json_agg
           FROM public.customer_identifiers i
          WHERE ((i.tenant_id = c.tenant_id) AND (i.customer_id = c.customer_id))), 'contacts', ( SELECT json_agg(json_build_object('type', m.type, 'number', m.number, 'address', m.address, 'primary', m.is_primary, 'purpose', m.purpose, 'best_time', m.best_time, 'own_line', m.own_line, 'bounce_count', NULLIF(m.bounce_count, 0), 'verify_time', public.proto_time(m.verified_at)) ORDER BY m."position") AS json_agg
           FROM public.contact_media m
          WHERE ((m.tenant_id = c.tenant_id) AND (m.customer_id = c.customer_id))), 'addresses', c.addresses, 'accounts', ( SELECT json_agg(json_build_object('number', a.number_sealed, 'type', a.type, 'product_code', a.product_code, 'state', a.state, 'open_date', a.open_date, 'expiry_date', a.expiry_date, 'balance', a.balance, 'arrears', a.arrears, 'points', (a.points)::text, 'monthly_fee', a.monthly_fee) ORDER BY a."position") AS json_agg
           FROM public.accounts a
          WHERE ((a.tenant_id = c.tenant_id) AND (a.customer_id = c.customer_id))), 'segments', ( SELECT json_agg(json_build_object('dimension', s.dimension, 'value', s.value, 'score', s.score, 'model_version', s.model_version, 'compute_time', public.proto_time(s.computed_at)) ORDER BY s.dimension) AS json_agg
           FROM public.segments s
          WHERE ((s.tenant_id = c.tenant_id) AND (s.customer_id = c.customer_id))), 'grade', c.grade, 'brand', c.brand, 'home_region', c.home_region, 'home_branch', c.home_branch, 'preferred_language', c.preferred_language, 'preferred_channel', c.preferred_channel, 'do_not_contact', c.do_not_contact, 'consents', ( SELECT json_agg(json_build_object('channel', o.channel, 'purpose', o.purpose, 'decision', o.decision, 'evidence', o.evidence, 'decide_time', public.proto_time(o.decided_at)) ORDER BY o.channel, o.purpose) AS json_agg
           FROM public.consents o
          WHERE ((o.tenant_id = c.tenant_id) AND (o.customer_id = c.customer_id))), 'alerts', ( SELECT json_agg(json_build_object('name', ((('customers/'::text || l.customer_id) || '/alerts/'::text) || l.alert_id), 'code', l.code, 'severity', l.severity, 'reason', l.reason, 'subject', l.subject, 'raised_by', l.raised_by, 'raise_time', public.proto_time(l.raised_at), 'expire_time', public.proto_time(l.expires_at)) ORDER BY l.raised_at, l.alert_id) AS json_agg
           FROM public.alerts l
          WHERE ((l.tenant_id = c.tenant_id) AND (l.customer_id = c.customer_id) AND (l.cleared_at IS NULL))), 'special_needs', c.special_needs, 'life_cycle_stage', c.life_cycle_stage, 'owner_unit', c.owner_unit, 'owner_user', c.owner_user, 'source',
        CASE
            WHEN (c.source_key IS NOT NULL) THEN json_build_object('system', c.source_system, 'key', c.source_key)
            ELSE NULL::json
        END, 'merged_into', ('customers/'::text || c.merged_into), 'has_service_password', (EXISTS ( SELECT
           FROM public.service_passwords p
          WHERE ((p.tenant_id = c.tenant_id) AND (p.customer_id = c.customer_id)))), 'etag', (c.version)::text, 'create_time', public.proto_time(c.created_at), 'update_time', public.proto_time(c.updated_at), 'lifetime_value', c.lifetime_value)))::text AS document,
    (c.custom_fields)::text AS custom_fields
   FROM public.customers c;
CREATE TABLE public.customer_terms (
    tenant_id uuid NOT NULL,
    term text NOT NULL COLLATE pg_catalog."C",
    customer_id uuid NOT NULL,
    client_id uuid
);
ALTER TABLE ONLY public.customer_terms FORCE ROW LEVEL SECURITY;
CREATE TABLE public.customer_versions (
    tenant_id uuid NOT NULL,
    customer_id uuid NOT NULL,
    version bigint NOT NULL,
    client_id uuid,
    changed_at timestamp with time zone NOT NULL,
    changed_by text NOT NULL,
    method text NOT NULL,
    sealed text NOT NULL
);
ALTER TABLE ONLY public.customer_versions FORCE ROW LEVEL SECURITY;
CREATE TABLE public.erasures (
    tenant_id uuid NOT NULL,
    customer_id uuid NOT NULL,
    client_id uuid,
    erased_at timestamp with time zone NOT NULL,
    emptied boolean DEFAULT false NOT NULL,
    body jsonb NOT NULL
);
ALTER TABLE ONLY public.erasures FORCE ROW LEVEL SECURITY;
COMMENT ON COLUMN public.erasures.emptied IS 'what the law made us keep of it is gone too';
CREATE TABLE public.inbox (
    tenant_id uuid NOT NULL,
    event_id uuid NOT NULL,
    occurred_at timestamp with time zone NOT NULL,
    topic text NOT NULL,
    type text NOT NULL
)
PARTITION BY RANGE (occurred_at);
ALTER TABLE ONLY public.inbox FORCE ROW LEVEL SECURITY;
CREATE TABLE public.inbox_rest (
    tenant_id uuid NOT NULL,
    event_id uuid NOT NULL,
    occurred_at timestamp with time zone NOT NULL,
    topic text NOT NULL,
    type text NOT NULL
);
ALTER TABLE ONLY public.inbox_rest FORCE ROW LEVEL SECURITY;
CREATE TABLE public.last_contacts (
    tenant_id uuid NOT NULL,
    customer_id uuid NOT NULL,
    client_id uuid,
    direction text NOT NULL,
    contacted_at timestamp with time zone NOT NULL,
    channel text NOT NULL,
    interaction text NOT NULL,
    agent text NOT NULL,
    queue text NOT NULL,
    reason text NOT NULL,
    disposition text NOT NULL,
    recent_us bigint[] NOT NULL
);
ALTER TABLE ONLY public.last_contacts FORCE ROW LEVEL SECURITY;
CREATE TABLE public.manager_assignments (
    tenant_id uuid NOT NULL,
    assignment_id uuid NOT NULL,
    client_id uuid,
    customer_id uuid NOT NULL,
    manager text NOT NULL COLLATE pg_catalog."C",
    role text NOT NULL,
    ended boolean NOT NULL,
    body jsonb NOT NULL
);
ALTER TABLE ONLY public.manager_assignments FORCE ROW LEVEL SECURITY;
CREATE TABLE public.match_models (
    tenant_id uuid NOT NULL,
    started_at timestamp with time zone NOT NULL,
    ended boolean NOT NULL,
    after_id uuid NOT NULL,
    seen jsonb NOT NULL,
    body jsonb NOT NULL
);
ALTER TABLE ONLY public.match_models FORCE ROW LEVEL SECURITY;
CREATE TABLE public.match_policies (
    tenant_id uuid NOT NULL,
    body jsonb NOT NULL
);
ALTER TABLE ONLY public.match_policies FORCE ROW LEVEL SECURITY;
CREATE TABLE public.merge_cases (
    tenant_id uuid NOT NULL,
    case_id uuid NOT NULL,
    client_id uuid,
    first_id uuid NOT NULL,
    second_id uuid NOT NULL,
    state text NOT NULL,
    body jsonb NOT NULL
);
ALTER TABLE ONLY public.merge_cases FORCE ROW LEVEL SECURITY;
CREATE TABLE public.merges (
    tenant_id uuid NOT NULL,
    merge_id uuid NOT NULL,
    client_id uuid,
    customer_id uuid NOT NULL,
    survivor_id uuid NOT NULL,
    state_before text NOT NULL,
    reason text NOT NULL,
    merged_by text NOT NULL,
    merged_at timestamp with time zone NOT NULL,
    undone_by text,
    undone_at timestamp with time zone
);
ALTER TABLE ONLY public.merges FORCE ROW LEVEL SECURITY;
CREATE TABLE public.outbox (
    id bigint NOT NULL,
    tenant_id uuid NOT NULL,
    event_id uuid NOT NULL,
    topic text NOT NULL,
    key text NOT NULL,
    type text NOT NULL,
    payload bytea NOT NULL,
    occurred_at timestamp with time zone NOT NULL,
    traceparent text NOT NULL
);
ALTER TABLE ONLY public.outbox FORCE ROW LEVEL SECURITY;
ALTER TABLE public.outbox ALTER COLUMN id ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME public.outbox_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);
CREATE TABLE public.outbox_published (
    tenant_id uuid NOT NULL,
    topic text NOT NULL,
    type text NOT NULL,
    events bigint NOT NULL
);
ALTER TABLE ONLY public.outbox_published FORCE ROW LEVEL SECURITY;
CREATE TABLE public.party_interactions (
    tenant_id uuid NOT NULL,
    customer_id uuid NOT NULL,
    interaction_id uuid NOT NULL,
    client_id uuid,
    ended_at timestamp with time zone NOT NULL,
    body jsonb NOT NULL
);
ALTER TABLE ONLY public.party_interactions FORCE ROW LEVEL SECURITY;
CREATE TABLE public.quality_issues (
    tenant_id uuid NOT NULL,
    issue_id uuid NOT NULL,
    client_id uuid,
    customer_id uuid,
    row_tag text COLLATE pg_catalog."C",
    rule text NOT NULL COLLATE pg_catalog."C",
    state text NOT NULL,
    owner text NOT NULL,
    body jsonb NOT NULL
);
ALTER TABLE ONLY public.quality_issues FORCE ROW LEVEL SECURITY;
CREATE TABLE public.quality_rules (
    tenant_id uuid NOT NULL,
    code text NOT NULL COLLATE pg_catalog."C",
    body jsonb NOT NULL
);
ALTER TABLE ONLY public.quality_rules FORCE ROW LEVEL SECURITY;
CREATE TABLE public.quality_runs (
    tenant_id uuid NOT NULL,
    run_id uuid NOT NULL,
    started_at timestamp with time zone NOT NULL,
    ended boolean NOT NULL,
    after_id uuid NOT NULL,
    tally jsonb NOT NULL,
    body jsonb NOT NULL
);
ALTER TABLE ONLY public.quality_runs FORCE ROW LEVEL SECURITY;
CREATE TABLE public.quality_scores (
    tenant_id uuid NOT NULL,
    run_id uuid NOT NULL,
    "position" integer NOT NULL,
    source text NOT NULL COLLATE pg_catalog."C",
    is_dimension boolean NOT NULL,
    body jsonb NOT NULL
);
ALTER TABLE ONLY public.quality_scores FORCE ROW LEVEL SECURITY;
CREATE TABLE public.relationships (
    tenant_id uuid NOT NULL,
    relationship_id uuid NOT NULL,
    client_id uuid,
    customer_id uuid NOT NULL,
    other_id uuid NOT NULL,
    type text NOT NULL COLLATE pg_catalog."C",
    ends_at timestamp with time zone,
    body jsonb NOT NULL
);
ALTER TABLE ONLY public.relationships FORCE ROW LEVEL SECURITY;
CREATE TABLE public.request_replays (
    tenant_id uuid NOT NULL,
    principal text NOT NULL COLLATE pg_catalog."C",
    method text NOT NULL COLLATE pg_catalog."C",
    request_id uuid NOT NULL,
    request_hash bytea NOT NULL,
    response bytea,
    answered_at timestamp with time zone DEFAULT now() NOT NULL
);
ALTER TABLE ONLY public.request_replays FORCE ROW LEVEL SECURITY;
CREATE TABLE public.schema_migrations (
    version character varying NOT NULL
);
CREATE TABLE public.sealing_keys (
    tenant_id uuid NOT NULL,
    beginning text NOT NULL COLLATE pg_catalog."C",
    used_at timestamp with time zone NOT NULL,
    swept_at timestamp with time zone
);
ALTER TABLE ONLY public.sealing_keys FORCE ROW LEVEL SECURITY;
COMMENT ON COLUMN public.sealing_keys.used_at IS 'when a process last had the key as its active one';
COMMENT ON COLUMN public.sealing_keys.swept_at IS 'when the last complete sweep that seals all values under it began';
CREATE TABLE public.segment_rules (
    tenant_id uuid NOT NULL,
    code text NOT NULL COLLATE pg_catalog."C",
    body jsonb NOT NULL
);
ALTER TABLE ONLY public.segment_rules FORCE ROW LEVEL SECURITY;
CREATE TABLE public.segment_sweeps (
    tenant_id uuid NOT NULL,
    begun_at timestamp with time zone NOT NULL
);
ALTER TABLE ONLY public.segment_sweeps FORCE ROW LEVEL SECURITY;
CREATE TABLE public.selected_customers (
    tenant_id uuid NOT NULL,
    selection_id uuid NOT NULL,
    customer_id uuid NOT NULL,
    client_id uuid
);
ALTER TABLE ONLY public.selected_customers FORCE ROW LEVEL SECURITY;
CREATE TABLE public.selections (
    tenant_id uuid NOT NULL,
    selection_id uuid NOT NULL,
    client_id uuid,
    body jsonb NOT NULL
);
ALTER TABLE ONLY public.selections FORCE ROW LEVEL SECURITY;
CREATE TABLE public.source_records (
    tenant_id uuid NOT NULL,
    record_id uuid NOT NULL,
    client_id uuid,
    home_id uuid NOT NULL,
    system text NOT NULL COLLATE pg_catalog."C",
    key text NOT NULL COLLATE pg_catalog."C",
    sealed text NOT NULL,
    observed_at timestamp with time zone NOT NULL,
    received_at timestamp with time zone NOT NULL,
    is_open boolean NOT NULL
);
ALTER TABLE ONLY public.source_records FORCE ROW LEVEL SECURITY;
CREATE TABLE public.source_systems (
    tenant_id uuid NOT NULL,
    code text NOT NULL COLLATE pg_catalog."C",
    display_name text NOT NULL,
    trust_rank integer NOT NULL,
    watermark timestamp with time zone,
    last_sync_at timestamp with time zone
);
ALTER TABLE ONLY public.source_systems FORCE ROW LEVEL SECURITY;
CREATE TABLE public.subscriptions (
    tenant_id uuid NOT NULL,
    subscription_id uuid NOT NULL,
    client_id uuid,
    body jsonb NOT NULL
);
ALTER TABLE ONLY public.subscriptions FORCE ROW LEVEL SECURITY;
CREATE TABLE public.sync_jobs (
    tenant_id uuid NOT NULL,
    job_id uuid NOT NULL,
    client_id uuid,
    body jsonb NOT NULL,
    started_at timestamp with time zone
);
ALTER TABLE ONLY public.sync_jobs FORCE ROW LEVEL SECURITY;
CREATE TABLE public.sync_results (
    tenant_id uuid NOT NULL,
    job_id uuid NOT NULL,
    client_id uuid,
    row_number bigint NOT NULL,
    body jsonb NOT NULL,
    customer_id uuid
);
ALTER TABLE ONLY public.sync_results FORCE ROW LEVEL SECURITY;
CREATE TABLE public.tasks (
    id bigint NOT NULL,
    tenant_id uuid NOT NULL,
    kind text NOT NULL,
    key text NOT NULL COLLATE pg_catalog."C",
    payload bytea NOT NULL,
    traceparent text NOT NULL,
    owner text NOT NULL,
    owned_until timestamp with time zone NOT NULL,
    failed_at timestamp with time zone,
    failure text
);
ALTER TABLE ONLY public.tasks FORCE ROW LEVEL SECURITY;
ALTER TABLE public.tasks ALTER COLUMN id ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME public.tasks_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);
CREATE TABLE public.transactions (
    tenant_id uuid NOT NULL,
    customer_id uuid NOT NULL,
    key text NOT NULL COLLATE pg_catalog."C",
    client_id uuid,
    transaction_id uuid NOT NULL,
    occurred_at timestamp with time zone NOT NULL,
    body jsonb NOT NULL
);
ALTER TABLE ONLY public.transactions FORCE ROW LEVEL SECURITY;
ALTER TABLE ONLY public.inbox ATTACH PARTITION public.inbox_rest DEFAULT;
ALTER TABLE ONLY public.accounts
    ADD CONSTRAINT accounts_pk PRIMARY KEY (tenant_id, customer_id, "position");
ALTER TABLE ONLY public.alerts
    ADD CONSTRAINT alerts_pk PRIMARY KEY (tenant_id, alert_id);
ALTER TABLE ONLY public.codes
    ADD CONSTRAINT codes_pk PRIMARY KEY (tenant_id, list, code);
ALTER TABLE ONLY public.consent_records
    ADD CONSTRAINT consent_records_pk PRIMARY KEY (tenant_id, customer_id, channel, purpose, decided_at, decision);
ALTER TABLE ONLY public.consents
    ADD CONSTRAINT consents_pk PRIMARY KEY (tenant_id, customer_id, channel, purpose);
ALTER TABLE ONLY public.contact_media
    ADD CONSTRAINT contact_media_pk PRIMARY KEY (tenant_id, customer_id, "position");
ALTER TABLE ONLY public.custom_fields
    ADD CONSTRAINT custom_fields_pk PRIMARY KEY (tenant_id, key);
ALTER TABLE ONLY public.customer_identifiers
    ADD CONSTRAINT customer_identifiers_number_key UNIQUE NULLS NOT DISTINCT (tenant_id, number_hash, type, client_id);
ALTER TABLE ONLY public.customer_identifiers
    ADD CONSTRAINT customer_identifiers_pk PRIMARY KEY (tenant_id, customer_id, "position");
ALTER TABLE ONLY public.customer_terms
    ADD CONSTRAINT customer_terms_pk PRIMARY KEY (tenant_id, term, customer_id);
ALTER TABLE ONLY public.customer_versions
    ADD CONSTRAINT customer_versions_pk PRIMARY KEY (tenant_id, customer_id, version);
ALTER TABLE ONLY public.customers
    ADD CONSTRAINT customers_pk PRIMARY KEY (tenant_id, customer_id);
ALTER TABLE ONLY public.erasures
    ADD CONSTRAINT erasures_pk PRIMARY KEY (tenant_id, customer_id);
ALTER TABLE ONLY public.inbox
    ADD CONSTRAINT inbox_tenant_id_event_id_pk PRIMARY KEY (tenant_id, event_id, occurred_at);
ALTER TABLE ONLY public.inbox_rest
    ADD CONSTRAINT inbox_rest_pkey PRIMARY KEY (tenant_id, event_id, occurred_at);
ALTER TABLE ONLY public.last_contacts
    ADD CONSTRAINT last_contacts_pk PRIMARY KEY (tenant_id, customer_id, direction);
ALTER TABLE ONLY public.manager_assignments
    ADD CONSTRAINT manager_assignments_pk PRIMARY KEY (tenant_id, assignment_id);
ALTER TABLE ONLY public.match_models
    ADD CONSTRAINT match_models_pk PRIMARY KEY (tenant_id);
ALTER TABLE ONLY public.match_policies
    ADD CONSTRAINT match_policies_pk PRIMARY KEY (tenant_id);
ALTER TABLE ONLY public.merge_cases
    ADD CONSTRAINT merge_cases_pair_key UNIQUE (tenant_id, first_id, second_id);
ALTER TABLE ONLY public.merge_cases
    ADD CONSTRAINT merge_cases_pk PRIMARY KEY (tenant_id, case_id);
ALTER TABLE ONLY public.merges
    ADD CONSTRAINT merges_pk PRIMARY KEY (tenant_id, merge_id);
ALTER TABLE ONLY public.outbox
    ADD CONSTRAINT outbox_id_pk PRIMARY KEY (id);
ALTER TABLE ONLY public.outbox_published
    ADD CONSTRAINT outbox_published_tenant_id_topic_type_pk PRIMARY KEY (tenant_id, topic, type);
ALTER TABLE ONLY public.party_interactions
    ADD CONSTRAINT party_interactions_pk PRIMARY KEY (tenant_id, customer_id, interaction_id);
ALTER TABLE ONLY public.quality_issues
    ADD CONSTRAINT quality_issues_pk PRIMARY KEY (tenant_id, issue_id);
ALTER TABLE ONLY public.quality_rules
    ADD CONSTRAINT quality_rules_pk PRIMARY KEY (tenant_id, code);
ALTER TABLE ONLY public.quality_runs
    ADD CONSTRAINT quality_runs_pk PRIMARY KEY (tenant_id, run_id);
ALTER TABLE ONLY public.quality_scores
    ADD CONSTRAINT quality_scores_pk PRIMARY KEY (tenant_id, run_id, "position");
ALTER TABLE ONLY public.relationships
    ADD CONSTRAINT relationships_pk PRIMARY KEY (tenant_id, relationship_id);
ALTER TABLE ONLY public.request_replays
    ADD CONSTRAINT request_replays_pk PRIMARY KEY (tenant_id, principal, method, request_id);
ALTER TABLE ONLY public.schema_migrations
    ADD CONSTRAINT schema_migrations_pkey PRIMARY KEY (version);
ALTER TABLE ONLY public.sealing_keys
    ADD CONSTRAINT sealing_keys_pk PRIMARY KEY (tenant_id, beginning);
ALTER TABLE ONLY public.segment_rules
    ADD CONSTRAINT segment_rules_pk PRIMARY KEY (tenant_id, code);
ALTER TABLE ONLY public.segment_sweeps
    ADD CONSTRAINT segment_sweeps_pk PRIMARY KEY (tenant_id);
ALTER TABLE ONLY public.segments
    ADD CONSTRAINT segments_pk PRIMARY KEY (tenant_id, customer_id, dimension);
ALTER TABLE ONLY public.selected_customers
    ADD CONSTRAINT selected_customers_pk PRIMARY KEY (tenant_id, selection_id, customer_id);
ALTER TABLE ONLY public.selections
    ADD CONSTRAINT selections_pk PRIMARY KEY (tenant_id, selection_id);
ALTER TABLE ONLY public.service_passwords
    ADD CONSTRAINT service_passwords_pk PRIMARY KEY (tenant_id, customer_id);
ALTER TABLE ONLY public.source_records
    ADD CONSTRAINT source_records_pk PRIMARY KEY (tenant_id, record_id);
ALTER TABLE ONLY public.source_systems
    ADD CONSTRAINT source_systems_pk PRIMARY KEY (tenant_id, code);
ALTER TABLE ONLY public.subscriptions
    ADD CONSTRAINT subscriptions_pk PRIMARY KEY (tenant_id, subscription_id);
ALTER TABLE ONLY public.sync_jobs
    ADD CONSTRAINT sync_jobs_pk PRIMARY KEY (tenant_id, job_id);
ALTER TABLE ONLY public.sync_results
    ADD CONSTRAINT sync_results_pk PRIMARY KEY (tenant_id, job_id, row_number);
ALTER TABLE ONLY public.tasks
    ADD CONSTRAINT tasks_id_pk PRIMARY KEY (id);
ALTER TABLE ONLY public.transactions
    ADD CONSTRAINT transactions_pk PRIMARY KEY (tenant_id, customer_id, key);
CREATE INDEX accounts_tenant_id_number_hash_idx ON public.accounts USING btree (tenant_id, number_hash);
CREATE INDEX alerts_tenant_id_customer_id_every_idx ON public.alerts USING btree (tenant_id, customer_id);
CREATE INDEX alerts_tenant_id_customer_id_idx ON public.alerts USING btree (tenant_id, customer_id) WHERE (cleared_at IS NULL);
CREATE INDEX contact_media_tenant_id_number_idx ON public.contact_media USING btree (tenant_id, number) WHERE (number IS NOT NULL);
CREATE INDEX customer_terms_tenant_id_customer_id_idx ON public.customer_terms USING btree (tenant_id, customer_id);
CREATE INDEX customers_closed_idx ON public.customers USING btree (updated_at) WHERE (state = 'CLOSED'::text);
CREATE UNIQUE INDEX customers_source_key ON public.customers USING btree (tenant_id, client_id, source_system, source_key) NULLS NOT DISTINCT WHERE (source_key IS NOT NULL);
CREATE INDEX customers_tenant_id_changed_xid_idx ON public.customers USING btree (tenant_id, changed_xid, customer_id);
CREATE INDEX customers_tenant_id_contacted_at_idx ON public.customers USING btree (tenant_id, contacted_at) WHERE (state = 'ACTIVE'::text);
CREATE INDEX customers_tenant_id_merged_into_idx ON public.customers USING btree (tenant_id, merged_into) WHERE (merged_into IS NOT NULL);
CREATE INDEX erasures_tenant_id_erased_at_idx ON public.erasures USING btree (tenant_id, erased_at, customer_id);
CREATE INDEX manager_assignments_tenant_id_customer_id_idx ON public.manager_assignments USING btree (tenant_id, customer_id);
CREATE INDEX manager_assignments_tenant_id_manager_idx ON public.manager_assignments USING btree (tenant_id, manager) WHERE (NOT ended);
CREATE INDEX merge_cases_tenant_id_second_id_idx ON public.merge_cases USING btree (tenant_id, second_id);
CREATE INDEX merge_cases_tenant_id_state_idx ON public.merge_cases USING btree (tenant_id, state, case_id);
CREATE UNIQUE INDEX merges_customer_key ON public.merges USING btree (tenant_id, customer_id) WHERE (undone_at IS NULL);
CREATE INDEX merges_tenant_id_customer_id_idx ON public.merges USING btree (tenant_id, customer_id);
CREATE INDEX merges_tenant_id_survivor_id_idx ON public.merges USING btree (tenant_id, survivor_id);
CREATE INDEX party_interactions_tenant_id_customer_id_ended_at_idx ON public.party_interactions USING btree (tenant_id, customer_id, ended_at);
CREATE UNIQUE INDEX quality_issues_customer_key ON public.quality_issues USING btree (tenant_id, customer_id, rule) WHERE ((customer_id IS NOT NULL) AND (state <> 'FIXED'::text));
CREATE UNIQUE INDEX quality_issues_row_key ON public.quality_issues USING btree (tenant_id, row_tag) WHERE ((row_tag IS NOT NULL) AND (state <> 'FIXED'::text));
CREATE INDEX quality_issues_tenant_id_customer_id_idx ON public.quality_issues USING btree (tenant_id, customer_id);
CREATE INDEX quality_issues_tenant_id_state_idx ON public.quality_issues USING btree (tenant_id, state, issue_id);
CREATE UNIQUE INDEX quality_runs_open_key ON public.quality_runs USING btree (tenant_id) WHERE (NOT ended);
CREATE INDEX relationships_tenant_id_customer_id_idx ON public.relationships USING btree (tenant_id, customer_id);
CREATE INDEX relationships_tenant_id_other_id_idx ON public.relationships USING btree (tenant_id, other_id);
CREATE INDEX request_replays_answered_at_idx ON public.request_replays USING btree (answered_at);
CREATE INDEX selected_customers_tenant_id_customer_id_idx ON public.selected_customers USING btree (tenant_id, customer_id);
CREATE UNIQUE INDEX source_records_key ON public.source_records USING btree (tenant_id, client_id, system, key) NULLS NOT DISTINCT;
CREATE INDEX source_records_tenant_id_home_id_idx ON public.source_records USING btree (tenant_id, home_id);
CREATE INDEX sync_results_tenant_id_customer_id_idx ON public.sync_results USING btree (tenant_id, customer_id) WHERE (customer_id IS NOT NULL);
CREATE INDEX tasks_key_id_idx ON public.tasks USING btree (key, id);
CREATE INDEX transactions_tenant_id_customer_id_occurred_at_idx ON public.transactions USING btree (tenant_id, customer_id, occurred_at);
ALTER INDEX public.inbox_tenant_id_event_id_pk ATTACH PARTITION public.inbox_rest_pkey;
ALTER TABLE ONLY public.accounts
    ADD CONSTRAINT accounts_customer_fk FOREIGN KEY (tenant_id, customer_id) REFERENCES public.customers(tenant_id, customer_id) ON DELETE CASCADE;
ALTER TABLE ONLY public.alerts
    ADD CONSTRAINT alerts_customer_fk FOREIGN KEY (tenant_id, customer_id) REFERENCES public.customers(tenant_id, customer_id) ON DELETE CASCADE;
ALTER TABLE ONLY public.consent_records
    ADD CONSTRAINT consent_records_customer_fk FOREIGN KEY (tenant_id, customer_id) REFERENCES public.customers(tenant_id, customer_id);
ALTER TABLE ONLY public.consents
    ADD CONSTRAINT consents_customer_fk FOREIGN KEY (tenant_id, customer_id) REFERENCES public.customers(tenant_id, customer_id) ON DELETE CASCADE;
ALTER TABLE ONLY public.contact_media
    ADD CONSTRAINT contact_media_customer_fk FOREIGN KEY (tenant_id, customer_id) REFERENCES public.customers(tenant_id, customer_id) ON DELETE CASCADE;
ALTER TABLE ONLY public.customer_identifiers
    ADD CONSTRAINT customer_identifiers_customer_fk FOREIGN KEY (tenant_id, customer_id) REFERENCES public.customers(tenant_id, customer_id) ON DELETE CASCADE;
ALTER TABLE ONLY public.customer_terms
    ADD CONSTRAINT customer_terms_customer_fk FOREIGN KEY (tenant_id, customer_id) REFERENCES public.customers(tenant_id, customer_id) ON DELETE CASCADE;
ALTER TABLE ONLY public.customer_versions
    ADD CONSTRAINT customer_versions_customer_fk FOREIGN KEY (tenant_id, customer_id) REFERENCES public.customers(tenant_id, customer_id) ON DELETE CASCADE;
ALTER TABLE ONLY public.last_contacts
    ADD CONSTRAINT last_contacts_customer_fk FOREIGN KEY (tenant_id, customer_id) REFERENCES public.customers(tenant_id, customer_id) ON DELETE CASCADE;
ALTER TABLE ONLY public.manager_assignments
    ADD CONSTRAINT manager_assignments_customer_fk FOREIGN KEY (tenant_id, customer_id) REFERENCES public.customers(tenant_id, customer_id) ON DELETE CASCADE;
ALTER TABLE ONLY public.party_interactions
    ADD CONSTRAINT party_interactions_customer_fk FOREIGN KEY (tenant_id, customer_id) REFERENCES public.customers(tenant_id, customer_id) ON DELETE CASCADE;
ALTER TABLE ONLY public.quality_issues
    ADD CONSTRAINT quality_issues_customer_fk FOREIGN KEY (tenant_id, customer_id) REFERENCES public.customers(tenant_id, customer_id) ON DELETE CASCADE;
ALTER TABLE ONLY public.quality_scores
    ADD CONSTRAINT quality_scores_run_fk FOREIGN KEY (tenant_id, run_id) REFERENCES public.quality_runs(tenant_id, run_id) ON DELETE CASCADE;
ALTER TABLE ONLY public.relationships
    ADD CONSTRAINT relationships_customer_fk FOREIGN KEY (tenant_id, customer_id) REFERENCES public.customers(tenant_id, customer_id) ON DELETE CASCADE;
ALTER TABLE ONLY public.relationships
    ADD CONSTRAINT relationships_other_fk FOREIGN KEY (tenant_id, other_id) REFERENCES public.customers(tenant_id, customer_id) ON DELETE CASCADE;
ALTER TABLE ONLY public.segments
    ADD CONSTRAINT segments_customer_fk FOREIGN KEY (tenant_id, customer_id) REFERENCES public.customers(tenant_id, customer_id) ON DELETE CASCADE;
ALTER TABLE ONLY public.selected_customers
    ADD CONSTRAINT selected_customers_customer_fk FOREIGN KEY (tenant_id, customer_id) REFERENCES public.customers(tenant_id, customer_id) ON DELETE CASCADE;
ALTER TABLE ONLY public.selected_customers
    ADD CONSTRAINT selected_customers_selection_fk FOREIGN KEY (tenant_id, selection_id) REFERENCES public.selections(tenant_id, selection_id) ON DELETE CASCADE;
ALTER TABLE ONLY public.service_passwords
    ADD CONSTRAINT service_passwords_customer_fk FOREIGN KEY (tenant_id, customer_id) REFERENCES public.customers(tenant_id, customer_id) ON DELETE CASCADE;
ALTER TABLE ONLY public.source_records
    ADD CONSTRAINT source_records_home_fk FOREIGN KEY (tenant_id, home_id) REFERENCES public.customers(tenant_id, customer_id);
ALTER TABLE ONLY public.sync_results
    ADD CONSTRAINT sync_results_job_fk FOREIGN KEY (tenant_id, job_id) REFERENCES public.sync_jobs(tenant_id, job_id) ON DELETE CASCADE;
ALTER TABLE ONLY public.transactions
    ADD CONSTRAINT transactions_customer_fk FOREIGN KEY (tenant_id, customer_id) REFERENCES public.customers(tenant_id, customer_id) ON DELETE CASCADE;
ALTER TABLE public.accounts ENABLE ROW LEVEL SECURITY;
ALTER TABLE public.alerts ENABLE ROW LEVEL SECURITY;
ALTER TABLE public.codes ENABLE ROW LEVEL SECURITY;
ALTER TABLE public.consent_records ENABLE ROW LEVEL SECURITY;
ALTER TABLE public.consents ENABLE ROW LEVEL SECURITY;
ALTER TABLE public.contact_media ENABLE ROW LEVEL SECURITY;
ALTER TABLE public.custom_fields ENABLE ROW LEVEL SECURITY;
ALTER TABLE public.customer_identifiers ENABLE ROW LEVEL SECURITY;
ALTER TABLE public.customer_terms ENABLE ROW LEVEL SECURITY;
ALTER TABLE public.customer_versions ENABLE ROW LEVEL SECURITY;
ALTER TABLE public.customers ENABLE ROW LEVEL SECURITY;
ALTER TABLE public.erasures ENABLE ROW LEVEL SECURITY;
ALTER TABLE public.inbox ENABLE ROW LEVEL SECURITY;
ALTER TABLE public.inbox_rest ENABLE ROW LEVEL SECURITY;
ALTER TABLE public.last_contacts ENABLE ROW LEVEL SECURITY;
ALTER TABLE public.manager_assignments ENABLE ROW LEVEL SECURITY;
ALTER TABLE public.match_models ENABLE ROW LEVEL SECURITY;
ALTER TABLE public.match_policies ENABLE ROW LEVEL SECURITY;
ALTER TABLE public.merge_cases ENABLE ROW LEVEL SECURITY;
ALTER TABLE public.merges ENABLE ROW LEVEL SECURITY;
ALTER TABLE public.outbox ENABLE ROW LEVEL SECURITY;
ALTER TABLE public.outbox_published ENABLE ROW LEVEL SECURITY;
ALTER TABLE public.party_interactions ENABLE ROW LEVEL SECURITY;
ALTER TABLE public.quality_issues ENABLE ROW LEVEL SECURITY;
ALTER TABLE public.quality_rules ENABLE ROW LEVEL SECURITY;
ALTER TABLE public.quality_runs ENABLE ROW LEVEL SECURITY;
ALTER TABLE public.quality_scores ENABLE ROW LEVEL SECURITY;
ALTER TABLE public.relationships ENABLE ROW LEVEL SECURITY;
ALTER TABLE public.request_replays ENABLE ROW LEVEL SECURITY;
ALTER TABLE public.sealing_keys ENABLE ROW LEVEL SECURITY;
ALTER TABLE public.segment_rules ENABLE ROW LEVEL SECURITY;
ALTER TABLE public.segment_sweeps ENABLE ROW LEVEL SECURITY;
ALTER TABLE public.segments ENABLE ROW LEVEL SECURITY;
ALTER TABLE public.selected_customers ENABLE ROW LEVEL SECURITY;
ALTER TABLE public.selections ENABLE ROW LEVEL SECURITY;
ALTER TABLE public.service_passwords ENABLE ROW LEVEL SECURITY;
ALTER TABLE public.source_records ENABLE ROW LEVEL SECURITY;
ALTER TABLE public.source_systems ENABLE ROW LEVEL SECURITY;
ALTER TABLE public.subscriptions ENABLE ROW LEVEL SECURITY;
ALTER TABLE public.sync_jobs ENABLE ROW LEVEL SECURITY;
ALTER TABLE public.sync_results ENABLE ROW LEVEL SECURITY;
ALTER TABLE public.tasks ENABLE ROW LEVEL SECURITY;
CREATE POLICY tenant ON public.accounts USING (((tenant_id = public.carillon_tenant()) AND ((client_id IS NULL) OR (public.carillon_clients() IS NULL) OR (client_id = ANY (public.carillon_clients())))));
CREATE POLICY tenant ON public.alerts USING (((tenant_id = public.carillon_tenant()) AND ((client_id IS NULL) OR (public.carillon_clients() IS NULL) OR (client_id = ANY (public.carillon_clients())))));
CREATE POLICY tenant ON public.codes USING ((tenant_id = public.carillon_tenant()));
CREATE POLICY tenant ON public.consent_records USING (((tenant_id = public.carillon_tenant()) AND ((client_id IS NULL) OR (public.carillon_clients() IS NULL) OR (client_id = ANY (public.carillon_clients())))));
CREATE POLICY tenant ON public.consents USING (((tenant_id = public.carillon_tenant()) AND ((client_id IS NULL) OR (public.carillon_clients() IS NULL) OR (client_id = ANY (public.carillon_clients())))));
CREATE POLICY tenant ON public.contact_media USING (((tenant_id = public.carillon_tenant()) AND ((client_id IS NULL) OR (public.carillon_clients() IS NULL) OR (client_id = ANY (public.carillon_clients())))));
CREATE POLICY tenant ON public.custom_fields USING ((tenant_id = public.carillon_tenant()));
CREATE POLICY tenant ON public.customer_identifiers USING (((tenant_id = public.carillon_tenant()) AND ((client_id IS NULL) OR (public.carillon_clients() IS NULL) OR (client_id = ANY (public.carillon_clients())))));
CREATE POLICY tenant ON public.customer_terms USING (((tenant_id = public.carillon_tenant()) AND ((client_id IS NULL) OR (public.carillon_clients() IS NULL) OR (client_id = ANY (public.carillon_clients())))));
CREATE POLICY tenant ON public.customer_versions USING (((tenant_id = public.carillon_tenant()) AND ((client_id IS NULL) OR (public.carillon_clients() IS NULL) OR (client_id = ANY (public.carillon_clients())))));
CREATE POLICY tenant ON public.customers USING (((tenant_id = public.carillon_tenant()) AND ((client_id IS NULL) OR (public.carillon_clients() IS NULL) OR (client_id = ANY (public.carillon_clients())))));
CREATE POLICY tenant ON public.erasures USING (((tenant_id = public.carillon_tenant()) AND ((client_id IS NULL) OR (public.carillon_clients() IS NULL) OR (client_id = ANY (public.carillon_clients())))));
CREATE POLICY tenant ON public.inbox USING ((tenant_id = public.carillon_tenant()));
CREATE POLICY tenant ON public.last_contacts USING (((tenant_id = public.carillon_tenant()) AND ((client_id IS NULL) OR (public.carillon_clients() IS NULL) OR (client_id = ANY (public.carillon_clients())))));
CREATE POLICY tenant ON public.manager_assignments USING (((tenant_id = public.carillon_tenant()) AND ((client_id IS NULL) OR (public.carillon_clients() IS NULL) OR (client_id = ANY (public.carillon_clients())))));
CREATE POLICY tenant ON public.match_models USING ((tenant_id = public.carillon_tenant()));
CREATE POLICY tenant ON public.match_policies USING ((tenant_id = public.carillon_tenant()));
CREATE POLICY tenant ON public.merge_cases USING (((tenant_id = public.carillon_tenant()) AND ((client_id IS NULL) OR (public.carillon_clients() IS NULL) OR (client_id = ANY (public.carillon_clients())))));
CREATE POLICY tenant ON public.merges USING (((tenant_id = public.carillon_tenant()) AND ((client_id IS NULL) OR (public.carillon_clients() IS NULL) OR (client_id = ANY (public.carillon_clients())))));
CREATE POLICY tenant ON public.outbox USING ((tenant_id = public.carillon_tenant()));
CREATE POLICY tenant ON public.outbox_published USING ((tenant_id = public.carillon_tenant()));
CREATE POLICY tenant ON public.party_interactions USING (((tenant_id = public.carillon_tenant()) AND ((client_id IS NULL) OR (public.carillon_clients() IS NULL) OR (client_id = ANY (public.carillon_clients())))));
CREATE POLICY tenant ON public.quality_issues USING (((tenant_id = public.carillon_tenant()) AND ((client_id IS NULL) OR (public.carillon_clients() IS NULL) OR (client_id = ANY (public.carillon_clients())))));
CREATE POLICY tenant ON public.quality_rules USING ((tenant_id = public.carillon_tenant()));
CREATE POLICY tenant ON public.quality_runs USING ((tenant_id = public.carillon_tenant()));
CREATE POLICY tenant ON public.quality_scores USING ((tenant_id = public.carillon_tenant()));
CREATE POLICY tenant ON public.relationships USING (((tenant_id = public.carillon_tenant()) AND ((client_id IS NULL) OR (public.carillon_clients() IS NULL) OR (client_id = ANY (public.carillon_clients())))));
CREATE POLICY tenant ON public.request_replays USING ((tenant_id = public.carillon_tenant()));
CREATE POLICY tenant ON public.sealing_keys USING ((tenant_id = public.carillon_tenant()));
CREATE POLICY tenant ON public.segment_rules USING ((tenant_id = public.carillon_tenant()));
CREATE POLICY tenant ON public.segment_sweeps USING ((tenant_id = public.carillon_tenant()));
CREATE POLICY tenant ON public.segments USING (((tenant_id = public.carillon_tenant()) AND ((client_id IS NULL) OR (public.carillon_clients() IS NULL) OR (client_id = ANY (public.carillon_clients())))));
CREATE POLICY tenant ON public.selected_customers USING (((tenant_id = public.carillon_tenant()) AND ((client_id IS NULL) OR (public.carillon_clients() IS NULL) OR (client_id = ANY (public.carillon_clients())))));
CREATE POLICY tenant ON public.selections USING (((tenant_id = public.carillon_tenant()) AND ((client_id IS NULL) OR (public.carillon_clients() IS NULL) OR (client_id = ANY (public.carillon_clients())))));
CREATE POLICY tenant ON public.service_passwords USING (((tenant_id = public.carillon_tenant()) AND ((client_id IS NULL) OR (public.carillon_clients() IS NULL) OR (client_id = ANY (public.carillon_clients())))));
CREATE POLICY tenant ON public.source_records USING (((tenant_id = public.carillon_tenant()) AND ((client_id IS NULL) OR (public.carillon_clients() IS NULL) OR (client_id = ANY (public.carillon_clients())))));
CREATE POLICY tenant ON public.source_systems USING ((tenant_id = public.carillon_tenant()));
CREATE POLICY tenant ON public.subscriptions USING (((tenant_id = public.carillon_tenant()) AND ((client_id IS NULL) OR (public.carillon_clients() IS NULL) OR (client_id = ANY (public.carillon_clients())))));
CREATE POLICY tenant ON public.sync_jobs USING (((tenant_id = public.carillon_tenant()) AND ((client_id IS NULL) OR (public.carillon_clients() IS NULL) OR (client_id = ANY (public.carillon_clients())))));
CREATE POLICY tenant ON public.sync_results USING (((tenant_id = public.carillon_tenant()) AND ((client_id IS NULL) OR (public.carillon_clients() IS NULL) OR (client_id = ANY (public.carillon_clients())))));
CREATE POLICY tenant ON public.tasks USING ((tenant_id = public.carillon_tenant()));
CREATE POLICY tenant ON public.transactions USING (((tenant_id = public.carillon_tenant()) AND ((client_id IS NULL) OR (public.carillon_clients() IS NULL) OR (client_id = ANY (public.carillon_clients())))));
ALTER TABLE public.transactions ENABLE ROW LEVEL SECURITY;
