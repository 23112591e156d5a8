DELETE FROM {version_table};
SET SESSION completion_type = (
    SELECT IF(count(*) = 0, @@completion_type,
              concat('skein: a revision stands half done here: ', coalesce(min(revision), 'none')))
      FROM {history_table} WHERE state = 'started');
