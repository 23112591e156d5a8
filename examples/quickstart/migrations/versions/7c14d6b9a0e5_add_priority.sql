-- Add priority
--
-- A column with a constant default costs nothing; what differs from it is filled in right after.
--
-- Revision ID: 7c14d6b9a0e5
-- Revises: 58a92e7f1c30
-- Create Date: 2026-10-02 10:00:00+00:00

-- skein:upgrade
ALTER TABLE tasks ADD COLUMN priority integer NOT NULL DEFAULT 3;

UPDATE tasks SET priority = 1 WHERE ',' || tags || ',' LIKE '%,urgent,%';

-- skein:downgrade
ALTER TABLE tasks DROP COLUMN priority;
