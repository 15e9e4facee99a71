-- migrate:up
-- Articles with their versions, the terms they are found by, and what readers made of them. No personal values.
CREATE TABLE articles (
  tenant_id uuid NOT NULL,
  article_id uuid NOT NULL,
  client_id uuid,
  code text COLLATE "C" NOT NULL,
  language text COLLATE "C" NOT NULL,
  tongue text COLLATE "C" NOT NULL,
  published_number int,
  latest_number int NOT NULL,
  latest_state text NOT NULL,
  is_published boolean NOT NULL,
  type text NOT NULL,
  category text COLLATE "C" NOT NULL,
  title text COLLATE "C" NOT NULL,
  valid_from timestamptz,
  valid_to timestamptz,
  due_at timestamptz,
  review_due_at timestamptz,
  length int NOT NULL,
  owner_unit text COLLATE "C" NOT NULL,
  owner_user text NOT NULL,
  created_at timestamptz NOT NULL,
  updated_at timestamptz NOT NULL,
  version bigint NOT NULL,
  body jsonb NOT NULL,
  CONSTRAINT articles_pk PRIMARY KEY (tenant_id, article_id),
  CONSTRAINT articles_code_key UNIQUE NULLS NOT DISTINCT (tenant_id, code, language, client_id)
);
CREATE INDEX articles_category_idx ON articles (tenant_id, category, title, article_id);
CREATE INDEX articles_published_idx ON articles (tenant_id, tongue, article_id) WHERE is_published;
-- What time alone will change: the next publication or end.
CREATE INDEX articles_due_idx ON articles (tenant_id, due_at) WHERE due_at IS NOT NULL;

CREATE TABLE article_versions (
  tenant_id uuid NOT NULL,
  article_id uuid NOT NULL,
  number int NOT NULL,
  client_id uuid,
  state text NOT NULL,
  body jsonb NOT NULL,
  CONSTRAINT article_versions_pk PRIMARY KEY (tenant_id, article_id, number),
  CONSTRAINT article_versions_article_fk FOREIGN KEY (tenant_id, article_id) REFERENCES articles (tenant_id, article_id)
);
CREATE UNIQUE INDEX article_versions_published_key ON article_versions (tenant_id, article_id) WHERE state = 'PUBLISHED';

CREATE TABLE article_terms (
  tenant_id uuid NOT NULL,
  tongue text COLLATE "C" NOT NULL,
  term text COLLATE "C" NOT NULL,
  article_id uuid NOT NULL,
  client_id uuid,
  fields int NOT NULL,
  CONSTRAINT article_terms_pk PRIMARY KEY (tenant_id, tongue, term, article_id),
  CONSTRAINT article_terms_article_fk FOREIGN KEY (tenant_id, article_id) REFERENCES articles (tenant_id, article_id)
);
CREATE INDEX article_terms_article_idx ON article_terms (tenant_id, article_id);

CREATE TABLE article_counts (
  tenant_id uuid NOT NULL,
  article_id uuid NOT NULL,
  client_id uuid,
  uses bigint NOT NULL DEFAULT 0,
  helpful bigint NOT NULL DEFAULT 0,
  unhelpful bigint NOT NULL DEFAULT 0,
  CONSTRAINT article_counts_pk PRIMARY KEY (tenant_id, article_id),
  CONSTRAINT article_counts_article_fk FOREIGN KEY (tenant_id, article_id) REFERENCES articles (tenant_id, article_id)
);

CREATE TABLE article_ratings (
  tenant_id uuid NOT NULL,
  article_id uuid NOT NULL,
  user_id text COLLATE "C" NOT NULL,
  client_id uuid,
  helpful boolean NOT NULL,
  rated_at timestamptz NOT NULL,
  CONSTRAINT article_ratings_pk PRIMARY KEY (tenant_id, article_id, user_id),
  CONSTRAINT article_ratings_article_fk FOREIGN KEY (tenant_id, article_id) REFERENCES articles (tenant_id, article_id)
);

DO $$
DECLARE name text;
BEGIN
  FOREACH name IN ARRAY ARRAY['articles', 'article_versions', 'article_terms', 'article_counts', 'article_ratings'] LOOP
    EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', name);
    EXECUTE format('ALTER TABLE %I FORCE ROW LEVEL SECURITY', name);
    EXECUTE format('CREATE POLICY tenant ON %I USING (tenant_id = carillon_tenant() AND '
                   '(client_id IS NULL OR carillon_clients() IS NULL OR client_id = ANY (carillon_clients())))', name);
  END LOOP;
END $$;

-- migrate:down
DROP TABLE article_ratings, article_counts, article_terms, article_versions, articles;
