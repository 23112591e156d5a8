SELECT coalesce($2, (SELECT nspname
                       FROM pg_catalog.pg_class
                       JOIN pg_catalog.pg_namespace ON pg_namespace.oid = relnamespace
                      WHERE pg_class.oid = to_regclass($1)), current_schema(), '') AS schema,
       coalesce(current_schema(), '') AS current, current_setting('search_path') AS path,
       current_setting('role') AS role \gset skein_
