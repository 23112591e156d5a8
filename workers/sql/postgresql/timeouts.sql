SELECT set_config('lock_timeout', $1, false),
       set_config('statement_timeout', $2, false),
       CASE WHEN current_setting('server_version_num')::integer >= 140000 THEN
           set_config('client_connection_check_interval', $3, false)
       END
