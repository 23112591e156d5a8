(SELECT last FROM (SELECT max(seq) AS last FROM {history_table}) AS skein)
