SELECT direction, date_format(coalesce(finished_at, started_at), '%Y-%m-%dT%H:%i:%sZ'),
       run_id, actor, tag, checksum, skein_version
  FROM {history_table}
 WHERE revision = $1
 ORDER BY seq DESC
 LIMIT 1
