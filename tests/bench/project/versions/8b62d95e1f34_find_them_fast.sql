-- Find them fast
--
-- Revision ID: 8b62d95e1f34
-- Revises: 4f1c0a7d2e10
-- Create Date: 2026-11-20 11:00:00+00:00

-- skein:upgrade
CREATE UNIQUE INDEX ux_accounts_email ON accounts (email);
CREATE INDEX ix_orders_account_id ON orders (account_id);

-- skein:downgrade
DROP INDEX ix_orders_account_id;
DROP INDEX ux_accounts_email;
