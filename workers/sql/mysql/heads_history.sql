SELECT revision, seq, direction, state, total, attempted, done,
       checksum, done_checksum, applied_checksum, run_id, started_at
  {include parts/last_rows}
