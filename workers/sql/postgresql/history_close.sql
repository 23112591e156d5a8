UPDATE {history_table}
   SET state = 'done', attempted = $2::integer, done = $2::integer, done_checksum = $3,
       applied_checksum = $4, run_id = $5, finished_at = pg_catalog.clock_timestamp()
 WHERE seq = $1 AND state = 'started'
