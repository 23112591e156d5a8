SELECT direction, pg_catalog.to_char(coalesce(finished_at, started_at) AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"'),
       run_id, actor, tag, checksum, skein_version
  FROM {history_table}
 WHERE revision = $1
 ORDER BY seq DESC
 LIMIT 1
