SELECT pg_catalog.set_config('lock_timeout', $1, {local}), pg_catalog.set_config('statement_timeout', $2, {local}),
       pg_catalog.set_config('idle_in_transaction_session_timeout', $3, {local}),
       pg_catalog.set_config('tcp_keepalives_idle', $4, {local}), pg_catalog.set_config('tcp_keepalives_interval', $5, {local}),
       pg_catalog.set_config('tcp_keepalives_count', '4', {local}), pg_catalog.set_config('tcp_user_timeout', $3, {local})
