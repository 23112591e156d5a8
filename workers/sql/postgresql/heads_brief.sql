SELECT version_num, NULL, NULL
  FROM {version_table}
UNION ALL
(SELECT applied_checksum, seq, state
   FROM {history_table}
  LIMIT 64)
