-- Emails are unique
--
-- SQLite cannot add a constraint to a column: the table is made anew. With foreign_keys=off the
-- section is a transaction of its own in which other tables may refer to a table that is away for a
-- moment; skein runs foreign_key_check before the commit.
--
-- Revision ID: e61b94c7a8d0
-- Revises: b3e8071d5f2a
-- Create Date: 2026-11-17 11:30:00+00:00

-- skein:require no_email_twice
SELECT lower(email) FROM users GROUP BY lower(email) HAVING count(*) > 1;

-- skein:upgrade sqlite foreign_keys=off
CREATE TABLE new_users (
    id integer PRIMARY KEY,
    email text NOT NULL COLLATE NOCASE UNIQUE,
    full_name text NOT NULL DEFAULT '',
    created_at text NOT NULL DEFAULT CURRENT_TIMESTAMP
);
INSERT INTO new_users (id, email, full_name, created_at)
SELECT id, email, full_name, created_at FROM users;
DROP TABLE users;
ALTER TABLE new_users RENAME TO users;

-- skein:downgrade sqlite foreign_keys=off
CREATE TABLE old_users (
    id integer PRIMARY KEY,
    email text NOT NULL,
    full_name text NOT NULL DEFAULT '',
    created_at text NOT NULL DEFAULT CURRENT_TIMESTAMP
);
INSERT INTO old_users (id, email, full_name, created_at)
SELECT id, email, full_name, created_at FROM users;
DROP TABLE users;
ALTER TABLE old_users RENAME TO users;
