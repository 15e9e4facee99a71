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
CREATE FUNCTION public.flow_versions_keep() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
BEGIN
  IF OLD.published_at IS NOT NULL AND (TG_OP = 'DELETE' OR NEW.document <> OLD.document) THEN
    RAISE EXCEPTION 'a published version of a flow is immutable' USING ERRCODE = 'check_violation';
  END IF;
  RETURN COALESCE(NEW, OLD);
END $$;
CREATE FUNCTION public.pg_us(at timestamp with time zone) RETURNS bigint
    LANGUAGE sql IMMUTABLE PARALLEL SAFE
    AS $$ SELECT (extract(epoch FROM at) * 1000000)::bigint $$;
CREATE TABLE public.announcements (
    tenant_id uuid NOT NULL,
    announcement_id uuid NOT NULL,
    code text NOT NULL COLLATE pg_catalog."C",
    starts_at timestamp with time zone,
    ends_at timestamp with time zone,
    author text NOT NULL,
    approver text,
    sound text NOT NULL COLLATE pg_catalog."C",
    announcement json NOT NULL,
    CONSTRAINT announcements_approver_check CHECK (((approver IS NULL) OR (approver <> author)))
);
ALTER TABLE ONLY public.announcements FORCE ROW LEVEL SECURITY;
CREATE TABLE public.data_rows (
    tenant_id uuid NOT NULL,
    table_code text NOT NULL COLLATE pg_catalog."C",
    row_key text NOT NULL COLLATE pg_catalog."C",
    customer_id uuid,
    "row" json NOT NULL,
    imported_at timestamp with time zone NOT NULL
);
ALTER TABLE ONLY public.data_rows FORCE ROW LEVEL SECURITY;
CREATE TABLE public.flow_versions (
    tenant_id uuid NOT NULL,
    flow_id uuid NOT NULL,
    version integer NOT NULL,
    document text NOT NULL,
    state text NOT NULL,
    author text NOT NULL,
    approver text,
    created_at timestamp with time zone NOT NULL,
    published_at timestamp with time zone,
    tests text DEFAULT ''::text NOT NULL,
    tested_at timestamp with time zone,
    CONSTRAINT flow_versions_approver_check CHECK (((approver IS NULL) OR (approver <> author)))
);
ALTER TABLE ONLY public.flow_versions FORCE ROW LEVEL SECURITY;
CREATE TABLE public.flows (
    tenant_id uuid NOT NULL,
    flow_id uuid NOT NULL,
    code text NOT NULL COLLATE pg_catalog."C",
    display_name text NOT NULL,
    newest_version integer NOT NULL,
    published_version integer,
    created_at timestamp with time zone NOT NULL,
    updated_at timestamp with time zone NOT NULL,
    revision bigint NOT NULL,
    rollout_version integer,
    rollout_percent integer,
    rollout_at timestamp with time zone,
    CONSTRAINT flows_newest_version_check CHECK ((newest_version > 0))
);
ALTER TABLE ONLY public.flows FORCE ROW LEVEL SECURITY;
CREATE TABLE public.identity_tries (
    tenant_id uuid NOT NULL,
    customer_id uuid NOT NULL,
    method text NOT NULL COLLATE pg_catalog."C",
    tries integer NOT NULL,
    tried_at timestamp with time zone NOT NULL
);
ALTER TABLE ONLY public.identity_tries FORCE ROW LEVEL SECURITY;
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
CREATE TABLE public.menu_variants (
    tenant_id uuid NOT NULL,
    number_id uuid NOT NULL,
    "position" integer NOT NULL,
    client_id uuid,
    menu text NOT NULL,
    grade text,
    region text,
    band_start text,
    band_end text,
    weekdays integer[],
    brand text,
    language text
);
ALTER TABLE ONLY public.menu_variants FORCE ROW LEVEL SECURITY;
CREATE TABLE public.messages (
    tenant_id uuid NOT NULL,
    message_id uuid NOT NULL,
    session_id uuid NOT NULL,
    number text COLLATE pg_catalog."C",
    state text NOT NULL,
    created_at timestamp with time zone NOT NULL,
    message json NOT NULL,
    CONSTRAINT messages_state_check CHECK ((state = ANY (ARRAY['REQUESTED'::text, 'SENT'::text, 'FAILED'::text])))
);
ALTER TABLE ONLY public.messages FORCE ROW LEVEL SECURITY;
CREATE TABLE public.notices (
    tenant_id uuid NOT NULL,
    notice_id uuid NOT NULL,
    number_id uuid,
    region text NOT NULL COLLATE pg_catalog."C",
    starts_at timestamp with time zone NOT NULL,
    ends_at timestamp with time zone NOT NULL,
    author text NOT NULL,
    approver text,
    notice json NOT NULL,
    CONSTRAINT notices_approver_check CHECK (((approver IS NULL) OR (approver <> author)))
);
ALTER TABLE ONLY public.notices FORCE ROW LEVEL SECURITY;
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
CREATE TABLE public.service_numbers (
    tenant_id uuid NOT NULL,
    number_id uuid NOT NULL,
    number text NOT NULL COLLATE pg_catalog."C",
    display_name text NOT NULL,
    client_id uuid,
    flow_id uuid NOT NULL,
    default_queue text NOT NULL,
    queue_names text[] NOT NULL,
    queue_targets text[] NOT NULL,
    time_zone text NOT NULL,
    language text NOT NULL,
    brand text NOT NULL,
    updated_at timestamp with time zone NOT NULL,
    revision bigint NOT NULL,
    voice text DEFAULT ''::text NOT NULL,
    transfers json DEFAULT '{}'::json NOT NULL
);
ALTER TABLE ONLY public.service_numbers FORCE ROW LEVEL SECURITY;
CREATE TABLE public.session_path (
    tenant_id uuid NOT NULL,
    session_id uuid NOT NULL,
    "position" integer NOT NULL,
    happened_at timestamp with time zone NOT NULL,
    client_id uuid,
    node text NOT NULL,
    input text NOT NULL,
    outcome text NOT NULL
)
PARTITION BY RANGE (happened_at);
ALTER TABLE ONLY public.session_path FORCE ROW LEVEL SECURITY;
CREATE TABLE public.session_path_rest (
    tenant_id uuid NOT NULL,
    session_id uuid NOT NULL,
    "position" integer NOT NULL,
    happened_at timestamp with time zone NOT NULL,
    client_id uuid,
    node text NOT NULL,
    input text NOT NULL,
    outcome text NOT NULL
);
ALTER TABLE ONLY public.session_path_rest FORCE ROW LEVEL SECURITY;
CREATE TABLE public.sessions (
    tenant_id uuid NOT NULL,
    session_id uuid NOT NULL,
    call_id uuid NOT NULL,
    client_id uuid,
    number_id uuid NOT NULL,
    called_number text NOT NULL COLLATE pg_catalog."C",
    calling_number text COLLATE pg_catalog."C",
    channel text NOT NULL,
    flow_id uuid NOT NULL,
    flow_version integer NOT NULL,
    customer_id uuid,
    language text NOT NULL,
    grade text NOT NULL,
    identity_level text NOT NULL,
    menu_path text[] NOT NULL,
    served text[] NOT NULL,
    state text NOT NULL,
    result text,
    interaction_id uuid,
    version bigint NOT NULL,
    started_at timestamp with time zone NOT NULL,
    ended_at timestamp with time zone,
    step bytea NOT NULL,
    journey bytea,
    answers text[] DEFAULT '{}'::text[] NOT NULL,
    assistance json,
    assisted_call_id uuid,
    CONSTRAINT sessions_ended_check CHECK (((state = 'COMPLETED'::text) = ((ended_at IS NOT NULL) AND (result IS NOT NULL)))),
    CONSTRAINT sessions_state_check CHECK ((state = ANY (ARRAY['ACTIVE'::text, 'COMPLETED'::text])))
)
WITH (fillfactor='50');
ALTER TABLE ONLY public.sessions FORCE ROW LEVEL SECURITY;
CREATE TABLE public.sounds (
    tenant_id uuid NOT NULL,
    sound text NOT NULL COLLATE pg_catalog."C",
    wav bytea NOT NULL,
    made_at timestamp with time zone NOT NULL
);
ALTER TABLE ONLY public.sounds FORCE ROW LEVEL SECURITY;
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
ALTER TABLE ONLY public.session_path ATTACH PARTITION public.session_path_rest DEFAULT;
ALTER TABLE ONLY public.announcements
    ADD CONSTRAINT announcements_pk PRIMARY KEY (tenant_id, announcement_id);
ALTER TABLE ONLY public.data_rows
    ADD CONSTRAINT data_rows_pk PRIMARY KEY (tenant_id, table_code, row_key);
ALTER TABLE ONLY public.flow_versions
    ADD CONSTRAINT flow_versions_pk PRIMARY KEY (tenant_id, flow_id, version);
ALTER TABLE public.flow_versions
    ADD CONSTRAINT flow_versions_state_check CHECK ((state = ANY (ARRAY['DRAFT'::text, 'TESTED'::text, 'PUBLISHED'::text, 'RETIRED'::text]))) NOT VALID;
ALTER TABLE ONLY public.flows
    ADD CONSTRAINT flows_code_key UNIQUE (tenant_id, code);
ALTER TABLE ONLY public.flows
    ADD CONSTRAINT flows_pk PRIMARY KEY (tenant_id, flow_id);
ALTER TABLE public.flows
    ADD CONSTRAINT flows_rollout_check CHECK ((((rollout_version IS NULL) = (rollout_percent IS NULL)) AND ((rollout_version IS NULL) = (rollout_at IS NULL)))) NOT VALID;
ALTER TABLE ONLY public.identity_tries
    ADD CONSTRAINT identity_tries_pk PRIMARY KEY (tenant_id, customer_id, method);
ALTER TABLE ONLY public.inbox
    ADD CONSTRAINT inbox_tenant_id_event_id_pk PRIMARY KEY (tenant_id, event_id, occurred_at);
ALTER TABLE ONLY public.inbox_rest
    ADD CONSTRAINT inbox_rest_pkey PRIMARY KEY (tenant_id, event_id, occurred_at);
ALTER TABLE ONLY public.menu_variants
    ADD CONSTRAINT menu_variants_pk PRIMARY KEY (tenant_id, number_id, "position");
ALTER TABLE ONLY public.messages
    ADD CONSTRAINT messages_pk PRIMARY KEY (tenant_id, message_id);
ALTER TABLE ONLY public.notices
    ADD CONSTRAINT notices_pk PRIMARY KEY (tenant_id, notice_id);
ALTER TABLE ONLY public.outbox
    ADD CONSTRAINT outbox_id_pk PRIMARY KEY (id);
ALTER TABLE ONLY public.outbox_published
    ADD CONSTRAINT outbox_published_tenant_id_topic_type_pk PRIMARY KEY (tenant_id, topic, type);
ALTER TABLE ONLY public.request_replays
    ADD CONSTRAINT request_replays_pk PRIMARY KEY (tenant_id, principal, method, request_id);
ALTER TABLE ONLY public.schema_migrations
    ADD CONSTRAINT schema_migrations_pkey PRIMARY KEY (version);
ALTER TABLE ONLY public.service_numbers
    ADD CONSTRAINT service_numbers_number_key UNIQUE (tenant_id, number);
ALTER TABLE ONLY public.service_numbers
    ADD CONSTRAINT service_numbers_pk PRIMARY KEY (tenant_id, number_id);
ALTER TABLE ONLY public.session_path
    ADD CONSTRAINT session_path_pk PRIMARY KEY (tenant_id, session_id, "position", happened_at);
ALTER TABLE ONLY public.session_path_rest
    ADD CONSTRAINT session_path_rest_pkey PRIMARY KEY (tenant_id, session_id, "position", happened_at);
ALTER TABLE ONLY public.sessions
    ADD CONSTRAINT sessions_call_id_key UNIQUE (tenant_id, call_id);
ALTER TABLE ONLY public.sessions
    ADD CONSTRAINT sessions_pk PRIMARY KEY (tenant_id, session_id);
ALTER TABLE ONLY public.sounds
    ADD CONSTRAINT sounds_pk PRIMARY KEY (tenant_id, sound);
ALTER TABLE ONLY public.tasks
    ADD CONSTRAINT tasks_id_pk PRIMARY KEY (id);
CREATE INDEX announcements_code_idx ON public.announcements USING btree (tenant_id, code, announcement_id);
CREATE INDEX announcements_sound_idx ON public.announcements USING btree (tenant_id, sound);
CREATE INDEX identity_tries_tried_at_idx ON public.identity_tries USING btree (tried_at);
CREATE INDEX messages_number_idx ON public.messages USING btree (created_at) WHERE (number IS NOT NULL);
CREATE INDEX notices_ends_at_idx ON public.notices USING btree (tenant_id, ends_at);
CREATE INDEX request_replays_answered_at_idx ON public.request_replays USING btree (answered_at);
CREATE INDEX sessions_active_idx ON public.sessions USING btree (started_at) WHERE (state = 'ACTIVE'::text);
CREATE INDEX sessions_assisted_call_id_idx ON public.sessions USING btree (tenant_id, assisted_call_id) WHERE (assisted_call_id IS NOT NULL);
CREATE INDEX sessions_calling_number_idx ON public.sessions USING btree (started_at) WHERE (calling_number IS NOT NULL);
CREATE INDEX sessions_started_at_idx ON public.sessions USING btree (tenant_id, started_at DESC, session_id DESC);
CREATE INDEX sounds_made_at_idx ON public.sounds USING btree (made_at);
CREATE INDEX tasks_key_id_idx ON public.tasks USING btree (key, id);
ALTER INDEX public.inbox_tenant_id_event_id_pk ATTACH PARTITION public.inbox_rest_pkey;
ALTER INDEX public.session_path_pk ATTACH PARTITION public.session_path_rest_pkey;
CREATE TRIGGER flow_versions_keep BEFORE DELETE OR UPDATE ON public.flow_versions FOR EACH ROW EXECUTE FUNCTION public.flow_versions_keep();
ALTER TABLE ONLY public.flow_versions
    ADD CONSTRAINT flow_versions_flow_fk FOREIGN KEY (tenant_id, flow_id) REFERENCES public.flows(tenant_id, flow_id);
ALTER TABLE ONLY public.menu_variants
    ADD CONSTRAINT menu_variants_number_fk FOREIGN KEY (tenant_id, number_id) REFERENCES public.service_numbers(tenant_id, number_id);
ALTER TABLE ONLY public.service_numbers
    ADD CONSTRAINT service_numbers_flow_fk FOREIGN KEY (tenant_id, flow_id) REFERENCES public.flows(tenant_id, flow_id);
ALTER TABLE public.announcements ENABLE ROW LEVEL SECURITY;
ALTER TABLE public.data_rows ENABLE ROW LEVEL SECURITY;
ALTER TABLE public.flow_versions ENABLE ROW LEVEL SECURITY;
ALTER TABLE public.flows ENABLE ROW LEVEL SECURITY;
ALTER TABLE public.identity_tries ENABLE ROW LEVEL SECURITY;
ALTER TABLE public.inbox ENABLE ROW LEVEL SECURITY;
ALTER TABLE public.inbox_rest ENABLE ROW LEVEL SECURITY;
ALTER TABLE public.menu_variants ENABLE ROW LEVEL SECURITY;
ALTER TABLE public.messages ENABLE ROW LEVEL SECURITY;
ALTER TABLE public.notices ENABLE ROW LEVEL SECURITY;
ALTER TABLE public.outbox ENABLE ROW LEVEL SECURITY;
ALTER TABLE public.outbox_published ENABLE ROW LEVEL SECURITY;
ALTER TABLE public.request_replays ENABLE ROW LEVEL SECURITY;
ALTER TABLE public.service_numbers ENABLE ROW LEVEL SECURITY;
ALTER TABLE public.session_path ENABLE ROW LEVEL SECURITY;
ALTER TABLE public.session_path_rest ENABLE ROW LEVEL SECURITY;
ALTER TABLE public.sessions ENABLE ROW LEVEL SECURITY;
ALTER TABLE public.sounds ENABLE ROW LEVEL SECURITY;
ALTER TABLE public.tasks ENABLE ROW LEVEL SECURITY;
CREATE POLICY tenant ON public.announcements USING ((tenant_id = public.carillon_tenant()));
CREATE POLICY tenant ON public.data_rows USING ((tenant_id = public.carillon_tenant()));
CREATE POLICY tenant ON public.flow_versions USING ((tenant_id = public.carillon_tenant()));
CREATE POLICY tenant ON public.flows USING ((tenant_id = public.carillon_tenant()));
CREATE POLICY tenant ON public.identity_tries USING ((tenant_id = public.carillon_tenant()));
CREATE POLICY tenant ON public.inbox USING ((tenant_id = public.carillon_tenant()));
CREATE POLICY tenant ON public.menu_variants USING (((tenant_id = public.carillon_tenant()) AND ((public.carillon_clients() IS NULL) OR (client_id IS NULL) OR (client_id = ANY (public.carillon_clients())))));
CREATE POLICY tenant ON public.messages USING ((tenant_id = public.carillon_tenant()));
CREATE POLICY tenant ON public.notices USING ((tenant_id = public.carillon_tenant()));
CREATE POLICY tenant ON public.outbox USING ((tenant_id = public.carillon_tenant()));
CREATE POLICY tenant ON public.outbox_published USING ((tenant_id = public.carillon_tenant()));
CREATE POLICY tenant ON public.request_replays USING ((tenant_id = public.carillon_tenant()));
CREATE POLICY tenant ON public.service_numbers USING (((tenant_id = public.carillon_tenant()) AND ((public.carillon_clients() IS NULL) OR (client_id IS NULL) OR (client_id = ANY (public.carillon_clients())))));
CREATE POLICY tenant ON public.session_path USING (((tenant_id = public.carillon_tenant()) AND ((public.carillon_clients() IS NULL) OR (client_id IS NULL) OR (client_id = ANY (public.carillon_clients())))));
CREATE POLICY tenant ON public.sessions USING (((tenant_id = public.carillon_tenant()) AND ((public.carillon_clients() IS NULL) OR (client_id IS NULL) OR (client_id = ANY (public.carillon_clients())))));
CREATE POLICY tenant ON public.sounds USING ((tenant_id = public.carillon_tenant()));
CREATE POLICY tenant ON public.tasks USING ((tenant_id = public.carillon_tenant()));
