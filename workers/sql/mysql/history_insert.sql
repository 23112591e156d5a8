INSERT INTO {history_table} (
    seq, revision, direction, state, total, attempted, done,
    checksum, done_checksum, applied_checksum, run_id, actor, reason, tag, skein_version,
    started_at, finished_at)
VALUES (
    $1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15,
    coalesce(@skein_started_at, utc_timestamp(6)),
    CASE WHEN $4 = 'done' THEN utc_timestamp(6) END)
