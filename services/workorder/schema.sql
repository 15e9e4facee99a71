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
CREATE FUNCTION public.work_order_history_is_written_once() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
BEGIN
  IF TG_OP = 'UPDATE' AND NEW.note = '' THEN
    OLD.note := '';
    IF NEW IS NOT DISTINCT FROM OLD THEN
      RETURN NEW;
    END IF;
  END IF;
  RAISE EXCEPTION 'the history of a work order is written once' USING ERRCODE = 'insufficient_privilege';
END $$;
CREATE TABLE public.assignments (
    tenant_id uuid NOT NULL,
    work_order_id uuid NOT NULL,
    step integer NOT NULL,
    client_id uuid NOT NULL,
    desk_id uuid NOT NULL,
    assignee text,
    dispatcher text NOT NULL,
    sent_at timestamp with time zone NOT NULL,
    accepted_at timestamp with time zone,
    ended_at timestamp with time zone,
    return_reason text
);
ALTER TABLE ONLY public.assignments FORCE ROW LEVEL SECURITY;
CREATE TABLE public.custom_fields (
    tenant_id uuid NOT NULL,
    key text NOT NULL COLLATE pg_catalog."C",
    definition jsonb NOT NULL,
    updated_by text NOT NULL,
    updated_at timestamp with time zone NOT NULL
);
ALTER TABLE ONLY public.custom_fields FORCE ROW LEVEL SECURITY;
CREATE TABLE public.desks (
    tenant_id uuid NOT NULL,
    desk_id uuid NOT NULL,
    display_name text NOT NULL COLLATE pg_catalog."C",
    kind text NOT NULL,
    site text NOT NULL,
    owner_unit text NOT NULL COLLATE pg_catalog."C",
    owner_user text NOT NULL,
    created_at timestamp with time zone NOT NULL
);
ALTER TABLE ONLY public.desks FORCE ROW LEVEL SECURITY;
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
CREATE TABLE public.order_numbers (
    tenant_id uuid NOT NULL,
    day date NOT NULL,
    last_number integer NOT NULL
);
ALTER TABLE ONLY public.order_numbers FORCE ROW LEVEL SECURITY;
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
CREATE TABLE public.revisits (
    tenant_id uuid NOT NULL,
    work_order_id uuid NOT NULL,
    revisited_at timestamp with time zone NOT NULL,
    attempt integer NOT NULL,
    client_id uuid NOT NULL,
    revisitor text NOT NULL,
    reached boolean NOT NULL,
    satisfaction text NOT NULL,
    solved text NOT NULL,
    interaction_id uuid,
    comment text NOT NULL
);
ALTER TABLE ONLY public.revisits FORCE ROW LEVEL SECURITY;
CREATE TABLE public.schema_migrations (
    version character varying NOT NULL
);
CREATE TABLE public.sla_policies (
    tenant_id uuid NOT NULL,
    type text NOT NULL,
    priority text NOT NULL,
    accept_minutes integer NOT NULL,
    reply_minutes integer NOT NULL,
    handle_minutes integer NOT NULL,
    revisit_minutes integer NOT NULL,
    calendar text NOT NULL,
    updated_by text NOT NULL,
    updated_at timestamp with time zone NOT NULL,
    CONSTRAINT sla_policies_accept_minutes_check CHECK ((accept_minutes >= 0)),
    CONSTRAINT sla_policies_handle_minutes_check CHECK ((handle_minutes >= 0)),
    CONSTRAINT sla_policies_reply_minutes_check CHECK ((reply_minutes >= 0)),
    CONSTRAINT sla_policies_revisit_minutes_check CHECK ((revisit_minutes >= 0))
);
ALTER TABLE ONLY public.sla_policies FORCE ROW LEVEL SECURITY;
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
CREATE TABLE public.work_order_history (
    tenant_id uuid NOT NULL,
    work_order_id uuid NOT NULL,
    sequence integer NOT NULL,
    happened_at timestamp with time zone NOT NULL,
    client_id uuid NOT NULL,
    actor text NOT NULL,
    action text NOT NULL,
    from_state text NOT NULL,
    to_state text NOT NULL,
    note text NOT NULL
)
PARTITION BY RANGE (happened_at);
ALTER TABLE ONLY public.work_order_history FORCE ROW LEVEL SECURITY;
CREATE TABLE public.work_order_history_rest (
    tenant_id uuid NOT NULL,
    work_order_id uuid NOT NULL,
    sequence integer NOT NULL,
    happened_at timestamp with time zone NOT NULL,
    client_id uuid NOT NULL,
    actor text NOT NULL,
    action text NOT NULL,
    from_state text NOT NULL,
    to_state text NOT NULL,
    note text NOT NULL
);
ALTER TABLE ONLY public.work_order_history_rest FORCE ROW LEVEL SECURITY;
CREATE TABLE public.work_orders (
    tenant_id uuid NOT NULL,
    work_order_id uuid NOT NULL,
    client_id uuid NOT NULL,
    number text NOT NULL COLLATE pg_catalog."C",
    type text NOT NULL,
    state text NOT NULL,
    priority text NOT NULL,
    customer_id uuid,
    contact_number text COLLATE pg_catalog."C",
    product text NOT NULL COLLATE pg_catalog."C",
    interaction_id uuid,
    desk_id uuid,
    assignee text,
    is_open boolean NOT NULL,
    overdue boolean NOT NULL,
    escalated boolean NOT NULL,
    due_at timestamp with time zone,
    site text NOT NULL,
    owner_unit text NOT NULL COLLATE pg_catalog."C",
    owner_user text NOT NULL,
    created_at timestamp with time zone NOT NULL,
    updated_at timestamp with time zone NOT NULL,
    closed_at timestamp with time zone,
    version bigint NOT NULL,
    entries integer NOT NULL,
    body jsonb NOT NULL,
    CONSTRAINT work_orders_complaint_check CHECK (((type <> 'COMPLAINT'::text) OR (contact_number IS NOT NULL)))
);
ALTER TABLE ONLY public.work_orders FORCE ROW LEVEL SECURITY;
ALTER TABLE ONLY public.inbox ATTACH PARTITION public.inbox_rest DEFAULT;
ALTER TABLE ONLY public.work_order_history ATTACH PARTITION public.work_order_history_rest DEFAULT;
ALTER TABLE ONLY public.assignments
    ADD CONSTRAINT assignments_pk PRIMARY KEY (tenant_id, work_order_id, step);
ALTER TABLE ONLY public.custom_fields
    ADD CONSTRAINT custom_fields_pk PRIMARY KEY (tenant_id, key);
ALTER TABLE ONLY public.desks
    ADD CONSTRAINT desks_display_name_key UNIQUE (tenant_id, display_name);
ALTER TABLE ONLY public.desks
    ADD CONSTRAINT desks_pk PRIMARY KEY (tenant_id, desk_id);
ALTER TABLE ONLY public.inbox
    ADD CONSTRAINT inbox_tenant_id_event_id_pk PRIMARY KEY (tenant_id, event_id, occurred_at);
ALTER TABLE ONLY public.inbox_rest
    ADD CONSTRAINT inbox_rest_pkey PRIMARY KEY (tenant_id, event_id, occurred_at);
ALTER TABLE ONLY public.order_numbers
    ADD CONSTRAINT order_numbers_pk PRIMARY KEY (tenant_id, day);
ALTER TABLE ONLY public.outbox
    ADD CONSTRAINT outbox_id_pk PRIMARY KEY (id);
ALTER TABLE ONLY public.outbox_published
    ADD CONSTRAINT outbox_published_tenant_id_topic_type_pk PRIMARY KEY (tenant_id, topic, type);
ALTER TABLE ONLY public.request_replays
    ADD CONSTRAINT request_replays_pk PRIMARY KEY (tenant_id, principal, method, request_id);
ALTER TABLE ONLY public.revisits
    ADD CONSTRAINT revisits_pk PRIMARY KEY (tenant_id, work_order_id, revisited_at, attempt);
ALTER TABLE ONLY public.schema_migrations
    ADD CONSTRAINT schema_migrations_pkey PRIMARY KEY (version);
ALTER TABLE ONLY public.sla_policies
    ADD CONSTRAINT sla_policies_pk PRIMARY KEY (tenant_id, type, priority);
ALTER TABLE ONLY public.tasks
    ADD CONSTRAINT tasks_id_pk PRIMARY KEY (id);
ALTER TABLE ONLY public.work_order_history
    ADD CONSTRAINT work_order_history_pk PRIMARY KEY (tenant_id, work_order_id, sequence, happened_at);
ALTER TABLE ONLY public.work_order_history_rest
    ADD CONSTRAINT work_order_history_rest_pkey PRIMARY KEY (tenant_id, work_order_id, sequence, happened_at);
ALTER TABLE ONLY public.work_orders
    ADD CONSTRAINT work_orders_number_key UNIQUE (tenant_id, number);
ALTER TABLE ONLY public.work_orders
    ADD CONSTRAINT work_orders_pk PRIMARY KEY (tenant_id, work_order_id);
CREATE INDEX assignments_desk_idx ON public.assignments USING btree (tenant_id, desk_id, sent_at);
CREATE INDEX request_replays_answered_at_idx ON public.request_replays USING btree (answered_at);
CREATE INDEX revisits_revisited_at_idx ON public.revisits USING btree (tenant_id, revisited_at);
CREATE INDEX tasks_key_id_idx ON public.tasks USING btree (key, id);
CREATE INDEX work_orders_contact_number_idx ON public.work_orders USING btree (tenant_id, contact_number, created_at DESC);
CREATE INDEX work_orders_created_at_idx ON public.work_orders USING btree (tenant_id, created_at DESC, work_order_id DESC);
CREATE INDEX work_orders_customer_idx ON public.work_orders USING btree (tenant_id, customer_id, type, created_at DESC);
CREATE INDEX work_orders_due_at_idx ON public.work_orders USING btree (due_at) WHERE (due_at IS NOT NULL);
CREATE INDEX work_orders_interaction_idx ON public.work_orders USING btree (tenant_id, interaction_id);
CREATE INDEX work_orders_open_desk_idx ON public.work_orders USING btree (tenant_id, desk_id, created_at DESC) WHERE is_open;
ALTER INDEX public.inbox_tenant_id_event_id_pk ATTACH PARTITION public.inbox_rest_pkey;
ALTER INDEX public.work_order_history_pk ATTACH PARTITION public.work_order_history_rest_pkey;
CREATE TRIGGER never_emptied BEFORE TRUNCATE ON public.work_order_history FOR EACH STATEMENT EXECUTE FUNCTION public.work_order_history_is_written_once();
CREATE TRIGGER written_once BEFORE DELETE OR UPDATE ON public.work_order_history FOR EACH ROW EXECUTE FUNCTION public.work_order_history_is_written_once();
ALTER TABLE ONLY public.assignments
    ADD CONSTRAINT assignments_desk_fk FOREIGN KEY (tenant_id, desk_id) REFERENCES public.desks(tenant_id, desk_id);
ALTER TABLE ONLY public.assignments
    ADD CONSTRAINT assignments_work_order_fk FOREIGN KEY (tenant_id, work_order_id) REFERENCES public.work_orders(tenant_id, work_order_id);
ALTER TABLE ONLY public.revisits
    ADD CONSTRAINT revisits_work_order_fk FOREIGN KEY (tenant_id, work_order_id) REFERENCES public.work_orders(tenant_id, work_order_id);
ALTER TABLE ONLY public.work_orders
    ADD CONSTRAINT work_orders_desk_fk FOREIGN KEY (tenant_id, desk_id) REFERENCES public.desks(tenant_id, desk_id);
ALTER TABLE public.assignments ENABLE ROW LEVEL SECURITY;
ALTER TABLE public.custom_fields ENABLE ROW LEVEL SECURITY;
ALTER TABLE public.desks ENABLE ROW LEVEL SECURITY;
ALTER TABLE public.inbox ENABLE ROW LEVEL SECURITY;
ALTER TABLE public.inbox_rest ENABLE ROW LEVEL SECURITY;
ALTER TABLE public.order_numbers ENABLE ROW LEVEL SECURITY;
ALTER TABLE public.outbox ENABLE ROW LEVEL SECURITY;
ALTER TABLE public.outbox_published ENABLE ROW LEVEL SECURITY;
ALTER TABLE public.request_replays ENABLE ROW LEVEL SECURITY;
ALTER TABLE public.revisits ENABLE ROW LEVEL SECURITY;
ALTER TABLE public.sla_policies ENABLE ROW LEVEL SECURITY;
ALTER TABLE public.tasks ENABLE ROW LEVEL SECURITY;
CREATE POLICY tenant ON public.assignments USING (((tenant_id = public.carillon_tenant()) AND ((public.carillon_clients() IS NULL) OR (client_id = ANY (public.carillon_clients())))));
CREATE POLICY tenant ON public.custom_fields USING ((tenant_id = public.carillon_tenant()));
CREATE POLICY tenant ON public.desks USING ((tenant_id = public.carillon_tenant()));
CREATE POLICY tenant ON public.inbox USING ((tenant_id = public.carillon_tenant()));
CREATE POLICY tenant ON public.order_numbers USING ((tenant_id = public.carillon_tenant()));
CREATE POLICY tenant ON public.outbox USING ((tenant_id = public.carillon_tenant()));
CREATE POLICY tenant ON public.outbox_published USING ((tenant_id = public.carillon_tenant()));
CREATE POLICY tenant ON public.request_replays USING ((tenant_id = public.carillon_tenant()));
CREATE POLICY tenant ON public.revisits USING (((tenant_id = public.carillon_tenant()) AND ((public.carillon_clients() IS NULL) OR (client_id = ANY (public.carillon_clients())))));
CREATE POLICY tenant ON public.sla_policies USING ((tenant_id = public.carillon_tenant()));
CREATE POLICY tenant ON public.tasks USING ((tenant_id = public.carillon_tenant()));
CREATE POLICY tenant ON public.work_order_history USING (((tenant_id = public.carillon_tenant()) AND ((public.carillon_clients() IS NULL) OR (client_id = ANY (public.carillon_clients())))));
CREATE POLICY tenant ON public.work_orders USING (((tenant_id = public.carillon_tenant()) AND ((public.carillon_clients() IS NULL) OR (client_id = ANY (public.carillon_clients())))));
ALTER TABLE public.work_order_history ENABLE ROW LEVEL SECURITY;
ALTER TABLE public.work_order_history_rest ENABLE ROW LEVEL SECURITY;
ALTER TABLE public.work_orders ENABLE ROW LEVEL SECURITY;
