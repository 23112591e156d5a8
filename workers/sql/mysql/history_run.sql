SELECT revision, direction, state, done, seq FROM {history_table} WHERE run_id = $1 ORDER BY seq
