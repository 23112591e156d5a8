SELECT pg_catalog.set_config('lock_timeout', $1, false), pg_catalog.set_config('statement_timeout', $2, false),
       pg_catalog.set_config('idle_in_transaction_session_timeout', $3, false),
       pg_catalog.set_config('tcp_keepalives_idle', $4, false), pg_catalog.set_config('tcp_keepalives_interval', $5, false),
       pg_catalog.set_config('tcp_keepalives_count', '4', false), pg_catalog.set_config('tcp_user_timeout', $3, false)
