-- Index open tasks
--
-- Revision ID: 58a92e7f1c30
-- Revises: 42d6f8a01e9c
-- Create Date: 2026-09-15 08:30:00+00:00

-- skein:upgrade
CREATE INDEX ix_tasks_open ON tasks (project_id) WHERE state = 'open';

-- skein:downgrade
DROP INDEX ix_tasks_open;
