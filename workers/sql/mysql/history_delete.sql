DELETE FROM {history_table} WHERE seq = $1 AND state = 'started'
