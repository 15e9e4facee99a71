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
CREATE TABLE public.attempt_results (
    tenant_id uuid NOT NULL,
    interaction_id uuid NOT NULL,
    ended_at timestamp with time zone NOT NULL,
    client_id uuid NOT NULL,
    sold boolean NOT NULL,
    as_of timestamp with time zone NOT NULL
)
PARTITION BY RANGE (ended_at);
ALTER TABLE ONLY public.attempt_results FORCE ROW LEVEL SECURITY;
CREATE TABLE public.attempt_results_rest (
    tenant_id uuid NOT NULL,
    interaction_id uuid NOT NULL,
    ended_at timestamp with time zone NOT NULL,
    client_id uuid NOT NULL,
    sold boolean NOT NULL,
    as_of timestamp with time zone NOT NULL
);
ALTER TABLE ONLY public.attempt_results_rest FORCE ROW LEVEL SECURITY;
CREATE TABLE public.candidates (
    tenant_id uuid NOT NULL,
    interaction_id uuid NOT NULL,
    ended_at timestamp with time zone NOT NULL,
    client_id uuid NOT NULL,
    agent_id uuid NOT NULL,
    queue_id uuid NOT NULL,
    call_id uuid,
    customer_id uuid,
    direction text NOT NULL,
    disposition text NOT NULL,
    talk_us bigint NOT NULL,
    hold_us bigint NOT NULL
)
PARTITION BY RANGE (ended_at);
ALTER TABLE ONLY public.candidates FORCE ROW LEVEL SECURITY;
CREATE TABLE public.candidates_rest (
    tenant_id uuid NOT NULL,
    interaction_id uuid NOT NULL,
    ended_at timestamp with time zone NOT NULL,
    client_id uuid NOT NULL,
    agent_id uuid NOT NULL,
    queue_id uuid NOT NULL,
    call_id uuid,
    customer_id uuid,
    direction text NOT NULL,
    disposition text NOT NULL,
    talk_us bigint NOT NULL,
    hold_us bigint NOT NULL
);
ALTER TABLE ONLY public.candidates_rest FORCE ROW LEVEL SECURITY;
CREATE TABLE public.evaluations (
    tenant_id uuid NOT NULL,
    evaluation_id uuid NOT NULL,
    client_id uuid NOT NULL,
    plan_id uuid NOT NULL,
    agent_id uuid NOT NULL,
    interaction_id uuid NOT NULL,
    state text NOT NULL,
    ended_at timestamp with time zone NOT NULL,
    published_at timestamp with time zone,
    total integer,
    passed boolean NOT NULL,
    vetoed boolean NOT NULL,
    stratum_drawn integer NOT NULL,
    stratum_size integer NOT NULL,
    updated_at timestamp with time zone NOT NULL,
    version bigint NOT NULL,
    body jsonb NOT NULL,
    CONSTRAINT evaluations_total_check CHECK ((((total >= 0) AND (total <= 10000)) AND ((NOT vetoed) OR (total = 0))))
);
ALTER TABLE ONLY public.evaluations FORCE ROW LEVEL SECURITY;
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
CREATE TABLE public.sample_plans (
    tenant_id uuid NOT NULL,
    plan_id uuid NOT NULL,
    client_id uuid NOT NULL,
    state text NOT NULL,
    owner_unit text NOT NULL COLLATE pg_catalog."C",
    owner_user text NOT NULL,
    created_at timestamp with time zone NOT NULL,
    updated_at timestamp with time zone NOT NULL,
    version bigint NOT NULL,
    body jsonb NOT NULL
);
ALTER TABLE ONLY public.sample_plans FORCE ROW LEVEL SECURITY;
CREATE TABLE public.schema_migrations (
    version character varying NOT NULL
);
CREATE TABLE public.scorecard_revisions (
    tenant_id uuid NOT NULL,
    scorecard_id uuid NOT NULL,
    number integer NOT NULL,
    client_id uuid NOT NULL,
    state text NOT NULL,
    body jsonb NOT NULL
);
ALTER TABLE ONLY public.scorecard_revisions FORCE ROW LEVEL SECURITY;
CREATE TABLE public.scorecards (
    tenant_id uuid NOT NULL,
    scorecard_id uuid NOT NULL,
    client_id uuid NOT NULL,
    code text NOT NULL COLLATE pg_catalog."C",
    kind text NOT NULL,
    owner_unit text NOT NULL COLLATE pg_catalog."C",
    owner_user text NOT NULL,
    created_at timestamp with time zone NOT NULL,
    updated_at timestamp with time zone NOT NULL,
    version bigint NOT NULL,
    body jsonb NOT NULL
);
ALTER TABLE ONLY public.scorecards FORCE ROW LEVEL SECURITY;
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
ALTER TABLE ONLY public.attempt_results ATTACH PARTITION public.attempt_results_rest DEFAULT;
ALTER TABLE ONLY public.candidates ATTACH PARTITION public.candidates_rest DEFAULT;
ALTER TABLE ONLY public.inbox ATTACH PARTITION public.inbox_rest DEFAULT;
ALTER TABLE ONLY public.attempt_results
    ADD CONSTRAINT attempt_results_pk PRIMARY KEY (tenant_id, interaction_id, ended_at);
ALTER TABLE ONLY public.attempt_results_rest
    ADD CONSTRAINT attempt_results_rest_pkey PRIMARY KEY (tenant_id, interaction_id, ended_at);
ALTER TABLE ONLY public.candidates
    ADD CONSTRAINT candidates_pk PRIMARY KEY (tenant_id, interaction_id, ended_at);
ALTER TABLE ONLY public.candidates_rest
    ADD CONSTRAINT candidates_rest_pkey PRIMARY KEY (tenant_id, interaction_id, ended_at);
ALTER TABLE ONLY public.evaluations
    ADD CONSTRAINT evaluations_pk PRIMARY KEY (tenant_id, evaluation_id);
ALTER TABLE ONLY public.evaluations
    ADD CONSTRAINT evaluations_plan_interaction_key UNIQUE (tenant_id, plan_id, interaction_id);
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
ALTER TABLE ONLY public.sample_plans
    ADD CONSTRAINT sample_plans_pk PRIMARY KEY (tenant_id, plan_id);
ALTER TABLE ONLY public.schema_migrations
    ADD CONSTRAINT schema_migrations_pkey PRIMARY KEY (version);
ALTER TABLE ONLY public.scorecard_revisions
    ADD CONSTRAINT scorecard_revisions_pk PRIMARY KEY (tenant_id, scorecard_id, number);
ALTER TABLE ONLY public.scorecards
    ADD CONSTRAINT scorecards_code_key UNIQUE (tenant_id, client_id, code);
ALTER TABLE ONLY public.scorecards
    ADD CONSTRAINT scorecards_pk PRIMARY KEY (tenant_id, scorecard_id);
ALTER TABLE ONLY public.tasks
    ADD CONSTRAINT tasks_id_pk PRIMARY KEY (id);
CREATE INDEX candidates_agent_idx ON ONLY public.candidates USING btree (tenant_id, client_id, agent_id, ended_at);
CREATE INDEX candidates_ended_at_idx ON ONLY public.candidates USING btree (tenant_id, client_id, ended_at);
CREATE INDEX candidates_rest_tenant_id_client_id_agent_id_ended_at_idx ON public.candidates_rest USING btree (tenant_id, client_id, agent_id, ended_at);
CREATE INDEX candidates_rest_tenant_id_client_id_ended_at_idx ON public.candidates_rest USING btree (tenant_id, client_id, ended_at);
CREATE INDEX evaluations_agent_idx ON public.evaluations USING btree (tenant_id, agent_id, ended_at DESC, evaluation_id DESC);
CREATE INDEX evaluations_ended_at_idx ON public.evaluations USING btree (tenant_id, ended_at DESC, evaluation_id DESC);
CREATE INDEX evaluations_plan_idx ON public.evaluations USING btree (tenant_id, plan_id, ended_at DESC, evaluation_id DESC);
CREATE INDEX request_replays_answered_at_idx ON public.request_replays USING btree (answered_at);
CREATE INDEX sample_plans_created_at_idx ON public.sample_plans USING btree (tenant_id, created_at DESC, plan_id DESC);
CREATE UNIQUE INDEX scorecard_revisions_active_key ON public.scorecard_revisions USING btree (tenant_id, scorecard_id) WHERE (state = 'ACTIVE'::text);
CREATE INDEX scorecards_created_at_idx ON public.scorecards USING btree (tenant_id, created_at DESC, scorecard_id DESC);
CREATE INDEX tasks_key_id_idx ON public.tasks USING btree (key, id);
ALTER INDEX public.attempt_results_pk ATTACH PARTITION public.attempt_results_rest_pkey;
ALTER INDEX public.candidates_pk ATTACH PARTITION public.candidates_rest_pkey;
ALTER INDEX public.candidates_agent_idx ATTACH PARTITION public.candidates_rest_tenant_id_client_id_agent_id_ended_at_idx;
ALTER INDEX public.candidates_ended_at_idx ATTACH PARTITION public.candidates_rest_tenant_id_client_id_ended_at_idx;
ALTER INDEX public.inbox_tenant_id_event_id_pk ATTACH PARTITION public.inbox_rest_pkey;
ALTER TABLE ONLY public.evaluations
    ADD CONSTRAINT evaluations_plan_fk FOREIGN KEY (tenant_id, plan_id) REFERENCES public.sample_plans(tenant_id, plan_id);
ALTER TABLE ONLY public.scorecard_revisions
    ADD CONSTRAINT scorecard_revisions_scorecard_fk FOREIGN KEY (tenant_id, scorecard_id) REFERENCES public.scorecards(tenant_id, scorecard_id);
ALTER TABLE public.attempt_results ENABLE ROW LEVEL SECURITY;
ALTER TABLE public.attempt_results_rest ENABLE ROW LEVEL SECURITY;
ALTER TABLE public.candidates ENABLE ROW LEVEL SECURITY;
ALTER TABLE public.candidates_rest ENABLE ROW LEVEL SECURITY;
ALTER TABLE public.evaluations ENABLE ROW LEVEL SECURITY;
ALTER TABLE public.inbox ENABLE ROW LEVEL SECURITY;
ALTER TABLE public.inbox_rest ENABLE ROW LEVEL SECURITY;
ALTER TABLE public.outbox ENABLE ROW LEVEL SECURITY;
ALTER TABLE public.outbox_published ENABLE ROW LEVEL SECURITY;
ALTER TABLE public.request_replays ENABLE ROW LEVEL SECURITY;
ALTER TABLE public.sample_plans ENABLE ROW LEVEL SECURITY;
ALTER TABLE public.scorecard_revisions ENABLE ROW LEVEL SECURITY;
ALTER TABLE public.scorecards ENABLE ROW LEVEL SECURITY;
ALTER TABLE public.tasks ENABLE ROW LEVEL SECURITY;
CREATE POLICY tenant ON public.attempt_results USING (((tenant_id = public.carillon_tenant()) AND ((public.carillon_clients() IS NULL) OR (client_id = ANY (public.carillon_clients())))));
CREATE POLICY tenant ON public.candidates USING (((tenant_id = public.carillon_tenant()) AND ((public.carillon_clients() IS NULL) OR (client_id = ANY (public.carillon_clients())))));
CREATE POLICY tenant ON public.evaluations USING (((tenant_id = public.carillon_tenant()) AND ((public.carillon_clients() IS NULL) OR (client_id = ANY (public.carillon_clients())))));
CREATE POLICY tenant ON public.inbox USING ((tenant_id = public.carillon_tenant()));
CREATE POLICY tenant ON public.outbox USING ((tenant_id = public.carillon_tenant()));
CREATE POLICY tenant ON public.outbox_published USING ((tenant_id = public.carillon_tenant()));
CREATE POLICY tenant ON public.request_replays USING ((tenant_id = public.carillon_tenant()));
CREATE POLICY tenant ON public.sample_plans USING (((tenant_id = public.carillon_tenant()) AND ((public.carillon_clients() IS NULL) OR (client_id = ANY (public.carillon_clients())))));
CREATE POLICY tenant ON public.scorecard_revisions USING (((tenant_id = public.carillon_tenant()) AND ((public.carillon_clients() IS NULL) OR (client_id = ANY (public.carillon_clients())))));
CREATE POLICY tenant ON public.scorecards USING (((tenant_id = public.carillon_tenant()) AND ((public.carillon_clients() IS NULL) OR (client_id = ANY (public.carillon_clients())))));
CREATE POLICY tenant ON public.tasks USING ((tenant_id = public.carillon_tenant()));
