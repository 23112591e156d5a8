-- Drop tasks.tags
--
-- A revision of its own, rolled out when no program reads the old column any more.
--
-- Revision ID: b3e8071d5f2a
-- Revises: 9d20f4a8e713
-- Create Date: 2026-11-03 09:10:00+00:00

-- skein:upgrade
ALTER TABLE tasks DROP COLUMN tags;

-- skein:downgrade
ALTER TABLE tasks ADD COLUMN tags text NOT NULL DEFAULT '';
