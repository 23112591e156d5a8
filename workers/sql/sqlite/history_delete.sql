DELETE FROM {history_table} WHERE seq = CAST(?1 AS INTEGER) AND state = 'started'
