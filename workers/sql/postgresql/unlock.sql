SELECT holder.pid, {include parts/session_columns},
       CASE WHEN state IN ('idle', 'idle in transaction', 'idle in transaction (aborted)')
            THEN (1000000 * pg_catalog.date_part('epoch', pg_catalog.clock_timestamp() - state_change))::pg_catalog.int8 END,
       pg_catalog.date_part('epoch', backend_start)::pg_catalog.text,
       coalesce(application_name LIKE 'skein run=% tenant=%', false),
       CASE WHEN holder.pid = $1::pg_catalog.int4 AND pg_catalog.date_part('epoch', backend_start)::pg_catalog.text = $2::pg_catalog.text
             AND application_name LIKE 'skein run=% tenant=%'
             AND state = $4
             AND state IN ('idle', 'idle in transaction', 'idle in transaction (aborted)')
             AND pg_catalog.clock_timestamp() - state_change > $3::pg_catalog.int8 * '1 millisecond'::pg_catalog.interval
            THEN pg_catalog.pg_terminate_backend(holder.pid) END,
       pg_catalog.pg_backend_pid()
{include parts/lock_holders}
  AND ((classid::pg_catalog.int8 << 32) | objid::pg_catalog.int8) = (
      SELECT ('x' || pg_catalog.left(pg_catalog.encode(pg_catalog.sha256(pg_catalog.convert_to('skein:' || pg_catalog.current_setting('skein.schema'), 'UTF8')), 'hex'), 16))::pg_catalog.bit(64)::pg_catalog.int8)
