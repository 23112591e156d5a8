INSERT INTO {history_table} (
    seq, revision, direction, state, total, attempted, done,
    checksum, done_checksum, applied_checksum, run_id, actor, reason, tag, skein_version,
    started_at, finished_at)
VALUES (
    CAST(?1 AS INTEGER), ?2, ?3, ?4, CAST(?5 AS INTEGER), CAST(?6 AS INTEGER), CAST(?7 AS INTEGER),
    ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16,
    CASE WHEN ?4 = 'done' THEN strftime('%Y-%m-%dT%H:%M:%fZ', 'now') END)
