(SELECT max(seq) FROM {history_table})
