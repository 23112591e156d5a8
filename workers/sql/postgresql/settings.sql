SELECT set_config('lock_timeout', $1, false),
       set_config('statement_timeout', $2, false),
       CASE WHEN $3::text::bigint > 0 THEN
           set_config('idle_in_transaction_session_timeout', $3::text, false) ||
           set_config('tcp_keepalives_idle', greatest($3::text::bigint / 2000, 1)::text, false) ||
           set_config('tcp_keepalives_interval', greatest($3::text::bigint / 8000, 1)::text, false) ||
           set_config('tcp_keepalives_count', '4', false) ||
           set_config('tcp_user_timeout', $3::text, false)
       END,
       CASE WHEN $3::text::bigint > 0 AND current_setting('server_version_num')::integer >= 140000 THEN
           set_config('client_connection_check_interval', greatest($3::text::bigint / 4, 1)::text, false)
       END
