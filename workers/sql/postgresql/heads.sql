SELECT version_num, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL
  FROM {version_table}
UNION ALL
SELECT revision, seq, direction, state, total, attempted, done,
       checksum, done_checksum, applied_checksum, run_id, started_at
  FROM {history_table}
 WHERE state = 'started' OR seq = (SELECT max(seq) FROM {history_table})
