-- migrate:up
-- The tenants' own wordings of phrases, what was asked and found nothing, and the log of searches: masked, 35 days.
CREATE TABLE phrases (
  tenant_id uuid NOT NULL,
  phrase_id uuid NOT NULL,
  client_id uuid,
  code text COLLATE "C" NOT NULL,
  language text COLLATE "C" NOT NULL,
  owner_unit text COLLATE "C" NOT NULL,
  updated_at timestamptz NOT NULL,
  version bigint NOT NULL,
  body jsonb NOT NULL,
  CONSTRAINT phrases_pk PRIMARY KEY (tenant_id, phrase_id),
  CONSTRAINT phrases_code_key UNIQUE NULLS NOT DISTINCT (tenant_id, code, language, client_id)
);

CREATE TABLE gaps (
  tenant_id uuid NOT NULL,
  gap_id uuid NOT NULL,
  client_id uuid,
  question text COLLATE "C" NOT NULL,
  language text COLLATE "C" NOT NULL,
  state text NOT NULL,
  origin text NOT NULL,
  reporter text COLLATE "C" NOT NULL,
  assignee text COLLATE "C",
  article_id uuid,
  last_miss_at timestamptz NOT NULL,
  owner_unit text COLLATE "C" NOT NULL,
  updated_at timestamptz NOT NULL,
  version bigint NOT NULL,
  body jsonb NOT NULL,
  CONSTRAINT gaps_pk PRIMARY KEY (tenant_id, gap_id),
  CONSTRAINT gaps_article_fk FOREIGN KEY (tenant_id, article_id) REFERENCES articles (tenant_id, article_id)
);
-- What is asked twice is one gap until it is closed.
CREATE UNIQUE INDEX gaps_question_key ON gaps (tenant_id, question, language, client_id) NULLS NOT DISTINCT
  WHERE state <> 'CLOSED';
CREATE INDEX gaps_last_miss_at_idx ON gaps (tenant_id, last_miss_at DESC, gap_id DESC);
CREATE INDEX gaps_article_idx ON gaps (tenant_id, article_id) WHERE article_id IS NOT NULL;

CREATE TABLE searches (
  tenant_id uuid NOT NULL,
  search_id uuid NOT NULL,
  client_id uuid,
  user_id text COLLATE "C" NOT NULL,
  owner_unit text COLLATE "C" NOT NULL,
  query text NOT NULL,
  language text NOT NULL,
  hits int NOT NULL,
  gap_id uuid,
  opened_article_id uuid,
  opened_at timestamptz,
  searched_at timestamptz NOT NULL,
  CONSTRAINT searches_pk PRIMARY KEY (tenant_id, search_id)
);
CREATE INDEX searches_searched_at_idx ON searches (tenant_id, searched_at);

DO $$
DECLARE name text;
BEGIN
  FOREACH name IN ARRAY ARRAY['phrases', 'gaps', 'searches'] LOOP
    EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', name);
    EXECUTE format('ALTER TABLE %I FORCE ROW LEVEL SECURITY', name);
    EXECUTE format('CREATE POLICY tenant ON %I USING (tenant_id = carillon_tenant() AND '
                   '(client_id IS NULL OR carillon_clients() IS NULL OR client_id = ANY (carillon_clients())))', name);
  END LOOP;
END $$;

-- migrate:down
DROP TABLE searches, gaps, phrases;
