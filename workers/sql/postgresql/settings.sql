SELECT set_config('lock_timeout', $1, false), set_config('statement_timeout', $2, false),
       set_config('idle_in_transaction_session_timeout', $3, false),
       set_config('tcp_keepalives_idle', $4, false), set_config('tcp_keepalives_interval', $5, false),
       set_config('tcp_keepalives_count', '4', false), set_config('tcp_user_timeout', $3, false)
