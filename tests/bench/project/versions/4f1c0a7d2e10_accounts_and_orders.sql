-- Accounts and their orders
--
-- Revision ID: 4f1c0a7d2e10
-- Revises:
-- Create Date: 2026-11-20 10:00:00+00:00

-- skein:upgrade
CREATE TABLE accounts (
    id integer PRIMARY KEY,
    email varchar(320) NOT NULL,
    name varchar(100),
    created_at timestamp NOT NULL DEFAULT CURRENT_TIMESTAMP
);
CREATE TABLE orders (
    id integer PRIMARY KEY,
    account_id integer NOT NULL REFERENCES accounts (id),
    amount numeric(12, 2) NOT NULL,
    placed_at timestamp NOT NULL DEFAULT CURRENT_TIMESTAMP
);

-- skein:downgrade
DROP TABLE orders;
DROP TABLE accounts;
