FROM pg_catalog.pg_locks AS held
JOIN pg_catalog.pg_stat_activity AS holder ON holder.pid = held.pid
WHERE locktype = 'advisory' AND granted AND objsubid = 1
  AND held.database = (SELECT oid FROM pg_catalog.pg_database WHERE pg_database.datname = current_catalog)
