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
CREATE TABLE public.agent_sessions (
    tenant_id uuid NOT NULL,
    session_id uuid NOT NULL,
    agent_id uuid NOT NULL,
    agent_code text NOT NULL COLLATE pg_catalog."C",
    seat text NOT NULL COLLATE pg_catalog."C",
    state text NOT NULL COLLATE pg_catalog."C",
    began_at timestamp with time zone NOT NULL,
    ended_at timestamp with time zone,
    record bytea NOT NULL
);
ALTER TABLE ONLY public.agent_sessions FORCE ROW LEVEL SECURITY;
CREATE TABLE public.agents (
    tenant_id uuid NOT NULL,
    agent_id uuid NOT NULL,
    code text NOT NULL COLLATE pg_catalog."C",
    body bytea NOT NULL
);
ALTER TABLE ONLY public.agents FORCE ROW LEVEL SECURITY;
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
CREATE TABLE public.interactions (
    tenant_id uuid NOT NULL,
    interaction_id uuid NOT NULL,
    created_at timestamp with time zone NOT NULL,
    client_id uuid NOT NULL,
    state text NOT NULL COLLATE pg_catalog."C",
    channel text NOT NULL COLLATE pg_catalog."C",
    queue_id uuid NOT NULL,
    agent_id uuid,
    customer_id uuid,
    call_id uuid,
    queued_at timestamp with time zone NOT NULL,
    accepted_at timestamp with time zone,
    ended_at timestamp with time zone,
    wait_us bigint,
    ring_us bigint,
    talk_us bigint,
    hold_us bigint,
    wrap_us bigint,
    disposition text COLLATE pg_catalog."C",
    record bytea NOT NULL,
    forgotten boolean DEFAULT false NOT NULL
)
PARTITION BY RANGE (created_at);
ALTER TABLE ONLY public.interactions FORCE ROW LEVEL SECURITY;
CREATE TABLE public.journal (
    tenant_id uuid NOT NULL,
    seq bigint NOT NULL,
    at timestamp with time zone NOT NULL,
    epoch bigint NOT NULL,
    format integer NOT NULL,
    rule_version bigint NOT NULL,
    command bytea NOT NULL,
    transitions bytea NOT NULL
)
PARTITION BY RANGE (at);
ALTER TABLE ONLY public.journal FORCE ROW LEVEL SECURITY;
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
CREATE TABLE public.queues (
    tenant_id uuid NOT NULL,
    queue_id uuid NOT NULL,
    client_id uuid NOT NULL,
    code text NOT NULL COLLATE pg_catalog."C",
    body bytea NOT NULL
);
ALTER TABLE ONLY public.queues FORCE ROW LEVEL SECURITY;
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
CREATE TABLE public.routing_profiles (
    tenant_id uuid NOT NULL,
    routing_profile_id uuid NOT NULL,
    code text NOT NULL COLLATE pg_catalog."C",
    body bytea NOT NULL
);
ALTER TABLE ONLY public.routing_profiles FORCE ROW LEVEL SECURITY;
CREATE TABLE public.schema_migrations (
    version character varying NOT NULL
);
CREATE TABLE public.shards (
    tenant_id uuid NOT NULL,
    epoch bigint NOT NULL,
    holder text NOT NULL COLLATE pg_catalog."C",
    renewed_at timestamp with time zone NOT NULL,
    business_at timestamp with time zone NOT NULL
);
ALTER TABLE ONLY public.shards FORCE ROW LEVEL SECURITY;
CREATE TABLE public.skills (
    tenant_id uuid NOT NULL,
    skill_id uuid NOT NULL,
    code text NOT NULL COLLATE pg_catalog."C",
    body bytea NOT NULL
);
ALTER TABLE ONLY public.skills FORCE ROW LEVEL SECURITY;
CREATE TABLE public.snapshots (
    tenant_id uuid NOT NULL,
    seq bigint NOT NULL,
    at timestamp with time zone NOT NULL,
    format integer NOT NULL,
    state bytea NOT NULL
);
ALTER TABLE ONLY public.snapshots FORCE ROW LEVEL SECURITY;
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
ALTER TABLE ONLY public.agent_sessions
    ADD CONSTRAINT agent_sessions_tenant_id_session_id_pk PRIMARY KEY (tenant_id, session_id);
ALTER TABLE ONLY public.agents
    ADD CONSTRAINT agents_tenant_id_agent_id_pk PRIMARY KEY (tenant_id, agent_id);
ALTER TABLE ONLY public.agents
    ADD CONSTRAINT agents_tenant_id_code_key UNIQUE (tenant_id, code) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.inbox
    ADD CONSTRAINT inbox_tenant_id_event_id_pk PRIMARY KEY (tenant_id, event_id, occurred_at);
ALTER TABLE ONLY public.inbox_rest
    ADD CONSTRAINT inbox_rest_pkey PRIMARY KEY (tenant_id, event_id, occurred_at);
ALTER TABLE ONLY public.interactions
    ADD CONSTRAINT interactions_tenant_id_interaction_id_created_at_pk PRIMARY KEY (tenant_id, interaction_id, created_at);
ALTER TABLE ONLY public.journal
    ADD CONSTRAINT journal_tenant_id_seq_at_pk PRIMARY KEY (tenant_id, seq, at);
ALTER TABLE ONLY public.outbox
    ADD CONSTRAINT outbox_id_pk PRIMARY KEY (id);
ALTER TABLE ONLY public.outbox_published
    ADD CONSTRAINT outbox_published_tenant_id_topic_type_pk PRIMARY KEY (tenant_id, topic, type);
ALTER TABLE ONLY public.queues
    ADD CONSTRAINT queues_tenant_id_code_key UNIQUE (tenant_id, code) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.queues
    ADD CONSTRAINT queues_tenant_id_queue_id_pk PRIMARY KEY (tenant_id, queue_id);
ALTER TABLE ONLY public.request_replays
    ADD CONSTRAINT request_replays_pk PRIMARY KEY (tenant_id, principal, method, request_id);
ALTER TABLE ONLY public.routing_profiles
    ADD CONSTRAINT routing_profiles_tenant_id_code_key UNIQUE (tenant_id, code) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.routing_profiles
    ADD CONSTRAINT routing_profiles_tenant_id_routing_profile_id_pk PRIMARY KEY (tenant_id, routing_profile_id);
ALTER TABLE ONLY public.schema_migrations
    ADD CONSTRAINT schema_migrations_pkey PRIMARY KEY (version);
ALTER TABLE ONLY public.shards
    ADD CONSTRAINT shards_tenant_id_pk PRIMARY KEY (tenant_id);
ALTER TABLE ONLY public.skills
    ADD CONSTRAINT skills_tenant_id_code_key UNIQUE (tenant_id, code) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.skills
    ADD CONSTRAINT skills_tenant_id_skill_id_pk PRIMARY KEY (tenant_id, skill_id);
ALTER TABLE ONLY public.snapshots
    ADD CONSTRAINT snapshots_tenant_id_seq_pk PRIMARY KEY (tenant_id, seq);
ALTER TABLE ONLY public.tasks
    ADD CONSTRAINT tasks_id_pk PRIMARY KEY (id);
CREATE INDEX agent_sessions_open_idx ON public.agent_sessions USING btree (tenant_id, agent_code, session_id) WHERE (ended_at IS NULL);
CREATE INDEX agent_sessions_tenant_id_agent_id_idx ON public.agent_sessions USING btree (tenant_id, agent_id, began_at);
CREATE INDEX interactions_tenant_id_agent_id_idx ON ONLY public.interactions USING btree (tenant_id, agent_id, interaction_id);
CREATE INDEX interactions_tenant_id_call_id_idx ON ONLY public.interactions USING btree (tenant_id, call_id);
CREATE INDEX interactions_tenant_id_customer_id_idx ON ONLY public.interactions USING btree (tenant_id, customer_id, interaction_id);
CREATE INDEX interactions_tenant_id_queue_id_idx ON ONLY public.interactions USING btree (tenant_id, queue_id, interaction_id);
CREATE INDEX interactions_to_forget_idx ON ONLY public.interactions USING btree (ended_at) WHERE (NOT forgotten);
CREATE INDEX request_replays_answered_at_idx ON public.request_replays USING btree (answered_at);
CREATE INDEX tasks_key_id_idx ON public.tasks USING btree (key, id);
ALTER INDEX public.inbox_tenant_id_event_id_pk ATTACH PARTITION public.inbox_rest_pkey;
ALTER TABLE public.agent_sessions ENABLE ROW LEVEL SECURITY;
ALTER TABLE public.agents ENABLE ROW LEVEL SECURITY;
ALTER TABLE public.inbox ENABLE ROW LEVEL SECURITY;
ALTER TABLE public.inbox_rest ENABLE ROW LEVEL SECURITY;
ALTER TABLE public.interactions ENABLE ROW LEVEL SECURITY;
ALTER TABLE public.journal ENABLE ROW LEVEL SECURITY;
ALTER TABLE public.outbox ENABLE ROW LEVEL SECURITY;
ALTER TABLE public.outbox_published ENABLE ROW LEVEL SECURITY;
ALTER TABLE public.queues ENABLE ROW LEVEL SECURITY;
ALTER TABLE public.request_replays ENABLE ROW LEVEL SECURITY;
ALTER TABLE public.routing_profiles ENABLE ROW LEVEL SECURITY;
ALTER TABLE public.shards ENABLE ROW LEVEL SECURITY;
ALTER TABLE public.skills ENABLE ROW LEVEL SECURITY;
ALTER TABLE public.snapshots ENABLE ROW LEVEL SECURITY;
ALTER TABLE public.tasks ENABLE ROW LEVEL SECURITY;
CREATE POLICY tenant ON public.agent_sessions USING ((tenant_id = public.carillon_tenant()));
CREATE POLICY tenant ON public.agents USING ((tenant_id = public.carillon_tenant()));
CREATE POLICY tenant ON public.inbox USING ((tenant_id = public.carillon_tenant()));
CREATE POLICY tenant ON public.interactions USING (((tenant_id = public.carillon_tenant()) AND ((public.carillon_clients() IS NULL) OR (client_id = ANY (public.carillon_clients())))));
CREATE POLICY tenant ON public.journal USING ((tenant_id = public.carillon_tenant()));
CREATE POLICY tenant ON public.outbox USING ((tenant_id = public.carillon_tenant()));
CREATE POLICY tenant ON public.outbox_published USING ((tenant_id = public.carillon_tenant()));
CREATE POLICY tenant ON public.queues USING (((tenant_id = public.carillon_tenant()) AND ((public.carillon_clients() IS NULL) OR (client_id = ANY (public.carillon_clients())))));
CREATE POLICY tenant ON public.request_replays USING ((tenant_id = public.carillon_tenant()));
CREATE POLICY tenant ON public.routing_profiles USING ((tenant_id = public.carillon_tenant()));
CREATE POLICY tenant ON public.shards USING ((tenant_id = public.carillon_tenant()));
CREATE POLICY tenant ON public.skills USING ((tenant_id = public.carillon_tenant()));
CREATE POLICY tenant ON public.snapshots USING ((tenant_id = public.carillon_tenant()));
CREATE POLICY tenant ON public.tasks USING ((tenant_id = public.carillon_tenant()));
