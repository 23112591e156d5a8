SET @skein_stands = (
    SELECT coalesce(group_concat(CONVERT(version_num USING utf8mb4) COLLATE utf8mb4_bin
                                 ORDER BY CONVERT(version_num USING utf8mb4) COLLATE utf8mb4_bin SEPARATOR ','), '')
      FROM {version_table});
SET SESSION completion_type = IF(
    @skein_stands = $1, @@completion_type,
    concat('skein: the script begins at ', coalesce(nullif($1, ''), 'base'), ', this database stands at ',
           coalesce(nullif(@skein_stands, ''), 'base')));
SET SESSION completion_type = (
    SELECT IF(count(*) = $2, @@completion_type,
              concat('skein: a revision stands half done here: ', coalesce(min(revision), 'none')))
      FROM {history_table} WHERE state = 'started');
