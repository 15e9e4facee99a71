-- migrate:up
-- Orders. `body` is the order as its message (protobuf JSON); the columns beside it are what is searched, sorted or
-- swept by, written by the same statement.
CREATE TABLE work_orders (
  tenant_id uuid NOT NULL,
  work_order_id uuid NOT NULL,
  client_id uuid NOT NULL,
  number text COLLATE "C" NOT NULL,
  type text NOT NULL,
  state text NOT NULL,
  priority text NOT NULL,
  customer_id uuid,
  contact_number text COLLATE "C",
  product text COLLATE "C" NOT NULL,
  interaction_id uuid,
  desk_id uuid,
  assignee text,
  is_open boolean NOT NULL,
  overdue boolean NOT NULL,
  escalated boolean NOT NULL,
  due_at timestamptz,
  site text NOT NULL,
  owner_unit text COLLATE "C" NOT NULL,
  owner_user text NOT NULL,
  created_at timestamptz NOT NULL,
  updated_at timestamptz NOT NULL,
  closed_at timestamptz,
  version bigint NOT NULL,
  entries int NOT NULL,
  body jsonb NOT NULL,
  CONSTRAINT work_orders_pk PRIMARY KEY (tenant_id, work_order_id),
  CONSTRAINT work_orders_number_key UNIQUE (tenant_id, number),
  CONSTRAINT work_orders_desk_fk FOREIGN KEY (tenant_id, desk_id) REFERENCES desks (tenant_id, desk_id),
  CONSTRAINT work_orders_complaint_check CHECK (type <> 'COMPLAINT' OR contact_number IS NOT NULL)
);
CREATE INDEX work_orders_created_at_idx ON work_orders (tenant_id, created_at DESC, work_order_id DESC);
CREATE INDEX work_orders_customer_idx ON work_orders (tenant_id, customer_id, type, created_at DESC);
CREATE INDEX work_orders_contact_number_idx ON work_orders (tenant_id, contact_number, created_at DESC);
CREATE INDEX work_orders_interaction_idx ON work_orders (tenant_id, interaction_id);
CREATE INDEX work_orders_open_desk_idx ON work_orders (tenant_id, desk_id, created_at DESC) WHERE is_open;
CREATE INDEX work_orders_due_at_idx ON work_orders (due_at) WHERE due_at IS NOT NULL;
ALTER TABLE work_orders ENABLE ROW LEVEL SECURITY;
ALTER TABLE work_orders FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant ON work_orders USING (tenant_id = carillon_tenant()
  AND (carillon_clients() IS NULL OR client_id = ANY (carillon_clients())));

-- The last number given on a tenant's day; the row's lock hands them out one by one.
CREATE TABLE order_numbers (
  tenant_id uuid NOT NULL,
  day date NOT NULL,
  last_number int NOT NULL,
  CONSTRAINT order_numbers_pk PRIMARY KEY (tenant_id, day)
);
ALTER TABLE order_numbers ENABLE ROW LEVEL SECURITY;
ALTER TABLE order_numbers FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant ON order_numbers USING (tenant_id = carillon_tenant());

-- Each dispatch of an order and what came of it.
CREATE TABLE assignments (
  tenant_id uuid NOT NULL,
  work_order_id uuid NOT NULL,
  step int NOT NULL,
  client_id uuid NOT NULL,
  desk_id uuid NOT NULL,
  assignee text,
  dispatcher text NOT NULL,
  sent_at timestamptz NOT NULL,
  accepted_at timestamptz,
  ended_at timestamptz,
  return_reason text,
  CONSTRAINT assignments_pk PRIMARY KEY (tenant_id, work_order_id, step),
  CONSTRAINT assignments_work_order_fk FOREIGN KEY (tenant_id, work_order_id)
    REFERENCES work_orders (tenant_id, work_order_id),
  CONSTRAINT assignments_desk_fk FOREIGN KEY (tenant_id, desk_id) REFERENCES desks (tenant_id, desk_id)
);
CREATE INDEX assignments_desk_idx ON assignments (tenant_id, desk_id, sent_at);
ALTER TABLE assignments ENABLE ROW LEVEL SECURITY;
ALTER TABLE assignments FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant ON assignments USING (tenant_id = carillon_tenant()
  AND (carillon_clients() IS NULL OR client_id = ANY (carillon_clients())));

-- Each try to ask a customer.
CREATE TABLE revisits (
  tenant_id uuid NOT NULL,
  work_order_id uuid NOT NULL,
  revisited_at timestamptz NOT NULL,
  attempt int NOT NULL,
  client_id uuid NOT NULL,
  revisitor text NOT NULL,
  reached boolean NOT NULL,
  satisfaction text NOT NULL,
  solved text NOT NULL,
  interaction_id uuid,
  comment text NOT NULL,
  CONSTRAINT revisits_pk PRIMARY KEY (tenant_id, work_order_id, revisited_at, attempt),
  CONSTRAINT revisits_work_order_fk FOREIGN KEY (tenant_id, work_order_id)
    REFERENCES work_orders (tenant_id, work_order_id)
);
CREATE INDEX revisits_revisited_at_idx ON revisits (tenant_id, revisited_at);
ALTER TABLE revisits ENABLE ROW LEVEL SECURITY;
ALTER TABLE revisits FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant ON revisits USING (tenant_id = carillon_tenant()
  AND (carillon_clients() IS NULL OR client_id = ANY (carillon_clients())));

-- migrate:down
DROP TABLE revisits, assignments, order_numbers, work_orders;
