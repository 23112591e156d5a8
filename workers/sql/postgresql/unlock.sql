SELECT holder.pid, application_name, usename,
       pg_catalog.to_char(pg_catalog.timezone('UTC', coalesce(xact_start, backend_start)), 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'),
       (1000000 * pg_catalog.date_part('epoch', pg_catalog.clock_timestamp() - coalesce(xact_start, backend_start)))::pg_catalog.int8,
       state, pg_catalog.left(nullif(query, '<insufficient privilege>'), 400),
       CASE WHEN state IN ('idle', 'idle in transaction', 'idle in transaction (aborted)')
            THEN (1000000 * pg_catalog.date_part('epoch', pg_catalog.clock_timestamp() - state_change))::pg_catalog.int8 END,
       pg_catalog.date_part('epoch', backend_start)::pg_catalog.text,
       coalesce(application_name LIKE 'skein run=% tenant=%', false),
       CASE WHEN holder.pid = $1::pg_catalog.int4 AND pg_catalog.date_part('epoch', backend_start)::pg_catalog.text = $2::pg_catalog.text
             AND application_name LIKE 'skein run=% tenant=%'
             AND state IN ('idle', 'idle in transaction', 'idle in transaction (aborted)')
             AND pg_catalog.clock_timestamp() - state_change > $3::pg_catalog.int8 * '1 millisecond'::pg_catalog.interval
            THEN pg_catalog.pg_terminate_backend(holder.pid) END
FROM pg_catalog.pg_locks AS held
JOIN pg_catalog.pg_stat_activity AS holder ON holder.pid = held.pid
WHERE locktype = 'advisory' AND granted AND objsubid = 1
  AND held.database = (SELECT oid FROM pg_catalog.pg_database WHERE pg_database.datname = current_catalog)
  AND ((classid::pg_catalog.int8 << 32) | objid::pg_catalog.int8) = (
      SELECT ('x' || pg_catalog.left(pg_catalog.encode(pg_catalog.sha256(pg_catalog.convert_to('skein:' || pg_catalog.current_setting('skein.schema'), 'UTF8')), 'hex'), 16))::pg_catalog.bit(64)::pg_catalog.int8)
