SELECT holder.pid, application_name, usename,
       pg_catalog.to_char(pg_catalog.timezone('UTC', coalesce(xact_start, backend_start)), 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'),
       (1000000 * pg_catalog.date_part('epoch', pg_catalog.clock_timestamp() - coalesce(xact_start, backend_start)))::pg_catalog.int8,
       state, pg_catalog.left(nullif(query, '<insufficient privilege>'), 400)
FROM pg_catalog.pg_locks AS held
JOIN pg_catalog.pg_stat_activity AS holder ON holder.pid = held.pid
WHERE locktype = 'advisory' AND granted AND objsubid = 1
  AND held.database = (SELECT oid FROM pg_catalog.pg_database WHERE pg_database.datname = current_catalog)
  AND ((classid::pg_catalog.int8 << 32) | objid::pg_catalog.int8) = $1::pg_catalog.int8
