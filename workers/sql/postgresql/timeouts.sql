SELECT pg_catalog.set_config('lock_timeout', $1, {local}), pg_catalog.set_config('statement_timeout', $2, {local})
