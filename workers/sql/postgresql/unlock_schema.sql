SELECT pg_catalog.set_config('skein.schema', coalesce($1::pg_catalog.text,
           (SELECT nspname::pg_catalog.text FROM pg_catalog.pg_class JOIN pg_catalog.pg_namespace ON pg_namespace.oid = relnamespace
             WHERE pg_class.oid = pg_catalog.to_regclass($2::pg_catalog.text)),
           current_schema::pg_catalog.text), true)
