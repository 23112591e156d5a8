SELECT revision, seq, direction, state, total, attempted, done,
       checksum, done_checksum, applied_checksum, run_id, started_at
  FROM {history_table}
 WHERE finished_at IS NULL OR seq >= ALL (SELECT seq FROM {history_table})
