(SELECT next FROM (SELECT coalesce(max(seq), 0) + 1 AS next FROM {history_table}) AS skein)
