-- Add users table
--
-- Some text: with a colon
-- Revision ID: 1975ea83b712
-- Revises: ae1027a6acf1
-- Branch Labels: accounts
-- Depends On: 3512b954651e
-- Create Date: 2026-11-20 10:30:00+00:00

-- skein:upgrade
CREATE TABLE users (id integer PRIMARY KEY, email varchar(320));

-- skein:upgrade postgresql transaction=off lock_timeout=2s
DROP INDEX CONCURRENTLY IF EXISTS ix_users_email;
CREATE INDEX CONCURRENTLY ix_users_email ON users (email);

-- skein:upgrade mysql
x
-- skein:downgrade
DROP TABLE users;
