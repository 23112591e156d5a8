SELECT current_catalog, pg_catalog.pg_is_in_recovery(), current_schema, pg_catalog.to_regclass($1), pg_catalog.to_regclass($2),
       pg_catalog.current_setting('search_path'), pg_catalog.current_setting('server_version_num'),
       pg_catalog.current_setting('transaction_read_only'), pg_catalog.pg_backend_pid(),
       pg_catalog.current_setting('role')
