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
CREATE TABLE public.article_counts (
    tenant_id uuid NOT NULL,
    article_id uuid NOT NULL,
    client_id uuid,
    uses bigint DEFAULT 0 NOT NULL,
    helpful bigint DEFAULT 0 NOT NULL,
    unhelpful bigint DEFAULT 0 NOT NULL
);
ALTER TABLE ONLY public.article_counts FORCE ROW LEVEL SECURITY;
CREATE TABLE public.article_ratings (
    tenant_id uuid NOT NULL,
    article_id uuid NOT NULL,
    user_id text NOT NULL COLLATE pg_catalog."C",
    client_id uuid,
    helpful boolean NOT NULL,
    rated_at timestamp with time zone NOT NULL
);
ALTER TABLE ONLY public.article_ratings FORCE ROW LEVEL SECURITY;
CREATE TABLE public.article_terms (
    tenant_id uuid NOT NULL,
    tongue text NOT NULL COLLATE pg_catalog."C",
    term text NOT NULL COLLATE pg_catalog."C",
    article_id uuid NOT NULL,
    client_id uuid,
    fields integer NOT NULL
);
ALTER TABLE ONLY public.article_terms FORCE ROW LEVEL SECURITY;
CREATE TABLE public.article_versions (
    tenant_id uuid NOT NULL,
    article_id uuid NOT NULL,
    number integer NOT NULL,
    client_id uuid,
    state text NOT NULL,
    body jsonb NOT NULL
);
ALTER TABLE ONLY public.article_versions FORCE ROW LEVEL SECURITY;
CREATE TABLE public.articles (
    tenant_id uuid NOT NULL,
    article_id uuid NOT NULL,
    client_id uuid,
    code text NOT NULL COLLATE pg_catalog."C",
    language text NOT NULL COLLATE pg_catalog."C",
    tongue text NOT NULL COLLATE pg_catalog."C",
    published_number integer,
    latest_number integer NOT NULL,
    latest_state text NOT NULL,
    is_published boolean NOT NULL,
    type text NOT NULL,
    category text NOT NULL COLLATE pg_catalog."C",
    title text NOT NULL COLLATE pg_catalog."C",
    valid_from timestamp with time zone,
    valid_to timestamp with time zone,
    due_at timestamp with time zone,
    review_due_at timestamp with time zone,
    length integer NOT NULL,
    owner_unit text NOT NULL COLLATE pg_catalog."C",
    owner_user text NOT NULL,
    created_at timestamp with time zone NOT NULL,
    updated_at timestamp with time zone NOT NULL,
    version bigint NOT NULL,
    body jsonb NOT NULL
);
ALTER TABLE ONLY public.articles FORCE ROW LEVEL SECURITY;
CREATE TABLE public.gaps (
    tenant_id uuid NOT NULL,
    gap_id uuid NOT NULL,
    client_id uuid,
    question text NOT NULL COLLATE pg_catalog."C",
    language text NOT NULL COLLATE pg_catalog."C",
    state text NOT NULL,
    origin text NOT NULL,
    reporter text NOT NULL COLLATE pg_catalog."C",
    assignee text COLLATE pg_catalog."C",
    article_id uuid,
    last_miss_at timestamp with time zone NOT NULL,
    owner_unit text NOT NULL COLLATE pg_catalog."C",
    updated_at timestamp with time zone NOT NULL,
    version bigint NOT NULL,
    body jsonb NOT NULL
);
ALTER TABLE ONLY public.gaps FORCE ROW LEVEL SECURITY;
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
CREATE TABLE public.phrases (
    tenant_id uuid NOT NULL,
    phrase_id uuid NOT NULL,
    client_id uuid,
    code text NOT NULL COLLATE pg_catalog."C",
    language text NOT NULL COLLATE pg_catalog."C",
    owner_unit text NOT NULL COLLATE pg_catalog."C",
    updated_at timestamp with time zone NOT NULL,
    version bigint NOT NULL,
    body jsonb NOT NULL
);
ALTER TABLE ONLY public.phrases FORCE ROW LEVEL SECURITY;
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
CREATE TABLE public.searches (
    tenant_id uuid NOT NULL,
    search_id uuid NOT NULL,
    client_id uuid,
    user_id text NOT NULL COLLATE pg_catalog."C",
    owner_unit text NOT NULL COLLATE pg_catalog."C",
    query text NOT NULL,
    language text NOT NULL,
    hits integer NOT NULL,
    gap_id uuid,
    opened_article_id uuid,
    opened_at timestamp with time zone,
    searched_at timestamp with time zone NOT NULL
);
ALTER TABLE ONLY public.searches FORCE ROW LEVEL SECURITY;
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
ALTER TABLE ONLY public.article_counts
    ADD CONSTRAINT article_counts_pk PRIMARY KEY (tenant_id, article_id);
ALTER TABLE ONLY public.article_ratings
    ADD CONSTRAINT article_ratings_pk PRIMARY KEY (tenant_id, article_id, user_id);
ALTER TABLE ONLY public.article_terms
    ADD CONSTRAINT article_terms_pk PRIMARY KEY (tenant_id, tongue, term, article_id);
ALTER TABLE ONLY public.article_versions
    ADD CONSTRAINT article_versions_pk PRIMARY KEY (tenant_id, article_id, number);
ALTER TABLE ONLY public.articles
    ADD CONSTRAINT articles_code_key UNIQUE NULLS NOT DISTINCT (tenant_id, code, language, client_id);
ALTER TABLE ONLY public.articles
    ADD CONSTRAINT articles_pk PRIMARY KEY (tenant_id, article_id);
ALTER TABLE ONLY public.gaps
    ADD CONSTRAINT gaps_pk PRIMARY KEY (tenant_id, gap_id);
ALTER TABLE ONLY public.inbox
    ADD CONSTRAINT inbox_tenant_id_event_id_pk PRIMARY KEY (tenant_id, event_id, occurred_at);
ALTER TABLE ONLY public.inbox_rest
    ADD CONSTRAINT inbox_rest_pkey PRIMARY KEY (tenant_id, event_id, occurred_at);
ALTER TABLE ONLY public.outbox
    ADD CONSTRAINT outbox_id_pk PRIMARY KEY (id);
ALTER TABLE ONLY public.outbox_published
    ADD CONSTRAINT outbox_published_tenant_id_topic_type_pk PRIMARY KEY (tenant_id, topic, type);
ALTER TABLE ONLY public.phrases
    ADD CONSTRAINT phrases_code_key UNIQUE NULLS NOT DISTINCT (tenant_id, code, language, client_id);
ALTER TABLE ONLY public.phrases
    ADD CONSTRAINT phrases_pk PRIMARY KEY (tenant_id, phrase_id);
ALTER TABLE ONLY public.request_replays
    ADD CONSTRAINT request_replays_pk PRIMARY KEY (tenant_id, principal, method, request_id);
ALTER TABLE ONLY public.schema_migrations
    ADD CONSTRAINT schema_migrations_pkey PRIMARY KEY (version);
ALTER TABLE ONLY public.searches
    ADD CONSTRAINT searches_pk PRIMARY KEY (tenant_id, search_id);
ALTER TABLE ONLY public.tasks
    ADD CONSTRAINT tasks_id_pk PRIMARY KEY (id);
CREATE INDEX article_terms_article_idx ON public.article_terms USING btree (tenant_id, article_id);
CREATE UNIQUE INDEX article_versions_published_key ON public.article_versions USING btree (tenant_id, article_id) WHERE (state = 'PUBLISHED'::text);
CREATE INDEX articles_category_idx ON public.articles USING btree (tenant_id, category, title, article_id);
CREATE INDEX articles_due_idx ON public.articles USING btree (tenant_id, due_at) WHERE (due_at IS NOT NULL);
CREATE INDEX articles_published_idx ON public.articles USING btree (tenant_id, tongue, article_id) WHERE is_published;
CREATE INDEX gaps_article_idx ON public.gaps USING btree (tenant_id, article_id) WHERE (article_id IS NOT NULL);
CREATE INDEX gaps_last_miss_at_idx ON public.gaps USING btree (tenant_id, last_miss_at DESC, gap_id DESC);
CREATE UNIQUE INDEX gaps_question_key ON public.gaps USING btree (tenant_id, question, language, client_id) NULLS NOT DISTINCT WHERE (state <> 'CLOSED'::text);
CREATE INDEX request_replays_answered_at_idx ON public.request_replays USING btree (answered_at);
CREATE INDEX searches_searched_at_idx ON public.searches USING btree (tenant_id, searched_at);
CREATE INDEX tasks_key_id_idx ON public.tasks USING btree (key, id);
ALTER INDEX public.inbox_tenant_id_event_id_pk ATTACH PARTITION public.inbox_rest_pkey;
ALTER TABLE ONLY public.article_counts
    ADD CONSTRAINT article_counts_article_fk FOREIGN KEY (tenant_id, article_id) REFERENCES public.articles(tenant_id, article_id);
ALTER TABLE ONLY public.article_ratings
    ADD CONSTRAINT article_ratings_article_fk FOREIGN KEY (tenant_id, article_id) REFERENCES public.articles(tenant_id, article_id);
ALTER TABLE ONLY public.article_terms
    ADD CONSTRAINT article_terms_article_fk FOREIGN KEY (tenant_id, article_id) REFERENCES public.articles(tenant_id, article_id);
ALTER TABLE ONLY public.article_versions
    ADD CONSTRAINT article_versions_article_fk FOREIGN KEY (tenant_id, article_id) REFERENCES public.articles(tenant_id, article_id);
ALTER TABLE ONLY public.gaps
    ADD CONSTRAINT gaps_article_fk FOREIGN KEY (tenant_id, article_id) REFERENCES public.articles(tenant_id, article_id);
ALTER TABLE public.article_counts ENABLE ROW LEVEL SECURITY;
ALTER TABLE public.article_ratings ENABLE ROW LEVEL SECURITY;
ALTER TABLE public.article_terms ENABLE ROW LEVEL SECURITY;
ALTER TABLE public.article_versions ENABLE ROW LEVEL SECURITY;
ALTER TABLE public.articles ENABLE ROW LEVEL SECURITY;
ALTER TABLE public.gaps ENABLE ROW LEVEL SECURITY;
ALTER TABLE public.inbox ENABLE ROW LEVEL SECURITY;
ALTER TABLE public.inbox_rest ENABLE ROW LEVEL SECURITY;
ALTER TABLE public.outbox ENABLE ROW LEVEL SECURITY;
ALTER TABLE public.outbox_published ENABLE ROW LEVEL SECURITY;
ALTER TABLE public.phrases ENABLE ROW LEVEL SECURITY;
ALTER TABLE public.request_replays ENABLE ROW LEVEL SECURITY;
ALTER TABLE public.searches ENABLE ROW LEVEL SECURITY;
ALTER TABLE public.tasks ENABLE ROW LEVEL SECURITY;
CREATE POLICY tenant ON public.article_counts USING (((tenant_id = public.carillon_tenant()) AND ((client_id IS NULL) OR (public.carillon_clients() IS NULL) OR (client_id = ANY (public.carillon_clients())))));
CREATE POLICY tenant ON public.article_ratings USING (((tenant_id = public.carillon_tenant()) AND ((client_id IS NULL) OR (public.carillon_clients() IS NULL) OR (client_id = ANY (public.carillon_clients())))));
CREATE POLICY tenant ON public.article_terms USING (((tenant_id = public.carillon_tenant()) AND ((client_id IS NULL) OR (public.carillon_clients() IS NULL) OR (client_id = ANY (public.carillon_clients())))));
CREATE POLICY tenant ON public.article_versions USING (((tenant_id = public.carillon_tenant()) AND ((client_id IS NULL) OR (public.carillon_clients() IS NULL) OR (client_id = ANY (public.carillon_clients())))));
CREATE POLICY tenant ON public.articles USING (((tenant_id = public.carillon_tenant()) AND ((client_id IS NULL) OR (public.carillon_clients() IS NULL) OR (client_id = ANY (public.carillon_clients())))));
CREATE POLICY tenant ON public.gaps USING (((tenant_id = public.carillon_tenant()) AND ((client_id IS NULL) OR (public.carillon_clients() IS NULL) OR (client_id = ANY (public.carillon_clients())))));
CREATE POLICY tenant ON public.inbox USING ((tenant_id = public.carillon_tenant()));
CREATE POLICY tenant ON public.outbox USING ((tenant_id = public.carillon_tenant()));
CREATE POLICY tenant ON public.outbox_published USING ((tenant_id = public.carillon_tenant()));
CREATE POLICY tenant ON public.phrases USING (((tenant_id = public.carillon_tenant()) AND ((client_id IS NULL) OR (public.carillon_clients() IS NULL) OR (client_id = ANY (public.carillon_clients())))));
CREATE POLICY tenant ON public.request_replays USING ((tenant_id = public.carillon_tenant()));
CREATE POLICY tenant ON public.searches USING (((tenant_id = public.carillon_tenant()) AND ((client_id IS NULL) OR (public.carillon_clients() IS NULL) OR (client_id = ANY (public.carillon_clients())))));
CREATE POLICY tenant ON public.tasks USING ((tenant_id = public.carillon_tenant()));
