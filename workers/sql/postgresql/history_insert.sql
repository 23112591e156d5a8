INSERT INTO {history_table} (
    seq, revision, direction, state, total, attempted, done,
    checksum, done_checksum, applied_checksum, run_id, actor, reason, tag, skein_version,
    started_at, finished_at)
VALUES (
    $1, $2, $3, $4::pg_catalog.text, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15,
    coalesce(nullif(pg_catalog.current_setting('skein.started_at', true), '')::timestamp with time zone, pg_catalog.clock_timestamp()),
    CASE WHEN $4::pg_catalog.text = 'done' THEN pg_catalog.clock_timestamp() END)
