SELECT current_database(), pg_is_in_recovery(), current_schema(),
       (SELECT (parse_ident(relnamespace::regnamespace::text))[1]
          FROM pg_catalog.pg_class WHERE oid = to_regclass($1)),
       (SELECT (parse_ident(relnamespace::regnamespace::text))[1]
          FROM pg_catalog.pg_class WHERE oid = to_regclass($2)),
       current_setting('search_path'), current_setting('server_version_num')
