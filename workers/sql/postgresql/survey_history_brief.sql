(SELECT $1, applied_checksum, seq, state
   FROM {history_table}
  ORDER BY CASE WHEN finished_at IS NULL THEN 2147483647 ELSE seq END DESC
  LIMIT 2)
