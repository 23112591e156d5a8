SELECT CASE WHEN skein.heads = $1 THEN 1
       ELSE ('skein: the script begins at ' || coalesce(nullif($1, ''), 'base') || ', this database stands at '
             || coalesce(nullif(skein.heads, ''), 'base'))::integer END AS ok
  FROM (SELECT coalesce(string_agg(version_num, ',' ORDER BY version_num COLLATE "C"), '')
          FROM {version_table}) AS skein (heads) \gset skein_
SELECT CASE WHEN count(*) = $2 THEN 1
       ELSE ('skein: a revision stands half done here: ' || coalesce(min(revision), 'none'))::integer END AS ok
  FROM {history_table} WHERE state = 'started' \gset skein_
