SELECT CASE WHEN pg_catalog.pg_try_advisory_lock($1) THEN pg_catalog.pg_table_size('pg_catalog.pg_class') IS NOT NULL ELSE false END
