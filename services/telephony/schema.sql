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
CREATE TABLE public.call_events (
    tenant_id uuid NOT NULL,
    call_id uuid NOT NULL,
    arrived_at timestamp with time zone NOT NULL,
    sequence bigint NOT NULL,
    type text NOT NULL,
    at timestamp with time zone NOT NULL,
    leg text NOT NULL,
    cause text NOT NULL,
    state text NOT NULL,
    mark text DEFAULT ''::text NOT NULL,
    note text DEFAULT ''::text NOT NULL
)
PARTITION BY RANGE (arrived_at);
ALTER TABLE ONLY public.call_events FORCE ROW LEVEL SECURITY;
CREATE TABLE public.call_events_rest (
    tenant_id uuid NOT NULL,
    call_id uuid NOT NULL,
    arrived_at timestamp with time zone NOT NULL,
    sequence bigint NOT NULL,
    type text NOT NULL,
    at timestamp with time zone NOT NULL,
    leg text NOT NULL,
    cause text NOT NULL,
    state text NOT NULL,
    mark text DEFAULT ''::text NOT NULL,
    note text DEFAULT ''::text NOT NULL
);
ALTER TABLE ONLY public.call_events_rest FORCE ROW LEVEL SECURITY;
CREATE TABLE public.calls (
    tenant_id uuid NOT NULL,
    id uuid NOT NULL,
    arrived_at timestamp with time zone NOT NULL,
    revision bigint NOT NULL,
    updated_at timestamp with time zone NOT NULL,
    direction text NOT NULL,
    state text NOT NULL,
    state_at timestamp with time zone NOT NULL,
    cause text NOT NULL,
    ended_at timestamp with time zone,
    switch_id text NOT NULL COLLATE pg_catalog."C",
    switch_call_id text NOT NULL COLLATE pg_catalog."C",
    calling_number text NOT NULL COLLATE pg_catalog."C",
    called_number text NOT NULL COLLATE pg_catalog."C",
    trunk text NOT NULL COLLATE pg_catalog."C",
    data jsonb NOT NULL,
    session_id uuid,
    session_version bigint NOT NULL,
    interaction_id uuid,
    directive bytea NOT NULL,
    directive_version bigint NOT NULL,
    releasing_at timestamp with time zone,
    answered_version bigint NOT NULL,
    event_count bigint NOT NULL,
    ivr_us bigint NOT NULL,
    queue_us bigint NOT NULL,
    ring_us bigint NOT NULL,
    talk_us bigint NOT NULL,
    hold_us bigint NOT NULL,
    total_us bigint NOT NULL,
    attempt_id uuid,
    customer_id uuid,
    dialled_at timestamp with time zone,
    answered_at timestamp with time zone,
    destination bytea DEFAULT '\x'::bytea NOT NULL,
    dial_due_at timestamp with time zone,
    dial_us bigint DEFAULT 0 NOT NULL,
    client_id uuid,
    assistance bytea DEFAULT '\x'::bytea NOT NULL,
    CONSTRAINT calls_ended_at_check CHECK (((ended_at IS NOT NULL) = (state = ANY (ARRAY['CLEARED'::text, 'FAILED'::text])))),
    CONSTRAINT calls_state_check CHECK ((state = ANY (ARRAY['INITIATED'::text, 'QUEUED'::text, 'DELIVERED'::text, 'ESTABLISHED'::text, 'HELD'::text, 'CLEARED'::text, 'FAILED'::text])))
)
PARTITION BY RANGE (arrived_at);
ALTER TABLE ONLY public.calls FORCE ROW LEVEL SECURITY;
CREATE TABLE public.calls_rest (
    tenant_id uuid NOT NULL,
    id uuid NOT NULL,
    arrived_at timestamp with time zone NOT NULL,
    revision bigint NOT NULL,
    updated_at timestamp with time zone NOT NULL,
    direction text NOT NULL,
    state text NOT NULL,
    state_at timestamp with time zone NOT NULL,
    cause text NOT NULL,
    ended_at timestamp with time zone,
    switch_id text NOT NULL COLLATE pg_catalog."C",
    switch_call_id text NOT NULL COLLATE pg_catalog."C",
    calling_number text NOT NULL COLLATE pg_catalog."C",
    called_number text NOT NULL COLLATE pg_catalog."C",
    trunk text NOT NULL COLLATE pg_catalog."C",
    data jsonb NOT NULL,
    session_id uuid,
    session_version bigint NOT NULL,
    interaction_id uuid,
    directive bytea NOT NULL,
    directive_version bigint NOT NULL,
    releasing_at timestamp with time zone,
    answered_version bigint NOT NULL,
    event_count bigint NOT NULL,
    ivr_us bigint NOT NULL,
    queue_us bigint NOT NULL,
    ring_us bigint NOT NULL,
    talk_us bigint NOT NULL,
    hold_us bigint NOT NULL,
    total_us bigint NOT NULL,
    attempt_id uuid,
    customer_id uuid,
    dialled_at timestamp with time zone,
    answered_at timestamp with time zone,
    destination bytea DEFAULT '\x'::bytea NOT NULL,
    dial_due_at timestamp with time zone,
    dial_us bigint DEFAULT 0 NOT NULL,
    client_id uuid,
    assistance bytea DEFAULT '\x'::bytea NOT NULL,
    CONSTRAINT calls_ended_at_check CHECK (((ended_at IS NOT NULL) = (state = ANY (ARRAY['CLEARED'::text, 'FAILED'::text])))),
    CONSTRAINT calls_state_check CHECK ((state = ANY (ARRAY['INITIATED'::text, 'QUEUED'::text, 'DELIVERED'::text, 'ESTABLISHED'::text, 'HELD'::text, 'CLEARED'::text, 'FAILED'::text])))
);
ALTER TABLE ONLY public.calls_rest FORCE ROW LEVEL SECURITY;
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
CREATE TABLE public.legs (
    tenant_id uuid NOT NULL,
    call_id uuid NOT NULL,
    arrived_at timestamp with time zone NOT NULL,
    number integer NOT NULL,
    role text NOT NULL,
    state text NOT NULL,
    state_at timestamp with time zone NOT NULL,
    agent text NOT NULL COLLATE pg_catalog."C",
    extension text NOT NULL COLLATE pg_catalog."C",
    reservation text NOT NULL COLLATE pg_catalog."C",
    started_at timestamp with time zone NOT NULL,
    connected_at timestamp with time zone,
    ended_at timestamp with time zone,
    hold_us bigint NOT NULL,
    cause text NOT NULL,
    interaction text DEFAULT ''::text NOT NULL COLLATE pg_catalog."C",
    phone_number text DEFAULT ''::text NOT NULL COLLATE pg_catalog."C",
    audio text DEFAULT 'AUDIO_UNSPECIFIED'::text NOT NULL COLLATE pg_catalog."C"
)
PARTITION BY RANGE (arrived_at);
ALTER TABLE ONLY public.legs FORCE ROW LEVEL SECURITY;
CREATE TABLE public.legs_rest (
    tenant_id uuid NOT NULL,
    call_id uuid NOT NULL,
    arrived_at timestamp with time zone NOT NULL,
    number integer NOT NULL,
    role text NOT NULL,
    state text NOT NULL,
    state_at timestamp with time zone NOT NULL,
    agent text NOT NULL COLLATE pg_catalog."C",
    extension text NOT NULL COLLATE pg_catalog."C",
    reservation text NOT NULL COLLATE pg_catalog."C",
    started_at timestamp with time zone NOT NULL,
    connected_at timestamp with time zone,
    ended_at timestamp with time zone,
    hold_us bigint NOT NULL,
    cause text NOT NULL,
    interaction text DEFAULT ''::text NOT NULL COLLATE pg_catalog."C",
    phone_number text DEFAULT ''::text NOT NULL COLLATE pg_catalog."C",
    audio text DEFAULT 'AUDIO_UNSPECIFIED'::text NOT NULL COLLATE pg_catalog."C"
);
ALTER TABLE ONLY public.legs_rest FORCE ROW LEVEL SECURITY;
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
CREATE TABLE public.switch_calls (
    tenant_id uuid NOT NULL,
    switch_id text NOT NULL COLLATE pg_catalog."C",
    switch_call_id text NOT NULL COLLATE pg_catalog."C",
    call_id uuid NOT NULL,
    arrived_at timestamp with time zone NOT NULL
);
ALTER TABLE ONLY public.switch_calls FORCE ROW LEVEL SECURITY;
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
ALTER TABLE ONLY public.call_events ATTACH PARTITION public.call_events_rest DEFAULT;
ALTER TABLE ONLY public.calls ATTACH PARTITION public.calls_rest DEFAULT;
ALTER TABLE ONLY public.inbox ATTACH PARTITION public.inbox_rest DEFAULT;
ALTER TABLE ONLY public.legs ATTACH PARTITION public.legs_rest DEFAULT;
ALTER TABLE ONLY public.call_events
    ADD CONSTRAINT call_events_tenant_id_call_id_sequence_pk PRIMARY KEY (tenant_id, call_id, sequence, arrived_at);
ALTER TABLE ONLY public.call_events_rest
    ADD CONSTRAINT call_events_rest_pkey PRIMARY KEY (tenant_id, call_id, sequence, arrived_at);
ALTER TABLE ONLY public.calls
    ADD CONSTRAINT calls_tenant_id_id_pk PRIMARY KEY (tenant_id, id, arrived_at);
ALTER TABLE ONLY public.calls_rest
    ADD CONSTRAINT calls_rest_pkey PRIMARY KEY (tenant_id, id, arrived_at);
ALTER TABLE ONLY public.inbox
    ADD CONSTRAINT inbox_tenant_id_event_id_pk PRIMARY KEY (tenant_id, event_id, occurred_at);
ALTER TABLE ONLY public.inbox_rest
    ADD CONSTRAINT inbox_rest_pkey PRIMARY KEY (tenant_id, event_id, occurred_at);
ALTER TABLE ONLY public.legs
    ADD CONSTRAINT legs_tenant_id_call_id_number_pk PRIMARY KEY (tenant_id, call_id, number, arrived_at);
ALTER TABLE ONLY public.legs_rest
    ADD CONSTRAINT legs_rest_pkey PRIMARY KEY (tenant_id, call_id, number, arrived_at);
ALTER TABLE ONLY public.outbox
    ADD CONSTRAINT outbox_id_pk PRIMARY KEY (id);
ALTER TABLE ONLY public.outbox_published
    ADD CONSTRAINT outbox_published_tenant_id_topic_type_pk PRIMARY KEY (tenant_id, topic, type);
ALTER TABLE ONLY public.request_replays
    ADD CONSTRAINT request_replays_pk PRIMARY KEY (tenant_id, principal, method, request_id);
ALTER TABLE ONLY public.schema_migrations
    ADD CONSTRAINT schema_migrations_pkey PRIMARY KEY (version);
ALTER TABLE ONLY public.switch_calls
    ADD CONSTRAINT switch_calls_tenant_id_switch_id_switch_call_id_pk PRIMARY KEY (tenant_id, switch_id, switch_call_id);
ALTER TABLE ONLY public.tasks
    ADD CONSTRAINT tasks_id_pk PRIMARY KEY (id);
CREATE INDEX calls_called_number_idx ON ONLY public.calls USING btree (tenant_id, called_number, id);
CREATE INDEX calls_live_idx ON ONLY public.calls USING btree (tenant_id, switch_id, id) WHERE (ended_at IS NULL);
CREATE INDEX calls_rest_tenant_id_called_number_id_idx ON public.calls_rest USING btree (tenant_id, called_number, id);
CREATE INDEX calls_rest_tenant_id_switch_id_id_idx ON public.calls_rest USING btree (tenant_id, switch_id, id) WHERE (ended_at IS NULL);
CREATE INDEX request_replays_answered_at_idx ON public.request_replays USING btree (answered_at);
CREATE INDEX switch_calls_arrived_at_idx ON public.switch_calls USING btree (arrived_at);
CREATE INDEX tasks_key_id_idx ON public.tasks USING btree (key, id);
ALTER INDEX public.call_events_tenant_id_call_id_sequence_pk ATTACH PARTITION public.call_events_rest_pkey;
ALTER INDEX public.calls_tenant_id_id_pk ATTACH PARTITION public.calls_rest_pkey;
ALTER INDEX public.calls_called_number_idx ATTACH PARTITION public.calls_rest_tenant_id_called_number_id_idx;
ALTER INDEX public.calls_live_idx ATTACH PARTITION public.calls_rest_tenant_id_switch_id_id_idx;
ALTER INDEX public.inbox_tenant_id_event_id_pk ATTACH PARTITION public.inbox_rest_pkey;
ALTER INDEX public.legs_tenant_id_call_id_number_pk ATTACH PARTITION public.legs_rest_pkey;
ALTER TABLE public.call_events ENABLE ROW LEVEL SECURITY;
ALTER TABLE public.call_events_rest ENABLE ROW LEVEL SECURITY;
ALTER TABLE public.calls ENABLE ROW LEVEL SECURITY;
ALTER TABLE public.calls_rest ENABLE ROW LEVEL SECURITY;
ALTER TABLE public.inbox ENABLE ROW LEVEL SECURITY;
ALTER TABLE public.inbox_rest ENABLE ROW LEVEL SECURITY;
ALTER TABLE public.legs ENABLE ROW LEVEL SECURITY;
ALTER TABLE public.legs_rest ENABLE ROW LEVEL SECURITY;
ALTER TABLE public.outbox ENABLE ROW LEVEL SECURITY;
ALTER TABLE public.outbox_published ENABLE ROW LEVEL SECURITY;
ALTER TABLE public.request_replays ENABLE ROW LEVEL SECURITY;
ALTER TABLE public.switch_calls ENABLE ROW LEVEL SECURITY;
ALTER TABLE public.tasks ENABLE ROW LEVEL SECURITY;
CREATE POLICY tenant ON public.call_events USING ((tenant_id = public.carillon_tenant()));
CREATE POLICY tenant ON public.calls USING (((tenant_id = public.carillon_tenant()) AND ((public.carillon_clients() IS NULL) OR (client_id IS NULL) OR (client_id = ANY (public.carillon_clients())))));
CREATE POLICY tenant ON public.inbox USING ((tenant_id = public.carillon_tenant()));
CREATE POLICY tenant ON public.legs USING ((tenant_id = public.carillon_tenant()));
CREATE POLICY tenant ON public.outbox USING ((tenant_id = public.carillon_tenant()));
CREATE POLICY tenant ON public.outbox_published USING ((tenant_id = public.carillon_tenant()));
CREATE POLICY tenant ON public.request_replays USING ((tenant_id = public.carillon_tenant()));
CREATE POLICY tenant ON public.switch_calls USING ((tenant_id = public.carillon_tenant()));
CREATE POLICY tenant ON public.tasks USING ((tenant_id = public.carillon_tenant()));
