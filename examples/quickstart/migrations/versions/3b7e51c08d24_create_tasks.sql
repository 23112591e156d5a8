-- Create tasks
--
-- Revision ID: 3b7e51c08d24
-- Revises: 1f0c2a9d4b61
-- Create Date: 2026-09-01 09:20:00+00:00

-- skein:upgrade
CREATE TABLE tasks (
    id integer PRIMARY KEY,
    project_id integer NOT NULL REFERENCES projects (id),
    assignee_id integer REFERENCES users (id),
    title text NOT NULL,
    state text NOT NULL DEFAULT 'open' CHECK (state IN ('open', 'done')),
    tags text NOT NULL DEFAULT '' -- 'urgent,billing'
);

-- skein:downgrade
DROP TABLE tasks;
