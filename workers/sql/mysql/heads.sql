SELECT CONVERT(version_num USING utf8mb4) COLLATE utf8mb4_bin,
       NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL
  FROM {version_table}
UNION ALL
(SELECT CONVERT(revision USING utf8mb4) COLLATE utf8mb4_bin, seq, direction, state, total,
        attempted, done, checksum, done_checksum, applied_checksum, run_id, started_at
   {include parts/last_rows})
