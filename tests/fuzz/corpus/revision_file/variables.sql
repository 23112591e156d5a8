-- m
-- Revision ID: a
-- Revises:
-- Variables: r, s

-- skein:upgrade sqlite foreign_keys=off
SELECT {{r|ident}}, {{ s | literal }}, {{1,2}};
-- skein:verify x expect=true
SELECT 1
