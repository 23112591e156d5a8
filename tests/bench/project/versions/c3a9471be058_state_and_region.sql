-- An order has a state, an account a region
--
-- Revision ID: c3a9471be058
-- Revises: 8b62d95e1f34
-- Create Date: 2026-11-20 12:00:00+00:00

-- skein:upgrade
ALTER TABLE orders ADD COLUMN state varchar(20) NOT NULL DEFAULT 'new';
ALTER TABLE accounts ADD COLUMN region varchar(40);

-- skein:downgrade
ALTER TABLE accounts DROP COLUMN region;
ALTER TABLE orders DROP COLUMN state;
