SELECT blocking.pid, application_name, usename,
       pg_catalog.to_char(pg_catalog.timezone('UTC', coalesce(xact_start, backend_start)), 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'),
       (1000000 * pg_catalog.date_part('epoch', pg_catalog.clock_timestamp() - coalesce(xact_start, backend_start)))::pg_catalog.int8,
       state, pg_catalog.left(nullif(query, '<insufficient privilege>'), 400)
FROM pg_catalog.unnest(pg_catalog.pg_blocking_pids($1)) AS blocking (pid)
LEFT JOIN pg_catalog.pg_stat_activity AS holder ON holder.pid = blocking.pid
WHERE EXISTS (SELECT FROM pg_catalog.pg_stat_activity AS ours WHERE ours.pid = $1 AND ours.datname = current_catalog)
ORDER BY coalesce(wait_event_type = 'Lock', false), coalesce(xact_start, backend_start), blocking.pid
LIMIT 1
