CREATE TABLE users (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, -- the key; really
  email varchar(320) NOT NULL CHECK (email LIKE '%@%'),
  tags text[] DEFAULT '{}',
  made timestamptz DEFAULT now() /* UTC; always */
) PARTITION BY RANGE (made);
ALTER TABLE users ADD COLUMN plan text DEFAULT 'free;', ALTER COLUMN email SET NOT NULL;
CREATE UNIQUE INDEX CONCURRENTLY IF NOT EXISTS ix ON users USING btree (lower(email)) WHERE plan <> 'x';
INSERT INTO users (email) VALUES ('a@b;c'), (E'\'') ON CONFLICT DO NOTHING RETURNING id;
WITH a AS (SELECT 1), b AS MATERIALIZED (DELETE FROM users RETURNING *) SELECT * FROM a, b;
UPDATE users SET (email, plan) = (SELECT 'a', 'b') WHERE id IN (SELECT 1);
GRANT SELECT (id, email), UPDATE ON TABLE users TO app, "odd;role";
SET LOCAL lock_timeout = '2s'; SET search_path TO a, "b;c"; RESET ALL;
SAVEPOINT s; RELEASE SAVEPOINT s; ROLLBACK TO SAVEPOINT s;
COPY users FROM '/tmp/x;y' WITH (FORMAT csv, HEADER, DELIMITER ';', QUOTE '"');
CREATE TYPE mood AS ENUM ('sad', 'ok;', 'happy');
CREATE EXTENSION IF NOT EXISTS pgcrypto;
SELECT * FROM (VALUES (1, 'a;'), (2, 'b')) AS v (x, y) WHERE (x, y) IS DISTINCT FROM (1, 'b');
EXPLAIN (ANALYZE, COSTS off) SELECT count(*) FILTER (WHERE id > 1) OVER (PARTITION BY plan) FROM users;
VACUUM (ANALYZE) users
