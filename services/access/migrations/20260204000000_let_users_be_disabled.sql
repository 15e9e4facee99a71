-- migrate:up
ALTER TABLE users DROP CONSTRAINT users_state_check;
ALTER TABLE users ADD CONSTRAINT users_state_check CHECK (state IN (1, 2, 3, 4, 5)) NOT VALID;
ALTER TABLE users DROP CONSTRAINT users_password_check;
ALTER TABLE users ADD CONSTRAINT users_password_check CHECK (state IN (1, 4, 5) OR password_hash IS NOT NULL) NOT VALID;
-- migrate:down
ALTER TABLE users DROP CONSTRAINT users_password_check;
ALTER TABLE users ADD CONSTRAINT users_password_check CHECK (state = 1 OR password_hash IS NOT NULL OR state = 5) NOT VALID;
ALTER TABLE users DROP CONSTRAINT users_state_check;
ALTER TABLE users ADD CONSTRAINT users_state_check CHECK (state IN (1, 2, 3, 5)) NOT VALID;
