UPDATE {history_table}
   SET attempted = CAST(?2 AS INTEGER), done = CAST(?3 AS INTEGER), done_checksum = ?4, run_id = ?5
 WHERE seq = CAST(?1 AS INTEGER) AND state = 'started'
