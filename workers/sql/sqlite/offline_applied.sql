(SELECT applied_checksum FROM {history_table} WHERE seq = (SELECT max(seq) FROM {history_table}))
