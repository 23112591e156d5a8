SELECT direction, substr(coalesce(finished_at, started_at), 1, 19) || 'Z', run_id, actor, tag, checksum, skein_version
  FROM {history_table}
 WHERE revision = ?1
 ORDER BY seq DESC
 LIMIT 1
