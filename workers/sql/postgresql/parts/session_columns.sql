application_name, usename,
pg_catalog.to_char(pg_catalog.timezone('UTC', coalesce(xact_start, backend_start)), 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'),
(1000000 * pg_catalog.date_part('epoch', pg_catalog.clock_timestamp() - coalesce(xact_start, backend_start)))::pg_catalog.int8,
state, pg_catalog.left(nullif(query, '<insufficient privilege>'), 400)
