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
CREATE TABLE public.dead_events (
    tenant_id uuid NOT NULL,
    event_id uuid NOT NULL,
    topic text NOT NULL,
    type text NOT NULL,
    reason text NOT NULL,
    noted_at timestamp with time zone NOT NULL
);
ALTER TABLE ONLY public.dead_events FORCE ROW LEVEL SECURITY;
CREATE TABLE public.fact_agent_states (
    tenant_id uuid NOT NULL,
    session_id uuid NOT NULL,
    change bigint NOT NULL,
    started_at timestamp with time zone NOT NULL,
    agent_id uuid NOT NULL,
    state text NOT NULL,
    reason text NOT NULL,
    ended_at timestamp with time zone
)
PARTITION BY RANGE (started_at);
ALTER TABLE ONLY public.fact_agent_states FORCE ROW LEVEL SECURITY;
CREATE TABLE public.fact_agent_states_rest (
    tenant_id uuid NOT NULL,
    session_id uuid NOT NULL,
    change bigint NOT NULL,
    started_at timestamp with time zone NOT NULL,
    agent_id uuid NOT NULL,
    state text NOT NULL,
    reason text NOT NULL,
    ended_at timestamp with time zone
);
ALTER TABLE ONLY public.fact_agent_states_rest FORCE ROW LEVEL SECURITY;
CREATE TABLE public.fact_attempts (
    tenant_id uuid NOT NULL,
    attempt_id uuid NOT NULL,
    dialled_at timestamp with time zone NOT NULL,
    campaign_id uuid NOT NULL,
    client_id uuid,
    target_record_id uuid NOT NULL,
    customer_id uuid,
    number integer NOT NULL,
    state text NOT NULL,
    rank integer NOT NULL,
    disposition text NOT NULL COLLATE pg_catalog."C",
    offer text NOT NULL,
    answered_at timestamp with time zone,
    connected_at timestamp with time zone,
    ended_at timestamp with time zone,
    callback_at timestamp with time zone,
    next_callback_at timestamp with time zone,
    call_id uuid,
    interaction_id uuid,
    agent_id uuid,
    talk_us bigint NOT NULL,
    as_of timestamp with time zone NOT NULL
)
PARTITION BY RANGE (dialled_at);
ALTER TABLE ONLY public.fact_attempts FORCE ROW LEVEL SECURITY;
CREATE TABLE public.fact_attempts_rest (
    tenant_id uuid NOT NULL,
    attempt_id uuid NOT NULL,
    dialled_at timestamp with time zone NOT NULL,
    campaign_id uuid NOT NULL,
    client_id uuid,
    target_record_id uuid NOT NULL,
    customer_id uuid,
    number integer NOT NULL,
    state text NOT NULL,
    rank integer NOT NULL,
    disposition text NOT NULL COLLATE pg_catalog."C",
    offer text NOT NULL,
    answered_at timestamp with time zone,
    connected_at timestamp with time zone,
    ended_at timestamp with time zone,
    callback_at timestamp with time zone,
    next_callback_at timestamp with time zone,
    call_id uuid,
    interaction_id uuid,
    agent_id uuid,
    talk_us bigint NOT NULL,
    as_of timestamp with time zone NOT NULL
);
ALTER TABLE ONLY public.fact_attempts_rest FORCE ROW LEVEL SECURITY;
CREATE TABLE public.fact_calls (
    tenant_id uuid NOT NULL,
    call_id uuid NOT NULL,
    arrived_at timestamp with time zone NOT NULL,
    client_id uuid,
    ended_at timestamp with time zone,
    cause text NOT NULL,
    session_id uuid,
    interaction_id uuid,
    as_of timestamp with time zone NOT NULL,
    direction text NOT NULL,
    attempt_id uuid,
    dialled_at timestamp with time zone,
    answered_at timestamp with time zone
)
PARTITION BY RANGE (arrived_at);
ALTER TABLE ONLY public.fact_calls FORCE ROW LEVEL SECURITY;
CREATE TABLE public.fact_calls_rest (
    tenant_id uuid NOT NULL,
    call_id uuid NOT NULL,
    arrived_at timestamp with time zone NOT NULL,
    client_id uuid,
    ended_at timestamp with time zone,
    cause text NOT NULL,
    session_id uuid,
    interaction_id uuid,
    as_of timestamp with time zone NOT NULL,
    direction text NOT NULL,
    attempt_id uuid,
    dialled_at timestamp with time zone,
    answered_at timestamp with time zone
);
ALTER TABLE ONLY public.fact_calls_rest FORCE ROW LEVEL SECURITY;
CREATE TABLE public.fact_campaigns (
    tenant_id uuid NOT NULL,
    campaign_id uuid NOT NULL,
    client_id uuid,
    code text NOT NULL,
    display_name text NOT NULL,
    purpose text NOT NULL,
    state text NOT NULL,
    targets integer NOT NULL,
    refusals text[] NOT NULL,
    refused bigint[] NOT NULL,
    built_at timestamp with time zone,
    as_of timestamp with time zone NOT NULL
);
ALTER TABLE ONLY public.fact_campaigns FORCE ROW LEVEL SECURITY;
CREATE TABLE public.fact_evaluations (
    tenant_id uuid NOT NULL,
    evaluation_id uuid NOT NULL,
    drawn_at timestamp with time zone NOT NULL,
    plan_id uuid,
    client_id uuid,
    agent_id uuid NOT NULL,
    interaction_id uuid,
    direction text NOT NULL,
    state text NOT NULL,
    rank integer NOT NULL,
    total integer,
    passed boolean NOT NULL,
    vetoes text[] NOT NULL,
    scored_at timestamp with time zone,
    published_at timestamp with time zone,
    as_of timestamp with time zone NOT NULL
)
PARTITION BY RANGE (drawn_at);
ALTER TABLE ONLY public.fact_evaluations FORCE ROW LEVEL SECURITY;
CREATE TABLE public.fact_evaluations_rest (
    tenant_id uuid NOT NULL,
    evaluation_id uuid NOT NULL,
    drawn_at timestamp with time zone NOT NULL,
    plan_id uuid,
    client_id uuid,
    agent_id uuid NOT NULL,
    interaction_id uuid,
    direction text NOT NULL,
    state text NOT NULL,
    rank integer NOT NULL,
    total integer,
    passed boolean NOT NULL,
    vetoes text[] NOT NULL,
    scored_at timestamp with time zone,
    published_at timestamp with time zone,
    as_of timestamp with time zone NOT NULL
);
ALTER TABLE ONLY public.fact_evaluations_rest FORCE ROW LEVEL SECURITY;
CREATE TABLE public.fact_interactions (
    tenant_id uuid NOT NULL,
    interaction_id uuid NOT NULL,
    arrived_at timestamp with time zone NOT NULL,
    call_id uuid,
    client_id uuid,
    channel text NOT NULL,
    queue_id uuid,
    agent_id uuid,
    customer_id uuid,
    result text NOT NULL,
    ended_at timestamp with time zone,
    wait_us bigint NOT NULL,
    ring_us bigint NOT NULL,
    talk_us bigint NOT NULL,
    hold_us bigint NOT NULL,
    wrap_us bigint NOT NULL,
    disposition text NOT NULL,
    as_of timestamp with time zone NOT NULL,
    direction text NOT NULL
)
PARTITION BY RANGE (arrived_at);
ALTER TABLE ONLY public.fact_interactions FORCE ROW LEVEL SECURITY;
CREATE TABLE public.fact_interactions_rest (
    tenant_id uuid NOT NULL,
    interaction_id uuid NOT NULL,
    arrived_at timestamp with time zone NOT NULL,
    call_id uuid,
    client_id uuid,
    channel text NOT NULL,
    queue_id uuid,
    agent_id uuid,
    customer_id uuid,
    result text NOT NULL,
    ended_at timestamp with time zone,
    wait_us bigint NOT NULL,
    ring_us bigint NOT NULL,
    talk_us bigint NOT NULL,
    hold_us bigint NOT NULL,
    wrap_us bigint NOT NULL,
    disposition text NOT NULL,
    as_of timestamp with time zone NOT NULL,
    direction text NOT NULL
);
ALTER TABLE ONLY public.fact_interactions_rest FORCE ROW LEVEL SECURITY;
CREATE TABLE public.fact_orders (
    tenant_id uuid NOT NULL,
    work_order_id uuid NOT NULL,
    created_at timestamp with time zone NOT NULL,
    client_id uuid,
    type text NOT NULL,
    state text NOT NULL,
    priority text NOT NULL,
    interaction_id uuid,
    desk_id uuid,
    completed_at timestamp with time zone,
    closed_at timestamp with time zone,
    revisited boolean NOT NULL,
    overdue boolean NOT NULL,
    reopened_count integer NOT NULL,
    first_contact boolean NOT NULL,
    as_of timestamp with time zone NOT NULL
)
PARTITION BY RANGE (created_at);
ALTER TABLE ONLY public.fact_orders FORCE ROW LEVEL SECURITY;
CREATE TABLE public.fact_orders_rest (
    tenant_id uuid NOT NULL,
    work_order_id uuid NOT NULL,
    created_at timestamp with time zone NOT NULL,
    client_id uuid,
    type text NOT NULL,
    state text NOT NULL,
    priority text NOT NULL,
    interaction_id uuid,
    desk_id uuid,
    completed_at timestamp with time zone,
    closed_at timestamp with time zone,
    revisited boolean NOT NULL,
    overdue boolean NOT NULL,
    reopened_count integer NOT NULL,
    first_contact boolean NOT NULL,
    as_of timestamp with time zone NOT NULL
);
ALTER TABLE ONLY public.fact_orders_rest FORCE ROW LEVEL SECURITY;
CREATE TABLE public.fact_quotas (
    tenant_id uuid NOT NULL,
    plan_id uuid NOT NULL,
    agent_id uuid NOT NULL,
    client_id uuid,
    drawn_at timestamp with time zone NOT NULL,
    planned integer NOT NULL,
    drawn integer NOT NULL,
    bands text[] NOT NULL,
    reasons text[] NOT NULL,
    missing bigint[] NOT NULL,
    as_of timestamp with time zone NOT NULL
);
ALTER TABLE ONLY public.fact_quotas FORCE ROW LEVEL SECURITY;
CREATE TABLE public.fact_refusals (
    tenant_id uuid NOT NULL,
    event_id uuid NOT NULL,
    refused_at timestamp with time zone NOT NULL,
    target_record_id uuid NOT NULL,
    campaign_id uuid NOT NULL,
    refusal text NOT NULL
)
PARTITION BY RANGE (refused_at);
ALTER TABLE ONLY public.fact_refusals FORCE ROW LEVEL SECURITY;
CREATE TABLE public.fact_refusals_rest (
    tenant_id uuid NOT NULL,
    event_id uuid NOT NULL,
    refused_at timestamp with time zone NOT NULL,
    target_record_id uuid NOT NULL,
    campaign_id uuid NOT NULL,
    refusal text NOT NULL
);
ALTER TABLE ONLY public.fact_refusals_rest FORCE ROW LEVEL SECURITY;
CREATE TABLE public.fact_sessions (
    tenant_id uuid NOT NULL,
    session_id uuid NOT NULL,
    started_at timestamp with time zone NOT NULL,
    call_id uuid NOT NULL,
    client_id uuid,
    customer_id uuid,
    result text NOT NULL,
    path text NOT NULL,
    ended_at timestamp with time zone,
    as_of timestamp with time zone NOT NULL
)
PARTITION BY RANGE (started_at);
ALTER TABLE ONLY public.fact_sessions FORCE ROW LEVEL SECURITY;
CREATE TABLE public.fact_sessions_rest (
    tenant_id uuid NOT NULL,
    session_id uuid NOT NULL,
    started_at timestamp with time zone NOT NULL,
    call_id uuid NOT NULL,
    client_id uuid,
    customer_id uuid,
    result text NOT NULL,
    path text NOT NULL,
    ended_at timestamp with time zone,
    as_of timestamp with time zone NOT NULL
);
ALTER TABLE ONLY public.fact_sessions_rest FORCE ROW LEVEL SECURITY;
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
ALTER TABLE ONLY public.fact_agent_states ATTACH PARTITION public.fact_agent_states_rest DEFAULT;
ALTER TABLE ONLY public.fact_attempts ATTACH PARTITION public.fact_attempts_rest DEFAULT;
ALTER TABLE ONLY public.fact_calls ATTACH PARTITION public.fact_calls_rest DEFAULT;
ALTER TABLE ONLY public.fact_evaluations ATTACH PARTITION public.fact_evaluations_rest DEFAULT;
ALTER TABLE ONLY public.fact_interactions ATTACH PARTITION public.fact_interactions_rest DEFAULT;
ALTER TABLE ONLY public.fact_orders ATTACH PARTITION public.fact_orders_rest DEFAULT;
ALTER TABLE ONLY public.fact_refusals ATTACH PARTITION public.fact_refusals_rest DEFAULT;
ALTER TABLE ONLY public.fact_sessions ATTACH PARTITION public.fact_sessions_rest DEFAULT;
ALTER TABLE ONLY public.inbox ATTACH PARTITION public.inbox_rest DEFAULT;
ALTER TABLE ONLY public.dead_events
    ADD CONSTRAINT dead_events_pk PRIMARY KEY (tenant_id, event_id);
ALTER TABLE ONLY public.fact_agent_states
    ADD CONSTRAINT fact_agent_states_pk PRIMARY KEY (tenant_id, session_id, change, started_at);
ALTER TABLE ONLY public.fact_agent_states_rest
    ADD CONSTRAINT fact_agent_states_rest_pkey PRIMARY KEY (tenant_id, session_id, change, started_at);
ALTER TABLE ONLY public.fact_attempts
    ADD CONSTRAINT fact_attempts_pk PRIMARY KEY (tenant_id, attempt_id, dialled_at);
ALTER TABLE ONLY public.fact_attempts_rest
    ADD CONSTRAINT fact_attempts_rest_pkey PRIMARY KEY (tenant_id, attempt_id, dialled_at);
ALTER TABLE ONLY public.fact_calls
    ADD CONSTRAINT fact_calls_pk PRIMARY KEY (tenant_id, call_id, arrived_at);
ALTER TABLE ONLY public.fact_calls_rest
    ADD CONSTRAINT fact_calls_rest_pkey PRIMARY KEY (tenant_id, call_id, arrived_at);
ALTER TABLE ONLY public.fact_campaigns
    ADD CONSTRAINT fact_campaigns_pk PRIMARY KEY (tenant_id, campaign_id);
ALTER TABLE ONLY public.fact_evaluations
    ADD CONSTRAINT fact_evaluations_pk PRIMARY KEY (tenant_id, evaluation_id, drawn_at);
ALTER TABLE ONLY public.fact_evaluations_rest
    ADD CONSTRAINT fact_evaluations_rest_pkey PRIMARY KEY (tenant_id, evaluation_id, drawn_at);
ALTER TABLE ONLY public.fact_interactions
    ADD CONSTRAINT fact_interactions_pk PRIMARY KEY (tenant_id, interaction_id, arrived_at);
ALTER TABLE ONLY public.fact_interactions_rest
    ADD CONSTRAINT fact_interactions_rest_pkey PRIMARY KEY (tenant_id, interaction_id, arrived_at);
ALTER TABLE ONLY public.fact_orders
    ADD CONSTRAINT fact_orders_pk PRIMARY KEY (tenant_id, work_order_id, created_at);
ALTER TABLE ONLY public.fact_orders_rest
    ADD CONSTRAINT fact_orders_rest_pkey PRIMARY KEY (tenant_id, work_order_id, created_at);
ALTER TABLE ONLY public.fact_quotas
    ADD CONSTRAINT fact_quotas_pk PRIMARY KEY (tenant_id, plan_id, agent_id);
ALTER TABLE ONLY public.fact_refusals
    ADD CONSTRAINT fact_refusals_pk PRIMARY KEY (tenant_id, event_id, refused_at);
ALTER TABLE ONLY public.fact_refusals_rest
    ADD CONSTRAINT fact_refusals_rest_pkey PRIMARY KEY (tenant_id, event_id, refused_at);
ALTER TABLE ONLY public.fact_sessions
    ADD CONSTRAINT fact_sessions_pk PRIMARY KEY (tenant_id, session_id, started_at);
ALTER TABLE ONLY public.fact_sessions_rest
    ADD CONSTRAINT fact_sessions_rest_pkey PRIMARY KEY (tenant_id, session_id, started_at);
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
ALTER TABLE ONLY public.tasks
    ADD CONSTRAINT tasks_id_pk PRIMARY KEY (id);
CREATE INDEX fact_agent_states_started_at_idx ON ONLY public.fact_agent_states USING btree (tenant_id, started_at);
CREATE INDEX fact_agent_states_rest_tenant_id_started_at_idx ON public.fact_agent_states_rest USING btree (tenant_id, started_at);
CREATE INDEX fact_attempts_dialled_at_idx ON ONLY public.fact_attempts USING btree (tenant_id, dialled_at);
CREATE INDEX fact_attempts_next_callback_idx ON ONLY public.fact_attempts USING btree (tenant_id, next_callback_at) WHERE (next_callback_at IS NOT NULL);
CREATE INDEX fact_attempts_rest_tenant_id_dialled_at_idx ON public.fact_attempts_rest USING btree (tenant_id, dialled_at);
CREATE INDEX fact_attempts_rest_tenant_id_next_callback_at_idx ON public.fact_attempts_rest USING btree (tenant_id, next_callback_at) WHERE (next_callback_at IS NOT NULL);
CREATE INDEX fact_attempts_target_idx ON ONLY public.fact_attempts USING btree (tenant_id, target_record_id);
CREATE INDEX fact_attempts_rest_tenant_id_target_record_id_idx ON public.fact_attempts_rest USING btree (tenant_id, target_record_id);
CREATE INDEX fact_calls_arrived_at_idx ON ONLY public.fact_calls USING btree (tenant_id, arrived_at);
CREATE INDEX fact_calls_attempt_idx ON ONLY public.fact_calls USING btree (tenant_id, attempt_id) WHERE (attempt_id IS NOT NULL);
CREATE INDEX fact_calls_rest_tenant_id_arrived_at_idx ON public.fact_calls_rest USING btree (tenant_id, arrived_at);
CREATE INDEX fact_calls_rest_tenant_id_attempt_id_idx ON public.fact_calls_rest USING btree (tenant_id, attempt_id) WHERE (attempt_id IS NOT NULL);
CREATE INDEX fact_campaigns_built_at_idx ON public.fact_campaigns USING btree (tenant_id, built_at);
CREATE INDEX fact_evaluations_drawn_at_idx ON ONLY public.fact_evaluations USING btree (tenant_id, drawn_at);
CREATE INDEX fact_evaluations_published_at_idx ON ONLY public.fact_evaluations USING btree (tenant_id, published_at);
CREATE INDEX fact_evaluations_rest_tenant_id_drawn_at_idx ON public.fact_evaluations_rest USING btree (tenant_id, drawn_at);
CREATE INDEX fact_evaluations_rest_tenant_id_published_at_idx ON public.fact_evaluations_rest USING btree (tenant_id, published_at);
CREATE INDEX fact_evaluations_scored_at_idx ON ONLY public.fact_evaluations USING btree (tenant_id, scored_at);
CREATE INDEX fact_evaluations_rest_tenant_id_scored_at_idx ON public.fact_evaluations_rest USING btree (tenant_id, scored_at);
CREATE INDEX fact_interactions_arrived_at_idx ON ONLY public.fact_interactions USING btree (tenant_id, arrived_at);
CREATE INDEX fact_interactions_call_idx ON ONLY public.fact_interactions USING btree (tenant_id, call_id);
CREATE INDEX fact_interactions_rest_tenant_id_arrived_at_idx ON public.fact_interactions_rest USING btree (tenant_id, arrived_at);
CREATE INDEX fact_interactions_rest_tenant_id_call_id_idx ON public.fact_interactions_rest USING btree (tenant_id, call_id);
CREATE INDEX fact_orders_closed_at_idx ON ONLY public.fact_orders USING btree (tenant_id, closed_at);
CREATE INDEX fact_orders_completed_at_idx ON ONLY public.fact_orders USING btree (tenant_id, completed_at);
CREATE INDEX fact_orders_created_at_idx ON ONLY public.fact_orders USING btree (tenant_id, created_at);
CREATE INDEX fact_orders_rest_tenant_id_closed_at_idx ON public.fact_orders_rest USING btree (tenant_id, closed_at);
CREATE INDEX fact_orders_rest_tenant_id_completed_at_idx ON public.fact_orders_rest USING btree (tenant_id, completed_at);
CREATE INDEX fact_orders_rest_tenant_id_created_at_idx ON public.fact_orders_rest USING btree (tenant_id, created_at);
CREATE INDEX fact_quotas_drawn_at_idx ON public.fact_quotas USING btree (tenant_id, drawn_at);
CREATE INDEX fact_refusals_refused_at_idx ON ONLY public.fact_refusals USING btree (tenant_id, refused_at);
CREATE INDEX fact_refusals_rest_tenant_id_refused_at_idx ON public.fact_refusals_rest USING btree (tenant_id, refused_at);
CREATE INDEX fact_sessions_call_idx ON ONLY public.fact_sessions USING btree (tenant_id, call_id);
CREATE INDEX fact_sessions_rest_tenant_id_call_id_idx ON public.fact_sessions_rest USING btree (tenant_id, call_id);
CREATE INDEX fact_sessions_started_at_idx ON ONLY public.fact_sessions USING btree (tenant_id, started_at);
CREATE INDEX fact_sessions_rest_tenant_id_started_at_idx ON public.fact_sessions_rest USING btree (tenant_id, started_at);
CREATE INDEX request_replays_answered_at_idx ON public.request_replays USING btree (answered_at);
CREATE INDEX tasks_key_id_idx ON public.tasks USING btree (key, id);
ALTER INDEX public.fact_agent_states_pk ATTACH PARTITION public.fact_agent_states_rest_pkey;
ALTER INDEX public.fact_agent_states_started_at_idx ATTACH PARTITION public.fact_agent_states_rest_tenant_id_started_at_idx;
ALTER INDEX public.fact_attempts_pk ATTACH PARTITION public.fact_attempts_rest_pkey;
ALTER INDEX public.fact_attempts_dialled_at_idx ATTACH PARTITION public.fact_attempts_rest_tenant_id_dialled_at_idx;
ALTER INDEX public.fact_attempts_next_callback_idx ATTACH PARTITION public.fact_attempts_rest_tenant_id_next_callback_at_idx;
ALTER INDEX public.fact_attempts_target_idx ATTACH PARTITION public.fact_attempts_rest_tenant_id_target_record_id_idx;
ALTER INDEX public.fact_calls_pk ATTACH PARTITION public.fact_calls_rest_pkey;
ALTER INDEX public.fact_calls_arrived_at_idx ATTACH PARTITION public.fact_calls_rest_tenant_id_arrived_at_idx;
ALTER INDEX public.fact_calls_attempt_idx ATTACH PARTITION public.fact_calls_rest_tenant_id_attempt_id_idx;
ALTER INDEX public.fact_evaluations_pk ATTACH PARTITION public.fact_evaluations_rest_pkey;
ALTER INDEX public.fact_evaluations_drawn_at_idx ATTACH PARTITION public.fact_evaluations_rest_tenant_id_drawn_at_idx;
ALTER INDEX public.fact_evaluations_published_at_idx ATTACH PARTITION public.fact_evaluations_rest_tenant_id_published_at_idx;
ALTER INDEX public.fact_evaluations_scored_at_idx ATTACH PARTITION public.fact_evaluations_rest_tenant_id_scored_at_idx;
ALTER INDEX public.fact_interactions_pk ATTACH PARTITION public.fact_interactions_rest_pkey;
ALTER INDEX public.fact_interactions_arrived_at_idx ATTACH PARTITION public.fact_interactions_rest_tenant_id_arrived_at_idx;
ALTER INDEX public.fact_interactions_call_idx ATTACH PARTITION public.fact_interactions_rest_tenant_id_call_id_idx;
ALTER INDEX public.fact_orders_pk ATTACH PARTITION public.fact_orders_rest_pkey;
ALTER INDEX public.fact_orders_closed_at_idx ATTACH PARTITION public.fact_orders_rest_tenant_id_closed_at_idx;
ALTER INDEX public.fact_orders_completed_at_idx ATTACH PARTITION public.fact_orders_rest_tenant_id_completed_at_idx;
ALTER INDEX public.fact_orders_created_at_idx ATTACH PARTITION public.fact_orders_rest_tenant_id_created_at_idx;
ALTER INDEX public.fact_refusals_pk ATTACH PARTITION public.fact_refusals_rest_pkey;
ALTER INDEX public.fact_refusals_refused_at_idx ATTACH PARTITION public.fact_refusals_rest_tenant_id_refused_at_idx;
ALTER INDEX public.fact_sessions_pk ATTACH PARTITION public.fact_sessions_rest_pkey;
ALTER INDEX public.fact_sessions_call_idx ATTACH PARTITION public.fact_sessions_rest_tenant_id_call_id_idx;
ALTER INDEX public.fact_sessions_started_at_idx ATTACH PARTITION public.fact_sessions_rest_tenant_id_started_at_idx;
ALTER INDEX public.inbox_tenant_id_event_id_pk ATTACH PARTITION public.inbox_rest_pkey;
ALTER TABLE public.dead_events ENABLE ROW LEVEL SECURITY;
ALTER TABLE public.fact_agent_states ENABLE ROW LEVEL SECURITY;
ALTER TABLE public.fact_agent_states_rest ENABLE ROW LEVEL SECURITY;
ALTER TABLE public.fact_attempts ENABLE ROW LEVEL SECURITY;
ALTER TABLE public.fact_attempts_rest ENABLE ROW LEVEL SECURITY;
ALTER TABLE public.fact_calls ENABLE ROW LEVEL SECURITY;
ALTER TABLE public.fact_calls_rest ENABLE ROW LEVEL SECURITY;
ALTER TABLE public.fact_campaigns ENABLE ROW LEVEL SECURITY;
ALTER TABLE public.fact_evaluations ENABLE ROW LEVEL SECURITY;
ALTER TABLE public.fact_evaluations_rest ENABLE ROW LEVEL SECURITY;
ALTER TABLE public.fact_interactions ENABLE ROW LEVEL SECURITY;
ALTER TABLE public.fact_interactions_rest ENABLE ROW LEVEL SECURITY;
ALTER TABLE public.fact_orders ENABLE ROW LEVEL SECURITY;
ALTER TABLE public.fact_orders_rest ENABLE ROW LEVEL SECURITY;
ALTER TABLE public.fact_quotas ENABLE ROW LEVEL SECURITY;
ALTER TABLE public.fact_refusals ENABLE ROW LEVEL SECURITY;
ALTER TABLE public.fact_refusals_rest ENABLE ROW LEVEL SECURITY;
ALTER TABLE public.fact_sessions ENABLE ROW LEVEL SECURITY;
ALTER TABLE public.fact_sessions_rest ENABLE ROW LEVEL SECURITY;
ALTER TABLE public.inbox ENABLE ROW LEVEL SECURITY;
ALTER TABLE public.inbox_rest ENABLE ROW LEVEL SECURITY;
ALTER TABLE public.outbox ENABLE ROW LEVEL SECURITY;
ALTER TABLE public.outbox_published ENABLE ROW LEVEL SECURITY;
ALTER TABLE public.request_replays ENABLE ROW LEVEL SECURITY;
ALTER TABLE public.tasks ENABLE ROW LEVEL SECURITY;
CREATE POLICY tenant ON public.dead_events USING ((tenant_id = public.carillon_tenant()));
CREATE POLICY tenant ON public.fact_agent_states USING ((tenant_id = public.carillon_tenant()));
CREATE POLICY tenant ON public.fact_attempts USING (((tenant_id = public.carillon_tenant()) AND ((public.carillon_clients() IS NULL) OR (client_id IS NULL) OR (client_id = ANY (public.carillon_clients())))));
CREATE POLICY tenant ON public.fact_calls USING (((tenant_id = public.carillon_tenant()) AND ((public.carillon_clients() IS NULL) OR (client_id IS NULL) OR (client_id = ANY (public.carillon_clients())))));
CREATE POLICY tenant ON public.fact_campaigns USING (((tenant_id = public.carillon_tenant()) AND ((public.carillon_clients() IS NULL) OR (client_id IS NULL) OR (client_id = ANY (public.carillon_clients())))));
CREATE POLICY tenant ON public.fact_evaluations USING (((tenant_id = public.carillon_tenant()) AND ((public.carillon_clients() IS NULL) OR (client_id IS NULL) OR (client_id = ANY (public.carillon_clients())))));
CREATE POLICY tenant ON public.fact_interactions USING (((tenant_id = public.carillon_tenant()) AND ((public.carillon_clients() IS NULL) OR (client_id IS NULL) OR (client_id = ANY (public.carillon_clients())))));
CREATE POLICY tenant ON public.fact_orders USING (((tenant_id = public.carillon_tenant()) AND ((public.carillon_clients() IS NULL) OR (client_id IS NULL) OR (client_id = ANY (public.carillon_clients())))));
CREATE POLICY tenant ON public.fact_quotas USING (((tenant_id = public.carillon_tenant()) AND ((public.carillon_clients() IS NULL) OR (client_id IS NULL) OR (client_id = ANY (public.carillon_clients())))));
CREATE POLICY tenant ON public.fact_refusals USING (((tenant_id = public.carillon_tenant()) AND ((public.carillon_clients() IS NULL) OR (EXISTS ( SELECT 1
   FROM public.fact_campaigns c
  WHERE ((c.tenant_id = public.carillon_tenant()) AND (c.campaign_id = fact_refusals.campaign_id)))))));
CREATE POLICY tenant ON public.fact_sessions USING (((tenant_id = public.carillon_tenant()) AND ((public.carillon_clients() IS NULL) OR (client_id IS NULL) OR (client_id = ANY (public.carillon_clients())))));
CREATE POLICY tenant ON public.inbox USING ((tenant_id = public.carillon_tenant()));
CREATE POLICY tenant ON public.outbox USING ((tenant_id = public.carillon_tenant()));
CREATE POLICY tenant ON public.outbox_published USING ((tenant_id = public.carillon_tenant()));
CREATE POLICY tenant ON public.request_replays USING ((tenant_id = public.carillon_tenant()));
CREATE POLICY tenant ON public.tasks USING ((tenant_id = public.carillon_tenant()));
