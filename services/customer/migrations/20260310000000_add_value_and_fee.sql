-- migrate:up
-- What a customer is worth, what an account costs, what came back from an address.
SET LOCAL lock_timeout = '5s';

ALTER TABLE customers ADD COLUMN lifetime_value jsonb;
ALTER TABLE accounts ADD COLUMN monthly_fee jsonb;
ALTER TABLE contact_media ADD COLUMN bounce_count int NOT NULL DEFAULT 0;

CREATE OR REPLACE VIEW customer_documents WITH (security_invoker = true) AS
SELECT c.tenant_id, c.customer_id, c.state, c.grade, c.client_id,
  json_strip_nulls(json_build_object(
    'name', 'customers/' || c.customer_id,
    'client', 'clients/' || c.client_id,
    'state', c.state,
    'person', CASE WHEN c.party_type = 'PERSON' THEN c.party END,
    'organisation', CASE WHEN c.party_type = 'ORGANISATION' THEN c.party END,
    'display_name', c.display_name,
    'identifiers', (SELECT json_agg(json_build_object('type', i.type, 'number', i.number_sealed,
                                                      'expiry_date', i.expiry_date) ORDER BY i.position)
                    FROM customer_identifiers i WHERE i.tenant_id = c.tenant_id AND i.customer_id = c.customer_id),
    'contacts', (SELECT json_agg(json_build_object('type', m.type, 'number', m.number, 'address', m.address,
                                                   'primary', m.is_primary, 'purpose', m.purpose,
                                                   'best_time', m.best_time, 'own_line', m.own_line,
                                                   'bounce_count', nullif(m.bounce_count, 0),
                                                   'verify_time', proto_time(m.verified_at)) ORDER BY m.position)
                 FROM contact_media m WHERE m.tenant_id = c.tenant_id AND m.customer_id = c.customer_id),
    'addresses', c.addresses,
    'accounts', (SELECT json_agg(json_build_object('number', a.number_sealed, 'type', a.type,
                                                   'product_code', a.product_code, 'state', a.state,
                                                   'open_date', a.open_date, 'expiry_date', a.expiry_date,
                                                   'balance', a.balance, 'arrears', a.arrears,
                                                   'points', a.points::text, 'monthly_fee', a.monthly_fee) ORDER BY a.position)
                 FROM accounts a WHERE a.tenant_id = c.tenant_id AND a.customer_id = c.customer_id),
    'segments', (SELECT json_agg(json_build_object('dimension', s.dimension, 'value', s.value, 'score', s.score,
                                                   'model_version', s.model_version,
                                                   'compute_time', proto_time(s.computed_at)) ORDER BY s.dimension)
                 FROM segments s WHERE s.tenant_id = c.tenant_id AND s.customer_id = c.customer_id),
    'grade', c.grade,
    'brand', c.brand,
    'home_region', c.home_region,
    'home_branch', c.home_branch,
    'preferred_language', c.preferred_language,
    'preferred_channel', c.preferred_channel,
    'do_not_contact', c.do_not_contact,
    'consents', (SELECT json_agg(json_build_object('channel', o.channel, 'purpose', o.purpose, 'decision', o.decision,
                                                   'evidence', o.evidence, 'decide_time', proto_time(o.decided_at))
                                 ORDER BY o.channel, o.purpose)
                 FROM consents o WHERE o.tenant_id = c.tenant_id AND o.customer_id = c.customer_id),
    'alerts', (SELECT json_agg(json_build_object('name', 'customers/' || l.customer_id || '/alerts/' || l.alert_id,
                                                 'code', l.code, 'severity', l.severity, 'reason', l.reason,
                                                 'subject', l.subject, 'raised_by', l.raised_by,
                                                 'raise_time', proto_time(l.raised_at),
                                                 'expire_time', proto_time(l.expires_at)) ORDER BY l.raised_at, l.alert_id)
               FROM alerts l WHERE l.tenant_id = c.tenant_id AND l.customer_id = c.customer_id AND l.cleared_at IS NULL),
    'special_needs', c.special_needs,
    'life_cycle_stage', c.life_cycle_stage,
    'owner_unit', c.owner_unit,
    'owner_user', c.owner_user,
    'source', CASE WHEN c.source_key IS NOT NULL
                   THEN json_build_object('system', c.source_system, 'key', c.source_key) END,
    'merged_into', 'customers/' || c.merged_into,
    'has_service_password', EXISTS (SELECT FROM service_passwords p
                                    WHERE p.tenant_id = c.tenant_id AND p.customer_id = c.customer_id),
    'etag', c.version::text,
    'create_time', proto_time(c.created_at),
    'update_time', proto_time(c.updated_at),
    'lifetime_value', c.lifetime_value))::text AS document,
  c.custom_fields::text AS custom_fields
FROM customers c;

-- migrate:down
CREATE OR REPLACE VIEW customer_documents WITH (security_invoker = true) AS
SELECT c.tenant_id, c.customer_id, c.state, c.grade, c.client_id,
  json_strip_nulls(json_build_object(
    'name', 'customers/' || c.customer_id,
    'client', 'clients/' || c.client_id,
    'state', c.state,
    'person', CASE WHEN c.party_type = 'PERSON' THEN c.party END,
    'organisation', CASE WHEN c.party_type = 'ORGANISATION' THEN c.party END,
    'display_name', c.display_name,
    'identifiers', (SELECT json_agg(json_build_object('type', i.type, 'number', i.number_sealed,
                                                      'expiry_date', i.expiry_date) ORDER BY i.position)
                    FROM customer_identifiers i WHERE i.tenant_id = c.tenant_id AND i.customer_id = c.customer_id),
    'contacts', (SELECT json_agg(json_build_object('type', m.type, 'number', m.number, 'address', m.address,
                                                   'primary', m.is_primary, 'purpose', m.purpose,
                                                   'best_time', m.best_time, 'own_line', m.own_line,
                                                   'verify_time', proto_time(m.verified_at)) ORDER BY m.position)
                 FROM contact_media m WHERE m.tenant_id = c.tenant_id AND m.customer_id = c.customer_id),
    'addresses', c.addresses,
    'accounts', (SELECT json_agg(json_build_object('number', a.number_sealed, 'type', a.type,
                                                   'product_code', a.product_code, 'state', a.state,
                                                   'open_date', a.open_date, 'expiry_date', a.expiry_date,
                                                   'balance', a.balance, 'arrears', a.arrears,
                                                   'points', a.points::text) ORDER BY a.position)
                 FROM accounts a WHERE a.tenant_id = c.tenant_id AND a.customer_id = c.customer_id),
    'segments', (SELECT json_agg(json_build_object('dimension', s.dimension, 'value', s.value, 'score', s.score,
                                                   'model_version', s.model_version,
                                                   'compute_time', proto_time(s.computed_at)) ORDER BY s.dimension)
                 FROM segments s WHERE s.tenant_id = c.tenant_id AND s.customer_id = c.customer_id),
    'grade', c.grade,
    'brand', c.brand,
    'home_region', c.home_region,
    'home_branch', c.home_branch,
    'preferred_language', c.preferred_language,
    'preferred_channel', c.preferred_channel,
    'do_not_contact', c.do_not_contact,
    'consents', (SELECT json_agg(json_build_object('channel', o.channel, 'purpose', o.purpose, 'decision', o.decision,
                                                   'evidence', o.evidence, 'decide_time', proto_time(o.decided_at))
                                 ORDER BY o.channel, o.purpose)
                 FROM consents o WHERE o.tenant_id = c.tenant_id AND o.customer_id = c.customer_id),
    'alerts', (SELECT json_agg(json_build_object('name', 'customers/' || l.customer_id || '/alerts/' || l.alert_id,
                                                 'code', l.code, 'severity', l.severity, 'reason', l.reason,
                                                 'subject', l.subject, 'raised_by', l.raised_by,
                                                 'raise_time', proto_time(l.raised_at),
                                                 'expire_time', proto_time(l.expires_at)) ORDER BY l.raised_at, l.alert_id)
               FROM alerts l WHERE l.tenant_id = c.tenant_id AND l.customer_id = c.customer_id AND l.cleared_at IS NULL),
    'special_needs', c.special_needs,
    'life_cycle_stage', c.life_cycle_stage,
    'owner_unit', c.owner_unit,
    'owner_user', c.owner_user,
    'source', CASE WHEN c.source_key IS NOT NULL
                   THEN json_build_object('system', c.source_system, 'key', c.source_key) END,
    'merged_into', 'customers/' || c.merged_into,
    'has_service_password', EXISTS (SELECT FROM service_passwords p
                                    WHERE p.tenant_id = c.tenant_id AND p.customer_id = c.customer_id),
    'etag', c.version::text,
    'create_time', proto_time(c.created_at),
    'update_time', proto_time(c.updated_at)))::text AS document,
  c.custom_fields::text AS custom_fields
FROM customers c;

ALTER TABLE contact_media DROP COLUMN bounce_count;
ALTER TABLE accounts DROP COLUMN monthly_fee;
ALTER TABLE customers DROP COLUMN lifetime_value;
