UPDATE {history_table}
   SET state = 'done', attempted = CAST(?2 AS INTEGER), done = CAST(?2 AS INTEGER),
       done_checksum = ?3, applied_checksum = ?4, run_id = ?5,
       finished_at = strftime('%Y-%m-%dT%H:%M:%fZ', 'now')
 WHERE seq = CAST(?1 AS INTEGER) AND state = 'started'
