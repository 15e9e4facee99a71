-- migrate:up
-- A customer whole, its row locked until the end of the transaction. Its second query sees what was committed while the
-- first waited for the lock.
CREATE FUNCTION customer_locked(id uuid) RETURNS TABLE (document text, custom_fields text, composed boolean)
LANGUAGE plpgsql VOLATILE AS $$
DECLARE
  of_records boolean;
BEGIN
  SELECT c.composed INTO of_records FROM customers c WHERE c.tenant_id = carillon_tenant() AND c.customer_id = id FOR UPDATE;
  IF NOT FOUND THEN
    RETURN;
  END IF;
  RETURN QUERY SELECT d.document, d.custom_fields, of_records FROM customer_documents d
    WHERE d.tenant_id = carillon_tenant() AND d.customer_id = id;
END $$;

-- migrate:down
DROP FUNCTION customer_locked(uuid);
