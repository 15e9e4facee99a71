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
CREATE FUNCTION public.pg_us(at timestamp with time zone) RETURNS bigint
    LANGUAGE sql IMMUTABLE PARALLEL SAFE
    AS $$ SELECT (extract(epoch FROM at) * 1000000)::bigint $$;
CREATE TABLE public.attempts (
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
    callback_at timestamp with time zone,
    leased_at timestamp with time zone NOT NULL,
    expires_at timestamp with time zone NOT NULL,
    dialled_at timestamp with time zone,
    connected_at timestamp with time zone,
    waits_until timestamp with time zone,
    disposition text NOT NULL,
    call_id uuid,
    body jsonb NOT NULL
);
ALTER TABLE ONLY public.attempts FORCE ROW LEVEL SECURITY;
CREATE TABLE public.campaigns (
    tenant_id uuid NOT NULL,
    campaign_id uuid NOT NULL,
    client_id uuid NOT NULL,
    code text NOT NULL COLLATE pg_catalog."C",
    state text NOT NULL,
    queue_id uuid,
    priority integer NOT NULL,
    begins_at timestamp with time zone,
    ends_at timestamp with time zone,
    owner_unit text NOT NULL COLLATE pg_catalog."C",
    owner_user text NOT NULL,
    created_at timestamp with time zone NOT NULL,
    updated_at timestamp with time zone NOT NULL,
    version bigint NOT NULL,
    build_run bigint DEFAULT 0 NOT NULL,
    build_page integer DEFAULT 0 NOT NULL,
    body jsonb NOT NULL
);
ALTER TABLE ONLY public.campaigns FORCE ROW LEVEL SECURITY;
CREATE TABLE public.contact_ledger (
    tenant_id uuid NOT NULL,
    attempt_id uuid NOT NULL,
    target_record_id uuid NOT NULL,
    customer_id uuid NOT NULL,
    contact_class text NOT NULL,
    contacted_at timestamp with time zone NOT NULL
);
ALTER TABLE ONLY public.contact_ledger FORCE ROW LEVEL SECURITY;
CREATE TABLE public.contact_refusals (
    tenant_id uuid NOT NULL,
    target_record_id uuid NOT NULL,
    refusal text NOT NULL,
    campaign_id uuid NOT NULL,
    refused_at timestamp with time zone NOT NULL,
    told boolean NOT NULL
);
ALTER TABLE ONLY public.contact_refusals FORCE ROW LEVEL SECURITY;
CREATE TABLE public.do_not_call (
    tenant_id uuid NOT NULL,
    entry_id uuid NOT NULL,
    customer_id uuid,
    number_hash text COLLATE pg_catalog."C",
    source text NOT NULL,
    reason text NOT NULL,
    added_by text NOT NULL,
    created_at timestamp with time zone NOT NULL,
    CONSTRAINT do_not_call_subject_check CHECK (((customer_id IS NULL) <> (number_hash IS NULL)))
);
ALTER TABLE ONLY public.do_not_call FORCE ROW LEVEL SECURITY;
CREATE TABLE public.frequency_rules (
    tenant_id uuid NOT NULL,
    frequency_rule_id uuid NOT NULL,
    contact_class text NOT NULL,
    max_count integer NOT NULL,
    period_days integer NOT NULL,
    on_hit text NOT NULL,
    updated_by text NOT NULL,
    updated_at timestamp with time zone NOT NULL
);
ALTER TABLE ONLY public.frequency_rules FORCE ROW LEVEL SECURITY;
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
CREATE TABLE public.scripts (
    tenant_id uuid NOT NULL,
    script_id uuid NOT NULL,
    number integer NOT NULL,
    client_id uuid NOT NULL,
    newest boolean NOT NULL,
    state text NOT NULL,
    owner_unit text NOT NULL COLLATE pg_catalog."C",
    owner_user text NOT NULL,
    created_at timestamp with time zone NOT NULL,
    version bigint NOT NULL,
    body jsonb NOT NULL
);
ALTER TABLE ONLY public.scripts FORCE ROW LEVEL SECURITY;
CREATE TABLE public.target_records (
    tenant_id uuid NOT NULL,
    target_record_id uuid NOT NULL,
    campaign_id uuid NOT NULL,
    client_id uuid NOT NULL,
    customer_id uuid NOT NULL,
    contact_class text NOT NULL,
    state text NOT NULL,
    priority integer NOT NULL,
    next_at timestamp with time zone NOT NULL,
    callback_at timestamp with time zone,
    last_attempt_id uuid,
    created_at timestamp with time zone NOT NULL,
    body jsonb NOT NULL
);
ALTER TABLE ONLY public.target_records FORCE ROW LEVEL SECURITY;
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
ALTER TABLE ONLY public.inbox ATTACH PARTITION public.inbox_rest DEFAULT;
ALTER TABLE ONLY public.attempts
    ADD CONSTRAINT attempts_pk PRIMARY KEY (tenant_id, attempt_id);
ALTER TABLE ONLY public.campaigns
    ADD CONSTRAINT campaigns_code_key UNIQUE (tenant_id, client_id, code);
ALTER TABLE ONLY public.campaigns
    ADD CONSTRAINT campaigns_pk PRIMARY KEY (tenant_id, campaign_id);
ALTER TABLE ONLY public.contact_ledger
    ADD CONSTRAINT contact_ledger_pk PRIMARY KEY (tenant_id, attempt_id);
ALTER TABLE ONLY public.contact_refusals
    ADD CONSTRAINT contact_refusals_pk PRIMARY KEY (tenant_id, target_record_id, refusal);
ALTER TABLE ONLY public.do_not_call
    ADD CONSTRAINT do_not_call_pk PRIMARY KEY (tenant_id, entry_id);
ALTER TABLE ONLY public.frequency_rules
    ADD CONSTRAINT frequency_rules_period_key UNIQUE (tenant_id, contact_class, period_days);
ALTER TABLE ONLY public.frequency_rules
    ADD CONSTRAINT frequency_rules_pk PRIMARY KEY (tenant_id, frequency_rule_id);
ALTER TABLE ONLY public.inbox
    ADD CONSTRAINT inbox_tenant_id_event_id_pk PRIMARY KEY (tenant_id, event_id, occurred_at);
ALTER TABLE ONLY public.inbox_rest
    ADD CONSTRAINT inbox_rest_pkey PRIMARY KEY (tenant_id, event_id, occurred_at);
ALTER TABLE ONLY public.outbox
    ADD CONSTRAINT outbox_id_pk PRIMARY KEY (id);
ALTER TABLE ONLY public.outbox_published
    ADD CONSTRAINT outbox_published_tenant_id_topic_type_pk PRIMARY KEY (tenant_id, topic, type);
ALTER TABLE ONLY public.request_replays
    ADD CONSTRAINT request_replays_pk PRIMARY KEY (tenant_id, principal, method, request_id);
ALTER TABLE ONLY public.schema_migrations
    ADD CONSTRAINT schema_migrations_pkey PRIMARY KEY (version);
ALTER TABLE ONLY public.scripts
    ADD CONSTRAINT scripts_pk PRIMARY KEY (tenant_id, script_id, number);
ALTER TABLE ONLY public.target_records
    ADD CONSTRAINT target_records_customer_key UNIQUE (tenant_id, campaign_id, customer_id);
ALTER TABLE ONLY public.target_records
    ADD CONSTRAINT target_records_pk PRIMARY KEY (tenant_id, target_record_id);
ALTER TABLE ONLY public.tasks
    ADD CONSTRAINT tasks_id_pk PRIMARY KEY (id);
CREATE INDEX attempts_alive_campaign_idx ON public.attempts USING btree (tenant_id, campaign_id) WHERE (state = ANY (ARRAY['LEASED'::text, 'DIALLING'::text, 'ANSWERED'::text, 'CONNECTED'::text]));
CREATE INDEX attempts_alive_customer_idx ON public.attempts USING btree (tenant_id, customer_id) WHERE (state = ANY (ARRAY['LEASED'::text, 'DIALLING'::text, 'ANSWERED'::text, 'CONNECTED'::text]));
CREATE UNIQUE INDEX attempts_alive_key ON public.attempts USING btree (tenant_id, target_record_id) WHERE (state = ANY (ARRAY['LEASED'::text, 'DIALLING'::text, 'ANSWERED'::text, 'CONNECTED'::text]));
CREATE UNIQUE INDEX attempts_call_key ON public.attempts USING btree (tenant_id, call_id) WHERE (call_id IS NOT NULL);
CREATE INDEX attempts_campaign_idx ON public.attempts USING btree (tenant_id, campaign_id, leased_at DESC);
CREATE INDEX attempts_customer_idx ON public.attempts USING btree (tenant_id, customer_id, leased_at DESC);
CREATE INDEX attempts_lease_request_idx ON public.attempts USING btree (tenant_id, lease_request_id) WHERE (lease_request_id IS NOT NULL);
CREATE INDEX attempts_leased_at_idx ON public.attempts USING btree (tenant_id, leased_at DESC, attempt_id DESC);
CREATE INDEX attempts_queue_idx ON public.attempts USING btree (tenant_id, queue_id) WHERE (state = ANY (ARRAY['LEASED'::text, 'DIALLING'::text, 'ANSWERED'::text]));
CREATE INDEX attempts_target_record_idx ON public.attempts USING btree (tenant_id, target_record_id, leased_at DESC);
CREATE INDEX attempts_waits_until_idx ON public.attempts USING btree (waits_until) WHERE (waits_until IS NOT NULL);
CREATE INDEX campaigns_dialling_idx ON public.campaigns USING btree (tenant_id, queue_id) WHERE (state = ANY (ARRAY['SCHEDULED'::text, 'RUNNING'::text, 'PAUSED'::text, 'FOLLOW_UP'::text]));
CREATE INDEX contact_ledger_customer_idx ON public.contact_ledger USING btree (tenant_id, customer_id, contact_class, contacted_at DESC);
CREATE INDEX contact_refusals_campaign_idx ON public.contact_refusals USING btree (tenant_id, campaign_id, refused_at);
CREATE INDEX do_not_call_created_at_idx ON public.do_not_call USING btree (tenant_id, created_at DESC, entry_id DESC);
CREATE UNIQUE INDEX do_not_call_customer_key ON public.do_not_call USING btree (tenant_id, customer_id) WHERE (customer_id IS NOT NULL);
CREATE UNIQUE INDEX do_not_call_number_key ON public.do_not_call USING btree (tenant_id, number_hash) WHERE (number_hash IS NOT NULL);
CREATE INDEX request_replays_answered_at_idx ON public.request_replays USING btree (answered_at);
CREATE UNIQUE INDEX scripts_newest_key ON public.scripts USING btree (tenant_id, script_id) WHERE newest;
CREATE INDEX target_records_callback_idx ON public.target_records USING btree (tenant_id, campaign_id, next_at) WHERE ((state = 'QUEUED'::text) AND (callback_at IS NOT NULL));
CREATE INDEX target_records_customer_idx ON public.target_records USING btree (tenant_id, customer_id) WHERE (state = ANY (ARRAY['QUEUED'::text, 'DIALLING'::text]));
CREATE INDEX target_records_due_idx ON public.target_records USING btree (tenant_id, campaign_id, next_at) WHERE ((state = 'QUEUED'::text) AND (callback_at IS NULL));
CREATE INDEX target_records_listed_idx ON public.target_records USING btree (tenant_id, campaign_id, target_record_id);
CREATE INDEX target_records_next_idx ON public.target_records USING btree (tenant_id, campaign_id, priority, next_at, target_record_id) WHERE ((state = 'QUEUED'::text) AND (callback_at IS NULL));
CREATE INDEX target_records_open_idx ON public.target_records USING btree (tenant_id, campaign_id) WHERE (state = ANY (ARRAY['QUEUED'::text, 'DIALLING'::text]));
CREATE INDEX tasks_key_id_idx ON public.tasks USING btree (key, id);
ALTER INDEX public.inbox_tenant_id_event_id_pk ATTACH PARTITION public.inbox_rest_pkey;
ALTER TABLE ONLY public.attempts
    ADD CONSTRAINT attempts_target_record_fk FOREIGN KEY (tenant_id, target_record_id) REFERENCES public.target_records(tenant_id, target_record_id);
ALTER TABLE ONLY public.target_records
    ADD CONSTRAINT target_records_campaign_fk FOREIGN KEY (tenant_id, campaign_id) REFERENCES public.campaigns(tenant_id, campaign_id);
ALTER TABLE public.attempts ENABLE ROW LEVEL SECURITY;
ALTER TABLE public.campaigns ENABLE ROW LEVEL SECURITY;
ALTER TABLE public.contact_ledger ENABLE ROW LEVEL SECURITY;
ALTER TABLE public.contact_refusals ENABLE ROW LEVEL SECURITY;
ALTER TABLE public.do_not_call ENABLE ROW LEVEL SECURITY;
ALTER TABLE public.frequency_rules ENABLE ROW LEVEL SECURITY;
ALTER TABLE public.inbox ENABLE ROW LEVEL SECURITY;
ALTER TABLE public.inbox_rest ENABLE ROW LEVEL SECURITY;
ALTER TABLE public.outbox ENABLE ROW LEVEL SECURITY;
ALTER TABLE public.outbox_published ENABLE ROW LEVEL SECURITY;
ALTER TABLE public.request_replays ENABLE ROW LEVEL SECURITY;
ALTER TABLE public.scripts ENABLE ROW LEVEL SECURITY;
ALTER TABLE public.target_records ENABLE ROW LEVEL SECURITY;
ALTER TABLE public.tasks ENABLE ROW LEVEL SECURITY;
CREATE POLICY tenant ON public.attempts USING (((tenant_id = public.carillon_tenant()) AND ((public.carillon_clients() IS NULL) OR (client_id = ANY (public.carillon_clients())))));
CREATE POLICY tenant ON public.campaigns USING (((tenant_id = public.carillon_tenant()) AND ((public.carillon_clients() IS NULL) OR (client_id = ANY (public.carillon_clients())))));
CREATE POLICY tenant ON public.contact_ledger USING ((tenant_id = public.carillon_tenant()));
CREATE POLICY tenant ON public.contact_refusals USING ((tenant_id = public.carillon_tenant()));
CREATE POLICY tenant ON public.do_not_call USING ((tenant_id = public.carillon_tenant()));
CREATE POLICY tenant ON public.frequency_rules USING ((tenant_id = public.carillon_tenant()));
CREATE POLICY tenant ON public.inbox USING ((tenant_id = public.carillon_tenant()));
CREATE POLICY tenant ON public.outbox USING ((tenant_id = public.carillon_tenant()));
CREATE POLICY tenant ON public.outbox_published USING ((tenant_id = public.carillon_tenant()));
CREATE POLICY tenant ON public.request_replays USING ((tenant_id = public.carillon_tenant()));
CREATE POLICY tenant ON public.scripts USING (((tenant_id = public.carillon_tenant()) AND ((public.carillon_clients() IS NULL) OR (client_id = ANY (public.carillon_clients())))));
CREATE POLICY tenant ON public.target_records USING (((tenant_id = public.carillon_tenant()) AND ((public.carillon_clients() IS NULL) OR (client_id = ANY (public.carillon_clients())))));
CREATE POLICY tenant ON public.tasks USING ((tenant_id = public.carillon_tenant()));
