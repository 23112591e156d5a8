DELETE FROM {version_table};
SELECT CASE WHEN count(*) = 0 THEN 1
       ELSE ('skein: a revision stands half done here: ' || min(revision))::integer END AS ok
  FROM {history_table} WHERE state = 'started' \gset skein_
