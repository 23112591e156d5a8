SELECT CASE WHEN count(*) = 0 THEN 1
       ELSE ('skein: files of revisions that stand here were edited since, the last row is ' || min(seq))::integer END AS ok
  FROM {history_table}
 WHERE seq = (SELECT max(seq) FROM {history_table}) AND applied_checksum <> '' AND applied_checksum <> $1 \gset skein_
