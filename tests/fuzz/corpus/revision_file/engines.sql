-- m
-- Revision ID: a
-- Revises: b, c
-- Irreversible: gone

-- skein:require empty postgresql,mysql
WITH a AS (SELECT 1) SELECT * FROM a
-- skein:upgrade mysql
x
-- skein:upgrade mariadb lock_timeout=5s statement_timeout=0
y
-- skein:downgrade
