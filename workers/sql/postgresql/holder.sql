SELECT blocking.pid, {include parts/session_columns}
FROM pg_catalog.unnest(pg_catalog.pg_blocking_pids($1)) AS blocking (pid)
LEFT JOIN pg_catalog.pg_stat_activity AS holder ON holder.pid = blocking.pid
WHERE EXISTS (SELECT FROM pg_catalog.pg_stat_activity AS ours WHERE ours.pid = $1 AND ours.datname = current_catalog)
ORDER BY coalesce(wait_event_type = 'Lock', false), coalesce(xact_start, backend_start), blocking.pid
LIMIT 1
