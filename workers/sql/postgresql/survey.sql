SELECT current_catalog, pg_catalog.pg_is_in_recovery(), nspname, version.oid, history.oid, nspname,
       pg_catalog.current_setting('server_version_num'), pg_catalog.current_setting('default_transaction_read_only'),
       pg_catalog.pg_backend_pid(), pg_catalog.current_setting('role'), wanted.number,
       (version.oid IS NULL OR version.relkind IN ('r', 'p') AND pg_catalog.has_table_privilege(version.oid, 'SELECT'))
       AND (history.oid IS NULL OR history.relkind IN ('r', 'p') AND pg_catalog.has_table_privilege(history.oid, 'SELECT'))
  FROM pg_catalog.unnest($1::pg_catalog.text[]) WITH ORDINALITY AS wanted (name, number)
  JOIN pg_catalog.pg_namespace ON nspname = wanted.name::pg_catalog.name
  LEFT JOIN pg_catalog.pg_class AS version ON version.relname = $2::pg_catalog.name AND version.relnamespace = pg_namespace.oid
  LEFT JOIN pg_catalog.pg_class AS history ON history.relname = $3::pg_catalog.name AND history.relnamespace = pg_namespace.oid
 WHERE pg_catalog.has_schema_privilege(pg_namespace.oid, 'USAGE')
