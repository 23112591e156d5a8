-- Create users and projects
--
-- Revision ID: 1f0c2a9d4b61
-- Revises:
-- Create Date: 2026-09-01 09:00:00+00:00

-- skein:upgrade
CREATE TABLE users (
    id integer PRIMARY KEY,
    email text NOT NULL,
    full_name text NOT NULL DEFAULT '',
    created_at text NOT NULL DEFAULT CURRENT_TIMESTAMP
);

CREATE TABLE projects (
    id integer PRIMARY KEY,
    name text NOT NULL,
    owner_id integer REFERENCES users (id),
    created_at text NOT NULL DEFAULT CURRENT_TIMESTAMP
);

-- skein:downgrade
DROP TABLE projects;
DROP TABLE users;
