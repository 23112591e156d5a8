(SELECT $1, revision, seq, direction, state, total, attempted, done,
        checksum, done_checksum, applied_checksum, run_id, started_at
   FROM {history_table}
  ORDER BY CASE WHEN finished_at IS NULL THEN 2147483647 ELSE seq END DESC
  LIMIT 2)
