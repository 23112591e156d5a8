SET SESSION completion_type = (
    SELECT IF(count(*) = 0, @@completion_type,
              concat('skein: files of revisions that stand here were edited since, the last row is ', min(seq)))
      FROM {history_table}
     WHERE seq = (SELECT max(seq) FROM {history_table}) AND applied_checksum <> '' AND applied_checksum <> $1);
