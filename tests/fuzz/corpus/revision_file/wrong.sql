-- Add users table
-- Revision ID: 1975-ea83b712
-- Revsies: ae1027a6acf1
-- revises: x
-- Note: hi
-- Depends On: a,,b, a
-- Variables: 1x, region

SELECT 1;
-- skein:upgarde
COMMIT
-- skein:upgrade postgres, mysql transaction=on lock_timeot=2s lock_timeout=5x transaction
SELECT 'a;
-- skein:upgrade foreign_keys=off transaction=off
BEGIN;
-- Skein:downgrade
-- skein:downgrade mysql foreign_keys=off
-- skein:require
SELECT 1
-- skein:verify a
UPDATE x SET y = 1
-- skein:verify b expect=true
SELECT 1; SELECT 2
-- skein:verify c
select '{{region}}', {{region}}, {{region|lit}};
-- skein:verify d
