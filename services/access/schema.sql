-- What the migrations make; written by tests/store/schema/schema.py --write, never by hand.
CREATE FUNCTION public.audit_is_append_only() RETURNS trigger
    LANGUAGE plpgsql
    AS $$ BEGIN RAISE EXCEPTION 'audit rows are never changed' USING ERRCODE = 'restrict_violation'; END $$;
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
CREATE FUNCTION public.drop_audit_months_before(first_kept date) RETURNS integer
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'public'
    AS $_$
DECLARE
  child text;
  dropped int := 0;
BEGIN
  IF first_kept > current_date - 366 THEN RAISE EXCEPTION 'audit is kept for a year at least'; END IF;
  FOR child IN SELECT c.relname FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid
               WHERE i.inhparent = 'audit_trail'::regclass AND c.relname ~ '^audit_trail_[0-9]{6}$'
                 AND to_date(right(c.relname, 6), 'YYYYMM') + interval '1 month' <= first_kept LOOP
    EXECUTE format('DROP TABLE %I', child);
    dropped := dropped + 1;
  END LOOP;
  RETURN dropped;
END $_$;
CREATE FUNCTION public.pg_us(at timestamp with time zone) RETURNS bigint
    LANGUAGE sql IMMUTABLE PARALLEL SAFE
    AS $$ SELECT (extract(epoch FROM at) * 1000000)::bigint $$;
CREATE TABLE public.audit_batches (
    tenant_id uuid NOT NULL,
    first_sequence bigint NOT NULL,
    last_sequence bigint NOT NULL,
    previous_hash text NOT NULL,
    last_hash text NOT NULL,
    signed_at timestamp with time zone NOT NULL,
    algorithm text NOT NULL,
    kid text NOT NULL COLLATE pg_catalog."C",
    signature text NOT NULL,
    CONSTRAINT audit_batches_last_sequence_check CHECK ((last_sequence >= first_sequence))
);
ALTER TABLE ONLY public.audit_batches FORCE ROW LEVEL SECURITY;
CREATE TABLE public.audit_intake (
    tenant_id uuid NOT NULL,
    intake_id bigint NOT NULL,
    record jsonb NOT NULL
);
ALTER TABLE ONLY public.audit_intake FORCE ROW LEVEL SECURITY;
ALTER TABLE public.audit_intake ALTER COLUMN intake_id ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME public.audit_intake_intake_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);
CREATE TABLE public.audit_keys (
    kid text NOT NULL COLLATE pg_catalog."C",
    algorithm text NOT NULL,
    crv text NOT NULL,
    x text NOT NULL,
    y text NOT NULL,
    added_at timestamp with time zone NOT NULL,
    vouched_by text COLLATE pg_catalog."C",
    voucher text
);
ALTER TABLE ONLY public.audit_keys FORCE ROW LEVEL SECURITY;
CREATE TABLE public.audit_trail (
    tenant_id uuid NOT NULL,
    sequence bigint NOT NULL,
    chained_at timestamp with time zone NOT NULL,
    record_id uuid NOT NULL,
    service text NOT NULL COLLATE pg_catalog."C",
    subject text NOT NULL COLLATE pg_catalog."C",
    client text NOT NULL COLLATE pg_catalog."C",
    action text NOT NULL COLLATE pg_catalog."C",
    resource text NOT NULL COLLATE pg_catalog."C",
    resources text[] NOT NULL,
    shown_fields text[] NOT NULL,
    result text NOT NULL,
    detail text NOT NULL,
    request_id text NOT NULL,
    request_hash text NOT NULL,
    before_hash text NOT NULL,
    after_hash text NOT NULL,
    occurred_at timestamp with time zone NOT NULL,
    recorded_at timestamp with time zone NOT NULL,
    address text NOT NULL,
    token_id text NOT NULL,
    previous_hash text NOT NULL,
    hash text NOT NULL
)
PARTITION BY RANGE (chained_at);
ALTER TABLE ONLY public.audit_trail FORCE ROW LEVEL SECURITY;
CREATE TABLE public.audit_trail_rest (
    tenant_id uuid NOT NULL,
    sequence bigint NOT NULL,
    chained_at timestamp with time zone NOT NULL,
    record_id uuid NOT NULL,
    service text NOT NULL COLLATE pg_catalog."C",
    subject text NOT NULL COLLATE pg_catalog."C",
    client text NOT NULL COLLATE pg_catalog."C",
    action text NOT NULL COLLATE pg_catalog."C",
    resource text NOT NULL COLLATE pg_catalog."C",
    resources text[] NOT NULL,
    shown_fields text[] NOT NULL,
    result text NOT NULL,
    detail text NOT NULL,
    request_id text NOT NULL,
    request_hash text NOT NULL,
    before_hash text NOT NULL,
    after_hash text NOT NULL,
    occurred_at timestamp with time zone NOT NULL,
    recorded_at timestamp with time zone NOT NULL,
    address text NOT NULL,
    token_id text NOT NULL,
    previous_hash text NOT NULL,
    hash text NOT NULL
);
ALTER TABLE ONLY public.audit_trail_rest FORCE ROW LEVEL SECURITY;
CREATE TABLE public.clients (
    tenant_id uuid NOT NULL,
    client_id uuid NOT NULL,
    code text NOT NULL COLLATE pg_catalog."C",
    display_name text NOT NULL,
    state integer NOT NULL,
    version bigint DEFAULT 1 NOT NULL,
    created_at timestamp with time zone NOT NULL,
    updated_at timestamp with time zone NOT NULL
);
ALTER TABLE ONLY public.clients FORCE ROW LEVEL SECURITY;
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
CREATE TABLE public.org_units (
    tenant_id uuid NOT NULL,
    unit_id uuid NOT NULL,
    parent_id uuid,
    code text NOT NULL COLLATE pg_catalog."C",
    display_name text NOT NULL,
    type integer NOT NULL,
    path text NOT NULL COLLATE pg_catalog."C",
    site text NOT NULL,
    leader_id uuid,
    version bigint DEFAULT 1 NOT NULL,
    created_at timestamp with time zone NOT NULL,
    updated_at timestamp with time zone NOT NULL,
    CONSTRAINT org_units_path_check CHECK ((path ~~ '/%/'::text))
);
ALTER TABLE ONLY public.org_units FORCE ROW LEVEL SECURITY;
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
CREATE TABLE public.refresh_tokens (
    tenant_id uuid NOT NULL,
    session_id uuid NOT NULL,
    token_hash bytea NOT NULL,
    issued_at timestamp with time zone NOT NULL,
    used_at timestamp with time zone
);
ALTER TABLE ONLY public.refresh_tokens FORCE ROW LEVEL SECURITY;
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
CREATE TABLE public.roles (
    tenant_id uuid NOT NULL,
    role_id uuid NOT NULL,
    code text NOT NULL COLLATE pg_catalog."C",
    display_name text NOT NULL,
    permissions text[] NOT NULL,
    scope_data integer[] NOT NULL,
    scope_reach integer[] NOT NULL,
    scope_clear boolean[] NOT NULL,
    built_in boolean NOT NULL,
    version bigint DEFAULT 1 NOT NULL,
    created_at timestamp with time zone NOT NULL,
    updated_at timestamp with time zone NOT NULL
);
ALTER TABLE ONLY public.roles FORCE ROW LEVEL SECURITY;
CREATE TABLE public.schema_migrations (
    version character varying NOT NULL
);
CREATE TABLE public.sessions (
    tenant_id uuid NOT NULL,
    session_id uuid NOT NULL,
    user_id uuid NOT NULL,
    started_at timestamp with time zone NOT NULL,
    expires_at timestamp with time zone NOT NULL,
    ended_at timestamp with time zone,
    ended_why text
);
ALTER TABLE ONLY public.sessions FORCE ROW LEVEL SECURITY;
CREATE TABLE public.signing_keys (
    kid text NOT NULL COLLATE pg_catalog."C",
    sealed_key text NOT NULL,
    created_at timestamp with time zone NOT NULL,
    active_from timestamp with time zone NOT NULL
);
ALTER TABLE ONLY public.signing_keys FORCE ROW LEVEL SECURITY;
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
CREATE TABLE public.tenants (
    tenant_id uuid NOT NULL,
    slug text NOT NULL COLLATE pg_catalog."C",
    display_name text NOT NULL,
    state integer NOT NULL,
    unit_levels text[] NOT NULL,
    seat_quota integer NOT NULL,
    single_session boolean NOT NULL,
    version bigint DEFAULT 1 NOT NULL,
    created_at timestamp with time zone NOT NULL,
    updated_at timestamp with time zone NOT NULL
);
ALTER TABLE ONLY public.tenants FORCE ROW LEVEL SECURITY;
CREATE TABLE public.user_clients (
    tenant_id uuid NOT NULL,
    user_id uuid NOT NULL,
    client_id uuid NOT NULL
);
ALTER TABLE ONLY public.user_clients FORCE ROW LEVEL SECURITY;
CREATE TABLE public.user_roles (
    tenant_id uuid NOT NULL,
    user_id uuid NOT NULL,
    role_id uuid NOT NULL
);
ALTER TABLE ONLY public.user_roles FORCE ROW LEVEL SECURITY;
CREATE TABLE public.users (
    tenant_id uuid NOT NULL,
    user_id uuid NOT NULL,
    login text NOT NULL,
    login_key text NOT NULL COLLATE pg_catalog."C",
    agent_number text COLLATE pg_catalog."C",
    display_name text NOT NULL,
    phone_number text NOT NULL,
    unit_id uuid NOT NULL,
    all_clients boolean NOT NULL,
    language text NOT NULL,
    state integer NOT NULL,
    password_hash text,
    must_change boolean NOT NULL,
    password_changed_at timestamp with time zone,
    failures integer DEFAULT 0 NOT NULL,
    locked_until timestamp with time zone,
    last_login_at timestamp with time zone,
    version bigint DEFAULT 1 NOT NULL,
    created_at timestamp with time zone NOT NULL,
    updated_at timestamp with time zone NOT NULL
);
ALTER TABLE ONLY public.users FORCE ROW LEVEL SECURITY;
ALTER TABLE ONLY public.audit_trail ATTACH PARTITION public.audit_trail_rest DEFAULT;
ALTER TABLE ONLY public.inbox ATTACH PARTITION public.inbox_rest DEFAULT;
ALTER TABLE ONLY public.audit_batches
    ADD CONSTRAINT audit_batches_pk PRIMARY KEY (tenant_id, first_sequence);
ALTER TABLE ONLY public.audit_intake
    ADD CONSTRAINT audit_intake_pk PRIMARY KEY (tenant_id, intake_id);
ALTER TABLE ONLY public.audit_keys
    ADD CONSTRAINT audit_keys_pk PRIMARY KEY (kid);
ALTER TABLE ONLY public.audit_trail
    ADD CONSTRAINT audit_trail_pk PRIMARY KEY (tenant_id, sequence, chained_at);
ALTER TABLE ONLY public.audit_trail_rest
    ADD CONSTRAINT audit_trail_rest_pkey PRIMARY KEY (tenant_id, sequence, chained_at);
ALTER TABLE ONLY public.clients
    ADD CONSTRAINT clients_code_key UNIQUE (tenant_id, code);
ALTER TABLE ONLY public.clients
    ADD CONSTRAINT clients_pk PRIMARY KEY (tenant_id, client_id);
ALTER TABLE ONLY public.inbox
    ADD CONSTRAINT inbox_tenant_id_event_id_pk PRIMARY KEY (tenant_id, event_id, occurred_at);
ALTER TABLE ONLY public.inbox_rest
    ADD CONSTRAINT inbox_rest_pkey PRIMARY KEY (tenant_id, event_id, occurred_at);
ALTER TABLE ONLY public.org_units
    ADD CONSTRAINT org_units_path_key UNIQUE (tenant_id, path);
ALTER TABLE ONLY public.org_units
    ADD CONSTRAINT org_units_pk PRIMARY KEY (tenant_id, unit_id);
ALTER TABLE ONLY public.outbox
    ADD CONSTRAINT outbox_id_pk PRIMARY KEY (id);
ALTER TABLE ONLY public.outbox_published
    ADD CONSTRAINT outbox_published_tenant_id_topic_type_pk PRIMARY KEY (tenant_id, topic, type);
ALTER TABLE ONLY public.refresh_tokens
    ADD CONSTRAINT refresh_tokens_pk PRIMARY KEY (tenant_id, session_id, token_hash);
ALTER TABLE ONLY public.request_replays
    ADD CONSTRAINT request_replays_pk PRIMARY KEY (tenant_id, principal, method, request_id);
ALTER TABLE ONLY public.roles
    ADD CONSTRAINT roles_code_key UNIQUE (tenant_id, code);
ALTER TABLE ONLY public.roles
    ADD CONSTRAINT roles_pk PRIMARY KEY (tenant_id, role_id);
ALTER TABLE ONLY public.schema_migrations
    ADD CONSTRAINT schema_migrations_pkey PRIMARY KEY (version);
ALTER TABLE ONLY public.sessions
    ADD CONSTRAINT sessions_pk PRIMARY KEY (tenant_id, session_id);
ALTER TABLE ONLY public.signing_keys
    ADD CONSTRAINT signing_keys_pk PRIMARY KEY (kid);
ALTER TABLE ONLY public.tasks
    ADD CONSTRAINT tasks_id_pk PRIMARY KEY (id);
ALTER TABLE ONLY public.tenants
    ADD CONSTRAINT tenants_pk PRIMARY KEY (tenant_id);
ALTER TABLE ONLY public.tenants
    ADD CONSTRAINT tenants_slug_key UNIQUE (slug);
ALTER TABLE ONLY public.user_clients
    ADD CONSTRAINT user_clients_pk PRIMARY KEY (tenant_id, user_id, client_id);
ALTER TABLE ONLY public.user_roles
    ADD CONSTRAINT user_roles_pk PRIMARY KEY (tenant_id, user_id, role_id);
ALTER TABLE ONLY public.users
    ADD CONSTRAINT users_agent_number_key UNIQUE (tenant_id, agent_number);
ALTER TABLE ONLY public.users
    ADD CONSTRAINT users_login_key UNIQUE (tenant_id, login_key);
ALTER TABLE public.users
    ADD CONSTRAINT users_password_check CHECK (((state = ANY (ARRAY[1, 4, 5])) OR (password_hash IS NOT NULL))) NOT VALID;
ALTER TABLE ONLY public.users
    ADD CONSTRAINT users_pk PRIMARY KEY (tenant_id, user_id);
ALTER TABLE public.users
    ADD CONSTRAINT users_state_check CHECK ((state = ANY (ARRAY[1, 2, 3, 4, 5]))) NOT VALID;
CREATE INDEX audit_trail_action_idx ON ONLY public.audit_trail USING btree (tenant_id, action, sequence);
CREATE INDEX audit_trail_rest_tenant_id_action_sequence_idx ON public.audit_trail_rest USING btree (tenant_id, action, sequence);
CREATE INDEX audit_trail_subject_idx ON ONLY public.audit_trail USING btree (tenant_id, subject, sequence);
CREATE INDEX audit_trail_rest_tenant_id_subject_sequence_idx ON public.audit_trail_rest USING btree (tenant_id, subject, sequence);
CREATE INDEX request_replays_answered_at_idx ON public.request_replays USING btree (answered_at);
CREATE INDEX sessions_expires_at_idx ON public.sessions USING btree (expires_at);
CREATE INDEX sessions_live_idx ON public.sessions USING btree (tenant_id, user_id) WHERE (ended_at IS NULL);
CREATE INDEX tasks_key_id_idx ON public.tasks USING btree (key, id);
CREATE INDEX user_roles_role_idx ON public.user_roles USING btree (tenant_id, role_id);
CREATE INDEX users_unit_idx ON public.users USING btree (tenant_id, unit_id);
ALTER INDEX public.audit_trail_pk ATTACH PARTITION public.audit_trail_rest_pkey;
ALTER INDEX public.audit_trail_action_idx ATTACH PARTITION public.audit_trail_rest_tenant_id_action_sequence_idx;
ALTER INDEX public.audit_trail_subject_idx ATTACH PARTITION public.audit_trail_rest_tenant_id_subject_sequence_idx;
ALTER INDEX public.inbox_tenant_id_event_id_pk ATTACH PARTITION public.inbox_rest_pkey;
CREATE TRIGGER audit_append_only BEFORE DELETE OR UPDATE ON public.audit_batches FOR EACH ROW EXECUTE FUNCTION public.audit_is_append_only();
CREATE TRIGGER audit_append_only BEFORE DELETE OR UPDATE ON public.audit_keys FOR EACH ROW EXECUTE FUNCTION public.audit_is_append_only();
CREATE TRIGGER audit_append_only BEFORE DELETE OR UPDATE ON public.audit_trail FOR EACH ROW EXECUTE FUNCTION public.audit_is_append_only();
ALTER TABLE ONLY public.clients
    ADD CONSTRAINT clients_tenant_id_fkey FOREIGN KEY (tenant_id) REFERENCES public.tenants(tenant_id);
ALTER TABLE ONLY public.org_units
    ADD CONSTRAINT org_units_leader_fk FOREIGN KEY (tenant_id, leader_id) REFERENCES public.users(tenant_id, user_id);
ALTER TABLE ONLY public.org_units
    ADD CONSTRAINT org_units_parent_fk FOREIGN KEY (tenant_id, parent_id) REFERENCES public.org_units(tenant_id, unit_id);
ALTER TABLE ONLY public.org_units
    ADD CONSTRAINT org_units_tenant_id_fkey FOREIGN KEY (tenant_id) REFERENCES public.tenants(tenant_id);
ALTER TABLE ONLY public.refresh_tokens
    ADD CONSTRAINT refresh_tokens_session_fk FOREIGN KEY (tenant_id, session_id) REFERENCES public.sessions(tenant_id, session_id) ON DELETE CASCADE;
ALTER TABLE ONLY public.roles
    ADD CONSTRAINT roles_tenant_id_fkey FOREIGN KEY (tenant_id) REFERENCES public.tenants(tenant_id);
ALTER TABLE ONLY public.sessions
    ADD CONSTRAINT sessions_user_fk FOREIGN KEY (tenant_id, user_id) REFERENCES public.users(tenant_id, user_id);
ALTER TABLE ONLY public.user_clients
    ADD CONSTRAINT user_clients_client_fk FOREIGN KEY (tenant_id, client_id) REFERENCES public.clients(tenant_id, client_id);
ALTER TABLE ONLY public.user_clients
    ADD CONSTRAINT user_clients_user_fk FOREIGN KEY (tenant_id, user_id) REFERENCES public.users(tenant_id, user_id);
ALTER TABLE ONLY public.user_roles
    ADD CONSTRAINT user_roles_role_fk FOREIGN KEY (tenant_id, role_id) REFERENCES public.roles(tenant_id, role_id);
ALTER TABLE ONLY public.user_roles
    ADD CONSTRAINT user_roles_user_fk FOREIGN KEY (tenant_id, user_id) REFERENCES public.users(tenant_id, user_id);
ALTER TABLE ONLY public.users
    ADD CONSTRAINT users_tenant_id_fkey FOREIGN KEY (tenant_id) REFERENCES public.tenants(tenant_id);
ALTER TABLE ONLY public.users
    ADD CONSTRAINT users_unit_fk FOREIGN KEY (tenant_id, unit_id) REFERENCES public.org_units(tenant_id, unit_id);
ALTER TABLE public.audit_batches ENABLE ROW LEVEL SECURITY;
ALTER TABLE public.audit_intake ENABLE ROW LEVEL SECURITY;
ALTER TABLE public.audit_keys ENABLE ROW LEVEL SECURITY;
ALTER TABLE public.audit_trail ENABLE ROW LEVEL SECURITY;
ALTER TABLE public.audit_trail_rest ENABLE ROW LEVEL SECURITY;
ALTER TABLE public.clients ENABLE ROW LEVEL SECURITY;
ALTER TABLE public.inbox ENABLE ROW LEVEL SECURITY;
ALTER TABLE public.inbox_rest ENABLE ROW LEVEL SECURITY;
ALTER TABLE public.org_units ENABLE ROW LEVEL SECURITY;
ALTER TABLE public.outbox ENABLE ROW LEVEL SECURITY;
ALTER TABLE public.outbox_published ENABLE ROW LEVEL SECURITY;
ALTER TABLE public.refresh_tokens ENABLE ROW LEVEL SECURITY;
ALTER TABLE public.request_replays ENABLE ROW LEVEL SECURITY;
ALTER TABLE public.roles ENABLE ROW LEVEL SECURITY;
ALTER TABLE public.sessions ENABLE ROW LEVEL SECURITY;
ALTER TABLE public.signing_keys ENABLE ROW LEVEL SECURITY;
ALTER TABLE public.tasks ENABLE ROW LEVEL SECURITY;
CREATE POLICY tenant ON public.audit_batches USING ((tenant_id = public.carillon_tenant()));
CREATE POLICY tenant ON public.audit_intake USING ((tenant_id = public.carillon_tenant()));
CREATE POLICY tenant ON public.audit_trail USING ((tenant_id = public.carillon_tenant()));
CREATE POLICY tenant ON public.clients USING ((tenant_id = public.carillon_tenant()));
CREATE POLICY tenant ON public.inbox USING ((tenant_id = public.carillon_tenant()));
CREATE POLICY tenant ON public.org_units USING ((tenant_id = public.carillon_tenant()));
CREATE POLICY tenant ON public.outbox USING ((tenant_id = public.carillon_tenant()));
CREATE POLICY tenant ON public.outbox_published USING ((tenant_id = public.carillon_tenant()));
CREATE POLICY tenant ON public.refresh_tokens USING ((tenant_id = public.carillon_tenant()));
CREATE POLICY tenant ON public.request_replays USING ((tenant_id = public.carillon_tenant()));
CREATE POLICY tenant ON public.roles USING ((tenant_id = public.carillon_tenant()));
CREATE POLICY tenant ON public.sessions USING ((tenant_id = public.carillon_tenant()));
CREATE POLICY tenant ON public.tasks USING ((tenant_id = public.carillon_tenant()));
CREATE POLICY tenant ON public.tenants USING ((tenant_id = public.carillon_tenant()));
CREATE POLICY tenant ON public.user_clients USING ((tenant_id = public.carillon_tenant()));
CREATE POLICY tenant ON public.user_roles USING ((tenant_id = public.carillon_tenant()));
CREATE POLICY tenant ON public.users USING ((tenant_id = public.carillon_tenant()));
ALTER TABLE public.tenants ENABLE ROW LEVEL SECURITY;
ALTER TABLE public.user_clients ENABLE ROW LEVEL SECURITY;
ALTER TABLE public.user_roles ENABLE ROW LEVEL SECURITY;
ALTER TABLE public.users ENABLE ROW LEVEL SECURITY;
