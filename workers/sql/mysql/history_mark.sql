UPDATE {history_table}
   SET attempted = $2, done = $3, done_checksum = $4, run_id = $5
 WHERE seq = $1 AND state = 'started'
