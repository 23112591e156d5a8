(SELECT max(seq) FROM {history_table} WHERE NOT EXISTS (SELECT 1 FROM temp.skein_done WHERE statement = ?1))
