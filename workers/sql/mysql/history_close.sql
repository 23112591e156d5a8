UPDATE {history_table}
   SET state = 'done', attempted = $2, done = $2, done_checksum = $3,
       applied_checksum = $4, run_id = $5, finished_at = utc_timestamp(6)
 WHERE seq = $1 AND state = 'started'
