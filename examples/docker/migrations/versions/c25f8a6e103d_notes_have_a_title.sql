-- Notes have a title
--
-- Revision ID: c25f8a6e103d
-- Revises: 4b1d0c7e92aa
-- Create Date: 2026-11-26 09:30:00+00:00

-- skein:upgrade
ALTER TABLE notes ADD COLUMN title varchar(200) NOT NULL DEFAULT '';
INSERT INTO notes (id, title, body) VALUES (1, 'Hello', 'skein was here before the application');

-- skein:downgrade
DELETE FROM notes WHERE id = 1;
ALTER TABLE notes DROP COLUMN title;
