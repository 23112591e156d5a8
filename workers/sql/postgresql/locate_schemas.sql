SELECT pg_catalog.current_database(), pg_catalog.pg_is_in_recovery(), current_schema,
       (SELECT (pg_catalog.parse_ident(relnamespace::pg_catalog.regnamespace::pg_catalog.text))[1]
          FROM pg_catalog.pg_class WHERE oid = pg_catalog.to_regclass($1)),
       (SELECT (pg_catalog.parse_ident(relnamespace::pg_catalog.regnamespace::pg_catalog.text))[1]
          FROM pg_catalog.pg_class WHERE oid = pg_catalog.to_regclass($2)),
       pg_catalog.current_setting('search_path'), pg_catalog.current_setting('server_version_num'),
       pg_catalog.current_setting('transaction_read_only'), pg_catalog.pg_backend_pid(),
       pg_catalog.current_setting('role')
