-- Create notes
--
-- Revision ID: 4b1d0c7e92aa
-- Revises:
-- Create Date: 2026-11-26 09:00:00+00:00

-- skein:upgrade
CREATE TABLE notes (id integer PRIMARY KEY, body varchar(2000) NOT NULL);

-- skein:downgrade
DROP TABLE notes;
