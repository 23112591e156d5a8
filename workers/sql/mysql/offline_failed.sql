(SELECT last FROM (SELECT max(seq) AS last FROM {history_table}) AS skein
  WHERE NOT EXISTS (SELECT 1 FROM information_schema.tables
                     WHERE table_schema = database() AND table_type = 'BASE TABLE' AND engine <> 'InnoDB'))
